"""Policy editions: the policy text in force in a span of days, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Final

from policylint.durations import day_of, parse_time
from policylint.errors import UsageError
from policylint.events import Platform
from policylint.suggestions import hint

LATEST: Final = "latest"
DATED: Final = "dated"
DEFAULT: Final = "2017-04"


@dataclass(frozen=True, slots=True)
class Tag:
    """A message tag of an edition: what it is for, which contents may carry it and what it must not be used for."""

    name: str
    purpose: str
    contents: tuple[str, ...]  # that may carry it; none listed means any
    topics: tuple[str, ...] = ()  # of the lexicon, that serve its purpose
    forbids: tuple[str, ...] = ()  # "promotion", "promotion in news", "feedback", "surveys"
    needs: tuple[str, ...] = ()  # "person_wrote": only as an answer to what the person wrote
    age_limit: int | None = None  # microseconds after the person's last action
    examples: tuple[str, ...] = ()  # what the platform allows, in words
    disallowed: tuple[str, ...] = ()  # what it does not, in words
    disputed_contents: tuple[str, ...] = ()  # allowed by one page, left out by another
    successor: str | None = None  # the tag that took over, at least in part, when this one ended
    doubt: str | None = None  # why it is not certain that everyone may use it
    retiring_since: str | None = None  # the ISO day from which its end was announced


@dataclass(frozen=True, slots=True)
class TagSpan:
    """From when to when a platform has a tag: ISO days, `until` inclusive and None while it is in force."""

    tag: Tag  # as it was in its last edition
    since: str
    until: str | None
    fuzzy: bool = False  # whether the day that counts, its first or the one after its last, is not known for sure


@dataclass(frozen=True, slots=True)
class NotificationTerms:
    """What the holder of recurring-notification tokens may do, from an ISO day on. Spans are microseconds.

    `gaps` and `life` (how long a token lasts) go by the frequency that the person agreed to; `every` is the least gap
    whatever they agreed to. `burst` messages within `burst_within` of one another's first count as one.
    """

    since: str
    gaps: Mapping[str, int] = field(default_factory=dict)
    every: int | None = None
    life: Mapping[str, int] = field(default_factory=dict)
    burst: int = 0
    burst_within: int = 0


@dataclass(frozen=True, slots=True)
class Edition:
    """What one edition says; days are ISO and inclusive, `until` is None while it is in force. Spans: microseconds."""

    id: str
    title: str
    summary: str
    platform: Platform
    since: str
    until: str | None
    uncertain: tuple[str, str] | None  # the days on which it is not certain whether it has begun
    window: int | None  # None: no rule about time is on record
    extra_messages: int
    opens: frozenset[str]  # the person's actions that open or refresh the window
    exempt_contents: frozenset[str]
    subscription_messaging: bool
    subscription_type: bool  # whether messaging_type may name a subscription message
    messaging_type: str  # "absent", "optional" or "required"
    tags: Mapping[str, Tag]
    other_tags: str = "error"  # how a tag that only other editions have is told
    news_messaging: bool = False
    private_reply_within: int | None = None  # of the comment or post
    private_reply_tagged: bool = True  # whether a private reply may carry a tag
    one_time_token_life: int | None = None  # None: there are no one-time notifications
    one_time_since: str = ""  # the ISO day on which they began, where that is later than the edition
    notification_terms: tuple[NotificationTerms, ...] = ()  # in the order of their days
    notifications_kept_in: tuple[str, ...] | None = None  # places where recurring notifications go on after their end
    utility_messages: bool = False
    ad_window: int | None = None  # how long an ad may open the window
    promotional_kinds: frozenset[str] | None = None  # of the lexicons' terms, that are promotion here; None for all
    source: tuple[str, ...] = ()

    def covers(self, day: str) -> bool:
        """Whether an ISO day lies in this edition's span."""
        return self.since <= day and (self.until is None or day <= self.until)

    @property
    def start(self) -> int:
        """Midnight UTC of its first day."""
        return parse_time(f"{self.since}T00:00:00Z")

    def one_time_terms_on(self, day: str) -> int | None:
        """How long the token of a one-time notification lasts; None where there are none on an ISO day."""
        return self.one_time_token_life if self.one_time_since <= day else None

    def terms_on(self, day: str) -> NotificationTerms | None:
        """The terms of recurring notifications on an ISO day; None where there are no such notifications."""
        past = [terms for terms in self.notification_terms if terms.since <= day]
        return past[-1] if past else None


