"""JSON texts: strict values from orjson, and on request where each value stands and which keys stand twice.

orjson refuses what JSON does not have (NaN, lone surrogates, bytes that are not UTF-8) and more than 1024 levels of
nesting. It keeps neither places nor repeated keys, and of the libraries that do, none is both maintained and fit for
10 MB lines; so places come from one walk over the tokens, made only for records that have findings.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Collection, Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Final

import orjson

from policylint.documents.places import BrokenText, Place, escape, place_at, unescape
from policylint.events import Json, Pointer

_TOKEN: Final = re.compile(r'[ \t\r\n]*("[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+)', re.DOTALL)
_VALUE: Final = json.JSONDecoder(strict=False).raw_decode  # value and end
_STRING: Final = scanstring
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


def has_keys_once(data: bytes, value: Json) -> bool:
    """Whether no object of one line of JSON, which reads as `value`, has a key twice: a yes is sure, a no is not.

    Written anew the value has each key once, and each stands before a colon. So when the text has no more of quote and
    colon side by side, it has none twice; that takes no space between them, and no quote that is written as a number.
    """
    if b'" ' in data or b'"\t' in data or b'"\r' in data or b"\\u0022" in data:
        return False
    return data.count(b'":') == orjson.dumps(value).count(b'":')


def repeated_keys(text: str) -> list[Pointer]:
    """Pointers of the keys that stand twice (or more) in one object, each once, in the order of the text."""
    return list(dict.fromkeys(pointer for pointer, _, again, _ in _values(text) if again))


def places(text: str, pointers: Collection[Pointer]) -> dict[Pointer, Place]:
    """Where the values at `pointers` stand in `text`, and those around them; of a repeated key, its last value."""
    wanted = {""}
    for pointer in pointers:
        tokens = pointer.split("/")
        wanted.update("/".join(tokens[: n + 1]) for n in range(len(tokens)))
    found = {pointer: offset for pointer, offset, _, _ in _values(text) if pointer in wanted}
    ends = [match.start() for match in re.finditer("\n", text)]
    out = {}
    for pointer, offset in found.items():
        line = bisect_left(ends, offset)
        out[pointer] = Place(line + 1, offset - (ends[line - 1] if line else -1))
    return out


def scalars(text: str) -> Iterator[tuple[Pointer, int, int]]:
    """Each value of a valid JSON `text` that holds no others: pointer, and code points from 0, the end exclusive."""
    for pointer, offset, _, word in _values(text):
        if word not in ("{", "["):
            yield pointer, offset, offset + len(word)


def offset_of(text: str, pointer: Pointer) -> int | None:
    """Where the value at `pointer` stands in a valid JSON `text` (code points from 0); None when there is none.

    For texts in which no object has a key twice: what comes after the value is not looked at.
    """
    at = _past_space(text, 0)
    for token in pointer.split("/")[1:]:
        found = _member(text, at, unescape(token)) if text[at] == "{" else _item(text, at, token)
        if found is None:
            return None
        at = found
    return at


def _member(text: str, at: int, name: str) -> int | None:
    """Where the value of a key stands in the object that begins at `at`."""
    at = _past_space(text, at + 1)
    while text[at] == '"':
        key, at = _STRING(text, at + 1)
        at = _past_space(text, _past_space(text, at) + 1)  # a colon in between
        if key == name:
            return at
        at = _past_space(text, _VALUE(text, at)[1])
        at = _past_space(text, at + 1) if text[at] == "," else at
    return None


def _item(text: str, at: int, index: str) -> int | None:
    """Where an element stands in the array that begins at `at`."""
    if text[at] != "[" or not index.isdecimal():
        return None
    at = _past_space(text, at + 1)
    for _ in range(int(index)):
        if text[at] == "]":
            return None
        at = _past_space(text, _VALUE(text, at)[1])
        if text[at] != ",":
            return None
        at = _past_space(text, at + 1)
    return None if text[at] == "]" else at


def _past_space(text: str, at: int) -> int:
    while text[at] in " \t\r\n":
        at += 1
    return at


def _values(text: str) -> Iterator[tuple[Pointer, int, bool, str]]:
    """Each value of a valid JSON `text`: pointer, offset, whether its key stood in the object before, and token."""
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
            yield pointer, offset, again, word
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
