"""The examples of rules, run: a rule's file is its own test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from policylint.conversation import earliest
from policylint.durations import parse_duration
from policylint.editions import DATED, DEFAULT
from policylint.engines.local import run
from policylint.events import History
from policylint.lint import Judge, asked
from policylint.pages import automation_from_data, pages_from_data
from policylint.rulebook import Rulebook
from policylint.rules.model import AppliesTo, Example, Rule
from policylint.sources.recording import Recording, read_value
from policylint.sources.shapes import Shape

_CRASHED: Final = "rule-crashed"


@dataclass(frozen=True, slots=True)
class Trial:
    """How an example came out: which events (from 1) should breach its rule, and which did.

    `problem` says why the example is no test at all, such as an event that can't be read.
    """

    rule: Rule
    example: Example
    expected: tuple[int, ...]
    found: tuple[int, ...]
    problem: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the example shows what it says."""
        return self.problem is None and self.expected == self.found


def trials(rule: Rule, rulebook: Rulebook) -> Iterator[Trial]:
    """Run every example of `rule`, good ones first."""
    return (_tried(rule, example, rulebook) for example in (*rule.good, *rule.bad))


def _tried(rule: Rule, example: Example, rulebook: Rulebook) -> Trial:
    wanted = str(example.script.get("edition", DEFAULT))
    edition = rulebook.editions.named(wanted)
    recording = read_value(example.name, dict(example.script), shape=Shape.SCRIPT, script_start=edition.start)
    settings = example.settings
    doubts = rule.applies_to is AppliesTo.DOUBT  # which are about other rules' breaches
    rules = {**(rulebook.rules if doubts else {}), rule.id: rule, _CRASHED: rulebook.rules[_CRASHED]}
    judge = Judge(
        rulebook=rulebook,
        rules=asked(rules, lambda _: True),
        edition=DATED if wanted == DATED else edition.id,
        script_history=History(settings.get("history", History.COMPLETE)),
        clock_skew=parse_duration(settings.get("clock_skew", "0s")),
        pages=pages_from_data(settings.get("pages", {})),
        automation=automation_from_data(settings.get("automation", {})),
    )
    findings = run([recording], judge.over(earliest(recording.events, scripts=True))).findings
    found = tuple(sorted({finding.where.record for finding in findings if finding.rule == rule.id}))
    crashed = [finding.message for finding in findings if finding.rule == _CRASHED != rule.id]
    problem = crashed[0] if crashed else None if rule.applies_to is AppliesTo.RECORD else _unread(recording)
    return Trial(rule, example, tuple(sorted(example.breaches)), found, problem)


def _unread(recording: Recording) -> str | None:
    if recording.unreadable:
        broken = recording.unreadable[0]
        return f"event {broken.origin.record} can't be read: {broken.reason}"
    return "an event is neither an act of the person nor a message" if recording.other else None
