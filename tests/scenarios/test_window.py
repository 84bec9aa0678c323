"""DESIGN §1 rows 1, 2 and 8, and §4's window semantics, from the outside."""

from __future__ import annotations

import pytest

from tests.scenarios.conftest import (
    BOARDING,
    CHECKIN,
    DAY,
    HOUR,
    ITINERARY,
    RECEIPT,
    UPDATE,
    Bench,
    Files,
    Found,
    Json,
    echo,
    generic,
    hook,
    page,
    person,
    script,
    sent,
    wrote,
)

SPENT = "extra-message-spent"
OVER = "untagged-outside-window"
NOT_STARTED = "not-started-by-person"
NO_ACTION = "no-action-on-record"
ECHO = "echo-outside-window"

PARCEL = generic("Your parcel has shipped", "It arrives on Friday.")
ISSUE = "The replacement for your broken lamp leaves our house tomorrow."

# With nothing of the person on record the window was never open: an untagged message is the extra one, too.
FIRST: Found = [(SPENT, 1, ""), (NOT_STARTED, 1, "")]
SECOND: Found = [(SPENT, 2, ""), (NOT_STARTED, 2, "")]

SCRIPTS: dict[str, tuple[list[Json], Found]] = {
    "answered at once": ([person("0h"), page("0h+1ms")], []),
    "answered at exactly 24 h": ([person("0h"), page("24h")], []),
    "1 ms late is the extra message": ([person("0h"), page("24h+1ms")], [(SPENT, 2, "")]),
    "second extra message": ([person("0h"), page("25h"), page("26h")], [(SPENT, 2, ""), (OVER, 3, "")]),
    "each further one": (
        [person("0h"), page("25h"), page("26h"), page("90d"), page("91d")],
        [(SPENT, 2, ""), (OVER, 3, ""), (OVER, 4, ""), (OVER, 5, "")],
    ),
    "messages inside the window do not spend it": (
        [person("0h"), page("1h"), page("2h"), page("24h"), page("25h")],
        [(SPENT, 5, "")],
    ),
    "the last action counts, not the first": (
        [person("0h"), person("20h"), page("44h"), page("44h+1ms")],
        [(SPENT, 4, "")],
    ),
    "out of order in the recording": ([page("30h"), person("29h"), person("0h"), page("1h")], []),
    "person and page at one instant, page recorded first": ([person("0h"), page("48h"), person("48h")], []),
    "two pages at one instant keep recorded order": (
        [person("0h"), page("48h", "One."), page("48h", "Two.")],
        [(SPENT, 2, ""), (OVER, 3, "")],
    ),
    "tagged messages neither need nor spend it": (
        [
            person("0h"),
            page("30h", PARCEL, "SHIPPING_UPDATE"),
            page("31h"),
            page("32h", ISSUE, "ISSUE_RESOLUTION"),
            page("33h"),
        ],
        [(SPENT, 3, ""), (OVER, 5, "")],
    ),
    "a tag inside the window is fine": ([person("0h"), page("1h", PARCEL, "SHIPPING_UPDATE")], []),
    "a misspelt tag is judged as the tag": (
        [person("0h"), page("30h", PARCEL, "shipping_update"), page("31h")],
        [("misspelt-tag", 2, "/tag"), (SPENT, 3, "")],
    ),
    "an unknown tag is left alone by the window": (
        [person("0h"), page("30h", PARCEL, "ORDER_UPDATE"), page("31h", PARCEL, "ORDER_UPDATE"), page("32h")],
        [("unknown-tag", 2, "/tag"), ("unknown-tag", 3, "/tag"), (SPENT, 4, "")],
    ),
    "receipts stand outside and spend nothing": (
        [person("0h"), page("30h", RECEIPT), page("31h"), page("32h", RECEIPT)],
        [(SPENT, 3, "")],
    ),
    "itinerary stands outside": ([person("0h"), page("30h", ITINERARY), page("31h", ITINERARY)], []),
    "check-in stands outside": ([person("0h"), page("30h", CHECKIN), page("31h", CHECKIN)], []),
    "boarding pass stands outside": ([person("0h"), page("30h", BOARDING), page("31h", BOARDING)], []),
    "flight update stands outside": ([person("0h"), page("30h", UPDATE), page("31h", UPDATE)], []),
    "generic without a tag does not": (
        [person("0h"), page("30h", PARCEL), page("31h", PARCEL)],
        [(SPENT, 2, ""), (OVER, 3, "")],
    ),
    "sender actions are not messages": (
        [
            person("0h"),
            {"at": "30h", "page": {"sender_action": "typing_on"}},
            {"at": "31h", "page": {"sender_action": "mark_seen"}},
            page("32h"),
        ],
        [(SPENT, 4, "")],
    ),
    "the page wrote first": ([page("0h"), person("1h"), page("2h")], FIRST),
    "a sender action first is not a message": (
        [{"at": "0h", "page": {"sender_action": "typing_on"}}, page("1h")],
        SECOND,
    ),
    "the page wrote first, with a tag": ([page("0h", PARCEL, "SHIPPING_UPDATE"), person("1h")], [(NOT_STARTED, 1, "")]),
    "the page wrote first, a receipt": ([page("0h", RECEIPT), person("1h")], [(NOT_STARTED, 1, "")]),
    "opening by a non-action is not starting": (
        [person("0h", read={"watermark": 1, "seq": 1}), page("1h")],
        SECOND,
    ),
}


