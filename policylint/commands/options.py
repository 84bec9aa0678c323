"""What several commands ask for, and how they answer."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TextIO, TypeVar

import click
from click.shell_completion import CompletionItem

from policylint.baseline import Entry, read_baseline
from policylint.errors import PolicylintError, UsageError
from policylint.events import History
from policylint.findings import SEVERITIES, Severity
from policylint.privacy import pseudonym
from policylint.settings import Settings, find_config, load_settings, unknown_rule
from policylint.sources.folder import displayed
from policylint.sources.shapes import Shape

PSEUDONYM_KEY: Final = "POLICYLINT_PSEUDONYM_KEY"

Command = TypeVar("Command", bound=Callable[..., Any])


class RuleIds(click.ParamType[tuple[str, ...]]):
    """A rule's id, or several with commas between; completed by the shell."""

    name = "rule"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """The ids, in order."""
        if isinstance(value, tuple):
            return value
        return tuple(name.strip() for name in str(value).split(",") if name.strip())

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The shipped rules' ids that begin with what was typed."""
        from policylint.rulebook import shipped_rulebook

        return [CompletionItem(name) for name in shipped_rulebook().rules if name.startswith(incomplete)]


config_option = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Configuration to use; by default the nearest .policylint.yaml or pyproject.toml, upwards from here.",
)


_JUDGING: Final = (
    config_option,
    click.option(
        "--select",
        type=RuleIds(),
        multiple=True,
        metavar="RULE",
        help="Check only these rules; repeat, or commas between.",
    ),
    click.option("--ignore", type=RuleIds(), multiple=True, metavar="RULE", help="Leave these rules out."),
    click.option(
        "--fail-on", type=click.Choice(SEVERITIES), help="Least severity that fails the run.  [default: error]"
    ),
    click.option(
        "--baseline", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Findings accepted earlier."
    ),
    click.option(
        "--write-baseline",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Write all findings to FILE as accepted, and exit 0.",
    ),
    click.option(
        "--history",
        type=click.Choice([str(h) for h in History]),
        help="Whether logs show conversations from their start.  [default: partial]",
    ),
    click.option(
        "--format-in",
        "shape",
        type=click.Choice([str(s) for s in Shape]),
        help="What records are, instead of telling by content.",
    ),
)


def judging_options(command: Command) -> Command:
    """What `check` and `audit` let a user choose of the judging, in the order of their help."""
    for option in reversed(_JUDGING):
        command = option(command)
    return command


def settings_from(config: Path | None) -> Settings:
    """The settings of `--config`, or of the nearest configuration."""
    return load_settings(config if config is not None else find_config(Path.cwd()))


def wants_colour(stream: TextIO) -> bool:
    """Whether to colour what goes to `stream`: a terminal, unless NO_COLOR or FORCE_COLOR says otherwise."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return os.environ["FORCE_COLOR"] != "0"
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def check_known(flag: str, named_rules: Iterable[tuple[str, ...]], known: Collection[str]) -> None:
    """Raise UsageError, with the nearest name, for a rule that a flag names and that there is not."""
    for name in (name for names in named_rules for name in names):
        if name not in known:
            raise UsageError(f"{flag}: {unknown_rule(name, known)}")


def with_flags(
    settings: Settings,
    edition: str | None,
    select: Iterable[tuple[str, ...]],
    ignore: Iterable[tuple[str, ...]],
    fail_on: str | None,
    baseline: Path | None,
    history: str | None,
) -> Settings:
    """`settings` with the flags over them; None and empty ones were not given."""
    chosen = frozenset(name for names in select for name in names)
    left_out = frozenset(name for names in ignore for name in names)
    return replace(
        settings,
        edition=settings.edition if edition is None else edition,
        edition_by_flag=edition is not None,
        edition_chosen=edition is not None or settings.edition_chosen,
        select=chosen or settings.select,
        ignore=(settings.ignore - chosen) | left_out,
        fail_on=Severity.named(fail_on) if fail_on else settings.fail_on,
        baseline=baseline or settings.baseline,
        history=History(history) if history else settings.history,
    )


def baseline_entries(settings: Settings, write_baseline: Path | None) -> tuple[Entry, ...]:
    """The baseline's entries; a file that is about to be written for the first time has none."""
    path = write_baseline if write_baseline is not None and settings.baseline is None else settings.baseline
    if path is None or (write_baseline is not None and not path.is_file()):
        return ()
    return read_baseline(path)


def is_elsewhere(entry: Entry, sources: frozenset[str]) -> bool:
    """Whether a baseline entry is about a recording that exists, but that this run did not read."""
    return entry.source not in sources and entry.source != displayed("-") and Path(entry.source).exists()


def pseudonyms() -> Callable[[str], str] | None:
    """Names for conversations that stay the same from run to run, where the user has set a key."""
    key = os.environ.get(PSEUDONYM_KEY)
    return (lambda conversation: pseudonym(conversation, key)) if key else None


def report_target(output: Path | None) -> AbstractContextManager[TextIO]:
    """Where a report goes: to a file, whole or not at all, or to standard output."""
    if output is None:
        return nullcontext(sys.stdout)
    return _File(output)


class _File(io.StringIO):
    """A report on its way to a file, which is written whole or not at all."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is None:
            save(self.path, self.getvalue().encode(errors="backslashreplace"))
        self.close()


def save(path: Path, data: bytes) -> None:
    """Write a file. Raises PolicylintError when it can't be."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise PolicylintError(f"{path}: {(error.strerror or 'can not be written').lower()}") from None
