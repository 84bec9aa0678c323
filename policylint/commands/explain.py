"""`policylint explain`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click
import yaml

from policylint.commands.options import RuleIds, config_option, settings_from, wants_colour
from policylint.editions import Edition
from policylint.errors import UsageError
from policylint.measurements import Figure, Measurement, Measurements
from policylint.reporters.terminal import printable
from policylint.rulebook import with_own_rules
from policylint.rules.compile import say_in_general
from policylint.rules.model import Example, Rule
from policylint.settings import unknown_rule

_WIDE: Final = 100  # columns; a longer event is shown over several lines


@click.command("explain", short_help="Explain rules: policy, remedy, examples.")
@click.argument("rules", nargs=-1, type=RuleIds(), required=True, metavar="RULE...")
@config_option
def command(rules: tuple[tuple[str, ...], ...], config: Path | None) -> int:
    """Explain rules: what they find, the policy they stand on, the remedy, and examples.

    \b
    policylint explain wrong-content-for-tag
    """
    settings = settings_from(config)
    book = with_own_rules(settings.rule_files())
    known, edition = book.rules, book.editions.named(settings.edition)
    colour = wants_colour(sys.stdout)
    for n, name in enumerate(name for names in rules for name in names):
        if name not in known:
            raise UsageError(unknown_rule(name, known))
        if n:
            click.echo()
        for heading, text in _page(known[name], edition, book.measurements):
            shown = heading if not colour else click.style(heading, bold=True)
            click.echo(f"{shown}{text}" if heading else text, color=colour)
    return 0


def _page(rule: Rule, edition: Edition, measurements: Measurements) -> Iterator[tuple[str, str]]:
    """The rule's manual page: headings (bold on a terminal) and texts."""
    yield rule.id, f"  ({rule.severity}, {rule.status})"
    yield "", rule.summary
    if rule.heuristic:
        yield "", "It judges by the wording, so it can be wrong. Each finding names the terms that it stands on,"
        yield "", "with their shares of a score that counts from 1; context that speaks against takes shares away."
    yield "", ""
    yield "Policy: ", rule.policy.title
    if rule.policy.clause:
        yield "        ", rule.policy.clause
    yield "        ", rule.policy.url
    yield "        ", f"Last held against that page on {rule.policy.read_on}."
    yield "", ""
    yield "Instead: ", say_in_general(rule.remedy, edition)
    yield from _measured(measurements.of(rule), measurements.measured_on)
    for title, examples in (("Fine", rule.good), ("A breach", rule.bad)):
        for example in examples:
            yield "", ""
            yield f"{title}: ", example.name
            yield from (("", f"  {line}") for line in _shown(example))


def _measured(measured: Sequence[Measurement], day: str) -> Iterator[tuple[str, str]]:
    """How often the rule is right, as a table."""
    if not measured:
        return
    pooled = measured[0]
    yield "", ""
    yield "How often it is right: ", f"measured on {day}, with 95 % intervals"
    yield "", f"  {'':9}{'precision':19}{'recall':19}{'false alarms':20}messages"
    for row in measured:
        figures = "".join(f"{_figure(figure):19}" for figure in (row.precision, row.recall))
        alarms = _percent(row.alarms)
        yield "", f"  {row.language:9}{figures}{alarms:20}{row.positives:,} + {row.negatives:,}"
    yield "", f"  Messages to flag + messages to leave alone, from {pooled.sources} public sources; near-duplicates and"
    yield "", "  translations count as one. Each source was judged by weights that were fitted on the others; terms and"
    yield (
        "",
        "  thresholds were chosen with these messages at hand. Of other languages too few are at hand: expect less.",
    )


def _figure(figure: Figure | None) -> str:
    return "–" if figure is None else f"{figure.value:.2f} ({figure.low:.2f}–{figure.high:.2f})"


def _percent(figure: Figure) -> str:
    return f"{figure.value:.1%} ({figure.low:.1%}–{figure.high:.1%})"


def _shown(example: Example) -> Iterator[str]:
    settings = {**example.settings, **{k: v for k, v in example.script.items() if k != "events"}}
    for name, value in settings.items():
        yield f"{name}: {_flow(value)}"
    for n, event in enumerate(example.script["events"], 1):
        mark = ">" if n in example.breaches else " "
        first, *rest = [_flow(event)] if len(_flow(event)) <= _WIDE else _block(event)
        yield f"{mark} {n}. {first}"
        yield from (f"     {line}" for line in rest)


def _block(value: object) -> list[str]:
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=_WIDE)
    return [line.replace(line.strip(), printable(line.strip())) for line in text.splitlines()]


def _flow(value: object) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=100_000)
    return printable(text.removesuffix("\n...\n").strip())
