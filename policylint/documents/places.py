"""Places in a text: lines and columns, both from 1; a column is one code point, a tab too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from policylint.events import Json, Pointer


class Place(NamedTuple):
    """A line and a column, both counted from 1."""

    line: int
    column: int


class BrokenText(ValueError):  # noqa: N818 - a value of the log, not an error of ours
    """A text that is not what it should be; `str()` is the reason, without any of the text itself."""

    def __init__(self, reason: str, place: Place | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.place = place


def escape(key: str) -> str:
    """`key` as a token of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    """The key that a pointer's token names."""
    return token.replace("~1", "/").replace("~0", "~")


def pointer_of(path: Iterable[str | int]) -> Pointer:
    """The JSON pointer that a path of keys and indices is."""
    return "".join(f"/{escape(str(step))}" for step in path)


def parent(pointer: Pointer) -> Pointer:
    """The pointer of what holds `pointer`'s value; the root is its own parent."""
    return pointer.rpartition("/")[0]


def at_pointer(value: Json, pointer: Pointer) -> Json:
    """The part of `value` that `pointer` names. Raises LookupError when there is none."""
    for token in pointer.split("/")[1:]:
        if isinstance(value, dict):
            value = value[unescape(token)]
        elif isinstance(value, list) and token.isdecimal():
            value = value[int(token)]
        else:
            raise LookupError(pointer)
    return value


def place_at(text: str, offset: int) -> Place:
    """The place of code point `offset` (from 0) of `text`."""
    return Place(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def nearest(places: dict[Pointer, Place], pointer: Pointer) -> Place | None:
    """The place of `pointer`, or of the closest value around it that has one."""
    while pointer not in places:
        if not pointer:
            return None
        pointer = parent(pointer)
    return places[pointer]
