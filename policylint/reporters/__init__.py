"""Findings into reports: one module a format, and the table that names them all."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Final, TextIO

from policylint.reporters.report import Coverage, Report, Reporter, RuleCard, Style, Summary

__all__ = ["REPORTERS", "Coverage", "Report", "Reporter", "RuleCard", "Style", "Summary"]


def _from(module: str) -> Reporter:
    """The reporter `write` of `module`, imported when the first report is written: start-up time is a promise."""

    def write(report: Report, style: Style, out: TextIO, notices: TextIO) -> None:
        reporter: Reporter = import_module(f"{__name__}.{module}").write
        reporter(report, style, out, notices)

    return write


REPORTERS: Final[Mapping[str, Reporter]] = {
    "text": _from("text"),
    "json": _from("json"),
    "ndjson": _from("ndjson"),
    "sarif": _from("sarif"),
    "github": _from("github"),
}
