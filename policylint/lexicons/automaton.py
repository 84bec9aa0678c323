"""The automata that find the terms of a signal, and the patterns that say where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Final, TypeAlias

from policylint.digits import telling
from policylint.lexicons.letters import script
from policylint.lexicons.matching import Finder, Matcher, broken, finder_of, matcher_of, options
from policylint.lexicons.model import Lexicon, Term
from policylint.lexicons.spelling import UNUSUAL, spellings

TermKey: TypeAlias = tuple[int, int]  # number of the lexicon, number of the term in it
# Of an index: the numbers of the patterns found, in the one set and in the other.
_Answer: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]

# What is kept of earlier texts, at most; then it is forgotten, and built again as texts ask for it.
_CASES: Final = 2_000
_OUTCOMES: Final = 64  # of one case
_PATTERNS: Final = 800  # compiled ones, of some 40 KB each
_OFTEN: Final = 500  # a set of several patterns takes a millisecond to compile, and saves two microseconds a text
_DIGITS: Final = frozenset(b"0123456789")
_TOGETHER: Final = 8  # patterns in such a set: what many keep open along a text multiplies


class Reading:
    """A text as the automata of all signals read it: in lower case, which is worked out once."""

    __slots__ = ("ascii_only", "lower", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.ascii_only = text.isascii()
        self.lower: bytes | None  # None where it has a lone surrogate
        try:
            self.lower = text.encode().lower() if self.ascii_only else text.lower().encode()
        except UnicodeEncodeError:
            self.lower = None


@dataclass(frozen=True, slots=True)
class _Suspect:
    """A term that a probe found, and the pattern that confirms it: none where the probe itself is exact.

    In ASCII texts it may be `sure` without.
    """

    key: TermKey
    exact: str | None
    sure: bool


_Meaning: TypeAlias = _Suspect | int | None  # of a pattern: a term, the gate of a lexicon, or that spellings matter


class _Index:
    """Patterns that are looked for at once, and what finding each means.

    In two sets, for the states of one that holds both would multiply: patterns written by hand and those of whole texts
    keep many possibilities open along a text, words close them soon.
    """

    def __init__(self, patterns: Sequence[tuple[tuple[str, str], _Meaning]]) -> None:
        groups = [
            [row for row in patterns if row[0][1].startswith("(?i:") is by_hand]  # as the lexicon's model writes them
            for by_hand in (False, True)
        ]
        first, *others = [group for group in groups if group] or [[]]
        other = [row for group in others for row in group]
        self._first = matcher_of(named for named, _ in first)
        self._other = matcher_of(named for named, _ in other) if other else None
        self._meanings = [meaning for _, meaning in first], [meaning for _, meaning in other]

    def answer(self, reading: bytes) -> _Answer | None:
        """What is found in a text, as numbers that `meanings` knows; the same for all texts of one kind.

        None where nothing is.
        """
        first, other = self._first(reading), self._other
        if other is not None and (others := other(reading)):
            return tuple(first or ()), tuple(others)
        return (tuple(first), ()) if first else None

    def meanings(self, answer: _Answer | None) -> list[_Meaning]:
        """What an answer's numbers stand for."""
        return [known[n] for known, numbers in zip(self._meanings, answer or ((), ()), strict=True) for n in numbers]


