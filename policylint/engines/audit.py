"""The engine of `audit`: months of logs on one machine, in bounded memory, and to be gone on with after any end.

Three walks. Workers read the log in spans and keep a part of each (`scan`); the database sorts what they kept by
conversation (`timeline`); workers read again what a rule about a conversation may find, and judge it (`hearing`).
Each part appears whole or not at all, and all that follows is made anew from the parts, so that a run that was killed
loses no more than the spans it was in.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from multiprocessing import get_context
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import orjson

from policylint import __version__
from policylint.audit.copies import is_url
from policylint.audit.crew import Crew
from policylint.audit.hearing import Candidate, Heard, Hearing
from policylint.audit.inputs import Input, find_inputs, identity_of
from policylint.audit.ledger import FileRow, Ledger
from policylint.audit.notes import Clerk, write_notes
from policylint.audit.odd import sort_into_lots
from policylint.audit.parts import Brief, Tally
from policylint.audit.precedents import Precedents
from policylint.audit.rereading import Base, Spot
from policylint.audit.scan import Scanner
from policylint.audit.store import (
    Account,
    Manifest,
    Piece,
    Store,
    files_of,
    new_key,
    no_traces,
    read_account,
    write_part,
)
from policylint.audit.streams import spans
from policylint.audit.timeline import Reach, Timeline
from policylint.enforcement import Enforcements, enforcement
from policylint.errors import PolicylintError, UsageError
from policylint.events import PageEnforced, Platform
from policylint.findings import Severity
from policylint.lint import Judge
from policylint.outcome import Counts
from policylint.settings import Settings
from policylint.shipped import shipped
from policylint.sources.folder import STDIN, displayed
from policylint.sources.mapping import LogFields
from policylint.sources.shapes import Shape

if TYPE_CHECKING:
    import duckdb

    from policylint.audit.progress import Progress

_SPAN: Final = 32 << 20
_MIB: Final = 1 << 20
_LEAST: Final = 96 * _MIB  # that the database can work with
_OWN: Final = 200 * _MIB  # what the process takes beside the database
_ENOUGH: Final = 768 * _MIB  # more makes the database no faster
_LOT: Final = 4_000  # messages that are judged as one task


@dataclass(frozen=True, slots=True)
class Order:
    """What an audit is asked to do, the policy aside."""

    given: tuple[str, ...]
    out: Path
    workers: int
    memory: int  # bytes, all processes together
    shape: Shape | None = None
    show_text: bool = False
    pseudonyms: str | None = None
    span: int = _SPAN


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
        self.progress, self.leave_out, self.failures = progress, leave_out, failures
        self.store = Store(order.out)
        self.fields_for = settings.fields_for() if settings.sources else _no_fields
        self.remarks: list[str] = []
        self.started = datetime.now(UTC)

    def run(self) -> Audit:
        """Read, sort and judge. To be called within `stoppable`."""
        manifest = self._plan()
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
            remarks=self.remarks,
        )

    # Planning

    def _plan(self) -> Manifest:
        """What is to be read, with what the store knows already."""
        found = find_inputs(
            self.order.given,
            leave_out=self.leave_out,
            spool=self.store.spool,
            failures=self.failures,
            mapped=lambda source: self.fields_for(source) is not None,
        )
        found = [replace(inp, path=_absolute(inp.path)) for inp in found]
        own = _absolute(self.order.out)
        found = [inp for inp in found if _is_copy(inp) or not Path(inp.path).is_relative_to(own)]
        basis = self._basis()
        manifest = self.store.manifest() or Manifest(basis, new_key())
        if manifest.basis != basis:
            self._forget(manifest, {inp.source for inp in found})
            manifest.basis = basis
        known = {log.input.path: log for log in manifest.logs}
        named = set()
        for inp in found:
            named.add(inp.path)
            log = known.get(inp.path)
            if log is not None and log.input.identity == inp.identity:
                log.input = replace(inp, source=log.input.source)
                continue
            if log is not None:
                self.remarks.append(f"{inp.source} changed since it was read, and was read again.")
                for piece in log.pieces:
                    self.store.drop_part(piece.number)
                manifest.logs.remove(log)
            manifest.add(inp, spans(inp, self.order.span))
        for log in manifest.logs:
            if log.input.path not in named and _has_changed(log.input):
                raise UsageError(
                    f"{log.input.source} has changed since an earlier run read it; name it, too, to have it read again"
                )
        manifest.logs.sort(key=lambda log: log.input.source)
        self.store.save(manifest)
        return manifest

    def _forget(self, manifest: Manifest, given: set[str]) -> None:
        """Drop all parts of a store that was made by other rules or settings; its inputs are read again."""
        gone = [log.input.source for log in manifest.logs if not _is_there(log.input)]
        missing = sorted(set(gone) - given)
        if missing:
            raise UsageError(
                f"--out {self.order.out}: made with other rules or settings, so all of it must be read again, "
                f"but {missing[0]} is gone or has changed; choose another folder"
            )
        for log in list(manifest.logs):
            for piece in log.pieces:
                self.store.drop_part(piece.number)
            manifest.logs.remove(log)
            if log.input.source not in given:
                manifest.add(log.input, spans(log.input, self.order.span))
        self.remarks.append("Rules or settings changed since the last run, so everything was read again.")

    def _basis(self) -> str:
        """A digest of all that findings depend on, the inputs aside."""
        digest = blake2b(digest_size=16)
        rules = shipped("rules")
        names = ["compiled.json", *(f"lexicons/{one}.ndjson" for one in ("promotional", "asks_feedback", "topic"))]
        for path in [*(rules / name for name in names), *self.settings.rule_files(), *self.settings.edition_files()]:
            digest.update(path.read_bytes())
        digest.update((shipped("schemas") / "send-request.dated.json").read_bytes())
        settings = replace(self.settings, baseline=None, path=None, fail_on=Severity.ERROR)
        order = self.order
        data = [__version__, asdict(settings), order.shape, order.show_text, order.pseudonyms]
        digest.update(orjson.dumps(data, default=_spelt, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS))
        return digest.hexdigest()

    # Reading

    def _brief(self, manifest: Manifest, judge: Judge) -> Brief:
        order = self.order
        clerk = Clerk(self.settings, manifest.key, order.show_text, order.pseudonyms)
        fields: dict[str, LogFields] = {}
        for log in manifest.logs:
            found = self.fields_for(_unnumbered(log.input.source))
            if found is not None:
                fields[log.input.source] = found
        return Brief(judge, clerk, fields, order.shape, keep_words=order.show_text)

    def _read(self, manifest: Manifest) -> None:
        todo = [
            (log.input, piece) for log in manifest.logs for piece in log.pieces if not self.store.has_part(piece.number)
        ]
        # The longest first, so that no worker is left with one in the end.
        todo.sort(key=lambda task: -_length(*task))
        self.progress.stage("reading", sum(_length(*task) for task in todo))
        meter = get_context("fork" if os.name == "posix" else "spawn").Array("q", 3)
        make = partial(_reader, self._brief(manifest, self.judge), self.store.parts, meter)
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
            "memory_limit": f"{max(_LEAST, min(self.order.memory - _OWN, _ENOUGH)) // _MIB}MiB",
            "temp_directory": str(self.store.work / "sorting"),
            "preserve_insertion_order": False,
            "enable_progress_bar": False,
        }.items():
            db.execute(f"set {name} = ?", [value])
        return db

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
        db = timeline.db
        inputs = {piece.number: log.input for log in manifest.logs for piece in log.pieces}
        folder = self.store.work / "odd"
        folder.mkdir()
        events, lots = sort_into_lots(db)
        ((candidates,),) = timeline.rows("select count(*) from candidates")
        self._miss_none(db, inputs)
        self.progress.stage("judging", candidates + events)
        together = _Together(self.progress)
        make = partial(_hearer, self._brief(manifest, judge), dict(reach.homes), folder)
        crew: Crew[_Task, _Result] = Crew(make, self.order.workers)
        together.take(crew.results(_candidates(db, inputs, bases)))
        if events:
            together.take(crew.results(_gatherings(db, inputs, bases)))
            together.take(crew.results(("judge", lot) for lot in range(lots)))
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


class _Together:
    """Brings together what the crew heard; its findings are in files, so that memory stays bounded."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.heard = Heard()
        self.files: list[str] = []
        self.done = self.findings = 0

    def take(self, results: Iterator[_Result]) -> None:
        for number, findings, path, heard in results:
            self.done += number
            self.findings += findings
            if findings:
                self.files.append(path)
            self.heard.add(heard)
            self.progress.tell(self.done, self.done, self.findings)


