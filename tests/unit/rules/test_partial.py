"""Partial evaluation, case by case: what is certain of a rule before all facts are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from policylint.editions import Regime
from policylint.events import Origin, PageSent
from policylint.facts import reader
from policylint.rulebook import shipped_rulebook
from policylint.rules.model import AppliesTo, Condition, Rule, condition_from_data, rule_from_data
from policylint.rules.partial import DYNAMIC, facts_in, facts_of, may_hold, partial
from policylint.rules.reach import reaches
from policylint.situation import Facts, Situation
from policylint.window import Horizon, Window

BOOK = shipped_rulebook()
SEED = BOOK.editions.named("2017-04")
YES, NO, OPEN = {"message.echo": {"is": True}}, {"message.echo": {"is": False}}, {"window.opted_out": {"is": True}}


def known(**values: Any) -> dict[str, Sequence[tuple[str | None, Any]]]:
    """Facts by name, `_` for the dot; None for a fact that has no value."""
    return {
        name.replace("_", ".", 1): () if value is None else ((None, value),)
        for name, value in {"message_echo": True, **values}.items()
    }


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        (YES, True),
        (NO, False),
        (OPEN, None),
        ({"all": [OPEN, YES]}, None),
        ({"all": [OPEN, NO]}, False),
        ({"all": [YES, YES]}, True),
        ({"any": [OPEN, YES]}, True),
        ({"any": [OPEN, NO]}, None),
        ({"any": [NO, NO]}, False),
        ({"none": [OPEN, YES]}, False),
        ({"none": [OPEN, NO]}, None),
        ({"none": [NO, NO]}, True),
        ({"all": [YES, {"none": [{"all": [NO, OPEN]}]}]}, True),
    ],
    ids=str,
)
def test_what_is_certain_of_parts_is_certain_of_the_whole(condition: dict[str, Any], held: bool | None) -> None:
    assert may_hold(condition_from_data(condition), known()) is held


COMPARED = condition_from_data({"window.age": {"above": {"fact": "tag.age_limit"}}})
DENIED = condition_from_data({"message.content": {"not_in": {"fact": "tag.contents"}}})


@pytest.mark.parametrize(
    ("condition", "values", "held"),
    [
        (COMPARED, {"tag_age_limit": 5}, None),
        (COMPARED, {"window_age": 6}, None),
        (COMPARED, {"window_age": 6, "tag_age_limit": 5}, True),
        (COMPARED, {"window_age": 5, "tag_age_limit": 5}, False),
        (COMPARED, {"tag_age_limit": None}, False),
        (DENIED, {"tag_contents": None}, False),
        (DENIED, {"tag_contents": ("text",)}, None),
        (DENIED, {"tag_contents": ("text",), "message_content": None}, True),
    ],
)
def test_a_comparison_wants_both_facts_unless_there_is_nothing_to_compare_with(
    condition: Condition, values: dict[str, Any], held: bool | None
) -> None:
    assert may_hold(condition, known(**values)) is held


@pytest.mark.parametrize(
    ("test", "held"),
    [({"is": 24}, False), ({"is_not": 24}, True), ({"present": False}, True), ({"count_above": 0}, False)],
    ids=str,
)
def test_a_fact_without_a_value_is_known_too(test: dict[str, Any], held: bool) -> None:
    condition = condition_from_data({"tag.topics": test})
    assert may_hold(condition, known(tag_topics=None)) is held
    assert may_hold(condition, known()) is None


def test_durations_are_read_in_their_units() -> None:
    condition = condition_from_data({"window.age": {"above": "24h"}})
    assert may_hold(condition, known(window_age=25 * 3_600_000_000)) is True
    assert may_hold(condition, known(window_age=23 * 3_600_000_000)) is False


CRASHES = {"message.content": {"starts_with": {"fact": "window.age"}}}  # no text starts with a number


def test_a_test_that_fails_is_left_to_the_check() -> None:
    condition = partial(condition_from_data({"all": [CRASHES, NO]}))
    assert condition(known(message_content="text", window_age=1)) is None


@pytest.mark.parametrize("parts", [{"all": [CRASHES, NO]}, {"any": [CRASHES, YES]}, {"none": [CRASHES, YES]}], ids=str)
def test_what_stands_behind_a_test_that_may_fail_is_not_certain(parts: dict[str, Any]) -> None:
    assert may_hold(condition_from_data(parts), known(message_content="text")) is None
    turned = {name: part[::-1] for name, part in parts.items()}
    assert may_hold(condition_from_data(turned), known(message_content="text")) is not None


def test_facts_in_a_condition_are_those_compared_with_too() -> None:
    inner = {"none": [{"tag.name": {"is": "A", "is_not": {"fact": "message.tag"}}}, {"payload./a": {"present": True}}]}
    condition = condition_from_data({"all": [inner, YES]})
    assert facts_in(condition) == {"tag.name", "message.tag", "payload./a", "message.echo"}


def rule(*variants: dict[str, Any]) -> Rule:
    return rule_from_data(
        {
            "id": "some-rule",
            "status": "stable",
            "severity": "error",
            "summary": "Something.",
            "policy": {"title": "A page", "url": "https://example.com/policy", "read_on": "2026-11-23"},
            "applies_to": "page",
            "breach_when": YES,
            "points_to": "content.topic",
            "message": "carries {message.tag}",
            "remedy": "Wait for {window.length}.",
            "variants": list(variants),
        }
    )


ALWAYS = {"message.echo", "content.topic"}
OWN_WORDS = {"message.tag", "window.length"}


@pytest.mark.parametrize(
    ("variants", "names"),
    [
        ([], OWN_WORDS),
        ([{"message": "has {payload./message/text}"}], {"payload./message/text", "window.length"}),
        ([{"remedy": "Stop.", "when": OPEN}], {"window.opted_out"} | OWN_WORDS),
        (
            [{"message": "{tag.late}", "when": OPEN}, {"message": "{tag.name}"}, {"message": "{tag.retired}"}],
            {"window.opted_out", "tag.late", "tag.name", "window.length"},
        ),
        ([{"message": "{tag.late}", "in_force": {"instagram": {}}}], OWN_WORDS),
    ],
    ids=["none", "always", "sometimes", "the first that fits", "of another edition"],
)
def test_facts_of_a_rule_are_those_that_its_words_can_need(variants: list[dict[str, Any]], names: set[str]) -> None:
    assert facts_of(rule(*variants), SEED) == ALWAYS | names


def test_a_rule_that_points_to_a_structural_problem_depends_on_its_place() -> None:
    about = next(rule for rule in BOOK.rules.values() if rule.points_to == "structure.pointer")
    assert "structure.pointer" in facts_of(about, SEED)


def test_a_plain_answer_is_settled_but_for_what_its_conversation_says() -> None:
    request = {"recipient": {"id": "1"}, "message": {"text": "Hello there"}}
    situation = Situation(
        regime=Regime(SEED, SEED.since, SEED.since),
        editions=BOOK.editions,
        scorer=BOOK.scorer,
        horizon=Horizon(),
        window=Window(),
    )
    facts = Facts(PageSent(Origin("a.json", 1), "1", "2", 0, request), situation)
    rules = [rule for rule in BOOK.rules.values() if rule.applies_to is AppliesTo.PAGE and reaches(rule, SEED)]
    static = {name: reader(name)(facts) for rule in rules for name in facts_in(rule.breach_when) - DYNAMIC}
    left = [rule for rule in rules if may_hold(rule.breach_when, static) is not False]
    assert "untagged-outside-window" in {rule.id for rule in left}
    assert all(facts_in(rule.breach_when) & DYNAMIC for rule in left)
    assert len(left) < len(rules) / 2
