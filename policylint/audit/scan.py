"""The first walk over a log: each event becomes a trace, and what can be said of a message alone is said at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from policylint.audit.alone import Placer, Reviewer, placed
from policylint.audit.casts import Casts
from policylint.audit.inputs import Input, Layout
from policylint.audit.notes import with_place
from policylint.audit.parts import Brief, Part, UnreadableRow
from policylint.audit.plain import PlainReader
from policylint.audit.stencils import Stencils
from policylint.audit.streams import BrokenStream, Span, blocks, pieces
from policylint.audit.traces import NO_TIME, SEVERAL, Flag, hashed, hashed_bytes
from policylint.breaches import finding_of_record
from policylint.conversation import group_of, names_of
from policylint.documents import jsontext
from policylint.documents.places import Place, nearest
from policylint.durations import looks_like_seconds
from policylint.editions import DATED
from policylint.events import Event, Origin, PageEnforced, PageSent, PersonActed, Platform, Pointer, Unreadable, Where
from policylint.message import content_of, words_of
from policylint.sources.recording import Recording
from policylint.structure.problem import repeated_key

_FIRST: Final = 1 << 18  # bytes of the very first block: what is learned from it spares work in all others
_OFTEN: Final = 10_000  # records
PLATFORMS: Final = (None, *Platform)  # by the number that a trace has


Tell: TypeAlias = Callable[[int, int, int], None]
"""Told of bytes, records and findings that have been read since it was told last."""


class Scanner:
    """Walks over spans of a log, in one process."""

    def __init__(self, brief: Brief, tell: Tell = lambda size, records, findings: None) -> None:
        self.brief, self.tell = brief, tell
        self.reviewer = Reviewer(brief)
        self.stencils = Stencils(self.reviewer)
        used = brief.judge.rulebook.editions.all
        if brief.judge.edition != DATED:
            event = PageSent(Origin("", 0), None, None, None, {})
            used = tuple(brief.judge.regimes(event, platform)[0].edition for platform in Platform)
        self._always = frozenset.intersection(*(edition.opens for edition in used))
        self._ever = frozenset[str]().union(*(edition.opens for edition in used))

    def scan(self, inp: Input, span: Span, number: int) -> Part:
        """Walk over one span; the part that it came to."""
        walk = _Walk(self, Part(number), inp)
        if inp.layout is Layout.DOCUMENT:
            walk.document()
        else:
            try:
                if inp.layout is Layout.LINES:
                    walk.lines(span)
                else:
                    walk.pieces()
            except BrokenStream as broken:
                walk.broken_off(str(broken))
        walk.part.traces.pack()
        walk.finished(inp.size if span.end < 0 else 0)
        return walk.part

    def opens(self, kind: str) -> bool | None:
        """Whether an action opens the window; None where that depends on the day."""
        return True if kind in self._always else None if kind in self._ever else False


class _Walk:
    def __init__(self, scanner: Scanner, part: Part, inp: Input) -> None:
        self.scanner, self.part, self.input = scanner, part, inp
        self.reviewer, self.judge = scanner.reviewer, scanner.brief.judge
        self.clerk = scanner.brief.clerk
        self.keep_words = scanner.brief.keep_words
        self._told = 0, 0  # records and findings
        self.fields = scanner.brief.fields.get(inp.source)
        self.reader = scanner.brief.reader(inp.source)

    def lines(self, span: Span) -> None:
        plain = PlainReader(self.reviewer, self.part, self.input.source, keep_words=self.keep_words)
        is_plain = self.fields is None and self.scanner.brief.shape is None
        casts = Casts(plain, self.scanner.stencils, self._line) if is_plain and not self.keep_words else None
        number = 0
        for block in blocks(self.input, span, first=None if self.scanner.stencils.known else _FIRST):
            if casts is not None:
                number += casts.take(block, number)
            else:
                texts = block.data.split(b"\n")
                if not texts[-1]:
                    texts.pop()
                start = block.offset
                for n, text in enumerate(texts, number):
                    self._line(plain if is_plain else None, text, n, start)
                    start += len(text) + 1
                number += len(texts)
            self.part.traces.pack()
            self._tell(len(block.data))
        self.part.tally.lines = number

    def _tell(self, size: int) -> None:
        records, findings = self.part.tally.records, len(self.part.notes)
        self.scanner.tell(size, records - self._told[0], findings - self._told[1])
        self._told = records, findings

    def _line(self, plain: PlainReader | None, text: bytes, number: int, start: int) -> None:
        """Read one line that fits no mould."""
        row = None if plain is None else plain.trace(text, number, start)
        if row is not None:
            self.part.traces.add(row)
        elif text and not text.isspace():
            self._record(text, number, start, len(text) + 1)

    def pieces(self) -> None:
        for piece in pieces(self.input):
            if self.part.tally.records - self._told[0] > _OFTEN:
                self.part.traces.pack()
                self._tell(0)
            column = piece.column
            self._record(piece.data, piece.line - 1, piece.offset, piece.length, root=piece.root, column=column)
            self.part.tally.lines = piece.line

    def document(self) -> None:
        """A recording that is read as a whole, as `check` reads it."""
        recording = self.scanner.brief.document(self.input)
        wanted: list[tuple[int, Origin, Pointer]] = []

        def place(origin: Origin, pointer: Pointer) -> Place | None:
            wanted.append((len(self.part.notes), origin, pointer))  # all are looked up together: that takes a walk
            return None

        origins = [event.origin for event in recording.events]
        origins += [unreadable.origin for unreadable in recording.unreadable if unreadable.line is None]
        stand = zip(origins, recording.places([(origin, origin.base) for origin in origins]), strict=True)
        stands = {origin: Place(at.line - 1, at.column) for origin, at in stand if at is not None}
        self._keep(recording, 0, 0, self.input.size, place, stands)
        found = recording.places([(origin, pointer) for _, origin, pointer in wanted])
        for (n, _, _), at in zip(wanted, found, strict=True):
            if at is not None:
                self.part.notes[n] = with_place(self.part.notes[n], at.line - 1, at.column)
        self.part.tally.lines = recording.data.count(b"\n") + 1

    def finished(self, size: int) -> None:
        """Tell the rest."""
        self._tell(size if self.input.layout is not Layout.LINES else 0)

    def broken_off(self, reason: str) -> None:
        """Note that the rest of the recording is lost with its packing."""
        recording = self.reader.broken_off(reason, self.part.tally.records)
        self._keep(recording, 0, 0, 0, lambda origin, pointer: None, {})

    def _record(self, text: bytes, line: int, start: int, length: int, *, root: Pointer = "", column: int = 1) -> None:
        recording = self.reader.read(text, record=self.part.tally.records + 1, document=line + 1, root=root)

        def place(origin: Origin, pointer: Pointer) -> Place | None:
            whole = origin.root.removeprefix(root) + pointer
            found = nearest(jsontext.places(text.decode(errors="replace"), [whole]), whole)
            if found is None:
                return None
            return Place(line + found.line - 1, found.column + (column - 1 if found.line == 1 else 0))

        origins = [unreadable.origin for unreadable in recording.unreadable if unreadable.line is None]
        if b"\n" in text:
            origins += [event.origin for event in recording.events]
        stands = {origin: at for origin in origins if (at := place(origin, origin.base)) is not None}
        self._keep(recording, line, start, length, place, stands)

    def _keep(
        self,
        recording: Recording,
        line: int,
        start: int,
        length: int,
        place: Callable[[Origin, Pointer], Place | None],
        stands: Mapping[Origin, Place],  # of events and broken records, where the line does not tell; lines from 0
    ) -> None:
        """Take over what was read of one record, or of a whole recording."""
        tally, before = self.part.tally, self.part.tally.records
        for event in recording.events:
            origin = event.origin
            if event.at is not None:
                tally.seconds += looks_like_seconds(event.at)
            if isinstance(event, PageEnforced):
                self.part.enforced.append(event)
            else:
                at = stands[origin].line if origin in stands else line
                self._event(event, before, at, start, length, lambda p, origin=origin: place(origin, p))  # type: ignore[misc]
        sends = {event.origin.record for event in recording.events if isinstance(event, PageSent)}
        tally.records += recording.records
        tally.judged += len(sends)
        tally.inbound += recording.used - len(sends)
        tally.other += recording.other
        tally.unreadable += len(recording.unreadable)
        for unreadable in recording.unreadable:
            self._unreadable(unreadable, start, length, stands)
        for origin, pointer in recording.repeated:
            where = Where(origin.source, origin.record, pointer)
            for breach in self.judge.of_record(origin, repeated_key(pointer)):
                finding = finding_of_record(breach, where, pointer.encode(errors="replace"))
                finding = placed(finding, place(origin, pointer))
                self.part.notes.append(self.clerk.row(finding, self.part.number, -1, None))
        assert self.part.tally.records == before + recording.records

    def _unreadable(
        self,
        unreadable: Unreadable,
        start: int,
        length: int,
        stands: Mapping[Origin, Place],
    ) -> None:
        origin = unreadable.origin
        at = Place(unreadable.line - 1, unreadable.column or 1) if unreadable.line else stands.get(origin)
        line, column = at or (None, None)
        self.part.unreadable.append(UnreadableRow(origin.record - 1, line, column, start, length, unreadable.reason))
        where = Where(origin.source, origin.record, "", line, column)
        for breach in self.judge.of_record(origin, unreadable.reason):
            finding = finding_of_record(breach, where, unreadable.digest)
            self.part.notes.append(self.clerk.row(finding, self.part.number, -1, None))

    def _event(self, event: Event, before: int, line: int, start: int, length: int, place: Placer) -> None:
        part, key, traces = self.part, self.clerk.key, self.part.traces
        flags: int
        edition, tag = -1, None
        group = group_of(event)
        person = 0 if group is None or (event.person is None and event.script is None) else hashed(group[1], key)
        if isinstance(event, PageSent):
            kind = content_of(event.request) if event.is_message else "sender_action"
            flags, edition = self._sent(event, place)
            raw = event.request.get("tag")
            tag = self.reviewer.shown_tag(raw) if isinstance(raw, str) else None if raw is None else "other"
            own = event.message_id
        else:
            kind = event.kind
            flags = self._acted(event)
            own = event.mid or event.comment
        if event.script is not None or event.at is None or person == 0:
            flags |= Flag.ODD
        if event.script is not None:
            flags |= Flag.SCRIPT
        elif names := list(names_of(event)):
            flags |= Flag.ODD
            part.names += [(len(traces), hashed("\0".join(name), key)) for name in names]
        if self.keep_words:
            self._word(event)
        traces.add(
            (
                event.origin.record - 1,
                event.origin.nth + SEVERAL * (event.origin.record - 1 - before),
                line,
                start,
                length,
                person,
                hashed(own, key) if own else hashed_bytes(event.digest, key) if event.digest else 0,
                traces.pages.number(event.page),
                NO_TIME if event.at is None else event.at,
                int(flags),
                PLATFORMS.index(event.platform),
                edition,
                traces.kinds.number(kind),
                traces.tags.number(tag),
            )
        )

    def _word(self, event: Event) -> None:
        words = "\n".join(words_of(event.request)) if isinstance(event, PageSent) else event.text
        if words:
            self.part.words.append((len(self.part.traces), words.encode(errors="replace").decode()))

    def _acted(self, event: PersonActed) -> int:
        flags, opens = 0, self.scanner.opens(event.kind)
        if opens:
            flags |= Flag.OPENS
        if event.kind == "message":
            flags |= Flag.WROTE
            if self.judge.rulebook.asks_to_stop(event.text):
                flags |= Flag.STOPS
        if event.comment is not None:
            flags |= Flag.COMMENT
        if opens is None or event.from_ad or event.agreement is not None or event.edition is not None:
            flags |= Flag.ODD
        return flags

    def _sent(self, event: PageSent, place: Placer) -> tuple[int, int]:
        platform = self.judge.platform_for(event.platform, event.page)
        plan = self.reviewer.plan(event, platform)
        if plan is None:
            odd = Flag.PAGE | Flag.ODD | (Flag.MESSAGE if event.is_message else 0)
            return odd | (Flag.ECHO if event.echo else 0), -1
        return self.reviewer.message(self.part, event, platform, plan, place), plan.edition
