"""The automata that find the terms of a signal, and the patterns that say where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias

from policylint.errors import RuleError
from policylint.lexicons.letters import script
from policylint.lexicons.model import Lexicon, Term
from policylint.lexicons.spelling import UNUSUAL, spellings

TermKey: TypeAlias = tuple[int, int]  # number of the lexicon, number of the term in it
_Match: TypeAlias = Callable[[bytes], Sequence[int] | None]


@dataclass(frozen=True, slots=True)
class _Suspect:
    """A term that a probe found, and the pattern that confirms it; in ASCII texts it may be `sure` without."""

    key: TermKey
    exact: str
    sure: bool


# Memory for one automaton. A bound, not a reservation: RE2 starts over when its cache is full.
_MAX_MEM: Final = 64 << 20


class Automaton:
    """Finds the terms of one signal in all languages, whatever their case.

    One RE2 set passes over every text: the terms of lexicons without a gate (those of English and of any language),
    the gates of the others, and what asks for other spellings. Only a lexicon whose gate opens has its own set asked;
    what that suspects and can't know for sure, a pattern of its own confirms. All are compiled at first use, in each
    process anew; a broken pattern raises RuleError then (`Lexicon.check` finds it early).
    """

    def __init__(self, lexicons: Sequence[Lexicon]) -> None:
        self.lexicons = tuple(lexicons)
        self._sets: dict[int, tuple[_Match, list[_Suspect]]] = {}
        self._gates: dict[int, Any] = {}
        self._confirming: dict[str, _Match] = {}
        self._patterns: dict[TermKey, Any] = {}

    @cached_property
    def _gate(self) -> tuple[_Match, list[_Suspect | int | None]]:
        """The set that every text passes, and what each of its patterns stands for; None asks for other spellings."""
        meanings: list[_Suspect | int | None] = []
        patterns = []
        for number, lexicon in enumerate(self.lexicons):
            if not lexicon.gate:
                own = _suspects(number, lexicon)
                meanings += [suspect for _, suspect in own]
                patterns += [pattern for pattern, _ in own]
            else:
                meanings.append(number)
                patterns.append((f"gate of {lexicon.language}", lexicon.gate))
        meanings.append(None)
        patterns.append(("spelling", UNUSUAL))
        return _compiled_set(patterns), meanings

    def found(self, text: str) -> Sequence[TermKey]:
        """The terms that `text` holds in one of its spellings, in order."""
        match, meanings = self._gate
        # RE2 is much slower to compile without regard to case.
        numbers = match(text.encode().lower() if text.isascii() else _lower(text))
        if not numbers:
            return ()
        readings = [_lower(text)]
        opened = {meanings[number] for number in numbers}
        if None in opened or encodable(text) is not text:
            readings += [_lower(spelling.text) for spelling in spellings(text)]
            for reading in readings[1:]:
                opened.update(meanings[number] for number in match(reading) or ())
        suspects = {meaning for meaning in opened if isinstance(meaning, _Suspect)}
        for meaning in self._spoken([meaning for meaning in opened if isinstance(meaning, int)], readings[0]):
            own, of_set = self._set(meaning)
            suspects.update(of_set[number] for reading in readings for number in own(reading) or ())
        sure = len(readings) == 1 and text.isascii()
        found: set[TermKey] = set()
        for suspect in suspects:
            if suspect.key not in found and (
                (sure and suspect.sure) or any(self._holds(suspect.exact, reading) for reading in readings)
            ):
                found.add(suspect.key)
        return sorted(found)

    def term(self, key: TermKey) -> Term:
        """The term that a key stands for."""
        return self.lexicons[key[0]].terms[key[1]]

    def place(self, key: TermKey, text: str) -> tuple[int, int] | None:
        """Where a term that `found` found stands first in `text`: code points, end exclusive.

        None in the rare case that letters are the same in lower case, and others without regard to case.
        """
        pattern = self._patterns.get(key)
        if pattern is None:
            pattern = self._patterns[key] = compiled(self.term(key))
        span = _first(pattern, encodable(text))
        if span is not None:
            return whole_words(text, *span)
        for spelling in spellings(text):
            span = _first(pattern, spelling.text)
            if span is not None:
                return whole_words(text, *spelling.span(*span))
        return None

    def _spoken(self, opened: list[int], reading: bytes) -> list[int]:
        """Of several languages those with at least half as many everyday words in the text as the one with most."""
        if len(opened) < 2:
            return opened
        text = reading.decode()
        words = {number: len(set(self._gate_of(number).findall(text))) for number in opened}
        most = max(words.values())
        return [number for number in opened if 2 * words[number] >= most]

    def _gate_of(self, number: int) -> Any:
        if number not in self._gates:
            import re2

            self._gates[number] = re2.compile(self.lexicons[number].gate, _options())
        return self._gates[number]

    def _holds(self, exact: str, reading: bytes) -> bool:
        """Whether a pattern finds something. A set of one tells sooner than a pattern."""
        if exact not in self._confirming:
            self._confirming[exact] = _compiled_set([("", exact)])
        return bool(self._confirming[exact](reading))

    def _set(self, number: int) -> tuple[_Match, list[_Suspect]]:
        if number not in self._sets:
            own = _suspects(number, self.lexicons[number])
            self._sets[number] = _compiled_set(pattern for pattern, _ in own), [suspect for _, suspect in own]
        return self._sets[number]


def _suspects(number: int, lexicon: Lexicon) -> list[tuple[tuple[str, str], _Suspect]]:
    """What to look for, with the term's id for errors, and what finding it means."""
    return [
        ((term.id, probe.loose), _Suspect((number, n), probe.exact, probe.sure))
        for n, term in enumerate(lexicon.terms)
        for probe in term.probes
    ]


def compiled(term: Term) -> Any:
    """The term's pattern. Raises RuleError when it is not RE2."""
    import re2

    try:
        return re2.compile(term.pattern, _options(any_case=True))
    except re2.error as error:
        raise _broken(term.id, term.pattern) from error


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


def _compiled_set(patterns: Iterable[tuple[str, str]]) -> _Match:
    import re2

    found = re2.Set.SearchSet(_options())
    for name, pattern in patterns:
        try:
            found.Add(pattern)
        except re2.error as error:
            raise _broken(name, pattern) from error
    found.Compile()
    match: _Match = found.Match
    return match


def _first(pattern: Any, text: str) -> tuple[int, int] | None:
    """The first group that takes part in the first match, without groups the match; None where there is none."""
    match = pattern.search(text)
    if match is None:
        return None
    group = next((n for n, piece in enumerate(match.groups(), 1) if piece is not None), 0)
    start, end = match.span(group)
    return start, end


def _options(*, any_case: bool = False) -> Any:
    import re2

    options = re2.Options()
    options.case_sensitive = not any_case
    options.log_errors = False  # the message of our own error says it
    options.max_mem = _MAX_MEM
    return options


def _broken(name: str, pattern: str) -> RuleError:
    import re2

    try:
        re2.compile(pattern, _options())
    except re2.error as error:
        reason = error.args[0] if error.args else error
        why = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
    else:
        why = "too large"
    return RuleError(f"term {name!r}: not an RE2 pattern: {why}")
