"""Spellings: what a text may hide, and where it stands."""

from __future__ import annotations

import sys
import unicodedata

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from policylint.lexicons.spelling import UNUSUAL, spellings

_THAI_AM = "\u0e33\u0eb3"


def unusual(text: str) -> bool:
    return re2.search(UNUSUAL, text.lower()) is not None


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("ＳＡＬＥ 50％", "SALE 50%"),
        ("s.a.l.e now", "sale now"),
        ("S-A-L-E", "SALE"),
        ("f r e e", "free"),
        ("FREEEE", "FREE"),
        ("saaaale", "sale"),
        ("sa\u200ble", "sale"),
        ("s\u00adale", "sale"),
        ("promocio\u0301n", "promoción"),
        ("ⓢⓐⓛⓔ", "sale"),
        ("𝗦𝗔𝗟𝗘", "SALE"),
        ("ﬁnd", "find"),
        ("c0upon", "coupon"),
        ("w1n", "win"),
        ("sa1e", "sale"),
        ("$ale", "sale"),
        ("fr33", "free"),
        ("ЅАLЕ", "SALE"),
        ("İNDİRİM", "INDIRIM"),
        ("تخفيـــضات", "تخفيضات"),
        ("50\u00a0%", "50 %"),
    ],
)
def test_a_disguise_is_suspected_and_read(text: str, read: str) -> None:
    assert unusual(text)
    assert read in [spelling.text for spelling in spellings(text)]


@pytest.mark.parametrize(
    "text",
    [
        "An ordinary text, with 3 commas; and a full stop.",
        "Visit www.example.com",
        "It's 20% off – only €5",
        "สำหรับคุณ",
        "全场满减，优惠！",
        "Скидка на всё",
        "Chúng tôi giảm giá",
        "हमारे साथ जुड़ें",
        "이번 주 할인",
    ],
)
def test_plain_text_is_not_suspected(text: str) -> None:
    assert not unusual(text)


def test_every_letter_and_digit_that_nfkc_changes_is_suspected() -> None:
    missed = [
        character
        for character in map(chr, range(0x80, sys.maxunicode + 1))
        if unicodedata.category(character) in {"Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Cf", "Mn"}
        and (
            unicodedata.normalize("NFKC", character.lower()) != character.lower()
            or unicodedata.category(character) == "Cf"
        )
        and character not in f"{_THAI_AM}ªº"
        and not unusual(character)
    ]
    assert missed == []


@given(st.text(max_size=60))
def test_places_lie_in_the_text_and_in_order(text: str) -> None:
    for spelling in spellings(text):
        assert len(spelling.starts) == len(spelling.ends) == len(spelling.text)
        places = list(zip(spelling.starts, spelling.ends, strict=True))
        assert all(0 <= start < end <= len(text) for start, end in places)
        assert places == sorted(places)


@given(st.text(st.characters(codec="ascii", categories=["L", "Z"]), max_size=60))
def test_reading_again_changes_nothing(text: str) -> None:
    for spelling in spellings(text):
        assert all(again.text in {s.text for s in spellings(text)} for again in spellings(spelling.text))
