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
# What has nothing to do with certain digits, but for a range of all; and what has, or names a character by its number.
_NONE: Final = re.compile(r"0-9|\\d|\{\d+(?:,\d*)?\}|\\x\{[0-9A-Fa-f]{3,6}\}|\\x\{?[0-24-9A-Fa-f][0-9A-Fa-f]\}?")
_SOME: Final = re.compile(r"[0-9]")
_QUANTIFIER: Final = re.compile(r"\{\d+(?:,\d*)?\}")
_GROUP: Final = re.compile(r"\(\?(?:P?<\w+>|[a-zA-Z-]*:?)")
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
    if not _SOME.search(_NONE.sub("", pattern)):
        return ""  # most are done with here
    told, at = _alternatives(pattern, 0)
    if at < len(pattern):
        raise ValueError("a ) without its ( in a pattern")
    return "|".join(text for text, tells in told if tells)


def _alternatives(pattern: str, at: int) -> tuple[list[tuple[str, bool]], int]:
    """The alternatives from `at` to the end of their group, each with whether it tells digits apart; and that end."""
    told: list[tuple[str, bool]] = []
    out: list[str] = []
    tells = False
    while at < len(pattern) and pattern[at] != ")":
        if run := _RUN.match(pattern, at):
            out.append(run[0])
            at = run.end()
            continue
        c = pattern[at]
        if c == "|":
            told.append(("".join(out), tells))
            out, tells = [], False
            at += 1
            continue
        if c == "\\":
            piece, digit = _escape(pattern, at)
            at += len(piece)
            piece, own = (_ANY, True) if digit else (piece, False)
        elif c == "[":
            given = _CLASS.match(pattern, at)
            if given is None:
                raise ValueError("a [ without its ] in a pattern")
            piece, own = _class(given[0])
            at = given.end()
        elif c == "(":
            piece, own, at = _group(pattern, at)
        elif c == "{" and (quantifier := _QUANTIFIER.match(pattern, at)):
            piece, own, at = quantifier[0], False, quantifier.end()
        else:
            piece, own, at = (_ANY, True, at + 1) if c in _DIGITS else (c, False, at + 1)
        out.append(piece)
        tells |= own
    return [*told, ("".join(out), tells)], at


def _group(pattern: str, at: int) -> tuple[str, bool, int]:
    """The group that begins at `at`, whether it tells digits apart, and where it ends."""
    kind = _GROUP.match(pattern, at)
    start = kind[0] if kind else "("
    told, at = _alternatives(pattern, at + len(start))
    if start[-1] not in "(:>":  # (?i) and the like
        return f"{start})", False, at + 1
    tells = any(own for _, own in told)
    # What tells nothing apart is left out, but where the group may stand several times, or not at all.
    if tells and pattern[at + 1 : at + 2] not in _REPEATS:
        told = [one for one in told if one[1]]
    return f"{start}{'|'.join(text for text, _ in told)})", tells, at + 1


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
    return r"(?s:.)" if negated else f"{whole[:-1]}0-9]", True


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
