"""Each step that makes a schema narrower, on all small values: it allows no more than before, and what it should."""

from __future__ import annotations

from itertools import product
from typing import Any

import jsonschema_rs
import pytest

from policylint.shipped import shipped
from policylint.structure.dated import Schemas
from policylint.structure.narrowing import narrowed
from tests.unit.structure.parts import CARD, IMAGE, POSTBACK, REPLY, buttoned, generic, quick, send

Json = Any

URI = "file:///folder/schema.json"
ABSENT = object()
LEAVES: list[Json] = [None, True, False, 0, 1, 1.5, "", "x", "xy", "xyz", [], {}]
OBJECTS = [
    {name: value for name, value in zip("abc", fields, strict=True) if value is not ABSENT}
    for fields in product([ABSENT, None, True, 1, 1.5, "", "x", "y", "xyz", {}], [ABSENT, None, 1, "x"], [ABSENT, "x"])
]
VALUES = [*LEAVES, *OBJECTS, ["x"], [1, "x"]]


def there(*names: str) -> list[Json]:
    """What a schema asks that wants one of the fields, null being as good as none."""
    return [{"required": [name], "properties": {name: {"not": {"type": "null"}}}} for name in names]


def kind(value: str, then: Json, **also: Json) -> Json:
    return {"if": {**also, "properties": {"a": {"const": value}}, "required": ["a"]}, "then": then}


KINDS = [kind("x", {"required": ["b"]}), kind("y", {"required": ["c"]}), kind("xyz", {"required": ["c"]})]
WORDS = {"a": {"type": "string", "enum": ["x", "y", "xyz"]}}
ANY = {"a": True, "b": True, "c": True}
CLOSED = {"type": "object", "additionalProperties": False}

