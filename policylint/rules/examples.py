"""The examples of rules, run: a rule's file is its own test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policylint.durations import parse_duration
from policylint.editions import DEFAULT
from policylint.engines.local import run
from policylint.events import History
from policylint.lint import Judge, checks_for
from policylint.rulebook import Rulebook
from policylint.rules.model import Example, Rule
from policylint.sources.recording import Recording, read_value
from policylint.sources.shapes import Shape


@dataclass(frozen=True, slots=True)
class Trial:
    """How an example came out: which events (from 1) should breach its rule, and which did."""

    rule: Rule
    example: Example
    expected: tuple[int, ...]
    found: tuple[int, ...]

    @property
    def passed(self) -> bool:
        """Whether the example shows what it says."""
        return self.expected == self.found


def trials(rule: Rule, rulebook: Rulebook) -> Iterator[Trial]:
    """Run every example of `rule`, good ones first."""
    for example in (*rule.good, *rule.bad):
        yield Trial(rule, example, tuple(sorted(example.breaches)), _breached(rule, example, rulebook))


def _breached(rule: Rule, example: Example, rulebook: Rulebook) -> tuple[int, ...]:
    edition = rulebook.editions.named(str(example.script.get("edition", DEFAULT)))
    script = dict(example.script)
    recording = read_value(example.name, script, shape=Shape.SCRIPT, script_start=edition.start)
    settings = example.settings
    judge = Judge(
        rulebook=rulebook,
        checks=checks_for({rule.id: rule}, lambda _: True),
        edition=edition.id,
        script_history=History(settings.get("history", History.COMPLETE)),
        clock_skew=parse_duration(settings.get("clock_skew", "0s")),
        pages=frozenset(page for page, known in settings.get("pages", {}).items() if known["subscription_messaging"]),
    )
    outcome = run([recording], judge.over(_first(recording)))
    return tuple(sorted({finding.where.record for finding in outcome.findings}))


def _first(recording: Recording) -> int | None:
    return min((event.at for event in recording.events if event.at is not None), default=None)
