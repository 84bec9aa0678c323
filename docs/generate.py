"""Writes the generated parts of the documentation: what stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->`.

Run it from anywhere as `python docs/generate.py`. With `--check` it writes nothing, and exits 1 when a part is out of
date.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import orjson
from click.testing import CliRunner

from policylint.cli import cli
from policylint.edition_values import span_text
from policylint.editions import Edition, Tag
from policylint.events import Platform
from policylint.facts import FACTS
from policylint.meaning import meaning
from policylint.measurements import Figure
from policylint.rulebook import shipped_rulebook
from policylint.rules.model import Rule
from policylint.rules.verbs import EVERY, VERBS, Kind
from policylint.structure.comparison import WARNING, Limit, history
from policylint.structure.dated import read_master

ROOT: Final = Path(__file__).resolve().parents[1]

EDITIONS: Final = shipped_rulebook().editions

TOPICS: Final = ("window", "tags", "permissions", "wording", "structure", "recording")  # the order of the rule index

MEANS: Final[Mapping[str, str]] = {
    "is": "equal, and of the same JSON type",
    "is_not": "not `is`",
    "in": "equal to one of the list",
    "not_in": "not `in`",
    "above": "greater than",
    "below": "less than",
    "at_least": "greater than, or equal to",
    "at_most": "less than, or equal to",
    "present": "`true`: there is a value (for a list: an item); `false`: there is none",
    "matches": "the RE2 pattern is found somewhere in the text",
    "not_matches": "not `matches`",
    "starts_with": "the text begins with it, or with one of the list",
    "ends_with": "the text ends with it, or with one of the list",
    "contains": "the text has it somewhere inside; the list has it as an item",
    "longer_than": "more characters, items or keys than",
    "shorter_than": "fewer characters, items or keys than",
    "more_bytes_than": "more bytes, written as UTF-8, than",
    "count_above": "more values (for a list: more items) than",
    "mentions": "the text has the word or phrase, or one of the list, as whole words, whatever the case",
}


def main(arguments: Sequence[str]) -> int:
    """Write all parts, or with `--check` name the files that are out of date; the exit status."""
    stale = [name for name in FILES if rendered(name) != (ROOT / name).read_text(encoding="utf-8")]
    for name in stale:
        if "--check" in arguments:
            print(f"{name}: a generated part is out of date; run python docs/generate.py", file=sys.stderr)
        else:
            (ROOT / name).write_text(rendered(name), encoding="utf-8", newline="\n")
            print(f"{name}: written")
    return 1 if stale and "--check" in arguments else 0


def rendered(name: str) -> str:
    """The text that the file `name` should have. Raises ValueError where marks are missing."""
    text = (ROOT / name).read_text(encoding="utf-8")
    for part, render in FILES[name].items():
        begin, end = f"<!-- {part}:begin -->\n", f"<!-- {part}:end -->"
        if text.count(begin) != 1 or text.count(end) != 1:
            raise ValueError(f"{name}: needs the marks {begin.strip()} and {end} once")
        text = text.partition(begin)[0] + f"{begin}\n{render()}\n{end}" + text.partition(end)[2]
    return text


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |\n" for line in lines)


def rules_index() -> str:
    """All shipped rules by topic, each with a link to its file."""
    rules = sorted(shipped_rulebook().rules.values(), key=_by_topic)
    rows = [
        (
            f"[{rule.id}](rules/{rule.file})",
            str(rule.severity),
            rule.summary + (" *Judges by the wording.*" if rule.heuristic else ""),
        )
        for rule in rules
    ]
    return table(("rule", "severity", "finds"), rows)


def _by_topic(rule: Rule) -> tuple[int, str]:
    return TOPICS.index(rule.file.partition("/")[0]), rule.id


def command_output(*arguments: str) -> str:
    """What policylint prints, 80 columns wide, when run in the checkout's own folder."""
    here = Path.cwd()
    os.chdir(ROOT)
    try:
        colourless = {"NO_COLOR": "1", "FORCE_COLOR": None, "POLICYLINT_PSEUDONYM_KEY": None}
        result = CliRunner(env=colourless).invoke(
            cli, arguments, prog_name="policylint", terminal_width=80, standalone_mode=False
        )
    finally:
        os.chdir(here)
    if result.exception:
        raise result.exception
    return f"```text\n$ policylint {' '.join(arguments)}\n{result.stdout.rstrip()}\n```\n"


def facts_table() -> str:
    """All facts; private ones are marked."""
    rows = [
        (f"`{name}`", str(spec.kind), spec.means.replace("<", "&lt;") + (" *(private)*" if spec.private else ""))
        for name, spec in FACTS.items()
    ]
    return table(("fact", "type", "meaning"), rows)


def verbs_table() -> str:
    """All verbs, with what they take and which facts they suit."""
    rows = [
        (
            f"`{name}`",
            MEANS[name],
            _option(verb.option) + (", or `{fact: name}`" if verb.may_name_fact else ""),
            "any" if verb.kinds == EVERY else ", ".join(kind for kind in Kind if kind in verb.kinds and kind != "any"),
        )
        for name, verb in VERBS.items()
    ]
    return table(("verb", "holds when the fact is, or has", "option", "suits facts of type"), rows)


