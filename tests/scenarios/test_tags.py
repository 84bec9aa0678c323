"""DESIGN §1 rows 3, 4, 7 and 11 as far as the tag goes: which tags there are, and what they may carry."""

from __future__ import annotations

import pytest

from tests.scenarios.conftest import (
    BOARDING,
    BUTTON,
    CHECKIN,
    DAY,
    ITINERARY,
    LIST,
    POSTBACK,
    QUICK,
    RECEIPT,
    UPDATE,
    Bench,
    Found,
    Json,
    generic,
    media,
    page,
    person,
    script,
    sent,
    template,
    wrote,
)

TAGS = ("SHIPPING_UPDATE", "RESERVATION_UPDATE", "ISSUE_RESOLUTION")
ABOUT = {
    "SHIPPING_UPDATE": "Your parcel has shipped.",
    "RESERVATION_UPDATE": "Your table reservation is confirmed.",
    "ISSUE_RESOLUTION": "Your case is still being looked at.",
}
CONTENTS: dict[str, Json] = {
    "text": {"text": "It is done."},
    "generic": generic("It is done.", "As you asked."),
    "generic carousel": template("generic", elements=[{"title": f"Part {n}", "subtitle": "See."} for n in range(10)]),
    "generic with buttons": generic("It is done.", buttons=[POSTBACK]),
    "button": BUTTON,
    "list": LIST,
    "open_graph": template("open_graph", elements=[{"url": "https://open.spotify.com/track/1"}]),
    "image": media("image"),
    "audio": media("audio"),
    "video": media("video"),
    "file": media("file"),
    "receipt": RECEIPT,
    "airline_itinerary": ITINERARY,
    "airline_checkin": CHECKIN,
    "airline_boardingpass": BOARDING,
    "airline_update": UPDATE,
}
GENERIC = {"generic", "generic carousel", "generic with buttons"}
ALLOWED = {"SHIPPING_UPDATE": GENERIC, "RESERVATION_UPDATE": GENERIC, "ISSUE_RESOLUTION": GENERIC | {"text"}}


@pytest.mark.parametrize("when", ["1h", "30h"], ids=["inside the window", "outside"])
@pytest.mark.parametrize("quick", [False, True], ids=["plain", "with quick replies"])
@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("tag", TAGS)
def test_tag_and_content(bench: Bench, tag: str, content: str, quick: bool, when: str) -> None:
    message = {**CONTENTS[content], "quick_replies": [QUICK]} if quick else CONTENTS[content]
    run = bench.check(script(person("0h", "It is broken"), page(when, message, tag)))
    expected: Found = [] if content in ALLOWED[tag] else [("wrong-content-for-tag", 2, "/message")]
    # A boarding pass under a shipping tag is about something else besides.
    assert [found for found in run.found if found[0] != "off-topic-for-tag"] == expected
    assert run.status == (1 if expected else 0)


@pytest.mark.parametrize("content", CONTENTS)
def test_untagged_content_inside_the_window(bench: Bench, content: str) -> None:
    assert bench.check(script(person("0h"), page("1h", CONTENTS[content]))).found == []


@pytest.mark.parametrize(
    "tag",
    [
        "ORDER_UPDATE",
        "SHIPPING-UPDATE",
        "SHIPPING UPDATE",
        "SHIPPING_UPDATES",
        "shippingupdate",
        "RECEIPT",
        " SHIPPING_UPDATE",
    ],
)
def test_unknown_tag(bench: Bench, tag: str) -> None:
    """One finding about the tag, none of the window, whatever the content."""
    run = bench.check(script(page("0h", "It is done.", tag), person("1h"), page("90h", media("image"), tag)))
    assert run.found == [("unknown-tag", 1, "/tag"), ("unknown-tag", 3, "/tag")]
    assert run.severities == {"unknown-tag": "error"}


@pytest.mark.parametrize("tag", ["ORDER_UPDATE", "GAME_EVENT"])
def test_the_wording_rules_do_not_leave_a_strange_tag_alone(bench: Bench, tag: str) -> None:
    run = bench.check(script(person("0h"), page("30h", "Flash sale: 50% off everything!", tag)))
    strange = "not-in-edition" if tag == "GAME_EVENT" else "unknown-tag"
    assert run.found == [("promotion-under-tag", 2, "/message/text"), (strange, 2, "/tag")]


def test_unknown_tag_names_the_known_ones(bench: Bench) -> None:
    finding = bench.check(script(person("0h"), page("1h", "a", "ORDER_UPDATE"))).findings[0]
    assert "ORDER_UPDATE" in finding["message"]
    assert all(tag in finding["remedy"] for tag in TAGS)


@pytest.mark.parametrize("tag", ["shipping_update", "Shipping_update", "Shipping_Update", "sHIPPING_UPDATE"])
def test_misspelt_tag_is_judged_as_the_tag_it_means(bench: Bench, tag: str) -> None:
    run = bench.check(
        script(person("0h"), page("30h", "Your parcel is here.", tag), page("31h", generic("Big sale: 50% off"), tag))
    )
    assert run.found == [
        ("wrong-content-for-tag", 2, "/message"),
        ("misspelt-tag", 2, "/tag"),
        ("promotion-under-tag", 3, "/message/attachment/payload/elements/0/title"),
        ("misspelt-tag", 3, "/tag"),
    ]
    assert run.severities["misspelt-tag"] == "warning"


