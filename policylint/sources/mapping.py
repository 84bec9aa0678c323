"""A team's own log, read by where it keeps what: `sources:` in the configuration."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from policylint.documents import jsontext
from policylint.documents.places import BrokenText, at_pointer
from policylint.durations import in_calendar
from policylint.events import Happening, Json, Origin, PageSent, PersonActed, Platform, Pointer, read_id
from policylint.sources.folder import STDIN, displayed
from policylint.sources.moments import read_moment
from policylint.sources.requests import Request, read_request
from policylint.sources.sending import read_platform, sent
from policylint.sources.webhook import digest_of, is_webhook, read_webhook

# Words that logs have for who wrote, where the configuration gives none.
SENT: Final = frozenset({"out", "outbound", "outgoing", "sent", "send", "page", "bot", "agent", "business"})
RECEIVED: Final = frozenset({"in", "inbound", "incoming", "received", "receive", "person", "user", "customer"})
OVERFULL: Final = frozenset({""})  # the only name of a row that has more cells than its table has columns
UNITS: Final = {"s": 1_000_000, "ms": 1_000, "us": 1}  # microseconds in each
_UNIT_NAMES: Final = {"s": "seconds", "ms": "milliseconds", "us": "microseconds"}
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,9})?(?:[eE]\+?[0-9]{1,2})?", re.ASCII)
_WITHOUT_ZONE: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?", re.ASCII)
_FLAGS: Final = {"true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True, slots=True)
class LogFields:
    """Where a team's own log keeps what: JSON pointers from a record's root (in a table, a slash and the column).

    `sent` and `received` are the words under `direction`, in small letters; None stands for the usual ones. `unit` is
    that of times that are numbers (`s`, `ms`, `us`), `zone` (`Z`, `+02:00`) of those that name none.
    """

    timestamp: Pointer
    person: Pointer | None = None
    page: Pointer | None = None
    page_id: str | None = None  # of a log that is about one page
    direction: Pointer | None = None
    sent: frozenset[str] | None = None
    received: frozenset[str] | None = None
    request: Pointer | None = None
    response: Pointer | None = None
    webhook: Pointer | None = None
    text: Pointer | None = None
    tag: Pointer | None = None
    messaging_type: Pointer | None = None
    message_id: Pointer | None = None
    app_id: Pointer | None = None
    automated: Pointer | None = None
    platform: Pointer | None = None
    unit: str = "ms"
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class SourceFields:
    """The fields of the logs that a glob (as in .gitignore) matches; `-` is standard input."""

    glob: str
    fields: LogFields


def fields_from_data(data: dict[str, Any]) -> LogFields:
    """The fields that the configuration gives for one glob, which fit its schema. Raises ValueError when unusable."""
    if "timestamp" not in data:
        raise ValueError("timestamp is missing: without a time there is no window")
    given = dict(data)
    for name, parts in (("timestamp", ("unit", "zone")), ("direction", ("sent", "received"))):
        if isinstance(given.get(name), dict):
            told = given[name]
            given |= {name: told["pointer"], **{part: told[part] for part in parts if part in told}}
    for words in ("sent", "received"):
        if words in given:
            given[words] = frozenset(_word(word) for word in given[words])
    fields = LogFields(**given)
    if fields.page is not None and fields.page_id is not None:
        raise ValueError("page and page_id exclude each other: page_id is for logs about one page")
    if fields.request is None and fields.webhook is None:
        if fields.text is None:
            raise ValueError("one of request, webhook and text is needed: nothing here says what was written")
        if fields.direction is None:
            raise ValueError("text needs direction: nothing else here says who wrote")
    if fields.text is not None and fields.person is None:
        raise ValueError("text needs person: nothing else here says whose conversation it is")
    both = _words(fields.sent, SENT, fields.received) & _words(fields.received, RECEIVED, fields.sent)
    if both:
        raise ValueError(f"direction: {min(both)} stands under both sent and received")
    return fields


def fields_by_source(sources: Sequence[SourceFields], root: Path) -> Callable[[str], LogFields | None]:
    """Gives the fields of a recording by its name; of several globs that match it, the last one counts.

    `root` is the folder that globs are relative to.
    """
    matchers = [(_matcher(each.glob), each.fields) for each in reversed(sources)]

    def fields_for(source: str) -> LogFields | None:
        path = source.replace("://", "/") if "://" in source else os.path.relpath(source, root).replace(os.sep, "/")
        return next((fields for matches, fields in matchers if matches(path)), None)

    return fields_for


def mapped_events(value: Json, fields: LogFields, origin: Origin) -> list[Happening]:
    """What one record of a team's own log tells of; nothing, where its direction is neither sent nor received.

    Raises BrokenText when a field that is needed is missing or makes no sense.
    """
    if not isinstance(value, dict):
        raise BrokenText("not an object with the fields that sources: names")
    if value.keys() == OVERFULL:
        raise BrokenText("a row with more cells than the table has columns")
    record = _Record(value, fields, origin)
    direction = record.direction()
    if direction is None:
        return []
    events = record.sent() if direction == "sent" else record.received()
    return [replace(event, origin=replace(event.origin, nth=n)) if n else event for n, event in enumerate(events)]


class _Record:
    """One record and where it keeps what."""

    __slots__ = ("fields", "origin", "value")

    def __init__(self, value: dict[str, Json], fields: LogFields, origin: Origin) -> None:
        self.value = value
        self.fields = fields
        self.origin = origin

    def get(self, pointer: Pointer | None) -> Json:
        """What stands at `pointer`; None for nothing."""
        if pointer is None:
            return None
        try:
            return at_pointer(self.value, pointer)
        except LookupError:
            return None

    def direction(self) -> str | None:
        """`sent` or `received`; None for what is neither."""
        fields = self.fields
        if fields.direction is None:
            # A record without a request can only be something that was received, where such things are mapped.
            only_sent = fields.webhook is None and fields.text is None
            return "sent" if only_sent or self.get(fields.request) is not None else "received"
        word = self.get(fields.direction)
        if word is None or isinstance(word, dict | list):
            raise _missing("direction", fields.direction)
        word = _word(word)
        if word in _words(fields.sent, SENT, fields.received):
            return "sent"
        if word in _words(fields.received, RECEIVED, fields.sent):
            return "received"
        if fields.sent is None and fields.received is None:
            raise BrokenText(
                f"direction ({fields.direction}) has a word that is not known; name it under sent or received"
            )
        return None

    def sent(self) -> Iterable[Happening]:
        """The page's message: its request; or a webhook's echo; or its bare text."""
        fields = self.fields
        if self.get(fields.request) is None and self.get(fields.webhook) is not None:
            return self._webhook()
        if fields.request is not None:
            base, bare = fields.request, False
            request = self._request(fields.request)
        elif fields.text is not None:
            base, bare = fields.text, True
            request = Request(self._written(fields.text))
        else:
            raise _missing("webhook", fields.webhook)
        response = self.get(fields.response)
        beside = {"response": response, "app_id": self.get(fields.app_id), "automated": self._automated()}
        event = sent(request, replace(self.origin, base=base), page=self._page(), at=self._at(), beside=beside)
        return [
            replace(
                event,
                person=self._person() or event.person,
                message_id=read_id(self.get(fields.message_id)) or event.message_id,
                platform=self._platform(),
                digest=digest_of(self.value),
                # A message without its request and tag is known as an echo is: neither may be held against it.
                echo=bare and fields.tag is None,
            )
        ]

    def received(self) -> Iterable[Happening]:
        """What the person did: a webhook's item, or the text that they wrote."""
        fields = self.fields
        if self.get(fields.webhook) is not None:
            return self._webhook()
        if fields.text is None and fields.webhook is not None:
            raise _missing("webhook", fields.webhook)
        text = self.get(fields.text)
        if text is not None and not isinstance(text, str):
            raise BrokenText(f"text ({fields.text}) is not text")
        person = self._person()
        if person is None:
            raise _missing("person", fields.person)
        return [
            PersonActed(
                origin=replace(self.origin, base=fields.text or ""),
                person=person,
                page=self._page(),
                at=self._at(),
                kind="message",
                text=text,
                mid=read_id(self.get(fields.message_id)),
                digest=digest_of(self.value),
                platform=self._platform(),
            )
        ]

    def _request(self, pointer: Pointer) -> Request:
        value = self.get(pointer)
        if value is None:
            raise _missing("request", pointer)
        request = read_request(value)
        if request is None:
            raise BrokenText(f"request ({pointer}) is neither an object nor a form nor JSON text")
        return request

    def _written(self, pointer: Pointer) -> dict[str, Json]:
        """The request that a message must have been of which only the text is on record."""
        fields, text, person = self.fields, self.get(pointer), self._person()
        if text is None:
            raise _missing("text", pointer)
        if person is None:
            raise _missing("person", fields.person)
        beside = {"messaging_type": self.get(fields.messaging_type), "tag": self.get(fields.tag)}
        request: dict[str, Json] = {"recipient": {"id": person}, "message": {"text": text}}
        return request | {name: value for name, value in beside.items() if value is not None}

    def _webhook(self) -> Iterable[Happening]:
        pointer = self.fields.webhook or ""
        value = self.get(pointer)
        if isinstance(value, str):
            try:
                value = jsontext.parse(value.encode())
            except (BrokenText, UnicodeEncodeError):
                value = None
        if not isinstance(value, dict) or not is_webhook(value):
            raise BrokenText(f"webhook ({pointer}) is neither a webhook body, an entry nor an item")
        person, page, platform, at = self._person(), self._page(), self._platform(), self._at()
        for event in read_webhook(value, self.origin):
            told = replace(
                event,
                origin=replace(event.origin, base=pointer + event.origin.base),
                page=event.page or page,
                at=at if event.at is None else event.at,
                platform=event.platform or platform,
            )
            if isinstance(told, PersonActed | PageSent) and not (isinstance(told, PersonActed) and told.comment):
                told = replace(told, person=person or told.person)  # the author of a comment has another kind of id
            yield told

    def _at(self) -> int:
        fields = self.fields
        value = self.get(fields.timestamp)
        if value is None or value == "":
            raise _missing("timestamp", fields.timestamp)
        at = _moment(value, fields, f"timestamp ({fields.timestamp})")
        if at is None:
            raise _missing("timestamp", fields.timestamp)
        return at

    def _page(self) -> str | None:
        return self.fields.page_id or read_id(self.get(self.fields.page))

    def _person(self) -> str | None:
        return read_id(self.get(self.fields.person))

    def _platform(self) -> Platform | None:
        value = self.get(self.fields.platform)
        return read_platform(value.lower() if isinstance(value, str) else value, f"platform ({self.fields.platform})")

    def _automated(self) -> Json:
        value = self.get(self.fields.automated)
        return _FLAGS.get(_word(value), value) if isinstance(value, str | int) else value


