"""What an audit reads: files, folders, globs, standard input and remote paths, each with its layout."""

from __future__ import annotations

import glob
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from pathlib import Path, PurePath
from typing import Final

import orjson

from policylint.audit import copies
from policylint.audit.arrays import elements
from policylint.audit.tables import CSV, PARQUET, PARQUET_MAGIC
from policylint.errors import SourceError
from policylint.sources.folder import STDIN, displayed, recordings
from policylint.sources.recording import BOM, is_named, is_ndjson, sample_lines, stands_alone
from policylint.sources.unpacking import BrokenStream, chunks, packing_of

BIG: Final = 64 << 20  # unpacked bytes from which on an array is not read whole
_HEAD: Final = 1 << 24  # what `check` looks at to tell lines from a document
_FIRST: Final = 1 << 18
_LINES: Final = 80  # as many lines as that sample may take
_ENDS: Final = 1 << 16  # what of both ends of a file tells it from others
_WILD: Final = re.compile(r"[*?\[]")
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_PACKED: Final = frozenset({".gz", ".zst", ".bz2", ".xz"})
_TABLES: Final = frozenset({".csv", ".parquet"})


class Layout(StrEnum):
    """How an input is read."""

    LINES = "lines"  # NDJSON: in blocks
    ARRAY = "array"  # one JSON array, too big to be read whole
    DOCUMENT = "document"  # whole, as `check` does
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Input:
    """A file that an audit reads.

    `source` is how reports name it, `path` the local file that is opened, `size` its bytes on the disk. `identity` is
    hex, and another one when the content is another.
    """

    path: str
    source: str
    size: int
    identity: str
    layout: Layout
    packing: str | None
    kind: str = ""  # of a table: "parquet" or "csv"


def find_inputs(
    given: Sequence[str],
    *,
    leave_out: Iterable[Path],
    spool: Path,
    failures: list[str],
    mapped: Callable[[str], bool],
) -> list[Input]:
    """The inputs that `given` names, each once: files, folders, globs, `-`, and URLs that fsspec can open.

    What is no local file is copied to the folder `spool`. `mapped` tells whether the configuration maps the fields of
    a source; tables are looked for in folders only where it does. What can't be opened is named in `failures`, and the
    rest goes on.
    """
    out: list[Input] = []
    names: Counter[str] = Counter()
    for path, name, identity in _found(given, list(leave_out), spool, failures, mapped):
        try:
            is_mapped = mapped(name)
            names[name] += 1
            source = name if names[name] == 1 else f"{name} ({names[name]})"
            out.append(_input(path, source, identity, is_mapped=is_mapped))
        except SourceError as error:
            names[name] -= 1
            failures.append(str(error))
    return out


def _found(
    given: Sequence[str], leave_out: list[Path], spool: Path, failures: list[str], mapped: Callable[[str], bool]
) -> Iterator[tuple[str, str, str | None]]:
    """The local file, the name and, where it is known already, the identity of each input."""
    seen: set[str] = set()

    def files(paths: Iterable[str]) -> Iterator[tuple[str, str, None]]:
        for path in paths:
            real = os.path.realpath(path)
            if real not in seen:
                seen.add(real)
                yield path, displayed(path), None

    for path in given:
        try:
            if copies.is_url(path):
                for copy in copies.remote(path, spool, failures):
                    if copy.name not in seen:
                        seen.add(copy.name)
                        yield copy.path, copy.name, copy.identity
            elif path == STDIN:
                if path not in seen:
                    seen.add(path)
                    copy = copies.standard_input(spool)
                    yield copy.path, displayed(STDIN), copy.identity
            elif _WILD.search(path) and not os.path.lexists(path):
                matched = _matched(path, leave_out, mapped)
                if not matched:
                    failures.append(f"{path}: no file matches")
                yield from files(matched)
            else:
                yield from files(_below(path, leave_out, mapped))
        except SourceError as error:
            failures.append(str(error))


def _matched(pattern: str, leave_out: list[Path], mapped: Callable[[str], bool]) -> list[str]:
    """The files that a glob matches, whatever they are called, and what is read of the folders that it matches."""
    own = {os.path.realpath(path) for path in leave_out}
    out: list[str] = []
    for path in sorted(glob.glob(pattern, recursive=True), key=lambda name: PurePath(name).parts):  # noqa: PTH207
        if not Path(path).is_dir():
            out += [path] if os.path.realpath(path) not in own else []
        elif PurePath(pattern).name != "**":  # which matches what is in the folder, too
            out += _below(path, leave_out, mapped)
    return out


def _below(path: str, leave_out: list[Path], mapped: Callable[[str], bool]) -> list[str]:
    """A file, or the recordings in a folder and the tables in it whose columns are mapped."""
    found = list(recordings([path], leave_out))
    try:
        if not path or not Path(path).is_dir():
            return found
    except (OSError, ValueError):
        return found
    for here, folders, files in os.walk(path):
        folders[:] = [name for name in folders if not name.startswith(".")]
        tables = (str(Path(here, name)) for name in files if not name.startswith(".") and _is_table(name))
        found += [name for name in tables if Path(name).is_file() and mapped(displayed(name))]
    return sorted(found, key=lambda name: PurePath(name).parts)


