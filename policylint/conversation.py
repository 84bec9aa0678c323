"""Conversations: their events brought together and in order, and what is known of the window at each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from policylint.durations import looks_like_seconds
from policylint.editions import Edition
from policylint.events import Event, History, PageSent, PersonActed


@dataclass(frozen=True, slots=True)
class Window:
    """What is known of a conversation just before an event. Times are microseconds since 1970, UTC."""

    last_action: int | None = None  # the person's last one that opens or refreshes
    extra_messages_sent: int = 0  # since then, outside the window
    messages_sent: int = 0  # by the page, ever
    opted_out: bool = False
    person_wrote: bool = False
    acted_undated: bool = False  # the person acted at some time that was not recorded

    @property
    def started(self) -> bool:
        """Whether an action of the person is on record that opens the window."""
        return self.last_action is not None or self.acted_undated

    def age(self, at: int) -> int | None:
        """How long ago the person last acted; None when that is not on record."""
        return None if self.last_action is None else at - self.last_action

    def state(self, at: int, edition: Edition, horizon: Horizon) -> str:
        """`open`, `closed` or `unknown` at the time `at`.

        With no dated action on record the window is closed when the record is complete, or reaches back further than a
        window is long; otherwise the action may just not have been recorded.
        """
        length = edition.window + horizon.clock_skew
        age = self.age(at)
        if age is not None:
            return "open" if age <= length else "closed"
        if self.acted_undated:
            return "unknown"
        if horizon.history is History.COMPLETE:
            return "closed"
        return "closed" if horizon.earliest is not None and at - horizon.earliest > length else "unknown"


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far the record reaches: `earliest` is the time of the run's first event, all recordings together."""

    history: History = History.PARTIAL
    earliest: int | None = None
    clock_skew: int = 0


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


def at_start(conversation: Conversation, edition: Edition) -> Window:
    """The window before a conversation's first dated event: what undated ones tell of it."""
    undated = [event for event in conversation.untimed if isinstance(event, PersonActed)]
    return Window(
        person_wrote=any(event.kind == "message" for event in undated),
        acted_undated=any(event.kind in edition.opens for event in undated),
    )


def acted(window: Window, event: PersonActed, edition: Edition, *, opt_out: bool) -> Window:
    """The window after the person acted; `opt_out` says that the action was a wish to stop."""
    wrote = window.person_wrote or event.kind == "message"
    if event.kind in edition.opens:
        window = replace(window, last_action=event.at, extra_messages_sent=0)
    return replace(window, opted_out=opt_out, person_wrote=wrote)


def sent(window: Window, *, extra: bool) -> Window:
    """The window after the page's message; `extra` says that it was one outside the window, without a tag."""
    return replace(
        window,
        messages_sent=window.messages_sent + 1,
        extra_messages_sent=window.extra_messages_sent + extra,
    )


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
