"""A schema made narrower and quicker to decide: what fits it fits the schema it was made from, but not the other way.

Schemas of requests are written to say what is wrong with a request: whatever its kind, every `if` is asked, and of
things that exclude each other, each is looked for. Here the kinds are taken apart first, and within a kind most of
these questions have an answer already, so that what is left is mainly closed objects with plain fields.

Each step either keeps the meaning, or allows less: what may be null may not; the absence of a field, or what `then`
asks for, settles an `if`. What no step applies to stays as it is, so that any schema is narrowed rightly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from typing import Final, NamedTuple

from policylint.events import Json
from policylint.structure.keywords import (
    CHOICES,
    CONDITION,
    CONTENTS,
    FIELDS,
    HIGHEST,
    ITEMS,
    LOWEST,
    SILENT,
    Schema,
    forbids,
    group_of,
    types_of,
)
from policylint.structure.references import References
from policylint.structure.residue import residue

_KNOWN: Final = (SILENT | LOWEST | HIGHEST | CHOICES | {*FIELDS, *ITEMS, *CONTENTS}) | {
    "$ref",
    "allOf",
    "type",
    "const",
    "enum",
    "required",
    "pattern",
}


def narrowed(uri: str, read: Callable[[str], Json]) -> Json:
    """What the schema at `uri` is narrowed to; its references are absolute. `read` gives the document at a URI.

    A schema that refers to itself is narrowed to False, which nothing fits.
    Raises what `read` raises, and LookupError for a reference to nothing.
    """
    whole = {"$ref": f"{uri}#"}
    references = References(read)
    return not references.are_circular(whole) and _Narrowing(references).schema(whole)


class _Kind(NamedTuple):
    """An `if` that asks whether a field has a value, a text."""

    field: str
    value: str
    then: Json


class _Narrowing:
    def __init__(self, references: References) -> None:
        self._named = references.named
        self._schemas: dict[str, Json] = {}  # narrowed ones, by reference

    def schema(self, schema: Json) -> Json:
        """What `schema`, whose references are absolute, is narrowed to."""
        if not isinstance(schema, dict):
            return schema
        if schema.keys() != {"$ref"}:
            return _any_of([*self._cases({}, (), [schema])])
        reference = schema["$ref"]
        if reference not in self._schemas:
            self._schemas[reference] = self.schema({"allOf": [schema]})
        return self._schemas[reference]

    def _cases(self, case: Schema, choices: Sequence[Schema], more: Sequence[Json]) -> Iterator[Schema]:
        """Schemas that each allow some of what `case`, all `choices` and all of `more` allow, and nothing else."""
        plain: list[Schema] = []
        for schema in more:
            if not self._spread(schema, plain):
                return
        waiting = [*choices]
        for part in plain:
            if CHOICES.isdisjoint(part) and part.keys() <= _KNOWN:
                case = _both(case, part, waiting)
            else:
                waiting.append(part)
        kinds = [kind for kind in map(_kind, waiting) if kind]
        values = self._values(case, kinds[0].field) if kinds else []
        if not values:
            narrow = self._narrow(case)
            if narrow is not None:
                yield from self._settled(narrow, [], waiting)
            return
        by = kinds[0].field
        others = [choice for choice in waiting if (kind := _kind(choice)) is None or kind.field != by]
        thens = {value: [kind.then for kind in kinds if kind.field == by and kind.value == value] for value in values}
        alike: dict[str, list[str]] = {}
        for value in values:
            alike.setdefault(repr(thens[value]), []).append(value)
        for same in alike.values():
            fields = {**case["properties"], by: {"type": "string", "enum": same}}
            yield from self._cases({**case, "properties": fields}, others, thens[same[0]])

    def _spread(self, schema: Json, parts: list[Schema]) -> bool:
        """Adds to `parts` schemas without references that together are `schema`; False if that allows nothing."""
        if not isinstance(schema, dict):
            return bool(schema)
        if not schema.keys() <= _KNOWN:
            parts.append(schema)
            return True
        more = [*schema.get("allOf", ()), *([self._named(schema["$ref"])] if "$ref" in schema else ())]
        groups: dict[tuple[str, ...], Schema] = {}
        for key, value in schema.items():
            if key not in SILENT and key not in ("allOf", "$ref"):
                groups.setdefault(group_of(key), {})[key] = value
        parts += groups.values()
        return all(self._spread(one, parts) for one in more)

    def _values(self, case: Schema, field: str) -> list[str]:
        """The values the field may have, if all are texts and it must be there; else none."""
        if {*types_of(case)} - {"null"} != {"object"} or field not in case.get("required", ()):
            return []
        narrow = self.schema(case.get("properties", {}).get(field, True))
        if not isinstance(narrow, dict) or not narrow.keys() <= {"type", "enum"} or narrow.get("type") != "string":
            return []
        values: list[str] = narrow.get("enum", [])
        return values if all(isinstance(value, str) for value in values) else []

    def _narrow(self, case: Schema) -> Schema | None:
        """`case`, which has no choices, with what is in it narrowed, too; None if that allows nothing."""
        made = dict(case)
        if "type" in made:
            types = [name for name in types_of(made) if name != "null"]
            if not types:
                return None
            made["type"] = types[0] if len(types) == 1 else types
            if "enum" in made:
                made["enum"] = [value for value in made["enum"] if value is not None]
                if not made["enum"]:
                    return None
        if "properties" in made:
            closed = made.get("additionalProperties") is False
            fields = {name: self.schema(schema) for name, schema in made["properties"].items()}
            made["properties"] = {name: schema for name, schema in fields.items() if not closed or schema is not False}
            if any(forbids(made, name) for name in made.get("required", ())):
                return None
        if "items" in made:
            made["items"] = self.schema(made["items"])
        return made

    def _settled(self, case: Schema, kept: Sequence[Schema], choices: Sequence[Schema]) -> Iterator[Schema]:
        """The cases of `case`, which is narrow, with those of `choices` settled that can be; `kept` can't."""
        for n, undecided in enumerate(choices):
            choice, rest = residue(undecided, case, self._named), choices[n + 1 :]
            if choice is False:
                return
            if choice is True:
                continue
            if not _is_one_choice(undecided):
                kept = [*kept, choice]
                continue
            if not _is_one_choice(choice):
                yield from self._cases(case, [*kept, *rest], [choice])
                return
            if case.get("type") == "object" and (names := _one_of_fields(choice)):
                for name in names:
                    yield from self._without(_with(case, name), {*names} - {name}, kept, rest)
                return
            if case.get("type") == "object" and (name := _field_to_be_absent(choice)):
                yield from self._without(case, {name}, kept, rest)
                return
            if "if" in choice:
                yield from self._conditional(case, choice, kept, rest)
                return
            kept = [*kept, choice]
        made = dict(case)
        for choice in kept:
            if CHOICES.issuperset(choice) and made.keys().isdisjoint(choice):
                made |= choice
            else:
                made["allOf"] = [*made.get("allOf", ()), choice]
        yield made

    def _conditional(
        self, case: Schema, choice: Schema, kept: Sequence[Schema], rest: Sequence[Schema]
    ) -> Iterator[Schema]:
        """The cases of `case` and of `choice`, an `if` that must be asked, and first those where it need not be."""
        condition, then, otherwise = (choice.get(key, True) for key in CONDITION)
        names = condition.get("required", ()) if case.get("type") == "object" and isinstance(condition, dict) else ()
        if names:
            yield from self._without(case, {names[0]}, kept, [otherwise, *rest] if otherwise is not True else rest)
            case = _with(case, names[0])
        else:
            yield from self._cases(case, [*kept, *rest], [then, otherwise])
        narrow = {"if": condition, "then": self.schema(then), "else": self.schema(otherwise)}
        yield from self._settled(
            case, [*kept, {key: schema for key, schema in narrow.items() if schema is not True}], rest
        )

    def _without(
        self, case: Schema, names: Set[str], kept: Sequence[Schema], rest: Sequence[Schema]
    ) -> Iterator[Schema]:
        """The cases of `case`, an object, that lack the fields `names`."""
        if names.isdisjoint(case.get("required", ())):
            fields = {name: schema for name, schema in case.get("properties", {}).items() if name not in names}
            if case.get("additionalProperties") is not False:
                fields |= dict.fromkeys(sorted(names), False)
            yield from self._settled({**case, "properties": fields}, kept, rest)


