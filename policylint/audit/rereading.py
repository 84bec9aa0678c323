"""Records that are read again, by the places that their traces tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import orjson

from policylint.audit.inputs import Input, Layout
from policylint.audit.parts import Brief
from policylint.audit.streams import BrokenStream, fetch, pieces
from policylint.audit.traces import SEVERAL
from policylint.documents import jsontext
from policylint.documents.places import BrokenText, Place, nearest, parent
from policylint.errors import SourceError
from policylint.events import Event, Origin, PageEnforced, Pointer
from policylint.sources.recording import Recording
from policylint.sources.shapes import Shape, events_in, shape_of


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The text of a record, and where it begins: line and column from 1, `root` its pointer in its document."""

    text: bytes
    line: int
    column: int = 1
    root: Pointer = ""
    once: bool = False  # it is one line, and no object in it has a key twice

    def place(self, origin: Origin, pointer: Pointer) -> Place | None:
        """Where in the recording a value stands, by the pointer from its record's root."""
        text = self.text.decode(errors="replace")
        whole = origin.root.removeprefix(self.root) + pointer
        if self.once:
            while (offset := jsontext.offset_of(text, whole)) is None:
                whole = parent(whole)
            return Place(self.line, offset + self.column)
        found = nearest(jsontext.places(text, [whole]), whole)
        if found is None:
            return None
        return Place(self.line + found.line - 1, found.column + (self.column - 1 if found.line == 1 else 0))


Scene: TypeAlias = Excerpt | Input
"""What tells where an event stands: its record's text, or the document that is read as a whole."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an event stands, as its trace tells: record and line count from the beginning of the part, from 0."""

    record: int
    nth: int  # with the number of its record in a text of several, times `SEVERAL`
    line: int
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Base:
    """A part, and how many records and lines of its recording come before it."""

    part: int
    records: int
    lines: int


class Rereader:
    """Reads events again, in one process. Origins and places then count from the beginning of the recording."""

    def __init__(self, brief: Brief) -> None:
        self.brief = brief

    def events(self, inp: Input, base: Base, wanted: Sequence[Spot]) -> Iterator[tuple[Spot, Event, Scene]]:
        """The events at some spots of one part, which are in the order of their starts.

        Raises SourceError for a recording that is no longer what it was.
        """
        if inp.layout is Layout.DOCUMENT:
            yield from _matching(self.brief.document(inp), base, wanted, inp)
            return
        by_start: dict[int, list[Spot]] = {}
        for spot in wanted:
            by_start.setdefault(spot.start, []).append(spot)
        reader = self.brief.reader(inp.source)
        plain = inp.layout is Layout.LINES and self.brief.shape is None and inp.source not in self.brief.fields
        for text, line, column, root, spots in self._texts(inp, base, by_start):
            if plain and len(spots) == 1 and (event := log_entry(text, line, base, spots[0], inp.source)) is not None:
                yield spots[0], event, Excerpt(text, line, once=True)
                continue
            first = base.records + spots[0].record - spots[0].nth // SEVERAL + 1
            recording = reader.read(text, record=first, document=line, root=root)
            yield from _matching(recording, base, spots, Excerpt(text, line, column, root))

    def _texts(
        self, inp: Input, base: Base, by_start: dict[int, list[Spot]]
    ) -> Iterator[tuple[bytes, int, int, Pointer, list[Spot]]]:
        """Text, line, column and root of the records that begin at some bytes."""
        if inp.layout is Layout.LINES:
            spans = [(start, spots[0].size) for start, spots in by_start.items()]
            for text, spots in zip(fetch(inp, spans), by_start.values(), strict=True):
                yield text.removesuffix(b"\n"), base.lines + spots[0].line + 1, 1, "", spots
            return
        left = len(by_start)
        try:
            for piece in pieces(inp):
                if piece.offset in by_start:
                    yield piece.data, piece.line, piece.column, piece.root, by_start[piece.offset]
                    left -= 1
                if not left:
                    return
        except BrokenStream:  # it was told when the log was first read
            return


def log_entry(text: bytes, line: int, base: Base, spot: Spot, source: str) -> Event | None:
    """The event of a line that is a log entry with nothing unusual about it; None for any other."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(value, dict) or shape_of(value) is not Shape.LOG or not jsontext.has_keys_once(text, value):
        return None
    try:
        (event,) = events_in(value, Shape.LOG, Origin(source, base.records + spot.record + 1, line))
    except (BrokenText, ValueError):
        return None
    return None if isinstance(event, PageEnforced) else event


def _matching(
    recording: Recording, base: Base, spots: Sequence[Spot], scene: Scene
) -> Iterator[tuple[Spot, Event, Scene]]:
    by_place = {(event.origin.record, event.origin.nth): event for event in recording.events}
    for spot in spots:
        event = by_place.get((base.records + spot.record + 1, spot.nth % SEVERAL))
        if event is None or isinstance(event, PageEnforced):
            raise SourceError(f"{recording.source}: changed while it was read; start the audit again")
        yield spot, event, scene
