"""The platform's own answers and what it did to pages, in every report."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click
import pytest
from jsonschema import Draft202012Validator

from policylint.events import Where
from policylint.reporters import Report
from policylint.reporters.report import AcceptedBreach, Ours, PageMeasure, PlatformAnswers, RefusedPass, Ruling
from policylint.shipped import shipped

Reports = Callable[..., Report]
Written = Callable[..., tuple[str, str]]

SCHEMA = json.loads((shipped("schemas") / "report.schema.json").read_text(encoding="utf-8"))
REPORT = Draft202012Validator(SCHEMA)
LINE = Draft202012Validator({**SCHEMA["$defs"]["line"], "$defs": SCHEMA["$defs"]})


def answers(refused: int = 1, accepted: int = 2, **more: int) -> PlatformAnswers:
    """Answers with so many disagreements; `more` counts messages of further rulings that are fine here."""
    verdicts = {
        (Ruling.ACCEPTED, Ours.BREACH): accepted,
        (Ruling.ACCEPTED, Ours.WARNING): 1,
        (Ruling.ACCEPTED, Ours.FINE): 1200,
        (Ruling.POLICY, Ours.BREACH): 5,
        (Ruling.POLICY, Ours.FINE): refused,
        (Ruling.NONE, Ours.BREACH): 14,
        **{(Ruling[name], Ours.FINE): number for name, number in more.items()},
    }
    return PlatformAnswers(
        verdicts={pair: number for pair, number in verdicts.items() if number},
        refused_but_passed=[
            RefusedPass(Where("log.ndjson", n, line=n), "window", "sent outside the messaging window", 10, 2018278)
            for n in range(1, refused + 1)
        ],
        accepted_but_breached=[
            AcceptedBreach(Where("log.ndjson", n), ["off-topic-for-tag", "promotion-under-tag"])
            for n in range(1, accepted + 1)
        ],
    )


BLOCKED = [
    PageMeasure("7001", "block", "2021-03-01T10:00:00Z"),
    PageMeasure("7001", "unblock", "2021-03-02T10:00:00Z"),
    PageMeasure("7002", "warning", None),
    PageMeasure(None, "block", "2021-03-01T10:00:00Z"),
]


def summary_lines(out: str) -> list[str]:
    """The text report's summary after the lines on coverage."""
    told = out.splitlines()
    return told[next(n for n, line in enumerate(told) if line.startswith("Wording:")) + 1 :]


# --- text


def test_table(report: Reports, written: Written) -> None:
    assert summary_lines(written("text", report(platform=answers(RESTRICTED=3)))[0]) == [
        "The platform's answers (rows) against policylint's verdicts (columns), in messages:",
        "                            breach  warning   fine",
        "  accepted                       2        1  1,200",
        "  refused for policy             5        0      1",
        "  refused, page restricted       0        0      3",
        "  no answer on record           14        0      0",
        "1,209 answers of the platform compared: 1,205 agree, 1 only warned about here, 3 disagree.",
        "Refused for policy, passed here (1):",
        "  - log.ndjson: record 1, line 1: window (10/2018278): sent outside the messaging window",
        "Accepted, a breach here (2):",
        "  - log.ndjson: record 1: off-topic-for-tag, promotion-under-tag",
        "  - log.ndjson: record 2: off-topic-for-tag, promotion-under-tag",
    ]


def test_undecided_messages_have_a_column_where_there_are_some(report: Reports, written: Written) -> None:
    told = PlatformAnswers({(Ruling.ACCEPTED, Ours.UNDECIDED): 12_345, (Ruling.OTHER, Ours.FINE): 1}, [], [])
    assert summary_lines(written("text", report(platform=told))[0])[1:] == [
        "                            breach  warning  fine  undecided",
        "  accepted                       0        0     0     12,345",
        "  refused, other cause           0        0     1          0",
        "0 answers of the platform compared: 0 agree, 0 only warned about here, 0 disagree.",
    ]


@pytest.mark.parametrize(
    ("number", "shown", "last"), [(10, 10, "  - "), (11, 10, "  … and 1 more"), (2010, 10, "  … ")]
)
def test_long_lists_say_what_they_leave_out(
    report: Reports, written: Written, number: int, shown: int, last: str
) -> None:
    lines = summary_lines(written("text", report(platform=answers(refused=number, accepted=0)))[0])
    start = lines.index(f"Refused for policy, passed here ({number:,}):")
    listed = lines[start + 1 :]
    assert len([line for line in listed if line.startswith("  - ")]) == shown
    assert listed[-1].startswith(last)
    if number == 2010:
        assert listed[-1] == "  … and 2,000 more (--format json lists all)"


def test_nothing_is_said_without_answers(report: Reports, written: Written) -> None:
    for name in ("text", "github", "sarif"):
        assert "answers" not in written(name, report())[0]


def test_enforcement(report: Reports, written: Written) -> None:
    assert summary_lines(written("text", report(enforcement=BLOCKED))[0]) == [
        "Page 7001: blocked 2021-03-01T10:00:00Z, unblocked 2021-03-02T10:00:00Z.",
        "Page 7002: warned at an unknown time.",
        "A page that the record does not name: blocked 2021-03-01T10:00:00Z.",
    ]


def test_much_enforcement_says_what_it_leaves_out(report: Reports, written: Written) -> None:
    many = [PageMeasure("7000", "warning", f"2021-03-01T{hour:02}:00:00Z") for hour in range(13)]
    many += [PageMeasure(str(7001 + n), "block", "2021-03-01T10:00:00Z") for n in range(12)]
    lines = summary_lines(written("text", report(enforcement=many))[0])
    assert len(lines) == 11
    assert lines[0].endswith("warned 2021-03-01T09:00:00Z, … and 3 more (--format json lists all).")
    assert lines[-1] == "… and 3 more pages (--format json lists all)."


