"""The scorer: how strongly the wording of a message shows a signal.

One pass over a message's texts tells whether any term of a signal may be there, and in which languages to look closer,
so that a message without any costs that pass; what a set of terms comes to is worked out once, and only a firing score
pays for places. Nothing here reads a file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import itemgetter
from typing import Final, TypeAlias

from policylint.events import Pointer
from policylint.findings import Evidence
from policylint.lexicons.automaton import Automaton, Reading, TermKey
from policylint.lexicons.model import ANY_LANGUAGE, PROMOTIONAL, TOPIC, Lexicon, Term
from policylint.lexicons.phrases import BETWEEN

Texts: TypeAlias = Sequence[tuple[Pointer, str]]
LexiconReader: TypeAlias = Callable[[str], Sequence[Lexicon]]

_DIGITS: Final = 9  # rounded, so that weights which add up to the threshold on paper reach it
_SHARE_DIGITS: Final = 2
_PLACE_AND_TERM: Final = itemgetter(0, 1, 2, 3)
_COMBINATIONS: Final = 4_000  # of terms whose score is kept, at most; then all are forgotten


@dataclass(frozen=True, slots=True)
class Hit:
    """The first place where a term stands: code points `start` to `end` (exclusive) of the text at `pointer`."""

    term: Term
    language: str
    pointer: Pointer
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Score:
    """How strongly a message shows a signal: 0 is a text without any term, 1 the threshold.

    Only when it fires: the language that spoke, and the evidence, the terms in favour in reading order.
    """

    value: float
    language: str = ""
    evidence: tuple[Evidence, ...] = ()

    @property
    def fires(self) -> bool:
        """Whether the message shows the signal."""
        return self.value >= 1


_SILENT: Final = Score(0.0)


@dataclass(frozen=True, slots=True)
class _Leader:
    """What some terms come to: the score without evidence; where it fires, the language and the terms that speak for
    it, each with its share."""

    score: Score
    language: str = ""
    speakers: tuple[TermKey, ...] = ()
    shares: tuple[tuple[Term, float], ...] = ()


class _Weighed:
    """An automaton, and what the combinations of its terms come to that were met so far."""

    def __init__(self, known: Automaton) -> None:
        self.known = known
        self._leaders: dict[tuple[frozenset[str] | None, tuple[TermKey, ...]], _Leader] = {}
        self._topics: dict[tuple[TermKey, ...], str | None] = {}

    def leader(self, keys: tuple[TermKey, ...], kinds: Collection[str] | None) -> _Leader:
        """The loudest of everything that `keys` speak for, with terms in favour of `kinds` only."""
        asked = (kinds if kinds is None or type(kinds) is frozenset else frozenset(kinds)), keys
        leader = self._leaders.get(asked)
        if leader is None:
            if len(self._leaders) >= _COMBINATIONS:
                self._leaders.clear()
            leader = self._leaders[asked] = self._led(self._of_kinds(keys, kinds))
        return leader

    def _led(self, keys: Sequence[TermKey]) -> _Leader:
        known = self.known
        ranking = ranked(known, keys)
        if not ranking:
            return _Leader(_SILENT)
        value, number, topic = ranking[0]
        if not Score(value).fires:
            return _Leader(Score(value))
        lexicon = known.lexicons[number]
        speakers = tuple(
            key
            for key in keys
            if (term := known.term(key)).weight > 0
            and term.topic == topic
            and known.lexicons[key[0]].language in (lexicon.language, ANY_LANGUAGE)
        )
        terms = map(known.term, speakers)
        shares = tuple((term, round(term.weight / lexicon.range, _SHARE_DIGITS)) for term in terms)
        return _Leader(Score(value), lexicon.language, speakers, shares)

    def topic(self, keys: tuple[TermKey, ...]) -> str | None:
        """The topic that clearly leads among `keys`, if one does."""
        topic = self._topics.get(keys, "")  # no topic is called that
        if topic == "":
            if len(self._topics) >= _COMBINATIONS:
                self._topics.clear()
            topic = self._topics[keys] = leading_topic(self.known, keys)
        return topic

    def _of_kinds(self, keys: Sequence[TermKey], kinds: Collection[str] | None) -> Sequence[TermKey]:
        """The keys without those of terms in favour that are of no kind among `kinds`."""
        if kinds is None:
            return keys
        return [key for key in keys if (term := self.known.term(key)).weight < 0 or term.kind in kinds]


class Scorer:
    """Weighs the texts of a message, judged together, signal by signal.

    Built from lexicons, or from a function that reads those of a signal when it is first asked for; cheap to pickle if
    that function is. A language's score is made of its own terms and of those of `mul`, which hold
    in any language; the language with most terms in the texts counts, languages do not add up.
    No text makes it raise; a broken pattern raises RuleError at its signal's first use.
    """

    def __init__(self, lexicons: Sequence[Lexicon] | LexiconReader) -> None:
        self._source = lexicons
        self._weighed: dict[str, _Weighed | None] = {}

    def __reduce__(self) -> tuple[type[Scorer], tuple[Sequence[Lexicon] | LexiconReader]]:
        return Scorer, (self._source,)  # compiled patterns can't travel

    def lexicons(self, signal: str) -> Sequence[Lexicon]:
        """The lexicons of a signal; none for one that there are no lexicons of."""
        if callable(self._source):
            return self._source(signal)
        return [lexicon for lexicon in self._source if lexicon.signal == signal]

    def _of(self, signal: str) -> _Weighed | None:
        if signal not in self._weighed:
            lexicons = self.lexicons(signal)
            self._weighed[signal] = _Weighed(Automaton(lexicons)) if lexicons else None
        return self._weighed[signal]

    def value(self, signal: str, text: str, kinds: Collection[str] | None = None) -> float:
        """The value of the score of a signal, for the texts of a message joined by `BETWEEN`; cheaper than `score`."""
        return self._value(signal, Reading(text), kinds)

    def topic_of(self, text: str) -> str | None:
        """The `topic` of a message, for its texts joined by `BETWEEN`."""
        return self._topic(Reading(text))

    def wording(
        self, signals: Iterable[str | None], text: str, kinds: Collection[str] | None = None
    ) -> tuple[float | str | None, ...]:
        """What the wording of a message comes to, signal by signal: its topic, of other signals the value.

        None stands for a signal that isn't asked for. `kinds` are those of promotion that count. The same as `value`
        and `topic_of`, and cheaper where several signals are asked for.
        """
        reading = Reading(text)
        told: list[float | str | None] = []
        for signal in signals:
            if signal is None:
                told.append(None)
            elif signal == TOPIC:
                told.append(self._topic(reading))
            else:
                told.append(self._value(signal, reading, kinds if signal == PROMOTIONAL else None))
        return tuple(told)

    def wordings(
        self, signals: Sequence[str | None], texts: Iterable[str], kinds: Collection[str] | None = None
    ) -> list[tuple[float | str | None, ...]]:
        """The `wording` of many messages: one signal of all before the next, so that its states stay at hand."""
        readings = [Reading(text) for text in texts]
        columns: list[list[float | str | None]] = []
        for signal in signals:
            if signal is None:
                columns.append([None] * len(readings))
            elif signal == TOPIC:
                columns.append([self._topic(reading) for reading in readings])
            else:
                own = kinds if signal == PROMOTIONAL else None
                columns.append([self._value(signal, reading, own) for reading in readings])
        return list(zip(*columns, strict=True)) if columns else [()] * len(readings)

    def heeds_digits(self, signals: Iterable[str | None], text: str) -> bool:
        """Whether other digits in the places of a text's digits might change the `wording`, or the places that speak
        for it. A no is sure.
        """
        reading = Reading(text)
        asked = [self._weighed.get(signal) or self._of(signal) for signal in signals if signal is not None]
        return any(weighed.known.heeds_digits(reading) for weighed in asked if weighed is not None)

    def _value(self, signal: str, reading: Reading, kinds: Collection[str] | None) -> float:
        weighed = self._weighed.get(signal) or self._of(signal)
        if weighed is None:
            return 0.0
        keys = weighed.known.found_in(reading)
        return weighed.leader(keys, kinds).score.value if keys else 0.0

    def _topic(self, reading: Reading) -> str | None:
        weighed = self._weighed.get(TOPIC) or self._of(TOPIC)
        if weighed is None:
            return None
        keys = weighed.known.found_in(reading)
        return weighed.topic(keys) if keys else None

    def score(self, signal: str, texts: Texts, kinds: Collection[str] | None = None) -> Score:
        """The score of a signal; of the topic signal, the score of its leading topic.

        A term counts once however often it stands in the texts. With `kinds`, terms in favour that are of another kind
        are left out. A signal without lexicon never fires.
        """
        weighed = self._weighed.get(signal) or self._of(signal)
        if weighed is None:
            return _SILENT
        known = weighed.known
        text = _joined(texts)
        keys = known.found(text)
        if not keys:
            return _SILENT  # the common case
        leader = weighed.leader(keys, kinds)
        if not leader.score.fires:
            return leader.score
        begins = _begins(texts)
        order = {pointer: at for at, (pointer, _) in reversed(list(enumerate(texts)))}
        rows = [
            (order[pointer], start, end, term.id, pointer, share, term.kind)
            for (term, share), span in zip(leader.shares, known.places(leader.speakers, text), strict=True)
            for pointer, start, end in _pieces(texts, begins, span)
        ]
        rows.sort(key=_PLACE_AND_TERM)
        pieces = [
            Evidence(pointer, start, end, term, share, kind) for _, start, end, term, pointer, share, kind in rows
        ]
        return Score(leader.score.value, leader.language, tuple(pieces))

    def topic(self, texts: Texts) -> str | None:
        """The one topic that clearly leads. None when none reaches the threshold or a second one comes close."""
        return self.topic_of(_joined(texts))

    def hits(self, signal: str, texts: Texts) -> list[Hit]:
        """Every term of a signal that the texts hold, context too, each at its first place."""
        weighed = self._of(signal)
        if weighed is None:
            return []
        known = weighed.known
        text = _joined(texts)
        keys, begins = known.found(text), _begins(texts)
        return [
            Hit(known.term(key), known.lexicons[key[0]].language, *piece)
            for key, span in zip(keys, known.places(keys, text), strict=True)
            for piece in _pieces(texts, begins, span)[:1]
        ]


def _joined(texts: Texts) -> str:
    return texts[0][1] if len(texts) == 1 else BETWEEN.join([text for _, text in texts])


def totals(known: Automaton, keys: Sequence[TermKey]) -> dict[tuple[int, str], float]:
    """The weights of `keys` added up, by number of the lexicon and topic.

    The language with most of the terms is taken for the text's own: others, that have a loanword or a word that means
    something else there, don't count. What speaks in any language is added to it, and counts by itself where no
    language speaks.
    """
    counts = Counter(number for number, _ in keys if not _helps(known.lexicons[number]))
    most = max(counts.values(), default=0)
    own: dict[tuple[int, str], float] = {}
    for key in keys:  # in a fixed order: floats must add up to the same bits everywhere
        number, term = key[0], known.term(key)
        if number not in counts or counts[number] == most:
            part = number, term.topic
            own[part] = own.get(part, 0.0) + term.weight
    helped = {topic: total for (number, topic), total in own.items() if number not in counts}
    if not counts:
        return own
    speaking = [number for number, count in counts.items() if count == most]
    return {
        (number, topic): own.get((number, topic), 0.0) + helped.get(topic, 0.0)
        for number in speaking
        for topic in dict.fromkeys(topic for _, topic in own)
        if (number, topic) in own or topic in helped
    }


def ranked(known: Automaton, keys: Sequence[TermKey]) -> list[tuple[float, int, str]]:
    """Value, number of the lexicon and topic of everything that has a term among `keys`, the loudest first."""
    ranking = [
        (round(total / known.lexicons[number].range, _DIGITS), number, topic)
        for (number, topic), total in totals(known, keys).items()
    ]
    ranking.sort(key=lambda row: (-row[0], row[1]))
    return ranking


def leading_topic(known: Automaton, keys: Sequence[TermKey]) -> str | None:
    """The topic that clearly leads among `keys`, if one does."""
    best: dict[str, tuple[float, Lexicon]] = {}  # a topic's loudest language
    for value, number, topic in ranked(known, keys):
        best.setdefault(topic, (value, known.lexicons[number]))
    if not best:
        return None
    (topic, (value, lexicon)), *others = best.items()
    margin = lexicon.margin / lexicon.range
    if value < 1 or any(value - other < margin for _, (other, _) in others):
        return None
    return topic or None


def _helps(lexicon: Lexicon) -> bool:
    return lexicon.language == ANY_LANGUAGE


def _begins(texts: Texts) -> list[int]:
    """Where each of the texts begins when they are put together, and where another one would."""
    return list(accumulate([len(text) + 1 for _, text in texts], initial=0))


def _pieces(texts: Texts, begins: Sequence[int], span: tuple[int, int] | None) -> list[tuple[Pointer, int, int]]:
    """A span of the texts put together as spans of each text that it touches."""
    if span is None:
        return []
    start, end = span
    first = bisect_right(begins, start) - 1
    if start < end < begins[first + 1]:  # within one text: the common case
        return [(texts[first][0], start - begins[first], end - begins[first])]
    pieces = []
    for at in range(first, len(texts)):
        if begins[at] >= end and at > first:
            break
        pointer, text = texts[at]
        pieces.append((pointer, max(start - begins[at], 0), min(end - begins[at], len(text))))
    return [piece for piece in pieces if piece[1] < piece[2]] or pieces[:1]
