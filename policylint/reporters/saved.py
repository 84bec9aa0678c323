"""A run's numbers, read back from the summary object of a JSON report: the other way round than `reporters.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from policylint.events import Json, Where
from policylint.findings import Severity
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

_NUMBERS: Final = (
    "recordings",
    "records",
    "used",
    "unreadable",
    "other",
    "events",
    "messages",
    "repeated",
    "errors",
    "warnings",
    "notes",
    "accepted",
    "baselined",
)


def summary_from(data: Mapping[str, Json]) -> Summary:
    """The numbers that a summary object tells; what it lacks is nought. Raises ValueError for words not known here."""
    platform, what_if = data.get("platform"), data.get("what_if")
    return Summary(
        **{name: data.get(name) or 0 for name in _NUMBERS},
        coverage={
            kind: Coverage(told["judged"], told["not_judged"]) for kind, told in (data.get("coverage") or {}).items()
        },
        statistics=data.get("statistics") or {},
        stale_baseline=data.get("stale_baseline") or (),
        remarks=data.get("remarks") or (),
        platform=None if platform is None else _answers(platform),
        enforcement=[PageMeasure(told["page"], told["measure"], told["at"]) for told in data.get("enforcement") or ()],
        what_if=None if what_if is None else _changes(what_if),
    )


def _changes(data: Mapping[str, Json]) -> Changes:
    return Changes(
        edition=data["edition"],
        least=Severity.named(data["least"]),
        would_breach=data["would_breach"],
        would_be_fine=data["would_be_fine"],
        breach_anyway=data["breach_anyway"],
        fine_anyway=data["fine_anyway"],
    )


def _answers(data: Mapping[str, Json]) -> PlatformAnswers:
    return PlatformAnswers(
        verdicts={(Ruling(one["platform"]), Ours(one["ours"])): one["messages"] for one in data["verdicts"]},
        refused_but_passed=[
            RefusedPass(_where(one), one["category"], one["meaning"], one["code"], one["subcode"])
            for one in data["refused_but_passed"]
        ],
        accepted_but_breached=[AcceptedBreach(_where(one), one["rules"]) for one in data["accepted_but_breached"]],
    )


def _where(data: Mapping[str, Json]) -> Where:
    return Where(data["source"], data["record"], line=data["line"])
