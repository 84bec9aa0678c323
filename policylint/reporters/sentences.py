"""A run's numbers in words, the same in every report that people read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from policylint.findings import APPEARS, DISAPPEARS, Severity
from policylint.reporters.report import KINDS, Changes, Coverage, PageMeasure, PlatformAnswers, Summary

SHOWN: Final = 10  # of a list in a report for people; JSON has them all
IN_JSON: Final = "--format json lists all"  # where a list that was cut stands whole
_MEASURES: Final = {"warning": "warned", "block": "blocked", "unblock": "unblocked"}

CHANGES: Final = {APPEARS: "[new]", DISAPPEARS: "[gone]"}  # what --what-if puts before a finding


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


def compared(answers: PlatformAnswers) -> str:
    """`126 answers of the platform compared: 123 agree, 1 only warned about here, 2 disagree`."""
    return (
        f"{counted(answers.compared, 'answer')} of the platform compared: {answers.agreed:,} agree, "
        f"{answers.warned:,} only warned about here, {answers.disagreed:,} disagree"
    )


def if_other(changes: Changes) -> Iterator[str]:
    """`Under edition 2026-04, 3 requests would newly breach the policy and 1 would no longer; …`."""
    strict = changes.least is Severity.ERROR
    wrong = "breach the policy" if strict else f"have a finding of {changes.least} or worse"
    yield (
        f"Under edition {changes.edition}, {counted(changes.would_breach, 'request')} would newly {wrong} and "
        f"{changes.would_be_fine:,} would no longer; {changes.breach_anyway:,} would under both editions, "
        f"{changes.fine_anyway:,} under neither."
    )
    if strict:
        yield "Only errors count as breaches here; with --fail-on warning, warnings do, too."


def enforced(enforcement: Sequence[PageMeasure], rest: str = IN_JSON) -> Iterator[str]:
    """`Page 7001: blocked 2021-03-01T10:00:00Z, unblocked 2021-03-02T10:00:00Z.`; then what is left out, and `rest`."""
    pages = [(page, list(told)) for page, told in groupby(enforcement, key=lambda told: told.page)]
    for page, told in pages[:SHOWN]:
        name = "A page that the record does not name" if page is None else f"Page {page}"
        steps = [f"{_MEASURES.get(one.measure, one.measure)} {one.at or 'at an unknown time'}" for one in told[:SHOWN]]
        more = f", {left_out(len(told) - SHOWN, rest=rest)}" if len(told) > SHOWN else ""
        yield f"{name}: {', '.join(steps)}{more}."
    if len(pages) > SHOWN:
        yield f"{left_out(len(pages) - SHOWN, 'page', rest=rest)}."


def left_out(number: int, noun: str = "", *, rest: str = IN_JSON) -> str:
    """What ends a list that was cut: `… and 3 more (--format json lists all)`."""
    what = counted(number, f"more {noun}") if noun else f"{number:,} more"
    return f"… and {what} ({rest})"
