"""Strict YAML: JSON's types, and nothing that surprises."""

from __future__ import annotations

import time
from typing import Any

import pytest

from policylint.documents.places import BrokenText, Place
from policylint.documents.yamltext import MAX_ALIASED, MAX_DEPTH, documents, parse_one


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("True", "True"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("Null", "Null"),
        ("~", None),
        ("", None),
        ("24:00", "24:00"),
        ("190:20:30", "190:20:30"),
        ("0x1f", "0x1f"),
        ("0o17", "0o17"),
        ("0b1", "0b1"),
        ("01", "01"),
        ("+1", "+1"),
        ("1_000", "1_000"),
        (".5", ".5"),
        ("1.", "1."),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("NaN", "NaN"),
        ("Infinity", "Infinity"),
        ("2017-05-02", "2017-05-02"),
        ("2017-05-02T10:00:00Z", "2017-05-02T10:00:00Z"),
        ("=", "="),
        ("0", 0),
        ("-0", 0),
        ("-12", -12),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        ("1E+3", 1000.0),
        ("9007199254740993", 9007199254740993),
        ("18446744073709551616", 18446744073709551616.0),
        ("'1'", "1"),
        ('"true"', "true"),
        ("! 12", "12"),
        ("|\n  1\n", "1\n"),
        ('"\\u00e9\\x41"', "éA"),
    ],
)
def test_types_are_jsons(text: str, value: Any) -> None:
    for document in (f"k: {text}", f"k: {text} # why\n") if not text.startswith("|") else (f"k: {text}",):
        read = parse_one(document).value
        assert read == {"k": value}
        assert type(read["k"]) is type(value)


def test_keys_are_text_as_written() -> None:
    assert parse_one("NO: 1\n1: 2\ntrue: 3\n~: 4\n'': 5\n").value == {"NO": 1, "1": 2, "true": 3, "~": 4, "": 5}


@pytest.mark.parametrize(
    ("text", "reason", "place"),
    [
        ("a: !!int 3", "tag", Place(1, 4)),
        ("a: !!str 3", "tag", Place(1, 4)),
        ("a: !python/object:os.system x", "tag", Place(1, 4)),
        ("!x {a: 1}", "tag", Place(1, 1)),
        ("a: !x [1]", "tag", Place(1, 4)),
        ("!!str a: 1", "tag", Place(1, 1)),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", "merge key", Place(3, 3)),
        ("? [a]\n: 1\n", "key", Place(1, 3)),
        ("? {a: 1}\n: 1\n", "key", Place(1, 3)),
        ("a: &x 1\n*x : 2\n", "key", Place(2, 1)),
        ("a: *x", "alias", Place(1, 4)),
        ("a: &x [*x]", "alias", Place(1, 8)),
        ("a: &x {b: {c: *x}}", "alias", Place(1, 15)),
        ("a: 1e400", "too large", Place(1, 4)),
        ("a: -1e400", "too large", Place(1, 4)),
        ("a: " + "9" * 400, "too large", Place(1, 4)),
        ("a: 1\nb: 2\na: 3\n", "the key a stands twice", Place(3, 1)),
        ("a: {é: 1, é: 2}", "the key é stands twice", Place(1, 11)),
        ("'a/b': 1\n'a/b': 2\n", "the key a/b stands twice", Place(2, 1)),
        ("a: 1\n---\nb: 2\n", "more than one", None),
        ("a:\n\tb: 1\n", "not valid YAML", Place(2, 1)),
        ("a: [1, 2\n", "not valid YAML", Place(2, 1)),
        ("a: 'x\n", "not valid YAML", Place(2, 1)),
        ("a: \x07", "not valid YAML", None),
        ("a: \x7f", "not valid YAML", None),
        ("a: \ufffe", "not valid YAML", None),
        ("a: \ud800", "lone surrogate", None),
        ('a: "\\ud800"', "not valid YAML", Place(1, 7)),
        ("%YAML 3.0\n---\na: 1\n", "not valid YAML", Place(1, 1)),
        ("a: b: c", "not valid YAML", Place(1, 5)),
    ],
)
def test_what_is_refused(text: str, reason: str, place: Place | None) -> None:
    with pytest.raises(BrokenText) as caught:
        parse_one(text)
    assert reason in caught.value.reason
    assert caught.value.place == place


