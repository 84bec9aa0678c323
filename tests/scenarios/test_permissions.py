"""What may go out after the window by leave of the person: one-time and recurring notifications."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.scenarios.conftest import DAY, HOUR, Bench, Files, Json, page, person, script, template
from tests.scenarios.test_editions import OVER, REPLY, SALE, SUBSCRIBE, WROTE, ending, instant, told, told_of_each

REUSED: Final = "error one-time-token-reused"
EXPIRED: Final = "error notification-token-expired"
TOO_SOON: Final = "error notification-too-soon"
TOO_SOON_PERHAPS: Final = "warning notification-too-soon"
STOPPED: Final = "error notification-after-stop"

ASK: Final = template("one_time_notif_req", title="When the lamp is back", payload="LAMP")
ASK_OFFER: Final = template("one_time_notif_req", title="When the price of the lamp drops", payload="LAMP")


ASK_PRICE: Final = template("one_time_notif_req", title="Price drop alerts", payload="LAMP")


def once(at: str, token: str = "T1") -> Json:
    """The person agrees to one later message."""
    return person(at, optin={"type": "one_time_notif_req", "payload": "LAMP", "one_time_notif_token": token})


def by_once(at: str, content: str | Json = "The lamp is back.", token: str = "T1", **rest: Any) -> Json:
    return page(at, content, recipient={"one_time_notif_token": token}, **rest)


def agreed(at: str, frequency: str | None = None, token: str = "T1", **rest: object) -> Json:
    """The person agrees to recurring notifications, or changes what was agreed to."""
    said = {} if frequency is None else {"notification_messages_frequency": frequency}
    return person(at, optin={"type": "notification_messages", "notification_messages_token": token, **said, **rest})


def recurring(at: str, content: str | Json = "The ferry sails today.", token: str = "T1") -> Json:
    return page(at, content, recipient={"notification_messages_token": token})


def resent(frequency: str | None, start: str, *ats: str) -> Json:
    return script(agreed("0h", frequency), *[recurring(at) for at in ats], start=start)


ONCE: dict[str, tuple[list[Json], list[str]]] = {
    "one message, long after the window": ([WROTE, once("1h"), by_once("90d")], []),
    "a second one": ([WROTE, once("1h"), by_once("30h"), by_once("31h")], [REUSED]),
    "each further one": ([WROTE, once("1h"), by_once("30h"), by_once("31h"), by_once("32h")], [REUSED, REUSED]),
    "two tokens, two messages": (
        [WROTE, once("1h"), once("2h", "T2"), by_once("30h"), by_once("31h", token="T2")],
        [],
    ),
    "just within a year": ([WROTE, once("0h"), by_once("364d")], []),
    "after more than a year": ([WROTE, once("0h"), by_once("367d")], [EXPIRED]),
    "a send that was refused used nothing up": (
        [WROTE, once("1h"), {**by_once("30h"), "response": {"error": {"code": 2}}}, by_once("31h")],
        [],
    ),
    "agreeing does not open the window": ([WROTE, once("20h"), page("30h", **REPLY)], [OVER]),
    "the message itself opens nothing": ([WROTE, once("1h"), by_once("30h"), page("31h", **REPLY)], [OVER]),
    "the person's answer does": (
        [WROTE, once("1h"), by_once("30h"), person("31h", "Great!"), page("55h", **REPLY)],
        [],
    ),
    "asking within the window": ([WROTE, page("24h", ASK, **REPLY)], []),
    "asking after it": ([WROTE, page("24h+1ms", ASK, **REPLY)], [OVER]),
    "on the topic, a price": (
        [WROTE, page("1h", ASK_OFFER, **REPLY), once("2h"), by_once("30h", "The lamp is on sale now, 20% off!")],
        [],
    ),
    "on a topic that is no price": (
        [WROTE, page("1h", ASK, **REPLY), once("2h"), by_once("30h", SALE)],
        ["warning promotion-in-one-time-notification"],
    ),
    "asking about a price": ([WROTE, page("1h", ASK_PRICE, **REPLY)], []),
    "a reward for agreeing": (
        [
            WROTE,
            page("1h", template("one_time_notif_req", title="Agree and get a 10% off coupon", payload="L"), **REPLY),
        ],
        ["warning reward-for-opting-in"],
    ),
}


@pytest.mark.parametrize("edition", ["2020-03", "2022-05", "2026-09"])
def test_one_time_notifications(bench: Bench, edition: str) -> None:
    scripts = {name: script(*events) for name, (events, _) in ONCE.items()}
    assert told_of_each(bench, scripts, "--edition", edition) == {name: found for name, (_, found) in ONCE.items()}


@pytest.mark.parametrize(
    ("day", "wanted"),
    [("2020-02-03", ["note extra-message-spent", "note not-in-edition"]), ("2020-02-04", [])],
)
def test_one_time_notifications_began_before_their_edition(bench: Bench, day: str, wanted: list[str]) -> None:
    recording = ending([WROTE, once("1h"), by_once("30h", **REPLY)], instant(day, before=False))
    assert told(bench.check(recording, "--edition", "dated")) == wanted


AUTUMN_22: Final = "2022-09-01T12:00:00Z"
SPRING_24: Final = "2024-03-01T12:00:00Z"
AUTUMN_25: Final = "2025-09-02T12:00:00Z"
RECURRING: dict[str, tuple[Json, list[str]]] = {
    "daily, a day apart": (resent("DAILY", AUTUMN_22, "1h", "25h", "49h"), []),
    "daily, a second short of a day": (resent("DAILY", AUTUMN_22, "1h", "25h-1s"), [TOO_SOON]),
    "weekly, a week apart": (resent("WEEKLY", AUTUMN_22, "1h", "7d1h"), []),
    "weekly, two days apart": (resent("WEEKLY", AUTUMN_22, "1h", "49h"), [TOO_SOON_PERHAPS]),
    "monthly, 31 days apart": (resent("MONTHLY", AUTUMN_22, "1h", "31d1h"), []),
    "monthly, two weeks apart": (resent("MONTHLY", AUTUMN_22, "1h", "14d"), [TOO_SOON_PERHAPS]),
    "recorded out of order": (resent("DAILY", AUTUMN_22, "49h", "25h", "1h"), []),
    "48 hours roll from September 2025 on": (resent(None, AUTUMN_25, "1h", "49h", "97h"), []),
    "a second short of 48 hours": (resent(None, AUTUMN_25, "1h", "49h-1s"), [TOO_SOON]),
    "a daily token of before rolls, too": (resent("DAILY", AUTUMN_25, "1h", "25h"), [TOO_SOON]),
    "48 hours did not roll in August 2025": (resent("DAILY", "2025-08-01T12:00:00Z", "1h", "25h"), []),
    "a burst of three more in two minutes": (
        resent("DAILY", SPRING_24, "1h", "1h30s", "1h1m", "1h2m", "25h2m"),
        [],
    ),
    "a fifth in two minutes": (resent("DAILY", SPRING_24, "1h", "1h30s", "1h1m", "1h90s", "1h2m"), [TOO_SOON]),
    "a follow-up after two minutes": (resent("DAILY", SPRING_24, "1h", "1h2m1s"), [TOO_SOON]),
    "a burst before bursts were allowed": (resent("DAILY", AUTUMN_22, "1h", "1h30s"), [TOO_SOON]),
    "two tokens have nothing to do with each other": (
        script(
            agreed("0h", "DAILY"),
            agreed("0h", "DAILY", "T2"),
            recurring("1h"),
            recurring("2h", token="T2"),
            start=AUTUMN_22,
        ),
        [],
    ),
    "a daily token after five months": (resent("DAILY", AUTUMN_22, "150d"), []),
    "a daily token after seven months": (resent("DAILY", AUTUMN_22, "215d"), [EXPIRED]),
    "a weekly token after eight months": (resent("WEEKLY", AUTUMN_22, "240d"), []),
    "a weekly token after ten months": (resent("WEEKLY", AUTUMN_22, "305d"), [EXPIRED]),
    "a monthly token after eleven months": (resent("MONTHLY", AUTUMN_22, "335d"), []),
    "a token that no longer expires": (resent("DAILY", "2023-08-10T12:00:00Z", "600d"), []),
    "stopped": (
        script(
            agreed("0h"),
            agreed("1h", notification_messages_status="STOP NOTIFICATIONS"),
            recurring("2h"),
            start=SPRING_24,
        ),
        [STOPPED],
    ),
    "stopped and resumed": (
        script(
            agreed("0h"),
            agreed("1h", notification_messages_status="STOP NOTIFICATIONS"),
            agreed("2h", notification_messages_status="RESUME NOTIFICATIONS"),
            recurring("3h"),
            start=SPRING_24,
        ),
        [],
    ),
    "stopping one topic leaves the other": (
        script(
            agreed("0h"),
            agreed("0h", token="T2"),
            agreed("1h", notification_messages_status="STOP NOTIFICATIONS"),
            recurring("2h", token="T2"),
            start=SPRING_24,
        ),
        [],
    ),
    "agreeing does not open the window": (script(WROTE, agreed("20h"), page("30h", **REPLY), start=SPRING_24), [OVER]),
    "asking after the window": (script(WROTE, page("30h", SUBSCRIBE, **REPLY), start=SPRING_24), [OVER]),
    "a promotion by token": (script(agreed("0h"), recurring("30h", SALE), start=SPRING_24), []),
    "the answer opens the window": (
        script(agreed("0h"), recurring("30h"), person("31h", "Thanks"), page("55h", **REPLY), start=SPRING_24),
        [],
    ),
    "after their end in most places": (
        script(agreed("0h"), recurring("30h"), start="2026-03-01T12:00:00Z"),
        ["warning recurring-notifications-ended"],
    ),
}


def test_recurring_notifications(bench: Bench) -> None:
    scripts = {name: recording for name, (recording, _) in RECURRING.items()}
    wanted = {name: found for name, (_, found) in RECURRING.items()}
    assert told_of_each(bench, scripts, "--edition", "dated") == wanted


@pytest.mark.parametrize(
    ("day", "before", "apart", "wanted"),
    [
        ("2025-09-01", True, 24, []),
        ("2025-09-01", False, 24, [TOO_SOON]),
        ("2025-09-01", False, 48, []),
        ("2023-01-31", True, 0, [TOO_SOON]),
        ("2023-02-02", False, 0, []),
    ],
)
def test_terms_change_on_a_day(bench: Bench, day: str, before: bool, apart: int, wanted: list[str]) -> None:
    """Two sends so many hours apart, the second at the boundary: a burst, a day, and the 48 hours that roll later."""
    events = [agreed("0h", "DAILY"), recurring("30h"), recurring(f"{30 + apart}h")]
    assert told(bench.check(ending(events, instant(day, before=before)), "--edition", "dated")) == wanted


# --- logs: tokens are known across files, in whatever order

JUNE: Final = 1_717_236_000_000  # 2024-06-01T10:00:00Z


def item(at: int, *, page_id: str = "7001", **what: object) -> Json:
    """A webhook body with one item of `messaging`, `at` milliseconds after June began."""
    event = {"sender": {"id": "p-1"}, "recipient": {"id": page_id}, "timestamp": JUNE + at, **what}
    return {"object": "page", "entry": [{"id": page_id, "time": JUNE + at, "messaging": [event]}]}


def entry(
    at: int, recipient: Json, text: str = "The ferry sails today.", page_id: str = "7001", **rest: object
) -> Json:
    """A log entry of a send."""
    request = {"recipient": recipient, "messaging_type": "RESPONSE", "message": {"text": text}}
    return {"timestamp": JUNE + at, "page_id": page_id, "request": request, **rest}


def optin(**said: object) -> Json:
    return {"optin": {"type": "notification_messages", "notification_messages_token": "T1", **said}}


BY_TOKEN: Final[Json] = {"notification_messages_token": "T1"}
LOGS: dict[str, tuple[dict[str, object], list[str]]] = {
    "a token's two uses in two files": (
        {
            "b.ndjson": [entry(3 * DAY + HOUR, BY_TOKEN)],
            "a.ndjson": [entry(3 * DAY, BY_TOKEN), item(0, **optin(notification_messages_frequency="DAILY"))],
        },
        [TOO_SOON],
    ),
    "a burst over two files": (
        {
            "a.ndjson": [entry(DAY + 120_000, BY_TOKEN), entry(DAY + 30_000, BY_TOKEN)],
            "b.ndjson": [entry(DAY, BY_TOKEN), item(0, **optin(notification_messages_frequency="DAILY"))],
        },
        [],
    ),
    "a stop recorded after the send it came before": (
        {
            "a.ndjson": [item(0, **optin()), entry(2 * DAY, BY_TOKEN)],
            "b.ndjson": [item(DAY, **optin(notification_messages_status="STOP NOTIFICATIONS"))],
        },
        [STOPPED],
    ),
    "a one-time token's two uses in two files": (
        {
            "a.ndjson": [entry(2 * DAY, {"one_time_notif_token": "T9"})],
            "b.ndjson": [
                entry(3 * DAY, {"one_time_notif_token": "T9"}),
                item(0, optin={"type": "one_time_notif_req", "one_time_notif_token": "T9"}),
            ],
        },
        [REUSED],
    ),
}


@pytest.mark.parametrize(("files", "wanted"), LOGS.values(), ids=LOGS)
def test_permissions_are_known_across_files(bench: Bench, files: dict[str, object], wanted: list[str]) -> None:
    assert told(bench.check(Files(files), "--edition", "dated")) == wanted