def _missing(name: str, pointer: Pointer | None) -> BrokenText:
    return BrokenText(f"{name} ({pointer}) is missing" if pointer else f"{name} is missing, and sources: maps none")


def _moment(value: Json, fields: LogFields, name: str) -> int:
    """Microseconds since 1970 of a time that is a number of the log's unit, or a text with or without a zone."""
    text = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if _NUMBER.fullmatch(text):
        at = round(Decimal(text) * UNITS[fields.unit])
        if in_calendar(at):
            return at
    elif text:
        if text.endswith(" UTC"):
            text = text.removesuffix(" UTC") + "Z"
        elif fields.zone and _WITHOUT_ZONE.fullmatch(text):
            text += fields.zone
        try:
            at_or_none = read_moment(text, name)
        except BrokenText:
            at_or_none = None
        if at_or_none is not None:
            return at_or_none
    zone = "" if fields.zone else " with a zone"
    raise BrokenText(f"{name} is neither a number of {_UNIT_NAMES[fields.unit]} since 1970 nor an ISO 8601 time{zone}")


def _word(value: Json) -> str:
    """A word of a log, such as its direction, whatever its case; flags and numbers as JSON writes them."""
    return str(value).strip().casefold()


def _words(own: frozenset[str] | None, usual: frozenset[str], other: frozenset[str] | None) -> frozenset[str]:
    return usual - (other or frozenset()) if own is None else own


@cache
def _matcher(glob: str) -> Callable[[str], bool]:
    import pathspec

    pattern = displayed(STDIN) if glob == STDIN else glob.replace("://", "/")
    return pathspec.GitIgnoreSpec.from_lines([pattern]).match_file
