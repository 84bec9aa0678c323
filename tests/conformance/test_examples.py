"""The examples show what they say: clean ones are clean, each breach is the one it is named after."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pytest

from policylint import Finding, Severity, lint_recording
from policylint.rulebook import shipped_rulebook
from policylint.rules.examples import trials
from policylint.rules.load import load_rule

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
BREACHES: Final = sorted((EXAMPLES / "breaches").iterdir())
TEAM: Final = EXAMPLES / "team" / "policylint.yaml"
ELSEWHERE: Final = {
    "rule-crashed",  # policylint's own complaint: no recording should cause it
    "promotion-in-subscription",  # needs a configuration: it is in team/
    "promotion-in-news",  # likewise
}


def rules_of(findings: Iterable[Finding]) -> set[str]:
    return {finding.rule for finding in findings}


def test_clean_examples_are_clean() -> None:
    assert lint_recording(EXAMPLES / "clean", history="complete") == []


@pytest.mark.parametrize("path", BREACHES, ids=lambda path: path.name)
def test_breach_is_found(path: Path) -> None:
    """A file in breaches/ breaches the rule it is named after, and no other but by a note."""
    findings = lint_recording(path)
    assert path.stem in rules_of(findings)
    grave = [finding for finding in findings if finding.severity > Severity.NOTE]
    assert rules_of(grave) <= {path.stem}


def test_every_rule_has_a_breach() -> None:
    assert {path.stem for path in BREACHES} == set(shipped_rulebook().rules) - ELSEWHERE


def test_every_rule_fires() -> None:
    """Taken together, as `make demo` takes them, and with the team's configuration."""
    fired = rules_of(lint_recording(EXAMPLES)) | rules_of(lint_recording(EXAMPLES / "team", config=TEAM))
    assert set(shipped_rulebook().rules) - fired == {"rule-crashed"}


def test_no_configuration_is_found_by_accident() -> None:
    """What the examples yield must not depend on the folder that policylint is run in."""
    assert not [*EXAMPLES.rglob(".policylint.yaml"), *EXAMPLES.rglob("pyproject.toml")]


def test_team() -> None:
    """The team's configuration: a rule of its own, an approved page, an accepted finding."""
    found = [(Path(f.where.source).name, f.rule) for f in lint_recording(EXAMPLES / "team", config=TEAM)]
    assert found == [
        ("news.yaml", "promotion-in-news"),
        ("no-shouting.json", "no-shouting"),
        ("promotion-in-subscription.yaml", "promotion-in-subscription"),
    ]
    for path in (EXAMPLES / "team" / "rules").iterdir():
        assert all(trial.passed for trial in trials(load_rule(path), shipped_rulebook()))


def test_library_runs() -> None:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "library.py")],
        capture_output=True,
        text=True,
        check=False,
        cwd=EXAMPLES.parent,
        env={"PYTHONPATH": str(EXAMPLES.parent), "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0, done.stderr
    first, *others = done.stdout.splitlines()
    assert first.startswith("error | wrong-content-for-tag | /message | ")
    assert len(others) == len(lint_recording(EXAMPLES / "log"))


def make_log() -> Any:
    """The module examples/make_log.py, which is a script and in no package."""
    spec = importlib.util.spec_from_file_location("make_log", EXAMPLES / "make_log.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_log"] = module  # its dataclass looks itself up there
    spec.loader.exec_module(module)
    return module


def test_log_is_what_its_script_writes() -> None:
    assert (EXAMPLES / "log" / "bot.ndjson").read_bytes().decode() == make_log().log_text()


def test_log_hides_a_few_breaches() -> None:
    """A few hundred events of several pages, and in them one breach of each of five kinds."""
    findings = lint_recording(EXAMPLES / "log")
    assert sorted(f.rule for f in findings if f.severity > Severity.NOTE) == [
        "feedback-request-under-tag",
        "message-after-opt-out",
        "promotion-under-tag",
        "untagged-outside-window",
        "wrong-content-for-tag",
    ]
