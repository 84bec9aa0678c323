"""DESIGN §1 row 11 and §5: what a valid Send API request of 2017-04 is, at and over each limit."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import pytest

from tests.scenarios.conftest import (
    BOARDING,
    BUTTON,
    CHECKIN,
    ITINERARY,
    LINK,
    LIST,
    POSTBACK,
    QUICK,
    RECEIPT,
    RECEIPT_PAYLOAD,
    UPDATE,
    Bench,
    Json,
    generic,
    media,
    request,
    template,
)

Problems: TypeAlias = list[tuple[str, str]]
Table: TypeAlias = dict[str, tuple[Any, Problems]]

P: Final = "/message/attachment/payload"
E0: Final = f"{P}/elements/0"
B0: Final = f"{E0}/buttons/0"
Q0: Final = "/message/quick_replies/0"

EMOJI: Final = "🎉"
FAMILY: Final = "👨‍👩‍👧‍👦"  # seven code points


def elements(count: int) -> list[Json]:
    return [{"title": f"Part {n}", "subtitle": "See."} for n in range(count)]


def quick(*items: Json) -> Json:
    return {"text": "Choose.", "quick_replies": list(items)}


def without(whole: Json, *names: str) -> Json:
    return {key: value for key, value in whole.items() if key not in names}


def card(**element: object) -> Json:
    return template("generic", elements=[element])


def press(button: object) -> Json:
    return generic(buttons=[button])


def listed(count: int, **payload: object) -> Json:
    return template("list", top_element_style="compact", elements=elements(count), **payload)


def receipt(**payload: object) -> Json:
    return template("receipt", **{**RECEIPT_PAYLOAD, **payload})


def bill(count: int) -> Json:
    return receipt(elements=[{"title": "Mug", "price": 1} for _ in range(count)])


MESSAGES: Table = {
    # --- 4.2 and 4.3
    "text 640": ({"text": "x" * 640}, []),
    "text 641": ({"text": "x" * 641}, [("too-long", "/message/text")]),
    "text 640 emoji": ({"text": EMOJI * 640}, []),
    "text 641 emoji": ({"text": EMOJI * 641}, [("too-long", "/message/text")]),
    "text 637 in families": ({"text": FAMILY * 91}, []),
    "text 644 in families": ({"text": FAMILY * 92}, [("too-long", "/message/text")]),
    "text null counts as absent": ({"text": None}, [("missing-field", "/message")]),
    "text beside a null": ({"text": "a", "attachment": None}, []),
    "text number": ({"text": 7}, [("wrong-type", "/message/text")]),
    "text and attachment": ({"text": "a", **media("image")}, [("conflicting-fields", "/message")]),
    "neither text nor attachment": ({}, [("missing-field", "/message")]),
    "quick replies alone": ({"quick_replies": [QUICK]}, [("missing-field", "/message")]),
    "metadata 999": ({"text": "a", "metadata": "m" * 999}, []),
    "metadata 1001": ({"text": "a", "metadata": "m" * 1001}, [("too-long", "/message/metadata")]),
    "metadata object": ({"text": "a", "metadata": {"k": 1}}, [("wrong-type", "/message/metadata")]),
    "unknown field": ({"text": "a", "colour": "red"}, [("unknown-field", "/message/colour")]),
    "attachments of another edition": ({"text": "a", "attachments": []}, [("not-in-edition", "/message/attachments")]),
    # --- 4.4
    "quick replies 11": (quick(*[QUICK] * 11), []),
    "quick replies 12": (quick(*[QUICK] * 12), [("too-many", "/message/quick_replies")]),
    "quick reply title 20": (quick({**QUICK, "title": "x" * 20}), []),
    "quick reply title 20 emoji": (quick({**QUICK, "title": EMOJI * 20}), []),
    "quick reply title 21": (quick({**QUICK, "title": "x" * 21}), [("too-long", f"{Q0}/title")]),
    "quick reply payload 1000": (quick({**QUICK, "payload": "x" * 1000}), []),
    "quick reply payload 1001": (quick({**QUICK, "payload": "x" * 1001}), [("too-long", f"{Q0}/payload")]),
    "quick reply without title": (quick(without(QUICK, "title")), [("missing-field", Q0)]),
    "quick reply without payload": (quick(without(QUICK, "payload")), [("missing-field", Q0)]),
    "quick reply with an image for a title": (
        quick({**QUICK, "title": "", "image_url": "https://example.com/a.png"}),
        [],
    ),
    "quick reply location": (quick({"content_type": "location"}), []),
    "quick reply phone number is later": (
        quick({"content_type": "user_phone_number"}),
        [("not-in-edition", f"{Q0}/content_type")],
    ),
    "quick reply email is later": (quick({"content_type": "user_email"}), [("not-in-edition", f"{Q0}/content_type")]),
    "quick reply of no kind": (quick({**QUICK, "content_type": "texts"}), [("unknown-value", f"{Q0}/content_type")]),
    "quick reply without a kind": (quick(without(QUICK, "content_type")), [("missing-field", Q0)]),
    "second quick reply": (
        quick(QUICK, {**QUICK, "title": "x" * 21}),
        [("too-long", "/message/quick_replies/1/title")],
    ),
    "quick replies object": ({"text": "a", "quick_replies": QUICK}, [("wrong-type", "/message/quick_replies")]),
    # --- 4.5
    "image by url": (media("image"), []),
    "image by id": ({"attachment": {"type": "image", "payload": {"attachment_id": "1"}}}, []),
    "image reusable": (
        {"attachment": {"type": "image", "payload": {"url": "https://e.com/a", "is_reusable": True}}},
        [],
    ),
    "image by both": (
        {"attachment": {"type": "image", "payload": {"url": "https://e.com/a", "attachment_id": "1"}}},
        [("conflicting-fields", P)],
    ),
    "image without payload": ({"attachment": {"type": "image"}}, [("missing-field", "/message/attachment")]),
    "attachment without type": (
        {"attachment": {"payload": {"url": "https://e.com"}}},
        [("missing-field", "/message/attachment")],
    ),
    "attachment of no kind": (media("picture"), [("unknown-value", "/message/attachment/type")]),
    "attachment in capitals": (media("IMAGE"), [("unknown-value", "/message/attachment/type")]),
    "template without type": ({"attachment": {"type": "template", "payload": {}}}, [("missing-field", P)]),
    "template of no kind": (template("generics", elements=elements(1)), [("unknown-value", f"{P}/template_type")]),
    "media template is later": (
        template("media", elements=[{"media_type": "image", "attachment_id": "1"}]),
        [("not-in-edition", f"{P}/template_type")],
    ),
    # --- 4.6 generic
    "generic 1": (template("generic", elements=elements(1)), []),
    "generic 10": (template("generic", elements=elements(10)), []),
    "generic 11": (template("generic", elements=elements(11)), [("too-many", f"{P}/elements")]),
    "generic 0": (template("generic", elements=[]), [("too-few", f"{P}/elements")]),
    "generic without elements": (template("generic"), [("missing-field", P)]),
    "generic title 80": (card(title="x" * 80, subtitle="a"), []),
    "generic title 81": (card(title="x" * 81, subtitle="a"), [("too-long", f"{E0}/title")]),
    "generic title 80 emoji": (card(title=EMOJI * 80, subtitle="a"), []),
    "generic subtitle 80": (card(title="a", subtitle="x" * 80), []),
    "generic subtitle 81": (card(title="a", subtitle="x" * 81), [("too-long", f"{E0}/subtitle")]),
    "generic without title": (card(subtitle="a"), [("missing-field", E0)]),
    "generic title alone": (card(title="a"), [("missing-field", E0)]),
    "generic buttons 3": (card(title="a", buttons=[POSTBACK] * 3), []),
    "generic buttons 4": (card(title="a", buttons=[POSTBACK] * 4), [("too-many", f"{E0}/buttons")]),
    "generic third element": (
        template("generic", elements=[*elements(2), {"title": "x" * 81, "subtitle": "a"}]),
        [("too-long", f"{P}/elements/2/title")],
    ),
    "generic square": (template("generic", image_aspect_ratio="square", elements=elements(1)), []),
    "generic round": (
        template("generic", image_aspect_ratio="round", elements=elements(1)),
        [("unknown-value", f"{P}/image_aspect_ratio")],
    ),
    "generic sharable": (template("generic", sharable=True, elements=elements(1)), []),
    "generic sharable text": (
        template("generic", sharable="yes", elements=elements(1)),
        [("wrong-type", f"{P}/sharable")],
    ),
    "default action": (card(title="a", default_action={"type": "web_url", "url": "https://e.com"}), []),
    "default action with a title": (
        card(title="a", default_action={"type": "web_url", "url": "https://e.com", "title": "Open"}),
        [("unknown-field", f"{E0}/default_action/title")],
    ),
    "two problems, two findings": (
        card(title="x" * 81, subtitle="x" * 81),
        [("too-long", f"{E0}/subtitle"), ("too-long", f"{E0}/title")],
    ),
    # --- button
    "button text 640": (template("button", text="x" * 640, buttons=[POSTBACK]), []),
    "button text 641": (template("button", text="x" * 641, buttons=[POSTBACK]), [("too-long", f"{P}/text")]),
    "button text 640 emoji": (template("button", text=EMOJI * 640, buttons=[POSTBACK]), []),
    "buttons 3": (template("button", text="a", buttons=[POSTBACK, LINK, POSTBACK]), []),
    "buttons 4": (template("button", text="a", buttons=[POSTBACK] * 4), [("too-many", f"{P}/buttons")]),
    "buttons 0": (template("button", text="a", buttons=[]), [("too-few", f"{P}/buttons")]),
    "button without text": (template("button", buttons=[POSTBACK]), [("missing-field", P)]),
    "button without buttons": (template("button", text="a"), [("missing-field", P)]),
    # --- list
    "list 1": (listed(1), [("too-few", f"{P}/elements")]),
    "list 2": (listed(2), []),
    "list 4": (listed(4), []),
    "list 5": (listed(5), [("too-many", f"{P}/elements")]),
    "list bottom button 1": (listed(2, buttons=[POSTBACK]), []),
    "list bottom button 2": (listed(2, buttons=[POSTBACK, LINK]), [("too-many", f"{P}/buttons")]),
    "list element button 1": (
        template(
            "list",
            top_element_style="compact",
            elements=[{"title": "a", "subtitle": "b", "buttons": [LINK]}, *elements(1)],
        ),
        [],
    ),
    "list element button 2": (
        template(
            "list",
            top_element_style="compact",
            elements=[{"title": "a", "subtitle": "b", "buttons": [LINK] * 2}, *elements(1)],
        ),
        [("too-many", f"{E0}/buttons")],
    ),
    "list large with image": (
        template(
            "list",
            top_element_style="large",
            elements=[{"title": "a", "subtitle": "b", "image_url": "https://e.com/a"}, *elements(1)],
        ),
        [],
    ),
    "list large without image": (
        template("list", top_element_style="large", elements=elements(2)),
        [("missing-field", E0)],
    ),
    "list of another style": (
        template("list", top_element_style="tall", elements=elements(2)),
        [("unknown-value", f"{P}/top_element_style")],
    ),
    # --- open graph
    "open_graph 1": (template("open_graph", elements=[{"url": "https://open.spotify.com/track/1"}]), []),
    "open_graph 2": (
        template("open_graph", elements=[{"url": "https://open.spotify.com/track/1"}] * 2),
        [("too-many", f"{P}/elements")],
    ),
    "open_graph 0": (template("open_graph", elements=[]), [("too-few", f"{P}/elements")]),
    "open_graph without url": (template("open_graph", elements=[{}]), [("missing-field", E0)]),
    "open_graph buttons 3": (template("open_graph", elements=[{"url": "https://e.com", "buttons": [LINK] * 3}]), []),
    # --- receipt
    "receipt": (RECEIPT, []),
    "receipt 100": (bill(100), []),
    "receipt 101": (bill(101), [("too-many", f"{P}/elements")]),
    "receipt without recipient_name": (
        template("receipt", **without(RECEIPT_PAYLOAD, "recipient_name")),
        [("missing-field", P)],
    ),
    "receipt without order_number": (
        template("receipt", **without(RECEIPT_PAYLOAD, "order_number")),
        [("missing-field", P)],
    ),
    "receipt without currency": (template("receipt", **without(RECEIPT_PAYLOAD, "currency")), [("missing-field", P)]),
    "receipt without payment_method": (
        template("receipt", **without(RECEIPT_PAYLOAD, "payment_method")),
        [("missing-field", P)],
    ),
    "receipt without summary": (template("receipt", **without(RECEIPT_PAYLOAD, "summary")), [("missing-field", P)]),
    "receipt without total": (receipt(summary={"subtotal": 1}), [("missing-field", f"{P}/summary")]),
    "receipt element without price": (receipt(elements=[{"title": "Mug"}]), [("missing-field", E0)]),
    "receipt element without title": (receipt(elements=[{"price": 1}]), [("missing-field", E0)]),
    "receipt address": (
        receipt(address={"street_1": "1 Way", "city": "A", "postal_code": "1", "state": "CA", "country": "US"}),
        [],
    ),
    "receipt timestamp text": (receipt(timestamp="1428444852"), []),
    "receipt adjustments": (receipt(adjustments=[{"name": "Coupon", "amount": 1}]), []),
    # --- airline
    "itinerary": (ITINERARY, []),
    "check-in": (CHECKIN, []),
    "boarding pass": (BOARDING, []),
    "flight update": (UPDATE, []),
    # --- 4.8 buttons
    "title 20": (press({**POSTBACK, "title": "x" * 20}), []),
    "title 21": (press({**POSTBACK, "title": "x" * 21}), [("too-long", f"{B0}/title")]),
    "title 20 emoji": (press({**LINK, "title": EMOJI * 20}), []),
    "link title 21": (press({**LINK, "title": "x" * 21}), [("too-long", f"{B0}/title")]),
    "postback payload 1000": (press({**POSTBACK, "payload": "x" * 1000}), []),
    "postback payload 1001": (press({**POSTBACK, "payload": "x" * 1001}), [("too-long", f"{B0}/payload")]),
    "postback without payload": (press(without(POSTBACK, "payload")), [("missing-field", B0)]),
    "postback without title": (press(without(POSTBACK, "title")), [("missing-field", B0)]),
    "link without url": (press(without(LINK, "url")), [("missing-field", B0)]),
    "link without title": (press(without(LINK, "title")), [("missing-field", B0)]),
    "button without type": (press(without(LINK, "type")), [("missing-field", B0)]),
    "button of no kind": (press({**LINK, "type": "weburl"}), [("unknown-value", f"{B0}/type")]),
    "button as text": (press("Open"), [("wrong-type", B0)]),
    "webview tall": (press({**LINK, "webview_height_ratio": "tall"}), []),
    "webview huge": (
        press({**LINK, "webview_height_ratio": "huge"}),
        [("unknown-value", f"{B0}/webview_height_ratio")],
    ),
    "webview share": (press({**LINK, "webview_share_button": "hide"}), []),
    "call": (press({"type": "phone_number", "title": "Call", "payload": "+15105551234"}), []),
    "call without a plus": (
        press({"type": "phone_number", "title": "Call", "payload": "15105551234"}),
        [("malformed-value", f"{B0}/payload")],
    ),
    "share": (press({"type": "element_share"}), []),
    "account link": (press({"type": "account_link", "url": "https://example.com/login"}), []),
    "account unlink": (press({"type": "account_unlink"}), []),
    "call button is later": (
        press({"type": "audio_call", "title": "Call"}),
        [("not-in-edition", f"{B0}/type")],
    ),
    "second button": (
        generic(buttons=[POSTBACK, {**LINK, "title": "x" * 21}]),
        [("too-long", f"{E0}/buttons/1/title")],
    ),
}

REQUESTS: Table = {
    # --- 4.1
    "by id": (request(), []),
    "by phone number": ({"recipient": {"phone_number": "+1(212)555-2368"}, "message": {"text": "a"}}, []),
    "by phone number and name": (
        {
            "recipient": {"phone_number": "+1(212)555-2368", "name": {"first_name": "A", "last_name": "B"}},
            "message": {"text": "a"},
        },
        [],
    ),
    "by user_ref": ({"recipient": {"user_ref": "u"}, "message": {"text": "a"}}, []),
    "by comment": ({"recipient": {"comment_id": "1_2"}, "message": {"text": "a"}}, []),
    "by post": ({"recipient": {"post_id": "1_2"}, "message": {"text": "a"}}, []),
    "by nothing": ({"recipient": {}, "message": {"text": "a"}}, [("missing-field", "/recipient")]),
    "by two": (
        {"recipient": {"id": "1", "user_ref": "u"}, "message": {"text": "a"}},
        [("conflicting-fields", "/recipient")],
    ),
    "by text": ({"recipient": "1", "message": {"text": "a"}}, [("wrong-type", "/recipient")]),
    "no recipient": ({"message": {"text": "a"}}, [("missing-field", "")]),
    "sender action": ({"recipient": {"id": "1"}, "sender_action": "typing_on"}, []),
    "sender action off": ({"recipient": {"id": "1"}, "sender_action": "typing_off"}, []),
    "sender action seen": ({"recipient": {"id": "1"}, "sender_action": "mark_seen"}, []),
    "sender action unknown": (
        {"recipient": {"id": "1"}, "sender_action": "typing"},
        [("unknown-value", "/sender_action")],
    ),
    "sender action in capitals": (
        {"recipient": {"id": "1"}, "sender_action": "TYPING_ON"},
        [("unknown-value", "/sender_action")],
    ),
    "sender action of later": (
        {"recipient": {"id": "1"}, "sender_action": "react"},
        [("not-in-edition", "/sender_action")],
    ),
    "both": (request(sender_action="typing_on"), [("conflicting-fields", "")]),
    "message as a number": ({"recipient": {"id": "1"}, "message": 7}, [("wrong-type", "/message")]),
    "notification type": (request(notification_type="SILENT_PUSH"), []),
    "notification type misspelt": (
        request(notification_type="silent"),
        [("unknown-value", "/notification_type")],
    ),
    "unknown field": (request(notification_typ="REGULAR"), [("unknown-field", "/notification_typ")]),
    "unknown field with a slash": ({**request(), "a/b~c": 1}, [("unknown-field", "/a~1b~0c")]),
    "messaging_type is later": (request(messaging_type="RESPONSE"), [("not-in-edition", "/messaging_type")]),
    "persona is later": (request(persona_id="1"), [("not-in-edition", "/persona_id")]),
    "tag in the message": (request({"text": "a", "tag": "ISSUE_RESOLUTION"}), [("unknown-field", "/message/tag")]),
}

SEVERITY: Final = {"unknown-field": "warning", "repeated-key": "warning", "not-in-edition": "note"}


def verify(bench: Bench, made: object, problems: Problems) -> None:
    run = bench.check(made)
    assert run.found == [(rule, 1, pointer) for rule, pointer in problems]
    assert run.severities == {rule: SEVERITY.get(rule, "error") for rule, _ in problems}
    assert run.summary["unreadable"] == run.summary["other"] == 0


@pytest.mark.parametrize(("message", "problems"), MESSAGES.values(), ids=MESSAGES)
def test_messages(bench: Bench, message: Json, problems: Problems) -> None:
    verify(bench, request(message), problems)


@pytest.mark.parametrize(("made", "problems"), REQUESTS.values(), ids=REQUESTS)
def test_requests(bench: Bench, made: Json, problems: Problems) -> None:
    verify(bench, made, problems)


def test_lenient_where_a_record_may_not_show_it_all(bench: Bench) -> None:
    """Neither url nor attachment_id: the file may have been uploaded with the request."""
    run = bench.check(request({"attachment": {"type": "image", "payload": {}}}))
    assert run.found == [("missing-field", 1, P)]
    assert run.severities == {"missing-field": "warning"}
    run = bench.check(request({"attachment": {"type": "image", "payload": {"url": "not an address"}}}))
    assert run.found == [("malformed-value", 1, f"{P}/url")]


def test_a_default_action_of_another_kind_is_one_finding(bench: Bench) -> None:
    made = request(card(title="a", default_action={"type": "postback", "payload": "x"}))
    verify(bench, made, [("unknown-value", f"{E0}/default_action/type")])


@pytest.mark.parametrize(
    "button",
    [
        {"type": "account_link", "url": "http://example.com/login"},
        {**LINK, "url": "http://example.com/", "messenger_extensions": True},
    ],
    ids=["account link", "messenger extensions"],
)
def test_https_where_the_api_needs_it(bench: Bench, button: Json) -> None:
    assert [(rule, pointer) for rule, _, pointer in bench.check(request(press(button))).found] == [
        ("malformed-value", f"{B0}/url")
    ]


def test_a_repeated_key_points_at_the_second_value(bench: Bench) -> None:
    text = '{"recipient": {"id": "1"},\n "message": {"text": "a",\n  "text": "b"}}\n'
    run = bench.check(text)
    assert run.found == [("repeated-key", 1, "/message/text")]
    assert (run.findings[0]["where"]["line"], run.findings[0]["where"]["column"]) == (3, 11)
    assert run.severities == {"repeated-key": "warning"}


HINTS: dict[str, tuple[Json, str]] = {
    "field": (request(notification_typ="REGULAR"), "notification_type"),
    "message field": (request({"text": "a", "quick_replys": []}), "quick_replies"),
    "sender action": ({"recipient": {"id": "1"}, "sender_action": "typing_onn"}, "typing_on"),
    "button field": (request(press({**LINK, "webview_heigth_ratio": "tall"})), "webview_height_ratio"),
    "template": (request(template("generics", elements=elements(1))), "generic"),
}


@pytest.mark.parametrize(("made", "hint"), HINTS.values(), ids=HINTS)
def test_did_you_mean(bench: Bench, made: Json, hint: str) -> None:
    run = bench.check(made)
    assert len(run.findings) == 1
    words = run.findings[0]["message"] + " " + run.findings[0]["remedy"]
    assert hint in words


def test_a_failed_choice_says_which_and_why(bench: Bench) -> None:
    finding = bench.check(request(BUTTON | {"quick_replies": [{**QUICK, "title": "x" * 21}]})).findings[0]
    assert "valid under any" not in finding["message"]
    assert "20" in finding["message"] + finding["remedy"]


def test_list_is_valid(bench: Bench) -> None:
    assert bench.check(request(LIST)).found == []
