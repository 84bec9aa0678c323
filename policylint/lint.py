"""The heart: one conversation and some checks in, verdicts out. Pure, but for reading the schemas once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from policylint.conversation import Conversation
from policylint.doubts import doubted
from policylint.durations import DAY, day_of
from policylint.editions import DATED, Edition, Regime
from policylint.enforcement import Enforcements
from policylint.errors import UsageError
from policylint.events import Event, History, Json, Origin, PageSent, PersonActed, Platform, Pointer
from policylint.findings import Severity
from policylint.pages import UNKNOWN, Automation, Page
from policylint.permissions import Permissions
from policylint.rulebook import Rulebook
from policylint.rules.compile import Breach, Check, compile_rule
from policylint.rules.gates import closed
from policylint.rules.model import AppliesTo, Rule
from policylint.rules.reach import reaches
from policylint.settings import Settings
from policylint.situation import Facts, Situation
from policylint.structure.dated import Schemas
from policylint.structure.explain import DECIDING
from policylint.structure.problem import Problem, repeated_key
from policylint.window import Horizon, Window, acted, at_start, sent

NO_TIME: Final = "no time recorded"
REFUSED: Final = "refused by the API"
NO_PERSON: Final = "no person known"
UNKNOWN_WINDOW: Final = "window unknown: the record starts too late to tell"
AD_WINDOW: Final = "window unknown: an ad may have opened it for longer"
ECHO: Final = "seen only as an echo"
NO_TEXT: Final = "no text"

_ALL_OPEN: Final[frozenset[str]] = frozenset()
_OWN_COMPLAINTS: Final = (AppliesTo.RECORD, AppliesTo.CHECK, AppliesTo.DOUBT)
Checks: TypeAlias = Mapping[AppliesTo, Sequence[Check]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of one request of a page. `window_gap` and the like say why something was not judged.

    `as_sent` are the breaches that it would have if the API had not refused it: what policylint says of a message that
    the platform has its own say on.
    """

    event: PageSent
    edition: Edition
    breaches: tuple[Breach, ...]
    as_sent: tuple[Breach, ...]
    undecided: bool  # whether its window is not known
    structure_gap: str | None
    window_gap: str | None
    wording_gap: str | None


@dataclass(slots=True)
class _Known:
    """What a judge has worked out before; it does not travel to other processes."""

    schemas: Schemas = field(default_factory=Schemas)
    checks: dict[str, Checks] = field(default_factory=dict)
    regimes: dict[tuple[str, Platform, int | None], tuple[Regime, Regime]] = field(default_factory=dict)
    sound: dict[int, Callable[[Json], bool]] = field(default_factory=dict)  # by validator
    digits: dict[int, Callable[[Pointer], bool]] = field(default_factory=dict)  # by validator

    def __reduce__(self) -> tuple[type[_Known], tuple[()]]:
        return _Known, ()


