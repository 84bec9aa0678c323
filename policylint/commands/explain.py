"""`policylint explain`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click
import yaml

from policylint.commands.options import RuleIds, config_option, settings_from, wants_colour
from policylint.editions import DATED, LATEST, Edition, Editions
from policylint.errors import UsageError
from policylint.findings import Policy
from policylint.measurements import Figure, Measurement
from policylint.reporters.terminal import printable
from policylint.rulebook import Rulebook, rulebook_for
from policylint.rules.model import Example, Rule, Variant
from policylint.rules.phrases import in_general, in_words, where_in_force, where_it_fires
from policylint.rules.reach import reaches
from policylint.settings import unknown_rule

_WIDE: Final = 100  # columns; a longer event is shown over several lines


@click.command("explain", short_help="Explain rules: policy, remedy, examples.")
@click.argument("rules", nargs=-1, type=RuleIds(), required=True, metavar="RULE...")
@click.option("--edition", metavar="ID", help="Explain them as of an edition.  [default: the configured one]")
@config_option
def command(rules: tuple[tuple[str, ...], ...], edition: str | None, config: Path | None) -> int:
    """Explain rules: what they find, the policy they stand on, the remedy, and examples.

    In capitals stands what only a message can tell: TAG, AGE.

    \b
    policylint explain wrong-content-for-tag
    policylint explain untagged-outside-window --edition latest
    """
    settings = settings_from(config)
    book = rulebook_for(settings)
    known, chosen = book.rules, book.editions.named(edition or settings.edition)
    if (edition or settings.edition) in (LATEST, DATED):
        chosen = book.editions.named(LATEST, settings.platform)
    colour = wants_colour(sys.stdout)
    for n, name in enumerate(name for names in rules for name in names):
        if name not in known:
            raise UsageError(unknown_rule(name, known))
        if n:
            click.echo()
        for heading, text in _page(known[name], chosen, book):
            shown = heading if not colour else click.style(heading, bold=True)
            click.echo(f"{shown}{text}" if heading else text, color=colour)
    return 0


def _page(rule: Rule, chosen: Edition, book: Rulebook) -> Iterator[tuple[str, str]]:
    """The rule's manual page: headings (bold on a terminal) and texts."""
    edition = _edition_for(rule, chosen, book.editions)
    told = rule.told_under(edition)
    yield rule.id, f"  ({told.severity}, {told.status})"
    yield "", told.summary
    if rule.heuristic:
        yield "", "It judges by the wording, so it can be wrong. Each finding names the terms that it stands on,"
        yield "", "with their shares of a score that counts from 1; context that speaks against takes shares away."
    yield "", ""
    yield "In force: ", where_it_fires(rule, book.editions)
    if edition is not chosen:
        yield "          ", f"Not under {chosen.id}: what follows is told as of {edition.id}."
    yield "", ""
    yield "Policy: ", told.policy.title
    yield from _policy(told.policy)
    yield "", ""
    yield "Instead: ", in_general(told.remedy, edition)
    yield from _otherwise(rule, told, edition, book.editions)
    yield from _measured(book.measurements.of(rule), book.measurements.measured_on)
    for title, examples in (("Fine", rule.good), ("A breach", rule.bad)):
        for example in examples:
            yield "", ""
            yield f"{title}: ", example.name
            yield from (("", f"  {line}") for line in _shown(example))


def _policy(policy: Policy) -> Iterator[tuple[str, str]]:
    if policy.clause:
        yield "        ", policy.clause
    yield "        ", policy.url
    yield "        ", f"Last held against that page on {policy.read_on}."


def _edition_for(rule: Rule, chosen: Edition, editions: Editions) -> Edition:
    """The chosen edition, or where the rule is not in force in it, the newest one in which it is."""
    of_platform = editions.of(chosen.platform)
    others = [edition for edition in editions.all if edition.platform is not chosen.platform]
    candidates = (chosen, *reversed(of_platform), *reversed(others))
    return next((edition for edition in candidates if reaches(rule, edition)), chosen)


