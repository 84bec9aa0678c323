"""What differs between the requests of two days."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from policylint.structure.comparison import Differences, differences, history
from policylint.structure.dated import read_master, schema_on

MASTER: Final = read_master(Path(__file__).parents[3] / "schemas")
BEGINNINGS: Final = {"messenger": "2016-04-12", "instagram": "2021-06-02"}


def between(before: str, after: str, platform: str = "messenger", to: str | None = None) -> Differences:
    return differences(schema_on(MASTER, platform, before), schema_on(MASTER, to or platform, after))


def came(found: Differences) -> list[str]:
    return [str(part) for part in found.came]


def went(found: Differences) -> list[str]:
    return [str(part) for part in found.went]


def limits(found: Differences) -> list[tuple[str, str | None, str | None]]:
    return [(limit.where, limit.before, limit.after) for limit in found.limits]


def test_a_day_does_not_differ_from_itself() -> None:
    assert not between("2018-01-01", "2018-01-01")


def test_fields_templates_buttons_and_values_come_and_go() -> None:
    assert came(between("2018-09-26", "2018-09-27")) == ["field persona_id"]
    assert went(between("2019-07-28", "2019-07-29")) == ["template list", "template open_graph"]
    assert came(between("2026-02-10", "2026-02-11")) == ["button audio_call"]
    assert went(between("2018-10-02", "2018-10-03")) == ["value NON_PROMOTIONAL_SUBSCRIPTION of messaging_type"]
    assert "field image_aspect_ratio of generic template" in came(between("2017-03-01", "2017-03-02"))


def test_limits_are_told_with_both_values() -> None:
    assert limits(between("2017-06-01", "2018-06-01")) == [
        ("message.text", "at most 640 characters", "at most 2000 characters")
    ]
    assert ("message.quick_replies", "at most 11 items", "at most 13 items") in limits(
        between("2018-06-01", "2020-01-01")
    )
    assert limits(between("2023-02-20", "2023-02-21")) == [("notification_messages template", "must have title", None)]


def test_a_limit_that_may_be_outdated_is_a_warning() -> None:
    assert limits(between("2018-01-22", "2018-02-01")) == [
        ("message.text", "at most 640 characters", "at most 640 characters (a warning)")
    ]


def test_a_day_that_is_not_known_is_marked() -> None:
    found = between("2020-03-03", "2020-03-04")
    assert {part.name for part in (*found.came, *found.went) if not part.undated} == set()
    assert [part.name for part in between("2020-02-03", "2020-02-04").came if part.undated] == []


def test_two_platforms_differ() -> None:
    found = between("2026-09-28", "2026-09-28", "messenger", "instagram")
    assert "template receipt" in went(found)
    assert "attachment like_heart" in came(found)
    assert ("message.text", "at most 2000 characters", "at most 1000 characters") in limits(found)


@pytest.mark.parametrize("platform", BEGINNINGS)
def test_history_adds_up_to_what_differs_between_its_ends(platform: str) -> None:
    """Applied one after the other, the changes lead from the first day to the last."""
    first = BEGINNINGS[platform]
    known: dict[str, int] = {}
    days = []
    for change, found in history(MASTER, platform, first):
        days.append(change.latest)
        for part in found.came:
            known[str(part)] = known.get(str(part), 0) + 1
        for part in found.went:
            known[str(part)] = known.get(str(part), 0) - 1
    assert all(before <= after for before, after in pairwise(days))
    whole = between(first, "2026-11-01", platform)
    assert set(known.values()) <= {-1, 0, 1}, "nothing comes or goes twice"
    assert {name for name, count in known.items() if count > 0} >= set(came(whole))
    assert {name for name, count in known.items() if count < 0} >= set(went(whole))


def test_history_says_from_when_at_the_earliest() -> None:
    by_day = {change.latest: change.earliest for change, _ in history(MASTER, "messenger", "2016-04-12")}
    assert by_day["2018-02-15"] == "2018-01-23"
    assert by_day["2018-09-27"] == "2018-09-27"
    assert "2021-12-06" in by_day
