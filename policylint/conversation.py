"""Conversations: their events brought together and in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from policylint.durations import looks_like_seconds
from policylint.events import Event, PageSent, PersonActed


@dataclass(slots=True)
class Conversation:
    """All events of one person with one page, in time order; `key` is the person's id, None for a lone request.

    `untimed` are events that no clock was recorded for, and the lone request: no window rule applies to them.
    """

    key: str | None
    page: str | None = None
    scripted: bool = False
    events: list[Event] = field(default_factory=list)
    untimed: list[Event] = field(default_factory=list)


def conversations(events: Iterable[Event]) -> tuple[list[Conversation], int]:
    """Events brought together by person and put in order; the count is of those recorded more than once.

    Conversations come in the order of their first event by place.
    """
    together: dict[str, list[Event]] = {}
    alone: list[Event] = []
    for event in _addressed(sorted(events, key=_place)):
        if event.script is not None:
            together.setdefault(f"script {event.script}", []).append(event)
        elif event.person is not None:
            together.setdefault(f"person {event.person}", []).append(event)
        else:
            alone.append(event)
    found, repeated = [], 0
    for key, group in together.items():
        unique = _once(group)
        repeated += len(group) - len(unique)
        found.append(_in_order(key, unique))
    unique = _once(alone)
    repeated += len(alone) - len(unique)
    found += [Conversation(None, event.page, untimed=[event]) for event in unique]
    return found, repeated


def earliest(events: Iterable[Event], *, scripts: bool = False) -> int | None:
    """The time of the first event on record.

    Scripts are no record unless `scripts` says so: their times are made up, and they are complete. Nor does a time
    count that was written in the wrong unit: one such line would make the record look half a century long.
    """
    times = (event.at for event in events if event.at is not None and (scripts or event.script is None))
    return min((at for at in times if not looks_like_seconds(at)), default=None)


def _addressed(events: list[Event]) -> Iterator[Event]:
    """`events`, with what one record lacks and another tells.

    An entry takes person, page and time from its echo. The opt-in of a checkbox plugin names a `user_ref` in place of
    the person; whose it is, the API's answer to the first message tells.
    """
    refs: dict[str, str] = {}
    for event in events:
        recipient = event.request.get("recipient") if isinstance(event, PageSent) else None
        if isinstance(recipient, dict) and isinstance(ref := recipient.get("user_ref"), str) and event.person:
            refs[ref] = event.person
    echoes = {event.message_id: event for event in events if isinstance(event, PageSent) and event.echo}
    for event in events:
        if isinstance(event, PersonActed) and event.person is None and event.user_ref in refs:
            yield replace(event, person=refs[event.user_ref or ""])
            continue
        echo = echoes.get(event.message_id) if isinstance(event, PageSent) and event.message_id else None
        if echo is None or not isinstance(event, PageSent) or event.echo:
            yield event
        else:
            at = echo.at if event.at is None else event.at
            yield replace(event, person=event.person or echo.person, page=event.page or echo.page, at=at)


def _in_order(key: str, events: list[Event]) -> Conversation:
    timed = [event for event in events if event.at is not None]
    timed.sort(key=_moment)
    return Conversation(
        key=key,
        page=next((event.page for event in events if event.page), None),
        scripted=key.startswith("script "),
        events=timed,
        untimed=[event for event in events if event.at is None],
    )


def _place(event: Event) -> tuple[str, int, int]:
    return event.origin.source, event.origin.record, event.origin.nth


def _moment(event: Event) -> tuple[int, bool]:
    """At one instant the person comes before the page; the sort is stable, so else recorded order stays."""
    return event.at or 0, isinstance(event, PageSent)


def _once(events: list[Event]) -> list[Event]:
    """`events` (in recorded order) without those that another record shows already.

    A log entry keeps its place before an echo of the same message; a bare request is never a repetition, since two
    alike fixtures are two messages.
    """
    mids: set[tuple[str, str]] = set()
    digests: set[bytes] = set()
    entries = {event.message_id for event in events if isinstance(event, PageSent) and not event.echo}
    out: list[Event] = []
    for event in events:
        person = isinstance(event, PersonActed)
        mid = event.mid if isinstance(event, PersonActed) else event.message_id
        if isinstance(event, PageSent) and event.echo and mid in entries and mid is not None:
            continue
        if (mid and (side := ("person" if person else "page", mid)) in mids) or (
            event.digest and event.digest in digests
        ):
            continue
        if mid:
            mids.add(side)
        if event.digest:
            digests.add(event.digest)
        out.append(event)
    return out
