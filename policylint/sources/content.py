"""The bytes of a recording, unpacked."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path

from policylint.errors import SourceError
from policylint.sources.folder import STDIN
from policylint.sources.unpacking import BrokenStream, packing_of, unpacked


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
    packing = packing_of(raw)
    return unpack(raw, packing) if packing else Content(raw)


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise SourceError("-: standard input is closed")
    return sys.stdin.buffer.read()


def unpack(raw: bytes, packing: str) -> Content:
    """`raw` unpacked as far as it goes: of a log that breaks off, all that came before is read."""
    out = io.BytesIO()
    try:
        for chunk in unpacked(io.BytesIO(raw), packing):
            out.write(chunk)
    except BrokenStream as broken:
        return Content(out.getvalue(), str(broken))
    return Content(out.getvalue())
