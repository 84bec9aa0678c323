"""Requests on both sides of each day on which a platform's structure changed, and how the change is told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from policylint.findings import Severity
from policylint.structure.dated import PLATFORMS
from tests.unit.structure.parts import (
    CARD,
    CUSTOMER,
    IMAGE,
    MEDIA,
    OPT_IN,
    PAYLOAD,
    PICTURE,
    POSTBACK,
    REPLY,
    TODAY,
    UPDATE,
    URL,
    UTILITY,
    Json,
    buttoned,
    feedback,
    generic,
    grid,
    media,
    only,
    problems,
    quick,
    reaction,
    receipt,
    send,
    template,
    to,
)


def day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


TYPE = f"{PAYLOAD}/template_type"
REPLY_TYPE = "/message/quick_replies/0/content_type"
BUTTON_TYPE = f"{PAYLOAD}/buttons/0/type"

# Each thing that came: a request with it, the platform, the first day, where it is, and how the day is told.
CAME: dict[str, tuple[Json, str, str, str, str]] = {
    "quick replies": (quick(REPLY), "messenger", "2016-07-01", "/message/quick_replies", "2016-07"),
    "location": (quick({"content_type": "location"}), "messenger", "2016-11-01", REPLY_TYPE, "2016-11"),
    "open_graph": (template("open_graph", elements=[PICTURE]), "messenger", "2017-01-01", TYPE, "2017"),
    "game_play": (buttoned({"type": "game_play", "title": "Go"}), "messenger", "2017-01-01", BUTTON_TYPE, "2017"),
    "name": (
        to(phone_number="+1555", name={"first_name": "A"}),
        "messenger",
        "2017-03-02",
        "/recipient/name",
        "2017-03-02",
    ),
    "image_aspect_ratio": (
        template("generic", elements=[CARD], image_aspect_ratio="square"),
        "messenger",
        "2017-03-02",
        f"{PAYLOAD}/image_aspect_ratio",
        "2017-03-02",
    ),
    "messaging_type": (
        send({"text": "x"}, messaging_type="RESPONSE"),
        "messenger",
        "2017-11-07",
        "/messaging_type",
        "2017-11-07",
    ),
    "media": (template("media", elements=MEDIA), "messenger", "2017-11-07", TYPE, "2017-11-07"),
    "user_email": (quick({"content_type": "user_email"}), "messenger", "2018-01-01", REPLY_TYPE, "2018"),
    "user_phone_number": (quick({"content_type": "user_phone_number"}), "messenger", "2018-01-01", REPLY_TYPE, "2018"),
    "persona_id": (send({"text": "x"}, persona_id="1"), "messenger", "2018-09-27", "/persona_id", "2018-09-27"),
    "product": (template("product", elements=[{"id": "1"}]), "messenger", "2020-01-01", TYPE, "2020"),
    "one_time_notif_req": (template("one_time_notif_req", **OPT_IN), "messenger", "2020-02-04", TYPE, "2020-02-04"),
    "one_time_notif_token": (
        to(one_time_notif_token="t"),
        "messenger",
        "2020-02-04",
        "/recipient/one_time_notif_token",
        "2020-02-04",
    ),
    "coupon": (template("coupon", title="A", coupon_code="A1"), "messenger", "2020-03-04", TYPE, ""),
    "folder": (send({"text": "x"}, folder="PARTNERSHIP"), "messenger", "2020-03-04", "/folder", ""),
    "customer_feedback": (feedback(), "messenger", "2021-06-02", TYPE, "2021-06-02"),
    "generic on Instagram": (generic(buttons=[URL]), "instagram", "2021-06-22", TYPE, "2021-06-22"),
    "notification_messages": (
        template("notification_messages", **OPT_IN),
        "messenger",
        "2022-05-19",
        TYPE,
        "2022-05-19",
    ),
    "notification_messages on Instagram": (
        template("notification_messages", **OPT_IN),
        "instagram",
        "2022-05-19",
        TYPE,
        "2022-05-19",
    ),
    "notification_messages_token": (
        to(notification_messages_token="t"),
        "messenger",
        "2022-05-19",
        "/recipient/notification_messages_token",
        "2022-05-19",
    ),
    "notification_messages_cta_text": (
        template("notification_messages", notification_messages_cta_text="ALLOW", **OPT_IN),
        "messenger",
        "2022-10-17",
        f"{PAYLOAD}/notification_messages_cta_text",
        "2022-10-17",
    ),
    "customer_information": (
        template("customer_information", **CUSTOMER),
        "messenger",
        "2023-05-10",
        TYPE,
        "2023-05-10",
    ),
    "instant_form": (template("instant_form", form_id="1"), "messenger", "2023-07-26", TYPE, "2023-07-26"),
    "button on Instagram": (buttoned(URL, POSTBACK), "instagram", "2023-09-12", TYPE, "2023-09-12"),
    "attachments": (
        send({"attachments": [IMAGE] * 30}),
        "messenger",
        "2025-03-19",
        "/message/attachments",
        "2025-03-19",
    ),
    "UTILITY": (
        send({"text": "x"}, messaging_type="UTILITY"),
        "messenger",
        "2025-06-16",
        "/messaging_type",
        "2025-06-16",
    ),
    "reply_to": (send({"text": "x"}, reply_to={"mid": "m"}), "messenger", "2025-07-15", "/reply_to", "2025-07-15"),
    "utility at the top": (
        {"recipient": {"id": "1"}, "template": UTILITY},
        "messenger",
        "2025-07-29",
        "/template",
        "2025-07-29",
    ),
    "utility in the message": (
        send({"template": UTILITY}),
        "messenger",
        "2025-07-29",
        "/message/template",
        "2025-07-29",
    ),
    "utility in an attachment": (
        template("utility_messages", **UTILITY),
        "messenger",
        "2025-07-29",
        TYPE,
        "2025-07-29",
    ),
    "file on Instagram": (
        send({"attachment": {**IMAGE, "type": "file"}}),
        "instagram",
        "2025-12-01",
        "/message/attachment/type",
        "2025-12",
    ),
    "audio_call": (
        buttoned({"type": "audio_call", "title": "Call", "expires_in_days": 7}),
        "messenger",
        "2026-02-11",
        BUTTON_TYPE,
        "2026-02-11",
    ),
    "sticker_id": (send({"sticker_id": "1"}), "messenger", "2026-06-01", "/message/sticker_id", "2026-06-01"),
    "image_grid": (grid(PICTURE, PICTURE), "messenger", "2026-06-30", TYPE, "2026-06-30"),
}


@pytest.mark.parametrize(("request_", "platform", "first", "pointer", "told"), CAME.values(), ids=CAME)
def test_what_came(request_: Json, platform: str, first: str, pointer: str, told: str) -> None:
    assert problems(request_, first, platform) == []
    problem = only(request_, day_before(first), platform)
    assert (problem.pointer, problem.kind, problem.severity) == (pointer, "not-in-edition", None)
    assert problem.detail.endswith(f"another edition (known since {told})" if told else "another edition")


def test_react_came() -> None:
    """On Messenger, with a field of its own, so that there are two things to say before."""
    assert problems(reaction(), "2025-12-02") == []
    assert [problem.pointer for problem in problems(reaction(), "2025-12-01")] == ["/payload", "/sender_action"]
    assert problems(reaction(), "2021-06-02", "instagram") == []


# Each thing that went: a request with it, the platform, the last day, and where it is.
WENT: dict[str, tuple[Json, str, str, str]] = {
    "NON_PROMOTIONAL_SUBSCRIPTION": (
        send({"text": "x"}, messaging_type="NON_PROMOTIONAL_SUBSCRIPTION"),
        "messenger",
        "2018-10-02",
        "/messaging_type",
    ),
    "list": (template("list", elements=[CARD, CARD]), "messenger", "2019-07-28", TYPE),
    "open_graph": (template("open_graph", elements=[PICTURE]), "messenger", "2019-07-28", TYPE),
    "airline": (template("airline_update", **UPDATE), "messenger", "2021-12-05", TYPE),
    "notification_messages on Instagram": (
        template("notification_messages", **OPT_IN),
        "instagram",
        "2026-02-09",
        TYPE,
    ),
}


@pytest.mark.parametrize(("request_", "platform", "last", "pointer"), WENT.values(), ids=WENT)
def test_what_went(request_: Json, platform: str, last: str, pointer: str) -> None:
    assert problems(request_, last, platform) == []
    after = (date.fromisoformat(last) + timedelta(days=1)).isoformat()
    problem = only(request_, after, platform)
    assert (problem.pointer, problem.kind, problem.severity) == (pointer, "not-in-edition", None)
    assert problem.detail.endswith(f"belongs to another edition (known until {last})")


@pytest.mark.parametrize(
    ("request_", "pointer"),
    [
        (to(phone_number="+1555"), "/recipient/phone_number"),
        (quick({"content_type": "location"}), REPLY_TYPE),
        (buttoned({"type": "element_share"}), BUTTON_TYPE),
        (buttoned({"type": "payment", "payment_summary": {}}), BUTTON_TYPE),
    ],
)
def test_what_went_on_an_unknown_day(request_: Json, pointer: str) -> None:
    """It is worth a warning from the day on since which nothing tells that it is still there."""
    assert problems(request_, "2020-03-03") == []
    problem = only(request_, "2020-03-04")
    assert (problem.pointer, problem.kind, problem.severity) == (pointer, "not-in-edition", Severity.WARNING)
    assert problem.detail.endswith("belongs to another edition (known until 2020-03-03 or later)")


@pytest.mark.parametrize(
    ("request_", "pointer", "detail"),
    [
        (send({"text": "x"}, persona_id="1"), "/persona_id", "the field persona_id is not known on Instagram"),
        (receipt(), TYPE, "receipt is not known on Instagram"),
        (template("list", cards=5), TYPE, "list is not known on Instagram"),
        (feedback(), TYPE, "customer_feedback is not known on Instagram"),
        (
            to(one_time_notif_token="t"),
            "/recipient/one_time_notif_token",
            "the field one_time_notif_token is not known on Instagram",
        ),
        (quick({"content_type": "location"}), REPLY_TYPE, "location is not known on Instagram"),
        (
            send({"text": "x"}, messaging_type="UTILITY"),
            "/messaging_type",
            "UTILITY is not known on Instagram",
        ),
        (
            buttoned({"type": "phone_number", "title": "Call", "payload": "+1555"}),
            BUTTON_TYPE,
            "phone_number is not known on Instagram",
        ),
    ],
)
def test_what_instagram_never_had(request_: Json, pointer: str, detail: str) -> None:
    problem = only(request_, TODAY, "instagram")
    assert (problem.pointer, problem.kind, problem.detail) == (pointer, "not-in-edition", detail)


@pytest.mark.parametrize(
    "message",
    [
        {"attachment": {"type": "like_heart"}},
        {"attachment": {"type": "MEDIA_SHARE", "payload": {"id": "1"}}},
    ],
)
def test_what_only_instagram_has(message: Json) -> None:
    assert problems(send(message), "2021-06-02", "instagram") == []
    assert "unknown-value" in [problem.kind for problem in problems(send(message), TODAY)]


def test_a_picture_needs_a_payload_everywhere() -> None:
    for platform in PLATFORMS:
        assert only(send({"attachment": {"type": "image"}}), TODAY, platform).detail == "lacks payload"


def test_a_title_of_notifications_was_needed_once() -> None:
    untitled = template("notification_messages", payload="NEWS")
    assert only(untitled, "2023-02-20").detail == "lacks title"
    assert problems(untitled, "2023-02-21") == []


def test_unknown_quick_replies_are_doubtful_later() -> None:
    other = quick({"content_type": "user_birthday"})
    assert only(other, "2020-03-03").severity is None
    assert only(other, "2020-03-04").severity is Severity.WARNING


def test_media_stays_what_it_was() -> None:
    """What nothing is dated about is the same on all days of all platforms."""
    for platform in PLATFORMS:
        for day in ("2016-04-12", "2018-03-05", "2021-06-02", TODAY):
            assert problems(media(**PICTURE), day, platform) == []
            assert only(media(), day, platform).severity is Severity.WARNING
