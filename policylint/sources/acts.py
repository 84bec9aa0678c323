"""What a person did, as a webhook's messaging item tells it; and what the platform did to a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from policylint.documents.places import BrokenText
from policylint.events import TOKENS, Agreement, Json, Measure, read_id
from policylint.sources.moments import read_moment_or_seconds

# What a person can do, by the webhook's own field. Facts on each field: the platform's webhook reference.
ACTIONS: Final = (
    "message",
    "postback",
    "optin",
    "referral",
    "reaction",
    "account_linking",
    "order",
    "payment",
    "checkout_update",
    "game_play",
    "messaging_feedback",
    "messaging_customer_information",
    "form",
    "message_edit",
    "response_feedback",
)
# The older spelling stands in samples of 2017 and in libraries of that time.
ENFORCEMENT: Final = ("policy_enforcement", "policy-enforcement")
COMMENT: Final = "comment"


def kind_of(item: Mapping[str, Json]) -> str | None:
    """What a webhook item says the person did; None for receipts, handovers and what else is no act of a person."""
    kind = next((name for name in ACTIONS if item.get(name) is not None), None)
    if kind == "optin":
        optin = item["optin"]
        if isinstance(optin, dict) and optin.get("type") in tuple(TOKENS):
            return f"optin:{optin['type']}"
    if kind == "reaction":
        reaction = item["reaction"]
        if isinstance(reaction, dict) and reaction.get("action") == "unreact":
            return "reaction:unreact"
    return kind


def message_text(item: Mapping[str, Json]) -> str | None:
    """The text of a person's message item, if it has one."""
    text = _part(item, "message").get("text")
    return text if isinstance(text, str) else None


def message_id(item: Mapping[str, Json]) -> str | None:
    """The id of a message or postback."""
    return next((mid for name in ("message", "postback") if (mid := read_id(_part(item, name).get("mid")))), None)


def user_ref(item: Mapping[str, Json]) -> str | None:
    """How a checkbox plugin's opt-in names the person."""
    return read_id(_part(item, "optin").get("user_ref"))


def brought_by_ad(item: Mapping[str, Json]) -> bool:
    """Whether an ad brought the person: a referral of its own, or one inside of a message or postback."""
    referrals = (_part(item, "referral"), *(_part(_part(item, name), "referral") for name in ("message", "postback")))
    return any(referral.get("source") == "ADS" for referral in referrals)


def agreement_in(item: Mapping[str, Json]) -> Agreement | None:
    """The agreement that an opt-in gives, stops or resumes; None where it hands over no token.

    An expiry that is no time counts as none: the opt-in happened all the same.
    """
    optin = _part(item, "optin")
    kind = optin.get("type")
    token = read_id(optin.get(TOKENS[kind])) if isinstance(kind, str) and kind in TOKENS else None
    if token is None:
        return None
    try:
        expires = read_moment_or_seconds(optin.get("token_expiry_timestamp"), "token_expiry_timestamp")
    except BrokenText:
        expires = None
    status = _word(optin.get("notification_messages_status"))
    return Agreement(
        token=token,
        kind=str(kind),
        frequency=_word(optin.get("notification_messages_frequency")),
        expires=expires if expires and expires > 0 else None,  # 0 stands for a token that does not expire
        status=status.replace("_", " ") if status else None,
    )


def measure_in(item: Mapping[str, Json]) -> Measure | None:
    """What an item says the platform did to the page; None for an action that is not known."""
    for name in ENFORCEMENT:
        action = _part(item, name).get("action")
        if isinstance(action, str) and action.lower() in tuple(Measure):
            return Measure(action.lower())
    return None


def _word(value: Json) -> str | None:
    return value.strip().upper() or None if isinstance(value, str) else None


def _part(item: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    part = item.get(name)
    return part if isinstance(part, dict) else {}
