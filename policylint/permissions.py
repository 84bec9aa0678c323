"""Permissions: what lets a message through apart from the window, and how far it has been used up.

A notification token stands for an agreement of the person; a comment or visitor post may be answered privately once.
Times are microseconds since 1970, UTC; spans are microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from policylint.editions import Edition, NotificationTerms
from policylint.events import TOKENS, Agreement, Json, PageSent, PersonActed, read_id
from policylint.message import content_of

ONE_TIME: Final = "one-time notification"
RECURRING: Final = "recurring notification"
UTILITY: Final = "utility message"
PRIVATE_REPLY: Final = "private reply"
SPONSORED: Final = "sponsored message"
SUBSCRIPTION: Final = "subscription message"

FREQUENCIES: Final = ("DAILY", "WEEKLY", "MONTHLY")  # that a person can agree to


@dataclass(frozen=True, slots=True)
class Token:
    """A notification token: when and to what the person agreed, and what was sent on it since.

    `first_of_burst` is when the last message was sent that counts, `burst` how many followed that count as one with it.
    """

    agreed_at: int | None = None
    frequency: str | None = None
    expires: int | None = None
    stopped: bool = False
    uses: int = 0
    first_of_burst: int | None = None
    burst: int = 0

    def least_gap(self, terms: NotificationTerms) -> int | None:
        """How long after a message the next may follow; with no frequency on record, the shortest one is taken."""
        if terms.every is not None:
            return terms.every
        return terms.gaps.get(self.frequency or "", min(terms.gaps.values(), default=None))

    def too_soon(self, at: int, terms: NotificationTerms) -> bool:
        """Whether a message at `at` comes before its time; a burst counts as one message."""
        least = self.least_gap(terms)
        if self.first_of_burst is None or least is None or at - self.first_of_burst >= least:
            return False
        return not self._continues(at, terms)

    def life(self, terms: NotificationTerms) -> int | None:
        """How long the token lasts; None for no end, and where the frequency agreed to is not on record."""
        return terms.life.get(self.frequency or "")

    def used(self, at: int | None, terms: NotificationTerms | None) -> Token:
        """The token after a message that reached the person."""
        used = replace(self, uses=self.uses + 1)
        if at is None or terms is None:
            return replace(used, first_of_burst=at, burst=0)
        if self._continues(at, terms):
            return replace(used, burst=self.burst + 1)
        # One that comes too soon is a breach, but does not put off the next one.
        return used if self.too_soon(at, terms) else replace(used, first_of_burst=at, burst=0)

    def _continues(self, at: int, terms: NotificationTerms) -> bool:
        first = self.first_of_burst
        return first is not None and self.burst < terms.burst and at - first <= terms.burst_within


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment or visitor post: when it was written (None: not on record), and how often it was answered privately."""

    at: int | None = None
    replies: int = 0
    recorded: bool = False  # whether it is on record itself, not only its reply


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a conversation shows of tokens and comments, just before an event."""

    tokens: Mapping[str, Token] = field(default_factory=dict)
    comments: Mapping[str, Comment] = field(default_factory=dict)
    asked: tuple[str, ...] | None = None  # the words of the last request for a one-time notification

    def after_action(self, event: PersonActed) -> Permissions:
        """The permissions after the person agreed to something, stopped it, or commented."""
        if event.comment is not None:
            known = self.comments.get(event.comment, Comment())
            return replace(self, comments={**self.comments, event.comment: replace(known, at=event.at, recorded=True)})
        if event.agreement is not None:
            token = self.tokens.get(event.agreement.token, Token())
            return replace(
                self, tokens={**self.tokens, event.agreement.token: _agreed(token, event.agreement, event.at)}
            )
        return self

    def after_message(self, event: PageSent, edition: Edition, day: str) -> Permissions:
        """The permissions after a message that reached the person; `day` is the one whose terms count."""
        if (name := event.token) is not None:
            token = self.tokens.get(name, Token()).used(event.at, edition.terms_on(day))
            return replace(self, tokens={**self.tokens, name: token})
        if (name := event.comment) is not None:
            comment = self.comments.get(name, Comment())
            return replace(self, comments={**self.comments, name: replace(comment, replies=comment.replies + 1)})
        if (words := _asking(event.request)) is not None:
            return replace(self, asked=words)
        return self


def permission_of(event: PageSent, edition: Edition, day: str) -> str | None:
    """What lets a message through whatever the window's state; None where nothing of the kind is claimed.

    `day` is the ISO day whose terms count.
    """
    if event.token is not None:
        one_time = read_id(event.request["recipient"].get(TOKENS["one_time_notif_req"])) is not None
        if one_time and edition.one_time_terms_on(day) is not None:
            return ONE_TIME
        if not one_time and edition.notification_terms:
            return RECURRING
    if event.comment is not None and edition.private_reply_within is not None:
        return PRIVATE_REPLY
    if event.sponsored:
        return SPONSORED
    if edition.utility_messages and is_utility(event.request):
        return UTILITY
    if edition.subscription_type and event.request.get("messaging_type") == "NON_PROMOTIONAL_SUBSCRIPTION":
        return SUBSCRIPTION
    return None


def is_utility(request: dict[str, Json]) -> bool:
    """Whether a request is a utility message, in any of the three shapes that are in use.

    Its messaging type alone makes none: what is sent is a template that was approved.
    https://developers.facebook.com/documentation/business-messaging/messenger-platform/utility-messages
    """
    message = request.get("message")
    if isinstance(request.get("template"), dict) or (
        isinstance(message, dict) and isinstance(message.get("template"), dict)
    ):
        return True
    return content_of(request) == "template:utility_messages"


def _asking(request: dict[str, Json]) -> tuple[str, ...] | None:
    if content_of(request) != "template:one_time_notif_req":
        return None
    title = request["message"]["attachment"]["payload"].get("title")
    return (title,) if isinstance(title, str) else ()


def _agreed(token: Token, agreement: Agreement, at: int | None) -> Token:
    if agreement.status is not None:
        return replace(token, stopped=agreement.stops)
    return replace(token, agreed_at=at, frequency=agreement.frequency, expires=agreement.expires, stopped=False)
