"""Opt-ins, comments, enforcement and the API's answers, as odd as they come: read, counted, and never quoted."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from policylint.reporters import REPORTERS
from tests.robustness.conftest import Command
from tests.robustness.test_weird_types import paths, replaced

Json = Any

START: Final = 1_677_664_800_000  # 2023-03-01T10:00:00Z
HOUR: Final = 3_600_000
DAY: Final = 24 * HOUR
PRIVATE: Final = "tellnobody"  # stands in every id, token and text below
PERSON: Final = f"{PRIVATE}-person"
ODD: Final[tuple[Json, ...]] = (
    None,
    True,
    -1,
    1e308,
    10**30,
    "",
    f"\ud800{PRIVATE}",
    f"{PRIVATE} x" * 5_000,
    [],
    {},
    [[None]],
    {"id": None},
    [PRIVATE],
    "2018278",
    "{}",
    START,
)


def hook(at: int, *, platform: str = "page", page: str = "7001", **item: Json) -> Json:
    event = {"sender": {"id": PERSON}, "recipient": {"id": page}, "timestamp": START + at, **item}
    return {"object": platform, "entry": [{"id": page, "time": START + at, "messaging": [event]}]}


def change(field: str, platform: str = "page", **value: Json) -> Json:
    told = {"from": {"id": f"{PRIVATE}-author", "name": PRIVATE}, "created_time": START // 1000, **value}
    return {"object": platform, "entry": [{"id": "7001", "time": START, "changes": [{"field": field, "value": told}]}]}


def sent(at: int, recipient: Json, response: Json = None, **entry: Json) -> Json:
    request = {"recipient": recipient, "message": {"text": f"{PRIVATE}: 50% off"}, **entry.pop("request", {})}
    return {"timestamp": START + at, "page_id": "7001", "request": request, "response": response, **entry}


def accepted(mid: str) -> Json:
    return {"recipient_id": PERSON, "message_id": f"{PRIVATE}-{mid}"}


REFUSED: Final = {"error": {"message": f"(#10) {PRIVATE}", "code": 10, "error_subcode": 2018278, "fbtrace_id": "x"}}
UNBLOCKED: Final[dict[str, Json]] = {"policy-enforcement": {"action": "unblock"}}
EXAMPLES: Final[dict[str, list[Json]]] = {
    "recurring": [
        hook(
            0,
            optin={
                "type": "notification_messages",
                "notification_messages_token": f"{PRIVATE}-n",
                "notification_messages_frequency": "DAILY",
                "token_expiry_timestamp": START + 90 * DAY,
                "payload": PRIVATE,
                "title": PRIVATE,
            },
        ),
        sent(DAY, {"notification_messages_token": f"{PRIVATE}-n"}, accepted("1")),
        sent(DAY + HOUR, {"notification_messages_token": f"{PRIVATE}-n"}),
        hook(
            3 * DAY,
            optin={
                "type": "notification_messages",
                "notification_messages_token": f"{PRIVATE}-n",
                "notification_messages_status": "STOP_NOTIFICATIONS",
            },
        ),
        sent(4 * DAY, {"notification_messages_token": f"{PRIVATE}-n"}, accepted("2")),
    ],
    "one time": [
        hook(0, optin={"type": "one_time_notif_req", "one_time_notif_token": f"{PRIVATE}-o", "payload": PRIVATE}),
        sent(DAY, {"one_time_notif_token": f"{PRIVATE}-o"}, json.dumps(accepted("3"))),
        sent(2 * DAY, {"one_time_notif_token": f"{PRIVATE}-o"}),
    ],
    "comments": [
        change("feed", item="comment", verb="add", comment_id=f"{PRIVATE}-c", post_id="7_1", message=PRIVATE),
        sent(8 * DAY, {"comment_id": f"{PRIVATE}-c"}, accepted("4")),
        sent(9 * DAY, {"comment_id": f"{PRIVATE}-c"}),
        change("comments", "instagram", id=f"{PRIVATE}-ic", text=PRIVATE, media={"id": "1"}),
        sent(9 * DAY, {"comment_id": f"{PRIVATE}-ic"}, platform="instagram"),
    ],
    "enforcement and answers": [
        hook(0, policy_enforcement={"action": "block", "reason": PRIVATE}),
        hook(HOUR, referral={"ref": PRIVATE, "source": "ADS", "type": "OPEN_THREAD", "ad_id": PRIVATE}),
        sent(2 * HOUR, {"id": PERSON}, REFUSED, app_id="5", automated=True, endpoint="me/messages"),
        sent(3 * HOUR, {"id": PERSON}, {"code": 400, "body": json.dumps(REFUSED)}, request={"persona_id": PRIVATE}),
        sent(
            50 * HOUR,
            {"id": PERSON},
            accepted("5"),
            request={"messaging_type": "UTILITY", "template": {"name": PRIVATE, "language": {"code": "en"}}},
        ),
        hook(60 * HOUR, **UNBLOCKED),
    ],
}


def mutants(example: list[Json]) -> Iterator[Json]:
    """Each record of the example with one node replaced."""
    for record in example:
        for path in paths(record):
            if path:
                yield from (replaced(record, path, odd) for odd in ODD)


def lines(records: list[Json]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("edition", ["dated", "2026-09", "instagram-2022-05"])
def test_any_value_anywhere_is_counted_and_breaks_nothing(command: Command, name: str, edition: str) -> None:
    log = [*EXAMPLES[name], *mutants(EXAMPLES[name])]
    Path("a.ndjson").write_text(lines(log))
    ran = command("check", "a.ndjson", "--edition", edition, "--format", "json", "--what-if", "2026-04")
    summary = json.loads(ran.out)["summary"]
    assert summary["records"] == len(log)
    assert summary["records"] == summary["used"] + summary["unreadable"] + summary["other"]
    assert "rule-crashed" not in command("check", "a.ndjson", "--edition", edition, "--format", "ndjson").out


@pytest.mark.parametrize("style", REPORTERS)
def test_no_report_quotes_a_token_an_id_or_a_text(command: Command, style: str) -> None:
    records = [record for example in EXAMPLES.values() for record in (*example, *mutants(example))]
    Path("a.ndjson").write_text(lines(records))
    for arguments in ((), ("--what-if", "2026-04"), ("--statistics",)):
        ran = command("check", "a.ndjson", "--edition", "dated", "--format", style, *arguments)
        assert ran.status == 1
        assert PRIVATE not in ran.out + ran.err
    command("check", "a.ndjson", "--edition", "dated", "--write-baseline", "known.ndjson")
    assert PRIVATE not in Path("known.ndjson").read_text()


def test_they_find_what_is_wrong_in_the_examples(command: Command) -> None:
    """Else the tests above would show little."""
    Path("a.ndjson").write_text(lines([record for example in EXAMPLES.values() for record in example]))
    ran = command("check", "a.ndjson", "--edition", "dated", "--format", "json")
    found = {(f["rule"], f["where"]["record"]) for f in json.loads(ran.out)["findings"]}
    assert found >= {
        ("notification-too-soon", 3),
        ("notification-after-stop", 5),
        ("one-time-token-reused", 8),
        ("private-reply-too-late", 10),
        ("private-reply-repeated", 11),
        ("private-reply-too-late", 13),
        ("sent-while-blocked", 16),
        ("sent-while-blocked", 17),
    }


@pytest.mark.parametrize("digits", [19, 400])
def test_numbers_that_nothing_can_hold(command: Command, digits: int) -> None:
    """Times, codes, ids and counts: a number is read, or its record is unreadable."""
    huge = "9" * digits
    text = lines([record for example in EXAMPLES.values() for record in example])
    for number in (str(START), "2018278", '"5"'):
        Path("a.ndjson").write_text(text.replace(number, huge))
        ran = command("check", "a.ndjson", "--edition", "dated", "--format", "json")
        summary = json.loads(ran.out)["summary"]
        assert summary["records"] == text.count("\n") == summary["used"] + summary["unreadable"] + summary["other"]


@pytest.mark.parametrize("seed", range(4))
def test_order_files_and_packing_make_no_difference(command: Command, seed: int) -> None:
    """The first records of a token or comment tell whose it is, wherever they stand."""
    log = [record for example in EXAMPLES.values() for record in example]
    Path("whole.ndjson").write_text(lines(log))
    whole = json.loads(command("check", "whole.ndjson", "--edition", "dated", "--format", "json").out)
    Path("whole.ndjson").unlink()
    random.Random(seed).shuffle(log)
    third = len(log) // 3
    Path("c.ndjson").write_text(lines(log[:third]))
    Path("a.ndjson.gz").write_bytes(gzip.compress(lines(log[third : 2 * third]).encode()))
    Path("b.json").write_text(json.dumps(log[2 * third :]))
    split = json.loads(command("check", "--edition", "dated", "--format", "json").out)

    def told(report: Json) -> list[tuple[Json, ...]]:
        return sorted((f["rule"], f["at"], f["message"], f["where"]["pointer"]) for f in report["findings"])

    assert told(split) == told(whole)
    assert split["summary"]["platform"]["verdicts"] == whole["summary"]["platform"]["verdicts"]
    assert split["summary"]["enforcement"] == whole["summary"]["enforcement"]


@pytest.mark.parametrize(
    ("response", "verdict"),
    [
        ({"message_id": "m_1"}, "accepted"),
        ({"recipient_id": "1"}, "accepted"),
        ({"message_id": "m_1", "error": None}, "accepted"),
        (REFUSED, "refused-for-policy"),
        (json.dumps(REFUSED), "refused-for-policy"),
        ({"code": 400, "body": REFUSED}, "refused-for-policy"),
        ({"error": {"code": "10", "error_subcode": "2018278"}}, "refused-for-policy"),
        ({"error": "timeout"}, "refused-unclear"),
        ({"error": {"code": []}}, "refused-unclear"),
        ({"code": 500, "body": None}, "refused-unclear"),
        (None, None),
        ("", None),
        ("timeout", None),
        ([], None),
        (7, None),
    ],
)
def test_answers_in_all_shapes(command: Command, response: Json, verdict: str | None) -> None:
    Path("a.json").write_text(
        json.dumps([hook(0, message={"mid": "m", "text": "Hi"}), sent(HOUR, {"id": PERSON}, response)])
    )
    summary = json.loads(command("check", "a.json", "--edition", "dated", "--format", "json").out)["summary"]
    if verdict is None:
        assert summary["platform"] is None
    else:
        assert [row["platform"] for row in summary["platform"]["verdicts"]] == [verdict]


def test_thousands_of_disagreements_are_all_named(command: Command) -> None:
    """In JSON; the text report says how many it leaves out."""
    log = []
    for n in range(1_500):
        person = {"id": f"{PERSON}-{n}"}
        log.append(hook(0, sender=person, message={"mid": f"m_{n}", "text": "Hi"}))
        log.append(sent(HOUR, person, REFUSED))
        log.append(sent(30 * HOUR, person, accepted(f"late-{n}")))
    Path("a.ndjson").write_text(lines(log))
    ran = command("check", "a.ndjson", "--edition", "dated", "--select", "untagged-outside-window", "--format", "json")
    told = json.loads(ran.out)["summary"]["platform"]
    assert [place["line"] for place in told["refused_but_passed"]] == list(range(2, len(log), 3))
    assert [place["line"] for place in told["accepted_but_breached"]] == list(range(3, len(log) + 1, 3))
    text = command("check", "a.ndjson", "--edition", "dated", "--select", "untagged-outside-window", "--statistics").out
    assert text.count("… and 1,490 more") == 2
