"""What a reporter is given: the findings of one run, the rules that made them, and the run's numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TextIO, TypeAlias

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


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one run found; `findings` are sorted by source, record, pointer and rule."""

    tool_version: str
    edition: str
    findings: Sequence[Finding]
    rules: Mapping[str, RuleCard]  # at least every rule that `findings` name
    summary: Summary


@dataclass(frozen=True, slots=True)
class Style:
    """How the user wants the report to look."""

    colour: bool = False
    statistics: bool = False  # a table of counts in place of the findings
    show_text: bool = False  # message text and person ids may be shown


Reporter: TypeAlias = Callable[[Report, Style, TextIO, TextIO], None]
"""Writes a report to the first stream, and what the user should know about the writing to the second (stderr)."""
