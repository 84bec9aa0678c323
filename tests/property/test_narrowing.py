"""Laws of narrowed schemas: what fits one fits the schema it was made from, whatever the schema and the request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from policylint.structure.narrowing import narrowed
from tests.property.test_validators_agree import EDITIONS, WHOLE, mutated_requests, validator

Json = Any

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "payloads"

QUICK = {edition: validator(edition).quick() for edition in EDITIONS}

URI = "file:///some/schema.json"
OTHER = "file:///some/other.json"

names = st.sampled_from(["a", "b", "c"])
texts = st.sampled_from(["", "x", "y", "xyz"])
leaves = st.none() | st.booleans() | st.sampled_from([0, 1, 1.0, 2.5]) | texts
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=6
)
types = st.sampled_from(["object", "array", "string", "number", "integer", "boolean", "null"])
references = st.fixed_dictionaries({"$ref": st.sampled_from(["#/$defs/one", "other.json#/$defs/two", "#"])})


def choosing(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Objects whose kind is told by a field, as most are in the schemas of requests."""
    kinds = st.lists(
        st.fixed_dictionaries(
            {
                "if": st.fixed_dictionaries(
                    {"properties": texts.map(lambda text: {"a": {"const": text}}), "required": st.just(["a"])},
                    optional={"type": st.just("object")},
                ),
                "then": inner,
            }
        ),
        min_size=1,
        max_size=3,
    )
    told = st.lists(texts, min_size=1, unique=True).map(lambda known: {"a": {"type": "string", "enum": known}})
    return st.fixed_dictionaries(
        {"type": st.sampled_from(["object", ["object", "null"]]), "properties": told, "allOf": kinds},
        optional={"required": st.sampled_from([["a"], ["a", "b"], ["b"]])},
    )


def one_of_fields(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Objects that have one of some fields, null being as good as none."""

    def options(fields: list[str]) -> list[Json]:
        return [{"required": [name], "properties": {name: {"not": {"type": "null"}}}} for name in fields]

    return st.fixed_dictionaries(
        {
            "type": st.sampled_from(["object", ["object", "array"]]),
            "properties": st.dictionaries(names, inner, max_size=3),
            "oneOf": st.lists(names, min_size=1, max_size=3, unique=True).map(options),
        },
        optional={"additionalProperties": st.just(False)},
    )


def composed(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    several = st.lists(inner, min_size=1, max_size=3)
    any_keywords: st.SearchStrategy[Json] = st.fixed_dictionaries(
        {},
        optional={
            "type": types | st.lists(types, min_size=1, max_size=3, unique=True),
            "const": leaves,
            "enum": st.lists(leaves, min_size=1, max_size=3),
            "minLength": st.integers(0, 2),
            "maxLength": st.integers(0, 2),
            "pattern": st.sampled_from(["^x", "z$"]),
            "minimum": st.integers(0, 2),
            "required": st.lists(names, max_size=2, unique=True),
            "properties": st.dictionaries(names, inner, max_size=3),
            "additionalProperties": st.just(False) | inner,
            "items": inner,
            "prefixItems": several,
            "maxItems": st.integers(0, 2),
            "contains": inner,
            "minContains": st.integers(0, 2),
            "uniqueItems": st.booleans(),  # which narrowing knows nothing of, like the next one
            "dependentRequired": st.just({"a": ["b"]}),
            "if": inner,
            "then": inner,
            "else": inner,
            "not": inner,
            "allOf": several,
            "anyOf": several,
            "oneOf": several,
            "$ref": st.sampled_from(["#/$defs/one", "other.json#/$defs/two"]),
            "x-warning": st.just(["type"]),
            "title": st.just("A thing"),
        },
    )
    return any_keywords | choosing(inner) | one_of_fields(inner)


leaf_schemas = st.one_of(
    st.booleans(), types.map(lambda name: {"type": name}), leaves.map(lambda value: {"const": value}), references
)
schemas = composed(st.recursive(leaf_schemas, composed, max_leaves=8))


objects = st.dictionaries(names, leaves, max_size=3) | values


@settings(deadline=None, max_examples=200)
@given(schemas, st.recursive(leaf_schemas, composed, max_leaves=3), st.lists(objects, min_size=10, max_size=30))
def test_any_schema(schema: Json, other: Json, tried: list[Json]) -> None:
    """Of any schema, the narrowed one allows nothing that the schema does not."""
    one = {"type": ["object", "string"]}
    documents: dict[str, Json] = {
        URI: {"allOf": [schema], "$defs": {"one": one}},
        OTHER: {"$defs": {"one": {"required": ["b"]}, "two": other}},
    }
    try:
        whole = jsonschema_rs.Draft202012Validator(documents[URI], base_uri=URI, retriever=documents.__getitem__)
    except ValueError:  # it refers to itself without end
        assume(False)
    narrow = jsonschema_rs.Draft202012Validator(narrowed(URI, documents.__getitem__), retriever=documents.__getitem__)
    for value in tried:
        assert not narrow.is_valid(value) or whole.is_valid(value)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(list(EDITIONS)), mutated_requests())
@example("messenger/2017-04", {"recipient": {"id": "\ud800"}, "message": {"text": "\udfff"}})
@example("messenger/2017-04", {"recipient": {"id": "1"}, "message": {"\ud800": "Hello"}})
def test_request(edition: str, request: Json) -> None:
    """What the quick function takes is valid, whatever was done to a request."""
    before = json.dumps(request)
    assert not QUICK[edition](request) or validator(edition).is_valid(request)
    assert json.dumps(request) == before


@pytest.mark.parametrize("edition", EDITIONS)
def test_known_requests(edition: str) -> None:
    """Of requests without null, none that is valid is left undecided."""
    valid = [request for request in WHOLE if validator(edition).is_valid(request)]
    assert valid
    assert [request for request in valid if not QUICK[edition](request)] == []


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of recorded requests is not here")
@pytest.mark.parametrize("edition", EDITIONS)
def test_recorded_requests(edition: str) -> None:
    """Of the requests that people recorded, hardly a valid one is left undecided, and no other is taken."""
    recorded = [json.loads(line) for line in (CORPUS / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    requests = [json.loads((CORPUS / one["file"]).read_bytes()) for one in recorded if one["kind"] == "send"]
    valid = [request for request in requests if validator(edition).is_valid(request)]
    quick = [request for request in requests if QUICK[edition](request)]
    assert [request for request in quick if request not in valid] == []
    assert len(quick) >= 0.95 * len(valid)
