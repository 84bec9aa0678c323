"""What is left of a schema to ask about a value of which something is known already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from policylint.events import Json
from policylint.structure.keywords import (
    CHOICES,
    CONDITION,
    HIGHEST,
    LOWEST,
    SILENT,
    Schema,
    forbids,
    group_of,
    types_of,
)

Named: TypeAlias = Callable[[str], Json]  # the schema that an absolute reference leads to

# The keywords that one by one can be asked about, and left out where the answer is known.
_ASKABLE: Final = (SILENT | LOWEST | HIGHEST | CHOICES) | {
    "$ref",
    "allOf",
    "type",
    "const",
    "enum",
    "required",
    "properties",
    "pattern",
}


def residue(schema: Json, known: Json, named: Named) -> Json:
    """A schema that says of every value that fits `known` what `schema` says of it, with less to ask if possible.

    True if all of them fit `schema`, False if none does. References are absolute. Pure, if `named` is.
    """
    if not isinstance(schema, dict) or not isinstance(known, dict) or not known or not schema.keys() <= _ASKABLE:
        return schema
    left: list[Json] = []  # what still must hold, all of it
    for key, value in schema.items():
        match key:
            case "$ref":
                left.append(residue(named(value), known, named))
            case "allOf":
                left += [residue(one, known, named) for one in value]
            case "type":
                left.append(_type(types_of(schema), types_of(known)))
            case "const":
                left.append(_value([value], known))
            case "enum":
                left.append(_value(value, known))
            case "required" if known.get("type") == "object":
                left.append(_required(value, known))
            case "properties" if known.get("type") == "object":
                left.append(_properties(value, known, named))
            case "not":
                inner = residue(value, known, named)
                left.append(not inner if isinstance(inner, bool) else {key: inner})
            case "anyOf" | "oneOf":
                left.append(_options(key, [residue(one, known, named) for one in value]))
            case "if":
                condition = residue(value, known, named)
                if isinstance(condition, bool):
                    left.append(schema.get("then" if condition else "else", True))
                else:
                    left.append({name: schema[name] for name in CONDITION if name in schema} | {key: condition})
            case _ if key not in SILENT and key not in CONDITION:
                left.append({key: value})
    return _all(left)


def _type(asked: Sequence[str], known: Sequence[str]) -> Json:
    numbers = {"integer", "number"}
    if known and {*known} <= {*asked, *({"integer"} if "number" in asked else ())}:
        return True
    if known and {*known}.isdisjoint(asked) and (numbers.isdisjoint(known) or numbers.isdisjoint(asked)):
        return False
    return {"type": [*asked]}


def _value(asked: Sequence[Json], known: Schema) -> Json:
    """What is left of `enum`; only texts are compared, which are equal in Python when they are in JSON."""
    left = {"enum": [*asked]}
    if not all(isinstance(value, str) for value in asked):
        return left
    types, values = types_of(known), known.get("enum")
    if types and "string" not in types:
        return False
    if types != ["string"] or values is None or not all(isinstance(value, str) for value in values):
        return left
    if {*values} <= {*asked}:
        return True
    return False if {*values}.isdisjoint(asked) else left


def _required(names: Sequence[str], known: Schema) -> Json:
    missing = [name for name in names if name not in known.get("required", ())]
    if any(forbids(known, name) for name in missing):
        return False
    return {"required": missing} if missing else True


def _properties(fields: Schema, known: Schema, named: Named) -> Json:
    left: Schema = {}
    for name, schema in fields.items():
        if not forbids(known, name):
            left[name] = residue(schema, known.get("properties", {}).get(name, True), named)
            if left[name] is False and name in known.get("required", ()):
                return False
    asked = {name: schema for name, schema in left.items() if schema is not True}
    return {"properties": asked} if asked else True


def _options(key: str, options: Sequence[Json]) -> Json:
    """What is left of `anyOf` or `oneOf`."""
    possible = [option for option in options if option is not False]
    if key == "anyOf" and any(option is True for option in possible):
        return True
    if len(possible) == 1:
        return possible[0]
    return {key: possible} if possible else False


def _all(schemas: Sequence[Json]) -> Json:
    """One schema that asks what all of `schemas` ask."""
    made: Schema = {}
    for schema in schemas:
        if schema is False:
            return False
        if schema is True:
            continue
        if made.keys().isdisjoint(other for key in schema for other in group_of(key)):
            made |= schema
        else:
            made["allOf"] = [*made.get("allOf", ()), schema]
    return made or True
