"""SARIF: places as URIs, fingerprints, and what happens at GitHub's limits."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from policylint.findings import Evidence, Finding
from policylint.reporters import Report
from policylint.reporters.sarif import MOST_BYTES, MOST_RESULTS

Build = Callable[..., Finding]
Reports = Callable[..., Report]
Written = Callable[..., tuple[str, str]]

LEVELS = ("promotion-under-tag", "off-topic-for-tag", "extra-message-spent")


def run(out: str) -> dict[str, Any]:
    (only,) = json.loads(out)["runs"]
    assert isinstance(only, dict)
    return only


@pytest.mark.parametrize(
    ("source", "artifact"),
    [
        ("fixtures/a.json", {"uri": "fixtures/a.json", "uriBaseId": "%SRCROOT%"}),
        ("./a.json", {"uri": "a.json", "uriBaseId": "%SRCROOT%"}),
        ("../a.json", {"uri": "../a.json", "uriBaseId": "%SRCROOT%"}),
        ("a b#%?.json", {"uri": "a%20b%23%25%3F.json", "uriBaseId": "%SRCROOT%"}),
        ("a:b,c.json", {"uri": "a%3Ab%2Cc.json", "uriBaseId": "%SRCROOT%"}),
        ("ü\n.json", {"uri": "%C3%BC%0A.json", "uriBaseId": "%SRCROOT%"}),
        ("\udcff.json", {"uri": "%FF.json", "uriBaseId": "%SRCROOT%"}),
        ("\ud800.json", {"uri": "%ED%A0%80.json", "uriBaseId": "%SRCROOT%"}),
        ("-", {"uri": "stdin", "uriBaseId": "%SRCROOT%"}),
        ("<stdin>", {"uri": "stdin", "uriBaseId": "%SRCROOT%"}),
        ("/logs/a b.json", {"uri": "file:///logs/a%20b.json"}),
    ],
)
def test_artifact(finding: Build, report: Reports, written: Written, source: str, artifact: dict[str, str]) -> None:
    made = run(written("sarif", report([finding(source=source)]))[0])
    assert made["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == artifact


@pytest.mark.parametrize(
    ("line", "column", "region"),
    [(7, 16, {"startLine": 7, "startColumn": 16}), (7, None, {"startLine": 7}), (None, None, {"startLine": 1})],
)
def test_region(
    finding: Build, report: Reports, written: Written, *, line: int | None, column: int | None, region: dict[str, int]
) -> None:
    made = run(written("sarif", report([finding(line=line, column=column)]))[0])
    assert made["results"][0]["locations"][0]["physicalLocation"]["region"] == region


def test_result(finding: Build, report: Reports, written: Written) -> None:
    made = run(written("sarif", report([finding(), finding(record=2, rule="extra-message-spent", at=None)]))[0])
    first, second = made["results"]
    assert first["message"] == {"text": "it announces a discount\nTake it out."}
    assert first["properties"]["conversation"] == "c1"
    assert [result["level"] for result in made["results"]] == ["error", "note"]
    assert [result["partialFingerprints"]["primaryLocationLineHash"] for result in (first, second)] == [
        "f00d:1",
        "f00d:2",
    ]
    assert "at" not in second["properties"]
    rules = made["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in made["results"]] == [first["ruleId"], second["ruleId"]]
    assert {rule["id"]: rule["properties"]["precision"] for rule in rules}["off-topic-for-tag"] == "medium"


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("a\n\x1b[31m\u202e\ud800", r"a\n\x1b[31m\u202e\ud800"),
        ("[click](https://example.org)", r"[click\](https://example.org)"),
    ],
)
def test_message(finding: Build, report: Reports, written: Written, message: str, text: str) -> None:
    made = run(written("sarif", report([finding(message=message)]))[0])
    assert made["results"][0]["message"]["text"] == f"{text}\nTake it out."


def test_version_of_a_development_build(report: Reports, written: Written) -> None:
    driver = run(written("sarif", replace(report(), tool_version="0.2.0.dev1"))[0])["tool"]["driver"]
    assert driver["version"] == "0.2.0.dev1"
    assert "semanticVersion" not in driver


def test_never_carries_text(finding: Build, report: Reports, written: Written) -> None:
    given = report([finding(person="4711", evidence=(Evidence("/message/text", 0, 7, "off", 0.9, text="50% off"),))])
    out = written("sarif", given, show_text=True)[0]
    assert "4711" not in out
    assert "50%" not in out


def test_remarks_are_notifications(report: Reports, written: Written) -> None:
    (invocation,) = run(written("sarif", report(remarks=["So."]))[0])["invocations"]
    assert invocation == {
        "executionSuccessful": True,
        "toolExecutionNotifications": [{"level": "note", "message": {"text": "So."}}],
    }


# Short enough that 25,000 results stay below the limit of bytes.
TERSE = {"source": "a", "pointer": "", "message": "", "remedy": "", "at": None, "conversation": None, "edition": None}


def many(finding: Build, **fields: Any) -> list[Finding]:
    """26,000 findings in the order of their records; each severity has a third, by turns."""
    return [finding(record=record, rule=LEVELS[record % 3], **fields) for record in range(1, 26_001)]


@pytest.mark.parametrize(
    ("fields", "limit"),
    [(TERSE, f"{MOST_RESULTS:,} results in a file"), ({"message": "é" * 300}, f"{MOST_BYTES:,} bytes a file")],
    ids=["results", "bytes"],
)
def test_limits(finding: Build, report: Reports, written: Written, fields: dict[str, Any], limit: str) -> None:
    """Beyond a limit the worst are kept, in the order of the report, and the user is told."""
    findings = many(finding, **fields)
    out, notices = written("sarif", report(findings))
    made = run(out)
    kept = [(result["level"], result["properties"]["record"]) for result in made["results"]]
    worst = sorted(findings, key=lambda found: (-found.severity, found.where.record))[: len(kept)]
    assert kept == sorted(((str(found.severity), found.where.record) for found in worst), key=lambda pair: pair[1])
    size = len(out.encode())
    assert size <= MOST_BYTES
    assert len(kept) == MOST_RESULTS or size > MOST_BYTES - 5_000  # as many as fit
    assert out.count("\n") == 1  # no bytes spent on layout
    (notification,) = made["invocations"][0]["toolExecutionNotifications"]
    assert notification["level"] == "warning"
    assert notices == f"policylint: {notification['message']['text']}\n"
    assert f"holds {len(kept):,} of 26,000 findings" in notices
    assert f"GitHub takes at most {limit}." in notices


def test_at_the_limit_nothing_is_said(finding: Build, report: Reports, written: Written) -> None:
    out, notices = written("sarif", report([finding(**TERSE)] * MOST_RESULTS))
    assert notices == ""
    assert len(run(out)["results"]) == MOST_RESULTS
