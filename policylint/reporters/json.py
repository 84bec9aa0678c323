"""The JSON report: `schemas/report.schema.json` describes it, and its `version` is a promise.

Every object is built here by hand, so that a renamed field of ours changes nothing for those who read reports.
"""

from __future__ import annotations

from typing import Final, TextIO

from policylint.events import Json, Where
from policylint.findings import Evidence, Finding
from policylint.reporters.jsontext import json_text
from policylint.reporters.report import Changes, Coverage, PlatformAnswers, Report, Style, Summary
from policylint.reporters.sentences import in_order

VERSION: Final = 1


def write(report: Report, style: Style, out: TextIO, notices: TextIO) -> None:
    """One JSON document, written finding by finding: the whole text is never in memory."""
    head = json_text({**heading(report), "summary": summary_object(report.summary)}, indent=True)
    out.write(head.removesuffix("\n}") + ',\n  "findings": [')
    separator = "\n    "
    for finding in report.findings:
        # Newlines inside strings are escaped, so each one here is layout.
        out.write(separator + json_text(finding_object(finding, report, style), indent=True).replace("\n", "\n    "))
        separator = ",\n    "
    out.write("\n  ]\n}\n" if report.findings else "]\n}\n")


def heading(report: Report) -> dict[str, Json]:
    """What a report says first: its version, the tool and the edition."""
    return {
        "version": VERSION,
        "tool": {"name": "policylint", "version": report.tool_version},
        "edition": report.edition,
    }


def summary_object(summary: Summary) -> dict[str, Json]:
    """The run's numbers."""
    return {
        "recordings": summary.recordings,
        "records": summary.records,
        "used": summary.used,
        "unreadable": summary.unreadable,
        "other": summary.other,
        "events": summary.events,
        "messages": summary.messages,
        "repeated": summary.repeated,
        "errors": summary.errors,
        "warnings": summary.warnings,
        "notes": summary.notes,
        "accepted": summary.accepted,
        "baselined": summary.baselined,
        "coverage": {kind: _coverage(coverage) for kind, coverage in in_order(summary)},
        "statistics": dict(sorted(summary.statistics.items())),
        "platform": None if summary.platform is None else _platform(summary.platform),
        "enforcement": [{"page": told.page, "measure": told.measure, "at": told.at} for told in summary.enforcement],
        "what_if": None if summary.what_if is None else _what_if(summary.what_if),
        "stale_baseline": list(summary.stale_baseline),
        "remarks": list(summary.remarks),
    }


def finding_object(finding: Finding, report: Report, style: Style) -> dict[str, Json]:
    """One finding. Keys are always there, except for what only `--show-text` may show."""
    title, url = report.policy(finding)
    shown: dict[str, Json] = {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "message": finding.message,
        "remedy": finding.remedy,
        "policy": {"title": title, "url": url},
        "edition": finding.edition,
        "where": {
            "source": finding.where.source,
            "record": finding.where.record,
            "line": finding.where.line,
            "column": finding.where.column,
            "pointer": finding.where.pointer,
        },
        "at": finding.at,
        "conversation": finding.conversation,
        "evidence": [evidence_object(piece, show_text=style.show_text) for piece in finding.evidence],
        "fingerprint": finding.fingerprint,
    }
    if finding.change is not None:
        shown["change"] = finding.change
    if style.show_text and finding.person is not None:
        shown["person"] = finding.person
    return shown


def evidence_object(piece: Evidence, *, show_text: bool) -> dict[str, Json]:
    """A piece of evidence; its words only where the user asked for them."""
    shown: dict[str, Json] = {
        "pointer": piece.pointer,
        "start": piece.start,
        "end": piece.end,
        "term": piece.term,
        "share": piece.share,
    }
    if show_text and piece.text is not None:
        shown["text"] = piece.text
    return shown


def _coverage(coverage: Coverage) -> dict[str, Json]:
    return {"judged": coverage.judged, "not_judged": dict(sorted(coverage.not_judged.items()))}


def _what_if(changes: Changes) -> dict[str, Json]:
    return {
        "edition": changes.edition,
        "least": str(changes.least),
        "would_breach": changes.would_breach,
        "would_be_fine": changes.would_be_fine,
        "breach_anyway": changes.breach_anyway,
        "fine_anyway": changes.fine_anyway,
    }


def _platform(answers: PlatformAnswers) -> dict[str, Json]:
    return {
        "verdicts": [
            {"platform": str(ruling), "ours": str(ours), "messages": messages}
            for (ruling, ours), messages in answers.verdicts.items()
        ],
        "agreement": {
            "compared": answers.compared,
            "agreed": answers.agreed,
            "warned": answers.warned,
            "disagreed": answers.disagreed,
        },
        "refused_but_passed": [
            {
                **_place(refused.where),
                "category": refused.category,
                "code": refused.code,
                "subcode": refused.subcode,
                "meaning": refused.meaning,
            }
            for refused in answers.refused_but_passed
        ],
        "accepted_but_breached": [
            {**_place(accepted.where), "rules": list(accepted.rules)} for accepted in answers.accepted_but_breached
        ],
    }


def _place(where: Where) -> dict[str, Json]:
    return {"source": where.source, "record": where.record, "line": where.line}
