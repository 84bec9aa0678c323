"""Misfits that a JSON Schema validator found, retold as problems that a person can act on: one for each cause.

The schemas help with keywords that JSON Schema itself ignores:

- `x-since`, `x-until` on a field: only other editions know it, from that day on or up to it ("" when nobody knows)
- `x-or-later` beside `x-until`: it may be known still, so that using it is worth a warning
- `x-not-on` on a field: the platform that never had it
- `x-elsewhere` beside an `enum`: values known in other editions or on other platforms only, each with its first day or
  with the keywords above
- `x-warning`: misfits of these keywords are warnings (`type:integer`: of `type`, when the value is an integer)
- `x-expected` beside a `pattern`: what the pattern stands for, in words

A schema whose type is `null` alone belongs to a field that is not used at that place.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from policylint.documents.places import pointer_of
from policylint.events import Json, Pointer
from policylint.findings import Severity
from policylint.privacy import is_word
from policylint.structure.problem import Problem
from policylint.suggestions import nearest_name

# Keywords that judge one value; the first of them that fails says best what is wrong with it.
VALUE_KEYWORDS: Final = (
    "enum",
    "const",
    "minLength",
    "not",
    "pattern",
    "maxLength",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
)

# Keywords of a field that is not used here, but at another time or place.
FOREIGN: Final = ("x-since", "x-until", "x-not-on")

# What stands for a value yet to be filled in, as in templates of requests: <NAME>, {{name}}, ${name}, %name%.
_PLACEHOLDER: Final = re.compile(r"<[^<>]*>|\$?\{.*\}|%[^%]*%", re.DOTALL)
DECIDING: Final = frozenset({"template_type", "content_type", "type"})  # of the shape of what stands beside it
# Values whose case is known for sure: sender actions are in small letters (the platform's page on sender actions).
_EXACT: Final = DECIDING | {"sender_action", "messaging_type"}

ARTICLES: Final = {"array": "an array", "integer": "an integer", "null": "null", "object": "an object"}


@dataclass(frozen=True, slots=True)
class Misfit:
    """One value of a request that one keyword of one schema does not allow, whichever validator said so."""

    path: tuple[str | int, ...]  # from the request to the value
    keyword: str
    schema: Mapping[str, Any]  # the schema in which the keyword stands
    value: Json


def explain(misfits: Iterable[Misfit]) -> list[Problem]:
    """The problems behind `misfits`, sorted by pointer and kind."""
    at_place: defaultdict[tuple[str | int, ...], list[Misfit]] = defaultdict(list)
    for misfit in misfits:
        at_place[misfit.path].append(misfit)
    problems = [problem for here in at_place.values() for problem in _problems(here)]
    problems.sort(key=_place_and_weight)
    return list(dict.fromkeys(problems))  # two schemas may complain alike about one value


def _place_and_weight(problem: Problem) -> tuple[Pointer, str, str, bool, str]:
    """Where a problem stands in a list; of equal ones, the one that no schema has lowered comes first."""
    return problem.pointer, problem.kind, problem.detail, problem.severity is not None, problem.allowed


def _problems(here: Sequence[Misfit]) -> Iterator[Problem]:
    """The problems behind the misfits of one value."""
    mistyped = [misfit for misfit in here if misfit.keyword == "type"]
    if mistyped:  # whatever else fails follows from it
        yield from map(_wrong_type, mistyped)
        return
    for keyword in VALUE_KEYWORDS:
        failed = [misfit for misfit in here if misfit.keyword == keyword and not _is_about_fields(misfit)]
        if failed:
            yield _bad_value(failed[0])
            break
    lacking = False
    for misfit in here:
        if misfit.keyword == "required":
            yield from _missing(misfit)
        elif misfit.keyword == "additionalProperties":
            yield from _unknown_fields(misfit)
        elif misfit.keyword in ("oneOf", "anyOf"):
            for problem in _choice(misfit):
                lacking = lacking or problem.kind == "missing-field"
                yield problem
    if not lacking:  # a companion that is missing, too, says nothing new
        yield from (_conflict(misfit) for misfit in here if misfit.keyword == "not" and _is_about_fields(misfit))


def _wrong_type(misfit: Misfit) -> Problem:
    schema, path = misfit.schema, misfit.path
    expected = [schema["type"]] if isinstance(schema["type"], str) else list(schema["type"])
    wanted = [name for name in expected if name != "null"]
    name = path[-1] if path else ""
    if not wanted:
        if _is_foreign(schema):
            return _not_in_edition(pointer_of(path), f"the field {name}", schema)
        return Problem(pointer_of(path), "unknown-field", f"{name} is not a field that is used here")
    severity = _severity(misfit, f"type:{_json_type(misfit.value)}")
    allowed = " or ".join(ARTICLES.get(one, f"a {one}") for one in wanted)
    if misfit.value is None and isinstance(name, str) and path:
        detail = f"lacks {name} (null counts as absent)"
        return Problem(pointer_of(path[:-1]), "missing-field", detail, severity, allowed)
    if isinstance(misfit.value, float) and "integer" in wanted:
        given = "number with a fraction"
    else:
        given = _json_type(misfit.value)
    detail = f"is {ARTICLES.get(given, f'a {given}')}; {allowed} is expected"
    return Problem(pointer_of(path), "wrong-type", detail, severity, allowed)


def _bad_value(misfit: Misfit) -> Problem:
    """The problem of a value that has the right type."""
    schema, value, limit = misfit.schema, misfit.value, misfit.schema[misfit.keyword]
    pointer, severity = pointer_of(misfit.path), _severity(misfit, misfit.keyword)
    match misfit.keyword:
        case "enum" | "const":
            elsewhere = schema.get("x-elsewhere", {})
            if isinstance(value, str) and value in elsewhere:
                foreign = elsewhere[value]
                return _not_in_edition(pointer, value, {"x-since": foreign} if isinstance(foreign, str) else foreign)
            known = [str(one) for one in (limit if misfit.keyword == "enum" else [limit]) if one is not None]
            meant = _meant(value, [*known, *elsewhere])
            detail = f"{_tell(value, 'this value') if meant else 'this value'} is not a known value{meant}"
            return Problem(pointer, "unknown-value", detail, severity, _one_of(known))
        case "maxLength":
            detail = f"has {len(value)} characters; the limit is {limit}"
            return Problem(pointer, "too-long", detail, severity, f"at most {_count(limit, 'character')}")
        case "maxItems":
            detail = f"has {_count(len(value), 'item')}; the limit is {limit}"
            return Problem(pointer, "too-many", detail, severity, f"at most {_count(limit, 'item')}")
        case "minItems":
            detail = f"has {_count(len(value), 'item')}; the least is {limit}"
            return Problem(pointer, "too-few", detail, severity, f"at least {_count(limit, 'item')}")
        case "minLength":
            detail = "is empty" if not value else f"has {_count(len(value), 'character')}; the least is {limit}"
            return Problem(pointer, "malformed-value", detail, severity, f"at least {_count(limit, 'character')}")
        case "minimum":
            return Problem(pointer, "malformed-value", f"is less than {limit}", severity, f"at least {limit}")
        case "maximum":
            return Problem(pointer, "malformed-value", f"is more than {limit}", severity, f"at most {limit}")
    expected = str(schema.get("x-expected", "a value of the right form"))
    return Problem(pointer, "malformed-value", f"is not {expected}", severity, expected)


def _missing(misfit: Misfit) -> Iterator[Problem]:
    pointer, severity = pointer_of(misfit.path), _severity(misfit, "required")
    required: Sequence[str] = misfit.schema[misfit.keyword]
    absent = [name for name in required if name not in misfit.value]
    # There is one misfit for each absent field, all alike: each may tell of all, since equal problems are one.
    for name in absent:
        yield Problem(pointer, "missing-field", f"lacks {name}", severity, name)


def _unknown_fields(misfit: Misfit) -> Iterator[Problem]:
    known: Mapping[str, Json] = misfit.schema.get("properties", {})
    free = [name for name in known if name not in misfit.value]
    allowed = _one_of([name for name in known if not _is_foreign(known[name])])
    severity = _severity(misfit, "additionalProperties")
    for name in misfit.value:
        if name not in known:
            detail = f"{_tell(name, 'this field')} is not a known field{_meant(name, free)}"
            yield Problem(pointer_of([*misfit.path, name]), "unknown-field", detail, severity, allowed)


def _choice(misfit: Misfit) -> Iterator[Problem]:
    """The problem of an object with none, or too many, of some fields of which it should have one."""
    if not isinstance(misfit.value, dict):
        return
    names = [str(branch["required"][0]) for branch in misfit.schema[misfit.keyword]]
    fields = misfit.schema.get("properties", {})
    ours = [name for name in names if not _is_foreign(fields.get(name, {}))]
    pointer, severity = pointer_of(misfit.path), _severity(misfit, misfit.keyword)
    if all(misfit.value.get(name) is None for name in names):
        yield Problem(pointer, "missing-field", f"lacks {_listed(ours, 'or')}", severity, _listed(ours, "or"))
        return
    present = [name for name in ours if misfit.value.get(name) is not None]
    if len(present) > 1:  # with a field of another edition, that is the one thing to say
        detail = f"has {_listed(present, 'and')} together"
        yield Problem(pointer, "conflicting-fields", detail, severity, f"only {_one_of(ours)}")


def _conflict(misfit: Misfit) -> Problem:
    """The problem of an object with fields that don't go together, or one without the other it goes with."""
    pointer, severity = pointer_of(misfit.path), _severity(misfit, "not")
    forbidden = misfit.schema[misfit.keyword]
    present = [str(name) for name in forbidden["required"]]
    absent = [name for name, field in forbidden["properties"].items() if field == {"type": "null"}]
    if absent:
        detail = f"has {_listed(present, 'and')} without {_listed(absent, 'or')}"
        return Problem(pointer, "conflicting-fields", detail, severity, f"{present[0]} together with {absent[0]} only")
    detail = f"has {_listed(present, 'and')} together"
    return Problem(pointer, "conflicting-fields", detail, severity, f"only {_one_of(present)}")


