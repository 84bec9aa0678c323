"""Unpacking: whatever a recording is packed with, and as far as it goes."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from policylint.errors import SourceError
from policylint.sources.content import Content, read_content

TEXT = b"".join(b'{"line": %d}\n' % n for n in range(2000))
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstandard": zstandard.compress,
}
packings = pytest.mark.parametrize("packing", PACKERS)


def content(folder: Path, data: bytes, name: str = "log") -> Content:
    path = folder / name
    path.write_bytes(data)
    return read_content(str(path))


@packings
def test_packed_files_open_like_plain_ones(packing: str, tmp_path: Path) -> None:
    """Told by their first bytes, not by their names."""
    assert content(tmp_path, PACKERS[packing](TEXT), "log.txt") == Content(TEXT)
    assert content(tmp_path, TEXT, "log.gz") == Content(TEXT)


@packings
def test_members_one_after_the_other(packing: str, tmp_path: Path) -> None:
    pack = PACKERS[packing]
    assert content(tmp_path, pack(b"one\n") + pack(b"") + pack(TEXT)) == Content(b"one\n" + TEXT)


@packings
def test_data_that_ends_early(packing: str, tmp_path: Path) -> None:
    packed = PACKERS[packing](TEXT)
    for cut in range(8, len(packed), 7):
        found = content(tmp_path, packed[:cut])
        assert found.broken is not None
        assert packing in found.broken
        assert TEXT.startswith(found.data)


@packings
def test_what_came_before_the_end_is_read(packing: str, tmp_path: Path) -> None:
    pack = PACKERS[packing]
    second = pack(TEXT)
    found = content(tmp_path, pack(b"one\n") + second[:-4])
    assert found.broken is not None
    assert found.data.startswith(b"one\n")


@packings
def test_damaged_data(packing: str, tmp_path: Path) -> None:
    packed = bytearray(PACKERS[packing](TEXT))
    packed[len(packed) // 2] ^= 0xFF
    found = content(tmp_path, bytes(packed))
    assert found.broken or found.data != TEXT  # bzip2 and zstandard may have no checksum of their own
    assert packing in (found.broken or packing)


@packings
def test_rubbish_after_the_end(packing: str, tmp_path: Path) -> None:
    found = content(tmp_path, PACKERS[packing](TEXT) + b"rubbish that is long enough")
    assert found.data == TEXT


def test_zstandard_with_frames_to_skip(tmp_path: Path) -> None:
    skipped = b"\x50\x2a\x4d\x18" + struct.pack("<I", 4) + b"abcd"
    pack = zstandard.compress
    assert content(tmp_path, pack(b"a") + skipped + pack(b"b") + skipped) == Content(b"ab")


def test_zstandard_without_size(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zstandard.ZstdCompressor(write_content_size=False).stream_writer(out, closefd=False) as stream:
        stream.write(TEXT)
    assert content(tmp_path, out.getvalue()) == Content(TEXT)


def test_zstandard_of_many_small_frames(tmp_path: Path) -> None:
    """As loggers write that flush line by line: four times the frames take four times as long, not sixteen."""
    frame = zstandard.compress(b'{"a": 1}\n')

    def seconds(frames: int) -> float:
        begun = time.process_time()
        assert len(content(tmp_path, frame * frames).data) == frames * 9
        return time.process_time() - begun

    assert min(seconds(40_000), seconds(40_000)) < 9 * max(seconds(10_000), seconds(10_000))


@pytest.mark.parametrize("data", [b"", b"\x1f\x8b", b"\x1f", b"BZh", b"(\xb5/\xfd", b"\xfd7zXZ\x00", b"\x00\x01"])
def test_next_to_nothing(data: bytes, tmp_path: Path) -> None:
    found = content(tmp_path, data)
    assert found.data in (b"", data)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(TEXT))))
    assert read_content("-") == Content(TEXT)


def test_what_can_not_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(SourceError, match=str(path)):
            read_content(str(path))

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(SourceError, match="permission denied"):
        read_content("a.json")
