"""Where a schema tells one digit of a text from another, keyword by keyword."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from policylint.structure.dated import Schemas
from policylint.structure.digits import DigitsOfSchema
from policylint.structure.validator import RequestValidator

Json = Any

TODAY = "2026-11-01"
MESSENGER = Schemas().validator("messenger", TODAY)
PART = {"$ref": "#/$defs/part"}


def digits_of(schema: Json, folder: Path, **others: Json) -> DigitsOfSchema:
    """The digits of a schema in a file of its own, beside others."""
    place = folder / "messenger" / "some"
    place.mkdir(parents=True)
    for name, document in {"send-request": schema, **others}.items():
        (place / f"{name}.schema.json").write_bytes(orjson.dumps(document))
    return RequestValidator(place / "send-request.schema.json").digits()


def a(schema: Json) -> Json:
    """A schema of objects with a field of that schema."""
    return {"type": "object", "properties": {"a": schema}}


BLIND: dict[str, Json] = {
    "anything": True,
    "nothing": False,
    "no schema for it": {},
    "a text with limits": {"type": "string", "minLength": 1, "maxLength": 20},
    "a pattern of any digits": {"type": "string", "pattern": r"^\d+[0-9]{2}$"},
    "a pattern without digits": {"pattern": "^(https?://|<)"},
    "words": {"enum": ["RESPONSE", "UPDATE", None, 5]},
    "a word": {"const": "text"},
    "a number": {"const": 24},
    "limits of numbers": {"minimum": 1, "maximum": 5, "exclusiveMinimum": 0, "exclusiveMaximum": 9, "multipleOf": 2},
    "limits of arrays and objects": {"minItems": 1, "maxItems": 5, "minProperties": 1, "maxProperties": 5},
    "names of fields": {"required": ["b5"], "dependentRequired": {"b5": ["c"]}, "propertyNames": {"pattern": "5"}},
    "words about it": {"title": "5", "description": "5", "$comment": "5", "x-expected": "5", "x-warning": ["pattern"]},
    "an extension": {"x-pattern": {"pattern": "5"}},
    "unique items, of what holds none": {"uniqueItems": True},
    "digits deeper": {"properties": {"b": {"pattern": "5"}}, "items": {"pattern": "5"}},
    "definitions not used": {"$defs": {"part": {"pattern": "5"}}},
    "a choice without digits": {"if": {"const": "b"}, "then": {"maxLength": 1}, "else": {"minLength": 2}},
}

TELLING: dict[str, Json] = {
    "a pattern of certain digits": {"pattern": "^5"},
    "a pattern of some digits": {"type": "string", "pattern": "^[1-3]"},
    "a pattern of a digit by its number": {"pattern": r"^\x35"},
    "a pattern that is not known": {"pattern": r"\u0035"},
    "a pattern that looks ahead": {"pattern": "^(?!5)"},
    "words with digits": {"enum": ["RESPONSE", "1_to_5"]},
    "an array": {"enum": [["x"]]},
    "an object": {"const": {"x": "y"}},
    "a word with digits": {"const": "v2"},
    "a format": {"format": "date"},
    "a keyword from elsewhere": {"contentEncoding": "base64"},
    "an anchor": {"$anchor": "here"},
    "in all of": {"allOf": [True, {"pattern": "5"}]},
    "in any of": {"anyOf": [{"maxLength": 1}, {"pattern": "5"}]},
    "in one of": {"oneOf": [{"maxLength": 1}, {"pattern": "5"}]},
    "in not": {"not": {"pattern": "5"}},
    "in if": {"if": {"pattern": "5"}, "then": {"maxLength": 1}},
    "in then": {"if": {"maxLength": 1}, "then": {"pattern": "5"}},
    "in else": {"if": {"maxLength": 1}, "else": {"pattern": "5"}},
    "beside a part": {"$ref": "#/$defs/part", "pattern": "5"},
}


@pytest.mark.parametrize("schema", BLIND.values(), ids=BLIND)
def test_digits_do_not_matter(schema: Json, tmp_path: Path) -> None:
    assert not digits_of(a(schema), tmp_path).matter("/a")


@pytest.mark.parametrize("schema", TELLING.values(), ids=TELLING)
def test_digits_matter(schema: Json, tmp_path: Path) -> None:
    assert digits_of({**a(schema), "$defs": {"part": {"type": "string"}}}, tmp_path).matter("/a")


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"properties": {"a": a({"pattern": "5"})}}, "/a/a"),
        ({"properties": {"x/y~z": {"pattern": "5"}}}, "/x~1y~0z"),
        ({"patternProperties": {"^a": {"pattern": "5"}}}, "/a"),
        ({"additionalProperties": {"pattern": "5"}}, "/other"),
        ({"unevaluatedProperties": {"pattern": "5"}}, "/other"),
        ({"items": {"pattern": "5"}}, "/0"),
        ({"prefixItems": [True, {"pattern": "5"}]}, "/1"),
        ({"contains": {"pattern": "5"}, "minContains": 2}, "/3"),
        ({"unevaluatedItems": {"pattern": "5"}}, "/2"),
        ({"uniqueItems": True}, "/0"),
        ({"uniqueItems": True}, "/0/text"),
        ({"properties": {"a": {"uniqueItems": True}}}, "/a/3"),
        ({"dependentSchemas": {"b": a({"pattern": "5"})}}, "/a"),
        ({"if": a({"const": "v2"}), "then": {"required": ["b"]}}, "/a"),
        ({"properties": {"a": {"items": {"not": a({"enum": ["5"]})}}}}, "/a/7/a"),
        ({"const": {"a": "5"}}, "/a"),
        ({"enum": [{"a": "x"}]}, "/a"),
    ],
)
def test_digits_matter_below(schema: Json, pointer: str, tmp_path: Path) -> None:
    digits = digits_of(schema, tmp_path)
    assert digits.matter(pointer)
    assert digits.matter(pointer)  # what is remembered of it says the same


@pytest.mark.parametrize(
    "pointer", ["", "/b", "/a/b", "/a/a/a", "/a/0", "/list/0/other", "/list", "/named", "/named/free/b"]
)
def test_digits_matter_in_their_place_only(pointer: str, tmp_path: Path) -> None:
    strict = {"type": "string", "pattern": "^5"}
    listed = {"items": a(strict)}
    schema = {"properties": {"a": a(strict), "list": listed, "named": {"patternProperties": {"^x": a(strict)}}}}
    digits = digits_of(schema, tmp_path)
    assert all(digits.matter(place) for place in ("/a/a", "/list/0/a", "/named/x/a"))
    assert not digits.matter(pointer)


def test_digits_matter_in_parts(tmp_path: Path) -> None:
    schema = {
        "$defs": {"part": {"$ref": "#/$defs/other"}, "other": {"pattern": "5"}, "plain": {"maxLength": 5}},
        "properties": {"a": PART, "b": {"$ref": "#/$defs/plain"}, "c": {"$ref": "parts.schema.json#/$defs/code"}},
    }
    parts = {"$defs": {"code": a({"$ref": "#/$defs/version"}), "version": {"enum": ["v2"]}}}
    digits = digits_of(schema, tmp_path, parts=parts)
    assert digits.matter("/a")
    assert not digits.matter("/b")
    assert not digits.matter("/c")
    assert digits.matter("/c/a")


def test_digits_may_matter_anywhere_in_what_leads_back_to_itself(tmp_path: Path) -> None:
    tree = {"properties": {"text": {"maxLength": 5}, "inner": {"$ref": "#/$defs/tree"}}}
    digits = digits_of({"$defs": {"tree": tree}, "$ref": "#/$defs/tree"}, tmp_path)
    assert digits.matter("/text")
    assert digits.matter("/inner/inner/text")


@pytest.mark.parametrize(
    "pointer",
    [
        "/recipient/id",
        "/message/text",
        "/message/metadata",
        "/message/quick_replies/0/title",
        "/message/quick_replies/12/payload",
        "/message/attachment/payload/url",
        "/message/attachment/payload/elements/0/buttons/0/payload",
        "/tag",
        "/persona_id",
        "/no_such_field",
    ],
)
def test_digits_of_messages_do_not_matter(pointer: str) -> None:
    assert not MESSENGER.digits().matter(pointer)
