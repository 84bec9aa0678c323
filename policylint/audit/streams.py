"""What an input holds, from front to back, in bounded memory: blocks of lines, single records, and records again."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from policylint.audit import arrays, tables
from policylint.audit.inputs import Input, Layout
from policylint.audit.piece import Piece
from policylint.sources.unpacking import BrokenStream, chunks

__all__ = ["Block", "BrokenStream", "Piece", "Span", "blocks", "fetch", "pieces", "spans"]

_BOM: Final = b"\xef\xbb\xbf"
_LOOK: Final = 1 << 16  # bytes in which the end of a line is looked for at a time
_BLOCK: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class Span:
    """A range of the unpacked stream, in bytes; an `end` of -1 is the stream's."""

    start: int
    end: int


@dataclass(slots=True)
class Block:
    """Whole lines of the unpacked stream; `offset` is where their first byte lies in it."""

    data: bytes
    offset: int


def spans(inp: Input, size: int) -> list[Span]:
    """Ranges of about `size` bytes that can be read apart from each other.

    Only plain files of lines can; anything else is one span.
    """
    if inp.layout is not Layout.LINES or inp.packing is not None:
        return [Span(0, -1)]
    starts = range(0, max(inp.size, 1), max(size, 1))
    return [Span(start, min(start + starts.step, inp.size)) for start in starts]


def blocks(inp: Input, span: Span, size: int = _BLOCK, first: int | None = None) -> Iterator[Block]:
    """The lines whose first byte lies in `span`, so that any cut into spans gives each line once.

    A block ends at the end of a line or of the data. It has at most `size` bytes, more where a line is longer; those
    at the beginning of a plain file may have fewer, from `first` on. A byte
    order mark at the very beginning is left out. A plain file ends where it ended when it was found, even if it has
    grown since. Raises BrokenStream, after everything that came before, where unpacking breaks off.
    """
    if inp.packing is None:
        return _plain(inp, span, max(min(first or size, size), 1), max(size, 1))
    return _unpacked(inp, max(size, 1))


def pieces(inp: Input) -> Iterator[Piece]:
    """The records of an array or a table one after the other, as JSON texts.

    Raises BrokenStream, after everything that came before, where it can't be read any further.
    """
    if inp.layout is Layout.TABLE:
        return tables.rows(inp.path, inp.packing, inp.kind)
    return arrays.elements(chunks(inp.path, inp.packing))


def fetch(inp: Input, wanted: Sequence[tuple[int, int]]) -> Iterator[bytes]:
    """The bytes of single records again; `wanted` is sorted.

    Of lines and arrays by offset and length, of tables by the number of the row (the second value does not count).
    Plain files are read only where it is needed; what lies behind a break comes out short or empty.
    """
    if inp.layout is Layout.TABLE:
        return tables.rows_again(inp.path, inp.packing, inp.kind, [number for number, _ in wanted])
    if inp.packing is None:
        return _read_again(inp.path, wanted)
    return _found_again(chunks(inp.path, inp.packing), wanted)


def _plain(inp: Input, span: Span, size: int, most: int) -> Iterator[Block]:
    with Path(inp.path).open("rb", buffering=0) as file:
        last = inp.size if span.end < 0 else min(span.end, inp.size)
        at, end = _line_from(file, span.start, inp.size), _line_from(file, last, inp.size)
        if at == 0 and os.pread(file.fileno(), len(_BOM), 0) == _BOM:
            at = len(_BOM)
        while at < end:
            stop = _stop(file, at, at + size, end)
            data = _read(file, at, stop - at)
            if data:
                yield Block(data, at)
            if at + len(data) < stop:  # the file has become shorter
                return
            at, size = stop, min(2 * size, most)


def _stop(file: IO[bytes], at: int, near: int, end: int) -> int:
    """Where a line begins, the last one up to `near`; the next one if that is no later than `at`."""
    if near >= end:
        return end
    look = max(at, near - _LOOK)
    found = _read(file, look, near - look).rfind(b"\n")
    return look + found + 1 if found >= 0 else _line_from(file, near, end)


def _read(file: IO[bytes], at: int, size: int) -> bytes:
    """As many bytes as there are, at most `size`; the system gives no more than 2 GiB at a time."""
    data = os.pread(file.fileno(), size, at)
    while len(data) < size and (more := os.pread(file.fileno(), size - len(data), at + len(data))):
        data += more
    return data


def _line_from(file: IO[bytes], at: int, end: int) -> int:
    """Where the first line begins that begins at `at` or later."""
    if at <= 0:
        return 0
    at -= 1
    while at < end and (data := os.pread(file.fileno(), min(_LOOK, end - at), at)):
        found = data.find(b"\n")
        if found >= 0:
            return at + found + 1
        at += len(data)
    return end


def _unpacked(inp: Input, size: int) -> Iterator[Block]:
    parts: list[bytes] = []
    have, enough, at, broken = 0, max(size, len(_BOM)), 0, None
    with closing(chunks(inp.path, inp.packing)) as stream:
        for chunk in _until_broken(stream):
            if isinstance(chunk, BrokenStream):
                broken = chunk
                break
            parts.append(chunk)
            have += len(chunk)
            if have < enough:
                continue
            data = b"".join(parts)
            skipped = len(_BOM) if at == 0 and data.startswith(_BOM) else 0
            whole = data.rfind(b"\n") + 1
            if not whole:  # a long line: looked at again when there is twice as much of it
                parts, enough = [data], 2 * have
                continue
            if whole > skipped:
                yield Block(data[skipped:whole], at + skipped)
            at += whole
            parts, have, enough = [data[whole:]], have - whole, size
    data = b"".join(parts)
    skipped = len(_BOM) if at == 0 and data.startswith(_BOM) else 0
    if len(data) > skipped:
        yield Block(data[skipped:], at + skipped)
    if broken is not None:
        raise broken


def _until_broken(stream: Iterable[bytes]) -> Iterator[bytes | BrokenStream]:
    """The parts of a stream, and where it breaks off, what is wrong with it."""
    try:
        yield from stream
    except BrokenStream as broken:
        yield broken


def _read_again(path: str, wanted: Sequence[tuple[int, int]]) -> Iterator[bytes]:
    with Path(path).open("rb", buffering=0) as file:
        for offset, length in wanted:
            yield os.pread(file.fileno(), length, offset)


def _found_again(stream: Generator[bytes], wanted: Sequence[tuple[int, int]]) -> Iterator[bytes]:
    """`wanted` of a stream that is read once; two of them may overlap or be the same."""
    held, base = b"", 0
    with closing(stream):
        parts = _until_broken(stream)
        for offset, length in wanted:
            waiting = [held[max(offset - base, 0) :]]
            end, base = base + len(held), max(offset, base)
            while end < offset + length:
                chunk = next(parts, None)
                if chunk is None or isinstance(chunk, BrokenStream):
                    break
                waiting.append(chunk[max(offset - end, 0) :])
                end += len(chunk)
            held = b"".join(waiting)
            base = offset
            yield held[:length]
