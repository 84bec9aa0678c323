"""The window: what is known of a conversation just before each of its events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from policylint.conversation import Conversation
from policylint.editions import Edition
from policylint.events import History, PersonActed

_WRITES: Final = frozenset({"message", "postback"})
_SPEAKS: Final = frozenset({"message", "comment"})


@dataclass(frozen=True, slots=True)
class Window:
    """What is known of a conversation just before an event. Times are microseconds since 1970, UTC."""

    actions: Mapping[str, int] = field(default_factory=dict)  # the person's last one of each kind
    undated: frozenset[str] = frozenset()  # kinds of actions whose time was not recorded
    extras: int = 0  # the page's messages outside the window, without a tag, since it was last opened
    last_extra: int | None = None  # when the last of them was sent
    messages_sent: int = 0  # by the page, ever
    opted_out: bool = False
    person_wrote: bool = False
    ad_opened: int | None = None  # the first message after an ad that opens conversations, or the tap on it
    ad_followed: bool = False  # the person came through an ad, and has not written since

    def started(self, edition: Edition) -> bool:
        """Whether an action of the person is on record that opens the window under `edition`."""
        return not edition.opens.isdisjoint(self.actions) or not edition.opens.isdisjoint(self.undated)

    def last_action(self, edition: Edition) -> int | None:
        """When the person last did what opens or refreshes the window under `edition`."""
        return max((at for kind, at in self.actions.items() if kind in edition.opens), default=None)

    def age(self, at: int, edition: Edition) -> int | None:
        """How long ago that was; None when it is not on record."""
        last = self.last_action(edition)
        return None if last is None else at - last

    def extra_messages_sent(self, edition: Edition) -> int:
        """How many messages were sent outside the window, without a tag, since the person's last action."""
        last = self.last_action(edition)
        return 0 if last is not None and self.last_extra is not None and self.last_extra < last else self.extras

    def state(self, at: int, edition: Edition, horizon: Horizon) -> str:
        """`open`, `closed` or `unknown` at the time `at`; open, too, where no rule about time is on record.

        With no dated action on record the window is closed when the record is complete, or reaches back further than a
        window is long; otherwise the action may just not have been recorded.
        """
        if edition.window is None:
            return "open"
        length = edition.window + horizon.clock_skew
        age = self.age(at, edition)
        if age is not None:
            if age <= length:
                return "open"
            return "unknown" if self.ad_may_have_opened(at, edition, horizon) else "closed"
        if not edition.opens.isdisjoint(self.undated):
            return "unknown"
        if horizon.history is History.COMPLETE:
            return "closed"
        return "closed" if horizon.earliest is not None and at - horizon.earliest > length else "unknown"

    def ad_may_have_opened(self, at: int, edition: Edition, horizon: Horizon) -> bool:
        """Whether an ad may have opened the window for so long: which ads and accounts qualify is not known."""
        if edition.ad_window is None or self.ad_opened is None:
            return False
        return at - self.ad_opened <= edition.ad_window + horizon.clock_skew


@dataclass(frozen=True, slots=True)
class Horizon:
    """How far the record reaches: `earliest` is the time of the run's first event, all recordings together."""

    history: History = History.PARTIAL
    earliest: int | None = None
    clock_skew: int = 0


def at_start(conversation: Conversation) -> Window:
    """The window before a conversation's first dated event: what undated ones tell of it."""
    kinds = frozenset(event.kind for event in conversation.untimed if isinstance(event, PersonActed))
    return Window(person_wrote="message" in kinds, undated=kinds)


def acted(window: Window, event: PersonActed, edition: Edition, *, opt_out: bool) -> Window:
    """The window after the person acted; `opt_out` says that the action was a wish to stop.

    Whether an action opens the window is asked at each message anew, under the edition of its own day.
    """
    if event.at is None:
        return window
    writes = event.kind in _WRITES
    stops = event.agreement is not None and event.agreement.stops
    tapped = event.from_ad or (writes and window.ad_followed)  # the longer window counts from the message after the tap
    return replace(
        window,
        actions={**window.actions, event.kind: event.at},
        extras=0 if event.kind in edition.opens else window.extras,
        # Who stops notifications, or writes a comment for all to see, does not wish to hear more.
        opted_out=opt_out or (window.opted_out and (event.comment is not None or stops)),
        person_wrote=window.person_wrote or event.kind in _SPEAKS,
        ad_opened=event.at if tapped else window.ad_opened,
        ad_followed=(event.from_ad or window.ad_followed) and not writes,
    )


def sent(window: Window, at: int | None, *, extra: bool) -> Window:
    """The window after the page's message at `at`; `extra` says that it was one outside the window, without a tag."""
    return Window(  # not `replace`: this runs for every message
        actions=window.actions,
        undated=window.undated,
        extras=window.extras + extra,
        last_extra=at if extra else window.last_extra,
        messages_sent=window.messages_sent + 1,
        opted_out=window.opted_out,
        person_wrote=window.person_wrote,
        ad_opened=window.ad_opened,
        ad_followed=window.ad_followed,
    )
