"""DESIGN §3: the shapes of recordings, what counts as one event, places, and the accounting."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import sys
from typing import Any, Final
from urllib.parse import quote, urlencode

import pytest
import zstandard

from tests.scenarios.conftest import (
    DAY,
    HOUR,
    T0,
    Bench,
    Files,
    Found,
    Json,
    echo,
    generic,
    hook,
    ndjson,
    page,
    person,
    request,
    script,
    sent,
    wrote,
)

SPENT = "extra-message-spent"
OVER = "untagged-outside-window"
ECHO = "echo-outside-window"
NO_ACTION = "no-action-on-record"
UNREADABLE = "unreadable-record"
LONG: Final = "x" * 641

REQUEST: Final[Json] = request(LONG)
SCRIPT: Final[Json] = script(person("0h"), page("1h", LONG))


def batch(*requests: Json, url: str = "me/messages") -> list[Json]:
    fields = [{k: v if isinstance(v, str) else json.dumps(v) for k, v in made.items()} for made in requests]
    return [{"method": "POST", "relative_url": url, "body": urlencode(one)} for one in fields]


def counted(bench: Bench, recording: object, *arguments: str, name: str = "a.json") -> tuple[Found, dict[str, int]]:
    run = bench.check(recording, *arguments, name=name)
    numbers = run.summary
    assert numbers["records"] == numbers["used"] + numbers["unreadable"] + numbers["other"]
    return run.found, {k: numbers[k] for k in ("records", "used", "unreadable", "other", "events", "messages")}


def numbers(records: int, used: int, unreadable: int, other: int, events: int, messages: int) -> dict[str, int]:
    names = ("records", "used", "unreadable", "other", "events", "messages")
    return dict(zip(names, (records, used, unreadable, other, events, messages), strict=True))


TOO_LONG: Final[Found] = [("too-long", 1, "/message/text")]
SHAPES: dict[str, tuple[object, Found, dict[str, int]]] = {
    "request": (REQUEST, TOO_LONG, numbers(1, 1, 0, 0, 1, 1)),
    "array of requests": (
        [request("a"), REQUEST],
        [("too-long", 2, "/message/text")],
        numbers(2, 2, 0, 0, 2, 2),
    ),
    "message as JSON in a string": (
        {**REQUEST, "message": json.dumps(REQUEST["message"])},
        TOO_LONG,
        numbers(1, 1, 0, 0, 1, 1),
    ),
    "recipient and message as JSON in strings": (
        {k: json.dumps(v) for k, v in REQUEST.items()},
        TOO_LONG,
        numbers(1, 1, 0, 0, 1, 1),
    ),
    "broken JSON in a string": (
        {**REQUEST, "message": '{"text": '},
        [("malformed-value", 1, "/message")],
        numbers(1, 1, 0, 0, 1, 1),
    ),
    "sender action": ({"recipient": {"id": "1"}, "sender_action": "typing_on"}, [], numbers(1, 1, 0, 0, 1, 0)),
    "batch is one record": (batch(request("a"), REQUEST, REQUEST), TOO_LONG * 2, numbers(1, 1, 0, 0, 3, 3)),
    "batch of one": (batch(REQUEST), TOO_LONG, numbers(1, 1, 0, 0, 1, 1)),
    "batch with a version and a page": (batch(REQUEST, url="v2.8/7001/messages"), TOO_LONG, numbers(1, 1, 0, 0, 1, 1)),
    "log entry": (
        sent(0, LONG, response={"recipient_id": "p-1", "message_id": "m"}),
        [(NO_ACTION, 1, ""), *TOO_LONG],
        numbers(1, 1, 0, 0, 1, 1),
    ),
    "log entry in ISO 8601": (
        {"timestamp": "2017-05-01T12:00:00.001+02:00", "request": REQUEST},
        [(NO_ACTION, 1, ""), *TOO_LONG],
        numbers(1, 1, 0, 0, 1, 1),
    ),
    "webhook": (wrote(0), [], numbers(1, 1, 0, 0, 1, 0)),
    "webhook with two events": (
        {"object": "page", "entry": [wrote(0)["entry"][0], wrote(1)["entry"][0]]},
        [],
        numbers(1, 1, 0, 0, 2, 0),
    ),
    "instagram": ({**wrote(0), "object": "instagram"}, [], numbers(1, 1, 0, 0, 1, 0)),
    "echo": (echo(0), [(NO_ACTION, 1, "")], numbers(1, 1, 0, 0, 1, 1)),
    "script": (SCRIPT, [("too-long", 2, "/message/text")], numbers(2, 2, 0, 0, 2, 1)),
    "array of mixed": (
        [wrote(0), sent(1, LONG), request("a")],
        [("too-long", 2, "/message/text")],
        numbers(3, 3, 0, 0, 3, 2),
    ),
    "something else": ({"name": "x", "version": 1}, [], numbers(1, 0, 0, 1, 0, 0)),
    "empty array": ([], [], numbers(0, 0, 0, 0, 0, 0)),
}


@pytest.mark.parametrize(("recording", "expected", "summary"), SHAPES.values(), ids=SHAPES)
def test_shapes(bench: Bench, recording: object, expected: Found, summary: dict[str, int]) -> None:
    assert counted(bench, recording) == (expected, summary)


@pytest.mark.parametrize("name", ["a.txt", "a.log", "noextension", "a.yaml", "a.ndjson"])
def test_told_apart_by_content(bench: Bench, name: str) -> None:
    assert counted(bench, json.dumps(REQUEST), name=name)[0] == TOO_LONG


MIXED: Final = [wrote(0), sent(HOUR, LONG), {"level": "info", "msg": "started"}, echo(2 * HOUR)]


def test_ndjson_mixed_with_webhooks_and_noise(bench: Bench) -> None:
    text = ndjson(MIXED) + "\n" + '{"timestamp": 1,\n' + '"text"\n'
    found, summary = counted(bench, text, name="a.ndjson")
    assert found == [("too-long", 2, "/message/text"), (UNREADABLE, 5, "")]
    assert summary == numbers(6, 3, 1, 2, 3, 2)


@pytest.mark.parametrize("ending", ["\n", "\r\n", ""], ids=["lf", "crlf", "no last newline"])
@pytest.mark.parametrize("bom", [False, True], ids=["plain", "bom"])
def test_line_endings_and_byte_order_mark(bench: Bench, ending: str, bom: bool) -> None:
    lines = [json.dumps(record) for record in (wrote(0), sent(1, LONG))]
    text = "\r\n".join(lines) + ending if ending == "\r\n" else "\n".join(lines) + ending
    run = bench.check(("\ufeff" if bom else "") + text, name="a.ndjson")
    assert run.found == [("too-long", 2, "/message/text")]
    assert run.findings[0]["where"]["line"] == 2
    assert run.findings[0]["where"]["column"] == lines[1].index('"xxx') + 1


PACK: dict[str, Any] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("ending", PACK)
def test_compressed(bench: Bench, ending: str) -> None:
    plain = ndjson([wrote(0), sent(1, LONG)]).encode()
    run = bench.check(PACK[ending](plain), name=f"a.ndjson{ending}")
    assert run.found == [("too-long", 2, "/message/text")]
    assert run.findings[0]["where"]["line"] == 2


@pytest.mark.parametrize("ending", PACK)
def test_compressed_but_not_named_so(bench: Bench, ending: str) -> None:
    assert bench.check(PACK[ending](json.dumps(REQUEST).encode()), name="a.json").found == TOO_LONG


@pytest.mark.parametrize("ending", PACK)
def test_compressed_in_pieces(bench: Bench, ending: str) -> None:
    """Rotated logs are joined by cat: all members count."""
    whole = PACK[ending](ndjson([wrote(0)]).encode()) + PACK[ending](ndjson([sent(1, LONG)]).encode())
    run = bench.check(whole, name=f"a.ndjson{ending}")
    assert run.found == [("too-long", 2, "/message/text")]


@pytest.mark.parametrize("ending", PACK)
def test_cut_off_compression_is_no_silence(bench: Bench, ending: str) -> None:
    plain = ndjson([wrote(n, text=str(n * 7919)) for n in range(2000)]).encode()
    run = bench.check(PACK[ending](plain)[:-200], name=f"a.ndjson{ending}")
    assert run.status != 0


@pytest.mark.parametrize("pack", [None, *PACK])
def test_standard_input(bench: Bench, monkeypatch: pytest.MonkeyPatch, pack: str | None) -> None:
    data = ndjson([wrote(0), sent(1, LONG)]).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PACK[pack](data) if pack else data)))
    run = bench.again("-")
    assert run.found == [("too-long", 2, "/message/text")]


def test_standard_input_yaml(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"events:\n- {at: 0h, page: {message: {text: 1}}}\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert ("wrong-type", 1, "/message/text") in bench.again("-").found


def test_standard_inputs_name(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(REQUEST).encode())))
    assert bench.again("-").placed == [("too-long", "<stdin>", 1)]


# --- unreadable records and paths

BROKEN: dict[str, tuple[str, str]] = {
    "cut off": ("a.json", '{"recipient": {"id": "1"}, "message": {"text": "a"'),
    "NaN": ("a.json", '{"recipient": {"id": "1"}, "message": {"text": NaN}}'),
    "single quotes": ("a.json", "{'recipient': {'id': '1'}, 'message': {'text': 'a'}}}"),
    "log entry without a time zone": ("a.json", json.dumps({"timestamp": "2017-05-01T10:00:00", "request": request()})),
    "log entry with a strange time": ("a.json", json.dumps({"timestamp": "yesterday", "request": request()})),
    "yaml with a tab": ("a.yaml", "events:\n\t- {at: 0h}\n"),
    "yaml with a repeated alias": ("a.yaml", "events: *nothing\n"),
    "script event without a doer": ("a.yaml", "events:\n- {at: 0h}\n- {at: 1h, person: {text: a}}\n"),
    "script event with a strange time": ("a.yaml", "events:\n- {at: soon, person: {text: a}}\n"),
    "script event with both": ("a.yaml", "events:\n- {at: 0h, person: {text: a}, page: {message: {text: a}}}\n"),
}


@pytest.mark.parametrize(("name", "text"), BROKEN.values(), ids=BROKEN)
def test_unreadable(bench: Bench, name: str, text: str) -> None:
    found, summary = counted(bench, text, name=name)
    assert found == [(UNREADABLE, 1, "")]
    assert summary["unreadable"] == 1
    run = bench.again(name)
    assert run.status == 1
    assert run.severities == {UNREADABLE: "error"}
    assert run.findings[0]["where"]["line"] is not None


def test_bytes_that_are_no_utf8(bench: Bench) -> None:
    data = (
        ndjson([wrote(0)]).encode()
        + b'{"recipient": {"id": "1"}, "message": {"text": "\xff\xfe"}}\n'
        + ndjson([sent(1, LONG)]).encode()
    )
    run = bench.check(data, name="a.ndjson")
    assert run.found == [(UNREADABLE, 2, ""), ("too-long", 3, "/message/text")]
    assert run.findings[0]["where"]["line"] == 2


def test_reading_goes_on_after_a_broken_line(bench: Bench) -> None:
    text = ndjson([wrote(0)]) + "{broken\n" + ndjson([sent(1, LONG)])
    assert bench.check(text, name="a.ndjson").found == [(UNREADABLE, 2, ""), ("too-long", 3, "/message/text")]


def test_a_folder_is_walked_in_order_and_hidden_ones_are_skipped(bench: Bench) -> None:
    for name in (
        "f/b.json",
        "f/a.ndjson",
        "f/sub/c.jsonl",
        "f/z.yaml",
        "f/.hidden.json",
        "f/.git/x.json",
        "f/note.txt",
    ):
        bench.write(name, json.dumps(REQUEST))
    bench.write("f/d.json.gz", gzip.compress(json.dumps(REQUEST).encode()))
    bench.write("f/package.json", {"name": "x"})
    bench.write("f/config.yml", "name: x\n")
    run = bench.again("f")
    assert [s for _, s, _ in run.placed] == ["f/a.ndjson", "f/b.json", "f/d.json.gz", "f/sub/c.jsonl", "f/z.yaml"]
    assert run.summary["other"] == 2
    assert run.summary["unreadable"] == 0


def test_no_paths_means_the_current_folder(bench: Bench) -> None:
    bench.write("x/a.json", REQUEST)
    assert [(rule, record) for rule, _, record in bench.again().placed] == [("too-long", 1)]


def test_a_missing_path_and_the_rest_is_done(bench: Bench) -> None:
    bench.write("a.json", REQUEST)
    run = bench.again("a.json", "missing.json")
    assert run.status == 2
    assert run.found == TOO_LONG
    assert "missing.json" in run.err


def test_a_named_file_that_is_hidden_is_read(bench: Bench) -> None:
    bench.write(".a.json", REQUEST)
    assert bench.again(".a.json").found == TOO_LONG


@pytest.mark.parametrize(
    ("kind", "recording"),
    [
        ("send", REQUEST),
        ("batch", batch(REQUEST)),
        ("log", sent(0, LONG)),
        ("script", SCRIPT),
        ("webhook", echo(0, LONG)),
    ],
)
def test_format_in(bench: Bench, kind: str, recording: object) -> None:
    assert bench.check(recording, "--format-in", kind).summary["unreadable"] == 0


def test_format_in_overrides(bench: Bench) -> None:
    run = bench.check({"name": "x"}, "--format-in", "send")
    assert run.summary["other"] == 0
    assert run.found


# --- one send recorded twice


def answered(mid: str) -> Json:
    return {"recipient_id": "p-1", "message_id": mid}


@pytest.mark.parametrize("order", [1, -1], ids=["entry first", "echo first"])
def test_an_echo_of_a_request_on_record(bench: Bench, order: int) -> None:
    pair = [sent(2 * DAY, "a", response=answered("m1")), echo(2 * DAY + 5, "a", mid="m1")][::order]
    run = bench.check([wrote(0), *pair, sent(2 * DAY + 9, "b")], name="a.ndjson")
    assert run.found == [(SPENT, 2 if order == 1 else 3, ""), (OVER, 4, "")]
    assert run.summary["repeated"] == 1
    assert run.summary["messages"] == 2


def test_an_echo_of_a_tagged_request_is_no_mystery(bench: Bench) -> None:
    log = [wrote(0), sent(2 * DAY, generic(), "SHIPPING_UPDATE", response=answered("m1")), echo(2 * DAY, "a", mid="m1")]
    assert bench.check(log, name="a.ndjson").found == []


def test_an_echo_in_another_file(bench: Bench) -> None:
    files = {
        "a.ndjson": [wrote(0), echo(2 * DAY, "a", mid="m1")],
        "b.ndjson": [sent(2 * DAY, "a", response=answered("m1"))],
    }
    assert bench.check(Files(files)).placed == [(SPENT, "b.ndjson", 1)]


def test_an_echo_without_its_request(bench: Bench) -> None:
    log = [wrote(0), echo(HOUR), echo(2 * DAY), echo(3 * DAY), sent(4 * DAY)]
    run = bench.check(log, name="a.ndjson")
    assert run.found == [(ECHO, 3, ""), (ECHO, 4, ""), (SPENT, 5, "")]
    assert run.status == 0


def test_an_echo_has_no_structure_to_judge(bench: Bench) -> None:
    """It is the platform's own account of a send, not the request; the summary says so."""
    run = bench.check([wrote(0), echo(1, LONG)], name="a.ndjson")
    assert run.found == []
    assert run.summary["coverage"]["structure"]["judged"] == 0
    assert sum(run.summary["coverage"]["structure"]["not_judged"].values()) == 1


