"""Parts: what one span of a log came to. Records and lines count from the span's own beginning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import NamedTuple, TypedDict

from policylint.audit.inputs import Input
from policylint.audit.notes import Clerk, Row
from policylint.audit.traces import Traces
from policylint.events import PageEnforced
from policylint.lint import Judge
from policylint.sources.content import read_content
from policylint.sources.mapping import LogFields
from policylint.sources.recording import Recording, RecordReader, read_recording
from policylint.sources.shapes import Shape


class _Reading(TypedDict):
    """How records are read, whatever recording they are in."""

    shape: Shape | None
    script_start: int
    editions: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class Brief:
    """What a worker is told once: how to judge, and how to write down what it finds."""

    judge: Judge
    clerk: Clerk
    fields: Mapping[str, LogFields] = field(default_factory=dict)  # by source
    shape: Shape | None = None
    keep_words: bool = False

    def reader(self, source: str) -> RecordReader:
        """What reads single records of a recording."""
        return RecordReader(source, fields=self.fields.get(source), **self._reading)

    def document(self, inp: Input) -> Recording:
        """A recording that is read as a whole, as `check` reads it."""
        return read_recording(inp.source, read_content(inp.path), fields=self.fields.get(inp.source), **self._reading)

    @property
    def _reading(self) -> _Reading:
        editions = self.judge.rulebook.editions
        return {
            "shape": self.shape,
            "script_start": editions.named(self.judge.edition).start,
            "editions": None if self.judge.fixed_edition else editions.starts,
        }


@dataclass(slots=True)
class Tally:
    """The numbers of one part: `records == judged + inbound + other + unreadable`, always."""

    records: int = 0
    judged: int = 0  # that tell of something a page sent
    inbound: int = 0  # that only tell what people did, or the platform
    other: int = 0
    unreadable: int = 0
    lines: int = 0
    seconds: int = 0  # events whose time must have been written in seconds

    def add(self, other: Tally) -> None:
        """Count in another part of the same recording."""
        for spec in fields(self):
            setattr(self, spec.name, getattr(self, spec.name) + getattr(other, spec.name))


class UnreadableRow(NamedTuple):
    """A record that makes no sense; places as in `Part`."""

    record: int
    line: int | None
    column: int | None
    start: int
    length: int
    reason: str


@dataclass(slots=True)
class Part:
    """What one span of a log came to."""

    number: int
    tally: Tally = field(default_factory=Tally)
    traces: Traces = field(default_factory=Traces)
    notes: list[Row] = field(default_factory=list)
    unreadable: list[UnreadableRow] = field(default_factory=list)
    enforced: list[PageEnforced] = field(default_factory=list)
    names: list[tuple[int, int]] = field(default_factory=list)  # event, hash of another name of its person
    words: list[tuple[int, str]] = field(default_factory=list)  # event, text; only where the user asked for it