class _Inquiry:
    """Suspects of one kind of text, and which patterns must still confirm them."""

    def __init__(
        self, sure: Iterable[TermKey], doubts: Sequence[tuple[TermKey, str]], confirms: Callable[..., Matcher]
    ) -> None:
        self._sure = frozenset(sure)
        self._doubted = [key for key, _ in doubts]
        self._exact = [exact for _, exact in doubts]
        self._confirms = confirms
        self._doubts = [confirms(exact) for exact in self._exact]
        self._together: Matcher | None = None  # all of them at once, for an inquiry that is made over and over
        self._asked = 0
        self._outcomes: dict[tuple[int, ...], tuple[TermKey, ...]] = {(): tuple(sorted(self._sure))}

    def found(self, reading: bytes) -> tuple[TermKey, ...]:
        """The terms that a text of this kind holds, in order."""
        if self._together is not None:
            held = tuple(self._together(reading) or ())
        else:
            held = tuple([n for n, match in enumerate(self._doubts) if match(reading)])
            self._asked += 1
            if self._asked == _OFTEN and 1 < len(self._doubts) <= _TOGETHER:
                self._together = self._confirms(*self._exact)
        outcome = self._outcomes.get(held)
        if outcome is None:
            if len(self._outcomes) >= _OUTCOMES:
                self._outcomes.clear()
            confirmed = {self._doubted[n] for n in held}
            outcome = self._outcomes[held] = tuple(sorted(self._sure | confirmed))
        return outcome


@dataclass(slots=True)
class _Case:
    """What the first pass over a text of nothing but ASCII, or of other characters too, leads to."""

    opened: list[int]  # lexicons that are to be asked themselves
    unusual: bool  # whether other spellings matter
    suspects: list[_Suspect]
    alone: _Inquiry | None = None  # where no lexicon is
    # By what those answered.
    inquiries: dict[tuple[tuple[int, _Answer | None], ...], _Inquiry] = field(default_factory=dict)