def test_two_entries_with_one_message_id(bench: Bench) -> None:
    log = [wrote(0), sent(2 * DAY, "a", response=answered("m1")), sent(2 * DAY + 1, "a", response=answered("m1"))]
    run = bench.check(log, name="a.ndjson")
    assert run.found == [(SPENT, 2, "")]
    assert run.summary["repeated"] == 1


def test_two_identical_entries(bench: Bench) -> None:
    run = bench.check([wrote(0), sent(2 * DAY, "a"), sent(2 * DAY, "a")], name="a.ndjson")
    assert run.found == [(SPENT, 2, "")]
    assert run.summary["repeated"] == 1


def test_two_alike_entries_at_two_times_are_two(bench: Bench) -> None:
    run = bench.check([wrote(0), sent(2 * DAY, "a"), sent(2 * DAY + 1, "a")], name="a.ndjson")
    assert run.found == [(SPENT, 2, ""), (OVER, 3, "")]


def test_overlapping_files(bench: Bench) -> None:
    log = [wrote(0), sent(2 * DAY, "a"), sent(3 * DAY, "b", response=answered("m2")), echo(3 * DAY, mid="m2")]
    run = bench.check(Files({"b.ndjson": log, "a.ndjson": log[1:]}))
    assert run.placed == [(SPENT, "a.ndjson", 1), (OVER, "a.ndjson", 2)]
    assert run.summary["events"] == 3
    assert run.summary["records"] == 7


