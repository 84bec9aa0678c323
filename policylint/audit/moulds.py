"""Moulds: the spelling that a log's commonest records have in common, learned from the log itself.

Programs write their records alike: the same keys in the same order with the same spaces. A mould is a pattern made of
one plain record, with gaps for its values. A line that fits it is known to be JSON of that shape without being read as
JSON, which takes a fraction of the time; any other line is read the long way. A property test holds the two together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from policylint.documents.places import escape
from policylint.events import Json, Pointer

# A string without escapes: JSON forbids what stands below a space in it; whether it is UTF-8 is asked of whole blocks.
_STRING: Final = rb'"[^"\\\x00-\x1f]*"'
_NUMBER: Final = rb"-?(?:0|[1-9][0-9]{0,17})"
_NAME: Final = rb'"([^"\\\x00-\x1f]+)"'
_ID: Final = rb'"([0-9]{1,20})"'
_TIME: Final = rb"([1-9][0-9]{10,13})"  # milliseconds, from April 1970 on, when no seconds are taken for them
_WORDS: Final = rb'"([^"\\\x00-\x1f]*)"'
_SOME_WORDS: Final = rb'"([^"\\\x00-\x1f]+)"'
_TOKEN: Final = re.compile(rb'\s*("(?:[^"\\\x00-\x1f])*"|[{}\[\],:]|[^\s{}\[\],:"]+)')

ACT: Final[Mapping[Pointer, bytes]] = {
    "/entry/0/id": _NAME,
    "/entry/0/messaging/0/sender/id": _NAME,
    "/entry/0/messaging/0/timestamp": _TIME,
    "/entry/0/messaging/0/message/mid": _NAME,
    "/entry/0/messaging/0/message/text": _WORDS,
}
"""The gaps of what a person wrote, in no particular order."""

SEND: Final[Mapping[Pointer, bytes]] = {
    "/timestamp": _TIME,
    "/page_id": _NAME,
    "/request/recipient/id": _ID,
    "/request/message/text": _SOME_WORDS,
    "/response/message_id": _NAME,
}
"""The gaps of a log entry with a text."""

_FIXED: Final = ("/object", "/request/")  # what they hold decides what a record is and what is said of it


@dataclass(frozen=True, slots=True)
class Mould:
    """A pattern for whole lines; `order` says which gap each of its groups is."""

    fits: Callable[[bytes], re.Match[bytes] | None]
    order: tuple[Pointer, ...]


def mould_of(text: bytes, gaps: Mapping[Pointer, bytes]) -> Mould | None:
    """The mould of a record; None when it lacks a gap, or is spelt in a way that nothing can be made of."""
    value = orjson.loads(text)
    pattern = bytearray()
    order: list[Pointer] = []
    pointers = iter(_scalars(value))
    at, depth_keys = 0, []
    awaits_key = False
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            if text[at:].strip():
                return None  # an escape, most likely
            pattern += re.escape(text[at:])
            break
        word = token[1]
        pattern += re.escape(text[at : token.start(1)])
        at = token.end()
        if word in b"{[":
            depth_keys.append(word == b"{")
            awaits_key = word == b"{"
            pattern += re.escape(word)
        elif word in b"}]":
            depth_keys.pop()
            awaits_key = False
            pattern += re.escape(word)
        elif word in b",:":
            awaits_key = word == b"," and bool(depth_keys) and depth_keys[-1]
            pattern += word
        elif awaits_key:
            pattern += re.escape(word)
        else:
            pointer = next(pointers)
            if pointer in gaps:
                order.append(pointer)
            pattern += gaps.get(pointer) or _gap(word, pointer)
    if set(order) != set(gaps):
        return None
    try:
        return Mould(re.compile(bytes(pattern)).fullmatch, tuple(order))
    except re.error:
        return None


def _gap(word: bytes, pointer: Pointer) -> bytes:
    """What stands for a value that nothing is asked of: any of its own type."""
    if pointer.startswith(_FIXED):
        return re.escape(word)
    if word.startswith(b'"'):
        return _STRING
    return _NUMBER if re.fullmatch(_NUMBER, word) else re.escape(word)


def _scalars(value: Json, pointer: Pointer = "") -> list[Pointer]:
    """The pointers of the values that hold no others, in the order of the text."""
    if isinstance(value, dict):
        return [found for key, part in value.items() for found in _scalars(part, f"{pointer}/{escape(key)}")]
    if isinstance(value, list):
        return [found for n, part in enumerate(value) for found in _scalars(part, f"{pointer}/{n}")]
    return [pointer]
