"""Boundaries whose day is not known, and conversations that go on over a boundary."""

from __future__ import annotations

from typing import Final

import pytest

from tests.scenarios.conftest import CHECKIN, RECEIPT, Bench, Json, Run, generic, page, person, script
from tests.scenarios.test_editions import (
    CONFIG,
    IN_FORCE,
    OVER,
    PURPOSES,
    REPLY,
    SPENT,
    SUBSCRIPTION,
    TYPED,
    WROTE,
    ending,
    instant,
    told,
    told_of_each,
)

AMBIGUOUS: Final = "note edition-ambiguous"
CONTENT: Final = "error wrong-content-for-tag"
UNKNOWN: Final = "error unknown-tag"


def card(tag: str, **rest: object) -> list[Json]:
    """The person writes, and a day later the page sends the generic template under a tag."""
    return [WROTE, page("30h", generic(PURPOSES.get(tag, "It is settled.")), tag, **rest)]


def note(tag: str, **rest: object) -> list[Json]:
    """The same with plain text."""
    return [WROTE, page("30h", PURPOSES.get(tag, "It is settled."), tag, **rest)]


def arrival(tags: tuple[str, ...]) -> dict[str, tuple[list[Json], list[str], list[str], list[str]]]:
    return {f"{tag} comes": (card(tag), [IN_FORCE], [AMBIGUOUS], []) for tag in tags}


ALIKE: Final = {
    "both allow the extra message": ([WROTE, page("30h")], [SPENT], [SPENT], [SPENT]),
    "neither allows another": ([WROTE, page("30h"), page("30h")], [SPENT, OVER], [SPENT, OVER], [SPENT, OVER]),
    "both exempt a receipt": ([WROTE, page("30h", RECEIPT)], [], [], []),
    "both exempt a check-in": ([WROTE, page("30h", CHECKIN)], [], [], []),
    "neither knows the tag": (card("WEATHER_UPDATE"), [UNKNOWN], [UNKNOWN], [UNKNOWN]),
    "both allow an answer": ([WROTE, page("24h")], [], [], []),
    "neither lets the page begin": (
        [page("30h")],
        [SPENT, "error not-started-by-person"],
        [SPENT, "error not-started-by-person"],
        [SPENT, "error not-started-by-person"],
    ),
}

# The last day that is certainly of the older edition, days in doubt, and the first that is certainly of the newer.
FUZZY: dict[tuple[str, tuple[str, ...], str], dict[str, tuple[list[Json], list[str], list[str], list[str]]]] = {
    ("2017-04-02", ("2017-04-03", "2017-04-05", "2017-04-06", "2017-04-09"), "2017-04-10"): {
        **arrival(("SHIPPING_UPDATE", "RESERVATION_UPDATE", "ISSUE_RESOLUTION")),
        "ISSUE_RESOLUTION in text": (note("ISSUE_RESOLUTION"), [IN_FORCE], [AMBIGUOUS], []),
        **ALIKE,
    },
    ("2017-07-16", ("2017-07-17", "2017-07-23", "2017-07-24", "2017-07-31"), "2017-08-01"): {
        **arrival(
            (
                "APPOINTMENT_UPDATE",
                "GAME_EVENT",
                "TRANSPORTATION_UPDATE",
                "FEATURE_FUNCTIONALITY_UPDATE",
                "TICKET_UPDATE",
            )
        ),
        "SHIPPING_UPDATE stays": (card("SHIPPING_UPDATE"), [], [], []),
        "SHIPPING_UPDATE in text": (note("SHIPPING_UPDATE"), [CONTENT], [CONTENT], [CONTENT]),
        **ALIKE,
    },
    ("2017-08-23", ("2017-08-24", "2017-08-30", "2017-08-31", "2017-09-07"), "2017-09-08"): {
        **arrival(("ACCOUNT_UPDATE", "PAYMENT_UPDATE", "PERSONAL_FINANCE_UPDATE")),
        "TICKET_UPDATE stays": (card("TICKET_UPDATE"), [], [], []),
        **ALIKE,
    },
    ("2018-02-15", ("2018-03-04", "2018-03-05"), "2018-03-20"): {
        **arrival(("COMMUNITY_ALERT", "CONFIRMED_EVENT_REMINDER")),
        "no type is mandatory": (card("TICKET_UPDATE"), [], [], []),
        **ALIKE,
    },
}
DAYS: Final = [
    pytest.param(day, side, changes, id=day)
    for (older, inside, newer), changes in FUZZY.items()
    for side, days in ((1, (older,)), (2, inside), (3, (newer,)))
    for day in days
]


@pytest.mark.parametrize(("day", "side", "changes"), DAYS)
def test_fuzzy_boundary(
    bench: Bench, day: str, side: int, changes: dict[str, tuple[list[Json], list[str], list[str], list[str]]]
) -> None:
    scripts = {name: ending(change[0], instant(day, before=False)) for name, change in changes.items()}
    wanted = {name: change[side] for name, change in changes.items()}
    assert told_of_each(bench, scripts, "--edition", "dated") == wanted


@pytest.mark.parametrize(
    ("day", "tag"),
    [("2017-04-05", "SHIPPING_UPDATE"), ("2017-04-07", "RESERVATION_UPDATE")],
)
def test_a_message_that_both_editions_forbid_in_their_own_way_is_no_matter_of_doubt(
    bench: Bench, day: str, tag: str
) -> None:
    """Before, the tag does not exist; afterwards it may not carry text: wrong either way."""
    run = bench.check(ending(note(tag), instant(day, before=False)), "--edition", "dated")
    assert (run.status, "edition-ambiguous" in run.severities) == (1, False)


