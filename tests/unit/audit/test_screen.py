"""What an audit says on the screen when it is done."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path

import pytest

from policylint.audit.calendar import bar, chart
from policylint.audit.screen import write
from policylint.reporters.report import Style
from tests.unit.audit.databases import Database


@pytest.fixture
def db(tmp_path: Path) -> Database:
    (tmp_path / "audit").mkdir()
    return Database(tmp_path / "audit" / "audit.duckdb")


def screen(db: Database) -> str:
    shown = io.StringIO()
    with db.opened() as connection:
        write(connection, Style(), shown)
    return shown.getvalue()


def section(text: str, title: str) -> list[str]:
    """The lines under a title, without their indent."""
    (block,) = [block for block in text.split("\n\n") if block.startswith(title)]
    return [line.removeprefix("  ") for line in block.splitlines()[1:]]


def test_totals_and_accounting(db: Database) -> None:
    db.file("a.ndjson", judged=90, inbound=7, unreadable=1, other=2)
    db.summary(
        recordings=1,
        records=100,
        used=97,
        unreadable=1,
        other=2,
        events=95,
        messages=88,
        repeated=2,
        errors=3,
        warnings=1,
        notes=0,
        coverage={"window": {"judged": 80, "not_judged": {"no time": 8}}},
        enforcement=[{"page": f"70{n:02}", "measure": "block", "at": None} for n in range(12)],
        remarks=["2 messages were sent\x1b[2J outside."],
        platform={
            "verdicts": [{"platform": "accepted", "ours": "breach", "messages": 12}],
            "refused_but_passed": [],
            "accepted_but_breached": [
                {"source": "a.ndjson", "record": n, "line": None, "rules": ["too-long"]} for n in range(12)
            ],
        },
    )
    lines = screen(db).splitlines()
    assert lines[:4] == [
        "3 errors, 1 warning, 0 notes.",
        "1 recording, 95 events (2 recorded more than once, counted once), 88 messages of the page.",
        "100 records read in 1 file = 90 judged + 7 inbound + 1 unreadable + 2 not about messages.",
        "Window: 80 messages judged, 8 not: no time (8).",
    ]
    assert "  - a.ndjson: record 9: too-long" in lines
    assert "  … and 2 more (report.json lists all)" in lines
    assert "Page 7000: blocked at an unknown time." in lines
    assert "… and 2 more pages (report.json lists all)." in lines
    assert r"Note: 2 messages were sent\x1b[2J outside." in lines
    assert f"Digest of the findings: {'0f' * 32}" in lines
    assert not [line for line in lines if "do not add up" in line]


def test_numbers_that_do_not_add_up_are_told(db: Database) -> None:
    db.row("files", file=0, source="a", records=10, judged=5, inbound=0, other=0, unreadable=4)
    db.summary(records=10)
    assert "These numbers do not add up" in screen(db)


def test_where_the_files_lie(db: Database) -> None:
    db.summary()
    for name in ("report.json", "findings.ndjson"):
        (db.path.parent / name).touch()
    db.finding((0, 0), fingerprint="3f2a91c04b5d6e7f8091")
    lines = screen(db).splitlines()
    assert f"In {db.path.parent}: report.json, findings.ndjson, audit.duckdb." in lines
    assert lines[-1] == f"A finding in its conversation: policylint show {db.path.parent} 3f2a91c04b5d"


def test_rules(db: Database) -> None:
    db.summary()
    for n in range(12):
        for _ in range(n + 1):
            db.finding((0, n), rule=f"rule-{n:02}", severity="warning", sent_at=f"2017-05-{n + 1:02}T10:00:00Z")
    db.finding((0, 20), rule="rule-11", severity="error", sent_at="2017-06-30T23:59:59.999Z")
    db.finding(None, rule="rule-10", severity="note", sent_at=None)
    lines = section(screen(db), "Rules with the most findings:")
    assert lines[0] == "findings  worst    rule     first day   last day"
    assert lines[1] == "      13  error    rule-11  2017-05-12  2017-06-30"
    assert lines[2] == "      12  warning  rule-10  2017-05-11  2017-05-11"
    assert len(lines) == 12
    assert lines[-1] == "… and 2 more rules (table findings of audit.duckdb)"


def test_pages_and_tags(db: Database) -> None:
    db.summary()
    for n in range(11):
        db.finding((0, n), page=f"70{n:02}", severity="warning", tag="SHIPPING_UPDATE" if n else None)
    db.finding((0, 20), page="8001", severity="error", tag="\x1b[31mEVIL")
    db.finding(None, page=None, severity="note", tag=None)
    text = screen(db)
    pages = section(text, "Pages with the most errors:")
    assert pages[:3] == [
        "page  errors  warnings  notes",
        "8001       1         0      0",
        "7000       0         1      0",
    ]
    assert pages[-1] == "… and 3 more pages (table findings of audit.duckdb)"
    tags = section(text, "Tags with the most errors:")
    assert [line.split() for line in tags[1:]] == [
        [r"\x1b[31mEVIL", "1", "0", "0"],
        ["SHIPPING_UPDATE", "0", "10", "0"],
        ["(none)", "0", "1", "1"],
    ]


def test_colours_only_where_they_are_wanted(db: Database) -> None:
    db.summary(errors=1)
    db.finding((0, 0))
    plain, coloured = io.StringIO(), io.StringIO()
    with db.opened() as connection:
        write(connection, Style(), plain)
        write(connection, Style(colour=True), coloured)
    assert "\x1b" not in plain.getvalue()
    assert "\x1b[31merror\x1b[0m" in coloured.getvalue()


def test_no_findings(db: Database) -> None:
    db.file("a.ndjson", judged=1)
    db.summary(recordings=1, records=1, used=1)
    assert screen(db).splitlines()[0] == "No findings."


def test_unreadable_records(db: Database) -> None:
    db.summary()
    for n in range(7):
        db.row(
            "unreadable",
            file=0,
            source="logs/a\n.ndjson",
            record=n + 1,
            line=None if n == 1 else n + 1,
            column=3 if n == 0 else None,
            byte_offset=12_345 * n,
            bytes=9,
            reason="not JSON",
        )
    lines = section(screen(db), "7 records can't be read:")
    assert lines == [
        r"logs/a\n.ndjson:1:3: record 1, byte 0: not JSON",
        r"logs/a\n.ndjson: record 2, byte 12,345: not JSON",
        r"logs/a\n.ndjson:3: record 3, byte 24,690: not JSON",
        r"logs/a\n.ndjson:4: record 4, byte 37,035: not JSON",
        r"logs/a\n.ndjson:5: record 5, byte 49,380: not JSON",
        "… and 2 more records (table unreadable of audit.duckdb)",
    ]


def test_files_up_to_twenty_are_all_listed(db: Database) -> None:
    db.summary()
    db.file("b.ndjson", judged=1_000, inbound=2, other=3, unreadable=4)
    db.file("日本.ndjson", judged=1)
    lines = section(screen(db), "What became of each file's records:")
    assert lines == [
        "file         records  judged  inbound  unreadable  other",
        "b.ndjson       1,009   1,000        2           4      3",
        "日本.ndjson        1       1        0           0      0",
        "all files      1,010   1,001        2           4      3",
    ]


def test_of_many_files_those_with_unreadable_records_are_listed(db: Database) -> None:
    db.summary()
    for n in range(100):
        db.file(f"{n:03}.ndjson", judged=10, unreadable=1 if n % 4 == 0 else 0)
    lines = section(screen(db), "25 of 100 files with records that can't be read:")
    assert [line.split()[0] for line in lines[1:4]] == ["000.ndjson", "004.ndjson", "008.ndjson"]
    assert lines[-2].split() == ["all", "files", "1,025", "1,000", "0", "25", "0"]
    assert lines[-1] == "… and 80 more files, counted in the sum (table files of audit.duckdb)"
    assert len(lines) == 23


def test_findings_per_day(db: Database) -> None:
    db.summary()
    for day, count in ((1, 4), (3, 1), (9, 2)):
        for n in range(count):
            db.finding((0, n), severity="error" if n else "note", sent_at=f"2017-05-{day:02}T23:59:59Z")
    db.finding(None, sent_at=None)
    assert section(screen(db), "Findings per day (UTC):") == [
        "day         findings  errors",
        f"2017-05-01         4       3  {'█' * 40}",
        "2017-05-02         0       0",
        f"2017-05-03         1       0  {'█' * 10}",
        "(5 days without findings)",
        f"2017-05-09         2       1  {'█' * 20}",
        "1 finding about messages or records without a time.",
    ]


def test_a_stream_without_blocks_gets_plain_bars(db: Database) -> None:
    db.summary()
    db.finding((0, 0))
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="backslashreplace")
    with db.opened() as connection:
        write(connection, Style(), out)
    out.seek(0)
    assert "2017-05-02         1       1  " + "#" * 40 in out.read()


def days(first: date, count: int, step: int = 1) -> dict[str, tuple[int, int]]:
    return {(first + timedelta(days=n * step)).isoformat(): (1, 0) for n in range(count)}


@pytest.mark.parametrize(
    ("count", "step", "unit", "first", "last"),
    [
        (31, 1, "day", "2017-05-02", "2017-06-01"),
        (32, 1, "week", "2017-05-01", "2017-05-29"),
        (217, 1, "month", "2017-05", "2017-12"),
        (30, 20, "month", "2017-05", "2018-12"),
        (40, 365, "year", "2017", "2056"),
    ],
)
def test_a_chart_of_many_days_has_longer_periods(count: int, step: int, unit: str, first: str, last: str) -> None:
    told, lines = chart(days(date(2017, 5, 2), count, step), blocks=True)
    shown = [line.split()[0] for line in lines]
    assert (told, shown[1], shown[-1]) == (unit, first, last)


def test_every_finding_is_in_the_chart_whatever_its_period() -> None:
    for count in (1, 31, 32, 300, 3_000, 30_000):
        _, lines = chart(days(date(1950, 1, 1), count), blocks=True)
        assert sum(int(line.split()[1].replace(",", "")) for line in list(lines)[1:]) == count


def test_one_stray_day_does_not_spoil_the_chart() -> None:
    unit, lines = chart({"1970-01-18": (1, 0)} | days(date(2017, 5, 1), 20), blocks=True)
    assert unit == "day"
    assert list(lines)[2] == "(17,269 days without findings)"


@pytest.mark.parametrize(
    ("number", "blocks", "text"),
    [
        (0, True, ""),
        (1, True, "▏"),
        (1, False, "#"),
        (500, True, "█" * 20),
        (513, True, "█" * 20 + "▌"),
        (1000, False, "#" * 40),
    ],
)
def test_bar(number: int, blocks: bool, text: str) -> None:
    assert bar(number, 1000, blocks=blocks) == text


def test_accepted_breaches_come_from_their_table(db: Database) -> None:
    db.file("a.ndjson")
    verdicts = [{"platform": "accepted", "ours": "breach", "messages": 12}]
    db.summary(platform={"verdicts": verdicts, "refused_but_passed": [], "accepted_but_breached": []})
    db.run(
        """create table accepted_breaches as
        select 'a.ndjson' as source, n as record, 0 as nth, '' as base, n as line, ['too-long'] as rules
        from range(1, 13) r(n)"""
    )
    lines = screen(db).splitlines()
    assert "Accepted, a breach here (12):" in lines
    assert "  - a.ndjson: record 1, line 1: too-long" in lines
    assert "  … and 2 more (report.json lists all)" in lines