def test_misspelt_issue_resolution_forbids_feedback(bench: Bench) -> None:
    text = "How did we do? Please take our short survey."
    run = bench.check(script(person("0h"), page("30h", text, "Issue_resolution")))
    assert run.found == [("feedback-request-under-tag", 2, "/message/text"), ("misspelt-tag", 2, "/tag")]


ELSEWHERE = (
    "APPOINTMENT_UPDATE",
    "GAME_EVENT",
    "TRANSPORTATION_UPDATE",
    "FEATURE_FUNCTIONALITY_UPDATE",
    "TICKET_UPDATE",
    "ACCOUNT_UPDATE",
    "PAYMENT_UPDATE",
    "PERSONAL_FINANCE_UPDATE",
    "PAIRING_UPDATE",
    "APPLICATION_UPDATE",
    "COMMUNITY_ALERT",
    "CONFIRMED_EVENT_REMINDER",
    "NON_PROMOTIONAL_SUBSCRIPTION",
    "BUSINESS_PRODUCTIVITY",
    "CONFIRMED_EVENT_UPDATE",
    "POST_PURCHASE_UPDATE",
    "HUMAN_AGENT",
    "CUSTOMER_FEEDBACK",
)


@pytest.mark.parametrize("tag", ELSEWHERE)
def test_tags_of_other_editions_are_no_errors(bench: Bench, tag: str) -> None:
    run = bench.check(script(person("0h"), page("30h", "We have news on it.", tag)))
    assert run.found == [("not-in-edition", 2, "/tag")]
    assert run.severities == {"not-in-edition": "note"}
    assert run.status == 0


@pytest.mark.parametrize(
    "tag", [7, True, ["SHIPPING_UPDATE"], {"name": "SHIPPING_UPDATE"}], ids=["number", "true", "list", "object"]
)
def test_a_tag_that_is_no_text_is_a_wrong_type_only(bench: Bench, tag: object) -> None:
    run = bench.check(script(person("0h"), {"at": "1h", "page": {"message": {"text": "a"}, "tag": tag}}))
    assert run.found == [("wrong-type", 2, "/tag")]


@pytest.mark.parametrize(
    ("opening", "expected"),
    [
        ({"text": "It came broken"}, []),
        ({"postback": {"payload": "HELP"}}, [("issue-not-raised-by-person", 2, "/tag")]),
        ({"optin": {"ref": "x"}}, [("issue-not-raised-by-person", 2, "/tag")]),
        (
            {"referral": {"ref": "x", "source": "SHORTLINK", "type": "OPEN_THREAD"}},
            [("issue-not-raised-by-person", 2, "/tag")],
        ),
    ],
    ids=["message", "postback", "optin", "referral"],
)
def test_issue_not_raised(bench: Bench, opening: Json, expected: Found) -> None:
    run = bench.check(
        script({"at": "0h", "person": opening}, page("30h", ABOUT["ISSUE_RESOLUTION"], "ISSUE_RESOLUTION"))
    )
    assert run.found == expected
    assert run.status == 0


def test_issue_not_raised_at_all(bench: Bench) -> None:
    run = bench.check(script(page("0h", ABOUT["ISSUE_RESOLUTION"], "ISSUE_RESOLUTION")))
    assert run.found == [("not-started-by-person", 1, ""), ("issue-not-raised-by-person", 1, "/tag")]


def test_issue_raised_long_ago_is_raised(bench: Bench) -> None:
    assert bench.check(script(person("0h"), page("60d", ABOUT["ISSUE_RESOLUTION"], "ISSUE_RESOLUTION"))).found == []


def test_issue_not_raised_says_nothing_on_a_partial_record(bench: Bench) -> None:
    log = [
        sent(0, ABOUT["ISSUE_RESOLUTION"], "ISSUE_RESOLUTION"),
        wrote(1),
        sent(DAY, ABOUT["ISSUE_RESOLUTION"], "ISSUE_RESOLUTION"),
    ]
    assert bench.check(log, name="a.ndjson").found == [("no-action-on-record", 1, "")]


OFF_TOPIC: dict[str, tuple[str, str, str, bool]] = {
    "reservation under shipping": (
        "SHIPPING_UPDATE",
        "Your table reservation is confirmed",
        "Booking for two guests on Friday, check-in at the bar.",
        True,
    ),
    "shipping under reservation": (
        "RESERVATION_UPDATE",
        "Your parcel has shipped",
        "Track your package with tracking number 1Z99.",
        True,
    ),
    "shipping under shipping": (
        "SHIPPING_UPDATE",
        "Your parcel has shipped",
        "Track your package: tracking number 1Z99.",
        False,
    ),
    "reservation under reservation": (
        "RESERVATION_UPDATE",
        "Your reservation is confirmed",
        "Booking for two guests.",
        False,
    ),
    "nothing in particular": ("SHIPPING_UPDATE", "Hello", "There is news.", False),
}


@pytest.mark.parametrize(("tag", "title", "subtitle", "off"), OFF_TOPIC.values(), ids=OFF_TOPIC)
def test_off_topic(bench: Bench, tag: str, title: str, subtitle: str, off: bool) -> None:
    run = bench.check(script(person("0h"), page("30h", generic(title, subtitle), tag)))
    assert [rule for rule, _, _ in run.found] == (["off-topic-for-tag"] if off else [])
    if off:
        assert run.severities == {"off-topic-for-tag": "warning"}
        finding = run.findings[0]
        assert finding["where"]["pointer"] == finding["evidence"][0]["pointer"]
        assert finding["where"]["pointer"].startswith("/message/attachment/payload/elements/0/")
