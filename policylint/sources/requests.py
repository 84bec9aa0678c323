"""Send requests as clients write them: JSON, JSON in strings, forms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl

import orjson

from policylint.documents import jsontext
from policylint.documents.places import BrokenText, escape
from policylint.events import Json, Pointer

_NESTED: Final = ("recipient", "message")
_KNOWN: Final = frozenset({"text", "attachment", "quick_replies", "metadata", "attachments", "sticker_id", "template"})
_BESIDE: Final = frozenset({"messaging_type", "tag", "notification_type", "sender_action"})


class Request:
    """A send request with its JSON-in-string parts read, and what is odd about how it was written."""

    __slots__ = ("broken", "repeated", "value")

    def __init__(self, value: dict[str, Json]) -> None:
        self.value = value
        self.broken: list[tuple[Pointer, str]] = []
        self.repeated: list[Pointer] = []


def is_send_request(value: dict[str, Json]) -> bool:
    """Whether a JSON object is meant as a send request, a wrong one perhaps.

    One with neither recipient nor anything else of a request is none: `{"message": {"attachment": …}}` alone is the
    upload of an attachment.
    """
    if "sender" in value or "is_echo" in value:
        return False
    message = value.get("message")
    if "recipient" in value:
        return isinstance(value["recipient"], dict | str | None) and (
            len(value) == 1 or "message" in value or not _BESIDE.isdisjoint(value)
        )
    if isinstance(message, str):
        return not _BESIDE.isdisjoint(value)
    if not isinstance(message, dict):
        return isinstance(value.get("sender_action"), str)
    return not _BESIDE.isdisjoint(value) or ("text" in message and _KNOWN.issuperset(message))


def read_request(value: Json) -> Request | None:
    """The send request that `value` is: an object, a JSON text or a form; None when it is none of them."""
    if isinstance(value, dict):
        request = Request(dict(value))
    elif isinstance(value, str):
        text = value.strip()
        if text.startswith("{"):
            return _from_json(text)
        if "=" not in text:
            return None
        request = Request({})
        for name, part in parse_qsl(text, keep_blank_values=True):
            if name in request.value:
                request.repeated.append(f"/{escape(name)}")
            request.value[name] = part
    else:
        return None
    for name in _NESTED:
        field = request.value.get(name)
        if isinstance(field, str) and field.lstrip()[:1] in ("{", "["):
            _unfold(request, name, field)
    return request


def _from_json(text: str) -> Request | None:
    try:
        value = jsontext.parse(text.encode())
    except (BrokenText, UnicodeEncodeError):
        return None
    request = read_request(value) if isinstance(value, dict) else None
    if request is not None:
        request.repeated += jsontext.repeated_keys(text)
    return request


def _unfold(request: Request, name: str, text: str) -> None:
    data = text.encode(errors="replace")
    try:
        value = jsontext.parse(data)
    except BrokenText as broken:
        request.broken.append((f"/{name}", broken.reason))
        return
    request.value[name] = value
    if jsontext.repeats_keys(data, value):
        request.repeated += [f"/{name}{pointer}" for pointer in jsontext.repeated_keys(text)]


def canonical(value: Json) -> bytes:
    """One spelling of `value`: keys sorted, no spaces."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        # orjson reads 1024 levels of nesting and writes 254: what lies deeper is spelt leaf by leaf.
        return repr(sorted(_leaves(value))).encode()


def _leaves(value: Json) -> Iterator[tuple[Pointer, str]]:
    waiting: list[tuple[Pointer, Json]] = [("", value)]
    while waiting:
        pointer, item = waiting.pop()
        if isinstance(item, dict):
            waiting += [(f"{pointer}/{escape(str(key))}", part) for key, part in item.items()]
        elif isinstance(item, list):
            waiting += [(f"{pointer}/{n}", part) for n, part in enumerate(item)]
        yield pointer, type(item).__name__ if isinstance(item, dict | list) else repr(item)
