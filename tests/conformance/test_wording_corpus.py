"""The English lexicons, held against a corpus of labelled messages that stays outside the project.

Figures are averaged inside a group (one message and its near-duplicates) first, then over groups.
Interface strings, ambiguous rows and spam of other kinds are left out.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from policylint.lexicons import Lexicon, Scorer
from policylint.shipped import shipped

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "text"

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of labelled messages is not on this machine")


@dataclass(frozen=True, slots=True)
class Figures:
    """How well a signal tells apart."""

    precision: float
    recall: float


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    def lexicon(signal: str) -> Lexicon:
        text = (shipped("rules") / "lexicons" / signal / "en.yaml").read_text(encoding="utf-8")
        return Lexicon.from_data(yaml.load(text, Loader=yaml.CSafeLoader))

    return Scorer([lexicon(signal) for signal in ("promotional", "asks_feedback", "topic")])


def rows(name: str, *left_out: str) -> list[dict[str, Any]]:
    lines = (CORPUS / f"{name}.dev.jsonl").read_text(encoding="utf-8").splitlines()
    every = [json.loads(line) for line in lines if line]
    return [
        row
        for row in every
        if row["lang"] == "en" and not row["ambiguous"] and row["channel"] != "ui" and row["label"] not in left_out
    ]


def figures(scorer: Scorer, signal: str, positive: str, labelled: list[dict[str, Any]]) -> Figures:
    groups: dict[tuple[str, bool], list[bool]] = defaultdict(list)
    for row in labelled:
        fires = scorer.score(signal, [("/message/text", row["text"])]).fires
        groups[row["src"] + row["group"], row["label"] == positive].append(fires)
    right = sum(sum(fires) / len(fires) for (_, is_positive), fires in groups.items() if is_positive)
    wrong = sum(sum(fires) / len(fires) for (_, is_positive), fires in groups.items() if not is_positive)
    positives = sum(is_positive for _, is_positive in groups)
    return Figures(right / (right + wrong), right / positives)


def test_promotion(scorer: Scorer) -> None:
    found = figures(scorer, "promotional", "promo", rows("promo", "spam-other"))
    assert found.precision >= 0.98
    assert found.recall >= 0.86


def test_requests_for_feedback(scorer: Scorer) -> None:
    found = figures(scorer, "asks_feedback", "solicits_feedback", rows("feedback"))
    assert found.precision >= 0.98
    assert found.recall >= 0.96


def test_status_messages_ask_no_feedback(scorer: Scorer) -> None:
    # Two delivery notes of that corpus do end with a link for feedback.
    alarms = [
        row["id"]
        for row in rows("topic", "other")
        if scorer.score("asks_feedback", [("/message/text", row["text"])]).fires
    ]
    assert len(alarms) <= 2


@pytest.mark.parametrize(
    ("label", "accepted", "ceiling"),
    [
        ("shipping", {"shipping"}, 0.0),
        ("reservation", {"reservation"}, 0.01),
        ("issue", {"issue", "shipping", "reservation", "account", "payment"}, 0.005),
    ],
)
def test_topic_is_seldom_wrong(scorer: Scorer, label: str, accepted: set[str], ceiling: float) -> None:
    groups: dict[str, list[bool]] = defaultdict(list)
    for row in rows("topic"):
        if row["label"] == label:
            topic = scorer.topic([("/message/text", row["text"])])
            groups[row["group"]].append(topic is not None and topic not in accepted)
    assert sum(sum(alarms) / len(alarms) for alarms in groups.values()) / len(groups) <= ceiling