def _kind(choice: Schema) -> _Kind | None:
    """What `choice` says about a kind of objects, if that is what it does."""
    match choice:
        case {"if": {"properties": {**fields}, "required": [name], **others}, "then": then, **rest}:
            if not rest and others in ({}, {"type": "object"}) and fields.keys() == {name}:
                asked = fields[name]
                if isinstance(asked, dict) and asked.keys() == {"const"} and isinstance(asked["const"], str):
                    return _Kind(name, asked["const"], then)
    return None


def _is_one_choice(schema: Schema) -> bool:
    return schema.keys() <= {*CONDITION} if "if" in schema else len(schema) == 1 and not CHOICES.isdisjoint(schema)


def _one_of_fields(choice: Schema) -> list[str]:
    """The fields exactly one of which must be there, if that is what `choice` asks for."""
    match choice:
        case {"oneOf": [*options]} if all(_field_to_be_there(option) for option in options):
            names = [_field_to_be_there(option) for option in options]
            return names if len({*names}) == len(names) else []
    return []


def _field_to_be_absent(choice: Schema) -> str:
    return _field_to_be_there(choice.get("not"))


def _field_to_be_there(schema: Json) -> str:
    """The field that must be there, if that is all that `schema` asks for."""
    match schema:
        case {"required": [str(name)], **others} if not others:
            return name
    return ""


