"""Conversations: what belongs together, in which order, what counts once; and the window at an instant."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policylint.conversation import Addressee, Conversation, conversations, earliest
from policylint.events import (
    Agreement,
    Event,
    Happening,
    History,
    Measure,
    Origin,
    PageEnforced,
    PageSent,
    PersonActed,
    Platform,
)
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


def together(*events: Happening) -> list[list[int]]:
    """Record numbers of each conversation's events with a time."""
    return [[event.origin.record for event in found.events] for found in conversations(events)[0]]


def read(*records: Any) -> list[Happening]:
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
    window = Window(actions={"message": 100})
    horizon = Horizon(clock_skew=7)
    assert window.state(100 + DAY, EDITION, Horizon()) == "open"
    assert window.state(101 + DAY, EDITION, Horizon()) == "closed"
    assert window.state(107 + DAY, EDITION, horizon) == "open"
    assert window.state(108 + DAY, EDITION, horizon) == "closed"
    assert window.age(150, EDITION) == 50


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
    assert Window().age(2 * DAY, EDITION) is None
    assert Window().state(2 * DAY, EDITION, horizon) == state


def test_what_moves_the_window() -> None:
    late = sent(sent(Window(actions={"postback": 1}), 30, extra=True), 40, extra=False)
    assert (late.extra_messages_sent(EDITION), late.messages_sent, late.last_action(EDITION)) == (1, 2, 1)
    again = acted(late, person(50, 1), EDITION, opt_out=False)
    assert (again.extra_messages_sent(EDITION), again.last_action(EDITION), again.person_wrote) == (0, 50, True)
    linked = acted(late, PersonActed(Origin("a", 1), "7", "P", 60, "account_linking"), EDITION, opt_out=False)
    assert (linked.extra_messages_sent(EDITION), linked.last_action(EDITION), linked.person_wrote) == (1, 1, False)
    stopped = acted(late, person(50, 1), EDITION, opt_out=True)
    assert stopped.opted_out
    tapped = PersonActed(Origin("a", 1), "7", "P", 60, "postback")
    assert not acted(stopped, tapped, EDITION, opt_out=False).opted_out
    assert not acted(late, tapped, EDITION, opt_out=False).person_wrote


def test_a_checkbox_opt_in_belongs_to_whom_the_api_says() -> None:
    item = {"recipient": {"id": "P"}, "timestamp": AT, "optin": {"ref": "cart", "user_ref": "u-1"}}
    opted_in = {"object": "page", "entry": [{"id": "P", "time": AT, "messaging": [item]}]}
    request = {"recipient": {"user_ref": "u-1"}, "message": {"text": "Thanks!"}}
    entry = {"timestamp": AT + 1000, "request": request, "response": {"recipient_id": "7", "message_id": "m"}}
    found, _ = conversations(read(entry, opted_in))
    assert [(conversation.key, len(conversation.events)) for conversation in found] == [("person 7", 2)]


# --- tokens


def agreed(at: int, record: int, token: str = "t", *, who: str | None = "7") -> PersonActed:
    agreement = Agreement(token, "one_time_notif_req")
    return PersonActed(Origin("a", record), who, "P", at, "optin:one_time_notif_req", agreement=agreement)


def to(recipient: dict[str, str], at: int | None, record: int, *, who: str | None = None, **more: Any) -> PageSent:
    return PageSent(Origin("a", record), who, "P", at, {"recipient": recipient, "message": {"text": "Hi"}}, **more)


TOKEN = {"one_time_notif_token": "t"}


def shown(*events: Happening) -> list[tuple[str | None, Addressee, bool, list[int]]]:
    return [(c.key, c.addressee, c.windowed, _records(c)) for c in conversations(events)[0]]


def _records(conversation: Conversation) -> list[int]:
    return [event.origin.record for event in (*conversation.events, *conversation.untimed)]


@pytest.mark.parametrize("name", ["one_time_notif_token", "notification_messages_token"])
def test_a_token_is_the_persons_who_opted_in(name: str) -> None:
    assert shown(to({name: "t"}, 30, 1), agreed(20, 2), person(10, 3)) == [
        ("person 7", Addressee.PERSON, True, [3, 2, 1])
    ]


def test_a_token_is_the_persons_whom_an_answer_names() -> None:
    events = [to(TOKEN, 10, 1), to(TOKEN, 20, 2, who="7"), to(TOKEN, 30, 3), to({"one_time_notif_token": "u"}, 40, 4)]
    assert shown(*events) == [
        ("person 7", Addressee.PERSON, True, [1, 2, 3]),
        ("token u", Addressee.TOKEN, False, [4]),
    ]


def test_sends_by_a_token_of_nobody_known_belong_together() -> None:
    events: list[Happening] = [
        to(TOKEN, 30, 1),
        to(TOKEN, None, 2),
        to(TOKEN, 20, 3),
        agreed(10, 4, who=None),
        person(5, 5),
    ]
    assert shown(*events) == [
        ("token t", Addressee.TOKEN, False, [4, 3, 1, 2]),
        ("person 7", Addressee.PERSON, True, [5]),
    ]


def test_a_token_whose_send_is_known_by_its_echo() -> None:
    request = {"recipient": TOKEN, "message": {"text": "Hi"}}
    entries = [{"timestamp": AT + n, "request": request, "response": {"message_id": f"m{n}"}} for n in (1, 2)]
    found, repeated = conversations(read(*entries, echo(AT, "m2")))
    assert ([c.key for c in found], len(found[0].events), repeated) == (["person 7"], 2, 1)


