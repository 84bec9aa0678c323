"""policylint from Python gives the command's findings."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from policylint import lint_recording, lint_request
from policylint.cli import main
from policylint.errors import SourceError, UsageError

NOW = datetime(2017, 5, 2, 12, tzinfo=UTC)
HELLO = {"message": {"text": "Hello"}}
PROMO = {"recipient": {"id": "1"}, "tag": "ISSUE_RESOLUTION", "message": {"text": "Flash sale: 30% off everything!"}}


def rules(*args: object, **known: object) -> list[str]:
    return [finding.rule for finding in lint_request(*args, **known)]  # type: ignore[arg-type]


def test_a_request_without_a_time_is_judged_for_structure_and_wording() -> None:
    assert rules(PROMO) == ["promotion-under-tag"]
    assert rules(HELLO) == ["missing-field"]


def test_what_is_known_of_the_conversation_decides_about_the_window() -> None:
    wrote = {"at": NOW - timedelta(hours=30), "person": {"text": "Hi"}}
    late = {"at": NOW - timedelta(hours=2), "page": HELLO}
    assert rules(HELLO, at=NOW, before=[{**wrote, "at": NOW - timedelta(hours=24)}]) == []
    assert rules(HELLO, at=NOW, before=[wrote]) == ["extra-message-spent"]
    assert rules(HELLO, at=NOW, before=[wrote, late]) == ["untagged-outside-window"]
    assert rules(HELLO, at=NOW.isoformat(), before=[late, wrote]) == ["untagged-outside-window"]
    assert rules(HELLO, at=NOW) == ["extra-message-spent", "not-started-by-person"]
    assert rules(HELLO, at=NOW, history="partial") == ["no-action-on-record"]


def test_only_the_request_asked_about_is_reported() -> None:
    earlier = {"at": NOW - timedelta(hours=1), "page": {"tag": "NEWS", "message": {"text": ""}}}
    assert rules(HELLO, at=NOW, before=[{"at": NOW - timedelta(hours=2), "person": {"text": "Hi"}}, earlier]) == []


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(UsageError, match="no zone"):
        lint_request(HELLO, at=datetime(2017, 5, 2))  # noqa: DTZ001 - the point of the test
    with pytest.raises(UsageError, match=r"event 1 .* exactly one of"):
        lint_request(HELLO, at=NOW, before=[{"at": NOW}])
    with pytest.raises(UsageError, match="no edition is called"):
        lint_request(HELLO, edition="1999-01")
    with pytest.raises(SourceError, match="no such file"):
        lint_recording("nowhere.json")


def test_the_command_gives_the_same_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.json").write_bytes(orjson.dumps([PROMO, {**PROMO, "tag": "NEWS"}, {"recipient": {"id": ""}}]))
    (tmp_path / "b.yaml").write_text("events:\n- {at: 0h, page: {message: {text: Hi}}}\n- {at: 1h}\n")
    assert main(["check", "--format", "json", "--output", "out.json"]) == 1
    told = orjson.loads(Path("out.json").read_bytes())["findings"]
    found = lint_recording("a.json", "b.yaml")
    assert [(f.rule, f.where.source, f.where.line, f.where.column, f.fingerprint, f.conversation) for f in found] == [
        (t["rule"], t["where"]["source"], t["where"]["line"], t["where"]["column"], t["fingerprint"], t["conversation"])
        for t in told
    ]
    assert len(found) > 3


def test_importing_is_cheap() -> None:
    heavy = ("click", "yaml", "orjson", "re2", "jsonschema")
    code = f"import sys, policylint; print([name for name in {heavy} if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"
