"""From edition files to editions: each edition of a file says only what it changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from policylint.durations import parse_duration
from policylint.editions import Edition, Editions, NotificationTerms, Tag
from policylint.events import Json, Platform

# What an edition does not hand on to the next one.
_OWN: Final = frozenset({"id", "title", "summary", "since", "boundary", "uncertain", "source"})


def editions_from_files(files: Iterable[Mapping[str, Json]]) -> Editions:
    """The editions that the values of valid edition files describe (see `schemas/editions.schema.json`).

    Several files may tell of one platform: their editions are put in the order of their days, so that a file of one's
    own can go on where the shipped ones end. Raises ValueError for an edition that can't be: two of one id or day, or
    a first one that says too little.
    """
    by_platform: dict[Platform, list[dict[str, Json]]] = {platform: [] for platform in Platform}
    for file in files:
        by_platform[Platform(file["platform"])] += file["editions"]
    found: list[Edition] = []
    for platform, entries in by_platform.items():
        found += _folded(platform, sorted(entries, key=lambda entry: str(entry["since"])))
    ids = [edition.id for edition in found]
    for name in ids:
        if ids.count(name) > 1:
            raise ValueError(f"two editions are called {name}")
    return Editions(tuple(found))


def _folded(platform: Platform, entries: Sequence[Mapping[str, Json]]) -> list[Edition]:
    state: dict[str, Any] = {"tags": {}}
    found = []
    for n, entry in enumerate(entries):
        if n and entry["since"] == entries[n - 1]["since"]:
            raise ValueError(f"{entry['id']} begins on the same day as {entries[n - 1]['id']}")
        state = _changed({name: value for name, value in state.items() if name not in _OWN}, entry)
        if lacking := [name for name in _NEEDED if name not in state]:
            raise ValueError(f"{entry['id']} is the first edition and does not say {', '.join(lacking)}")
        later = entries[n + 1]["since"] if n + 1 < len(entries) else None
        found.append(_edition(platform, state, None if later is None else _day_before(later)))
    return found


_NEEDED: Final = (
    "window",
    "extra_messages",
    "opens",
    "exempt_contents",
    "subscription_messaging",
    "messaging_type",
)


def _changed(before: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """What holds after an edition's changes to what held before."""
    tags = {name: {**tag, **entry.get("every_tag", {})} for name, tag in before["tags"].items()}
    for name, tag in entry.get("tags", {}).items():
        if tag is None:
            tags.pop(name, None)
        elif "purpose" in tag and "contents" in tag:
            tags[name] = tag  # told in full: nothing of an older meaning stays
        else:
            tags[name] = {**tags.get(name, {}), **tag}
    return {**before, **entry, "tags": tags}


def _edition(platform: Platform, data: Mapping[str, Json], until: str | None) -> Edition:
    replies, ended = data.get("private_replies") or {}, data.get("recurring_notifications_ended")
    one_time, kinds = data.get("one_time_notifications"), data.get("promotional_kinds")
    return Edition(
        id=data["id"],
        title=data["title"],
        summary=data["summary"],
        platform=platform,
        since=data["since"],
        until=until,
        uncertain=tuple(data["uncertain"]) if "uncertain" in data else None,
        window=_span(data["window"]),
        extra_messages=data["extra_messages"],
        opens=frozenset(data["opens"]),
        exempt_contents=frozenset(data["exempt_contents"]),
        subscription_messaging=data["subscription_messaging"],
        messaging_type=data["messaging_type"],
        tags={name: _tag(name, tag) for name, tag in data["tags"].items()},
        other_tags=data.get("other_tags", "error"),
        news_messaging=data.get("news_messaging", False),
        private_reply_within=_span(replies.get("within")),
        private_reply_tagged=replies.get("tagged", True),
        one_time_token_life=_span(one_time["life"]) if one_time else None,
        notification_terms=tuple(map(_terms, data.get("recurring_notifications") or ())),
        notifications_kept_in=tuple(ended["kept_in"]) if ended else None,
        utility_messages=data.get("utility_messages", False),
        ad_window=_span(data.get("ad_window")),
        promotional_kinds=None if kinds is None else frozenset(kinds),
        source=tuple(data["source"]),
    )


def _tag(name: str, data: Mapping[str, Json]) -> Tag:
    def texts(key: str) -> tuple[str, ...]:
        return tuple(data.get(key) or ())

    return Tag(
        name=name,
        purpose=data["purpose"],
        contents=texts("contents"),
        topics=texts("topics"),
        forbids=texts("forbids"),
        needs=texts("needs"),
        age_limit=_span(data.get("age_limit")),
        examples=texts("examples"),
        disallowed=texts("disallowed"),
        disputed_contents=texts("disputed_contents"),
        successor=data.get("successor"),
        doubt=data.get("doubt"),
        retiring_since=data.get("retiring_since"),
    )


def _terms(data: Mapping[str, Json]) -> NotificationTerms:
    burst = data.get("burst") or {}
    return NotificationTerms(
        since=data["since"],
        gaps=_spans(data.get("gaps")),
        every=_span(data.get("every")),
        life=_spans(data.get("life")),
        burst=burst.get("messages", 0),
        burst_within=_span(burst.get("within")) or 0,
    )


def _span(text: str | None) -> int | None:
    return None if text is None else parse_duration(text)


def _spans(data: Mapping[str, str] | None) -> dict[str, int]:
    return {name: parse_duration(text) for name, text in (data or {}).items()}


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()
