"""`policylint audit`."""

from __future__ import annotations

import gc
import os
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import click

from policylint.baseline import Entry, baseline_text
from policylint.commands.options import (
    PSEUDONYM_KEY,
    baseline_entries,
    check_known,
    is_elsewhere,
    judging_options,
    report_target,
    save,
    settings_from,
    wants_colour,
    with_flags,
)
from policylint.errors import UsageError
from policylint.findings import Finding, Severity
from policylint.reporters import REPORTERS
from policylint.reporters.report import Style
from policylint.reporters.sentences import counted
from policylint.reporters.terminal import printable
from policylint.sources.shapes import Shape

_NEEDED: Final = ("duckdb", "pyarrow", "xxhash")
_UNITS: Final = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?)(?:i?b)?", re.IGNORECASE)
_MOST: Final = 4 << 30
_FORMATS: Final = ("text", "json", "ndjson", "sarif", "github")


class Size(click.ParamType[int]):
    """A number of bytes, with a unit: 512MB, 2GiB. Units are powers of 1024."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number of bytes."""
        if isinstance(value, int):
            return value
        found = _SIZE.fullmatch(str(value).strip())
        if found is None:
            self.fail(f"{str(value)[:40]!r} is no size; write a number and a unit, such as 512MB or 2GiB", param, ctx)
        return int(float(found[1]) * _UNITS[found[2].lower()])


@click.command("audit", short_help="Judge months of message logs, in bounded memory.")
@click.argument("inputs", nargs=-1, required=True, type=click.Path())
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    required=True,
    help="Folder of the audit: its database, findings, report, and what a further run goes on with.",
)
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Worker processes.  [default: one a core]")
@click.option(
    "--memory",
    type=Size(),
    metavar="SIZE",
    help="Memory to stay within, such as 512MB.  [default: half the machine's, at most 4GiB]",
)
@click.option("--edition", metavar="ID", help="Policy edition: an id, latest, or dated (each message by its own day).")
@click.option(
    "--format", "style", type=click.Choice(_FORMATS), default="text", show_default=True, help="What goes to the screen."
)
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write that to FILE instead."
)
@judging_options
@click.option(
    "--show-text", is_flag=True, help="Keep and show message text and person ids. Recordings are private conversations."
)
def command(
    inputs: tuple[str, ...],
    out: Path,
    workers: int | None,
    memory: int | None,
    edition: str | None,
    style: str,
    output: Path | None,
    config: Path | None,
    select: tuple[tuple[str, ...], ...],
    ignore: tuple[tuple[str, ...], ...],
    fail_on: str | None,
    baseline: Path | None,
    write_baseline: Path | None,
    history: str | None,
    shape: str | None,
    show_text: bool,
) -> int:
    """Judge message logs of any size: files, folders, globs, - for standard input, and URLs such as
    's3://bucket/logs/*.ndjson'.

    What was found goes to the folder DIR: audit.duckdb (runs, files, messages, findings, unreadable records),
    findings.parquet, findings.ndjson and report.json. Stopped at any moment and started again with the same --out, an
    audit goes on where it was; given newer logs, it reads only those, and judges conversations that go on in them.

    \b
    policylint audit logs/ --out audit/
    policylint audit 'logs/2017-0[5-7]/*.ndjson.gz' --out audit/ --memory 2GiB --edition dated
    policylint show audit/ 3f2a9c
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(f"audit needs {', '.join(missing)}; install the extra: pip install 'policylint[audit]'")
    from policylint.audit import screen
    from policylint.audit.closing import Closing
    from policylint.audit.progress import Progress
    from policylint.engines.audit import AuditRun, Order, stoppable
    from policylint.lint import judge_for
    from policylint.rulebook import rulebook_for

    settings = settings_from(config)
    own_files = [*settings.rule_files(), *settings.edition_files()]
    rulebook = rulebook_for(settings)
    settings.check_rule_names(rulebook.rules)
    check_known("--select", select, rulebook.rules)
    check_known("--ignore", ignore, rulebook.rules)
    settings = with_flags(settings, edition, select, ignore, fail_on, baseline, history)
    judge = judge_for(settings, rulebook)
    entries = baseline_entries(settings, write_baseline)
    order = Order(
        given=inputs,
        out=out,
        workers=workers or os.cpu_count() or 1,
        memory=memory or default_memory(),
        shape=Shape(shape) if shape else None,
        show_text=show_text,
        pseudonyms=os.environ.get(PSEUDONYM_KEY) or None,
    )
    asked = {rule.id for rule in judge.rules}
    sources: frozenset[str] = frozenset()

    def left_out(entry: Entry) -> bool:
        return entry.rule not in asked or is_elsewhere(entry, sources)

    kept: list[Finding] = []
    failures: list[str] = []
    gc.enable()  # unlike a run of `check`, this one may last
    colour = wants_colour(sys.stderr)
    try:
        with Progress(sys.stderr, terminal=sys.stderr.isatty(), colour=colour) as progress:
            leave_out = [*own_files, *filter(None, [settings.path, settings.baseline])]
            run = AuditRun(order, settings, judge, progress, leave_out, failures)
            run.store.open()
            with run.store.lock(), stoppable(out):
                audit = run.run()
                sources = audit.sources
                closing = Closing(audit, settings, rulebook, progress, private=show_text)
                if write_baseline is not None:
                    kept = [finding for _, finding in audit.ledger.kept()]
                closing.hold_against(entries, left_out)
                report, db = closing.finish()
    finally:
        for failure in failures:
            print(f"policylint: {printable(failure)}", file=sys.stderr)
    if write_baseline is not None:
        save(write_baseline, baseline_text(kept, entries, left_out, write_baseline.parent))
        told = f"{counted(len(kept), 'finding')} written to {write_baseline}"
        print(f"policylint: {printable(told)}", file=sys.stderr)
        return 2 if failures else 0
    look = Style(colour=output is None and wants_colour(sys.stdout), show_text=show_text)
    with report_target(output) as target:
        if style == "text":
            screen.write(db, look, target)
        else:
            REPORTERS[style](report, look, target, sys.stderr)
    if failures:
        return 2
    summary = report.summary
    levels = {Severity.ERROR: summary.errors, Severity.WARNING: summary.warnings, Severity.NOTE: summary.notes}
    return 1 if any(levels[level] for level in levels if level >= settings.fail_on) else 0


def default_memory() -> int:
    """Half the machine's memory, at most 4 GiB."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return _MOST
    return min(whole // 2, _MOST)
