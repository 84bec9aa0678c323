"""Conversations: their events brought together and in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

from policylint.durations import looks_like_seconds
from policylint.events import Event, Happening, PageEnforced, PageSent, PersonActed, Platform


class Addressee(StrEnum):
    """Whom a page writes to in a conversation, as far as the record tells."""

    PERSON = "person"
    TOKEN = "token"  # whoever gave this notification token
    COMMENT = "comment"  # whoever made this comment or post
    UNKNOWN = "unknown"  # a lone request, or a lone act


@dataclass(slots=True)
class Conversation:
    """All events of one person with one page, in time order; `key` is the person's id, None for a lone event.

    Where the person is not known, all events about one notification token or one comment belong together.
    `untimed` are events that no clock was recorded for, and the lone event. `platform` is the first that an event
    names, or that records of its page do.
    """

    key: str | None
    page: str | None = None
    scripted: bool = False
    addressee: Addressee = Addressee.PERSON
    platform: Platform | None = None
    events: list[Event] = field(default_factory=list)
    untimed: list[Event] = field(default_factory=list)

    @property
    def windowed(self) -> bool:
        """Whether window rules apply to `events`: else what the person did elsewhere is not known."""
        return self.addressee is Addressee.PERSON


_Group: TypeAlias = tuple[Addressee, str]


def conversations(
    happenings: Iterable[Happening], homes: Mapping[str | None, Platform] | None = None
) -> tuple[list[Conversation], int]:
    """Events brought together by person and put in order; the count is of those recorded more than once.

    `homes` are the platforms of pages, where they are known from more than these events.

    Conversations come in the order of their first event by place. A comment that no request on record answers is of no
    conversation, and enforcement concerns a page (see `enforcement`): both are left out.
    """
    together: dict[_Group, list[Event]] = {}
    alone: list[Event] = []
    events = [happening for happening in happenings if not isinstance(happening, PageEnforced)]
    for event in _addressed(sorted(events, key=_place)):
        if (group := group_of(event)) is not None:
            together.setdefault(group, []).append(event)
        else:
            alone.append(event)
    found, repeated = [], 0
    for (addressee, key), members in together.items():
        unique = _once(members)
        repeated += len(members) - len(unique)
        if addressee is not Addressee.COMMENT or any(isinstance(event, PageSent) for event in unique):
            found.append(_in_order(addressee, key, unique))
    unique = _once(alone)
    repeated += len(alone) - len(unique)
    for event in unique:
        lone = Conversation(None, event.page, addressee=Addressee.UNKNOWN, platform=event.platform, untimed=[event])
        found.append(lone)
    homes = _homes(events) if homes is None else homes
    for conversation in found:
        if conversation.platform is None and not conversation.scripted:
            conversation.platform = homes.get(conversation.page)
    return found, repeated


def _homes(events: Iterable[Event]) -> dict[str | None, Platform]:
    """The platform of each page of which the records name one only."""
    named: dict[str | None, set[Platform]] = {}
    for event in events:
        if event.platform is not None and event.page is not None and event.script is None:
            named.setdefault(event.page, set()).add(event.platform)
    return {page: next(iter(platforms)) for page, platforms in named.items() if len(platforms) == 1}


def earliest(happenings: Iterable[Happening], *, scripts: bool = False) -> int | None:
    """The time of the first event on record.

    Scripts are no record unless `scripts` says so: their times are made up, and they are complete. Nor does a time
    count that was written in the wrong unit: one such line would make the record look half a century long. Comments
    and enforcement come by webhooks of their own, so they don't show that messages were recorded by then.
    """
    times = (
        event.at
        for event in happenings
        if event.at is not None and (scripts or event.script is None) and _in_messages(event)
    )
    return min((at for at in times if not looks_like_seconds(at)), default=None)


def _in_messages(happening: Happening) -> bool:
    if isinstance(happening, PageEnforced):
        return False
    return isinstance(happening, PageSent) or happening.comment is None


def group_of(event: Event) -> _Group | None:
    """What the event belongs to, and the key of that conversation; None when nothing tells."""
    if event.script is not None:
        return Addressee.PERSON, f"script {event.script}"
    if event.person is not None:
        return Addressee.PERSON, f"person {event.person}"
    if (token := _token(event)) is not None:
        return Addressee.TOKEN, f"token {token}"
    return None if event.comment is None else (Addressee.COMMENT, f"comment {event.comment}")


def _token(event: Event) -> str | None:
    if isinstance(event, PageSent):
        return event.token
    return None if event.agreement is None else event.agreement.token


def _addressed(events: list[Event]) -> Iterator[Event]:
    """`events`, with what one record lacks and another tells.

    An entry takes person, page, time, platform and app from its echo. A notification token is the person's who opted
    in; whose a checkbox plugin's `user_ref` is, a token or a comment, the API's answer to a message tells. Scripts tell
    nothing of others: they are worlds of their own.
    """
    echoes = {
        event.message_id: event
        for event in events
        if isinstance(event, PageSent) and event.echo and event.script is None
    }
    events = [_as_echoed(event, echoes) for event in events]
    people: dict[tuple[str, str], str] = {}
    for event in events:
        if event.person is not None and event.script is None:
            for name in names_of(event):
                # The least of several, so that it does not depend on the order of the records.
                people[name] = min(people.get(name, event.person), event.person)
    for event in events:
        if event.person is None and (known := next((people[n] for n in names_of(event) if n in people), None)):
            yield replace(event, person=known)
        else:
            yield event


def _as_echoed(event: Event, echoes: dict[str | None, PageSent]) -> Event:
    if not isinstance(event, PageSent) or event.echo or event.message_id is None or event.script is not None:
        return event
    if (echo := echoes.get(event.message_id)) is None:
        return event
    return replace(
        event,
        person=event.person or echo.person,
        page=event.page or echo.page,
        at=echo.at if event.at is None else event.at,
        platform=event.platform or echo.platform,
        app_id=event.app_id or echo.app_id,
    )


def names_of(event: Event) -> Iterator[tuple[str, str]]:
    """What an event calls the person by, apart from the person's id."""
    if (token := _token(event)) is not None:
        yield "token", token
    if event.comment is not None:
        yield "comment", event.comment
    if isinstance(event, PersonActed):
        ref = event.user_ref
    else:
        recipient = event.request.get("recipient")
        ref = recipient.get("user_ref") if isinstance(recipient, dict) and event.person is not None else None
    if isinstance(ref, str):
        yield "user_ref", ref


