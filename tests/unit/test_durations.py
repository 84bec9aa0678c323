"""Spans and points in time as people write them."""

from __future__ import annotations

import pytest

from policylint.durations import day_of, format_duration, format_time, parse_duration, parse_time

SECOND = 1_000_000


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("0s", 0),
        ("24h", 86_400 * SECOND),
        ("1d2h30m", 95_400 * SECOND),
        ("1d 2h 30m", 95_400 * SECOND),
        (" 1 h ", 3600 * SECOND),
        ("24h+1ms", 86_400 * SECOND + 1000),
        ("1d-1s", 86_399 * SECOND),
        ("1w", 604_800 * SECOND),
        ("1.5h", 5400 * SECOND),
        ("0.001ms", 1),
        ("1m1ms", 60 * SECOND + 1000),
        ("-5m", -300 * SECOND),
        ("1h1h", 7200 * SECOND),
    ],
)
def test_spans(text: str, micros: int) -> None:
    assert parse_duration(text) == micros


@pytest.mark.parametrize(
    "text",
    ["", " ", "1", "h", "1x", "1h x", "x1h", "1,5h", "1.h", ".5h", "1hh", "1e3s", "٣h", "1H", "1" * 13 + "h", "--1h"],
)
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration: write a number and a unit"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "0s"),
        (1, "0.001ms"),
        (999_999, "999.999ms"),
        (SECOND, "1s"),
        (90 * SECOND, "1m30s"),
        (3600 * SECOND + 1000, "1h1ms"),
        (-SECOND, "-1s"),
    ],
)
def test_spans_as_people_write_them(micros: int, text: str) -> None:
    assert format_duration(micros) == text
    assert parse_duration(text) == micros


def test_times() -> None:
    at = parse_time("2017-05-02T23:59:59.5-01:00")
    assert format_time(at) == "2017-05-03T00:59:59.500000Z"
    assert day_of(at) == "2017-05-03"
    assert format_time(-1) == "1969-12-31T23:59:59.999999Z"
    assert day_of(-1) == "1969-12-31"
    assert parse_time("0001-01-01T00:00:00+23:00") < -62_135_596_800 * SECOND


@pytest.mark.parametrize(
    "text", ["", "2017-05-02", "2017-05-02T10:00:00", "10:00Z", "2017-5-2T10:00Z", "2017-05-02T10:00:00Z x"]
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="not an ISO 8601 time with a zone"):
        parse_time(text)
