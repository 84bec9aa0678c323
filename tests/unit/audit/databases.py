"""Databases as an audit leaves them, filled by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import orjson

TABLES = """
create table runs(run integer, started timestamp, finished timestamp, version varchar, edition varchar, files integer,
    records bigint, findings bigint, digest varchar);
create table files(file integer, source varchar, path varchar, bytes bigint, identity varchar, layout varchar,
    packing varchar, records bigint, judged bigint, inbound bigint, other bigint, unreadable bigint);
create table unreadable(file integer, source varchar, record bigint, line bigint, "column" integer,
    byte_offset bigint, bytes integer, reason varchar);
create table messages(file integer, record bigint, nth bigint, line bigint, byte_offset bigint, bytes integer,
    part integer, n integer, conversation bigint, page varchar, sent_at timestamp, direction varchar, kind varchar,
    tag varchar, edition varchar, "window" varchar, last_action timestamp, refused boolean, echo boolean,
    stops boolean, repeated boolean, whole boolean, words varchar);
create table findings(finding bigint, rule varchar, severity varchar, message varchar, remedy varchar,
    policy_title varchar, policy_url varchar, edition varchar, source varchar, record bigint, line bigint,
    "column" integer, pointer varchar, sent_at varchar, conversation varchar, talk bigint, page varchar, tag varchar,
    evidence varchar, fingerprint varchar, person varchar, file integer, byte_offset bigint, part integer, n integer);
create table summary(name varchar, value varchar);
"""


class Database:
    """A database that grows row by row; what a row does not name has a plain value."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = duckdb.connect(str(path))
        self._db.execute(TABLES)
        self.records = 0
        self.findings = 0

    def close(self) -> None:
        """Ready to be read."""
        self._db.close()

    def opened(self) -> duckdb.DuckDBPyConnection:
        """A connection for reading, once all is written."""
        self.close()
        return duckdb.connect(str(self.path), read_only=True)

    def run(self, query: str) -> None:
        """Change it in another way."""
        self._db.execute(query)

    def row(self, table: str, **values: Any) -> None:
        """Add a row."""
        names = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join("?" * len(values))
        self._db.execute(f"insert into {table} ({names}) values ({marks})", list(values.values()))

    def file(self, source: str, judged: int = 0, inbound: int = 0, other: int = 0, unreadable: int = 0) -> None:
        """Add a file whose account adds up."""
        ((number,),) = self._db.execute("select count(*) from files").fetchall()
        records = judged + inbound + other + unreadable
        self.row(
            "files",
            file=number,
            source=source,
            records=records,
            judged=judged,
            inbound=inbound,
            other=other,
            unreadable=unreadable,
        )

    def summary(self, **values: Any) -> None:
        """Set the summary object, and a digest."""
        self.row("summary", name="summary", value=orjson.dumps(values).decode())
        self.row("summary", name="digest", value="0f" * 32)

    def event(self, at: str | None, kind: str = "text", **values: Any) -> tuple[int, int]:
        """Add an event of conversation 1; its key comes back. One of the person when it has `direction="received"`."""
        key = (0, self.records)
        self.records += 1
        received = values.get("direction") == "received"
        plain: dict[str, Any] = {
            "file": 0,
            "record": self.records,
            "nth": 0,
            "line": self.records,
            "byte_offset": self.records * 100,
            "conversation": 1,
            "page": "7001",
            "direction": "sent",
            "edition": None if received else "2017-04",
            "window": None if received else "open",
            "refused": False,
            "echo": False,
            "stops": False,
            "repeated": False,
            "whole": False,
        }
        self.row("messages", **plain | {"part": 0, "n": key[1], "sent_at": at, "kind": kind} | values)
        return key

    def person(self, at: str | None, kind: str = "message", **values: Any) -> tuple[int, int]:
        """Add something that the person did."""
        return self.event(at, kind, direction="received", **values)

    def finding(self, key: tuple[int, int] | None, rule: str = "promotion-under-tag", **values: Any) -> None:
        """Add a finding about the event, or with None about a record as a whole."""
        self.findings += 1
        part, n = key if key is not None else (None, -1)
        plain: dict[str, Any] = {
            "finding": self.findings,
            "rule": rule,
            "severity": "error",
            "message": "it announces a discount",
            "remedy": "Take it out.",
            "policy_title": "Platform policy, Message Tags",
            "policy_url": "https://developers.facebook.com/docs/messenger-platform/policy",
            "edition": "2017-04",
            "source": "logs/a.ndjson",
            "record": 1 if n < 0 else n + 1,
            "line": 1 if n < 0 else n + 1,
            "column": 16,
            "pointer": "/message/text",
            "sent_at": "2017-05-02T10:00:00Z",
            "conversation": "c1",
            "talk": 1,
            "page": "7001",
            "evidence": "[]",
            "fingerprint": f"{self.findings:020x}",
            "file": 0,
            "byte_offset": 4096,
            "part": part,
            "n": n,
        }
        self.row("findings", **plain | values)
