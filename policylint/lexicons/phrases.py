"""Phrases: how a lexicon writes words down, and the RE2 pattern that finds them.

A phrase is plain words in lower case. What it finds, over and above its letters:

* any run of white space or hyphens where it has a space; straight and curly apostrophes alike;
* accented Latin, Greek and Cyrillic letters with and without their accents, as people type them;
* whole words only. Scripts that write no spaces have no such limit; Arabic and Hebrew words keep their prefixes.

`*` at an end of a word is the rest of the word, `*` alone is any word, `…` alone up to three words, `#` a number,
`¤` a currency; `(a|b)` is one of several, `(a|)` may be missing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from policylint.lexicons.letters import script, written

# Stands between two texts of a message that are scored together; `\s` doesn't match it, and no one writes it.
BETWEEN: Final = "\x1e"

_SPACE: Final = r"[\s-]+"
_TIGHT: Final = frozenset("#¤%")  # a space beside them is written or not
_WORD: Final = r"[^\s\x1e]+"
_SOME_WORDS: Final = r"(?:[^\s\x1e]+\s+){0,3}"
_SOME_MORE_WORDS: Final = r"(?:\s+[^\s\x1e]+){0,3}"  # where an option ends with them, so that a space comes after
# Space, punctuation and symbols, emoji among them. RE2's \W would take letters of other scripts too.
_AROUND: Final = r"[\s!-/:-@\[-`{-~\x{A1}-\x{BF}\x{200B}-\x{2BFF}\x{3000}-\x{303F}\x{FE0F}\x{1F000}-\x{1FAFF}]*"
_NUMBER: Final = r"\d[\d.,]*(?:[ \x{A0}]\d{3})*"
_CURRENCY: Final = (
    r"(?:[$€£¥₹₫฿₽₺₩₴₪﷼៛₱]|r\$|rp\.?|rs\.?|s/\.?|inr|eur|euros?|usd|vnd|vnđ|đ|thb|บาท|руб\.?|грн\.?|zł|kč|kr\.?|lei|ft"
    r"|tl|lira|元|円|원|ريال|جنيه|درهم|sar|aed|egp|রুপি|টাকা|रु\.?|रुपये)"
)
GAPS: Final = ("…", "⋯")
_SIGNS: Final = {
    " ": _SPACE,
    "-": _SPACE[:-1] + "*",
    "…": _SOME_WORDS,
    "⋯": _SOME_MORE_WORDS,
    "#": _NUMBER,
    "¤": _CURRENCY,
}
_REST: Final = r"[^\x00-/:-@\[-^`{-~]*"
_PIECE: Final = re.compile(r"\s+|[()|*…#¤%]|[^\s()|*…#¤%]+")


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters that stand together."""

    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several."""

    options: tuple[tuple[Part, ...], ...]


# Letters, a choice, or one character: " " white space, "-" white space that may be missing, "⋯" a gap at an option's
# end, and * … # ¤.
Part: TypeAlias = "Letters | Choice | str"


def pattern_of(phrases: Iterable[str], *, edges: bool = True) -> str:
    """The RE2 pattern that finds any of `phrases`, in its first group; without `edges` inside words too.

    Raises ValueError for a phrase that can't be read.
    """
    if not edges:
        return f"({'|'.join(sequence(parsed(phrase), outermost=True) for phrase in phrases)})"
    return joined(parts for phrase in phrases for parts in unfolded(parsed(phrase)))


def whole_text(pattern: str) -> str:
    """`pattern` as the whole of one text (the title of a button, say), but for punctuation and symbols around it."""
    return rf"(?:^|\x1e){_AROUND}(?:{pattern}){_AROUND}(?:\x1e|$)"


def row_of_texts(patterns: Iterable[str]) -> str:
    """The pattern of texts that follow each other, such as the titles of a row of buttons; its group is the row."""
    row = r"\x1e".join(f"{_AROUND}(?:{pattern}){_AROUND}" for pattern in patterns)
    return rf"(?:^|\x1e)({row})(?:\x1e|$)"


# Reading


def parsed(phrase: str) -> tuple[Part, ...]:
    """The parts of a phrase. Raises ValueError when it can't be read, or would find texts without a letter of it."""
    pieces = _PIECE.findall(unicodedata.normalize("NFC", phrase.strip()))
    options, rest = _options(pieces, phrase)
    if rest:
        raise ValueError(f"phrase {phrase!r}: a ) without its (")
    parts = options[0] if len(options) == 1 else (Choice(tuple(options)),)
    while parts and parts[0] in (" ", *GAPS):  # a gap at an end says nothing
        parts = parts[1:]
    while parts and parts[-1] in (" ", *GAPS):
        parts = parts[:-1]
    if not size(parts):
        raise ValueError(f"phrase {phrase!r}: nothing that must be there")
    return parts


def _options(pieces: list[str], phrase: str) -> tuple[list[tuple[Part, ...]], list[str]]:
    """The alternatives up to the parenthesis that closes, and the pieces from there on."""
    options: list[tuple[Part, ...]] = []
    parts: list[Part] = []
    before = " "
    while pieces and pieces[0] != ")":
        piece, *pieces = pieces
        if piece == "|":
            options.append(_ended(parts))
            parts = []
        elif piece == "(":
            inner, pieces = _options(pieces, phrase)
            if not pieces:
                raise ValueError(f"phrase {phrase!r}: a ( without its )")
            pieces = _add_choice(parts, inner, pieces[1:])
        elif piece.isspace():
            tight = before in _TIGHT or (pieces and pieces[0] in _TIGHT)
            if parts and parts[-1] != "…":
                parts.append("-" if tight else " ")
        elif piece in "*…#¤":
            parts.append(piece)
        else:
            _add_letters(parts, piece)
        before = piece
    return [*options, _ended(parts)], pieces


