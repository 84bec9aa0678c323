"""The shipped lexicons, held against a corpus of labelled messages that stays outside the project."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import yaml

from policylint.lexicons.model import ASKS_FEEDBACK, PROMOTIONAL, SIGNALS, TOPIC
from policylint.lexicons.scorer import Scorer
from policylint.measurements import ALL
from policylint.rulebook import shipped_lexicons, shipped_rulebook
from policylint.shipped import shipped
from tests.fitting.corpus import CORPUS, MISSING, samples
from tests.fitting.fit import shipped_figures
from tests.fitting.measure import TAG_TOPICS, Measured

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason=MISSING)


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return shipped_rulebook().scorer


@cache
def recorded() -> dict[str, Any]:
    text = (shipped("rules") / "measured.yaml").read_text(encoding="utf-8")
    signals: dict[str, Any] = yaml.safe_load(text)["signals"]
    return signals


@cache
def figures(signal: str) -> dict[str, Measured]:
    return shipped_figures(signal, shipped_lexicons(signal), samples(signal))


@pytest.mark.parametrize("signal", SIGNALS)
def test_no_change_lowers_a_figure_by_more_than_its_interval(signal: str) -> None:
    for language, before in recorded()[signal]["shipped"].items():
        now = figures(signal)[language]
        assert now.recall.value >= before["recall"][1] - 0.001, language
        assert now.alarms.value <= before["alarms"][2] + 0.001, language
        if before["precision"] is not None:
            assert now.precision is not None
            assert now.precision.value >= before["precision"][1] - 0.001, language


@pytest.mark.parametrize("signal", SIGNALS)
def test_what_is_recorded_is_what_is_measured(signal: str) -> None:
    # `make lexicons` writes it; a hand-made change of a lexicon must be measured anew.
    measured = {language: of.as_data() for language, of in figures(signal).items()}
    assert measured == recorded()[signal]["shipped"]


@pytest.mark.parametrize("signal", [PROMOTIONAL, ASKS_FEEDBACK])
def test_goals_on_sources_that_the_weights_had_not_seen(signal: str) -> None:
    unseen = recorded()[signal]["unseen"]
    assert unseen["en"]["precision"][0] >= 0.95
    assert unseen["en"]["recall"][0] >= 0.85
    assert unseen["en"]["alarms"][0] <= 0.01
    for language, of in unseen.items():
        if of["positives"] + of["negatives"] >= 100:
            assert of["precision"][0] >= 0.9, language
            assert of["recall"][0] >= 0.7, language


def test_messages_about_what_their_tag_is_for_are_seldom_flagged() -> None:
    unseen = recorded()[TOPIC]["unseen"]
    assert unseen[ALL]["alarms"][0] <= 0.01
    assert unseen["en"]["alarms"][0] <= 0.02


def test_tags_are_for_what_the_measurement_says() -> None:
    edition = shipped_rulebook().editions.named("2017-04")
    assert {frozenset(tag.topics) for tag in edition.tags.values()} == set(TAG_TOPICS)


def test_status_messages_ask_no_feedback(scorer: Scorer) -> None:
    status = [sample for sample in samples(TOPIC) if sample.language == "en"]
    alarms = [sample for sample in status if scorer.score(ASKS_FEEDBACK, [("", sample.text)]).fires]
    assert len(alarms) <= 0.005 * len(status)  # two delivery notes of that corpus do end with a link for feedback
