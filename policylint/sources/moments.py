"""Points in time as logs, webhooks and scripts write them; all come out as microseconds since 1970, UTC."""

from __future__ import annotations

from policylint.documents.places import BrokenText
from policylint.durations import in_calendar, looks_like_seconds, parse_duration, parse_time
from policylint.events import Json


def read_moment(value: Json, name: str) -> int | None:
    """The time that a log writes: epoch milliseconds or ISO 8601 with a zone; None for none. Raises BrokenText."""
    if value is None:
        return None
    at: int | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        at = value * 1000
    elif isinstance(value, float) and abs(value) < 1e15:
        at = round(value * 1000)
    elif isinstance(value, str):
        text = value.strip()
        digits = text.removeprefix("-")
        try:
            at = int(text) * 1000 if digits.isdecimal() and digits.isascii() and len(digits) < 16 else parse_time(text)
        except ValueError:
            at = None
    if at is None or not in_calendar(at):
        raise BrokenText(f"{name} is neither epoch milliseconds nor an ISO 8601 time with a zone")
    return at


def read_moment_or_seconds(value: Json, name: str) -> int | None:
    """As `read_moment`, for what the platform writes in epoch seconds or milliseconds: told apart by size."""
    at = read_moment(value, name)
    return at * 1000 if at is not None and looks_like_seconds(at) else at


def read_script_moment(value: Json, start: int) -> int:
    """The time of a script's event: a duration after `start`, or an ISO time. Raises BrokenText."""
    if isinstance(value, int) and value == 0 and not isinstance(value, bool):
        return start
    if not isinstance(value, str):
        raise BrokenText("at is missing or not text; write a duration such as 24h, or an ISO 8601 time with a zone")
    try:
        at = start + parse_duration(value)
    except ValueError:
        try:
            at = parse_time(value)
        except ValueError:
            raise BrokenText("at is neither a duration such as 24h nor an ISO 8601 time with a zone") from None
    if not in_calendar(at):
        raise BrokenText("at lies outside the calendar")
    return at
