"""Parts: what one span of a log came to. Records and lines count from the span's own beginning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import NamedTuple

from policylint.audit.notes import Clerk, Row
from policylint.audit.traces import Traces
from policylint.events import PageEnforced
from policylint.lint import Judge
from policylint.sources.mapping import LogFields
from policylint.sources.shapes import Shape


@dataclass(frozen=True, slots=True)
class Brief:
    """What a worker is told once: how to judge, and how to write down what it finds."""

    judge: Judge
    clerk: Clerk
    fields: Mapping[str, LogFields] = field(default_factory=dict)  # by source
    shape: Shape | None = None
    keep_words: bool = False


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
