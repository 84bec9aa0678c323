"""Gates and reach only spare work: without them every message is judged alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from policylint.engines.local import run
from policylint.events import History
from policylint.lint import Judge, judge_for
from policylint.rulebook import shipped_rulebook
from policylint.rules.gates import GATES, gates_of
from policylint.rules.model import AppliesTo, Example
from policylint.settings import Settings
from policylint.sources.recording import read_value
from policylint.sources.shapes import Shape

BOOK = shipped_rulebook()
EDITIONS = [edition.id for edition in BOOK.editions.all]


def scripts() -> Iterator[Example]:
    for rule in BOOK.rules.values():
        yield from (*rule.good, *rule.bad)


def found(judge: Judge, example: Example) -> list[tuple[str, int, str, str]]:
    script: dict[str, Any] = {key: value for key, value in example.script.items() if key != "edition"}
    start = BOOK.editions.named(judge.edition).start
    recording = read_value(example.name, script, shape=Shape.SCRIPT, script_start=start)
    findings = run([recording], judge).findings
    return [(one.rule, one.where.record, one.where.pointer, one.message) for one in findings]


@pytest.mark.parametrize("edition", EDITIONS)
def test_rules_that_are_not_asked_had_nothing_to_say(edition: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(edition=edition, edition_by_flag=True, history=History.COMPLETE)
    spared = [found(judge_for(settings, BOOK), example) for example in scripts()]
    monkeypatch.setattr("policylint.lint.closed", lambda facts: frozenset())
    monkeypatch.setattr("policylint.lint.reaches", lambda rule, edition: rule.is_in_force(edition))
    asked = [found(judge_for(settings, BOOK), example) for example in scripts()]
    assert spared == asked
    assert any(asked)


def test_most_rules_stand_behind_a_gate() -> None:
    about_messages = [rule for rule in BOOK.rules.values() if rule.applies_to is AppliesTo.PAGE]
    gated = [rule for rule in about_messages if gates_of(rule.breach_when)]
    assert len(gated) > 0.75 * len(about_messages)
    assert set[str]().union(*(gates_of(rule.breach_when) for rule in gated)) == set(GATES)
