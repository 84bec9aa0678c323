"""The heart: one conversation and some checks in, verdicts out. Pure, but for reading an edition's schema once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from policylint.conversation import Conversation
from policylint.editions import DATED, Edition, Editions
from policylint.errors import UsageError
from policylint.events import Event, History, Origin, PageSent, PersonActed
from policylint.facts import Facts, Situation
from policylint.findings import Severity
from policylint.rulebook import Rulebook
from policylint.rules.compile import Breach, Check, compile_rule
from policylint.rules.model import AppliesTo, Rule
from policylint.settings import Settings
from policylint.shipped import shipped
from policylint.structure.problem import Problem, repeated_key
from policylint.structure.validator import RequestValidator
from policylint.window import Horizon, Window, acted, at_start, sent

NO_TIME: Final = "no time recorded"
REFUSED: Final = "refused by the API"
NO_PERSON: Final = "no person known"
UNKNOWN_WINDOW: Final = "window unknown: the record starts too late to tell"
ECHO: Final = "seen only as an echo"
NO_TEXT: Final = "no text"

_OWN_COMPLAINTS: Final = (AppliesTo.RECORD, AppliesTo.CHECK)
Checks: TypeAlias = Mapping[AppliesTo, Sequence[Check]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of one request of a page. `window_gap` and the like say why something was not judged."""

    event: PageSent
    edition: Edition
    breaches: tuple[tuple[Breach, Severity | None], ...]
    structure_gap: str | None
    window_gap: str | None
    wording_gap: str | None


