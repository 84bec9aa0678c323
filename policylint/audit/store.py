"""The folder that an audit writes to: what it has read so far, and in the end what it found.

    audit.duckdb        the database: runs, files, messages, findings, unreadable
    findings.parquet    the findings, in order
    findings.ndjson     the same, one a line, as in the JSON report
    report.json         the JSON report
    state/              what the next run goes on with

Everything appears whole: it is written under another name first. A run that is killed leaves at most such names
behind, which the next one removes.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from policylint.audit.inputs import Input, Layout
from policylint.audit.parts import Part, Tally, UnreadableRow
from policylint.audit.streams import Span
from policylint.errors import PolicylintError, UsageError
from policylint.events import Measure, Origin, PageEnforced, Platform

if TYPE_CHECKING:
    import duckdb

VERSION: Final = 2
FILES: Final = ("audit.duckdb", "findings.parquet", "findings.ndjson", "report.json")
_UNFINISHED: Final = ".unfinished"
_PATIENCE: Final = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Piece:
    """A span of an input and the number of the part that it comes to."""

    number: int
    span: Span


@dataclass(slots=True)
class Log:
    """An input that the store knows, and its pieces in order."""

    input: Input
    pieces: list[Piece]


@dataclass(slots=True)
class Manifest:
    """What a store is made of: its inputs in the order of their names, and what they are judged by."""

    basis: str  # a digest of all that the findings depend on, the inputs aside
    key: int  # of the hashes that stand for people
    logs: list[Log] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    parts: int = 0  # numbers that parts have had: none is given twice

    def add(self, inp: Input, spans: Sequence[Span]) -> None:
        """Take in an input that is read in these spans, under a name that no other has."""
        taken = {log.input.source for log in self.logs}
        numbers = (f"{inp.source} ({number})" for number in count(2))
        inp = replace(inp, source=next(name for name in chain([inp.source], numbers) if name not in taken))
        self.logs.append(Log(inp, [Piece(number, span) for number, span in enumerate(spans, self.parts)]))
        self.parts += len(spans)


class Store:
    """The folder `--out`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.parts = self.state / "parts"
        self.spool = self.state / "spool"
        self.work = self.state / "work"
        self.database = folder / "audit.duckdb"

    def open(self) -> None:
        """Make the folders. Raises UsageError for a folder that is no store."""
        try:
            if self.folder.exists() and not self.state.exists() and any(self.folder.iterdir()):
                raise UsageError(f"--out {self.folder}: not empty, and not the folder of an audit; choose another")
            for folder in (self.parts, self.spool):
                folder.mkdir(parents=True, exist_ok=True)
            self.state.chmod(0o700)  # records of odd conversations rest here while they are brought together
        except OSError as error:
            raise PolicylintError(f"{self.folder}: {(error.strerror or 'can not be written').lower()}") from None

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other runs out, and remove what a killed one left. Raises UsageError when one is at work."""
        import fcntl

        with (self.state / "lock").open("w") as file:
            until = time.monotonic() + _PATIENCE
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError:
                    if time.monotonic() > until:
                        raise UsageError(f"--out {self.folder}: another audit is writing to it") from None
                    time.sleep(0.1)  # the workers of a run that was killed are about to end
            shutil.rmtree(self.work, ignore_errors=True)
            self.work.mkdir()
            for left in (*self.parts.glob(f"*{_UNFINISHED}*"), *self.state.glob(f"*{_UNFINISHED}*")):
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            yield

    def tidy(self, manifest: Manifest) -> None:
        """Remove what nothing is made of any more: the work of this run, and copies of inputs that have changed."""
        shutil.rmtree(self.work, ignore_errors=True)
        kept = {log.input.path for log in manifest.logs}
        for copy in self.spool.iterdir():
            if os.path.abspath(copy) not in kept:  # noqa: PTH100 - as inputs have it
                copy.unlink()

    def manifest(self) -> Manifest | None:
        """What the store is made of; None for a new one. Raises UsageError for a store of another version."""
        path = self.state / "manifest.json"
        if not path.exists():
            return None
        data = orjson.loads(path.read_bytes())
        if data["version"] != VERSION:
            raise UsageError(f"--out {self.folder}: made by another version of policylint; choose another folder")
        logs = [
            Log(
                Input(**{**log["input"], "layout": Layout(log["input"]["layout"])}),
                [Piece(number, Span(start, end)) for number, start, end in log["pieces"]],
            )
            for log in data["logs"]
        ]
        return Manifest(data["basis"], data["key"], logs, data["runs"], data["parts"])

    def save(self, manifest: Manifest) -> None:
        """Keep what the store is made of."""
        logs = [
            {
                "input": asdict(log.input),
                "pieces": [[piece.number, piece.span.start, piece.span.end] for piece in log.pieces],
            }
            for log in manifest.logs
        ]
        data = {
            "version": VERSION,
            "basis": manifest.basis,
            "key": manifest.key,
            "logs": logs,
            "runs": manifest.runs,
            "parts": manifest.parts,
        }
        self.write(self.state / "manifest.json", orjson.dumps(data))

    def write(self, path: Path, data: bytes) -> None:
        """Write a file whole or not at all."""
        unfinished = path.with_name(path.name + _UNFINISHED)
        unfinished.write_bytes(data)
        unfinished.replace(path)

    def read(self) -> duckdb.DuckDBPyConnection:
        """The finished database, to be read."""
        import duckdb

        return duckdb.connect(str(self.database), read_only=True)

    def part(self, number: int) -> Path:
        """The folder of a part."""
        return self.parts / self.name_of(number)

    @staticmethod
    def name_of(number: int) -> str:
        """The name of a part's folder."""
        return f"{number:08d}"

    def has_part(self, number: int) -> bool:
        """Whether a part has been read to its end."""
        return self.part(number).is_dir()

    def drop_part(self, number: int) -> None:
        """Forget a part."""
        shutil.rmtree(self.part(number), ignore_errors=True)