def _in_order(addressee: Addressee, key: str, events: list[Event]) -> Conversation:
    timed = [event for event in events if event.at is not None]
    timed.sort(key=_moment)
    untimed = [event for event in events if event.at is None]
    return Conversation(
        key=key,
        page=next((event.page for event in events if event.page), None),
        scripted=events[0].script is not None,
        addressee=addressee,
        platform=next((event.platform for event in (*timed, *untimed) if event.platform), None),
        events=timed,
        untimed=untimed,
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
    ids: set[tuple[str, str]] = set()
    digests: set[bytes] = set()
    entries = {event.message_id for event in events if isinstance(event, PageSent) and not event.echo}
    out: list[Event] = []
    for event in events:
        if isinstance(event, PageSent) and event.echo and event.message_id in entries and event.message_id is not None:
            continue
        own = _own_id(event)
        if own in ids or (event.digest and event.digest in digests):
            continue
        if own is not None:
            ids.add(own)
        if event.digest:
            digests.add(event.digest)
        out.append(event)
    return out


def _own_id(event: Event) -> tuple[str, str] | None:
    """What names the event itself. The ids of people's and pages' messages are apart: the one may quote the other."""
    if isinstance(event, PageSent):
        return ("page", event.message_id) if event.message_id else None
    if event.comment is not None:
        return "comment", event.comment
    return ("person", event.mid) if event.mid else None
