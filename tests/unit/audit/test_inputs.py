"""What an audit reads: which files, under which names, and laid out as `check` would read them."""

from __future__ import annotations

import builtins
import bz2
import gzip
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from policylint.audit import inputs
from policylint.audit.inputs import Input, Layout, find_inputs
from policylint.errors import SourceError
from policylint.sources.content import Content, read_content
from policylint.sources.recording import Layout as CheckLayout
from policylint.sources.recording import read_recording

SEND = b'{"recipient": {"id": "7"}, "message": {"text": "Hi"}}'


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, data: bytes = SEND + b"\n") -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def find(
    *given_paths: str, mapped: Callable[[str], bool] = lambda _: False, leave_out: Sequence[Path] = ()
) -> tuple[list[Input], list[str]]:
    failures: list[str] = []
    found = find_inputs(given_paths, leave_out=leave_out, spool=Path("spool"), failures=failures, mapped=mapped)
    return found, failures


def names(*given_paths: str, mapped: Callable[[str], bool] = lambda _: False) -> list[str]:
    found, failures = find(*given_paths, mapped=mapped)
    assert failures == []
    return [each.source for each in found]


def the(name: str, mapped: Callable[[str], bool] = lambda _: False) -> Input:
    found, failures = find(name, mapped=mapped)
    assert failures == []
    (only,) = found
    return only


def test_folders_hold_recordings_and_the_tables_that_are_mapped() -> None:
    for name in (
        "a.ndjson",
        "b/c.json.gz",
        "b/d.csv",
        "b/e.csv.gz",
        "b/f.parquet",
        "notes.txt",
        ".git/x.json",
        "z.csv",
    ):
        write(f"logs/{name}", b"a,b\n1,2\n" if ".csv" in name else SEND)
    pq.write_table(pa.table({"n": [1]}), "logs/b/f.parquet")
    assert names("logs") == ["logs/a.ndjson", "logs/b/c.json.gz"]
    assert names("logs", mapped=lambda source: source.startswith("logs/b/")) == [
        "logs/a.ndjson",
        "logs/b/c.json.gz",
        "logs/b/d.csv",
        "logs/b/e.csv.gz",
        "logs/b/f.parquet",
    ]


def test_globs_that_the_shell_left_alone() -> None:
    for name in (
        "logs/b.ndjson",
        "logs/a.ndjson",
        "logs/x/c.ndjson",
        "logs/x/d.json",
        "logs/.e.ndjson",
        "[odd].ndjson",
    ):
        write(name)
    assert names("logs/*.ndjson") == ["logs/a.ndjson", "logs/b.ndjson"]
    assert names("logs/**/*.ndjson") == ["logs/a.ndjson", "logs/b.ndjson", "logs/x/c.ndjson"]
    assert names("**/x") == ["logs/x/c.ndjson", "logs/x/d.json"]
    assert names("logs/**") == names("logs")
    assert names("lo*") == ["logs/a.ndjson", "logs/b.ndjson", "logs/x/c.ndjson", "logs/x/d.json"]
    assert names("[odd].ndjson") == ["[odd].ndjson"]
    found, failures = find("logs/*.zst", "logs/a.ndjson")
    assert failures == ["logs/*.zst: no file matches"]
    assert [each.source for each in found] == ["logs/a.ndjson"]


def test_each_file_once_and_each_name_once() -> None:
    write("logs/a.ndjson")
    Path("again.ndjson").symlink_to("logs/a.ndjson")
    assert names("logs/a.ndjson", "logs", "again.ndjson", "logs/*") == ["logs/a.ndjson"]
    own = write("logs/policy.yaml")
    found, failures = find("logs", "lo*/*", leave_out=[own])
    assert ([each.source for each in found], failures) == (["logs/a.ndjson"], [])


@pytest.mark.parametrize("path", ["missing.ndjson", "", "not/there", "secret.ndjson"])
def test_what_cannot_be_opened_is_told_as_check_tells_it(path: str) -> None:
    write("a.ndjson")
    write("secret.ndjson").chmod(0)
    if path == "secret.ndjson" and os.access(path, os.R_OK):
        Path(path).unlink()
        Path(path).symlink_to("nowhere")
    found, failures = find(path, "a.ndjson")
    with pytest.raises(SourceError) as told:
        read_content(path)
    assert failures == [str(told.value)]
    assert [each.source for each in found] == ["a.ndjson"]


