"""Conversations: what belongs together, in which order, what counts once; and the window at an instant."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policylint.conversation import conversations, earliest
from policylint.events import Event, History, Origin, PageSent, PersonActed
from policylint.rulebook import shipped_rulebook
from policylint.sources.content import Content
from policylint.sources.recording import read_recording
from policylint.window import Horizon, Window, acted, sent

EDITION = shipped_rulebook().editions.named("2017-04")
DAY = 86_400_000_000
AT = 1_493_719_200_000  # milliseconds


def person(at: int | None, record: int, *, who: str | None = "7", source: str = "a", **more: Any) -> PersonActed:
    return PersonActed(Origin(source, record), who, "P", at, "message", **more)


def page(at: int | None, record: int, *, who: str | None = "7", source: str = "a", **more: Any) -> PageSent:
    return PageSent(Origin(source, record), who, None, at, {"message": {"text": "Hi"}}, **more)


def together(*events: Event) -> list[list[int]]:
    """Record numbers of each conversation's events with a time."""
    return [[event.origin.record for event in found.events] for found in conversations(events)[0]]


def read(*records: Any) -> list[Event]:
    data = "\n".join(map(json.dumps, records)).encode()
    return read_recording("a.ndjson", Content(data), shape=None, script_start=0).events


def entry(at: int, **more: Any) -> dict[str, Any]:
    return {"timestamp": at, "request": {"recipient": {"id": "7"}, "message": {"text": "Hi"}}, **more}


def echo(at: int, mid: str) -> dict[str, Any]:
    message = {"is_echo": True, "mid": mid, "text": "Hi"}
    return {"sender": {"id": "P"}, "recipient": {"id": "7"}, "timestamp": at, "message": message}


def test_events_come_in_the_order_of_time() -> None:
    assert together(page(30, 1), person(10, 2), page(20, 3)) == [[2, 3, 1]]


def test_at_one_instant_the_person_comes_first_then_recorded_order() -> None:
    assert together(page(10, 1), page(10, 2), person(10, 3), page(10, 4, source="A"), person(10, 5)) == [
        [3, 5, 4, 1, 2]
    ]


def test_people_are_kept_apart() -> None:
    events: list[Event] = [person(1, 1), person(2, 2, who="8"), page(3, 3), page(4, 4, who="8"), page(5, 5, who=None)]
    assert together(*events) == [[1, 3], [2, 4], []]


def test_scripts_are_conversations_of_their_own() -> None:
    found, _ = conversations([page(1, 1, script="s"), page(1, 2, script="t"), page(1, 3, who="s")])
    assert [(c.key, c.scripted) for c in found] == [("script s", True), ("script t", True), ("person s", False)]


def test_events_without_time_stand_apart() -> None:
    found, _ = conversations([page(None, 1), page(5, 2), person(None, 3), page(None, 4, who=None)])
    assert [[e.origin.record for e in c.untimed] for c in found] == [[1, 3], [4]]
    assert [c.key for c in found] == ["person 7", None]


def test_the_earliest_event_is_of_a_log() -> None:
    assert earliest([page(5, 1), person(3, 2), page(1, 3, script="s"), page(None, 4)]) == 3
    assert earliest([page(None, 1), page(1, 2, script="s")]) is None


@pytest.mark.parametrize(
    ("records", "kept", "repeated"),
    [
        ([entry(AT), entry(AT)], [1], 1),  # the same line twice
        ([entry(AT), entry(AT + 1)], [1, 2], 0),
        ([entry(AT, response={"message_id": "m"}), entry(AT + 1, response={"message_id": "m"})], [1], 1),
        ([echo(AT, "m"), entry(AT + 5, response={"message_id": "m"})], [2], 1),  # the entry stays
        ([entry(AT, response={"message_id": "m"}), echo(AT + 5, "m"), echo(AT + 5, "m")], [1], 2),
        ([entry(AT, response={"message_id": "m"}), echo(AT + 5, "n")], [1, 2], 0),
        ([echo(AT, "m"), echo(AT, "m")], [1], 1),
        ([entry(AT, x=1), entry(AT, x=2)], [1, 2], 0),
    ],
)
def test_what_is_recorded_twice_counts_once(records: list[Any], kept: list[int], repeated: int) -> None:
    found, count = conversations(read(*records))
    assert [event.origin.record for event in found[0].events] == kept
    assert count == repeated


