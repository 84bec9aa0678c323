"""YAML files of ours or the user's, held against their JSON Schema; errors name file, line and column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from policylint.documents import yamltext
from policylint.documents.places import BrokenText, Place, escape, nearest, pointer_of, unescape
from policylint.errors import RuleError
from policylint.events import Json, Pointer
from policylint.shipped import shipped
from policylint.suggestions import hint


class DataFile:
    """A YAML file of ours or the user's, held against its schema; knows where each of its values stands.

    `kind` is the error to raise: every message starts with file, line and column.
    """

    def __init__(
        self, path: Path, schema: str, name: str | None = None, kind: type[Exception] = RuleError, *, empty: Json = None
    ) -> None:
        self.name = name or path.as_posix()
        self.kind = kind
        try:
            self.text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            raise kind(f"{self.name}: {reason}") from None
        try:
            value = yamltext.parse_one(self.text).value
            self.value: Any = empty if value is None else value
        except BrokenText as broken:
            raise self.error(broken.reason, place=broken.place or Place(1, 1)) from None
        self.hold_against(schema)

    def error(self, reason: str, pointer: Pointer = "", place: Place | None = None) -> Exception:
        """The error that says `reason` at `pointer` (or at `place`) of this file."""
        if place is None:
            place = nearest(yamltext.parse_one(self.text, with_places=True).places, pointer) or Place(1, 1)
        return self.kind(f"{self.name}:{place.line}:{place.column}: {reason}")

    def hold_against(self, schema: str) -> None:
        """Raise for the first thing (deepest, then topmost) that the schema does not allow."""
        for pointer, reason in schema_problems(schema, self.value):
            raise self.error(reason, pointer)


@cache
def _schema(name: str) -> Any:
    return orjson.loads((shipped("schemas") / name).read_bytes())


@cache
def _decides(name: str) -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(_schema(name))


def schema_problems(schema: str, value: Json) -> Iterator[tuple[Pointer, str]]:
    """What the shipped schema called `schema` finds wrong with `value`, the most telling first."""
    if _decides(schema).is_valid(value):
        return
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match, relevance

    errors = list(Draft202012Validator(_schema(schema)).iter_errors(value))
    for error in sorted(errors, key=relevance, reverse=True):
        worst = best_match([error]) or error
        yield from _worded(worst, pointer_of(worst.absolute_path))


def known_are(names: Iterable[str]) -> str:
    """Words for what could have been written, where nothing is close to what was."""
    return f"known are {', '.join(names)}"


def _named(pointer: Pointer) -> str:
    """What people call the place: `accepted, item 1`."""
    steps = [unescape(step) for step in pointer.split("/")[1:]]
    if not steps:
        return "the file"
    if steps[-1].isdecimal() and len(steps) > 1:
        return f"{steps[-2]}, item {int(steps[-1]) + 1}"
    return steps[-1]


def _worded(error: Any, pointer: Pointer) -> Iterator[tuple[Pointer, str]]:
    key = _named(pointer)
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = list(error.schema.get("properties", {}))
        for name in error.instance:
            if name not in known:
                yield f"{pointer}/{escape(name)}", f"unknown key {name}; {hint(name, known, known_are(known))}"
    elif error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        yield pointer, f"{key}: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
    elif error.validator == "enum":
        known = [str(choice) for choice in error.validator_value]
        yield (
            pointer,
            f"{key}: not a value it takes; {hint(str(error.instance), known, 'it takes ' + ', '.join(known))}",
        )
    elif error.validator == "type":
        wants = error.validator_value if isinstance(error.validator_value, str) else " or ".join(error.validator_value)
        yield pointer, f"{key}: must be of type {wants}"
    else:
        told = error.schema.get("description")
        yield pointer, f"{key}: {told if told else error.message}"
