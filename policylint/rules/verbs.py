"""The verbs of the rule language: a closed table of pure functions.

A verb is asked about one value of a fact, never about a missing one. A fact with several values (texts, a pointer
with `*`) satisfies a verb when one of them does; a verb that denies (`is_not`, `not_in`, `not_matches`) is the exact
opposite of its counterpart, and so holds for a fact that has no value at all. Where the option names another fact that
has no value, no verb holds: there is nothing to compare with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from policylint.errors import RuleError
from policylint.events import Json


class Kind(StrEnum):
    """The type of a fact's value."""

    TEXT = "text"
    NUMBER = "number"
    DURATION = "duration"  # microseconds; written with a unit
    TIME = "time"  # microseconds since 1970, UTC; written as ISO 8601 with a zone
    FLAG = "flag"
    LIST = "list"  # of texts
    ANY = "any"  # whatever the request holds


_SCALAR: Final = {"type": ["string", "number", "boolean", "null"]}
_TEXTS: Final = {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
_PATTERN: Final = {"type": "string", "minLength": 1}
_COUNT: Final = {"type": "integer", "minimum": 0}
_QUANTITY: Final = {"type": ["number", "string"]}

EVERY: Final = frozenset(Kind)
_TEXTUAL: Final = frozenset({Kind.TEXT, Kind.ANY})
_ORDERED: Final = frozenset({Kind.NUMBER, Kind.DURATION, Kind.TIME, Kind.ANY})


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: the function, the JSON Schema of its option, the kinds of fact it suits; `denies` inverts it."""

    holds: Callable[[Any, Any], bool]
    option: Mapping[str, Json]
    kinds: frozenset[Kind] = EVERY
    denies: bool = False
    counts: bool = False  # asked about all values of a fact together
    may_name_fact: bool = True


@lru_cache(maxsize=1024)
def pattern(text: str) -> Any:
    """The compiled RE2 pattern (linear time, whatever the text). Raises RuleError for one that RE2 refuses."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(text, options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
        raise RuleError(f"not an RE2 pattern: {reason}") from None


@lru_cache(maxsize=1024)
def words(choices: tuple[str, ...]) -> Any:
    """A pattern for any of `choices` as whole words, whatever their case."""
    import re2

    return pattern(
        r"(?i)(?:^|[^\pL\pN_])(?:" + "|".join(re2.escape(choice) for choice in choices) + r")(?:$|[^\pL\pN_])"
    )


def _same(value: Json, option: Json) -> bool:
    return (type(value) is type(option) and bool(value == option)) or (_numbers(value, option) and value == option)


_NUMBERS: Final = (int, float)  # not bool, which is a type of its own in JSON


def _numbers(value: Json, option: Json) -> bool:
    return type(value) in _NUMBERS and type(option) in _NUMBERS


def _member(value: Json, option: Json) -> bool:
    return isinstance(option, list | tuple) and any(_same(value, choice) for choice in option)


def _matches(value: Json, option: str) -> bool:
    return isinstance(value, str) and pattern(option).search(value) is not None


def _contains(value: Json, option: Json) -> bool:
    if isinstance(value, str):
        return isinstance(option, str) and option in value
    return isinstance(value, list | tuple) and _member(option, list(value))


def _mentions(value: Json, option: Json) -> bool:
    choices = (option,) if isinstance(option, str) else tuple(option)
    return isinstance(value, str) and words(choices).search(value) is not None


def _length(value: Json) -> int | None:
    return len(value) if isinstance(value, str | list | tuple | dict) else None


def _longer(value: Json, option: int) -> bool:
    length = _length(value)
    return length is not None and length > option


def _shorter(value: Json, option: int) -> bool:
    length = _length(value)
    return length is not None and length < option


def _bytes(value: Json) -> int:
    return len(value.encode(errors="replace")) if isinstance(value, str) else 0


def _begins(value: Json, option: Json) -> bool:
    return isinstance(value, str) and value.startswith(option if isinstance(option, str) else tuple(option))


def _ends(value: Json, option: Json) -> bool:
    return isinstance(value, str) and value.endswith(option if isinstance(option, str) else tuple(option))


VERBS: Final[Mapping[str, Verb]] = {
    "is": Verb(_same, _SCALAR),
    "is_not": Verb(_same, _SCALAR, denies=True),
    "in": Verb(_member, {"type": "array", "items": _SCALAR, "minItems": 1}),
    "not_in": Verb(_member, {"type": "array", "items": _SCALAR, "minItems": 1}, denies=True),
    "above": Verb(lambda v, o: _numbers(v, o) and v > o, _QUANTITY, _ORDERED),
    "below": Verb(lambda v, o: _numbers(v, o) and v < o, _QUANTITY, _ORDERED),
    "at_least": Verb(lambda v, o: _numbers(v, o) and v >= o, _QUANTITY, _ORDERED),
    "at_most": Verb(lambda v, o: _numbers(v, o) and v <= o, _QUANTITY, _ORDERED),
    "present": Verb(lambda v, o: (len(v) > 0) is o, {"type": "boolean"}, counts=True, may_name_fact=False),
    "matches": Verb(_matches, _PATTERN, _TEXTUAL, may_name_fact=False),
    "not_matches": Verb(_matches, _PATTERN, _TEXTUAL, denies=True, may_name_fact=False),
    "starts_with": Verb(_begins, _TEXTS, _TEXTUAL),
    "ends_with": Verb(_ends, _TEXTS, _TEXTUAL),
    "contains": Verb(_contains, _SCALAR, frozenset({Kind.TEXT, Kind.LIST, Kind.ANY})),
    "longer_than": Verb(_longer, _COUNT, frozenset({Kind.TEXT, Kind.LIST, Kind.ANY})),
    "shorter_than": Verb(_shorter, _COUNT, frozenset({Kind.TEXT, Kind.LIST, Kind.ANY})),
    "more_bytes_than": Verb(lambda v, o: _bytes(v) > o, _COUNT, _TEXTUAL),
    "count_above": Verb(lambda v, o: len(v) > o, _COUNT, frozenset({Kind.TEXT, Kind.LIST, Kind.ANY}), counts=True),
    "mentions": Verb(_mentions, _TEXTS, _TEXTUAL, may_name_fact=False),
}
