"""What an audit says on the screen when it is done: its numbers, where most of the findings are, and where all are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, Final, TextIO

import orjson

from policylint.audit.calendar import chart
from policylint.audit.stored import AcceptedBreaches
from policylint.findings import Severity
from policylint.reporters.colours import GRADES, styled
from policylint.reporters.columns import aligned
from policylint.reporters.report import Style, Summary
from policylint.reporters.saved import summary_from
from policylint.reporters.sentences import SHOWN, counted
from policylint.reporters.terminal import printable
from policylint.reporters.text import numbers, particulars, verdict

if TYPE_CHECKING:
    import duckdb

DATABASE: Final = "audit.duckdb"
_FILES: Final = 20  # rows of the table of files
_UNREADABLE: Final = 5  # records, of those that can't be read
_LIES_IN: Final = ("report.json", "findings.ndjson", "findings.parquet", DATABASE)
_PARTS: Final = ("records", "judged", "inbound", "unreadable", "other")
_LEVELS: Final = tuple(str(level) for level in sorted(Severity, reverse=True))


def write(db: duckdb.DuckDBPyConnection, style: Style, out: TextIO) -> None:
    """The screen of the audit in `db`, a read-only connection to its database.

    `style` says whether in colours; blocks are drawn where the encoding of `out` has them.
    """
    blocks = _can_draw(out)
    for n, block in enumerate(filter(None, (list(one) for one in _blocks(db, style, blocks=blocks)))):
        if n:
            out.write("\n")
        for line in block:
            out.write(line + "\n")


def _blocks(db: duckdb.DuckDBPyConnection, style: Style, *, blocks: bool) -> Iterator[Iterator[str]]:
    yield _rules(db, style)
    yield _by(db, style, "page", "page", "not on record")
    yield _by(db, style, "tag", "tag", "none")
    yield _days(db, style, blocks=blocks)
    yield _unreadable(db, style)
    yield _files(db, style)
    yield _totals(db, style)


def _can_draw(out: TextIO) -> bool:
    try:
        "█▏…".encode(getattr(out, "encoding", None) or "utf-8")
    except (LookupError, UnicodeEncodeError):
        return False
    return True


def _totals(db: duckdb.DuckDBPyConnection, style: Style) -> Iterator[str]:
    told = dict(_rows(db, "select name, value from summary"))
    summary = _with_breaches(db, summary_from(orjson.loads(told.get("summary") or "{}")))
    yield verdict(summary, style)
    yield numbers(summary)
    ((files, *parts),) = _rows(db, f"select count(*), {', '.join(f'coalesce(sum({p}), 0)' for p in _PARTS)} from files")
    records, judged, inbound, unreadable, other = (int(part) for part in parts)
    yield (
        f"{counted(records, 'record')} read in {counted(files, 'file')} = {judged:,} judged + {inbound:,} inbound + "
        f"{unreadable:,} unreadable + {other:,} not about messages."
    )
    if records != judged + inbound + unreadable + other:
        yield styled(
            "These numbers do not add up, which is a mistake in policylint; please report it.", style, fg="red"
        )
    yield from particulars(summary, style, "report.json lists all")
    if "digest" in told:
        yield f"Digest of the findings: {printable(told['digest'])}"
    yield from _places(db)


def _with_breaches(db: duckdb.DuckDBPyConnection, summary: Summary) -> Summary:
    """The numbers, with the accepted messages that breach something where the database has them in a table."""
    if summary.platform is None or summary.platform.accepted_but_breached:
        return summary
    if not _rows(db, "select 1 from duckdb_tables() where table_name = 'accepted_breaches'"):
        return summary
    return replace(summary, platform=replace(summary.platform, accepted_but_breached=AcceptedBreaches(db)))


def _places(db: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Where the audit's files lie."""
    rows = _rows(db, "select path from duckdb_databases() where database_name = current_database()")
    if not rows or rows[0][0] is None:
        return
    folder = Path(rows[0][0]).parent
    names = [name for name in _LIES_IN if (folder / name).exists()]
    yield f"In {printable(str(folder))}: {', '.join(names)}."
    found = _rows(db, "select fingerprint from findings order by finding limit 1")
    if found:
        yield f"A finding in its conversation: policylint show {printable(quote(str(folder)))} {found[0][0][:12]}"


def _rules(db: duckdb.DuckDBPyConnection, style: Style) -> Iterator[str]:
    rows = _rows(
        db,
        f"""select count(*), {_worst("severity")}, rule, min(sent_at)[:10], max(sent_at)[:10]
        from findings group by rule order by 1 desc, 3 limit {SHOWN}""",
    )
    if not rows:
        return
    yield _title("Rules with the most findings:", style)
    table = [["findings", "worst", "rule", "first day", "last day"]]
    table += [[f"{n:,}", worst, printable(rule), first or "–", last or "–"] for n, worst, rule, first, last in rows]
    lines = aligned(table, right={0})
    yield f"  {next(lines)}"
    for line, (_, worst, *_rest) in zip(lines, rows, strict=True):
        yield f"  {line.replace(worst, styled(worst, style, fg=GRADES[Severity.named(worst)]), 1)}"
    yield from _more(db, "rule", len(rows), "rule")


