"""Whole reports, byte for byte, through the real command.

`make golden` writes `expected/` anew; the diff is then read like code.
"""

from __future__ import annotations

import io
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson
import pytest

from policylint import __version__
from policylint.cli import main
from policylint.datafiles import schema_problems
from policylint.rulebook import shipped_rulebook

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
EXPECTED: Final = HERE / "expected"
CHECK: Final = ("check", "recordings", "--config", "policylint.yaml")


@dataclass(frozen=True)
class Case:
    """A call, and the file in `expected/` that has what it should print."""

    file: str
    arguments: tuple[str, ...]
    status: int = 1
    folder: Path = HERE
    environment: dict[str, str] = field(default_factory=dict)
    stdin: Path | None = None


CASES: Final = [
    Case("report.txt", CHECK),
    Case("report.json", (*CHECK, "--format", "json")),
    Case("report.ndjson", (*CHECK, "--format", "ndjson")),
    Case("report.sarif", (*CHECK, "--format", "sarif")),
    Case("report.github.txt", (*CHECK, "--format", "github")),
    Case("colour.txt", CHECK, environment={"FORCE_COLOR": "1"}),
    Case("show-text.txt", (*CHECK, "--show-text")),
    Case("statistics.txt", (*CHECK, "--statistics")),
    Case("no-configuration.txt", ("check", "recordings")),
    Case("history-complete.txt", (*CHECK, "--history", "complete", "--select", "not-started-by-person")),
    Case("separately.txt", (*CHECK, "--separately", "--select", "extra-message-spent,no-action-on-record")),
    Case("baseline.txt", (*CHECK, "--baseline", "baseline.ndjson", "--ignore", "unreadable-record")),
    Case("dated.ndjson", (*CHECK, "--edition", "dated", "--format", "ndjson", "--select", "not-in-edition")),
    Case(
        "pseudonyms.ndjson",
        (*CHECK, "--format", "ndjson", "--select", "untagged-outside-window,wrong-content-for-tag"),
        environment={"POLICYLINT_PSEUDONYM_KEY": "a secret of the tests"},
    ),
    Case("stdin.txt", ("check", "-"), stdin=HERE / "recordings" / "log.ndjson"),
    Case("clean.txt", ("check", "examples/clean"), status=0, folder=ROOT),
    Case("demo.txt", ("check", "--config", "examples/team/policylint.yaml", "examples/"), folder=ROOT),
    Case("explain.txt", ("explain", "untagged-outside-window,promotion-in-subscription"), status=0),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.file)
def test_report(case: Case, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(case.folder)
    for name in ("NO_COLOR", "FORCE_COLOR", "POLICYLINT_PSEUDONYM_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in case.environment.items():
        monkeypatch.setenv(name, value)
    if case.stdin:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(case.stdin.read_bytes())))
    status = main(case.arguments)
    out, complaints = capsys.readouterr()
    assert complaints == ""
    report = out.replace(f'"{__version__}"', '"VERSION"').encode()
    if os.environ.get("POLICYLINT_GOLDEN") == "write":
        EXPECTED.mkdir(exist_ok=True)
        (EXPECTED / case.file).write_bytes(report)
    assert report.decode() == (EXPECTED / case.file).read_bytes().decode(), "if this is right: make golden"
    assert status == case.status


def test_nothing_else_is_expected() -> None:
    assert {path.name for path in EXPECTED.iterdir()} == {case.file for case in CASES}


def test_report_fits_its_schema() -> None:
    report = orjson.loads((EXPECTED / "report.json").read_bytes())
    assert list(schema_problems("report.schema.json", report)) == []
    lines = [orjson.loads(line) for line in (EXPECTED / "report.ndjson").read_bytes().splitlines()]
    assert lines == [*report["findings"], {name: report[name] for name in ("version", "tool", "edition", "summary")}]


def test_every_rule_fires() -> None:
    shown = "".join(path.read_text(encoding="utf-8") for path in EXPECTED.glob("*.txt"))
    silent = {rule for rule in shipped_rulebook().rules if f" {rule}: " not in shown}
    assert silent == {"rule-crashed"}  # policylint's own complaint: no recording should cause it
