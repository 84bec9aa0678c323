"""What the templates and fields of later years must hold, as of today."""

from __future__ import annotations

from typing import Any

import pytest

from policylint.findings import Severity
from policylint.structure.dated import Schemas
from policylint.structure.problem import Problem
from tests.unit.structure.parts import (
    CUSTOMER,
    IMAGE,
    MEDIA,
    PAYLOAD,
    PICTURE,
    QUESTION,
    UTILITY,
    asked,
    feedback,
    grid,
    send,
    template,
)

VALIDATOR = Schemas().validator("messenger", "2026-11-01")

Json = Any


def problems(request: Json) -> list[Problem]:
    """The problems of `request`, on which both ways to explain must agree."""
    found = VALIDATOR.problems(request)
    assert found == VALIDATOR.problems(request, reference=True)
    return found


def only(request: Json) -> Problem:
    (problem,) = problems(request)
    return problem


@pytest.mark.parametrize(
    ("request_", "pointer", "kind"),
    [
        (feedback(title="x" * 66), f"{PAYLOAD}/title", "too-long"),
        (feedback(subtitle="See https://example.com"), f"{PAYLOAD}/subtitle", "malformed-value"),
        (feedback(button_title="x" * 21), f"{PAYLOAD}/button_title", "too-long"),
        (feedback(feedback_screens=[]), f"{PAYLOAD}/feedback_screens", "too-few"),
        (
            feedback(feedback_screens=[{"questions": [QUESTION, QUESTION]}]),
            f"{PAYLOAD}/feedback_screens/0/questions",
            "too-many",
        ),
        (feedback(business_privacy={}), f"{PAYLOAD}/business_privacy", "missing-field"),
        (feedback(expires_in_days=8), f"{PAYLOAD}/expires_in_days", "malformed-value"),
        (feedback(expires_in_days=0), f"{PAYLOAD}/expires_in_days", "malformed-value"),
        (asked(id="q 1"), f"{PAYLOAD}/feedback_screens/0/questions/0/id", "malformed-value"),
        (asked(type="poll"), f"{PAYLOAD}/feedback_screens/0/questions/0/type", "unknown-value"),
        (asked(title="Why?"), f"{PAYLOAD}/feedback_screens/0/questions/0/title", "malformed-value"),
        (asked(score_label="x"), f"{PAYLOAD}/feedback_screens/0/questions/0/score_label", "unknown-value"),
        (
            asked(follow_up={"type": "free_form", "placeholder": "x" * 66}),
            f"{PAYLOAD}/feedback_screens/0/questions/0/follow_up/placeholder",
            "too-long",
        ),
        (template("coupon", title="A"), PAYLOAD, "missing-field"),
        (template("coupon", title="A", coupon_code="A B"), f"{PAYLOAD}/coupon_code", "malformed-value"),
        (template("product", elements=[{"id": "1"}] * 11), f"{PAYLOAD}/elements", "too-many"),
        (template("media", elements=[*MEDIA, *MEDIA]), f"{PAYLOAD}/elements", "too-many"),
        (template("media", elements=[{"media_type": "image"}]), f"{PAYLOAD}/elements/0", "missing-field"),
        (template("media", elements=[{**MEDIA[0], **PICTURE}]), f"{PAYLOAD}/elements/0", "conflicting-fields"),
        (template("one_time_notif_req", title="x" * 66, payload="P"), f"{PAYLOAD}/title", "too-long"),
        (template("customer_information", countries=["US"]), PAYLOAD, "missing-field"),
        (
            template("customer_information", **CUSTOMER, address_overrides={"city": "x" * 86}),
            f"{PAYLOAD}/address_overrides/city",
            "too-long",
        ),
        (template("instant_form"), PAYLOAD, "missing-field"),
        (grid(PICTURE), f"{PAYLOAD}/elements/0/images", "too-few"),
        (grid(*[PICTURE] * 7), f"{PAYLOAD}/elements/0/images", "too-many"),
        (grid(*[{**PICTURE, "is_hero_image": True}] * 2), f"{PAYLOAD}/elements/0/images", "malformed-value"),
        (grid(PICTURE, PICTURE, title="x" * 46), f"{PAYLOAD}/elements/0/title", "too-long"),
        (
            grid(PICTURE, {**PICTURE, "action": {"type": "postback"}}),
            f"{PAYLOAD}/elements/0/images/1/action",
            "missing-field",
        ),
        (
            grid(PICTURE, PICTURE, buttons=[{"type": "account_unlink"}]),
            f"{PAYLOAD}/elements/0/buttons/0/type",
            "unknown-value",
        ),
        (
            send({"template": {**UTILITY, "components": [{"type": "buttons", "buttons": [{"type": "QUICK_REPLY"}]}]}}),
            "/message/template/components/0/buttons/0/type",
            "malformed-value",
        ),
        (
            send({"template": {**UTILITY, "components": [{"type": "buttons", "buttons": [{}] * 4}]}}),
            "/message/template/components/0/buttons",
            "too-many",
        ),
        (
            template("utility_messages", **{**UTILITY, "components": [{"type": "body", "text": "x" * 1025}]}),
            f"{PAYLOAD}/components/0/text",
            "too-long",
        ),
        (send({"attachments": [{**IMAGE, "type": "video"}]}), "/message/attachments/0/type", "unknown-value"),
        ({"recipient": {"id": "1"}, "sender_action": "react"}, "", "missing-field"),
        (send({"text": "x"}, reply_to={}), "/reply_to", "missing-field"),
        (send({"text": "x"}, messaging_type="response"), "/messaging_type", "unknown-value"),
    ],
)
def test_errors_in_later_templates(request_: Json, pointer: str, kind: str) -> None:
    problem = only(request_)
    assert (problem.pointer, problem.kind, problem.severity) == (pointer, kind, None)


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        (asked(score_option="zero_to_ten"), "unknown-value"),
        (send({"template": {"components": []}}), "missing-field"),
        (
            send({"template": {**UTILITY, "components": [{"buttons": [{"type": "URL", "text": "x" * 21}]}]}}),
            "too-long",
        ),
        (feedback(expires_in_days="3"), "wrong-type"),
    ],
)
def test_warnings_in_later_templates(request_: Json, kind: str) -> None:
    for problem in problems(request_):
        assert (problem.kind, problem.severity) == (kind, Severity.WARNING)
    assert problems(request_)


def test_numbers_out_of_range_are_told() -> None:
    problem = only(feedback(expires_in_days=8))
    assert (problem.detail, problem.allowed) == ("is more than 7", "at most 7")
    problem = only(feedback(expires_in_days=0))
    assert (problem.detail, problem.allowed) == ("is less than 1", "at least 1")