_Task: TypeAlias = tuple[Any, ...]
_Result: TypeAlias = tuple[int, int, str, Heard]
"""How many events were judged, how many findings there are, the file with them, and the rest."""


def _reader(brief: Brief, folder: Path, meter: Any) -> Callable[[tuple[Input, Piece]], None]:
    """What reads a span of the log, in one worker."""

    def tell(size: int, records: int, findings: int) -> None:
        with meter.get_lock():
            meter[0] += size
            meter[1] += records
            meter[2] += findings

    scanner = Scanner(brief, tell)

    def read(task: tuple[Input, Piece]) -> None:
        inp, piece = task
        write_part(folder / Store.name_of(piece.number), scanner.scan(inp, piece.span, piece.number))

    return read


def _hearer(brief: Brief, homes: Mapping[str | None, Platform], folder: Path) -> Callable[[_Task], _Result]:
    """What judges messages, in one worker."""
    hearing = Hearing(brief, homes)

    def hear(task: _Task) -> _Result:
        match task:
            case "candidates", inp, base, rows:
                events, heard = len(rows), hearing.candidates(inp, base, [_candidate(row) for row in rows])
            case "gather", inp, base, rows:
                hearing.gather(inp, base, [(row[0], Spot(*row[1:6]), row[6]) for row in rows], folder)
                events, heard = 0, Heard()
            case "judge", lot:
                files = sorted(folder.glob(f"{lot}-*"))
                events, heard = hearing.lot(files)
                for file in files:
                    file.unlink()
            case _:
                raise AssertionError(task)
        path = folder / f"{task[0]}-{token_hex(8)}.parquet"
        findings = len(heard.notes)
        if findings:
            write_notes(path, heard.notes)
            heard.notes = []
        return events, findings, str(path), heard

    return hear