def _option(schema: Mapping[str, Any]) -> str:
    """An option's JSON Schema in words."""
    if "oneOf" in schema:
        return " or ".join(_option(choice) for choice in schema["oneOf"])
    kind = schema["type"]
    if isinstance(kind, list):
        return "a value" if "boolean" in kind else "a number, duration or time"
    if kind == "array":
        return "a list of texts" if schema["items"].get("type") == "string" else "a list of values"
    return {"string": "a text", "integer": "a whole number", "boolean": "`true` or `false`"}[kind]


def windows_table() -> str:
    """What each edition says of the window; editions that say the same are one row."""
    rows = []
    for run in _runs(_window_terms):
        first, last = run[0], run[-1]
        window, extra, opens, exempt, ads = _window_terms(first)
        rows.append(
            (
                _ids(first, last),
                _days(first, last),
                "none on record"
                if window is None
                else span_text(window) + (f", {span_text(ads)} by an ad" if ads else ""),
                str(extra),
                ", ".join(opens),
                ", ".join(exempt) or "–",
            )
        )
    return table(("editions", "days", "window", "extra messages", "opened by", "templates outside the window"), rows)


def _window_terms(edition: Edition) -> tuple[Any, ...]:
    exempt = sorted(content.removeprefix("template:") for content in edition.exempt_contents)
    return edition.window, edition.extra_messages, sorted(edition.opens), exempt, edition.ad_window


def _runs(said: Callable[[Edition], Any]) -> Iterator[list[Edition]]:
    """Editions of a platform that follow one another and say the same."""
    for platform in Platform:
        for _, run in groupby(EDITIONS.of(platform), said):
            yield list(run)


def _ids(first: Edition, last: Edition) -> str:
    return f"`{first.id}`" if first is last else f"`{first.id}` to `{last.id}`"


def _days(first: Edition, last: Edition) -> str:
    return f"{first.since} to {last.until}" if last.until else f"{first.since} onwards"


def editions_table() -> str:
    """The editions that are shipped."""
    rows = [
        (
            f"[`{edition.id}`](#{edition.id})",
            f"{'~' if edition.uncertain else ''}{_days(edition, edition)}",
            "–" if edition.window is None else span_text(edition.window),
            str(edition.extra_messages),
            str(len(edition.tags)),
            edition.messaging_type,
            edition.title,
        )
        for edition in EDITIONS.all
    ]
    return table(("edition", "days", "window", "extra messages", "tags", "messaging_type", "known for"), rows)


def uncertain_table() -> str:
    """The days on which it is not certain which edition was in force."""
    rows = [
        (f"`{edition.id}`", edition.since, " to ".join(edition.uncertain))
        for edition in EDITIONS.all
        if edition.uncertain
    ]
    return table(("edition", "counts from", "not certain"), rows)


def edition_pages() -> str:
    """What each edition changed, in words, and where that was read."""
    parts = []
    for platform in Platform:
        before: Edition | None = None
        for edition in EDITIONS.of(platform):
            sources = ", ".join(f"[{url.split('/')[2]}]({url})" for url in edition.source)
            changes = "".join(f"- {sentence}\n" for sentence in (meaning(before, edition) if before else ()))
            parts.append(
                f"### {edition.id}\n\nFrom {'about ' if edition.uncertain else ''}{edition.since}: {edition.title}. "
                f"{edition.summary}\n\n{changes}{chr(10) if changes else ''}Read at {sources}.\n"
            )
            before = edition
    return "\n".join(parts)


def tags_matrix() -> str:
    """Which edition of Messenger has which tag."""
    editions = [edition for edition in EDITIONS.of(Platform.MESSENGER) if edition.tags]
    names = dict.fromkeys(name for edition in editions for name in edition.tags)
    rows = [[f"`{name}`", *(_mark(edition.tags.get(name)) for edition in editions)] for name in names]
    return table(("tag", *(edition.id for edition in editions)), rows)


def _mark(tag: Tag | None) -> str:
    return "" if tag is None else "○" if tag.contents else "●"


def tags_table() -> str:
    """The tags: purpose, contents, limits; editions that say the same of a tag are one row."""
    names = dict.fromkeys(name for edition in EDITIONS.all for name in edition.tags)
    rows = []
    for name in names:
        for run in _runs(lambda edition, name=name: _tag_terms(edition.tags.get(name))):
            tag = run[0].tags.get(name)
            if tag is not None:
                contents = ", ".join(content.removeprefix("template:") for content in tag.contents) or "any"
                limit = "–" if tag.age_limit is None else span_text(tag.age_limit)
                rows.append((f"`{name}`", _ids(run[0], run[-1]), tag.purpose, contents, ", ".join(tag.forbids), limit))
    return table(("tag", "editions", "for", "may carry", "never for", "age limit"), rows)


