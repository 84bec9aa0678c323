"""`policylint rules`."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from policylint.commands.options import config_option, settings_from
from policylint.rulebook import with_own_rules


@click.command("rules", short_help="List all rules.")
@config_option
@click.option(
    "--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Output format."
)
def command(config: Path | None, style: str) -> int:
    """List all rules, your own included: id, severity and what each one finds.

    \b
    policylint rules
    policylint rules --format json
    """
    rules = [rule for _, rule in sorted(with_own_rules(settings_from(config).rule_files()).rules.items())]
    if style == "json":
        listed = [
            {
                "id": rule.id,
                "severity": str(rule.severity),
                "status": rule.status,
                "heuristic": rule.heuristic,
                "summary": rule.summary,
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
