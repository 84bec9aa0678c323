"""What can be said of a message alone, whatever the rest of its conversation: it is said once, when it is read."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from policylint.audit.parts import Brief, Part
from policylint.audit.plans import Plan, Plans, kind_key
from policylint.audit.traces import Flag
from policylint.breaches import finding_of_request
from policylint.documents.places import Place
from policylint.editions import DATED
from policylint.events import Json, Origin, PageSent, Platform, Pointer
from policylint.findings import Finding
from policylint.lexicons.model import ASKS_FEEDBACK, PROMOTIONAL, TOPIC
from policylint.lexicons.phrases import BETWEEN
from policylint.message import words_of
from policylint.rules.compile import Breach, Check
from policylint.situation import Facts
from policylint.window import Window

_SCORED: Final = {  # facts that a signal settles
    "content.promotional": PROMOTIONAL,
    "content.asks_feedback": ASKS_FEEDBACK,
    "content.topic": TOPIC,
}

_NOBODY: Final = PageSent(Origin("", 0), None, None, None, {})

Placer = Callable[[Pointer], Place | None]
"""Where a value of the record stands, by its pointer from the record's root."""


class Reviewer:
    """Judges messages by themselves, in one process."""

    def __init__(self, brief: Brief) -> None:
        self.brief = brief
        self.judge = brief.judge
        self.plans = Plans(brief.judge)
        opened = [self.judge.regimes(_NOBODY, platform)[0].edition.opens for platform in Platform]
        # When nobody knows beforehand whether a message opens the window, no act is plain.
        self.acts_are_plain = self.judge.edition != DATED and all("message" in kinds for kinds in opened)
        self._tags = {name for edition in brief.judge.rulebook.editions.all for name in edition.tags}

    def shown_tag(self, tag: str | None) -> str | None:
        """How a tag is told: one that no edition has could be anything."""
        if tag is None or tag in self._tags:
            return tag
        return tag.upper() if tag.upper() in self._tags else "other"

    def plan(self, event: PageSent, platform: Platform) -> Plan | None:
        """The plan for a message; None for one whose conversation has to be judged as a whole."""
        likely, perhaps = self.judge.regimes(event, platform)
        if likely is not perhaps or event.script is not None or event.token is not None or event.comment is not None:
            return None
        key = kind_key(event, platform, self.judge)
        if key is None:
            return None
        return self.plans.by_key.get(key) or self.plans.make(key, event, platform)

    def plan_of(self, key: Hashable, platform: Platform, event: Callable[[], PageSent]) -> Plan | None:
        """The plan for messages with the key, such as `event` gives one; None where it is not certain what they are
        judged by.
        """
        plan = self.plans.by_key.get(key)
        if plan is None:
            one = event()
            likely, perhaps = self.judge.regimes(one, platform)
            plan = self.plans.make(key, one, platform) if likely is perhaps else None
        return plan

    def checks(self, plan: Plan, request: Json) -> tuple[tuple[Check, ...], bool]:
        """The checks that may still find something in the message itself; and whether it has any words."""
        if not plan.signals:
            return plan.static, bool(words_of(request))
        ((checks, has_words),) = self.checks_of([(plan, request)])
        return checks, has_words

    def checks_of(self, lot: Sequence[tuple[Plan, Json]]) -> list[tuple[tuple[Check, ...], bool]]:
        """The `checks` of many messages, which all have plans that ask for wording."""
        out: list[tuple[tuple[Check, ...], bool]] = [((), False)] * len(lot)
        alike: dict[tuple[tuple[str, ...], frozenset[str] | None], list[int]] = {}
        for n, (plan, _) in enumerate(lot):
            alike.setdefault((plan.signals, plan.kinds), []).append(n)
        for (signals, kinds), numbers in alike.items():
            words = [words_of(lot[n][1]) for n in numbers]
            texts = [one[0] if len(one) == 1 else BETWEEN.join(one) for one in words]
            asked = self.asked(signals)
            wordings = self.judge.rulebook.scorer.wordings(asked, texts, kinds)
            for n, own, scores in zip(numbers, words, wordings, strict=True):
                plan = lot[n][0]
                out[n] = self.left(plan, scores), bool(own)
        return out

    def asked(self, signals: Iterable[str]) -> list[str | None]:
        """The lexicons' signals that settle the wording that a plan asks for; None for what none settles."""
        return [_SCORED.get(fact) for fact in signals]

    def left(self, plan: Plan, scores: tuple[float | str | None, ...]) -> tuple[Check, ...]:
        """The static checks of a plan that are left once its signals are known to have these scores."""
        left = plan.worded.get(scores)
        return self._left(plan, scores) if left is None else left

    def _left(self, plan: Plan, scores: tuple[float | str | None, ...]) -> tuple[Check, ...]:
        known = {
            name: () if score is None else ((None, score),)
            for name, score in zip(plan.signals, scores, strict=True)
            if name in _SCORED
        }
        return self.plans.worded(plan, known, scores)

    def breaches(self, event: PageSent, platform: Platform, checks: Iterable[Check], *, sound: bool) -> list[Breach]:
        """The breaches that the message has by itself. `sound` says that its shape is right for sure."""
        facts = Facts(event, self.judge.situation(event, platform, Window()))
        found = [] if sound else self.judge.misshapen(facts)
        return found + self.judge.asked(facts, tuple(checks))

    def note(self, part: Part, event: PageSent, platform: Platform, breaches: Iterable[Breach], place: Placer) -> None:
        """Write breaches of the part's next event down."""
        clerk = self.brief.clerk
        edition = self.judge.regimes(event, platform)[0].edition
        for breach in breaches:
            at = place(event.in_record(breach.pointer))
            finding = finding_of_request(breach, event, edition, show_text=clerk.show_text, place=at)
            part.notes.append(clerk.row(finding, part.number, len(part.traces), f"person {event.person}"))

    def message(self, part: Part, event: PageSent, platform: Platform, plan: Plan, place: Placer) -> int:
        """Judge a message by itself: its flags."""
        flags = plan.flags
        if event.refused:  # what is said of it depends on nothing else
            facts = Facts(event, self.judge.situation(event, platform, None))
            found = self.judge.misshapen(facts)
            if event.is_message:
                found += self.judge.asked(facts, self.judge.checks(facts.edition))
            words = bool(words_of(event.request))
        else:
            checks, words = self.checks(plan, event.request)
            sound = event.echo or (
                plan.sound is not None and plan.sound(event.request) and not event.repeated and not event.broken
            )
            found = self.breaches(event, platform, checks, sound=sound) if checks or not sound else []
        if not words:
            flags |= int(Flag.NO_TEXT)
        if found:
            self.note(part, event, platform, found, place)
        return flags


def placed(finding: Finding, place: Place | None) -> Finding:
    """The finding with its line and column, where they are known."""
    if place is None:
        return finding
    return replace(finding, where=replace(finding.where, line=place.line, column=place.column))