def test_a_persons_event_twice(bench: Bench) -> None:
    log = [wrote(0, mid="m1"), wrote(0, mid="m1"), sent(1)]
    run = bench.check(log, name="a.ndjson")
    assert run.found == []
    assert (run.summary["repeated"], run.summary["events"]) == (1, 2)


def test_the_same_file_named_twice(bench: Bench) -> None:
    bench.write("a.ndjson", [wrote(0), sent(2 * DAY, LONG)])
    run = bench.again("a.ndjson", "./a.ndjson")
    assert [rule for rule, _, _ in run.placed] == [SPENT, "too-long"]


def test_bare_requests_alike_are_many(bench: Bench) -> None:
    """Fixtures without a time are not sends at one instant: two alike are two."""
    run = bench.check(Files({"a.json": REQUEST, "b.json": REQUEST}))
    assert run.placed == [("too-long", "a.json", 1), ("too-long", "b.json", 1)]


# --- other ways to address


@pytest.mark.parametrize(
    "recipient",
    [{"phone_number": "+1(212)555-2368"}, {"user_ref": "u1"}, {"comment_id": "1_2"}, {"post_id": "1_2"}],
    ids=["phone_number", "user_ref", "comment_id", "post_id"],
)
def test_addressed_otherwise(bench: Bench, recipient: Json) -> None:
    """With the answer's id it is that person's conversation; without, one that the window rules leave alone."""

    def entry(at: int, **rest: object) -> Json:
        return {"timestamp": T0 + at, "request": {"recipient": recipient, "message": {"text": str(at)}}, **rest}

    named = [wrote(0), entry(2 * DAY, response=answered("m1")), entry(3 * DAY, response=answered("m2"))]
    assert bench.check(named, name="a.ndjson").found == [(SPENT, 2, ""), (OVER, 3, "")]
    unnamed = [wrote(0), entry(2 * DAY), entry(3 * DAY), sent(4 * DAY)]
    assert bench.check(unnamed, name="a.ndjson").found == [(SPENT, 4, "")]
    assert bench.check(unnamed, "--history", "complete", name="a.ndjson").found == [(SPENT, 4, "")]