class Automaton:
    """Finds the terms of one signal in all languages, whatever their case.

    One pass over every text looks for the terms of lexicons without a gate (those of English and of any language),
    the gates of the others, and what asks for other spellings. Only a lexicon whose gate opens is asked itself;
    what that suspects and can't know for sure, a pattern of its own confirms. What follows from a pass is worked out
    once for all texts that answer it alike. All are compiled at first use, in each process anew; a broken pattern
    raises RuleError then (`Lexicon.check` finds it early).
    """

    def __init__(self, lexicons: Sequence[Lexicon]) -> None:
        self.lexicons = tuple(lexicons)
        self._indices: dict[int, _Index] = {}
        self._cases: tuple[dict[_Answer, _Case], dict[_Answer, _Case]] = {}, {}  # of other texts, of ASCII texts
        self._known_cases = 0
        self._confirming: dict[tuple[str, ...], Matcher] = {}
        self._finders: dict[TermKey, Finder] = {}
        self._last: tuple[str | None, tuple[TermKey, ...]] = (
            None,
            (),
        )  # a text that fires is asked about again, for places

    @cached_property
    def _gate(self) -> _Index:
        """What every text passes."""
        patterns: list[tuple[tuple[str, str], _Meaning]] = []
        for number, lexicon in enumerate(self.lexicons):
            if lexicon.gate:
                patterns.append(((f"gate of {lexicon.language}", lexicon.gate), number))
            else:
                patterns += _suspects(number, lexicon)
        return _Index([*patterns, (("spelling", UNUSUAL), None)])

    def found(self, text: str) -> tuple[TermKey, ...]:
        """The terms that `text` holds in one of its spellings, in order."""
        known, keys = self._last
        return keys if text == known else self.found_in(Reading(text))

    def found_in(self, text: Reading) -> tuple[TermKey, ...]:
        """The same for a text that other signals may be asked about, too."""
        reading, ascii_only = text.lower, text.ascii_only
        if reading is None:
            return self._found_in_spellings(text.text)
        answer = self._gate.answer(reading)
        if answer is None:
            return ()
        case = self._cases[ascii_only].get(answer) or self._case(answer, ascii_only=ascii_only)
        if case.alone is not None:
            keys = case.alone.found(reading)
            self._last = text.text, keys
            return keys
        if case.unusual:
            return self._found_in_spellings(text.text)
        asked: tuple[tuple[int, _Answer | None], ...] = ()
        if case.opened:
            spoken = self._spoken(case.opened, reading)
            asked = tuple([(number, self._index(number).answer(reading)) for number in spoken])
        inquiry = case.inquiries.get(asked)
        if inquiry is None:
            suspects = list(case.suspects)
            for number, own in asked:
                suspects += _terms(self._index(number).meanings(own))
            inquiry = case.inquiries[asked] = self._inquiry(suspects, ascii_only=ascii_only)
            if not case.opened:
                case.alone = inquiry
        return inquiry.found(reading)

    def heeds_digits(self, text: Reading) -> bool:
        """Whether other digits in the places of a text's digits might change what is found in it, or where.

        A no is sure.
        """
        reading = text.lower
        if reading is None or self._telling is None or self._telling(reading):
            return True
        meanings = self._gate.meanings(self._gate.answer(reading))
        if None in meanings:  # other spellings take digits for letters
            return True
        opened = [meaning for meaning in meanings if isinstance(meaning, int)]
        # Everyday words are counted with what stands before them.
        return len(opened) > 1 and any(_words_with_digits(self.lexicons[number].gate, reading) for number in opened)

    @cached_property
    def _telling(self) -> Matcher | None:
        """What finds all that tells one digit from another; None where that can't be told."""
        told = [telling(UNUSUAL)]
        for lexicon in self.lexicons:
            if lexicon.telling is None:
                return None
            told += lexicon.telling
        return matcher_of([("digits", tells) for tells in dict.fromkeys(told)])

    def term(self, key: TermKey) -> Term:
        """The term that a key stands for."""
        return self.lexicons[key[0]].terms[key[1]]

    def places(self, keys: Iterable[TermKey], text: str) -> list[tuple[int, int] | None]:
        """Where each of the terms that `found` found stands first in `text`: code points, end exclusive.

        None in the rare case that letters are the same in lower case, and others without regard to case.
        """
        encoded = encodable(text).encode()
        return [self._place(self._finders.get(key) or self._finder(key), text, encoded) for key in keys]

    def _place(self, find: Finder, text: str, encoded: bytes) -> tuple[int, int] | None:
        span = find(encoded)
        if span is not None:
            return whole_words(text, *_in_code_points(encoded, *span))
        for spelling in spellings(text):
            own = encodable(spelling.text).encode()
            span = find(own)
            if span is not None:
                return whole_words(text, *spelling.span(*_in_code_points(own, *span)))
        return None

    def _finder(self, key: TermKey) -> Finder:
        if len(self._finders) >= _PATTERNS:
            self._finders.clear()
        find = self._finders[key] = finder_of(compiled(self.term(key)))
        return find

    def _found_in_spellings(self, text: str) -> tuple[TermKey, ...]:
        """The terms of a text that holds something in its own spelling, and may hold more in others."""
        readings = [_lower(text)]
        answer = self._gate.answer(readings[0])
        if answer is None:
            return ()
        readings += [_lower(spelling.text) for spelling in spellings(text)]
        answers = [answer, *(self._gate.answer(reading) for reading in readings[1:])]
        opened = {meaning for answer in answers for meaning in self._gate.meanings(answer)}
        suspects = set(_terms(opened))
        for number in self._spoken([meaning for meaning in opened if isinstance(meaning, int)], readings[0]):
            index = self._index(number)
            suspects.update(s for reading in readings for s in _terms(index.meanings(index.answer(reading))))
        sure = len(readings) == 1 and text.isascii()
        found: set[TermKey] = set()
        for suspect in suspects:
            if suspect.key not in found and (
                suspect.exact is None
                or (sure and suspect.sure)
                or any(self._confirms(suspect.exact)(reading) for reading in readings)
            ):
                found.add(suspect.key)
        return tuple(sorted(found))

    def _case(self, answer: _Answer, *, ascii_only: bool) -> _Case:
        self._count_case()
        meanings = self._gate.meanings(answer)
        opened = [meaning for meaning in meanings if isinstance(meaning, int)]
        case = self._cases[ascii_only][answer] = _Case(opened, None in meanings, list(_terms(meanings)))
        return case

    def _inquiry(self, suspects: Sequence[_Suspect], *, ascii_only: bool) -> _Inquiry:
        self._count_case()
        sure = {suspect.key for suspect in suspects if suspect.exact is None or (suspect.sure and ascii_only)}
        doubts = [(s.key, s.exact) for s in suspects if s.exact is not None and s.key not in sure]
        return _Inquiry(sure, doubts, self._confirms)

    def _count_case(self) -> None:
        self._known_cases += 1
        if self._known_cases > _CASES:
            self._forget_cases()

    def _forget_cases(self) -> None:
        for cases in self._cases:
            cases.clear()
        self._known_cases = 0

    def _spoken(self, opened: list[int], reading: bytes) -> list[int]:
        """Of several languages those with at least half as many everyday words in the text as the one with most."""
        if len(opened) < 2:
            return opened
        words = {number: _everyday_words(self.lexicons[number].gate, reading) for number in opened}
        most = max(words.values())
        return [number for number in opened if 2 * words[number] >= most]

    def _confirms(self, *exact: str) -> Matcher:
        """What tells which of some patterns find something. A set of one tells sooner than a pattern."""
        match = self._confirming.get(exact)
        if match is None:
            if len(self._confirming) >= _PATTERNS:
                self._forget_cases()  # which hold matchers too
                self._confirming.clear()
            match = self._confirming[exact] = matcher_of([("", one) for one in exact])
        return match

    def _index(self, number: int) -> _Index:
        if number not in self._indices:
            self._indices[number] = _Index(_suspects(number, self.lexicons[number]))
        return self._indices[number]


