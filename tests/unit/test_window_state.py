"""The window between events: what an action or a message changes in it, and what it leaves."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from policylint.events import History, Origin, PersonActed
from policylint.rulebook import shipped_rulebook
from policylint.window import Horizon, Window, acted, sent

HOUR = 3_600_000_000
DAY = 24 * HOUR
EDITIONS = shipped_rulebook().editions
WITH_ADS = EDITIONS.named("2026-09")
COMPLETE = Horizon(History.COMPLETE)
# An edition in which a reaction opens the window, while messages had an extra one: none that is shipped has both.
STRICTER = EDITIONS.named("2017-04")
MILDER = replace(STRICTER, id="made-up", opens=STRICTER.opens | {"reaction"})


def act(at: int, kind: str = "message", *, from_ad: bool = False) -> PersonActed:
    return PersonActed(Origin("a", 1), "7", "P", at, kind, from_ad=from_ad)


def after(*events: PersonActed) -> Window:
    window = Window()
    for event in events:
        window = acted(window, event, WITH_ADS, opt_out=False)
    return window


@pytest.mark.parametrize(
    "between", [[], [act(HOUR, "reaction")], [act(HOUR, "reaction"), act(2 * HOUR, "read")]], ids=len
)
def test_after_the_tap_on_an_ad_the_seven_days_count_from_the_message(between: list[PersonActed]) -> None:
    window = after(act(0, "referral", from_ad=True), *between, act(2 * DAY))
    assert window.state(2 * DAY + 7 * DAY, WITH_ADS, COMPLETE) == "unknown"
    assert window.state(2 * DAY + 7 * DAY + 1, WITH_ADS, COMPLETE) == "closed"


def test_after_the_tap_on_an_ad_only_the_first_message_counts() -> None:
    window = after(act(0, "referral", from_ad=True), act(HOUR), act(2 * DAY))
    assert window.state(HOUR + 7 * DAY, WITH_ADS, COMPLETE) == "unknown"
    assert window.state(HOUR + 7 * DAY + 1, WITH_ADS, COMPLETE) == "closed"


@pytest.mark.parametrize(("reacts_at", "left"), [(40 * HOUR, 0), (20 * HOUR, 1)])
def test_extra_messages_count_from_what_opens_by_the_messages_own_edition(reacts_at: int, left: int) -> None:
    """The person reacts on a day on which that opened nothing; the next message is of a day on which it does."""
    reaction = act(reacts_at, "reaction")
    window = acted(Window(), act(0), STRICTER, opt_out=False)
    if reacts_at < 30 * HOUR:
        window = acted(window, reaction, STRICTER, opt_out=False)
    window = sent(window, 30 * HOUR, extra=True)
    if reacts_at > 30 * HOUR:
        window = acted(window, reaction, STRICTER, opt_out=False)
    assert window.extra_messages_sent(STRICTER) == 1
    assert window.extra_messages_sent(MILDER) == left


@pytest.mark.parametrize("extra", [True, False])
def test_a_message_of_the_page_changes_nothing_but_what_counts_messages(extra: bool) -> None:
    counted = {"extras": 1, "last_extra": 5, "messages_sent": 2}
    known: dict[str, Any] = {one.name: object() for one in fields(Window)} | counted
    changed = {"extras": 2, "last_extra": 9, "messages_sent": 3} if extra else {"messages_sent": 3}
    window = sent(Window(**known), 9, extra=extra)
    assert {one.name: getattr(window, one.name) for one in fields(Window)} == known | changed
