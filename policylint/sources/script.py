"""Conversation scripts: the form of every rule example, and of a bot team's own fixtures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from policylint.documents.places import BrokenText
from policylint.durations import parse_time
from policylint.events import Happening, Json, Origin, PageEnforced, PageSent, PersonActed, Platform, read_id
from policylint.sources.acts import (
    ACTIONS,
    COMMENT,
    ENFORCEMENT,
    agreement_in,
    brought_by_ad,
    kind_of,
    measure_in,
    message_text,
)
from policylint.sources.moments import read_script_moment
from policylint.sources.requests import Request, read_request
from policylint.sources.sending import read_echo, read_platform, sent
from policylint.sources.shapes import SCRIPT_KEYS
from policylint.suggestions import hint

_OF_PAGE: Final = frozenset({"automated", "endpoint"})  # what is said of a page's message beside it
_EVENT_KEYS: Final = frozenset({"at", "person", "page", "echo", "response"}) | _OF_PAGE
# Webhook items that are no act of a person: receipts, handovers, enforcement (where it is none that we know).
_NO_ACTIONS: Final = frozenset(
    {
        "read",
        "delivery",
        "pass_thread_control",
        "take_thread_control",
        "request_thread_control",
        "app_roles",
        "template",
        *ENFORCEMENT,
    }
)
_COMMENT_IDS: Final = ("id", "comment_id", "post_id")
_OTHERS: Final = frozenset({"message", COMMENT})  # these have a text of their own
PERSON: Final = "person"  # stands in for a recipient that a script leaves out


@dataclass(frozen=True, slots=True)
class Script:
    """What a script says of itself; its events are read one by one, since each is a record."""

    name: str
    start: int
    edition: str | None
    page: str | None
    platform: Platform | None
    events: list[Json]

    def event(self, n: int, origin: Origin) -> Happening | None:
        """Event `n` (from 0); None when it is a receipt or the like. Raises BrokenText when it makes no sense."""
        step = self.events[n]
        if not isinstance(step, dict):
            raise BrokenText("the event is not an object with at and person or page")
        _known(step, _EVENT_KEYS, "the event")
        at = read_script_moment(step.get("at"), self.start)
        acts = [name for name in ("person", "page", "echo") if step.get(name) is not None]
        if len(acts) != 1:
            raise BrokenText("the event needs exactly one of person, page and echo")
        act = step[acts[0]]
        if not isinstance(act, dict):
            raise BrokenText(f"{acts[0]} is not an object")
        if acts[0] == "person" and not _OF_PAGE.isdisjoint(step):
            raise BrokenText("automated and endpoint are said of a message of the page; here the person acted")
        origin = replace(origin, base=f"/{acts[0]}")
        happened = self._acted(act, at, origin) if acts[0] == "person" else self._sent(acts[0], step, at, origin)
        if happened is None:
            return None
        return replace(happened, script=self.name, edition=self.edition, platform=self.platform)

    def _sent(self, name: str, step: dict[str, Json], at: int, origin: Origin) -> PageSent:
        act = step[name]
        if name == "echo":
            echo = read_echo(act, origin, person=PERSON, page=self.page, at=at)
            told = sent(Request({}), origin, beside=step)
            return replace(echo, automated=told.automated, sponsored=told.sponsored)
        request = read_request(act)
        if request is None:
            raise BrokenText("page is not a send request")
        if "recipient" not in request.value:
            request.value["recipient"] = {"id": PERSON}
        return replace(sent(request, origin, page=self.page, at=at, beside=step), person=PERSON)

    def _acted(self, act: dict[str, Json], at: int, origin: Origin) -> PersonActed | PageEnforced | None:
        item: dict[str, Any] = act
        if _OTHERS.isdisjoint(act) and ("text" in act or "attachments" in act or "quick_reply" in act):
            item = {"message": act}
        kind = kind_of(item)
        comment = None
        if kind is None and item.get(COMMENT) is not None:
            kind, comment = COMMENT, _comment(item[COMMENT])
        if kind is None:
            if (measure := measure_in(item)) is not None:
                return PageEnforced(origin, self.page, at, measure)
            if not _NO_ACTIONS.isdisjoint(item):
                return None
            known = ("text", *ACTIONS, COMMENT, ENFORCEMENT[0])
            meant = hint(next(iter(item), ""), known, "write {text: …} or a webhook's messaging item")
            raise BrokenText(f"person does not say what the person did; {meant}")
        return PersonActed(
            origin=origin,
            person=PERSON,
            page=self.page,
            at=at,
            kind=kind,
            text=message_text(item),
            agreement=agreement_in(item),
            from_ad=brought_by_ad(item),
            comment=comment,
        )


def _comment(value: Json) -> str:
    named = value if isinstance(value, dict) else {}
    found = next((known for name in _COMMENT_IDS if (known := read_id(named.get(name)))), None)
    if found is None:
        raise BrokenText("the comment has no id; write {comment: {id: …}}, or post_id for a visitor's post")
    return found


def read_script(value: dict[str, Json], name: str, start_of: Callable[[str | None], int]) -> Script:
    """The script that `value` is; its times count from its own `start`, else from what `start_of` its edition is.

    Raises BrokenText when the script itself, not one of its events, makes no sense.
    """
    _known(value, SCRIPT_KEYS, "the script")
    if not isinstance(value.get("events"), list):
        raise BrokenText("events is not an array")
    start, edition = value.get("start"), value.get("edition")
    if edition is not None and not isinstance(edition, str):
        raise BrokenText("edition is not text")
    if start is None:
        first = start_of(edition)
    else:
        try:
            first = parse_time(start)
        except (ValueError, AttributeError, TypeError):
            raise BrokenText("start is not an ISO 8601 time with a zone") from None
    platform = read_platform(value.get("platform"), "the script")
    return Script(name, first, edition, read_id(value.get("page_id")), platform, value["events"])


def _known(value: dict[str, Json], keys: frozenset[str], what: str) -> None:
    for key in value:
        if key not in keys:
            meant = hint(key, sorted(keys), f"known are {', '.join(sorted(keys))}")
            raise BrokenText(f"{what} has a key that policylint does not know; {meant}")


def events_of(script: Script, origins: Iterator[Origin]) -> Iterator[tuple[Origin, Happening | BrokenText | None]]:
    """Each event of `script` with its place; a BrokenText (not raised) where it makes no sense."""
    for n, origin in zip(range(len(script.events)), origins, strict=False):
        try:
            yield origin, script.event(n, origin)
        except BrokenText as broken:
            yield origin, broken
