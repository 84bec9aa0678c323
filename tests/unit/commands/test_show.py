"""`policylint show`: a finding of an audit in its conversation."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from policylint.cli import main
from tests.unit.audit.databases import Database

TWICE = "abcdef" + "0" * 14


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """An audit whose conversation 1 has 40 messages after the person's second act, the last of them wrong."""
    (tmp_path / "audit").mkdir()
    made = Database(tmp_path / "audit" / "audit.duckdb")
    made.person("2017-05-01 10:00:00", words="Hello?")
    for minute in range(10):
        made.event(f"2017-05-01 11:{minute:02}:00")
    made.person("2017-05-02 10:00:00", words="Is it in stock?")
    made.event("2017-05-02 09:00:00", conversation=2)
    for minute in range(39):
        made.event(f"2017-05-02 11:{minute:02}:00")
    wrong = made.event("2017-05-03 10:00:01", tag="SHIPPING_UPDATE", window="closed", words="10 % off")
    made.finding(wrong, fingerprint="3f2a91c04b5d6e7f8091")
    for minute in range(8):
        made.event(f"2017-05-03 11:{minute:02}:00", window="closed")
    yield made
    made.close()


def shown(db: Database, *arguments: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    db.close()
    assert main(["show", "audit", *arguments]) == 0
    return capsys.readouterr().out.splitlines()


def refusal(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["show", *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err
    return told.err


@pytest.mark.parametrize("fingerprint", ["3f2a91c04b5d6e7f8091", "3f2a91", "3F2A91C0"])
def test_all_since_the_person_last_acted_and_five_after(
    db: Database, fingerprint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = shown(db, fingerprint, capsys=capsys)
    assert lines[5] == "    conversation: c1 with page 7001, 46 of 60 events"
    assert lines[7] == "  ── 11 earlier events left out ──"
    assert "2017-05-02 10:00:00" in lines[8]
    assert "  ── window closed 2017-05-03 10:00:00 (24h after the person's last action) ──" in lines
    (asked,) = [line for line in lines if line.startswith(">")]
    assert asked.split()[1:3] == ["2017-05-03", "10:00:01"]
    assert "SHIPPING_UPDATE" in asked
    assert lines[-1] == "  ── 3 later events left out ──"


def test_of_a_long_silence_only_the_ends_are_shown(db: Database, capsys: pytest.CaptureFixture[str]) -> None:
    for minute in range(59):
        db.event(f"2017-05-02 12:{minute:02}:00")
    lines = shown(db, "3f2a91", "--events", "2", capsys=capsys)
    told = [line for line in lines if "left out" in line or "2017" in line[:8]]
    assert [line[:19] if "left" not in line else line for line in told] == [
        "  ── 11 earlier events left out ──",
        "  2017-05-02 10:00:",
        "  ── 96 events left out ──",
        "  2017-05-02 12:57:",
        "  2017-05-02 12:58:",
        "> 2017-05-03 10:00:",
        "  2017-05-03 11:00:",
        "  2017-05-03 11:01:",
        "  ── 6 later events left out ──",
    ]


def test_the_person_comes_first_at_one_instant(db: Database, capsys: pytest.CaptureFixture[str]) -> None:
    key = db.event("2017-06-01 10:00:00", "first", conversation=7)
    db.person("2017-06-01 10:00:00", "optin", conversation=7)
    db.finding(key, fingerprint="c0ffee" + "0" * 14, talk=7)
    lines = [line for line in shown(db, "c0ffee", capsys=capsys) if "2017-06-01" in line]
    assert ["person" in line for line in lines] == [True, False]


@pytest.mark.parametrize(("first", "state"), [("2017-05-01 10:00:00", "closed"), ("2017-06-02 09:00:00", "unknown")])
def test_without_an_action_it_counts_how_far_the_log_reaches(
    tmp_path: Path, first: str, state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "audit").mkdir()
    made = Database(tmp_path / "audit" / "audit.duckdb")
    made.person("1970-01-18 10:00:00", conversation=2)  # seconds, read as milliseconds
    made.person(first, conversation=3)
    made.finding(made.event("2017-06-02 10:00:00", window=None, whole=True), fingerprint=TWICE)
    (line,) = [line for line in shown(made, TWICE, capsys=capsys) if line.startswith(">")]
    assert f"{state}~" in line


def test_text_only_where_asked_for(db: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert not any("stock" in line or "10 %" in line for line in shown(db, "3f2a91", capsys=capsys))
    lines = shown(db, "3f2a91", "--show-text", capsys=capsys)
    assert '      "Is it in stock?"' in lines
    assert '      "10 % off"' in lines


def test_a_store_without_text_says_how_to_get_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "audit").mkdir()
    made = Database(tmp_path / "audit" / "audit.duckdb")
    made.finding(made.event("2017-05-03 10:00:00"), fingerprint="3f2a91" + "0" * 14)
    made.close()
    assert main(["show", "audit", "3f2a91", "--show-text"]) == 0
    assert "the store holds no text; an audit with --show-text" in capsys.readouterr().err


def test_the_first_three_of_one_fingerprint(db: Database, capsys: pytest.CaptureFixture[str]) -> None:
    for n in range(5):
        db.finding(db.event("2017-07-01 10:00:00", conversation=100 + n), fingerprint=TWICE, talk=100 + n, record=n + 1)
    lines = shown(db, "abcdef", capsys=capsys)
    assert [line.split("(")[1].split(",")[0] for line in lines if "place:" in line] == [
        "record 1",
        "record 2",
        "record 3",
    ]
    assert lines[-1] == "… and 2 more findings with this fingerprint; --all shows every one."
    lines = shown(db, "abcdef", "--all", capsys=capsys)
    assert sum("place:" in line for line in lines) == 5
    assert not lines[-1].startswith("…")


@pytest.mark.parametrize("talk", [0, None])
def test_a_message_of_no_known_person(db: Database, talk: int | None, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        key = db.event("2017-07-01 10:00:00", conversation=talk)
    db.finding(key, fingerprint=TWICE, talk=talk)
    lines = shown(db, TWICE, capsys=capsys)
    assert "    conversation: none, it is not on record whose it is" in lines
    assert len([line for line in lines if "2017-07-01" in line]) == 1


def test_a_finding_about_a_record(db: Database, capsys: pytest.CaptureFixture[str]) -> None:
    db.finding(None, "unreadable-record", fingerprint=TWICE, talk=0, pointer="", message="not JSON", column=None)
    lines = shown(db, TWICE, capsys=capsys)
    assert lines[0] == "error unreadable-record: not JSON"
    assert "    place: logs/a.ndjson:1 (record 1, byte 4,096)" in lines
    assert lines[-1] == "    conversation: none, about a record as a whole"


def test_findings_at_neighbours(db: Database, capsys: pytest.CaptureFixture[str]) -> None:
    db.finding((0, 52), "extra-message-spent", severity="note", message="the one extra", fingerprint=TWICE)
    assert "      note extra-message-spent: the one extra  (abcdef000000)" in shown(db, "3f2a91", capsys=capsys)


def test_the_configuration_counts(db: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "skewed.yaml").write_text("clock_skew: 500ms\n")
    closed = [line for line in shown(db, "3f2a91", "--config", "skewed.yaml", capsys=capsys) if "window closed" in line]
    assert closed == ["  ── window closed 2017-05-03 10:00:00.500 (24h500ms after the person's last action) ──"]


@pytest.mark.parametrize(
    ("fingerprint", "words"),
    [
        ("3f2a9", "6 characters or more"),
        ("ffffff", "'ffffff'; findings.ndjson lists them all"),
        ("3f2a91c04b5d6e7f8092", "did you mean 3f2a91c04b5d6e7f8091?"),
        ("promotion-under-tag", "that is a rule, whose first finding has 3f2a91c04b5d6e7f8091"),
        ("aaaaaa", "2 fingerprints begin with aaaaaa: aaaaaa0, aaaaaa1; give more characters"),
    ],
)
def test_a_fingerprint_that_is_not_there(
    db: Database, fingerprint: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("aaaaaa0", "aaaaaa1"):
        db.finding((0, 0), "other-rule", fingerprint=name)
    db.close()
    assert words in refusal("audit", fingerprint, capsys=capsys)


def test_a_whole_fingerprint_wins_over_longer_ones(db: Database, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("aaaaaa", "aaaaaa1"):
        db.finding((0, 0), fingerprint=name)
    assert "    fingerprint: aaaaaa" in shown(db, "aaaaaa", capsys=capsys)


def test_an_audit_without_findings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "audit").mkdir()
    Database(tmp_path / "audit" / "audit.duckdb").close()
    assert "it has no findings" in refusal("audit", "3f2a91", capsys=capsys)


def test_no_audit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert "nowhere: there is no such folder" in refusal("nowhere", "3f2a91", capsys=capsys)
    assert "empty: no finished audit, audit.duckdb is missing" in refusal("empty", "3f2a91", capsys=capsys)


def test_another_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import duckdb

    (tmp_path / "audit").mkdir()
    duckdb.connect(str(tmp_path / "audit" / "audit.duckdb")).close()
    assert "not a database of an audit" in refusal("audit", "3f2a91", capsys=capsys)
    (tmp_path / "audit" / "audit.duckdb").write_bytes(b"no database" * 1000)
    assert "can not be opened" in refusal("audit", "3f2a91", capsys=capsys)


def test_a_missing_extra_says_what_to_install(
    db: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    db.close()
    monkeypatch.setitem(sys.modules, "duckdb", None)
    told = refusal("audit", "3f2a91", capsys=capsys)
    assert told == "policylint: show needs the audit extra: pip install 'policylint[audit]'\n"


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "--help"]) == 0
    assert "\n  policylint show audit/ 3f2a91c04b5d" in capsys.readouterr().out
