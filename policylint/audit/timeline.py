"""The second walk: traces sorted by conversation, in the database, and what is to be judged of them.

For most conversations a few windows over the sorted traces tell all that the heart would know of each message: when
the person last acted, how many messages went before. The rules are then asked only where they may hold. Conversations
that are odd in some way (a message without a time, a token, an ad, a script, an edition that is not certain) are
judged as a whole by the heart itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from policylint.audit.traces import Flag
from policylint.enforcement import Enforcements
from policylint.events import History, Platform
from policylint.lint import Judge

if TYPE_CHECKING:
    import duckdb

# Of a trace, what the database keeps for good.
_OF_EVENTS: Final = "part, n, record, nth, line, start, size, person, page, moment, flags, edition, kind, tag"
_ONE_WROTE: Final = 1 << 32  # two numbers are added up as one: messages of the page below this, of the person above
_FIRST_SECOND: Final = 10**12  # durations.looks_like_seconds
_LAST_SECOND: Final = 10**13


@dataclass(frozen=True, slots=True)
class Reach:
    """What is known of the whole log: the time of its first event, and the platforms that pages are named with."""

    earliest: int | None
    homes: Mapping[str | None, Platform] = field(default_factory=dict)


class Timeline:
    """The traces of all parts, in a database. `parts` is a table: part, place (order), records and lines before."""

    def __init__(
        self, db: duckdb.DuckDBPyConnection, traces: Sequence[str], names: Sequence[str], judge: Judge
    ) -> None:
        self.db, self.judge = db, judge
        self._traces = f"read_parquet({list(traces)!r})"
        if names:
            self._run(f"create temp table names as select * from read_parquet({list(names)!r})")
        else:
            self._run("create temp table names(part integer, n integer, name bigint)")
        self._run("create temp table lengths(edition integer, platform integer, span bigint)")
        for number, edition in enumerate(judge.rulebook.editions.all):
            platform = list(Platform).index(edition.platform) + 1
            length = None if edition.window is None else edition.window + judge.clock_skew
            self._run("insert into lengths values (?, ?, ?)", [number, platform, length])
        self._run(f"create temp view traces as select * from {self._traces}")

    def _run(self, query: str, values: Sequence[Any] = ()) -> duckdb.DuckDBPyConnection:
        return self.db.execute(query, list(values))

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self._run(query, values).fetchall()

    def reach(self) -> Reach:
        """What is known of the whole log."""
        aside = int(Flag.SCRIPT | Flag.COMMENT)
        ((earliest,),) = self.rows(
            f"""select min(moment) from traces where flags & {aside} = 0
            and not moment between {_FIRST_SECOND} and {_LAST_SECOND - 1}"""
        )
        homes = self.rows(
            f"""select page, min(platform) from traces
            where platform <> 0 and page is not null and flags & {int(Flag.SCRIPT)} = 0
            group by page having min(platform) = max(platform)"""
        )
        return Reach(earliest, {page: list(Platform)[number - 1] for page, number in homes})

    def sort_out(self, reach: Reach, enforced: Enforcements) -> None:
        """Tell the odd conversations from the others, and put these in order: the tables `events`, and `standings` and
        `windows` of what pages sent, and of all that is odd or stands there again.
        """
        self._people(reach)
        self._repeated()
        self._messages(reach, enforced)

    def _people(self, reach: Reach) -> None:
        """The table `odd`: people whose conversations are to be judged as a whole."""
        homes = [(page, list(Platform).index(platform) + 1) for page, platform in reach.homes.items()]
        self._run("create temp table homes(page varchar, platform integer)")
        if homes:
            self.db.executemany("insert into homes values (?, ?)", homes)
        page, odd = int(Flag.PAGE), int(Flag.ODD)
        # Platforms are told as bits, by their numbers: more than one where less one takes another away.
        self._run(
            f"""create temp table odd as
            select person from (
              select person, bit_or(flags) as flags, min(hash(page)) as page, max(hash(page)) as last_page,
                bit_or(case when t.platform <> 0 then 1 << t.platform::integer else 0 end) as named,
                bit_or(case when l.platform is null then 0 else 1 << l.platform end) as taken
              from traces t left join lengths l on l.edition = t.edition
              where person <> 0 group by person) c
            left join homes h on hash(h.page) = c.page
            where flags & {odd} <> 0 or c.page <> last_page or named & (named - 1) <> 0 or taken & (taken - 1) <> 0
              or (taken <> 0 and taken <> case when named <> 0 then named else coalesce(1 << h.platform, taken) end)"""
        )
        echo = int(Flag.ECHO)
        ((echoes,),) = self.rows(f"select count(*) from traces where flags & {echo} <> 0")
        if echoes:  # an echo that tells what the entry lacks, or that is of another person
            apps = "true" if self.judge.automation.app_ids else "false"
            self._run(
                f"""insert into odd
                with pair as (
                  select e.person as one, n.person as other from traces e join traces n on n.own = e.own
                  where e.own <> 0 and e.flags & {echo} <> 0 and n.flags & {echo | page} = {page}
                    and (n.person <> e.person or (n.page is null and e.page is not null) or {apps}))
                select one from pair where one <> 0 union select other from pair where other <> 0"""
            )

    def _repeated(self) -> None:
        """The table `repeated`: events of ordinary conversations that another record shows already."""
        page, echo = int(Flag.PAGE), int(Flag.ECHO)
        self._run("create temp table twice as select own from traces where own <> 0 group by own having count(*) > 1")
        ((several,),) = self.rows("select count(*) from twice")
        if not several:
            self._run("create temp table repeated(part integer, n integer)")
            return
        self._run(
            f"""create temp table repeated as
            select part, n from (
              select part, n, row_number() over (
                partition by person, own, flags & {page} order by flags & {echo}, p.place, record, t.nth) as turn
              from traces t join parts p using (part)
              where person <> 0 and own in (select own from twice) and person not in (select person from odd))
            where turn > 1"""
        )

    def _messages(self, reach: Reach, enforced: Enforcements) -> None:
        judge = self.judge
        flag = {one.name: int(one) for one in Flag}
        silent = "null"
        if judge.history is History.COMPLETE:
            silent = "true"
        elif reach.earliest is not None:
            silent = f"moment - {reach.earliest} > span"
        blocked = [(page.page, block.since) for page in enforced.pages for block in page.blocks]
        self._run("create temp table blocks(page varchar, since bigint)")
        if blocked:
            self.db.executemany("insert into blocks values (?, ?)", blocked)
        restricted = "moment >= (select min(since) from blocks b where b.page = s.page)" if blocked else "false"
        # By the time, people before pages, then by place; the fewer keys, the faster.
        ((several,),) = self.rows("select coalesce(max(nth), 0) <> 0 from traces")
        keys = "moment * 2 + (flags & 1), place" + (", nth" if several else "")
        order = f"partition by person order by {keys} rows unbounded preceding"
        self._run(f"create table events as select {_OF_EVENTS} from traces")
        # Of each event only what the windows need is sorted; the rest is joined where it is asked for.
        self._run(
            """create temp view every as
            select t.part, t.n, t.nth, t.person, t.page, t.moment, t.flags, span,
              (p.place::bigint << 32) | t.record as place,
              r.part is not null as again, (t.person = 0 or o.person is not null) as odd
            from traces t join parts p on p.part = t.part left join lengths l on l.edition = t.edition
            left join repeated r on r.part = t.part and r.n = t.n
            left join (select distinct person from odd) o on o.person = t.person"""
        )
        self._run("create temp table opted_out(part integer, n integer)")
        stops = f"select person from traces where flags & {flag['STOPS']} <> 0"
        if self.rows(f"{stops} limit 1"):
            self._run(
                f"""insert into opted_out
                select part, n from (
                  select part, n, flags,
                    last_value(case when flags & 1 = 0 then flags & {flag["STOPS"]} end ignore nulls) over
                      ({order}) as stopped
                  from every where not odd and not again and person in ({stops}))
                where stopped <> 0 and flags & 1 <> 0"""
            )
        self._run("create type window_state as enum ('open', 'closed', 'unknown')")
        self._run(
            f"""create temp table standings as
            with seen as (
              select *,
                max(case when flags & {flag["OPENS"]} <> 0 then moment end) over w as last_open,
                sum(case when flags & {flag["COUNTS"]} <> 0 then 1 else 0 end
                  + case when flags & {flag["WROTE"]} <> 0 then {_ONE_WROTE} else 0 end) over w as numbers
              from every where not odd and not again
              window w as ({order})),
            told as (
              select seen.*, (numbers % {_ONE_WROTE})::integer as sent, numbers >= {_ONE_WROTE} as wrote,
                x.part is not null as opted_out, (case
                when flags & {flag["MESSAGE"]} = 0 then null
                when span is null then 'open'
                when last_open is not null then case when moment - last_open <= span then 'open' else 'closed' end
                when {silent} then 'closed' else 'unknown' end)::window_state as state
              from seen left join opted_out x on x.part = seen.part and x.n = seen.n)
            select part, n, person, flags, false as odd, false as again, last_open,
              sent - (flags & {flag["COUNTS"]} <> 0)::integer as sent, wrote, opted_out, state,
              flags & {flag["ALWAYS"]} <> 0 or (flags & {flag["LATE"]} <> 0 and state <> 'open')
                or (flags & {flag["STRANGE"]} <> 0 and (last_open is null or not wrote or opted_out or {restricted}))
                as asked
            from told s where flags & {flag["PAGE"]} <> 0
            union all
            select part, n, person, flags, odd, again, null, null, null, null, null, false
            from every where odd or again"""
        )
        self._run("create temp table aside as select part, n from standings where odd or again")
        self._run("create table windows as select part, n, state, last_open, again, odd from standings")

    def candidates(self) -> None:
        """The table `candidates`: messages of ordinary conversations that a rule about the conversation may find.

        `extras` is how many messages outside the window, without a tag, went before since the person last acted.
        """
        counts, needs = int(Flag.COUNTS), int(Flag.NEEDS_WINDOW)
        spends = f"(s.flags & {counts} <> 0 and s.flags & {needs} <> 0 and s.state = 'closed')"
        self._run(
            f"""create temp table candidates as
            with near as (
              select s.*, {spends} as spends, e.record, e.nth, e.line, e.start, e.size, e.page, e.moment, p.place
              from standings s join parts p using (part) join events e using (part, n) where asked or {spends})
            select * exclude (spends, moment, place) from (
              select *, coalesce(sum(spends::integer) over (
                  partition by person, last_open order by moment, place, record, nth
                  rows between unbounded preceding and 1 preceding), 0)::integer as extras
              from near)
            where asked"""
        )