# --- scripts

YAML_SCRIPT: Final = """\
start: 2017-05-01T10:00:00Z
page_id: "7001"
events:
  - {at: 0h, person: {text: Hi}}
  - at: 1d2h30m
    page:
      message: {text: One}
  - {at: 2017-05-02T12:30:00.001Z, page: {message: {text: Two}}}
  - {at: 24h+1ms, page: {message: {text: Zero}}}
"""


def test_scripts_with_durations_and_times(bench: Bench) -> None:
    """24h+1ms is the extra message, though written last; 1d2h30m comes before the ISO time."""
    run = bench.check(YAML_SCRIPT, name="a.yaml")
    assert run.found == [(OVER, 2, ""), (OVER, 3, ""), (SPENT, 4, "")]
    assert [f["at"] for f in run.findings] == [
        "2017-05-02T12:30:00Z",
        "2017-05-02T12:30:00.001000Z",
        "2017-05-02T10:00:00.001000Z",
    ]


def test_a_script_in_json_gives_the_same(bench: Bench) -> None:
    made = script(
        person("0h", "Hi"),
        page("1d2h30m", "One"),
        page("2017-05-02T14:30:00.001+02:00", "Two"),
        page("24h+1ms", "Zero"),
        start="2017-05-01T10:00:00Z",
        page_id="7001",
    )
    first, second = bench.check(YAML_SCRIPT, name="a.yaml"), bench.check(made)
    assert first.found == second.found
    assert [f["fingerprint"] for f in first.findings] == [f["fingerprint"] for f in second.findings]