def _tag_terms(tag: Tag | None) -> Any:
    return tag and (tag.purpose, tag.contents, tag.forbids, tag.age_limit)


def structure_table() -> str:
    """What came and went in requests, day by day."""
    master = read_master(ROOT / "schemas")
    rows = []
    for platform in Platform:
        for change, found in history(master, platform, EDITIONS.of(platform)[0].since):
            limits = [text for limit in found.limits if (text := _limit(limit))]
            came, went = (
                [f"{part} (day not known)" if part.undated else str(part) for part in parts]
                for parts in (found.came, found.went)
            )
            said = [f"new: {', '.join(came)}"] * bool(came) + [f"gone: {', '.join(went)}"] * bool(went) + limits
            since = "" if change.earliest == change.latest else f" (not before {change.earliest})"
            if said:
                rows.append((str(platform), change.latest + since, "; ".join(said)))
    return table(("platform", "from", "changes"), rows)


def _limit(limit: Limit) -> str:
    """A limit in words, aside from its lenience on days on which it may have been outdated; empty for no change."""
    before, after = ((side or "").removesuffix(WARNING) for side in (limit.before, limit.after))
    if before == after:
        return ""
    if not before:
        return f"{limit.where}: {limit.after}"
    return f"{limit.where}: {limit.after} in place of {before}" if after else f"{limit.where}: no longer {before}"


def fields_table(name: str) -> Callable[[], str]:
    """A renderer of the fields that `schemas/report.schema.json` describes under `name`."""

    def render() -> str:
        schema = orjson.loads((ROOT / "schemas" / "report.schema.json").read_bytes())
        return table(("field", "meaning"), _fields(schema, schema["$defs"][name], ""))

    return render


def _fields(schema: Mapping[str, Any], described: Mapping[str, Any], before: str) -> Iterator[tuple[str, str]]:
    for name, field in described["properties"].items():
        target = schema["$defs"][field["$ref"].rpartition("/")[2]] if "$ref" in field else field
        yield f"`{before}{name}`", field.get("description", target.get("description", ""))
        if "properties" in target:
            yield from _fields(schema, target, f"{before}{name}.")
        elif "$ref" in target.get("items", {}):
            inner = schema["$defs"][target["items"]["$ref"].rpartition("/")[2]]
            yield from _fields(schema, inner, f"{before}{name}[].")


def example_output() -> str:
    """The README's first example."""
    return command_output("check", "examples/breaches/promotion-under-tag.yaml")


def help_output() -> str:
    """What `check --help` says."""
    return command_output("check", "--help")


@cache
def audit_outputs() -> tuple[str, str]:
    """What an audit of the example log says, and what `show` tells of one of its findings."""
    with TemporaryDirectory() as folder:
        out = Path(folder).resolve() / "audit"
        screen = command_output("audit", "examples/log", "--out", str(out))
        lines = (out / "findings.ndjson").read_bytes().splitlines()
        found = [finding for finding in map(orjson.loads, lines) if finding["rule"] == "untagged-outside-window"]
        shown = command_output("show", str(out), found[0]["fingerprint"][:12])
    return screen.replace(str(out), "audit"), shown.replace(str(out), "audit")


def measured_tables() -> str:
    """How often the wording rules are right, by signal and language."""
    measurements = shipped_rulebook().measurements
    parts = []
    for signal, rules in (
        ("promotional", "`promotion-under-tag`, `promotion-in-subscription`"),
        ("asks_feedback", "`feedback-request-under-tag`"),
        ("topic", "`off-topic-for-tag`"),
    ):
        rows = [
            (
                row.language,
                _share(row.precision),
                _share(row.recall),
                _share(row.alarms),
                f"{row.positives:,} + {row.negatives:,}",
                str(row.sources),
            )
            for row in measurements.signals[signal]
        ]
        titles = ("language", "precision", "recall", "false alarms", "messages", "sources")
        parts.append(f"{rules}, measured on {measurements.measured_on}:\n\n{table(titles, rows)}")
    return "\n".join(parts)


def _share(figure: Figure | None) -> str:
    return "–" if figure is None else f"{figure.value:.3f} ({figure.low:.3f}–{figure.high:.3f})"


FILES: Final[Mapping[str, Mapping[str, Callable[[], str]]]] = {
    "README.md": {"example": example_output, "rules": rules_index, "help": help_output},
    "docs/audit.md": {
        "screen": lambda: audit_outputs()[0],
        "show": lambda: audit_outputs()[1],
        "help": lambda: command_output("audit", "--help"),
        "show-help": lambda: command_output("show", "--help"),
    },
    "docs/rules.md": {"facts": facts_table, "verbs": verbs_table},
    "docs/wording.md": {"measured": measured_tables},
    "docs/editions.md": {
        "editions": editions_table,
        "uncertain": uncertain_table,
        "changes": edition_pages,
        "matrix": tags_matrix,
        "tags": tags_table,
        "structure": structure_table,
    },
    "docs/window.md": {"windows": windows_table},
    "docs/report.md": {"summary": fields_table("summary"), "finding": fields_table("finding")},
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
