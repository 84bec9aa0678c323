"""What can't be opened, read or written, and who stops listening: status 2 or 130, one line on stderr, no traceback."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from policylint.cli import main
from tests.robustness.conftest import Command

ROOT = Path(__file__).parents[2]
BAD = json.dumps({"recipient": {"id": "7"}, "message": {"text": "Hi"}, "surplus": 1})
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
POLICYLINT = [sys.executable, "-m", "policylint"]


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """A line of bash in the current folder, in which `policylint` is the command; the status is the command's."""
    script = f'policylint() {{ {" ".join(POLICYLINT)} "$@"; echo "status $?" >> status; }}\nset -o pipefail\n{line}'
    return subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=60, env=ENVIRONMENT, check=False
    )


def told(ran: subprocess.CompletedProcess[str]) -> str:
    """The status of the command, whose complaint must be civil."""
    assert "Traceback" not in ran.stderr
    assert "Exception" not in ran.stderr
    assert "internal error" not in ran.stderr
    return Path("status").read_text().strip()


def test_a_missing_path_stops_only_itself(command: Command) -> None:
    Path("a.json").write_text(BAD)
    ran = command("check", "missing.json", "a.json", "also/missing")
    assert ran.status == 2
    assert "a.json:1:" in ran.out
    assert ran.err.splitlines() == [
        "policylint: missing.json: no such file or directory",
        "policylint: also/missing: no such file or directory",
    ]


