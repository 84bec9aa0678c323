"""From a rule to a check: a function that says whether, and where, a message breaches it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, Final, TypeAlias

from policylint.durations import format_duration, format_time, parse_duration, parse_time
from policylint.editions import Edition
from policylint.events import Pointer
from policylint.facts import FACTS, PAYLOAD, Reader, has_places, reader
from policylint.findings import Evidence, Severity
from policylint.privacy import is_word
from policylint.rules.gates import gates_of
from policylint.rules.model import AllOf, AnyOf, Condition, NoneOf, Rule, Test
from policylint.rules.verbs import VERBS, Kind
from policylint.situation import Facts

Pointers: TypeAlias = tuple[Pointer, ...]
Values: TypeAlias = Sequence[tuple[Pointer | None, Any]]  # of one fact, as its reader gives them
Asker: TypeAlias = Callable[[Facts], Pointers | None]
Weigh: TypeAlias = Callable[[Values, Any], Pointers | None]

PLACEHOLDER: Final = re.compile(r"\{([a-z_]+\.[a-z_]+|payload\.[^}]*)\}")
_MOST_TERMS: Final = 5


@dataclass(frozen=True, slots=True)
class Breach:
    """That a rule is breached: where (from the request's root), in which words, on what evidence."""

    rule: Rule  # in the words of the message's edition
    severity: Severity
    pointer: Pointer
    message: str
    remedy: str
    evidence: tuple[Evidence, ...] = ()
    about: str = ""  # the rule that a doubt is about


@dataclass(frozen=True, slots=True)
class Check:
    """A rule that can be asked under one edition. Pure: the same facts give the same breach.

    `words` are the rule as its variants tell it, each with the condition that the variant wants.
    """

    rule: Rule
    edition: Edition
    ask: Asker
    gates: frozenset[str] = frozenset()  # that have to be open
    words: tuple[tuple[Asker | None, Rule], ...] = ()

    def __reduce__(self) -> tuple[Callable[[Rule, Edition], Check], tuple[Rule, Edition]]:
        return compile_rule, (self.rule, self.edition)  # functions can't travel to another process; rules can

    def __call__(self, facts: Facts) -> Breach | None:
        """The breach, or None when the rule has nothing to say."""
        pointers = self.ask(facts)
        if pointers is None:
            return None
        evidence = self._evidence(facts)
        rule = next((told for when, told in self.words if when is None or when(facts) is not None), self.rule)
        return Breach(
            rule=rule,
            severity=self._severity(facts, rule),
            pointer=self._pointer(facts, pointers, evidence),
            message=say(rule.message, facts) + _on(evidence),
            remedy=say(rule.remedy, facts),
            evidence=evidence,
            about=facts.doubt.rule if facts.doubt else "",
        )

    def _severity(self, facts: Facts, rule: Rule) -> Severity:
        problem = facts.problem
        return rule.severity if problem is None or problem.severity is None else problem.severity

    def _evidence(self, facts: Facts) -> tuple[Evidence, ...]:
        points_to = self.rule.points_to or ""
        return facts.evidence(points_to) if points_to.startswith("content.") else ()

    def _pointer(self, facts: Facts, pointers: Pointers, evidence: tuple[Evidence, ...]) -> Pointer:
        points_to = self.rule.points_to
        if points_to is None:
            return pointers[0] if pointers else ""
        if points_to.startswith("content."):
            return evidence[0].pointer if evidence else "/message"
        if points_to == "structure.pointer":
            return facts.problem.pointer if facts.problem else ""
        if points_to == "doubt.pointer":
            return facts.doubt.pointer if facts.doubt else ""
        return points_to


def compile_rule(rule: Rule, edition: Edition) -> Check:
    """The check that `rule` describes under `edition`; the rule must have passed the loader."""
    words = tuple((_asker(v.when) if v.when else None, rule.told_as(v)) for v in rule.variants_in(edition))
    return Check(rule, edition, _asker(rule.breach_when), gates_of(rule.breach_when), words)


def _asker(condition: Condition) -> Asker:
    if isinstance(condition, Test):
        return _test(condition)
    parts = tuple(_asker(part) for part in condition.parts)
    if isinstance(condition, AllOf):
        return _all(parts)
    if isinstance(condition, AnyOf):
        return _any(parts)
    assert isinstance(condition, NoneOf)
    some = _any(parts)
    return lambda facts: () if some(facts) is None else None


def _all(parts: Sequence[Asker]) -> Asker:
    def ask(facts: Facts) -> Pointers | None:
        found: Pointers = ()
        for part in parts:
            pointers = part(facts)
            if pointers is None:
                return None
            found += pointers
        return found

    return ask


def _any(parts: Sequence[Asker]) -> Asker:
    def ask(facts: Facts) -> Pointers | None:
        for part in parts:
            pointers = part(facts)
            if pointers is not None:
                return pointers
        return None

    return ask


def _test(test: Test) -> Asker:
    verb = VERBS[test.verb]
    read, weigh = reader(test.fact), weighing(test)
    if isinstance(test.option, dict):
        return _comparison(read, weigh, reader(test.option["fact"]))
    fixed = option_value(test)
    holds, denies = verb.holds, verb.denies
    if verb.counts or has_places(test.fact):
        return lambda facts: weigh(read(facts), fixed)
    value_of = FACTS[test.fact].read

    def ask_one(facts: Facts) -> Pointers | None:  # the same for a fact of one value, which most tests are about
        value = value_of(facts)
        held = value is not None and holds(value, fixed)
        return None if held is denies else ()

    return ask_one


def _comparison(read: Reader, weigh: Weigh, compared: Reader) -> Asker:
    def ask(facts: Facts) -> Pointers | None:
        named = compared(facts)
        return weigh(read(facts), named[0][1]) if named else None  # with nothing to compare, no verb holds

    return ask


def weighing(test: Test) -> Weigh:
    """What a test says of a fact's values and its option: the places it holds at, None where it does not hold."""
    verb = VERBS[test.verb]
    holds, denies = verb.holds, verb.denies

    def count(found: Values, option: Any) -> Pointers | None:
        return tuple(place for place, _ in found if place is not None) if holds(counted(found), option) else None

    def weigh(found: Values, option: Any) -> Pointers | None:
        hits = [place for place, value in found if holds(value, option)]
        if bool(hits) is denies:
            return None
        places = [place for place, _ in found] if denies else hits
        return tuple(place for place in places if place is not None)

    return count if verb.counts else weigh


def counted(found: Values) -> Sequence[Any]:
    """What a counting verb counts: the items of a lone list, else the values themselves."""
    if len(found) == 1 and isinstance(found[0][1], list | tuple):
        return found[0][1]
    return found


def option_value(test: Test) -> Any:
    """A test's option in the fact's own unit: durations and times become microseconds. Raises ValueError."""
    kind = FACTS[test.fact].kind if not test.fact.startswith(PAYLOAD) else Kind.ANY
    if test.verb in ("above", "below", "at_least", "at_most", "is", "is_not") and isinstance(test.option, str):
        if kind is Kind.DURATION:
            return parse_duration(test.option)
        if kind is Kind.TIME:
            return parse_time(test.option)
    return test.option


def _on(evidence: tuple[Evidence, ...]) -> str:
    """The terms that a finding stands on and their shares, the largest first: a judgement by wording shows its reasons.

    Together the terms reach 1 at least, less what the context takes away.
    """
    shares = {piece.term: piece.share for piece in evidence}
    terms = [f"{term} {share:g}" for term, share in sorted(shares.items(), key=lambda item: -item[1])]
    more = f" and {len(terms) - _MOST_TERMS} more" if len(terms) > _MOST_TERMS else ""
    return f" (terms: {', '.join(terms[:_MOST_TERMS])}{more})" if terms else ""


def say(template: str, facts: Facts) -> str:
    """`template` with the facts that it names filled in. Values that could be private are described, not quoted."""
    texts, names = _pieces(template)
    if not names:
        return template
    told = [_shown(name, facts) for name in names]
    return "".join(chain.from_iterable(zip(texts, (*told, ""), strict=True)))


@lru_cache(maxsize=1024)
def _pieces(template: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The texts around the placeholders of a template, and the facts that these name."""
    pieces = PLACEHOLDER.split(template)
    return tuple(pieces[::2]), tuple(pieces[1::2])


def _shown(name: str, facts: Facts) -> str:
    found = reader(name)(facts)
    if not found:
        return "nothing"
    value = found[0][1]
    spec = FACTS.get(name)
    kind = spec.kind if spec else Kind.ANY
    if kind is Kind.DURATION and isinstance(value, int):
        return format_duration(value)
    if kind is Kind.TIME and isinstance(value, int):
        return format_time(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return _listed([str(item) for item in value]) if kind is Kind.LIST else f"{len(value)} items"
    if isinstance(value, str) and name in _OURS:
        return value
    if isinstance(value, int | float):
        return f"{value:g}" if kind is Kind.NUMBER else "a number"
    text = str(value)
    if spec is not None and not spec.private and is_word(text):
        return text
    return f"a text of {len(text)} characters" if text else "an empty text"


# Facts whose text is policylint's own, never the recording's.
_OURS: Final = frozenset(
    {
        "tag.name",
        "tag.purpose",
        "tag.suggestion",
        "window.state",
        "window.history",
        "content.topic",
        "edition.id",
        "structure.kind",
        "structure.detail",
        "structure.allowed",
        "record.problem",
        "check.failure",
        "tag.successor",
        "tag.span",
        "tag.doubt",
        "tag.retires_on",
        "message.permission",
        "edition.platform",
        "edition.messaging_type",
        "notification.frequency",
        "doubt.rule",
        "doubt.forbidding",
        "doubt.allowing",
    }
)


def _listed(items: list[str]) -> str:
    return " or ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items) or "nothing"
