"""What one JSON value of a recording is, told by its content: the events in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Final

from policylint.documents.places import BrokenText
from policylint.events import Happening, Json, Origin, read_id
from policylint.sources.moments import read_moment
from policylint.sources.requests import is_send_request, read_request
from policylint.sources.sending import is_ad_account, read_platform, sent
from policylint.sources.webhook import digest_of, is_webhook, read_webhook


class Shape(StrEnum):
    """The forms of a record; `--format-in` names them."""

    SEND = "send"
    BATCH = "batch"
    WEBHOOK = "webhook"
    LOG = "log"
    SCRIPT = "script"


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
    if is_webhook(value):
        return Shape.WEBHOOK
    if _is_operation(value):
        return Shape.BATCH
    return Shape.SEND if is_send_request(value) else None


_STEPS: Final = frozenset({"person", "page", "echo"})
SCRIPT_KEYS: Final = frozenset({"events", "start", "edition", "page_id", "platform", "name", "description"})


def _is_script(value: dict[str, Json], events: list[Json]) -> bool:
    """Whether some event says who acted; in an object with a script's keys only, saying when is enough."""
    steps = [event for event in events if isinstance(event, dict)]
    return any(not _STEPS.isdisjoint(step) or ("at" in step and SCRIPT_KEYS.issuperset(value)) for step in steps)


def events_in(value: Json, shape: Shape, origin: Origin) -> Iterator[Happening]:
    """What one record of the given shape tells of (scripts aside). Raises BrokenText when it makes no sense."""
    for nth, event in enumerate(_READERS[shape](value, origin)):
        yield replace(event, origin=replace(event.origin, nth=nth)) if nth else event


def _wraps(value: dict[str, Json]) -> bool:
    request = value["request"]
    return isinstance(request, dict) and is_send_request(request)


def _is_operation(value: Json) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), str) for name in ("relative_url", "method"))


def _send(value: Json, origin: Origin) -> Iterator[Happening]:
    request = read_request(value)
    if request is None:
        raise BrokenText("not a send request")
    yield sent(request, origin)


def _batch(value: Json, origin: Origin) -> Iterator[Happening]:
    single = isinstance(value, dict)
    operations = [value] if single else value
    if not isinstance(operations, list) or not all(_is_operation(item) for item in operations):
        raise BrokenText("not a batch: each operation needs method and relative_url")
    for n, operation in enumerate(operations):
        url = operation["relative_url"]
        paid = is_ad_account(url)
        if operation["method"].upper() != "POST" or not (paid or _SEND_PATH.search(url)):
            continue
        request = read_request(operation.get("body"))
        if request is None:
            raise BrokenText(f"operation {n} of the batch posts a message, but its body is neither a form nor JSON")
        base = "/body" if single else f"/{n}/body"
        event = sent(request, replace(origin, base=base))
        yield replace(event, sponsored=paid)


def _log(value: Json, origin: Origin) -> Iterator[Happening]:
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
        beside=value,
    )
    yield replace(event, digest=digest_of(value), platform=read_platform(value.get("platform"), "the log entry"))


_READERS: Final[Mapping[Shape, Callable[[Json, Origin], Iterator[Happening]]]] = {
    Shape.SEND: _send,
    Shape.BATCH: _batch,
    Shape.WEBHOOK: read_webhook,
    Shape.LOG: _log,
}
