"""Workflow commands: one a finding, and nothing that a recording says becomes another."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from policylint.findings import Evidence, Finding
from policylint.reporters import Report

Build = Callable[..., Finding]
Reports = Callable[..., Report]
Written = Callable[..., tuple[str, str]]


def test_command(finding: Build, report: Reports, written: Written) -> None:
    assert written("github", report([finding()]))[0].splitlines() == [
        "::error file=fixtures/a.json,line=7,col=16,title=promotion-under-tag::it announces a discount "
        "(record 1, /message/text)%0Afix: Take it out.%0Apolicy: Platform policy, Message Tags "
        "https://developers.facebook.com/docs/messenger-platform/policy",
        "policylint: 1 error, 0 warnings, 0 notes.",
        "policylint: 1 record read: 1 used, 0 unreadable, 0 not about messages.",
    ]


@pytest.mark.parametrize(
    ("fields", "properties"),
    [
        ({"line": None, "column": None}, "file=fixtures/a.json,title=promotion-under-tag"),
        ({"column": None}, "file=fixtures/a.json,line=7,title=promotion-under-tag"),
        ({"source": "-"}, "title=promotion-under-tag"),
        ({"source": "a,b:c.json"}, "file=a%2Cb%3Ac.json,line=7,col=16,title=promotion-under-tag"),
        ({"source": "a b#%0A ü.json"}, "file=a b#%250A ü.json,line=7,col=16,title=promotion-under-tag"),
        ({"source": "a\n::b\udcff"}, r"file=a\n%3A%3Ab\udcff,line=7,col=16,title=promotion-under-tag"),
    ],
)
def test_properties(
    finding: Build, report: Reports, written: Written, fields: dict[str, object], properties: str
) -> None:
    line = written("github", report([finding(**fields)]))[0].splitlines()[0]
    assert line.split("::")[1] == f"error {properties}"


@pytest.mark.parametrize(
    ("message", "data"),
    [
        ("100% off", "100%25 off"),
        ("%0A::error::x", "%250A::error::x"),
        ("a\n::set-output name=x::y\r", r"a\n::set-output name=x::y\r"),
        ("\x1b[31m\u202e\ud800", r"\x1b[31m\u202e\ud800"),
        ("##[add-mask]x", r"#\x23[add-mask]x"),
    ],
)
def test_message(finding: Build, report: Reports, written: Written, message: str, data: str) -> None:
    out = written("github", report([finding(message=message)], remarks=[f"::error::{message}", f"\u00a0{message}"]))[0]
    commands = [line for line in out.splitlines() if line.lstrip().startswith("::")]
    assert len(commands) == 1
    assert commands[0].split("::", 2)[2].startswith(f"{data} (record 1, ")
    assert "##[" not in out


def test_worst_first_then_plain_lines(finding: Build, report: Reports, written: Written) -> None:
    notes = [finding(rule="extra-message-spent", record=number) for number in range(1, 13)]
    given = report(
        [*notes, finding(rule="off-topic-for-tag", record=13), finding(record=14), finding(record=15)],
        accepted=1,
        stale_baseline=["x", "y"],
    )
    lines = written("github", given)[0].splitlines()
    kinds = [line.split()[0] for line in lines]
    assert kinds == ["::error"] * 2 + ["::warning"] + ["::notice"] * 12 + ["policylint:"] * 5
    assert "(record 14," in lines[0]
    assert lines[-3:] == [
        "policylint: GitHub shows the first 10 annotations of a kind; the step's log has them all.",
        "policylint: Not listed: 1 accepted, 0 in the baseline.",
        "policylint: 2 entries of the baseline matched nothing.",
    ]


def test_no_findings(report: Reports, written: Written) -> None:
    assert written("github", report())[0].startswith("policylint: No findings.\n")


def test_never_carries_text(finding: Build, report: Reports, written: Written) -> None:
    given = report([finding(person="4711", evidence=(Evidence("/message/text", 0, 7, "off", 0.9, text="50% off"),))])
    out = written("github", given, show_text=True)[0]
    assert "4711" not in out
    assert "50%" not in out
