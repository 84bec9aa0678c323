"""What is wrong with a request: each limit at and over its boundary, each kind, one problem for one cause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest

from policylint.errors import RuleError
from policylint.findings import Severity
from policylint.shipped import shipped
from policylint.structure.problem import Problem
from policylint.structure.validator import RequestValidator
from tests.unit.structure.parts import (
    CARD,
    PAYLOAD,
    POSTBACK,
    REPLY,
    SHARED,
    UPDATE,
    URL,
    buttoned,
    generic,
    media,
    quick,
    receipt,
    send,
    shared,
    template,
)

VALIDATOR = RequestValidator(shipped("schemas") / "messenger" / "2017-04" / "send-request.schema.json")

Json = Any
Build = Callable[[int], Json]


def problems(request: Json) -> list[Problem]:
    """The problems of `request`, on which both ways to explain must agree."""
    found = VALIDATOR.problems(request)
    assert list(map(astuple, VALIDATOR.problems(request, reference=True))) == list(map(astuple, found))
    assert VALIDATOR.is_valid(request) == (not found)
    assert found == sorted(found)
    return found


def brief(request: Json) -> list[tuple[str, str]]:
    return [(problem.pointer, problem.kind) for problem in problems(request)]


def only(request: Json) -> Problem:
    (problem,) = problems(request)
    return problem


# Each limit: a request of that size, the largest that is allowed, the place and kind of the problem with one more.
LIMITS: dict[str, tuple[Build, int, str, str]] = {
    "text": (lambda n: send({"text": "x" * n}), 640, "/message/text", "too-long"),
    "text counted in code points": (lambda n: send({"text": "🎩" * n}), 640, "/message/text", "too-long"),
    "metadata": (lambda n: send({"text": "x", "metadata": "x" * n}), 999, "/message/metadata", "too-long"),
    "quick replies": (lambda n: quick(*[REPLY] * n), 11, "/message/quick_replies", "too-many"),
    "quick reply title": (
        lambda n: quick(REPLY, REPLY, {**REPLY, "title": "x" * n}),
        20,
        "/message/quick_replies/2/title",
        "too-long",
    ),
    "quick reply payload": (
        lambda n: quick({**REPLY, "payload": "x" * n}),
        1000,
        "/message/quick_replies/0/payload",
        "too-long",
    ),
    "generic elements": (lambda n: template("generic", elements=[CARD] * n), 10, f"{PAYLOAD}/elements", "too-many"),
    "element title": (lambda n: generic(title="x" * n), 80, f"{PAYLOAD}/elements/0/title", "too-long"),
    "element subtitle": (lambda n: generic(subtitle="x" * n), 80, f"{PAYLOAD}/elements/0/subtitle", "too-long"),
    "element buttons": (lambda n: generic(buttons=[POSTBACK] * n), 3, f"{PAYLOAD}/elements/0/buttons", "too-many"),
    "button text": (lambda n: template("button", text="x" * n, buttons=[URL]), 640, f"{PAYLOAD}/text", "too-long"),
    "template buttons": (lambda n: buttoned(*[URL] * n), 3, f"{PAYLOAD}/buttons", "too-many"),
    "button title": (lambda n: buttoned({**URL, "title": "x" * n}), 20, f"{PAYLOAD}/buttons/0/title", "too-long"),
    "button payload": (
        lambda n: buttoned({**POSTBACK, "payload": "x" * n}),
        1000,
        f"{PAYLOAD}/buttons/0/payload",
        "too-long",
    ),
    "list elements": (lambda n: template("list", elements=[CARD] * n), 4, f"{PAYLOAD}/elements", "too-many"),
    "list element buttons": (
        lambda n: template("list", elements=[CARD, {**CARD, "buttons": [URL] * n}]),
        1,
        f"{PAYLOAD}/elements/1/buttons",
        "too-many",
    ),
    "list buttons": (
        lambda n: template("list", elements=[CARD, CARD], buttons=[URL] * n),
        1,
        f"{PAYLOAD}/buttons",
        "too-many",
    ),
    "open graph elements": (
        lambda n: template("open_graph", elements=[{"url": "https://example.com"}] * n),
        1,
        f"{PAYLOAD}/elements",
        "too-many",
    ),
    "open graph buttons": (
        lambda n: template("open_graph", elements=[{"url": "https://example.com", "buttons": [URL] * n}]),
        3,
        f"{PAYLOAD}/elements/0/buttons",
        "too-many",
    ),
    "receipt elements": (
        lambda n: receipt(elements=[{"title": "Hat", "price": 5}] * n),
        100,
        f"{PAYLOAD}/elements",
        "too-many",
    ),
    "shared buttons": (lambda n: shared(*[URL] * n), 1, f"{SHARED}/elements/0/buttons", "too-many"),
}


@pytest.mark.parametrize(("build", "limit", "pointer", "kind"), LIMITS.values(), ids=LIMITS)
def test_limit(build: Build, limit: int, pointer: str, kind: str) -> None:
    assert problems(build(limit)) == []
    over = only(build(limit + 1))
    assert (over.pointer, over.kind, over.severity) == (pointer, kind, None)
    assert str(limit) in over.allowed
    assert str(limit + 1) in over.detail


@pytest.mark.parametrize(
    ("request_", "pointer"),
    [
        (template("generic", elements=[]), f"{PAYLOAD}/elements"),
        (template("list", elements=[CARD]), f"{PAYLOAD}/elements"),
        (template("open_graph", elements=[]), f"{PAYLOAD}/elements"),
        (buttoned(), f"{PAYLOAD}/buttons"),
    ],
)
def test_too_few(request_: Json, pointer: str) -> None:
    problem = only(request_)
    assert (problem.pointer, problem.kind, problem.severity) == (pointer, "too-few", None)


VALID: dict[str, Json] = {
    "sender action": {"recipient": {"id": "1"}, "sender_action": "typing_on"},
    "nulls": {
        "recipient": {"id": "1", "phone_number": None, "name": None, "one_time_notif_token": None},
        "message": {"text": "x", "attachment": None, "quick_replies": None, "metadata": None, "sticker_id": None},
        "sender_action": None,
        "notification_type": None,
        "tag": None,
        "messaging_type": None,
        "persona_id": None,
    },
    "null message": {"recipient": {"id": "1"}, "message": None, "sender_action": "mark_seen"},
    "parameters": send({"text": "x"}, access_token="t", appsecret_proof="p", notification_type="SILENT_PUSH"),
    "a tag that the rules judge": send({"text": "x"}, tag="NO_SUCH_TAG"),
    "by phone": {
        "recipient": {"phone_number": "+1(212)555-2368", "name": {"first_name": "A", "last_name": "B"}},
        "message": {"text": "x"},
    },
    "by comment": {"recipient": {"comment_id": "1_2"}, "message": {"text": "x"}},
    "media by url": media(url="https://example.com/a.png", is_reusable=True),
    "media by id": media(url=None, attachment_id="17"),
    "location": quick({"content_type": "location"}),
    "picture instead of a title": quick({"content_type": "text", "payload": "A", "image_url": "https://a.example"}),
    "empty title with a picture": quick({**REPLY, "title": "", "image_url": "https://a.example"}),
    "every button": template(
        "generic",
        elements=[
            {"title": "A", "buttons": [URL, POSTBACK, {"type": "phone_number", "title": "Call", "payload": "+1555"}]},
            {
                "title": "B",
                "buttons": [{"type": "element_share"}, {"type": "account_link", "url": "https://a.example"}],
            },
            {"title": "C", "buttons": [{"type": "account_unlink"}, {"type": "game_play", "title": "Play"}]},
            {
                "title": "D",
                "buttons": [
                    {
                        "type": "payment",
                        "title": "buy",
                        "payload": "B",
                        "payment_summary": {
                            "currency": "USD",
                            "payment_type": "FIXED_AMOUNT",
                            "is_test_payment": True,
                            "merchant_name": "M",
                            "requested_user_info": ["shipping_address"],
                            "price_list": [{"label": "Sum", "amount": "12.75"}],
                        },
                    }
                ],
            },
        ],
        sharable=False,
        image_aspect_ratio="square",
    ),
    "default action": generic(
        default_action={"type": "web_url", "url": "https://a.example", "webview_height_ratio": "tall"}
    ),
    "share": shared(URL),
    "large list": template(
        "list", top_element_style="large", elements=[{**CARD, "image_url": "https://a.example/a.png"}, CARD]
    ),
    "compact list": template("list", top_element_style="compact", elements=[CARD, CARD]),
    "receipt": receipt(
        summary={"total_cost": "56.14", "subtotal": 75.0}, address={"street_2": ""}, timestamp="1428444852"
    ),
    "airline": template("airline_update", **UPDATE),
    "a file, and replies": send(
        {"attachment": {"type": "file", "payload": {"attachment_id": "1"}}, "quick_replies": [REPLY]}
    ),
}


@pytest.mark.parametrize("request_", VALID.values(), ids=VALID)
def test_valid(request_: Json) -> None:
    assert problems(request_) == []


@pytest.mark.parametrize("address", ["<URL>", "{{url}}", "{url}", "${url}", "%s", "%(url)s", "HTTP://A.example"])
def test_placeholders_pass_as_addresses(address: str) -> None:
    assert problems(media(url=address)) == []
    assert problems(buttoned({**URL, "url": address})) == []


# Each request, and all the problems it has.
CAUSES: dict[str, tuple[Json, list[tuple[str, str]]]] = {
    "nothing": ({}, [("", "missing-field"), ("", "missing-field")]),
    "nobody": ({"recipient": {}, "message": {"text": "x"}}, [("/recipient", "missing-field")]),
    "null recipient": ({"recipient": None, "message": {"text": "x"}}, [("", "missing-field")]),
    "null id": ({"recipient": {"id": None}, "message": {"text": "x"}}, [("/recipient", "missing-field")]),
    "recipient is text": ({"recipient": "1", "message": {"text": "x"}}, [("/recipient", "wrong-type")]),
    "empty id": ({"recipient": {"id": ""}, "message": {"text": "x"}}, [("/recipient/id", "malformed-value")]),
    "two persons": (
        {"recipient": {"id": "1", "user_ref": "2"}, "message": {"text": "x"}},
        [("/recipient", "conflicting-fields")],
    ),
    "name without phone": (
        {"recipient": {"id": "1", "name": {"first_name": "A"}}, "message": {"text": "x"}},
        [("/recipient", "conflicting-fields")],
    ),
    "name alone": ({"recipient": {"name": {}}, "message": {"text": "x"}}, [("/recipient", "missing-field")]),
    "neither message nor action": ({"recipient": {"id": "1"}, "message": None}, [("", "missing-field")]),
    "message and action": (send({"text": "x"}, sender_action="typing_on"), [("", "conflicting-fields")]),
    "message is text": (send("x"), [("/message", "wrong-type")]),
    "message is a list": (send([{"text": "x"}]), [("/message", "wrong-type")]),
    "empty message": (send({}), [("/message", "missing-field")]),
    "nulls in message": (send({"text": None, "attachment": None}), [("/message", "missing-field")]),
    "text and attachment": (
        send({"text": "x", "attachment": {"type": "image", "payload": {"attachment_id": "1"}}}),
        [("/message", "conflicting-fields")],
    ),
    "empty text": (send({"text": ""}), [("/message/text", "malformed-value")]),
    "text is a number": (send({"text": 5}), [("/message/text", "wrong-type")]),
    "text is true": (send({"text": True}), [("/message/text", "wrong-type")]),
    "action": ({"recipient": {"id": "1"}, "sender_action": "status"}, [("/sender_action", "unknown-value")]),
    "action of a wrong type": ({"recipient": {"id": "1"}, "sender_action": 1}, [("/sender_action", "wrong-type")]),
    "tag of a wrong type": (send({"text": "x"}, tag=["A"]), [("/tag", "wrong-type")]),
    "notification": (send({"text": "x"}, notification_type="SILENT"), [("/notification_type", "unknown-value")]),
    "unknown field": (send({"text": "x"}, notification="REGULAR"), [("/notification", "unknown-field")]),
    "unknown fields": (
        send({"text": "x", "a/b": 1, "c~d": 2}),
        [("/message/a~1b", "unknown-field"), ("/message/c~0d", "unknown-field")],
    ),
    "null unknown field": (send({"text": "x"}, foo=None), [("/foo", "unknown-field")]),
    "attachment without anything": (
        send({"attachment": {}}),
        [("/message/attachment", "missing-field"), ("/message/attachment", "missing-field")],
    ),
    "attachment type": (
        send({"attachment": {"type": "picture", "payload": {"x": 1}}}),
        [("/message/attachment/type", "unknown-value")],
    ),
    "payload is text": (send({"attachment": {"type": "template", "payload": "x"}}), [(PAYLOAD, "wrong-type")]),
    "url and id": (media(url="https://a.example", attachment_id="1"), [(PAYLOAD, "conflicting-fields")]),
    "template without type": (
        send({"attachment": {"type": "template", "payload": {"elements": 5}}}),
        [(PAYLOAD, "missing-field")],
    ),
    "unknown template": (template("carousel", cards=[]), [(f"{PAYLOAD}/template_type", "unknown-value")]),
    "elements of a wrong type": (template("generic", elements={}), [(f"{PAYLOAD}/elements", "wrong-type")]),
    "null elements": (template("generic", elements=None), [(PAYLOAD, "missing-field")]),
    "element is null": (template("generic", elements=[None]), [(f"{PAYLOAD}/elements/0", "wrong-type")]),
    "title alone": (template("generic", elements=[{"title": "A"}]), [(f"{PAYLOAD}/elements/0", "missing-field")]),
    "no title": (template("generic", elements=[{"subtitle": "A"}]), [(f"{PAYLOAD}/elements/0", "missing-field")]),
    "null title": (generic(title=None), [(f"{PAYLOAD}/elements/0", "missing-field")]),
    "default action with a title": (
        generic(default_action=URL),
        [(f"{PAYLOAD}/elements/0/default_action/title", "unknown-field")],
    ),
    "default action of another type": (
        generic(default_action={"type": "postback", "url": "https://a.example"}),
        [(f"{PAYLOAD}/elements/0/default_action/type", "unknown-value")],
    ),
    "button without a type": (buttoned({"title": "A", "foo": 1}), [(f"{PAYLOAD}/buttons/0", "missing-field")]),
    "button of no known type": (buttoned({"type": "link"}), [(f"{PAYLOAD}/buttons/0/type", "unknown-value")]),
    "nested button": (buttoned({"type": "nested"}), [(f"{PAYLOAD}/buttons/0/type", "unknown-value")]),
    "button is text": (buttoned("Go"), [(f"{PAYLOAD}/buttons/0", "wrong-type")]),
    "button without url": (
        buttoned({"type": "web_url", "title": "A"}),
        [(f"{PAYLOAD}/buttons/0", "missing-field")],
    ),
    "only the faulty button": (
        buttoned(URL, {**POSTBACK, "payload": {"a": 1}}),
        [(f"{PAYLOAD}/buttons/1/payload", "wrong-type")],
    ),
    "phone number": (
        buttoned({"type": "phone_number", "title": "Call", "payload": "555"}),
        [(f"{PAYLOAD}/buttons/0/payload", "malformed-value")],
    ),
    "height": (
        buttoned({**URL, "webview_height_ratio": "huge"}),
        [(f"{PAYLOAD}/buttons/0/webview_height_ratio", "unknown-value")],
    ),
    "reply without anything": (
        quick({"content_type": "text"}),
        [("/message/quick_replies/0", "missing-field"), ("/message/quick_replies/0", "missing-field")],
    ),
    "reply without a title": (quick({**REPLY, "title": None}), [("/message/quick_replies/0", "missing-field")]),
    "reply with an empty title": (
        quick({**REPLY, "title": ""}),
        [("/message/quick_replies/0/title", "malformed-value")],
    ),
    "reply with a number for a title": (
        quick({**REPLY, "title": 5}),
        [("/message/quick_replies/0/title", "wrong-type")],
    ),
    "location with a title": (
        quick({"content_type": "location", "title": "Where?"}),
        [("/message/quick_replies/0/title", "unknown-field")],
    ),
    "large list without a picture": (
        template("list", top_element_style="large", elements=[CARD, CARD]),
        [(f"{PAYLOAD}/elements/0", "missing-field")],
    ),
    "large list with a null picture": (
        template("list", top_element_style="large", elements=[{**CARD, "image_url": None}, CARD]),
        [(f"{PAYLOAD}/elements/0", "missing-field")],
    ),
    "receipt without a sum": (receipt(summary={}), [(f"{PAYLOAD}/summary", "missing-field")]),
    "receipt with words for a sum": (
        receipt(summary={"total_cost": "a lot"}),
        [(f"{PAYLOAD}/summary/total_cost", "malformed-value")],
    ),
    "receipt with a currency in the sum": (
        receipt(summary={"total_cost": "12 USD"}),
        [(f"{PAYLOAD}/summary/total_cost", "malformed-value")],
    ),
    "receipt with true for a sum": (
        receipt(summary={"total_cost": True}),
        [(f"{PAYLOAD}/summary/total_cost", "wrong-type")],
    ),
    "receipt element without a price": (
        receipt(elements=[{"title": "A"}]),
        [(f"{PAYLOAD}/elements/0", "missing-field")],
    ),
    "airline without introduction": (
        template("airline_update", **{**UPDATE, "intro_message": None}),
        [(PAYLOAD, "missing-field")],
    ),
    "shared button of another type": (shared(POSTBACK), [(f"{SHARED}/elements/0/buttons/0/type", "unknown-value")]),
    "shared button without a title": (
        shared({"type": "web_url", "url": "https://a.example"}),
        [(f"{SHARED}/elements/0/buttons/0", "missing-field")],
    ),
}


@pytest.mark.parametrize(("request_", "expected"), CAUSES.values(), ids=CAUSES)
def test_one_problem_for_one_cause(request_: Json, expected: list[tuple[str, str]]) -> None:
    assert brief(request_) == expected


@pytest.mark.parametrize(
    ("request_", "pointer"),
    [
        (send({"text": "x"}, messaging_type="RESPONSE"), "/messaging_type"),
        (send({"text": "x"}, persona_id="1"), "/persona_id"),
        (send({"text": "x"}, reply_to={"mid": "m"}), "/reply_to"),
        (send({"text": "x"}, folder="PARTNERSHIP"), "/folder"),
        (send({"sticker_id": 17}), "/message/sticker_id"),
        (send({"attachments": [{}]}), "/message/attachments"),
        (send({"text": "x", "attachments": [{}]}), "/message/attachments"),
        (send({"template": {}}), "/message/template"),
        ({"recipient": {"id": "1"}, "template": {}}, "/template"),
        ({"recipient": {"one_time_notif_token": "t"}, "message": {"text": "x"}}, "/recipient/one_time_notif_token"),
        ({"recipient": {"id": "1"}, "sender_action": "react"}, "/sender_action"),
        (template("media", elements=[{"foo": 1}]), f"{PAYLOAD}/template_type"),
        (template("coupon"), f"{PAYLOAD}/template_type"),
        (quick({"content_type": "user_email"}), "/message/quick_replies/0/content_type"),
        (buttoned({"type": "audio_call", "title": "x" * 50}), f"{PAYLOAD}/buttons/0/type"),
    ],
)
def test_other_editions(request_: Json, pointer: str) -> None:
    """What only another edition knows is one problem, and never an error."""
    problem = only(request_)
    assert (problem.pointer, problem.kind, problem.severity) == (pointer, "not-in-edition", None)


@pytest.mark.parametrize(
    ("request_", "pointer", "kind"),
    [
        ({"recipient": {"id": 1}, "message": {"text": "x"}}, "/recipient/id", "wrong-type"),
        ({"recipient": {"id": 1e20}, "message": {"text": "x"}}, "/recipient/id", "wrong-type"),
        ({"recipient": {"id": 10**6000}, "message": {"text": "x"}}, "/recipient/id", "wrong-type"),
        (media(), PAYLOAD, "missing-field"),
        (media(url=None), PAYLOAD, "missing-field"),
        (media(url="ftp://a.example"), f"{PAYLOAD}/url", "malformed-value"),
        (media(url=""), f"{PAYLOAD}/url", "malformed-value"),
        (buttoned({**URL, "url": "example.com"}), f"{PAYLOAD}/buttons/0/url", "malformed-value"),
        (quick(), "/message/quick_replies", "too-few"),
        (generic(buttons=[]), f"{PAYLOAD}/elements/0/buttons", "too-few"),
        (template("list", elements=[CARD, CARD], buttons=[]), f"{PAYLOAD}/buttons", "too-few"),
        (template("airline_update", **{**UPDATE, "update_type": "late"}), f"{PAYLOAD}/update_type", "unknown-value"),
        (template("airline_update", **{**UPDATE, "update_type": None}), PAYLOAD, "missing-field"),
        (template("airline_checkin", intro_message="x", locale="x", flight_info=[]), PAYLOAD, "missing-field"),
    ],
)
def test_warnings(request_: Json, pointer: str, kind: str) -> None:
    problem = only(request_)
    assert (problem.pointer, problem.kind, problem.severity) == (pointer, kind, Severity.WARNING)


@pytest.mark.parametrize("value", [1.5, True, [], {}])
def test_ids_of_other_types_are_no_mere_warnings(value: Json) -> None:
    problem = only({"recipient": {"id": value}, "message": {"text": "x"}})
    assert (problem.kind, problem.severity) == ("wrong-type", None)


@pytest.mark.parametrize(
    ("request_", "detail", "allowed"),
    [
        (
            send({"text": "x"}, notification_type="regular"),
            "regular is not a known value; did you mean REGULAR?",
            "one of REGULAR, SILENT",
        ),
        (
            send({"text": "x", "quick_reply": []}),
            "quick_reply is not a known field; did you mean quick_replies?",
            "one of text",
        ),
        (
            send({"text": "x"}, message_type="RESPONSE"),
            "message_type is not a known field; did you mean messaging_type?",
            "",
        ),
        (template("Generic"), "Generic is not a known value; did you mean generic?", "one of generic, button"),
        (send({"text": ["x"]}), "is an array; a string is expected", "a string"),
        (send({"text": None}), "lacks text or attachment", "text or attachment"),
        (generic(title=None), "lacks title (null counts as absent)", "a string"),
        (generic(buttons=[POSTBACK] * 4), "has 4 items; the limit is 3", "at most 3 items"),
        (template("list", elements=[CARD]), "has 1 item; the least is 2", "at least 2 items"),
        (media(url="x"), "is not an http or https address", "an http or https address"),
        (
            send({"text": "x"}, persona_id="1"),
            "the field persona_id belongs to another edition (known since 2018-09-27)",
            "",
        ),
        (template("coupon"), "coupon belongs to another edition", ""),
        (
            {"recipient": {"id": "1", "name": {}}, "message": {"text": "x"}},
            "has name without phone_number",
            "name together with phone_number only",
        ),
        (
            {"recipient": {"id": "1", "post_id": "2", "user_ref": "3"}, "message": {"text": "x"}},
            "has id, user_ref and post_id together",
            "only one of id",
        ),
        (
            media(url="https://a.example", attachment_id="1"),
            "has url and attachment_id together",
            "only one of url, attachment_id",
        ),
    ],
)
def test_words(request_: Json, detail: str, allowed: str) -> None:
    problem = only(request_)
    assert problem.detail == detail
    assert problem.allowed.startswith(allowed)


@pytest.mark.parametrize("private", ["Dear Anna", "+491701234567", "anna@example.com", "x" * 41, "ä", "A1", ""])
def test_private_values_stay_out(private: str) -> None:
    assert only(send({"text": "x"}, notification_type=private)).detail == "this value is not a known value"
    assert only(send({"text": "x"}, **{f"{private}!": 1})).detail == "this field is not a known field"


def deep(levels: int, value: Json = None) -> Json:
    for level in range(levels):
        value = [value] if level % 2 else {"elements": value}
    return value


@pytest.mark.parametrize(
    "monster",
    [
        deep(1000),
        deep(999),
        1e308,
        -(10**5000),
        float("inf"),
        float("nan"),
        "\ud800",
        {"\ud800": {"\udfff": 1}},
        {1: 2},
    ],
    ids=["deep", "deeper", "float", "integer", "infinity", "nan", "surrogate", "surrogate keys", "integer key"],
)
def test_nothing_raises(monster: Json) -> None:
    places: list[Json] = [
        monster if isinstance(monster, dict) else {"recipient": monster},
        send(monster),
        send({"text": monster}),
        send({"text": "x"}, notification_type=monster),
        send({"attachment": monster}),
        media(url=monster),
        template("generic", elements=monster),
        generic(buttons=[{"type": "element_share", "share_contents": monster}]),
        receipt(summary={"total_cost": monster}),
    ]
    for request in places:
        assert VALIDATOR.problems(request) == VALIDATOR.problems(request, reference=True)
        VALIDATOR.is_valid(request)


def test_a_game_may_say_anything_of_itself() -> None:
    assert problems(buttoned({"type": "game_play", "title": "Play", "game_metadata": {"deep": deep(500)}})) == []


def test_no_schema(tmp_path: Path) -> None:
    folder = tmp_path / "schemas" / "messenger" / "some"
    folder.mkdir(parents=True)
    schema = folder / "a.schema.json"
    with pytest.raises(RuleError, match=r"a\.schema\.json"):
        RequestValidator(schema)
    schema.write_text('{"type": 5}')
    with pytest.raises(RuleError, match=r"a\.schema\.json"):
        RequestValidator(schema)


@pytest.mark.parametrize("reference", ["../../../secret.json", "file:///etc/hosts", "http://a.example/x.json"])
def test_references_stay_in_the_folder(tmp_path: Path, reference: str) -> None:
    (tmp_path / "secret.json").write_text("true")
    folder = tmp_path / "schemas" / "messenger" / "some"
    folder.mkdir(parents=True)
    schema = folder / "a.schema.json"
    schema.write_text(f'{{"$ref": "{reference}"}}')
    with pytest.raises(RuleError, match=r"a\.schema\.json"):
        RequestValidator(schema)
