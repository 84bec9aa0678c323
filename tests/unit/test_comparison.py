"""What changes between two editions, as a value."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Final

import pytest

from policylint.comparison import Comparison, compare
from policylint.edition_values import edition_value
from policylint.editions import Edition, Editions, Tag
from policylint.events import Platform
from policylint.findings import Severity
from policylint.meaning import meaning
from policylint.rulebook import shipped_rulebook
from policylint.rules.model import InForce, Variant
from policylint.rules.model import Test as Condition
from policylint.structure.dated import read_master

BOOK: Final = shipped_rulebook()
MASTER: Final = read_master(Path(__file__).parents[2] / "schemas")
SOME: Final = [BOOK.editions.named(name) for name in ("2016-04", "2017-04", "2017-11", "2019-08", "2020-03", "2026-09")]
PAIRS: Final = list(product([*SOME, *BOOK.editions.of(Platform.INSTAGRAM)], repeat=2))


def between(before: Edition, after: Edition) -> Comparison:
    return compare(before, after, BOOK.editions, BOOK.rules, MASTER)


def changed(edition: Edition, **fields: object) -> Comparison:
    """From an edition to what it would be with other `fields`."""
    return between(edition, replace(edition, **fields))  # type: ignore[arg-type]


@pytest.mark.parametrize("edition", BOOK.editions.all, ids=lambda edition: edition.id)
def test_an_edition_does_not_differ_from_itself(edition: Edition) -> None:
    found = between(edition, edition)
    assert found.is_empty
    assert found.meaning == ()


@pytest.mark.parametrize(("before", "after"), PAIRS, ids=lambda edition: edition.id)
def test_back_is_the_reverse_of_there(before: Edition, after: Edition) -> None:
    there, back = between(before, after), between(after, before)
    assert there.is_empty is back.is_empty
    assert {gone.tag.name for gone in there.tags_gone} == {tag.name for tag in back.tags_come}
    assert {rule.id for rule in there.rules_gone} == {rule.id for rule in back.rules_come}
    assert {tag.name for tag in there.tags_changed} == {tag.name for tag in back.tags_changed}
    assert [(one.name, one.before) for one in there.terms] == [(one.name, one.after) for one in back.terms]
    assert set(map(str, there.structure.came)) == set(map(str, back.structure.went))
    assert {(limit.where, limit.before, limit.after) for limit in there.structure.limits} == {
        (limit.where, limit.after, limit.before) for limit in back.structure.limits
    }


@pytest.mark.parametrize("edition", BOOK.editions.all[1:], ids=lambda edition: edition.id)
def test_each_edition_means_something_for_a_business(edition: Edition) -> None:
    before = [one for one in BOOK.editions.of(edition.platform) if one.since < edition.since]
    if before:
        told = meaning(before[-1], edition)
        assert told
        assert all(not sentence[0].islower() and sentence.endswith(".") for sentence in told)


def test_a_successor_counts_at_second_hand() -> None:
    """A's successor is B, and B's is C: where only C is left, C takes A's place."""

    def edition(day: str, *tags: Tag) -> Edition:
        named = {tag.name: tag for tag in tags}
        return replace(SOME[1], id=day[:7], since=day, until=None, uncertain=None, tags=named)

    tags = [Tag("A", "a", (), successor="B"), Tag("B", "b", (), successor="C"), Tag("C", "c", ())]
    every = [edition(f"2018-0{n + 1}-01", tag) for n, tag in enumerate(tags)]
    found = compare(every[0], every[2], Editions(tuple(every)), {}, MASTER)
    assert [(gone.successor, gone.outcome) for gone in found.tags_gone] == [("C", "C")]
    ring = replace(every[1], tags={"B": replace(tags[1], successor="A")})
    found = compare(every[0], every[2], Editions((every[0], ring, every[2])), {}, MASTER)
    assert [gone.successor for gone in found.tags_gone] == [None]


def test_a_rule_that_speaks_otherwise_is_told_with_both_wordings() -> None:
    rule = replace(
        BOOK.rules["too-long"],
        variants=(
            Variant(
                {"severity": Severity.NOTE, "remedy": "Within {window.length}."},
                {Platform.MESSENGER: InForce("2020-03")},
            ),
            Variant({"message": "special"}, {Platform.MESSENGER: InForce("2020-03")}, Condition("tag.name", "is", "A")),
        ),
    )
    (found,) = compare(SOME[3], SOME[4], BOOK.editions, {rule.id: rule}, MASTER).rules_changed
    said = {one.name: (one.before, one.after) for one in found.changes}
    assert said["severity"] == ("error", "note")
    assert said["remedy"][1] == "Within 24h."
    assert said["where tag.name is A"][0] is None
    assert "message" not in said


def test_a_filling_alone_is_no_other_wording() -> None:
    """unknown-tag names the edition's tags; that there are others is told as tags."""
    seed, next_one = BOOK.editions.named("2017-04"), BOOK.editions.named("2017-07")
    assert seed.tags != next_one.tags
    assert "unknown-tag" not in {one.rule.id for one in between(seed, next_one).rules_changed}


def test_terms_of_notifications_are_those_of_the_first_days() -> None:
    before, after = BOOK.editions.named("2025-07"), BOOK.editions.named("2026-02")
    assert before.notification_terms == after.notification_terms
    terms = {one.name: one for one in between(before, after).terms}["recurring_notifications"]
    assert (terms.before["every"], terms.after["every"]) == (None, "48h")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"window": None}, "No limit on how long a business may answer is on record"),
        ({"window": 3600 * 48 * 1_000_000}, "A business may answer for 48 hours"),
        ({"extra_messages": 2}, "After the window a business may send two more messages without a tag until"),
        ({"opens": frozenset({"message"})}, "A tap on a button does not open the window"),
        ({"tags": {}}, "can no longer be used"),
        ({"messaging_type": "absent"}, "There is no field messaging_type"),
        ({"exempt_contents": frozenset({"template:receipt"})}, "may be sent after the window, too: receipt"),
        ({"subscription_messaging": True}, "Pages that are approved for subscription messaging may send"),
        ({"news_messaging": False}, "registered as news pages may not send"),
        ({"utility_messages": True}, "Utility templates that were approved beforehand may be sent"),
        ({"one_time_token_life": None}, "There are no one-time notifications"),
        ({"private_reply_within": 3600 * 48 * 1_000_000}, "may be answered in private within 48 hours"),
        ({"private_reply_tagged": False}, "A private reply to a comment must not carry a tag"),
        ({"promotional_kinds": frozenset({"coupon"})}, "Coupon counts as promotion"),
        ({"ad_window": 7 * 86400 * 1_000_000}, "An ad that opens a conversation may give up to 7 days"),
    ],
)
def test_each_term_has_a_sentence(fields: dict[str, object], sentence: str) -> None:
    found = changed(BOOK.editions.named("2020-03"), **fields)
    assert any(sentence in said for said in found.meaning), found.meaning
    assert found.terms or found.tags_gone


def test_every_term_of_an_edition_is_compared() -> None:
    """What an edition file can say and a comparison would overlook would be a change that nobody is told."""
    names = set(edition_value(SOME[0])) - {
        "id",
        "platform",
        "title",
        "summary",
        "since",
        "until",
        "boundary",
        "uncertain",
    }
    told = {one.name for pair in PAIRS for one in between(*pair).terms} | {"tags", "source"}
    assert names - told <= {"promotional_kinds"}
