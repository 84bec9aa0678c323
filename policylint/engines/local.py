"""The engine of `check`: everything in memory, exact places, a fast start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from policylint.breaches import finding_of_record, finding_of_request
from policylint.conversation import Conversation, conversations, earliest
from policylint.durations import looks_like_seconds
from policylint.enforcement import enforcement
from policylint.errors import SourceError
from policylint.events import Origin, PageEnforced, Where
from policylint.findings import Finding, in_order
from policylint.lint import Judge, Verdict
from policylint.outcome import Counts, Outcome
from policylint.sources.content import read_content
from policylint.sources.folder import displayed
from policylint.sources.mapping import LogFields
from policylint.sources.recording import Recording, is_named, read_recording
from policylint.sources.shapes import Shape
from policylint.structure.problem import repeated_key


def open_recordings(
    paths: Iterable[str],
    judge: Judge,
    *,
    shape: Shape | None,
    failures: list[str],
    fields_for: Callable[[str], LogFields | None] | None = None,
) -> list[Recording]:
    """Read the recordings at `paths`; one that can't be opened is named in `failures`, and the rest is read.

    `fields_for` gives, by a recording's name, where a team's own log keeps what.
    """
    editions = judge.rulebook.editions
    start = editions.named(judge.edition).start
    known = None if judge.fixed_edition else editions.starts
    read = []
    names: Counter[str] = Counter()
    for path in paths:
        source = displayed(path)
        fields = fields_for(source) if fields_for is not None else None
        if fields is not None and is_named(source, ".csv", ".parquet"):
            failures.append(f"{path}: a table; `policylint audit` reads those, check reads JSON, NDJSON and YAML")
            continue
        try:
            content = read_content(path)
        except SourceError as error:
            failures.append(str(error))
            continue
        names[source] += 1
        if names[source] > 1:  # two files can have one name: through a link, or a file that is called <stdin>
            source += f" ({names[source]})"
        read.append(read_recording(source, content, shape=shape, script_start=start, editions=known, fields=fields))
    return read


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
    enforced = enforcement(events)
    counts.events = sum(1 for event in events if not isinstance(event, PageEnforced)) - counts.repeated
    counts.repeated += enforced.repeated
    counts.seconds = sum(1 for event in events if event.at is not None and looks_like_seconds(event.at))
    counts.enforced = [event for event in events if isinstance(event, PageEnforced) and event.script is None]
    first = earliest(events)
    judge = judge.over(judge.earliest if first is None else first, enforced)
    drafts: list[_Draft] = []
    for conversation in together:
        for verdict in judge.conversation(conversation):
            counts.count(verdict)
            drafts += _told(verdict, conversation, show_text=show_text)
    for recording in recordings:
        drafts += _about_records(recording, judge)
    _place_answers(counts, recordings)
    return Outcome(
        findings=in_order(_placed(drafts, recordings)),
        counts=counts,
        sources=frozenset(recording.source for recording in recordings),
    )


@dataclass(slots=True)
class _Draft:
    """A finding on its way: it still lacks line and column."""

    finding: Finding
    origin: Origin
    pointer: str  # from the record's root


def _told(verdict: Verdict, conversation: Conversation, *, show_text: bool) -> Iterable[_Draft]:
    event = verdict.event
    key = conversation.key or f"lone {event.origin.source}\0{event.origin.record}\0{event.origin.nth}"
    for breach in verdict.breaches:
        finding = finding_of_request(breach, event, verdict.edition, show_text=show_text)
        yield _Draft(replace(finding, conversation=key), event.origin, event.in_record(breach.pointer))


def _place_answers(counts: Counts, recordings: Sequence[Recording]) -> None:
    """Find the lines of the messages that the platform and we judge differently."""
    disputed: dict[str, list[Origin]] = {}
    for origin in counts.answers.disputed():
        disputed.setdefault(origin.source, []).append(origin)
    for recording in recordings:
        mine = disputed.get(recording.source, [])
        places = recording.places([(origin, origin.base) for origin in mine]) if mine else []
        counts.answers.lines |= {o: place.line for o, place in zip(mine, places, strict=True) if place is not None}


def _about_records(recording: Recording, judge: Judge) -> Iterable[_Draft]:
    for unreadable in recording.unreadable:
        origin = unreadable.origin
        where = Where(origin.source, origin.record, "", unreadable.line, unreadable.column)
        for breach in judge.of_record(origin, unreadable.reason):
            yield _Draft(finding_of_record(breach, where, unreadable.digest), origin, "")
    for origin, pointer in recording.repeated:
        where = Where(origin.source, origin.record, pointer)
        for breach in judge.of_record(origin, repeated_key(pointer)):
            yield _Draft(finding_of_record(breach, where, pointer.encode(errors="replace")), origin, pointer)


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
