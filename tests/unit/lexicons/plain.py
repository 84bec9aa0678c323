"""Scoring the plain way: every term by its exact pattern, nothing remembered. What the fast way is held against."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

import re2

from policylint.lexicons.automaton import Automaton, TermKey, encodable
from policylint.lexicons.matching import options
from policylint.lexicons.model import TOPIC, Lexicon
from policylint.lexicons.scorer import leading_topic, ranked
from policylint.lexicons.spelling import UNUSUAL, spellings


@cache
def compiled(pattern: str) -> Any:
    return re2.compile(pattern, options())


def holds(pattern: str, reading: str) -> bool:
    return compiled(pattern).search(reading) is not None


class PlainScorer:
    """Scores with the lexicons of one signal."""

    def __init__(self, lexicons: Collection[Lexicon]) -> None:
        self.known = Automaton(tuple(lexicons))  # knows the terms by their keys; never asked to find anything

    def found(self, text: str) -> list[TermKey]:
        """The terms that a text holds in one of its spellings, in order."""
        lexicons = list(enumerate(self.known.lexicons))
        own = encodable(text).lower()
        always = [row for row in lexicons if not row[1].gate]
        gated = [row for row in lexicons if row[1].gate]
        unusual = holds(UNUSUAL, own)
        if not (
            unusual
            or any(holds(lexicon.gate, own) for _, lexicon in gated)
            or any(holds(probe.loose, own) for _, lexicon in always for term in lexicon.terms for probe in term.probes)
        ):
            return []
        readings = [own]
        if unusual or encodable(text) != text:
            readings += [encodable(spelling.text).lower() for spelling in spellings(text)]
        opened = [row for row in gated if any(holds(row[1].gate, reading) for reading in readings)]
        if len(opened) > 1:
            words = [len(set(compiled(lexicon.gate).findall(own))) for _, lexicon in opened]
            opened = [row for row, count in zip(opened, words, strict=True) if 2 * count >= max(words)]
        return sorted(
            (number, n)
            for number, lexicon in [*always, *opened]
            for n, term in enumerate(lexicon.terms)
            if any(holds(probe.exact, reading) for probe in term.probes for reading in readings)
        )

    def value(self, text: str, kinds: Collection[str] | None = None) -> float:
        """The value of the score."""
        keys = [
            key
            for key in self.found(text)
            if kinds is None or (term := self.known.term(key)).weight < 0 or term.kind in kinds
        ]
        ranking = ranked(self.known, keys)
        return ranking[0][0] if ranking else 0.0

    def topic(self, text: str) -> str | None:
        """The leading topic."""
        keys = self.found(text)
        assert all(lexicon.signal == TOPIC for lexicon in self.known.lexicons)
        return leading_topic(self.known, keys) if keys else None
