"""From rule files to rules: strict YAML, held against `schemas/rule.schema.json`, then against the facts and verbs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

from policylint.documents import yamltext
from policylint.documents.places import BrokenText, Place, escape, nearest, pointer_of, unescape
from policylint.errors import RuleError
from policylint.events import Json, Pointer
from policylint.facts import FACTS, PAYLOAD
from policylint.rules.compile import PLACEHOLDER, option_value
from policylint.rules.model import Rule, Test, rule_from_data
from policylint.rules.verbs import VERBS, Kind, pattern
from policylint.shipped import shipped
from policylint.sources.folder import displayed
from policylint.suggestions import hint

_RULE_SCHEMA: Final = "rule.schema.json"
_ORDERING: Final = frozenset({"above", "below", "at_least", "at_most"})
_COMPARING: Final = _ORDERING | {"is", "is_not"}
_MEASURED: Final = {
    Kind.DURATION: "a number with a unit is needed, such as 24h",
    Kind.TIME: "a time with a zone is needed, such as 2017-05-02T10:00:00Z",
}


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


def _known_are(names: Iterable[str]) -> str:
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
                yield f"{pointer}/{escape(name)}", f"unknown key {name}; {hint(name, known, _known_are(known))}"
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


def load_rule(path: Path, name: str | None = None) -> Rule:
    """The rule in the file `path`. Raises RuleError with file, line and column when it is broken."""
    file = DataFile(path, _RULE_SCHEMA, name)
    for pointer, reason in semantic_problems(file.value):
        raise file.error(reason, pointer)
    return rule_from_data(file.value, file.name)


def load_rules(paths: Iterable[Path]) -> dict[str, Rule]:
    """The rules in `paths`, by id. Raises RuleError for a broken file and for an id that two files claim."""
    rules: dict[str, Rule] = {}
    for path in paths:
        rule = load_rule(path, displayed(str(path)))
        if rule.id in rules:
            raise RuleError(f"{rule.file}:1:1: the id {rule.id} is taken by {rules[rule.id].file}; choose another")
        rules[rule.id] = rule
    return rules


def semantic_problems(data: dict[str, Json]) -> Iterator[tuple[Pointer, str]]:
    """What a rule that fits the schema still gets wrong: facts, verbs, options, placeholders."""
    yield from _condition_problems(data["breach_when"], "/breach_when")
    for field in ("message", "remedy"):
        if left := re.search(r"\{[^}]*\}", PLACEHOLDER.sub("", data[field])):
            yield f"/{field}", f"{left[0]} names no fact; write {{message.tag}}, say, or {{payload./message/text}}"
        for placeholder in PLACEHOLDER.finditer(data[field]):
            if problem := _fact_problem(placeholder[1]):
                yield f"/{field}", problem
            elif placeholder[1] in FACTS and FACTS[placeholder[1]].private:
                yield f"/{field}", f"{placeholder[1]} is private and can't be part of a message"


def _condition_problems(data: dict[str, Json], pointer: Pointer) -> Iterator[tuple[Pointer, str]]:
    for key, value in data.items():
        at = f"{pointer}/{escape(key)}"
        if key in ("all", "any", "none"):
            for n, part in enumerate(value):
                yield from _condition_problems(part, f"{at}/{n}")
        elif problem := _fact_problem(key):
            yield at, problem
        else:
            for verb, option in value.items():
                if problem := _verb_problem(key, verb, option):
                    yield f"{at}/{verb}", problem


def _fact_problem(name: str) -> str | None:
    if name.startswith(PAYLOAD):
        pointer = name[len(PAYLOAD) :]
        return (
            None if pointer.startswith("/") else f"{name}: after payload. comes a JSON pointer, such as /message/text"
        )
    if name in FACTS:
        return None
    return f"no fact is called {name}; {hint(name, FACTS, _known_are(FACTS))}"


def _verb_problem(fact: str, name: str, option: Json) -> str | None:
    verb = VERBS.get(name)
    if verb is None:
        return f"no verb is called {name}; {hint(name, VERBS, _known_are(VERBS))}"
    kind = Kind.ANY if fact.startswith(PAYLOAD) else FACTS[fact].kind
    if kind not in verb.kinds:
        return f"{name} does not suit {fact}, which is a {kind}"
    if isinstance(option, dict):
        if not verb.may_name_fact or set(option) != {"fact"}:
            return f"{name} takes a value" + (", or {fact: name}" if verb.may_name_fact else "")
        return _fact_problem(str(option["fact"]))
    from jsonschema import Draft202012Validator

    if error := next(Draft202012Validator(verb.option).iter_errors(option), None):
        return f"{name}: {error.message}"
    if kind in _MEASURED and name in _COMPARING and not isinstance(option, str):
        return f"{name}: {_MEASURED[kind]}"
    try:
        value = option_value(Test(fact, name, option))
    except ValueError as error:
        return f"{name}: {error}"
    if name in _ORDERING and not isinstance(value, int | float):
        return f"{name}: a number is needed"
    if name in ("matches", "not_matches"):
        try:
            pattern(option)
        except RuleError as error:
            return f"{name}: {error}"
    return None