@dataclass(frozen=True, slots=True)
class Judge:
    """What a run judges by. `pages` are those approved for subscription messaging."""

    rulebook: Rulebook
    checks: Checks
    edition: str
    history: History = History.PARTIAL
    script_history: History = History.COMPLETE
    clock_skew: int = 0
    earliest: int | None = None
    pages: frozenset[str] = frozenset()
    fixed_edition: bool = False  # a flag named it: it wins over what scripts ask for
    validators: dict[str, RequestValidator] = field(default_factory=dict)

    def edition_at(self, event: Event) -> Edition:
        """The edition that an event is judged by."""
        wanted = self.edition
        if event.edition and not self.fixed_edition:
            wanted = event.edition
        editions: Editions = self.rulebook.editions
        return editions.dated(event.at) if wanted == DATED else editions.named(wanted)

    def conversation(self, conversation: Conversation) -> Iterator[Verdict]:
        """Verdicts on the page's requests of one conversation, in time order, those without a time last."""
        history = self.script_history if conversation.scripted else self.history
        horizon = Horizon(history, self.earliest, self.clock_skew)
        approved = conversation.page in self.pages
        first = conversation.events[0] if conversation.events else None
        window = at_start(conversation, self.edition_at(first)) if first else Window()
        for event in conversation.events:
            edition = self.edition_at(event)
            if isinstance(event, PersonActed):
                window = acted(window, event, edition, opt_out=self._opts_out(event))
                continue
            known = window if event.is_message and not event.refused else None
            situation = Situation(
                edition=edition,
                scorer=self.rulebook.scorer,
                horizon=horizon,
                window=known,
                subscription_page=approved,
            )
            facts = Facts(event, situation)
            yield self._verdict(facts, None if known else REFUSED)
            if known is not None and not facts.foreign_tag:
                window = sent(window, extra=facts.spends_extra)
        for event in conversation.untimed:
            if isinstance(event, PageSent):
                situation = Situation(
                    edition=self.edition_at(event),
                    scorer=self.rulebook.scorer,
                    horizon=horizon,
                    subscription_page=approved,
                )
                gap = NO_PERSON if event.at is not None else NO_TIME
                yield self._verdict(Facts(event, situation), REFUSED if event.refused else gap)

    def _opts_out(self, event: PersonActed) -> bool:
        return event.kind == "message" and self.rulebook.asks_to_stop(event.text)

    def _verdict(self, facts: Facts, window_gap: str | None) -> Verdict:
        event = facts.event
        breaches: list[tuple[Breach, Severity | None]] = []
        try:
            problems = [] if event.echo else self._problems(facts)
        except Exception as error:
            problems = []
            breaches += [(breach, None) for breach in self._crashed("structure", facts, error)]
        for problem in problems:
            facts.problem = problem
            breaches += [(breach, problem.severity) for breach in self._ask(AppliesTo.STRUCTURE, facts)]
        facts.problem = None
        if event.is_message:
            breaches += [(breach, None) for breach in self._ask(AppliesTo.PAGE, facts)]
            if window_gap is None and facts.window_state == "unknown":
                window_gap = UNKNOWN_WINDOW
        return Verdict(
            event=event,
            edition=facts.situation.edition,
            breaches=tuple(breaches),
            structure_gap=ECHO if event.echo else None,
            window_gap=window_gap,
            wording_gap=None if facts.texts else NO_TEXT,
        )

    def _ask(self, about: AppliesTo, facts: Facts) -> Iterator[Breach]:
        for check in self.checks[about]:
            try:
                breach = check(facts)
            except Exception as error:  # a broken check must not end a night's audit: it is a finding
                yield from self._crashed(check.rule.id, facts, error)
                continue
            if breach is not None:
                yield breach

    def _crashed(self, name: str, facts: Facts, error: Exception) -> Iterator[Breach]:
        facts.failure = f"{name} ({type(error).__name__})"
        yield from filter(None, [check(facts) for check in self.checks[AppliesTo.CHECK]])
        facts.failure = None

    def _problems(self, facts: Facts) -> list[Problem]:
        event, edition = facts.event, facts.situation.edition
        problems = self._validator(edition).problems(event.request)
        if event.broken:
            torn = {pointer for pointer, _ in event.broken}
            problems = [problem for problem in problems if problem.pointer not in torn]
            problems += [
                Problem(pointer, "malformed-value", f"is text that should be JSON, but is {reason}")
                for pointer, reason in event.broken
            ]
        problems += [repeated_key(pointer) for pointer in dict.fromkeys(event.repeated)]
        if facts.tag_elsewhere:
            problems.append(_not_yet(str(facts.raw_tag).upper(), edition))
        return sorted(problems)

    def _validator(self, edition: Edition) -> RequestValidator:
        if edition.schema not in self.validators:
            self.validators[edition.schema] = RequestValidator(shipped("schemas") / edition.schema)
        return self.validators[edition.schema]

    def of_record(self, origin: Origin, trouble: str | Problem) -> list[Breach]:
        """What is to be said of a record outside of any request: why it can't be read, or what its text has wrong."""
        edition = self.rulebook.editions.named(self.edition)
        situation = Situation(edition=edition, scorer=self.rulebook.scorer, horizon=Horizon())
        facts = Facts(PageSent(origin, None, None, None, {}), situation)
        if isinstance(trouble, Problem):
            facts.problem = trouble
            return list(self._ask(AppliesTo.STRUCTURE, facts))
        facts.failure = trouble
        return list(self._ask(AppliesTo.RECORD, facts))

    def over(self, earliest: int | None) -> Judge:
        """This judge for a run whose first event is at `earliest`."""
        return replace(self, earliest=earliest)


def checks_for(rules: Mapping[str, Rule], wanted: Callable[[Rule], bool]) -> Checks:
    """The checks of the wanted rules by what they apply to, in the order of their ids."""
    chosen = [compile_rule(rules[name]) for name in sorted(rules) if wanted(rules[name])]
    return {about: tuple(check for check in chosen if check.rule.applies_to is about) for about in AppliesTo}


def _not_yet(tag: str, edition: Edition) -> Problem:
    since = edition.elsewhere[tag]
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
        checks=checks_for(
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
        fixed_edition=settings.edition_by_flag,
    )