def _candidate(row: Sequence[Any]) -> Candidate:
    return Candidate(row[0], Spot(*row[1:6]), *row[6:])


def _candidates(
    db: duckdb.DuckDBPyConnection, inputs: Mapping[int, Input], bases: Mapping[int, Base]
) -> Iterator[_Task]:
    rows = db.execute(
        """select part, n, record, nth, line, start, size, last_open, sent, wrote, opted_out, extras,
        state, person from candidates order by part, start, n"""
    )
    yield from (("candidates", inputs[part], bases[part], own) for part, own in _by_part(rows))


def _gatherings(
    db: duckdb.DuckDBPyConnection, inputs: Mapping[int, Input], bases: Mapping[int, Base]
) -> Iterator[_Task]:
    rows = db.execute("select part, n, record, nth, line, start, size, lot from odd_events order by part, start, n")
    yield from (("gather", inputs[part], bases[part], own) for part, own in _by_part(rows))


def _by_part(rows: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, list[tuple[Any, ...]]]]:
    """Rows that are sorted by their first value, in lots of one such value each, without it."""
    part, own = -1, list[tuple[Any, ...]]()
    while chunk := rows.fetchmany(_LOT):
        for row in chunk:
            if own and (row[0] != part or len(own) >= _LOT):
                yield part, own
                own = []
            part = row[0]
            own.append(row[1:])
    if own:
        yield part, own


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
    counts.answers = ledger.take_answers(counts.answers, heard.worst)
    return counts


def told(error: Exception) -> str:
    """What stopped the database, in words of ours: its own may be long, and name values."""
    text = str(error).lower()
    if "space" in text or "disk" in text:
        return "no space left on device"
    if "memory" in text:
        return "the database ran out of memory; a larger --memory helps, or fewer --workers"
    return f"the database failed ({type(error).__name__})"


def _no_fields(source: str) -> LogFields | None:
    return None


def _length(inp: Input, piece: Piece) -> int:
    return piece.span.end - piece.span.start if piece.span.end >= 0 else inp.size


def _unnumbered(source: str) -> str:
    """A source without the number that tells it from another of the same name."""
    return _NUMBERED.sub("", source)


def _absolute(path: str | Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100 - resolve() would follow links


def _is_copy(inp: Input) -> bool:
    """Whether an input is a copy of what is no local file."""
    return is_url(inp.source) or inp.source.startswith(displayed(STDIN))


def _has_changed(inp: Input) -> bool:
    """Whether an input is there, but is not what it was."""
    return Path(inp.path).exists() and not _is_there(inp)


def _is_there(inp: Input) -> bool:
    try:
        return bool(identity_of(inp.path) == inp.identity)
    except OSError:
        return False


def _spelt(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, set | frozenset) else str(value)


_NUMBERED: Final = re.compile(r" \([0-9]+\)$")
