"""`policylint explain`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import yaml

from policylint.commands.options import RuleIds, config_option, settings_from, wants_colour
from policylint.editions import DEFAULT
from policylint.errors import UsageError
from policylint.reporters.terminal import printable
from policylint.rulebook import with_own_rules
from policylint.rules.model import Example, Rule
from policylint.settings import unknown_rule


@click.command("explain")
@click.argument("rules", nargs=-1, type=RuleIds(), required=True, metavar="RULE...")
@config_option
def command(rules: tuple[tuple[str, ...], ...], config: Path | None) -> int:
    """Explain rules: what they find, the policy they stand on, the remedy, and examples.

    \b
    policylint explain wrong-content-for-tag
    """
    import sys

    known = with_own_rules(settings_from(config).rule_files()).rules
    colour = wants_colour(sys.stdout)
    for n, name in enumerate(name for names in rules for name in names):
        if name not in known:
            raise UsageError(unknown_rule(name, known))
        if n:
            click.echo()
        for heading, text in _page(known[name]):
            shown = heading if not colour else click.style(heading, bold=True)
            click.echo(f"{shown}{text}" if heading else text, color=colour)
    return 0


def _page(rule: Rule) -> Iterator[tuple[str, str]]:
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
    yield "        ", f"Last held against that page on {rule.policy.read_on}; default edition {DEFAULT}."
    yield "", ""
    yield "Instead: ", rule.remedy
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
        yield f"{mark} {n}. {_flow(event)}"


def _flow(value: object) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=100_000)
    return printable(text.removesuffix("\n...\n").strip())
