"""What an audit tells while it works: bars on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Final, Self, TextIO, cast

from policylint.reporters.sentences import counted

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

Clock = Callable[[], float]
"""Seconds that only grow."""

EVERY: Final = 10.0  # seconds between two plain lines
_LOOKS_BACK: Final = 30.0  # seconds that the speed is taken over: long enough to be steady, short enough to be true
_SAMPLE: Final = 0.5  # seconds between two samples of it
_IN_BYTES: Final = "reading"  # the stage whose total is bytes; the others count messages


@dataclass(slots=True)
class Pace:
    """How fast a stage goes on: of late, and since its first number.

    The first number is where counting starts from: a run that goes on with an earlier one has much done at once.
    """

    _samples: deque[tuple[float, int]] = field(default_factory=deque)
    _first: tuple[float, int] | None = None

    def add(self, at: float, done: int) -> None:
        """Take note of how much was done at a time."""
        if self._first is None:
            self._first = (at, done)
        if not self._samples or at - self._samples[-1][0] >= _SAMPLE:
            self._samples.append((at, done))
            while len(self._samples) > 2 and at - self._samples[1][0] >= _LOOKS_BACK:
                self._samples.popleft()

    def lately(self, at: float, done: int) -> float | None:
        """Things done a second in the last half minute; None while it can't be told."""
        return _rate(self._samples[0], at, done) if self._samples else None

    def overall(self, at: float, done: int) -> float | None:
        """Things done a second since the first number."""
        return None if self._first is None else _rate(self._first, at, done)


def _rate(since: tuple[float, int], at: float, done: int) -> float | None:
    seconds, more = at - since[0], done - since[1]
    return more / seconds if seconds > 0 and more > 0 else None


