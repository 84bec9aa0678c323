"""Partial evaluation: whether a rule can still hold when only some facts of a message are known.

An audit judges millions of messages, and most of them no rule can find anything in: the message alone says so, before
its conversation has been put together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from policylint.editions import Edition
from policylint.facts import FACTS
from policylint.rules.compile import PLACEHOLDER, Values, option_value, weighing
from policylint.rules.model import AllOf, AnyOf, Condition, NoneOf, Rule, Test

Known: TypeAlias = Mapping[str, Values]
"""What is known of a message: by fact, its values as `facts.reader` gives them, () for a fact without a value."""

Partial: TypeAlias = Callable[[Known], bool | None]
"""A condition that can be asked on some facts only: True and False are certain, None is not."""

# What a message's conversation has to say, if the message is addressed by neither token nor comment, is timed, and
# its conversation is `windowed`: these facts read the window, the blocks of the page, or the run's earliest event.
# Without a token or a comment nothing reads the permissions, so that `message.permission` is the message's own, and
# notification.* and private_reply.* have no value. A doubt is between the breaches of two editions, which may rest on
# any of the others. The configuration settles window.history; the edition, window.length and the extra messages.
DYNAMIC: Final = frozenset(
    {
        "window.state",
        "window.age",
        "window.ad_undecided",
        "window.started",
        "window.extra_messages_sent",
        "window.messages_sent",
        "window.needs_extra",
        "window.opted_out",
        "window.person_wrote",
        "tag.late",
        "page.blocked",
        "doubt.rule",
        "doubt.pointer",
        "doubt.forbidding",
        "doubt.allowing",
    }
)

# Verbs that fail, rather than not hold, when the fact that they are compared with has a value of the wrong type.
_PICKY: Final = frozenset({"starts_with", "ends_with", "longer_than", "shorter_than", "more_bytes_than", "count_above"})


def may_hold(condition: Condition, known: Known) -> bool | None:
    """Whether the condition holds whatever the other facts are (True), or can't (False); None where that depends.

    Never contradicts the rule's check. None, too, where a test fails: the check itself will say so.
    """
    return partial(condition)(known)


def partial(condition: Condition) -> Partial:
    """The condition to be asked many times over, as `may_hold` asks it once."""
    asked = _partial(condition)

    def ask(known: Known) -> bool | None:
        try:
            return asked(known)
        except Exception:  # a rule that crashes is a finding, and the check's own to make
            return None

    return ask


def facts_in(condition: Condition) -> frozenset[str]:
    """The facts that the condition asks for, those that it compares with included."""
    return frozenset(_names(condition))


def facts_of(rule: Rule, edition: Edition) -> frozenset[str]:
    """All facts that the rule's breach under `edition` depends on: whether there is one, and how it is told.

    The severity of a structural problem is no fact, though a breach about one takes it over.
    """
    names = set(_names(rule.breach_when))
    for variant in rule.variants_in(edition):
        names |= _told(rule.told_as(variant))
        if variant.when is None:  # the first that fits is taken
            break
        names |= facts_in(variant.when)
    else:
        names |= _told(rule)
    if rule.points_to is not None and rule.points_to in FACTS:  # the others are places
        names.add(rule.points_to)
    return frozenset(names)


def _told(rule: Rule) -> set[str]:
    return {match[1] for words in (rule.message, rule.remedy) for match in PLACEHOLDER.finditer(words)}


def _names(condition: Condition) -> Iterator[str]:
    for test in _tests(condition):
        yield test.fact
        if isinstance(test.option, dict):
            yield test.option["fact"]


def _tests(condition: Condition) -> Iterator[Test]:
    if isinstance(condition, Test):
        yield condition
        return
    for part in condition.parts:
        yield from _tests(part)


def _partial(condition: Condition) -> Partial:
    if isinstance(condition, Test):
        return _compared(condition) if isinstance(condition.option, dict) else _test(condition)
    parts = [(_partial(part), _may_fail(part)) for part in condition.parts]
    if isinstance(condition, AllOf):
        return _until(False, parts)
    some = _until(True, parts)
    if isinstance(condition, AnyOf):
        return some
    assert isinstance(condition, NoneOf)

    def none(known: Known) -> bool | None:
        held = some(known)
        return None if held is None else not held

    return none


def _may_fail(condition: Condition) -> bool:
    return any(test.verb in _PICKY and isinstance(test.option, dict) for test in _tests(condition))


def _until(settles: bool, parts: Sequence[tuple[Partial, bool]]) -> Partial:
    """What some (or, with False, all) of the parts make together: the first that `settles` it decides.

    The check asks the parts in the same order. It gets no further than a part that fails, so that nothing after one
    that may fail is certain.
    """

    def ask(known: Known) -> bool | None:
        certain = True
        for part, may_fail in parts:
            held = part(known)
            if held is settles:
                return settles
            if held is None:
                if may_fail:
                    return None
                certain = False
        return not settles if certain else None

    return ask


def _test(test: Test) -> Partial:
    fact, weigh, option = test.fact, weighing(test), option_value(test)

    def ask(known: Known) -> bool | None:
        found = known.get(fact)
        return None if found is None else weigh(found, option) is not None

    return ask


def _compared(test: Test) -> Partial:
    fact, other, weigh = test.fact, test.option["fact"], weighing(test)

    def ask(known: Known) -> bool | None:
        named = known.get(other)
        if named is not None and not named:
            return False  # there is nothing to compare with
        found = known.get(fact)
        return None if found is None or named is None else weigh(found, named[0][1]) is not None

    return ask
