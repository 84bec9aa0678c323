"""`policylint explain`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import yaml

from policylint.commands.options import RuleIds, config_option, settings_from, wants_colour
from policylint.editions import Edition
from policylint.errors import UsageError
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
        for heading, text in _page(known[name], edition):
            shown = heading if not colour else click.style(heading, bold=True)
            click.echo(f"{shown}{text}" if heading else text, color=colour)
    return 0


def _page(rule: Rule, edition: Edition) -> Iterator[tuple[str, str]]:
    """The rule's manual page: headings (bold on a terminal) and texts."""
    yield rule.id, f"  ({rule.severity}, {rule.status})"
    yield "", rule.summary
    if rule.heuristic:
        yield "", "It judges by the wording, so it can be wrong; each finding names the terms it stands on."
    yield "", ""
    yield "Policy: ", rule.policy.title
    if rule.policy.clause:
        yield "        ", rule.policy.clause
    yield "        ", rule.policy.url
    yield "        ", f"Last held against that page on {rule.policy.read_on}."
    yield "", ""
    yield "Instead: ", say_in_general(rule.remedy, edition)
    for title, examples in (("Fine", rule.good), ("A breach", rule.bad)):
        for example in examples:
            yield "", ""
            yield f"{title}: ", example.name
            yield from (("", f"  {line}") for line in _shown(example))


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