def test_whom_two_records_name_does_not_depend_on_their_order() -> None:
    one, two, three = agreed(10, 1, who="8"), agreed(20, 2, who="7"), to(TOKEN, 30, 3)
    assert shown(one, two, three)[1] == ("person 7", Addressee.PERSON, True, [2, 3])
    mixed: list[Happening] = [to(TOKEN, 30, 1), agreed(20, 2, who="7"), agreed(10, 3, who="8")]
    assert ("person 7", Addressee.PERSON, True, [2, 1]) in shown(*mixed)


def test_lone_requests_stay_alone() -> None:
    events = [to({"phone_number": "+1"}, 10, 1), to({"phone_number": "+1"}, 20, 2), to({"user_ref": "u"}, 30, 3)]
    assert shown(*events) == [(None, Addressee.UNKNOWN, False, [n]) for n in (1, 2, 3)]
    assert all(not c.events for c in conversations(events)[0])


# --- comments


def commented(at: int, record: int, comment: str = "c") -> PersonActed:
    return PersonActed(Origin("a", record), None, "P", at, "comment", comment=comment)


def test_a_comment_joins_the_person_whom_the_answer_to_a_private_reply_names() -> None:
    reply = to({"comment_id": "c"}, 20, 1, who="7")
    assert shown(reply, commented(10, 2), person(30, 3)) == [("person 7", Addressee.PERSON, True, [2, 1, 3])]


@pytest.mark.parametrize("name", ["comment_id", "post_id"])
def test_a_comment_and_its_replies_belong_together(name: str) -> None:
    events: list[Happening] = [
        to({name: "c"}, 30, 1, who=None),
        to({name: "c"}, 20, 2),
        commented(10, 3),
        commented(5, 4, "d"),
    ]
    assert shown(*events) == [("comment c", Addressee.COMMENT, False, [3, 2, 1])]


def test_comments_that_nobody_answered_are_of_no_conversation() -> None:
    events: list[Happening] = [commented(10, 1), commented(10, 2), commented(20, 3, "d"), person(30, 4)]
    found, repeated = conversations(events)
    assert ([c.key for c in found], repeated) == (["person 7"], 1)


def test_a_comment_delivered_twice_is_one() -> None:
    value = {"item": "comment", "verb": "add", "comment_id": "c", "created_time": AT // 1000, "from": {"id": "x"}}
    body = {"object": "page", "entry": [{"id": "P", "time": AT, "changes": [{"field": "feed", "value": value}]}]}
    request = {"recipient": {"comment_id": "c"}, "message": {"text": "Hi"}}
    reply = {"timestamp": AT + 1, "request": request, "response": {"recipient_id": "7"}}
    found, repeated = conversations(read(body, reply, body))
    assert ([_records(c) for c in found], repeated) == ([[1, 2]], 1)


def test_an_opt_in_delivered_twice_is_one() -> None:
    optin = {"type": "one_time_notif_req", "one_time_notif_token": "t"}
    item = {"sender": {"id": "7"}, "recipient": {"id": "P"}, "timestamp": AT, "optin": optin}
    body = {"object": "page", "entry": [{"id": "P", "time": AT, "messaging": [item]}]}
    assert conversations(read(body, body))[1] == 1


# --- platforms, enforcement, scripts


def test_the_platform_is_the_first_that_an_event_names() -> None:
    events = [
        page(30, 1, platform=Platform.MESSENGER),
        page(20, 2, platform=Platform.INSTAGRAM),
        page(10, 3),
        page(5, 4, who="8"),
    ]
    assert [c.platform for c in conversations(events)[0]] == [Platform.INSTAGRAM, None]
    lone = page(None, 1, who=None, platform=Platform.INSTAGRAM)
    assert [c.platform for c in conversations([lone])[0]] == [Platform.INSTAGRAM]


def test_an_entry_has_platform_and_app_of_its_echo() -> None:
    body = {"object": "instagram", "entry": [{"id": "P", "time": AT, "messaging": [echo(AT, "m")]}]}
    body["entry"][0]["messaging"][0]["message"]["app_id"] = 12  # type: ignore[index]
    found, _ = conversations(read(entry(AT, response={"message_id": "m"}), body))
    (kept,) = found[0].events
    assert isinstance(kept, PageSent)
    assert (found[0].platform, kept.echo, kept.app_id) == (Platform.INSTAGRAM, False, "12")


def test_enforcement_is_of_no_conversation() -> None:
    taken = PageEnforced(Origin("a", 1), "P", 1, Measure.BLOCK, digest=b"x")
    assert conversations([taken, taken]) == ([], 0)
    assert together(taken, person(5, 2)) == [[2]]


def test_neither_comments_nor_enforcement_show_how_far_messages_are_recorded() -> None:
    assert earliest([commented(1, 1), PageEnforced(Origin("a", 2), "P", 2, Measure.BLOCK), person(9, 3)]) == 9


def test_a_script_tells_nothing_of_others() -> None:
    told = to(TOKEN, 10, 1, who="person", script="s", message_id="m")
    shown_by_echo = PageSent(Origin("a", 2), "person", "P", 10, {}, echo=True, message_id="m", script="s")
    events: list[Happening] = [told, shown_by_echo, to(TOKEN, 20, 3), to({"phone_number": "+1"}, 20, 4, message_id="m")]
    assert [key for key, *_ in shown(*events)] == ["script s", "token t", None]


def test_a_script_stays_one_conversation() -> None:
    reply = to({"comment_id": "c"}, 20, 2, who="person", script="s")
    comment = PersonActed(Origin("a", 1), "person", None, 10, "comment", comment="c", script="s")
    assert shown(comment, reply) == [("script s", Addressee.PERSON, True, [1, 2])]