def _suspects(number: int, lexicon: Lexicon) -> list[tuple[tuple[str, str], _Meaning]]:
    """What to look for, with the term's id for errors, and what finding it means."""
    return [
        ((term.id, probe.loose), _Suspect((number, n), probe.exact if probe.exact != probe.loose else None, probe.sure))
        for n, term in enumerate(lexicon.terms)
        for probe in term.probes
    ]


def _terms(meanings: Iterable[_Meaning]) -> Iterable[_Suspect]:
    return (meaning for meaning in meanings if isinstance(meaning, _Suspect))


@lru_cache(maxsize=64)  # one message's languages: all signals ask about the same
def _everyday_words(gate: str, reading: bytes) -> int:
    """How many different words of a gate a text holds."""
    return len(set(_gate_pattern(gate).findall(reading)))


def _words_with_digits(gate: str, reading: bytes) -> bool:
    return any(not word.isdisjoint(_DIGITS) for word in map(set, _gate_pattern(gate).findall(reading)))


@lru_cache(maxsize=64)
def _gate_pattern(gate: str) -> Any:
    import re2

    return re2.compile(gate, options())


def compiled(term: Term) -> Any:
    """The term's pattern. Raises RuleError when it is not RE2."""
    import re2

    try:
        return re2.compile(term.pattern, options(any_case=True))
    except re2.error as error:
        raise broken(term.id, term.pattern) from error


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The span with the rest of the words and numbers that it cuts through, where words are written apart."""
    while start > 0 and _joined(text, start - 1, start):
        start -= 1
    while end < len(text) and _joined(text, end - 1, end):
        end += 1
    return start, end


def _joined(text: str, left: int, right: int) -> bool:
    """Whether two characters that stand beside each other belong together."""
    a, b = text[left], text[right]
    if a.isspace() or b.isspace():
        return False  # by far the most
    if a.isalnum() and b.isalnum():
        return script(a).spaced and script(b).spaced
    if a.isdigit() and b in "%٪":
        return True
    if a in ".," and b.isdigit():
        return left > 0 and text[left - 1].isdigit()
    return a.isdigit() and b in ".," and right + 1 < len(text) and text[right + 1].isdigit()


def _lower(text: str) -> bytes:
    return encodable(text).lower().encode()


def encodable(text: str) -> str:
    """The text with a question mark for each lone surrogate (JSON can hold them), so that places stay what they are."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def _in_code_points(encoded: bytes, start: int, end: int) -> tuple[int, int]:
    """A span of UTF-8 in code points."""
    if encoded.isascii():
        return start, end
    first = len(encoded[:start].decode())
    return first, first + len(encoded[start:end].decode())
