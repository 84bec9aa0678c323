"""What an audit writes from its database: the findings and the report."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from policylint.audit.ledger import LEVELS
from policylint.audit.stored import BY_PLACE
from policylint.reporters.jsontext import json_text

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_CHUNK: Final = 12_000  # findings that are in memory together
_NO_DIGEST: Final = "0" * 64


class Exports:
    """Writes from a database that has its findings named."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self.db = db

    def write(self, folder: Path, heading: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
        """Write the findings as Parquet and NDJSON, and the JSON report; the SHA-256 of the NDJSON, as hex, comes back.

        `summary` is that of the report without the accepted breaches and the digest.
        """
        import pyarrow.parquet as pq

        digest, writer, written = sha256(), None, None
        self.db.execute("set preserve_insertion_order = true")  # of results, too: else Arrow tables come in any order
        self.db.execute(f"create temp table spelt as select saying, {_HEAD} as head, {_TAIL} as tail from sayings")
        sayings = self._sayings()
        with (folder / "findings.ndjson").open("wb") as out, (folder / "report.json").open("wb") as report:
            place = self._begin(report, heading, summary)
            with ThreadPoolExecutor(1) as beside:
                for table in self._in_order():
                    for chunk in table.column("json").chunks:
                        lines = bytes(_text_of(chunk))
                        if written is not None:
                            written.result()
                        if lines:
                            written = beside.submit(_append, report, lines, written is not None)
                            out.write(lines)
                            digest.update(lines)
                    shown = _shown(table, sayings)
                    writer = writer or pq.ParquetWriter(
                        folder / "findings.parquet", shown.schema, compression="zstd", store_schema=False
                    )
                    writer.write_table(shown)
                if written is not None:
                    written.result()
            report.write(b"\n]}\n")
            report.seek(place)
            report.write(digest.hexdigest().encode())
        assert writer is not None
        writer.close()
        return digest.hexdigest()

    def _begin(self, out: BinaryIO, heading: Mapping[str, Any], summary: Mapping[str, Any]) -> int:
        """Write the report up to its findings; the byte comes back at which the digest is to stand."""
        head = json_text({**heading, "summary": {**summary, "digest": _NO_DIGEST}})
        before, marker, after = head.partition('"accepted_but_breached":[')
        out.write(before.encode())
        if marker:
            out.write(marker.encode())
            for n, breaches in enumerate(self._breaches()):
                out.write((("," if n else "") + "\n" + breaches).encode())
            out.write(after.encode())
        end = (after if marker else before).rpartition(_NO_DIGEST)[2].encode()
        place = out.tell() - len(end) - len(_NO_DIGEST)
        out.seek(-1, 2)
        out.write(b',\n"findings":[')
        return place

    def _in_order(self) -> Iterator[pa.Table]:
        """The findings in order, some at a time and at least once: sorting them whole would take them all to memory.

        While some are written the next are asked for: nothing else may use the database until the end.
        """
        ((total,),) = self.db.execute("select count(*) from listed").fetchall()
        with ThreadPoolExecutor(1) as beside:
            waiting: deque[Future[pa.Table]] = deque()
            for first in range(1, max(total, 1) + 1, _CHUNK):
                waiting.append(beside.submit(self._some, first))
                if len(waiting) > 1:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def _some(self, first: int) -> pa.Table:
        query = f"""select finding, saying, source, record, line, "column", sent_at, conversation, page, tag, evidence,
          fingerprint, who ->> '$' as person, l.file, start as byte_offset, concat({_FINDING}) as json
        from listed l join spelt using (saying) join files f on f.file = l.file
        join shown s on s.file = l.file where finding between ? and ? order by finding"""
        return self.db.sql(query, params=[first, first + _CHUNK - 1]).to_arrow_table()

    def _sayings(self) -> pa.Table:
        """What findings say, as they show it."""
        return self.db.sql(
            f"""select saying, rule, {LEVELS} as severity, message, remedy, title as policy_title, url as policy_url,
            edition, pointer from sayings"""
        ).to_arrow_table()

    def _breaches(self) -> Iterator[str]:
        """The accepted breaches as reporters.json has them, by place, some at a time."""
        rows = self.db.execute(
            f"""select '{{"source":' || s.text || ',"record":' || b.record || ',"line":' ||
              coalesce(b.line::varchar, 'null') || ',"rules":' || to_json(b.rules)::varchar || '}}'
            from accepted_breaches b join files f using (source) join shown s on s.file = f.file {BY_PLACE}"""
        )
        while chunk := rows.fetchmany(_CHUNK):
            yield ",\n".join([row[0] for row in chunk])


_SHOWN: Final = (
    *("finding", "rule", "severity", "message", "remedy", "policy_title", "policy_url", "edition", "source", "record"),
    *("line", "column", "pointer", "sent_at", "conversation", "page", "tag", "evidence", "fingerprint", "person"),
    *("file", "byte_offset"),
)


def _shown(findings: pa.Table, sayings: pa.Table) -> pa.Table:
    """Findings with what they say, each of these texts once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    which = pc.index_in(findings.column("saying").combine_chunks(), sayings.column("saying").combine_chunks())
    columns = {}
    for name in _SHOWN:
        if name in sayings.column_names:
            values = sayings.column(name).combine_chunks()
            # Parquet has no nothing in a dictionary.
            columns[name] = values.take(which) if values.null_count else pa.DictionaryArray.from_arrays(which, values)
        else:
            columns[name] = findings.column(name)
    return pa.table(columns)


def _append(report: BinaryIO, lines: bytes, more: bool) -> None:
    """Write findings, a line each, to the report; `more` where some were written before."""
    report.write(b",\n" if more else b"\n")
    report.write(lines[:-1].replace(b"\n", b",\n"))


def _json(name: str) -> str:
    return f"coalesce(to_json({name})::varchar, 'null')"


# A finding as reporters.json.finding_object has it, in the same spelling: what its saying tells, and the rest.
_HEAD: Final = " || ".join(
    [
        "'{\"rule\":'",
        _json("rule"),
        '\',"severity":"\' || ' + LEVELS + ' || \'","message":\'',
        _json("message"),
        "',\"remedy\":'",
        _json("remedy"),
        '\',"policy":{"title":\'',
        _json("title"),
        "',\"url\":'",
        _json("url"),
        "'},\"edition\":'",
        _json("edition"),
        '\',"where":{"source":\'',
    ]
)
_TAIL: Final = f"""',"pointer":' || {_json("pointer")} || '}},"at":'"""
_FINDING: Final = ", ".join(
    [
        "head, s.text, ',\"record\":', record, ',\"line\":', coalesce(line::varchar, 'null')",
        "',\"column\":', coalesce(\"column\"::varchar, 'null'), tail, coalesce('\"' || sent_at || '\"', 'null')",
        "',\"conversation\":', " + _json("conversation"),
        "',\"evidence\":', evidence, ',\"fingerprint\":\"', fingerprint, '\"', coalesce(',\"person\":' || who, '')",
        "'}', chr(10)",
    ]
)


def _text_of(strings: pa.Array) -> memoryview:
    """Strings one after the other, as Arrow holds them."""
    import pyarrow as pa

    whole = strings.cast(pa.large_string())
    _, bounds, data = whole.buffers()
    if data is None or not len(whole):
        return memoryview(b"")
    ends = memoryview(bounds).cast("q")
    return memoryview(data)[ends[whole.offset] : ends[whole.offset + len(whole)]]
