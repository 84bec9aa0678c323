"""Findings per day as a bar chart: days, or where they are too many, weeks, months or years."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from policylint.reporters.columns import aligned
from policylint.reporters.sentences import counted

_LINES: Final = 31  # of a chart: a month of days
_WIDTH: Final = 40  # characters of the longest bar
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
_FEW: Final = 3  # empty periods in a row that are still shown one by one

_STARTS: Final[Mapping[str, Callable[[date], date]]] = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=min(day.weekday(), day.toordinal() - 1)),
    "month": lambda day: day.replace(day=1),
    "year": lambda day: day.replace(month=1, day=1),
}


def chart(days: Mapping[str, tuple[int, int]], *, blocks: bool) -> tuple[str, Iterator[str]]:
    """The period of a line (`day`, `week`, `month` or `year`) and the lines, for ISO days with findings and errors.

    The finest period that needs no more than 31 lines; a long stretch without findings is one line. `blocks` says
    whether the bars may be of Unicode's blocks.
    """
    dated = {date.fromisoformat(day): numbers for day, numbers in days.items()}
    for unit, start in _STARTS.items():
        sums: dict[date, tuple[int, int]] = defaultdict(lambda: (0, 0))
        for day, (findings, errors) in dated.items():
            before = sums[start(day)]
            sums[start(day)] = (before[0] + findings, before[1] + errors)
        periods = sorted(sums)
        empty = [_between(unit, *pair) for pair in pairwise(periods)]
        lines = len(periods) + sum(gap if gap <= _FEW else 1 for gap in empty)
        if lines <= _LINES or unit == "year":
            break
    return unit, _drawn(unit, sums, [*empty, 0], blocks=blocks)


def _drawn(unit: str, sums: Mapping[date, tuple[int, int]], empty: list[int], *, blocks: bool) -> Iterator[str]:
    most = max(findings for findings, _ in sums.values())
    rows: list[list[str] | str] = [[unit, "findings", "errors", ""]]
    for period, gap in zip(sorted(sums), empty, strict=True):
        findings, errors = sums[period]
        rows.append([_name(unit, period), f"{findings:,}", f"{errors:,}", bar(findings, most, blocks=blocks)])
        if gap > _FEW:
            rows.append(f"({counted(gap, unit)} without findings)")
            continue
        idle = period
        for _ in range(gap):
            idle = _next(unit, idle)
            rows.append([_name(unit, idle), "0", "0", ""])
    lines = aligned([row for row in rows if not isinstance(row, str)], right={1, 2})
    for row in rows:
        yield row if isinstance(row, str) else next(lines)


def bar(number: int, most: int, *, blocks: bool) -> str:
    """A bar as long as `number` is of `most`; never empty where there is something."""
    if not blocks:
        return "#" * max(1 if number else 0, number * _WIDTH // most)
    full, part = divmod(max(1 if number else 0, number * _WIDTH * 8 // most), 8)
    return "█" * full + (_EIGHTHS[part] if part else "")


def _between(unit: str, one: date, other: date) -> int:
    """How many periods lie between two."""
    match unit:
        case "day" | "week":
            return (other - one).days // (7 if unit == "week" else 1) - 1
        case "month":
            return (other.year - one.year) * 12 + other.month - one.month - 1
        case _:
            return other.year - one.year - 1


def _next(unit: str, period: date) -> date:
    match unit:
        case "day" | "week":
            return period + timedelta(days=7 if unit == "week" else 1)
        case "month":
            return date(period.year + period.month // 12, period.month % 12 + 1, 1)
        case _:
            return period.replace(year=period.year + 1)


def _name(unit: str, period: date) -> str:
    """The period as a line begins: its day, the first day of the week, `2017-05`, `2017`."""
    return period.isoformat()[: {"month": 7, "year": 4}.get(unit, 10)]
