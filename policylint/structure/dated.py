"""The schema of a platform's send requests on a day, made from the one master that knows all days of all platforms.

How the master says what came and went when is told in its own description. Days are ISO days, YYYY-MM-DD, and compared
as text, so that part of a day, 2017 or 2016-07, counts from its beginning.

Where nobody knows the very day of a change, there are two readings: early takes it to have come on the last day that is
possible, and lowers what the limit of before has to say to a warning as soon as it may be outdated; late takes it to
have come on the first day that is possible. What both complain about is wrong on any reading.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final, Literal, TypeAlias

import orjson

from policylint.durations import days_from
from policylint.errors import RuleError
from policylint.events import Json, Platform
from policylint.shipped import shipped
from policylint.structure.keywords import SCHEMAS_BY_NAME, mapped
from policylint.structure.validator import RequestValidator

MASTER: Final = "send-request.dated.json"
FILE: Final = "send-request.schema.json"
DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"

# The platforms there are, and how people write them.
PLATFORMS: Final[Mapping[str, str]] = {Platform.MESSENGER: "Messenger", Platform.INSTAGRAM: "Instagram"}

Reading: TypeAlias = Literal["early", "late"]
Schema: TypeAlias = dict[str, Json]
FirstDays: TypeAlias = Mapping[tuple[str, str], str]  # of editions, by (platform, id)

# What stands in the master beside the keywords of JSON Schema, and not in a schema made from it.
_DATED: Final = frozenset({"x-in", "x-from", "x-values", "x-kinds"})


@dataclass(frozen=True, slots=True)
class Change:
    """When something came, or the last day it was there: between two days, which are mostly the same."""

    earliest: str
    latest: str  # the day that people are told

    def day(self, reading: Reading) -> str:
        return self.latest if reading == "early" else self.earliest


@dataclass(frozen=True, slots=True)
class Span:
    """When a platform knows a thing; without `first` from its beginning on, without `last` to this day."""

    first: Change | None
    last: Change | None
    undated: bool = False  # nobody knows when it came, `first` is a guess
    longer: bool = False  # it may have been known after `last`, too


def change(text: str) -> Change:
    """The change that the master writes as DAY or EARLIEST..LATEST."""
    earliest, _, latest = text.partition("..")
    return Change(earliest, latest or earliest)


@cache
def span(text: str) -> Span:
    """The span that the master writes as FIRST/LAST."""
    first, _, last = text.partition("/")
    return Span(
        change(first.removesuffix("?")) if first else None,
        change(last.removesuffix("?")) if last else None,
        undated=first.endswith("?"),
        longer=last.endswith("?"),
    )


@dataclass(frozen=True, slots=True)
class Moment:
    """A day on a platform, on one of the two readings of what nobody knows exactly."""

    platform: str
    day: str
    reading: Reading

    def schema(self, dated: Json) -> Json:
        """`dated`, a schema of the master, as it is at this moment."""
        if not isinstance(dated, dict):
            return dated
        made: Schema = {key: self._keyword(key, value) for key, value in dated.items() if key not in _DATED}
        if "x-from" in dated:
            self._merge(made, dated["x-from"].get(self.platform, {}))
        if "x-values" in dated:
            made |= self._values(dated["x-values"])
            if "null" in made["type"]:
                made["enum"].append(None)
        if "x-kinds" in dated:
            by, kinds = dated["x-kinds"]["by"], dated["x-kinds"]["kinds"]
            values = self._values({name: kind["x-in"] for name, kind in kinds.items()})
            made["properties"][by] = {"type": "string"} | made["properties"][by] | values
            made["allOf"] = [
                {
                    "if": {"properties": {by: {"const": name}}, "required": [by]},
                    "then": self.schema(kinds[name]),
                }
                for name in values["enum"]
                if len(kinds[name]) > 1
            ]
        return made

    def _keyword(self, key: str, value: Json) -> Json:
        if key in SCHEMAS_BY_NAME:
            fields = ((name, self._field(schema)) for name, schema in value.items())
            return {name: schema for name, schema in fields if schema is not None}
        return mapped(self.schema, key, value)

    def _field(self, dated: Json) -> Json:
        """The schema of a field, which allows nothing but null if the field is unknown by now; None: no such field."""
        if not isinstance(dated, dict) or "x-in" not in dated:
            return self.schema(dated)
        foreign = self._foreign(dated["x-in"])
        if foreign == {}:
            return self.schema(dated)
        if foreign is None:
            return None
        comment = {"$comment": dated["$comment"]} if "$comment" in dated else {}
        return {**comment, "type": "null", **foreign}

    def _values(self, values: Mapping[str, Json]) -> Schema:
        """The keywords of a field whose values have spans."""
        foreign = {value: self._foreign(spans) for value, spans in values.items()}
        known = [value for value, keywords in foreign.items() if keywords == {}]
        elsewhere = {value: keywords.get("x-since", keywords) for value, keywords in foreign.items() if keywords}
        return {"enum": known, **({"x-elsewhere": elsewhere} if elsewhere else {})}

    def _foreign(self, spans: Json) -> Schema | None:
        """The keywords that say when or where else a thing is known; empty if it is now, None if it is never."""
        if spans is True:
            return {}
        if self.platform not in spans:
            return {"x-not-on": PLATFORMS[self.platform]}
        if spans[self.platform] is None:
            return None
        when = span(spans[self.platform])
        if when.first and self.day < when.first.day(self.reading):
            return {"x-since": "" if when.undated else when.first.latest}
        if when.last and self.day > when.last.day(self.reading):
            return {"x-until": when.last.latest, **({"x-or-later": True} if when.longer else {})}
        return {}

    def _merge(self, made: Schema, versions: Mapping[str, Json]) -> None:
        """Adds to `made` the keywords in force."""
        in_force: Json = {}
        for n, (when, keywords) in enumerate(versions.items()):
            if n and self.day < change(when).day(self.reading):
                if self.day >= change(when).earliest:  # may be in force already, so that what was before is unsure
                    made |= self.schema(in_force)
                    unsure = [key for key in in_force if key in keywords and in_force[key] != keywords[key]]
                    made["x-warning"] = [*made.get("x-warning", ()), *unsure]
                    return
                break
            in_force = keywords
        made |= self.schema(in_force)


def schema_on(master: Schema, platform: str, day: str, reading: Reading = "early") -> Schema:
    """The schema, draft 2020-12, of a request to `platform` on `day`. Pure; `master` is `MASTER`'s content.

    Its references lead to the definitions that all editions share, from a folder as deep as theirs.
    """
    made = Moment(platform, day, reading).schema(master)
    definitions = made.pop("$defs")
    used: Schema = {}
    waiting = list(_references(made))
    while waiting:
        name = waiting.pop()
        if name not in used:
            used[name] = definitions[name]
            waiting += _references(definitions[name])
    return {
        "$schema": DRAFT,
        **made,
        "title": f"A Send API request to {PLATFORMS[platform]}, as of {day}",
        "description": (
            "Strict: a request that fits has no structural finding. How grave a misfit is stands in the x- keywords, "
            "which plain JSON Schema ignores: x-since, x-until and x-not-on (a field known from, up to or not on), "
            "x-or-later (up to then at least), x-elsewhere (values known at other times or places), x-warning (misfits "
            "of these keywords are warnings), x-expected (what a pattern stands for, in words). A schema of type null "
            f"alone is a field that is not used there. Made from {MASTER}: changes belong there."
        ),
        "$defs": {name: schema for name, schema in definitions.items() if name in used},
    }


def _references(schema: Json) -> Iterator[str]:
    """The names of the definitions beside it that `schema` refers to."""
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/$defs/"):
            yield reference.removeprefix("#/$defs/")
    if isinstance(schema, dict | list):
        for inner in schema.values() if isinstance(schema, dict) else schema:
            yield from _references(inner)


def changes_of(master: Schema, platform: str) -> set[Change]:
    """All changes of the schema of `platform`; an end is a change of the day after."""
    return set(_changes(master, platform))


def _changes(dated: Json, platform: str) -> Iterator[Change]:
    if isinstance(dated, list):
        for inner in dated:
            yield from _changes(inner, platform)
    if not isinstance(dated, dict):
        return
    for key, value in dated.items():
        if key == "x-in":
            yield from _changes_of_spans(value, platform)
        elif key == "x-values":
            for spans in value.values():
                yield from _changes_of_spans(spans, platform)
        elif key == "x-from":
            versions = value.get(platform, {})
            yield from map(change, list(versions)[1:])
            yield from _changes([*versions.values()], platform)
        else:
            yield from _changes(value, platform)


def _changes_of_spans(spans: Json, platform: str) -> Iterator[Change]:
    if not isinstance(spans, dict) or spans.get(platform) is None:
        return
    when = span(spans[platform])
    if when.first:
        yield when.first
    if when.last:
        yield Change(days_from(when.last.earliest, 1), days_from(when.last.latest, 1))


class Phases:
    """The stretches of days between a platform's changes, in which its schema stays the same."""

    def __init__(self, changes: Collection[Change]) -> None:
        self._uncertain = [(one.earliest, one.latest) for one in changes if one.earliest != one.latest]
        self._days = sorted({day for one in changes for day in (one.earliest, one.latest)})

    def of(self, day: str) -> int:
        """Which stretch `day` is in, counted from 0."""
        return bisect_right(self._days, day)

    def are_certain(self, day: str) -> bool:
        """Whether the two readings of `day` are one."""
        return not any(earliest <= day < latest for earliest, latest in self._uncertain)


