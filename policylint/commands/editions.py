"""`policylint editions`, with `show` and `diff`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click
import orjson
from click.shell_completion import CompletionItem

from policylint.commands.edition_pages import comparison_page, edition_page, list_page, print_page, sorted_editions
from policylint.commands.options import config_option, settings_from
from policylint.comparison import compare, comparison_value
from policylint.edition_values import edition_value
from policylint.editions import DATED, LATEST, Edition, Editions
from policylint.errors import UsageError
from policylint.events import Platform
from policylint.rulebook import rulebook_for
from policylint.shipped import shipped
from policylint.structure.dated import read_master
from policylint.suggestions import hint


class EditionId(click.ParamType[str]):
    """An edition's id, or `latest`; completed by the shell."""

    name = "edition"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The shipped editions' ids that begin with what was typed."""
        from policylint.rulebook import shipped_rulebook

        names = [edition.id for edition in shipped_rulebook().editions.all]
        return [CompletionItem(name) for name in (*names, LATEST) if name.startswith(incomplete)]


class _Group(click.Group):
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            known = f"Commands: {', '.join(self.commands)}."
            ctx.fail(f"No command of editions is called {args[0]!r}. {_sentence(hint(args[0], self.commands, known))}")
        return super().resolve_command(ctx, args)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


format_option: Final[Callable[[Any], Any]] = click.option(
    "--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Output format."
)


@click.group("editions", cls=_Group, invoke_without_command=True, short_help="List policy editions, and compare them.")
@config_option
@format_option
@click.pass_context
def command(ctx: click.Context, config: Path | None, style: str) -> int:
    """List the editions of the policy, your own included: their days, and what they allow.

    \b
    policylint editions
    policylint editions show 2020-03
    policylint editions diff 2019-08 2020-03
    """
    ctx.obj = config, style
    if ctx.invoked_subcommand is not None:
        return 0
    editions = rulebook_for(settings_from(config)).editions
    if style == "json":
        return _print_json([edition_value(edition) for edition in sorted_editions(editions)])
    print_page(list_page(editions))
    return 0


@command.command("show", short_help="One edition in full.")
@click.argument("edition", type=EditionId())
@config_option
@format_option
@click.pass_context
def show(ctx: click.Context, edition: str, config: Path | None, style: str) -> int:
    """Show one edition in full: its terms, its tags, where it was read.

    \b
    policylint editions show latest
    """
    config, style = _inherited(ctx, config, style)
    settings = settings_from(config)
    found = named_edition(edition, rulebook_for(settings).editions, settings.platform or Platform.MESSENGER)
    if style == "json":
        return _print_json(edition_value(found))
    print_page(edition_page(found))
    return 0


@command.command("diff", short_help="What changes from one edition to another.")
@click.argument("before", type=EditionId(), metavar="A")
@click.argument("after", type=EditionId(), metavar="B")
@config_option
@format_option
@click.pass_context
def diff(ctx: click.Context, before: str, after: str, config: Path | None, style: str) -> int:
    """Say what changes for a business from edition A to edition B.

    First in words, then in tables: tags, terms, what a request may look like on the first day of each, and rules.
    `policylint check --what-if B` says which of your messages that concerns.

    \b
    policylint editions diff 2026-02 latest
    """
    config, style = _inherited(ctx, config, style)
    settings = settings_from(config)
    book = rulebook_for(settings)
    # `latest` is of the platform that the other one is of.
    known = next((name for name in (before, after) if name != LATEST), None)
    platform = settings.platform or Platform.MESSENGER
    if known is not None:
        platform = named_edition(known, book.editions, platform).platform
    first, second = (named_edition(name, book.editions, platform) for name in (before, after))
    found = compare(first, second, book.editions, book.rules, read_master(Path(str(shipped("schemas")))))
    if style == "json":
        return _print_json(comparison_value(found))
    print_page(comparison_page(found))
    return 0


def _inherited(ctx: click.Context, config: Path | None, style: str) -> tuple[Path | None, str]:
    """The options of a subcommand, where it has none those before it."""
    outer_config, outer_style = ctx.obj
    return config or outer_config, outer_style if style == "text" else style


def named_edition(name: str, editions: Editions, platform: Platform) -> Edition:
    """The edition called `name`; `latest` is of `platform`. Raises UsageError, with the nearest name where one is."""
    if name == DATED:
        raise UsageError(f"{DATED} is no edition, but each message's own; name one of {', '.join(_ids(editions))}")
    return editions.named(name, platform if name == LATEST else None)


def _ids(editions: Editions) -> list[str]:
    return [edition.id for edition in sorted_editions(editions)]


def _print_json(value: Any) -> int:
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
    return 0
