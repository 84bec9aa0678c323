"""Which findings are listed, and how grave: the configuration's choices by path, accepted findings, the baseline."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from policylint.baseline import Entry, without_baselined
from policylint.findings import Finding
from policylint.settings import Settings


@dataclass(frozen=True, slots=True)
class Triage:
    """Findings to list, in order, with their final severities; and what was set aside."""

    listed: list[Finding]
    accepted: int
    baselined: int
    stale: tuple[Entry, ...]
    kept: list[Finding]  # listed and baselined: what a new baseline holds


def triage(findings: Iterable[Finding], settings: Settings, entries: Sequence[Entry]) -> Triage:
    """Sort `findings` out. `entries` are the baseline's."""
    chosen = [finding for finding in findings if _wanted(finding, settings)]
    graded = [_graded(finding, settings) for finding in chosen]
    kept = [finding for finding in graded if not _accepted(finding, settings)]
    listed, stale = without_baselined(kept, entries)
    return Triage(
        listed=listed,
        accepted=len(graded) - len(kept),
        baselined=len(kept) - len(listed),
        stale=stale,
        kept=kept,
    )


def _wanted(finding: Finding, settings: Settings) -> bool:
    for choice in settings.per_path:
        if _matches(choice.glob, finding, settings) and (
            finding.rule in choice.ignore or (choice.select is not None and finding.rule not in choice.select)
        ):
            return False
    return True


def _graded(finding: Finding, settings: Settings) -> Finding:
    level = settings.severity.get(finding.rule)
    for choice in settings.per_path:
        if finding.rule in choice.severity and _matches(choice.glob, finding, settings):
            level = choice.severity[finding.rule]
    return finding if level is None else replace(finding, severity=level)


def _accepted(finding: Finding, settings: Settings) -> bool:
    return any(
        entry.rule == finding.rule
        and entry.pointer in (None, finding.where.pointer)
        and _matches(entry.glob, finding, settings)
        for entry in settings.accepted
    )


def _matches(glob: str, finding: Finding, settings: Settings) -> bool:
    return _matcher(glob)(_below(finding.where.source, settings.root))


@cache
def _below(source: str, root: Path) -> str:
    """`source` as a path below the configuration's folder."""
    return os.path.relpath(source, root).replace(os.sep, "/")


@cache
def _matcher(glob: str) -> Callable[[str], bool]:
    import pathspec

    return pathspec.GitIgnoreSpec.from_lines([glob]).match_file
