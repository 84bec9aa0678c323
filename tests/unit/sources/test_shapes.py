"""What a record is, told by its content, and the events in it (DESIGN §3)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policylint.events import PageEnforced, PageSent, PersonActed
from policylint.sources.content import Content
from policylint.sources.recording import Recording, read_recording
from policylint.sources.shapes import Shape, shape_of

SEND: dict[str, Any] = {"recipient": {"id": "7"}, "message": {"text": "Hi"}}
ITEM: dict[str, Any] = {
    "sender": {"id": "7"},
    "recipient": {"id": "P"},
    "timestamp": 1_493_719_200_000,
    "message": {"mid": "m1", "text": "Hello"},
}
ECHO: dict[str, Any] = {
    "sender": {"id": "P"},
    "recipient": {"id": "7"},
    "timestamp": 1_493_719_200_000,
    "message": {"mid": "m2", "is_echo": True, "text": "Hello"},
}
AT = 1_493_719_200_000_000


def read(value: Any, *, shape: Shape | None = None, name: str = "a.json") -> Recording:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    recording = read_recording(name, Content(data), shape=shape, script_start=0)
    assert recording.records == recording.used + len(recording.unreadable) + recording.other
    return recording


def webhook(*items: dict[str, Any], channel: str = "messaging", **more: Any) -> dict[str, Any]:
    return {"object": "page", "entry": [{"id": "P", "time": 1_493_719_300_000, channel: list(items)}], **more}


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (SEND, Shape.SEND),
        ({"recipient": {"id": "7"}, "sender_action": "typing_on"}, Shape.SEND),
        ({"recipient": '{"id": "7"}', "message": '{"text": "Hi"}'}, Shape.SEND),
        ({"recipient": {"id": "7"}, "tag": "X"}, Shape.SEND),
        ({"message": {"text": "no recipient"}}, Shape.SEND),
        ({"message": {"text": "Hi"}, "tag": "X"}, Shape.SEND),
        ({"message": {"attachment": {"type": "image"}}}, None),  # the upload of an attachment
        ([{"method": "POST", "relative_url": "me/messages", "body": "a=b"}], Shape.BATCH),
        ({"method": "POST", "relative_url": "me/messages", "body": "a=b"}, Shape.BATCH),
        (webhook(ITEM), Shape.WEBHOOK),
        ({**webhook(ITEM), "object": "instagram"}, Shape.WEBHOOK),
        ({**webhook(ITEM), "object": "user"}, None),
        (webhook(ITEM)["entry"][0], Shape.WEBHOOK),
        (ITEM, Shape.WEBHOOK),
        (ECHO, Shape.WEBHOOK),
        ({"timestamp": 1, "request": SEND}, Shape.LOG),
        ({"request": SEND}, Shape.LOG),
        ({"request": json.dumps(SEND), "response": {}}, Shape.LOG),
        ({"events": [{"at": "0h", "person": {"text": "Hi"}}]}, Shape.SCRIPT),
        ({"events": []}, None),
        ({}, None),
        ([], None),
        ([SEND], None),
        ("text", None),
        (None, None),
        (1, None),
        ({"name": "package", "version": "1.0"}, None),
    ],
)
def test_records_are_told_by_content(value: Any, shape: Shape | None) -> None:
    assert shape_of(value) is shape


def test_a_send_request() -> None:
    (event,) = read(SEND).events
    assert isinstance(event, PageSent)
    assert (event.person, event.page, event.at, event.request) == ("7", None, None, SEND)


def test_a_form_with_json_in_strings_is_read() -> None:
    (event,) = read({"recipient": '{"id": "7"}', "message": '{"text": "Hi"}'}).events
    assert isinstance(event, PageSent)
    assert event.request == SEND
    assert event.broken == ()


def test_json_in_a_string_that_is_none_is_told() -> None:
    (event,) = read({"recipient": '{"id": "7"}', "message": '{"text": "Hi"'}).events
    assert isinstance(event, PageSent)
    assert [pointer for pointer, _ in event.broken] == ["/message"]


def test_a_batch() -> None:
    operations = [
        {"method": "GET", "relative_url": "me"},
        {"method": "POST", "relative_url": "v2.9/me/messages?access_token=x", "body": 'recipient={"id":"7"}&tag=X'},
        {"method": "POST", "relative_url": "me/messages", "body": "recipient=%7B%22id%22%3A%227%22%7D&message=%7B%7D"},
        {"method": "POST", "relative_url": "me/message_attachments", "body": "message={}"},
    ]
    recording = read(operations)
    events = recording.events
    assert recording.records == 1
    assert [(e.origin.base, e.origin.nth, e.person) for e in events if isinstance(e, PageSent)] == [
        ("/1/body", 0, "7"),
        ("/2/body", 1, "7"),
    ]
    assert [e.request for e in events if isinstance(e, PageSent)] == [
        {"recipient": {"id": "7"}, "tag": "X"},
        {"recipient": {"id": "7"}, "message": {}},
    ]


def test_a_webhook_body_gives_many_events() -> None:
    body = webhook(ITEM, ECHO, {**ITEM, "message": None, "read": {"watermark": 1}})
    body["entry"].append({"id": "Q", "time": 1, "standby": [{**ITEM, "recipient": {"id": "Q"}}]})
    acted, sent, standby = read(body).events
    assert isinstance(acted, PersonActed)
    assert (acted.person, acted.page, acted.at, acted.kind, acted.text, acted.mid) == (
        "7",
        "P",
        AT,
        "message",
        "Hello",
        "m1",
    )
    assert acted.origin.base == "/entry/0/messaging/0"
    assert isinstance(sent, PageSent)
    assert (sent.person, sent.page, sent.at, sent.echo, sent.message_id) == ("7", "P", AT, True, "m2")
    assert sent.request["message"] == {"text": "Hello"}
    assert isinstance(standby, PersonActed)
    assert (standby.person, standby.page, standby.origin.base) == ("7", "Q", "/entry/1/standby/0")


@pytest.mark.parametrize("value", [ITEM, webhook(ITEM)["entry"][0], webhook(ITEM), webhook(ITEM, channel="standby")])
def test_wrappings_of_one_item_are_alike(value: Any) -> None:
    (event,) = read(value).events
    assert isinstance(event, PersonActed)
    assert (event.person, event.page, event.at, event.kind) == ("7", "P", AT, "message")


def test_an_item_without_time_has_that_of_its_entry() -> None:
    bare = {name: part for name, part in ITEM.items() if name != "timestamp"}
    (event,) = read(webhook(bare)).events
    assert event.at == 1_493_719_300_000_000
    assert read(bare).events[0].at is None


def test_an_echo_is_read_as_the_request_it_was() -> None:
    message = {"is_echo": True, "mid": "m", "app_id": 1, "attachments": [{"type": "image"}], "metadata": "x"}
    (event,) = read({**ECHO, "message": message}).events
    assert isinstance(event, PageSent)
    assert event.request == {"recipient": {"id": "7"}, "message": {"attachment": {"type": "image"}, "metadata": "x"}}
    assert event.in_record("/message/attachment/type") == "/message/attachments/0/type"


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ({"postback": {"payload": "X"}}, "postback"),
        ({"optin": {"ref": "X"}}, "optin"),
        ({"optin": {"type": "one_time_notif_req"}}, "optin:one_time_notif_req"),
        ({"optin": {"type": "notification_messages"}}, "optin:notification_messages"),
        ({"referral": {"ref": "X"}}, "referral"),
        ({"reaction": {"action": "react"}}, "reaction"),
        ({"reaction": {"action": "unreact"}}, "reaction:unreact"),
        ({"account_linking": {"status": "linked"}}, "account_linking"),
        ({"read": {"watermark": 1}}, None),
        ({"delivery": {"mids": []}}, None),
        ({"pass_thread_control": {}}, None),
        ({}, None),
    ],
)
def test_what_a_person_does(item: dict[str, Any], kind: str | None) -> None:
    recording = read({"sender": {"id": "7"}, "recipient": {"id": "P"}, "timestamp": 1, **item})
    assert [e.kind for e in recording.events if isinstance(e, PersonActed)] == ([kind] if kind else [])
    assert recording.other == (0 if kind else 1)


def test_a_log_entry() -> None:
    entry = {
        "timestamp": "2017-05-02T12:00:00+02:00",
        "page_id": 12,
        "request": {**SEND, "recipient": {"phone_number": "+1"}},
        "response": {"recipient_id": "7", "message_id": "m1"},
    }
    (event,) = read(entry).events
    assert isinstance(event, PageSent)
    assert (event.at, event.page, event.person, event.message_id, event.refused) == (AT, "12", "7", "m1", False)
    (refused,) = read({**entry, "response": {"error": {"code": 10}}}).events
    assert isinstance(refused, PageSent)
    assert refused.refused


@pytest.mark.parametrize("response", [None, "", "garbage", "{", [], 0, {"error": None}, {"error": {}}])
def test_an_answer_that_says_nothing(response: Any) -> None:
    (event,) = read({"timestamp": 1, "request": SEND, "response": response}).events
    assert isinstance(event, PageSent)
    assert (event.refused, event.message_id) == (False, None)


def test_each_event_of_a_script_is_a_record() -> None:
    script = {
        "start": "2017-05-02T10:00:00Z",
        "page_id": "P",
        "events": [
            {"at": "0h", "person": {"text": "Hi"}},
            {"at": "1h", "person": {"postback": {"payload": "X"}}},
            {"at": "2h", "person": {"read": {"watermark": 1}}},
            {"at": "1d2h30m", "page": {"message": {"text": "Hi"}}},
            {"at": "2017-05-04T10:00:00Z", "page": SEND, "response": {"error": {"code": 1}}},
            {"at": "3 h", "page": {"message": {"text": "Hi"}}},
            {"at": "late", "page": {"message": {"text": "Hi"}}},
            {"at": "3h", "page": {}, "person": {}},
            {"at": "3h"},
            "what",
        ],
    }
    recording = read(script)
    assert (recording.records, recording.used, recording.other) == (10, 5, 1)
    assert [broken.origin.record for broken in recording.unreadable] == [7, 8, 9, 10]
    moments = [None if event.at is None else (event.at - AT) // 3_600_000_000 for event in recording.events]
    assert moments == [0, 1, 26, 48, 3]
    assert {event.person for event in recording.events if not isinstance(event, PageEnforced)} <= {"person", "7"}


def test_arrays_are_recordings() -> None:
    recording = read([SEND, {"timestamp": 1, "request": SEND}, webhook(ITEM), {"x": 1}, None, [SEND], {"entry": [1]}])
    assert (recording.records, recording.used, recording.other, len(recording.unreadable)) == (7, 3, 3, 1)
    assert [event.origin.record for event in recording.events] == [1, 2, 3]
    assert [event.origin.root for event in recording.events] == ["/0", "/1", "/2"]


def test_ndjson_mixes_shapes() -> None:
    lines = [json.dumps(v) for v in (webhook(ITEM), {"timestamp": 1, "request": SEND}, SEND)]
    for name in ("a.ndjson", "a.json", "<stdin>", "a.log"):
        recording = read("\r\n".join([lines[0], "", lines[1], "{broken", lines[2]]).encode(), name=name)
        assert (recording.records, recording.used, len(recording.unreadable)) == (4, 3, 1)
        assert [event.origin.document for event in recording.events] == [1, 3, 5]


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (SEND, Shape.WEBHOOK),
        (None, Shape.SEND),
        ([], Shape.BATCH),
        (SEND, Shape.LOG),
        (1, Shape.SCRIPT),
        ({}, Shape.BATCH),
    ],
)
def test_a_shape_that_was_asked_for_must_fit(value: Any, shape: Shape) -> None:
    recording = read(value, shape=shape)
    assert recording.events == []
    assert recording.records == (len(recording.unreadable) or recording.other)


def test_send_with_keys_that_stand_twice() -> None:
    recording = read(b'{"recipient": {"id": "7"}, "message": {"text": "a", "text": "b"}}')
    (event,) = recording.events
    assert isinstance(event, PageSent)
    assert event.repeated == ("/message/text",)
    recording = read(b'[{"timestamp": 1, "timestamp": 2, "request": {"recipient": {"id": "7", "id": "8"}}}]')
    (event,) = recording.events
    assert isinstance(event, PageSent)
    assert event.repeated == ("/recipient/id",)
    assert [pointer for _, pointer in recording.repeated] == ["/timestamp"]


def test_pointers_of_form_fields_are_escaped() -> None:
    (event,) = read({"timestamp": 1, "request": "a/b=1&a/b=2&message={}"}).events
    assert isinstance(event, PageSent)
    assert event.repeated == ("/a~1b",)


@pytest.mark.parametrize("start", ['{"entry": [1], "x": ', '{"relative_url": "me/messages", "method": '])
def test_deep_records_that_make_no_sense(start: str) -> None:
    recording = read((start + "[" * 1000 + "]" * 1000 + "}").encode())
    assert recording.records == 1
