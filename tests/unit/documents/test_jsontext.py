"""JSON texts: what is refused and where, places, repeated keys."""

from __future__ import annotations

import time

import pytest

from policylint.documents.jsontext import parse, places, repeated_keys, repeats_keys
from policylint.documents.places import BrokenText, Place, at_pointer, nearest, parent, place_at, unescape


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b'{"a": 1', Place(1, 8)),
        (b'{"a": NaN}', Place(1, 7)),
        (b"[Infinity]", Place(1, 2)),
        (b"[-Infinity]", None),
        (b"[1e400]", None),
        (b'{"a" 1}', None),
        (b"{'a': 1}", Place(1, 2)),
        (b"[1,]", None),
        (b"[01]", None),
        (b'["\\ud800"]', None),
        (b'["\x01"]', None),
        (b'["\xff"]', None),
        (b"[1] [2]", None),
        (b"", None),
        (b"\xef\xbb\xbf[]", None),
        ('{"é": 1,\n "é": x}'.encode(), Place(2, 7)),
        (b"[" * 2000, None),
    ],
)
def test_what_is_refused(data: bytes, place: Place | None) -> None:
    with pytest.raises(BrokenText) as caught:
        parse(data)
    assert caught.value.reason.startswith("not valid JSON: ")
    if place is not None:
        assert caught.value.place == place


def test_reasons_hold_nothing_of_the_text() -> None:
    for data in (b'{"secret": secret}', b'{"secret" "secret"}', b'["secret\xff"]', b'["secret\\x"]'):
        with pytest.raises(BrokenText) as caught:
            parse(data)
        assert "secret" not in str(caught.value)


def test_numbers_beyond_64_bits_are_floats() -> None:
    assert parse(b"[18446744073709551615, 18446744073709551616]") == [2**64 - 1, float(2**64)]


def test_nesting_has_a_limit() -> None:
    begun = time.perf_counter()
    assert parse(b"[" * 1000 + b"]" * 1000)
    with pytest.raises(BrokenText):
        parse(b"[" * 100_000 + b"]" * 100_000)
    assert time.perf_counter() - begun < 5


def test_places_of_what_was_asked_and_around_it() -> None:
    text = '{\n\t"a": [1, {"b": "\\"}"}],\n "c/d": {"~": null}}'
    assert places(text, ["/a/1/b", "/c~1d/~0"]) == {
        "": Place(1, 1),
        "/a": Place(2, 7),
        "/a/1": Place(2, 11),
        "/a/1/b": Place(2, 17),
        "/c~1d": Place(3, 9),
        "/c~1d/~0": Place(3, 15),
    }


def test_a_place_that_is_not_there_has_its_neighbourhood() -> None:
    found = places('{"a": {}}', ["/a/b/c"])
    assert nearest(found, "/a/b/c") == Place(1, 7)
    assert nearest(found, "/x") == Place(1, 1)
    assert nearest({}, "/x") is None


@pytest.mark.parametrize(
    ("text", "pointers"),
    [
        ('{"a": 1, "b": 1}', []),
        ('{"a": 1, "a": 1}', ["/a"]),
        ('{"a": 1, "\\u0061": 1}', ["/a"]),
        ('{"a": {"a": 1}}', []),
        ('[{"a": 1}, {"a": 1}]', []),
        ('{"x": [{"a": 1, "a": {"b": 1, "b": 2, "b": 3}}]}', ["/x/0/a", "/x/0/a/b"]),
        ('{"": 1, "" :2}', ["/"]),
        ('{"a/~": 1, "a/~": 2}', ["/a~1~0"]),
        ('{"a": "\\"b\\": \\"b\\":", "c": "b\\":"}', []),
    ],
)
def test_repeated_keys(text: str, pointers: list[str]) -> None:
    assert repeated_keys(text) == pointers
    if pointers:
        assert repeats_keys(text.encode(), parse(text.encode()))


def test_the_quick_look_says_no_to_a_common_text() -> None:
    data = b'{"a": {"b": "c"}, "d": [{"e": 1}, {"e" : 2}]}'
    assert not repeats_keys(data, parse(data))


def test_pointers() -> None:
    value = {"a": [{"b/~": 1}]}
    assert at_pointer(value, "/a/0/b~1~0") == 1
    assert at_pointer(value, "") is value
    for pointer in ("/x", "/a/1", "/a/x", "/a/0/b~1~0/c", "/a/-"):
        with pytest.raises(LookupError):
            at_pointer(value, pointer)
    assert unescape("~01") == "~1"
    assert parent("/a/b") == "/a"
    assert parent("") == ""


def test_a_tab_is_one_column() -> None:
    assert place_at("a\n\t\U0001f600b", 4) == Place(2, 3)
    assert place_at("\r\nb", 2) == Place(2, 1)
