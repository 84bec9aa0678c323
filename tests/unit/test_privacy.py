"""What is told of names and places, and what is not."""

from __future__ import annotations

import pytest

from policylint.privacy import is_word, shown_pointer


@pytest.mark.parametrize(
    ("pointer", "shown"),
    [
        ("", ""),
        ("/message/quick_replies/0/title", "/message/quick_replies/0/title"),
        ("/message/attachment/payload/address/street_1", "/message/attachment/payload/address/street_1"),
        ("/workspace_id", "/workspace_id"),
        ("/message/a~1b", "/message/a~1b"),
        ("/message/your code is 4711", "/message"),
        ("/message/your code is 4711/0", "/message"),
        ("/1234567890123456/name", ""),
        ("/message/user1234567", "/message"),
        ("/message/jane@example.com", "/message"),
        ("/message/Привет", "/message"),
        ("/message/" + "x" * 80, "/message"),
        ("/message/", "/message"),
    ],
)
def test_places_stop_before_what_could_be_text(pointer: str, shown: str) -> None:
    assert shown_pointer(pointer) == shown


@pytest.mark.parametrize("text", ["typing_on", "SHIPPING_UPDATE", "me.messages"])
def test_words_of_programmers(text: str) -> None:
    assert is_word(text)


@pytest.mark.parametrize("text", ["", "two words", "4711", "a1", "x" * 41, "jane@example.com", "naïve", "\x1b"])
def test_other_texts(text: str) -> None:
    assert not is_word(text)
