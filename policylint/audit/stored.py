"""What an audit has stored, as reports want it: sequences that are read from the database when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, overload

import orjson

from policylint.events import Where
from policylint.findings import Evidence, Finding, Policy, Severity
from policylint.reporters.report import AcceptedBreach

if TYPE_CHECKING:
    import duckdb

_CHUNK: Final = 20_000


class Findings(Sequence[Finding]):
    """The findings that reports list, in order, read from the database when they are asked for."""

    def __init__(self, db: duckdb.DuckDBPyConnection, number: int) -> None:
        self.db, self.number = db, number

    def __len__(self) -> int:
        return self.number

    def __iter__(self) -> Iterator[Finding]:
        rows = self.db.cursor().execute(f"select {_FIELDS} from findings order by finding")
        while chunk := rows.fetchmany(_CHUNK):
            yield from map(_finding, chunk)

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> list[Finding]: ...
    def __getitem__(self, index: int | slice) -> Finding | list[Finding]:
        wanted = range(len(self))[index]
        numbers = [wanted] if isinstance(wanted, int) else list(wanted)
        rows = self.db.execute(
            f"select {_FIELDS} from findings where finding in (select unnest(?)) order by finding",
            [[number + 1 for number in numbers]],
        ).fetchall()
        found = [_finding(row) for row in rows]
        return found[0] if isinstance(wanted, int) else found


class AcceptedBreaches(Sequence[AcceptedBreach]):
    """Accepted messages that breach something, by place, read from the database when they are asked for."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self.db = db
        ((self.number,),) = db.execute("select count(*) from accepted_breaches").fetchall()

    def __len__(self) -> int:
        return int(self.number)

    def __iter__(self) -> Iterator[AcceptedBreach]:
        rows = self.db.cursor().execute(f"select source, record, line, rules from accepted_breaches {BY_PLACE}")
        while chunk := rows.fetchmany(_CHUNK):
            yield from (AcceptedBreach(Where(row[0], row[1], line=row[2]), tuple(row[3])) for row in chunk)

    @overload
    def __getitem__(self, index: int) -> AcceptedBreach: ...
    @overload
    def __getitem__(self, index: slice) -> list[AcceptedBreach]: ...
    def __getitem__(self, index: int | slice) -> AcceptedBreach | list[AcceptedBreach]:
        wanted = range(len(self))[index]
        if isinstance(wanted, int):
            return next(islice(self, wanted, None))
        return [one for n, one in enumerate(islice(self, wanted.stop)) if n in wanted] if len(wanted) else []


BY_PLACE: Final = "order by source, record, nth, base, rules"
_FIELDS: Final = """rule, severity, message, remedy, policy_title, policy_url, edition, source, record, line, "column",
    pointer,
    sent_at, conversation, evidence, fingerprint, person"""


def _finding(row: Sequence[Any]) -> Finding:
    rule, severity, message, remedy, title, url, edition, source, record, line, column, pointer, *rest = row
    at, conversation, evidence, fingerprint, person = rest
    return Finding(
        where=Where(source, record, pointer, line, column),
        rule=rule,
        severity=Severity.named(severity),
        message=message,
        remedy=remedy,
        fingerprint=fingerprint,
        edition=edition,
        at=at,
        conversation=conversation,
        evidence=tuple(
            Evidence(one["pointer"], one["start"], one["end"], one["term"], one["share"], text=one.get("text"))
            for one in orjson.loads(evidence)
        ),
        person=person,
        policy=Policy(title, url, ""),
    )
