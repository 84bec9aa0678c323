"""What a run found, and its numbers: the same whatever engine ran."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Final

from policylint.answers import Answers
from policylint.durations import day_of
from policylint.events import PageEnforced
from policylint.findings import Finding, in_order
from policylint.lint import Verdict
from policylint.reporters.report import KINDS, Coverage


@dataclass(slots=True)
class Counts:
    """The numbers of a run, from which its summary is made."""

    recordings: int = 0
    records: int = 0
    used: int = 0
    unreadable: int = 0
    other: int = 0
    events: int = 0
    messages: int = 0
    repeated: int = 0
    outside_edition: int = 0  # messages sent on days that are not their edition's
    undated: int = 0
    seconds: int = 0  # events whose time must have been written in seconds
    requests: int = 0
    gaps: dict[str, Counter[str]] = field(default_factory=lambda: {k: Counter() for k in KINDS})
    answers: Answers = field(default_factory=Answers)
    enforced: list[PageEnforced] = field(default_factory=list)  # of logs

    def add(self, other: Counts) -> None:
        """Count in what another run counted."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for kind, gaps in other.gaps.items():
            self.gaps[kind].update(gaps)
        self.answers.add(other.answers)
        self.enforced += other.enforced

    def count(self, verdict: Verdict) -> None:
        """Count in one request of a page, and why parts of it were not judged."""
        self.requests += 1
        self.gaps["structure"].update(filter(None, [verdict.structure_gap]))
        if not verdict.event.is_message:
            return
        self.messages += 1
        self.gaps["window"].update(filter(None, [verdict.window_gap]))
        self.gaps["wording"].update(filter(None, [verdict.wording_gap]))
        worst = max((breach.severity for breach in verdict.as_sent), default=None)
        errors = [breach.rule.id for breach in verdict.as_sent if breach.severity is worst]
        self.answers.count(verdict.event, worst, errors, undecided=verdict.undecided)
        if verdict.event.at is None:
            self.undated += 1
        elif not verdict.edition.covers(day_of(verdict.event.at)):
            self.outside_edition += 1

    def coverage(self) -> dict[str, Coverage]:
        """What was judged and what was not, by kind of rule; the structure of sender actions is judged too."""
        totals = {"structure": self.requests, "window": self.messages, "wording": self.messages}
        return {
            kind: Coverage(totals[kind] - gaps.total(), dict(sorted(gaps.items()))) for kind, gaps in self.gaps.items()
        }


_NUMBERS: Final = tuple(spec.name for spec in fields(Counts) if spec.type == "int")


@dataclass(slots=True)
class Outcome:
    """What a run found, sorted. Severities are the rules' own.

    Until `named` has run, a finding's conversation is its private key.
    """

    findings: list[Finding]
    counts: Counts
    sources: frozenset[str]  # the recordings that were read


def merged(outcomes: Iterable[Outcome]) -> Outcome:
    """Several runs as one: as if their recordings had nothing to do with each other."""
    together = Outcome([], Counts(), frozenset())
    for outcome in outcomes:
        together.findings += outcome.findings
        together.counts.add(outcome.counts)
        together.sources |= outcome.sources
    together.findings = in_order(together.findings)
    return together
