"""A message and all that is known when it is judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from policylint.documents.places import escape, unescape
from policylint.durations import days_from
from policylint.editions import Edition, Editions, NotificationTerms, Regime, Tag, TagSpan
from policylint.events import History, Json, PageSent, Pointer
from policylint.findings import Evidence
from policylint.message import content_of, texts_of
from policylint.pages import UNKNOWN, Page
from policylint.permissions import ONE_TIME, PRIVATE_REPLY, Comment, Permissions, Token, permission_of
from policylint.structure.problem import Problem
from policylint.suggestions import nearest_name
from policylint.window import Horizon, Window

if TYPE_CHECKING:
    from policylint.lexicons.scorer import Score, Scorer


_LAST_DAY: Final = "9999-12-31"


@dataclass(slots=True, kw_only=True)
class Situation:
    """What is known when a page's message is judged. `window` is None where no window rule applies to it."""

    regime: Regime
    editions: Editions
    scorer: Scorer
    horizon: Horizon
    window: Window | None = None
    page: Page = UNKNOWN
    permissions: Permissions = field(default_factory=Permissions)
    automated: bool = False  # a bot wrote it
    blocked: bool = False  # the platform had blocked the page

    @property
    def edition(self) -> Edition:
        """The edition that the message is judged by."""
        return self.regime.edition


@dataclass(frozen=True, slots=True)
class Doubt:
    """That one edition forbids what the other allows, when it is not certain which of them was in force."""

    rule: str
    pointer: Pointer
    forbidding: str  # in words: "edition 2016-11", "the older limit"
    allowing: str