def test_a_file_that_may_not_be_read(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.json").write_text(BAD)
    Path("b.json").write_text(BAD)
    real = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "a.json":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    ran = command("check")
    assert (ran.status, ran.err) == (2, "policylint: a.json: permission denied\n")
    assert "b.json:1:" in ran.out


def test_a_folder_that_may_not_be_entered(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("b.json").write_text(BAD)
    real = Path.stat

    def refuse(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path.name == "a.json":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", refuse)
    ran = command("check", "closed/a.json", "b.json")
    assert ran.status == 2
    assert "b.json:1:" in ran.out


def test_a_link_that_leads_nowhere(command: Command) -> None:
    Path("gone.json").symlink_to("nothing")
    Path("loop.json").symlink_to("loop.json")
    Path("ok.json").write_text(BAD)
    ran = command("check")
    assert ran.status == 2
    assert "ok.json:1:" in ran.out
    assert len(ran.err.splitlines()) == 2


@pytest.mark.parametrize("name", [".", "folder.yaml", "folder.toml"])
def test_a_folder_for_a_configuration(command: Command, name: str) -> None:
    Path(name).mkdir(exist_ok=True)
    ran = command("check", "--config", name)
    assert (ran.status, ran.out) == (2, "")
    assert name in ran.err


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe",
        b"select: [unknown-tag\n",
        b"\tselect: x\n",
        b"select: &a [*a]\n",
        b"[]",
        b"- 1",
        b"1",
        b"select: !x []",
        b"a: 1\na: 1\n",
        b"<<: {}",
        b"[" * 10_000,
        b"select: {}",
        b"clock_skew: soon",
    ],
    ids=range(13),
)
@pytest.mark.parametrize("name", ["c.yaml", "c.toml"])
def test_a_broken_configuration(command: Command, name: str, data: bytes) -> None:
    Path(name).write_bytes(b"[tool.policylint]\n" + data if name.endswith("toml") else data)
    Path("a.json").write_text(BAD)
    ran = command("check", "--config", name)
    assert (ran.status, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1
    assert name in ran.err


def test_a_configuration_of_binary_data(command: Command) -> None:
    Path("c.yaml").write_bytes(b"\x00")
    ran = command("check", "--config", "c.yaml")
    assert ran.status == 2
    assert "c.yaml" in ran.err


@pytest.mark.parametrize("data", [b"\xff\xfe", b"{", b"[]", b"null\n", b'{"version": 99}', b"[" * 10_000, b"\0"])
def test_a_broken_baseline(command: Command, data: bytes) -> None:
    Path("known.ndjson").write_bytes(data)
    Path("a.json").write_text(BAD)
    ran = command("check", "a.json", "--baseline", "known.ndjson")
    assert (ran.status, ran.out) == (2, "")
    assert "known.ndjson" in ran.err


@pytest.mark.parametrize("option", ["--output", "--write-baseline"])
@pytest.mark.parametrize("target", ["missing/report", "."])
def test_a_target_that_can_not_be_written(command: Command, option: str, target: str) -> None:
    Path("a.json").write_text(BAD)
    ran = command("check", "a.json", option, target)
    assert (ran.status, ran.out) == (2, "")


def test_a_baseline_whose_name_is_too_long(command: Command) -> None:
    assert command("check", "--write-baseline", "x" * 5000).status == 2


def test_a_report_on_a_full_disk(command: Command) -> None:
    Path("a.json").write_text(BAD)
    ran = command("check", "a.json", "--output", "/dev/full")
    assert (ran.status, ran.out) == (2, "")
    assert "no space left" in ran.err


def test_a_report_whose_name_is_too_long(command: Command) -> None:
    assert command("check", "--output", "x" * 5000).status == 2


def test_a_report_is_written_whole_or_not_at_all(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.json").write_text(BAD)
    Path("report").write_text("the old one")
    monkeypatch.setattr("policylint.commands.check.make_report", lambda *_: 1 / 0)
    with pytest.raises(AssertionError, match="internal error"):
        command("check", "a.json", "--output", "report")
    assert Path("report").read_text() == "the old one"


def test_interrupted(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("policylint.commands.check.run", interrupt)
    assert main(["check"]) == 130
    assert capsys.readouterr().err.strip() == "policylint: interrupted"


def test_interrupted_by_the_keyboard() -> None:
    with subprocess.Popen(
        [*POLICYLINT, "check", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
    ) as process:
        assert process.stdin is not None
        # More than a pipe holds goes through only when the command is reading.
        process.stdin.write(b"\n" * 200_000)
        process.stdin.flush()
        for _ in range(10):  # on a busy machine the first may come before anyone listens
            time.sleep(0.1)
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=1)
                break
        _, complaint = process.communicate(timeout=20)
    assert process.returncode == 130
    assert complaint.strip() == b"policylint: interrupted"


def test_a_reader_who_has_seen_enough() -> None:
    lines = "\n".join([BAD] * 2000)
    Path("a.ndjson").write_text(lines)
    for style in ("text", "ndjson", "sarif"):
        ran = shell(f"policylint check a.ndjson --format {style} | head -1")
        assert "status 2" not in told(ran)
        assert ran.stderr == ""
        assert ran.stdout.count("\n") == 1
        Path("status").unlink()


def test_nobody_listens() -> None:
    Path("a.json").write_text(BAD)
    told(shell("policylint check a.json 1>&-"))


def test_a_full_disk() -> None:
    Path("a.json").write_text(BAD)
    ran = shell("{ policylint check a.json; } 1>/dev/full")
    assert told(ran) == "status 2"


def test_no_standard_input() -> None:
    ran = shell("policylint check - 0<&-")
    assert told(ran) == "status 2"
    assert "<stdin>" in ran.stderr or "standard input" in ran.stderr or "-:" in ran.stderr


def test_the_folder_is_gone() -> None:
    Path("a.json").write_text(BAD)
    here = Path.cwd()
    ran = shell(f"mkdir gone && cd gone && rmdir ../gone && {' '.join(POLICYLINT)} check {here}/a.json; true")
    assert "internal error" not in ran.stderr


def test_standard_input_is_a_recording(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
    ran = command("check", "-")
    assert "<stdin>:1:" in ran.out


def test_commands_that_do_not_exist(command: Command) -> None:
    Path("chekc.json").write_text(BAD)
    for arguments in (
        ("chekc",),
        ("chekc.json",),
        ("check", "--no-such-flag"),
        ("check", "--format", "xml"),
        ("\x1b[2J",),
    ):
        ran = command(*arguments)
        assert (ran.status, ran.out) == (2, "")
