"""Instagram is a platform of its own: one tag, no extra message, and limits of its own."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.scenarios.conftest import (
    BUTTON,
    HOUR,
    LIST,
    POSTBACK,
    QUICK,
    RECEIPT,
    Bench,
    Json,
    generic,
    media,
    page,
    person,
    script,
    template,
)
from tests.scenarios.test_editions import (
    FEEDBACK,
    OVER,
    SUBSCRIBE,
    TYPED,
    UTILITY,
    WROTE,
    ending,
    instant,
    told,
    told_of_each,
)

BY_BOT: Final = "warning human-agent-by-automation"
TOO_LATE: Final = "error tag-too-late"
PRODUCT: Final = template("product", elements=[{"id": "1"}])
ASK: Final = template("one_time_notif_req", title="When the lamp is back", payload="LAMP")
AGENT: Final[Json] = {"tag": "HUMAN_AGENT"}


def on_instagram(*events: Json, **rest: object) -> Json:
    return script(*events, platform="instagram", **rest)


def at_noon(day: str, content: str | Json, **rest: Any) -> Json:
    """An answer within the window, at noon of a day."""
    return on_instagram(WROTE, page("1h", content, **rest), start=f"{day}T11:00:00Z")


RULES: dict[str, tuple[list[Json], list[str]]] = {
    "an answer at 24 h, no type": ([WROTE, page("24h")], []),
    "any later": ([WROTE, page("24h+1ms")], [OVER]),
    "there is no extra message": ([WROTE, page("30h"), page("31h")], [OVER, OVER]),
    "an image is not exempt": ([WROTE, page("30h", media("image"))], [OVER]),
    "an agent at seven days": ([WROTE, page("7d", **AGENT, **TYPED)], []),
    "an agent, no type": ([WROTE, page("30h", **AGENT)], []),
    "an agent later": ([WROTE, page("7d+1ms", **AGENT, **TYPED)], [TOO_LATE]),
    "an agent in time": ([WROTE, page("1h", **AGENT)], []),
    "a bot for an agent": ([WROTE, {**page("30h", **AGENT), "automated": True}], [BY_BOT]),
    "a tag and RESPONSE": (
        [WROTE, page("30h", **AGENT, messaging_type="RESPONSE")],
        ["error messaging-type-contradicts-tag"],
    ),
    "the page writes first": ([page("0h")], ["error not-started-by-person"]),
    "a reaction opens": ([WROTE, person("30h", reaction={"action": "react", "mid": "m"}), page("54h")], []),
    "an ig.me link opens": (
        [WROTE, person("30h", referral={"source": "SHORTLINK", "type": "OPEN_THREAD", "ref": "r"}), page("54h")],
        [],
    ),
    "reading does not": ([WROTE, person("23h", read={"mid": "m"}), page("30h")], [OVER]),
    "after stop": ([person("0h", "STOP"), page("1h")], ["warning message-after-opt-out"]),
}
EDITIONS: Final = ("instagram-2021-06", "instagram-2022-05", "instagram-2026-09")


@pytest.mark.parametrize("edition", EDITIONS)
def test_rules(bench: Bench, edition: str) -> None:
    scripts = {name: on_instagram(*events) for name, (events, _) in RULES.items()}
    assert told_of_each(bench, scripts, "--edition", edition) == {name: found for name, (_, found) in RULES.items()}


OTHER_TAGS: Final = (
    "CONFIRMED_EVENT_UPDATE",
    "POST_PURCHASE_UPDATE",
    "ACCOUNT_UPDATE",
    "CUSTOMER_FEEDBACK",
    "NON_PROMOTIONAL_SUBSCRIPTION",
    "SHIPPING_UPDATE",
)


@pytest.mark.parametrize("edition", [*EDITIONS, "dated", "latest"])
@pytest.mark.parametrize("tag", [*OTHER_TAGS, "WEATHER_UPDATE"])
def test_no_other_tag(bench: Bench, tag: str, edition: str) -> None:
    recording = on_instagram(WROTE, page("30h", "It is settled.", tag, **TYPED), start="2023-01-01T00:00:00Z")
    run = bench.check(recording, "--edition", edition)
    [finding] = run.findings
    assert (finding["severity"], finding["where"]["pointer"]) == ("error", "/tag")


def test_the_remedy_names_the_one_tag(bench: Bench) -> None:
    recording = on_instagram(WROTE, page("30h", "It is settled.", "ACCOUNT_UPDATE"), edition="instagram-2022-05")
    [finding] = bench.check(recording).findings
    assert "HUMAN_AGENT" in finding["remedy"]


def long(length: int, letter: str = "a") -> str:
    return letter * length


ELSEWHERE: Final = "note not-in-edition"
NEVER: Final = "warning not-in-edition"
CONTENTS: dict[str, tuple[Json, list[str]]] = {
    "1000 of text": (at_noon("2022-01-01", long(1000)), []),
    "1001 of text": (at_noon("2022-01-01", long(1001)), ["error too-long"]),
    "1000 bytes": (at_noon("2022-01-01", long(500, "ä")), []),
    "1002 bytes in 501": (at_noon("2022-01-01", long(501, "ä")), ["warning too-many-bytes"]),
    "1001 of text is fine on Messenger": (
        script(WROTE, page("1h", long(1001), messaging_type="RESPONSE"), start="2022-01-01T00:00:00Z"),
        [],
    ),
    "13 quick replies": (at_noon("2022-01-01", {"text": "Choose.", "quick_replies": [QUICK] * 13}), []),
    "14 quick replies": (
        at_noon("2022-01-01", {"text": "Choose.", "quick_replies": [QUICK] * 14}),
        ["error too-many"],
    ),
    "a quick reply that is cut": (
        at_noon("2022-01-01", {"text": "Choose.", "quick_replies": [{**QUICK, "title": long(21)}]}),
        ["warning too-long"],
    ),
    "11 images": (
        at_noon("2025-08-01", {"attachments": [media("image")["attachment"]] * 11}),
        ["warning too-many"],
    ),
    "generic, the day before": (at_noon("2021-06-21", generic()), [ELSEWHERE]),
    "generic, the day": (at_noon("2021-06-22", generic()), []),
    "button, the day before": (at_noon("2023-09-11", BUTTON), [ELSEWHERE]),
    "button, the day": (at_noon("2023-09-12", BUTTON), []),
    "product": (at_noon("2022-01-01", PRODUCT), []),
    "an image": (at_noon("2022-01-01", media("image")), []),
    "a video": (at_noon("2023-01-01", media("video")), []),
    "a file": (at_noon("2026-01-01", media("file")), []),
    "a button with a telephone": (
        at_noon(
            "2024-01-01",
            template(
                "button", text="Call.", buttons=[{"type": "phone_number", "title": "Call", "payload": "+12025550100"}]
            ),
        ),
        [NEVER],
    ),
    "a button with an answer": (at_noon("2024-01-01", template("button", text="Choose.", buttons=[POSTBACK])), []),
    "recurring, the day before": (at_noon("2022-05-18", SUBSCRIBE), [ELSEWHERE]),
    "recurring, the day": (at_noon("2022-05-19", SUBSCRIBE), []),
    "list": (at_noon("2022-01-01", LIST), [NEVER]),
    "receipt": (at_noon("2022-01-01", RECEIPT), [NEVER]),
    "a one-time request": (at_noon("2022-01-01", ASK), [NEVER]),
    "feedback": (at_noon("2022-01-01", FEEDBACK), [NEVER]),
    "utility": (at_noon("2025-08-01", UTILITY, messaging_type="UTILITY"), [NEVER, NEVER]),
}


def test_contents(bench: Bench) -> None:
    scripts = {name: recording for name, (recording, _) in CONTENTS.items()}
    wanted = {name: found for name, (_, found) in CONTENTS.items()}
    assert told_of_each(bench, scripts, "--edition", "dated") == wanted


@pytest.mark.parametrize(
    ("day", "before", "wanted"),
    [
        ("2026-02-10", True, []),
        ("2026-02-10", False, ["error recurring-notifications-ended", ELSEWHERE]),
    ],
)
def test_recurring_notifications_end_everywhere(bench: Bench, day: str, before: bool, wanted: list[str]) -> None:
    agreed = {"type": "notification_messages", "notification_messages_token": "T1"}
    sent = page("30h", recipient={"notification_messages_token": "T1"})
    events = [WROTE, person("1h", optin=agreed), sent]
    recording = ending(events, instant(day, before=before), platform="instagram")
    assert told(bench.check(recording, "--edition", "dated")) == wanted


def test_what_messenger_alone_has_covers_no_late_message(bench: Bench) -> None:
    """One-time tokens and utility templates are not for Instagram."""
    token = {"type": "one_time_notif_req", "one_time_notif_token": "T1"}
    late = {
        "by a one-time token": [person("1h", optin=token), page("30h", recipient={"one_time_notif_token": "T1"})],
        "utility": [page("30h", UTILITY, messaging_type="UTILITY")],
    }
    scripts = {name: on_instagram(WROTE, *events, start="2025-08-01T00:00:00Z") for name, events in late.items()}
    found = told_of_each(bench, scripts, "--edition", "dated")
    assert {name: OVER in each for name, each in found.items()} == dict.fromkeys(late, True)


# --- private replies


def reply(**rest: Any) -> list[Json]:
    return [person("0h", comment={"id": "c1"}), page("1h", recipient={"comment_id": "c1"}, **rest)]


@pytest.mark.parametrize(
    ("day", "wanted"), [("2021-08-05", []), ("2021-09-12", []), ("2021-09-13", ["error tag-on-private-reply"])]
)
def test_private_reply_under_the_tag(bench: Bench, day: str, wanted: list[str]) -> None:
    scripts = {
        "tagged": on_instagram(*reply(**AGENT), start=f"{day}T12:00:00Z"),
        "untagged": on_instagram(*reply(), start=f"{day}T12:00:00Z"),
    }
    assert told_of_each(bench, scripts, "--edition", "dated") == {"tagged": wanted, "untagged": []}


@pytest.mark.parametrize(("before", "wanted"), [(True, []), (False, ["error tag-on-private-reply"])])
def test_private_reply_at_the_second(bench: Bench, before: bool, wanted: list[str]) -> None:
    end = instant("2021-09-13", before=before).strftime("%Y-%m-%dT%H:%M:%SZ")
    events = reply(**AGENT)
    events[0]["at"], events[1]["at"] = "2021-09-12T12:00:00Z", end
    assert told(bench.check(on_instagram(*events), "--edition", "dated")) == wanted


def test_private_replies_are_one_and_within_seven_days(bench: Bench) -> None:
    comment = person("0h", comment={"id": "c1"})
    to: Json = {"recipient": {"comment_id": "c1"}}
    scripts = {
        "at seven days": on_instagram(comment, page("7d", **to)),
        "later": on_instagram(comment, page("7d+1ms", **to)),
        "twice": on_instagram(comment, page("1h", **to), page("2h", **to)),
    }
    wanted = {"at seven days": [], "later": ["error private-reply-too-late"], "twice": ["error private-reply-repeated"]}
    assert told_of_each(bench, scripts, "--edition", "instagram-2022-05") == wanted


# --- ads


AD: Final[Json] = {"source": "ADS", "type": "OPEN_THREAD", "ad_id": "6001"}


@pytest.mark.parametrize(
    ("edition", "at", "wanted"),
    [
        ("instagram-2026-02", "24h+1ms", [OVER]),
        ("instagram-2026-09", "24h", []),
        ("instagram-2026-09", "24h+1ms", ["note ad-window-undecided"]),
        ("instagram-2026-09", "7d", ["note ad-window-undecided"]),
        ("instagram-2026-09", "7d+1ms", [OVER]),
    ],
)
def test_an_ad_may_open_seven_days(bench: Bench, edition: str, at: str, wanted: list[str]) -> None:
    opened = person("0h", message={"mid": "m", "text": "Hello", "referral": AD})
    assert told(bench.check(on_instagram(opened, page(at)), "--edition", edition)) == wanted


# --- which platform it is

JANUARY: Final = 1_672_574_400_000  # 2023-01-01T12:00:00Z
ACCOUNT: Final = "17841400000000000"


def wrote(kind: str) -> Json:
    item = {
        "sender": {"id": "p-1"},
        "recipient": {"id": ACCOUNT},
        "timestamp": JANUARY,
        "message": {"mid": "m_1", "text": "Hi"},
    }
    return {"object": kind, "entry": [{"id": ACCOUNT, "time": JANUARY, "messaging": [item]}]}


def sent(**entry: object) -> Json:
    request = {"recipient": {"id": "p-1"}, "message": {"text": long(1001)}, "messaging_type": "RESPONSE"}
    return {"timestamp": JANUARY + HOUR, "page_id": ACCOUNT, "request": request, **entry}


HERE: Final = ["error too-long"]


@pytest.mark.parametrize(
    ("log", "config", "wanted"),
    [
        ([wrote("instagram"), sent()], None, HERE),
        ([wrote("page"), sent()], None, []),
        ([sent(platform="instagram")], None, HERE),
        ([sent()], "platform: instagram\n", HERE),
        ([sent()], f"pages: {{'{ACCOUNT}': {{platform: instagram}}}}\n", HERE),
        ([sent()], "pages: {'1': {platform: instagram}}\n", []),
        ([wrote("page"), sent()], "platform: instagram\n", []),
    ],
    ids=[
        "the webhook's object",
        "a page's webhook",
        "the log entry",
        "the configuration",
        "the page's configuration",
        "another page's",
        "the record goes before the configuration",
    ],
)
def test_how_the_platform_is_told(bench: Bench, log: list[Json], config: str | None, wanted: list[str]) -> None:
    run = bench.check(log, "--edition", "dated", config=config, name="a.ndjson")
    assert [one for one in told(run) if "no-action" not in one] == wanted


def test_messenger_and_instagram_in_one_log(bench: Bench) -> None:
    """Each conversation is judged by its own platform's edition, whatever edition of which platform is asked for."""
    person_2 = {**wrote("page")["entry"][0]["messaging"][0], "sender": {"id": "p-2"}, "recipient": {"id": "7001"}}
    person_2["message"] = {"mid": "m_2", "text": "Hi"}
    other = sent(page_id="7001")
    other["request"] = {**other["request"], "recipient": {"id": "p-2"}}
    log = [wrote("instagram"), sent(), {"object": "page", "entry": [{"id": "7001", "messaging": [person_2]}]}, other]
    bench.write("a.ndjson", log)
    for edition in ("dated", "2022-05", "instagram-2022-05"):
        assert [(rule, record) for rule, record, _ in bench.again("a.ndjson", "--edition", edition).found] == [
            ("too-long", 2)
        ]
