"""Doubts: what is told of a message when it is not certain which of two editions, or limits, was in force."""

from __future__ import annotations

from collections.abc import Iterable

from policylint.editions import Regime
from policylint.findings import Severity
from policylint.rules.compile import Breach
from policylint.situation import Doubt


def doubted(
    breaches: Iterable[Breach], others: Iterable[Breach], likely: Regime, perhaps: Regime
) -> tuple[list[Breach], list[Doubt]]:
    """What stays of a message's `breaches` under the likely regime, when `others` are those under the other; and what
    becomes a doubt, because one of the two forbids nothing.

    Where both forbid something, the breaches stay as they are: the message was wrong on either reading.
    """
    mine, theirs = list(breaches), list(others)
    if _forbids(mine) and _forbids(theirs):
        return mine, []
    kept, doubts = list(mine), []
    if not _forbids(theirs):
        for breach in _only(mine, theirs):
            doubts.append(Doubt(breach.rule.id, breach.pointer, *_named(likely, perhaps)))
            kept.remove(breach)
    if not _forbids(mine):
        doubts += [Doubt(one.rule.id, one.pointer, *_named(perhaps, likely)) for one in _only(theirs, mine)]
    return kept, doubts


def _forbids(breaches: Iterable[Breach]) -> bool:
    return any(breach.severity is Severity.ERROR for breach in breaches)


def _only(mine: Iterable[Breach], theirs: Iterable[Breach]) -> list[Breach]:
    """What, worse than a note, only one of two editions says of a message."""
    known = {(breach.rule.id, breach.pointer) for breach in theirs}
    return [one for one in mine if one.severity > Severity.NOTE and (one.rule.id, one.pointer) not in known]


def _named(one: Regime, other: Regime) -> tuple[str, str]:
    """What to call two regimes of which either may have been in force."""
    if one.edition is not other.edition:
        return f"edition {one.edition.id}", f"edition {other.edition.id}"
    return ("the newer limit", "the older one") if one.late else ("the older limit", "the newer one")
