"""What an audit leaves in its folder fits the log it was made of, and each file fits the others."""

from __future__ import annotations

import json
import random
from collections import Counter
from contextlib import chdir
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("duckdb", reason="an audit's store needs duckdb: pip install 'policylint[audit]'")

import duckdb
import pyarrow.parquet as pq

from policylint.audit import scan
from policylint.cli import main
from tests.audit_runs import audit
from tests.property.test_audit_same import spans_of
from tests.scenarios.conftest import DAY, HOUR, LINK, RECEIPT, T0, Json, echo, generic, hook, template, wrote

SHIPPING, ISSUE = "SHIPPING_UPDATE", "ISSUE_RESOLUTION"
SHOWN = {None: None, SHIPPING: SHIPPING, ISSUE: ISSUE, "shipping_update": SHIPPING, "MY_OWN": "other"}
PAGES = ("7001", "7002", "seite ü")
PAGES_SHOWN = ("7001", "7002")  # the others could be anything
BROKEN = '{"timestamp": 149363'
EXPECTED = {
    "unreadable-record",
    "repeated-key",
    "untagged-outside-window",
    "extra-message-spent",
    "no-action-on-record",
    "message-after-opt-out",
    "echo-outside-window",
    "misspelt-tag",
    "unknown-tag",
    "wrong-content-for-tag",
    "off-topic-for-tag",
    "promotion-under-tag",
    "feedback-request-under-tag",
    "too-long",
    "too-many",
    "unknown-field",
    "unknown-value",
    "malformed-value",
    "missing-field",
}


def send(person: object, at: int, message: str | Json, page: str, tag: str | None = None, **more: Any) -> Json:
    request: Json = {"recipient": {"id": person}, "message": {"text": message} if isinstance(message, str) else message}
    if tag is not None:
        request["tag"] = tag
    response = {"recipient_id": str(person), "message_id": f"m_{person}_{at}"}
    return {"timestamp": T0 + at, "page_id": page, "request": request, "response": response} | more


def something(luck: random.Random, person: str, at: int) -> Json:
    """What a page sends, right or wrong."""
    order, page = luck.randrange(10_000, 100_000), luck.choice(PAGES)
    card = generic(f"Order {order}", buttons=[{**LINK, "url": f"https://example.com/{order}"}])
    texts = (
        f"Your order {order} has shipped.",
        f"Flash sale, everything must go! Use code {order}.",
        "How did we do? Please rate us from 1 to 5 stars.",
        f"Your flight {order} is delayed.",
        "x" * 2_001,
        "",
    )
    messages: tuple[str | Json, ...] = (
        *texts,
        *texts[:2] * 2,
        card,
        card,
        RECEIPT,
        generic(f"Order {order}", buttons=[LINK] * 4),
        generic(f"Order {order}", surplus=order),
        generic(f"Order {order}", buttons=[{**LINK, "webview_height_ratio": "huge"}]),
        template("button", text="Choose"),
    )
    return send(person, at, luck.choice(messages), page, luck.choice((None, None, *SHOWN)))


def log(seed: int) -> list[tuple[str, int]]:
    """Lines, and how many events each tells of."""
    luck = random.Random(seed)
    out: list[tuple[int, Json, int]] = []
    for number in range(40):
        person, at = f"{5_000_000 + number}", luck.randrange(8) * HOUR
        if luck.random() < 0.8:
            out.append((at, wrote(at, luck.choice(("hello", "STOP", "where is 48213?")), by=person), 1))
        for _ in range(6):
            at += luck.randrange(1, 30) * HOUR
            sent = something(luck, person, at)
            out.append((at, sent, 1))
            if luck.random() < 0.1:  # the same message on record once more
                out.append((at, echo(at, to=person, mid=f"m_{person}_{at}"), 1))
            if luck.random() < 0.1:
                out.append((at + 1, sent, 1))
        if luck.random() < 0.2:
            out.append((at, echo(at + 3 * DAY, to=person), 1))
    late = 9 * DAY
    for recipient in (200100, {"phone_number": "+15550100"}, {"user_ref": "ref 1"}, {"comment_id": "7_1"}):  # odd ones
        for _ in range(3):
            late += 5 * HOUR
            one = something(luck, "7", late)
            one["request"]["recipient"] = recipient if isinstance(recipient, dict) else {"id": recipient}
            out.append((late, one, 1))
    two = hook(late, by="5000001", message={"mid": "a", "text": "one"})
    two["entry"][0]["messaging"] *= 2
    two["entry"][0]["messaging"][1] = {**two["entry"][0]["messaging"][0], "message": {"mid": "b", "text": "two"}}
    out.append((late, two, 2))
    out.append((late, {"something": "else"}, 0))
    lines = [(json.dumps(told, ensure_ascii=luck.random() < 0.5), events) for _, told, events in sorted(out, key=_when)]
    twice = json.dumps(something(luck, "5000002", late)).replace('"recipient": {', '"recipient": {"id": "1", ', 1)
    twice = twice.replace('"page_id": ', '"page_id": "1", "page_id": ')
    return [*lines[:50], (BROKEN, 0), ("", 0), *lines[50:200], (twice, 1), *lines[200:]]


