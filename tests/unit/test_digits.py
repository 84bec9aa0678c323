"""What of a pattern tells one digit from another, for each kind of syntax."""

from __future__ import annotations

import re

import pytest
import re2

from policylint.digits import telling
from policylint.lexicons.matching import options

DIGITS = "0123456789"


def finds(pattern: str, text: str) -> bool:
    return re2.compile(pattern, options()).search(text.encode()) is not None


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "sale",
        "sale|our",
        r"\d+ ?%",
        r"\D\w\W\s\S\b\B",
        "^.$",
        r"\.\(\)\[\|\\",
        "[0-9]{3}",
        "[^0-9]",
        "[0-9A-Za-z_é]",
        "[9876543210]",
        "[0-45-9]",
        "[!-~]",
        r"[\x{30}-\x{39}]",
        r"[\x00-\x7f]",
        r"[\d.,]+",
        r"[\w5]",
        r"[5\S]",
        r"[\D\d1]",
        r"[^\d5]",
        "[a-z]{2}",
        "a{1,3}b{2,}",
        "[[:digit:]]",
        "[[:alnum:]5]",
        "[[:word:]1-3]",
        r"\x41\x{E9}\x{1F381}",
        r"[\x41-\x{5A}]",
        r"\pL\p{Nd}\P{Lu}\p{^L}",
        r"(?:a|b)(c)(?P<name>d)(?i:e)f",
        "(?P<a5>x)",
    ],
)
def test_nothing_tells_digits_apart(pattern: str) -> None:
    assert telling(pattern) == ""


@pytest.mark.parametrize(
    ("pattern", "tells"),
    [
        ("5", "[0-9]"),
        ("4g", "[0-9]g"),
        ("24 ?h", "[0-9][0-9] ?h"),
        (r"\b2x1\b", r"\b[0-9]x[0-9]\b"),
        ("1{2}", "[0-9]{2}"),
        ("1{2,3}5{1,}", "[0-9]{2,3}[0-9]{1,}"),
        ("a{,5}", "a{,[0-9]}"),
        (r"\x35", "[0-9]"),
        (r"\x{35}", "[0-9]"),
        (r"\x{37}", "[0-9]"),
        (r"\x{0035}", "[0-9]"),
        (r"\.5", r"\.[0-9]"),
        (r"\\5", r"\\[0-9]"),
        (r"\\x41", r"\\x[0-9][0-9]"),
        (r"\{3}", r"\{[0-9]}"),
        ("0-9", "[0-9]-[0-9]"),
        (r"\pL5", r"\pL[0-9]"),
        ("sale|2x1|off", "[0-9]x[0-9]"),
        ("1|2", "[0-9]|[0-9]"),
        ("a5|b", "a[0-9]"),
        ("(5)", "([0-9])"),
        ("(?:5)", "(?:[0-9])"),
        ("(?i:d1scount)", "(?i:d[0-9]scount)"),
        ("(?P<stars>5)", "(?P<stars>[0-9])"),
        ("(?<stars>5)", "(?<stars>[0-9])"),
    ],
)
def test_certain_digits_become_any(pattern: str, tells: str) -> None:
    assert telling(pattern) == tells
    assert telling(tells) == ""


@pytest.mark.parametrize(
    ("pattern", "held"),
    [
        ("[1-3]", "a"),
        ("[13579]", "a"),
        ("[a5]", "b"),
        ("[0-8]", "a"),
        ("[*-3]", "x"),
        ("[7-Z]", "é"),
        ("[]5]", "a"),
        ("[5-]", "a"),
        ("[-5]", "a"),
        ("[5+-]", "a"),
        (r"[5\-]", "a"),
        (r"[\]5]", "a"),
        ("[{3}]", "a"),
        (r"[\x{35}]", "a"),
        (r"[\x31-\x33]", "a"),
        (r"[\x{0031}-\x{0033}]", "a"),
        (r"[\D5]", ""),
        (r"[\s5]", "a"),
        (r"[\p{L}5]", "%"),
        (r"[5\pL]", "%"),
        ("[[:alpha:]5]", "%"),
        ("[[:punct:][:space:]1-3]", "a"),
    ],
)
def test_classes_of_some_digits_take_all(pattern: str, held: str) -> None:
    tells = telling(pattern)
    assert all(finds(tells, digit) for digit in DIGITS)
    assert not finds(tells, held)
    assert telling(tells) == ""


@pytest.mark.parametrize("pattern", ["[^5]", "[^1-3a]", "[^]5]", "[^5-]", r"[^\s\x{35}]", r"[^\D5]"])
def test_negated_classes_of_some_digits_take_anything(pattern: str) -> None:
    tells = telling(pattern)
    assert all(finds(tells, character) for character in [*DIGITS, "a", "x", "é", "\n", "-"])
    assert telling(tells) == ""


# Where a text is found with these digits, and not with all others, what tells digits apart finds it too.
@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("x(a|4)y", "x4y"),
        ("5(?:a|6)", "5a"),
        ("(?:a|5)6", "a6"),
        ("(?:a|1)(?:b|2)", "a2"),
        ("(?:a|1)(?:b|2)", "1b"),
        ("(?:(?:a|1)(?:b|2)|c)", "1b"),
        ("(?:one|1) to (?:five|5)", "one to 5"),
        ("^(?:(?:a|5)b)+$", "ab5b"),
        ("^(?:(?:a|5)b){2}$", "5bab"),
        ("^(?:x|(?:a|5)b)*$", "abx5b"),
        ("^(?:a|5){2}$", "a5"),
        ("^(a|4)?y", "4y"),
        ("^(a|4)*y", "4aay"),
        ("^(a|4)+y", "a4y"),
    ],
)
def test_what_stands_beside_certain_digits_is_not_lost(pattern: str, text: str) -> None:
    assert finds(pattern, text)
    assert any(not finds(pattern, re.sub("[0-9]", digit, text)) for digit in DIGITS)
    assert finds(telling(pattern), text)


def test_alternatives_without_certain_digits_are_left_out() -> None:
    tells = telling("2x1|sale|(?:deal|offer 7|coupon)|free")
    assert finds(tells, "9x9")
    assert finds(tells, "offer 1")
    assert not finds(tells, "sale deal coupon free")


@pytest.mark.parametrize(
    "pattern",
    [
        "5)",
        "(5))",
        "[5",
        r"[5\]",
        r"5\1",
        r"\065",
        r"\u0035",
        r"\N5",
        r"\Q5",
        r"\C5",
        r"\x5",
        "[[:upper:]5]",
        "[[:^digit:]5]",
        r"[\pN5]",
        r"[\p{Nd}5]",
        r"[\PL5]",
        r"[\p{^L}5]",
        "(?=5)",
        "(?!5)",
        "(?<=5)",
        "(?<!5)",
        "(?i)4G",
        "(?:(?i)a|B5)",
    ],
)
def test_unknown_syntax(pattern: str) -> None:
    with pytest.raises(ValueError, match=r" in a (pattern|character class)"):
        telling(pattern)
