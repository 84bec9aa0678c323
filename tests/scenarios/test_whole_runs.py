"""Runs that went wrong once: noise in logs, parts of a project, choices of rules, what workers are given."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from policylint import lint_recording, lint_request
from policylint.cli import main
from policylint.engines.local import run
from policylint.errors import PolicylintError
from policylint.lint import judge_for
from policylint.rulebook import shipped_rulebook
from policylint.settings import Settings
from policylint.sources.content import Content
from policylint.sources.recording import read_recording
from tests.scenarios.conftest import DAY, Bench, Json, echo, ndjson, page, person, script, sent, wrote

BAD: Json = {"recipient": {"id": "7"}, "message": {"text": "Hi"}, "tag": "NEWS"}
UNREADABLE = [("unreadable-record", 1, "")]


@pytest.mark.parametrize("greeting", ["Starting server on port 3000", "2017-05-02 INFO: ready", "{not json", "- ready"])
@pytest.mark.parametrize("name", ["app.log", "app.json"])
def test_a_log_after_a_greeting_is_read(bench: Bench, greeting: str, name: str) -> None:
    found = bench.check(f"{greeting}\n" + ndjson([BAD, BAD]), name=name)
    assert found.found == [*UNREADABLE, ("unknown-tag", 2, "/tag"), ("unknown-tag", 3, "/tag")]


def test_plain_text_is_no_yaml(bench: Bench) -> None:
    assert bench.check("one\ntwo\n", name="notes.txt").found == UNREADABLE


def test_a_choice_of_rules_does_not_hide_what_could_not_be_read(bench: Bench) -> None:
    assert bench.check("{bad", "--select", "unknown-tag").found == UNREADABLE
    assert bench.again("a.json", "--ignore", "unreadable-record").found == []


def test_choosing_no_rule_at_all_is_refused(bench: Bench) -> None:
    run_ = bench.check(BAD, config="select: []\n")
    assert (run_.status, ".policylint.yaml:1:9" in run_.err) == (2, True)


def test_a_time_in_seconds_changes_no_other_verdict(bench: Bench) -> None:
    partial = [sent(0), sent(DAY // 2)]
    before = bench.check(partial, name="a.ndjson")
    stray = {**sent(0, to="999"), "timestamp": 1_493_719_200}
    after = bench.check([*partial, stray], name="a.ndjson")
    assert [row for row in after.found if row[1] != 3] == before.found
    assert "look" in after.summary["remarks"][-1]


def test_broken_recipient_text_is_no_person(bench: Bench) -> None:
    torn = {"recipient": '{"id": "1"', "message": {"text": "Hi"}}
    log = [{**sent(n * 2 * DAY), "request": torn} for n in range(3)]
    found = bench.check(log, "--show-text", name="a.ndjson")
    assert {rule for rule, _, _ in found.found} == {"malformed-value"}
    assert all(finding.get("person") is None for finding in found.findings)


def test_an_entry_takes_its_time_from_its_echo(bench: Bench) -> None:
    entry = sent(0, response={"recipient_id": "p-1", "message_id": "m_9"})
    del entry["timestamp"]
    found = bench.check([wrote(0), entry, echo(2 * DAY, mid="m_9")], name="a.ndjson")
    assert found.found == [("extra-message-spent", 2, "")]
    assert found.summary["messages"] == 1


def test_a_script_tells_one_message_once(bench: Bench) -> None:
    told = page("30h")
    told["response"] = {"message_id": "m1"}
    found = bench.check(script(person("0h"), told, {"at": "30h", "echo": {"mid": "m1", "text": "All right."}}))
    assert found.found == [("extra-message-spent", 2, "")]


@pytest.mark.parametrize(
    "step",
    [
        {"at": "0h", "person": {"txt": "hello"}},
        {"at": "0h", "person": {"mesage": {"text": "a"}}},
        {"at": "0h", "preson": {"text": "a"}},
    ],
    ids=["txt", "mesage", "preson"],
)
def test_a_typing_error_in_a_script_is_said(bench: Bench, step: Json) -> None:
    found = bench.check(script(step))
    assert found.found == UNREADABLE
    assert "did you mean" in found.findings[0]["message"]


def test_a_tag_that_is_not_in_force_is_one_finding(bench: Bench) -> None:
    assert bench.check(script(person("0h", "stop"), page("1h", tag="NEWS"))).found == [("unknown-tag", 2, "/tag")]


def test_the_projects_own_files_are_no_recordings(bench: Bench) -> None:
    bench.write("a.json", BAD)
    bench.write(".policylint.yaml", "baseline: base.ndjson\n")
    assert main(["check", "--write-baseline", "base.ndjson"]) == 0
    assert (bench.again(".").summary["recordings"], bench.again(".").summary["baselined"]) == (1, 1)


def test_a_run_of_some_rules_leaves_the_others_baseline_alone(bench: Bench) -> None:
    bench.write("a.json", [BAD, {"recipient": {"id": "1"}, "message": {"text": ""}}])
    chosen = ["a.json", "--baseline", "base", "--select", "unknown-tag"]
    assert main(["check", "a.json", "--write-baseline", "base"]) == 0
    text = Path("base").read_text()
    assert bench.again(*chosen).summary["stale_baseline"] == []
    assert main(["check", *chosen, "--write-baseline", "base"]) == 0
    assert Path("base").read_text() == text


def test_accepting_means_the_same_with_text_shown(bench: Bench) -> None:
    accepted = "accepted:\n- {path: a.yaml, rule: unknown-field, pointer: /message, reason: known}\n"
    text = "recipient: {id: '1'}\nmessage: {text: Hello, my name is Bob}\n"
    assert bench.check(text, name="a.yaml", config=accepted).found == []
    assert bench.again("a.yaml", "--show-text").found == []


@pytest.mark.parametrize("style", ["sarif", "github"])
def test_some_formats_never_show_text(bench: Bench, style: str) -> None:
    bench.write("a.yaml", "recipient: {id: '1'}\nmessage: {text: Hello, my name is Bob}\n")
    out = bench.run("check", "a.yaml", "--format", style, "--show-text").out
    assert "unknown-field" in out
    assert "Bob" not in out


def test_values_are_quoted_only_where_they_are_nearly_right(bench: Bench) -> None:
    assert "Pregnant" not in bench.check({"recipient": {"id": "1"}, "sender_action": "Pregnant"}).text
    assert "typing_onn" in bench.check({"recipient": {"id": "1"}, "sender_action": "typing_onn"}).text


def test_an_empty_folder_is_remarked_on(bench: Bench) -> None:
    bench.write("empty/x.txt", "")
    told = bench.run("check", "empty")
    assert (told.status, "No recordings were found" in told.out) == (0, True)


@pytest.mark.parametrize("history", ["partial", "complete"])
def test_the_library_chooses_as_the_command_does(bench: Bench, history: str) -> None:
    bench.write("b.ndjson", [sent(0), wrote(1), sent(2 * DAY)])
    found = bench.check(script(page("0h")), "b.ndjson", "--history", history).found
    assert [finding.rule for finding in lint_recording("a.json", "b.ndjson", history=history)] == [
        r for r, _, _ in found
    ]


def test_the_library_heeds_the_configuration(bench: Bench) -> None:
    config = str(bench.write("c.yaml", "edition: '1999-01'\n"))
    with pytest.raises(PolicylintError, match=r"c\.yaml:1:10: edition: no edition is called"):
        lint_request(BAD, config=config)
    assert lint_request(BAD, config=config, edition="2017-04")


def test_what_workers_need_can_travel() -> None:
    judge = judge_for(Settings(), shipped_rulebook())
    promotion = "Flash sale: 50% off everything"
    log = [
        entry for day in range(4) for entry in (wrote(day * DAY), sent((day + 2) * DAY, promotion, "ISSUE_RESOLUTION"))
    ]
    recording = read_recording("a.ndjson", Content(ndjson(log).encode()), shape=None, script_start=0)
    here = run([recording], judge).findings
    there = run([recording], pickle.loads(pickle.dumps(judge))).findings
    assert here == there
    assert {finding.rule for finding in here} == {"promotion-under-tag"}


def test_an_echo_of_an_approved_page_may_have_been_tagged(bench: Bench) -> None:
    told = {"at": "48h", "echo": {"mid": "m1", "text": "Flash sale: 50% off everything"}}
    config = 'pages: {"7001": {subscription_messaging: true}}\n'
    assert bench.check(script(person("0h"), told, page_id="7001"), config=config).found == []
