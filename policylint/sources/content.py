"""The bytes of a recording, unpacked."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from policylint.errors import SourceError
from policylint.sources.folder import STDIN

_CHUNK: Final = 1 << 20
_SMALL: Final = 1 << 12
_MAGIC: Final = {b"\x1f\x8b": "gzip", b"(\xb5/\xfd": "zstandard", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz"}


@dataclass(frozen=True, slots=True)
class Content:
    """What a recording holds, unpacked; `broken` says why unpacking stopped before its end."""

    data: bytes
    broken: str | None = None


def read_content(path: str) -> Content:
    """The content of the file `path` (or of standard input for `-`), whatever it is packed with.

    Raises SourceError when it is missing or can't be opened.
    """
    try:
        raw = _standard_input() if path == STDIN else Path(path).read_bytes()
    except IsADirectoryError:
        raise SourceError(f"{path}: a folder that can not be listed" if path else "an empty path") from None
    except OSError as error:
        raise SourceError(f"{path}: {(error.strerror or 'can not be read').lower()}") from None
    except ValueError:
        raise SourceError(f"{path!r}: not a path") from None
    packing = next((name for magic, name in _MAGIC.items() if raw.startswith(magic)), None)
    return unpack(raw, packing) if packing else Content(raw)


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise SourceError("-: standard input is closed")
    return sys.stdin.buffer.read()


def unpack(raw: bytes, packing: str) -> Content:
    """`raw` unpacked as far as it goes: of a log that breaks off, all that came before is read."""
    out = io.BytesIO()
    try:
        for chunk in _zstandard(raw) if packing == "zstandard" else _stream(raw, packing):
            out.write(chunk)
    except EOFError:
        return Content(out.getvalue(), f"{packing} data that ends early")
    except Exception as error:
        # zlib.error, lzma.LZMAError and zstandard.ZstdError have no closer parent in common.
        return Content(out.getvalue(), f"broken {packing} data ({type(error).__name__})")
    return Content(out.getvalue())


def _stream(raw: bytes, packing: str) -> Iterator[bytes]:
    openers: dict[str, Callable[..., gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile]]
    openers = {"gzip": gzip.GzipFile, "bzip2": bz2.BZ2File, "xz": lzma.LZMAFile}
    source = {"fileobj" if packing == "gzip" else "filename": io.BytesIO(raw)}
    with openers[packing](**source) as stream:
        while chunk := stream.read1(_CHUNK):  # what is there so far, so that nothing read is lost where data breaks off
            yield chunk


def _zstandard(raw: bytes) -> Iterator[bytes]:
    """Frame by frame: zstandard's own stream reader ends in silence where the data breaks off.

    A frame hands back what it did not need, so small frames must be fed little at a time.
    """
    import zstandard

    at = 0
    while at < len(raw):
        frame, size = zstandard.ZstdDecompressor().decompressobj(), _SMALL
        while not frame.eof:
            if at >= len(raw):
                raise EOFError
            chunk = raw[at : at + size]
            yield frame.decompress(chunk)
            at += len(chunk) - len(frame.unused_data)
            size = min(2 * size, _CHUNK)