@pytest.mark.parametrize(("events", "expected"), SCRIPTS.values(), ids=SCRIPTS)
def test_scripts(bench: Bench, events: list[Json], expected: Found) -> None:
    assert bench.check(script(*events)).found == expected


SEVERITIES = {SPENT: "note", OVER: "error", NOT_STARTED: "error", NO_ACTION: "warning", ECHO: "note"}


def test_severities(bench: Bench) -> None:
    run = bench.check(
        Files(
            {
                "a.yaml": "events: [{at: 0h, person: {text: a}}, {at: 25h, page: {message: {text: a}}}, "
                "{at: 26h, page: {message: {text: b}}}]",
                "b.yaml": "events: [{at: 0h, page: {message: {text: a}}}]",
                "c.ndjson": [wrote(0, by="x"), echo(2 * DAY, to="x"), sent(0, to="y")],
            }
        )
    )
    assert run.severities == SEVERITIES
    assert run.status == 1


OPENS: dict[str, Json] = {
    "text": {"message": {"mid": "m1", "text": "Hello"}},
    "attachment": {
        "message": {"mid": "m1", "attachments": [{"type": "image", "payload": {"url": "https://e.com/a.png"}}]}
    },
    "quick reply": {"message": {"mid": "m1", "text": "Yes", "quick_reply": {"payload": "YES"}}},
    "postback": {"postback": {"title": "Start", "payload": "GET_STARTED"}},
    "postback with referral": {
        "postback": {"payload": "GO", "referral": {"ref": "x", "source": "SHORTLINK", "type": "OPEN_THREAD"}}
    },
    "optin of a plugin": {"optin": {"ref": "PASS_THROUGH"}},
    "optin of a checkbox": {"optin": {"ref": "PASS_THROUGH", "user_ref": "u1"}},
    "referral": {"referral": {"ref": "x", "source": "SHORTLINK", "type": "OPEN_THREAD"}},
}
NEVER: dict[str, Json] = {
    "read": {"read": {"watermark": 1, "seq": 3}},
    "delivery": {"delivery": {"mids": ["m1"], "watermark": 1, "seq": 3}},
    "reaction (from 2020)": {"reaction": {"action": "react", "reaction": "love", "emoji": "❤", "mid": "m1"}},
    "unreact": {"reaction": {"action": "unreact", "mid": "m1"}},
    "account linking": {"account_linking": {"status": "linked", "authorization_code": "c"}},
    "one-time opt-in": {"optin": {"type": "one_time_notif_req", "payload": "p", "one_time_notif_token": "t"}},
    "recurring opt-in": {
        "optin": {
            "type": "notification_messages",
            "notification_messages_token": "t",
            "notification_messages_frequency": "DAILY",
        }
    },
    "recurring opt-in stopped": {
        "optin": {"type": "notification_messages", "notification_messages_status": "STOP NOTIFICATIONS"}
    },
    "pass thread control": {"pass_thread_control": {"new_owner_app_id": "1", "metadata": "x"}},
    "take thread control": {"take_thread_control": {"previous_owner_app_id": "1", "metadata": "x"}},
    "request thread control": {"request_thread_control": {"requested_owner_app_id": "1"}},
    "app roles": {"app_roles": {"1": ["primary_receiver"]}},
    "policy enforcement": {"policy-enforcement": {"action": "warning", "reason": "x"}},
    "feedback form": {"messaging_feedback": {"feedback_screens": []}},
    "customer information form": {"messaging_customer_information": {"screens": []}},
    "message edit": {"message_edit": {"mid": "m0", "text": "Hello!", "num_edit": 1}},
}


