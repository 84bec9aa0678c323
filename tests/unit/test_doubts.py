"""Doubts: what is told when only one of two editions, or limits, or days of an edition forbids a message."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from policylint.doubts import doubted
from policylint.editions import Regime
from policylint.engines.local import run
from policylint.findings import Severity
from policylint.lint import judge_for
from policylint.rulebook import shipped_rulebook
from policylint.rules.compile import Breach
from policylint.settings import Settings
from policylint.situation import Doubt
from policylint.sources.recording import read_value
from policylint.sources.shapes import Shape

BOOK = shipped_rulebook()
DAY = "2017-11-07"
LIKELY = Regime(BOOK.editions.named("2017-11"), DAY, DAY, strict=True)
PERHAPS = Regime(BOOK.editions.named("2017-09"), DAY, DAY, strict=True, late=True)
SAME_EDITION = replace(PERHAPS, edition=LIKELY.edition)


def breach(rule: str, severity: Severity, pointer: str = "/message/text") -> Breach:
    return Breach(BOOK.rules[rule], severity, pointer, "is wrong", "Do it otherwise.")


NOTE = breach("not-in-edition", Severity.NOTE)
WARNING = breach("off-topic-for-tag", Severity.WARNING)
ERROR = breach("too-long", Severity.ERROR)


def test_a_note_stays_what_it_is() -> None:
    assert doubted([NOTE], [], LIKELY, PERHAPS) == ([NOTE], [])
    assert doubted([], [NOTE], LIKELY, PERHAPS) == ([], [])


def test_a_note_beside_what_becomes_a_doubt() -> None:
    kept, doubts = doubted([NOTE, ERROR], [], LIKELY, PERHAPS)
    assert (kept, [doubt.rule for doubt in doubts]) == ([NOTE], ["too-long"])


@pytest.mark.parametrize("one", [WARNING, ERROR], ids=["warning", "error"])
def test_what_one_edition_alone_says_is_told_with_its_name(one: Breach) -> None:
    assert doubted([one], [], LIKELY, PERHAPS) == (
        [],
        [Doubt(one.rule.id, "/message/text", "edition 2017-11", "edition 2017-09")],
    )
    assert doubted([], [one], LIKELY, PERHAPS) == (
        [],
        [Doubt(one.rule.id, "/message/text", "edition 2017-09", "edition 2017-11")],
    )


def test_of_two_limits_the_newer_is_the_one_that_may_hold_already() -> None:
    assert doubted([ERROR], [], LIKELY, SAME_EDITION) == (
        [],
        [Doubt("too-long", "/message/text", "the older limit", "the newer one")],
    )
    assert doubted([], [ERROR], LIKELY, SAME_EDITION) == (
        [],
        [Doubt("too-long", "/message/text", "the newer limit", "the older one")],
    )


def told(edition: str, request: dict[str, Any]) -> list[tuple[str, Severity]]:
    """What is said of an answer under an edition that was asked for, the message's day being unknown."""
    events = [{"at": "0h", "person": {"text": "Hi"}}, {"at": "1h", "page": {"messaging_type": "RESPONSE", **request}}]
    judge = judge_for(Settings(edition=edition, edition_by_flag=True), BOOK)
    read = read_value("a", {"events": events}, shape=Shape.SCRIPT, script_start=BOOK.editions.named(edition).start)
    return [(finding.rule, finding.severity) for finding in run([read], judge).findings]


def test_what_a_later_day_of_the_edition_has_is_a_note() -> None:
    by_token = {"recipient": {"one_time_notif_token": "T"}, "message": {"text": "It is back."}}
    assert told("2019-08", by_token) == [("not-in-edition", Severity.NOTE)]


def test_what_a_later_day_of_the_edition_allows_is_a_warning() -> None:
    assert told("2017-11", {"message": {"text": "x" * 800}}) == [("too-long", Severity.WARNING)]
    assert told("2017-11", {"message": {"text": "x" * 2100}}) == [("too-long", Severity.ERROR)]
