"""Names and texts that act: on a terminal, on a build server, on a file system. Reports show them, and no more."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from tests.robustness.conftest import Command

FORMATS = ("text", "json", "ndjson", "sarif", "github")
BAD = {"recipient": {"id": "7"}, "message": {"text": "Hi"}, "surplus": 1}
ACTING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
NASTY = (
    "\x1b[2J\x1b]0;owned\x07",
    "a\nb\r\nc",
    "\u202etxt.exe",
    "\x9b31m",
    "a\u2028b\u200bc",
    "\n::error::owned",
    "::error file=x::owned",
    "##[error]owned",
    "##vso[task.setvariable]x",
    "%0A::error::owned",
    "\x7f\x00",
    "]](http://x) `code`",
)


def commands_in(text: str) -> list[str]:
    """Lines that a build server would obey, our own annotations of `::level file=…` aside."""
    own = re.compile(r"::(error|warning|notice) (file=[^,:]*,)?(line=\d+,col=\d+,)?title=[a-z-]+::")
    return [
        line
        for line in re.split("[\r\n]", text)
        if (line.lstrip().startswith("::") and not own.match(line)) or re.search(r"##\w*\[", line)
    ]


def clean(text: str) -> None:
    assert not ACTING.search(text)
    assert commands_in(text) == []
    text.encode()


@pytest.mark.parametrize("style", FORMATS)
@pytest.mark.parametrize("nasty", NASTY)
def test_what_payloads_say(command: Command, style: str, nasty: str) -> None:
    """Field names, tags, types, ids and texts, also those that the wording rules quote."""
    title = f"50% off {nasty} today only"
    card = {"template_type": "generic", "elements": [{"title": title, nasty: nasty}]}
    promotion = {"attachment": {"type": "template", "payload": card}}
    records = [
        {**BAD, nasty: nasty},
        {**BAD, "tag": nasty},
        {**BAD, "notification_type": nasty, "messaging_type": nasty},
        {"recipient": {"id": nasty}, "message": promotion, "tag": "SHIPPING_UPDATE"},
        {"recipient": {"id": "7"}, "message": {"attachment": {"type": nasty, "payload": {"template_type": nasty}}}},
        {"recipient": {"id": "7"}, "message": "{" + nasty},
        {"events": [{"at": nasty, "page": BAD}, {nasty: 1}, {"at": "0h", "page": BAD}]},
        {"timestamp": nasty, "request": BAD},
    ]
    data = json.dumps(records)
    Path("a.json").write_text(data)
    Path("b.yaml").write_text(f"a: {nasty}\n\tb")
    for flags in ((), ("--show-text",), ("--statistics",)):
        ran = command("check", "--format", style, *flags)
        assert ran.status == 1
        assert ran.err == ""
        clean(ran.out)


@pytest.mark.parametrize("style", FORMATS)
@pytest.mark.parametrize("nasty", [name for name in NASTY if "\0" not in name])
def test_what_files_are_called(command: Command, style: str, nasty: str) -> None:
    name = nasty.replace("/", "_") + ".json"
    Path(name).write_text(json.dumps(BAD))
    for paths in ((), ("./" + name, name.replace("json", "gone"))):
        ran = command("check", "--format", style, "--show-text", "--", *paths)
        assert ran.status == (2 if paths else 0)
        clean(ran.out)
        clean(ran.err)


@pytest.mark.parametrize("style", FORMATS)
def test_names_that_are_no_utf8(command: Command, style: str) -> None:
    name = os.fsdecode(b"caf\xe9\xff.json")
    Path(name).write_text(json.dumps(BAD))
    Path(os.fsdecode(b"\xe9")).mkdir()
    Path(os.fsdecode(b"\xe9/b.json")).write_text("{")
    for paths in ((), (name,), (os.fsdecode(b"gone\xff.json"), ".")):
        ran = command("check", "--format", style, *paths)
        assert ran.status == (2 if len(paths) == 2 else 0 if paths else 1)
        clean(ran.out)
        clean(ran.err)
        if style in ("json", "sarif"):
            json.loads(ran.out)


def test_names_that_are_no_utf8_in_a_baseline(command: Command) -> None:
    Path(os.fsdecode(b"caf\xe9.json")).write_text("{")
    assert command("check", "--write-baseline", "known.ndjson").status == 0
    ran = command("check", "--baseline", "known.ndjson")
    assert ran.status == 0
    assert "1 in the baseline" in ran.out


@pytest.mark.parametrize(
    "data",
    [
        [BAD],
        pytest.param(
            {"events": [{"at": "0h", "page": {"message": {"text": "Hi"}}}]},
        ),
    ],
)
def test_names_that_are_no_utf8_under_a_pseudonym(
    command: Command, monkeypatch: pytest.MonkeyPatch, data: object
) -> None:
    monkeypatch.setenv("POLICYLINT_PSEUDONYM_KEY", "key")
    Path(os.fsdecode(b"caf\xe9.json")).write_text(json.dumps(data))
    assert command("check", "--fail-on", "error").status in (0, 1)


def test_names_with_dashes_in_front(command: Command) -> None:
    Path("--output.json").write_text(json.dumps(BAD))
    Path("-").write_text(json.dumps(BAD))
    assert "--output.json:1:" in command("check", ".").out
    assert "--output.json:1:" in command("check", "--", "--output.json").out
    assert "-:1:" in command("check", "./-").out
    assert command("check", "--output.json").status == 2


def test_a_file_called_like_standard_input(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its findings and those of standard input keep their own places."""
    import io
    import sys

    Path("<stdin>").write_text((json.dumps(BAD) + "\n") * 2)
    lines = (json.dumps(BAD) + "\n") * 5
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
    found = json.loads(command("check", "./<stdin>", "-", "--format", "json").out)["findings"]
    assert sorted(f["where"]["line"] for f in found) == [1, 1, 2, 2, 3, 4, 5]


def test_long_names(command: Command) -> None:
    name = "x" * 250 + ".json"
    Path(name).write_text(json.dumps(BAD))
    assert name in command("check", name).out
    for gone in ("y" * 5000, "/".join(["z" * 200] * 30)):
        ran = command("check", gone, name)
        assert ran.status == 2
        assert name in ran.out


def test_an_empty_name(command: Command) -> None:
    """`policylint check "$UNSET"` must not pass a gate."""
    Path("a.json").write_text("{")
    assert command("check", "").status != 0
