"""Plans: what is left to look at in a message once its tag, its kind of content and its day are known.

Messages that are alike in these can be judged alike in most respects, and there are few kinds of them. So a plan is
made once for each: which rules can still find something in the message itself, which in its conversation, and in what
state of the window. Rules are asked by partial evaluation, so what a plan leaves out can't hold.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from policylint.audit.traces import Flag
from policylint.durations import DAY, day_of
from policylint.editions import Edition
from policylint.events import Answer, Json, PageSent, Platform, Pointer
from policylint.facts import FACTS, reader
from policylint.lint import Judge
from policylint.message import content_of
from policylint.pages import Page
from policylint.rules.compile import Check
from policylint.rules.partial import DYNAMIC, Known, Partial, facts_of, partial
from policylint.situation import Facts
from policylint.window import Window

_WORDED: Final = tuple(name for name in FACTS if name.startswith("content."))
_OF_TEXT: Final = frozenset({*_WORDED, "message.texts", "message.urls", "message.at"})
_OF_OTHERS: Final = ("structure.", "doubt.", "record.", "check.")
# What a plan's key settles.
_KEYED: Final = tuple(
    name for name in FACTS if name not in DYNAMIC and name not in _OF_TEXT and not name.startswith(_OF_OTHERS)
)
_MOST: Final = 20_000  # plans; unknown tags could be of any number

# What a candidate's row tells of the conversation, ages aside.
_SETTLED: Final = frozenset(
    {
        "window.state",
        "window.ad_undecided",
        "window.started",
        "window.extra_messages_sent",
        "window.messages_sent",
        "window.needs_extra",
        "window.opted_out",
        "window.person_wrote",
        "page.blocked",
    }
)
_RECIPIENT: Final = "payload./recipient/"
_KEYED_PARTS: Final = frozenset({"payload./tag", "payload./messaging_type"})
_ACCEPTED: Final = Answer(refused=False)
_PLAIN: Final = frozenset({"recipient", "message", "tag", "messaging_type", "notification_type"})
_PLAIN_MESSAGE: Final = frozenset({"text", "attachment", "quick_replies", "metadata"})
_YES: Final = ((None, True),)
_NO: Final = ((None, False),)
# What is known where the window was opened by an action on record, and nothing else is strange.
_STARTED: Final[Mapping[str, Any]] = {
    "window.started": _YES,
    "window.person_wrote": _YES,
    "window.opted_out": _NO,
    "window.ad_undecided": _NO,
    "page.blocked": _NO,
}


@dataclass(slots=True)
class Plan:
    """What is left to look at in messages of one kind."""

    flags: int  # what their traces say of all of them
    edition: int  # number of the edition
    edition_id: str
    sound: Callable[[Json], bool] | None  # a sure sign that their shape is right; None: it is to be looked at
    digits: Callable[[Pointer], bool]  # whether those of a text could change what is wrong with the shape: no is sure
    static: tuple[Check, ...]  # may find something in the message itself
    dynamic: tuple[Check, ...]  # may find something, depending on the conversation
    kinds: frozenset[str] | None  # of promotion that count
    signals: tuple[str, ...]  # of wording that the static checks ask for
    known: Known  # what all of them have in common
    kin: int | None  # the same for plans that a state of the window settles alike; None: it alone does not settle this
    worded: dict[Hashable, tuple[Check, ...]] = field(default_factory=dict)  # what is left, by the scores

    @property
    def content(self) -> Hashable:
        """What the same messages of two days have in common exactly when the same is to be said of them."""
        checks = [[id(check) for check in some] for some in (self.static, self.dynamic)]
        means = id(self.sound), id(self.digits), self.flags, self.edition, self.kin
        return means, repr((checks, self.kinds and sorted(self.kinds), self.signals, sorted(self.known.items())))


class Plans:
    """The plans of a run, made when they are first needed."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.by_key: dict[Hashable, Plan] = {}
        self._editions = {edition.id: n for n, edition in enumerate(judge.rulebook.editions.all)}
        self._made: dict[Hashable, Plan] = {}  # by their content
        self._kins: dict[str, int] = {}
        self._rules: dict[str, list[tuple[Check, frozenset[str], Partial]]] = {}

    def make(self, key: Hashable, event: PageSent, platform: Platform) -> Plan:
        """The plan for messages such as `event`, which all have the `key`."""
        if len(self.by_key) > _MOST:
            self.by_key.clear()
            self._made.clear()
        plan = self._plan(event, platform)
        # Most days are like the one before: what was worked out for that one holds.
        plan = self.by_key[key] = self._made.setdefault(plan.content, plan)
        return plan

    def worded(self, plan: Plan, known: Known, scores: Hashable) -> tuple[Check, ...]:
        """The static checks that are left when the wording is `known`, too."""
        together = {**plan.known, **known}
        left = tuple(check for check in plan.static if self._asking(check, together) is not False)
        if len(plan.worded) > _MOST:
            plan.worded.clear()
        plan.worded[scores] = left
        return left

    def _asking(self, check: Check, known: Known) -> bool | None:
        return next(ask for one, _, ask in self._checks(check.edition) if one is check)(known)

    def _plan(self, event: PageSent, platform: Platform) -> Plan:
        judge = self.judge
        facts = Facts(event, judge.situation(event, platform, Window()))
        edition = facts.edition
        asked = frozenset[str]().union(*(names for _, names, _ in self._checks(edition)))
        # Such messages are addressed by the person's id and by nothing else.
        known = {name: reader(name)(facts) for name in (*_KEYED, *filter(_is_keyed, asked))}
        static: list[Check] = []
        dynamic: list[tuple[Check, Partial]] = []
        for check, names, ask in self._checks(edition) if event.is_message else ():
            if ask(known) is False:
                continue
            if names.isdisjoint(DYNAMIC):
                static.append(check)
            else:
                dynamic.append((check, ask))
        needs = facts.needs_window
        base = known if needs else {**known, "window.needs_extra": _NO}
        dynamic = [(check, ask) for check, ask in dynamic if ask(base) is not False]
        started = {**base, **_STARTED}
        late = {**started, "window.state": ((None, "closed"),), "window.needs_extra": _YES if needs else _NO}
        calm = {**started, "window.state": ((None, "open"),), "window.needs_extra": _NO}
        limit = facts.tag.age_limit if facts.tag else None
        if limit is None:
            late["tag.late"] = calm["tag.late"] = ()
        elif edition.window is None or limit >= edition.window:
            calm["tag.late"] = _NO
        signals = {name for check in static for name in self.hangs_on(check) if name in _WORDED}
        flags = (
            Flag.PAGE
            | (Flag.MESSAGE if event.is_message else 0)
            | (Flag.NEEDS_WINDOW if needs else 0)
            | (Flag.COUNTS if event.is_message and not event.refused and not facts.foreign_tag else 0)
            | (Flag.REFUSED if event.refused else 0)
            | (Flag.ECHO if event.echo else 0)
            | (Flag.STRANGE if dynamic else 0)
            | (Flag.LATE if any(ask(late) is not False for _, ask in dynamic) else 0)
            | (Flag.ALWAYS if event.refused or any(ask(calm) is not False for _, ask in dynamic) else 0)
            | (Flag.OUTSIDE if event.at is not None and not edition.covers(day_of(event.at)) else 0)
            | (Flag.ANSWERED if event.answer is not None and not event.refused else 0)
        )
        return Plan(
            flags=int(flags),
            edition=self._editions[edition.id],
            edition_id=edition.id,
            sound=None if facts.tag_span is not None else judge.is_sound(facts.situation.regime),
            digits=judge.digits(facts.situation.regime),
            static=tuple(static),
            dynamic=tuple(check for check, _ in dynamic),
            kinds=edition.promotional_kinds,
            signals=tuple(sorted(signals)),
            known=known,
            kin=self._kin(edition, [check for check, _ in dynamic], known),
        )

    def _kin(self, edition: Edition, dynamic: Sequence[Check], known: Known) -> int | None:
        """Which plans have the same to say of a conversation: those whose rules ask for the same, and know the same."""
        names = frozenset[str]().union(*(self.hangs_on(check) for check in dynamic))
        if not names <= _SETTLED.union(known):
            return None
        asked = [(name, known[name]) for name in sorted(names.intersection(known))]
        return self._kins.setdefault(repr((edition.id, [check.rule.id for check in dynamic], asked)), len(self._kins))

    def _checks(self, edition: Edition) -> Sequence[tuple[Check, frozenset[str], Partial]]:
        if edition.id not in self._rules:
            self._rules[edition.id] = [
                (check, facts_of(check.rule, edition), partial(check.rule.breach_when))
                for check in self.judge.checks(edition)
            ]
        return self._rules[edition.id]

    def hangs_on(self, check: Check) -> frozenset[str]:
        """The facts that the check's breaches depend on, and how they are told."""
        return next(names for one, names, _ in self._checks(check.edition) if one is check)


