"""Digits: whether a schema tells one digit of a text from another.

What is wrong with the shape of one request holds for all that differ from it only in digits where the schema does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from policylint.digits import telling
from policylint.events import Json, Pointer
from policylint.structure.keywords import SILENT, inner_schemas
from policylint.structure.references import References, steps

_HERE: Final = frozenset({"allOf", "anyOf", "oneOf", "if", "then", "else", "not", "dependentSchemas"})
_BELOW: Final = frozenset(
    {
        "patternProperties",
        "additionalProperties",
        "items",
        "prefixItems",
        "contains",
        "unevaluatedProperties",
        "unevaluatedItems",
    }
)
# Keywords that ask for nothing that digits in a text could change; names of fields are no such texts.
_BLIND: Final = SILENT | {
    "$id",
    "type",
    "required",
    "dependentRequired",
    "propertyNames",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minContains",
    "maxContains",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
}


class DigitsOfSchema:
    """Where the schema at `uri` tells digits apart. `read` gives the document at a URI."""

    def __init__(self, uri: str, read: Callable[[str], Json]) -> None:
        self._references = References(read)
        self._whole: Json = {"$ref": f"{uri}#"}
        self._circular = self._references.are_circular(self._whole)
        self._known: dict[Pointer, bool] = {}

    def matter(self, pointer: Pointer) -> bool:
        """Whether other digits in the text at `pointer` might change what is wrong with a request: a no is sure."""
        if pointer not in self._known:
            self._known[pointer] = self._circular or self._matter(self._whole, steps(pointer))
        return self._known[pointer]

    def _matter(self, schema: Json, path: Sequence[str]) -> bool:
        return isinstance(schema, dict) and any(self._asks(key, value, path) for key, value in schema.items())

    def _asks(self, key: str, value: Json, path: Sequence[str]) -> bool:
        if key in _BLIND or key.startswith("x-"):
            return False
        if key == "$ref":
            return self._matter(self._references.named(value), path)
        if key in _HERE:
            return any(self._matter(inner, path) for inner in inner_schemas(key, value))
        if key in ("const", "enum"):
            return any(_has_digits(one) for one in (value if key == "enum" else [value]))
        if key == "pattern":
            return not path and _tells(value)
        if key == "properties":
            return bool(path) and path[0] in value and self._matter(value[path[0]], path[1:])
        if key in _BELOW:
            return bool(path) and any(self._matter(inner, path[1:]) for inner in inner_schemas(key, value))
        if key == "uniqueItems":
            return bool(path)
        return True  # format, and whatever is not known here


def _has_digits(value: Json) -> bool:
    return isinstance(value, dict | list) or (isinstance(value, str) and any(c in "0123456789" for c in value))


def _tells(pattern: str) -> bool:
    try:
        return bool(telling(pattern))
    except ValueError:
        return True
