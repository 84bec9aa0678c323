"""Measurements: how often the rules that judge by the wording are right, as rules/measured.yaml records it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from policylint.rules.model import AllOf, AnyOf, Condition, NoneOf, Rule, Test
from policylint.situation import signal_of_fact

ALL: Final = "all"  # every language together
_CONTENT: Final = "content."
_PRECISIONS: Final = ((0.95, "very-high"), (0.85, "high"), (0.7, "medium"))  # lower end of the interval, SARIF's word


@dataclass(frozen=True, slots=True)
class Figure:
    """A share, and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """How well a signal was told apart in one language, or in all.

    Counts are groups: a message, its translations and near-duplicates are one. `precision` is the share of the flagged
    that were flagged rightly (None where nothing was), `recall` the share of the positives that were flagged, `alarms`
    the share of the negatives that were.
    """

    language: str
    positives: int
    negatives: int
    sources: int
    precision: Figure | None
    recall: Figure
    alarms: Figure


@dataclass(frozen=True, slots=True)
class Measurements:
    """By signal, each source by weights that were fitted without it, the languages with most messages first."""

    measured_on: str  # ISO day
    signals: Mapping[str, tuple[Measurement, ...]]

    def of(self, rule: Rule) -> tuple[Measurement, ...]:
        """The measurements of the signal that a rule judges by; none where it judges by none that was measured."""
        return self.signals.get(signal_of(rule.breach_when) or "", ())

    def precision(self, rule: Rule) -> str:
        """How precise a rule is in SARIF's words; what was not measured is `medium`."""
        if not rule.heuristic:
            return "very-high"
        pooled = next((m.precision for m in self.of(rule) if m.language == ALL), None)
        if pooled is None:
            return "medium"
        return next((word for least, word in _PRECISIONS if pooled.low >= least), "low")


def measurements_from_data(data: Mapping[str, Any]) -> Measurements:
    """The measurements that a valid value describes (schemas/measured.schema.json)."""
    return Measurements(
        measured_on=data["measured_on"],
        signals={
            signal: tuple(_measurement(language, of) for language, of in figures["unseen"].items())
            for signal, figures in data["signals"].items()
        },
    )


def signal_of(condition: Condition) -> str | None:
    """The signal of the lexicons that a condition asks for, the first one where it asks for several."""
    if isinstance(condition, Test):
        if not condition.fact.startswith(_CONTENT):
            return None
        return signal_of_fact(condition.fact)
    assert isinstance(condition, AllOf | AnyOf | NoneOf)
    return next((signal for part in condition.parts if (signal := signal_of(part))), None)


def _measurement(language: str, data: Mapping[str, Any]) -> Measurement:
    return Measurement(
        language=language,
        positives=data["positives"],
        negatives=data["negatives"],
        sources=data["sources"],
        precision=None if data["precision"] is None else Figure(*data["precision"]),
        recall=Figure(*data["recall"]),
        alarms=Figure(*data["alarms"]),
    )
