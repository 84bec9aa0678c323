"""Digits: whether a pattern tells one digit from another.

Most of what a business sends is written once and sent a million times with other numbers in it. Where no pattern that
could find something tells these numbers apart, what is said of one such text holds for all of them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_DIGITS: Final = "0123456789"
_ANY: Final = "[0-9]"
_REPEATS: Final = ("*", "+", "?", "{")
_QUANTIFIER: Final = re.compile(r"\{\d+(?:,\d*)?\}")
_GROUP: Final = re.compile(r"\((?:\?(?:P?<\w+>|[a-zA-Z]*(?:-[a-zA-Z]+)?:))?")
_CODE: Final = re.compile(r"\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))")
_PROPERTY: Final = re.compile(r"\\[pP](?:\{\^?\w+\}|\w)")
_RUN: Final = re.compile(r"[^\\\[(){|0-9]+")
_CLASS: Final = re.compile(r"\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]", re.DOTALL)
_NAMED: Final = re.compile(r"\[:\^?\w+:\]")
_CLASSES: Final = {
    "[:digit:]": _DIGITS,
    "[:alnum:]": _DIGITS,
    "[:word:]": _DIGITS,
    "[:alpha:]": "",
    "[:space:]": "",
    "[:punct:]": "",
}
_PLAIN: Final = frozenset("dDsSwWbBAztnrfva")  # what may stand behind a backslash and means no character of its own
_ALL: Final = frozenset("dwS")  # of these: all digits
_WITHOUT: Final = frozenset({"L", "Ll", "Lu", "M", "Mn", "P", "S", "Z"})  # classes of Unicode without digits


def telling(pattern: str) -> str:
    """What of `pattern` tells one digit from another, with any digit in the place of a certain one; "" for nothing.

    Where the answer finds nothing in a text, other digits in that text's places of digits make no difference to what
    `pattern` finds, or where. `pattern` is RE2, or one of Python's without anything that RE2 lacks.
    Raises ValueError for syntax that is not known here.
    """
    _, told, at = _alternatives(pattern, 0)
    if at < len(pattern):
        raise ValueError("a ) without its ( in a pattern")
    return "|".join(told)


def _alternatives(pattern: str, at: int) -> tuple[str, list[str], int]:
    """The alternatives from `at` to the end of their group, with any digit for certain ones; those of them, and of what
    they are made of, in which one certain digit at least is; and where they end.
    """
    whole, telling_whole = list[str](), list[str]()
    pieces = list[tuple[str, str]]()  # each with what of it tells digits apart
    while True:
        if at == len(pattern) or pattern[at] in "|)":
            full = [piece for piece, _ in pieces]
            whole.append("".join(full))
            # Certain digits in one place are enough, so that in others there may be anything.
            places = [n for n, (_, told) in enumerate(pieces) if told]
            telling_whole += dict.fromkeys("".join([*full[:n], pieces[n][1], *full[n + 1 :]]) for n in places)
            if at == len(pattern) or pattern[at] == ")":
                return "|".join(whole), telling_whole, at
            pieces = []
            at += 1
        elif run := _RUN.match(pattern, at):
            pieces.append((run[0], ""))
            at = run.end()
        elif pattern[at] == "\\":
            piece, digit = _escape(pattern, at)
            pieces.append((_ANY, _ANY) if digit else (piece, ""))
            at += len(piece)
        elif pattern[at] == "[":
            given = _CLASS.match(pattern, at)
            if given is None:
                raise ValueError("a [ without its ] in a pattern")
            piece, tells = _class(given[0])
            pieces.append((piece, piece if tells else ""))
            at = given.end()
        elif pattern[at] == "(":
            piece, told, at = _group(pattern, at)
            pieces.append((piece, told))
        elif pattern[at] == "{" and (quantifier := _QUANTIFIER.match(pattern, at)):
            pieces.append((quantifier[0], ""))
            at = quantifier.end()
        else:
            c = pattern[at]
            pieces.append((_ANY, _ANY) if c in _DIGITS else (c, ""))
            at += 1


def _group(pattern: str, at: int) -> tuple[str, str, int]:
    """The group that begins at `at`, with any digit for certain ones; what of it tells digits apart; where it ends."""
    kind = _GROUP.match(pattern, at)
    assert kind is not None
    start = kind[0]
    if start == "(" and pattern.startswith("?", at + 1):  # flags for all that follows, or what RE2 does not have
        raise ValueError(f"{pattern[at : at + 4]} in a pattern")
    whole, told, at = _alternatives(pattern, at + len(start))
    if at == len(pattern):
        raise ValueError("a ( without its ) in a pattern")
    group = f"{start}{whole})"
    # A group that may stand several times, or not at all, stays as it is.
    repeats = pattern[at + 1 : at + 2] in _REPEATS
    return group, "" if not told else group if repeats else f"{start}{'|'.join(told)})", at + 1


def _escape(pattern: str, at: int) -> tuple[str, str]:
    """The escape that begins at `at`, and the digit that it stands for, "" for anything else."""
    if code := _CODE.match(pattern, at):
        character = chr(int(code[1] or code[2], 16))
        return code[0], character if character in _DIGITS else ""
    if name := _PROPERTY.match(pattern, at):
        return name[0], ""
    c = pattern[at + 1 : at + 2]
    if c.isalnum() and c not in _PLAIN:
        raise ValueError(f"\\{c} in a pattern")
    return pattern[at : at + 2], ""


@lru_cache(maxsize=1024)
def _class(whole: str) -> tuple[str, bool]:
    """A character class with all digits if it has some; and whether it has not all."""
    at = 1
    negated = whole[1] == "^"
    at += negated
    has: set[str] = set()
    while at < len(whole) - 1:
        if name := _NAMED.match(whole, at):
            if name[0] not in _CLASSES:
                raise ValueError(f"{name[0]} in a pattern")
            has.update(_CLASSES[name[0]])
            at = name.end()
            continue
        low, at = _character(whole, at, has)
        if low and whole[at] == "-" and at + 1 < len(whole) - 1:
            high, at = _character(whole, at + 1, has)
            has.update(digit for digit in _DIGITS if low <= digit <= high)
        elif low in _DIGITS:
            has.update(low)
    if not has or len(has) == len(_DIGITS):
        return whole, False
    body = f"\\{whole[1:]}" if whole[1] == "]" else whole[1:]
    return r"(?s:.)" if negated else f"[0-9{body}", True


def _character(pattern: str, at: int, has: set[str]) -> tuple[str, int]:
    """The character of a class at `at`, "" for what stands for several, and where the next begins."""
    if pattern[at] != "\\":
        return pattern[at], at + 1
    piece, digit = _escape(pattern, at)
    end = at + len(piece)
    if digit:
        return digit, end
    if code := _CODE.fullmatch(piece):
        return chr(int(code[1] or code[2], 16)), end
    if piece[1] in "pP":
        if piece[1] == "P" or piece[2:].strip("{}") not in _WITHOUT:
            raise ValueError(f"{piece} in a character class")
        return "", end
    if piece[1] in _PLAIN:
        has.update(_DIGITS if piece[1] in _ALL else "")
        return "", end
    return piece[1], end
