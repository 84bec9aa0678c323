"""What later editions say of tags: which are in force, of what type, how late, by whom, and with what wording."""

from __future__ import annotations

from typing import Final

import pytest

from tests.scenarios.conftest import BUTTON, Bench, Json, generic, media, page, person, script
from tests.scenarios.test_editions import (
    CONFIG,
    CONTENT,
    CONTRADICTS,
    DOUBTFUL,
    FEEDBACK,
    IN_FORCE,
    NEWS,
    OVER,
    PURPOSES,
    REPLY,
    RETIRING,
    SALE,
    SEVENTEEN,
    SUCCESSORS,
    SURVEY,
    TYPED,
    UNAPPROVED,
    UNTYPED,
    WROTE,
    ending,
    instant,
    tagged,
    told,
    told_of_each,
)

PROMOTES: Final = "error promotion-under-tag"
ASKS: Final = "error feedback-request-under-tag"
ASKS_PERHAPS: Final = "warning feedback-request-under-tag"
TOO_LATE: Final = "error tag-too-late"
BY_BOT: Final = "warning human-agent-by-automation"
TAG_ALONE: Final = "warning tag-without-messaging-type"
FOUR: Final = ("CONFIRMED_EVENT_UPDATE", "POST_PURCHASE_UPDATE", "ACCOUNT_UPDATE", "HUMAN_AGENT")
THREE: Final = FOUR[:3]


def said(bench: Bench, tag: str, day: str) -> str:
    """What the one finding about a tag on a day says, with its remedy."""
    run = bench.check(ending([WROTE, tagged(tag, "It is settled.")], instant(day, before=False)), "--edition", "dated")
    [finding] = [finding for finding in run.findings if finding["rule"] == "tag-not-in-force"]
    assert (finding["where"]["pointer"], finding["severity"]) == ("/tag", "error")
    return f"{finding['message']} {finding['remedy']}"


@pytest.mark.parametrize("tag", SUCCESSORS)
def test_a_retired_tag_names_the_day_and_its_successor(bench: Bench, tag: str) -> None:
    words = said(bench, tag, "2020-03-04")
    assert "2020-03-03" in words or "2020-03-04" in words
    successor = SUCCESSORS[tag]
    assert successor in words if successor else not any(f"{name} took over" in words for name in FOUR)


@pytest.mark.parametrize("tag", [tag for tag, successor in SUCCESSORS.items() if successor in THREE])
def test_no_tag_is_named_as_successor_that_is_retired_itself(bench: Bench, tag: str) -> None:
    assert not any(name in said(bench, tag, "2026-04-27") for name in THREE)


@pytest.mark.parametrize("tag", THREE)
def test_the_last_three_name_their_last_day(bench: Bench, tag: str) -> None:
    words = said(bench, tag, "2026-04-27")
    assert "2026-04-26" in words or "2026-04-27" in words


@pytest.mark.parametrize(
    ("tag", "day", "since"),
    [
        ("BUSINESS_PRODUCTIVITY", "2018-09-26", "2018-09-27"),
        ("HUMAN_AGENT", "2019-08-28", "2019-08-29"),
        ("CUSTOMER_FEEDBACK", "2021-06-01", "2021-06-02"),
        ("PAIRING_UPDATE", "2017-11-06", "2017-11-07"),
    ],
)
def test_a_tag_to_come_names_its_first_day(bench: Bench, tag: str, day: str, since: str) -> None:
    assert since in said(bench, tag, day)