def _otherwise(rule: Rule, told: Rule, edition: Edition, editions: Editions) -> Iterator[tuple[str, str]]:
    """What the rule says in other editions, and of some messages: only what differs from `told`."""
    elsewhere: list[tuple[Variant | None, Rule]] = [(variant, rule.told_as(variant)) for variant in rule.variants]
    if told != rule:
        elsewhere.append((None, rule))
    for variant, other in elsewhere:
        words = list(
            _differing(told, other, edition if variant is None else _told_in(rule, variant, edition, editions))
        )
        if words:
            yield "", ""
            yield "Otherwise: ", "in all other editions" if variant is None else _where(variant, editions)
            yield from (("", f"  {line}") for line in words)


def _where(variant: Variant, editions: Editions) -> str:
    where = [where_in_force(variant.in_force, editions)] if variant.in_force else []
    if variant.when is not None:
        where.append(f"where {in_words(variant.when)}")
    return ", ".join(where)


def _told_in(rule: Rule, variant: Variant, edition: Edition, editions: Editions) -> Edition:
    """An edition in which the variant is told: `edition` where it can be, or else the newest."""
    candidates = (edition, *reversed(editions.all))
    return next((one for one in candidates if reaches(rule, one) and variant in rule.variants_in(one)), edition)


def _differing(told: Rule, other: Rule, edition: Edition) -> Iterator[str]:
    if other.severity != told.severity:
        yield f"Severity: {other.severity}"
    if other.summary != told.summary:
        yield other.summary
    if other.message != told.message:
        yield f"Says: {in_general(other.message, edition)}"
    if other.policy != told.policy:
        yield f"Policy: {other.policy.title}"
        yield from (f"        {text}" for _, text in _policy(other.policy))
    if other.remedy != told.remedy:
        yield f"Instead: {in_general(other.remedy, edition)}"


def _measured(measured: Sequence[Measurement], day: str) -> Iterator[tuple[str, str]]:
    """How often the rule is right, as a table."""
    if not measured:
        return
    pooled = measured[0]
    yield "", ""
    yield "How often it is right: ", f"measured on {day}, with 95 % intervals"
    yield "", f"  {'':9}{'precision':19}{'recall':19}{'false alarms':20}messages"
    for row in measured:
        figures = "".join(f"{_figure(figure):19}" for figure in (row.precision, row.recall))
        alarms = _percent(row.alarms)
        yield "", f"  {row.language:9}{figures}{alarms:20}{row.positives:,} + {row.negatives:,}"
    yield "", f"  Messages to flag + messages to leave alone, from {pooled.sources} public sources; near-duplicates and"
    yield "", "  translations count as one. Each source was judged by weights that were fitted on the others; terms and"
    yield (
        "",
        "  thresholds were chosen with these messages at hand. Of other languages too few are at hand: expect less.",
    )


def _figure(figure: Figure | None) -> str:
    return "–" if figure is None else f"{figure.value:.2f} ({figure.low:.2f}–{figure.high:.2f})"


def _percent(figure: Figure) -> str:
    return f"{figure.value:.1%} ({figure.low:.1%}–{figure.high:.1%})"


def _shown(example: Example) -> Iterator[str]:
    settings = {**example.settings, **{k: v for k, v in example.script.items() if k != "events"}}
    for name, value in settings.items():
        yield f"{name}: {_flow(value)}"
    for n, event in enumerate(example.script["events"], 1):
        mark = ">" if n in example.breaches else " "
        first, *rest = [_flow(event)] if len(_flow(event)) <= _WIDE else _block(event)
        yield f"{mark} {n}. {first}"
        yield from (f"     {line}" for line in rest)


def _block(value: object) -> list[str]:
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=_WIDE)
    return [line.replace(line.strip(), printable(line.strip())) for line in text.splitlines()]


def _flow(value: object) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=100_000)
    return printable(text.removesuffix("\n...\n").strip())
