"""The engine of `audit`: months of logs on one machine, in bounded memory, and to be gone on with after any end.

Three walks. Workers read the log in spans and keep a part of each (`scan`); the database sorts what they kept by
conversation (`timeline`); workers read again what a rule about a conversation may find, and judge it (`hearing`).
Each part appears whole or not at all, and all that follows is made anew from the parts, so that a run that was killed
loses no more than the spans it was in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from policylint.audit.crew import METHOD, Crew
from policylint.audit.hearing import Heard
from policylint.audit.inputs import Input
from policylint.audit.ledger import FileRow, Ledger
from policylint.audit.notes import Clerk
from policylint.audit.odd import sort_into_lots
from policylint.audit.order import Order
from policylint.audit.parts import Brief, Tally
from policylint.audit.planning import Planning
from policylint.audit.precedents import Precedents
from policylint.audit.rereading import Base
from policylint.audit.store import (
    Account,
    Manifest,
    Piece,
    Store,
    files_of,
    no_traces,
    read_account,
)
from policylint.audit.timeline import Reach, Timeline
from policylint.audit.work import Result, Task, candidates_of, gatherings_of, hearer, reader
from policylint.enforcement import Enforcements, enforcement
from policylint.errors import PolicylintError, UsageError
from policylint.events import PageEnforced
from policylint.lint import Judge
from policylint.outcome import Counts
from policylint.settings import Settings

__all__ = ["Audit", "AuditRun", "Order", "stoppable"]

if TYPE_CHECKING:
    import duckdb

    from policylint.audit.progress import Progress

_MIB: Final = 1 << 20
_LEAST: Final = 96 * _MIB  # that the database can work with
_MEMBER: Final = 100 * _MIB  # what a process takes that judges messages
_OWN: Final = 320 * _MIB  # what the process takes beside the database
_ENOUGH: Final = 560 * _MIB  # more makes the database no faster


@dataclass(slots=True)
class Audit:
    """What an audit came to; the findings are in the ledger."""

    store: Store
    ledger: Ledger
    counts: Counts
    sources: frozenset[str]
    started: datetime
    manifest: Manifest
    precedents: Precedents
    remarks: list[str] = field(default_factory=list)


@contextmanager
def stoppable(out: Path) -> Iterator[None]:
    """What stops an audit, in words: raises PolicylintError for it. Started again, the audit goes on where it was."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise PolicylintError(f"{out}: {told(error)}; started again, the audit goes on where it was") from error
    except OSError as error:
        where = error.filename or out
        reason = (error.strerror or str(error)).lower()
        raise PolicylintError(f"{where}: {reason}; started again, the audit goes on where it was") from error
    except RuntimeError as error:
        if "interrupt" in str(error).lower():  # the database's way of passing on an interrupt by hand
            raise KeyboardInterrupt from error
        raise


