"""DESIGN §6: what a report holds, what it must not hold, and that it is the same every time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

from tests.scenarios.conftest import (
    DAY,
    HOUR,
    POSTBACK,
    QUICK,
    RECEIPT,
    T0,
    Bench,
    Files,
    Json,
    echo,
    generic,
    page,
    person,
    request,
    script,
    sent,
    wrote,
)

FORMATS: Final = ("text", "json", "ndjson", "sarif", "github")
SCHEMA: Final = json.loads((Path(__file__).parents[2] / "schemas" / "report.schema.json").read_text(encoding="utf-8"))

WHO: Final = "9988776655443322"
CANARIES: Final = ("Zanzibar", "Quagmire", "Xylophone", "Wombat", "Vermouth")
SECRETS: Final = (WHO, *CANARIES)

PRIVATE: Final[list[Json]] = [
    wrote(0, "Stop, said Zanzibar", by=WHO),
    wrote(1, "stop", by=WHO),
    sent(HOUR, {"text": "Zanzibar " + "x" * 700, "Quagmire": "Wombat"}, to=WHO),
    sent(2 * DAY, "Zanzibar: flash sale, 50% off!", "ISSUE_RESOLUTION", to=WHO),
    sent(2 * DAY + 1, "Xylophone flash sale, 50% off: how did we do?", "Zanzibar_Tag", to=WHO),
    sent(2 * DAY + 2, generic("Wombat: your parcel has shipped", "Flash sale: 50% off"), "RESERVATION_UPDATE", to=WHO),
    sent(2 * DAY + 3, {**generic(buttons=[{**POSTBACK, "type": "Vermouth"}]), "quick_replies": [QUICK] * 12}, to=WHO),
    sent(2 * DAY + 4, {"text": "Vermouth", "metadata": {"Xylophone": "Wombat"}}, to=WHO),
    {**sent(2 * DAY + 5, "Wombat", to=WHO), "response": {"error": {"message": f"no {WHO} Vermouth"}}},
    echo(3 * DAY, "Quagmire", to=WHO),
    {"timestamp": "Zanzibar", "request": request("Wombat", to=WHO)},
    {"object": "page", "entry": [{"id": "7001", "messaging": [{"sender": {"id": WHO}, "message": "Zanzibar"}]}]},
    {"recipient": {"id": WHO, "user_ref": "Zanzibar"}, "message": "Quagmire", "sender_action": "Wombat"},
    {"recipient": {"id": WHO}, "message": '{"text": "Zanzibar'},
    sent(4 * DAY, {**RECEIPT, "Zanzibar": 1}, to=WHO, page_id="7001"),
]
TORN: Final = '{"recipient": {"id": "' + WHO + '"}, "message": {"text": "Zanzibar Wombat\n'


def written(bench: Bench) -> None:
    bench.write("log.ndjson", PRIVATE)
    with (bench.folder / "log.ndjson").open("a", encoding="utf-8") as log:
        log.write(TORN)
    bench.write(
        "script.json",
        script(person("0h", "Zanzibar"), page("30h", "Wombat"), page("31h", "Quagmire sale 50% off", "X")),
    )
    bench.write(
        "torn.yaml",
        "events:\n- {at: 0h, person: {text: Zanzibar}}\n- {at: Wombat, page: {message: {text: Quagmire}}}\n",
    )
    bench.write("torn.json", '{"recipient": {"id": "' + WHO + '"}, "message": {"text": "Zanzibar" "Wombat"}}')


@pytest.mark.parametrize("style", FORMATS)
def test_private_without_show_text(bench: Bench, style: str) -> None:
    """No text, no person's id; a tag and a key are the developer's own words, but for safety count as text here too."""
    written(bench)
    run = bench.run("check", ".", "--format", style)
    seen = run.out + run.err
    assert len(seen) > 1000
    assert [
        secret for secret in (WHO, "Xylophone flash", "flash sale", "stop, said") if secret.lower() in seen.lower()
    ] == []


@pytest.mark.parametrize("style", FORMATS)
def test_no_word_of_a_message_without_show_text(bench: Bench, style: str) -> None:
    """Words that stand in texts only, never in keys, tags or enumerations."""
    log = [
        wrote(0, "Zanzibar", by=WHO),
        sent(2 * DAY, "Quagmire flash sale, 50% off", "ISSUE_RESOLUTION", to=WHO),
        sent(2 * DAY + 1, "Xylophone " + "x" * 700, to=WHO),
        sent(2 * DAY + 2, {**generic("Wombat " * 20, "Vermouth"), "metadata": 7}, to=WHO),
        {"recipient": {"id": WHO}, "message": "Quagmire"},
        {"recipient": {"id": WHO}, "message": '{"text": "Zanzibar'},
        {"timestamp": "later, says Wombat", "request": request("Zanzibar", to=WHO)},
    ]
    bench.write("a.ndjson", log)
    with (bench.folder / "a.ndjson").open("a", encoding="utf-8") as file:
        file.write(TORN)
    bench.write(
        "torn.yaml", f"events:\n- {{at: 0h, person: {{text: Zanzibar}}}}\n- {{at: 1h, {WHO}: {{message: Quagmire}}}}\n"
    )
    run = bench.run("check", ".", "--format", style)
    seen = (run.out + run.err).lower()
    assert len(seen) > 1000
    assert [secret for secret in SECRETS if secret.lower() in seen] == []


@pytest.mark.parametrize("style", FORMATS)
def test_text_that_yaml_reads_as_a_key_is_private_too(bench: Bench, style: str) -> None:
    said = "Hello Jane, your code is 4711, thanks"
    text = f"events:\n- {{at: 0h, person: {{text: a}}}}\n- {{at: 1h, page: {{message: {{text: {said}}}}}}}\n"
    bench.write("a.yaml", text)
    out = bench.run("check", "a.yaml", "--format", style).out
    assert "unknown-field" in out
    assert "4711" not in out


@pytest.mark.parametrize("style", ["text", "json", "ndjson"])
def test_shown_with_show_text(bench: Bench, style: str) -> None:
    written(bench)
    run = bench.run("check", ".", "--format", style, "--show-text")
    assert "flash sale" in run.out.lower()
    assert WHO in run.out


def test_baselines_and_statistics_are_private_too(bench: Bench) -> None:
    written(bench)
    bench.run("check", ".", "--write-baseline", "base.ndjson")
    shown = bench.run("check", ".", "--statistics")
    seen = (bench.folder / "base.ndjson").read_text(encoding="utf-8") + shown.out + shown.err
    keys = {"Quagmire", "Zanzibar"}  # of the requests: JSON pointers name them
    assert [secret for secret in SECRETS if secret in seen and secret not in keys] == []


@pytest.mark.parametrize("style", FORMATS)
@pytest.mark.parametrize("show", [False, True], ids=["private", "shown"])
def test_the_same_bytes_twice(bench: Bench, style: str, show: bool) -> None:
    written(bench)
    arguments = ["check", ".", "--format", style, *(["--show-text"] if show else [])]
    assert bench.run(*arguments) == bench.run(*arguments)


@pytest.mark.parametrize("show", [False, True], ids=["private", "shown"])
def test_json_keeps_its_schema_and_its_order(bench: Bench, show: bool) -> None:
    written(bench)
    run = bench.again(".", *(["--show-text"] if show else []))
    assert list(Draft202012Validator(SCHEMA).iter_errors(run.report)) == []
    keys = [(f["where"]["source"], f["where"]["record"], f["where"]["pointer"], f["rule"]) for f in run.findings]
    assert keys == sorted(keys)
    counts = {"error": "errors", "warning": "warnings", "note": "notes"}
    for level, name in counts.items():
        assert run.summary[name] == sum(f["severity"] == level for f in run.findings)
    assert run.summary["records"] == run.summary["used"] + run.summary["unreadable"] + run.summary["other"]
    assert sum(run.summary["statistics"].values()) == len(run.findings)
    for part in run.summary["coverage"].values():
        assert part["judged"] + sum(part["not_judged"].values()) == run.summary["messages"]


def test_ndjson_is_the_same_findings_and_the_summary_last(bench: Bench) -> None:
    written(bench)
    lines: list[Json] = [json.loads(line) for line in bench.run("check", ".", "--format", "ndjson").out.splitlines()]
    report = bench.again(".").report
    assert lines[:-1] == report["findings"]
    assert lines[-1]["summary"] == report["summary"]
    validator: Any = Draft202012Validator(
        {
            **SCHEMA,
            "type": "object",
            "$ref": "#/$defs/line",
            "properties": {},
            "required": [],
            "additionalProperties": True,
        }
    )
    assert [error for line in lines for error in validator.iter_errors(line)] == []


def test_records_add_up_in_the_text_report(bench: Bench) -> None:
    written(bench)
    summary = bench.again(".").summary
    assert f"{summary['records']} records read" in bench.run("check", ".").out


# --- conversations


def test_conversations_are_numbered_by_first_finding(bench: Bench) -> None:
    log = [
        sent(0, "x" * 641, to="zoe"),
        wrote(1, by="ann"),
        sent(2 * DAY, to="bob"),
        sent(2 * DAY + 1, to="ann"),
        sent(3 * DAY, to="zoe"),
    ]
    run = bench.check(log, name="a.ndjson")
    names: dict[int, str] = {f["where"]["record"]: f["conversation"] for f in run.findings}
    assert names == {1: "c1", 3: "c2", 4: "c3", 5: "c1"}


def test_conversations_under_a_key(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    log = [
        wrote(0, by=WHO),
        wrote(0, by="other"),
        sent(2 * DAY, to=WHO),
        sent(2 * DAY, "b", to="other"),
        sent(3 * DAY, to=WHO),
    ]

    def names() -> list[str]:
        return [f["conversation"] for f in bench.again("a.ndjson").findings]

    bench.write("a.ndjson", log)
    assert names() == ["c1", "c2", "c1"]
    monkeypatch.setenv("POLICYLINT_PSEUDONYM_KEY", "key one")
    first = names()
    assert first[0] == first[2] != first[1]
    assert WHO not in first[0]
    bench.write("a.ndjson", log[::-1])
    assert set(names()) == set(first)
    monkeypatch.setenv("POLICYLINT_PSEUDONYM_KEY", "key two")
    assert not set(names()) & set(first)
    monkeypatch.setenv("POLICYLINT_PSEUDONYM_KEY", "")
    assert set(names()) == {"c1", "c2"}


# --- fingerprints


def prints(bench: Bench, recording: object, name: str = "a.json") -> list[str]:
    return [f["fingerprint"] for f in bench.check(recording, name=name).findings]


def test_fingerprints_survive_what_does_not_matter(bench: Bench) -> None:
    made = request({"text": "x" * 641, "metadata": "m"})
    first = prints(bench, made)
    assert prints(bench, json.dumps(made, indent=3)) == first
    assert prints(bench, dict(reversed(made.items()))) == first
    assert prints(bench, made, "elsewhere/b.json") == first
    assert prints(bench, {**made, "recipient": {"id": "another"}}) == first
    assert prints(bench, [request("a"), made]) == first
    assert prints(bench, json.dumps(made), "a.yaml") == first
    assert prints(bench, {**made, "message": json.dumps(made["message"])}) == first


def test_fingerprints_tell_apart_what_does(bench: Bench) -> None:
    made = request({"text": "x" * 641})
    first = prints(bench, made)
    assert prints(bench, request({"text": "y" * 641})) != first
    assert prints(bench, request({"text": "x" * 641}, notification_type="NO_PUSH")) != first


# --- colour


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
    ids=["neither", "force", "no", "both"],
)
def test_colour(bench: Bench, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], coloured: bool) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    bench.write("a.json", request("x" * 641))
    assert ("\x1b[" in bench.run("check", "a.json").out) is coloured
    for style in FORMATS[1:]:
        assert "\x1b[" not in bench.run("check", "a.json", "--format", style).out


@pytest.mark.parametrize("style", ["text", "github", "ndjson"])
def test_a_recording_cannot_write_lines_of_its_own(bench: Bench, style: str) -> None:
    """Control characters and workflow commands in keys or tags stay harmless."""
    evil = "a\n::error::pwned\x1b[31m"
    bench.write("a.json", script(person("0h"), page("1h", {"text": "a", evil: 1}, evil)))
    out = bench.run("check", "a.json", "--format", style).out
    assert "\x1b" not in out
    assert not any(line.startswith("::error::pwned") for line in out.splitlines())


def test_one_report_over_several_files(bench: Bench) -> None:
    run = bench.check(Files({"b.json": request("x" * 641), "a.json": request("y" * 641)}))
    assert [source for _, source, _ in run.placed] == ["a.json", "b.json"]
    assert run.summary["recordings"] == 2


# --- the platform's own answers


OK: Final[Json] = {"recipient_id": WHO, "message_id": "m-1"}


def refused(code: int, subcode: int | None = None, message: str = "no") -> Json:
    """The API's answer to a request that it refuses."""
    numbers = {"code": code} if subcode is None else {"code": code, "error_subcode": subcode}
    return {"error": {"message": f"(#{code}) {message}, Zanzibar {WHO}", **numbers}}


