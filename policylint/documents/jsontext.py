"""JSON texts: strict values from orjson, and on request where each value stands and which keys stand twice.

orjson refuses what JSON does not have (NaN, lone surrogates, bytes that are not UTF-8) and more than 1024 levels of
nesting. It keeps neither places nor repeated keys, and of the libraries that do, none is both maintained and fit for
10 MB lines; so places come from one walk over the tokens, made only for records that have findings.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator
from typing import Final

import orjson

from policylint.documents.places import BrokenText, Place, escape, place_at
from policylint.events import Json, Pointer

_TOKEN: Final = re.compile(r'[ \t\r\n]*("[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+)', re.DOTALL)
_KEY: Final = re.compile(rb'"\s*:')


def parse(data: bytes) -> Json:
    """The JSON value that `data` is. Raises BrokenText with the place where reading stopped."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        reason = error.msg.partition(":")[0] or "not valid JSON"
        if reason.startswith("str is not valid UTF-8"):
            raise BrokenText("not valid JSON: bytes that are not UTF-8") from None
        place = place_at(error.doc, min(error.pos, len(error.doc))) if error.doc else None
        raise BrokenText(f"not valid JSON: {reason}", place) from None


def repeats_keys(data: bytes, value: Json) -> bool:
    """Whether `data`, which reads as `value`, may hold a key twice in one object: fast, and never wrong with a no.

    Each key stands before a colon. So when the text has no more quote-colon pairs than the value has keys, none is
    repeated; such a pair inside a string only makes the answer a careful yes.
    """
    keys, waiting = 0, [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            keys += len(item)
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return len(_KEY.findall(data)) > keys


def repeated_keys(text: str) -> list[Pointer]:
    """Pointers of the keys that stand twice (or more) in one object, each once, in the order of the text."""
    return list(dict.fromkeys(pointer for pointer, _, again in _values(text) if again))


def places(text: str, pointers: Collection[Pointer]) -> dict[Pointer, Place]:
    """Where the values at `pointers` stand in `text`, and those around them; of a repeated key, its last value."""
    wanted = {""}
    for pointer in pointers:
        tokens = pointer.split("/")
        wanted.update("/".join(tokens[: n + 1]) for n in range(len(tokens)))
    found = {pointer: offset for pointer, offset, _ in _values(text) if pointer in wanted}
    ends = [match.start() for match in re.finditer("\n", text)]
    out = {}
    for pointer, offset in found.items():
        line = bisect_left(ends, offset)
        out[pointer] = Place(line + 1, offset - (ends[line - 1] if line else -1))
    return out


def _values(text: str) -> Iterator[tuple[Pointer, int, bool]]:
    """Each value of a valid JSON `text`: pointer, offset, and whether its key stood in the object before."""
    frames: list[_Frame] = []
    awaits_key = False
    key: str = ""
    again = False
    for token in _TOKEN.finditer(text):
        word, offset = token[1], token.start(1)
        frame = frames[-1] if frames else None
        if word in "}]":
            frames.pop()
            awaits_key = False
        elif word == ",":
            awaits_key = frame is not None and frame.keys is not None
        elif word == ":":
            awaits_key = False
        elif awaits_key and frame is not None and frame.keys is not None:
            key = orjson.loads(word)
            again = key in frame.keys
            frame.keys.add(key)
        else:
            pointer = frame.child(key) if frame else ""
            yield pointer, offset, again
            again = False
            if word in "{[":
                frames.append(_Frame(pointer, set() if word == "{" else None))
                awaits_key = word == "{"


class _Frame:
    """An object or array that is being walked; `keys` are the object's so far, None for an array."""

    __slots__ = ("count", "keys", "pointer")

    def __init__(self, pointer: Pointer, keys: set[str] | None) -> None:
        self.pointer = pointer
        self.keys = keys
        self.count = 0

    def child(self, key: str) -> Pointer:
        if self.keys is not None:
            return f"{self.pointer}/{escape(key)}"
        self.count += 1
        return f"{self.pointer}/{self.count - 1}"
