"""What scripts say of platform, comments, enforcement and of a page's message beside it."""

from __future__ import annotations

from typing import Any

import pytest

from policylint.events import Agreement, Measure, PageEnforced, PageSent, PersonActed, Platform
from policylint.sources.recording import Recording, read_value
from policylint.sources.shapes import Shape

HOUR = 3_600_000_000


def read(*events: dict[str, Any], **script: Any) -> Recording:
    timed = [{"at": f"{n}h", **event} for n, event in enumerate(events)]
    return read_value("a", {**script, "events": timed}, shape=Shape.SCRIPT, script_start=0)


def reasons(recording: Recording) -> list[str]:
    return [broken.reason for broken in recording.unreadable]


@pytest.mark.parametrize(
    ("named", "platform"),
    [({"platform": "instagram"}, Platform.INSTAGRAM), ({"platform": "messenger"}, Platform.MESSENGER), ({}, None)],
)
def test_a_script_may_name_its_platform(named: dict[str, str], platform: Platform | None) -> None:
    steps: list[dict[str, Any]] = [
        {"person": {"text": "Hi"}},
        {"page": {"message": {"text": "Hi"}}},
        {"echo": {"mid": "m", "text": "Hi"}},
    ]
    recording = read(*steps, {"person": {"policy_enforcement": {"action": "block"}}}, **named)
    assert [event.platform for event in recording.events] == [platform] * 4


@pytest.mark.parametrize("platform", ["sms", 7, ["instagram"], "Instagram"])
def test_a_script_of_an_unknown_platform_makes_no_sense(platform: Any) -> None:
    recording = read({"person": {"text": "Hi"}}, platform=platform)
    assert recording.events == []
    assert reasons(recording) == ["the script names a platform that is not known; known are messenger, instagram"]


@pytest.mark.parametrize(
    "comment", [{"id": "c1"}, {"comment_id": "c1"}, {"post_id": "c1"}, {"comment_id": "c1", "post_id": "p"}]
)
def test_a_comment(comment: dict[str, str]) -> None:
    (event,) = read({"person": {"comment": comment}}).events
    assert isinstance(event, PersonActed)
    assert (event.kind, event.comment, event.text) == ("comment", "c1", None)


def test_what_a_comment_says_is_no_message() -> None:
    (event,) = read({"person": {"comment": {"id": "c1"}, "text": "In blue?"}}).events
    assert isinstance(event, PersonActed)
    assert event.kind == "comment"


@pytest.mark.parametrize("comment", [{}, "c1", {"id": ""}, {"text": "In blue?"}])
def test_a_comment_without_an_id_makes_no_sense(comment: Any) -> None:
    (reason,) = reasons(read({"person": {"comment": comment}}))
    assert reason.startswith("the comment has no id")


def test_enforcement_in_a_script() -> None:
    recording = read(
        {"person": {"policy_enforcement": {"action": "block"}}},
        {"person": {"policy-enforcement": {"action": "unblock"}}},
        {"person": {"policy_enforcement": {"action": "applaud"}}},
        page_id="P",
        edition="2017-04",
    )
    assert (recording.used, recording.other) == (2, 1)
    taken = [event for event in recording.events if isinstance(event, PageEnforced)]
    assert [(event.measure, event.at, event.page, event.edition) for event in taken] == [
        (Measure.BLOCK, 0, "P", "2017-04"),
        (Measure.UNBLOCK, HOUR, "P", "2017-04"),
    ]
    assert all(event.script for event in taken)


def test_opt_ins_and_ads_in_a_script() -> None:
    optin = {"type": "one_time_notif_req", "one_time_notif_token": "t"}
    agreed, came = read({"person": {"optin": optin}}, {"person": {"referral": {"source": "ADS"}}}).events
    assert isinstance(agreed, PersonActed)
    assert agreed.agreement == Agreement("t", "one_time_notif_req")
    assert isinstance(came, PersonActed)
    assert came.from_ad


def test_what_is_said_beside_a_message() -> None:
    message = {"message": {"text": "Hi"}}
    recording = read(
        {"page": message, "automated": True, "endpoint": "act_1/messages"},
        {"page": message, "automated": False, "endpoint": "me/messages"},
        {"page": message},
        {"echo": {"mid": "m", "text": "Hi", "app_id": 12}, "automated": True},
    )
    told = [(e.automated, e.sponsored, e.app_id) for e in recording.events if isinstance(e, PageSent)]
    assert told == [(True, True, None), (False, False, None), (None, False, None), (True, False, "12")]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"page": {"message": {}}, "automated": "yes"}, "automated is neither true nor false"),
        ({"echo": {"mid": "m"}, "automated": 1}, "automated is neither true nor false"),
        ({"page": {"message": {}}, "endpoint": True}, "endpoint is not text"),
        (
            {"person": {"text": "Hi"}, "automated": True},
            "automated and endpoint are said of a message of the page; here the person acted",
        ),
    ],
)
def test_what_is_said_of_a_message_must_make_sense(event: dict[str, Any], reason: str) -> None:
    assert reasons(read(event)) == [reason]


def test_the_answer_in_a_script() -> None:
    (event,) = read({"page": {"message": {}}, "response": {"error": {"code": 10, "error_subcode": 2018278}}}).events
    assert isinstance(event, PageSent)
    assert event.answer is not None
    assert (event.answer.refused, event.answer.code, event.answer.subcode) == (True, 10, 2018278)


def test_a_misspelt_act_is_hinted_at() -> None:
    assert "did you mean comment?" in reasons(read({"person": {"coment": {"id": "c1"}}}))[0]
