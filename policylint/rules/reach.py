"""Which editions a rule can fire in: what an edition leaves no room for is not asked there at all.

So a rule needs no list of the editions that have what it is about, and a new edition that brings it back is data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from policylint.editions import Edition, Tag
from policylint.permissions import ONE_TIME, PRIVATE_REPLY, RECURRING, SPONSORED, SUBSCRIPTION, UTILITY
from policylint.rules.compile import counted, option_value
from policylint.rules.model import AllOf, AnyOf, Condition, NoneOf, Rule, Test
from policylint.rules.verbs import VERBS

Values: TypeAlias = Sequence[Any]

_EITHER: Final = (True, False)


def reaches(rule: Rule, edition: Edition) -> bool:
    """Whether the rule is in force in `edition`, and the edition leaves room for a breach of it."""
    return rule.is_in_force(edition) and can_hold(rule.breach_when, edition)


def can_hold(condition: Condition, edition: Edition) -> bool:
    """Whether some message could meet the condition under `edition`; True where that is not known beforehand."""
    if isinstance(condition, Test):
        return _can_test(condition, edition)
    if isinstance(condition, NoneOf):
        return True
    some = any if isinstance(condition, AnyOf) else all
    assert isinstance(condition, AllOf | AnyOf)
    return some(can_hold(part, edition) for part in condition.parts)


def _can_test(test: Test, edition: Edition) -> bool:
    values = _possible(test.fact, edition)
    if values is None:
        return True
    verb = VERBS[test.verb]
    if isinstance(test.option, dict):  # what it is compared with is not known beforehand
        return bool(values) or verb.denies
    option = option_value(test)
    if verb.counts:
        return any(verb.holds(counted([(None, value)]), option) for value in values) or bool(verb.holds((), option))
    if verb.denies:  # it holds for a fact without a value, too, and most may have none
        return test.fact not in _ALWAYS or any(not verb.holds(value, option) for value in values)
    return any(verb.holds(value, option) for value in values)


def _possible(fact: str, edition: Edition) -> Values | None:
    """All values that a fact can have under `edition`; None where the edition does not settle them."""
    if fact in _SETTLED:
        return _SETTLED[fact](edition)
    if fact in _OF_TAG:
        values = [_OF_TAG[fact](tag) for tag in edition.tags.values()]
        return [value for value in values if value is not None]
    topic = fact.partition(".")[0]
    if topic == "notification" and not edition.notification_terms and edition.one_time_token_life is None:
        return ()
    return () if topic == "private_reply" and edition.private_reply_within is None else None


def _permissions(edition: Edition) -> Values:
    has = {
        ONE_TIME: edition.one_time_token_life is not None,
        RECURRING: bool(edition.notification_terms),
        UTILITY: edition.utility_messages,
        PRIVATE_REPLY: True,  # where the comment is on record
        SUBSCRIPTION: edition.subscription_type,
        SPONSORED: True,
    }
    return [permission for permission, there in has.items() if there]


_SETTLED: Final[Mapping[str, Callable[[Edition], Values | None]]] = {
    "edition.id": lambda e: (e.id,),
    "edition.platform": lambda e: (str(e.platform),),
    "edition.messaging_type": lambda e: (e.messaging_type,),
    "edition.other_tags": lambda e: ("note", "error") if e.other_tags == "note" else ("error",),
    "window.state": lambda e: ("open",) if e.window is None else None,
    "window.needs_extra": lambda e: (False,) if e.window is None else None,
    "window.extra_messages_allowed": lambda e: (e.extra_messages,),
    "window.ad_undecided": lambda e: _EITHER if e.ad_window else (False,),
    "page.subscription": lambda e: _EITHER if e.subscription_messaging else (False,),
    "page.news": lambda e: _EITHER if e.news_messaging else (False,),
    "message.permission": _permissions,
    "notification.too_soon": lambda e: _EITHER if e.notification_terms else (),
    "edition.notifications_ended": lambda e: (e.notifications_kept_in is not None,),
    "private_reply.may_be_tagged": lambda e: () if e.private_reply_within is None else (e.private_reply_tagged,),
    "tag.late": lambda e: _EITHER if any(tag.age_limit for tag in e.tags.values()) else (),
    "tag.retiring": lambda e: _EITHER if any(tag.retiring_since for tag in e.tags.values()) else (False,),
}

# Facts that every message has.
_ALWAYS: Final = frozenset(
    {
        "edition.id",
        "edition.platform",
        "edition.messaging_type",
        "edition.other_tags",
        "edition.notifications_ended",
        "window.extra_messages_allowed",
        "window.ad_undecided",
        "page.news",
        "page.subscription",
    }
)

_OF_TAG: Final[Mapping[str, Callable[[Tag], Any]]] = {
    "tag.name": lambda tag: tag.name,
    "tag.contents": lambda tag: tag.contents,
    "tag.topics": lambda tag: tag.topics,
    "tag.forbids": lambda tag: tag.forbids,
    "tag.needs": lambda tag: tag.needs,
    "tag.doubt": lambda tag: tag.doubt,
    "tag.disputed_contents": lambda tag: tag.disputed_contents,
}
