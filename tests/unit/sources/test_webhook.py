"""What the platform posts to a bot: platforms, comments and visitor posts, enforcement."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policylint.events import Agreement, Measure, PageEnforced, PersonActed, Platform
from policylint.sources.content import Content
from policylint.sources.recording import Recording, read_recording

SECONDS = 1_545_920_296  # 2018-12-27T14:18:16Z
AT = SECONDS * 1_000_000
ITEM: dict[str, Any] = {"sender": {"id": "7"}, "recipient": {"id": "P"}, "timestamp": SECONDS * 1000}
COMMENT: dict[str, Any] = {
    "from": {"id": "u-1", "name": "A. Person"},
    "item": "comment",
    "verb": "add",
    "comment_id": "p_c",
    "post_id": "P_p",
    "created_time": SECONDS,
    "message": "Do you have it in blue?",
}
POST: dict[str, Any] = {**{n: v for n, v in COMMENT.items() if n != "comment_id"}, "item": "status"}
MEDIA: dict[str, Any] = {"id": "179", "from": {"id": "u-1", "username": "a"}, "media": {"id": "178"}, "text": "Blue?"}


def read(value: Any) -> Recording:
    recording = read_recording("a.json", Content(json.dumps(value).encode()), shape=None, script_start=0)
    assert recording.records == recording.used + len(recording.unreadable) + recording.other
    return recording


def changes(*values: dict[str, Any], field: str = "feed", **body: Any) -> dict[str, Any]:
    made = [{"field": field, "value": value} for value in values]
    return {"object": "page", "entry": [{"id": "P", "time": SECONDS + 1, "changes": made}], **body}


def items(*parts: dict[str, Any], **body: Any) -> dict[str, Any]:
    made = [{**ITEM, **part} for part in parts]
    return {"object": "page", "entry": [{"id": "P", "time": SECONDS * 1000, "messaging": made}], **body}


@pytest.mark.parametrize(
    ("named", "platform"),
    [({"object": "page"}, Platform.MESSENGER), ({"object": "instagram"}, Platform.INSTAGRAM), ({}, None)],
)
def test_the_object_of_a_body_is_its_platform(named: dict[str, str], platform: Platform | None) -> None:
    echo = {"sender": {"id": "P"}, "recipient": {"id": "7"}, "message": {"is_echo": True, "text": "Hi"}}
    parts = ({"message": {"text": "Hi"}}, echo, {"policy_enforcement": {"action": "warning"}})
    body = {**named, "entry": items(*parts)["entry"] + changes(COMMENT)["entry"]}
    assert [event.platform for event in read(body).events] == [platform] * 4


def test_an_opt_in_and_a_referral_tell_what_they_hold() -> None:
    optin = {
        "type": "notification_messages",
        "notification_messages_token": "t",
        "notification_messages_frequency": "WEEKLY",
    }
    agreed, came = read(items({"optin": optin}, {"referral": {"source": "ADS"}})).events
    assert isinstance(agreed, PersonActed)
    assert (agreed.kind, agreed.person) == ("optin:notification_messages", "7")
    assert agreed.agreement == Agreement("t", "notification_messages", "WEEKLY")
    assert isinstance(came, PersonActed)
    assert came.from_ad
    assert not agreed.from_ad


@pytest.mark.parametrize(
    ("value", "comment"),
    [
        (COMMENT, "p_c"),
        ({**COMMENT, "comment_id": None}, "P_p"),
        (POST, "P_p"),
        ({**POST, "item": "post"}, "P_p"),
        ({**POST, "item": "photo"}, "P_p"),
    ],
)
def test_comments_and_posts_of_visitors(value: dict[str, Any], comment: str) -> None:
    (event,) = read(changes(value)).events
    assert isinstance(event, PersonActed)
    assert (event.kind, event.person, event.comment, event.page, event.at) == ("comment", None, comment, "P", AT)
    assert event.text is None
    assert event.origin.base == "/entry/0/changes/0"


@pytest.mark.parametrize("field", ["comments", "live_comments"])
def test_comments_on_instagram(field: str) -> None:
    (event,) = read(changes(MEDIA, field=field, object="instagram")).events
    assert isinstance(event, PersonActed)
    assert (event.comment, event.at, event.platform) == ("179", AT + 1_000_000, Platform.INSTAGRAM)


@pytest.mark.parametrize(
    "value",
    [
        {**COMMENT, "from": {"id": "P"}},  # the page's own
        {**POST, "from": {"id": "P"}},
        {**COMMENT, "verb": "edited"},
        {**COMMENT, "verb": "remove"},
        {**COMMENT, "item": "reaction"},
        {**COMMENT, "item": "like"},
        {**COMMENT, "item": None},
        {**COMMENT, "comment_id": None, "post_id": None},
        {},
    ],
)
def test_other_changes_are_not_about_messages(value: dict[str, Any]) -> None:
    recording = read(changes(value))
    assert (recording.events, recording.other) == ([], 1)


@pytest.mark.parametrize("change", [{"field": "leadgen", "value": COMMENT}, {"field": "feed", "value": "x"}, {}])
def test_other_fields_are_not_about_messages(change: dict[str, Any]) -> None:
    body = {"object": "page", "entry": [{"id": "P", "time": SECONDS, "changes": [change]}]}
    assert read(body).other == 1


@pytest.mark.parametrize(
    ("created", "time", "at"),
    [
        (SECONDS, 5, AT),
        (SECONDS * 1000, 5, AT),
        ("2018-12-27T14:18:16+0000", 5, AT),
        (None, SECONDS, AT),
        (None, SECONDS * 1000, AT),
        (None, None, None),
    ],
)
def test_the_time_of_a_comment(created: Any, time: Any, at: int | None) -> None:
    body = changes({**COMMENT, "created_time": created})
    body["entry"][0]["time"] = time
    assert [event.at for event in read(body).events] == [at]


def test_a_body_of_both_gives_both() -> None:
    body = items({"message": {"text": "Hi"}})
    body["entry"][0]["changes"] = changes(COMMENT)["entry"][0]["changes"]
    kinds = [event.kind for event in read(body).events if isinstance(event, PersonActed)]
    assert kinds == ["message", "comment"]


def test_an_entry_of_changes_alone_is_recognised() -> None:
    (event,) = read(changes(COMMENT)["entry"][0]).events
    assert (event.page, event.at, event.origin.base) == ("P", AT, "/changes/0")
    assert read({"changes": [{"field": "feed", "value": COMMENT}]}).other == 1  # could be anything's


@pytest.mark.parametrize("bad", [{}, ["x"], "x", [None]])
def test_changes_that_make_no_sense(bad: Any) -> None:
    recording = read({"object": "page", "entry": [{"id": "P", "time": SECONDS, "changes": bad}]})
    assert len(recording.unreadable) == 1


def test_a_comment_whose_time_makes_no_sense_is_unreadable() -> None:
    assert len(read(changes({**COMMENT, "created_time": "soon"})).unreadable) == 1


@pytest.mark.parametrize("name", ["policy_enforcement", "policy-enforcement"])
@pytest.mark.parametrize(("action", "measure"), [("block", Measure.BLOCK), ("unblock", Measure.UNBLOCK)])
def test_enforcement_is_an_event_of_the_page(name: str, action: str, measure: Measure) -> None:
    item = {"recipient": {"id": "P"}, "timestamp": SECONDS * 1000, name: {"action": action, "reason": "Spam by A."}}
    wrapped = [{"messaging": [item]}, {"object": "page", "entry": [{"id": "P", "messaging": [item]}]}]
    for value in (item, {**item, "sender": {"id": "7"}}, *wrapped):  # some samples have a sender
        recording = read(value)
        (event,) = recording.events
        assert isinstance(event, PageEnforced)
        assert (event.page, event.at, event.measure) == ("P", AT, measure)
        assert (recording.used, recording.other) == (1, 0)
        assert "Spam" not in repr(event)


def test_an_unknown_action_is_not_about_messages() -> None:
    recording = read(items({"policy_enforcement": {"action": "applaud"}}))
    assert (recording.events, recording.other) == ([], 1)
