"""Durations and times come back as they were written."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from policylint.durations import UNITS, format_duration, format_time, in_calendar, parse_duration, parse_time

many = settings(max_examples=300, deadline=None)
spans = st.one_of(
    st.integers(min_value=0, max_value=10**17),
    st.lists(st.tuples(st.integers(0, 99), st.sampled_from(sorted(UNITS.values()))), max_size=4).map(
        lambda parts: sum(count * unit for count, unit in parts)
    ),
)
first, end = -62_135_596_800_000_000, 253_402_300_800_000_000


@many
@given(spans)
def test_a_span_comes_back(micros: int) -> None:
    assert parse_duration(format_duration(micros)) == micros


@many
@given(spans)
def test_a_span_backwards_comes_back(micros: int) -> None:
    assert parse_duration(format_duration(-micros)) == -micros


@many
@given(st.integers(min_value=first, max_value=end - 1))
def test_a_time_comes_back(micros: int) -> None:
    assert in_calendar(micros)
    assert parse_time(format_time(micros)) == micros


def test_the_calendar_ends() -> None:
    assert in_calendar(first)
    assert in_calendar(end - 1)
    assert not in_calendar(first - 1)
    assert not in_calendar(end)
    assert format_time(end - 1) == "9999-12-31T23:59:59.999999Z"


@many
@given(st.text(alphabet="0123456789.+- dhms wx\u0661", max_size=12))
def test_any_text_is_a_span_or_refused(text: str) -> None:
    try:
        span = parse_duration(text)
    except ValueError as error:
        assert "not a duration" in str(error)  # noqa: PT017 - either outcome is fine
    else:
        assert isinstance(span, int)


@many
@given(st.text(alphabet="0123456789TZ:+-., tz\u0661", max_size=30))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    try:
        moment = parse_time(text)
    except ValueError:
        return
    assert isinstance(moment, int)
