"""DESIGN §4 (rules of one's own) and §7: configuration, baseline, accepted findings, exit statuses."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from tests.scenarios.conftest import DAY, Bench, Files, Found, Json, generic, page, person, request, script, sent, wrote

SPENT = "extra-message-spent"
OVER = "untagged-outside-window"
LONG: Final = "x" * 641
LATE: Final = script(person("0h"), page("25h", "a"), page("26h", "b"))
NOTE_ONLY: Final = script(person("0h"), page("25h", "a"))
WARNING_ONLY: Final = script(person("0h", "stop"), page("1h", "a"))
CLEAN: Final = script(person("0h"), page("1h", "a"))

# --- exit statuses

STATUS: dict[str, tuple[Json, list[str], int]] = {
    "nothing": (CLEAN, [], 0),
    "a note": (NOTE_ONLY, [], 0),
    "a warning": (WARNING_ONLY, [], 0),
    "an error": (LATE, [], 1),
    "a note that fails": (NOTE_ONLY, ["--fail-on", "note"], 1),
    "a warning that fails": (WARNING_ONLY, ["--fail-on", "warning"], 1),
    "a note below warning": (NOTE_ONLY, ["--fail-on", "warning"], 0),
    "a warning above note": (WARNING_ONLY, ["--fail-on", "note"], 1),
    "an ignored error": (LATE, ["--ignore", OVER], 0),
    "an option of no kind": (LATE, ["--fail-on", "fatal"], 2),
    "an unknown option": (LATE, ["--colour"], 2),
    "an unknown rule": (LATE, ["--ignore", "untaged-outside-window"], 2),
    "a missing baseline": (LATE, ["--baseline", "none.ndjson"], 2),
    "a missing configuration": (LATE, ["--config", "none.yaml"], 2),
}


@pytest.mark.parametrize(("recording", "arguments", "status"), STATUS.values(), ids=STATUS)
def test_exit_status(bench: Bench, recording: Json, arguments: list[str], status: int) -> None:
    assert bench.check(recording, *arguments).status == status


def test_no_command_and_help(bench: Bench) -> None:
    assert bench.run("--help").status == 0
    assert bench.run("--version").status == 0
    assert bench.run("chekc").status == 2
    assert "check" in bench.run("chekc").err


def test_an_unknown_rule_is_met_with_did_you_mean(bench: Bench) -> None:
    assert OVER in bench.check(LATE, "--select", "untaged-outside-window").err


# --- select, ignore, severity, per_path

BOTH: Final = script(person("0h", "stop"), page("25h", LONG), page("26h", "b"))
ALL: Final[Found] = [
    (SPENT, 2, ""),
    ("message-after-opt-out", 2, ""),
    ("too-long", 2, "/message/text"),
    ("message-after-opt-out", 3, ""),
    (OVER, 3, ""),
]


def only(*rules: str) -> Found:
    return [found for found in ALL if found[0] in rules]


def but(*rules: str) -> Found:
    return [found for found in ALL if found[0] not in rules]


CHOICES: dict[str, tuple[str, list[str], Found]] = {
    "everything": ("", [], ALL),
    "select by flag": ("", ["--select", OVER], only(OVER)),
    "select two with a comma": ("", ["--select", f"{OVER},{SPENT}"], only(OVER, SPENT)),
    "select two by two flags": ("", ["--select", OVER, "--select", SPENT], only(OVER, SPENT)),
    "ignore by flag": ("", ["--ignore", OVER], but(OVER)),
    "select and ignore": ("", ["--select", f"{OVER},{SPENT}", "--ignore", SPENT], only(OVER)),
    "select by configuration": (f"select: [{OVER}]\n", [], only(OVER)),
    "ignore by configuration": (f"ignore: [{OVER}, too-long]\n", [], but(OVER, "too-long")),
    "per path ignore": (f"per_path: {{'*.json': {{ignore: [{OVER}]}}}}\n", [], but(OVER)),
    "per path ignore elsewhere": (f"per_path: {{'b/*.json': {{ignore: [{OVER}]}}}}\n", [], ALL),
    "per path select": (f"per_path: {{'a.*': {{select: [{OVER}]}}}}\n", [], only(OVER)),
    "per path in .gitignore's way": (f"per_path: {{'/a.json': {{ignore: [{OVER}]}}}}\n", [], but(OVER)),
}


@pytest.mark.parametrize(("config", "arguments", "expected"), CHOICES.values(), ids=CHOICES)
def test_choices(bench: Bench, config: str, arguments: list[str], expected: Found) -> None:
    assert bench.check(BOTH, *arguments, config=config).found == expected


def test_ignoring_a_rule_changes_no_other(bench: Bench) -> None:
    """The extra message is spent, whether that is said or not."""
    assert bench.check(LATE, "--ignore", SPENT).found == [(OVER, 3, "")]


@pytest.mark.parametrize(
    ("config", "level", "status"),
    [
        (f"severity: {{{OVER}: warning}}\n", "warning", 0),
        (f"severity: {{{OVER}: note}}\n", "note", 0),
        (f"severity: {{{OVER}: note}}\nfail_on: note\n", "note", 1),
        (f"per_path: {{'a.json': {{severity: {{{OVER}: warning}}}}}}\n", "warning", 0),
        (f"severity: {{{OVER}: note}}\nper_path: {{'a.json': {{severity: {{{OVER}: error}}}}}}\n", "error", 1),
    ],
    ids=["warning", "note", "note fails", "per path", "per path over severity"],
)
def test_severity(bench: Bench, config: str, level: str, status: int) -> None:
    run = bench.check(LATE, config=config)
    assert run.severities[OVER] == level
    assert run.status == status


def test_the_flag_goes_before_the_configuration(bench: Bench) -> None:
    assert bench.check(NOTE_ONLY, "--fail-on", "error", config="fail_on: note\n").status == 0
    assert bench.again("a.json").status == 1


# --- where the configuration is, and what is wrong with it


def test_found_upwards_and_globs_relative_to_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.write(".policylint.yaml", f"per_path: {{'sub/a.json': {{ignore: [{OVER}]}}}}\n")
    bench.write("sub/a.json", LATE)
    monkeypatch.chdir(bench.folder / "sub")
    assert bench.again("a.json").found == [(SPENT, 2, "")]


def test_in_pyproject(bench: Bench) -> None:
    bench.write(
        "pyproject.toml", f'[tool.policylint]\nignore = ["{OVER}"]\n[tool.policylint.severity]\n{SPENT} = "error"\n'
    )
    run = bench.check(LATE)
    assert run.found == [(SPENT, 2, "")]
    assert run.status == 1


def test_a_pyproject_of_others_is_not_ours(bench: Bench) -> None:
    bench.write("pyproject.toml", "[tool.other]\nx = 1\n")
    assert bench.check(LATE).status == 1


WRONG: dict[str, tuple[str, list[str]]] = {
    "unknown key": ("ignor: [too-long]\n", [".policylint.yaml:1:", "ignor", "ignore"]),
    "unknown key further down": (
        "edition: '2017-04'\nclock_skw: 60s\n",
        [".policylint.yaml:2:", "clock_skw", "clock_skew"],
    ),
    "unknown level": ("severity: {too-long: fatal}\n", [".policylint.yaml:1:22", "too-long", "error, warning, note"]),
    "wrong type": ("ignore: too-long\n", [".policylint.yaml:1:9", "ignore"]),
    "no duration": ("clock_skew: 60 lightyears\n", [".policylint.yaml:1:13", "clock_skew"]),
    "history": ("history: full\n", [".policylint.yaml:1:10", "history"]),
    "accepted without a reason": ("accepted:\n- {path: '*', rule: too-long}\n", [".policylint.yaml:2:3", "reason"]),
    "accepted with an empty reason": (
        "accepted:\n- {path: '*', rule: too-long, reason: ' '}\n",
        [".policylint.yaml:2:39", "reason"],
    ),
    "repeated key": ("ignore: []\nignore: []\n", [".policylint.yaml:2:1", "ignore"]),
    "no YAML": ("ignore: [\n", [".policylint.yaml:"]),
    "a list": ("- ignore\n", [".policylint.yaml:1:1"]),
}


@pytest.mark.parametrize(("config", "parts"), WRONG.values(), ids=WRONG)
def test_a_wrong_configuration(bench: Bench, config: str, parts: list[str]) -> None:
    run = bench.check(CLEAN, config=config)
    assert run.status == 2
    assert [part for part in parts if part not in run.err] == []
    assert "Traceback" not in run.err


UNPLACED: dict[str, tuple[str, list[str]]] = {
    "unknown rule": ("ignore:\n  - to-long\n", [".policylint.yaml:2:5", "too-long"]),
    "unknown rule in severity": ("severity: {to-long: error}\n", [".policylint.yaml:1:21", "too-long"]),
    "accepted an unknown rule": (
        "accepted:\n- {path: '*', rule: to-long, reason: x}\n",
        [".policylint.yaml:2:21", "too-long"],
    ),
    "unknown edition": ("edition: '2017-4'\n", [".policylint.yaml:1:10", "2017-04"]),
}


@pytest.mark.parametrize(("config", "parts"), UNPLACED.values(), ids=UNPLACED)
def test_a_wrong_id_in_the_configuration_has_a_place(bench: Bench, config: str, parts: list[str]) -> None:
    run = bench.check(CLEAN, config=config)
    assert run.status == 2
    assert [part for part in parts if part not in run.err] == []


def test_an_empty_configuration_is_fine(bench: Bench) -> None:
    assert bench.check(CLEAN, config="# nothing yet\n").status == 0


# --- accepted

KNOWN: Final = "accepted:\n- {path: 'a.json', rule: too-long, reason: an old fixture}\n"


def test_accepted(bench: Bench) -> None:
    run = bench.check(Files({"a.json": request(LONG), "b.json": request(LONG)}), config=KNOWN)
    assert run.placed == [("too-long", "b.json", 1)]
    assert (run.summary["accepted"], run.summary["errors"], run.status) == (1, 1, 1)
    assert bench.again("a.json").status == 0


def test_accepted_at_one_pointer(bench: Bench) -> None:
    made = request(generic("x" * 81, "x" * 81))
    pointer = "/message/attachment/payload/elements/0/title"
    config = f"accepted:\n- {{path: '*.json', rule: too-long, pointer: {pointer}, reason: x}}\n"
    run = bench.check(made, config=config)
    assert run.found == [("too-long", 1, "/message/attachment/payload/elements/0/subtitle")]
    assert run.summary["accepted"] == 1


# --- baseline


def test_baseline_written_and_matched(bench: Bench) -> None:
    written = bench.check(LATE, "--write-baseline", "base.ndjson")
    assert written.status == 0
    run = bench.again("a.json", "--baseline", "base.ndjson")
    assert (run.found, run.status) == ([], 0)
    assert (run.summary["baselined"], run.summary["stale_baseline"]) == (2, [])


def test_baseline_by_configuration(bench: Bench) -> None:
    bench.check(LATE, "--write-baseline", "base.ndjson")
    assert bench.check(LATE, config="baseline: base.ndjson\n").found == []


def test_a_fixed_one_is_stale_and_hides_nothing_new(bench: Bench) -> None:
    bench.check([request(LONG), request("y" * 641)], "--write-baseline", "base.ndjson")
    run = bench.check([request(LONG), request("z" * 641)], "--baseline", "base.ndjson")
    assert run.found == [("too-long", 2, "/message/text")]
    assert (run.status, run.summary["baselined"], len(run.summary["stale_baseline"])) == (1, 1, 1)


def test_equal_fingerprints_are_counted(bench: Bench) -> None:
    bench.check([request(LONG)] * 2, "--write-baseline", "base.ndjson")
    more = bench.check([request(LONG)] * 3, "--baseline", "base.ndjson")
    assert (len(more.found), more.summary["baselined"], more.status) == (1, 2, 1)
    less = bench.check([request(LONG)], "--baseline", "base.ndjson")
    assert (less.found, less.summary["baselined"], len(less.summary["stale_baseline"])) == ([], 1, 1)


def test_a_moved_file_is_still_known(bench: Bench) -> None:
    bench.check(LATE, "--write-baseline", "base.ndjson")
    (bench.folder / "a.json").unlink()
    run = bench.check(json.dumps(LATE, indent=2), "--baseline", "base.ndjson", name="moved/b.json")
    assert (run.found, run.summary["stale_baseline"]) == ([], [])


def test_reasons_are_kept(bench: Bench) -> None:
    bench.check([request(LONG), request("y" * 641)], "--write-baseline", "base.ndjson")
    base = bench.folder / "base.ndjson"
    entries: list[Json] = [json.loads(line) for line in base.read_text(encoding="utf-8").splitlines()]
    entries[0]["reason"] = "an old fixture"
    base.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
    assert bench.again("a.json", "--baseline", "base.ndjson").found == []
    bench.check([request("w" * 641), request("y" * 641), request(LONG)], "--write-baseline", "base.ndjson")
    again: list[Json] = [json.loads(line) for line in base.read_text(encoding="utf-8").splitlines()]
    assert len(again) == 3
    assert [entry.get("reason") for entry in again if entry["fingerprint"] == entries[0]["fingerprint"]] == [
        "an old fixture"
    ]


@pytest.mark.parametrize(
    "text", ["{", '{"rule": "too-long"}\n', "[]\n"], ids=["torn", "without a fingerprint", "a list"]
)
def test_a_broken_baseline(bench: Bench, text: str) -> None:
    bench.write("base.ndjson", text)
    run = bench.check(LATE, "--baseline", "base.ndjson")
    assert run.status == 2
    assert "base.ndjson" in run.err


def test_an_empty_baseline(bench: Bench) -> None:
    bench.write("base.ndjson", "")
    assert bench.check(LATE, "--baseline", "base.ndjson").found == [(SPENT, 2, ""), (OVER, 3, "")]


def test_a_baseline_of_other_files_is_not_stale(bench: Bench) -> None:
    """A run over some of the files says nothing about the others."""
    files = Files({"a.json": request(LONG), "b.json": request("y" * 641)})
    bench.check(files, "--write-baseline", "base.ndjson")
    assert bench.again("a.json", "--baseline", "base.ndjson").summary["stale_baseline"] == []


# --- rules of one's own


def own(condition: object, points_to: str | None = None, **rest: object) -> str:
    made: dict[str, Any] = {
        "id": "own-rule",
        "status": "stable",
        "severity": "error",
        "summary": "Ours.",
        "policy": {"title": "Our handbook", "url": "https://example.com/handbook", "read_on": "2026-11-23"},
        "applies_to": "page",
        "breach_when": condition,
        "message": "not how we write",
        "remedy": "Write otherwise.",
        "examples": {
            "good": [{"name": "good", "events": [person("0h"), page("1h")]}],
            "bad": [{"name": "bad", "events": [person("0h"), page("1h")], "breaches": [2]}],
        },
        **rest,
    }
    if points_to is not None:
        made["points_to"] = points_to
    return json.dumps(made, indent=1)


CONFIG: Final = "rules: ['policy/*.yaml']\nselect: [own-rule]\n"
TEXT: Final = "/message/text"
T: Final = f"payload.{TEXT}"
TITLES: Final = "payload./message/quick_replies/*/title"
OURS: Final = request({"text": "Hello there, order 1234", "quick_replies": [
    {"content_type": "text", "title": "Yes", "payload": "Y"},
    {"content_type": "text", "title": "Nope", "payload": "N"},
]})  # fmt: skip

VERBS: dict[str, tuple[Json, Found]] = {
    "is": ({T: {"is": "Hello there, order 1234"}}, [("own-rule", 1, TEXT)]),
    "is not": ({T: {"is_not": "Hello"}}, [("own-rule", 1, TEXT)]),
    "is, and it is not": ({T: {"is": "Hello"}}, []),
    "in": ({"message.content": {"in": ["text", "image"]}}, [("own-rule", 1, "")]),
    "in, and it is not": ({"message.content": {"in": ["image"]}}, []),
    "not in": ({"message.content": {"not_in": ["image"]}}, [("own-rule", 1, "")]),
    "present": ({"payload./message/metadata": {"present": True}}, []),
    "absent": ({"payload./message/metadata": {"present": False}}, [("own-rule", 1, "")]),
    "matches": ({T: {"matches": r"order \d{4}"}}, [("own-rule", 1, TEXT)]),
    "not matches": ({T: {"not_matches": r"order \d{5}"}}, [("own-rule", 1, TEXT)]),
    "starts with": ({T: {"starts_with": "Hello"}}, [("own-rule", 1, TEXT)]),
    "ends with": ({T: {"ends_with": "1234"}}, [("own-rule", 1, TEXT)]),
    "contains": ({T: {"contains": "there"}}, [("own-rule", 1, TEXT)]),
    "longer than": ({T: {"longer_than": 22}}, [("own-rule", 1, TEXT)]),
    "longer than its length": ({T: {"longer_than": 23}}, []),
    "shorter than": ({T: {"shorter_than": 24}}, [("own-rule", 1, TEXT)]),
    "shorter than its length": ({T: {"shorter_than": 23}}, []),
    "count above": (
        {"payload./message/quick_replies": {"count_above": 1}},
        [("own-rule", 1, "/message/quick_replies")],
    ),
    "count above its count": ({"payload./message/quick_replies": {"count_above": 2}}, []),
    "mentions": ({"message.texts": {"mentions": ["hello"]}}, [("own-rule", 1, TEXT)]),
    "a star": ({TITLES: {"is": "Nope"}}, [("own-rule", 1, "/message/quick_replies/1/title")]),
    "all": ({"all": [{T: {"starts_with": "Hello"}}, {T: {"ends_with": "1234"}}]}, [("own-rule", 1, TEXT)]),
    "all but one": ({"all": [{T: {"starts_with": "Hello"}}, {T: {"ends_with": "x"}}]}, []),
    "any": ({"any": [{T: {"starts_with": "x"}}, {T: {"ends_with": "1234"}}]}, [("own-rule", 1, TEXT)]),
    "none": ({"none": [{T: {"starts_with": "x"}}]}, [("own-rule", 1, "")]),
    "none, and one is": ({"none": [{T: {"starts_with": "H"}}]}, []),
    "another fact": ({T: {"is": {"fact": T}}}, [("own-rule", 1, TEXT)]),
    "refused": ({"message.refused": {"is": False}}, [("own-rule", 1, "")]),
}


@pytest.mark.parametrize(("condition", "expected"), VERBS.values(), ids=VERBS)
def test_verbs(bench: Bench, condition: Json, expected: Found) -> None:
    bench.write("policy/own.yaml", own(condition))
    run = bench.check(OURS, config=CONFIG)
    assert (run.err, run.found) == ("", expected)


NUMBERS: dict[str, tuple[Json, list[int]]] = {
    "above": ({"window.age": {"above": "2h"}}, [4, 5]),
    "below": ({"window.age": {"below": "2h"}}, [2]),
    "at least": ({"window.age": {"at_least": "2h"}}, [3, 4, 5]),
    "at most": ({"window.age": {"at_most": "2h"}}, [2, 3]),
    "state": ({"window.state": {"is": "closed"}}, [4, 5]),
    "extra messages": ({"window.extra_messages_sent": {"above": 0}}, [5]),
    "a fact in a list of another": (
        {"all": [{"tag.known": {"is": True}}, {"message.content": {"not_in": {"fact": "tag.contents"}}}]},
        [3],
    ),
    "tag": ({"message.tag": {"is": "SHIPPING_UPDATE"}}, [3]),
    "started": ({"window.started": {"is": True}}, [2, 3, 4, 5]),
    "opted out": ({"window.opted_out": {"is": True}}, []),
    "promotional": ({"content.promotional": {"at_least": 1}}, [2]),
    "feedback": ({"content.asks_feedback": {"at_least": 1}}, [5]),
}


@pytest.mark.parametrize(("condition", "records"), NUMBERS.values(), ids=NUMBERS)
def test_facts_of_conversations(bench: Bench, condition: Json, records: list[int]) -> None:
    bench.write("policy/own.yaml", own(condition))
    made = script(
        person("0h"),
        page("1h", "Flash sale: 50% off!"),
        page("2h", "Your parcel has shipped.", "SHIPPING_UPDATE"),
        page("25h", "a"),
        page("26h", "How did we do?"),
    )
    run = bench.check(made, config=CONFIG)
    assert run.err == ""
    assert [record for _, record, _ in run.found] == records


BAD_RULES: dict[str, tuple[str, list[str]]] = {
    "unknown verb": (own({T: {"mathces": "x"}}), ["policy/own.yaml:", "mathces", "matches"]),
    "unknown fact": (own({"message.tags": {"is": "x"}}), ["policy/own.yaml:", "message.tags", "message.tag"]),
    "a wrong option": (own({T: {"longer_than": "x"}}), ["policy/own.yaml:", "longer_than"]),
    "a pattern RE2 does not take": (own({T: {"matches": "(?=x)"}}), ["policy/own.yaml:", "matches"]),
    "no policy": (own({T: {"is": "x"}}, policy=None), ["policy/own.yaml:", "policy"]),
    "no examples": (own({T: {"is": "x"}}, examples={"good": [], "bad": []}), ["policy/own.yaml:", "good"]),
    "a wrong id": (own({T: {"is": "x"}}, id="Own Rule"), ["policy/own.yaml:", "id"]),
    "an id that is taken": (own({T: {"is": "x"}}, id="too-long"), ["policy/own.yaml:", "too-long"]),
    "an unknown key": (own({T: {"is": "x"}}, severty="error"), ["policy/own.yaml:", "severty", "severity"]),
    "no YAML": ("id: [\n", ["policy/own.yaml:"]),
}


@pytest.mark.parametrize(("text", "parts"), BAD_RULES.values(), ids=BAD_RULES)
def test_a_broken_rule_file(bench: Bench, text: str, parts: list[str]) -> None:
    bench.write("policy/own.yaml", text)
    run = bench.check(OURS, config="rules: ['policy/*.yaml']\n")
    assert run.status == 2
    assert [part for part in parts if part not in run.err] == []
    place = run.err.split("policy/own.yaml:")[1].split(":")
    assert place[0].isdigit()
    assert place[1].split()[0].isdigit()


def test_rules_that_match_no_file_are_an_error_or_a_remark(bench: Bench) -> None:
    run = bench.check(OURS, config="rules: ['polisy/*.yaml']\n")
    assert run.status == 2
    assert "polisy" in run.err


def test_test_rules(bench: Bench) -> None:
    good = own({T: {"starts_with": "All right"}})
    bench.write("policy/own.yaml", good)
    assert bench.run("test-rules", "policy/own.yaml").status == 1, "its good example breaches it"
    fine = {
        "good": [{"name": "g", "events": [person("0h"), page("1h", "Yes")]}],
        "bad": json.loads(good)["examples"]["bad"],
    }
    bench.write("policy/own.yaml", own({T: {"starts_with": "All right"}}, examples=fine))
    assert bench.run("test-rules", "policy/own.yaml").status == 0
    bench.write("policy/own.yaml", "id: [\n")
    assert bench.run("test-rules", "policy/own.yaml").status == 2
    assert bench.run("test-rules").status == 0


def test_init_never_overwrites(bench: Bench) -> None:
    assert bench.run("init").status == 0
    made = (bench.folder / ".policylint.yaml").read_text(encoding="utf-8")
    bench.write(".policylint.yaml", "edition: '2017-04'\n")
    assert bench.run("init").status == 2
    assert (bench.folder / ".policylint.yaml").read_text(encoding="utf-8") == "edition: '2017-04'\n"
    assert bench.check(LATE, config=made).status == 1


def test_rules_and_explain(bench: Bench) -> None:
    assert OVER in bench.run("rules").out
    assert "Instead" in bench.run("explain", OVER).out
    wrong = bench.run("explain", "untaged-outside-window")
    assert (wrong.status, OVER in wrong.err) == (2, True)


def test_an_own_rule_sees_logs_too(bench: Bench) -> None:
    bench.write("policy/own.yaml", own({"window.age": {"above": "24h"}}))
    assert bench.check([wrote(0), sent(DAY), sent(DAY + 1)], config=CONFIG, name="a.ndjson").found == [
        ("own-rule", 3, "")
    ]
