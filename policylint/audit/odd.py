"""Odd conversations: which of them have to be judged together, and in how many lots.

A token, a comment, a plugin's name for a person or an echo can tie events together that name no person, or several.
What is tied, however indirectly, goes into one lot, so that the heart sees all there is to see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policylint.audit.traces import Flag

if TYPE_CHECKING:
    import duckdb

_LOT: Final = 20_000  # events


def sort_into_lots(db: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """The table `odd_events`: part, number, place and lot of each event of an odd conversation.

    How many events and how many lots there are comes back. Reads the tables `standings`, `traces` and `names`.
    """
    ((events,),) = db.execute("select count(*) from standings where odd").fetchall()
    lots = -(-events // _LOT)
    if not events:
        return 0, 0
    db.execute(
        f"""create temp table tied as
        with own as (
          select m.part, m.n, m.person, t.own from standings m join traces t using (part, n)
          where m.odd and t.own <> 0 and t.flags & {int(Flag.PAGE)} <> 0),
        shared as (select own from own group by own having count(distinct person) > 1)
        select m.part, m.n, m.person, n.name as tie from names n join standings m using (part, n) where m.odd
        union all
        select part, n, person, -own from own where own in (select own from shared)"""
    )
    ties = _Ties()
    for person, tie in db.execute("select distinct person, tie from tied where person <> 0").fetchall():
        ties.bind(person, tie)
    # An event without a person may be tied by several names.
    rows = db.execute("select list(distinct tie) from tied where person = 0 group by part, n having count(*) > 1")
    for (several,) in rows.fetchall():
        for other in several[1:]:
            ties.bind(several[0], other)
    db.execute("create temp table roots(node bigint, root bigint)")
    if ties.parents:
        import pyarrow as pa

        nodes = list(ties.parents)
        table = pa.table({"node": pa.array(nodes, pa.int64()), "root": pa.array(map(ties.root, nodes), pa.int64())})
        db.register("rows_to_take", table)
        db.execute("insert into roots select * from rows_to_take")
        db.unregister("rows_to_take")
    db.execute(
        f"""create temp table odd_events as
        with named as (select part, n, min(tie) as tie from tied group by part, n),
        noded as (
          select m.part, m.n, t.record, t.nth, t.line, t.start, t.size, case when m.person <> 0 then m.person
            when k.tie is not null then k.tie
            when t.own <> 0 then t.own else hash(m.part, m.n) >> 1 end as node
          from standings m join traces t using (part, n) left join named k using (part, n) where m.odd)
        select part, n, record, nth, line, start, size, abs(coalesce(root, node)) % {lots} as lot
        from noded left join roots using (node)"""
    )
    return events, lots


class _Ties:
    """Which nodes hang together."""

    def __init__(self) -> None:
        self.parents: dict[int, int] = {}

    def root(self, node: int) -> int:
        path = []
        while (parent := self.parents.get(node, node)) != node:
            path.append(node)
            node = parent
        for one in path:
            self.parents[one] = node
        return node

    def bind(self, one: int, other: int) -> None:
        first, second = self.root(one), self.root(other)
        # The least node is the root, whatever the order of binding.
        low, high = min(first, second), max(first, second)
        self.parents[low] = low
        self.parents[high] = low
