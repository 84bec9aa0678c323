"""What an ad, a comment, a payment or an approved template opens, and what the platform closes."""

from __future__ import annotations

from typing import Final

import pytest

from tests.scenarios.conftest import DAY, HOUR, Bench, Files, Json, page, person, script, template
from tests.scenarios.test_editions import OVER, REPLY, SALE, WROTE, ending, instant, told, told_of_each
from tests.scenarios.test_permissions import JUNE, entry, item

REPEATED: Final = "error private-reply-repeated"
LATE_REPLY: Final = "error private-reply-too-late"
UNDECIDED: Final = "note ad-window-undecided"
BLOCKED: Final = "warning sent-while-blocked"

# --- private replies


def comment(at: int, **value: object) -> Json:
    """A webhook body with a comment below a post."""
    said = {
        "item": "comment",
        "verb": "add",
        "from": {"id": "99", "name": "A."},
        "comment_id": "7_12",
        "post_id": "7001_7",
        "created_time": (JUNE + at) // 1000,
        **value,
    }
    return {
        "object": "page",
        "entry": [{"id": "7001", "time": (JUNE + at) // 1000, "changes": [{"field": "feed", "value": said}]}],
    }


COMMENT: Final[Json] = {"comment_id": "7_12"}
KNOWN: Final[Json] = {"response": {"recipient_id": "p-1", "message_id": "m_reply"}}
HELLO: Final[Json] = {"message": {"mid": "m_1", "text": "Thanks for writing!"}}

REPLIES: dict[str, tuple[list[Json], list[str]]] = {
    "one reply": ([comment(0), entry(HOUR, COMMENT, **KNOWN)], []),
    "one reply without an answer of the API": ([comment(0), entry(HOUR, COMMENT)], []),
    "at seven days": ([comment(0), entry(7 * DAY, COMMENT, **KNOWN)], []),
    "after seven days": ([comment(0), entry(7 * DAY + 1, COMMENT, **KNOWN)], [LATE_REPLY]),
    "after seven days, person unknown": ([comment(0), entry(7 * DAY + 1, COMMENT)], [LATE_REPLY]),
    "a second reply": ([comment(0), entry(HOUR, COMMENT, **KNOWN), entry(2 * HOUR, COMMENT, "Also this.")], [REPEATED]),
    "a second reply, person unknown": (
        [comment(0), entry(HOUR, COMMENT), entry(2 * HOUR, COMMENT, "Also this.")],
        [REPEATED],
    ),
    "the comment is not on record": ([entry(HOUR, COMMENT, **KNOWN)], []),
    "a visitor's post": (
        [comment(0, item="post", comment_id=None, post_id="7001_8"), entry(HOUR, {"post_id": "7001_8"})],
        [],
    ),
    "the talk goes on after the answer": (
        [comment(0), entry(HOUR, COMMENT, **KNOWN), item(2 * HOUR, **HELLO), entry(26 * HOUR, {"id": "p-1"}, "Yes.")],
        [],
    ),
    "the answer opens for a day": (
        [
            comment(0),
            entry(HOUR, COMMENT, **KNOWN),
            item(2 * HOUR, **HELLO),
            entry(26 * HOUR + 1, {"id": "p-1"}, "Yes."),
        ],
        [OVER],
    ),
    "a refused reply may be sent again": (
        [
            comment(0),
            entry(HOUR, COMMENT, response={"error": {"code": 2}}),
            entry(2 * HOUR, COMMENT, "Hello again.", **KNOWN),
        ],
        [],
    ),
}


@pytest.mark.parametrize("history", ["complete", "partial"])
def test_private_replies(bench: Bench, history: str) -> None:
    found = {}
    for name, (log, _) in REPLIES.items():
        found[name] = told(bench.check(log, "--edition", "dated", "--history", history, name="a.ndjson"))
    assert found == {name: wanted for name, (_, wanted) in REPLIES.items()}


def test_the_talk_goes_on_after_the_answer_only(bench: Bench) -> None:
    log = [comment(0), entry(HOUR, COMMENT, **KNOWN), entry(2 * HOUR, {"id": "p-1"}, "Still there?")]
    run = bench.check(log, "--edition", "dated", "--history", "complete", name="a.ndjson")
    assert (run.status, {finding["where"]["record"] for finding in run.findings}) == (1, {3})
    assert OVER in told(run)
    assert bench.again("a.ndjson", "--edition", "dated").status == 0


# --- ads

AD: Final[Json] = {"source": "ADS", "type": "OPEN_THREAD", "ad_id": "6001"}
LINK: Final[Json] = {"source": "SHORTLINK", "type": "OPEN_THREAD", "ref": "r"}
BY_AD: Final = {
    "the ad, then a message": [person("0h", referral=AD), person("0h", "Is it still there?")],
    "a message from the ad": [person("0h", message={"mid": "m_1", "text": "Is it still there?", "referral": AD})],
    "a button from the ad": [person("0h", postback={"payload": "GET_STARTED", "referral": AD})],
}
AD_TIMES: Final[tuple[tuple[str, list[str]], ...]] = (
    ("24h", []),
    ("24h+1ms", [UNDECIDED]),
    ("6d", [UNDECIDED]),
    ("7d", [UNDECIDED]),
    ("7d+1ms", [OVER]),
)


@pytest.mark.parametrize(("at", "wanted"), AD_TIMES)
def test_an_ad_may_open_seven_days(bench: Bench, at: str, wanted: list[str]) -> None:
    scripts = {name: script(*events, page(at, **REPLY)) for name, events in BY_AD.items()}
    assert told_of_each(bench, scripts, "--edition", "2026-09") == dict.fromkeys(BY_AD, wanted)
    older = [] if at == "24h" else [OVER]
    assert told_of_each(bench, scripts, "--edition", "2026-04") == dict.fromkeys(BY_AD, older)


DOUBT: Final = "note edition-ambiguous"
AD_DAYS: Final = [
    ("2026-09-12", True, [OVER]),
    ("2026-09-12", False, [DOUBT]),
    ("2026-09-20", False, [DOUBT]),
    ("2026-09-28", True, [DOUBT]),
    ("2026-10-01", False, [UNDECIDED]),
]


@pytest.mark.parametrize("platform", ["messenger", "instagram"])
@pytest.mark.parametrize(("day", "before", "wanted"), AD_DAYS)
def test_when_ads_began_to_open_longer_is_not_certain(
    bench: Bench, platform: str, day: str, before: bool, wanted: list[str]
) -> None:
    sent = instant(day, before=before)
    scripts = {name: ending([*events, page("30h", **REPLY)], sent, platform=platform) for name, events in BY_AD.items()}
    assert told_of_each(bench, scripts, "--edition", "dated") == dict.fromkeys(BY_AD, wanted)


@pytest.mark.parametrize(
    ("events", "wanted"),
    [
        ([person("0h", referral=LINK), person("0h", "Hello"), page("30h", **REPLY)], [OVER]),
        ([*BY_AD["a message from the ad"], person("3d", "Hello?"), page("5d", **REPLY)], [UNDECIDED]),
        ([*BY_AD["a message from the ad"], person("3d", "Hello?"), page("7d+1ms", **REPLY)], [OVER]),
        ([*BY_AD["a message from the ad"], person("8d", "Hello?"), page("9d", **REPLY)], []),
        ([*BY_AD["a message from the ad"], page("2d", tag="HUMAN_AGENT", messaging_type="MESSAGE_TAG")], []),
    ],
    ids=["a link is no ad", "counted from the first message", "not from a later one", "a new window", "a tag"],
)
def test_seven_days_count_from_the_message_after_the_ad(bench: Bench, events: list[Json], wanted: list[str]) -> None:
    assert told(bench.check(script(*events, edition="2026-09"))) == wanted


# --- what opens nothing

NO_OPENING: Final[dict[str, Json]] = {
    "read": {"watermark": 1},
    "delivery": {"watermark": 1, "mids": ["m_1"]},
    "account_linking": {"status": "linked"},
    "message_edit": {"mid": "m_1", "text": "Hello!", "num_edit": 1},
    "response_feedback": {"feedback": "Good response", "mid": "m_1"},
    "pass_thread_control": {"new_owner_app_id": "1"},
}


@pytest.mark.parametrize("edition", ["2020-03", "2022-05", "2026-09"])
def test_what_opens_no_window(bench: Bench, edition: str) -> None:
    scripts = {
        name: script(WROTE, {"at": "29h", "person": {name: item}}, page("30h", **REPLY))
        for name, item in NO_OPENING.items()
    }
    assert told_of_each(bench, scripts, "--edition", edition) == {name: [OVER] for name in NO_OPENING}


# --- invitations, paid and approved messages


@pytest.mark.parametrize("edition", ["2016-11", "2017-04", "2018-09"])
def test_an_invitation_by_telephone_may_come_first(bench: Bench, edition: str) -> None:
    """Customer matching let the business begin; what it sends by id afterwards is a message like any other."""
    by_number = page("0h", recipient={"phone_number": "+12025550100"}, **(REPLY if edition > "2018-05" else {}))
    run = bench.check(script(by_number, edition=edition))
    assert "not-started-by-person" not in run.severities
    assert run.status == 0


@pytest.mark.parametrize("edition", ["2020-03", "2022-05", "2026-09"])
def test_paid_messages_are_left_to_who_sells_them(bench: Bench, edition: str) -> None:
    paid = {**page("30d", SALE), "endpoint": "act_123/messages"}
    assert told(bench.check(script(WROTE, paid, edition=edition))) == []
    assert told(bench.check(script(WROTE, page("30d", SALE, **REPLY), edition=edition))) == [OVER]


def utility(text: str) -> dict[str, Json]:
    """A utility message in each of the shapes in which the platform's own pages show it."""
    components = [{"type": "body", "parameters": [{"type": "text", "text": text}]}]
    named = {"name": "order_state", "language": {"code": "en_US"}, "components": components}
    typed = {"messaging_type": "UTILITY"}
    return {
        "as an attachment": {**typed, "message": template("utility_messages", **named)},
        "as the message's template": {**typed, "message": {"template": named}},
        "at the top": {**typed, "template": named},
        "without a type": {"message": {"template": named}},
    }


@pytest.mark.parametrize("edition", ["2025-07", "2026-02", "2026-04", "2026-09"])
def test_a_utility_message_needs_no_window_in_any_of_its_shapes(bench: Bench, edition: str) -> None:
    scripts = {name: script(WROTE, {"at": "90d", "page": shape}) for name, shape in utility("1001").items()}
    assert told_of_each(bench, scripts, "--edition", edition) == {name: [] for name in scripts}


def test_a_utility_message_promotes_nothing(bench: Bench) -> None:
    scripts = {name: script(WROTE, {"at": "1h", "page": shape}) for name, shape in utility(SALE).items()}
    wanted = {name: ["error promotion-in-utility-message"] for name in scripts}
    assert told_of_each(bench, scripts, "--edition", "2025-07") == wanted


# --- enforcement


def enforced(at: int, action: str, key: str = "policy_enforcement", page_id: str = "7001") -> Json:
    event = {"recipient": {"id": page_id}, "timestamp": JUNE + at, key: {"action": action, "reason": "spam"}}
    return {"object": "page", "entry": [{"id": page_id, "time": JUNE + at, "messaging": [event]}]}


def talk(*ats: int, page_id: str = "7001") -> list[Json]:
    """The person writes, and the page answers at each of several times."""
    wrote = item(0, page_id=page_id, message={"mid": f"m_{page_id}", "text": "Hi"})
    return [wrote, *[entry(at, {"id": "p-1"}, f"Answer {at}", page_id) for at in ats]]


ENFORCED: dict[str, tuple[list[Json], list[str]]] = {
    "between block and unblock": (
        [*talk(HOUR, 3 * HOUR, 5 * HOUR), enforced(2 * HOUR, "block"), enforced(4 * HOUR, "unblock")],
        [BLOCKED],
    ),
    "never lifted": ([enforced(2 * HOUR, "block"), *talk(3 * HOUR, 5 * HOUR)], [BLOCKED, BLOCKED]),
    "a warning blocks nothing": ([enforced(2 * HOUR, "warning"), *talk(3 * HOUR)], []),
    "the older key": ([enforced(2 * HOUR, "block", "policy-enforcement"), *talk(3 * HOUR)], [BLOCKED]),
    "another page": ([enforced(2 * HOUR, "block", page_id="7009"), *talk(3 * HOUR)], []),
    "an unblock before it": ([enforced(HOUR, "unblock"), enforced(2 * HOUR, "block"), *talk(3 * HOUR)], [BLOCKED]),
    "blocked twice, lifted once": (
        [enforced(HOUR, "block"), enforced(2 * HOUR, "block"), enforced(3 * HOUR, "unblock"), *talk(4 * HOUR)],
        [],
    ),
}


@pytest.mark.parametrize(("log", "wanted"), ENFORCED.values(), ids=ENFORCED)
def test_sent_while_blocked(bench: Bench, log: list[Json], wanted: list[str]) -> None:
    assert told(bench.check(log, "--edition", "dated", name="a.ndjson")) == wanted


def test_a_block_in_another_file_counts(bench: Bench) -> None:
    files = Files({"a.ndjson": talk(3 * HOUR), "b.ndjson": [enforced(2 * HOUR, "block")]})
    assert told(bench.check(files, "--edition", "dated")) == [BLOCKED]
