"""Spellings: how else a text reads once compatibility forms, invisible characters and disguises are taken away.

Patterns see the text as it is. Only where one of them, `UNUSUAL`, finds something that may hide a word does the text
get read in its other spellings too, so that plain texts pay nothing. Every spelling knows where its characters came
from: places found in it are told in the text as it was.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_MARKS: Final = 32  # marks on one letter that are put into one spelling with it; longer runs are cut
_LONGEST: Final = 4  # characters that one may stand for; one Arabic ligature is a sentence of eighteen
_THAI_AM: Final = "\u0e33\u0eb3"  # NFKC takes these common vowels apart; no one spells them so
_DROPPED: Final = re.compile(
    "[\u034f\u0640\u064b-\u0652\u0670\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u17b4\u17b5\ufe00-\ufe0f]"
)

# Letters of other scripts that look like Latin ones, in a word that has Latin ones too.
_TWINS: Final = dict(
    zip(
        "аеорсхуіјѕԁһԛԝѵαινορυχАВЕКМНОРСТХУІЈЅԌΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
        "aeopcxyijsdhqwvaivopuxABEKMHOPCTXYIJSGABEZHIKMNOPTYX",
        strict=True,
    )
)
_DIGITS: Final = {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
_ONE: Final = ("l", "i")  # what 1 may stand for
_UNSEEN_KINDS: Final = frozenset({"Cf", "Cs"})
_BEYOND_ASCII: Final = re.compile(r".?[^\x00-\x7f]+", re.DOTALL)  # with the letter that a mark may be written onto

_WORD: Final = re.compile(r"[^\W\d_]+")
_DISGUISED_WORD: Final = re.compile(
    r"(?<![\w@$!])(?=[\w@$!]*[a-zA-Z][\w@$!]*[a-zA-Z])[a-zA-Z013457@$!]+[a-zA-Z0345@$](?![\w@$])"
)
_SPREAD_WORD: Final = re.compile(r"(?<!\w)[^\W\d_](?:([.\-_*·•~|/ ])[^\W\d_])(?:\1[^\W\d_])+(?!\w)")
_REPEATED: Final = re.compile(r"([^\W\d_])\1{2,}", re.IGNORECASE)

_LETTERS: Final = "a-zß-öø-ɏа-я"
_NO_LETTER: Final = f"[^{_LETTERS}0-9]"
# Runs of w are addresses, and runs of digits are numbers.
_RUNS: Final = "|".join(
    f"{letter}{{3}}" for letter in "abcdefghijklmnopqrstuvyzабвгдежзийклмнопрстуфхцчшщыэюяกนมยรลวสอาะاويه"
)
_UNSEEN: Final = (
    r"\x{A0}\x{AD}\x{B5}\x{374}\x{130}\x{132}\x{133}\x{13F}\x{140}\x{149}\x{17F}\x{1C4}-\x{1CC}\x{1F1}-\x{1F3}\x{2B0}-\x{2B8}"
    r"\x{2E0}-\x{2E4}\x{300}-\x{36F}\x{37A}\x{384}\x{3D0}-\x{3D6}\x{3F0}-\x{3F9}\x{587}\x{591}-\x{5C7}"
    r"\x{600}-\x{605}\x{61C}\x{640}\x{64B}-\x{652}\x{670}\x{675}-\x{678}\x{6DD}\x{70F}\x{890}\x{891}\x{8E2}"
    r"\x{958}-\x{95F}\x{9DC}-\x{9DF}\x{A33}-\x{A5E}\x{B5C}\x{B5D}\x{EDC}\x{EDD}\x{F0C}-\x{FB9}\x{10FC}"
    r"\x{17B4}\x{17B5}\x{180E}\x{1D2C}-\x{1D78}\x{1D9B}-\x{1DBF}\x{1E9A}\x{1E9B}\x{1F71}-\x{1FFE}"
    r"\x{2000}-\x{2011}\x{2024}\x{2025}\x{2028}-\x{202F}\x{205F}-\x{2071}\x{207F}-\x{209C}\x{2100}-\x{2115}"
    r"\x{2119}-\x{2121}\x{2123}-\x{2139}\x{213B}-\x{2149}\x{2160}-\x{217F}\x{2460}-\x{24EA}\x{2C7C}\x{2C7D}"
    r"\x{2D6F}\x{2E9F}-\x{2FD5}\x{309F}\x{30FF}\x{3131}-\x{318E}\x{3200}-\x{33FF}\x{A69C}\x{A69D}\x{A770}\x{A7F1}-\x{A7F9}"
    r"\x{AB5C}-\x{AB69}\x{F900}-\x{FAD9}\x{FB00}-\x{FDFC}\x{FE20}-\x{FE2F}\x{FE47}-\x{FE4F}\x{FE69}-\x{FE6B}"
    r"\x{FE70}-\x{FEFF}\x{FF03}-\x{FF05}\x{FF0B}\x{FF10}-\x{FF19}\x{FF1D}\x{FF20}-\x{FF3A}\x{FF41}-\x{FF5A}"
    r"\x{FF66}-\x{FFEE}\x{FFF9}-\x{FFFB}\x{10781}-\x{107BA}\x{110BD}\x{110CD}\x{13430}-\x{1343F}"
    r"\x{1BCA0}-\x{1BCA3}\x{1CCD6}-\x{1CCF9}\x{1D15E}-\x{1D1C0}\x{1D400}-\x{1D7FF}\x{1E030}-\x{1E06D}"
    r"\x{1EE00}-\x{1EEBB}\x{1F100}-\x{1F16C}\x{1F190}-\x{1F251}\x{1FBF0}-\x{1FBF9}\x{2F800}-\x{2FA1D}"
    r"\x{E0001}-\x{E007F}"
)
# RE2 for lower-case text. Finds letters and digits that NFKC changes (but vowels of Thai and Lao), what can't be seen,
# and disguises.
UNUSUAL: Final = "|".join(
    (
        f"[{_UNSEEN}]",
        r"[a-z][\x{370}-\x{4FF}]|[\x{370}-\x{4FF}][a-z]",  # two scripts in one word
        r"[a-z][01345@$!][a-z]|\$[a-z]{3}|\b0[a-z]{2}|[a-z]33\b",  # d1gits
        *(  # s.p.r.e.a.d
            rf"(?:^|{_NO_LETTER})[{_LETTERS}](?:{between}[{_LETTERS}]){{2,}}(?:$|{_NO_LETTER})"
            for between in (r"\.", "-", "_", r"\*", "[·•~|/]", " ")
        ),
        _RUNS,
    )
)


@dataclass(frozen=True, slots=True)
class Spelling:
    """A way to read a text; `starts` and `ends` say which code points of the original each of its characters is."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters `start` to `end` (exclusive, at least one) stand in the original."""
        return self.starts[start], self.ends[end - 1]

    def with_changes(self, changes: Iterable[tuple[int, int, str]]) -> Spelling:
        """The spelling with pieces replaced: from, to (exclusive), and by what; in order.

        As many characters take the places of the ones that they replace; others all stand for the whole piece.
        """
        text, starts, ends, at = "", list[int](), list[int](), 0
        for start, end, new in changes:
            text += self.text[at:start] + new
            starts += self.starts[at:start]
            ends += self.ends[at:start]
            if len(new) == end - start:
                starts += self.starts[start:end]
                ends += self.ends[start:end]
            else:
                starts += [self.starts[start]] * len(new)
                ends += [self.ends[end - 1]] * len(new)
            at = end
        if not at:
            return self
        return Spelling(text + self.text[at:], starts + list(self.starts[at:]), ends + list(self.ends[at:]))