def _by(db: duckdb.DuckDBPyConnection, style: Style, column: str, noun: str, nameless: str) -> Iterator[str]:
    """A table of findings by severity; the worst first."""
    levels = ", ".join(f"count(*) filter (severity = '{level}')" for level in _LEVELS)
    rows = _rows(
        db, f"select {column}, {levels} from findings group by 1 order by 2 desc, 3 desc, 4 desc, 1 limit {SHOWN}"
    )
    if all(name is None for name, *_ in rows):
        return
    yield _title(f"{noun.capitalize()}s with the most errors:", style)
    table = [[noun, *(f"{level}s" for level in _LEVELS)]]
    table += [
        [f"({nameless})" if name is None else printable(name), *(f"{count:,}" for count in counts)]
        for name, *counts in rows
    ]
    for line in aligned(table, right={1, 2, 3}):
        yield f"  {line}"
    yield from _more(db, column, len(rows), noun)


def _more(db: duckdb.DuckDBPyConnection, column: str, shown: int, noun: str) -> Iterator[str]:
    """How many groups a table left out."""
    ((groups, nameless),) = _rows(db, f"select count(distinct {column}), bool_or({column} is null) from findings")
    left = groups + bool(nameless) - shown
    if left > 0:
        yield f"  … and {counted(left, f'more {noun}')} (table findings of {DATABASE})"


def _days(db: duckdb.DuckDBPyConnection, style: Style, *, blocks: bool) -> Iterator[str]:
    rows = _rows(
        db,
        """select sent_at[:10], count(*), count(*) filter (severity = 'error')
        from findings group by 1 order by 1 nulls last""",
    )
    undated = sum(count for day, count, _ in rows if day is None)
    days = {day: (count, errors) for day, count, errors in rows if day is not None}
    if days:
        unit, lines = chart(days, blocks=blocks)
        yield _title(f"Findings per {unit} (UTC):", style)
        yield from (f"  {line}" for line in lines)
    if undated:
        yield f"  {counted(undated, 'finding')} about messages or records without a time."


def _unreadable(db: duckdb.DuckDBPyConnection, style: Style) -> Iterator[str]:
    ((number,),) = _rows(db, "select count(*) from unreadable")
    if not number:
        return
    yield _title(f"{counted(number, 'record')} can't be read:", style)
    rows = _rows(
        db,
        f"""select source, byte_offset, record, line, "column", reason from unreadable
        order by file, record, byte_offset limit {_UNREADABLE}""",
    )
    for source, offset, record, line, column, reason in rows:
        place = printable(str(source))
        if line is not None:
            place += f":{line}" + ("" if column is None else f":{column}")
        at = "" if offset is None else f", byte {offset:,}"
        yield f"  {place}: record {record:,}{at}: {printable(str(reason))}"
    if number > len(rows):
        yield f"  … and {counted(number - len(rows), 'more record')} (table unreadable of {DATABASE})"


def _files(db: duckdb.DuckDBPyConnection, style: Style) -> Iterator[str]:
    """Every file's account; of many files only of those with records that can't be read."""
    ((files, broken),) = _rows(db, "select count(*), count(*) filter (unreadable > 0) from files")
    if files < 2:
        return
    columns = ", ".join(_PARTS)
    if files <= _FILES:
        yield _title("What became of each file's records:", style)
        rows = _rows(db, f"select source, {columns} from files order by file")
    else:
        with_them = f"{broken:,} of {counted(files, 'file')} with records that can't be read"
        yield _title(f"{with_them}:" if broken else f"{with_them}.", style)
        rows = _rows(db, f"select source, {columns} from files where unreadable > 0 order by file limit {_FILES}")
    sums = _rows(db, f"select {', '.join(f'sum({part})' for part in _PARTS)} from files")[0]
    yield from (f"  {line}" for line in _accounts(rows, sums))
    if files > len(rows):
        yield f"  … and {counted(files - len(rows), 'more file')}, counted in the sum (table files of {DATABASE})"


def _accounts(rows: Sequence[tuple[Any, ...]], sums: tuple[Any, ...]) -> Iterator[str]:
    table = [["file", *_PARTS]]
    table += [[printable(str(source)), *(f"{int(n):,}" for n in numbers)] for source, *numbers in rows]
    table.append(["all files", *(f"{int(n):,}" for n in sums)])
    return aligned(table, right=set(range(1, len(_PARTS) + 1)))


def _worst(column: str) -> str:
    order = " ".join(f"when '{level}' then {Severity.named(level).value}" for level in _LEVELS)
    return f"arg_max({column}, case {column} {order} end)"


def _title(text: str, style: Style) -> str:
    return styled(text, style, bold=True)


def _rows(db: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return db.execute(query).fetchall()
