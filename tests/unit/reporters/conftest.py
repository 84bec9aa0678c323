"""Reports to write: small ones by hand, large ones by number."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from policylint.events import Where
from policylint.findings import Finding, Severity
from policylint.reporters import REPORTERS, Coverage, Report, RuleCard, Style, Summary


def card(rule: str, severity: Severity) -> RuleCard:
    return RuleCard(
        id=rule,
        severity=severity,
        summary=f"What {rule} is about.",
        remedy="Take it out.",
        policy_title="Platform policy, Message Tags",
        policy_url="https://developers.facebook.com/docs/messenger-platform/policy",
        status="stable",
        help=f"# {rule}\n\nAll about it.",
        precision="medium" if rule == "off-topic-for-tag" else "very-high",
    )


CARDS = {
    rule: card(rule, severity)
    for rule, severity in {
        "promotion-under-tag": Severity.ERROR,
        "off-topic-for-tag": Severity.WARNING,
        "extra-message-spent": Severity.NOTE,
    }.items()
}


@pytest.fixture
def finding() -> Callable[..., Finding]:
    """A finding; keywords replace its fields and those of its place."""

    def build(**fields: Any) -> Finding:
        where: dict[str, Any] = {
            "source": "fixtures/a.json",
            "record": 1,
            "pointer": "/message/text",
            "line": 7,
            "column": 16,
        }
        where |= {name: fields.pop(name) for name in list(fields) if name in where}
        rule = fields.get("rule", "promotion-under-tag")
        return Finding(
            where=Where(**where),
            **{
                "rule": rule,
                "severity": CARDS[rule].severity,
                "message": "it announces a discount",
                "remedy": "Take it out.",
                "fingerprint": "f00d",
                "edition": "2017-04",
                "at": "2017-05-02T10:00:00Z",
                "conversation": "c1",
                **fields,
            },
        )

    return build


@pytest.fixture
def report() -> Callable[..., Report]:
    """A report of the given findings; keywords replace numbers of the summary."""

    def build(findings: Sequence[Finding] = (), **numbers: Any) -> Report:
        count = {level: sum(1 for found in findings if found.severity is level) for level in Severity}
        rules = [found.rule for found in findings]
        fields: dict[str, Any] = {
            "recordings": 1,
            "records": 1,
            "used": 1,
            "unreadable": 0,
            "other": 0,
            "events": 5,
            "messages": 3,
            "repeated": 0,
            "errors": count[Severity.ERROR],
            "warnings": count[Severity.WARNING],
            "notes": count[Severity.NOTE],
            "accepted": 0,
            "baselined": 0,
            "coverage": {
                "wording": Coverage(3, {}),
                "window": Coverage(1, {"refused by the API": 1, "no time": 1}),
                "structure": Coverage(3, {}),
            },
            "statistics": {rule: rules.count(rule) for rule in sorted(set(rules))} if len(rules) < 100 else {},
        }
        return Report("1.2.3", "2017-04", findings, CARDS, Summary(**{**fields, **numbers}))

    return build


@pytest.fixture
def written() -> Callable[..., tuple[str, str]]:
    """What a reporter writes to its two streams."""

    def write(name: str, report: Report, **style: bool) -> tuple[str, str]:
        out, notices = io.StringIO(), io.StringIO()
        REPORTERS[name](report, Style(**style), out, notices)
        out.getvalue().encode()  # every report can be written as UTF-8
        return out.getvalue(), notices.getvalue()

    return write
