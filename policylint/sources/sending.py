"""A page's sending, as log entries, scripts, batches and echoes tell it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from policylint.documents.places import BrokenText
from policylint.events import Json, Origin, PageSent, Platform, read_id
from policylint.sources.answers import answer_of, read_response
from policylint.sources.requests import Request

_AD_ACCOUNT: Final = re.compile(r"(?:^|/)act_[0-9]+/(?:sponsored_)?messages/?(?:\?|$)")


def sent(
    request: Request,
    origin: Origin,
    *,
    page: str | None = None,
    at: int | None = None,
    beside: Mapping[str, Json] | None = None,
) -> PageSent:
    """The page's sending of `request`, without a digest.

    `beside` is what stands beside the request: the API's `response`, `automated`, `app_id`, `endpoint`. Raises
    BrokenText when one of them makes no sense.
    """
    beside = beside or {}
    response = read_response(beside.get("response"))
    automated, endpoint = beside.get("automated"), beside.get("endpoint")
    if automated is not None and not isinstance(automated, bool):
        raise BrokenText("automated is neither true nor false")
    if endpoint is not None and not isinstance(endpoint, str):
        raise BrokenText("endpoint is not text")
    return PageSent(
        origin=origin,
        person=read_party(request.value.get("recipient")) or read_id(response.get("recipient_id")),
        page=page,
        at=at,
        request=request.value,
        answer=answer_of(response),
        message_id=read_id(response.get("message_id")),
        app_id=read_id(beside.get("app_id")) or _app_of(beside.get("sender")),
        automated=automated,
        sponsored=endpoint is not None and is_ad_account(endpoint),
        broken=tuple(request.broken),
        repeated=tuple(request.repeated),
    )


def read_echo(
    message: dict[str, Json], origin: Origin, *, person: str | None, page: str | None, at: int | None
) -> PageSent:
    """The page's message that an echo shows, as the request that it must have been (its tag is not told)."""
    body: dict[str, Json] = {n: message[n] for n in ("text", "quick_replies", "metadata") if n in message}
    attachments = message.get("attachments")
    if isinstance(attachments, list) and attachments:
        body["attachment"] = attachments[0]
    return PageSent(
        origin=origin,
        person=person,
        page=page,
        at=at,
        request={"recipient": {"id": person}, "message": body},
        echo=True,
        message_id=read_id(message.get("mid")),
        app_id=read_id(message.get("app_id")),
    )


def is_ad_account(endpoint: str) -> bool:
    """Whether messages that are posted to `endpoint` are paid for: it belongs to an ad account, not to a page."""
    return _AD_ACCOUNT.search(endpoint) is not None


def read_platform(value: Json, what: str) -> Platform | None:
    """The platform that `what` names; None when it names none. Raises BrokenText for one that is not known."""
    if value is None:
        return None
    if not isinstance(value, str) or value not in tuple(Platform):
        raise BrokenText(f"{what} names a platform that is not known; known are {', '.join(Platform)}")
    return Platform(value)


def read_party(value: Json) -> str | None:
    """The id of a sender or recipient, if it has one."""
    return read_id(value.get("id")) if isinstance(value, dict) else None


def _app_of(sender: Json) -> str | None:
    return read_id(sender.get("app_id")) if isinstance(sender, dict) else None
