"""`policylint rules`."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from policylint.commands.editions import named_edition
from policylint.commands.options import config_option, settings_from
from policylint.events import Platform
from policylint.rulebook import rulebook_for
from policylint.rules.phrases import runs_value
from policylint.rules.reach import reaches


@click.command("rules", short_help="List all rules.")
@config_option
@click.option("--edition", metavar="ID", help="Only rules that are in force in this edition, in its words.")
@click.option(
    "--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Output format."
)
def command(config: Path | None, edition: str | None, style: str) -> int:
    """List all rules, your own included: id, severity and what each one finds.

    \b
    policylint rules
    policylint rules --edition 2020-03
    policylint rules --format json
    """
    settings = settings_from(config)
    book = rulebook_for(settings)
    rules = [rule for _, rule in sorted(book.rules.items())]
    if edition is not None:
        chosen = named_edition(edition, book.editions, settings.platform or Platform.MESSENGER)
        rules = [rule.told_under(chosen) for rule in rules if reaches(rule, chosen)]
    if style == "json":
        listed = [
            {
                "id": rule.id,
                "severity": str(rule.severity),
                "status": rule.status,
                "heuristic": rule.heuristic,
                "summary": rule.summary,
                "in_force": runs_value(rule, book.editions),
                "policy": {"title": rule.policy.title, "url": rule.policy.url},
            }
            for rule in rules
        ]
        click.echo(orjson.dumps(listed, option=orjson.OPT_INDENT_2).decode())
        return 0
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title, wraps in (("rule", False), ("severity", False), ("finds", True)):
        table.add_column(title, no_wrap=not wraps)
    for rule in rules:
        status = "" if rule.status == "stable" else f" ({rule.status})"
        table.add_row(rule.id, str(rule.severity), rule.summary + status)
    Console(markup=False, highlight=False).print(table)
    click.echo("policylint explain RULE shows a rule's policy, remedy and examples.")
    return 0
