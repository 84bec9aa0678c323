"""Gates: what a message must have for a rule to have anything to say, asked once for all rules.

Most rules are about few messages: those with a tag, or with a notification token. A gate that is closed spares asking
all the rules behind it; a rule's own condition would have said no.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from policylint.rules.model import AllOf, AnyOf, Condition, Test
from policylint.situation import Facts

GATES: Final[Mapping[str, Callable[[Facts], bool]]] = {
    "tagged": lambda facts: facts.raw_tag is not None,
    "permission": lambda facts: facts.permission is not None,
    "comment": lambda facts: facts.comment is not None,
    "echo": lambda facts: facts.event.echo,
    "blocked": lambda facts: facts.situation.blocked,
    "extra": lambda facts: facts.spends_extra,
    "opted out": lambda facts: facts.situation.window is not None and facts.situation.window.opted_out,
    "ad": lambda facts: facts.ad_undecided,
    "automated": lambda facts: facts.situation.automated,
}

# Facts that are true behind their gate only.
_TRUE_BEHIND: Final = {
    "message.tagged": "tagged",
    "message.echo": "echo",
    "page.blocked": "blocked",
    "window.needs_extra": "extra",
    "window.opted_out": "opted out",
    "window.ad_undecided": "ad",
    "message.automated": "automated",
}
# Facts that have a value behind their gate only, by the beginning of their names.
_THERE_BEHIND: Final = {
    "tag": "tagged",
    "message.tag": "tagged",
    "message.permission": "permission",
    "notification": "permission",
    "private_reply": "comment",
}


def gates_of(condition: Condition) -> frozenset[str]:
    """The gates that have to be open for the condition to hold."""
    if isinstance(condition, Test):
        return _of_test(condition)
    parts = [gates_of(part) for part in condition.parts]
    if isinstance(condition, AllOf):
        return frozenset[str]().union(*parts)
    return frozenset.intersection(*parts) if isinstance(condition, AnyOf) else frozenset()


def closed(facts: Facts) -> frozenset[str]:
    """The gates that are closed to a message."""
    return frozenset(name for name, is_open in GATES.items() if not is_open(facts))


def _of_test(test: Test) -> frozenset[str]:
    if test.verb == "is" and test.option is True:
        gate = _TRUE_BEHIND.get(test.fact) or _there(test.fact)
    elif test.verb in _NEEDS_A_VALUE:
        gate = _there(test.fact)
    else:
        gate = _there(test.fact) if test.verb == "present" and test.option is True else None
    return frozenset([gate]) if gate else frozenset()


def _there(fact: str) -> str | None:
    return _THERE_BEHIND.get(fact) or _THERE_BEHIND.get(fact.partition(".")[0])


# Verbs that nothing holds for when the fact has no value.
_NEEDS_A_VALUE: Final = frozenset(
    {
        "is",
        "in",
        "above",
        "below",
        "at_least",
        "at_most",
        "count_above",
        "matches",
        "starts_with",
        "ends_with",
        "contains",
        "longer_than",
        "mentions",
        "more_bytes_than",
    }
)
