"""Recordings that are broken, enormous or made to hurt: each becomes findings, none ends the run."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from policylint.engines.local import run
from policylint.lint import judge_for
from policylint.rulebook import shipped_rulebook
from policylint.settings import Settings
from policylint.sources.content import read_content
from policylint.sources.recording import read_recording
from tests.robustness.conftest import Command

SEND = '{"recipient": {"id": "7"}, "message": {"text": "Hi"}}'
ENTRY = '{"timestamp": 1493719200000, "request": ' + SEND + "}"


def report(command: Command, data: bytes | str, name: str = "a.json", *flags: str) -> Any:
    """The JSON report on one recording, which must not stop the run."""
    Path(name).write_bytes(data if isinstance(data, bytes) else data.encode())
    ran = command("check", name, "--format", "json", *flags)
    assert ran.status in (0, 1)
    assert ran.err == ""
    found = json.loads(ran.out)
    summary = found["summary"]
    assert summary["records"] == summary["used"] + summary["unreadable"] + summary["other"]
    assert (ran.status == 1) == bool(summary["errors"])
    return found


def rules(found: Any) -> list[str]:
    return [finding["rule"] for finding in found["findings"]]


@pytest.mark.parametrize(
    "data",
    [
        SEND[:-5],
        "{",
        '{"recipient": {"id": "7"}, "message": {"text": "Hi',
        '{"recipient": {"id": NaN}, "message": {"text": "Hi"}}',
        '{"recipient": {"id": "7"}, "message": {"text": Infinity}}',
        '{"recipient": {"id": 1e400}, "message": {"text": "Hi"}}',
        '{"recipient": {"id": "7"}, "message": {"text": "\\ud800"}}',
        '{"recipient": {"id": "7"}, "message": {"text": "\0"}}',
        SEND.encode() + b"\xff",
        SEND.replace("Hi", "\x07"),
        SEND + "\0",
        SEND + "}",
        SEND + "\x1a",
        SEND.encode("utf-16"),
        SEND.encode("utf-16-le"),
        SEND.encode("utf-16-be"),
        b"\xff\xfe",
        b"\x00\x01\x02\x03" * 100,
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        "[" * 1_000_000,
    ],
    ids=range(22),
)
def test_one_unreadable_record(command: Command, data: bytes | str) -> None:
    found = report(command, data)
    assert rules(found) == ["unreadable-record"]
    assert found["summary"]["records"] == 1


@pytest.mark.parametrize(
    "data",
    [
        "a: [1, 2",
        "events:\n\t- {at: 0h}\n",
        "a: &a [*a]",
        "a: !!python/object/apply:os.system ['true']",
        "a: \x07",
        "- " * 100_000,
        "[" * 100_000,
        "{a: " * 100_000,
        "? " * 100_000,
        "a: &b [" + "x, " * 20_000 + "]\nb: [" + "*b, " * 100 + "]\n",
        "a: 1e400",
        "%YAML 9.9\n---\na: 1\n",
        b"a: \xff\xfe",
        b"a: \x00",
    ],
    ids=range(14),
)
def test_one_unreadable_yaml_text(command: Command, data: bytes | str) -> None:
    begun = time.perf_counter()
    found = report(command, data, "a.yaml")
    assert rules(found) == ["unreadable-record"]
    assert time.perf_counter() - begun < 10


@pytest.mark.parametrize("data", ["", " ", "\n\n\t\r\n", b"\xef\xbb\xbf", "\x0c", "[]", "# nothing\n"])
@pytest.mark.parametrize("name", ["a.json", "a.ndjson", "a.yaml"])
def test_next_to_nothing(command: Command, data: bytes | str, name: str) -> None:
    found = report(command, data, name)
    if data != "# nothing\n":
        assert (found["findings"], found["summary"]["records"]) == ([], 0)
    assert found["summary"]["recordings"] == 1


@pytest.mark.parametrize(
    "data", ["null", "1", '"text"', "true", "{}", "[1, 2]", "1e308", "-0", "9" * 5000, "text", "---"]
)
def test_what_is_no_recording(command: Command, data: str) -> None:
    found = report(command, data)
    assert found["summary"]["used"] == 0


def test_a_byte_order_mark_is_fine(command: Command) -> None:
    for name in ("a.json", "a.ndjson", "a.yaml"):
        found = report(command, b"\xef\xbb\xbf" + SEND.encode(), name)
        assert found["summary"]["used"] == 1
        assert rules(found) == []


def test_broken_lines_are_told_one_by_one(command: Command) -> None:
    lines = [ENTRY, ENTRY[:-9], '{"a": NaN}', "x", '"\\ud800"', "[" * 2000, "", '{"a": "\xe9', ENTRY]
    data = b"\n".join(line.encode("latin-1") for line in lines)
    found = report(command, data, "a.ndjson")
    told = [f["where"]["line"] for f in found["findings"] if f["rule"] == "unreadable-record"]
    assert told == [2, 3, 4, 5, 6, 8]
    assert found["summary"]["used"] == 2


@pytest.mark.parametrize(
    "request_text",
    [
        "garbage",
        "a=b=c&&&=&%",
        "message=%ff%fe&recipient=%00",
        "message={&recipient=[",
        'message={"text": "Hi"&recipient={"id":"7"}',
        "message=null&recipient=null",
        "=" * 1000,
        "{",
        "{}",
        '{"message": "{\\"text\\": \\"{\\\\\\"a\\\\\\": 1}\\"}"}',
        "message=" + "[" * 100_000,
        "%" * 1000 + "=1",
        "",
        " ",
    ],
)
def test_rubbish_in_strings(command: Command, request_text: str) -> None:
    for value in (
        {"timestamp": 1, "request": request_text},
        [{"method": "POST", "relative_url": "me/messages", "body": request_text}],
        {"recipient": request_text, "message": request_text, "tag": request_text},
        {"timestamp": 1, "request": {"recipient": {"id": "7"}, "message": request_text}, "response": request_text},
    ):
        report(command, json.dumps(value))


@pytest.mark.parametrize("number", ["9" * 400, "-" + "9" * 400, "1e308", "1e-400", "123456789012345678901234567890"])
def test_huge_numbers(command: Command, number: str) -> None:
    for text in (
        SEND.replace('"7"', number),
        SEND.replace('"Hi"', number),
        ENTRY.replace("1493719200000", number),
        '{"events": [{"at": ' + number + ', "page": ' + SEND + "}]}",
    ):
        report(command, text)
        report(command, "# YAML\n" + text, "a.yaml")


def test_repeated_keys_are_told(command: Command) -> None:
    found = report(
        command, '{"recipient": {"id": "7"}, "message": {"text": "a", "text": "b"}, "message": {"text": "c"}}'
    )
    assert "repeated-key" in rules(found)


def packed() -> list[Any]:
    packers: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.compress,
        "bzip2": bz2.compress,
        "xz": lzma.compress,
        "zstandard": zstandard.compress,
        "gzip-stored": lambda data: gzip.compress(data, 0),
    }
    return [pytest.param(pack, id=name) for name, pack in packers.items()]


def truncations(pack: Callable[[bytes], bytes], folder: Path) -> None:
    """Judge a packed log that breaks off, at each place: it is told, once, and what came before is judged."""
    judge = judge_for(Settings(), shipped_rulebook())
    # Of lines that do not look alike, so that what is left ends anywhere in a line.
    data = pack("\n".join(ENTRY.replace("Hi", f"Hi {n * 7919 % 1000}") for n in range(4)).encode())
    told = 0
    for cut in range(8, len(data)):
        path = folder / "a.ndjson.gz"
        path.write_bytes(data[:cut])
        recording = read_recording("a.ndjson.gz", read_content(str(path)), shape=None, script_start=0)
        outcome = run([recording], judge)
        messages = [finding.message for finding in outcome.findings if finding.rule == "unreadable-record"]
        told += any(" early" in message or " broken" in message for message in messages)
        for finding in outcome.findings:
            assert finding.where.line is None or finding.where.line > 0
    assert told == len(data) - 8


@pytest.mark.parametrize("pack", packed())
def test_packed_logs_that_break_off(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    truncations(pack, tmp_path)


def test_a_log_that_breaks_off_inside_a_line(command: Command) -> None:
    data = gzip.compress((ENTRY + "\n" + ENTRY).encode(), 0)
    found = report(command, data[:-20], "a.ndjson.gz")
    assert "unreadable-record" in rules(found)


def test_a_line_of_ten_megabytes(command: Command) -> None:
    begun = time.perf_counter()
    long = SEND.replace("Hi", "a\\n\\u00e9 50% off " * 600_000)
    found = report(command, f"{ENTRY}\n{long}\n{ENTRY}\n", "a.ndjson")
    assert "too-long" in rules(found)
    assert time.perf_counter() - begun < 20


def test_a_broken_line_of_ten_megabytes(command: Command) -> None:
    begun = time.perf_counter()
    found = report(command, ENTRY + "\n" + SEND[:-2].replace("Hi", "a" * 10_000_000) + "\n" + ENTRY, "a.ndjson")
    assert rules(found).count("unreadable-record") == 1
    assert time.perf_counter() - begun < 20


def test_many_lines(command: Command) -> None:
    begun = time.perf_counter()
    found = report(command, "{}\n" * 300_000 + "\n" * 300_000, "a.ndjson")
    assert found["summary"]["other"] == 300_000
    assert time.perf_counter() - begun < 20


def test_many_findings_in_one_document(command: Command) -> None:
    requests = [{"recipient": {"id": str(n)}, "message": {"text": "hi " * 50}, "surplus": 1} for n in range(20_000)]
    begun = time.perf_counter()
    found = report(command, json.dumps(requests, indent=1))
    assert len(found["findings"]) == 20_000
    assert time.perf_counter() - begun < 12  # 33 s when it was quadratic


def test_many_repeated_keys_in_one_document(command: Command) -> None:
    text = '{"recipient": {"id": "7"}, "message": {"text": "a", "text": "b"}}'
    begun = time.perf_counter()
    report(command, "[" + ",".join([text] * 20_000) + "]")
    assert time.perf_counter() - begun < 12  # 21 s for half of it when it was quadratic


def test_deep_records_that_make_no_sense(command: Command) -> None:
    found = report(command, '{"entry": [1], "x": ' + "[" * 1000 + "]" * 1000 + "}")
    assert rules(found) == ["unreadable-record"]


def test_deep_records_that_make_sense(command: Command) -> None:
    deep = "[" * 1000 + "]" * 1000
    for text in (SEND[:-1] + f', "x": {deep}}}', SEND.replace('"Hi"', deep), ENTRY[:-1] + f', "x": {deep}}}'):
        report(command, text)
        report(command, text, "a.ndjson", "--show-text")


def test_aliases_on_aliases(command: Command) -> None:
    """Each alias adds to the depth: 6000 levels out of a text with 400."""
    levels = "".join(f"  - &a{n} {'[' * 400}*a{n - 1}{']' * 400}\n" for n in range(1, 15))
    found = report(command, f"{SEND[1:-1].replace(', ', chr(10))}\nx:\n  - &a0 []\n{levels}", "a.yaml")
    assert "unknown-field" in rules(found)


def test_aliases_of_long_texts(here: Path) -> None:
    text = f"recipient: {{id: '7'}}\nmessage: {{text: Hi}}\nx:\n  - &a {'x' * 20_000}\n" + "  - *a\n" * 50_000
    (here / "a.yaml").write_text(text)
    recording = read_recording("a.yaml", read_content("a.yaml"), shape=None, script_start=0)
    assert [str(broken.reason) for broken in recording.unreadable]


def test_a_script_with_an_unknown_edition(command: Command) -> None:
    Path("b.json").write_text(SEND)
    found = report(command, "edition: '2099'\nevents:\n- {at: 0h, page: {message: {text: Hi}}}\n", "a.yaml")
    assert "unreadable-record" in rules(found)
