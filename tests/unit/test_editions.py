"""Editions are data: a second one, made up here, is judged by without a line of code."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from policylint.durations import parse_time
from policylint.editions import editions_from_data
from policylint.engines.local import run
from policylint.errors import UsageError
from policylint.events import History
from policylint.lint import judge_for
from policylint.rulebook import Rulebook, read_rulebook, rulebook_from_data, with_own_rules
from policylint.settings import Settings
from policylint.shipped import shipped
from policylint.sources.recording import Recording, read_value
from policylint.sources.shapes import Shape

DATA = read_rulebook(shipped("rules"))


@pytest.fixture(scope="module")
def book() -> Rulebook:
    """The shipped rulebook and a later edition: reactions open the window, nothing may follow, a tag for anything."""
    data = deepcopy(DATA)
    later: dict[str, Any] = deepcopy(data["editions"]["editions"][0])
    later |= {"id": "2020-03", "title": "made up", "since": "2020-03-04", "extra_messages": 0, "window": "12h"}
    del later["until"]
    later["opens"] = [*later["opens"], "reaction"]
    later["tags"] = {"ANYTHING": {"purpose": "anything", "contents": []}}
    data["editions"]["editions"].append(later)
    return rulebook_from_data(data)


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
    assert found(book, {"edition": "2020-03", "events": events}) == [("untagged-outside-window", 3, "2020-03")]
    assert found(book, {"events": events})[0][0] == "extra-message-spent"


def test_a_flag_goes_before_the_script(book: Rulebook) -> None:
    script = {"edition": "2020-03", "events": [WRITES, page("13h")]}
    assert found(book, script) == [("untagged-outside-window", 2, "2020-03")]
    assert found(book, script, edition="2017-04", edition_by_flag=True) == []


def test_dated_judges_each_message_by_its_own_day(book: Rulebook) -> None:
    events = [WRITES, page("13h"), {"at": "2021-01-01T00:00:00Z", "person": {"text": "Hi"}}]
    script = {"start": "2017-05-01T00:00:00Z", "events": [*events, {**page("0h"), "at": "2021-01-01T13:00:00Z"}]}
    assert found(book, script, edition="dated") == [("untagged-outside-window", 4, "2020-03")]


def test_a_tag_without_listed_contents_may_carry_anything(book: Rulebook) -> None:
    tagged = page("30h", tag="ANYTHING", message={"attachment": {"type": "image", "payload": {"url": "https://e.com"}}})
    assert found(book, {"edition": "2020-03", "events": [WRITES, tagged]}) == []
    assert found(book, {"edition": "2020-03", "events": [WRITES, page("1h", tag="SHIPPING_UPDATE")]}) == [
        ("unknown-tag", 2, "2020-03")
    ]


def test_names_days_and_gaps() -> None:
    data = deepcopy(DATA["editions"])
    data["editions"].append({**data["editions"][0], "id": "2019-01", "since": "2019-01-01", "until": "2019-12-31"})
    editions = editions_from_data(data)
    assert editions.names == ("2017-04", "2019-01", "latest", "dated")
    assert editions.named("latest").id == editions.named("dated").id == "2019-01"
    days = {"2016-01-01": "2017-04", "2017-04-06": "2017-04", "2018-06-01": "2017-04", "2019-01-01": "2019-01"}
    assert {day: editions.dated(parse_time(f"{day}T23:59:59Z")).id for day in days} == days
    assert editions.dated(None).id == "2019-01"
    with pytest.raises(UsageError, match=r"did you mean 2019-01\?"):
        editions.named("2019-10")


def test_each_tag_and_exemption_of_the_seed_is_there() -> None:
    seed = editions_from_data(DATA["editions"]).named("2017-04")
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
    assert not seed.elsewhere.keys() & seed.tags.keys()


def test_history_of_a_script_is_complete_whatever_is_asked(book: Rulebook) -> None:
    script = {"events": [page("0h")]}
    assert found(book, script, history=History.PARTIAL) == found(book, script, history=History.COMPLETE)
    assert isinstance(read_value("a", script, shape=None, script_start=0), Recording)


SALE = "Our summer sale starts today, everything must go!"
COUPON = "Here is a coupon code for your next visit: redeem your voucher today"


def test_an_edition_chooses_which_kinds_of_wording_are_promotion() -> None:
    data = deepcopy(DATA)
    data["editions"]["editions"][0]["promotional_kinds"] = ["coupon"]
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
    book = with_own_rules([rule])
    events = [page("1h", message={"text": SALE}), page("2h", message={"text": COUPON})]
    assert [name[:2] for name in found(book, {"events": [WRITES, *events]})] == [("no-coupons", 3)]
    assert book.measurements.of(book.rules["no-coupons"]) == book.measurements.signals["promotional"]