def _ended(parts: list[Part]) -> tuple[Part, ...]:
    return (*parts[:-2], "⋯") if parts[-1:] == ["…"] and parts[-2:-1] in ([" "], ["-"]) else tuple(parts)


def _add_letters(parts: list[Part], letters: str) -> None:
    if parts and isinstance(last := parts[-1], Letters):
        parts[-1] = Letters(last.text + letters)
    else:
        parts.append(Letters(letters))


def _add_choice(parts: list[Part], options: list[tuple[Part, ...]], pieces: list[str]) -> list[str]:
    """Add a choice; one that may be missing takes the space before it along, or the one after it where the phrase
    starts. Returns the pieces that are left."""
    if () not in options:
        parts.append(Choice(tuple(options)))
        return pieces
    given = [option for option in options if option]
    spaced = bool(pieces) and pieces[0].isspace()
    if parts and parts[-1] in (" ", "-") and (spaced or not pieces):
        space = parts.pop()
        parts.append(Choice(((), *((space, *option) for option in given))))
    elif spaced and (not parts or parts[-1] == "…" or _takes_space_along(parts[-1])):
        parts.append(Choice(((), *((*option, " ") for option in given))))
        return pieces[1:]
    else:
        parts.append(Choice(((), *given)))
    return pieces


def _takes_space_along(part: Part) -> bool:
    return isinstance(part, Choice) and () in part.options and all(o[-1] == " " for o in part.options if o)


def size(parts: tuple[Part, ...]) -> int:
    """The fewest letters and numbers that the parts find."""
    return sum(
        len(part.text)
        if isinstance(part, Letters)
        else min(map(size, part.options))
        if isinstance(part, Choice)
        else part in ("#", "¤")
        for part in parts
    )


# Writing


def sequence(parts: tuple[Part, ...], *, outermost: bool = False) -> str:
    """The pattern of parts, without edges."""
    out = []
    for at, part in enumerate(parts):
        if isinstance(part, Letters):
            out.append(written(part.text))
        elif isinstance(part, Choice):
            given = "|".join(sequence(option) for option in part.options if option)
            out.append(f"(?:{given}){'' if all(part.options) else '?'}")
        elif part == "*":
            out.append(_star(parts, at, outermost=outermost and at in (0, len(parts) - 1)))
        else:
            out.append(_SIGNS[part])
    return "".join(out)


def _star(parts: tuple[Part, ...], at: int, *, outermost: bool) -> str:
    before, after = _nearest(parts[:at], last=True), _nearest(parts[at + 1 :], last=False)
    if not before and not after:
        return _WORD
    # At an end nothing follows that the rest of the word would keep apart.
    return "" if outermost or not script(before or after).spaced else _REST


def _nearest(neighbours: tuple[Part, ...], *, last: bool) -> str:
    """The letter that the neighbours touch a place with, "" where there is none."""
    if not neighbours:
        return ""
    nearest = neighbours[-1 if last else 0]
    if isinstance(nearest, Letters):
        return nearest.text[-1 if last else 0]
    if isinstance(nearest, Choice):
        return next((letter for option in nearest.options if (letter := _nearest(option, last=last))), "")
    return ""


def unfolded(parts: tuple[Part, ...]) -> Iterator[tuple[Part, ...]]:
    """The phrase, once for each edge that the options of a choice at its start or end give it."""
    for at, first in ((0, True), (len(parts) - 1, False)):
        part = parts[at]
        if not isinstance(part, Choice):
            continue
        by_edge: dict[str | None, list[tuple[Part, ...]]] = {}
        for option in part.options:
            whole = (*parts[:at], *option, *parts[at + 1 :])
            if whole:
                by_edge.setdefault(edge(whole, first=first), []).append(option)
        several = [[option] for option in by_edge.pop(None, [])]
        if several or len(by_edge) > 1:
            for options in (*by_edge.values(), *several):
                one = (Choice(tuple(options)),) if len(options) > 1 else options[0]
                yield from unfolded((*parts[:at], *one, *parts[at + 1 :]))
            return
    yield parts


def edge(parts: tuple[Part, ...], *, first: bool) -> str | None:
    """The boundary before or after a phrase, by the script of the letter that is there; None for one of several."""
    part = parts[0 if first else -1]
    if isinstance(part, Choice):
        rest = parts[1:] if first else parts[:-1]
        beside = [(*option, *rest) if first else (*rest, *option) for option in part.options]
        edges = {edge(neighbours, first=first) for neighbours in beside if neighbours}
        return edges.pop() if len(edges) == 1 else None
    if not isinstance(part, Letters):
        return r"\b" if part == "#" else ""  # on the other side of a digit is a letter of any script
    character = part.text[0 if first else -1]
    if unicodedata.category(character)[0] not in "LMN" and character != "_":
        return ""
    alphabet = script(character)
    if not alphabet.spaced:
        return ""
    # Not \b, which knows ASCII letters only: it would end a word before an accent.
    return f"(?:^|[^{alphabet.letters}]){alphabet.prefixes}" if first else f"(?:$|[^{alphabet.letters}])"


def latin_edges() -> tuple[str, str]:
    """The edges before and after a Latin letter."""
    return edge((Letters("a"),), first=True) or "", edge((Letters("a"),), first=False) or ""


def joined(phrases: Iterable[tuple[Part, ...]]) -> str:
    """The pattern of phrases that have one edge on each side."""
    by_edges: dict[tuple[str, str], list[str]] = {}
    for parts in phrases:
        both = edge(parts, first=True) or "", edge(parts, first=False) or ""
        by_edges.setdefault(both, []).append(sequence(parts, outermost=True))
    return "|".join(f"{before}({'|'.join(insides)}){after}" for (before, after), insides in by_edges.items())
