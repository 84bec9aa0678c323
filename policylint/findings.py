"""Findings, and how grave they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from policylint.events import Where


class Severity(IntEnum):
    """How grave a finding is. Sorts upwards: `Severity.ERROR > Severity.NOTE`."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def named(cls, name: str) -> Severity:
        """The severity called `name` (`note`, `warning`, `error`). Raises KeyError."""
        return cls[name.upper()]


SEVERITIES: Final = tuple(str(level) for level in sorted(Severity, reverse=True))


APPEARS: Final = "appears"  # under the other edition
DISAPPEARS: Final = "disappears"


@dataclass(frozen=True, slots=True)
class Policy:
    """The clause that a rule stands on. `read_on` is the ISO day someone last held the rule against it."""

    title: str
    url: str
    read_on: str
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of text that speaks for a finding: code points `start` to `end` (exclusive) of the text at `pointer`.

    `share` is the term's part of a score that fires at 1, `kind` its finer label ("" for none). `text` is that piece
    itself, filled in only when the user asked with `--show-text`.
    """

    pointer: str
    start: int
    end: int
    term: str
    share: float
    kind: str = ""
    text: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One event that breaches one rule.

    Sorts by place, then rule; `in_order` settles what is equal in both, so that every engine reports alike.
    Carries no message text and no person's id: recordings are private conversations.
    """

    where: Where  # source, record (from 1), JSON pointer, line, column
    rule: str  # "untagged-outside-window"
    severity: Severity = field(compare=False)
    message: str = field(compare=False)
    remedy: str = field(compare=False)
    fingerprint: str = field(compare=False)  # survives moved logs; baselines match on it
    edition: str | None = field(compare=False, default=None)
    at: str | None = field(compare=False, default=None)  # ISO 8601, UTC
    conversation: str | None = field(compare=False, default=None)  # "c1", or an HMAC of the person's id
    evidence: tuple[Evidence, ...] = field(compare=False, default=())
    person: str | None = field(compare=False, default=None)  # filled in only with --show-text
    policy: Policy | None = field(compare=False, default=None)  # the clause, as the message's edition has it
    nth: int | None = field(compare=False, default=None)  # of the record's events, from 0; None: of the whole record
    change: str | None = field(compare=False, default=None)  # of a what-if: APPEARS or DISAPPEARS


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """`findings` as every report lists them: by source, record, pointer and rule; equal ones by line and column.

    What is equal in all of these stays in order, but for findings of several events of one record.
    """
    return sorted(
        findings,
        key=lambda f: (f.where, f.rule, f.where.line or 0, f.where.column or 0, f.fingerprint, _nth(f)),
    )


def _nth(finding: Finding) -> int:
    return -1 if finding.nth is None else finding.nth