@dataclass(frozen=True, slots=True)
class Regime:
    """What one message is judged by: an edition, and the ISO days whose terms and whose limits of structure count.

    `fixed` says that the edition was asked for, so that its first day's limits count whatever the message's day;
    `strict` says that tags of other editions are errors, whatever the edition says of them. With `late`, a limit whose
    day is fuzzy counts from the earliest day that it can have come into force.
    """

    edition: Edition
    day: str
    limits: str
    fixed: bool = False
    strict: bool = False
    late: bool = False


@dataclass(frozen=True)
class Editions:
    """All editions: by platform, oldest first."""

    all: tuple[Edition, ...]

    def of(self, platform: Platform) -> tuple[Edition, ...]:
        """The platform's editions, oldest first."""
        return self._by_platform[platform]

    @property
    def names(self) -> tuple[str, ...]:
        """What an edition can be asked for by."""
        return (*(edition.id for edition in self.all), LATEST, DATED)

    @property
    def starts(self) -> dict[str, int]:
        """When each of them begins; `dated` scripts without a time of their own are of the newest."""
        return {name: self.named(name).start for name in self.names}

    def named(self, name: str, platform: Platform | None = None) -> Edition:
        """The edition called `name`, or the newest for `latest` (and for `dated`, when there is no date).

        Asked for another `platform` than the edition's own: that platform's edition of the same day, or its first.
        Raises UsageError with the nearest names for an unknown one.
        """
        if name in (LATEST, DATED):
            return self.of(platform or Platform.MESSENGER)[-1]
        found = self._by_id.get(name)
        if found is None:
            meant = hint(name, self.names, f"known are {', '.join(self.names)}")
            raise UsageError(f"no edition is called {name[:40]!r}; {meant}")
        return found if platform in (None, found.platform) else self.on(found.since, platform or found.platform)

    def platform_of(self, name: str) -> Platform | None:
        """The platform of the edition called `name`; None for `latest` and `dated`, which every platform has."""
        return self._by_id[name].platform if name in self._by_id else None

    def dated(self, at: int | None, platform: Platform = Platform.MESSENGER) -> Edition:
        """The edition in force on the UTC day of `at`, or the first; undated, the newest."""
        return self.of(platform)[-1] if at is None else self.on(day_of(at), platform)

    def on(self, day: str, platform: Platform = Platform.MESSENGER) -> Edition:
        """The platform's edition in force on an ISO day; before all of them, the first."""
        editions = self.of(platform)
        past = [edition for edition in editions if edition.since <= day]
        return past[-1] if past else editions[0]

    def perhaps_on(self, day: str, platform: Platform) -> Edition:
        """The edition that may have been in force on an ISO day in place of `on`'s; the same where that is certain."""
        editions = self.of(platform)
        for before, after in pairwise(editions):
            if after.uncertain and after.uncertain[0] <= day <= after.uncertain[1]:
                return before if after.since <= day else after
        return self.on(day, platform)

    def after(self, edition: Edition) -> Edition | None:
        """The edition that followed."""
        editions = self.of(edition.platform)
        return next((one for one in editions if one.since > edition.since), None)

    def tag_span(self, name: str, edition: Edition) -> TagSpan | None:
        """When `edition`'s platform had the tag `name`, nearest to the edition; None when it never had."""
        spans = list(self._spans(name, edition.platform))
        past = [span for span in spans if span.since <= edition.since]
        nearest = past[-1] if past else spans[0] if spans else None
        if nearest is None:
            return None
        turn = self.on(nearest.since, edition.platform) if not past else self.after(self._last_with(nearest, edition))
        return replace(nearest, fuzzy=turn is not None and turn.uncertain is not None)

    def _last_with(self, span: TagSpan, edition: Edition) -> Edition:
        return self.on(span.until or span.since, edition.platform)

    def _spans(self, name: str, platform: Platform) -> Iterator[TagSpan]:
        since: str | None = None
        last: Edition | None = None
        for edition in (*self.of(platform), None):
            if edition is not None and name in edition.tags:
                since, last = since or edition.since, edition
            elif since is not None and last is not None:
                yield TagSpan(last.tags[name], since, last.until)
                since = last = None

    @cached_property
    def _by_platform(self) -> dict[Platform, tuple[Edition, ...]]:
        return {
            platform: tuple(edition for edition in self.all if edition.platform is platform) for platform in Platform
        }

    @cached_property
    def _by_id(self) -> dict[str, Edition]:
        return {edition.id: edition for edition in self.all}