@dataclass(frozen=True, slots=True)
class Judge:
    """What a run judges by: `rules` are those that are asked, in the order of their ids."""

    rulebook: Rulebook
    rules: tuple[Rule, ...]
    edition: str
    history: History = History.PARTIAL
    script_history: History = History.COMPLETE
    clock_skew: int = 0
    earliest: int | None = None
    pages: Mapping[str, Page] = field(default_factory=dict)
    automation: Automation = field(default_factory=Automation)
    platform: Platform | None = None  # where no record and no page says otherwise; None: that of the edition
    enforcements: Enforcements = field(default_factory=Enforcements)
    fixed_edition: bool = False  # a flag named it: it wins over what scripts ask for
    strict: bool = False  # tags of other editions are errors even where the edition is lenient
    known: _Known = field(default_factory=_Known, compare=False, repr=False)

    def regimes(self, event: Event, platform: Platform) -> tuple[Regime, Regime]:
        """What an event is judged by, and what may have been in force instead: the same where that is certain."""
        wanted = self._wanted(event)
        key = wanted, platform, None if event.at is None else event.at // DAY
        if key not in self.known.regimes:
            day = None if event.at is None else day_of(event.at)
            self.known.regimes[key] = self._regimes(wanted, platform, day)
        return self.known.regimes[key]

    def _regimes(self, wanted: str, platform: Platform, day: str | None) -> tuple[Regime, Regime]:
        editions = self.rulebook.editions
        if wanted != DATED or day is None:
            edition = editions.named(wanted, platform)
            own = day if day is not None and edition.covers(day) else edition.since
            regime = Regime(edition, own, limits=edition.since, fixed=True, strict=self.strict)
            return regime, regime
        likely = Regime(editions.on(day, platform), day, limits=day, strict=True)
        perhaps = Regime(editions.perhaps_on(day, platform), day, limits=day, strict=True, late=True)
        certain = perhaps.edition is likely.edition and self.known.schemas.certain(platform, day)
        return likely, likely if certain else perhaps

    def conversation(self, conversation: Conversation) -> Iterator[Verdict]:
        """Verdicts on the page's requests of one conversation, in time order, those without a time last."""
        platform = self._platform(conversation)
        permissions = Permissions()
        window = at_start(conversation)
        for event in conversation.events:
            likely, perhaps = self.regimes(event, platform)
            if isinstance(event, PersonActed):
                window = acted(window, event, likely.edition, opt_out=self._opts_out(event))
                permissions = permissions.after_action(event)
                continue
            known = window if conversation.windowed and event.is_message else None
            facts = Facts(event, self._situation(event, conversation, likely, known, permissions))
            yield self._verdict(facts, perhaps, None if conversation.windowed else NO_PERSON)
            if event.is_message and not event.refused:
                permissions = permissions.after_message(event, likely.edition, likely.day)
                if not facts.foreign_tag:
                    window = sent(window, event.at, extra=facts.spends_extra)
        for event in conversation.untimed:
            if isinstance(event, PageSent):
                likely, perhaps = self.regimes(event, platform)
                facts = Facts(event, self._situation(event, conversation, likely, None, Permissions()))
                yield self._verdict(facts, perhaps, NO_PERSON if event.at is not None else NO_TIME)

    def _platform(self, conversation: Conversation) -> Platform:
        first = next(iter((*conversation.events, *conversation.untimed)), None)
        wanted = self.edition if first is None else self._wanted(first)
        return self.platform_for(conversation.platform, conversation.page, wanted)

    def platform_for(self, named: Platform | None, page: str | None, edition: str | None = None) -> Platform:
        """Where a conversation takes place whose records name this platform and page, or none."""
        known = named or self.pages.get(page or "", UNKNOWN).platform or self.platform
        return known or self.rulebook.editions.platform_of(edition or self.edition) or Platform.MESSENGER

    def situation(self, event: PageSent, platform: Platform, window: Window | None) -> Situation:
        """What is known of a message apart from its conversation, but for `window`; of tokens and comments nothing."""
        alone = Conversation(None, event.page)
        return self._situation(event, alone, self.regimes(event, platform)[0], window, Permissions())

    def checks(self, edition: Edition) -> Sequence[Check]:
        """The checks of the page's messages that can find something under `edition`, in the order of their ids."""
        return self._checks(edition)[AppliesTo.PAGE]

    def structure_checks(self, edition: Edition) -> Sequence[Check]:
        """The checks of what is wrong with a request's shape, under `edition`."""
        return self._checks(edition)[AppliesTo.STRUCTURE]

    def asked(self, facts: Facts, checks: Sequence[Check]) -> list[Breach]:
        """The breaches that some of the checks find; one that crashes is a breach, too."""
        return list(self._asked(checks, facts, _ALL_OPEN))

    def misshapen(self, facts: Facts) -> list[Breach]:
        """What is to be said of the shape of a request."""
        return list(self._misshapen(facts))

    def is_sound(self, regime: Regime) -> Callable[[Json], bool]:
        """A fast test of requests under `regime`: True is sure, whatever it says no to has to be looked at closely."""
        validator = self.known.schemas.validator(regime.edition.platform, regime.limits, late=regime.late)
        if id(validator) not in self.known.sound:
            surely, valid = validator.quick(), validator.is_valid
            self.known.sound[id(validator)] = lambda request: surely(request) or valid(request)
        return self.known.sound[id(validator)]

    def digits(self, regime: Regime) -> Callable[[Pointer], bool]:
        """A test of the texts of a request under `regime`, by their pointers: whether other digits in one could change
        what is wrong with the request's shape. False is sure.
        """
        validator = self.known.schemas.validator(regime.edition.platform, regime.limits, late=regime.late)
        if id(validator) not in self.known.digits:
            self.known.digits[id(validator)] = validator.digits().matter
        return self.known.digits[id(validator)]

    def _wanted(self, event: Event) -> str:
        """The edition that an event asks to be judged by."""
        return event.edition if event.edition and not self.fixed_edition else self.edition

    def _page(self, conversation: Conversation) -> Page:
        return self.pages.get(conversation.page or "", UNKNOWN)

    def _situation(
        self,
        event: PageSent,
        conversation: Conversation,
        regime: Regime,
        window: Window | None,
        permissions: Permissions,
    ) -> Situation:
        page = self._page(conversation)
        history = self.script_history if conversation.scripted else self.history
        return Situation(
            regime=regime,
            editions=self.rulebook.editions,
            scorer=self.rulebook.scorer,
            horizon=Horizon(history, self.earliest, self.clock_skew),
            window=window,
            page=page,
            permissions=permissions,
            automated=self.automation.wrote(event, page),
            blocked=self.enforcements.blocked(event.page or conversation.page, event.at, event.script),
        )

    def _opts_out(self, event: PersonActed) -> bool:
        return event.kind == "message" and self.rulebook.asks_to_stop(event.text)

    def _verdict(self, facts: Facts, perhaps: Regime, window_gap: str | None) -> Verdict:
        event = facts.event
        as_sent = self._settled(facts, perhaps)
        undecided = facts.window_state in (None, "unknown") and facts.needs_window
        breaches = as_sent
        if event.refused:  # it reached nobody
            facts = Facts(event, replace(facts.situation, window=None, permissions=Permissions()))
            breaches, window_gap = self._settled(facts, perhaps), REFUSED
        elif window_gap is None and facts.window_state == "unknown":
            window_gap = AD_WINDOW if facts.ad_undecided else UNKNOWN_WINDOW
        return Verdict(
            event=event,
            edition=facts.edition,
            breaches=breaches,
            as_sent=as_sent,
            undecided=undecided,
            structure_gap=ECHO if event.echo else None,
            window_gap=window_gap,
            wording_gap=None if facts.texts else NO_TEXT,
        )

    def _settled(self, facts: Facts, perhaps: Regime) -> tuple[Breach, ...]:
        """The breaches of a message; what only one of two editions forbids is told as a doubt (see `doubts`)."""
        likely = facts.situation.regime
        breaches = self._breaches(facts)
        if perhaps is likely:
            return breaches
        others = self._breaches(Facts(facts.event, replace(facts.situation, regime=perhaps)))
        kept, doubts = doubted(breaches, others, likely, perhaps)
        for doubt in doubts:
            facts.doubt = doubt
            kept += self._ask(AppliesTo.DOUBT, facts)
        facts.doubt = None
        return tuple(kept)

    def _breaches(self, facts: Facts) -> tuple[Breach, ...]:
        event = facts.event
        breaches = list(self._misshapen(facts))
        if event.is_message:
            breaches += self._ask(AppliesTo.PAGE, facts)
        return tuple(breaches)

    def _misshapen(self, facts: Facts) -> Iterator[Breach]:
        try:
            problems = [] if facts.event.echo else self._problems(facts)
        except Exception as error:
            yield from self._crashed("structure", facts, error)
            return
        for problem in problems:
            facts.problem = problem
            yield from self._ask(AppliesTo.STRUCTURE, facts)
        facts.problem = None

    def _ask(self, about: AppliesTo, facts: Facts) -> Iterator[Breach]:
        shut = self._closed(facts) if about is AppliesTo.PAGE else _ALL_OPEN
        return self._asked(self._checks(facts.edition)[about], facts, shut)

    def _asked(self, checks: Sequence[Check], facts: Facts, shut: frozenset[str]) -> Iterator[Breach]:
        for check in checks:
            if not check.gates.isdisjoint(shut):
                continue
            try:
                breach = check(facts)
            except Exception as error:  # a broken check must not end a night's audit: it is a finding
                yield from self._crashed(check.rule.id, facts, error)
                continue
            if breach is not None:
                yield breach

    def _closed(self, facts: Facts) -> frozenset[str]:
        try:
            return closed(facts)
        except Exception:  # each check that asks for the fact will crash by itself, and say so
            return _ALL_OPEN

    def _crashed(self, name: str, facts: Facts, error: Exception) -> Iterator[Breach]:
        facts.failure = f"{name} ({type(error).__name__})"
        yield from filter(None, [check(facts) for check in self._checks(facts.edition)[AppliesTo.CHECK]])
        facts.failure = None

    def _checks(self, edition: Edition) -> Checks:
        if edition.id not in self.known.checks:
            made = [compile_rule(rule, edition) for rule in self.rules if reaches(rule, edition)]
            self.known.checks[edition.id] = {
                about: tuple(check for check in made if check.rule.applies_to is about) for about in AppliesTo
            }
        return self.known.checks[edition.id]

    def _problems(self, facts: Facts) -> list[Problem]:
        event, regime = facts.event, facts.situation.regime
        validator = self.known.schemas.validator(regime.edition.platform, regime.limits, late=regime.late)
        problems = validator.problems(event.request)
        if problems and regime.fixed:
            problems = self._eased(problems, facts)
        if event.broken:
            torn = {pointer for pointer, _ in event.broken}
            problems = [problem for problem in problems if problem.pointer not in torn]
            problems += [
                Problem(pointer, "malformed-value", f"is text that should be JSON, but is {reason}")
                for pointer, reason in event.broken
            ]
        problems += [repeated_key(pointer) for pointer in dict.fromkeys(event.repeated)]
        if facts.tag_span is not None and facts.other_tags == "note":
            problems.append(_of_another_edition(str(facts.raw_tag).upper(), facts.tag_span.since, regime.edition))
        return sorted(problems)

    def _eased(self, problems: list[Problem], facts: Facts) -> list[Problem]:
        """The problems of an edition's first day; what its last day allows is no error, for the day is not known."""
        edition = facts.edition
        if edition.until is None:
            return problems
        validator = self.known.schemas.validator(edition.platform, edition.until)
        if validator is self.known.schemas.validator(edition.platform, edition.since):  # nothing changed in between
            return problems
        later = validator.problems(facts.event.request)
        kept = {(problem.pointer, problem.kind) for problem in later}
        # What the last day does not know at all, it does not allow either.
        foreign = tuple(
            holder
            for holder, _, name in (one.pointer.rpartition("/") for one in later if one.kind == "not-in-edition")
            if name in DECIDING
        )
        return [
            one if (one.pointer, one.kind) in kept or one.pointer.startswith(foreign) else _eased(one)
            for one in problems
        ]

    def of_record(self, origin: Origin, trouble: str | Problem) -> list[Breach]:
        """What is to be said of a record outside of any request: why it can't be read, or what its text has wrong."""
        edition = self.rulebook.editions.named(self.edition)
        situation = Situation(
            regime=Regime(edition, edition.since, edition.since),
            editions=self.rulebook.editions,
            scorer=self.rulebook.scorer,
            horizon=Horizon(),
        )
        facts = Facts(PageSent(origin, None, None, None, {}), situation)
        if isinstance(trouble, Problem):
            facts.problem = trouble
            return list(self._ask(AppliesTo.STRUCTURE, facts))
        facts.failure = trouble
        return list(self._ask(AppliesTo.RECORD, facts))

    def over(self, earliest: int | None, enforcements: Enforcements | None = None) -> Judge:
        """This judge for a run whose first event is at `earliest`, and in which the platform did this to pages."""
        known = self.enforcements if enforcements is None else enforcements
        return replace(self, earliest=earliest, enforcements=known)

    def under(self, edition: str) -> Judge:
        """This judge, but judging everything strictly by one edition."""
        return replace(self, edition=edition, fixed_edition=True, strict=True, known=_Known())


