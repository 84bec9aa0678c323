"""The JSON report for streams: one finding a line, the summary on the last line."""

from __future__ import annotations

from typing import TextIO

from policylint.reporters.json import finding_object, heading, summary_object
from policylint.reporters.jsontext import json_text
from policylint.reporters.report import Report, Style


def write(report: Report, style: Style, out: TextIO, notices: TextIO) -> None:
    """The findings as in the JSON report, then `{"version": …, "tool": …, "edition": …, "summary": …}`."""
    for finding in report.findings:
        out.write(json_text(finding_object(finding, report, style)) + "\n")
    out.write(json_text({**heading(report), "summary": summary_object(report.summary)}) + "\n")
