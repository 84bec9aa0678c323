"""`policylint check`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from policylint.baseline import Entry, baseline_text
from policylint.breaches import named
from policylint.commands.options import (
    baseline_entries,
    check_known,
    is_elsewhere,
    judging_options,
    pseudonyms,
    report_target,
    save,
    settings_from,
    wants_colour,
    with_flags,
)
from policylint.editions import DATED, LATEST
from policylint.engines.local import open_recordings, run
from policylint.errors import UsageError
from policylint.findings import DISAPPEARS
from policylint.lint import judge_for
from policylint.outcome import merged
from policylint.reporters import REPORTERS
from policylint.reporters.report import Style
from policylint.reporters.sentences import counted
from policylint.reporters.terminal import printable
from policylint.rulebook import Rulebook, rulebook_for
from policylint.settings import Settings
from policylint.sources.folder import recordings
from policylint.sources.shapes import Shape
from policylint.suggestions import hint
from policylint.summary import make_report
from policylint.triage import triage
from policylint.whatif import what_if as compare


@click.command("check", short_help="Lint recordings: files, folders, or standard input.")
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--edition", metavar="ID", help="Policy edition: an id, latest, or dated (each message by its own day).")
@click.option(
    "--what-if",
    metavar="ID",
    help="Report only what would change under this edition, against the one you chose or else dated.",
)
@click.option(
    "--format", "style", type=click.Choice(list(REPORTERS)), default="text", show_default=True, help="Report format."
)
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the report to FILE."
)
@judging_options
@click.option(
    "--separately",
    is_flag=True,
    help="Judge each file as if it were the only one, so that findings don't depend on which files a run is given.",
)
@click.option("--statistics", is_flag=True, help="Counts by rule instead of findings.")
@click.option(
    "--show-text", is_flag=True, help="Show message text and person ids. Recordings are private conversations."
)
def command(
    paths: tuple[str, ...],
    edition: str | None,
    what_if: str | None,
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
    separately: bool,
    statistics: bool,
    show_text: bool,
) -> int:
    """Lint recordings: files, folders, or - for standard input. Without PATHS, the current folder.

    Recordings are send requests, Graph batches, webhook bodies, message logs and conversation scripts, as JSON, NDJSON
    or YAML, plain or compressed (.gz .zst .bz2 .xz). All of them are judged together.

    \b
    policylint check fixtures/
    policylint check log.ndjson.gz --history complete --format sarif --output report.sarif
    kubectl logs bot | policylint check - --select promotion-under-tag,unknown-tag
    policylint check fixtures/ --write-baseline baseline.ndjson
    policylint check logs/ --what-if 2026-04
    """
    settings = settings_from(config)
    own_files = [*settings.rule_files(), *settings.edition_files()]
    rulebook = rulebook_for(settings)
    settings.check_rule_names(rulebook.rules)
    check_known("--select", select, rulebook.rules)
    check_known("--ignore", ignore, rulebook.rules)
    settings = with_flags(settings, edition, select, ignore, fail_on, baseline, history)
    other = None
    if what_if is not None:
        settings = _to_compare(settings, what_if, rulebook)
        other = _other(what_if, settings, rulebook, write_baseline)
    judge = judge_for(settings, rulebook)
    if other == settings.edition:  # an edition does not differ from itself
        judge = replace(judge, strict=True)
    entries = baseline_entries(settings, write_baseline)
    failures: list[str] = []
    read = open_recordings(
        recordings(paths or (".",), [*own_files, *filter(None, [settings.path, settings.baseline])]),
        judge,
        shape=Shape(shape) if shape else None,
        failures=failures,
        fields_for=settings.fields_for() if settings.sources else None,
    )
    groups = [[recording] for recording in read] if separately else [read]
    outcome = merged(run(group, judge, show_text=show_text) for group in groups)
    sorted_out = triage(outcome.findings, settings, entries)
    changes = None
    if other is not None:
        would = merged(run(group, judge.under(other), show_text=show_text) for group in groups)
        changes = compare(other, settings.fail_on, sorted_out.listed, triage(would.findings, settings, entries).listed)
        sorted_out = replace(sorted_out, listed=changes.findings, stale=())
    for failure in failures:
        print(f"policylint: {printable(failure)}", file=sys.stderr)
    asked = {rule.id for rule in judge.rules}

    def left_out(entry: Entry) -> bool:
        return entry.rule not in asked or is_elsewhere(entry, outcome.sources)

    if write_baseline is not None:
        save(write_baseline, baseline_text(sorted_out.kept, entries, left_out, write_baseline.parent))
        told = f"{counted(len(sorted_out.kept), 'finding')} written to {write_baseline}"
        print(f"policylint: {printable(told)}", file=sys.stderr)
        return 2 if failures else 0
    stale = [str(entry) for entry in sorted_out.stale if not left_out(entry)]
    sorted_out = replace(sorted_out, listed=named(sorted_out.listed, pseudonyms()))
    report = make_report(sorted_out, outcome.counts, rulebook, settings.edition, stale, changes)
    with report_target(output) as out:
        look = Style(colour=output is None and wants_colour(sys.stdout), statistics=statistics, show_text=show_text)
        REPORTERS[style](report, look, out, sys.stderr)
    if failures:
        return 2
    failing = (finding for finding in sorted_out.listed if finding.change != DISAPPEARS)
    return 1 if any(finding.severity >= settings.fail_on for finding in failing) else 0


def _to_compare(settings: Settings, what_if: str, rulebook: Rulebook) -> Settings:
    """`settings` for a comparison: each message by its own day where no edition was chosen, and what names no platform
    judged alike on both sides.
    """
    edition = settings.edition if settings.edition_chosen else DATED
    editions = rulebook.editions
    known = settings.platform or editions.platform_of(edition) or editions.platform_of(what_if)
    return replace(settings, edition=edition, platform=known)


def _other(edition: str, settings: Settings, rulebook: Rulebook, write_baseline: Path | None) -> str:
    """The edition to compare with."""
    known = [name for name in rulebook.editions.names if name != DATED]
    if edition not in known:
        meant = hint(edition, known, f"known are {', '.join(known)}")
        raise UsageError(f"--what-if needs one edition; {meant}")
    if write_baseline is not None:
        raise UsageError("--what-if and --write-baseline exclude each other: what would change is nothing to accept")
    return rulebook.editions.named(edition, settings.platform if edition == LATEST else None).id
