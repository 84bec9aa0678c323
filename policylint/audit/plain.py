"""Plain records: log entries and webhook bodies of the commonest shapes, read without detours.

Most of a log is made of them, so their traces are made straight from the record. Whatever is unusual about a record,
it is not plain, and the readers that `check` uses take it; a property test holds the two ways together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import orjson

from policylint.audit.alone import Reviewer
from policylint.audit.parts import Part
from policylint.audit.plans import Plan, plain_key
from policylint.audit.traces import Flag, Trace, hashed
from policylint.documents import jsontext
from policylint.documents.places import Place, parent
from policylint.events import Origin, PageSent, Platform, Pointer
from policylint.message import content_of, words_of
from policylint.rules.compile import Check
from policylint.sources.shapes import Shape, events_in

_DONE: Final = (frozenset({"recipient_id", "message_id"}), frozenset({"message_id"}))
_ENTRY: Final = frozenset({"timestamp", "page_id", "request", "response"})
_REQUEST: Final = frozenset({"recipient", "message", "tag", "messaging_type", "notification_type"})
_MESSAGE: Final = frozenset({"text", "attachment", "quick_replies", "metadata"})
_BODY: Final = frozenset({"object", "entry"})
_PAGE_ENTRY: Final = frozenset({"id", "time", "messaging"})
_ITEM: Final = frozenset({"sender", "recipient", "timestamp", "message"})
_SEVERAL_KEYS: Final = len(_BODY) + len(_PAGE_ENTRY) + len(_ITEM)
_LAST: Final = 253_402_300_800_000  # ms at which the calendar ends
_DAY: Final = 86_400_000
_ACT: Final = int(Flag.OPENS | Flag.WROTE)
_STOP: Final = int(Flag.OPENS | Flag.WROTE | Flag.STOPS)
_NO_TEXT: Final = int(Flag.NO_TEXT)
_KEPT_STOPS: Final = 20_000
_LONG: Final = 100  # no wish to stop is that long
# Times of the first months of 1970 are seconds that were taken for milliseconds (durations.looks_like_seconds).
_SECONDS: Final = range(10**9, 10**10)


class _Told(NamedTuple):
    """A plain log entry, and what is known of it before its wording is looked at."""

    value: Any
    text: bytes
    line: int
    start: int
    plan: Plan
    platform: Platform
    content: str
    record: int
    sound: bool


class PlainReader:
    """Makes traces of plain records of one part; None for a record that is not plain."""

    def __init__(self, reviewer: Reviewer, part: Part, source: str, *, keep_words: bool) -> None:
        self.reviewer, self.part, self.source, self.keep_words = reviewer, part, source, keep_words
        self.judge = reviewer.judge
        self.key = reviewer.brief.clerk.key
        self.platforms: dict[str, Platform] = {}
        self.stops: dict[str | None, bool] = {None: False}
        self.later: list[_Told] | None = None  # messages whose wording is looked at together, in `settle`

    def trace(self, text: bytes, line: int, start: int) -> Trace | tuple[()] | None:
        """The trace of the record `text`; an empty one when it is left for later. Never raises."""
        try:
            value = orjson.loads(text)
            return self._entry(value, text, line, start) if "request" in value else self._body(value, text, line, start)
        except Exception:  # the general way says what is wrong with it
            return None

    def _body(self, value: Any, text: bytes, line: int, start: int) -> Trace | None:
        """A webhook body with one message of a person."""
        if not (self.reviewer.acts_are_plain and is_plain_act(value, text)):
            return None
        entry = value["entry"][0]
        item = entry["messaging"][0]
        message, at, page, person = item["message"], item["timestamp"], entry["id"], item["sender"]["id"]
        mid, words = message["mid"], message.get("text")
        part = self.part
        traces, tally = part.traces, part.tally
        stops = words is not None and len(words) < _LONG and self._stops(words)
        if at in _SECONDS:
            tally.seconds += 1
        if self.keep_words and words is not None:
            part.words.append((len(traces), words))
        tally.records += 1
        tally.inbound += 1
        return (
            tally.records - 1,
            0,
            line,
            start,
            len(text) + 1,
            hashed("person " + person, self.key),
            hashed(mid, self.key),
            traces.pages.number(page),
            at * 1000,
            _STOP if stops else _ACT,
            1,
            -1,
            traces.kinds.number("message"),
            -1,
        )

    def _entry(self, value: Any, text: bytes, line: int, start: int) -> Trace | tuple[()] | None:
        """A log entry with a plain send request that the API let through."""
        sent = plain_send(value)
        if sent is None:
            return None
        at, page, _, _, request, message, tag, kind = sent
        if at in _SECONDS:
            return None
        if "attachment" in message or "quick_replies" in message:
            if not jsontext.has_keys_once(text, value):
                return None
            content = content_of(request)
        else:
            keys = len(value) + len(request) + 1 + len(message) + len(value["response"])
            if text.count(b'":') != keys or b'" ' in text or b'"\t' in text or b'"\r' in text:
                return None
            content = "text" if message.get("text") and type(message["text"]) is str else "none"
        platform = self.platforms.get(page)
        if platform is None:
            platform = self.platforms[page] = self.judge.platform_for(None, page)
        reviewer, part, judge = self.reviewer, self.part, self.judge
        key = plain_key(platform, at // _DAY, tag, content, kind, judge.pages.get(page))
        plan = reviewer.plan_of(key, platform, lambda: self.event(value, line, part.tally.records))
        if plan is None:
            return None
        tally = part.tally
        sound = plan.sound is not None and plan.sound(request)
        told = _Told(value, text, line, start, plan, platform, content, tally.records, sound)
        row: Trace | tuple[()] = ()
        if plan.signals and self.later is not None:
            self.later.append(told)
        elif plan.static:
            checks, has_words = reviewer.checks(plan, request)
            row = self._trace(told, checks, has_words=has_words)
        else:
            row = self._trace(told, (), has_words=content == "text" or _has_words(request))
        tally.records += 1
        tally.judged += 1
        return row

    def settle(self) -> None:
        """Finish the messages whose wording was left for later."""
        later, self.later = self.later or [], None
        found = self.reviewer.checks_of([(told.plan, told.value["request"]) for told in later])
        for told, (checks, has_words) in zip(later, found, strict=True):
            self.part.traces.add(self._trace(told, checks, has_words=has_words))

    def _trace(self, told: _Told, checks: Sequence[Check], *, has_words: bool) -> Trace:
        value, plan, traces = told.value, told.plan, self.part.traces
        request, tag = value["request"], value["request"].get("tag")
        if checks or not told.sound:
            event = self.event(value, told.line, told.record)
            found = self.reviewer.breaches(event, told.platform, checks, sound=told.sound)
            if found:
                place = Placed(told.text, told.line)
                self.reviewer.note(self.part, event, told.platform, found, place)
        if self.keep_words:
            self.part.words.append((len(traces), "\n".join(words_of(request))))
        return (
            told.record,
            0,
            told.line,
            told.start,
            len(told.text) + 1,
            hashed("person " + request["recipient"]["id"], self.key),
            hashed(value["response"]["message_id"], self.key),
            traces.pages.number(value["page_id"]),
            value["timestamp"] * 1000,
            plan.flags if has_words else plan.flags | _NO_TEXT,
            0,
            plan.edition,
            traces.kinds.number(told.content),
            -1 if tag is None else traces.tags.number(self.reviewer.shown_tag(tag)),
        )

    def event(self, value: Any, line: int, record: int) -> PageSent:
        """The event of a log entry; lines and records count from 0 in the part."""
        return sent_event(value, Origin(self.source, record + 1, line))

    def _stops(self, words: str) -> bool:
        known = self.stops.get(words)
        if known is None:
            if len(self.stops) > _KEPT_STOPS:
                self.stops.clear()
            known = self.stops[words] = self.judge.rulebook.asks_to_stop(words)
        return known


def is_plain_act(value: Any, text: bytes) -> bool:
    """Whether a record is a webhook body with one message of a person and nothing unusual.

    May raise whatever the wrong type of a value makes it raise.
    """
    (entry,) = value["entry"]
    (item,) = entry["messaging"]
    message, sender, recipient = item["message"], item["sender"], item["recipient"]
    at, page, mid, words, person = item["timestamp"], entry["id"], message["mid"], message.get("text"), sender["id"]
    return not (
        not _has_names(at, page, mid, person)
        or value["object"] != "page"
        or value.keys() != _BODY
        or entry.keys() != _PAGE_ENTRY
        or item.keys() != _ITEM
        or "is_echo" in message
        or "referral" in message
        or (words is not None and type(words) is not str)
        # Each key once, and none deeper than these: see jsontext.has_keys_once.
        or text.count(b'":') != _SEVERAL_KEYS + len(message) + len(sender) + len(recipient)
        or b'" ' in text
        or b'"\t' in text
        or b'"\r' in text
    )


def plain_send(value: Any) -> tuple[int, str, str, str, Any, Any, str | None, str | None] | None:
    """Time (ms), page, person, message id, request, message, tag and messaging_type of a plain log entry.

    None for one that is not plain. May raise whatever the wrong type of a value makes it raise.
    """
    request = value["request"]
    at, page, response = value["timestamp"], value["page_id"], value["response"]
    recipient, message, mid = request["recipient"], request["message"], response["message_id"]
    person, tag, kind = recipient["id"], request.get("tag"), request.get("messaging_type")
    if (
        not _has_names(at, page, mid, person)
        or response.keys() not in _DONE
        or len(recipient) != 1
        or type(message) is not dict
        or not _ENTRY.issuperset(value)
        or not _REQUEST.issuperset(request)
        or not _MESSAGE.issuperset(message)
        or (tag is not None and type(tag) is not str)
        or (kind is not None and type(kind) is not str)
        or (tag is None and "tag" in request)
        or (kind is None and "messaging_type" in request)
    ):
        return None
    return at, page, person, mid, request, message, tag, kind


def _has_names(at: Any, page: Any, mid: Any, person: Any) -> bool:
    """Whether a time in milliseconds can be one, and page, message and person have names."""
    return (
        type(at) is int
        and 0 < at < _LAST
        and type(page) is str
        and type(mid) is str
        and type(person) is str
        and bool(page and mid and person)
    )


def sent_event(value: Any, origin: Origin) -> PageSent:
    """The event of a plain log entry."""
    (event,) = events_in(value, Shape.LOG, origin)
    assert isinstance(event, PageSent)
    return event


class Placed:
    """Where the values of one line stand; lines count from 0 in the part. No object in it has a key twice."""

    def __init__(self, text: bytes, line: int) -> None:
        self.text, self.line = text.decode(), line

    def __call__(self, pointer: Pointer) -> Place:
        while (offset := jsontext.offset_of(self.text, pointer)) is None:
            pointer = parent(pointer)
        return Place(self.line, offset + 1)


def _has_words(request: Any) -> bool:
    """Whether a person would read anything in the message."""
    try:  # most templates begin with a title
        title = request["message"]["attachment"]["payload"]["elements"][0]["title"]
        if title and type(title) is str:
            return True
    except (KeyError, TypeError, IndexError):
        pass
    return bool(words_of(request))