def test_two_scripts_are_two_conversations(bench: Bench) -> None:
    one = script(person("0h"), page("25h"))
    run = bench.check(Files({"a.json": one, "b.json": one}))
    assert run.placed == [(SPENT, "a.json", 2), (SPENT, "b.json", 2)]
    assert [f["conversation"] for f in run.findings] == ["c1", "c2"]


def test_scripts_are_complete_whatever_the_history(bench: Bench) -> None:
    assert [rule for rule, _, _ in bench.check(script(page("0h")), "--history", "partial").found] == [
        SPENT,
        "not-started-by-person",
    ]


def test_a_script_with_a_recipient(bench: Bench) -> None:
    assert bench.check(script(person("0h"), {"at": "1h", "page": request("a")})).found == []


def test_several_yaml_documents(bench: Bench) -> None:
    first = "events: [{at: 0h, person: {text: a}}]\n"
    text = f"{first}---\nevents:\n- {{at: 0h, person: {{text: a}}}}\n- {{at: 25h, page: {{message: {{text: b}}}}}}\n"
    run = bench.check(text, name="a.yaml")
    assert run.found == [(SPENT, 3, "")]
    assert run.findings[0]["where"]["line"] == 5


def test_a_request_in_yaml(bench: Bench) -> None:
    text = "recipient: {id: '1'}\nmessage:\n  text: 2017-05-01\n  colour: no\n"
    assert bench.check(text, name="a.yaml").found == [("unknown-field", 1, "/message/colour")]


