"""What a rule is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, TypeAlias

from policylint.editions import Edition
from policylint.events import Json, Platform
from policylint.findings import Policy, Severity


class AppliesTo(StrEnum):
    """What a rule is asked about."""

    PAGE = "page"  # each message that a page sent
    STRUCTURE = "structure"  # each structural problem of a request
    RECORD = "record"  # each record that could not be read
    DOUBT = "doubt"  # each breach that one of two editions forbids, when it is not certain which was in force
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
class Example:
    """A conversation that a rule must pass (no `breaches`) or must find: the events, counted from 1, that breach it."""

    name: str
    script: Mapping[str, Json]
    breaches: tuple[int, ...] = ()
    settings: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InForce:
    """Editions of one platform, by id: from `since` to `until`, both inclusive; None is open."""

    since: str | None = None
    until: str | None = None

    def covers(self, edition: str) -> bool:
        """Whether an edition lies within: ids of one platform sort by time."""
        return (self.since is None or self.since <= edition) and (self.until is None or edition <= self.until)


Spans: TypeAlias = Mapping[Platform, InForce]
"""Where something is in force: platforms that are not named are left out; none named means everywhere."""


@dataclass(frozen=True, slots=True)
class Variant:
    """What a rule says otherwise in some editions, or `when` a condition holds; the first that fits is taken."""

    changes: Mapping[str, Any]  # fields of the rule
    in_force: Spans = field(default_factory=dict)
    when: Condition | None = None


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
    in_force: Spans = field(default_factory=dict)
    variants: tuple[Variant, ...] = ()

    def is_in_force(self, edition: Edition) -> bool:
        """Whether the rule is asked under `edition`."""
        return _covers(self.in_force, edition)

    def variants_in(self, edition: Edition) -> list[Variant]:
        """The variants that can be told under `edition`, in order."""
        return [variant for variant in self.variants if _covers(variant.in_force, edition)]

    def told_as(self, variant: Variant | None) -> Rule:
        """The rule in the words of `variant`."""
        return self if variant is None else replace(self, **variant.changes)

    def told_under(self, edition: Edition) -> Rule:
        """The rule in the words of `edition`, for no message in particular."""
        return self.told_as(next((one for one in self.variants_in(edition) if one.when is None), None))


def _covers(spans: Spans, edition: Edition) -> bool:
    span = spans.get(edition.platform)
    return not spans or (span is not None and span.covers(edition.id))


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
        in_force=_spans(data),
        variants=tuple(map(_variant, data.get("variants", ()))),
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


def _spans(data: Mapping[str, Json]) -> Spans:
    return {Platform(name): InForce(**span) for name, span in data.get("in_force", {}).items()}


def _variant(data: Mapping[str, Json]) -> Variant:
    changes = {name: data[name] for name in ("summary", "message", "remedy") if name in data}
    if "severity" in data:
        changes["severity"] = Severity.named(data["severity"])
    if "policy" in data:
        changes["policy"] = Policy(**data["policy"])
    return Variant(changes, _spans(data), condition_from_data(data["when"]) if "when" in data else None)


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


_SETTINGS: Final = ("history", "pages", "clock_skew", "automation")


def _example(data: Mapping[str, Json]) -> Example:
    kept = ("name", "breaches", *_SETTINGS)
    return Example(
        name=data["name"],
        script={key: value for key, value in data.items() if key not in kept},
        breaches=tuple(data.get("breaches", ())),
        settings={key: data[key] for key in _SETTINGS if key in data},
    )