@pytest.mark.parametrize("text", ["secret: \x07", "a: b: secret", "a: *secret", "secret: {<<: 1}", "a: !secret x"])
def test_reasons_hold_nothing_of_the_text(text: str) -> None:
    with pytest.raises(BrokenText) as caught:
        parse_one(text)
    assert "secret" not in str(caught.value)
    assert "\x07" not in str(caught.value)


def test_repeated_keys_are_told_and_the_last_one_wins() -> None:
    (document,) = documents("a: {x: 1, x: 2}\nb: 1\nb: 3\n'~/': 1\n'~/': 2\n")
    assert document.value == {"a": {"x": 2}, "b": 3, "~/": 2}
    assert document.repeated == [("/a/x", Place(1, 11)), ("/b", Place(3, 1)), ("/~0~1", Place(5, 1))]


def test_aliases_are_values() -> None:
    text = "a: &x {b: [1, 2]}\nc: *x\nd: [&y text, *y]\n&k e: *k\n"
    assert parse_one(text).value == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}, "d": ["text", "text"], "e": "e"}


def test_an_anchor_may_be_used_again() -> None:
    assert parse_one("a: &x 1\nb: *x\nc: &x 2\nd: *x\n").value == {"a": 1, "b": 1, "c": 2, "d": 2}


def test_anchors_end_with_their_document() -> None:
    read = documents("a: &x 1\n---\nb: *x\n")
    assert next(read).value == {"a": 1}
    with pytest.raises(BrokenText, match="alias"):
        next(read)


def test_alias_bombs_are_refused_at_once() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    begun = time.perf_counter()
    with pytest.raises(BrokenText, match="aliases that stand for more"):
        parse_one(bomb)
    assert time.perf_counter() - begun < 5


def test_aliases_are_free_up_to_the_limit() -> None:
    allowed = "a: &a [1, 2, 3]\nb: [" + ", ".join(["*a"] * (MAX_ALIASED // 4)) + "]\n"
    assert len(parse_one(allowed).value["b"]) == MAX_ALIASED // 4
    with pytest.raises(BrokenText, match="aliases that stand for more"):
        parse_one(allowed.replace("b: [", "b: [*a, "))


@pytest.mark.parametrize(("start", "end"), [("[", "]"), ("{a: ", "}")])
def test_depth_has_a_limit(start: str, end: str) -> None:
    deepest = parse_one(start * (MAX_DEPTH - 1) + "1" + end * (MAX_DEPTH - 1)).value
    assert isinstance(deepest, list | dict)
    begun = time.perf_counter()
    for levels in (MAX_DEPTH + 1, 100_000):
        with pytest.raises(BrokenText, match="nested more than"):
            parse_one(start * levels + "1" + end * levels)
    assert time.perf_counter() - begun < 5


def test_depth_of_blocks_has_a_limit() -> None:
    with pytest.raises(BrokenText, match="nested more than"):
        parse_one("- " * 100_000 + "1")


def test_documents_come_one_by_one() -> None:
    read = documents("---\na: 1\n...\n---\n- 2\n--- |\n x\n---\n[\n")
    assert [next(read).value for _ in range(3)] == [{"a": 1}, [2], "x\n"]
    with pytest.raises(BrokenText):
        next(read)


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "---\n# nothing\n"])
def test_nothing_is_nothing(text: str) -> None:
    assert [document.value for document in documents(text)] in ([], [None])
    assert parse_one(text).value is None


def test_places_are_of_values() -> None:
    text = "# first\nevents:\n  - {at: 0h, 'é/x': \"é\"}\n  - at: 1h\n    page:\n      message: |\n        text\n"
    places = parse_one(text, with_places=True).places
    assert places == {
        "": Place(2, 1),
        "/events": Place(3, 3),
        "/events/0": Place(3, 5),
        "/events/0/at": Place(3, 10),
        "/events/0/é~1x": Place(3, 21),
        "/events/1": Place(4, 5),
        "/events/1/at": Place(4, 9),
        "/events/1/page": Place(6, 7),
        "/events/1/page/message": Place(6, 16),
    }


def test_columns_count_code_points() -> None:
    assert parse_one('{"\U0001f600\U0001f600": 1}', with_places=True).places["/\U0001f600\U0001f600"] == Place(1, 8)
