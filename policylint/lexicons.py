"""Lexicons, and the scorer that weighs a message's wording with them.

A lexicon is data: weighted terms of one signal in one language. The scorer finds all terms of a signal with one RE2
set, so that a message without any costs one pass; only a firing score pays for spans. Nothing here reads a file.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from policylint.errors import RuleError
from policylint.events import Pointer
from policylint.findings import Evidence

TOPIC: Final = "topic"

# Memory for one signal's automaton. A bound, not a reservation: RE2 starts over when its cache is full.
_MAX_MEM: Final = 64 << 20

_LETTER_BEFORE: Final = r"(?:^|[^\pL\pM\pN_])"
_LETTER_AFTER: Final = r"(?:$|[^\pL\pM\pN_])"


@dataclass(frozen=True, slots=True)
class Term:
    """Something to look for, and how much it says.

    `pattern` is RE2, matched without regard to case; the first group that takes part is the evidence, without
    groups the whole match. A negative `weight` is context that speaks against the signal. `topic` is empty outside
    the topic signal.
    """

    id: str
    pattern: str
    weight: float
    kind: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The terms of one signal in one language.

    `margin` is used by the topic signal alone: by how much a topic must lead the next one.
    """

    signal: str
    language: str
    threshold: float
    terms: tuple[Term, ...]
    bias: float = 0.0
    margin: float = 0.0

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Lexicon:
        """The lexicon that valid data (schemas/lexicon.schema.json) describe. Patterns are not tried out here."""
        terms = [_term(term) for term in data.get("terms", ())]
        for topic, of_topic in data.get("topics", {}).items():
            terms += [_term(term, topic) for term in of_topic]
        return cls(
            signal=data["signal"],
            language=data["language"],
            threshold=float(data["threshold"]),
            terms=tuple(terms),
            bias=float(data.get("bias", 0)),
            margin=float(data.get("margin", 0)),
        )

    def check(self) -> None:
        """Try out every pattern. Raises RuleError that names the first term that is not RE2, or is there twice."""
        seen: set[tuple[str, str]] = set()
        for term in self.terms:
            if (term.topic, term.id) in seen:
                raise RuleError(f"term {term.id!r}: an id that another term has already")
            seen.add((term.topic, term.id))
            _compiled(term)


@dataclass(frozen=True, slots=True)
class Hit:
    """The first place where a term stands: code points `start` to `end` (exclusive) of the text at `pointer`."""

    term: Term
    pointer: Pointer
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Score:
    """How strongly a message shows a signal. Evidence only when it fires: the terms in favour, in reading order."""

    value: float
    threshold: float
    evidence: tuple[Evidence, ...] = ()

    @property
    def fires(self) -> bool:
        """Whether the message shows the signal."""
        return self.value >= self.threshold


class Scorer:
    """Weighs the texts of a message, judged together, signal by signal.

    Built from values and cheap to pickle: RE2 sets are compiled at a signal's first use, in each process anew.
    Where a signal has lexicons in several languages, the one that speaks loudest counts; languages do not add up.
    No text makes it raise; a broken pattern raises RuleError at its signal's first use
    (`Lexicon.check` finds it early).
    """

    def __init__(self, lexicons: Sequence[Lexicon]) -> None:
        self._lexicons = tuple(lexicons)
        by_signal: dict[str, list[Lexicon]] = {}
        for lexicon in lexicons:
            by_signal.setdefault(lexicon.signal, []).append(lexicon)
        self._signals = {signal: _Signal(of_signal) for signal, of_signal in by_signal.items()}

    def __reduce__(self) -> tuple[type[Scorer], tuple[tuple[Lexicon, ...]]]:
        return Scorer, (self._lexicons,)  # compiled patterns can't travel

    def score(self, signal: str, texts: Sequence[tuple[Pointer, str]]) -> Score:
        """The score of a signal; of the topic signal, the score of its leading topic.

        A term counts once however often it stands in the texts. A signal without lexicon never fires.
        """
        known = self._signals.get(signal)
        if known is None:
            return Score(0.0, math.inf)
        found = known.found(texts)
        if not found:
            return known.silent  # the common case
        value, lexicon, topic = known.ranked(found)[0]
        if value < lexicon.threshold:
            return Score(value, lexicon.threshold)
        hits = [
            hit
            for number, text in found.items()
            if known.terms[number][1].weight > 0
            and known.terms[number][0] is lexicon
            and known.terms[number][1].topic == topic
            for hit in known.hits(number, texts[text : text + 1])
        ]
        order = {pointer: at for at, (pointer, _) in reversed(list(enumerate(texts)))}
        hits.sort(key=lambda hit: (order[hit.pointer], hit.start, hit.end, hit.term.id))
        evidence = tuple(Evidence(hit.pointer, hit.start, hit.end, hit.term.id) for hit in hits)
        return Score(value, lexicon.threshold, evidence)

    def topic(self, texts: Sequence[tuple[Pointer, str]]) -> str | None:
        """The one topic that clearly leads. None when none reaches the threshold or a second one comes close."""
        known = self._signals.get(TOPIC)
        if known is None:
            return None
        found = known.found(texts)
        if not found:
            return None
        best: dict[str, tuple[float, Lexicon]] = {}  # a topic's loudest language
        for value, lexicon, topic in known.ranked(found):
            best.setdefault(topic, (value, lexicon))
        (topic, (value, lexicon)), *others = best.items()
        if value < lexicon.threshold or any(value - other < lexicon.margin for _, (other, _) in others):
            return None
        return topic or None

    def hits(self, signal: str, texts: Sequence[tuple[Pointer, str]]) -> list[Hit]:
        """Every term of a signal that the texts hold, context too, each at its first place."""
        known = self._signals.get(signal)
        if known is None:
            return []
        found = known.found(texts)
        return [hit for number, text in found.items() for hit in known.hits(number, texts[text : text + 1])]