# --- editions

EDITIONED = script(person("0h"), page("1h"), edition="2017-04")


def test_a_script_that_asks_for_an_unknown_edition_is_unreadable(bench: Bench) -> None:
    run = bench.check(script(person("0h"), page("25h"), edition="1999-01"))
    assert run.found == [("unreadable-record", 1, "")]
    assert "1999-01" not in run.findings[0]["message"]
    assert "2026-09, instagram-2021-06" in run.findings[0]["message"]


@pytest.mark.parametrize("flag", ["latest", "dated"])
def test_newest_edition_for_a_script_without_days(bench: Bench, flag: str) -> None:
    run = bench.check(script(person("0h"), page("25h", messaging_type="RESPONSE")), "--edition", flag)
    assert run.found == [("untagged-outside-window", 2, "")]
    assert run.findings[0]["edition"] == "2026-09"
    assert run.report["edition"] == ("dated" if flag == "dated" else "2026-09")


@pytest.mark.parametrize(
    ("in_script", "in_config", "flag", "works"),
    [
        (None, None, None, True),
        ("2017-04", None, None, True),
        pytest.param(
            "1999-01",
            None,
            "2017-04",
            True,
        ),
        ("2017-04", "1999-01", "2017-04", True),
        (None, "2017-04", None, True),
        (None, "1999-01", None, False),
        (None, None, "1999-01", False),
    ],
)
def test_edition_precedence(
    bench: Bench, in_script: str | None, in_config: str | None, flag: str | None, works: bool
) -> None:
    made = script(person("0h"), page("25h"), **({"edition": in_script} if in_script else {}))
    arguments = ["--edition", flag] if flag else []
    run = bench.check(made, *arguments, config=f'edition: "{in_config}"\n' if in_config else None)
    if works:
        assert run.found == [(SPENT, 2, "")]
        assert run.findings[0]["edition"] == "2017-04"
        assert run.report["edition"] == "2017-04"
    else:
        assert run.status == 2
        assert "1999-01" in run.err


def test_messages_outside_the_editions_days_are_remarked_once(bench: Bench) -> None:
    late = script(person("0h"), page("1h"), page("2h"), start="2018-05-01T10:00:00Z")
    run = bench.check(late)
    assert run.found == []
    assert len(run.summary["remarks"]) == 1
    assert "--edition" in run.summary["remarks"][0]
    assert bench.check(script(person("0h"), page("1h"))).summary["remarks"] == []


# --- places

SMILES: Final = "🎉👨‍👩‍👧"


def where(bench: Bench, text: str, name: str) -> list[tuple[str, int, int]]:
    run = bench.check(text, name=name)
    return [(f["rule"], f["where"]["line"], f["where"]["column"]) for f in run.findings]


def test_places_in_pretty_json(bench: Bench) -> None:
    text = json.dumps({"recipient": {"id": "1"}, "message": {"text": LONG}, "colour": "red"}, indent=2)
    assert where(bench, text, "a.json") == [("unknown-field", 8, 13), ("too-long", 6, 13)]