def test_requests_on_disk_are_never_repetitions() -> None:
    request = {"recipient": {"id": "7"}, "message": {"text": "Hi"}}
    found, repeated = conversations(read(request, request))
    assert (len(found[0].untimed), repeated) == (2, 0)


def test_a_persons_message_and_a_pages_may_share_an_id() -> None:
    assert together(person(1, 1, mid="m"), page(2, 2, message_id="m"), person(3, 3, mid="m")) == [[1, 2]]


def test_the_first_place_is_kept_whatever_order_files_come_in() -> None:
    one, two = person(5, 1, source="b", digest=b"x"), person(5, 9, source="a", digest=b"x")
    for events in ([one, two], [two, one]):
        found, repeated = conversations(events)
        assert [event.origin.source for event in found[0].events] == ["a"]
        assert repeated == 1


def test_an_entry_by_phone_number_is_known_by_its_echo() -> None:
    sent_to = {"recipient": {"phone_number": "+15551234567"}, "message": {"text": "Hi"}}
    records = [{"timestamp": AT, "request": sent_to, "response": {"message_id": "m"}}, echo(AT, "m")]
    assert conversations(read(*records))[1] == 1


def test_items_are_told_apart_by_the_time_of_their_entry() -> None:
    item = {"sender": {"id": "7"}, "recipient": {"id": "P"}, "postback": {"payload": "X"}}
    bodies = [{"object": "page", "entry": [{"id": "P", "time": at, "messaging": [item]}]} for at in (AT, AT + 1)]
    assert conversations(read(*bodies))[1] == 0


def test_the_window_is_open_up_to_its_last_microsecond() -> None:
    window = Window(last_action=100)
    horizon = Horizon(clock_skew=7)
    assert window.state(100 + DAY, EDITION, Horizon()) == "open"
    assert window.state(101 + DAY, EDITION, Horizon()) == "closed"
    assert window.state(107 + DAY, EDITION, horizon) == "open"
    assert window.state(108 + DAY, EDITION, horizon) == "closed"
    assert window.age(150) == 50


@pytest.mark.parametrize(
    ("horizon", "state"),
    [
        (Horizon(History.COMPLETE), "closed"),
        (Horizon(History.COMPLETE, earliest=DAY), "closed"),
        (Horizon(History.PARTIAL), "unknown"),
        (Horizon(History.PARTIAL, earliest=DAY), "unknown"),
        (Horizon(History.PARTIAL, earliest=DAY - 1), "closed"),
    ],
)
def test_without_an_action_on_record(horizon: Horizon, state: str) -> None:
    assert Window().age(2 * DAY) is None
    assert Window().state(2 * DAY, EDITION, horizon) == state


def test_what_moves_the_window() -> None:
    late = sent(sent(Window(last_action=1, person_wrote=False), extra=True), extra=False)
    assert (late.extra_messages_sent, late.messages_sent, late.last_action) == (1, 2, 1)
    again = acted(late, person(50, 1), EDITION, opt_out=False)
    assert again == Window(50, 0, 2, False, True)
    linked = PersonActed(Origin("a", 1), "7", "P", 60, "account_linking")
    assert acted(late, linked, EDITION, opt_out=False) == late
    stopped = acted(late, person(50, 1), EDITION, opt_out=True)
    assert stopped.opted_out
    assert not acted(stopped, linked, EDITION, opt_out=False).opted_out
    tapped = PersonActed(Origin("a", 1), "7", "P", 70, "postback")
    assert acted(late, tapped, EDITION, opt_out=False) == Window(70, 0, 2, False, False)


def test_a_checkbox_opt_in_belongs_to_whom_the_api_says() -> None:
    item = {"recipient": {"id": "P"}, "timestamp": AT, "optin": {"ref": "cart", "user_ref": "u-1"}}
    opted_in = {"object": "page", "entry": [{"id": "P", "time": AT, "messaging": [item]}]}
    request = {"recipient": {"user_ref": "u-1"}, "message": {"text": "Thanks!"}}
    entry = {"timestamp": AT + 1000, "request": request, "response": {"recipient_id": "7", "message_id": "m"}}
    found, _ = conversations(read(entry, opted_in))
    assert [(conversation.key, len(conversation.events)) for conversation in found] == [("person 7", 2)]