# Schemas that are decided as they were, except for values that have null somewhere.
SAME: dict[str, Json] = {
    "kinds": {"type": "object", "required": ["a"], "properties": WORDS, "allOf": KINDS},
    "kinds, two of a value": {"type": "object", "required": ["a"], "properties": WORDS, "allOf": [KINDS[0], *KINDS]},
    "kinds of what may be no object": {"required": ["a"], "properties": WORDS, "allOf": KINDS},
    "kinds of an object or a text": {
        "type": ["object", "string"],
        "required": ["a"],
        "properties": WORDS,
        "allOf": KINDS,
    },
    "kinds, then of a text": {
        "type": ["object", "string"],
        "required": ["a"],
        "properties": WORDS,
        "allOf": [kind("x", {"minLength": 2}), kind("y", {"maxLength": 2})],
    },
    "kinds of objects without": {"type": "object", "properties": WORDS, "allOf": KINDS},
    "kinds with equals in Python": {
        "type": "object",
        "required": ["a"],
        "properties": WORDS,
        "allOf": [kind("x", {"properties": {"b": {"const": 1}}}), kind("y", {"properties": {"b": {"const": True}}})],
    },
    "one of fields, closed": {**CLOSED, "properties": ANY, "oneOf": there("a", "b")},
    "one of fields, typed": {
        **CLOSED,
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        "oneOf": there("a", "b"),
    },
    "one of fields, open": {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        "oneOf": there("a", "b"),
    },
    "one of fields of what may be no object": {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
    "one of a field that can't be": {
        **CLOSED,
        "properties": {"a": {"type": "null"}, "b": {"type": "string"}},
        "oneOf": there("a", "b"),
    },
    "one of the same": {"type": "object", "oneOf": [{"required": ["a"]}, {"required": ["a"]}]},
    "not both": {"type": "object", "not": {"required": ["a", "b"]}},
    "not this one": {"type": "object", "not": {"required": ["a"]}},
    "not this one, maybe no object": {"not": {"required": ["a"]}},
    "not a field with a value": {"type": "object", "not": {"properties": {"a": {"type": "string"}}}},
    "not without a value": {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "not": {"properties": {"a": {"type": "integer"}}},
    },
    "if a field is there": {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "if": {"required": ["a"], "properties": {"a": {"const": "x"}}},
        "then": {"required": ["b"]},
    },
    "if a field is there, else": {
        "type": "object",
        "if": {"required": ["a"], "properties": {"a": {"const": "x"}}},
        "then": {"required": ["b"]},
        "else": {"required": ["c"]},
    },
    "if a field is there, maybe no object": {"if": {"required": ["a"]}, "then": {"type": "string"}},
    "if a field that can't be is there, maybe no object": {
        "additionalProperties": False,
        "if": {"required": ["a"]},
        "then": {"type": "object"},
    },
    "if a field has a value": {
        "type": "object",
        "if": {"properties": {"a": {"const": "x"}}},
        "then": {"required": ["b"]},
    },
    "if a field has a value, else": {
        "type": "object",
        "if": {"properties": {"a": {"const": "x"}}},
        "then": {"required": ["b"]},
        "else": {"required": ["c"]},
    },
    "if, settled": {"type": ["object", "null"], "if": {"type": "object"}, "then": {"required": ["a"]}},
    "if, settled otherwise": {"type": "string", "if": {"type": "object"}, "then": False, "else": {"minLength": 1}},
    "then without if": {"type": "object", "then": {"required": ["a"]}},
    "limits": {"type": "string", "minLength": 1, "maxLength": 2, "allOf": [{"minLength": 2}, {"maxLength": 3}]},
    "limits the other way": {
        "type": "string",
        "minLength": 2,
        "maxLength": 3,
        "allOf": [{"minLength": 1}, {"maxLength": 2}],
    },
    "patterns": {"type": "string", "pattern": "x", "allOf": [{"pattern": "y"}]},
    "1 and true": {"const": 1, "allOf": [{"const": True}]},
    "1 and true in a field": {"properties": {"a": {"const": 1}}, "allOf": [{"properties": {"a": {"const": True}}}]},
    "1 or true": {"anyOf": [{"const": 1}, {"const": True}]},
    "types": {"type": ["string", "object"], "allOf": [{"type": ["object", "array"]}]},
    "no type left": {"type": "string", "allOf": [{"type": "object"}]},
    "integers among numbers": {"type": "number", "allOf": [{"type": "integer"}]},
    "no integer": {"type": "number", "not": {"type": "integer"}},
    "no number": {"type": ["integer", "string"], "not": {"type": "number"}},
    "closed twice": {
        **CLOSED,
        "properties": {"a": True, "b": True},
        "allOf": [{**CLOSED, "properties": {"a": True, "c": True}}],
    },
    "closed beside open": {**CLOSED, "properties": {"a": True}, "allOf": [{"properties": {"b": {"type": "string"}}}]},
    "open beside closed": {"properties": {"b": {"type": "string"}}, "allOf": [{**CLOSED, "properties": {"a": True}}]},
    "others of a type": {
        "additionalProperties": {"type": "string"},
        "allOf": [{"properties": {"a": {"type": "integer"}}}],
    },
    "must be there, must not": {**CLOSED, "properties": {"a": True}, "required": ["b"]},
    "anyOf with a sure one": {"type": "object", "required": ["a"], "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
    "anyOf with one left": {**CLOSED, "properties": {"a": True}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
    "oneOf with a sure one": {"type": "object", "required": ["a"], "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
    "oneOf with none": {**CLOSED, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
    "items": {"type": "array", "items": {"type": "string"}, "allOf": [{"prefixItems": [{"type": "integer"}]}]},
    "unknown beside known": {
        "type": "object",
        "dependentRequired": {"a": ["b"]},
        "if": False,
        "not": {"required": ["c"]},
    },
    "enum with null": {"type": ["string", "null"], "enum": ["x", None]},
    "enum with nothing else": {"type": ["string", "null"], "enum": [None]},
    "some of the values": {"type": "string", "enum": ["x", "xy"], "not": {"enum": ["x", "y"]}},
    "all of the values": {
        "type": "string",
        "enum": ["x", "xy"],
        "if": {"enum": ["x", "xy", "y"]},
        "then": {"minLength": 2},
    },
    "a value of another type": {"type": "integer", "if": {"const": "x"}, "then": False},
}


def has_null(value: Json) -> bool:
    return value is None or (isinstance(value, dict) and None in value.values())


@pytest.mark.parametrize("schema", SAME.values(), ids=SAME.keys())
def test_steps(schema: Json) -> None:
    whole = jsonschema_rs.Draft202012Validator(schema)
    narrow = jsonschema_rs.Draft202012Validator(narrowed(URI, {URI: schema}.__getitem__))
    assert [value for value in VALUES if narrow.is_valid(value) and not whole.is_valid(value)] == []
    undecided = [value for value in VALUES if whole.is_valid(value) and not narrow.is_valid(value)]
    assert [value for value in undecided if not has_null(value)] == []


def test_references() -> None:
    """References are followed from the document they stand in, those in what is left as it is, too."""
    documents: dict[str, Json] = {
        URI: {"properties": {"a": {"$ref": "other/more.json#/$defs/x~1y"}}, "$defs": {"z": False}},
        "file:///folder/other/more.json": {
            "$defs": {
                "x/y": {"$ref": "#/$defs/z", "oneOf": [{"$ref": "#/$defs/z"}, {"maxLength": 1}]},
                "z": {"type": "string", "minLength": 2, "x-warning": ["minLength"]},
            }
        },
    }
    narrow = jsonschema_rs.Draft202012Validator(narrowed(URI, documents.__getitem__), retriever=documents.__getitem__)
    assert [value for value in ["x", "xy", 1] if narrow.is_valid({"a": value})] == ["xy"]


def test_circular_schema() -> None:
    """A schema without end is left to others."""
    schema = {"properties": {"a": {"$ref": "#"}}}
    assert narrowed(URI, {URI: schema}.__getitem__) is False


def test_reference_to_nothing() -> None:
    with pytest.raises(LookupError):
        narrowed(URI, {URI: {"$ref": "#/$defs/x"}}.__getitem__)


EXTENSIONS = {"type": "web_url", "title": "Go", "url": "https://a.example", "messenger_extensions": True}
EVERYDAY: dict[str, Json] = {
    "text": send({"text": "Hello"}),
    "tagged text": {**send({"text": "Hello"}), "tag": "ISSUE_RESOLUTION"},
    "quick replies": quick(REPLY, {"content_type": "location"}),
    "generic template": generic(**CARD),
    "buttons": buttoned(POSTBACK, EXTENSIONS),
    "image": send({"attachment": IMAGE}),
    "typing": {"recipient": {"id": "1"}, "sender_action": "typing_on"},
}


@pytest.mark.parametrize("request_", EVERYDAY.values(), ids=EVERYDAY.keys())
def test_everyday_requests_are_decided(request_: Json) -> None:
    assert Schemas().validator("messenger", "2017-04-18").quick()(request_)


def test_undecided() -> None:
    """Invalid requests, keys that are not UTF-8 and values without end are left to who asked."""
    surely_valid = Schemas(shipped("schemas")).validator("messenger", "2017-04-18").quick()
    deep: Json = "x"
    for _ in range(5000):
        deep = [deep]
    odd = [None, {}, send({"text": ""}), send({"\ud800": 1}), send({"text": "Hello", "metadata": deep})]
    odd += [{**send({"text": "Hello"}), "tag": tag} for tag in (10**5000, float("nan"), {"\udfff": "x"})]
    assert [surely_valid(request) for request in odd] == [False] * len(odd)
