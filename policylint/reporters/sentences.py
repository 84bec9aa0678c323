"""A run's numbers in words, the same in every report that people read."""

from __future__ import annotations

from collections.abc import Iterator

from policylint.reporters.report import KINDS, Coverage, Summary


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`1 error`, `1,204 records`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def grades(errors: int, warnings: int, notes: int) -> str:
    """`2 errors, 1 warning, 0 notes`."""
    return f"{counted(errors, 'error')}, {counted(warnings, 'warning')}, {counted(notes, 'note')}"


def accounting(summary: Summary) -> str:
    """What became of every record: the parts add up to the whole."""
    return (
        f"{counted(summary.records, 'record')} read: {summary.used:,} used, {summary.unreadable:,} unreadable, "
        f"{summary.other:,} not about messages."
    )


def in_order(summary: Summary) -> Iterator[tuple[str, Coverage]]:
    """The coverage of each kind of rule: the known kinds first, then others by name."""
    known = [kind for kind in KINDS if kind in summary.coverage]
    for kind in known + sorted(set(summary.coverage) - set(KINDS)):
        yield kind, summary.coverage[kind]


def covered(kind: str, coverage: Coverage) -> str:
    """`4 messages judged, 3 not: no time (2), refused by the API (1)`; structure is judged of sender actions too."""
    judged = f"{counted(coverage.judged, 'request' if kind == 'structure' else 'message')} judged"
    left = {reason: number for reason, number in sorted(coverage.not_judged.items()) if number}
    if not left:
        return judged
    reasons = ", ".join(f"{reason} ({number:,})" for reason, number in left.items())
    return f"{judged}, {sum(left.values()):,} not: {reasons}"
