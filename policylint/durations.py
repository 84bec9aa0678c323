"""Spans of time as people write them (`24h`, `1d2h30m`, `24h+1ms`), and points in time as logs write them.

Inside policylint a span and a point in time are both whole microseconds: ints compare and subtract exactly,
and a point counts from 1970-01-01T00:00:00Z.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

UNITS: Final = {
    "ms": 1_000,
    "s": 1_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
    "w": 604_800_000_000,
}
DAY: Final = UNITS["d"]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STEP: Final = re.compile(r"([+-]?)\s*([0-9]{1,12})(?:\.([0-9]{1,6}))?\s*(ms|[smhdw])")
_ISO: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?\s?(?:[Zz]|[+-]\d{2}:?\d{2}|[+-]\d{2})"
)


def parse_duration(text: str) -> int:
    """Microseconds that `text` stands for: numbers with a unit (ms s m h d w), added up.

    A part may have a sign of its own (`24h+1ms`, `1d-1s`). Raises ValueError for anything else.
    """
    total, at = 0, 0
    text = text.strip()
    while at < len(text):
        step = _STEP.match(text, at)
        if step is None:
            break
        sign, whole, fraction, unit = step.groups()
        size = int(whole) * UNITS[unit]
        if fraction:
            size += int(fraction) * UNITS[unit] // 10 ** len(fraction)
        total += -size if sign == "-" else size
        at = step.end()
    if not text or at < len(text):
        raise ValueError("not a duration: write a number and a unit (ms, s, m, h, d, w), such as 24h or 1d2h30m")
    return total


def format_duration(micros: int) -> str:
    """`micros` as people write it, exact: `7d`, `2d6h`, but `24h` and `30h`; `0s` for none."""
    if micros == 0:
        return "0s"
    sign, rest = ("-", -micros) if micros < 0 else ("", micros)
    parts = []
    for unit in ("d", "h", "m", "s") if rest >= 2 * DAY else ("h", "m", "s"):
        count, rest = divmod(rest, UNITS[unit])
        if count:
            parts.append(f"{sign}{count}{unit}")
    if rest:
        parts.append(f"{sign}{rest / 1000:g}ms")
    return "".join(parts)


def parse_time(text: str) -> int:
    """Microseconds since 1970 (UTC) of an ISO 8601 time with a zone. Raises ValueError, also for a missing zone."""
    if not _ISO.fullmatch(text.strip()):
        raise ValueError("not an ISO 8601 time with a zone, such as 2017-05-02T10:00:00Z")
    moment = datetime.fromisoformat(text.strip().upper().replace(",", "."))
    return (moment - _EPOCH) // timedelta(microseconds=1)


def format_time(micros: int) -> str:
    """The ISO 8601 UTC time (with `Z`) of a point in time; fractions only where there are some."""
    minute, rest = divmod(micros, UNITS["m"])
    second, fraction = divmod(rest, UNITS["s"])
    return f"{_minute(minute)}{second:02}.{fraction:06}Z" if fraction else f"{_minute(minute)}{second:02}Z"


@lru_cache(maxsize=50_000)  # a month has fewer
def _minute(minute: int) -> str:
    return (_EPOCH + timedelta(minutes=minute)).isoformat()[:-8]


def day_of(micros: int) -> str:
    """The UTC day (`2017-05-02`) that a point in time lies in."""
    return (_EPOCH + timedelta(microseconds=micros)).date().isoformat()


def days_from(day: str, count: int) -> str:
    """The ISO day that is `count` days after `day`, or before it. Raises ValueError for what is no day."""
    return (date.fromisoformat(day) + timedelta(days=count)).isoformat()


def in_calendar(micros: int) -> bool:
    """Whether a point in time can be written as a date at all (the years 1 to 9999)."""
    return -62_135_596_800_000_000 <= micros < 253_402_300_800_000_000


def looks_like_seconds(at: int) -> bool:
    """Whether a time lies in the first months of 1970, where the seconds of the years since 2001 end up as ms."""
    return 10**12 <= at < 10**13