def _is_table(name: str) -> bool:
    suffixes = PurePath(name.lower()).suffixes
    if suffixes and suffixes[-1] in _PACKED:
        suffixes.pop()
    return bool(suffixes) and suffixes[-1] in _TABLES


def identity_of(path: str) -> str:
    """What differs when the content of a local file does, as hex. Raises OSError."""
    with Path(path).open("rb") as file:
        status = os.fstat(file.fileno())
        begin = file.read(_ENDS)
        file.seek(max(status.st_size - _ENDS, 0))
        return _identity(status, begin, file.read(_ENDS))


def _identity(status: os.stat_result, begin: bytes, end: bytes) -> str:
    stamp = f"{status.st_size} {status.st_mtime_ns} ".encode()
    return blake2b(stamp + begin + end, digest_size=16).hexdigest()


def _input(path: str, source: str, identity: str | None, *, is_mapped: bool) -> Input:
    """The input that a local file is. Raises SourceError when it can't be opened, worded as `check` words it."""
    try:
        with Path(path).open("rb") as file:
            status = os.fstat(file.fileno())
            begin = file.read(_ENDS)
            file.seek(max(status.st_size - _ENDS, 0))
            end = file.read(_ENDS)
        packing = packing_of(begin)
        if identity is None:
            identity = _identity(status, begin, end)
        if begin.startswith(PARQUET_MAGIC) and end.endswith(PARQUET_MAGIC):
            return Input(path, source, status.st_size, identity, Layout.TABLE, None, PARQUET)
        head = _Head(path, packing, status.st_size)
        if is_named(source, ".csv") and head.is_table():
            if not is_mapped:
                raise SourceError(f"{path}: a table; say under sources: in the configuration what its columns are")
            return Input(path, source, status.st_size, identity, Layout.TABLE, packing, CSV)
        return Input(path, source, status.st_size, identity, _layout(source, head), packing)
    except IsADirectoryError:
        raise SourceError(f"{path}: a folder that can not be listed" if path else "an empty path") from None
    except OSError as error:
        raise SourceError(f"{path}: {(error.strerror or 'can not be read').lower()}") from None
    except ValueError:
        raise SourceError(f"{path!r}: not a path") from None


class _Head:
    """The beginning of an unpacked file, as much of it as a decision needs; `ended` when that is all of it."""

    def __init__(self, path: str, packing: str | None, size: int) -> None:
        self._stream = chunks(path, packing)
        self._size = None if packing else size
        self.data = b""
        self.ended = False
        self.read(_FIRST)
        self.data = self.data.removeprefix(BOM)
        while not self.ended and len(self.data) < _HEAD and (not self.data.strip() or self.data.count(b"\n") < _LINES):
            self.read(min(4 * len(self.data), _HEAD))

    def read(self, size: int) -> None:
        """Have at least `size` bytes, where there are so many."""
        parts, have = [self.data], len(self.data)
        while have < size and not self.ended:
            try:
                part = next(self._stream, None)
            except BrokenStream:
                part = None
            if part is None:
                self.ended = True
            else:
                parts.append(part)
                have += len(part)
        self.data = b"".join(parts)

    def is_big(self) -> bool:
        """Whether the whole is too big to be read at once; of a packed file one knows only when it was read so far."""
        if self._size is None:
            self.read(BIG + 1)
            return len(self.data) > BIG
        return self._size > BIG

    def is_one_value(self) -> bool:
        """Whether the whole, which is not big, is one JSON value."""
        self.read(BIG + 1)
        return _is_json(self.data)

    def is_table(self) -> bool:
        """Whether the first line can be a table's header: it is no JSON object or array."""
        return not any(stands_alone(line) for line in sample_lines(self.data)[:1])

    def begins_array(self) -> bool:
        """Whether a whole element stands at the beginning of an array."""
        try:
            return next(elements([self.data]), None) is not None
        except BrokenStream:
            return False


def _layout(source: str, head: _Head) -> Layout:
    """How `check` would read a file, told by its beginning; arrays that are too big for that are streamed."""
    data = head.data
    first = data.lstrip()[:1]
    if data.startswith(_UTF_16):
        return Layout.DOCUMENT
    if not first:
        return Layout.DOCUMENT if head.ended else Layout.LINES
    if first not in b"{[" and not is_named(source, ".ndjson", ".jsonl"):
        is_yaml = is_named(source, ".yaml", ".yml") or not any(map(stands_alone, sample_lines(data)))
        return Layout.DOCUMENT if is_yaml else Layout.LINES
    if not is_ndjson(source, data):
        return Layout.ARRAY if first == b"[" and head.is_big() else Layout.DOCUMENT
    lines = sample_lines(data)
    if len(lines) > 1 and _is_json(lines[0]):  # with more behind its first line, the whole is not one value
        return Layout.LINES
    if head.is_big():
        return Layout.ARRAY if first == b"[" and head.begins_array() else Layout.LINES
    return Layout.DOCUMENT if head.is_one_value() else Layout.LINES


def _is_json(data: bytes) -> bool:
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError:
        return False
    return True
