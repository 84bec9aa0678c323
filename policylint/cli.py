"""The command: arguments in, exit status out.

0 nothing at or above --fail-on, 1 findings, 2 could not do the job, 130 interrupted. The report goes to standard
output, everything else to standard error.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Final

import click

from policylint import __version__
from policylint.errors import PolicylintError

# Where each command lives; its module is imported when it is asked for.
_COMMANDS: Final = {
    "audit": "policylint.commands.audit",
    "check": "policylint.commands.check",
    "editions": "policylint.commands.editions",
    "explain": "policylint.commands.explain",
    "init": "policylint.commands.init",
    "rules": "policylint.commands.rules",
    "show": "policylint.commands.show",
    "test-rules": "policylint.commands.test_rules",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = _COMMANDS.get(cmd_name)
        return getattr(import_module(module), "command") if module else None  # noqa: B009 - typed as Any on purpose

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from difflib import get_close_matches

        if args and not args[0].startswith("-") and args[0] not in _COMMANDS:
            close = get_close_matches(args[0], _COMMANDS, n=1)
            hint = f"Did you mean {close[0]}?" if close else f"Commands: {', '.join(_COMMANDS)}."
            if os.path.exists(args[0]):  # noqa: PTH110 - a path given where a command goes
                hint = f"To lint it: policylint check {args[0]}"
            ctx.fail(f"No command is called {args[0]!r}. {hint}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 nothing to report, 1 findings, 2 could not do the job, 130 interrupted.",
)
@click.version_option(__version__, prog_name="policylint", message="%(prog)s %(version)s")
def cli() -> None:
    """Lint recordings of what a business sent through the Messenger Platform.

    Says which platform policy each message breaches, where, why, and what would have been allowed.

    \b
    policylint check fixtures/           lint a folder of recorded payloads
    policylint audit logs/ --out audit/  judge months of message logs
    policylint show audit/ 3f2a91        a finding of an audit, in its conversation
    policylint explain unknown-tag       what a rule means, with examples
    policylint editions                  the editions of the policy, and their days
    policylint init                      write a commented configuration
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with `arguments` (the process's own for None); the exit status."""
    if sys.stdout is None or sys.stderr is None:
        return 2  # closed by the caller: there is nobody to tell anything
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        status = cli.main(
            args=None if arguments is None else list(arguments), prog_name="policylint", standalone_mode=False
        )
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return 2
    except click.UsageError as error:
        if error.ctx is not None:
            print(error.ctx.get_usage(), file=sys.stderr)
        return _complain(error.format_message())
    except click.ClickException as error:
        return _complain(error.format_message())
    except PolicylintError as error:
        return _complain(str(error))
    except (KeyboardInterrupt, click.Abort):
        return _complain("interrupted", 130)
    except BrokenPipeError:
        _drop_output()  # whoever read the report has seen enough
        return 0
    except OSError as error:
        _drop_output()
        gone = "the current folder" if isinstance(error, FileNotFoundError) else "standard output"
        return _complain(f"{error.filename or gone}: {(error.strerror or type(error).__name__).lower()}")
    except Exception as error:
        if os.environ.get("POLICYLINT_DEBUG"):
            raise
        return _complain(
            f"internal error: {type(error).__name__}; set POLICYLINT_DEBUG=1 to see where, and please report it"
        )


def _drop_output() -> None:
    """Send what is left of the report nowhere; else the interpreter complains once more when it ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(reason: str, status: int = 2) -> int:
    from policylint.reporters.terminal import printable

    print(f"policylint: {printable(reason)}", file=sys.stderr)
    return status


def run() -> None:
    """The entry point of the installed command."""
    gc.disable()  # one run builds values and ends: looking for cycles on the way would only cost time
    sys.exit(main())


if __name__ == "__main__":
    run()