CASES: dict[str, dict[str, tuple[list[Json], list[str]]]] = {
    "2016-11": {
        "a tag before there were any": ([WROTE, page("30h", tag="SHIPPING_UPDATE")], [IN_FORCE]),
        "a tag that never was": ([WROTE, page("30h", tag="WEATHER_UPDATE")], ["error unknown-tag"]),
    },
    "2017-11": {
        "MESSAGE_TAG alone, late": ([WROTE, page("30h", **TYPED)], ["note extra-message-spent", CONTRADICTS]),
        "a subscription's type with a tag": (
            [
                WROTE,
                page(
                    "30h",
                    generic("Your concert starts later."),
                    "TICKET_UPDATE",
                    messaging_type="NON_PROMOTIONAL_SUBSCRIPTION",
                ),
            ],
            [CONTRADICTS, UNAPPROVED],
        ),
        "UPDATE with a tag": ([WROTE, tagged("ISSUE_RESOLUTION", messaging_type="UPDATE")], [CONTRADICTS]),
        "a type that never was": ([WROTE, page("1h", messaging_type="ANSWER")], ["error unknown-value"]),
        "a subscription by its type is no extra message": (
            [WROTE, *[page(at, messaging_type="NON_PROMOTIONAL_SUBSCRIPTION") for at in ("30h", "31h")]],
            [UNAPPROVED, UNAPPROVED],
        ),
        "a subscription by its type promotes": (
            [WROTE, page("30h", SALE, messaging_type="NON_PROMOTIONAL_SUBSCRIPTION")],
            ["error promotion-in-subscription", UNAPPROVED],
        ),
    },
    "2018-05": {
        "a tag to come spends no extra message": (
            [WROTE, tagged("HUMAN_AGENT"), page("31h", **REPLY)],
            [IN_FORCE, "note extra-message-spent"],
        ),
        "a tag alone is one finding": (
            [WROTE, page("30h", PURPOSES["ISSUE_RESOLUTION"], "ISSUE_RESOLUTION")],
            [TAG_ALONE, "note disputed-content-for-tag"],
        ),
        "generic under ISSUE_RESOLUTION is undisputed": (
            [WROTE, tagged("ISSUE_RESOLUTION", generic("We found the fault of your lamp."))],
            [],
        ),
        "a misspelt tag is judged as the tag": (
            [WROTE, tagged("shipping_update")],
            [CONTENT, "warning misspelt-tag"],
        ),
    },
    "2018-09": {
        **{f"promotion under {tag}": ([WROTE, tagged(tag, SALE)], [PROMOTES]) for tag in SEVENTEEN[:3]},
        "a survey under ISSUE_RESOLUTION": ([WROTE, tagged("ISSUE_RESOLUTION", SURVEY)], [ASKS]),
        "a survey under TICKET_UPDATE": ([WROTE, tagged("TICKET_UPDATE", SURVEY)], []),
        "promotion without a tag, in time": ([WROTE, page("1h", SALE, **REPLY)], []),
    },
    "2019-08": {
        **{f"promotion under {tag}": ([WROTE, tagged(tag, SALE)], [PROMOTES]) for tag in THREE},
        **{f"a survey under {tag}": ([WROTE, tagged(tag, SURVEY)], [ASKS_PERHAPS]) for tag in THREE},
        "a survey by an agent": ([WROTE, tagged("HUMAN_AGENT", SURVEY)], [DOUBTFUL]),
    },
    "2020-03": {
        **{f"a survey under {tag}": ([WROTE, tagged(tag, SURVEY)], [ASKS_PERHAPS]) for tag in THREE},
        "RESPONSE with a tag": ([WROTE, tagged("ACCOUNT_UPDATE", **REPLY)], [CONTRADICTS]),
        "no type with a tag": ([WROTE, page("30h", PURPOSES["ACCOUNT_UPDATE"], "ACCOUNT_UPDATE")], [TAG_ALONE]),
        "no type": ([WROTE, page("1h")], [UNTYPED]),
        "a receipt under its tag": ([WROTE, tagged("POST_PURCHASE_UPDATE", BUTTON)], []),
        "a tag in time is fine": ([WROTE, tagged("ACCOUNT_UPDATE", at="1h")], []),
        "MESSAGE_TAG and no tag, late": ([WROTE, page("30h", **TYPED)], [OVER, CONTRADICTS]),
        "MESSAGE_TAG and a tag that never was": ([WROTE, tagged("WEATHER_UPDATE")], ["error unknown-tag"]),
        "a retired tag in time": ([WROTE, tagged("SHIPPING_UPDATE", at="1h")], [IN_FORCE]),
        "a retired tag, promoting": ([WROTE, tagged("SHIPPING_UPDATE", SALE)], [PROMOTES, IN_FORCE]),
        "a retired tag with an image": ([WROTE, tagged("SHIPPING_UPDATE", media("image"))], [IN_FORCE]),
    },
    "2021-06": {
        "an agent at seven days": ([WROTE, tagged("HUMAN_AGENT", at="7d")], []),
        "an agent a millisecond later": ([WROTE, tagged("HUMAN_AGENT", at="7d+1ms")], [TOO_LATE]),
        "an agent after the person's second message": (
            [WROTE, person("3d", "Hello?"), tagged("HUMAN_AGENT", at="10d"), tagged("HUMAN_AGENT", at="10d+1ms")],
            [TOO_LATE],
        ),
        "what the page sends moves nothing": (
            [WROTE, tagged("HUMAN_AGENT", at="6d"), tagged("HUMAN_AGENT", at="8d")],
            [TOO_LATE],
        ),
        "feedback at seven days": ([WROTE, tagged("CUSTOMER_FEEDBACK", FEEDBACK, at="7d")], []),
        "feedback a millisecond later": ([WROTE, tagged("CUSTOMER_FEEDBACK", FEEDBACK, at="7d+1ms")], [TOO_LATE]),
        "feedback in a text": ([WROTE, tagged("CUSTOMER_FEEDBACK", SURVEY)], [CONTENT]),
        "the template without its tag, late": ([WROTE, page("30h", FEEDBACK, **REPLY)], [OVER]),
        "other tags have no age": ([WROTE, tagged("ACCOUNT_UPDATE", at="300d")], []),
        "by a bot": ([WROTE, {**tagged("HUMAN_AGENT"), "automated": True}], [BY_BOT]),
        "by a human": ([WROTE, {**tagged("HUMAN_AGENT"), "automated": False}], []),
        "by a bot under another tag": ([WROTE, {**tagged("ACCOUNT_UPDATE"), "automated": True}], []),
        "by a bot without a tag": ([WROTE, {**page("1h", **REPLY), "automated": True}], []),
        "no MESSAGE_TAG beside HUMAN_AGENT": ([WROTE, page("30h", tag="HUMAN_AGENT")], [TAG_ALONE]),
        "a survey under ACCOUNT_UPDATE": ([WROTE, tagged("ACCOUNT_UPDATE", SURVEY)], [ASKS_PERHAPS]),
        "a survey in the feedback template": ([WROTE, tagged("CUSTOMER_FEEDBACK", FEEDBACK)], []),
    },
    "2026-02": {**{f"{tag} is to end": ([WROTE, tagged(tag, "Done.")], [RETIRING]) for tag in THREE}},
    "2026-04": {
        **{f"{tag} has ended": ([WROTE, tagged(tag, SURVEY)], [IN_FORCE]) for tag in THREE},
        "in time, too": ([WROTE, tagged("ACCOUNT_UPDATE", at="1h")], [IN_FORCE]),
        "an agent, late": ([WROTE, tagged("HUMAN_AGENT", at="7d+1ms")], [TOO_LATE]),
        "feedback is in doubt": ([WROTE, tagged("CUSTOMER_FEEDBACK", FEEDBACK)], [DOUBTFUL]),
        "news are in doubt": ([WROTE, tagged("NON_PROMOTIONAL_SUBSCRIPTION")], [DOUBTFUL]),
    },
}