def _when(told: tuple[int, Json, int]) -> int:
    return told[0]


@pytest.fixture(scope="module", params=[1_500, 1 << 25], ids=["many parts", "one part a file"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the logs a.ndjson and b.ndjson, their audit `out`, and what `check` says of them."""
    folder = tmp_path_factory.mktemp("audited")
    with chdir(folder), pytest.MonkeyPatch.context() as patch, spans_of(request.param):
        patch.delenv("POLICYLINT_PSEUDONYM_KEY", raising=False)
        patch.setattr(scan, "_FIRST", 4_000)  # what is learned from the first lines is of use in the others
        for name, seed in (("a.ndjson", 1), ("b.ndjson", 2)):
            Path(name).write_text("".join(f"{line}\n" for line, _ in log(seed)), encoding="utf-8")
        assert audit(["a.ndjson", "b.ndjson"], "out").status == 1
        assert main(["check", "--format", "json", "--output", "check.json", "a.ndjson", "b.ndjson"]) == 1
    return folder


@pytest.fixture(autouse=True)
def here(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(made)


def rows(query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect("out/audit.duckdb", read_only=True) as db:
        return db.execute(query).fetchall()


def record_at(source: str, offset: int) -> Json:
    """The record that begins at a byte of a log."""
    with Path(source).open("rb") as file:
        file.seek(offset)
        told: Json = json.loads(file.readline())
        return told


def test_findings_stand_where_the_messages_of_the_log_stand() -> None:
    found = rows(
        """select f.source, f.record, f.byte_offset, f.page, f.tag, f.line, f.sent_at, m.record, m.byte_offset, m.page,
        m.tag, m.line, strftime(m.sent_at, '%Y-%m-%dT%H:%M:%S'), m.file = f.file
        from findings f left join messages m using (part, n) where f.n >= 0"""
    )
    assert len(found) > 300
    for source, record, offset, page, tag, line, at, *message, same_file in found:
        assert same_file
        assert message == [record, offset, page, tag, line, at.rstrip("Z")[:19]]
        told = record_at(source, offset)
        assert offset == sum(len(text) + 1 for text in Path(source).read_bytes().split(b"\n")[: line - 1])
        if "request" in told:
            named = told["page_id"]
            assert page == named if named in PAGES_SHOWN else "a text of" in page
            assert tag == SHOWN[told["request"].get("tag")]
            assert T0 < told["timestamp"] < T0 + 30 * DAY
        else:
            assert (page, tag) == (told["entry"][0]["id"], None)


def test_findings_without_an_event_are_of_records_as_a_whole() -> None:
    found = rows("select rule, source, line, byte_offset, page, tag, talk, conversation from findings where n < 0")
    assert Counter(row[0] for row in found) == {"unreadable-record": 2, "repeated-key": 2}
    for rule, source, line, *rest in found:
        text = Path(source).read_text(encoding="utf-8").split("\n")[line - 1]
        assert text == BROKEN if rule == "unreadable-record" else '"page_id": "1", "page_id": ' in text
        assert rest == [None, None, None, 0, None]


def test_all_kinds_of_findings_are_there() -> None:
    told = {rule for (rule,) in rows("select distinct rule from findings")}
    assert told >= EXPECTED


def test_each_event_has_one_row_among_the_messages() -> None:
    seen = rows("select source, record, nth from messages join files using (file)")
    wanted = []
    for name, seed in (("a.ndjson", 1), ("b.ndjson", 2)):
        records = [events for line, events in log(seed) if line]
        wanted += [(name, record, nth) for record, events in enumerate(records, 1) for nth in range(events)]
    assert sorted(seen) == sorted(wanted)


def test_the_report_is_that_of_check_with_the_digest_of_the_findings() -> None:
    report = json.loads(Path("out/report.json").read_bytes())
    found = Path("out/findings.ndjson").read_bytes()
    assert report["summary"].pop("digest") == sha256(found).hexdigest()
    assert report == json.loads(Path("check.json").read_bytes())
    assert [json.loads(line) for line in found.splitlines()] == report["findings"]
    assert report["summary"]["platform"]["accepted_but_breached"]


def test_the_parquet_file_has_the_rows_of_the_view() -> None:
    table = pq.read_table("out/findings.parquet")
    with duckdb.connect("out/audit.duckdb", read_only=True) as db:
        view = db.execute("select * from findings order by finding")
        assert view.description is not None
        names = [column[0] for column in view.description]
        assert [name for name in names if name not in ("part", "n", "talk")] == table.column_names
        told = [dict(zip(names, row, strict=True)) for row in view.fetchall()]
    for row in told:
        for name in ("part", "n", "talk"):
            del row[name]
    assert told == table.to_pylist()
