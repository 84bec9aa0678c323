"""What a reporter is given: the findings of one run, the rules that made them, and the run's numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TextIO, TypeAlias

from policylint.events import Where
from policylint.findings import Finding, Severity

KINDS: Final = ("structure", "window", "wording")  # of rules; coverage is told for each


@dataclass(frozen=True, slots=True)
class RuleCard:
    """What reports say of a rule."""

    id: str
    severity: Severity  # the rule's own; a finding may carry another, set by the configuration
    summary: str
    remedy: str
    policy_title: str
    policy_url: str
    status: str  # "preview", "stable" or "deprecated"
    help: str  # Markdown
    precision: str  # SARIF's word for how often it is right


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many messages one kind of rule could judge, and why it left the others alone."""

    judged: int
    not_judged: Mapping[str, int]  # reason -> messages


class Ruling(StrEnum):
    """What the platform did with a message."""

    ACCEPTED = "accepted"
    POLICY = "refused-for-policy"  # a rule about this message
    RESTRICTED = "page-restricted"  # whatever the page sends is refused
    UNCLEAR = "refused-unclear"  # the error stands for several causes, or is not known
    OTHER = "refused-otherwise"  # for what is no policy: shape, permissions, limits, the person
    NONE = "no-answer"


class Ours(StrEnum):
    """What policylint says of a message, by its worst finding; one with only a note is `fine`."""

    BREACH = "breach"
    WARNING = "warning"
    FINE = "fine"
    UNDECIDED = "undecided"  # nothing wrong, but the record starts too late to know the window


@dataclass(frozen=True, slots=True)
class RefusedPass:
    """A message that the platform refused for policy and that policylint finds nothing wrong with."""

    where: Where
    category: str  # "window", "tag", "notification" or "private-reply"
    meaning: str  # of the error, in our words, no full stop
    code: int | None
    subcode: int | None


@dataclass(frozen=True, slots=True)
class AcceptedBreach:
    """A message that the platform accepted and that breaches `rules` (ids, sorted)."""

    where: Where
    rules: Sequence[str]


@dataclass(frozen=True, slots=True)
class PlatformAnswers:
    """The platform's own answers against our verdicts; the two lists are complete and sorted by place.

    Only the answers `accepted` and `refused-for-policy` can be compared: the others say nothing of the policy.
    """

    verdicts: Mapping[tuple[Ruling, Ours], int]  # messages
    refused_but_passed: Sequence[RefusedPass]
    accepted_but_breached: Sequence[AcceptedBreach]

    def messages(self, ruling: Ruling) -> int:
        """How many messages the platform treated so."""
        return sum(self._met(ruling, ours) for ours in Ours)

    @property
    def compared(self) -> int:
        """Messages on which both have a word: `agreed`, `warned` and `disagreed` together."""
        return self.agreed + self.warned + self.disagreed

    @property
    def agreed(self) -> int:
        """Messages accepted and fine, or refused for policy and a breach."""
        return self._met(Ruling.ACCEPTED, Ours.FINE) + self._met(Ruling.POLICY, Ours.BREACH)

    @property
    def warned(self) -> int:
        """Messages that policylint only warns about, which is neither a yes nor a no."""
        return self._met(Ruling.ACCEPTED, Ours.WARNING) + self._met(Ruling.POLICY, Ours.WARNING)

    @property
    def disagreed(self) -> int:
        """Messages on the two lists."""
        return self._met(Ruling.ACCEPTED, Ours.BREACH) + self._met(Ruling.POLICY, Ours.FINE)

    def _met(self, ruling: Ruling, ours: Ours) -> int:
        return self.verdicts.get((ruling, ours), 0)


@dataclass(frozen=True, slots=True)
class PageMeasure:
    """What the platform did to a page for breaching its policy."""

    page: str | None  # the page's id, None where the record does not say
    measure: str  # "warning", "block" or "unblock"
    at: str | None  # ISO 8601, UTC


@dataclass(frozen=True, slots=True)
class Changes:
    """What another edition would change: numbers of requests, by whether each edition finds something wrong.

    Wrong is a finding at or above `least`.
    """

    edition: str  # the other
    least: Severity
    would_breach: int  # fine under their own edition only
    would_be_fine: int  # fine under the other only
    breach_anyway: int
    fine_anyway: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The numbers of one run: `records` is `used` and `unreadable` and `other` together."""

    recordings: int
    records: int
    used: int
    unreadable: int
    other: int  # not about messages
    events: int
    messages: int  # of the page, sender actions left out
    repeated: int  # events that were recorded a second time
    errors: int
    warnings: int
    notes: int
    accepted: int
    baselined: int
    coverage: Mapping[str, Coverage]  # "structure", "window", "wording"
    statistics: Mapping[str, int]  # rule id -> findings
    stale_baseline: Sequence[str] = ()  # lines to show
    remarks: Sequence[str] = ()  # whole sentences
    platform: PlatformAnswers | None = None  # None when no message has an answer on record
    enforcement: Sequence[PageMeasure] = ()  # by page and time
    what_if: Changes | None = None  # None when no other edition was asked about


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one run found; `findings` are sorted by source, record, pointer and rule."""

    tool_version: str
    edition: str
    findings: Sequence[Finding]
    rules: Mapping[str, RuleCard]  # at least every rule that `findings` name
    summary: Summary

    def policy(self, finding: Finding) -> tuple[str, str]:
        """Title and address of the clause that a finding stands on, as the message's own edition has it."""
        if finding.policy is not None:
            return finding.policy.title, finding.policy.url
        card = self.rules[finding.rule]
        return card.policy_title, card.policy_url


@dataclass(frozen=True, slots=True)
class Style:
    """How the user wants the report to look."""

    colour: bool = False
    statistics: bool = False  # a table of counts in place of the findings
    show_text: bool = False  # message text and person ids may be shown


Reporter: TypeAlias = Callable[[Report, Style, TextIO, TextIO], None]
"""Writes a report to the first stream, and what the user should know about the writing to the second (stderr)."""
