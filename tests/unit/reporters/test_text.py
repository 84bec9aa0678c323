"""The report for people."""

from __future__ import annotations

from collections.abc import Callable

import click
import pytest

from policylint.findings import Evidence, Finding
from policylint.reporters import Report

Build = Callable[..., Finding]
Reports = Callable[..., Report]
Written = Callable[..., tuple[str, str]]

HEAD = "error promotion-under-tag: it announces a discount"


@pytest.mark.parametrize(
    ("fields", "records", "line"),
    [
        ({}, 1, f"fixtures/a.json:7:16: {HEAD} (/message/text)"),
        ({"column": None}, 1, f"fixtures/a.json:7: {HEAD} (/message/text)"),
        ({"pointer": ""}, 1, f"fixtures/a.json:7:16: {HEAD}"),
        ({}, 2, f"fixtures/a.json:7:16: {HEAD} (record 1, /message/text)"),
        ({"record": 7}, 9, f"fixtures/a.json:7:16: {HEAD} (record 7, /message/text)"),
        ({"record": 7, "line": None, "column": None}, 9, f"fixtures/a.json: record 7: {HEAD} (/message/text)"),
        ({"source": "-"}, 1, f"-:7:16: {HEAD} (/message/text)"),
        ({"source": "a\n::error::b"}, 1, rf"a\n::error::b:7:16: {HEAD} (/message/text)"),
        ({"source": " ::set-output name=a::b"}, 1, f"./ ::set-output name=a::b:7:16: {HEAD} (/message/text)"),
        ({"pointer": "/\x1b[2J"}, 1, rf"fixtures/a.json:7:16: {HEAD} (/\x1b[2J)"),
        ({"source": "\udcff.json"}, 1, rf"\udcff.json:7:16: {HEAD} (/message/text)"),
    ],
)
def test_place(
    finding: Build, report: Reports, written: Written, *, fields: dict[str, object], records: int, line: str
) -> None:
    out, notices = written("text", report([finding(**fields)], records=records, used=records))
    assert out.splitlines()[0] == line
    assert notices == ""


def test_each_finding_says_its_remedy_and_each_rule_its_policy(
    finding: Build, report: Reports, written: Written
) -> None:
    lines = written("text", report([finding(), finding(record=2)]))[0].splitlines()
    assert lines[1] == lines[4] == "    fix: Take it out."
    assert lines[2].startswith("    policy: Platform policy, Message Tags https://developers.facebook.com/")
    assert len([line for line in lines if "policy:" in line]) == 1, "told once for each rule"


def test_summary(finding: Build, report: Reports, written: Written) -> None:
    given = report(
        [finding()],
        records=1204,
        used=1190,
        unreadable=2,
        other=12,
        repeated=4,
        accepted=1,
        baselined=2,
        stale_baseline=["a.json: promotion-under-tag"],
        remarks=["3 messages lie outside 2017-04."],
    )
    assert written("text", given)[0].split("\n\n")[1].splitlines() == [
        "1 error, 0 warnings, 0 notes.",
        "1 recording, 5 events (4 recorded more than once, counted once), 3 messages of the page.",
        "1,204 records read: 1,190 used, 2 unreadable, 12 not about messages.",
        "Structure: 3 requests judged.",
        "Window: 1 message judged, 2 not: no time (1), refused by the API (1).",
        "Wording: 3 messages judged.",
        "Not listed: 1 accepted, 2 in the baseline.",
        "1 entry of the baseline matched nothing:",
        "  - a.json: promotion-under-tag",
        "Note: 3 messages lie outside 2017-04.",
    ]


def test_no_findings(report: Reports, written: Written) -> None:
    assert written("text", report())[0].splitlines()[0] == "No findings."


def test_statistics_take_the_place_of_findings(finding: Build, report: Reports, written: Written) -> None:
    given = report([finding(), finding(record=2), finding(rule="extra-message-spent")])
    table = written("text", given, statistics=True)[0].split("\n\n")[0]
    assert table.splitlines() == [
        "2  error    promotion-under-tag  What promotion-under-tag is about.",
        "1  note     extra-message-spent  What extra-message-spent is about.",
    ]


def test_text_only_when_asked_for(finding: Build, report: Reports, written: Written) -> None:
    evidence = (Evidence("/message/text", 3, 10, "percent-off", 0.9, text="50% off\n"),)
    given = report([finding(person="4711", evidence=evidence)])
    hidden = written("text", given)[0]
    assert "4711" not in hidden
    assert "50%" not in hidden
    shown = written("text", given, show_text=True)[0].splitlines()
    assert shown[1] == "    person: 4711"
    assert shown[2] == r'    evidence: "50% off\n" (percent-off, /message/text 3-10)'


def test_colour_changes_no_word(finding: Build, report: Reports, written: Written) -> None:
    given = report([finding(), finding(message="\x1b[31m")], remarks=["So."])
    coloured = written("text", given, colour=True)[0]
    assert "\x1b[31m" in coloured
    assert click.unstyle(coloured) == written("text", given)[0]
