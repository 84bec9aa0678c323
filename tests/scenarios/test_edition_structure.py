"""What a request may hold changes on days of its own, inside editions and at their boundaries."""

from __future__ import annotations

from typing import Final

import pytest

from tests.scenarios.conftest import (
    BUTTON,
    CHECKIN,
    LINK,
    LIST,
    QUICK,
    UPDATE,
    Bench,
    Json,
    generic,
    page,
    template,
)
from tests.scenarios.test_editions import ELSEWHERE, FEEDBACK, REPLY, SUBSCRIBE, UTILITY, WROTE, told_of_each

TOO_LONG: Final = "error too-long"
TOO_MANY: Final = "error too-many"


def answer(content: str | Json, day: str, **rest: object) -> Json:
    """An answer in time, at noon of a day, of a type where types are mandatory."""
    typed = REPLY if day >= "2018-05-07" and "messaging_type" not in rest else {}
    reply = page("1h", content, **{**typed, **rest})
    return {"start": f"{day}T11:00:00Z", "events": [WROTE, reply]}


def bare(day: str, **request: object) -> Json:
    """A request that is not a message of the usual form."""
    return {"start": f"{day}T11:00:00Z", "events": [WROTE, {"at": "1h", "page": request}]}


def long(length: int) -> str:
    return "a" * length


def quick(count: int, **reply: object) -> Json:
    return {"text": "Choose.", "quick_replies": [{**QUICK, **reply}] * count}


OPEN_GRAPH: Final = template("open_graph", elements=[{"url": "https://example.com/song"}])
PRODUCT: Final = template("product", elements=[{"id": "1"}])
PERSON: Final = template(
    "customer_information", countries=["US"], business_privacy={"url": "https://example.com/privacy"}
)
FORM: Final = template("instant_form", form_id="1")
ASK: Final = template("one_time_notif_req", title="When the lamp is back", payload="LAMP")
GRID: Final = template(
    "image_grid",
    elements=[{"title": "Two lamps", "images": [{"url": f"https://example.com/{n}.png"} for n in range(2)]}],
)
IMAGES: Final[Json] = {
    "attachments": [{"type": "image", "payload": {"url": f"https://example.com/{n}.png"}} for n in range(2)]
}
CALL: Final = template("button", text="Call us.", buttons=[{"type": "audio_call", "title": "Call"}])
UNTITLED: Final = template("notification_messages", payload="HARBOUR")

GONE: Final = "warning not-in-edition"
WITHDRAWN: Final[tuple[tuple[str, Json, Json], ...]] = (
    ("a location asked for", {"text": "Where?", "quick_replies": [{"content_type": "location"}]}, {}),
    ("a share button", generic(buttons=[{"type": "element_share"}]), {}),
    ("an invitation by telephone", {"text": "Hi"}, {"recipient": {"phone_number": "+12025550100"}}),
)

