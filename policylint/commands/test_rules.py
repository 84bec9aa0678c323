"""`policylint test-rules`."""

from __future__ import annotations

from pathlib import Path

import click

from policylint.commands.options import config_option, settings_from
from policylint.errors import RuleError
from policylint.reporters.sentences import counted
from policylint.reporters.terminal import printable
from policylint.rulebook import read_rulebook, rulebook_from_data
from policylint.rules.examples import Trial, trials
from policylint.rules.load import load_rules
from policylint.shipped import shipped


@click.command("test-rules")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@config_option
def command(paths: tuple[Path, ...], config: Path | None) -> int:
    """Run every example of every rule: those in PATHS (files or folders), else the shipped ones and your own.

    Exits 1 when an example fails, 2 when a rule file is broken.

    \b
    policylint test-rules
    policylint test-rules policy/our-tone.yaml
    """
    book = rulebook_from_data(read_rulebook(shipped("rules")))
    files = [file for path in paths for file in (sorted(path.rglob("*.yaml")) if path.is_dir() else [path])]
    own = load_rules(files or settings_from(config).rule_files())
    if paths and not own:
        raise RuleError(f"{paths[0]}: no rule files (*.yaml) here")
    chosen = own if paths else {**book.rules, **own}
    run = [trial for rule in chosen.values() for trial in trials(rule, book)]
    failed = [trial for trial in run if not trial.passed]
    for trial in failed:
        click.echo(_told(trial))
    click.echo(f"{counted(len(chosen), 'rule')}, {counted(len(run), 'example')}, {len(failed)} failed")
    return 1 if failed else 0


def _told(trial: Trial) -> str:
    def events(numbers: tuple[int, ...]) -> str:
        return f"event{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}" if numbers else "nothing"

    rule = trial.rule
    return printable(
        f"{rule.file or rule.id}: {rule.id}: {trial.example.name}: "
        f"should find {events(trial.expected)}, found {events(trial.found)}"
    )