def asked(rules: Mapping[str, Rule], wanted: Callable[[Rule], bool]) -> tuple[Rule, ...]:
    """The wanted rules, in the order of their ids."""
    return tuple(rules[name] for name in sorted(rules) if wanted(rules[name]))


def _eased(problem: Problem) -> Problem:
    if problem.kind == "not-in-edition":
        return problem
    return replace(problem, detail=f"{problem.detail} (later days of the edition allow it)", severity=Severity.WARNING)


def _of_another_edition(tag: str, since: str, edition: Edition) -> Problem:
    return Problem(
        "/tag",
        "not-in-edition",
        f"{tag} is a tag of other editions only (from {since})",
        allowed="one of " + ", ".join(edition.tags) if edition.tags else "no tag",
    )


def judge_for(settings: Settings, rulebook: Rulebook) -> Judge:
    """The judge that `settings` ask for; the rulebook holds the user's own rules already."""
    try:
        rulebook.editions.named(settings.edition)
    except UsageError as error:
        if settings.edition_by_flag or settings.path is None:
            raise
        raise settings.error("/edition", f"edition: {error}") from None
    selected = settings.select
    return Judge(
        rulebook=rulebook,
        rules=asked(
            rulebook.rules,
            # A choice of rules to check is no wish to hear nothing of what could not be checked.
            lambda rule: (
                (selected is None or rule.id in selected or rule.applies_to in _OWN_COMPLAINTS)
                and rule.id not in settings.ignore
            ),
        ),
        edition=settings.edition,
        history=settings.history,
        clock_skew=settings.clock_skew,
        pages=settings.pages,
        automation=settings.automation,
        platform=settings.platform,
        fixed_edition=settings.edition_by_flag,
    )