DAYS: dict[str, tuple[Json, list[str]]] = {
    # plain text
    "321 of text in 2016": (answer(long(321), "2016-10-01"), [TOO_LONG]),
    "320 of text in 2016": (answer(long(320), "2016-10-01"), []),
    "640 of text, February 2017": (answer(long(640), "2017-02-17"), []),
    "641 of text, February 2017": (answer(long(641), "2017-02-17"), [TOO_LONG]),
    "641 of text, last seen limit of 640": (answer(long(641), "2018-01-22"), [TOO_LONG]),
    "2000 of text, first seen": (answer(long(1999), "2018-02-15"), []),
    "2001 of text": (answer(long(2001), "2018-02-15"), [TOO_LONG]),
    # text of buttons
    "321 of button text in 2016": (
        answer(template("button", text=long(321), buttons=[LINK]), "2016-10-01"),
        [TOO_LONG],
    ),
    "640 of button text, first seen": (answer(template("button", text=long(640), buttons=[LINK]), "2016-12-08"), []),
    "641 of button text": (answer(template("button", text=long(641), buttons=[LINK]), "2026-01-01"), [TOO_LONG]),
    # quick replies
    "11 quick replies in 2016": (answer(quick(11), "2016-10-01"), [TOO_MANY]),
    "11 quick replies, March 2017": (answer(quick(11), "2017-03-02"), []),
    "12 quick replies in 2017": (answer(quick(12), "2017-06-01"), [TOO_MANY]),
    "13 quick replies, first seen": (answer(quick(13), "2019-07-04"), []),
    "14 quick replies": (answer(quick(14), "2019-07-04"), [TOO_MANY]),
    "a phone number in 2019": (
        answer({"text": "Your number?", "quick_replies": [{"content_type": "user_phone_number"}]}, "2019-01-01"),
        [],
    ),
    # templates that go
    "list, before the end": (answer(LIST, "2019-07-28"), []),
    "list, after the end": (answer(LIST, "2019-07-31"), [ELSEWHERE]),
    "open graph, before the end": (answer(OPEN_GRAPH, "2019-07-28"), []),
    "open graph, after the end": (answer(OPEN_GRAPH, "2019-07-31"), [ELSEWHERE]),
    "a flight, before the end": (answer(CHECKIN, "2021-06-07"), []),
    "a flight, on the day": (answer(CHECKIN, "2021-12-06"), [ELSEWHERE]),
    "a flight in 2026": (answer(UPDATE, "2026-10-01"), [ELSEWHERE]),
    # what comes on a known day
    "one-time request, the day before": (answer(ASK, "2020-02-03"), [ELSEWHERE]),
    "one-time request, the day": (answer(ASK, "2020-02-04"), []),
    "feedback, the day before": (answer(FEEDBACK, "2021-06-01"), [ELSEWHERE]),
    "feedback, the day": (answer(FEEDBACK, "2021-06-02"), []),
    "recurring request, the day before": (answer(SUBSCRIBE, "2022-05-18"), [ELSEWHERE]),
    "recurring request, the day": (answer(SUBSCRIBE, "2022-05-19"), []),
    "no title, the day before": (answer(UNTITLED, "2023-02-20"), ["error missing-field"]),
    "no title, the day": (answer(UNTITLED, "2023-02-21"), []),
    "customer information, the day before": (answer(PERSON, "2023-05-09"), [ELSEWHERE]),
    "customer information, the day": (answer(PERSON, "2023-05-10"), []),
    "instant form, the day before": (answer(FORM, "2023-07-25"), [ELSEWHERE]),
    "instant form, the day": (answer(FORM, "2023-07-26"), []),
    "several images, the day before": (answer(IMAGES, "2025-03-18"), [ELSEWHERE]),
    "several images, the day": (answer(IMAGES, "2025-03-19"), []),
    "31 images": (answer({"attachments": IMAGES["attachments"][:1] * 31}, "2025-03-19"), [TOO_MANY]),
    "30 images": (answer({"attachments": IMAGES["attachments"][:1] * 30}, "2025-03-19"), []),
    "reply_to before the SDK had it": (answer("Yes.", "2025-06-15", reply_to={"mid": "m_1"}), [ELSEWHERE]),
    "reply_to, the day": (answer("Yes.", "2025-07-15", reply_to={"mid": "m_1"}), []),
    "a reaction of the page, the day before": (
        bare("2025-12-01", sender_action="react", payload={"message_id": "m_1", "reaction": "love"}),
        [ELSEWHERE, ELSEWHERE],
    ),
    "a reaction of the page, the day": (
        bare("2025-12-02", sender_action="react", payload={"message_id": "m_1", "reaction": "love"}),
        [],
    ),
    "a call button, the day before": (answer(CALL, "2026-02-10"), [ELSEWHERE]),
    "a call button, the day": (answer(CALL, "2026-02-11"), []),
    "a sticker, the day before": (answer({"sticker_id": "1"}, "2026-05-31"), [ELSEWHERE]),
    "a sticker, the day": (answer({"sticker_id": "1"}, "2026-06-01"), []),
    "an image grid, the day before": (answer(GRID, "2026-06-29"), [ELSEWHERE]),
    "an image grid, the day": (answer(GRID, "2026-06-30"), []),
    "media, the day before": (
        answer(template("media", elements=[{"media_type": "image", "attachment_id": "1"}]), "2017-11-06"),
        [ELSEWHERE],
    ),
    "media, the day": (
        answer(template("media", elements=[{"media_type": "image", "attachment_id": "1"}]), "2017-11-07"),
        [],
    ),
    "persona, the day before": (answer("Yes.", "2018-09-26", persona_id="501"), [ELSEWHERE]),
    "persona, the day": (answer("Yes.", "2018-09-27", persona_id="501"), []),
    "product in 2019": (answer(PRODUCT, "2019-12-01"), [ELSEWHERE]),
    "product in 2021": (answer(PRODUCT, "2021-01-01"), []),
    # utility messages
    "UTILITY before the SDK had it": (answer(UTILITY, "2025-06-15", messaging_type="UTILITY"), [ELSEWHERE, ELSEWHERE]),
    "UTILITY, the day": (answer(UTILITY, "2025-07-29", messaging_type="UTILITY"), []),
    # a type of message that lingers
    "NON_PROMOTIONAL_SUBSCRIPTION as a type, still listed": (
        answer("Yes.", "2018-05-08", messaging_type="NON_PROMOTIONAL_SUBSCRIPTION"),
        [],
    ),
    "NON_PROMOTIONAL_SUBSCRIPTION as a type, gone": (
        answer("Yes.", "2018-10-03", messaging_type="NON_PROMOTIONAL_SUBSCRIPTION"),
        [ELSEWHERE],
    ),
    # text of the longest length: "less than 2000", says one page
    "2000 of text today": (answer(long(2000), "2026-01-01"), ["warning too-long"]),
    "1999 of text today": (answer(long(1999), "2026-01-01"), []),
    # gone on a day that nobody wrote down
    **{
        f"{name}, {day}": (answer(content, day, **rest), wanted)
        for name, content, rest in WITHDRAWN
        for day, wanted in (("2019-12-01", []), ("2022-01-01", [GONE]))
    },
    "buttons in 2016": (answer(BUTTON, "2016-10-01"), []),
    "generic today": (answer(generic(), "2026-10-01"), []),
}

