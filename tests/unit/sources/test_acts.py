"""What a person agreed to, where the person came from, and what the platform did to a page."""

from __future__ import annotations

from typing import Any

import pytest

from policylint.events import Agreement, Measure
from policylint.sources.acts import agreement_in, brought_by_ad, kind_of, measure_in

EXPIRES = 1_700_000_000_000_000  # 2023-11-14, microseconds


def recurring(**more: Any) -> dict[str, Any]:
    return {"optin": {"type": "notification_messages", "notification_messages_token": "t1", **more}}


def test_a_one_time_opt_in_hands_over_a_token() -> None:
    item = {"optin": {"type": "one_time_notif_req", "payload": "back", "one_time_notif_token": "t1"}}
    assert agreement_in(item) == Agreement("t1", "one_time_notif_req")
    assert kind_of(item) == "optin:one_time_notif_req"


def test_a_recurring_opt_in_says_how_often_and_how_long() -> None:
    item = recurring(notification_messages_frequency="daily", token_expiry_timestamp=EXPIRES // 1000)
    assert agreement_in(item) == Agreement("t1", "notification_messages", "DAILY", EXPIRES)


@pytest.mark.parametrize(
    ("written", "expires"),
    [
        (EXPIRES // 1000, EXPIRES),
        (EXPIRES // 1_000_000, EXPIRES),  # seconds
        (str(EXPIRES // 1000), EXPIRES),
        ("2023-11-14T22:13:20Z", EXPIRES),
        (0, None),
        (None, None),
        ("never", None),
        (10**18, None),  # no calendar has it
        ({}, None),
    ],
)
def test_when_a_token_expires(written: Any, expires: int | None) -> None:
    agreement = agreement_in(recurring(token_expiry_timestamp=written))
    assert agreement is not None
    assert agreement.expires == expires


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("STOP NOTIFICATIONS", "STOP NOTIFICATIONS"),
        ("resume_notifications", "RESUME NOTIFICATIONS"),
        ("", None),
        (1, None),
    ],
)
def test_an_agreement_that_is_stopped_or_resumed(written: Any, status: str | None) -> None:
    agreement = agreement_in(recurring(notification_messages_status=written))
    assert agreement is not None
    assert agreement.status == status


@pytest.mark.parametrize(
    "item",
    [
        {"optin": {"type": "one_time_notif_req"}},
        {"optin": {"type": "one_time_notif_req", "notification_messages_token": "t1"}},
        {"optin": {"type": ["one_time_notif_req"], "one_time_notif_token": "t1"}},
        {"optin": {"ref": "plugin", "one_time_notif_token": "t1"}},
        {"optin": "one_time_notif_req"},
        {"message": {"text": "Hi"}},
    ],
)
def test_without_a_token_nothing_was_agreed(item: dict[str, Any]) -> None:
    assert agreement_in(item) is None


@pytest.mark.parametrize(
    ("item", "by_ad"),
    [
        ({"referral": {"source": "ADS", "ad_id": "1"}}, True),
        ({"message": {"text": "Hi", "referral": {"source": "ADS"}}}, True),
        ({"postback": {"payload": "X", "referral": {"source": "ADS"}}}, True),
        ({"referral": {"source": "SHORTLINK"}}, False),
        ({"message": {"text": "ADS"}}, False),
        ({"message": [{"referral": {"source": "ADS"}}]}, False),
        ({"postback": {"payload": "ADS", "referral": "ADS"}}, False),
    ],
)
def test_people_whom_an_ad_brought(item: dict[str, Any], by_ad: bool) -> None:
    assert brought_by_ad(item) is by_ad


@pytest.mark.parametrize(
    ("item", "measure"),
    [
        ({"policy_enforcement": {"action": "block", "reason": "spam"}}, Measure.BLOCK),
        ({"policy-enforcement": {"action": "unblock"}}, Measure.UNBLOCK),
        ({"policy_enforcement": {"action": "WARNING"}}, Measure.WARNING),
        ({"policy_enforcement": {"action": "ponder"}}, None),
        ({"policy_enforcement": {"action": ["block"]}}, None),
        ({"policy_enforcement": "block"}, None),
        ({"message": {"action": "block"}}, None),
    ],
)
def test_what_the_platform_did(item: dict[str, Any], measure: Measure | None) -> None:
    assert measure_in(item) is measure