def test_places_in_an_array_of_pretty_json(bench: Bench) -> None:
    text = json.dumps([request("a"), request(LONG)], indent=4)
    line = next(n for n, row in enumerate(text.splitlines(), 1) if LONG in row)
    assert where(bench, text, "a.json") == [("too-long", line, 21)]


def test_columns_after_emoji_and_tabs_in_json(bench: Bench) -> None:
    text = '{"recipient": {"id": "1"},\n\t"message":\t{"text": "' + SMILES + '",\t"colour": "red"}}\n'
    column = text.splitlines()[1].index('"red"') + 1
    assert where(bench, text, "a.json") == [("unknown-field", 2, column)]


def test_columns_after_escapes_in_json(bench: Bench) -> None:
    text = '{"recipient": {"id": "1"}, "message": {"text": "\\ud83c\\udf89\\n\\"", "colour": "red"}}\n'
    assert where(bench, text, "a.json") == [("unknown-field", 1, text.index('"red"') + 1)]


def test_columns_after_emoji_and_tabs_in_ndjson(bench: Bench) -> None:
    head = json.dumps({"timestamp": T0})[:-1]
    line = f'\t{head}, "request": {{"recipient": {{"id": "1"}},\t"message": {{"text": "{SMILES}", "colour": "red"}}}}}}'
    text = json.dumps(wrote(-1, SMILES, by="1"), ensure_ascii=False) + "\n" + line + "\n"
    assert where(bench, text, "a.ndjson") == [("unknown-field", 2, line.index('"red"') + 1)]


def test_columns_in_yaml(bench: Bench) -> None:
    flow = f'- {{at: 1h, page: {{message: {{text: "{SMILES}", colour: red}}}}}}'
    text = f"# {SMILES}\nevents:\n- {{at: 0h, person: {{text: a}}}}\n{flow}\n"
    assert where(bench, text, "a.yaml") == [("unknown-field", 4, flow.index("red") + 1)]


def test_places_in_block_yaml(bench: Bench) -> None:
    head = "events:\n- at: 0h\n  person:\n    text: a\n- at: 1h\n  page:\n    message:\n      text: a\n"
    replies = "      quick_replies:\n      - content_type: text\n        title: " + "x" * 21 + "\n        payload: P\n"
    assert where(bench, head + replies, "a.yaml") == [("too-long", 11, 16)]


def test_the_place_of_a_missing_field_is_its_object(bench: Bench) -> None:
    payload = '"payload": {"template_type": "button", "text": "a"}'
    message = f'{{"attachment": {{"type": "template",\n    {payload}}}}}'
    text = f'{{\n  "recipient": {{"id": "1"}},\n  "message": {message}\n}}\n'
    assert where(bench, text, "a.json") == [("missing-field", 4, 16)]


def test_the_place_of_a_window_finding_is_the_request(bench: Bench) -> None:
    text = "events:\n- {at: 0h, person: {text: a}}\n- at: 25h\n  page:\n    message: {text: a}\n"
    assert where(bench, text, "a.yaml") == [(SPENT, 5, 5)]


def test_the_place_of_a_value_in_a_json_string_is_the_string(bench: Bench) -> None:
    text = '{"recipient": {"id": "1"},\n "message": "{\\"text\\": \\"a\\", \\"colour\\": 1}"}\n'
    assert where(bench, text, "a.json") == [("unknown-field", 2, 13)]


def test_the_place_of_a_batch_body(bench: Bench) -> None:
    body = "recipient=" + quote('{"id":"1"}') + "&message=" + quote(json.dumps({"text": LONG}))
    text = json.dumps([{"method": "POST", "relative_url": "me/messages", "body": body}], indent=1)
    line = text.splitlines().index(next(row for row in text.splitlines() if '"body"' in row)) + 1
    assert where(bench, text, "a.json") == [("too-long", line, 11)]


def test_the_place_of_an_echo_is_inside_the_webhook(bench: Bench) -> None:
    row = json.dumps(echo(2 * DAY))
    text = json.dumps(wrote(0)) + "\n" + row + "\n"
    assert where(bench, text, "a.ndjson") == [(ECHO, 2, row.index('{"sender"') + 1)]