UNCERTAIN: dict[str, Json] = {
    "321 of text, January 2017": answer(long(321), "2017-01-15"),
    "641 of text, between the sightings": answer(long(641), "2018-02-01"),
    "321 of button text, November 2016": answer(template("button", text=long(321), buttons=[LINK]), "2016-11-20"),
    "11 quick replies, seen early in one client": answer(quick(11), "2016-12-01"),
    "13 quick replies, shortly before they were seen": answer(quick(13), "2019-07-03"),
    "a list on the day or the next": answer(LIST, "2019-07-29"),
    "a flight between the two ends": answer(CHECKIN, "2021-09-01"),
    "reply_to between SDK and announcement": answer("Yes.", "2025-07-01", reply_to={"mid": "m_1"}),
    "UTILITY between SDK and beta": answer(UTILITY, "2025-07-01", messaging_type="UTILITY"),
    "the product template in the year of its coming": answer(PRODUCT, "2020-07-01"),
    "NON_PROMOTIONAL_SUBSCRIPTION as a type in between": answer(
        "Yes.", "2018-07-01", messaging_type="NON_PROMOTIONAL_SUBSCRIPTION"
    ),
    "a phone number asked for in 2018": answer(
        {"text": "Number?", "quick_replies": [{"content_type": "user_phone_number"}]}, "2018-01-01"
    ),
}


def test_what_a_day_knows_is_exact(bench: Bench) -> None:
    scripts = {name: recording for name, (recording, _) in DAYS.items()}
    wanted = {name: findings for name, (_, findings) in DAYS.items()}
    assert told_of_each(bench, scripts, "--edition", "dated") == wanted


@pytest.mark.parametrize("severity", ["error", "warning"])
def test_where_the_day_is_uncertain_nothing_is_an_error(bench: Bench, severity: str) -> None:
    found = told_of_each(bench, UNCERTAIN, "--edition", "dated")
    assert {name: each for name, each in found.items() if any(one.startswith(severity) for one in each)} == {}
