"""An edition told in full, by the keys that edition files use: what each edition says after all that came before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from policylint.durations import UNITS, format_duration
from policylint.editions import Edition, NotificationTerms, Tag

# What an edition is called and where it lies in time, as against what it says.
ABOUT: Final = frozenset({"id", "platform", "title", "summary", "since", "until", "boundary", "uncertain", "source"})


def edition_value(edition: Edition) -> dict[str, Any]:
    """The JSON value of an edition. Spans are durations such as "24h", days are ISO days, sets are sorted lists.

    What an edition does not have is null, so that all values have the same keys.
    """
    return {
        "id": edition.id,
        "platform": str(edition.platform),
        "title": edition.title,
        "summary": edition.summary,
        "since": edition.since,
        "until": edition.until,
        "boundary": "fuzzy" if edition.uncertain else "day",
        "uncertain": list(edition.uncertain) if edition.uncertain else None,
        "window": _span(edition.window),
        "ad_window": _span(edition.ad_window),
        "extra_messages": edition.extra_messages,
        "opens": sorted(edition.opens),
        "exempt_contents": sorted(edition.exempt_contents),
        "messaging_type": edition.messaging_type,
        "subscription_messaging": edition.subscription_messaging,
        "subscription_type": edition.subscription_type,
        "news_messaging": edition.news_messaging,
        "private_replies": _private_replies(edition),
        "one_time_notifications": None
        if edition.one_time_token_life is None
        else {
            "life": _span(edition.one_time_token_life),
            **({"since": edition.one_time_since} if edition.one_time_since else {}),
        },
        "recurring_notifications": [terms_value(terms) for terms in edition.notification_terms],
        "recurring_notifications_ended": None
        if edition.notifications_kept_in is None
        else {"kept_in": list(edition.notifications_kept_in)},
        "utility_messages": edition.utility_messages,
        "promotional_kinds": None if edition.promotional_kinds is None else sorted(edition.promotional_kinds),
        "other_tags": edition.other_tags,
        "tags": {name: tag_value(tag) for name, tag in sorted(edition.tags.items())},
        "source": list(edition.source),
    }


def tag_value(tag: Tag) -> dict[str, Any]:
    """The JSON value of a tag, without its name."""
    return {
        "purpose": tag.purpose,
        "contents": list(tag.contents),
        "disputed_contents": list(tag.disputed_contents),
        "examples": list(tag.examples),
        "disallowed": list(tag.disallowed),
        "topics": list(tag.topics),
        "forbids": list(tag.forbids),
        "needs": list(tag.needs),
        "age_limit": _span(tag.age_limit),
        "successor": tag.successor,
        "doubt": tag.doubt,
        "retiring_since": tag.retiring_since,
    }


def terms_value(terms: NotificationTerms) -> dict[str, Any]:
    """The JSON value of the terms of recurring notifications."""
    burst = {"messages": terms.burst, "within": _span(terms.burst_within)} if terms.burst else None
    return {
        "since": terms.since,
        "gaps": _spans(terms.gaps),
        "every": _span(terms.every),
        "life": _spans(terms.life),
        "burst": burst,
    }


def _private_replies(edition: Edition) -> dict[str, Any] | None:
    if edition.private_reply_within is None:
        return None
    return {"within": _span(edition.private_reply_within), "tagged": edition.private_reply_tagged}


def span_text(micros: int) -> str:
    """A span as edition files write it: hours up to two days (48h), days for more (7d)."""
    hours, rest = divmod(micros, UNITS["h"])
    return f"{hours}h" if not rest and 0 < hours <= 48 else format_duration(micros)


def _span(micros: int | None) -> str | None:
    return None if micros is None else span_text(micros)


def _spans(spans: Mapping[str, int]) -> dict[str, str]:
    return {name: span_text(micros) for name, micros in spans.items()}
