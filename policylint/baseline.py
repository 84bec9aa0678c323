"""Baselines: findings accepted earlier, matched by fingerprint.

A baseline file is NDJSON, sorted, one finding a line: fingerprint, rule, place and, where someone wrote one, a reason.
Each line stands for one finding: of three alike, two lines hide two, so that one mended never hides a new one.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from policylint.errors import BaselineError
from policylint.findings import Finding, in_order
from policylint.sources.folder import STDIN, displayed


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a baseline. `source` and `record` say where the finding was, for people; they need not match."""

    source: str
    record: int
    pointer: str
    rule: str
    fingerprint: str
    reason: str | None = None

    def __str__(self) -> str:
        return f"{self.source} (record {self.record}, {self.pointer or 'request'}): {self.rule} {self.fingerprint}"


def read_baseline(path: Path) -> tuple[Entry, ...]:
    """The entries of a baseline file, their sources as reports name them from the current folder.

    In the file they are relative to it, so that it means the same wherever a run is started.
    Raises BaselineError with file and line.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise BaselineError(
            f"{path}: {(error.strerror or 'can not be read').lower()}; write one with --write-baseline {path}"
        ) from None
    return tuple(_entry(path, number, line) for number, line in enumerate(lines, 1) if line.strip())


def _entry(path: Path, number: int, line: bytes) -> Entry:
    try:
        data = orjson.loads(line)
        entry = Entry(
            data["source"], data["record"], data["pointer"], data["rule"], data["fingerprint"], data.get("reason")
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise BaselineError(
            f"{path}:{number}: not a baseline entry (an object with fingerprint, rule, source, record, pointer)"
        ) from None
    texts = (entry.source, entry.pointer, entry.rule, entry.fingerprint)
    if not all(isinstance(text, str) for text in texts) or not isinstance(entry.record, int):
        raise BaselineError(f"{path}:{number}: a value of the wrong type")
    return entry if entry.source == displayed(STDIN) else replace(entry, source=displayed(path.parent / entry.source))


def without_baselined(findings: Iterable[Finding], entries: Sequence[Entry]) -> tuple[list[Finding], tuple[Entry, ...]]:
    """The findings that no entry covers, and the entries that cover none.

    Where a fingerprint has more findings than entries, those at the entries' own places count as the old ones.
    """
    open_entries = Counter(_key(entry) for entry in entries)
    at_home = Counter((*_key(entry), entry.source) for entry in entries)
    ordered = list(findings)
    covered: set[int] = set()
    for only_at_home in (True, False):
        for n, finding in enumerate(ordered):
            key = _key(finding)
            home = (*key, finding.where.source)
            if n in covered or not open_entries[key] or (only_at_home and not at_home[home]):
                continue
            covered.add(n)
            open_entries[key] -= 1
            at_home[home] -= 1
    left = [finding for n, finding in enumerate(ordered) if n not in covered]
    stale = []
    for entry in sorted(entries, key=_order):
        home = (*_key(entry), entry.source)
        if open_entries[_key(entry)] and at_home[home] > 0:
            open_entries[_key(entry)] -= 1
            at_home[home] -= 1
            stale.append(entry)
    return left, tuple(stale)


def _order(entry: Entry) -> tuple[str, int, str, str]:
    return entry.source, entry.record, entry.pointer, entry.rule


def _key(item: Entry | Finding) -> tuple[str, str]:
    return item.rule, item.fingerprint


def baseline_text(
    findings: Iterable[Finding], old: Sequence[Entry], keeps: Callable[[Entry], bool], folder: Path = Path()
) -> bytes:
    """The bytes of a baseline of `findings` in `folder`: sorted, the reasons of `old` entries kept.

    Old entries for which `keeps` holds (of recordings or rules that this run left out) stay as they are.
    """
    kept = [entry for entry in old if keeps(entry)]
    reasons: dict[tuple[str, str], list[str]] = {}
    for entry in old:
        if entry.reason and not keeps(entry):
            reasons.setdefault(_key(entry), []).append(entry.reason)
    entries = list(kept)
    for finding in in_order(findings):
        entry = Entry(
            finding.where.source, finding.where.record, finding.where.pointer, finding.rule, finding.fingerprint
        )
        told = reasons.get(_key(entry))
        entries.append(replace(entry, reason=told.pop(0)) if told else entry)
    return b"".join(_line(entry, folder) for entry in sorted(entries, key=_order))


def _line(entry: Entry, folder: Path) -> bytes:
    stdin = entry.source == displayed(STDIN)
    data = {
        "fingerprint": entry.fingerprint,
        "rule": entry.rule,
        "source": entry.source if stdin else os.path.relpath(entry.source, folder).replace(os.sep, "/"),
        "record": entry.record,
        "pointer": entry.pointer,
    }
    if entry.reason:
        data["reason"] = entry.reason
    return orjson.dumps(data, option=orjson.OPT_APPEND_NEWLINE)
