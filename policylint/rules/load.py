"""From rule files to rules: strict YAML, held against `schemas/rule.schema.json`, then against the facts and verbs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from policylint.datafiles import DataFile, known_are
from policylint.documents.places import escape
from policylint.editions import LATEST, Editions
from policylint.errors import RuleError
from policylint.events import Json, Platform, Pointer
from policylint.facts import FACTS, PAYLOAD
from policylint.rules.compile import PLACEHOLDER, option_value
from policylint.rules.model import Rule, Test, rule_from_data
from policylint.rules.verbs import VERBS, Kind, pattern
from policylint.sources.folder import displayed
from policylint.suggestions import hint

_RULE_SCHEMA: Final = "rule.schema.json"
_ORDERING: Final = frozenset({"above", "below", "at_least", "at_most"})
_COMPARING: Final = _ORDERING | {"is", "is_not"}
_MEASURED: Final = {
    Kind.DURATION: "a number with a unit is needed, such as 24h",
    Kind.TIME: "a time with a zone is needed, such as 2017-05-02T10:00:00Z",
}


def load_rule(path: Path, name: str | None = None) -> Rule:
    """The rule in the file `path`. Raises RuleError with file, line and column when it is broken."""
    file = rule_file(path, name)
    return rule_from_data(file.value, file.name)


def rule_file(path: Path, name: str | None = None) -> DataFile:
    """The rule file at `path`, found to be sound. Raises RuleError with file, line and column when it is broken."""
    file = DataFile(path, _RULE_SCHEMA, name)
    for pointer, reason in semantic_problems(file.value):
        raise file.error(reason, pointer)
    return file


def load_rules(paths: Iterable[Path], editions: Editions) -> dict[str, Rule]:
    """The rules in `paths`, by id.

    Raises RuleError for a broken file, for an id that two files claim and for one that no edition has.
    """
    rules: dict[str, Rule] = {}
    for path in paths:
        file = rule_file(path, displayed(str(path)))
        for pointer, reason in edition_problems(file.value, editions):
            raise file.error(reason, pointer)
        rule = rule_from_data(file.value, file.name)
        if rule.id in rules:
            raise RuleError(f"{rule.file}:1:1: the id {rule.id} is taken by {rules[rule.id].file}; choose another")
        rules[rule.id] = rule
    return rules


def edition_problems(data: dict[str, Json], editions: Editions) -> Iterator[tuple[Pointer, str]]:
    """What of a rule names an edition that there is not: the rule would be silent without a word."""
    for at, part in (("", data), *((f"/variants/{n}", part) for n, part in enumerate(data.get("variants", ())))):
        for platform, span in part.get("in_force", {}).items():
            known = [edition.id for edition in editions.of(Platform(platform))]
            for key, name in span.items():
                if name not in known:
                    meant = hint(name, known, known_are(known))
                    yield f"{at}/in_force/{platform}/{key}", f"no edition of {platform} is called {name}; {meant}"
            if span.get("since", "") > span.get("until", "~"):
                yield f"{at}/in_force/{platform}", f"{platform}: since comes after until"
    for kind, examples in (data.get("examples") or {}).items():
        for n, example in enumerate(examples):
            name = example.get("edition", LATEST)
            if name not in editions.names:
                meant = hint(name, editions.names, known_are(editions.names))
                yield f"/examples/{kind}/{n}/edition", f"no edition is called {name}; {meant}"


def semantic_problems(data: dict[str, Json]) -> Iterator[tuple[Pointer, str]]:
    """What a rule that fits the schema still gets wrong: facts, verbs, options, placeholders."""
    yield from _condition_problems(data["breach_when"], "/breach_when")
    yield from _words_problems(data, "")
    for n, variant in enumerate(data.get("variants", ())):
        at = f"/variants/{n}"
        yield from _words_problems(variant, at)
        if "when" in variant:
            yield from _condition_problems(variant["when"], f"{at}/when")


def _words_problems(data: dict[str, Json], at: Pointer) -> Iterator[tuple[Pointer, str]]:
    for field in ("message", "remedy"):
        words = data.get(field, "")
        if left := re.search(r"\{[^}]*\}", PLACEHOLDER.sub("", words)):
            yield f"{at}/{field}", f"{left[0]} names no fact; write {{message.tag}}, say, or {{payload./message/text}}"
        for placeholder in PLACEHOLDER.finditer(words):
            if problem := _fact_problem(placeholder[1]):
                yield f"{at}/{field}", problem
            elif placeholder[1] in FACTS and FACTS[placeholder[1]].private:
                yield f"{at}/{field}", f"{placeholder[1]} is private and can't be part of a message"


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
    return f"no fact is called {name}; {hint(name, FACTS, known_are(FACTS))}"


def _verb_problem(fact: str, name: str, option: Json) -> str | None:
    verb = VERBS.get(name)
    if verb is None:
        return f"no verb is called {name}; {hint(name, VERBS, known_are(VERBS))}"
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
