"""What one JSON value of a recording is, told by its content: the events in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from hashlib import blake2b
from typing import Final

from policylint.documents.places import BrokenText
from policylint.events import Answer, Event, Json, Origin, PageSent, PersonActed
from policylint.sources.moments import read_moment
from policylint.sources.requests import Request, canonical, is_send_request, read_request


class Shape(StrEnum):
    """The forms of a record; `--format-in` names them."""

    SEND = "send"
    BATCH = "batch"
    WEBHOOK = "webhook"
    LOG = "log"
    SCRIPT = "script"


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
_TOKEN_OPTINS: Final = ("one_time_notif_req", "notification_messages")
_SEND_PATH: Final = re.compile(r"(?:^|/)messages/?(?:\?|$)")


def shape_of(value: Json) -> Shape | None:
    """The form that `value` has; None when it is not about messages."""
    if isinstance(value, list):
        return Shape.BATCH if value and all(_is_operation(item) for item in value) else None
    if not isinstance(value, dict):
        return None
    events = value.get("events")
    if isinstance(events, list) and _is_script(value, events):
        return Shape.SCRIPT
    if isinstance(value.get("request"), dict | str) and ("timestamp" in value or "response" in value or _wraps(value)):
        return Shape.LOG
    if _is_webhook(value):
        return Shape.WEBHOOK
    if _is_operation(value):
        return Shape.BATCH
    return Shape.SEND if is_send_request(value) else None


_STEPS: Final = frozenset({"person", "page", "echo"})
SCRIPT_KEYS: Final = frozenset({"events", "start", "edition", "page_id", "name", "description"})


def _is_script(value: dict[str, Json], events: list[Json]) -> bool:
    """Whether some event says who acted; in an object with a script's keys only, saying when is enough."""
    steps = [event for event in events if isinstance(event, dict)]
    return any(not _STEPS.isdisjoint(step) or ("at" in step and SCRIPT_KEYS.issuperset(value)) for step in steps)


def events_in(value: Json, shape: Shape, origin: Origin) -> Iterator[Event]:
    """The events of one record of the given shape (scripts aside). Raises BrokenText when it makes no sense."""
    for nth, event in enumerate(_READERS[shape](value, origin)):
        yield replace(event, origin=replace(event.origin, nth=nth)) if nth else event


def _wraps(value: dict[str, Json]) -> bool:
    request = value["request"]
    return isinstance(request, dict) and is_send_request(request)


def _is_operation(value: Json) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), str) for name in ("relative_url", "method"))


def _is_webhook(value: dict[str, Json]) -> bool:
    if isinstance(value.get("entry"), list):
        return value.get("object", "page") in ("page", "instagram")
    if isinstance(value.get("messaging"), list) or isinstance(value.get("standby"), list):
        return True
    return isinstance(value.get("sender"), dict) and isinstance(value.get("recipient"), dict)


def _send(value: Json, origin: Origin) -> Iterator[Event]:
    request = read_request(value)
    if request is None:
        raise BrokenText("not a send request")
    yield sent(request, origin)


def _batch(value: Json, origin: Origin) -> Iterator[Event]:
    single = isinstance(value, dict)
    operations = [value] if single else value
    if not isinstance(operations, list) or not all(_is_operation(item) for item in operations):
        raise BrokenText("not a batch: each operation needs method and relative_url")
    for n, operation in enumerate(operations):
        if operation["method"].upper() != "POST" or not _SEND_PATH.search(operation["relative_url"]):
            continue
        request = read_request(operation.get("body"))
        if request is None:
            raise BrokenText(f"operation {n} of the batch posts a message, but its body is neither a form nor JSON")
        base = "/body" if single else f"/{n}/body"
        yield sent(request, replace(origin, base=base))


def _log(value: Json, origin: Origin) -> Iterator[Event]:
    if not isinstance(value, dict):
        raise BrokenText("not a log entry")
    request = read_request(value.get("request"))
    if request is None:
        raise BrokenText("the log entry's request is neither an object nor a form nor JSON text")
    event = sent(
        request,
        replace(origin, base="/request"),
        page=read_id(value.get("page_id")),
        at=read_moment(value.get("timestamp"), "timestamp"),
        answer=value.get("response"),
    )
    yield replace(event, digest=_digest(value))


def _webhook(value: Json, origin: Origin) -> Iterator[Event]:
    if not isinstance(value, dict) or not _is_webhook(value):
        raise BrokenText("not a webhook body")
    if isinstance(value.get("entry"), list):
        for n, entry in enumerate(value["entry"]):
            if not isinstance(entry, dict):
                raise BrokenText(f"entry {n} of the webhook body is not an object")
            yield from _entry(entry, origin, f"/entry/{n}")
    elif isinstance(value.get("messaging"), list) or isinstance(value.get("standby"), list):
        yield from _entry(value, origin, "")
    else:
        yield from _item(value, origin, "", None, None)