@pytest.mark.parametrize(
    "items",
    [
        [wrote(0)["entry"][0]["messaging"][0], {"sender": {"id": ["p"]}, "message": {"text": "a"}, "timestamp": T0}],
        [{"timestamp": T0, "message": {"mid": "m", "text": "a"}}],
    ],
    ids=["a sender whose id is a list", "no sender"],
)
def test_a_webhook_item_that_makes_no_sense_is_said(bench: Bench, items: list[object]) -> None:
    run = bench.check({"object": "page", "entry": [{"id": "7001", "time": T0, "messaging": items}]})
    assert [rule for rule, _, _ in run.found] == [UNREADABLE]


def test_a_webhook_item_that_is_no_object_is_said(bench: Bench) -> None:
    items = [wrote(0)["entry"][0]["messaging"][0], "text"]
    run = bench.check({"object": "page", "entry": [{"id": "7001", "time": T0, "messaging": items}]})
    assert run.found == [(UNREADABLE, 1, "")]


# --- platforms, comments, enforcement


def changed(at: int, comment: str = "7_1", *, by: str = "99", verb: str = "add") -> Json:
    """A webhook body with a comment, `at` milliseconds after T0; its times are seconds."""
    seconds = (T0 + at) // 1000
    value = {"item": "comment", "verb": verb, "comment_id": comment, "from": {"id": by}, "created_time": seconds}
    return {
        "object": "page",
        "entry": [{"id": "7001", "time": seconds, "changes": [{"field": "feed", "value": value}]}],
    }


def enforced(at: int, action: str) -> Json:
    """A webhook body that says what the platform did to the page."""
    item = {"recipient": {"id": "7001"}, "timestamp": T0 + at, "policy_enforcement": {"action": action}}
    return {"object": "page", "entry": [{"id": "7001", "time": T0 + at, "messaging": [item]}]}


def accounted(bench: Bench, *records: object) -> tuple[int, int, int]:
    run = bench.check(list(records), name="a.ndjson")
    assert run.summary["records"] == len(records)
    assert run.summary["unreadable"] == 0
    return run.summary["used"], run.summary["other"], run.summary["events"]


def test_a_comment_is_an_event_though_nobody_answered_it(bench: Bench) -> None:
    assert accounted(bench, changed(0), changed(0), changed(1, "7_2"), changed(2, "7_3", verb="remove")) == (3, 1, 2)


def test_the_pages_own_comment_is_none_of_a_person(bench: Bench) -> None:
    assert accounted(bench, changed(0, by="7001"), wrote(0)) == (1, 1, 1)


def test_enforcement_is_used_but_no_event_of_a_conversation(bench: Bench) -> None:
    assert accounted(bench, enforced(0, "block"), enforced(1, "applaud"), wrote(0)) == (2, 1, 1)


@pytest.mark.parametrize(
    ("recording", "name"),
    [
        ([sent(0, platform="sms"), wrote(0)], "a.ndjson"),
        ([sent(0, automated="yes"), wrote(0)], "a.ndjson"),
        (script(page("1h"), platform="sms"), "a.json"),
        (script({**page("1h"), "automated": "yes"}, person("0h")), "a.json"),
    ],
    ids=["a log entry's platform", "a log entry's automated", "a script's platform", "a script's automated"],
)
def test_what_a_record_says_beside_the_request_must_make_sense(bench: Bench, recording: object, name: str) -> None:
    assert (UNREADABLE, 1, "") in bench.check(recording, name=name).found


def test_what_the_platform_wrote_stays_out_of_reports(bench: Bench) -> None:
    log = [changed(0, "secret-comment"), sent(1, "a", response={"error": {"code": 10, "message": "secret words"}})]
    log[1]["request"]["recipient"] = {"comment_id": "secret-comment"}
    hostile = enforced(2, "block")
    hostile["entry"][0]["messaging"][0]["policy_enforcement"]["reason"] = "secret reason"
    run = bench.check([*log, hostile, sent(3, LONG, platform="secret")], name="a.ndjson")
    assert (UNREADABLE, 4, "") in run.found
    assert "secret" not in run.text + run.err


def test_hooks_about_others_are_not_messages(bench: Bench) -> None:
    """A feed webhook is no message; a read of nobody's message is an event but not a message."""
    feed = {"object": "page", "entry": [{"id": "7001", "time": T0, "changes": [{"field": "feed", "value": {}}]}]}
    assert counted(bench, [feed, hook(0, read={"watermark": 1})])[1]["messages"] == 0
