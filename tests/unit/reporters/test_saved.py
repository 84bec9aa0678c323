"""A run's numbers, read back."""

from __future__ import annotations

from dataclasses import replace

import orjson

from policylint.events import Where
from policylint.findings import Severity
from policylint.reporters.json import summary_object
from policylint.reporters.report import (
    AcceptedBreach,
    Changes,
    Coverage,
    Ours,
    PageMeasure,
    PlatformAnswers,
    RefusedPass,
    Ruling,
    Summary,
)
from policylint.reporters.saved import summary_from

FULL = Summary(
    recordings=1,
    records=2,
    used=3,
    unreadable=4,
    other=5,
    events=6,
    messages=7,
    repeated=8,
    errors=9,
    warnings=10,
    notes=11,
    accepted=12,
    baselined=13,
    coverage={"structure": Coverage(1, {}), "window": Coverage(2, {"no time": 3})},
    statistics={"too-long": 9},
    stale_baseline=["a.json: too-long"],
    remarks=["A remark."],
    platform=PlatformAnswers(
        {(Ruling.POLICY, Ours.FINE): 1, (Ruling.ACCEPTED, Ours.BREACH): 1},
        [RefusedPass(Where("a.json", 1, line=7), "window", "sent too late", 10, None)],
        [AcceptedBreach(Where("b.json", 2), ["too-long"])],
    ),
    enforcement=[PageMeasure(None, "block", "2021-03-01T10:00:00Z")],
    what_if=Changes("2020-03", Severity.WARNING, 1, 2, 3, 4),
)


def test_what_the_report_tells_comes_back_whole() -> None:
    for summary in (FULL, replace(FULL, platform=None, what_if=None)):
        assert summary_from(orjson.loads(orjson.dumps(summary_object(summary)))) == summary


def test_what_is_not_told_is_nought() -> None:
    summary = summary_from({})
    assert (summary.records, summary.coverage, summary.platform) == (0, {}, None)
