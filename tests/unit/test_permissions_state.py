"""Notification tokens: when the next message may follow, and what puts that off."""

from __future__ import annotations

import pytest

from policylint.editions import NotificationTerms
from policylint.permissions import Token
from policylint.rulebook import shipped_rulebook

MINUTE = 60_000_000
HOUR = 60 * MINUTE
EDITION = shipped_rulebook().editions.named("2022-05")
DAYS = ("2022-06-01", "2023-02-01")  # before bursts counted as one message, and after


def on(day: str) -> NotificationTerms:
    terms = EDITION.terms_on(day)
    assert terms is not None
    return terms


def sent(terms: NotificationTerms, *ats: int) -> Token:
    """A token for a message a day, on which messages were sent at these times."""
    token = Token(agreed_at=0, frequency="DAILY")
    for at in ats:
        token = token.used(at, terms)
    return token


@pytest.mark.parametrize("day", DAYS)
def test_one_that_comes_too_soon_does_not_put_off_the_next(day: str) -> None:
    terms = on(day)
    assert sent(terms, 0).too_soon(10 * HOUR, terms)
    token = sent(terms, 0, 10 * HOUR)
    assert token.too_soon(24 * HOUR - 1, terms)
    assert not token.too_soon(24 * HOUR, terms)
    assert token.uses == 2


@pytest.mark.parametrize("day", DAYS)
def test_one_that_comes_in_time_puts_off_the_next(day: str) -> None:
    terms = on(day)
    token = sent(terms, 0, 10 * HOUR, 24 * HOUR)
    assert token.too_soon(47 * HOUR, terms)
    assert not token.too_soon(48 * HOUR, terms)


def test_a_burst_counts_from_its_first_message_and_has_an_end() -> None:
    terms = on(DAYS[1])
    token = sent(terms, 0, MINUTE, 2 * MINUTE)
    assert not token.too_soon(2 * MINUTE, terms)  # the third after the first
    assert sent(terms, 0, MINUTE, MINUTE, 2 * MINUTE).too_soon(2 * MINUTE, terms)
    assert sent(terms, 0).too_soon(2 * MINUTE + 1, terms)
    assert not token.too_soon(24 * HOUR, terms)
