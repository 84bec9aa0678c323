"""Fit the lexicons to the labelled messages, and measure what came out.

    python -m tests.fitting.fit      (or: make lexicons)

Works out the weights of all terms by regularised logistic regression and the thresholds by cross-validation over
sources, writes them into the YAML under rules/lexicons/, and the figures into rules/measured.yaml.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import yaml

from policylint.lexicons.automaton import Automaton
from policylint.lexicons.languages import gate_of
from policylint.lexicons.model import ASKS_FEEDBACK, PROMOTIONAL, TOPIC, Lexicon, entries
from policylint.measurements import ALL
from policylint.shipped import shipped
from tests.fitting.corpus import CORPUS, MISSING, Sample, own_samples, samples
from tests.fitting.measure import Measured, measured, of_topics, table
from tests.fitting.model import PRIORS, Design, Fitted
from tests.fitting.thresholds import choose, flags, folds, topics, unseen
from tests.fitting.yamlweights import with_weights

RULES: Final = Path(str(shipped("rules")))
TOPICS: Final = ("shipping", "reservation", "issue", "account")  # that the corpus labels
LEAST_RANGE: Final = 2.6  # from the bias to the threshold: a medium term never suffices alone
_THRESHOLDS: Final = (0.0, 0.5, 1.0, 1.5, 2.0)
_MARGINS: Final = (2.0, 2.5, 3.0, 4.0)  # where two topics come close, silence is better
_ALARMS: Final = 0.008  # of the messages that are about what their tag is for


@dataclass(frozen=True, slots=True)
class Outcome:
    """Fitted lexicons of a signal, and how well they tell apart sources that the weights had not seen."""

    fitted: Fitted
    thresholds: list[float]
    margin: float
    figures: dict[str, Measured]


def read(signal: str) -> dict[Path, Lexicon]:
    """The lexicons of a signal by file; a term without a weight gets its prior's."""
    languages = yaml.safe_load((RULES / "languages.yaml").read_text(encoding="utf-8"))["languages"]
    found = {}
    for path in sorted((RULES / "lexicons" / signal).glob("*.yaml")):
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for _, term in entries(data):
            term.setdefault("weight", PRIORS[term["prior"]])
        lexicon = Lexicon.from_data(data)
        found[path] = replace(lexicon, gate=gate_of(languages, lexicon.language))
    return found


def fit_signal(lexicons: Sequence[Lexicon], labelled: Sequence[Sample], own: Sequence[Sample]) -> Outcome:
    """Weights, thresholds and figures of a signal without topics. `own` samples help to fit, and are not measured."""
    design = Design(lexicons, [*labelled, *own])
    fits = [design.fit(others) for others, _ in folds(design.samples)]
    final = design.fit()
    thresholds = [
        max(threshold, round(bias + LEAST_RANGE, 2))
        for threshold, bias in zip(choose(design, unseen(design, fits)), final.biases, strict=True)
    ]
    flagged = [False] * len(design.samples)
    for fitted, (_, left_out) in zip(fits, folds(design.samples), strict=True):
        for n, fires in zip(left_out, flags(design.automaton(fitted, thresholds), design, left_out), strict=True):
            flagged[n] = fires
    print("own texts, by weights fitted on the corpus alone")
    print(table(measured(own, flagged[len(labelled) :])))
    return Outcome(final, thresholds, 0.0, measured(labelled, flagged[: len(labelled)]))


def fit_topics(lexicons: Sequence[Lexicon], labelled: Sequence[Sample], own: Sequence[Sample]) -> Outcome:
    """Weights, threshold, margin and figures of the topics: the lowest ones that keep false alarms rare."""
    design = Design(lexicons, [*labelled, *own], TOPICS)
    fits = [(design.fit(others), left_out) for others, left_out in folds(design.samples)]
    best: tuple[float, float, float, dict[str, Measured]] | None = None
    for threshold in _THRESHOLDS:
        for margin in _MARGINS:
            leading: list[str | None] = [None] * len(design.samples)
            for fitted, left_out in fits:
                automaton = design.automaton(fitted, [threshold] * len(lexicons), margin)
                for n, topic in zip(left_out, topics(automaton, design, left_out), strict=True):
                    leading[n] = topic
            figures = of_topics(labelled, leading[: len(labelled)])
            alarms = max(figures[ALL].alarms.value, of_topics(own, leading[len(labelled) :])[ALL].alarms.value)
            if alarms <= _ALARMS and (best is None or figures[ALL].recall.value > best[0]):
                best = figures[ALL].recall.value, threshold, margin, figures
    if best is None:
        raise SystemExit("topic: no threshold keeps false alarms rare enough")
    _, threshold, margin, figures = best
    return Outcome(design.fit(), [threshold] * len(lexicons), margin, figures)


def shipped_figures(signal: str, lexicons: Sequence[Lexicon], labelled: Sequence[Sample]) -> dict[str, Measured]:
    """The figures of lexicons as they are, on all sources: flattering, for the weights saw them."""
    design, automaton = Design(lexicons, labelled), Automaton(lexicons)
    every = range(len(labelled))
    if signal == TOPIC:
        return of_topics(labelled, topics(automaton, design, every))
    return measured(labelled, flags(automaton, design, every))


def main() -> None:
    """Fit, measure, write."""
    if not CORPUS.is_dir():
        sys.exit(f"{CORPUS}: {MISSING}")
    record: dict[str, Any] = {}
    for signal in (PROMOTIONAL, ASKS_FEEDBACK, TOPIC):
        lexicons, labelled = read(signal), samples(signal)
        fit = fit_topics if signal == TOPIC else fit_signal
        outcome = fit(list(lexicons.values()), labelled, own_samples(signal))
        for n, path in enumerate(lexicons):
            text = path.read_text(encoding="utf-8")
            new = with_weights(
                text, outcome.fitted.weights[n], outcome.fitted.biases[n], outcome.thresholds[n], outcome.margin
            )
            path.write_text(new, encoding="utf-8")
        again = shipped_figures(signal, list(read(signal).values()), labelled)
        print(f"{signal}: each source by weights fitted on the others\n{table(outcome.figures)}\n")
        print(f"{signal}: all sources by the weights that are shipped\n{table(again)}\n")
        record[signal] = {"unseen": _record(outcome.figures), "shipped": _record(again)}
    today = datetime.now(UTC).date().isoformat()
    (RULES / "measured.yaml").write_text(
        "# How often the wording rules are right. Written by `make lexicons`; `policylint explain` shows it.\n"
        + yaml.safe_dump(
            {"measured_on": today, "signals": record}, sort_keys=False, default_flow_style=None, width=160
        ),
        encoding="utf-8",
    )


def _record(figures: dict[str, Measured]) -> dict[str, Any]:
    return {language: figure.as_data() for language, figure in figures.items()}


if __name__ == "__main__":
    main()
