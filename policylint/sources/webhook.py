"""What the platform posts to a bot: bodies, entries and single items; messages, comments, enforcement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Final

from policylint.documents.places import BrokenText
from policylint.events import Happening, Json, Origin, PageEnforced, PersonActed, Platform, read_id
from policylint.sources.acts import (
    COMMENT,
    ENFORCEMENT,
    agreement_in,
    brought_by_ad,
    kind_of,
    measure_in,
    message_id,
    message_text,
    user_ref,
)
from policylint.sources.moments import read_moment, read_moment_or_seconds
from policylint.sources.requests import canonical
from policylint.sources.sending import read_echo, read_party

_PLATFORMS: Final = {"page": Platform.MESSENGER, "instagram": Platform.INSTAGRAM}
_CHANNELS: Final = ("messaging", "standby")
_ENFORCEMENT: Final = frozenset(ENFORCEMENT)
# What in a page's feed a private reply may answer: comments, and posts that a visitor made in whatever form.
_POSTS: Final = frozenset({"post", "status", "photo", "video", "share", "link", "note", "album"})
_MEDIA_COMMENTS: Final = ("comments", "live_comments")  # Instagram's fields


def is_webhook(value: dict[str, Json]) -> bool:
    """Whether a JSON object is a webhook body about a page, or an entry or item out of one."""
    if isinstance(value.get("entry"), list):
        return value.get("object", "page") in tuple(_PLATFORMS)
    if any(isinstance(value.get(channel), list) for channel in _CHANNELS) or _is_entry_of_changes(value):
        return True
    # An item; one about enforcement has no sender.
    return isinstance(value.get("recipient"), dict) and (
        isinstance(value.get("sender"), dict) or not _ENFORCEMENT.isdisjoint(value)
    )


def _is_entry_of_changes(value: dict[str, Json]) -> bool:
    changes = value.get("changes")
    return (
        isinstance(changes, list)
        and bool(changes)
        and not {"id", "time"}.isdisjoint(value)
        and all(isinstance(change, dict) and isinstance(change.get("field"), str) for change in changes)
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    """What an entry says of all its items."""

    origin: Origin
    page: str | None = None
    time: Json = None
    platform: Platform | None = None

    def at(self, base: str) -> Origin:
        return replace(self.origin, base=base)


def read_webhook(value: Json, origin: Origin) -> Iterator[Happening]:
    """What a webhook body, entry or item tells of. Raises BrokenText when it makes no sense."""
    if not isinstance(value, dict) or not is_webhook(value):
        raise BrokenText("not a webhook body")
    named = value.get("object")
    platform = _PLATFORMS.get(named) if isinstance(named, str) else None
    if isinstance(value.get("entry"), list):
        for n, entry in enumerate(value["entry"]):
            if not isinstance(entry, dict):
                raise BrokenText(f"entry {n} of the webhook body is not an object")
            yield from _entry(entry, origin, f"/entry/{n}", platform)
    elif any(isinstance(value.get(name), list) for name in (*_CHANNELS, "changes")):
        yield from _entry(value, origin, "", platform)
    else:
        yield from _item(value, _Entry(origin, platform=platform), "")


def _entry(value: dict[str, Json], origin: Origin, base: str, platform: Platform | None) -> Iterator[Happening]:
    entry = _Entry(origin, read_id(value.get("id")), value.get("time"), platform)
    for channel in (*_CHANNELS, "changes"):
        items = value.get(channel)
        if items is None:
            continue
        if not isinstance(items, list):
            raise BrokenText(f"{channel} of the webhook body is not an array")
        for n, item in enumerate(items):
            if not isinstance(item, dict):
                raise BrokenText(f"item {n} of {channel} is not an object")
            read = _change if channel == "changes" else _item
            yield from read(item, entry, f"{base}/{channel}/{n}")


def _item(item: dict[str, Json], entry: _Entry, base: str) -> Iterator[Happening]:
    # Some recordings have the bare id in place of the object.
    sender, recipient = (read_party(item.get(side)) or read_id(item.get(side)) for side in ("sender", "recipient"))
    stamp = item.get("timestamp")
    at = read_moment(stamp if stamp is not None else entry.time, "timestamp")
    message = item.get("message")
    if isinstance(message, dict) and message.get("is_echo"):
        echo = read_echo(message, entry.at(base), person=recipient, page=entry.page or sender, at=at)
        yield replace(echo, digest=digest_of([at, item]), platform=entry.platform)
        return
    page = entry.page or recipient
    if (kind := kind_of(item)) is None:
        if (measure := measure_in(item)) is not None:
            digest = digest_of([at, page, item])
            yield PageEnforced(entry.at(base), page, at, measure, digest=digest, platform=entry.platform)
        return
    if kind == "message" and not isinstance(message, dict | list):
        raise BrokenText("a message of the webhook body is not an object")
    if sender is None and not kind.startswith("optin"):  # a checkbox plugin knows the person by user_ref only
        raise BrokenText(f"a {kind} of the webhook body does not say who sent it")
    yield PersonActed(
        origin=entry.at(base),
        person=sender,
        page=page,
        at=at,
        kind=kind,
        text=message_text(item) if kind == "message" else None,
        mid=message_id(item),
        user_ref=user_ref(item),
        digest=digest_of([at, item]),
        platform=entry.platform,
        agreement=agreement_in(item),
        from_ad=brought_by_ad(item),
    )


def _change(change: dict[str, Json], entry: _Entry, base: str) -> Iterator[Happening]:
    """A comment or visitor post. Who made it is known by an id that is not the page-scoped one of messages."""
    value = change.get("value")
    if not isinstance(value, dict):
        return
    found = _commented(change.get("field"), value)
    # What the page itself writes under its posts comes by the same way.
    if found is None or (entry.page is not None and read_party(value.get("from")) == entry.page):
        return
    # Unlike those of messages, the times of changes are epoch seconds.
    created = value.get("created_time")
    at = read_moment_or_seconds(created if created is not None else entry.time, "created_time")
    yield PersonActed(
        origin=entry.at(base),
        person=None,
        page=entry.page,
        at=at,
        kind=COMMENT,
        digest=digest_of([at, value]),
        platform=entry.platform,
        comment=found,
    )


def _commented(field: Json, value: Mapping[str, Json]) -> str | None:
    """The id of the comment or post that a change adds; None for every other change."""
    if field in _MEDIA_COMMENTS:
        return read_id(value.get("id"))
    if field != "feed" or value.get("verb") != "add":
        return None
    item = value.get("item")
    if item == "comment":
        return read_id(value.get("comment_id")) or read_id(value.get("post_id"))
    return read_id(value.get("post_id")) if isinstance(item, str) and item in _POSTS else None


def digest_of(value: Json) -> bytes:
    """What tells identical records apart from others."""
    return blake2b(canonical(value), digest_size=16).digest()
