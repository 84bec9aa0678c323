"""Whatever ends an audit, started again it goes on, and comes to the findings of one that nothing disturbed."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
import zstandard

pytest.importorskip("duckdb", reason="an audit's store needs duckdb: pip install 'policylint[audit]'")

from tests.property.logfiles import line
from tests.property.logs import EveryLog

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
# The command, with spans so small that even a short log has many of them.
AUDIT = """
import functools, gc, os, resource, sys
import policylint.engines.audit as engine
from policylint.cli import main
engine.Order = functools.partial(engine.Order, span=20_000)
gc.disable()
if limit := int(os.environ.get("FILE_LIMIT", "0")):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
sys.exit(main(["audit", *sys.argv[1:]]))
"""
RECORDS = 600
KILLED = -signal.SIGKILL


def start(logs: Sequence[str], out: str, *, limit: int = 0) -> subprocess.Popen[str]:
    """An audit with two workers, under way; no file of it may have more than `limit` bytes."""
    return subprocess.Popen(
        [sys.executable, "-c", AUDIT, *logs, "--out", out, "--workers", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**ENVIRONMENT, "FILE_LIMIT": str(limit)},
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The status of an audit and what it told; whatever happened, it must have told it in good order."""
    out, err = process.communicate(timeout=60)
    told = out + err
    assert "Traceback" not in told
    assert "internal error" not in told
    return process.returncode, told


def finish(logs: Sequence[str], out: str) -> tuple[bytes, str]:
    """The findings after an audit that runs to its end, and what it told."""
    status, told = ended(start(logs, out))
    assert status in (0, 1), told
    return Path(out, "findings.ndjson").read_bytes(), told


def write(name: str, lines: Sequence[str]) -> None:
    data = "".join(f"{each}\n" for each in lines).encode(errors="surrogatepass")
    pack = {".gz": gzip.compress, ".zst": zstandard.ZstdCompressor().compress}.get(Path(name).suffix, bytes)
    Path(name).write_bytes(pack(data))


def children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """The lines of a log with everything in it."""
    random = Random(5)
    return [line(record, random) for record in EveryLog(random).records(RECORDS)]


@pytest.fixture(scope="module")
def undisturbed(lines: list[str], tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, float]:
    """The findings of an audit that nothing disturbed, and how many seconds it took."""
    folder = tmp_path_factory.mktemp("undisturbed")
    before = Path.cwd()
    os.chdir(folder)
    try:
        logs = write_logs(lines)
        began = time.monotonic()
        found, _ = finish(logs, "out")
        took = time.monotonic() - began
    finally:
        os.chdir(before)
    assert found.count(b"\n") > RECORDS / 2  # there is something to lose
    return found, took


def write_logs(lines: Sequence[str]) -> list[str]:
    third = len(lines) // 3
    for n, name in enumerate(("a.ndjson", "b.ndjson.gz", "c.ndjson.zst")):
        write(name, lines[n * third : (n + 1) * third])
    return ["a.ndjson", "b.ndjson.gz", "c.ndjson.zst"]


@pytest.fixture
def logs(lines: list[str]) -> list[str]:
    """Three logs in the current folder."""
    return write_logs(lines)


@pytest.mark.parametrize("seed", range(2))
def test_killed_at_random_moments(seed: int, logs: list[str], undisturbed: tuple[bytes, float]) -> None:
    found, took = undisturbed
    random = Random(seed)
    for _ in range(2):
        process = start(logs, "out")
        time.sleep(random.uniform(0.3, 1) * took)
        process.kill()
        status, _ = ended(process)
        assert status in (KILLED, 0, 1)
    assert finish(logs, "out")[0] == found


@pytest.mark.parametrize("stage", ["reading", "judging"])
def test_killed_right_after_a_stage(stage: str, logs: list[str], undisturbed: tuple[bytes, float]) -> None:
    """Between two stages files are half there and half gone."""
    process = start(logs, "out")
    assert process.stderr is not None
    assert any(f"{stage} done" in told for told in process.stderr)
    process.kill()
    ended(process)
    assert finish(logs, "out")[0] == undisturbed[0]


