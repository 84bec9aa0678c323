"""From what a run found to the report that reporters write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from policylint import __version__
from policylint.answers import page_measures
from policylint.editions import DATED, Edition, Editions
from policylint.findings import Finding, Severity
from policylint.measurements import Measurements
from policylint.outcome import Counts
from policylint.reporters.report import AcceptedBreach, Changes, Report, RuleCard, Summary
from policylint.rulebook import Rulebook
from policylint.rules.model import Rule
from policylint.rules.phrases import in_general
from policylint.triage import Triage
from policylint.whatif import WhatIf


@dataclass(frozen=True, slots=True)
class Tally:
    """How many findings are listed, by severity and by rule, and how many are not."""

    levels: Counter[Severity]
    rules: Counter[str]
    accepted: int
    baselined: int


def make_report(
    sorted_out: Triage,
    counts: Counts,
    rulebook: Rulebook,
    edition: str,
    stale: list[str],
    what_if: WhatIf | None = None,
) -> Report:
    """The report of a run; `edition` is what was asked for (an id, `latest` or `dated`)."""
    tally = Tally(
        levels=Counter(finding.severity for finding in sorted_out.listed),
        rules=Counter(finding.rule for finding in sorted_out.listed),
        accepted=sorted_out.accepted,
        baselined=sorted_out.baselined,
    )
    return report_of(sorted_out.listed, tally, counts, rulebook, edition, stale, what_if)


def report_of(
    findings: Sequence[Finding],
    tally: Tally,
    counts: Counts,
    rulebook: Rulebook,
    edition: str,
    stale: list[str],
    what_if: WhatIf | None = None,
    accepted_breaches: Sequence[AcceptedBreach] | None = None,
) -> Report:
    """The report of a run whose findings have been counted; they need not be in memory.

    `accepted_breaches` are those that the platform accepted, where `counts` does not hold them.
    """
    rules, editions = rulebook.rules, rulebook.editions
    answers = counts.answers.by(rulebook.errors)
    if answers is not None and accepted_breaches is not None:
        answers = replace(answers, accepted_but_breached=accepted_breaches)
    shown = edition if edition == DATED else editions.named(edition).id
    return Report(
        tool_version=__version__,
        edition=shown,
        findings=findings,
        rules={
            name: card(rule.told_under(editions.named(edition)), editions.named(edition), rulebook.measurements)
            for name, rule in sorted(rules.items())
        },
        summary=Summary(
            recordings=counts.recordings,
            records=counts.records,
            used=counts.used,
            unreadable=counts.unreadable,
            other=counts.other,
            events=counts.events,
            messages=counts.messages,
            repeated=counts.repeated,
            errors=tally.levels[Severity.ERROR],
            warnings=tally.levels[Severity.WARNING],
            notes=tally.levels[Severity.NOTE],
            accepted=tally.accepted,
            baselined=tally.baselined,
            coverage=counts.coverage(),
            statistics=dict(sorted(tally.rules.items())),
            stale_baseline=stale,
            platform=answers,
            enforcement=page_measures(counts.enforced),
            what_if=None if what_if is None else _changes(counts, what_if),
            remarks=_remarks(counts, editions, edition),
        ),
    )


def _changes(counts: Counts, what_if: WhatIf) -> Changes:
    changed = what_if.would_breach + what_if.would_be_fine
    return Changes(
        edition=what_if.edition,
        least=what_if.least,
        would_breach=what_if.would_breach,
        would_be_fine=what_if.would_be_fine,
        breach_anyway=what_if.breach_anyway,
        fine_anyway=counts.requests - changed - what_if.breach_anyway,
    )


def _remarks(counts: Counts, editions: Editions, edition: str) -> list[str]:
    remarks = []
    if counts.outside_edition and edition == DATED:
        remarks.append(
            f"{_messages(counts.outside_edition)} sent on days that no known edition covers; "
            "each was judged by the edition before its day, or the first."
        )
    elif counts.outside_edition:
        chosen = editions.named(edition)
        until = f"to {chosen.until}" if chosen.until else "onwards"
        remarks.append(
            f"{_messages(counts.outside_edition)} sent outside the days of edition {chosen.id} "
            f"({chosen.since} {until}); --edition dated judges each message by the edition of its own day."
        )
    if not counts.recordings:
        remarks.append("No recordings were found, so nothing was judged.")
    if counts.seconds:
        remarks.append(
            f"{counts.seconds:,} {_times(counts.seconds)} in the first months of 1970, which looks like seconds; "
            "numbers are read as milliseconds, as webhooks write them."
        )
    if counts.records and not counts.used:
        remarks.append("No record was about messages; `policylint check --help` says what policylint reads.")
    if counts.undated and edition == DATED:
        remarks.append(f"{_messages(counts.undated)} recorded without a time and judged by the latest edition.")
    return remarks


def _times(count: int) -> str:
    return "time lies" if count == 1 else "times lie"


def _messages(count: int) -> str:
    return f"{count:,} message was" if count == 1 else f"{count:,} messages were"


def card(rule: Rule, edition: Edition, measurements: Measurements) -> RuleCard:
    """What reports say of a rule, in words that suit `edition`."""
    remedy = in_general(rule.remedy, edition)
    return RuleCard(
        id=rule.id,
        severity=rule.severity,
        summary=rule.summary,
        remedy=remedy,
        policy_title=rule.policy.title,
        policy_url=rule.policy.url,
        status=rule.status,
        help=f"{rule.summary}\n\n**Policy**: {rule.policy.clause or rule.policy.title}\n\n**Instead**: {remedy}",
        precision=measurements.precision(rule),
    )