def new_key() -> int:
    """A key for the hashes that stand for people."""
    return secrets.randbits(63)


def write_part(folder: Path, part: Part) -> None:
    """Keep a part: its files appear together under `folder`, or not at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from policylint.audit.notes import write_notes

    unfinished = folder.with_name(f"{folder.name}{_UNFINISHED}{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    plain: dict[str, Any] = {"compression": "none", "write_statistics": False}
    traces = part.traces.table(part.number)
    pq.write_table(traces, unfinished / "traces.parquet", use_dictionary=["page", "kind", "tag"], **plain)
    if part.notes:
        write_notes(unfinished / "notes.parquet", part.notes)
    if part.names:
        events, names = zip(*part.names, strict=True)
        columns = {"part": [part.number] * len(events), "n": events, "name": names}
        pq.write_table(pa.table(columns), unfinished / "names.parquet", **plain)
    if part.words:
        events, words = zip(*part.words, strict=True)
        columns = {"part": [part.number] * len(events), "n": events, "words": words}
        pq.write_table(pa.table(columns), unfinished / "words.parquet", compression="zstd")
    data = {
        "tally": asdict(part.tally),
        "unreadable": [list(row) for row in part.unreadable],
        "enforced": [_enforced(one) for one in part.enforced],
    }
    (unfinished / "part.json").write_bytes(orjson.dumps(data))
    unfinished.rename(folder)


def no_traces(folder: Path) -> str:
    """A file of traces without any, for an audit that found nothing to read."""
    import pyarrow.parquet as pq

    from policylint.audit.traces import Traces

    path = folder / "traces.parquet"
    pq.write_table(Traces().table(-1), path)
    return str(path)


@dataclass(slots=True)
class Account:
    """What of a part is in its own file: numbers, what could not be read, and what the platform did."""

    tally: Tally
    unreadable: list[UnreadableRow]
    enforced: list[PageEnforced]


def read_account(folder: Path, source: str) -> Account:
    """The account of the part in `folder`, which is of the recording `source`."""
    data = orjson.loads((folder / "part.json").read_bytes())
    return Account(
        Tally(**data["tally"]),
        [UnreadableRow(*row) for row in data["unreadable"]],
        [_read_enforced(row, source) for row in data["enforced"]],
    )


def files_of(folders: Sequence[Path], name: str) -> list[str]:
    """The files called `name` that some parts have."""
    return [str(folder / name) for folder in folders if (folder / name).exists()]


def _enforced(one: PageEnforced) -> list[Any]:
    return [
        one.origin.record,
        one.origin.nth,
        one.page,
        one.at,
        str(one.measure),
        one.digest.hex(),
        one.script,
        one.platform,
    ]


def _read_enforced(row: list[Any], source: str) -> PageEnforced:
    record, nth, page, at, measure, digest, script, platform = row
    return PageEnforced(
        Origin(source, record, nth=nth),
        page,
        at,
        Measure(measure),
        bytes.fromhex(digest),
        script,
        platform=None if platform is None else Platform(platform),
    )