def _not_in_edition(pointer: Pointer, what: str, foreign: Mapping[str, Json]) -> Problem:
    """The problem of using `what`, which is known when or where the keywords of `foreign` say."""
    if "x-not-on" in foreign:
        detail = f"{what} is not known on {foreign['x-not-on']}"
        return Problem(pointer, "not-in-edition", detail, Severity.WARNING)  # no other day would mend it
    severity = None
    if since := foreign.get("x-since"):
        when = f" (known since {since})"
    elif (until := foreign.get("x-until")) and foreign.get("x-or-later"):
        when, severity = f" (known until {until} or later)", Severity.WARNING
    elif until:
        when = f" (known until {until})"
    else:
        when = ""
    return Problem(pointer, "not-in-edition", f"{what} belongs to another edition{when}", severity)


def _severity(misfit: Misfit, keyword: str) -> Severity | None:
    value = misfit.value
    if isinstance(value, str) and (_PLACEHOLDER.fullmatch(value) or _is_forgiven(misfit, keyword)):
        return Severity.WARNING
    return Severity.WARNING if keyword in misfit.schema.get("x-warning", ()) else None


def _is_forgiven(misfit: Misfit, keyword: str) -> bool:
    """Whether the API seems to forgive a value: a boolean as text, as in the platform's own samples, and what is known
    but for its case; not in what decides the rest."""
    if keyword.startswith("type") and "boolean" in misfit.schema["type"]:
        return str(misfit.value).casefold() in ("true", "false")
    if keyword != "enum" or (misfit.path and misfit.path[-1] in _EXACT):
        return False
    return str(misfit.value).casefold() in {str(one).casefold() for one in misfit.schema["enum"]}


def _is_about_fields(misfit: Misfit) -> bool:
    """Whether a `not` forbids fields that stand together, rather than a value."""
    return misfit.keyword == "not" and "required" in misfit.schema[misfit.keyword]


def _is_foreign(schema: Json) -> bool:
    return isinstance(schema, Mapping) and any(keyword in schema for keyword in FOREIGN)


def _json_type(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"


def _tell(name: Json, otherwise: str) -> str:
    """`name` if it can be told to anyone: recordings are private conversations."""
    return name if isinstance(name, str) and is_word(name) else otherwise


def _meant(given: Json, known: Iterable[str]) -> str:
    """A question whether one of the `known` names was meant, or nothing."""
    near = nearest_name(given, known) if isinstance(given, str) else None
    return f"; did you mean {near}?" if near else ""


def _listed(names: Sequence[str], last: str) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"


def _one_of(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"one of {', '.join(names)}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
