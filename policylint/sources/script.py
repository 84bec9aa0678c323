"""Conversation scripts: the form of every rule example, and of a bot team's own fixtures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from policylint.documents.places import BrokenText
from policylint.durations import parse_time
from policylint.events import Event, Json, Origin, PageSent, PersonActed
from policylint.sources.moments import read_script_moment
from policylint.sources.requests import read_request
from policylint.sources.shapes import ACTIONS, SCRIPT_KEYS, kind_of, message_text, read_echo, read_id, sent
from policylint.suggestions import hint

_EVENT_KEYS: Final = frozenset({"at", "person", "page", "echo", "response"})
# Webhook items that are no act of a person: receipts, handovers, enforcement.
_NO_ACTIONS: Final = frozenset(
    {
        "read",
        "delivery",
        "pass_thread_control",
        "take_thread_control",
        "request_thread_control",
        "app_roles",
        "policy_enforcement",
        "policy-enforcement",
    }
)
PERSON: Final = "person"  # stands in for a recipient that a script leaves out


@dataclass(frozen=True, slots=True)
class Script:
    """What a script says of itself; its events are read one by one, since each is a record."""

    name: str
    start: int
    edition: str | None
    page: str | None
    events: list[Json]

    def event(self, n: int, origin: Origin) -> Event | None:
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
        if acts[0] == "page":
            return self._sent(act, step.get("response"), at, replace(origin, base="/page"))
        if acts[0] == "echo":
            echo = read_echo(act, replace(origin, base="/echo"), person=PERSON, page=self.page, at=at)
            return replace(echo, script=self.name, edition=self.edition)
        return self._acted(act, at, replace(origin, base="/person"))

    def _sent(self, act: dict[str, Json], answer: Json, at: int, origin: Origin) -> PageSent:
        request = read_request(act)
        if request is None:
            raise BrokenText("page is not a send request")
        if "recipient" not in request.value:
            request.value["recipient"] = {"id": PERSON}
        event = sent(request, origin, page=self.page, at=at, answer=answer)
        return replace(event, person=PERSON, script=self.name, edition=self.edition)

    def _acted(self, act: dict[str, Json], at: int, origin: Origin) -> PersonActed | None:
        item: dict[str, Any] = act
        if "message" not in act and ("text" in act or "attachments" in act or "quick_reply" in act):
            item = {"message": act}
        kind = kind_of(item)
        if kind is None:
            if not _NO_ACTIONS.isdisjoint(item):
                return None
            meant = hint(next(iter(item), ""), ("text", *ACTIONS), "write {text: …} or a webhook's messaging item")
            raise BrokenText(f"person does not say what the person did; {meant}")
        return PersonActed(
            origin=origin,
            person=PERSON,
            page=self.page,
            at=at,
            kind=kind,
            text=message_text(item),
            script=self.name,
            edition=self.edition,
        )


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
    return Script(name, first, edition, read_id(value.get("page_id")), value["events"])


def _known(value: dict[str, Json], keys: frozenset[str], what: str) -> None:
    for key in value:
        if key not in keys:
            meant = hint(key, sorted(keys), f"known are {', '.join(sorted(keys))}")
            raise BrokenText(f"{what} has a key that policylint does not know; {meant}")


def events_of(script: Script, origins: Iterator[Origin]) -> Iterator[tuple[Origin, Event | BrokenText | None]]:
    """Each event of `script` with its place; a BrokenText (not raised) where it makes no sense."""
    for n, origin in zip(range(len(script.events)), origins, strict=False):
        try:
            yield origin, script.event(n, origin)
        except BrokenText as broken:
            yield origin, broken
