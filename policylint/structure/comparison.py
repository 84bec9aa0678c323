"""What came and went in send requests, and which limits changed, from one schema of `policylint.structure.dated` to
another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from policylint.durations import days_from
from policylint.structure.dated import Change, Schema, changes_of, schema_on

WARNING: Final = " (a warning)"

_LOCAL: Final = "#/$defs/"
_NOTHING: Final[Schema] = {"type": "null"}


@dataclass(frozen=True, slots=True)
class Part:
    """A field, a value, or a kind of something: a template, a button, an attachment, a quick reply."""

    kind: str  # "field", "value", "template", "button", …
    name: str
    where: str  # what has it: "message", "generic template"; empty for the request itself
    undated: bool = False  # on which day it came or went is not known

    def __str__(self) -> str:
        of = f" of {self.where}" if self.where else ""
        return f"{self.kind} {self.name}{of}"


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that is another one now: in words, None where there is none."""

    where: str  # "message.text"
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Differences:
    """What differs between two schemas, in the order of the schemas."""

    came: tuple[Part, ...] = ()
    went: tuple[Part, ...] = ()
    limits: tuple[Limit, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.came or self.went or self.limits)


def differences(before: Schema, after: Schema) -> Differences:
    """What differs for who writes requests. Both must be schemas that `schema_on` made. Pure."""
    walk = _Walk(before.get("$defs", {}), after.get("$defs", {}))
    walk.compare(before, after, "")
    return Differences(tuple(walk.came), tuple(walk.went), tuple(walk.limits))


def history(master: Schema, platform: str, since: str) -> Iterator[tuple[Change, Differences]]:
    """All changes of a platform's requests after the ISO day `since`, by the day that people are told."""
    changes: dict[str, Change] = {}
    for one in sorted(changes_of(master, platform), key=lambda one: (_whole(one.latest), one.earliest)):
        changes.setdefault(_whole(one.latest), one)
    for day, change in changes.items():
        if day > since:
            found = differences(schema_on(master, platform, days_from(day, -1)), schema_on(master, platform, day))
            if found:
                yield change, found


def _whole(day: str) -> str:
    return day + "-01-01"[len(day) - 4 :] if len(day) < len("2017-04-06") else day


_Kinds: TypeAlias = Mapping[str, Any]


@dataclass
class _Walk:
    """A walk through two schemas side by side; it goes through each definition once."""

    before: Schema
    after: Schema
    came: list[Part] = field(default_factory=list)
    went: list[Part] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def compare(self, before: Any, after: Any, where: str, *, is_kind: bool = False) -> None:
        """Compare two schemas of one place; with `is_kind`, `where` names a kind and goes on through a reference."""
        if not isinstance(before, dict) or not isinstance(after, dict):
            return
        self._limits(before, after, where)
        by = _discriminator(before) or _discriminator(after)
        self._properties(before.get("properties", {}), after.get("properties", {}), where, by)
        if by:
            self._kinds(before, after, where, by)
        elif "enum" in before and "enum" in after:
            self._values(before, after, "value", where)
        for key in ("items", "then"):
            if key in before or key in after:
                self.compare(before.get(key, {}), after.get(key, {}), where)
        name = str(before.get("$ref", ""))
        if name == after.get("$ref") and name.startswith(_LOCAL):
            self._definition(name.removeprefix(_LOCAL), where if is_kind else "")

    def _definition(self, name: str, where: str) -> None:
        if name not in self.seen:
            self.seen.add(name)
            self.compare(self.before[name], self.after[name], where or name.replace("_", " "))

    def _properties(self, before: Schema, after: Schema, where: str, by: str) -> None:
        for name in dict.fromkeys([*before, *after]):
            old, new = before.get(name, _NOTHING), after.get(name, _NOTHING)
            if name == by:
                self._limits(old, new, f"{where}.{name}" if where else name)
            elif _unused(old) and not _unused(new):
                self.came.append(Part("field", name, where, old.get("x-since") == ""))
            elif _unused(new) and not _unused(old):
                self.went.append(Part("field", name, where, "x-or-later" in new))
            elif not _unused(old):
                self.compare(old, new, f"{where}.{name}" if where else name)

    def _kinds(self, before: Schema, after: Schema, where: str, by: str) -> None:
        known = self._values(before["properties"][by], after["properties"][by], where, "")
        old, new = _branches(before, by), _branches(after, by)
        for kind in known:
            self.compare(old.get(kind), new.get(kind), f"{kind} {where}", is_kind=True)

    def _values(self, before: Schema, after: Schema, kind: str, where: str) -> list[str]:
        """Tells which values came and went; the values that both know."""
        old, new = _named(before), _named(after)
        for name in new:
            if name not in old:
                self.came.append(Part(kind, name, where, before.get("x-elsewhere", {}).get(name) == ""))
        for name in old:
            if name not in new:
                told = after.get("x-elsewhere", {}).get(name)
                self.went.append(Part(kind, name, where, isinstance(told, dict) and "x-or-later" in told))
        return [name for name in old if name in new]

    def _limits(self, before: Any, after: Any, where: str) -> None:
        if isinstance(before, dict) and isinstance(after, dict):
            for keyword in _LIMITS:
                old, new = _told(before, keyword), _told(after, keyword)
                if old != new:
                    self.limits.append(Limit(where, old, new))


def _unused(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "null"


def _named(schema: Schema) -> list[str]:
    return [value for value in schema.get("enum", ()) if value is not None]


def _discriminator(schema: Schema) -> str:
    """The field whose value says by which schema an object is judged."""
    for branch in schema.get("allOf", ()):
        for name, condition in branch.get("if", {}).get("properties", {}).items():
            if "const" in condition:
                return str(name)
    return ""


def _branches(schema: Schema, by: str) -> _Kinds:
    return {branch["if"]["properties"][by]["const"]: branch["then"] for branch in schema.get("allOf", ())}


_LIMITS: Final[Mapping[str, str]] = {
    "maxLength": "at most {} characters",
    "maxItems": "at most {} items",
    "minItems": "at least {} items",
    "required": "must have {}",
    "enum": "an unknown value is an error",
}


def _told(schema: Schema, keyword: str) -> str | None:
    if keyword not in schema:
        return None
    value, lenient = schema[keyword], keyword in schema.get("x-warning", ())
    if keyword == "enum":  # which values there are is told elsewhere
        return "an unknown value is a warning" if lenient else _LIMITS[keyword]
    shown = _listed(value) if isinstance(value, list) else str(value)
    text = _LIMITS[keyword].format(shown)
    return text + (WARNING if lenient else "")


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