@pytest.mark.parametrize("standby", [False, True], ids=["messaging", "standby"])
@pytest.mark.parametrize("item", OPENS.values(), ids=OPENS)
def test_opens_and_refreshes(bench: Bench, item: Json, standby: bool) -> None:
    """The window opens anew, and so does the one extra message."""
    act = hook(3 * DAY, kind="standby" if standby else "messaging", **item)
    log = [wrote(0), sent(2 * DAY, "a"), act, sent(4 * DAY, "b"), sent(4 * DAY + 1, "c"), sent(4 * DAY + 2, "d")]
    assert bench.check(log, name="a.ndjson").found == [(SPENT, 2, ""), (SPENT, 5, ""), (OVER, 6, "")]


@pytest.mark.parametrize("item", NEVER.values(), ids=NEVER)
def test_never_opens(bench: Bench, item: Json) -> None:
    log = [wrote(0), sent(2 * DAY, "a"), hook(3 * DAY, **item), sent(3 * DAY + 1, "b")]
    run = bench.check(log, name="a.ndjson")
    assert run.found == [(SPENT, 2, ""), (OVER, 4, "")]
    assert run.summary["unreadable"] == 0


@pytest.mark.parametrize("item", OPENS.values(), ids=OPENS)
def test_opens_in_a_script(bench: Bench, item: Json) -> None:
    assert bench.check(script({"at": "0h", "person": item}, page("24h"), page("24h+1ms"))).found == [(SPENT, 3, "")]


@pytest.mark.parametrize("item", NEVER.values(), ids=NEVER)
def test_never_opens_in_a_script(bench: Bench, item: Json) -> None:
    events = script(person("0h"), {"at": "23h", "person": item}, page("24h+1ms"))
    assert bench.check(events).found == [(SPENT, 3, "")]


def test_an_echo_does_not_open(bench: Bench) -> None:
    log = [wrote(0), sent(2 * DAY, "a"), echo(3 * DAY, "by hand"), sent(3 * DAY + 1, "b")]
    assert bench.check(log, name="a.ndjson").found == [(SPENT, 2, ""), (ECHO, 3, ""), (OVER, 4, "")]


def test_a_reaction_opens_since_2020(bench: Bench) -> None:
    reacts = {"at": "0h", "person": {"reaction": {"action": "react", "mid": "m"}}}
    answers = page("23h", messaging_type="RESPONSE")
    assert bench.check(script(reacts, answers), "--edition", "2020-03").found == []
    before = bench.check(script(reacts, answers), "--edition", "2019-08").found
    assert [rule for rule, _, _ in before] == ["extra-message-spent", "not-started-by-person"]


@pytest.mark.parametrize(
    ("skew", "late", "expected"),
    [
        ("60s", "24h+60s", []),
        ("60s", "24h+60s+1ms", [(SPENT, 2, "")]),
        ("1ms", "24h+1ms", []),
        ("0s", "24h+1ms", [(SPENT, 2, "")]),
        ("1h", "25h", []),
    ],
)
def test_clock_skew(bench: Bench, skew: str, late: str, expected: Found) -> None:
    assert bench.check(script(person("0h"), page(late)), config=f"clock_skew: {skew}\n").found == expected


REFUSED: Json = {"error": {"message": "outside", "type": "OAuthException", "code": 10, "error_subcode": 2018278}}


