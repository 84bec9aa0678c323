"""Figures: groups have one vote, and intervals are honest about small numbers."""

from __future__ import annotations

import pytest

from tests.fitting.corpus import Sample
from tests.fitting.measure import measured, of_topics, share


def sample(n: int, *, positive: bool, vote: float = 1, label: str = "") -> Sample:
    return Sample(str(n), "text", "en", label, positive, "a", str(n), vote)


def test_a_group_has_one_vote() -> None:
    samples = [sample(n, positive=True) for n in range(5)] + [sample(9, positive=True, vote=0.5)] * 2
    samples += [sample(n, positive=False) for n in range(10, 16)]
    flagged = [True] * 4 + [False] + [True, False] + [True] + [False] * 5
    figures = measured(samples, flagged)["en"]
    assert (figures.positives, figures.negatives) == (6, 6)
    assert figures.recall.value == pytest.approx(4.5 / 6)
    assert figures.precision is not None
    assert figures.precision.value == pytest.approx(4.5 / 5.5)
    assert figures.alarms.value == pytest.approx(1 / 6)


def test_intervals() -> None:
    assert share(0, 0).low == 0.0
    assert share(0, 0).high == 1.0
    few, many = share(9, 10), share(900, 1000)
    assert few.low < many.low < 0.9 < many.high < few.high <= 1
    assert share(10, 10).high == 1.0
    assert share(10, 10).low == pytest.approx(0.722, abs=0.001)  # Wilson's, as tables have it


def test_a_message_is_held_under_each_tag() -> None:
    samples = [sample(n, positive=False, label="shipping") for n in range(15)]
    figures = of_topics(samples, ["shipping", "shipping", None, "account", "news"] * 3)["en"]
    # Under the shipping and the issue tag they are on topic, under the reservation tag not.
    assert (figures.positives, figures.negatives) == (5, 10)
    assert figures.recall.value == pytest.approx(4 / 5)
    assert figures.alarms.value == pytest.approx(3 / 10)