def answered(at: int, response: Json, content: str = "All right.", tag: str | None = None, to: str = WHO) -> Json:
    """A log entry of a send with the API's answer."""
    return sent(at, content, tag, to=to, response=response)


ANSWERED: Final[list[Json]] = [
    wrote(0, by=WHO),
    answered(HOUR, {**OK, "message_id": "m-2"}),  # both fine
    answered(HOUR + 1, refused(10, 2018278, "outside the window")),  # only the platform objects
    answered(HOUR + 2, refused(10, 1893063)),  # the page is restricted
    answered(HOUR + 3, refused(551, 1545041)),  # or the person is unavailable
    answered(HOUR + 4, refused(190, 463)),
    answered(HOUR + 5, {**OK, "message_id": "m-7"}, "x" * 641),  # only we object
    sent(HOUR + 6, "All right.", to=WHO),  # no answer
    answered(3 * DAY, {**OK, "message_id": "m-9"}, "More?"),  # the extra message after the window
    answered(3 * DAY + 1, refused(10, 2018278, "outside the window"), "And more?"),  # both object
    answered(3 * DAY + 2, refused(100, None, "Invalid tag"), "Your parcel is on its way.", "ISSUE_RESOLUTION"),
]


def test_platform_answers_against_our_verdicts(bench: Bench) -> None:
    told = bench.check(ANSWERED, name="a.ndjson").summary["platform"]
    met = {(row["platform"], row["ours"]): row["messages"] for row in told["verdicts"]}
    assert sum(met.values()) == 10
    assert met["accepted", "breach"] == 1
    assert met["page-restricted", "fine"] == met["refused-unclear", "fine"] == met["refused-otherwise", "fine"] == 1
    assert met["no-answer", "fine"] == 1
    assert met["refused-for-policy", "breach"] == 1
    assert [(one["record"], one["line"], one["category"], one["subcode"]) for one in told["refused_but_passed"]] == [
        (3, 3, "window", 2018278),
        (11, 11, "tag", None),
    ]
    assert [one["record"] for one in told["accepted_but_breached"]] == [7]
    agreement = told["agreement"]
    assert agreement["compared"] == agreement["agreed"] + agreement["warned"] + agreement["disagreed"]
    assert agreement["disagreed"] == 3