def test_colour_changes_no_word(report: Reports, written: Written) -> None:
    given = report(platform=answers(), enforcement=BLOCKED)
    coloured = written("text", given, colour=True)[0]
    assert "\x1b[31m\x1b[1m      1\x1b[0m" in coloured  # refused for policy, passed here
    assert click.unstyle(coloured) == written("text", given)[0]


# --- JSON and NDJSON


def test_json_has_all(report: Reports, written: Written) -> None:
    made = json.loads(written("json", report(platform=answers(refused=30), enforcement=BLOCKED))[0])
    REPORT.validate(made)
    told = made["summary"]["platform"]
    assert told["verdicts"][0] == {"platform": "accepted", "ours": "breach", "messages": 2}
    assert told["agreement"] == {"compared": 1238, "agreed": 1205, "warned": 1, "disagreed": 32}
    assert [one["record"] for one in told["refused_but_passed"]] == list(range(1, 31))
    assert told["refused_but_passed"][6] == {
        "source": "log.ndjson",
        "record": 7,
        "line": 7,
        "category": "window",
        "code": 10,
        "subcode": 2018278,
        "meaning": "sent outside the messaging window",
    }
    assert told["accepted_but_breached"][0] == {
        "source": "log.ndjson",
        "record": 1,
        "line": None,
        "rules": ["off-topic-for-tag", "promotion-under-tag"],
    }
    assert made["summary"]["enforcement"][0] == {"page": "7001", "measure": "block", "at": "2021-03-01T10:00:00Z"}
    assert made["summary"]["enforcement"][-1]["page"] is None


def test_json_without_answers(report: Reports, written: Written) -> None:
    made = json.loads(written("json", report())[0])
    assert (made["summary"]["platform"], made["summary"]["enforcement"]) == (None, [])


def test_ndjson_says_it_on_the_last_line(report: Reports, written: Written) -> None:
    given = report(platform=answers(), enforcement=BLOCKED)
    last = json.loads(written("ndjson", given)[0].splitlines()[-1])
    LINE.validate(last)
    assert last["summary"] == json.loads(written("json", given)[0])["summary"]


@pytest.mark.parametrize(
    "breakage",
    [
        lambda summary: summary.pop("platform"),
        lambda summary: summary["platform"].pop("agreement"),
        lambda summary: summary["platform"]["verdicts"][0].update(ours="maybe"),
        lambda summary: summary["platform"]["refused_but_passed"][0].update(category="enforcement"),
        lambda summary: summary["platform"]["refused_but_passed"][0].update(text="x"),
        lambda summary: summary["platform"]["accepted_but_breached"][0].update(record=0),
        lambda summary: summary["enforcement"][0].update(measure="ban"),
        lambda summary: summary["enforcement"][0].update(at="yesterday"),
    ],
)
def test_schema_refuses_other_shapes(
    report: Reports, written: Written, breakage: Callable[[dict[str, Any]], object]
) -> None:
    made = json.loads(written("json", report(platform=answers(), enforcement=BLOCKED))[0])
    assert REPORT.is_valid(made)
    breakage(made["summary"])
    assert not REPORT.is_valid(made)


def test_schema_knows_every_verdict() -> None:
    fields = SCHEMA["$defs"]["verdicts"]["properties"]
    assert fields["platform"]["enum"] == [str(ruling) for ruling in Ruling]
    assert fields["ours"]["enum"] == [str(ours) for ours in Ours]


# --- reports for services


def test_github_says_it_in_plain_lines(report: Reports, written: Written) -> None:
    out = written("github", report(platform=answers(), enforcement=BLOCKED[:2]))[0]
    assert out.splitlines()[-2:] == [
        "policylint: 1,209 answers of the platform compared: 1,205 agree, 1 only warned about here, 3 disagree.",
        "policylint: Page 7001: blocked 2021-03-01T10:00:00Z, unblocked 2021-03-02T10:00:00Z.",
    ]


def test_sarif_says_it_in_notes(report: Reports, written: Written) -> None:
    made = json.loads(written("sarif", report(platform=answers(), enforcement=BLOCKED[:2], remarks=["So."]))[0])
    notes = made["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert {note["level"] for note in notes} == {"note"}
    texts = [note["message"]["text"] for note in notes]
    assert texts[0].startswith("1,209 answers of the platform compared:")
    assert texts[1:] == ["Page 7001: blocked 2021-03-01T10:00:00Z, unblocked 2021-03-02T10:00:00Z.", "So."]


@pytest.mark.parametrize("name", ["text", "github", "sarif", "json", "ndjson"])
def test_names_of_recordings_and_pages_steer_nothing(report: Reports, written: Written, name: str) -> None:
    hostile = "a\n::error::b\x1b[31m\u202e##[error]\ud800"
    told = PlatformAnswers(
        {(Ruling.ACCEPTED, Ours.BREACH): 1, (Ruling.POLICY, Ours.FINE): 1},
        [RefusedPass(Where(hostile, 1), "tag", "the tag is unknown", 100, None)],
        [AcceptedBreach(Where(hostile, 2), ["promotion-under-tag"])],
    )
    given = report(platform=told, enforcement=[PageMeasure(hostile, "block", None)])
    out = written(name, given)[0]
    assert not set(out) & set("\x1b\u202e")
    assert "##[" not in out
    assert not any(line.startswith("::error") for line in out.splitlines())
