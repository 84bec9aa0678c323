"""Points in time as logs and scripts write them."""

from __future__ import annotations

from typing import Any

import pytest

from policylint.documents.places import BrokenText
from policylint.sources.moments import read_moment, read_script_moment

AT = 1_493_719_200_000_000  # 2017-05-02T10:00:00Z


@pytest.mark.parametrize(
    ("value", "at"),
    [
        (None, None),
        (1_493_719_200_000, AT),
        (1_493_719_200_000.5, AT + 500),
        ("1493719200000", AT),
        (" 1493719200000 ", AT),
        ("2017-05-02T10:00:00Z", AT),
        ("2017-05-02T10:00:00.000Z", AT),
        ("2017-05-02T10:00:00,5Z", AT + 500_000),
        ("2017-05-02T10:00:00.123456789Z", AT + 123_456),
        ("2017-05-02t10:00z", AT),
        ("2017-05-02 12:00:00+02:00", AT),
        ("2017-05-02T12:00:00+0200", AT),
        ("2017-05-02T12:00:00+02", AT),
        ("2017-05-02T05:30:00-04:30", AT),
        (0, 0),
        (-1, -1000),
        ("-1", -1000),
    ],
)
def test_times_of_logs(value: Any, at: int | None) -> None:
    assert read_moment(value, "timestamp") == at


@pytest.mark.parametrize(
    "value",
    [
        True,
        "",
        "-",
        "now",
        "2017-05-02",
        "2017-05-02T10:00:00",  # no zone
        "2017-13-02T10:00:00Z",
        "2017-02-29T10:00:00Z",
        "2017-05-02T25:00:00Z",
        "2017-05-02T10:00:00+25:00",
        "20170502T100000Z",
        "٢٠١٧-05-02T10:00:00Z",
        "١٤٩٣٧١٩٢٠٠٠٠٠",
        "9" * 15,
        "9" * 10_000,
        10**18,
        -(10**17),
        1e300,
        float("nan"),
        float("inf"),
        "0000-01-01T00:00:00Z",
        [],
        {},
    ],
)
def test_what_is_no_time(value: Any) -> None:
    with pytest.raises(BrokenText, match="timestamp is neither"):
        read_moment(value, "timestamp")


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("0h", AT),
        (0, AT),
        ("24h", AT + 86_400_000_000),
        ("24h+1ms", AT + 86_400_001_000),
        ("1d-1s", AT + 86_399_000_000),
        ("1d2h30m", AT + 95_400_000_000),
        ("-1h", AT - 3_600_000_000),
        ("2017-05-02T11:00:00Z", AT + 3_600_000_000),
    ],
)
def test_times_of_scripts(value: Any, at: int) -> None:
    assert read_script_moment(value, AT) == at


@pytest.mark.parametrize("value", [None, "", "1", 1, 0.0, False, "2017-05-02", "h", "1h!", "1y", [], "999999999999w"])
def test_what_is_no_time_of_a_script(value: Any) -> None:
    with pytest.raises(BrokenText, match=r"^at "):
        read_script_moment(value, AT)
