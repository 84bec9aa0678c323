"""SARIF 2.1.0, the format that code scanning services read.

The standard: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; what GitHub reads of it:
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Final, TextIO
from urllib.parse import quote

from policylint.events import Json
from policylint.findings import APPEARS, DISAPPEARS, Finding, Severity
from policylint.reporters.jsontext import json_text
from policylint.reporters.report import Report, RuleCard, Style, Summary
from policylint.reporters.sentences import compared, counted, enforced, if_other
from policylint.reporters.terminal import printable

# GitHub rejects a file beyond these: https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads
# (read 2026-11-23). It measures the compressed file; we measure the plain one, so that any way of uploading is safe.
MOST_RESULTS: Final = 25_000
MOST_BYTES: Final = 10_000_000

_RESERVED: Final = 2_000  # bytes for the notification of a cut, which is written after the results are measured
_COMPACT_FROM: Final = 1_000_000  # bytes from which indentation would only cost

_HOME: Final = "https://github.com/policylint/policylint"
_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_SEMANTIC: Final = re.compile(r"\d+\.\d+\.\d+")  # Python's `0.2.0.dev1` is no semantic version
_STREAMS: Final = ("-", "<stdin>")
_BASE: Final = "%SRCROOT%"
_STATES: Final = {APPEARS: "new", DISAPPEARS: "absent"}
_PROBLEM: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}


def write(report: Report, style: Style, out: TextIO, notices: TextIO) -> None:
    """One run with every rule and, within GitHub's limits, every finding: the worst when they are too many.

    Message text and person ids are never shown here: the file goes to a service.
    """
    index = {rule: number for number, rule in enumerate(sorted(report.rules))}
    nth = _repetitions(report.findings)
    kept, size, limit = _within_limits(report, index, nth)
    said = _cut(report.findings, kept, limit) if limit else None
    if said:
        notices.write(f"policylint: {said}\n")
    if size < _COMPACT_FROM:
        results = [_result(report, number, index, nth) for number in sorted(kept)]
        out.write(json_text(_document(report, said, results), indent=True) + "\n")
        return
    before, after = _shell(report, said)
    out.write(before)
    for place, number in enumerate(sorted(kept)):
        out.write(("," if place else "") + kept[number])
    out.write(after + "\n")


def _within_limits(report: Report, index: dict[str, int], nth: Sequence[int]) -> tuple[dict[int, str], int, str | None]:
    """The findings (by number) that fit, as JSON; their size in bytes; and the limit that left others out."""
    worst = sorted(range(len(report.findings)), key=lambda number: -report.findings[number].severity)
    size = sum(len(part.encode()) for part in _shell(report, None)) + _RESERVED
    kept: dict[int, str] = {}
    for number in worst:
        if len(kept) == MOST_RESULTS:
            return kept, size, f"{MOST_RESULTS:,} results in a file"
        written = json_text(_result(report, number, index, nth))
        size += len(written.encode()) + 1
        if size > MOST_BYTES:
            return kept, size, f"{MOST_BYTES:,} bytes a file"
        kept[number] = written
    return kept, size, None


def _cut(findings: Sequence[Finding], kept: dict[int, str], limit: str) -> str:
    """What is missing from a report that would be too large, and what to do about it."""
    missing = Counter(finding.severity for number, finding in enumerate(findings) if number not in kept)
    left_out = ", ".join(counted(missing[level], str(level)) for level in sorted(missing, reverse=True))
    return (
        f"the SARIF report holds {len(kept):,} of {counted(len(findings), 'finding')}, the worst first; left out: "
        f"{left_out}. GitHub takes at most {limit}. Check fewer recordings at a time, choose rules with --select or "
        "--ignore, or keep known findings in a --baseline; --format json has no limit."
    )


def _repetitions(findings: Sequence[Finding]) -> list[int]:
    """For each finding, the how-manieth of its fingerprint it is, from 1: GitHub merges results that look equal."""
    seen: Counter[str] = Counter()
    numbers = []
    for finding in findings:
        seen[finding.fingerprint] += 1
        numbers.append(seen[finding.fingerprint])
    return numbers


def _shell(report: Report, said: str | None) -> tuple[str, str]:
    """The document on one line, before and after its results."""
    before, empty, after = json_text(_document(report, said, [])).rpartition('"results":[]')
    return before + empty[:-1], "]" + after


def _document(report: Report, said: str | None, results: list[Json]) -> dict[str, Json]:
    notifications = [_notification("warning", said)] if said else []
    notifications += [_notification("note", told) for told in _told(report.summary)]
    invocation: dict[str, Json] = {"executionSuccessful": True}
    if notifications:
        invocation["toolExecutionNotifications"] = notifications
    driver = {
        "name": "policylint",
        "version": report.tool_version,
        **({"semanticVersion": report.tool_version} if _SEMANTIC.fullmatch(report.tool_version) else {}),
        "informationUri": _HOME,
        "rules": [_rule(report.rules[rule]) for rule in sorted(report.rules)],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "originalUriBaseIds": {_BASE: {"description": {"text": "The folder that policylint was run in."}}},
        "columnKind": "unicodeCodePoints",
        "properties": {"edition": report.edition},
        "results": results,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _told(summary: Summary) -> Iterator[str]:
    """What is to be said of the run besides its findings."""
    if summary.what_if is not None:
        yield from if_other(summary.what_if)
    if summary.platform is not None:
        yield f"{compared(summary.platform)}; the text and JSON reports list the messages."
    yield from enforced(summary.enforcement)
    yield from summary.remarks


def _notification(level: str, text: str) -> Json:
    return {"level": level, "message": {"text": _plain(text)}}


def _rule(card: RuleCard) -> Json:
    policy = " ".join(part for part in (card.policy_title, card.policy_url) if part)
    rule: dict[str, Json] = {
        "id": card.id,
        "name": "".join(word.capitalize() for word in card.id.split("-")),
        "shortDescription": {"text": card.summary},
        "fullDescription": {"text": f"{card.summary} {card.remedy}"},
        "help": {"text": f"{card.remedy}\nPolicy: {policy}", "markdown": card.help},
    }
    if card.policy_url:
        rule["helpUri"] = card.policy_url
    rule["defaultConfiguration"] = {"level": str(card.severity)}
    rule["properties"] = {
        "tags": ["messenger-policy"],
        "precision": card.precision,
        "problem.severity": _PROBLEM[card.severity],
    }
    return rule


def _result(report: Report, number: int, index: dict[str, int], nth: Sequence[int]) -> Json:
    finding = report.findings[number]
    where = finding.where
    region = {"startLine": where.line or 1}  # GitHub shows no result that has no line
    if where.line is not None and where.column is not None:
        region["startColumn"] = where.column
    location: dict[str, Json] = {"physicalLocation": {"artifactLocation": _artifact(where.source), "region": region}}
    if where.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": where.pointer}]
    properties: dict[str, Json] = {"record": where.record, "pointer": where.pointer}
    for name, value in (
        ("at", finding.at),
        ("edition", finding.edition),
        ("conversation", finding.conversation),
    ):
        if value is not None:
            properties[name] = value
    return {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": str(finding.severity),
        "message": {"text": f"{_plain(finding.message)}\n{_plain(finding.remedy)}"},
        "locations": [location],
        "partialFingerprints": {"primaryLocationLineHash": f"{finding.fingerprint}:{nth[number]}"},
        "properties": properties,
        **({"baselineState": _STATES[finding.change]} if finding.change else {}),
    }


def _plain(text: str) -> str:
    """`text` as a plain message, in which square brackets before a parenthesis would make a link (§3.11.6)."""
    return printable(text).replace("](", r"\](")


def _artifact(source: str) -> Json:
    """Where a recording is, as a URI: relative to the folder of the run unless it is elsewhere."""
    if source in _STREAMS:
        return {"uri": "stdin", "uriBaseId": _BASE}
    path = PurePath(source)
    # Names that are no UTF-8 reach us with their odd bytes as surrogates; a URI can carry the bytes themselves.
    try:
        name = path.as_posix().encode(errors="surrogateescape")
    except UnicodeEncodeError:
        name = path.as_posix().encode(errors="surrogatepass")
    if path.is_absolute():
        return {"uri": "file://" + ("" if name.startswith(b"/") else "/") + quote(name, safe="/:")}
    return {"uri": quote(name), "uriBaseId": _BASE}
