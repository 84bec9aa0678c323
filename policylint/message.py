"""What a message consists of: its content, the texts that a person would read, and its links."""

from __future__ import annotations

from collections.abc import Container, Iterator
from functools import lru_cache
from itertools import repeat
from typing import Final, TypeAlias

from policylint.documents.places import escape
from policylint.events import Json, Pointer

# What a person reads in a message. Never payload strings, metadata or addresses.
_READ: Final = frozenset(
    {
        "text",
        "title",
        "subtitle",
        "intro_message",
        "header_text_field",
        "merchant_name",
        "button_title",
        "follow_up",
        "placeholder",
        "coupon_pre_message",
        "coupon_url_button_title",
    }
)
_UNREAD: Final = "metadata"  # for the bot itself, whatever it holds
# Where a request has its content; a utility message may have it at the top level.
_PARTS: Final = ("template", "message")
_LINKS: Final = frozenset({"url", "image_url", "fallback_url", "item_url", "order_url", "checkin_url", "coupon_url"})

# What is left of a dict or a list: each with its key (in a list, the key of the list), its step of a pointer, itself.
_Parts: TypeAlias = Iterator[tuple[str, str | int, Json]]


def content_of(request: dict[str, Json]) -> str:
    """The content kind: `text`, `image`, …, `template:generic`; `none` where it can't be told."""
    message = request.get("message")
    if not isinstance(message, dict):
        return "none"
    attachment = message.get("attachment")
    if isinstance(attachment, dict):
        kind = attachment.get("type")
        if kind == "template":
            payload = attachment.get("payload")
            name = payload.get("template_type") if isinstance(payload, dict) else None
            return f"template:{name}" if isinstance(name, str) and name else "none"
        return kind if isinstance(kind, str) and kind else "none"
    return "text" if isinstance(message.get("text"), str) and message["text"] else "none"


def words_of(request: dict[str, Json]) -> list[str]:
    """The texts of `texts_of` without their pointers, in the same order; several times cheaper."""
    words: list[str] = []
    try:
        for name in _PARTS:
            if name in request:
                _gather(name, request[name], words)
        return words
    except RecursionError:
        return _words_of_deep(request)


def _gather(key: str, value: Json, words: list[str]) -> None:
    """Add the texts in the value of a key."""
    if isinstance(value, dict):
        if key == _UNREAD:
            return
        for name, part in value.items():
            if isinstance(part, str):
                if part and name in _READ:
                    words.append(part)
            elif isinstance(part, (dict, list)):
                _gather(name, part, words)
    elif isinstance(value, list):
        if key == _UNREAD:
            return
        for part in value:
            _gather(key, part, words)
    elif isinstance(value, str) and value and key in _READ:
        words.append(value)


def _words_of_deep(request: dict[str, Json]) -> list[str]:
    """The same without recursion: a request may be nested as deep as JSON can be."""
    words: list[str] = []
    outer: list[Iterator[tuple[str, Json]]] = []
    parts: Iterator[tuple[str, Json]] = iter([(name, request.get(name)) for name in _PARTS])
    while True:
        for key, value in parts:
            if isinstance(value, str):
                if key in _READ and value:
                    words.append(value)
            elif isinstance(value, dict):
                if key != _UNREAD:
                    outer.append(parts)
                    parts = iter(value.items())
                    break
            elif isinstance(value, list) and key != _UNREAD:
                outer.append(parts)
                parts = zip(repeat(key), value)
                break
        else:
            if not outer:
                return words
            parts = outer.pop()


def texts_of(request: dict[str, Json]) -> list[tuple[Pointer, str]]:
    """The texts that the person would read, each with its pointer, in the order of the request."""
    return _strings(request, _READ)


def links_of(request: dict[str, Json]) -> list[tuple[Pointer, str]]:
    """The addresses in the message, each with its pointer, in the order of the request."""
    return _strings(request, _LINKS)


def _strings(request: dict[str, Json], keys: Container[str]) -> list[tuple[Pointer, str]]:
    """The strings in the message that stand at one of `keys`, or in a list there, each with its pointer.

    Depth first, without recursion: a request may be nested as deep as JSON can be.
    """
    found: list[tuple[Pointer, str]] = []
    outer: list[tuple[_Parts, Pointer]] = []
    parts: _Parts = iter([(name, name, request.get(name)) for name in _PARTS])
    pointer = ""
    while True:
        for key, step, value in parts:
            if isinstance(value, str):
                if key in keys and value:
                    found.append((pointer + _token(step), value))
            elif isinstance(value, (dict, list)) and key != _UNREAD:
                outer.append((parts, pointer))
                pointer += _token(step)
                if isinstance(value, dict):
                    parts = zip(value, value, value.values(), strict=True)
                else:
                    parts = zip(repeat(key), range(len(value)), value, strict=False)
                break
        else:
            if not outer:
                return found
            parts, pointer = outer.pop()


@lru_cache(maxsize=512)
def _token(step: str | int) -> str:
    """A step as the last part of a pointer. Requests have few keys, over and over."""
    return f"/{escape(str(step))}"
