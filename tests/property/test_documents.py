"""Laws of the documents: values come out as they were written, and places are where the text has them."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

import orjson
import pytest
import yaml
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from policylint.documents import jsontext, yamltext
from policylint.documents.places import BrokenText, Place, at_pointer
from tests.property.strategies import Pairs, Writer, numbers, values, values_with_repeats

Json = Any

many = settings(max_examples=300, deadline=None)
randoms = st.randoms(use_true_random=False)

# libyaml takes no character that YAML calls unprintable, and no escape of half a character.
printable = st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"], exclude_characters="\u2028\u2029\ufeff")
yaml_texts = st.one_of(
    st.text(printable, max_size=8),
    st.sampled_from(
        ["NO", "yes", "~", "null", "24:00", "0x1f", "01", "1_000", "2017-05-02", "<<", "=", "", "- a", "#"]
    ),
    st.sampled_from(
        ["a: b", "!x", "&a", "*a", "'", '"', "\t", "a\nb\n", " a ", "\x85", "\x07", "---", "...", "1", "1.0"]
    ),
)
# Whole numbers that round up to 2**64 have a test of their own below.
yaml_numbers = numbers.filter(lambda number: isinstance(number, float) or float(number) < 2**64)
# JSON's escapes are YAML's too.
escapable = st.text(
    st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"], exclude_characters="\x7f"), max_size=8
)


def place(text: str, offset: int) -> Place:
    """The place of an offset, counted character by character."""
    line = column = 1
    for character in text[:offset]:
        line, column = (line + 1, 1) if character == "\n" else (line, column + 1)
    return Place(line, column)


@many
@given(values(), randoms)
def test_places_are_where_values_start(value: Json, random: Random) -> None:
    writer = Writer(random)
    text = writer.document(value)
    assert orjson.loads(text) == value
    expected = {pointer: place(text, offset) for pointer, offset in writer.starts.items()}
    assert jsontext.places(text, expected) == expected
    for pointer, where in expected.items():
        assert jsontext.places(text, [pointer])[pointer] == where


@many
@given(values_with_repeats(), randoms)
@example(Pairs((("a", Pairs((("b", 1),))), ("a", Pairs((("b", 2),))))), Random(0))
@example(Pairs((("a", Pairs((("b", 1), ("b", 1)))), ("a", None), ("a", 1))), Random(0))
def test_repeated_keys_are_those_that_stand_twice(value: Json, random: Random) -> None:
    writer = Writer(random)
    text = writer.document(value)
    assert jsontext.repeated_keys(text) == list(writer.again)
    if writer.again:
        assert jsontext.repeats_keys(text.encode(), jsontext.parse(text.encode()))


@many
@given(values_with_repeats(), randoms)
def test_a_place_is_that_of_the_value_that_counts(value: Json, random: Random) -> None:
    """Of a repeated key the last value wins, and it is the one that is pointed at."""
    writer = Writer(random)
    text = writer.document(value)
    parsed = jsontext.parse(text.encode())
    pointers = [pointer for pointer in writer.starts if _names(parsed, pointer)]
    for pointer, where in jsontext.places(text, pointers).items():
        if pointer in pointers:
            assert where == place(text, writer.starts[pointer])


def _names(value: Json, pointer: str) -> bool:
    try:
        at_pointer(value, pointer)
    except LookupError:
        return False
    return True


@many
@given(st.text(max_size=30), st.integers(min_value=0, max_value=30))
def test_broken_json_has_a_place_inside_the_text(text: str, cut: int) -> None:
    data = text.encode(errors="replace")[:cut]
    try:
        jsontext.parse(data)
    except BrokenText as broken:
        where = broken.place
    else:
        return
    if where is not None:
        all_lines = data.decode(errors="replace").split("\n")
        assert 1 <= where.line <= len(all_lines)
        assert 1 <= where.column <= len(all_lines[where.line - 1]) + 1


@many
@given(
    values(escapable, yaml_numbers),
    st.sampled_from([None, 0, 2, 4]),
    st.sampled_from([(",", ":"), (", ", ": "), (" ,", " : ")]),
)
def test_json_with_escapes_is_yaml(value: Json, indent: int | None, separators: tuple[str, str]) -> None:
    text = json.dumps(value, indent=indent, separators=separators)
    # Between quoted keys and values libyaml wants no space, elsewhere it does: `{"a" :1}` is a key `:1`.
    assume(separators != (",", ":") or indent is not None or not re.search(r":[^\"\[{]", text))
    assert _same(yamltext.parse_one(text).value, value)


@pytest.mark.parametrize("number", [2**64 - 1024, 2**64 - 1])
def test_large_numbers_are_the_same_in_both(number: int) -> None:
    read = yamltext.parse_one(str(number)).value
    assert (type(read), read) == (int, orjson.loads(str(number)))


@pytest.mark.parametrize("number", [2**64 - 1025, 2**63, -(2**63), 10**18, 10**19, 2**64, 10**30, -(2**63) - 1, -0])
def test_numbers_are_the_same_in_both(number: int) -> None:
    read, wanted = yamltext.parse_one(str(number)).value, orjson.loads(str(number))
    assert (type(read), read) == (type(wanted), wanted)


@many
@given(values(yaml_texts, yaml_numbers), st.sampled_from([2, 4]))
def test_json_as_it_is_written_is_yaml(value: Json, indent: int) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    assume(not re.search("[\x7f-\x9f]", text))
    assert _same(yamltext.parse_one(text).value, value)


@many
@given(values(yaml_texts, yaml_numbers), st.booleans(), st.booleans())
def test_block_style_comes_back(value: Json, unicode: bool, flow: bool) -> None:
    text = yaml.dump(value, Dumper=yaml.SafeDumper, allow_unicode=unicode, default_flow_style=flow, width=20)
    # PyYAML writes some numbers of JSON as if they were text, for YAML 1.1 has no 1e5.
    assume(not re.search(r"\d[eE][+-]?\d", text))
    assume("\x85" not in text)  # a line break of YAML's, which PyYAML writes into plain text
    document = yamltext.parse_one(text, with_places=True)
    assert _same(document.value, value)
    assert set(document.places) == set(_pointers(value, ""))


@many
@given(values(yaml_texts, yaml_numbers), randoms)
def test_both_readers_agree_on_places(value: Json, random: Random) -> None:
    text = json.dumps(value, indent=random.choice([None, 2]), ensure_ascii=False)
    assume(not re.search("[\x7f-\x9f]", text))
    document = yamltext.parse_one(text, with_places=True)
    assert document.places == jsontext.places(text, list(document.places))


def _same(one: Json, other: Json) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _pointers(value: Json, pointer: str) -> list[str]:
    parts: list[tuple[str, Json]] = []
    if isinstance(value, dict):
        parts = [(key.replace("~", "~0").replace("/", "~1"), item) for key, item in value.items()]
    elif isinstance(value, list):
        parts = [(str(n), item) for n, item in enumerate(value)]
    return [pointer, *(p for token, item in parts for p in _pointers(item, f"{pointer}/{token}"))]
