"""What if another edition were in force: the findings that would change, and how many requests they concern."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from policylint.findings import APPEARS, DISAPPEARS, Finding, Severity, in_order

_Event: TypeAlias = tuple[str, int, int | None]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What another edition would change for the requests of a run, which is fine for a request without a finding at or
    above `least`.

    `findings` are those of the requests that only one of the two calls fine, in order; what disappears is a note. The
    numbers count requests.
    """

    edition: str
    least: Severity
    findings: list[Finding]
    would_breach: int
    would_be_fine: int
    breach_anyway: int


def what_if(edition: str, least: Severity, own: Iterable[Finding], other: Iterable[Finding]) -> WhatIf:
    """Compare the findings under the requests' own edition with those under the `other`, which is called `edition`."""
    before, after = ([finding for finding in found if finding.severity >= least] for found in (own, other))
    at_fault, would_be = ({_event(finding) for finding in found} for found in (before, after))
    findings = [
        replace(finding, change=DISAPPEARS, severity=Severity.NOTE)  # nobody has to mend what ends by itself
        for finding in before
        if _event(finding) not in would_be
    ]
    findings += [replace(finding, change=APPEARS) for finding in after if _event(finding) not in at_fault]
    return WhatIf(
        edition=edition,
        least=least,
        findings=in_order(findings),
        would_breach=len(would_be - at_fault),
        would_be_fine=len(at_fault - would_be),
        breach_anyway=len({event for event in at_fault & would_be if event[2] is not None}),
    )


def _event(finding: Finding) -> _Event:
    return finding.where.source, finding.where.record, finding.nth
