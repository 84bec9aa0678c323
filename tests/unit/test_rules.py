"""The rule language: verbs, conditions, words, and what the loader says of a broken file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policylint.editions import Regime
from policylint.errors import RuleError
from policylint.events import Origin, PageSent
from policylint.facts import FACTS
from policylint.rulebook import shipped_rulebook
from policylint.rules.compile import compile_rule
from policylint.rules.load import load_rule
from policylint.rules.model import rule_from_data
from policylint.rules.verbs import VERBS
from policylint.situation import Facts, Situation, select
from policylint.window import Horizon, Window

BOOK = shipped_rulebook()
SEED = BOOK.editions.named("2017-04")
HOUR = 3_600_000_000
REQUEST: dict[str, Any] = {
    "recipient": {"id": "1"},
    "tag": "ISSUE_RESOLUTION",
    "notification_type": "NO_PUSH",
    "message": {
        "text": "Hello there",
        "metadata": "order-17",
        "quick_replies": [{"title": "Yes", "n": 3, "flag": True}, {"title": "No", "n": 7}],
    },
}


def rule(breach_when: dict[str, Any], **over: Any) -> dict[str, Any]:
    return {
        "id": "some-rule",
        "status": "stable",
        "severity": "error",
        "summary": "Something.",
        "policy": {"title": "A page", "url": "https://example.com/policy", "read_on": "2026-11-23"},
        "applies_to": "page",
        "breach_when": breach_when,
        "message": "this is wrong",
        "remedy": "Do it otherwise.",
        **over,
    }


def facts(request: dict[str, Any] = REQUEST, at: int = 30 * HOUR, window: Window | None = None) -> Facts:
    event = PageSent(Origin("a.json", 1), "1", None, at, request)
    situation = Situation(
        regime=Regime(SEED, SEED.since, SEED.since),
        editions=BOOK.editions,
        scorer=BOOK.scorer,
        horizon=Horizon(),
        window=Window(actions={"message": 0}) if window is None else window,
    )
    return Facts(event, situation)


TITLES = "payload./message/quick_replies/*/title"
NUMBERS = "payload./message/quick_replies/*/n"


@pytest.mark.parametrize(
    ("fact", "verb", "yes", "no"),
    [
        ("payload./message/text", "is", "Hello there", "hello there"),
        ("payload./message/text", "is_not", "hello", "Hello there"),
        (NUMBERS, "is", 7, 8),
        ("payload./message/quick_replies/0/flag", "is", True, 1),
        (TITLES, "in", ["No", "Maybe"], ["Maybe"]),
        (TITLES, "not_in", ["Maybe"], ["No"]),
        (NUMBERS, "above", 6, 7),
        (NUMBERS, "below", 4, 3),
        (NUMBERS, "at_least", 7, 8),
        (NUMBERS, "at_most", 3, 2),
        ("window.age", "above", "29h59m", "30h"),
        ("window.age", "at_least", "30h", "30h+1ms"),
        ("message.at", "below", "1970-01-02T06:00:01Z", "1970-01-02T06:00:00Z"),
        ("payload./message/metadata", "present", True, False),
        ("payload./message/nothing", "present", False, True),
        ("payload./message/text", "matches", "^Hel+o", "^there"),
        ("payload./message/text", "not_matches", "^there", "Hello"),
        ("payload./message/text", "starts_with", "Hello", "there"),
        ("payload./message/text", "ends_with", ["x", "there"], "Hello"),
        ("payload./message/text", "contains", "lo th", "xyz"),
        ("tag.contents", "contains", "text", "image"),
        ("payload./message/text", "longer_than", 10, 11),
        ("payload./message/text", "shorter_than", 12, 11),
        (TITLES, "count_above", 1, 2),
        ("payload./message/quick_replies", "count_above", 1, 2),
        ("message.texts", "mentions", ["HELLO"], ["hell"]),
        ("message.texts", "count_above", 2, 3),
        ("payload./message/text", "more_bytes_than", 10, 11),
        ("message.tag", "is", {"fact": "tag.name"}, {"fact": "message.content"}),
        ("message.content", "in", {"fact": "tag.contents"}, {"fact": "tag.topics"}),
    ],
)
def test_verb(fact: str, verb: str, yes: Any, no: Any) -> None:
    holds, fails = (compile_rule(rule_from_data(rule({fact: {verb: option}})), SEED) for option in (yes, no))
    assert holds(facts()) is not None
    assert fails(facts()) is None


def test_every_verb_is_tested_above() -> None:
    marks = getattr(test_verb, "pytestmark")  # noqa: B009 - pytest's own attribute, unknown to the type checker
    assert {case[1] for case in marks[0].args[1]} == set(VERBS)


@pytest.mark.parametrize("verb", ["is", "in", "above", "matches", "starts_with", "contains", "longer_than", "mentions"])
def test_an_absent_fact_satisfies_no_claim(verb: str) -> None:
    option: Any = {"in": ["x"], "above": 0, "longer_than": 0}.get(verb, "x")
    assert compile_rule(rule_from_data(rule({"payload./nothing/here": {verb: option}})), SEED)(facts()) is None


@pytest.mark.parametrize(("verb", "option"), [("is_not", "x"), ("not_in", ["x"]), ("not_matches", "x")])
def test_an_absent_fact_satisfies_every_denial(verb: str, option: Any) -> None:
    assert compile_rule(rule_from_data(rule({"payload./nothing/here": {verb: option}})), SEED)(facts()) is not None


@pytest.mark.parametrize(
    ("condition", "breached"),
    [
        ({"all": [{"message.tagged": {"is": True}}, {"message.content": {"is": "text"}}]}, True),
        ({"all": [{"message.tagged": {"is": True}}, {"message.content": {"is": "image"}}]}, False),
        ({"any": [{"message.content": {"is": "image"}}, {"message.content": {"is": "text"}}]}, True),
        ({"any": [{"message.content": {"is": "image"}}, {"message.content": {"is": "video"}}]}, False),
        ({"none": [{"message.content": {"is": "image"}}, {"message.content": {"is": "video"}}]}, True),
        ({"none": [{"message.content": {"is": "image"}}, {"message.content": {"is": "text"}}]}, False),
        ({"message.tagged": {"is": True}, "message.content": {"is": "image"}}, False),
        ({"payload./message/text": {"longer_than": 3, "shorter_than": 5}}, False),
        ({"none": [{"all": [{"message.tagged": {"is": False}}]}]}, True),
    ],
)
def test_conditions(condition: dict[str, Any], breached: bool) -> None:
    assert (compile_rule(rule_from_data(rule(condition)), SEED)(facts()) is not None) is breached


def test_a_finding_points_at_the_first_value_that_holds() -> None:
    breach = compile_rule(rule_from_data(rule({TITLES: {"is": "No"}})), SEED)(facts())
    assert breach is not None
    assert breach.pointer == "/message/quick_replies/1/title"


def test_words_are_filled_in_without_private_text() -> None:
    told = "{message.tag} after {window.age}: {payload./message/text} / {tag.contents} / {payload./message/metadata}"
    breach = compile_rule(rule_from_data(rule({"message.tagged": {"is": True}}, message=told)), SEED)(facts())
    assert breach is not None
    assert breach.message == (
        "ISSUE_RESOLUTION after 30h: a text of 11 characters / template:generic or text / a text of 8 characters"
    )


def test_star_selects_in_objects_and_arrays_and_null_is_absent() -> None:
    value = {"a": {"x": 1, "y/z": None}, "b": [{"x": 2}, {"x": 3}]}
    assert select(value, "/a/*") == [("/a/x", 1)]
    assert select(value, "/b/*/x") == [("/b/0/x", 2), ("/b/1/x", 3)]
    assert select(value, "/b/7/x") == select(value, "/b/x") == []


def test_every_fact_has_words() -> None:
    assert all(spec.means for spec in FACTS.values())


BROKEN = {
    "unknown fact": ({"window.aeg": {"above": "24h"}}, "no fact is called window.aeg; did you mean window.age?"),
    "unknown verb": ({"window.age": {"abov": "24h"}}, "no verb is called abov; did you mean above?"),
    "duration without unit": ({"window.age": {"above": 24}}, "a number with a unit"),
    "not a duration": ({"window.age": {"above": "soon"}}, "not a duration"),
    "verb of another kind": ({"window.age": {"matches": "x"}}, "does not suit"),
    "pattern that RE2 refuses": ({"payload./message/text": {"matches": "(a)\\1"}}, "not an RE2 pattern"),
    "pointer without slash": ({"payload.message": {"present": True}}, "JSON pointer"),
    "option of the wrong type": ({"payload./a": {"longer_than": "x"}}, "longer_than"),
    "fact where a value is needed": ({"payload./a": {"matches": {"fact": "message.tag"}}}, "takes a value"),
    "another fact that does not exist": ({"message.tag": {"is": {"fact": "tag.nmae"}}}, "did you mean tag.name?"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_condition_is_named_with_its_place(name: str, tmp_path: Path) -> None:
    condition, words = BROKEN[name]
    examples = {kind: [{"name": "x", "events": [{}], "breaches": [1]}] for kind in ("good", "bad")}
    lines = [f"{key}: {json.dumps(value)}" for key, value in rule({"all": [condition]}, examples=examples).items()]
    path = tmp_path / "some-rule.yaml"
    path.write_text("\n".join(lines))
    with pytest.raises(RuleError) as raised:
        load_rule(path)
    file, line, column, *_ = str(raised.value).split(":")
    assert file == path.as_posix()
    assert lines[int(line) - 1].startswith("breach_when")
    assert int(column) > len('breach_when: {"all": [')
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id: x\nid: y\n", ":2:1: the key id stands twice"),
        ("id: [\n", "not valid YAML"),
        ("severity: bad\n", "missing"),
        ("- a\n", "must be of type object"),
        ("", "must be of type object"),
        ("id: !!python/name:os.system x\n", "a YAML tag"),
    ],
)
def test_a_broken_rule_file_stops_with_its_place(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(text)
    with pytest.raises(RuleError, match=r"r\.yaml:\d+:\d+: ") as raised:
        load_rule(path)
    assert words in str(raised.value)
