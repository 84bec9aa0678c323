"""The report for people: each finding with its remedy and the policy that says so, then the run's numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from policylint.findings import Finding, Severity
from policylint.reporters.answers import lines as answer_lines
from policylint.reporters.colours import GRADES, styled
from policylint.reporters.report import Report, Style, Summary
from policylint.reporters.sentences import (
    CHANGES,
    IN_JSON,
    accounting,
    counted,
    covered,
    enforced,
    grades,
    if_other,
    in_order,
)
from policylint.reporters.terminal import printable


def write(report: Report, style: Style, out: TextIO, notices: TextIO) -> None:
    """The findings (or, with `style.statistics`, how many each rule has), a blank line, the summary."""
    if style.statistics:
        for line in _statistics(report, style):
            out.write(line + "\n")
    else:
        crowded = _crowded(report)
        told: set[tuple[str, str]] = set()
        for finding in report.findings:
            numbered = finding.where.source in crowded
            for line in _lines(finding, style, numbered=numbered):
                out.write(line + "\n")
            if (stands_on := (finding.rule, report.policy(finding)[1])) not in told:
                told.add(stands_on)
                out.write(_policy(*report.policy(finding), style) + "\n")
    if report.findings:
        out.write("\n")
    for line in _summary(report.summary, style):
        out.write(line + "\n")


def _crowded(report: Report) -> set[str]:
    """The sources whose findings must name their record: those that may have several."""
    several = report.summary.records > report.summary.recordings
    return {finding.where.source for finding in report.findings if several or finding.where.record > 1}


def _lines(finding: Finding, style: Style, *, numbered: bool) -> Iterator[str]:
    where = finding.where
    source = printable(where.source)
    if source.lstrip().startswith("::"):
        source = f"./{source}"  # GitHub takes a line that starts with `::` for a command
    if where.line is None:
        place = f"{source}: record {where.record}"
    else:
        place = f"{source}:{where.line}" + ("" if where.column is None else f":{where.column}")
    inside = [f"record {where.record}"] if numbered and where.line is not None else []
    if where.pointer:
        inside.append(printable(where.pointer))
    grade = styled(str(finding.severity), style, fg=GRADES[finding.severity], bold=True)
    rule = styled(printable(finding.rule), style, bold=True)
    detail = f" ({', '.join(inside)})" if inside else ""
    change = f"{CHANGES[finding.change]} " if finding.change else ""
    yield f"{styled(place, style, bold=True)}: {change}{grade} {rule}: {printable(finding.message)}{detail}"
    if style.show_text:
        yield from _shown(finding)
    yield f"    {styled('fix:', style, fg='green')} {printable(finding.remedy)}"


def _policy(title: str, url: str, style: Style) -> str:
    """The policy that a rule stands on; told with the first finding that stands on it."""
    policy = " ".join(printable(part) for part in (title, url) if part)
    return f"    {styled('policy:', style, fg='blue')} {policy}"


def _shown(finding: Finding) -> Iterator[str]:
    """What only `--show-text` shows: who the message went to, and the words that speak for the finding."""
    if finding.person is not None:
        yield f"    person: {printable(finding.person)}"
    for piece in finding.evidence:
        if piece.text is not None:
            span = f"{printable(piece.pointer)} {piece.start}-{piece.end}"
            yield f'    evidence: "{printable(piece.text)}" ({printable(piece.term)}, {span})'


def _statistics(report: Report, style: Style) -> Iterator[str]:
    """A line a rule: how many, how grave at worst, which, and what it means; the most frequent first."""
    counts = sorted(report.summary.statistics.items(), key=lambda item: (-item[1], item[0]))
    worst: dict[str, Severity] = {}
    for finding in report.findings:
        worst[finding.rule] = max(finding.severity, worst.get(finding.rule, finding.severity))
    widest = max((len(rule) for rule, _ in counts), default=0)
    digits = max((len(f"{number:,}") for _, number in counts), default=0)
    for rule, number in counts:
        level = worst.get(rule, report.rules[rule].severity)
        grade = styled(f"{level!s:<7}", style, fg=GRADES[level])
        yield f"{number:>{digits},}  {grade}  {printable(rule):<{widest}}  {printable(report.rules[rule].summary)}"


def _summary(summary: Summary, style: Style) -> Iterator[str]:
    yield verdict(summary, style)
    yield numbers(summary)
    yield accounting(summary)
    yield from particulars(summary, style)


def verdict(summary: Summary, style: Style) -> str:
    """How many findings there are, by severity."""
    if summary.errors or summary.warnings or summary.notes:
        worst = Severity.ERROR if summary.errors else Severity.WARNING if summary.warnings else Severity.NOTE
        found = grades(summary.errors, summary.warnings, summary.notes)
        return styled(f"{found}.", style, fg=GRADES[worst], bold=True)
    return styled("No findings.", style, fg="green" if summary.records else None, bold=True)


def numbers(summary: Summary) -> str:
    """What was read: recordings, events, messages."""
    again = f" ({summary.repeated:,} recorded more than once, counted once)" if summary.repeated else ""
    return (
        f"{counted(summary.recordings, 'recording')}, {counted(summary.events, 'event')}{again}, "
        f"{counted(summary.messages, 'message')} of the page."
    )


def particulars(summary: Summary, style: Style, rest: str = IN_JSON) -> Iterator[str]:
    """What else is to be said of the run; `rest` says where lists that are cut here stand whole."""
    for kind, coverage in in_order(summary):
        yield f"{printable(kind.capitalize())}: {printable(covered(kind, coverage))}."
    if summary.what_if is not None:
        yield from if_other(summary.what_if)
    if summary.platform is not None:
        yield from answer_lines(summary.platform, style, rest)
    for line in enforced(summary.enforcement, rest):
        yield printable(line)
    if summary.accepted or summary.baselined:
        yield f"Not listed: {summary.accepted:,} accepted, {summary.baselined:,} in the baseline."
    if summary.stale_baseline:
        entries = counted(len(summary.stale_baseline), "entry of the baseline", "entries of the baseline")
        yield f"{entries} matched nothing:"
        for line in summary.stale_baseline:
            yield f"  - {printable(line)}"
    for remark in summary.remarks:
        yield f"{styled('Note:', style, fg='cyan')} {printable(remark)}"
