"""Every example of every shipped rule, run through the heart."""

from __future__ import annotations

import pytest

from policylint.rulebook import read_rulebook, rulebook_from_data
from policylint.rules.examples import Trial, trials
from policylint.shipped import shipped

BOOK = rulebook_from_data(read_rulebook(shipped("rules")))
TRIALS = [trial for rule in BOOK.rules.values() for trial in trials(rule, BOOK)]


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: f"{trial.rule.id}: {trial.example.name}")
def test_example(trial: Trial) -> None:
    assert trial.found == trial.expected


@pytest.mark.parametrize("name", [name for name, rule in BOOK.rules.items() if rule.applies_to != "check"])
def test_every_rule_shows_a_good_and_a_bad_conversation(name: str) -> None:
    assert BOOK.rules[name].good
    assert all(example.breaches for example in BOOK.rules[name].bad)
    assert BOOK.rules[name].bad