class AuditRun:
    """One run of an audit. `failures` takes what could not be read, in words; the rest is done all the same."""

    def __init__(
        self,
        order: Order,
        settings: Settings,
        judge: Judge,
        progress: Progress,
        leave_out: Sequence[Path],
        failures: list[str],
    ) -> None:
        self.order, self.settings, self.judge = order, settings, judge
        self.progress = progress
        self.store = Store(order.out)
        self.planning = Planning(order, settings, self.store, leave_out, failures)
        self.started = datetime.now(UTC)

    def run(self) -> Audit:
        """Read, sort and judge. To be called within `stoppable`."""
        manifest = self.planning.plan()
        self._read(manifest)
        accounts = self._accounts(manifest)
        db = self._database()
        ledger = Ledger(db)
        bases = _take(ledger, manifest, accounts)
        self.progress.stage("sorting", None)
        folders = [self.store.part(number) for number in bases]
        enforced = [one for account in accounts.values() for one in account.enforced]
        traces = files_of(folders, "traces.parquet") or [no_traces(self.store.work)]
        timeline = Timeline(db, traces, files_of(folders, "names.parquet"), self.judge)
        reach = timeline.reach()
        together = enforcement(enforced)
        timeline.sort_out(reach, together)
        timeline.candidates()
        precedents = Precedents(self.store.state / "judged", self.store.work, manifest.basis)
        precedents.settle(db, reach.earliest)
        judge = self.judge.over(self.judge.earliest if reach.earliest is None else reach.earliest, together)
        heard, files = self._hear(manifest, bases, timeline, judge, reach, precedents)
        ledger.take_notes(files_of(folders, "notes.parquet"), files, precedents.findings())
        precedents.keep(db, [file for file in files if Path(file).name.startswith("candidates")])
        ledger.keep_words(files_of(folders, "words.parquet"))
        counts = _counted(manifest, accounts, heard, ledger, together, enforced)
        return Audit(
            store=self.store,
            ledger=ledger,
            counts=counts,
            sources=frozenset(log.input.source for log in manifest.logs),
            started=self.started,
            manifest=manifest,
            precedents=precedents,
            remarks=self.planning.remarks,
        )

    def _brief(self, manifest: Manifest, judge: Judge) -> Brief:
        order = self.order
        clerk = Clerk(self.settings, manifest.key, order.show_text, order.pseudonyms)
        return Brief(judge, clerk, self.planning.fields(manifest), order.shape, keep_words=order.show_text)

    def _read(self, manifest: Manifest) -> None:
        todo = [
            (log.input, piece) for log in manifest.logs for piece in log.pieces if not self.store.has_part(piece.number)
        ]
        # The longest first, so that no worker is left with one in the end.
        todo.sort(key=lambda task: -_length(*task))
        self.progress.stage("reading", sum(_length(*task) for task in todo))
        if todo:
            _load()
        meter = get_context(METHOD).Array("q", 3)
        make = partial(reader, self._brief(manifest, self.judge), self.store.parts, meter)
        crew = Crew(make, self.order.workers, lambda: self.progress.tell(*meter[:]))
        for _ in crew.results(todo):
            pass

    def _accounts(self, manifest: Manifest) -> dict[int, Account]:
        return {
            piece.number: read_account(self.store.part(piece.number), log.input.source)
            for log in manifest.logs
            for piece in log.pieces
        }

    # Sorting and judging

    def _database(self) -> duckdb.DuckDBPyConnection:
        import duckdb

        db = duckdb.connect(str(self.store.work / "audit.duckdb"))
        for name, value in {
            "threads": self.order.workers,
            "memory_limit": self._room(),
            "temp_directory": str(self.store.work / "sorting"),
            "preserve_insertion_order": False,
            "enable_progress_bar": False,
        }.items():
            db.execute(f"set {name} = ?", [value])
        return db

    def _room(self, crew: int = 0) -> str:
        """How much memory the database may have, beside a crew of so many."""
        return f"{max(_LEAST, min(self.order.memory - _OWN - crew * _MEMBER, _ENOUGH)) // _MIB}MiB"

    def _hear(
        self,
        manifest: Manifest,
        bases: Mapping[int, Base],
        timeline: Timeline,
        judge: Judge,
        reach: Reach,
        precedents: Precedents,
    ) -> tuple[Heard, list[str]]:
        """Judge what is left: what it came to, and the Parquet files of the findings."""
        import duckdb

        db = timeline.db
        inputs = {piece.number: log.input for log in manifest.logs for piece in log.pieces}
        folder = self.store.work / "odd"
        folder.mkdir()
        events, lots = sort_into_lots(db)
        ((candidates,),) = timeline.rows("select count(*) from candidates")
        self._miss_none(db, inputs)
        self.progress.stage("judging", candidates + events)
        together = _Together(self.progress)
        make = partial(hearer, self._brief(manifest, judge), dict(reach.homes), folder)
        crew: Crew[Task, Result] = Crew(make, self.order.workers)
        with suppress(duckdb.OutOfMemoryException):  # it has what it has
            db.execute("set memory_limit = ?", [self._room(self.order.workers)])
        together.take(crew.results(candidates_of(db, inputs, bases)))
        if events:
            together.take(crew.results(gatherings_of(db, inputs, bases)))
            together.take(crew.results(("judge", lot) for lot in range(lots)))
        db.execute("set memory_limit = ?", [self._room()])
        return together.heard, together.files

    def _miss_none(self, db: duckdb.DuckDBPyConnection, inputs: Mapping[int, Input]) -> None:
        """Raise UsageError when a recording is gone of which something is to be judged again."""
        needed = "select part from candidates"
        if db.execute("select count(*) from duckdb_tables() where table_name = 'odd_events'").fetchall() != [(0,)]:
            needed += " union all select part from odd_events"
        for part, messages in db.execute(f"select part, count(*) from ({needed}) group by part").fetchall():
            if not Path(inputs[part].path).exists():
                raise UsageError(
                    f"{inputs[part].source} is gone, but {messages:,} of its messages have to be judged again; "
                    "put it back for this run, or choose another --out"
                )