def test_a_refused_message_is_judged_as_if_it_had_been_sent(bench: Bench) -> None:
    """It breaches nothing, since it reached nobody; but whether the platform was right to refuse it, is known."""
    log = [wrote(0, by=WHO), answered(3 * DAY, OK), answered(3 * DAY + 1, refused(10, 2018278), "More?")]
    run = bench.check(log, "--history", "complete", name="a.ndjson")
    assert run.summary["platform"]["refused_but_passed"] == []
    assert [row for row in run.summary["platform"]["verdicts"] if row["platform"] == "refused-for-policy"] == [
        {"platform": "refused-for-policy", "ours": "breach", "messages": 1}
    ]
    assert [found for found in run.found if found[1] == 3] == []


def test_no_table_without_answers(bench: Bench) -> None:
    run = bench.check([wrote(0), sent(HOUR)], name="a.ndjson")
    assert (run.summary["platform"], run.summary["enforcement"]) == (None, [])
    assert "platform" not in bench.run("check", "a.ndjson").out


def test_the_answers_of_several_recordings_are_one_table(bench: Bench) -> None:
    first, second = ANSWERED[:5], [ANSWERED[0], *ANSWERED[5:]]
    whole = bench.check(ANSWERED, name="a.ndjson").summary["platform"]
    parts = bench.check(Files({"b.ndjson": first, "a.ndjson": second})).summary["platform"]
    assert parts["verdicts"] == whole["verdicts"]
    assert [(one["source"], one["record"]) for one in parts["refused_but_passed"]] == [
        ("a.ndjson", 7),
        ("b.ndjson", 3),
    ]


