"""What a record says of a page's message beside the request: platform, app, automation, ad account."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policylint.events import PageSent, Platform
from policylint.sources.content import Content
from policylint.sources.recording import Recording, read_recording

REQUEST: dict[str, Any] = {"recipient": {"id": "7"}, "message": {"text": "Hi"}}
ENTRY: dict[str, Any] = {"timestamp": 1_493_719_200_000, "request": REQUEST}


def read(value: Any) -> Recording:
    return read_recording("a.json", Content(json.dumps(value).encode()), shape=None, script_start=0)


def sent(value: Any) -> PageSent:
    (event,) = read(value).events
    assert isinstance(event, PageSent)
    return event


@pytest.mark.parametrize(
    ("named", "platform"),
    [({"platform": "instagram"}, Platform.INSTAGRAM), ({"platform": "messenger"}, Platform.MESSENGER), ({}, None)],
)
def test_an_entry_may_name_its_platform(named: dict[str, str], platform: Platform | None) -> None:
    assert sent({**ENTRY, **named}).platform is platform


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"platform": "sms"}, "the log entry names a platform that is not known; known are messenger, instagram"),
        (
            {"platform": ["instagram"]},
            "the log entry names a platform that is not known; known are messenger, instagram",
        ),
        ({"automated": "yes"}, "automated is neither true nor false"),
        ({"endpoint": 7}, "endpoint is not text"),
    ],
)
def test_an_entry_that_makes_no_sense_is_unreadable(more: dict[str, Any], reason: str) -> None:
    recording = read({**ENTRY, **more})
    assert recording.events == []
    assert [broken.reason for broken in recording.unreadable] == [reason]


@pytest.mark.parametrize(
    ("more", "app"),
    [
        ({"app_id": 12}, "12"),
        ({"app_id": "12"}, "12"),
        ({"sender": {"app_id": "12"}}, "12"),
        ({"app_id": "12", "sender": {"app_id": "13"}}, "12"),
        ({"sender": "12"}, None),
        ({}, None),
    ],
)
def test_the_app_that_sent(more: dict[str, Any], app: str | None) -> None:
    assert sent({**ENTRY, **more}).app_id == app


def test_an_echo_names_its_app() -> None:
    message = {"is_echo": True, "mid": "m", "app_id": 1517776481860111, "text": "Hi"}
    echo = {"sender": {"id": "P"}, "recipient": {"id": "7"}, "timestamp": 1, "message": message}
    assert sent(echo).app_id == "1517776481860111"


@pytest.mark.parametrize("automated", [True, False, None])
def test_whether_a_bot_wrote_it(automated: bool | None) -> None:
    assert sent({**ENTRY, "automated": automated}).automated is automated


ENDPOINTS = [
    ("act_123/messages", True),
    ("/act_123/messages", True),
    ("v18.0/act_123/messages", True),
    ("/v18.0/act_123/messages?access_token=x", True),
    ("https://graph.facebook.com/v18.0/act_123/messages/", True),
    ("me/messages", False),
    ("123/messages", False),
    ("act_/messages", False),
    ("act_123/campaigns/messages", False),
    ("act_123/messages_insights", False),
    ("react_123/messages", False),
]


@pytest.mark.parametrize(("endpoint", "paid"), ENDPOINTS)
def test_an_entry_below_an_ad_account_is_sponsored(endpoint: str, paid: bool) -> None:
    assert sent({**ENTRY, "endpoint": endpoint}).sponsored is paid


@pytest.mark.parametrize("paid", [True, False])
def test_operations_of_a_batch_below_an_ad_account_are_sponsored(paid: bool) -> None:
    for endpoint in (
        name
        for name, sponsored in ENDPOINTS
        if sponsored is paid and name.split("?")[0].rstrip("/").endswith("/messages")
    ):
        operation = {"method": "POST", "relative_url": endpoint, "body": json.dumps(REQUEST)}
        assert sent([operation]).sponsored is paid


def test_an_answer_out_of_a_batch_tells_the_person() -> None:
    by_token = {"recipient": {"one_time_notif_token": "t"}, "message": {"text": "Hi"}}
    body = json.dumps({"recipient_id": "9", "message_id": "m"})
    event = sent({**ENTRY, "request": by_token, "response": {"code": 200, "body": body}})
    assert (event.person, event.message_id, event.token) == ("9", "m", "t")
