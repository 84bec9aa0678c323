"""Send requests to put together: whole ones, fine around a part that need not be; and what is wrong with one."""

from __future__ import annotations

from typing import Any

from policylint.structure.dated import Schemas
from policylint.structure.problem import Problem

Json = Any

SCHEMAS = Schemas()
TODAY = "2026-11-01"


def problems(request: Json, day: str, platform: str = "messenger", *, late: bool = False) -> list[Problem]:
    """The problems of `request`, on which both ways to explain must agree."""
    validator = SCHEMAS.validator(platform, day, late=late)
    found = validator.problems(request)
    assert found == validator.problems(request, reference=True)
    return found


def only(request: Json, day: str, platform: str = "messenger") -> Problem:
    (problem,) = problems(request, day, platform)
    return problem


def send(message: Json, **more: Json) -> Json:
    return {"recipient": {"id": "1"}, "message": message, **more}


def quick(*replies: Json) -> Json:
    return send({"text": "Which?", "quick_replies": list(replies)})


def template(kind: str, **payload: Json) -> Json:
    return send({"attachment": {"type": "template", "payload": {"template_type": kind, **payload}}})


def generic(**element: Json) -> Json:
    return template("generic", elements=[{"title": "Hat", "subtitle": "Wool", **element}])


def buttoned(*buttons: Json) -> Json:
    return template("button", text="Which?", buttons=list(buttons))


def media(**payload: Json) -> Json:
    return send({"attachment": {"type": "image", "payload": payload}})


def receipt(**payload: Json) -> Json:
    whole = {
        "recipient_name": "A",
        "order_number": "1",
        "currency": "USD",
        "payment_method": "Visa",
        "summary": {"total_cost": 5},
    }
    return template("receipt", **{**whole, **payload})


def shared(*buttons: Json) -> Json:
    """A share button that shares a card with `buttons`."""
    card = {"title": "Quiz", "buttons": list(buttons)}
    payload = {"template_type": "generic", "elements": [card]}
    return generic(
        buttons=[{"type": "element_share", "share_contents": {"attachment": {"type": "template", "payload": payload}}}]
    )


REPLY = {"content_type": "text", "title": "Yes", "payload": "YES"}
POSTBACK = {"type": "postback", "title": "Go", "payload": "GO"}
URL = {"type": "web_url", "title": "Open", "url": "https://example.com"}
CARD = {"title": "Hat", "subtitle": "Wool"}
UPDATE = {"intro_message": "Late", "locale": "en_US", "update_type": "delay", "update_flight_info": {}}
PAYLOAD = "/message/attachment/payload"
SHARED = f"{PAYLOAD}/elements/0/buttons/0/share_contents/attachment/payload"


QUESTION = {"id": "q_1", "type": "csat", "title": "How was it?", "score_label": "neg_pos"}


def feedback(**payload: Json) -> Json:
    whole = {
        "title": "Rate us",
        "feedback_screens": [{"questions": [QUESTION]}],
        "business_privacy": {"url": "https://example.com/privacy"},
    }
    return template("customer_feedback", **{**whole, **payload})


def asked(**question: Json) -> Json:
    return feedback(feedback_screens=[{"questions": [{"id": "q_1", "type": "csat", **question}]}])


def grid(*images: Json, **element: Json) -> Json:
    return template("image_grid", elements=[{"images": list(images), **element}])


def to(**recipient: Json) -> Json:
    return {"recipient": recipient, "message": {"text": "Hello"}}


def reaction(**more: Json) -> Json:
    return {"recipient": {"id": "1"}, "sender_action": "react", "payload": {"message_id": "m", "reaction": "love"}}


PICTURE = {"url": "https://example.com/a.png"}
IMAGE = {"type": "image", "payload": PICTURE}
UTILITY = {
    "name": "order_sent",
    "language": {"code": "en"},
    "components": [{"type": "body", "parameters": [{"type": "text", "text": "Anna"}]}],
}
CUSTOMER = {"countries": ["US"], "business_privacy": {"url": "https://example.com"}, "expires_in_days": 1}
OPT_IN = {"title": "News?", "payload": "NEWS"}
MEDIA = [{"media_type": "image", "attachment_id": "1", "buttons": [URL]}]