class Schemas:
    """The validators of requests to each platform on each day, made from the master when they are first needed.

    `folder` is the one of all schemas, by default the shipped one. A platform is one of `PLATFORMS`, a day an ISO day;
    all raise RuleError when the master, or the schema it gives, can't be used, and ValueError for other platforms.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or shipped("schemas")
        self._phases: dict[str, Phases] = {}
        self._validators: dict[tuple[str, int, Reading], RequestValidator] = {}

    def __reduce__(self) -> tuple[type[Schemas], tuple[Path]]:
        return Schemas, (self._folder,)  # compiled schemas can't travel to another process

    def validator(self, platform: str, day: str, *, late: bool = False) -> RequestValidator:
        """The validator of requests sent to `platform` on `day`; `late`: by the late reading of unknown days.

        The same object for all days between two changes, and for both readings where they don't differ.
        """
        reading: Reading = "late" if late and not self.certain(platform, day) else "early"
        key = (platform, self._phases_of(platform).of(day), reading)
        if key not in self._validators:
            place = self._folder / platform / day / FILE
            self._validators[key] = RequestValidator(place, schema_on(self._master, platform, day, reading))
        return self._validators[key]

    def certain(self, platform: str, day: str) -> bool:
        """Whether it is known what `platform` was like on `day`, so that both readings are one."""
        return self._phases_of(platform).are_certain(day)

    def _phases_of(self, platform: str) -> Phases:
        if platform not in PLATFORMS:
            raise ValueError(f"{platform} is not one of {', '.join(PLATFORMS)}")
        if platform not in self._phases:
            self._phases[platform] = Phases(changes_of(self._master, platform))
        return self._phases[platform]

    @cached_property
    def _master(self) -> Schema:
        return read_master(self._folder)


def read_master(folder: Path) -> Schema:
    """The master in the folder of all schemas. Raises RuleError when it can't be read."""
    try:
        master: Schema = orjson.loads((folder / MASTER).read_bytes())
    except (OSError, ValueError) as error:
        raise RuleError(f"{folder / MASTER}: not a file that can be used: {error}") from error
    return master


def edition_schemas(master: Schema, editions: FirstDays) -> dict[str, bytes]:
    """What the schema file of each edition has to hold: its first day's schema, by its path below the schemas' folder.

    For editors and validators of others; `Schemas` makes its own.
    """
    files: dict[str, bytes] = {}
    for (platform, edition), day in editions.items():
        schema = schema_on(master, platform, day)
        schema["title"] += f", the first day of edition {edition}"
        files[f"{platform}/{edition}/{FILE}"] = orjson.dumps(schema, option=orjson.OPT_INDENT_2) + b"\n"
    return files


if __name__ == "__main__":
    from policylint.rulebook import shipped_rulebook

    home = shipped("schemas")
    wanted: FirstDays = {
        (str(edition.platform), edition.id): edition.since for edition in shipped_rulebook().editions.all
    }
    for name, content in edition_schemas(read_master(home), wanted).items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(content)