@pytest.mark.parametrize("style", FORMATS)
def test_platform_answers_are_private(bench: Bench, style: str) -> None:
    bench.write("a.ndjson", ANSWERED)
    run = bench.run("check", "a.ndjson", "--format", style, "--show-text")
    assert "disagree" in run.out
    assert "Zanzibar" not in run.out + run.err
    assert WHO not in bench.run("check", "a.ndjson", "--format", style).out


def test_what_the_platform_did_to_a_page(bench: Bench) -> None:
    def measure(at: int, action: str) -> Json:
        event = {"recipient": {"id": "7001"}, "timestamp": T0 + at, "policy_enforcement": {"action": action}}
        return {"object": "page", "entry": [{"id": "7001", "time": T0 + at, "messaging": [event]}]}

    log = [measure(DAY, "unblock"), measure(0, "block"), measure(0, "block"), wrote(2 * DAY)]
    told = bench.check(log, name="a.ndjson").summary["enforcement"]
    assert told == [
        {"page": "7001", "measure": "block", "at": "2017-05-01T10:00:00Z"},
        {"page": "7001", "measure": "unblock", "at": "2017-05-02T10:00:00Z"},
    ]
    out = bench.run("check", "a.ndjson").out
    assert "Page 7001: blocked 2017-05-01T10:00:00Z, unblocked 2017-05-02T10:00:00Z.\n" in out