@pytest.mark.parametrize(
    ("day", "wanted"),
    [("2018-02-15", [IN_FORCE]), ("2018-03-04", [AMBIGUOUS]), ("2018-03-05", [AMBIGUOUS]), ("2018-03-20", [])],
)
def test_the_subscription_tag_of_an_approved_page(bench: Bench, day: str, wanted: list[str]) -> None:
    events = note("NON_PROMOTIONAL_SUBSCRIPTION")
    recording = ending(events, instant(day, before=False), page_id=SUBSCRIPTION)
    assert told(bench.check(recording, "--edition", "dated", config=CONFIG)) == wanted


def test_a_doubt_names_both_editions_and_the_rule(bench: Bench) -> None:
    run = bench.check(ending(card("PAYMENT_UPDATE"), instant("2017-09-01", before=False)), "--edition", "dated")
    [finding] = run.findings
    assert all(word in finding["message"] for word in ("tag-not-in-force", "2017-07", "2017-09"))
    assert (finding["where"]["pointer"], run.status) == ("/tag", 0)


def test_a_fixed_edition_has_no_doubt(bench: Bench) -> None:
    recording = ending(card("PAYMENT_UPDATE"), instant("2017-09-01", before=False))
    assert bench.check(recording, "--edition", "2017-07").severities == {"tag-not-in-force": "error"}
    assert bench.again("a.json", "--edition", "2017-09").findings == []


# --- conversations over a boundary: each message by the policy of its own time


def on(at: str, **rest: object) -> Json:
    return page(at, **{**REPLY, **rest})


OVER_A_BOUNDARY: dict[str, tuple[list[Json], dict[str, list[tuple[str, int]]]]] = {
    "24 hours that begin before the extra message ends": (
        [person("2020-03-03T12:00:00Z"), on("2020-03-04T12:00:00Z"), on("2020-03-04T12:00:00.001Z")],
        {"dated": [("untagged-outside-window", 3)], "2019-08": [("extra-message-spent", 3)]},
    ),
    "the extra message is spent before, and gone after": (
        [person("2020-03-01T12:00:00Z"), on("2020-03-03T12:00:00Z"), on("2020-03-04T12:00:00Z")],
        {
            "dated": [("extra-message-spent", 2), ("untagged-outside-window", 3)],
            "2019-08": [("extra-message-spent", 2), ("untagged-outside-window", 3)],
            "2020-03": [("untagged-outside-window", 2), ("untagged-outside-window", 3)],
        },
    ),
    "an extra message that was never sent does not survive": (
        [
            person("2020-03-01T12:00:00Z"),
            on("2020-03-03T23:59:59Z", tag="SHIPPING_UPDATE", **TYPED),
            on("2020-03-04T00:00:00Z"),
        ],
        {"dated": [("untagged-outside-window", 3)]},
    ),
    "a tag on its last day and on the day after": (
        [
            person("2020-03-01T12:00:00Z"),
            on("2020-03-03T23:59:59.999Z", tag="SHIPPING_UPDATE", **TYPED),
            on("2020-03-04T00:00:00Z", tag="SHIPPING_UPDATE", **TYPED),
        ],
        {
            "dated": [("tag-not-in-force", 3)],
            "2019-08": [],
            "2020-03": [("tag-not-in-force", 2), ("tag-not-in-force", 3)],
        },
    ),
    "a person who wrote before there was a window": (
        [person("2016-11-13T12:00:00Z"), page("2016-11-14T12:00:00Z"), page("2016-11-14T12:00:00.001Z")],
        {"dated": [("extra-message-spent", 3)]},
    ),
    "seven days that begin before a boundary": (
        [
            person("2026-04-22T12:00:00Z"),
            on("2026-04-29T12:00:00Z", tag="HUMAN_AGENT", **TYPED),
            on("2026-04-29T12:00:00.001Z", tag="HUMAN_AGENT", **TYPED),
        ],
        {"dated": [("tag-too-late", 3)]},
    ),
    "a conversation of ten years": (
        [
            person("2016-10-01T12:00:00Z"),
            page("2016-10-05T12:00:00Z"),
            page("2016-12-01T12:00:00Z"),
            page("2016-12-02T12:00:00Z"),
            person("2018-06-01T12:00:00Z"),
            on("2018-06-02T12:00:00Z"),
            on("2018-06-02T12:00:01Z"),
            person("2021-01-01T12:00:00Z"),
            on("2021-01-02T12:00:01Z"),
            on("2026-05-01T12:00:00Z", tag="ACCOUNT_UPDATE", **TYPED),
        ],
        {
            "dated": [
                ("extra-message-spent", 3),
                ("untagged-outside-window", 4),
                ("extra-message-spent", 7),
                ("untagged-outside-window", 9),
                ("tag-not-in-force", 10),
            ]
        },
    ),
}


def placed(run: Run) -> list[tuple[str, int]]:
    return [(rule, record) for rule, record, _ in run.found]


@pytest.mark.parametrize(("events", "wanted"), OVER_A_BOUNDARY.values(), ids=OVER_A_BOUNDARY)
def test_conversation_over_a_boundary(
    bench: Bench, events: list[Json], wanted: dict[str, list[tuple[str, int]]]
) -> None:
    bench.write("a.json", script(*events))
    assert {edition: placed(bench.again("a.json", "--edition", edition)) for edition in wanted} == wanted
