"""Editions are data: one more, made up here, is judged by without a line of code."""

from __future__ import annotations

from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from policylint.durations import parse_time
from policylint.edition_files import editions_from_files
from policylint.editions import Edition
from policylint.engines.local import run
from policylint.errors import RuleError, UsageError
from policylint.events import History, Platform
from policylint.lint import judge_for
from policylint.rulebook import (
    Rulebook,
    read_rulebook,
    rulebook_from_data,
    shipped_rulebook,
    with_editions,
    with_rules,
)
from policylint.settings import Settings
from policylint.shipped import shipped
from policylint.sources.recording import Recording, read_value
from policylint.sources.shapes import Shape

DATA = read_rulebook(shipped("rules"))
BOOK = shipped_rulebook()

MADE_UP = """
platform: messenger
editions:
  - id: "2030-01"
    title: made up
    summary: The window is halved, messaging_type is optional, and a tag may be used for anything.
    since: "2030-01-01"
    boundary: day
    window: 12h
    messaging_type: optional
    opens: [message, reaction]
    tags:
      HUMAN_AGENT: null
      ANYTHING: {purpose: anything, contents: []}
    source: ["https://example.com/policy"]
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    """The shipped rulebook and a later edition."""
    file = tmp_path_factory.mktemp("policy") / "editions.yaml"
    file.write_text(MADE_UP, encoding="utf-8")
    return with_editions(BOOK, [file])


def found(book: Rulebook, script: dict[str, Any], **settings: Any) -> list[tuple[str, int, str | None]]:
    judge = judge_for(Settings(**settings), book)
    start = book.editions.named(judge.edition).start
    recording = read_value("a", script, shape=Shape.SCRIPT, script_start=start)
    return [(finding.rule, finding.where.record, finding.edition) for finding in run([recording], judge).findings]


REACTS = {"at": "0h", "person": {"reaction": {"action": "react", "mid": "m"}}}
WRITES = {"at": "0h", "person": {"text": "Hi"}}


def page(at: str, **request: Any) -> dict[str, Any]:
    return {"at": at, "page": {"message": {"text": "Hello"}, **request}}


def test_a_script_is_judged_by_the_edition_it_asks_for_all_of_it(book: Rulebook) -> None:
    events = [REACTS, page("1h"), page("13h")]
    assert found(book, {"edition": "2030-01", "events": events}) == [("untagged-outside-window", 3, "2030-01")]
    assert found(book, {"events": events})[0][0] == "extra-message-spent"


def test_a_flag_goes_before_the_script(book: Rulebook) -> None:
    script = {"edition": "2030-01", "events": [WRITES, page("13h")]}
    assert found(book, script) == [("untagged-outside-window", 2, "2030-01")]
    assert found(book, script, edition="2017-04", edition_by_flag=True) == []


def test_dated_judges_each_message_by_its_own_day(book: Rulebook) -> None:
    events = [WRITES, page("13h"), {"at": "2031-01-01T00:00:00Z", "person": {"text": "Hi"}}]
    script = {"start": "2017-05-01T00:00:00Z", "events": [*events, {**page("0h"), "at": "2031-01-01T13:00:00Z"}]}
    assert found(book, script, edition="dated") == [("untagged-outside-window", 4, "2030-01")]


def test_a_tag_without_listed_contents_may_carry_anything(book: Rulebook) -> None:
    tagged = page("30h", tag="ANYTHING", message={"attachment": {"type": "image", "payload": {"url": "https://e.com"}}})
    assert found(book, {"edition": "2030-01", "events": [WRITES, tagged]}) == []
    assert found(book, {"edition": "2030-01", "events": [WRITES, page("1h", tag="HUMAN_AGENT")]}) == [
        ("tag-not-in-force", 2, "2030-01")
    ]


def test_what_an_edition_does_not_change_stays(book: Rulebook) -> None:
    made_up, before = book.editions.named("2030-01"), BOOK.editions.named("latest")
    assert book.editions.named("latest") == made_up
    assert book.editions.named(before.id).until == "2029-12-31"
    assert (made_up.extra_messages, made_up.ad_window) == (before.extra_messages, before.ad_window)
    assert set(made_up.tags) == {*before.tags, "ANYTHING"} - {"HUMAN_AGENT"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id: "2030-01"', 'id: "2026-09"', "2026-09: two editions are called so"),
        ('id: "2030-01"', 'id: "2017-04"', "2017-04: it begins after 2026-09, so its id has to sort after"),
        ('id: "2030-01"', 'id: "instagram-2030-01"', "ids of messenger's editions are written 2030-01"),
        ('since: "2030-01-01"', 'since: "2030-02-30"', "not a day of the calendar"),
        ("boundary: day", 'boundary: fuzzy\n    uncertain: ["2030-02-01", "2030-02-03"]', "since does not lie within"),
        ("boundary: day", 'boundary: day\n    uncertain: ["2029-12-01", "2030-02-03"]', "has no uncertain days"),
        ("contents: []", "contents: [], successor: NONE", "no edition has ANYTHING's successor NONE"),
        ('since: "2030-01-01"', 'since: "2017-04-06"', "begins on the same day as 2017-04"),
        ("boundary: day", "boundary: fuzzy", "uncertain is missing"),
        ("purpose: anything, ", "", "2030-01: a tag that is new has to tell its purpose"),
        ("window: 12h", "window: 12 parsecs", "not a duration"),
    ],
)
def test_an_edition_that_cannot_be_says_why_and_where(tmp_path: Path, old: str, new: str, said: str) -> None:
    file = tmp_path / "editions.yaml"
    file.write_text(MADE_UP.replace(old, new), encoding="utf-8")
    with pytest.raises(RuleError, match=rf"editions\.yaml:\d+:\d+: .*{said}"):
        with_editions(BOOK, [file])


PAIRS = [pair for platform in Platform for pair in pairwise(BOOK.editions.of(platform))]


@pytest.mark.parametrize(("before", "after"), PAIRS, ids=lambda edition: edition.id)
def test_spans_neither_overlap_nor_leave_holes(before: Edition, after: Edition) -> None:
    assert before.until is not None
    assert parse_time(f"{after.since}T00:00:00Z") - parse_time(f"{before.until}T00:00:00Z") == 24 * 3_600_000_000
    for day, edition in ((before.until, before), (after.since, after)):
        assert BOOK.editions.on(day, after.platform) is edition
        other = BOOK.editions.perhaps_on(day, after.platform)
        assert (other is edition) is (after.uncertain is None or not after.uncertain[0] <= day <= after.uncertain[1])
    if after.uncertain:
        assert before.since < after.uncertain[0] <= after.since
        assert after.uncertain[1] >= before.until


def test_uncertain_days_of_two_boundaries_do_not_meet() -> None:
    for platform in Platform:
        spans = [edition.uncertain for edition in BOOK.editions.of(platform) if edition.uncertain]
        assert all(one[1] < other[0] for one, other in pairwise(spans))


def test_every_successor_exists_when_its_tag_ends() -> None:
    ended = 0
    for before, after in PAIRS:
        for tag in before.tags.values():
            if tag.name not in after.tags:
                ended += 1
                assert tag.successor is None or tag.successor in after.tags, tag.name
    assert ended == 18


def test_the_tag_sets_are_those_of_the_announcements() -> None:
    counts = {edition.id: len(edition.tags) for edition in BOOK.editions.of(Platform.MESSENGER)}
    wanted = {"2016-11": 0, "2017-04": 3, "2017-07": 8, "2017-09": 11, "2017-11": 13, "2018-03": 16, "2018-05": 16}
    assert counts.items() >= {**wanted, "2018-09": 17, "2019-08": 20, "2020-03": 5, "2021-06": 6, "2026-04": 3}.items()


def test_names_and_platforms() -> None:
    editions = BOOK.editions
    assert editions.names[-2:] == ("latest", "dated")
    assert editions.named("latest").id == editions.named("dated").id == "2026-09"
    assert editions.named("2022-05", Platform.INSTAGRAM).id == "instagram-2022-05"
    assert editions.named("2017-04", Platform.INSTAGRAM).id == "instagram-2021-06"
    assert editions.named("instagram-2021-09", Platform.MESSENGER).id == "2021-06"
    assert editions.dated(None, Platform.INSTAGRAM).id == "instagram-2026-09"
    days = {"2015-01-01": "2016-04", "2017-04-06": "2017-04", "2018-06-01": "2018-05", "2040-01-01": "2026-09"}
    assert {day: editions.dated(parse_time(f"{day}T23:59:59Z")).id for day in days} == days
    with pytest.raises(UsageError, match=r"did you mean 2019-08\?"):
        editions.named("2019-09")


def test_a_first_edition_has_to_say_everything() -> None:
    lone = deepcopy(DATA["editions"][1])
    lone["editions"] = lone["editions"][1:]
    del lone["editions"][0]["window"]
    with pytest.raises(ValueError, match="2016-11: it is the first edition and does not say window"):
        editions_from_files([lone])


def test_each_tag_and_exemption_of_the_seed_is_there() -> None:
    seed = BOOK.editions.named("2017-04")
    assert {name: set(tag.contents) for name, tag in seed.tags.items()} == {
        "SHIPPING_UPDATE": {"template:generic"},
        "RESERVATION_UPDATE": {"template:generic"},
        "ISSUE_RESOLUTION": {"template:generic", "text"},
    }
    assert seed.exempt_contents == {
        "template:receipt",
        "template:airline_itinerary",
        "template:airline_checkin",
        "template:airline_boardingpass",
        "template:airline_update",
    }


def test_history_of_a_script_is_complete_whatever_is_asked(book: Rulebook) -> None:
    script = {"events": [page("0h")]}
    assert found(book, script, history=History.PARTIAL) == found(book, script, history=History.COMPLETE)
    assert isinstance(read_value("a", script, shape=None, script_start=0), Recording)


SALE = "Our summer sale starts today, everything must go!"
COUPON = "Here is a coupon code for your next visit: redeem your voucher today"


def test_an_edition_chooses_which_kinds_of_wording_are_promotion() -> None:
    data = deepcopy(DATA)
    seed = next(edition for edition in data["editions"][1]["editions"] if edition["id"] == "2017-04")
    seed["promotional_kinds"] = ["coupon"]
    narrow, wide = rulebook_from_data(data), rulebook_from_data(DATA)
    events = [
        page(f"{hours}h", tag="ISSUE_RESOLUTION", message={"text": text}) for hours, text in ((30, SALE), (31, COUPON))
    ]
    script = {"events": [WRITES, *events]}
    assert [rule[:2] for rule in found(wide, script)] == [("promotion-under-tag", 2), ("promotion-under-tag", 3)]
    assert [rule[:2] for rule in found(narrow, script)] == [("promotion-under-tag", 3)]


def test_a_rule_can_ask_for_the_kinds_of_promotion(tmp_path: Path) -> None:
    rule = tmp_path / "no-coupons.yaml"
    rule.write_text(
        "id: no-coupons\nstatus: stable\nseverity: warning\nsummary: s\nheuristic: true\n"
        "policy: {title: t, url: 'https://example.com', read_on: '2026-11-23'}\napplies_to: page\n"
        "breach_when: {content.promotional_kinds: {contains: coupon}}\nmessage: m\nremedy: r\n"
        "examples:\n  good: [{name: g, events: [{at: 0h, page: {message: {text: Hello}}}]}]\n"
        "  bad: [{name: b, events: [{at: 0h, page: {message: {text: x}}}], breaches: [1]}]\n",
        encoding="utf-8",
    )
    book = with_rules(BOOK, [rule])
    events = [page("1h", message={"text": SALE}), page("2h", message={"text": COUPON})]
    assert [name[:2] for name in found(book, {"events": [WRITES, *events]})] == [("no-coupons", 3)]
    assert book.measurements.of(book.rules["no-coupons"]) == book.measurements.signals["promotional"]
