"""Text from recordings can't steer a terminal."""

from __future__ import annotations

import pytest

from policylint.reporters.terminal import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("déjà vu, 日本, 🎉", "déjà vu, 日本, 🎉"),
        ("two\nlines\r\n\tthree", r"two\nlines\r\n\tthree"),
        ("\x1b[31mred\x1b]0;title\x07", r"\x1b[31mred\x1b]0;title\x07"),
        ("\x9b31m\x7f\x00\x85", r"\x9b31m\x7f\x00\x85"),
        ("\u202eevil\u2066\u2069", r"\u202eevil\u2066\u2069"),
        ("a\u200bb\u200fc\ufeff", r"a\u200bb\u200fc\ufeff"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\ud800 and \udcff", r"\ud800 and \udcff"),
        ("x ##[error]y ##vso[task] # ## [", r"x #\x23[error]y #\x23vso[task] # ## ["),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_nothing_that_acts_is_left() -> None:
    """Over all of Unicode: one line, and every character can be encoded."""
    everything = printable("".join(map(chr, range(0x110000))))
    everything.encode()
    assert len(everything.splitlines()) == 1
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in everything)
