"""The window: what is known of a conversation just before each of its events."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from policylint.conversation import Conversation
from policylint.editions import Edition
from policylint.events import History, PersonActed

_WRITES: Final = frozenset({"message", "postback"})


@dataclass(frozen=True, slots=True)
class Window:
    """What is known of a conversation just before an event. Times are microseconds since 1970, UTC."""

    last_action: int | None = None  # the person's last one that opens or refreshes
    extra_messages_sent: int = 0  # since then, outside the window
    messages_sent: int = 0  # by the page, ever
    opted_out: bool = False
    person_wrote: bool = False
    acted_undated: bool = False  # the person acted at some time that was not recorded
    ad_opened: int | None = None  # the first message after an ad that opens conversations
    ad_followed: bool = False  # the person came through an ad, and has not written since

    @property
    def started(self) -> bool:
        """Whether an action of the person is on record that opens the window."""
        return self.last_action is not None or self.acted_undated

    def age(self, at: int) -> int | None:
        """How long ago the person last acted; None when that is not on record."""
        return None if self.last_action is None else at - self.last_action

    def state(self, at: int, edition: Edition, horizon: Horizon) -> str:
        """`open`, `closed` or `unknown` at the time `at`; open, too, where no rule about time is on record.

        With no dated action on record the window is closed when the record is complete, or reaches back further than a
        window is long; otherwise the action may just not have been recorded.
        """
        if edition.window is None:
            return "open"
        length = edition.window + horizon.clock_skew
        age = self.age(at)
        if age is not None:
            if age <= length:
                return "open"
            return "unknown" if self.ad_may_have_opened(at, edition, horizon) else "closed"
        if self.acted_undated:
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


def at_start(conversation: Conversation, edition: Edition) -> Window:
    """The window before a conversation's first dated event: what undated ones tell of it."""
    undated = [event for event in conversation.untimed if isinstance(event, PersonActed)]
    return Window(
        person_wrote=any(event.kind == "message" for event in undated),
        acted_undated=any(event.kind in edition.opens for event in undated),
    )


def acted(window: Window, event: PersonActed, edition: Edition, *, opt_out: bool) -> Window:
    """The window after the person acted; `opt_out` says that the action was a wish to stop."""
    wrote = window.person_wrote or event.kind in ("message", "comment")
    if event.kind in edition.opens:
        window = replace(window, last_action=event.at, extra_messages_sent=0)
    if event.kind in _WRITES:  # the longer window counts from the message, not from the tap on the ad
        if event.from_ad or window.ad_followed:
            window = replace(window, ad_opened=event.at, ad_followed=False)
    elif event.from_ad:
        window = replace(window, ad_followed=True)
    return replace(window, opted_out=opt_out, person_wrote=wrote)


def sent(window: Window, *, extra: bool, invited: bool = False) -> Window:
    """The window after the page's message.

    `extra` says that it was one outside the window, without a tag; `invited`, that it was the one reply to a comment,
    after which the person has still to start the conversation.
    """
    return replace(
        window,
        messages_sent=window.messages_sent + (not invited),
        extra_messages_sent=window.extra_messages_sent + extra,
    )