class Facts:
    """The facts of one message, each worked out when it is first asked for."""

    def __init__(self, event: PageSent, situation: Situation) -> None:
        self.event = event
        self.situation = situation
        self.problem: Problem | None = None  # the structural problem a rule is asked about
        self.failure: str | None = None  # what went wrong with a record or a check
        self.doubt: Doubt | None = None  # which edition's breach a rule is asked about
        self._scores: dict[str, Score] = {}

    @property
    def edition(self) -> Edition:
        return self.situation.regime.edition

    @cached_property
    def content(self) -> str:
        return content_of(self.event.request)

    @cached_property
    def texts(self) -> list[tuple[Pointer, str]]:
        return texts_of(self.event.request)

    @cached_property
    def raw_tag(self) -> Json:
        return self.event.request.get("tag")

    @cached_property
    def tag(self) -> Tag | None:
        """The edition's tag that the message carries or, in the wrong case, means."""
        raw = self.raw_tag
        return self.edition.tags.get(raw.upper()) if isinstance(raw, str) and raw.isascii() else None

    @cached_property
    def tag_span(self) -> TagSpan | None:
        """When the platform has the tag, where it is not in force."""
        raw = self.raw_tag
        if self.tag is not None or not isinstance(raw, str) or not raw.isascii():
            return None
        return self.situation.editions.tag_span(raw.upper(), self.edition)

    @cached_property
    def tag_suggestion(self) -> str:
        near = nearest_name(self.raw_tag, self.edition.tags) if isinstance(self.raw_tag, str) else None
        return f"; did you mean {near}?" if near else ""

    @cached_property
    def foreign_tag(self) -> bool:
        """Whether there is a tag that is not in force: the window rules leave the message alone."""
        return self.raw_tag is not None and self.tag is None

    @cached_property
    def tag_is_late(self) -> bool | None:
        """Whether the person's last action is longer ago than the tag allows; None where either is not known."""
        age, limit = self.age, self.tag.age_limit if self.tag else None
        if limit is None:
            return None
        if age is None:
            return self._silent_for_longer_than(limit)
        return age > limit + self.situation.horizon.clock_skew

    def _silent_for_longer_than(self, limit: int) -> bool | None:
        """Whether a partial record reaches back further than `limit` without any action of the person."""
        window, at, horizon = self.situation.window, self.event.at, self.situation.horizon
        if window is None or at is None or horizon.earliest is None or window.started(self.edition):
            return None
        return horizon.history is History.PARTIAL and at - horizon.earliest > limit + horizon.clock_skew

    @cached_property
    def age(self) -> int | None:
        """How long ago the person last acted."""
        window, at = self.situation.window, self.event.at
        return None if window is None or at is None else window.age(at, self.edition)

    @cached_property
    def permission(self) -> str | None:
        """What lets the message through whatever the window's state."""
        comment = self.comment
        if comment is not None and comment.recorded:
            return PRIVATE_REPLY  # a comment on record may be answered in every edition
        regime = self.situation.regime
        # An edition that was asked for has what any of its days has.
        return permission_of(self.event, regime.edition, _LAST_DAY if regime.fixed else regime.day)

    @cached_property
    def exempt(self) -> bool:
        return self.content in self.edition.exempt_contents

    @cached_property
    def subscription(self) -> bool:
        return self.situation.page.subscription_messaging and self.edition.subscription_messaging

    @cached_property
    def window_state(self) -> str | None:
        """The window's state; None where no window rule applies."""
        window, at = self.situation.window, self.event.at
        if window is None or at is None:
            return None
        return window.state(at, self.edition, self.situation.horizon)

    @cached_property
    def ad_undecided(self) -> bool:
        """Whether only the longer window of an ad could still be open."""
        window, at = self.situation.window, self.event.at
        if self.window_state != "unknown" or window is None or at is None:
            return False
        return window.ad_may_have_opened(at, self.edition, self.situation.horizon)

    @cached_property
    def needs_window(self) -> bool:
        """Whether nothing but an open window, or an extra message after it, lets this message through."""
        return (
            self.raw_tag is None
            and not self.exempt
            and not self.subscription
            and not self.event.echo
            and self.permission is None
        )

    @cached_property
    def invites(self) -> bool:
        """Whether this is an invitation by telephone number, which a business might send first."""
        window, recipient = self.situation.window, self.event.request.get("recipient")
        if window is None or not isinstance(recipient, dict) or recipient.get("phone_number") is None:
            return False
        return not window.messages_sent and not window.started(self.edition)

    @cached_property
    def spends_extra(self) -> bool:
        """Whether this is a message that only the extra message after the window could cover."""
        return self.window_state == "closed" and self.needs_window and not self.invites

    @cached_property
    def token(self) -> Token | None:
        """What is on record of the notification token that the message is addressed by."""
        name = self.event.token
        return None if name is None else self.situation.permissions.tokens.get(name, Token())

    @cached_property
    def comment(self) -> Comment | None:
        """What is on record of the comment or post that the message answers privately."""
        name = self.event.comment
        return None if name is None else self.situation.permissions.comments.get(name, Comment())

    @cached_property
    def terms(self) -> NotificationTerms | None:
        """The terms of recurring notifications on the message's day."""
        return self.edition.terms_on(self.situation.regime.day)

    @property
    def tokens_expire(self) -> bool:
        """Whether notification tokens have an end but for the person's own wish."""
        return self.permission == ONE_TIME or (self.terms is not None and bool(self.terms.life))

    @property
    def other_tags(self) -> str:
        """How a tag that only other editions have is told: a message of the edition's own days can't be of another."""
        return "error" if self.situation.regime.strict else self.edition.other_tags

    @cached_property
    def asked_for_promotion(self) -> bool | None:
        """Whether the request for a one-time notification spoke of offers; None where it is not on record."""
        asked = self.situation.permissions.asked
        if asked is None:
            return None
        score = self.situation.scorer.score("promotional", [("", text) for text in asked], None)
        return score.value > 0

    def score(self, signal: str) -> Score:
        if signal not in self._scores:
            kinds = self.edition.promotional_kinds if signal == "promotional" else None
            self._scores[signal] = self.situation.scorer.score(signal, self.texts, kinds)
        return self._scores[signal]

    def evidence(self, name: str) -> tuple[Evidence, ...]:
        """The pieces of text that speak for a `content.*` fact."""
        return self.score(signal_of_fact(name)).evidence


def told(span: TagSpan, edition: Edition) -> str:
    """When a tag that is not in force was, or will be: `was retired on 2020-03-04`, `comes on 2017-11-07`."""
    on = "about" if span.fuzzy else "on"
    if span.since > edition.since:
        return f"comes {on} {span.since}"
    return f"was retired {on} {days_from(span.until, 1)}" if span.until else "is in force on another day"


def signal_of_fact(name: str) -> str:
    """The signal of the lexicons that a `content.*` fact rests on."""
    return name.removeprefix("content.").removesuffix("_kinds")


def select(value: Json, pointer: Pointer) -> list[tuple[Pointer, Json]]:
    """What `pointer` names in `value`; `*` stands for any key or index. JSON null counts as absent."""
    found: list[tuple[Pointer, Json]] = [("", value)]
    for token in pointer.split("/")[1:]:
        step: list[tuple[Pointer, Json]] = []
        for place, item in found:
            if isinstance(item, dict):
                names = item if token == "*" else (unescape(token),)
                step += [(f"{place}/{escape(name)}", item[name]) for name in names if name in item]
            elif isinstance(item, list):
                indices = range(len(item)) if token == "*" else (int(token),) if token.isdecimal() else ()
                step += [(f"{place}/{n}", item[n]) for n in indices if n < len(item)]
        found = step
    return [(place, item) for place, item in found if item is not None]
