"""How often the scorer is right: precision and recall, with intervals, by language."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from policylint.measurements import ALL, Figure
from tests.fitting.corpus import Sample

_Z: Final = 1.96  # 95 % of a normal distribution
# What the tags of the first edition are for, as rules/editions.yaml says it.
TAG_TOPICS: Final = (
    frozenset({"shipping"}),
    frozenset({"reservation"}),
    frozenset({"issue", "shipping", "reservation", "account", "payment"}),
)
FEWEST: Final = 5  # groups of a kind that a language needs for a figure of its own


@dataclass(frozen=True, slots=True)
class Measured:
    """How well a signal was told apart in a language. Counts are groups: a message and its near-duplicates are one."""

    positives: int
    negatives: int
    sources: int
    precision: Figure | None  # None where nothing was flagged
    recall: Figure
    alarms: Figure  # the share of the negatives that was flagged

    def as_data(self) -> dict[str, Any]:
        """The figures for rules/measured.yaml: shares with the ends of their intervals, in three digits."""
        return {
            "positives": self.positives,
            "negatives": self.negatives,
            "sources": self.sources,
            "precision": None if self.precision is None else _digits(self.precision),
            "recall": _digits(self.recall),
            "alarms": _digits(self.alarms),
        }


def _digits(figure: Figure) -> list[float]:
    return [round(figure.value, 3), round(figure.low, 3), round(figure.high, 3)]


def measured(samples: Sequence[Sample], flagged: Sequence[bool]) -> dict[str, Measured]:
    """The figures of all languages together (`all`) and of each that has enough groups, by language."""
    languages: dict[tuple[str, str, str], set[str]] = {}
    for sample in samples:
        languages.setdefault((sample.source, sample.group, sample.label), set()).add(sample.language)
    by_language: dict[str, list[tuple[Sample, bool]]] = {ALL: []}
    for sample, fires in zip(samples, flagged, strict=True):
        by_language.setdefault(sample.language, []).append((sample, fires))
        translations = len(languages[sample.source, sample.group, sample.label])
        by_language[ALL].append((replace(sample, vote=sample.vote / translations), fires))
    figures = {language: _figures(rows) for language, rows in by_language.items()}
    ranked = sorted(figures.items(), key=lambda item: (-item[1].positives - item[1].negatives, item[0]))
    return {name: figure for name, figure in ranked if min(figure.positives, figure.negatives) >= FEWEST}


def of_topics(samples: Sequence[Sample], leading: Sequence[str | None]) -> dict[str, Measured]:
    """The figures of `off-topic-for-tag`: every message is held under each tag in turn.

    It should be flagged under a tag for another topic (positives), and not under one for its own (negatives); its vote
    is shared out among the tags.
    """
    cases: list[Sample] = []
    flagged: list[bool] = []
    for sample, topic in zip(samples, leading, strict=True):
        for of_tag in TAG_TOPICS:
            cases.append(replace(sample, positive=sample.label not in of_tag, vote=sample.vote / len(TAG_TOPICS)))
            flagged.append(topic is not None and topic not in of_tag)
    return measured(cases, flagged)


def _figures(rows: Iterable[tuple[Sample, bool]]) -> Measured:
    rows = list(rows)
    votes = {True: 0.0, False: 0.0}
    caught = {True: 0.0, False: 0.0}
    for sample, fires in rows:
        votes[sample.positive] += sample.vote
        caught[sample.positive] += sample.vote * fires
    flagged = caught[True] + caught[False]
    return Measured(
        positives=round(votes[True]),
        negatives=round(votes[False]),
        sources=len({sample.source for sample, _ in rows}),
        precision=share(caught[True], flagged) if flagged else None,
        recall=share(caught[True], votes[True]),
        alarms=share(caught[False], votes[False]),
    )


def share(part: float, whole: float) -> Figure:
    """`part` of `whole` with its interval; of nothing, anything is possible."""
    if whole <= 0:
        return Figure(0.0, 0.0, 1.0)
    p = min(part / whole, 1.0)
    centre = (p + _Z**2 / (2 * whole)) / (1 + _Z**2 / whole)
    spread = _Z * math.sqrt(p * (1 - p) / whole + _Z**2 / (4 * whole**2)) / (1 + _Z**2 / whole)
    return Figure(p, max(centre - spread, 0.0), min(centre + spread, 1.0))


def table(figures: Mapping[str, Measured]) -> str:
    """The figures as lines for a terminal."""
    lines = [f"{'':8}{'positives':>10}{'negatives':>10}{'sources':>8}  precision           recall              alarms"]
    for name, of in figures.items():
        shown = [
            "    -              " if figure is None else f"{figure.value:.3f} [{figure.low:.3f},{figure.high:.3f}]"
            for figure in (of.precision, of.recall, of.alarms)
        ]
        lines.append(f"{name:8}{of.positives:>10}{of.negatives:>10}{of.sources:>8}  {'  '.join(shown)}")
    return "\n".join(lines)
