"""From edition files to editions: each edition of a file says only what it changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from policylint.durations import days_from, parse_duration
from policylint.editions import Edition, Editions, NotificationTerms, Tag
from policylint.events import Json, Platform
from policylint.suggestions import hint

# What an edition does not hand on to the next one.
_OWN: Final = frozenset({"id", "title", "summary", "since", "boundary", "uncertain", "source", "every_tag"})


class EditionError(ValueError):
    """An edition that can't be; `edition` is its id."""

    def __init__(self, edition: str, reason: str) -> None:
        super().__init__(f"{edition}: {reason}")
        self.edition = edition


def editions_from_files(files: Iterable[Mapping[str, Json]]) -> Editions:
    """The editions that the values of valid edition files describe (see `schemas/editions.schema.json`).

    Several files may tell of one platform: their editions are put in the order of their days, so that a file of one's
    own can go on where the shipped ones end. Raises EditionError for one that can't be: its id or day is another's, it
    is the first and says too little, a day or a duration is none, a tag is new and says too little.
    """
    by_platform: dict[Platform, list[Mapping[str, Json]]] = {platform: [] for platform in Platform}
    for file in files:
        by_platform[Platform(file["platform"])] += file["editions"]
    found: list[Edition] = []
    for platform, entries in by_platform.items():
        found += _folded(platform, sorted(entries, key=lambda entry: str(entry["since"])))
    return Editions(tuple(found))


def _folded(platform: Platform, entries: Sequence[Mapping[str, Json]]) -> list[Edition]:
    state: dict[str, Any] = {"tags": {}}
    found: list[Edition] = []
    for n, entry in enumerate(entries):
        _check_place(platform, entry, entries[n - 1] if n else None)
    for n, entry in enumerate(entries):
        name = entry["id"]
        state = _changed({key: value for key, value in state.items() if key not in _OWN}, entry)
        if lacking := [key for key in _NEEDED if key not in state]:
            raise EditionError(name, f"it is the first edition and does not say {', '.join(lacking)}")
        try:
            later = days_from(entries[n + 1]["since"], -1) if n + 1 < len(entries) else None
            found.append(_edition(platform, state, later))
        except KeyError as error:
            raise EditionError(name, f"a tag that is new has to tell its {error.args[0]}") from None
        except ValueError as error:
            raise EditionError(name, str(error)) from None
    _check_successors(found)
    _check_terms(found)
    return found


def _check_terms(found: Sequence[Edition]) -> None:
    for edition in found:
        days = [terms.since for terms in edition.notification_terms]
        if days != sorted(set(days)):
            raise EditionError(edition.id, "recurring_notifications are not in the order of their days")
        if days and days[0] > edition.since:
            raise EditionError(edition.id, "the first of recurring_notifications begins after the edition")


def _check_place(platform: Platform, entry: Mapping[str, Json], before: Mapping[str, Json] | None) -> None:
    """Rules say where they are in force by id, so ids of a platform have to sort as the editions do."""
    name, prefix = entry["id"], "" if platform is Platform.MESSENGER else f"{platform}-"
    try:
        days = [date.fromisoformat(day) for day in (entry["since"], *entry.get("uncertain", ()))]
    except ValueError as error:
        raise EditionError(name, f"not a day of the calendar ({error})") from None
    if name.rpartition("-")[0].rpartition("-")[0] != prefix.removesuffix("-"):
        raise EditionError(name, f"ids of {platform}'s editions are written {prefix}{entry['since'][:7]}")
    if len(days) == _WITH_UNCERTAIN and not days[1] <= days[0] <= days[2] + timedelta(days=1):
        raise EditionError(name, "since does not lie within the uncertain days, or on the day after")
    if before is None:
        return
    if entry["since"] == before["since"]:
        raise EditionError(name, f"it begins on the same day as {before['id']}")
    if name == before["id"]:
        raise EditionError(name, "two editions are called so")
    if name < before["id"]:
        raise EditionError(name, f"it begins after {before['id']}, so its id has to sort after that")


def _check_successors(found: Sequence[Edition]) -> None:
    known = {name for edition in found for name in edition.tags}
    for edition in found:
        for tag in edition.tags.values():
            if tag.successor is not None and tag.successor not in known:
                raise EditionError(edition.id, f"no edition has {tag.name}'s successor {tag.successor}")


_WITH_UNCERTAIN: Final = 3
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
            if name not in tags:
                known = f"there are {', '.join(tags)}"
                raise EditionError(entry["id"], f"there is no {name} to end; {hint(name, tags, known)}")
            del tags[name]
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
        subscription_type=data.get("subscription_type", False),
        messaging_type=data["messaging_type"],
        tags={name: _tag(name, tag) for name, tag in data["tags"].items()},
        other_tags=data.get("other_tags", "error"),
        news_messaging=data.get("news_messaging", False),
        private_reply_within=_span(replies.get("within")),
        private_reply_tagged=replies.get("tagged", True),
        one_time_token_life=_span(one_time["life"]) if one_time else None,
        one_time_since=one_time.get("since", "") if one_time else "",
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
        contents=tuple(data["contents"]),
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
