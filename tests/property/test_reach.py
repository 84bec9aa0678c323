"""What holds of a message is never ruled out beforehand: neither by its edition nor by a closed gate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policylint.editions import DATED
from policylint.engines.local import run
from policylint.events import History
from policylint.facts import FACTS, reader
from policylint.lint import judge_for
from policylint.pages import Page
from policylint.rules.compile import compile_rule
from policylint.rules.gates import GATES, closed, gates_of
from policylint.rules.model import AllOf, AnyOf, Condition, NoneOf
from policylint.rules.model import Test as Asking
from policylint.rules.reach import can_hold
from policylint.rules.verbs import VERBS, Kind
from policylint.settings import Settings
from policylint.situation import Facts
from policylint.sources.recording import read_value
from policylint.sources.shapes import Shape
from tests.property.strategies import RULEBOOK

ANY_RULE: Final = next(iter(RULEBOOK.rules.values()))
PAGES: Final = {"7": Page(subscription_messaging=True), "8": Page(news=True, automated=True)}
DEFAULTS: Final[Mapping[Kind, Sequence[Any]]] = {Kind.TEXT: ["x"], Kind.LIST: ["x"], Kind.FLAG: [True, False]}
SIZES: Final = ("longer_than", "shorter_than", "count_above", "more_bytes_than")
LISTS: Final = ("in", "not_in")
COMPARING: Final = ("is", "is_not", "in", "not_in", "contains", "above", "below", "at_least", "at_most")


@dataclass(frozen=True, repr=False)
class Judged:
    """Messages of all editions, each unlike the others; the gates that each found shut; values of each fact."""

    messages: Sequence[Facts]
    shut: Sequence[frozenset[str]]
    seen: Mapping[str, Sequence[Any]]
    conditions: st.SearchStrategy[Condition]


@pytest.fixture(scope="module")
def judged() -> Judged:
    """The messages of all rules' examples, under every edition and those of their own days."""
    kept: dict[object, Facts] = {}

    def keep(facts: Facts) -> frozenset[str]:
        tag, page = facts.tag and facts.tag.name, facts.situation.page
        kept.setdefault((facts.edition.id, closed(facts), tag, facts.permission, facts.window_state, page), facts)
        return frozenset()

    examples = [example for rule in RULEBOOK.rules.values() for example in (*rule.good, *rule.bad)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("policylint.lint.closed", keep)
        for number, edition in enumerate([DATED, *(edition.id for edition in RULEBOOK.editions.all)]):
            wanted = Settings(edition=edition, edition_by_flag=True, pages=PAGES)
            judge = replace(judge_for(wanted, RULEBOOK), rules=())
            for n, example in enumerate(examples):
                script = {"page_id": str(6 + (n + number) % 3), **example.script}
                script.pop("edition", None)
                start = RULEBOOK.editions.named(edition).start
                history = History.PARTIAL if n % 4 == 0 else History.COMPLETE
                read = read_value(example.name, script, shape=Shape.SCRIPT, script_start=start)
                run([read], replace(judge, script_history=history))
    messages = list(kept.values())
    values = seen(messages)
    return Judged(messages, [closed(facts) for facts in messages], values, conditions(values))


def seen(messages: Sequence[Facts]) -> dict[str, list[Any]]:
    """Some values of each fact, those of lists one by one; and one of its kind that no message needs to have."""
    found: dict[str, dict[tuple[type, Any], None]] = defaultdict(dict)
    for name, spec in FACTS.items():
        read = reader(name)
        for facts in messages:
            for _, value in read(facts):
                for one in value if isinstance(value, list | tuple) else [value]:
                    found[name][type(one), one] = None
        found[name].update(dict.fromkeys((type(one), one) for one in DEFAULTS.get(spec.kind, [0])))
    return {name: [value for _, value in values][-40:] for name, values in found.items()}


@st.composite
def askings(draw: st.DrawFn, values: Mapping[str, Sequence[Any]]) -> Asking:
    """Tests that the loader would take: a verb that suits the fact, and an option that suits the verb."""
    fact = draw(st.sampled_from(list(FACTS)))
    kind = FACTS[fact].kind
    verb = draw(st.sampled_from([name for name, verb in VERBS.items() if kind in verb.kinds]))
    value = st.sampled_from(values[fact])
    if verb in COMPARING and draw(st.integers(0, 7)) == 0:
        alike = (kind,) if verb not in LISTS else (Kind.LIST,)
        return Asking(fact, verb, {"fact": draw(st.sampled_from([n for n, s in FACTS.items() if s.kind in alike]))})
    if verb in SIZES:
        return Asking(fact, verb, draw(st.sampled_from([0, 1, 5])))
    if verb in LISTS:
        return Asking(fact, verb, draw(st.lists(value, min_size=1, max_size=8)))
    if verb == "present":
        return Asking(fact, verb, draw(st.booleans()))
    if verb in ("matches", "not_matches"):
        return Asking(fact, verb, draw(st.sampled_from([".", "^$", "[A-Z]", "(?i)e"])))
    return Asking(fact, verb, draw(value))


def conditions(values: Mapping[str, Sequence[Any]]) -> st.SearchStrategy[Condition]:
    """Conditions as rules have them: tests, and what holds when all, some or none of several do."""

    def joined(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        parts = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return st.one_of(st.builds(AllOf, parts), st.builds(AnyOf, parts), st.builds(NoneOf, parts))

    return st.recursive(askings(values), joined, max_leaves=5)


def check(condition: Condition, judged: Judged) -> None:
    ask = compile_rule(replace(ANY_RULE, breach_when=condition), RULEBOOK.editions.all[0]).ask
    gates = gates_of(condition)
    reached = {edition.id for edition in RULEBOOK.editions.all if can_hold(condition, edition)}
    for facts, shut in zip(judged.messages, judged.shut, strict=True):
        edition, behind = facts.edition.id, sorted(gates & shut)
        if edition not in reached or behind:  # only these would not have been asked
            assert ask(facts) is None, f"{condition} holds in {edition}, ruled out by {behind or 'the edition'}"


@settings(max_examples=1000, deadline=None)
@given(st.data())
def test_what_holds_is_not_ruled_out(judged: Judged, data: st.DataObject) -> None:
    check(data.draw(judged.conditions), judged)


@pytest.mark.parametrize("fact", FACTS)
def test_a_value_that_was_seen_is_not_ruled_out(judged: Judged, fact: str) -> None:
    for verb, options in (("is", judged.seen[fact]), ("is_not", judged.seen[fact]), ("present", [True, False])):
        for option in options:
            check(Asking(fact, verb, option), judged)


def test_the_messages_stand_before_each_gate_open_and_closed_under_all_editions(judged: Judged) -> None:
    assert {gate for gate in GATES if any(gate not in shut for shut in judged.shut)} == set(GATES)
    assert {gate for gate in GATES if any(gate in shut for shut in judged.shut)} == set(GATES)
    assert {facts.edition.id for facts in judged.messages} == {edition.id for edition in RULEBOOK.editions.all}