def _is_keyed(fact: str) -> bool:
    """Whether a part of the request is settled by the keys of plans."""
    of_recipient = fact.startswith(_RECIPIENT) and fact[len(_RECIPIENT) :].partition("/")[0] not in ("id", "*")
    return of_recipient or fact in _KEYED_PARTS


def plain_key(
    platform: Platform, day: int, tag: str | None, content: str, messaging_type: str | None, page: Page | None
) -> Hashable:
    """What settles the plan of a plain message: one that the API let through, addressed by the person's id, and of
    which nothing is on record but what stands here. `day` counts from 1970.
    """
    return platform, day, tag, content, messaging_type, page, None


def kind_key(event: PageSent, platform: Platform, judge: Judge) -> Hashable:
    """What settles the plan of a message; None where it has no plan, since something about it is unusual.

    The configuration of its page counts by what it says, not by the page's name.
    """
    request, recipient = event.request, event.request.get("recipient")
    tag, kind = request.get("tag"), request.get("messaging_type")
    if not isinstance(recipient, dict) or recipient.keys() != {"id"} or event.at is None or event.broken:
        return None
    if any(name in request and not isinstance(request[name], str) for name in ("tag", "messaging_type")):
        return None
    day, page = event.at // DAY, judge.pages.get(event.page or "")
    if (
        event.answer == _ACCEPTED
        and _PLAIN.issuperset(request)
        and isinstance(message := request.get("message"), dict)
        and _PLAIN_MESSAGE.issuperset(message)
        and event.app_id is None
        and event.automated is None
        and not event.sponsored
        and not event.echo
    ):
        return plain_key(platform, day, tag, content_of(request), kind, page)
    facts = Facts(event, judge.situation(event, platform, None))
    return (
        platform,
        day,
        tag,
        facts.content,
        kind,
        page,
        (event.is_message, event.echo, event.answer, facts.situation.automated, facts.permission),
    )
