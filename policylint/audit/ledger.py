"""The ledger: what an audit leaves in its database, and the files that are written from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from policylint.answers import Answers, ours
from policylint.audit.notes import COLUMNS, LISTED, SAYING, TURN
from policylint.audit.traces import SEVERAL, Flag
from policylint.events import Answer, Where
from policylint.findings import Finding, Severity
from policylint.lint import ECHO, NO_TEXT, REFUSED, UNKNOWN_WINDOW
from policylint.outcome import Counts
from policylint.reporters.jsontext import json_text

if TYPE_CHECKING:
    import duckdb

BASELINED: Final = 3
LEVELS: Final = "case severity when 3 then 'error' when 2 then 'warning' else 'note' end"


@dataclass(frozen=True, slots=True)
class FileRow:
    """An input and its numbers, as the database tells them."""

    number: int
    source: str
    path: str
    size: int
    identity: str
    layout: str
    packing: str | None
    records: int
    judged: int
    inbound: int
    other: int
    unreadable: int


class Ledger:
    """The database in the making. `notes` are Parquet files of findings: of parts, and of hearings."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self.db = db

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.db.execute(query, list(values)).fetchall()

    def take_files(self, files: Sequence[FileRow], parts: Iterable[tuple[int, int, int, int, int]]) -> None:
        """Note the inputs, and for each part: number, input, place in the order of all parts, records, lines before."""
        self.db.execute(
            """create table files(file integer, source varchar, path varchar, bytes bigint, identity varchar,
            layout varchar, packing varchar, records bigint, judged bigint, inbound bigint, other bigint,
            unreadable bigint)"""
        )
        self.db.execute("create temp table shown(file integer, text varchar)")
        self.db.execute("create table parts(part integer, file integer, place integer, records bigint, lines bigint)")
        for file in files:
            self.db.execute(
                "insert into files values (?,?,?,?,?,?,?,?,?,?,?,?)",
                [
                    file.number,
                    _plain(file.source),
                    _plain(file.path),
                    file.size,
                    file.identity,
                    file.layout,
                    file.packing,
                    file.records,
                    file.judged,
                    file.inbound,
                    file.other,
                    file.unreadable,
                ],
            )
            self.db.execute("insert into shown values (?, ?)", [file.number, json_text(file.source)])
        rows = [list(part) for part in parts]
        if rows:
            import pyarrow as pa

            names = ("part", "file", "place", "records", "lines")
            table = pa.table(
                {name: pa.array(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}
            )
            self.db.register("parts_rows", table)
            self.db.execute("insert into parts select part, file, place, records, lines from parts_rows")
            self.db.unregister("parts_rows")

    def take_unreadable(self, rows: Iterable[Sequence[Any]]) -> None:
        """Note the records that make no sense: file, source, record, line, column, byte offset, bytes, reason."""
        self.db.execute(
            """create table unreadable(file integer, source varchar, record bigint, line bigint, "column" integer,
            byte_offset bigint, bytes integer, reason varchar)"""
        )
        values = [list(row) for row in rows]
        if values:
            self.db.executemany("insert into unreadable values (?,?,?,?,?,?,?,?)", values)

    def take_notes(
        self, static: Sequence[str], heard: Sequence[str], earlier: Sequence[tuple[int, Sequence[str]]] = ()
    ) -> None:
        """Bring all findings together, in the order of reports: the table `notes`.

        What was said of a message alone is left out where another record shows the message already, and where its
        conversation was judged as a whole.
        """
        kinds = {"string": "varchar", "int8": "tinyint", "int32": "integer", "int64": "bigint"}
        names = [f'"{name}"' for name in (*COLUMNS, TURN)]
        columns = ", ".join(f'"{name}" {kinds[kind]}' for name, kind in COLUMNS.items())
        self._take_sayings([*static, *heard, *(file for _, files in earlier for file in files)])
        self.db.execute(f"create table unsorted({columns}, turn integer, file integer)")
        moved = {'"record"': "s.record + p.records", '"line"': "s.line + p.lines + 1"}
        placed = ", ".join(moved.get(name, f"s.{name}") for name in names)
        heard_columns = ", ".join(f"h.{name}" for name in names)
        if static:
            self.db.execute(
                f"""insert into unsorted
                select {placed}, p.file from read_parquet({list(static)!r}) s join parts p using (part)
                where not exists (select 1 from aside a where a.part = s.part and a.n = s.n)"""
            )
        if heard:
            self.db.execute(
                f"""insert into unsorted
                select {heard_columns}, p.file from read_parquet({list(heard)!r}) h join parts p using (part)"""
            )
        for run, files in earlier:  # what the table `precedents` says still holds
            if files:
                self.db.execute(
                    f"""insert into unsorted
                    select {heard_columns}, p.file from read_parquet({list(files)!r}) h join parts p using (part)
                    join precedents c on c.part = h.part and c.n = h.n and c.run = {run}"""
                )
        # Only what they are sorted by is sorted: the evidence of millions of findings would take much memory.
        self.db.execute(
            """create temp table numbers as
            select u.rowid as row, row_number() over (
              order by f.source, u.record, y.pointer, y.rule, coalesce(u.line, 0), coalesce(u."column", 0),
                u.fingerprint, coalesce(u.nth, -1), u.n, u.turn) as number
            from unsorted u join files f using (file) join sayings y using (saying)"""
        )
        self.db.execute(
            f"""create temp table notes as
            select r.number, u.*, e.page, e.tag, e.start, e.flags, e.nth % {SEVERAL} as event_nth,
              e.line + p.lines + 1 as event_line
            from unsorted u join numbers r on r.row = u.rowid join parts p on p.part = u.part
            left join events e on e.part = u.part and e.n = u.n order by r.number"""
        )
        self.db.execute("drop table unsorted")
        self.db.execute("drop table numbers")

    def _take_sayings(self, files: Sequence[str]) -> None:
        """The table `sayings`: what findings say, by number."""
        columns = ", ".join(f"{name} {'tinyint' if kind == 'int8' else 'varchar'}" for name, kind in SAYING.items())
        self.db.execute(f"create table sayings(saying bigint, {columns})")
        if files:
            self.db.execute(
                f"""insert into sayings
                select distinct on (saying) saying, {", ".join(SAYING)} from read_parquet({list(files)!r})"""
            )

    def kept(self) -> list[tuple[int, Finding]]:
        """The findings that a baseline may hold, by number, in order. All of them are in memory then."""
        rows = self.rows(
            f"""select number, {LEVELS}, rule, source, record, pointer, fingerprint, message, remedy
            from notes join sayings using (saying) join files using (file) where status = {LISTED} order by number"""
        )
        return [
            (
                number,
                Finding(
                    where=Where(source, record, pointer),
                    rule=rule,
                    severity=Severity.named(severity),
                    message=message,
                    remedy=remedy,
                    fingerprint=fingerprint,
                ),
            )
            for number, severity, rule, source, record, pointer, fingerprint, message, remedy in rows
        ]

    def set_aside(self, numbers: Sequence[int]) -> None:
        """Set findings aside that the baseline holds, by number."""
        self._fill("baselined", ("number",), [(number,) for number in numbers])
        self.db.execute(f"update notes set status = {BASELINED} where number in (select number from baselined)")

    def keep_words(self, words: Sequence[str]) -> None:
        """Keep what was written, from the Parquet files of parts; only where the user asked for it."""
        self.db.execute("create table words(part integer, n integer, words varchar)")
        if words:
            self.db.execute(f"insert into words select part, n, words from read_parquet({list(words)!r})")

    def show_messages(self, editions: Sequence[str]) -> None:
        """The view `messages`, for people: the events with their places, and numbers as words."""
        flag = {one.name: int(one) for one in Flag}
        self.db.execute("create table editions(edition integer, id varchar)")
        self.db.executemany("insert into editions values (?, ?)", [list(row) for row in enumerate(editions)])
        page = flag["PAGE"]
        self.db.execute(
            f"""create view messages as
            select p.file, e.record + p.records + 1 as record, e.nth % {SEVERAL} as nth, e.line + p.lines + 1 as line,
              e.start as byte_offset, e.size as bytes, e.part, e.n, e.person as conversation, e.page,
              make_timestamp(e.moment) as sent_at,
              case when e.flags & {page} <> 0 then 'sent' else 'received' end as direction, e.kind, e.tag,
              d.id as edition, v.state as "window", make_timestamp(v.last_open) as last_action,
              e.flags & {flag["REFUSED"]} <> 0 as refused, e.flags & {flag["ECHO"]} <> 0 as echo,
              e.flags & {flag["STOPS"]} <> 0 as stops, coalesce(v.again, false) as repeated,
              coalesce(v.odd, false) as whole, w.words
            from events e left join windows v using (part, n) join parts p using (part)
            left join editions d on d.edition = e.edition
            left join words w on w.part = e.part and w.n = e.n"""
        )

    def note_run(self, rows: Sequence[Sequence[Any]], summary: Mapping[str, str]) -> None:
        """Note the runs so far, and what reports say of the last one."""
        self.db.execute(
            """create table runs(run integer, started timestamp, finished timestamp, version varchar, edition varchar,
            files integer, records bigint, findings bigint, digest varchar)"""
        )
        self.db.executemany("insert into runs values (?,?,?,?,?,?,?,?,?)", [list(row) for row in rows])
        self.db.execute("create table summary(name varchar, value varchar)")
        self.db.executemany("insert into summary values (?, ?)", [list(item) for item in summary.items()])

    def close(self) -> None:
        """Write everything to the disk and let go of it."""
        self.db.execute("checkpoint")
        self.db.close()

    def name_conversations(self) -> None:
        """The table `findings`: what is listed, with names for the conversations and as the lines of a report."""
        self.db.execute(
            f"""create temp table own as
            select number, talk, row_number() over (order by number) as finding from notes where status = {LISTED}"""
        )
        self.db.execute(
            """create temp table called as
            select talk, 'c' || row_number() over (order by begins) as name
            from (select talk, min(finding) as begins from own where talk <> 0 group by talk)"""
        )
        self.db.execute(
            """create table listed as
            select o.finding, n.* exclude (number, label, status, turn, nth, flags, event_nth, event_line),
              coalesce(n.label, c.name) as conversation
            from notes n join own o using (number) left join called c on c.talk = n.talk order by o.finding"""
        )
        self.db.execute(
            f"""create view findings as
            select finding, rule, {LEVELS} as severity, message, remedy, title as policy_title, url as policy_url,
              edition, source, record, line, "column", pointer, sent_at, conversation, talk, page, tag, evidence,
              fingerprint, who ->> '$' as person, file, start as byte_offset, part, n
            from listed join sayings using (saying) join files using (file)"""
        )
        self.db.execute("drop table own")

    def take_answers(self, reviewed: Answers) -> Answers:
        """How the platform's answers meet our verdicts, all messages together; its accepted breaches stay in the
        database. `reviewed` are those that a hearing has counted.
        """
        flag = {one.name: int(one) for one in Flag}
        self.db.execute(
            """create temp table found_worst as
            select part, n, max(grade) as worst from notes join sayings using (saying)
            where n >= 0 group by part, n"""
        )
        counts = self.rows(
            f"""select flags & {flag["ANSWERED"]} <> 0, coalesce(h.worst, 0),
              state = 'unknown' and flags & {flag["NEEDS_WINDOW"]} <> 0, count(*)
            from standings m left join found_worst h using (part, n)
            where flags & {flag["MESSAGE"]} <> 0 and flags & {flag["REFUSED"]} = 0 and not odd and not again
            group by all"""
        )
        answers = Answers()
        for answered, grade, undecided, messages in counts:
            key = (
                Answer(refused=False) if answered else None,
                ours(Severity(grade) if grade else None, undecided=undecided),
            )
            answers.met[key] += messages
        answers.met.update(reviewed.met)
        answers.passed.update(reviewed.passed)
        answers.lines.update(reviewed.lines)
        self.db.execute(
            f"""create table accepted_breaches as
            select s.source, f.record, f.nth, '' as base, f.line, f.rules from (
              select part, n, any_value(file) as file, min(record) as record, any_value(event_nth) as nth,
                any_value(event_line) as line, list_sort(list_distinct(list(rule))) as rules
              from notes join sayings using (saying)
              where n >= 0 and grade = 3 and flags & {flag["ANSWERED"]} <> 0 and flags & {flag["MESSAGE"]} <> 0
                and not exists (select 1 from aside a where a.part = notes.part and a.n = notes.n)
              group by part, n) f
            join files s on s.file = f.file"""
        )
        odd = [
            (origin.source, origin.record, origin.nth, origin.base, reviewed.lines.get(origin), list(rules))
            for (origin, rules), number in reviewed.breached.items()
            for _ in range(number)
        ]
        if odd:
            self.db.executemany("insert into accepted_breaches values (?, ?, ?, ?, ?, ?)", odd)
        return answers

    def _fill(self, name: str, columns: Sequence[str], rows: Sequence[Sequence[int]]) -> None:
        import pyarrow as pa

        self.db.execute(f"create temp table {name}({', '.join(f'{column} bigint' for column in columns)})")
        if rows:
            table = pa.table(dict(zip(columns, map(pa.array, zip(*rows, strict=True)), strict=True)))
            self.db.register("rows_to_take", table)
            self.db.execute(f"insert into {name} select * from rows_to_take")
            self.db.unregister("rows_to_take")

    def levels(self) -> tuple[Counter[Severity], Counter[str], Counter[int]]:
        """How many findings are listed of each severity and of each rule, and how many there are of each status."""
        rows = self.rows("select status, severity, rule, count(*) from notes join sayings using (saying) group by all")
        levels: Counter[Severity] = Counter()
        rules: Counter[str] = Counter()
        statuses: Counter[int] = Counter()
        for status, severity, rule, number in rows:
            statuses[status] += number
            if status == LISTED:
                levels[Severity(severity)] += number
                rules[rule] += number
        return levels, rules, statuses

    def count_ordinary(self, counts: Counts) -> None:
        """Count in the messages of ordinary conversations."""
        flag = {one.name: int(one) for one in Flag}
        message = f"flags & {flag['MESSAGE']} <> 0"
        ((requests, messages, echoes, refused, unknown, silent, outside, again),) = self.rows(
            f"""select
              count(*) filter (flags & {flag["PAGE"]} <> 0 and not again),
              count(*) filter ({message} and not again),
              count(*) filter (flags & {flag["ECHO"]} <> 0 and not again),
              count(*) filter ({message} and flags & {flag["REFUSED"]} <> 0 and not again),
              count(*) filter ({message} and flags & {flag["REFUSED"]} = 0 and state = 'unknown' and not again),
              count(*) filter ({message} and flags & {flag["NO_TEXT"]} <> 0 and not again),
              count(*) filter ({message} and flags & {flag["OUTSIDE"]} <> 0 and not again),
              count(*) filter (again)
            from standings where not odd"""
        )
        counts.requests += requests
        counts.messages += messages
        counts.repeated += again
        counts.outside_edition += outside
        counts.gaps["structure"].update(_some(ECHO, echoes))
        counts.gaps["window"].update(_some(REFUSED, refused))
        counts.gaps["window"].update(_some(UNKNOWN_WINDOW, unknown))
        counts.gaps["wording"].update(_some(NO_TEXT, silent))


def _some(reason: str, number: int) -> dict[str, int]:
    return {reason: number} if number else {}


def _plain(text: str) -> str:
    return text.encode(errors="replace").decode()
