"""Letters: how the letters of a word may be spelt, and what ends a word, by script."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final


@dataclass(frozen=True, slots=True)
class Script:
    """Letters of one script: a character class without brackets, and what may stand before a word inside its edge."""

    first: str
    last: str
    letters: str
    spaced: bool = True
    prefixes: str = ""


# RE2's \pL would do for all, at five hundred instructions an edge.
LATIN: Final = Script("", "", "0-9A-Za-z_ªºÀ-ÖØ-öø-ɏ\u0300-\u0344\u0346-\u036fḀ-ỿ")
_SCRIPTS: Final = (
    Script("\u0370", "\u03ff", "0-9\u0370-\u03ffἀ-\u1fff"),
    Script("\u1f00", "\u1fff", "0-9\u0370-\u03ffἀ-\u1fff"),
    Script("\u0400", "\u052f", "0-9\u0400-\u052f"),
    Script("\u0530", "\u058f", "0-9\u0531-\u0587"),
    Script("\u0590", "\u05ff", "0-9\u0591-\u05f2", prefixes="[ושהבלמכ]{0,2}"),
    Script(
        "\u0600",
        "\u06ff",
        "0-9\u0610-\u061a\u0620-\u06d3\u06d5-\u06dc\u06ee-\u06fc",
        prefixes="[وف]?(?:[بكل]?ال|لل|[بكل])?",
    ),
    Script("\u0900", "\u0dff", "0-9\u0900-\u0963\u0966-\u0dff"),
    Script("\u10a0", "\u10ff", "0-9\u10a0-\u10ff"),
    Script("\u0e00", "\u0eff", "", spaced=False),  # Thai, Lao
    Script("\u1000", "\u109f", "", spaced=False),  # Burmese
    Script("\u1780", "\u17ff", "", spaced=False),  # Khmer
    Script("\u3040", "\u9fff", "", spaced=False),  # Japanese, Chinese
    Script("\u1100", "\u11ff", "", spaced=False),
    Script("\uac00", "\ud7af", "", spaced=False),  # Korean: particles are written to the end of a word
)
_WITHOUT_ACCENT: Final = {"đ": "d", "ı": "i", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "ß": "ss"}
_UMLAUTS: Final = {"ä": "ae", "ö": "oe", "ü": "ue"}
# Letters that keyboards and habits exchange.
_ALIKE: Final = {letter: group for group in ("اأإآٱ", "ةه", "ىيی", "كک", "șşs", "țţt", "σς") for letter in group}


@cache
def _letter(character: str) -> str:
    if character in "'’":
        return "['’]"
    if character in _ALIKE and not character.isascii():
        return f"[{_ALIKE[character]}]"
    if character in _UMLAUTS:
        return f"(?:{character}|{_UMLAUTS[character][0]}e?)"
    plain = bare(character)
    if plain != character:
        return f"[{character}{plain}]" if len(plain) == 1 else f"(?:{character}|{plain})"
    return re.escape(character) if character.isascii() else character


@cache
def bare(character: str) -> str:
    """The letter without its accent, where people leave it out; in scripts where marks are vowels they don't."""
    if character in _WITHOUT_ACCENT:
        return _WITHOUT_ACCENT[character]
    plain = unicodedata.normalize("NFD", character)[0]
    return plain if plain.isascii() or "\u0370" <= plain <= "\u052f" else character


def written(text: str) -> str:
    """The pattern of letters, as people may spell them."""
    return "".join(map(_letter, text))


@cache
def script(character: str) -> Script:
    """The script of a character; Latin for all that have none of their own here."""
    return next((one for one in _SCRIPTS if one.first <= character <= one.last), LATIN)


def is_ascii_letter(character: str) -> bool:
    """Whether a character is an ASCII letter or digit."""
    return character.isascii() and character.isalnum()
