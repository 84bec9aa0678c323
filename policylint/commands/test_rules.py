"""`policylint test-rules`."""

from __future__ import annotations

from pathlib import Path

import click

from policylint.commands.options import config_option, settings_from
from policylint.errors import RuleError
from policylint.reporters.sentences import counted
from policylint.reporters.terminal import printable
from policylint.rulebook import (
    EDITIONS,
    LEXICONS,
    OTHER_FILES,
    read_rulebook,
    rulebook_from_data,
    with_editions,
    with_rules,
)
from policylint.rules.examples import Trial, trials
from policylint.rules.load import load_rule
from policylint.shipped import shipped


@click.command("test-rules", short_help="Run the examples of rules.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@config_option
def command(paths: tuple[Path, ...], config: Path | None) -> int:
    """Run every example of every rule: those in PATHS (files or folders), else the shipped ones and your own.

    Exits 1 when an example fails, 2 when a rule file is broken.

    \b
    policylint test-rules
    policylint test-rules policy/our-tone.yaml
    """
    settings = settings_from(config)
    book = with_editions(rulebook_from_data(read_rulebook(shipped("rules"))), settings.edition_files())
    files = [file for path in paths for file in _rule_files(path)] if paths else settings.rule_files()
    ours = [file for file in files if file.resolve().is_relative_to(shipped("rules").resolve())]
    own = with_rules(book, [file for file in files if file not in ours]).rules
    if paths and not files:
        raise RuleError(f"{paths[0]}: no rule files (*.yaml, *.yml) here")
    named = {rule.id: rule for rule in map(load_rule, ours)}
    added = {name: rule for name, rule in own.items() if name not in book.rules}
    chosen = {**named, **added} if paths else own
    run = [trial for rule in chosen.values() for trial in trials(rule, book)]
    failed = [trial for trial in run if not trial.passed]
    for trial in failed:
        click.echo(_told(trial))
    click.echo(f"{counted(len(chosen), 'rule')}, {counted(len(run), 'example')}, {len(failed)} failed")
    return 1 if failed else 0


def _rule_files(path: Path) -> list[Path]:
    """The rule files that `path` names; of our own folder of rules, those that are rules."""
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.rglob("*") if file.suffix in (".yaml", ".yml"))
    return [file for file in found if file.name not in OTHER_FILES and {LEXICONS, EDITIONS}.isdisjoint(file.parts)]


def _told(trial: Trial) -> str:
    def events(numbers: tuple[int, ...]) -> str:
        return f"event{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}" if numbers else "nothing"

    rule = trial.rule
    outcome = trial.problem or f"should find {events(trial.expected)}, found {events(trial.found)}"
    return printable(f"{rule.file or rule.id}: {rule.id}: {trial.example.name}: {outcome}")
