"""The engine of `check`: everything in memory, exact places, a fast start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Final

from policylint.conversation import Conversation, conversations, earliest
from policylint.documents.places import at_pointer
from policylint.durations import day_of, format_time, looks_like_seconds
from policylint.editions import Edition
from policylint.errors import SourceError, UsageError
from policylint.events import Origin, PageSent, Unreadable, Where
from policylint.findings import Finding, Severity
from policylint.fingerprints import of_record, of_request
from policylint.lint import Judge, Verdict, checks_for
from policylint.privacy import shown_pointer
from policylint.reporters.report import Coverage
from policylint.rulebook import Rulebook
from policylint.rules.compile import Breach
from policylint.rules.model import AppliesTo
from policylint.settings import Settings
from policylint.sources.content import read_content
from policylint.sources.folder import displayed
from policylint.sources.recording import Recording, read_recording
from policylint.sources.shapes import Shape
from policylint.structure.problem import repeated_key

_OWN_COMPLAINTS: Final = (AppliesTo.RECORD, AppliesTo.CHECK)
_KINDS: Final = ("structure", "window", "wording")


@dataclass(slots=True)
class Counts:
    """The numbers of a run, from which its summary is made."""

    recordings: int = 0
    records: int = 0
    used: int = 0
    unreadable: int = 0
    other: int = 0
    events: int = 0
    messages: int = 0
    repeated: int = 0
    outside_edition: int = 0  # messages sent on days that are not their edition's
    undated: int = 0
    seconds: int = 0  # events whose time must have been written in seconds
    requests: int = 0
    gaps: dict[str, Counter[str]] = field(default_factory=lambda: {k: Counter() for k in _KINDS})

    def add(self, other: Counts) -> None:
        """Count in what another run counted."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for kind, gaps in other.gaps.items():
            self.gaps[kind].update(gaps)

    def coverage(self) -> dict[str, Coverage]:
        """What was judged and what was not, by kind of rule; the structure of sender actions is judged too."""
        totals = {"structure": self.requests, "window": self.messages, "wording": self.messages}
        return {
            kind: Coverage(totals[kind] - gaps.total(), dict(sorted(gaps.items()))) for kind, gaps in self.gaps.items()
        }


_NUMBERS: Final = tuple(spec.name for spec in fields(Counts) if spec.name != "gaps")


@dataclass(slots=True)
class Outcome:
    """What a run found, sorted. Severities are the rules' own.

    Until `named` has run, a finding's conversation is its private key.
    """

    findings: list[Finding]
    counts: Counts
    sources: frozenset[str]  # the recordings that were read


def open_recordings(paths: Iterable[str], judge: Judge, *, shape: Shape | None, failures: list[str]) -> list[Recording]:
    """Read the recordings at `paths`; one that can't be opened is named in `failures`, and the rest is read."""
    editions = judge.rulebook.editions
    start = editions.named(judge.edition).start
    known = None if judge.fixed_edition else editions.starts
    read = []
    names: Counter[str] = Counter()
    for path in paths:
        try:
            content = read_content(path)
        except SourceError as error:
            failures.append(str(error))
            continue
        source = displayed(path)
        names[source] += 1
        if names[source] > 1:  # two files can have one name: through a link, or a file that is called <stdin>
            source += f" ({names[source]})"
        read.append(read_recording(source, content, shape=shape, script_start=start, editions=known))
    return read


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


def run(recordings: Sequence[Recording], judge: Judge, *, show_text: bool = False) -> Outcome:
    """Judge all conversations of `recordings` together. Pure but for the judge's caches."""
    counts = Counts(recordings=len(recordings))
    for recording in recordings:
        counts.records += recording.records
        counts.used += recording.used
        counts.other += recording.other
        counts.unreadable += len(recording.unreadable)
    events = [event for recording in recordings for event in recording.events]
    together, counts.repeated = conversations(events)
    counts.events = len(events) - counts.repeated
    counts.seconds = sum(1 for event in events if event.at is not None and looks_like_seconds(event.at))
    if (first := earliest(events)) is not None:
        judge = judge.over(first)
    drafts = [draft for conversation in together for draft in _judged(conversation, judge, counts, show_text=show_text)]
    for recording in recordings:
        drafts += _about_records(recording, judge)
    return Outcome(
        findings=sorted(_placed(drafts, recordings)),
        counts=counts,
        sources=frozenset(recording.source for recording in recordings),
    )


def merged(outcomes: Iterable[Outcome]) -> Outcome:
    """Several runs as one: as if their recordings had nothing to do with each other."""
    together = Outcome([], Counts(), frozenset())
    for outcome in outcomes:
        together.findings += outcome.findings
        together.counts.add(outcome.counts)
        together.sources |= outcome.sources
    together.findings.sort()
    return together


@dataclass(slots=True)
class _Draft:
    """A finding on its way: it still lacks line and column."""

    finding: Finding
    origin: Origin
    pointer: str  # from the record's root


