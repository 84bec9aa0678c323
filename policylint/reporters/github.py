"""Workflow commands: GitHub shows them as annotations on the changed files.

The commands and their escapes: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions,
and the runner's own parser, `src/Runner.Common/ActionCommand.cs` in github.com/actions/runner (read 2026-11-23).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TextIO

from policylint.findings import Finding, Severity
from policylint.reporters.report import Report, Style
from policylint.reporters.sentences import CHANGES, accounting, compared, counted, enforced, grades, if_other
from policylint.reporters.terminal import printable

_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_STREAMS: Final = ("-", "<stdin>")
_SHOWN: Final = 10  # annotations of one kind that GitHub shows for a step


def write(report: Report, style: Style, out: TextIO, notices: TextIO) -> None:
    """A command a finding, the worst first because GitHub stops at ten of a kind; then the summary in plain lines.

    Message text and person ids are never shown here: a build's log is often public.
    """
    for finding in sorted(report.findings, key=lambda finding: -finding.severity):
        out.write(_command(finding, report) + "\n")
    for line in _closing(report):
        # A fixed first word: a line that started with `::` would be taken for a command.
        out.write(f"policylint: {printable(line)}\n")


def _command(finding: Finding, report: Report) -> str:
    where = finding.where
    properties = {} if where.source in _STREAMS else {"file": printable(where.source)}
    if properties and where.line is not None:
        properties["line"] = str(where.line)
        if where.column is not None:
            properties["col"] = str(where.column)
    properties["title"] = printable(finding.rule)
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    change = f"{CHANGES[finding.change]} " if finding.change else ""
    lines = [f"{change}{printable(finding.message)} ({_place(finding)})", f"fix: {printable(finding.remedy)}"]
    policy = " ".join(printable(part) for part in report.policy(finding) if part)
    if policy:
        lines.append(f"policy: {policy}")
    return f"::{_COMMANDS[finding.severity]} {written}::{_data(chr(10).join(lines))}"


def _place(finding: Finding) -> str:
    pointer = printable(finding.where.pointer)
    return f"record {finding.where.record}" + (f", {pointer}" if pointer else "")


def _closing(report: Report) -> Iterator[str]:
    summary = report.summary
    if report.findings:
        yield f"{grades(summary.errors, summary.warnings, summary.notes)}."
    else:
        yield "No findings."
    yield accounting(summary)
    if summary.what_if is not None:
        yield from if_other(summary.what_if)
    if summary.platform is not None:
        yield f"{compared(summary.platform)}."
    yield from enforced(summary.enforcement)
    if max(summary.errors, summary.warnings, summary.notes) > _SHOWN:
        yield f"GitHub shows the first {_SHOWN} annotations of a kind; the step's log has them all."
    if summary.accepted or summary.baselined:
        yield f"Not listed: {summary.accepted:,} accepted, {summary.baselined:,} in the baseline."
    if summary.stale_baseline:
        yield f"{counted(len(summary.stale_baseline), 'entry', 'entries')} of the baseline matched nothing."
    yield from summary.remarks


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