def _with(case: Schema, name: str) -> Schema:
    return {**case, "required": [*case.get("required", ()), name]}


def _both(case: Schema, part: Schema, waiting: list[Schema]) -> Schema:
    """`case` and `part`, whose keywords belong together, as one; what can't be put into one goes to `waiting`."""
    key, value = next(iter(part.items()))
    group = group_of(key)
    if case.keys().isdisjoint(group):
        return case | part
    if key in FIELDS and all(one.get("additionalProperties", False) is False for one in (case, part)):
        return case | _both_fields(case, part)
    if key == "required":
        return {**case, key: [*case[key], *(name for name in value if name not in case[key])]}
    if key in LOWEST or key in HIGHEST:
        return {**case, key: (max if key in LOWEST else min)(case[key], value)}
    if key == "type" and {"number", "integer"}.isdisjoint((*types_of(case), *types_of(part))):
        return {**case, key: [name for name in types_of(case) if name in types_of(part)]}
    if not _same({name: case[name] for name in group if name in case}, part):
        waiting.append(part)
    return case


def _both_fields(one: Schema, other: Schema) -> Schema:
    fields, others = one.get("properties", {}), other.get("properties", {})
    names = [
        name
        for name in fields | others
        if (name in fields or "additionalProperties" not in one)
        and (name in others or "additionalProperties" not in other)
    ]
    closed = {"additionalProperties": False} if "additionalProperties" in one | other else {}
    return {"properties": {name: _all_of(fields.get(name, True), others.get(name, True)) for name in names}, **closed}


def _same(one: Json, other: Json) -> bool:
    return repr(one) == repr(other)  # in Python, other than in JSON, 1 == True


def _all_of(one: Json, other: Json) -> Json:
    if one is True or _same(one, other):
        return other
    return one if other is True else {"allOf": [one, other]}


def _any_of(cases: Sequence[Schema]) -> Json:
    different = [*{repr(case): case for case in cases}.values()]
    if {} in different:
        return True
    return different[0] if len(different) == 1 else bool(different) and {"anyOf": different}
