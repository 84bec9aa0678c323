"""Thresholds that keep false alarms rare on sources that the weights were not fitted on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from policylint.lexicons.automaton import Automaton
from policylint.lexicons.model import ANY_LANGUAGE, ASKS_FEEDBACK, PROMOTIONAL
from policylint.lexicons.scorer import leading_topic, ranked, totals
from tests.fitting.corpus import OWN_SOURCE, Sample
from tests.fitting.model import Array, Design, Fitted

# Aimed at; the recall is what is left. Requests for feedback are told apart more easily.
PRECISION: Final = {PROMOTIONAL: 0.93, ASKS_FEEDBACK: 0.97}
ALARMS: Final = 0.01  # of the messages without the signal, in languages that have many
_STEPS: Final = np.round(np.arange(-1.5, 3.01, 0.1), 2)
_ENOUGH: Final = 25  # votes for each label that a language needs for a threshold of its own
_FOREIGN: Final = 0.008  # of the messages in other languages may be flagged by a language's lexicon
_OWN: Final = 0.25  # of a vote for a message of our own: half of them are there to be mistaken
_SILENT: Final = -np.inf


def folds(samples: Sequence[Sample]) -> Iterator[tuple[list[int], list[int]]]:
    """For each source the numbers of all samples from others, and of its own."""
    for source in sorted({sample.source for sample in samples}):
        yield (
            [n for n, sample in enumerate(samples) if sample.source != source],
            [n for n, sample in enumerate(samples) if sample.source == source],
        )


def log_odds(design: Design, fitted: Fitted, chosen: Sequence[int]) -> Array:
    """Log odds of the samples `chosen` in each lexicon: one row a sample; minus infinity where none of its terms is."""
    automaton = design.automaton(fitted)
    out = np.full((len(chosen), len(design.lexicons)), _SILENT)
    for row, n in enumerate(chosen):
        for (lexicon, _), total in totals(automaton, design.keys[n]).items():
            out[row, lexicon] = total + fitted.biases[lexicon]
    return out


def unseen(design: Design, fits: Sequence[Fitted]) -> Array:
    """The log odds of every sample by the weights that were fitted without its source; `fits` in the folds' order."""
    out = np.full((len(design.samples), len(design.lexicons)), _SILENT)
    for fitted, (_, own) in zip(fits, folds(design.samples), strict=True):
        out[own] = log_odds(design, fitted, own)
    return out


def choose(design: Design, odds: Array) -> list[float]:
    """A threshold for each lexicon, from the log odds of unseen samples.

    A language with few samples gets the threshold that all languages together would have; one with many the middle
    between that and its own, since its sources are few.
    """
    votes = np.array([sample.vote * (_OWN if sample.source == OWN_SOURCE else 1) for sample in design.samples])
    y = np.array([sample.positive for sample in design.samples])
    own = np.array([-1 if number is None else number for number in design.own])
    judged = own >= 0
    mine = np.where(judged, odds[np.arange(len(own)), own], _SILENT)
    aim = PRECISION[design.lexicons[0].signal]
    common = _lowest(mine[judged], y[judged], votes[judged], aim)
    out = []
    for number, lexicon in enumerate(design.lexicons):
        rows = own == number
        foreign = ~y & (own != number)
        least = _quiet(odds[foreign, number], votes[foreign])
        if lexicon.language == ANY_LANGUAGE:
            alone = np.all(np.isneginf(np.delete(odds, number, axis=1)), axis=1)  # nothing else speaks
            out.append(max(common, least, _lowest(odds[alone, number], y[alone], votes[alone], aim)))
        elif min(votes[rows & y].sum(), votes[rows & ~y].sum()) >= _ENOUGH:
            out.append(max(least, round((_lowest(mine[rows], y[rows], votes[rows], aim) + common) / 2, 2)))
        else:
            out.append(max(least, common))
    return out


def _quiet(odds: Array, votes: Array) -> float:
    """The lowest threshold that hardly any message without the signal in another language reaches."""
    return next((float(s) for s in _STEPS if votes[odds >= s].sum() <= _FOREIGN * votes.sum()), float(_STEPS[-1]))


def flags(automaton: Automaton, design: Design, chosen: Sequence[int]) -> list[bool]:
    """Which of the samples `chosen` show the signal."""
    return [bool(ranking) and ranking[0][0] >= 1 for ranking in (ranked(automaton, design.keys[n]) for n in chosen)]


def topics(automaton: Automaton, design: Design, chosen: Sequence[int]) -> list[str | None]:
    """The leading topics of the samples `chosen`."""
    return [leading_topic(automaton, design.keys[n]) for n in chosen]


def _lowest(odds: Array, y: np.ndarray[tuple[int], np.dtype[np.bool_]], votes: Array, aim: float) -> float:
    """The lowest threshold with the precision aimed at, both as the labels are and as if each were as frequent."""
    positives, negatives = max(float(votes[y].sum()), 1.0), max(float(votes[~y].sum()), 1.0)
    for step in _STEPS:
        flagged = odds >= step
        right, wrong = float(votes[flagged & y].sum()), float(votes[flagged & ~y].sum())
        share, alarms = right / positives, wrong / negatives
        rare = alarms <= ALARMS or negatives < 2 / ALARMS
        if right and rare and min(right / (right + wrong), share / (share + alarms)) >= aim:
            return float(step)
    return float(_STEPS[-1])
