"""Which files a run reads."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import Final

STDIN: Final = "-"
_KINDS: Final = frozenset({".json", ".ndjson", ".jsonl", ".yaml", ".yml"})
_COMPRESSED: Final = frozenset({".gz", ".zst", ".bz2", ".xz"})


def recordings(paths: Iterable[str], leave_out: Iterable[Path] = ()) -> Iterator[str]:
    """The recordings that `paths` name, each once: files as given, folders walked in sorted order.

    Files to `leave_out` are the project's own (rules, configuration, baseline), unless they are named outright.

    In folders, hidden entries are skipped and only recordings' own extensions are read (also compressed); links to
    folders are not followed. A path that is missing is yielded too: opening it says so.
    """
    seen: set[str] = set()
    own = {os.path.realpath(path) for path in leave_out}
    for path in paths:
        is_folder = _is_folder(path)
        for found in _walk(path) if is_folder else (path,):
            real = found if found == STDIN else os.path.realpath(found)
            if real not in seen and not (is_folder and real in own):
                seen.add(real)
                yield found


def displayed(path: str | Path) -> str:
    """How reports name `path`: with forward slashes, relative to the current folder where it lies below it.

    Bytes of a name that are not UTF-8 are written as escapes, since a report is text.
    """
    if path == STDIN:
        return "<stdin>"
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links out of the project
    here = Path.cwd()
    name = (absolute.relative_to(here) if absolute.is_relative_to(here) else PurePath(path)).as_posix()
    return name.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _is_folder(path: str) -> bool:
    try:
        return path not in (STDIN, "") and Path(path).is_dir()
    except OSError:
        return False


def _walk(folder: str) -> Iterator[str]:
    """The recordings below `folder`, and the folders that can't be listed: opening those says so."""
    found: list[str] = []
    refused: list[OSError] = []
    for here, folders, files in os.walk(folder, onerror=refused.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        named = [Path(here, name) for name in files if not name.startswith(".") and _is_recording(name)]
        # A pipe would be waited for; a link that leads nowhere is read, so that someone hears of it.
        found += [str(path) for path in named if path.is_file() or not path.exists()]
    found += [str(error.filename) for error in refused]
    yield from sorted(found, key=lambda path: PurePath(path).parts)


def _is_recording(name: str) -> bool:
    suffixes = PurePath(name.lower()).suffixes
    if suffixes and suffixes[-1] in _COMPRESSED:
        suffixes.pop()
    return bool(suffixes) and suffixes[-1] in _KINDS