def test_a_worker_is_killed(logs: list[str], undisturbed: tuple[bytes, float]) -> None:
    process = start(logs, "out")
    workers: list[int] = []
    while process.poll() is None and len(workers) < 2:
        workers = children(process.pid)
    assert workers, "the audit ended before its workers could be found"
    os.kill(workers[-1], signal.SIGKILL)
    status, told = ended(process)
    assert status == 2
    assert "started again" in told or "start again" in told
    assert finish(logs, "out")[0] == undisturbed[0]


def test_the_workers_end_with_the_audit(logs: list[str]) -> None:
    process = start(logs, "out")
    workers: list[int] = []
    while process.poll() is None and len(workers) < 2:
        workers = children(process.pid)
    process.kill()
    ended(process)
    until = time.monotonic() + 10
    while any(Path(f"/proc/{worker}").exists() for worker in workers) and time.monotonic() < until:
        time.sleep(0.05)
    assert [worker for worker in workers if Path(f"/proc/{worker}").exists()] == []


def test_interrupted_by_hand(logs: list[str], undisturbed: tuple[bytes, float]) -> None:
    found, took = undisturbed
    for part in (2, 3, 4, 6):  # of the time that an audit took: this one may be faster
        process = start(logs, "out")
        time.sleep(took / part)
        process.send_signal(signal.SIGINT)
        status, told = ended(process)
        if status == 130:
            break
        shutil.rmtree("out")
    assert (status, told.splitlines()[-1]) == (130, "policylint: interrupted")
    assert finish(logs, "out")[0] == found


@pytest.mark.parametrize("kilobytes", [8])
def test_files_may_not_grow(kilobytes: int, logs: list[str], undisturbed: tuple[bytes, float]) -> None:
    status, told = ended(start(logs, "out", limit=kilobytes << 10))
    assert status == 2
    assert told.splitlines()[-1].startswith("policylint: ")
    assert finish(logs, "out")[0] == undisturbed[0]


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of one megabyte, mounted in the current folder."""
    disk = Path("disk").absolute()
    disk.mkdir()
    try:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("there is no mount command to make a small disk with")
    if done.returncode:
        pytest.skip(f"a small disk can't be mounted here: {done.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_the_disk_is_full(small_disk: Path, logs: list[str], undisturbed: tuple[bytes, float]) -> None:
    filler = small_disk / "filler"
    filler.write_bytes(bytes(900_000))
    status, told = ended(start(logs, str(small_disk / "out")))
    assert status == 2
    assert "no space left" in told.lower()
    filler.unlink()
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    assert finish(logs, str(small_disk / "out"))[0] == undisturbed[0]


def test_packed_logs_break_off(logs: list[str], undisturbed: tuple[bytes, float]) -> None:
    packed = {name: Path(name).read_bytes() for name in logs[1:]}
    for name, whole in packed.items():
        Path(name).write_bytes(whole[: len(whole) * 2 // 3])
    found, _ = finish(logs, "out")
    broken = {f["where"]["source"]: f["message"] for f in map(json.loads, found.splitlines()) if of_a_record(f)}
    # what is said last of a log is about its end
    assert broken.keys() >= packed.keys()
    assert all("early" in broken[name] or "breaks off" in broken[name] for name in packed), broken
    for name, whole in packed.items():
        Path(name).write_bytes(whole)
    assert finish(logs, "out")[0] == undisturbed[0]


def of_a_record(finding: dict[str, Any]) -> bool:
    return finding.get("rule") == "unreadable-record"


def test_a_log_changed_since(lines: list[str], logs: list[str], undisturbed: tuple[bytes, float]) -> None:
    finish(logs, "out")
    write("a.ndjson", lines[10:150])
    found, told = finish(logs, "out")
    assert "a.ndjson" in told
    assert "changed" in told
    assert found == finish(logs, "fresh")[0]
    assert found != undisturbed[0]


def test_another_day_of_logs(logs: list[str], undisturbed: tuple[bytes, float]) -> None:
    """The logs that are there already are not read again, named or not, and windows span the days."""
    finish(logs[:2], "out")
    for named, least, most in ((logs[2:], RECORDS // 4, RECORDS // 2), (logs, 0, 0)):
        found, told = finish(named, "out")
        assert found == undisturbed[0]
        read = re.search(r"reading done: .*?([0-9,]+) record", told)
        assert least <= (int(read[1].replace(",", "")) if read else 0) <= most