def _load() -> None:
    """Load what all workers need before they are made: where they are forked, they share it."""
    import numpy as np  # noqa: F401
    import pyarrow.parquet as pq  # noqa: F401
    import re2  # noqa: F401


class _Together:
    """Brings together what the crew heard; its findings are in files, so that memory stays bounded."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.heard = Heard()
        self.files: list[str] = []
        self.done = self.findings = 0

    def take(self, results: Iterator[Result]) -> None:
        for number, findings, path, heard in results:
            self.done += number
            self.findings += findings
            if findings:
                self.files.append(path)
            self.heard.add(heard)
            self.progress.tell(self.done, self.done, self.findings)


def _take(ledger: Ledger, manifest: Manifest, accounts: Mapping[int, Account]) -> dict[int, Base]:
    """Tell the ledger what was read; where each part begins comes back."""
    files: list[FileRow] = []
    parts: list[tuple[int, int, int, int, int]] = []
    unreadable: list[tuple[Any, ...]] = []
    bases: dict[int, Base] = {}
    for number, log in enumerate(manifest.logs):
        inp, total = log.input, Tally()
        for piece in log.pieces:
            account = accounts[piece.number]
            base = bases[piece.number] = Base(piece.number, total.records, total.lines)
            parts.append((piece.number, number, len(parts), base.records, base.lines))
            for row in account.unreadable:
                line = None if row.line is None else base.lines + row.line + 1
                place = (base.records + row.record + 1, line, row.column, row.start, row.length)
                unreadable.append((number, inp.source, *place, row.reason))
            total.add(account.tally)
        files.append(
            FileRow(
                number,
                inp.source,
                inp.path,
                inp.size,
                inp.identity,
                str(inp.layout),
                inp.packing,
                total.records,
                total.judged,
                total.inbound,
                total.other,
                total.unreadable,
            )
        )
    ledger.take_files(files, parts)
    ledger.take_unreadable(unreadable)
    return bases


def _counted(
    manifest: Manifest,
    accounts: Mapping[int, Account],
    heard: Heard,
    ledger: Ledger,
    together: Enforcements,
    enforced: Sequence[PageEnforced],
) -> Counts:
    """The numbers of the run."""
    counts = heard.counts
    counts.recordings = len(manifest.logs)
    total = Tally()
    for account in accounts.values():
        total.add(account.tally)
    counts.records = total.records
    counts.used = total.judged + total.inbound
    counts.other = total.other
    counts.unreadable = total.unreadable
    counts.seconds = total.seconds
    ledger.count_ordinary(counts)
    ((events,),) = ledger.rows("select count(*) from events")
    counts.events = events - counts.repeated
    counts.repeated += together.repeated
    counts.enforced = [one for one in enforced if one.script is None]
    counts.answers = ledger.take_answers(counts.answers)
    return counts


def told(error: Exception) -> str:
    """What stopped the database, in words of ours: its own may be long, and name values."""
    text = str(error).lower()
    if "space" in text or "disk" in text:
        return "no space left on device"
    if "memory" in text:
        return "the database ran out of memory; a larger --memory helps, or fewer --workers"
    return f"the database failed ({type(error).__name__})"


def _length(inp: Input, piece: Piece) -> int:
    return piece.span.end - piece.span.start if piece.span.end >= 0 else inp.size
