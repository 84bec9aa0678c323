"""Logistic regression over term hits, from what was thought of the terms before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.linear_model import LogisticRegression

from policylint.lexicons.automaton import Automaton, TermKey
from policylint.lexicons.model import ANY_LANGUAGE, Lexicon
from tests.fitting.corpus import Sample

Array: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]

# Log odds of each prior, on top of a bias of -3 (one text in twenty): a strong term alone, two medium or three weak
# ones bring a text above even odds, and a certain one whatever speaks against it.
PRIORS: Final = {"certain": 8.0, "strong": 4.2, "medium": 2.2, "weak": 1.2, "against": -2.2, "strongly-against": -4.2}
BIAS: Final = -3.0
_CONVICTION: Final = 30  # imagined observations that speak for a prior
_CELL: Final = 60  # votes that one source may cast for one label in one language
_LEAST: Final = 0.05  # a term keeps its sign; one that the data turn round is as good as switched off


@dataclass(frozen=True, slots=True)
class Fitted:
    """The weights of each lexicon's terms, in order, and its bias."""

    weights: tuple[tuple[float, ...], ...]
    biases: tuple[float, ...]


class Design:
    """Which terms each sample holds, and what it should be taken for.

    A row is a sample and a topic ("" for a signal without topics), true when the sample shows the signal, or is about
    the topic. Columns are the terms of all lexicons in order, then a bias for each lexicon. A row has the terms of its
    topic in its own language and in any; samples in a language without a lexicon have no rows.
    """

    def __init__(self, lexicons: Sequence[Lexicon], samples: Sequence[Sample], topics: Sequence[str] = ("",)) -> None:
        self.lexicons = tuple(lexicons)
        self.samples = tuple(samples)
        self.topics = tuple(topics)
        found = Automaton(self.lexicons).found
        self.keys: list[Sequence[TermKey]] = [found(sample.text) for sample in samples]
        number = {lexicon.language: n for n, lexicon in enumerate(lexicons)}
        self.own = [number.get(sample.language) for sample in samples]
        self._starts = np.cumsum([0, *(len(lexicon.terms) for lexicon in lexicons)]).tolist()
        rows = [(n, own, topic) for n, own in enumerate(self.own) if own is not None for topic in topics]
        self._sample = np.array([n for n, _, _ in rows])
        self._x = hstack(
            [
                _matrix([self._columns(n, own, topic) for n, own, topic in rows], self._starts[-1]),
                _matrix([[own] for _, own, _ in rows], len(lexicons)),
            ]
        ).tocsr()
        self._y = np.array([samples[n].shows(topic) for n, _, topic in rows])
        votes = balanced(samples)
        self._votes = votes[self._sample]

    def _columns(self, n: int, own: int, topic: str) -> list[int]:
        return [
            self._starts[lexicon] + term
            for lexicon, term in self.keys[n]
            if (lexicon == own or self.lexicons[lexicon].language == ANY_LANGUAGE)
            and self.lexicons[lexicon].terms[term].topic == topic
        ]

    def fit(self, chosen: Iterable[int] | None = None) -> Fitted:
        """The weights that the samples with the numbers `chosen` (all without) and the priors make most likely."""
        rows = np.ones(len(self._y), bool) if chosen is None else np.isin(self._sample, list(chosen))
        terms = [term for lexicon in self.lexicons for term in lexicon.terms]
        priors = np.array([PRIORS[term.prior] for term in terms] + [BIAS] * len(self.lexicons))
        # An imagined text with 1/prior of a term has log odds of 1: so each prior is held with the same conviction,
        # in proportion to its size.
        imagined = csr_matrix(np.diag(1 / np.abs(priors)))
        odds = 1 / (1 + np.exp(-np.sign(priors)))
        x = vstack([self._x[rows], imagined, imagined]).tocsr()
        y = np.concatenate([self._y[rows], np.ones(len(priors)), np.zeros(len(priors))])
        votes = np.concatenate([self._votes[rows], _CONVICTION * odds, _CONVICTION * (1 - odds)])
        model = LogisticRegression(C=1e4, fit_intercept=False, max_iter=2000, tol=1e-6)
        model.fit(x, y, sample_weight=votes)
        fitted = model.coef_[0]
        signs = np.sign(priors[: len(terms)])
        weights = np.round(signs * np.maximum(fitted[: len(terms)] * signs, _LEAST), 2).tolist()
        return Fitted(
            tuple(tuple(weights[a:b]) for a, b in zip(self._starts, self._starts[1:], strict=False)),
            tuple(np.round(fitted[len(terms) :], 2).tolist()),
        )

    def automaton(self, fitted: Fitted, thresholds: Sequence[float] | None = None, margin: float = 0.0) -> Automaton:
        """The lexicons with fitted weights, for scoring; without thresholds they score log odds above the bias."""
        limits = thresholds or [bias + 1 for bias in fitted.biases]
        parts = zip(self.lexicons, fitted.weights, fitted.biases, limits, strict=True)
        return Automaton(
            [lexicon.with_weights(weights, bias, limit, margin) for lexicon, weights, bias, limit in parts]
        )


def balanced(samples: Sequence[Sample]) -> Array:
    """The samples' votes, so that no source outvotes the others in a language."""
    cells: dict[tuple[str, str, str], float] = {}
    for sample in samples:
        key = sample.source, sample.language, sample.label
        cells[key] = cells.get(key, 0) + sample.vote
    return np.array(
        [sample.vote * min(1, _CELL / cells[sample.source, sample.language, sample.label]) for sample in samples]
    )


def _matrix(rows: Sequence[Sequence[int]], width: int) -> csr_matrix:
    ends = np.cumsum([0, *map(len, rows)])
    columns = np.array([column for row in rows for column in row], dtype=int)
    return csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(rows), width))