def _entry(entry: dict[str, Json], origin: Origin, base: str) -> Iterator[Event]:
    page = read_id(entry.get("id"))
    for channel in ("messaging", "standby"):
        items = entry.get(channel)
        if items is None:
            continue
        if not isinstance(items, list):
            raise BrokenText(f"{channel} of the webhook body is not an array")
        for n, item in enumerate(items):
            if not isinstance(item, dict):
                raise BrokenText(f"item {n} of {channel} is not an object")
            yield from _item(item, origin, f"{base}/{channel}/{n}", page, entry.get("time"))


def _item(item: dict[str, Json], origin: Origin, base: str, page: str | None, time: Json) -> Iterator[Event]:
    # Some recordings have the bare id in place of the object.
    sender, recipient = (_party(item.get(side)) or read_id(item.get(side)) for side in ("sender", "recipient"))
    stamp = item.get("timestamp")
    at = read_moment(stamp if stamp is not None else time, "timestamp")
    origin = replace(origin, base=base)
    message = item.get("message")
    if isinstance(message, dict) and message.get("is_echo"):
        echo = read_echo(message, origin, person=recipient, page=page or sender, at=at)
        yield replace(echo, digest=_digest([at, item]))
        return
    if (kind := kind_of(item)) is None:
        return
    if kind == "message" and not isinstance(message, dict | list):
        raise BrokenText("a message of the webhook body is not an object")
    if sender is None and not kind.startswith("optin"):  # a checkbox plugin knows the person by user_ref only
        raise BrokenText(f"a {kind} of the webhook body does not say who sent it")
    yield PersonActed(
        origin=origin,
        person=sender,
        page=page or recipient,
        at=at,
        kind=kind,
        text=message_text(item) if kind == "message" else None,
        mid=_mid(item),
        user_ref=_user_ref(item.get("optin")),
        digest=_digest([at, item]),
    )


def kind_of(item: Mapping[str, Json]) -> str | None:
    """What a webhook item says the person did; None for receipts, handovers and what else is no act of a person."""
    kind = next((name for name in ACTIONS if item.get(name) is not None), None)
    if kind == "optin":
        optin = item["optin"]
        if isinstance(optin, dict) and optin.get("type") in _TOKEN_OPTINS:
            return f"optin:{optin['type']}"
    if kind == "reaction":
        reaction = item["reaction"]
        if isinstance(reaction, dict) and reaction.get("action") == "unreact":
            return "reaction:unreact"
    return kind


def message_text(item: Mapping[str, Json]) -> str | None:
    """The text of a person's message item, if it has one."""
    message = item.get("message")
    text = message.get("text") if isinstance(message, dict) else None
    return text if isinstance(text, str) else None


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
    )


def _response(value: Json) -> dict[str, Json]:
    """The API's answer, as an object; empty when there is none."""
    request = read_request(value) if isinstance(value, str) and value.lstrip().startswith("{") else None
    return value if isinstance(value, dict) else request.value if request else {}


def _answer(response: dict[str, Json]) -> Answer | None:
    """What the API's answer says of the send; None where there is none."""
    return Answer(refused=bool(response.get("error"))) if response else None


def read_id(value: Json) -> str | None:
    """An id as text, whether it was written as text or as a number."""
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _user_ref(optin: Json) -> str | None:
    return read_id(optin.get("user_ref")) if isinstance(optin, dict) else None


def _digest(value: Json) -> bytes:
    return blake2b(canonical(value), digest_size=16).digest()


def _party(value: Json) -> str | None:
    return read_id(value.get("id")) if isinstance(value, dict) else None


def _mid(item: Mapping[str, Json]) -> str | None:
    for name in ("message", "postback"):
        part = item.get(name)
        if isinstance(part, dict) and (mid := read_id(part.get("mid"))):
            return mid
    return None


def sent(
    request: Request, origin: Origin, *, page: str | None = None, at: int | None = None, answer: Json = None
) -> PageSent:
    """The page's sending of `request`, as far as it and the API's `answer` tell; without a digest."""
    response = _response(answer)
    return PageSent(
        origin=origin,
        person=_party(request.value.get("recipient")) or read_id(response.get("recipient_id")),
        page=page,
        at=at,
        request=request.value,
        answer=_answer(response),
        message_id=read_id(response.get("message_id")),
        broken=tuple(request.broken),
        repeated=tuple(request.repeated),
    )


_READERS: Final[Mapping[Shape, Callable[[Json, Origin], Iterator[Event]]]] = {
    Shape.SEND: _send,
    Shape.BATCH: _batch,
    Shape.WEBHOOK: _webhook,
    Shape.LOG: _log,
}
