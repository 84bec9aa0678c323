"""The keywords of JSON Schema, draft 2020-12: under which there are schemas, and which depend on each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from policylint.events import Json

Schema: TypeAlias = dict[str, Json]

SCHEMAS_BY_NAME: Final = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs"})
SCHEMA_LIST: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
ONE_SCHEMA: Final = frozenset({"items", "contains", "if", "then", "else", "not", "propertyNames"}) | {
    "additionalProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
}

# Keywords that ask for nothing.
SILENT: Final = frozenset({"$schema", "$comment", "$defs", "title", "description"})

# Limits, two of which are as good as the higher, or the lower, of them.
LOWEST: Final = frozenset({"minLength", "minItems", "minimum", "minProperties"})
HIGHEST: Final = frozenset({"maxLength", "maxItems", "maximum", "maxProperties"})

# Keywords that leave a choice between schemas.
CONDITION: Final = ("if", "then", "else")
CHOICES: Final = frozenset({"anyOf", "oneOf", "not", *CONDITION})

# Those that mean something only together; the others mean the same wherever they stand.
FIELDS: Final = ("properties", "additionalProperties")
ITEMS: Final = ("prefixItems", "items")
CONTENTS: Final = ("contains", "minContains", "maxContains")

_GROUPS: Final = {key: group for group in (FIELDS, ITEMS, CONTENTS, CONDITION) for key in group}


def group_of(key: str) -> tuple[str, ...]:
    """The keywords that `key` depends on, itself among them."""
    return _GROUPS.get(key, (key,))


def inner_schemas(key: str, value: Json) -> list[Json]:
    """The schemas right under the keyword `key` that has `value`."""
    if key in SCHEMAS_BY_NAME:
        return [*value.values()]
    if key in ONE_SCHEMA:
        return [value]
    return value if key in SCHEMA_LIST else []


def mapped(change: Callable[[Json], Json], key: str, value: Json) -> Json:
    """The `value` of the keyword `key` with each schema right under it changed. Pure."""
    if key in SCHEMAS_BY_NAME:
        return {name: change(schema) for name, schema in value.items()}
    if key in ONE_SCHEMA:
        return change(value)
    if key in SCHEMA_LIST:
        return [change(schema) for schema in value]
    return value


def types_of(schema: Schema) -> list[str]:
    """The types that values of `schema` may have; empty if that is open."""
    if "type" not in schema and "anyOf" in schema:
        options = [types_of(option) if isinstance(option, dict) else [] for option in schema["anyOf"]]
        return sorted({name for types in options for name in types}) if all(options) else []
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else types


def forbids(schema: Schema, field: str) -> bool:
    """Whether no object that fits `schema` has the field. Its keywords `patternProperties` and the like don't count."""
    return schema.get("properties", {}).get(field, schema.get("additionalProperties", True)) is False
