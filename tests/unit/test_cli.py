"""The command line around the check: help, statuses, listing, explaining, starting out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from policylint import __version__
from policylint.cli import main
from policylint.rulebook import shipped_rulebook

OWN_RULE = """
id: no-shouting
status: stable
severity: warning
summary: A text is written in capitals.
policy: {title: Our tone, url: "https://example.com/tone", read_on: "2026-11-23"}
applies_to: page
breach_when:
  payload./message/text: {matches: "^[A-Z !]{8,}$"}
message: written in capitals
remedy: Write in small letters.
examples:
  good:
    - {name: quiet, events: [{at: 0h, person: {text: Hi}}, {at: 1h, page: {message: {text: Hello there}}}]}
  bad:
    - name: loud
      breaches: [2]
      events: [{at: 0h, person: {text: Hi}}, {at: 1h, page: {message: {text: HELLO THERE}}}]
"""


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def test_version_and_module(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"policylint {__version__}\n"
    done = subprocess.run([sys.executable, "-m", "policylint", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"policylint {__version__}\n"


@pytest.mark.parametrize("command", ["audit", "check", "editions", "explain", "init", "rules", "show", "test-rules"])
def test_every_help_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    assert f"\n  policylint {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["chekc"], "Did you mean check?"),
        (["check", "--formt", "json"], "--format"),
        (["check", "--format", "xml"], "'text', 'json'"),
        (["check", "--select", "to-long"], "did you mean too-long?"),
        (["check", "--ignore", "zzz"], "`policylint rules` lists them"),
        (["check", "--edition", "2017-4"], "did you mean 2017-04?"),
        (["check", "--config", "none.yaml"], "none.yaml"),
        (["check", "--baseline", "none"], "write one with --write-baseline"),
        (["check", "nowhere.json"], "nowhere.json: no such file or directory"),
        (["explain", "unknwon-tag"], "did you mean unknown-tag?"),
        (["explain"], "RULE"),
    ],
)
def test_a_wrong_call_says_what_to_do_with_status_2(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert words in told.err
    assert "Traceback" not in told.err


def test_an_inner_failure_is_one_line_and_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("policylint.commands.check.run", broken)
    Path("a.json").write_text("{}")
    assert main(["check"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_rules_lists_all_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    text = capsys.readouterr().out
    assert main(["rules", "--format", "json"]) == 0
    listed = orjson.loads(capsys.readouterr().out)
    assert [rule["id"] for rule in listed] == sorted(shipped_rulebook().rules)
    assert all(rule["id"] in text for rule in listed)


@pytest.mark.parametrize("name", sorted(shipped_rulebook().rules))
def test_every_rule_can_be_explained(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    rule = shipped_rulebook().rules[name]
    assert main(["explain", name]) == 0
    page = capsys.readouterr().out
    assert page.startswith(f"{name}  ({rule.severity}, stable)\n{rule.summary}\n")
    assert rule.policy.url in page
    assert "Instead: " in page
    assert page.count("Fine: ") == len(rule.good)
    assert page.count("A breach: ") == len(rule.bad)
    assert "{tag." not in page
    assert "\x1b" not in page


def test_explain_is_bold_when_colours_are_forced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert main(["explain", "too-long"]) == 0
    assert "\x1b[1mtoo-long" in capsys.readouterr().out


def test_init_writes_a_configuration_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init"]) == 0
    first = Path(".policylint.yaml").read_text()
    assert main(["check"]) == 0
    assert main(["init"]) == 2
    assert "left as it is" in capsys.readouterr().err
    assert Path(".policylint.yaml").read_text() == first


def test_own_rules_are_checked_listed_explained_and_tested(capsys: pytest.CaptureFixture[str]) -> None:
    Path("policy").mkdir()
    Path("policy/no-shouting.yaml").write_text(OWN_RULE)
    Path(".policylint.yaml").write_text("rules: [policy/*.yaml]\n")
    Path("a.json").write_text('{"recipient": {"id": "1"}, "message": {"text": "BUY THIS NOW"}}')
    assert main(["test-rules", "policy"]) == 0
    assert capsys.readouterr().out == "1 rule, 2 examples, 0 failed\n"
    assert main(["check", "a.json", "--fail-on", "warning"]) == 1
    assert "a.json:1:48: warning no-shouting: written in capitals (/message/text)" in capsys.readouterr().out
    assert main(["explain", "no-shouting"]) == 0
    assert main(["rules"]) == 0
    assert "no-shouting" in capsys.readouterr().out


def test_a_failing_example_and_a_broken_rule_differ(capsys: pytest.CaptureFixture[str]) -> None:
    Path("r.yaml").write_text(OWN_RULE.replace("HELLO THERE", "hello there"))
    assert main(["test-rules", "r.yaml"]) == 1
    assert "r.yaml: no-shouting: loud: should find event 2, found nothing" in capsys.readouterr().out
    Path("r.yaml").write_text(OWN_RULE.replace("matches", "matchs"))
    assert main(["test-rules", "r.yaml"]) == 2
    assert "r.yaml:9:" in capsys.readouterr().err


def test_a_broken_own_rule_stops_the_check(capsys: pytest.CaptureFixture[str]) -> None:
    Path("r.yaml").write_text(OWN_RULE.replace("severity: warning", "severity: fatal"))
    Path(".policylint.yaml").write_text("rules: [r.yaml]\n")
    assert main(["check"]) == 2
    assert ":4:11: severity: not a value it takes" in capsys.readouterr().err
    Path("r.yaml").write_text(OWN_RULE.replace("id: no-shouting", "id: too-long"))
    assert main(["check"]) == 2
    assert "is a shipped rule's" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("shell", "sign"), [("bash", "complete -o nosort -F"), ("zsh", "#compdef"), ("fish", "complete ")]
)
def test_shells_can_complete(shell: str, sign: str) -> None:
    env = {**os.environ, "_POLICYLINT_COMPLETE": f"{shell}_source"}
    code = "from policylint.cli import run; run()"
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert sign in done.stdout
    env = {
        **os.environ,
        "_POLICYLINT_COMPLETE": "zsh_complete",
        "COMP_WORDS": "policylint explain unk",
        "COMP_CWORD": "2",
    }
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert "unknown-tag" in done.stdout.split()


def test_a_rule_that_crashes_is_a_finding(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from policylint.rules import verbs

    Path("r.yaml").write_text(OWN_RULE)
    Path(".policylint.yaml").write_text("rules: [r.yaml]\n")
    Path("a.json").write_text('{"recipient": {"id": "1"}, "message": {"text": "BUY THIS NOW"}}')

    def crash(*_: object) -> bool:
        raise ValueError("text of the message")

    monkeypatch.setitem(verbs.VERBS, "matches", verbs.Verb(crash, {"type": "string"}))
    assert main(["check", "a.json"]) == 1
    told = capsys.readouterr().out
    assert "error rule-crashed: the check no-shouting (ValueError) failed on this message" in told
    assert "text of the message" not in told


def test_an_example_that_can_not_be_read_fails(capsys: pytest.CaptureFixture[str]) -> None:
    Path("r.yaml").write_text(
        OWN_RULE.replace("page: {message: {text: Hello there}}", "pge: {message: {text: Hello there}}")
    )
    assert main(["test-rules", "r.yaml"]) == 1
    assert "quiet: event 2 can't be read: the event has a key" in capsys.readouterr().out


def test_testing_nothing_or_a_taken_id_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("empty").mkdir()
    assert main(["test-rules", "empty"]) == 2
    assert "no rule files" in capsys.readouterr().err
    Path("r.yml").write_text(OWN_RULE.replace("id: no-shouting", "id: too-long"))
    assert main(["test-rules", "."]) == 2
    assert "is a shipped rule's" in capsys.readouterr().err


def test_words_that_name_no_fact_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("r.yaml").write_text(OWN_RULE.replace("message: written in capitals", 'message: "written: {text}"'))
    assert main(["test-rules", "r.yaml"]) == 2
    assert ":10:10: {text} names no fact" in capsys.readouterr().err
