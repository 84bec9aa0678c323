"""Measurements: what they say of a rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policylint.measurements import measurements_from_data, signal_of
from policylint.rulebook import shipped_rulebook

ROW = {"positives": 9, "negatives": 8, "sources": 2, "recall": [0.5, 0.4, 0.6], "alarms": [0.0, 0.0, 0.1]}


@pytest.mark.parametrize(
    ("precision", "word"),
    [
        ([0.99, 0.96, 1.0], "very-high"),
        ([0.99, 0.9, 1.0], "high"),
        ([0.9, 0.75, 1.0], "medium"),
        ([0.9, 0.2, 1.0], "low"),
        (None, "medium"),
    ],
)
def test_precision_follows_from_the_lower_end_of_the_interval(precision: list[float] | None, word: str) -> None:
    rule = shipped_rulebook().rules["promotion-under-tag"]
    figures = {"all": ROW | {"precision": precision}}
    data = {"measured_on": "2026-11-23", "signals": {"promotional": {"unseen": figures, "shipped": figures}}}
    measurements = measurements_from_data(data)
    assert measurements.precision(rule) == word
    assert measurements.precision(replace(rule, heuristic=False)) == "very-high"
    assert measurements.precision(shipped_rulebook().rules["off-topic-for-tag"]) == "medium"  # not measured here


@pytest.mark.parametrize(
    ("rule", "signal"),
    [
        ("promotion-under-tag", "promotional"),
        ("promotion-in-subscription", "promotional"),
        ("feedback-request-under-tag", "asks_feedback"),
        ("off-topic-for-tag", "topic"),
        ("wrong-content-for-tag", None),
    ],
)
def test_which_signal_a_rule_judges_by(rule: str, signal: str | None) -> None:
    book = shipped_rulebook()
    assert signal_of(book.rules[rule].breach_when) == signal
    assert bool(book.measurements.of(book.rules[rule])) is (signal is not None)
    assert (signal is not None) is book.rules[rule].heuristic
