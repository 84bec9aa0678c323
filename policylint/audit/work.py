"""The work of an audit's crew: reading spans of a log, and judging messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from policylint.audit.candidates import lots_of
from policylint.audit.hearing import Heard, Hearing
from policylint.audit.inputs import Input
from policylint.audit.notes import write_notes
from policylint.audit.parts import Brief
from policylint.audit.rereading import Base, Spot
from policylint.audit.scan import Scanner
from policylint.audit.store import Piece, Store, write_part
from policylint.events import Platform

if TYPE_CHECKING:
    import duckdb

_LOT: Final = 4_000  # messages that are judged as one task

Task: TypeAlias = tuple[Any, ...]
Result: TypeAlias = tuple[int, int, str, Heard]
"""How many events were judged, how many findings there are, the file with them, and the rest."""


def reader(brief: Brief, folder: Path, meter: Any) -> Callable[[tuple[Input, Piece]], None]:
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


def hearer(brief: Brief, homes: Mapping[str | None, Platform], folder: Path) -> Callable[[Task], Result]:
    """What judges messages, in one worker."""
    hearing = Hearing(brief, homes)

    def hear(task: Task) -> Result:
        match task:
            case "candidates", lot:
                events, heard = 0, Heard()
                for inp, base, rows in lot:
                    events += len(rows)
                    heard.add(hearing.candidates(inp, base, rows.tolist()))
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


def candidates_of(
    db: duckdb.DuckDBPyConnection, inputs: Mapping[int, Input], bases: Mapping[int, Base]
) -> Iterator[Task]:
    yield from (("candidates", [(inputs[part], bases[part], rows) for part, rows in lot]) for lot in lots_of(db))


def gatherings_of(
    db: duckdb.DuckDBPyConnection, inputs: Mapping[int, Input], bases: Mapping[int, Base]
) -> Iterator[Task]:
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
