"""Packed files as streams: a bounded part of them in memory, and everything that comes before a break."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import IO, Final

from policylint.documents.places import Place

_CHUNK: Final = 1 << 20
# One call of zstandard unpacks all that it is given, up to 32 kB from a byte: so it is fed little, and less after much.
_LEAST: Final = 1 << 10
_MOST: Final = 1 << 14
_MUCH: Final = 1 << 22
_MAGIC: Final = {b"\x1f\x8b": "gzip", b"(\xb5/\xfd": "zstandard", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz"}


class BrokenStream(Exception):  # noqa: N818 - a fact about the log, not an error of ours
    """A stream that can't be read to its end; everything before the break was given first.

    `str()` is the reason, without any of the text. `place` is where a text stopped to make sense; it is None where the
    packing broke off.
    """

    def __init__(self, reason: str, place: Place | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.place = place


def packing_of(head: bytes) -> str | None:
    """What a file is packed with that begins with `head` (6 bytes suffice); None for a plain one."""
    return next((name for magic, name in _MAGIC.items() if head.startswith(magic)), None)


def chunks(path: str, packing: str | None) -> Generator[bytes]:
    """The content of a file from front to back, in parts of at most a few MiB.

    Raises BrokenStream where unpacking breaks off, worded as `check` words it, and OSError where reading fails.
    """
    with Path(path).open("rb") as file:
        if packing is not None:
            yield from unpacked(file, packing)
            return
        while chunk := file.read(_CHUNK):
            yield chunk


def unpacked(file: IO[bytes], packing: str) -> Iterator[bytes]:
    """What a packed file holds. Raises BrokenStream where unpacking breaks off, after all that came before."""
    try:
        yield from _zstandard(file) if packing == "zstandard" else _standard(file, packing)
    except EOFError:
        raise BrokenStream(f"{packing} data that ends early") from None
    except Exception as error:
        # zlib.error, lzma.LZMAError and zstandard.ZstdError have no closer parent in common.
        raise BrokenStream(f"broken {packing} data ({type(error).__name__})") from None


def _standard(file: IO[bytes], packing: str) -> Iterator[bytes]:
    openers: dict[str, Callable[..., gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile]]
    openers = {"gzip": gzip.GzipFile, "bzip2": bz2.BZ2File, "xz": lzma.LZMAFile}
    with openers[packing](**{"fileobj" if packing == "gzip" else "filename": file}) as stream:
        while chunk := stream.read1(_CHUNK):  # what is there so far, so that nothing read is lost before a break
            yield chunk


def _zstandard(file: IO[bytes]) -> Iterator[bytes]:
    """Frame by frame: zstandard's own stream reader ends in silence where the data breaks off."""
    import zstandard

    data, size = b"", _LEAST
    while data or (data := file.read(size)):
        frame = zstandard.ZstdDecompressor().decompressobj()
        while True:
            unpacked = frame.decompress(data)
            yield unpacked
            if frame.eof:
                data = frame.unused_data
                break
            size = max(size // 4, _LEAST) if len(unpacked) > _MUCH else min(2 * size, _MOST)
            if not (data := file.read(size)):
                raise EOFError
