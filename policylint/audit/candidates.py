"""Candidates: messages of ordinary conversations that a rule about the conversation may find."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from policylint.audit.rereading import Spot
from policylint.audit.traces import NO_TIME

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow as pa

_LOT: Final = 5_000  # that are judged as one task
_STATES: Final = (None, "open", "closed", "unknown")
_STATE: Final = " ".join(f"when '{state}' then {n}" for n, state in enumerate(_STATES) if state)
_COLUMNS: Final = f"""part, n, record, nth, line, start, size, coalesce(last_open, {NO_TIME}), sent, wrote::integer,
    opted_out::integer, extras, case state {_STATE} else 0 end, person"""


N, RECORD, NTH, LINE, START, SIZE, LAST_OPEN, _, _, _, _, _, TALK = range(13)
"""Where in a row stand the number of the event, its spot, and the hash of the conversation's key."""


class Candidate(NamedTuple):
    """A message of an ordinary conversation, and what is known of its window just before it."""

    row: Sequence[int]
    spot: Spot
    last_open: int | None  # when the person last did what opens the window
    sent: int  # messages of the page before
    wrote: bool  # whether the person ever wrote
    opted_out: bool
    extras: int
    state: str | None  # of the window, for a message
    n: int


def lots_of(db: duckdb.DuckDBPyConnection) -> Iterator[list[tuple[int, np.ndarray[Any, Any]]]]:
    """The table `candidates` in the order of their places, in lots: for each part in it its number, and rows of numbers
    that `candidate` reads.
    """
    import numpy as np

    rows_in_order = db.sql(f"select {_COLUMNS} from candidates order by part, start, n")
    reader: pa.RecordBatchReader = rows_in_order.to_arrow_reader(_LOT)
    for batch in reader:
        rows = np.column_stack([column.to_numpy().astype(np.int64) for column in batch.columns])
        cuts = np.flatnonzero(np.diff(rows[:, 0])) + 1
        yield [(int(own[0, 0]), own[:, 1:].copy()) for own in np.split(rows, cuts) if len(own)]


def candidate(row: Sequence[int]) -> Candidate:
    """The candidate that a row tells of."""
    n, record, nth, line, start, size, last_open, sent, wrote, opted_out, extras, state, _ = row
    return Candidate(
        row,
        Spot(record, nth, line, start, size),
        None if last_open == NO_TIME else last_open,
        sent,
        bool(wrote),
        bool(opted_out),
        extras,
        _STATES[state],
        n,
    )


def case_of(row: Sequence[int]) -> tuple[Hashable, ...]:
    """What settles all that rules about the conversation have to say of messages whose plans are of one kin."""
    return row[LAST_OPEN] == NO_TIME, *row[LAST_OPEN + 1 : TALK]