class _Signal:
    """The lexicons of one signal, and the automaton over all their terms."""

    def __init__(self, lexicons: Sequence[Lexicon]) -> None:
        self.lexicons = tuple(lexicons)
        self.terms = [(lexicon, term) for lexicon in lexicons for term in lexicon.terms]
        self._keys = [(n, term.topic) for n, lexicon in enumerate(lexicons) for term in lexicon.terms]
        self._start = {(n, topic): lex.bias for n, lex in enumerate(self.lexicons) for topic in _topics(lex)}
        self._patterns: dict[int, Any] = {}
        value, lexicon, _ = self.ranked(())[0]
        self.silent = Score(value, lexicon.threshold)

    @cached_property
    def _set(self) -> Any:
        import re2

        options = _options()
        terms = re2.Set.SearchSet(options)
        for _, term in self.terms:
            try:
                terms.Add(term.pattern)
            except re2.error as error:
                raise _broken(term) from error
        terms.Compile()
        return terms

    def found(self, texts: Sequence[tuple[Pointer, str]]) -> dict[int, int]:
        """Numbers of the terms that the texts hold, each with the number of the first text that holds it."""
        found: dict[int, int] = {}
        match = self._set.Match
        for at, (_, text) in enumerate(texts):
            try:
                numbers = match(text)
            except UnicodeEncodeError:
                numbers = match(_encodable(text))
            if numbers:
                for number in numbers:
                    found.setdefault(number, at)
        return found

    def ranked(self, found: Iterable[int]) -> list[tuple[float, Lexicon, str]]:
        """Value, lexicon and topic ("" outside the topic signal), the one that clears its threshold best first."""
        values = dict(self._start)
        for number in sorted(found):  # a fixed order: floats must add up to the same bits everywhere
            values[self._keys[number]] += self.terms[number][1].weight
        # Rounded, so that weights which add up to the threshold on paper reach it.
        ranking = [(round(value, 9), self.lexicons[n], topic) for (n, topic), value in values.items()]
        ranking.sort(key=lambda row: row[1].threshold - row[0])
        return ranking

    def hits(self, number: int, texts: Iterable[tuple[Pointer, str]]) -> Iterable[Hit]:
        """Where the term first stands in each of the texts."""
        term = self.terms[number][1]
        pattern = self._patterns.get(number)
        if pattern is None:
            pattern = self._patterns[number] = _compiled(term)
        for pointer, text in texts:
            match = pattern.search(_encodable(text))
            if match is not None:
                group = next((n for n, piece in enumerate(match.groups(), 1) if piece is not None), 0)
                yield Hit(term, pointer, match.start(group), match.end(group))


def _term(data: Mapping[str, Any], topic: str = "") -> Term:
    pattern = data["pattern"] if "pattern" in data else _any_of(data["words"])
    return Term(data["id"], pattern, float(data["weight"]), data.get("kind", ""), topic)


def _any_of(words: Iterable[str]) -> str:
    """A pattern for literal phrases, each between word boundaries; alike boundaries are written once."""
    by_edges: dict[tuple[str, str], list[str]] = {}
    for word in words:
        edges = _edge(word[0], _LETTER_BEFORE), _edge(word[-1], _LETTER_AFTER)
        by_edges.setdefault(edges, []).append(_literal(word))
    return "|".join(f"{before}({'|'.join(group)}){after}" for (before, after), group in by_edges.items())


def _edge(character: str, cased: str) -> str:
    """The word boundary beside a phrase that starts or ends with this character.

    RE2's `\\b` knows ASCII letters only. Scripts without case get none: several of them write no spaces.
    """
    if character.isascii():
        return r"\b" if character.isalnum() or character == "_" else ""
    return cased if unicodedata.category(character) in {"Lu", "Ll", "Lt"} else ""


def _literal(phrase: str) -> str:
    """RE2 for the phrase itself: any run of white space between words, straight and curly apostrophes alike."""
    words = r"\s+".join(re.escape(word) for word in phrase.split())
    return words.replace("’", "'").replace("'", "['’]")


def _options() -> Any:
    import re2

    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False  # the message of our own error says it
    options.max_mem = _MAX_MEM
    return options


def _compiled(term: Term) -> Any:
    import re2

    try:
        return re2.compile(term.pattern, _options())
    except re2.error as error:
        raise _broken(term) from error


def _broken(term: Term) -> RuleError:
    import re2

    try:
        re2.compile(term.pattern, _options())
    except re2.error as error:
        reason = error.args[0] if error.args else error
        why = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
    else:
        why = "too large"
    return RuleError(f"term {term.id!r}: not an RE2 pattern: {why}")


def _topics(lexicon: Lexicon) -> list[str]:
    return list(dict.fromkeys(term.topic for term in lexicon.terms)) or [""]


def _encodable(text: str) -> str:
    """The text with a question mark for each lone surrogate (JSON can hold them), so that places stay what they are."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text
