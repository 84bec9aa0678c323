"""Limits on both sides of each day on which they changed, and on the days between when nobody knows which it was."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import orjson
import pytest

from policylint.errors import RuleError
from policylint.findings import Severity
from policylint.shipped import shipped
from policylint.structure.dated import MASTER, PLATFORMS, Schemas, read_master, schema_on
from tests.unit.structure.parts import (
    IMAGE,
    POSTBACK,
    REPLY,
    SCHEMAS,
    TODAY,
    Json,
    only,
    problems,
    quick,
    send,
    template,
)


def text(length: int) -> Json:
    return send({"text": "x" * length})


def card_text(length: int) -> Json:
    return template("button", text="x" * length, buttons=[POSTBACK])


def replies(count: int) -> Json:
    return quick(*[REPLY] * count)


def pictures(count: int) -> Json:
    return send({"attachments": [IMAGE] * count})


# Each limit: what it limits, the platform, a day on which it is certain, and how much it allows then.
LIMITS: list[tuple[Any, str, str, int]] = [
    (text, "messenger", "2016-04-12", 320),
    (text, "messenger", "2016-12-08", 320),
    (text, "messenger", "2017-02-17", 640),
    (text, "messenger", "2018-01-22", 640),
    (text, "messenger", "2018-02-15", 2000),
    (text, "messenger", "2025-12-31", 2000),
    (text, "instagram", "2021-06-02", 1000),
    (text, "instagram", TODAY, 1000),
    (card_text, "messenger", "2016-10-31", 320),
    (card_text, "messenger", "2016-12-08", 640),
    (card_text, "messenger", TODAY, 640),
    (card_text, "instagram", "2023-09-12", 640),
    (replies, "messenger", "2016-07-01", 10),
    (replies, "messenger", "2016-11-18", 10),
    (replies, "messenger", "2017-03-02", 11),
    (replies, "messenger", "2019-04-29", 11),
    (replies, "messenger", "2019-07-04", 13),
    (replies, "instagram", "2021-06-02", 13),
    (pictures, "messenger", "2025-03-19", 30),
]


@pytest.mark.parametrize(("build", "platform", "day", "limit"), LIMITS)
def test_limits(build: Any, platform: str, day: str, limit: int) -> None:
    assert problems(build(limit), day, platform) == []
    problem = only(build(limit + 1), day, platform)
    assert (problem.kind in ("too-long", "too-many"), problem.severity) == (True, None)
    assert problem.detail.endswith(f"the limit is {limit}")
    assert problems(build(limit + 1), day, platform, late=True) == [problem]


# Each change on an unknown day: what it changed, the first day it may have come, the last, and the limits.
UNKNOWN_DAYS: list[tuple[Any, str, str, int, int]] = [
    (text, "2016-12-09", "2017-02-16", 320, 640),
    (text, "2018-01-23", "2018-02-14", 640, 2000),
    (card_text, "2016-11-01", "2016-12-07", 320, 640),
    (replies, "2016-11-19", "2017-03-01", 10, 11),
    (replies, "2019-04-30", "2019-07-03", 11, 13),
]


@pytest.mark.parametrize(("build", "first", "last", "before", "after"), UNKNOWN_DAYS)
def test_two_readings(build: Any, first: str, last: str, before: int, after: int) -> None:
    """On the days between, the old limit is worth a warning, and only the new one is a limit on any reading."""
    for day in (first, last):
        assert not SCHEMAS.certain("messenger", day)
        (early,) = problems(build(after), day)
        assert (early.severity, early.detail.endswith(f"the limit is {before}")) == (Severity.WARNING, True)
        assert problems(build(after), day, late=True) == []
        (late,) = problems(build(after + 1), day, late=True)
        assert (late.severity, late.detail.endswith(f"the limit is {after}")) == (None, True)
        assert problems(build(before), day) == []


def test_readings_are_one_where_the_day_is_known() -> None:
    for day in ("2017-04-06", "2017-11-06", "2017-11-07", "2022-05-19", TODAY):
        assert SCHEMAS.certain("messenger", day)
        assert SCHEMAS.validator("messenger", day) is SCHEMAS.validator("messenger", day, late=True)


def test_exactly_2000_characters() -> None:
    """A page of 2026 says fewer than 2000: the very length is doubtful from then on, no more than that."""
    problem = only(text(2000), "2026-01-01")
    assert (problem.kind, problem.severity) == ("too-long", Severity.WARNING)
    assert problems(text(1999), "2026-01-01") == []
    assert only(text(2001), "2026-01-01").severity is None


def test_eleven_pictures_on_instagram_are_doubtful() -> None:
    assert problems(pictures(10), TODAY, "instagram") == []
    assert only(pictures(11), TODAY, "instagram").severity is Severity.WARNING


def test_one_validator_for_the_days_between_two_changes() -> None:
    first = SCHEMAS.validator("messenger", "2022-10-17")
    assert SCHEMAS.validator("messenger", "2023-02-20") is first
    assert SCHEMAS.validator("messenger", "2023-02-21") is not first
    assert SCHEMAS.validator("instagram", "2022-10-17") is not first


def days_around_changes() -> Iterator[str]:
    """Each day that the master names, the one before and the one after."""
    for named in sorted(set(re.findall(r'(20\d\d(?:-\d\d){0,2})[."/?]', (shipped("schemas") / MASTER).read_text()))):
        day = date.fromisoformat(named + "2016-01-01"[len(named) :])
        for around in (-1, 0, 1):
            yield (day + timedelta(days=around)).isoformat()


def test_a_validator_fits_each_day_it_serves() -> None:
    """On any day near a change, the schema made for that day is the one that judges."""
    master = read_master(shipped("schemas"))
    made: dict[int, Json] = {}
    for platform, day in product(PLATFORMS, days_around_changes()):
        schema = {**schema_on(master, platform, day), "title": ""}
        serving = id(SCHEMAS.validator(platform, day))
        assert made.setdefault(serving, schema) == schema, (platform, day)


def test_schemas_travel() -> None:
    there = pickle.loads(pickle.dumps(SCHEMAS))
    assert there.validator("messenger", "2017-04-06").is_valid(send({"text": "Hello"}))
    validator = pickle.loads(pickle.dumps(SCHEMAS.validator("messenger", "2016-04-12")))
    assert validator.problems(text(321)) == problems(text(321), "2016-04-12")


def test_no_such_platform() -> None:
    with pytest.raises(ValueError, match="whatsapp"):
        SCHEMAS.validator("whatsapp", TODAY)


def test_no_master(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=MASTER):
        Schemas(tmp_path).validator("messenger", TODAY)
    (tmp_path / MASTER).write_bytes(orjson.dumps({"type": "object"})[:-1])
    with pytest.raises(RuleError, match=MASTER):
        Schemas(tmp_path).validator("messenger", TODAY)
