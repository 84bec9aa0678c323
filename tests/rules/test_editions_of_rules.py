"""Rules and editions fit each other: what a rule says in some edition, some bad example shows it saying."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Final

import pytest

from policylint.conversation import earliest
from policylint.durations import parse_duration
from policylint.editions import DATED, DEFAULT, Edition
from policylint.engines.local import run
from policylint.events import History, Platform
from policylint.lint import Judge, asked
from policylint.pages import automation_from_data, pages_from_data
from policylint.rulebook import read_rulebook, rulebook_from_data
from policylint.rules.model import AppliesTo, Example, Rule
from policylint.shipped import shipped
from policylint.sources.recording import read_value
from policylint.sources.shapes import Shape

BOOK: Final = rulebook_from_data(read_rulebook(shipped("rules")))
EDITIONS: Final = {edition.id: edition for platform in Platform for edition in BOOK.editions.of(platform)}
OWN_WORDS: Final = "own words"
ASKED: Final = [name for name, rule in BOOK.rules.items() if rule.applies_to is not AppliesTo.CHECK]


@dataclass(frozen=True)
class Told:
    """One breach of a bad example: under which edition, and in the words of which variant."""

    edition: str | None  # None: the record could not be read
    words: str


def variant_name(number: int) -> str:
    return f"variant {number}"


@cache
def told(name: str) -> frozenset[Told]:
    """How the bad examples of a rule are told. Each variant's remedy is replaced by its number, to know it by."""
    rule = BOOK.rules[name]
    variants = [
        replace(variant, changes={**variant.changes, "remedy": variant_name(number)})
        for number, variant in enumerate(rule.variants, 1)
    ]
    marked = replace(rule, remedy=OWN_WORDS, variants=tuple(variants))
    return frozenset(each for example in rule.bad for each in breaches(marked, example))


def breaches(rule: Rule, example: Example) -> Iterator[Told]:
    asked_for = str(example.script.get("edition", DEFAULT))
    edition = BOOK.editions.named(asked_for)
    recording = read_value(example.name, dict(example.script), shape=Shape.SCRIPT, script_start=edition.start)
    rules = {**(BOOK.rules if rule.applies_to is AppliesTo.DOUBT else {}), rule.id: rule}
    settings = example.settings
    judge = Judge(
        rulebook=BOOK,
        rules=asked(rules, lambda _: True),
        edition=DATED if asked_for == DATED else edition.id,
        script_history=History(settings.get("history", History.COMPLETE)),
        clock_skew=parse_duration(settings.get("clock_skew", "0s")),
        pages=pages_from_data(settings.get("pages", {})),
        automation=automation_from_data(settings.get("automation", {})),
    )
    for finding in run([recording], judge.over(earliest(recording.events, scripts=True))).findings:
        if finding.rule == rule.id and finding.where.record in example.breaches:
            yield Told(finding.edition, finding.remedy)


def sayable(rule: Rule, edition: Edition) -> set[str]:
    """The words in which a rule can be told under an edition; those after an unconditional variant never are."""
    words = set()
    for number, variant in enumerate(rule.variants, 1):
        if variant not in rule.variants_in(edition):
            continue
        words.add(variant_name(number))
        if variant.when is None:
            return words
    return {*words, OWN_WORDS}


def in_force(rule: Rule) -> list[Edition]:
    return [edition for edition in EDITIONS.values() if rule.is_in_force(edition)]


@pytest.mark.parametrize("name", ASKED)
def test_every_rule_is_in_force_somewhere_and_fires_there(name: str) -> None:
    rule = BOOK.rules[name]
    assert in_force(rule)
    assert told(name)
    assert all(one.edition is None or rule.is_in_force(EDITIONS[one.edition]) for one in told(name))


@pytest.mark.parametrize("name", ASKED)
def test_every_wording_of_a_rule_has_a_bad_example(name: str) -> None:
    """A variant that none shows is one that can't be reached, or that nobody has tried."""
    rule = BOOK.rules[name]
    wanted = {OWN_WORDS, *map(variant_name, range(1, len(rule.variants) + 1))}
    reachable = set[str]().union(*(sayable(rule, edition) for edition in in_force(rule)))
    assert wanted - {OWN_WORDS} <= reachable
    assert {one.words for one in told(name)} == reachable


@pytest.mark.parametrize("name", [name for name in ASKED if Platform.INSTAGRAM in BOOK.rules[name].in_force])
def test_a_rule_that_names_instagram_has_a_bad_example_there(name: str) -> None:
    platforms = {EDITIONS[one.edition].platform for one in told(name) if one.edition is not None}
    assert Platform.INSTAGRAM in platforms


@pytest.mark.parametrize("name", [name for name in ASKED if Platform.MESSENGER in BOOK.rules[name].in_force])
def test_a_rule_that_names_messenger_has_a_bad_example_there(name: str) -> None:
    platforms = {EDITIONS[one.edition].platform for one in told(name) if one.edition is not None}
    assert Platform.MESSENGER in platforms


@pytest.mark.parametrize("name", [name for name, rule in BOOK.rules.items() if rule.in_force or rule.variants])
def test_spans_of_rules_name_editions_of_their_platform(name: str) -> None:
    rule = BOOK.rules[name]
    for spans in (rule.in_force, *(variant.in_force for variant in rule.variants)):
        for platform, span in spans.items():
            named = [one for one in (span.since, span.until) if one is not None]
            assert all(EDITIONS[one].platform is platform for one in named)
            assert named == sorted(named)


@pytest.mark.parametrize("name", [name for name, rule in BOOK.rules.items() if rule.variants])
def test_every_variant_is_within_its_rule(name: str) -> None:
    rule = BOOK.rules[name]
    editions = in_force(rule)
    for variant in rule.variants:
        assert any(variant in rule.variants_in(edition) for edition in editions)
        assert variant.changes


_IDENTITY: Final = ("id", "title", "summary", "since", "until", "uncertain", "source")


@pytest.mark.parametrize(
    ("older", "newer"),
    [pair for platform in Platform for pair in pairwise(BOOK.editions.of(platform))],
    ids=lambda edition: edition.id,
)
def test_every_edition_changes_what_may_be_sent_or_what_is_asked(older: Edition, newer: Edition) -> None:
    alike = replace(newer, **{name: getattr(older, name) for name in _IDENTITY}) == older
    rules = BOOK.rules.values()
    assert not alike or any(rule.is_in_force(older) != rule.is_in_force(newer) for rule in rules)