@dataclass(slots=True)
class Stage:
    """How far one stage is. `total` is None where nobody knows it."""

    name: str
    total: int | None
    began: float
    done: int = 0
    records: int = 0
    findings: int = 0
    pace: Pace = field(default_factory=Pace)

    def now(self, at: float) -> str:
        """`reading 45 % (1.2 GB of 2.7 GB), 3,400,000 records, 152 MB/s, 12,345 findings, 20 s left`."""
        if self.total is None and not self.done:
            return f"{self.name}, {span(at - self.began)} so far"
        far = self.far() if self.total is None else f"{self.percent} % ({self.far()})"
        return ", ".join([f"{self.name} {far}", *self.counts(at), *self.left(at)])

    def ended(self, at: float) -> str:
        """`reading done: 2.7 GB, 7,500,000 records, 152 MB/s, 12,345 findings, in 18 s`."""
        return f"{self.name} done{': ' if self.done else ' '}{self.whole(at)}"

    def whole(self, at: float) -> str:
        """`2.7 GB, 7,500,000 records, 152 MB/s, 12,345 findings, in 18 s`."""
        facts = [self._amount(self.done), *self._counts(self.pace.overall(at, self.done))] if self.done else []
        return ", ".join([*facts, f"in {span(at - self.began)}"])

    def far(self) -> str:
        """`1.2 GB of 2.7 GB`; of messages likewise."""
        if self.total is None:
            return self._amount(self.done)
        done = size(self.done) if self.name == _IN_BYTES else f"{self.done:,}"
        return f"{done} of {self._amount(self.total)}"

    def counts(self, at: float) -> list[str]:
        """Records, speed and findings, as far as they are known."""
        return self._counts(self.pace.lately(at, self.done))

    def left(self, at: float) -> list[str]:
        """The time that is left, where it can be told."""
        speed = self.pace.lately(at, self.done)
        if self.total is None or speed is None or self.done >= self.total:
            return []
        return [f"{span((self.total - self.done) / speed)} left"]

    @property
    def percent(self) -> int:
        """How much is done, rounded down: 100 is all of it."""
        return 100 if not self.total else min(100, self.done * 100 // self.total)

    def _counts(self, speed: float | None) -> list[str]:
        in_bytes = self.name == _IN_BYTES
        facts = [counted(self.records, "record")] if in_bytes else []
        if speed is not None:
            facts.append(f"{size(speed)}/s" if in_bytes else f"{speed:,.0f} messages/s")
        return [*facts, counted(self.findings, "finding")]

    def _amount(self, number: int) -> str:
        return size(number) if self.name == _IN_BYTES else counted(number, "message")


class Progress:
    """Tells on `out` (standard error) how far an audit is, from the first `stage` to the end of the `with` block.

    On a `terminal` there is a bar for each stage, and nothing is left of them in the end; a thread keeps them moving
    from the first stage on, so worker processes are to be forked before. Elsewhere: a line every ten seconds at most,
    and one at each stage's end. A stream that nobody reads any more is no reason to stop an audit.
    """

    def __init__(self, out: TextIO, *, terminal: bool, colour: bool, clock: Clock = time.monotonic) -> None:
        self._out = _Patient(out)
        self._terminal, self._colour, self._clock = terminal, colour, clock
        self._stage: Stage | None = None
        self._told = 0.0  # when the last plain line was written
        self._bars: Bars | None = None
        self._bar: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end(whole=kind is None)
        if self._bars is not None:
            self._bars.stop()
            self._bars = None

    def stage(self, name: str, total: int | None) -> None:
        """Begin the stage `name` (`reading`, `sorting`, `judging`, `writing`); the one before has ended.

        `total` is in bytes for `reading`, in messages for the others, and None where it is not known.
        """
        self._end(whole=True)
        now = self._clock()
        self._stage, self._told = Stage(name, total, now), now
        if self._terminal:
            self._bars = self._bars or self._started()
            self._bar = self._bars.add_task(name, total=total, details="")

    def tell(self, done: int, records: int, findings: int) -> None:
        """Say how far the stage is: what of its total is done, and the records and findings of the run so far."""
        stage = self._stage
        if stage is None:
            return
        now = self._clock()
        stage.done, stage.records, stage.findings = done, records, findings
        stage.pace.add(now, done)
        if self._bars is not None and self._bar is not None:
            self._show(stage, now)
        elif not self._terminal and now - self._told >= EVERY:
            self._told = now
            self._line(stage.now(now))

    def _end(self, *, whole: bool) -> None:
        """The stage is over; `whole` says that it came to its end."""
        stage, self._stage = self._stage, None
        if stage is None:
            return
        now = self._clock()
        if not self._terminal:
            self._line(stage.ended(now) if whole else f"stopped while {stage.now(now)}")
        elif whole and self._bars is not None and self._bar is not None:
            full = stage.done if stage.total is None else stage.total
            self._bars.update(self._bar, total=full or 1, completed=full or 1, details=stage.whole(now))

    def _line(self, text: str) -> None:
        self._out.write(f"policylint: {text}\n")
        self._out.flush()

    def _show(self, stage: Stage, now: float) -> None:
        if self._bars is not None and self._bar is not None:
            # What is wanted most comes first: a narrow terminal cuts the rest off.
            details = ", ".join([*stage.left(now), stage.far(), *stage.counts(now)]) if stage.done else ""
            self._bars.update(self._bar, completed=stage.done, details=details)

    def _started(self) -> Bars:
        from rich.console import Console
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn
        from rich.progress import Progress as Bars
        from rich.table import Column

        console = Console(
            file=cast("IO[str]", self._out),
            force_terminal=True,
            no_color=not self._colour,
            highlight=False,
            markup=False,
            emoji=False,
        )
        bars = Bars(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=16),
            TaskProgressColumn("{task.percentage:>3.0f} %", text_format_no_percentage=""),
            TextColumn("{task.fields[details]}", markup=False, table_column=Column(ratio=1, no_wrap=True)),
            console=console,
            expand=True,
            transient=True,
            refresh_per_second=5,
            redirect_stdout=False,
            redirect_stderr=False,  # workers must not inherit a stream that takes a lock of ours
        )
        bars.start()
        return bars


class _Patient:
    """A stream that may have been closed at its other end: what can't be written is let go.

    Writes to it never fail, so that rich does not end the process, as it does at a broken pipe.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def __getattr__(self, name: str) -> Any:
        return getattr(self._out, name)

    def write(self, text: str) -> int:
        """All of `text` counts as written."""
        with suppress(OSError, ValueError):
            self._out.write(text)
        return len(text)

    def flush(self) -> None:
        """As far as it goes."""
        with suppress(OSError, ValueError):
            self._out.flush()


def size(number: float) -> str:
    """Bytes as people write them, in powers of ten: `512 B`, `12 kB`, `152 MB`, `2.7 GB`."""
    for unit, one in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= 0.9995 * one:
            amount = number / one
            return f"{amount:.1f} {unit}" if amount < 9.95 else f"{amount:,.0f} {unit}"
    return f"{number:.0f} B"


def span(seconds: float) -> str:
    """Seconds as people say them: `20 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s" if whole else f"{max(seconds, 0):.1f} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min"
