"""Both sides of every boundary whose day is known: what the last second and the first one may hold.

From the platform's announcements, edition by edition; `dated` judges by the message's day, a fixed edition by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from tests.scenarios.conftest import (
    BOARDING,
    BUTTON,
    CHECKIN,
    ITINERARY,
    RECEIPT,
    UPDATE,
    Bench,
    Files,
    Json,
    Run,
    generic,
    media,
    page,
    person,
    script,
    template,
)

WROTE: Final = person("0h", "My lamp of order 1001 does not work.")
TYPED: Final[Json] = {"messaging_type": "MESSAGE_TAG"}
REPLY: Final[Json] = {"messaging_type": "RESPONSE"}
IN_FORCE: Final = "error tag-not-in-force"
SPENT: Final = "note extra-message-spent"
OVER: Final = "error untagged-outside-window"
ELSEWHERE: Final = "note not-in-edition"
UNTYPED: Final = "warning missing-messaging-type"
DOUBTFUL: Final = "warning doubtful-tag"
RETIRING: Final = "warning tag-retiring"
CONTENT: Final = "error wrong-content-for-tag"
CONTENT_PERHAPS: Final = "warning wrong-content-for-tag"
OVER_PERHAPS: Final = "warning untagged-outside-window"
UNAPPROVED: Final = "warning subscription-without-approval"
CONTRADICTS: Final = "error messaging-type-contradicts-tag"

FEEDBACK: Final = template(
    "customer_feedback",
    title="Your order",
    subtitle="Tell us how it went.",
    button_title="Answer",
    feedback_screens=[
        {
            "questions": [
                {
                    "id": "q1",
                    "type": "csat",
                    "title": "How was it for you?",
                    "score_label": "neg_pos",
                    "score_option": "five_stars",
                }
            ]
        }
    ],
    business_privacy={"url": "https://example.com/privacy"},
)
SUBSCRIBE: Final = template("notification_messages", title="News of the harbour", payload="HARBOUR")


def utility(text: str) -> Json:
    """A message by an approved template, with a text filled in."""
    components = [{"type": "body", "parameters": [{"type": "text", "text": text}]}]
    return template("utility_messages", name="order_state", language={"code": "en_US"}, components=components)


UTILITY: Final = utility("1001")

PURPOSES: Final = {
    "SHIPPING_UPDATE": "Your parcel has been shipped.",
    "RESERVATION_UPDATE": "Your hotel reservation is confirmed.",
    "ISSUE_RESOLUTION": "We found the fault of your lamp.",
    "APPOINTMENT_UPDATE": "Your appointment was moved to Tuesday.",
    "GAME_EVENT": "Your team plays in an hour.",
    "TRANSPORTATION_UPDATE": "Your ferry has arrived.",
    "FEATURE_FUNCTIONALITY_UPDATE": "You can talk to a live agent here now.",
    "TICKET_UPDATE": "Your concert starts an hour later.",
    "ACCOUNT_UPDATE": "Your password was changed.",
    "PAYMENT_UPDATE": "We received your payment.",
    "PERSONAL_FINANCE_UPDATE": "Your transfer has been carried out.",
    "PAIRING_UPDATE": "A parking spot is free for you.",
    "APPLICATION_UPDATE": "Your application is under review.",
    "COMMUNITY_ALERT": "Stay indoors: a storm warning is out for your town.",
    "CONFIRMED_EVENT_REMINDER": "Your class begins at ten.",
    "NON_PROMOTIONAL_SUBSCRIPTION": "Parliament voted on the bridge.",
    "BUSINESS_PRODUCTIVITY": "Your monthly report is ready.",
}
SEVENTEEN: Final = tuple(PURPOSES)
SIXTEEN: Final = SEVENTEEN[:16]
SUCCESSORS: Final = {
    "SHIPPING_UPDATE": "POST_PURCHASE_UPDATE",
    "RESERVATION_UPDATE": "POST_PURCHASE_UPDATE",
    "ISSUE_RESOLUTION": "HUMAN_AGENT",
    "APPOINTMENT_UPDATE": "CONFIRMED_EVENT_UPDATE",
    "GAME_EVENT": None,
    "TRANSPORTATION_UPDATE": "CONFIRMED_EVENT_UPDATE",
    "FEATURE_FUNCTIONALITY_UPDATE": "HUMAN_AGENT",
    "TICKET_UPDATE": "CONFIRMED_EVENT_UPDATE",
    "PAYMENT_UPDATE": "POST_PURCHASE_UPDATE",
    "PERSONAL_FINANCE_UPDATE": "ACCOUNT_UPDATE",
    "PAIRING_UPDATE": None,
    "APPLICATION_UPDATE": "ACCOUNT_UPDATE",
    "COMMUNITY_ALERT": "NON_PROMOTIONAL_SUBSCRIPTION",
    "CONFIRMED_EVENT_REMINDER": "CONFIRMED_EVENT_UPDATE",
    "BUSINESS_PRODUCTIVITY": "POST_PURCHASE_UPDATE",
}
NEWS: Final = "7002"
SUBSCRIPTION: Final = "7003"
CONFIG: Final = f"pages: {{'{NEWS}': {{news: true}}, '{SUBSCRIPTION}': {{subscription_messaging: true}}}}\n"


def told(run: Run) -> list[str]:
    """Severity and rule of each finding, in the report's order."""
    return [f"{finding['severity']} {finding['rule']}" for finding in run.findings]