@pytest.mark.parametrize("edition", CASES)
def test_tags_of_an_edition(bench: Bench, edition: str) -> None:
    scripts = {name: script(*events, page_id="7001") for name, (events, _) in CASES[edition].items()}
    wanted = {name: found for name, (_, found) in CASES[edition].items()}
    assert told_of_each(bench, scripts, "--edition", edition) == wanted


@pytest.mark.parametrize("edition", ["2020-03", "2022-05", "2026-09"])
def test_a_news_page_informs_and_does_not_promote(bench: Bench, edition: str) -> None:
    tag = "NON_PROMOTIONAL_SUBSCRIPTION"
    scripts = {
        "informs": script(WROTE, tagged(tag, at="90d"), page_id=NEWS),
        "promotes": script(WROTE, tagged(tag, SALE), page_id=NEWS),
    }
    wanted = {"informs": [], "promotes": ["error promotion-in-news"]}
    assert told_of_each(bench, scripts, "--edition", edition, config=CONFIG) == wanted


@pytest.mark.parametrize(("at", "wanted"), [("7d+60s", []), ("7d+60s+1ms", [TOO_LATE])])
@pytest.mark.parametrize(("tag", "content"), [("HUMAN_AGENT", "It works."), ("CUSTOMER_FEEDBACK", FEEDBACK)])
def test_the_clocks_may_differ(bench: Bench, tag: str, content: str | Json, at: str, wanted: list[str]) -> None:
    recording = script(WROTE, tagged(tag, content, at=at), edition="2021-06")
    assert told(bench.check(recording, config="clock_skew: 60s\n")) == wanted


BOT: Final = "automation: {app_ids: ['42'], persona_ids: ['501']}\n"


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        ({"app_id": "42"}, [BY_BOT]),
        ({"sender": {"app_id": 42}}, [BY_BOT]),
        ({"app_id": "43"}, []),
        ({"app_id": "42", "automated": False}, []),
        ({"automated": True}, [BY_BOT]),
        ({"persona": "501"}, [BY_BOT]),
        ({"persona": "502"}, []),
        ({}, []),
    ],
    ids=str,
)
def test_who_is_a_bot_is_told_by_the_log_or_the_configuration(
    bench: Bench, sent: dict[str, object], wanted: list[str]
) -> None:
    request: Json = {"recipient": {"id": "p-1"}, "message": {"text": "It works."}, "tag": "HUMAN_AGENT", **TYPED}
    if "persona" in sent:
        request["persona_id"] = sent["persona"]
    wrote = {
        "sender": {"id": "p-1"},
        "recipient": {"id": "7001"},
        "timestamp": "",
        "message": {"mid": "m", "text": "Hi"},
    }
    log = [
        {
            "object": "page",
            "entry": [{"id": "7001", "time": 1, "messaging": [{**wrote, "timestamp": 1_640_995_200_000}]}],
        },
        {"timestamp": "2022-01-02T12:00:00Z", "request": request} | {k: v for k, v in sent.items() if k != "persona"},
    ]
    assert told(bench.check(log, "--edition", "2021-06", config=BOT, name="a.ndjson")) == wanted


def test_the_announcement_of_the_end_is_no_warning_before_it(bench: Bench) -> None:
    """The first page that calls the three deprecated is of 12 January 2026."""
    days = ("2025-12-31", "2026-01-13", "2026-02-09", "2026-04-26")
    scripts = {day: ending([WROTE, tagged("ACCOUNT_UPDATE")], instant(day, before=False)) for day in days}
    wanted = {"2025-12-31": [], **{day: [RETIRING] for day in days[1:]}}
    assert told_of_each(bench, scripts, "--edition", "dated") == wanted