def _judged(conversation: Conversation, judge: Judge, counts: Counts, *, show_text: bool) -> Iterable[_Draft]:
    for verdict in judge.conversation(conversation):
        _count(verdict, judge, counts)
        event = verdict.event
        key = conversation.key or f"lone {event.origin.source}\0{event.origin.record}\0{event.origin.nth}"
        for breach, severity in verdict.breaches:
            finding = replace(_finding(breach, severity, event, verdict.edition), conversation=key)
            if show_text:
                finding = _with_text(finding, event)
            yield _Draft(_without_names(finding), event.origin, event.in_record(breach.pointer))


def _count(verdict: Verdict, judge: Judge, counts: Counts) -> None:
    counts.requests += 1
    counts.gaps["structure"].update(filter(None, [verdict.structure_gap]))
    if not verdict.event.is_message:
        return
    counts.messages += 1
    counts.gaps["window"].update(filter(None, [verdict.window_gap]))
    counts.gaps["wording"].update(filter(None, [verdict.wording_gap]))
    if verdict.event.at is None:
        counts.undated += 1
    elif not verdict.edition.covers(day_of(verdict.event.at)):
        counts.outside_edition += 1


def _finding(breach: Breach, severity: Severity | None, event: PageSent, edition: Edition) -> Finding:
    return Finding(
        where=Where(event.origin.source, event.origin.record, breach.pointer),
        rule=breach.rule.id,
        severity=severity or breach.rule.severity,
        message=breach.message,
        remedy=breach.remedy,
        fingerprint=of_request(breach.rule.id, event.request, breach.pointer),
        edition=edition.id,
        at=None if event.at is None else format_time(event.at),
        evidence=breach.evidence,
    )


def _with_text(finding: Finding, event: PageSent) -> Finding:
    evidence = tuple(
        replace(piece, text=str(at_pointer(event.request, piece.pointer))[piece.start : piece.end])
        for piece in finding.evidence
    )
    return replace(finding, evidence=evidence, person=None if event.script else event.person)


def _without_names(finding: Finding) -> Finding:
    """`finding` with places that tell nothing private; its fingerprint is made of the whole ones."""
    where = replace(finding.where, pointer=shown_pointer(finding.where.pointer))
    evidence = tuple(replace(piece, pointer=shown_pointer(piece.pointer)) for piece in finding.evidence)
    return replace(finding, where=where, evidence=evidence)


def _about_records(recording: Recording, judge: Judge) -> Iterable[_Draft]:
    for unreadable in recording.unreadable:
        blank = PageSent(unreadable.origin, None, None, None, {})
        for breach in judge.breach_of_record(unreadable.reason, blank):
            yield _Draft(_record_finding(breach, unreadable), unreadable.origin, "")
    for origin, pointer in recording.repeated:
        problem = repeated_key(pointer)
        blank = PageSent(origin, None, None, None, {})
        for breach in judge.breach_of_structure(problem, blank):
            where = Where(origin.source, origin.record, shown_pointer(pointer))
            print_ = of_record(breach.rule.id, pointer.encode(errors="replace"))
            finding = Finding(where, breach.rule.id, breach.rule.severity, breach.message, breach.remedy, print_)
            yield _Draft(finding, origin, pointer)


def _record_finding(breach: Breach, unreadable: Unreadable) -> Finding:
    origin = unreadable.origin
    return Finding(
        where=Where(origin.source, origin.record, "", unreadable.line, unreadable.column),
        rule=breach.rule.id,
        severity=breach.rule.severity,
        message=breach.message,
        remedy=breach.remedy,
        fingerprint=of_record(breach.rule.id, unreadable.digest),
    )


def _placed(drafts: Sequence[_Draft], recordings: Sequence[Recording]) -> Iterable[Finding]:
    """The drafts' findings with line and column; recordings without findings are not looked at again."""
    unplaced: dict[str, list[_Draft]] = {}
    for draft in drafts:
        if draft.finding.where.line is None:
            unplaced.setdefault(draft.origin.source, []).append(draft)
    for recording in recordings:
        mine = unplaced.get(recording.source, [])
        places = recording.places([(draft.origin, draft.pointer) for draft in mine]) if mine else []
        for draft, place in zip(mine, places, strict=True):
            if place is not None:
                where = replace(draft.finding.where, line=place.line, column=place.column)
                draft.finding = replace(draft.finding, where=where)
    return (draft.finding for draft in drafts)


def named(findings: Iterable[Finding], label: Callable[[str], str] | None = None) -> list[Finding]:
    """`findings` with names for their conversations: `label`'s, or numbers in the order of the first finding."""
    numbers: dict[str, str] = {}
    out = []
    for finding in findings:
        key = finding.conversation
        if key is not None:
            name = label(key) if label else numbers.setdefault(key, f"c{len(numbers) + 1}")
            finding = replace(finding, conversation=name)  # noqa: PLW2901
        out.append(finding)
    return out