def test_a_refused_send_reached_nobody(bench: Bench) -> None:
    """The window rules leave it alone, structure and content do not, and it spends nothing."""
    bad = {"text": "Flash sale: 50% off everything today!", "colour": "red"}
    log = [
        wrote(0),
        sent(2 * DAY, "a", response=REFUSED),
        sent(3 * DAY, bad, "ISSUE_RESOLUTION", response=REFUSED),
        sent(4 * DAY, "b"),
        sent(5 * DAY, "c", response=REFUSED),
    ]
    found = bench.check(log, name="a.ndjson").found
    assert found == [
        ("unknown-field", 3, "/message/colour"),
        ("promotion-under-tag", 3, "/message/text"),
        (SPENT, 4, ""),
    ]


def test_a_refused_first_send_starts_nothing(bench: Bench) -> None:
    log = [sent(0, "a", response=REFUSED), sent(1, "b"), sent(2, "c")]
    assert bench.check(log, "--history", "complete", name="a.ndjson").found == [*SECOND, (OVER, 3, "")]


def test_partial_within_a_day_is_unknown(bench: Bench) -> None:
    log = [sent(0, "a"), sent(HOUR, "b"), sent(DAY, "c")]
    assert bench.check(log, name="a.ndjson").found == [(NO_ACTION, 1, "")]


def test_partial_beyond_a_day_is_closed(bench: Bench) -> None:
    log = [sent(0, "a"), sent(DAY, "b"), sent(DAY + 1, "c"), sent(DAY + 2, "d")]
    assert bench.check(log, name="a.ndjson").found == [(NO_ACTION, 1, ""), (SPENT, 3, ""), (OVER, 4, "")]


@pytest.mark.parametrize(
    ("late", "expected"),
    [(DAY, [(NO_ACTION, "b.ndjson", 1)]), (DAY + 1, [(SPENT, "b.ndjson", 1), (NO_ACTION, "b.ndjson", 1)])],
    ids=["24 h", "24 h and 1 ms"],
)
def test_the_runs_earliest_event_may_lie_in_another_file(
    bench: Bench, late: int, expected: list[tuple[str, str, int]]
) -> None:
    run = bench.check(Files({"b.ndjson": [sent(late, to="p-2")], "a.ndjson": [wrote(0, by="p-1")]}))
    assert run.placed == expected


def test_complete_history_by_flag_and_by_configuration(bench: Bench) -> None:
    log = [sent(0, "a"), wrote(HOUR), sent(2 * HOUR, "b")]
    assert bench.check(log, "--history", "complete", name="a.ndjson").found == FIRST
    assert bench.check(log, name="a.ndjson", config="history: complete\n").found == FIRST
    assert bench.check(log, "--history", "partial", name="a.ndjson").found == [(NO_ACTION, 1, "")]


def test_no_action_is_said_once_a_conversation(bench: Bench) -> None:
    log = [sent(0, to="p-1"), sent(1, to="p-2"), sent(2, to="p-1"), sent(3, to="p-2")]
    assert bench.check(log, name="a.ndjson").found == [(NO_ACTION, 1, ""), (NO_ACTION, 2, "")]


def test_no_action_with_a_tag(bench: Bench) -> None:
    log = [sent(0, PARCEL, "SHIPPING_UPDATE"), sent(1, "b")]
    assert bench.check(log, name="a.ndjson").found == [(NO_ACTION, 1, "")]


def test_conversations_do_not_mix(bench: Bench) -> None:
    log = [wrote(0, by="p-1"), wrote(2 * DAY, by="p-2"), sent(2 * DAY + 1, to="p-1"), sent(2 * DAY + 2, to="p-2")]
    assert bench.check(log, name="a.ndjson").found == [(SPENT, 3, "")]


def test_a_log_split_over_files_and_out_of_order_is_one_conversation(bench: Bench) -> None:
    files = {"a.ndjson": [sent(3 * DAY, "b"), sent(2 * DAY, "a")], "b.ndjson": [wrote(0)]}
    run = bench.check(Files(files))
    assert run.placed == [(OVER, "a.ndjson", 1), (SPENT, "a.ndjson", 2)]


def test_events_without_a_time_are_left_alone_by_the_window(bench: Bench) -> None:
    run = bench.check({"recipient": {"id": "p-1"}, "message": {"text": "a"}})
    assert run.found == []
    assert run.summary["coverage"]["window"]["judged"] == 0
    assert sum(run.summary["coverage"]["window"]["not_judged"].values()) == 1