@lru_cache(maxsize=2)  # places are asked for one term after the other
def spellings(text: str) -> tuple[Spelling, ...]:
    """The other ways to read `text`, without those that say the same as the text itself."""
    plain = Spelling(text, range(len(text)), range(1, len(text) + 1))
    plain = plain.with_changes(_visible(text))
    plain = plain.with_changes(_put_together(plain.text))
    plain = plain.with_changes(_in_one_script(plain.text))
    readings = [plain.with_changes(_shortened(plain.text, most)) for most in (2, 1)]
    found: dict[str, Spelling] = {}
    for reading in readings:
        for one in _ONE:
            meant = reading.with_changes(_undisguised(reading.text, one))
            found.setdefault(meant.text, meant)
    return tuple(spelling for spelling in found.values() if spelling.text != text)


def _visible(text: str) -> Iterator[tuple[int, int, str]]:
    """NFKC, without what can't be seen. A letter and its marks are one piece."""
    for run in _BEYOND_ASCII.finditer(text):
        at = run.start()
        while at < run.end():
            end = at + 1
            while end < run.end() and end - at < _MARKS and _belongs(text[end]):
                end += 1
            cluster = text[at:end]
            if not any(am in cluster for am in _THAI_AM):
                spelt = unicodedata.normalize("NFKC", cluster).replace("İ", "I")
                seen = "".join(
                    c for c in spelt if unicodedata.category(c) not in _UNSEEN_KINDS and not _DROPPED.match(c)
                )
                if seen != cluster and len(seen) <= _LONGEST * len(cluster):
                    yield at, end, seen
            at = end


def _belongs(character: str) -> bool:
    """Whether the character is written onto the one before: a combining mark, or a later part of a Hangul syllable."""
    return unicodedata.combining(character) > 0 or "\u1161" <= character <= "\u11ff"


def _put_together(text: str) -> Iterator[tuple[int, int, str]]:
    """Words that are s.p.r.e.a.d out."""
    for word in _SPREAD_WORD.finditer(text):
        for at in range(word.start() + 1, word.end(), 2):
            yield at, at + 1, ""


def _in_one_script(text: str) -> Iterator[tuple[int, int, str]]:
    """Letters that look like Latin ones, in words with Latin ones."""
    if not text.isascii():
        for word in _WORD.finditer(text):
            if any(c.isascii() for c in word[0]) and any(c in _TWINS for c in word[0]):
                yield word.start(), word.end(), "".join(_TWINS.get(c, c) for c in word[0])


def _shortened(text: str, most: int) -> Iterator[tuple[int, int, str]]:
    """Runs of three and more of a letter."""
    for run in _REPEATED.finditer(text):
        yield run.start(), run.end(), run[1] * most


def _undisguised(text: str, one: str) -> Iterator[tuple[int, int, str]]:
    """Digits and symbols within words, as the letters that they stand for."""
    meant = {**_DIGITS, "1": one}
    for word in _DISGUISED_WORD.finditer(text):
        if not word[0].isalpha():
            yield word.start(), word.end(), "".join(meant.get(c, c) for c in word[0])
