"""What a message consists of: its content, the texts that a person would read, and its links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

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
# Where a request has its content; a utility message may have it at the top level.
_PARTS: Final = ("template", "message")
_LINKS: Final = frozenset({"url", "image_url", "fallback_url", "item_url", "order_url", "checkin_url", "coupon_url"})


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


def texts_of(request: dict[str, Json]) -> list[tuple[Pointer, str]]:
    """The texts that the person would read, each with its pointer, in the order of the request."""
    return [(pointer, value) for pointer, key, value in _strings(request) if key in _READ and value]


def links_of(request: dict[str, Json]) -> list[tuple[Pointer, str]]:
    """The addresses in the message, each with its pointer, in the order of the request."""
    return [(pointer, value) for pointer, key, value in _strings(request) if key in _LINKS and value]


def _strings(request: dict[str, Json]) -> Iterator[tuple[Pointer, str, str]]:
    """Each string in the message: pointer, its own key, itself. Depth first, without recursion."""
    waiting: list[tuple[Pointer, str, Json]] = [(f"/{name}", name, request.get(name)) for name in _PARTS]
    while waiting:
        pointer, key, value = waiting.pop()
        if isinstance(value, str):
            yield pointer, key, value
        elif isinstance(value, dict):
            waiting += [
                (f"{pointer}/{escape(name)}", name, part)
                for name, part in reversed(value.items())
                if name != "metadata"
            ]
        elif isinstance(value, list):
            waiting += [(f"{pointer}/{n}", key, value[n]) for n in range(len(value) - 1, -1, -1)]