def told_of_each(
    bench: Bench, scripts: Mapping[str, Json], *arguments: str, config: str | None = None
) -> dict[str, list[str]]:
    """The same for each of several scripts, in one run: scripts have nothing to do with each other."""
    names = {f"{number}.json": name for number, name in enumerate(scripts)}
    run = bench.check(Files(dict(zip(names, scripts.values(), strict=True))), *arguments, config=config)
    found: dict[str, list[str]] = {name: [] for name in scripts}
    for finding in run.findings:
        found[names[finding["where"]["source"]]].append(f"{finding['severity']} {finding['rule']}")
    return found


def instant(day: str, *, before: bool) -> datetime:
    """The first second of a day, or the last one before it."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(seconds=1 if before else 0)


def ending(events: list[Json], end: datetime, **rest: object) -> Json:
    """A script whose last event, `at` a number of hours, happens at `end`."""
    start = end - timedelta(hours=int(events[-1]["at"].removesuffix("h")))
    return script(*events, start=start.strftime("%Y-%m-%dT%H:%M:%SZ"), **rest)


def tagged(tag: str, content: str | Json | None = None, at: str = "30h", **rest: object) -> Json:
    """A tagged message 30 hours after the script's start, of the type that goes with tags."""
    return page(at, PURPOSES.get(tag, "It is settled.") if content is None else content, tag, **{**TYPED, **rest})


@dataclass(frozen=True)
class Change:
    """What is found in a conversation on the two sides of a boundary; its last event is at the boundary."""

    events: list[Json]
    before: list[str]
    after: list[str]
    page_id: str = "7001"
    fixed: bool = True
    """False: the change has a day of its own inside the edition before, so that only `dated` sees it."""


def comes(tag: str, content: str | Json | None = None, after: list[str] | None = None, **rest: Any) -> Change:
    """A tag that is not there before."""
    return Change([WROTE, tagged(tag, content, **rest)], [IN_FORCE], after or [])


LATE: Final = [WROTE, page("30h", **REPLY)]
IN_TIME: Final = [WROTE, page("1h", **REPLY)]
SALE: Final = "Our summer sale starts today: 20% off everything!"
MARKETING: Final = utility(SALE)
SURVEY: Final = "How was your experience with us? Please rate us from 1 to 5."
REACTED: Final = person("49h", reaction={"action": "react", "reaction": "love", "mid": "m_1"})
AGREED: Final = person("0h", optin={"type": "notification_messages", "notification_messages_token": "T1"})
BY_TOKEN: Final = page("30h", "The ferry does not sail today.", recipient={"notification_messages_token": "T1"})