def test_identity_differs_when_the_content_does() -> None:
    path = write("a.ndjson", SEND * 5000)
    first = the("a.ndjson")
    assert first == the("a.ndjson")
    assert first.size == len(SEND) * 5000
    status = path.stat()
    path.write_bytes(SEND * 4999 + SEND.replace(b"Hi", b"Ho"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))  # a copy that keeps its time
    assert the("a.ndjson").identity != first.identity
    path.write_bytes(SEND * 5000)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert the("a.ndjson").identity != first.identity


ARRAY = b'[{"a": 1},\n{"b": 2},\n{"c": 3}]'
CONTENTS = [
    ("a.json", SEND),
    ("a.json", SEND + b"\n" + SEND),
    ("a.ndjson", SEND),
    ("a.ndjson", b"broken\n" + SEND),
    ("a.jsonl", b'{\n "pretty": 1\n}'),
    ("a.json", b'{\n "pretty": {}\n}'),
    ("a.json", ARRAY),
    ("a.ndjson", ARRAY),
    ("a.json", b'{"torn\n' + (SEND + b"\n") * 4),
    ("a.json", b'{"torn": 1\n' + SEND + b"\n x\n"),
    ("a.json", b"[\n{}\n,\n{}\n,\n{}\n,\n{}\n,\n{}\n,\n{}\n,\n{}\n,\n{}\n,\n{}\n,\n{}\n,\n{}\n]"),
    ("a.json", b'[{"method": "POST", "relative_url": "me/messages"}]\n' * 3),
    ("a.log", b"Listening on port 80\n" + SEND + b"\n" + SEND),
    ("a.log", b"nothing\nof the kind\n"),
    ("a.yaml", b"events: []\n"),
    ("a.yaml", b'{"a": 1}\n---\n{"b": 2}\n'),
    ("a.json", b""),
    ("a.ndjson", b" \n\n"),
    ("a.ndjson", b"\xff\xfe{\x00}\x00"),
    ("a.json", b"\xef\xbb\xbf" + SEND + b"\n" + SEND),
    ("a.json", b"\xef\xbb\xbf[]"),
    ("a.ndjson", b'"text"\n'),
    ("a.ndjson", b"1\n2\n"),
    ("a.json", b'{"a": 1} {"b": 2}'),
    ("a.json", b"\n" * 100 + SEND + b"\n" + SEND),
    ("a.json", SEND + b"\n" * 100 + SEND),
]
LINES = (CheckLayout.NDJSON,)


def agrees(name: str, data: bytes) -> None:
    """The layout is the one by which `check` reads the same file, or one that gives the same."""
    write(name, data)
    found = the(name).layout
    read = read_recording(name, Content(data), shape=None, script_start=0)
    if read.records == 0:
        return
    assert (found is Layout.LINES) == (read.layout is CheckLayout.NDJSON), (found, read.layout)
    assert found in (Layout.LINES, Layout.DOCUMENT)


@pytest.mark.parametrize(("name", "data"), CONTENTS)
def test_the_layout_is_that_of_check(name: str, data: bytes) -> None:
    agrees(name, data)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["a.json", "a.ndjson", "a.yaml", "a"]),
    st.lists(st.sampled_from([b"{", b"}", b"[", b"]", b",", b"{}", b"[]", b"1", b"x", b"", b" ", SEND]), max_size=12),
    st.sampled_from([b"\n", b"\r\n", b" "]),
)
def test_the_layout_of_any_content_is_that_of_check(name: str, parts: list[bytes], between: bytes) -> None:
    agrees(name, between.join(parts))


def test_big_arrays_are_streamed_and_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "BIG", 1 << 20)
    array = json.dumps([{"n": n, "text": "x" * 50} for n in range(20_000)]).encode()
    pretty = json.dumps([{"n": n, "text": "x" * 50} for n in range(20_000)], indent=1).encode()
    lines = b"".join(b'[{"method": "POST", "relative_url": "x/%d"}]\n' % n for n in range(40_000))
    for name, data, layout in [
        ("one-line.json", array, Layout.ARRAY),
        ("pretty.json", pretty, Layout.ARRAY),
        ("pretty.ndjson", pretty, Layout.ARRAY),
        ("small.json", array[: 1 << 19], Layout.DOCUMENT),
        ("batches.json", lines, Layout.LINES),
        ("torn.ndjson", b'[{"method": "PO\n' + lines, Layout.LINES),
        ("object.json", b'{"data": ' + array + b"}", Layout.DOCUMENT),
    ]:
        write(name, data)
        assert the(name).layout is layout, name
        for suffix, pack in ((".gz", gzip.compress), (".bz2", bz2.compress), (".zst", zstandard.compress)):
            write(name + suffix, pack(data))
            packed = the(name + suffix)
            assert packed.layout is layout, name + suffix
            assert packed.packing is not None


