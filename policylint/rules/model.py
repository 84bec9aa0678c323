"""What a rule is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from policylint.events import Json
from policylint.findings import Severity


class AppliesTo(StrEnum):
    """What a rule is asked about."""

    PAGE = "page"  # each message that a page sent
    STRUCTURE = "structure"  # each structural problem of a request
    RECORD = "record"  # each record that could not be read
    CHECK = "check"  # each check that crashed: the linter's own complaint


@dataclass(frozen=True, slots=True)
class Test:
    """`fact: {verb: option}`; `option` is a value, or `{"fact": name}`."""

    fact: str
    verb: str
    option: Json


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds when every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds when some part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    """Holds when no part holds."""

    parts: tuple[Condition, ...]


Condition: TypeAlias = Test | AllOf | AnyOf | NoneOf


@dataclass(frozen=True, slots=True)
class Policy:
    """The clause that a rule stands on. `read_on` is the ISO day someone last held the rule against it."""

    title: str
    url: str
    read_on: str
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A conversation that a rule must pass (no `breaches`) or must find: the events, counted from 1, that breach it."""

    name: str
    script: Mapping[str, Json]
    breaches: tuple[int, ...] = ()
    settings: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: condition, words and examples."""

    id: str
    status: str
    severity: Severity
    summary: str
    policy: Policy
    applies_to: AppliesTo
    breach_when: Condition
    message: str
    remedy: str
    points_to: str | None = None  # a pointer, `content.*` or `structure.pointer`; None: the first payload fact's place
    heuristic: bool = False
    good: tuple[Example, ...] = ()
    bad: tuple[Example, ...] = ()
    file: str = ""  # where it was read, for errors and `explain`


RuleSet: TypeAlias = Mapping[str, Rule]


def rule_from_data(data: Mapping[str, Json], file: str = "") -> Rule:
    """The rule that a valid rule file's value describes (see `schemas/rule.schema.json`)."""
    examples: Mapping[str, Sequence[Json]] = data.get("examples") or {}
    return Rule(
        id=data["id"],
        status=data["status"],
        severity=Severity.named(data["severity"]),
        summary=data["summary"],
        policy=Policy(**data["policy"]),
        applies_to=AppliesTo(data["applies_to"]),
        breach_when=condition_from_data(data["breach_when"]),
        message=data["message"],
        remedy=data["remedy"],
        points_to=data.get("points_to"),
        heuristic=data.get("heuristic", False),
        good=tuple(map(_example, examples.get("good", ()))),
        bad=tuple(map(_example, examples.get("bad", ()))),
        file=file,
    )


def condition_from_data(data: Mapping[str, Json]) -> Condition:
    """The condition that `breach_when` spells; several keys in one object must all hold."""
    parts: list[Condition] = []
    for key, value in data.items():
        if key in ("all", "any", "none"):
            inner = tuple(condition_from_data(part) for part in value)
            parts.append(AllOf(inner) if key == "all" else AnyOf(inner) if key == "any" else NoneOf(inner))
        else:
            parts += [Test(key, verb, option) for verb, option in value.items()]
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


_SETTINGS: Final = ("history", "pages", "clock_skew")


def _example(data: Mapping[str, Json]) -> Example:
    kept = ("name", "breaches", *_SETTINGS)
    return Example(
        name=data["name"],
        script={key: value for key, value in data.items() if key not in kept},
        breaches=tuple(data.get("breaches", ())),
        settings={key: data[key] for key in _SETTINGS if key in data},
    )