BOUNDARIES: dict[tuple[str, str, str], dict[str, Change]] = {
    ("2016-11-14", "2016-04", "2016-11"): {
        "a late answer is the extra message": Change([WROTE, page("30h")], [], [SPENT]),
        "a second late message": Change([WROTE, page("30h"), page("30h")], [], [SPENT, OVER]),
        "a late receipt": Change([WROTE, page("30h", RECEIPT), page("30h", RECEIPT)], [], []),
        "the page writes first": Change([page("30h")], [], [SPENT, "error not-started-by-person"]),
        "an answer in time": Change([WROTE, page("24h")], [], []),
        "a promotion in time": Change([WROTE, page("1h", SALE)], ["warning promotion-in-beta"], []),
        "a subscription promotes": Change(
            [WROTE, page("30h", SALE)],
            ["warning promotion-in-beta"],
            ["error promotion-in-subscription"],
            SUBSCRIPTION,
        ),
        "a subscription informs": Change([WROTE, page("30h"), page("30h")], [], [], SUBSCRIPTION),
    },
    ("2017-11-07", "2017-09", "2017-11"): {
        "PAIRING_UPDATE comes": Change(
            [WROTE, page("30h", generic(PURPOSES["PAIRING_UPDATE"]), "PAIRING_UPDATE")], [IN_FORCE], []
        ),
        "APPLICATION_UPDATE comes": Change(
            [WROTE, page("30h", generic(PURPOSES["APPLICATION_UPDATE"]), "APPLICATION_UPDATE")], [IN_FORCE], []
        ),
        "the new tags carry the generic template only": Change(
            [WROTE, page("30h", PURPOSES["PAIRING_UPDATE"], "PAIRING_UPDATE")], [IN_FORCE], [CONTENT_PERHAPS]
        ),
        "RESPONSE": Change(IN_TIME, [ELSEWHERE], []),
        "UPDATE": Change([WROTE, page("1h", messaging_type="UPDATE")], [ELSEWHERE], []),
        "NON_PROMOTIONAL_SUBSCRIPTION": Change(
            [WROTE, page("1h", messaging_type="NON_PROMOTIONAL_SUBSCRIPTION")], [ELSEWHERE], []
        ),
        "MESSAGE_TAG and a tag": Change([WROTE, tagged("ISSUE_RESOLUTION")], [ELSEWHERE], []),
        "MESSAGE_TAG and no tag": Change([WROTE, page("1h", **TYPED)], [ELSEWHERE], [CONTRADICTS]),
        "RESPONSE and a tag": Change([WROTE, tagged("ISSUE_RESOLUTION", **REPLY)], [ELSEWHERE], [CONTRADICTS]),
        "no type": Change([WROTE, page("1h")], [], []),
        "a tag and no type": Change([WROTE, page("30h", PURPOSES["ISSUE_RESOLUTION"], "ISSUE_RESOLUTION")], [], []),
        "the media template": Change(
            [WROTE, page("1h", template("media", elements=[{"media_type": "image", "attachment_id": "1"}]))],
            [ELSEWHERE],
            [],
        ),
    },
    ("2018-05-07", "2018-03", "2018-05"): {
        "an answer without a type": Change([WROTE, page("1h")], [], [UNTYPED]),
        "a late one": Change([WROTE, page("30h")], [SPENT], [SPENT, UNTYPED]),
        "a tag without a type": Change(
            [WROTE, page("30h", generic("Your parcel has been shipped."), "SHIPPING_UPDATE")],
            [],
            ["warning tag-without-messaging-type"],
        ),
        "with a type": Change(IN_TIME, [], []),
        "a sender action needs none": Change([WROTE, {"at": "1h", "page": {"sender_action": "typing_on"}}], [], []),
        "still generic only": Change([WROTE, tagged("SHIPPING_UPDATE")], [CONTENT], [CONTENT]),
    },
    ("2018-09-27", "2018-05", "2018-09"): {
        "BUSINESS_PRODUCTIVITY comes": comes("BUSINESS_PRODUCTIVITY"),
        **{
            f"{tag} carries text": Change(
                [WROTE, tagged(tag)], [CONTENT if tag in SIXTEEN[:2] else CONTENT_PERHAPS], []
            )
            for tag in SIXTEEN
            if tag not in ("ISSUE_RESOLUTION", "NON_PROMOTIONAL_SUBSCRIPTION")
        },
        "ISSUE_RESOLUTION carries text": Change(
            [WROTE, tagged("ISSUE_RESOLUTION")], ["note disputed-content-for-tag"], []
        ),
        "NON_PROMOTIONAL_SUBSCRIPTION carries text": Change(
            [WROTE, tagged("NON_PROMOTIONAL_SUBSCRIPTION")], [], [], SUBSCRIPTION
        ),
        "a tag carries buttons": Change([WROTE, tagged("SHIPPING_UPDATE", BUTTON)], [CONTENT], []),
        "a tag carries an image": Change([WROTE, tagged("ISSUE_RESOLUTION", media("image"))], [CONTENT], []),
        "a persona": Change([WROTE, page("1h", persona_id="501", **REPLY)], [ELSEWHERE], []),
    },
    ("2019-08-29", "2018-09", "2019-08"): {
        "CONFIRMED_EVENT_UPDATE comes": comes("CONFIRMED_EVENT_UPDATE", PURPOSES["CONFIRMED_EVENT_REMINDER"]),
        "POST_PURCHASE_UPDATE comes": comes("POST_PURCHASE_UPDATE", PURPOSES["SHIPPING_UPDATE"]),
        "HUMAN_AGENT comes, for some": comes("HUMAN_AGENT", after=[DOUBTFUL]),
        "HUMAN_AGENT on the eighth day": comes("HUMAN_AGENT", after=[DOUBTFUL, "error tag-too-late"], at="169h"),
        **{
            f"{tag} stays": Change([WROTE, tagged(tag)], [], [])
            for tag in SEVENTEEN
            if tag != "NON_PROMOTIONAL_SUBSCRIPTION"
        },
        "an extra message": Change(LATE, [SPENT], [SPENT]),
        "a receipt": Change([WROTE, page("30h", RECEIPT, **REPLY)], [], []),
        "a survey about an account": Change(
            [WROTE, tagged("ACCOUNT_UPDATE", SURVEY)], [], ["warning feedback-request-under-tag"]
        ),
        "a survey about an issue": Change(
            [WROTE, tagged("ISSUE_RESOLUTION", SURVEY)],
            ["error feedback-request-under-tag"],
            ["error feedback-request-under-tag"],
        ),
        "a survey about a parcel": Change([WROTE, tagged("SHIPPING_UPDATE", SURVEY)], [], []),
    },
    ("2020-03-04", "2019-08", "2020-03"): {
        **{f"{tag} ends": Change([WROTE, tagged(tag)], [], [IN_FORCE]) for tag in SUCCESSORS},
        "ACCOUNT_UPDATE stays": Change([WROTE, tagged("ACCOUNT_UPDATE")], [], []),
        "CONFIRMED_EVENT_UPDATE stays": Change(
            [WROTE, tagged("CONFIRMED_EVENT_UPDATE", PURPOSES["CONFIRMED_EVENT_REMINDER"])], [], []
        ),
        "POST_PURCHASE_UPDATE stays": Change(
            [WROTE, tagged("POST_PURCHASE_UPDATE", PURPOSES["SHIPPING_UPDATE"])], [], []
        ),
        "HUMAN_AGENT stays with some": Change([WROTE, tagged("HUMAN_AGENT")], [DOUBTFUL], [DOUBTFUL]),
        "NON_PROMOTIONAL_SUBSCRIPTION is for news pages": Change(
            [WROTE, tagged("NON_PROMOTIONAL_SUBSCRIPTION")], [DOUBTFUL], [DOUBTFUL]
        ),
        "NON_PROMOTIONAL_SUBSCRIPTION of a news page": Change(
            [WROTE, tagged("NON_PROMOTIONAL_SUBSCRIPTION")], [DOUBTFUL], [], NEWS
        ),
        "NON_PROMOTIONAL_SUBSCRIPTION of a page approved for subscriptions": Change(
            [WROTE, tagged("NON_PROMOTIONAL_SUBSCRIPTION")], [], [DOUBTFUL], SUBSCRIPTION
        ),
        "no extra message": Change(LATE, [SPENT], [OVER]),
        "neither the first nor the second": Change(
            [WROTE, page("30h", **REPLY), page("30h", **REPLY)], [SPENT, OVER], [OVER, OVER]
        ),
        **{
            f"late, {name}": Change([WROTE, page("30h", content, **REPLY)], [], [OVER_PERHAPS])
            for name, content in (
                ("a receipt", RECEIPT),
                ("an itinerary", ITINERARY),
                ("a check-in", CHECKIN),
                ("a boarding pass", BOARDING),
                ("a flight update", UPDATE),
            )
        },
        "subscription messaging": Change([*LATE[:1], page("30h", **REPLY)], [], [OVER], SUBSCRIPTION),
        "a reaction opens": Change([WROTE, REACTED, page("50h", **REPLY)], [SPENT], []),
        "taking a reaction back does not": Change(
            [WROTE, person("49h", reaction={"action": "unreact", "mid": "m_1"}), page("50h", **REPLY)], [SPENT], [OVER]
        ),
        "an answer in time": Change([WROTE, page("24h", SALE, **REPLY)], [], []),
    },
    ("2021-06-02", "2020-03", "2021-06"): {
        "CUSTOMER_FEEDBACK comes": Change([WROTE, tagged("CUSTOMER_FEEDBACK", FEEDBACK)], [ELSEWHERE, IN_FORCE], []),
        "CUSTOMER_FEEDBACK carries its template only": comes("CUSTOMER_FEEDBACK", "Any news?", [CONTENT]),
        "the feedback template in time": Change([WROTE, page("1h", FEEDBACK, **REPLY)], [ELSEWHERE], []),
        "HUMAN_AGENT is for all": Change([WROTE, tagged("HUMAN_AGENT")], [DOUBTFUL], []),
    },
    ("2022-05-19", "2021-06", "2022-05"): {
        "asking for recurring notifications": Change([WROTE, page("1h", SUBSCRIBE, **REPLY)], [ELSEWHERE], []),
        "sending one": Change([WROTE, AGREED, BY_TOKEN], [UNTYPED, OVER, ELSEWHERE], []),
        "HUMAN_AGENT": Change([WROTE, tagged("HUMAN_AGENT")], [], []),
    },
    ("2025-07-29", "2022-05", "2025-07"): {
        "a late utility message": Change(
            [WROTE, page("30h", UTILITY, messaging_type="UTILITY")], [OVER, ELSEWHERE], [], fixed=False
        ),
        "marketing in one": Change(
            [WROTE, page("1h", MARKETING, messaging_type="UTILITY")],
            [ELSEWHERE],
            ["error promotion-in-utility-message"],
            fixed=False,
        ),
        "HUMAN_AGENT": Change([WROTE, tagged("HUMAN_AGENT")], [], []),
        "CUSTOMER_FEEDBACK": Change([WROTE, tagged("CUSTOMER_FEEDBACK", FEEDBACK)], [], []),
        "a late answer": Change(LATE, [OVER], [OVER]),
    },
    ("2026-02-10", "2025-07", "2026-02"): {
        "recurring notifications end in most places": Change(
            [WROTE, AGREED, BY_TOKEN], [], ["warning recurring-notifications-ended"]
        ),
        "HUMAN_AGENT": Change([WROTE, tagged("HUMAN_AGENT")], [], []),
        **{
            f"{tag} is announced to end": Change([WROTE, tagged(tag, text)], [RETIRING], [RETIRING], fixed=False)
            for tag, text in (
                ("CONFIRMED_EVENT_UPDATE", PURPOSES["CONFIRMED_EVENT_REMINDER"]),
                ("POST_PURCHASE_UPDATE", PURPOSES["SHIPPING_UPDATE"]),
                ("ACCOUNT_UPDATE", PURPOSES["ACCOUNT_UPDATE"]),
            )
        },
    },
    ("2026-04-27", "2026-02", "2026-04"): {
        **{
            f"{tag} ends": Change([WROTE, tagged(tag, text)], [RETIRING], [IN_FORCE])
            for tag, text in (
                ("CONFIRMED_EVENT_UPDATE", PURPOSES["CONFIRMED_EVENT_REMINDER"]),
                ("POST_PURCHASE_UPDATE", PURPOSES["SHIPPING_UPDATE"]),
                ("ACCOUNT_UPDATE", PURPOSES["ACCOUNT_UPDATE"]),
            )
        },
        "HUMAN_AGENT stays": Change([WROTE, tagged("HUMAN_AGENT")], [], []),
        "CUSTOMER_FEEDBACK is in doubt": Change([WROTE, tagged("CUSTOMER_FEEDBACK", FEEDBACK)], [], [DOUBTFUL]),
        "SHIPPING_UPDATE ended long ago": Change([WROTE, tagged("SHIPPING_UPDATE")], [IN_FORCE], [IN_FORCE]),
    },
}


VIEWS: Final = ("dated, the day before", "dated, the day", "the older edition", "the newer edition")


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(("day", "older", "newer"), BOUNDARIES, ids=lambda name: name)
def test_boundary(bench: Bench, day: str, older: str, newer: str, view: str) -> None:
    """A fixed edition is asked about the other side of its boundary: the day must not matter to it."""
    changes = BOUNDARIES[day, older, newer]
    before = view in (VIEWS[0], VIEWS[3])
    edition = {VIEWS[2]: older, VIEWS[3]: newer}.get(view, "dated")
    if edition != "dated":
        changes = {name: change for name, change in changes.items() if change.fixed}
    scripts = {
        name: ending(change.events, instant(day, before=before), page_id=change.page_id)
        for name, change in changes.items()
    }
    wanted = {name: change.before if view in (VIEWS[0], VIEWS[2]) else change.after for name, change in changes.items()}
    assert told_of_each(bench, scripts, "--edition", edition, config=CONFIG) == wanted