def test_tables() -> None:
    pq.write_table(pa.table({"n": [1]}), "table.dat")
    assert (the("table.dat").layout, the("table.dat").kind) == (Layout.TABLE, "parquet")
    write("a.csv", b"ts,user\n1,2\n")
    write("a.csv.gz", gzip.compress(b"ts,user\n1,2\n"))
    write("lines.csv", SEND + b"\n" + SEND)
    found = the("a.csv", mapped=lambda _: True)
    assert (found.layout, found.kind, found.packing) == (Layout.TABLE, "csv", None)
    assert the("a.csv.gz", mapped=lambda _: True).packing == "gzip"
    assert the("lines.csv").layout is Layout.LINES
    found_none, failures = find("a.csv")
    assert found_none == []
    assert failures == ["a.csv: a table; say under sources: in the configuration what its columns are"]


def test_standard_input_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def piped(data: bytes) -> Input:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        return the("-")

    first = piped(gzip.compress(SEND + b"\n" + SEND, mtime=0))
    assert (first.source, first.layout, first.packing) == ("<stdin>", Layout.LINES, "gzip")
    assert gzip.decompress(Path(first.path).read_bytes()) == SEND + b"\n" + SEND
    assert piped(gzip.compress(SEND + b"\n" + SEND, mtime=0)) == first
    assert piped(SEND).identity != first.identity
    assert names("-", "-") == ["<stdin>"]
    monkeypatch.setattr(sys, "stdin", None)
    assert find("-") == ([], ["-: standard input is closed"])


@pytest.fixture
def store() -> Iterator[Any]:
    """An empty remote store, in memory."""
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    yield memory
    memory.store.clear()


def test_remote_files_are_copied_once(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    store.pipe(
        {"/logs/a.ndjson": SEND + b"\n" + SEND, "/logs/b.json.gz": gzip.compress(SEND), "/logs/x/c.ndjson": SEND}
    )
    found, failures = find("memory://logs/*.*")
    assert failures == []
    assert [each.source for each in found] == ["memory:///logs/a.ndjson", "memory:///logs/b.json.gz"]
    assert [each.packing for each in found] == [None, "gzip"]
    assert Path(found[0].path).read_bytes() == SEND + b"\n" + SEND
    with monkeypatch.context() as patched:
        patched.setattr(type(store), "_open", lambda *_, **__: pytest.fail("copied again"))
        assert find("memory://logs/*.*") == (found, [])
    store.pipe({"/logs/a.ndjson": SEND * 3})
    changed = the("memory://logs/a.ndjson")
    assert changed.identity != found[0].identity
    assert Path(changed.path).read_bytes() == SEND * 3
    assert not list(Path("spool").glob("*.part"))


def test_a_local_file_by_its_url(tmp_path: Path) -> None:
    write("a.ndjson")
    found = the(f"file://{tmp_path}/a.ndjson")
    assert found.source == f"file://{tmp_path}/a.ndjson"
    assert Path(found.path).read_bytes() == SEND + b"\n"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("memory://logs/none.ndjson", "memory://logs/none.ndjson: no such file or directory"),
        ("memory://logs/*.zst", "memory://logs/*.zst: no file matches"),
        ("memory://logs", "memory://logs: a folder; name its files, such as with **/*.ndjson"),
        ("nonsense://a/b", "nonsense://a/b: fsspec knows no nonsense://"),
    ],
)
def test_remote_paths_that_cannot_be_read(url: str, told: str, store: Any) -> None:
    store.pipe({"/logs/a.ndjson": SEND})
    assert find(url) == ([], [told])


def without(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def imported(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] == package:
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", imported)
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)


def test_what_is_missing_for_remote_paths_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    write("a.ndjson")
    with monkeypatch.context() as patched:
        without("s3fs", patched)
        found, failures = find("s3://key:secret@bucket/logs/a.ndjson", "a.ndjson")
    assert [each.source for each in found] == ["a.ndjson"]
    (told,) = failures
    assert told.startswith("s3://bucket/logs/a.ndjson: no driver for s3://; pip install 'policylint[remote]' s3fs")
    with monkeypatch.context() as patched:
        without("fsspec", patched)
        _, failures = find("s3://bucket/a.ndjson")
    assert failures == ["s3://bucket/a.ndjson: remote paths need fsspec; pip install 'policylint[remote]'"]
