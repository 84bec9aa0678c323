"""What several commands ask for, and how they answer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, TextIO

import click
from click.shell_completion import CompletionItem

from policylint.settings import Settings, find_config, load_settings


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
