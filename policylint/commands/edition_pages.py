"""Editions, and what changes between two, as pages for people: text and tables, for rich to print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from policylint.comparison import Changed, Comparison
from policylint.edition_values import ABOUT, edition_value, span_text
from policylint.editions import Edition, Editions
from policylint.events import Platform
from policylint.meaning import rhythm
from policylint.rules.phrases import PLATFORMS
from policylint.structure.comparison import Differences

if TYPE_CHECKING:
    from rich.console import RenderableType

Row: TypeAlias = Sequence[str]

_NONE: Final = "–"
_WORD: Final = 24  # columns; longer words may be broken over lines

# How the terms of an edition are told; other keys are told by their own name.
_TERMS: Final = {
    "window": "window",
    "ad_window": "window, at most, after an ad",
    "extra_messages": "messages after the window",
    "opens": "opens the window",
    "exempt_contents": "contents free of the window",
    "messaging_type": "messaging_type",
    "subscription_messaging": "subscription messaging",
    "subscription_type": "subscription messages by messaging_type",
    "news_messaging": "news messaging",
    "private_replies": "private replies",
    "one_time_notifications": "one-time notifications",
    "recurring_notifications": "recurring notifications",
    "recurring_notifications_ended": "recurring notifications have ended",
    "utility_messages": "utility messages",
    "promotional_kinds": "what counts as promotion",
    "other_tags": "tags of other editions are told as",
}
_RECURRING: Final = "recurring_notifications"
_PER_TAG: Final = {
    "age_limit": "age limit",
    "disputed_contents": "disputed contents",
    "retiring_since": "end announced",
}


def print_page(parts: Iterable[RenderableType]) -> None:
    """Print a page to standard output. What comes as rich's Text is not broken over lines."""
    from rich.console import Console
    from rich.text import Text

    console = Console(markup=False, highlight=False)
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, Text))


def sorted_editions(editions: Editions) -> list[Edition]:
    """All editions, platform by platform, oldest first."""
    return [edition for platform in Platform for edition in editions.of(platform)]


def _table(titles: Row, rows: Sequence[Row], *, whole: int = 1, tight: bool = False) -> RenderableType:
    """A table whose first `whole` columns are not broken over lines; a `tight` one leaves less room between them.

    The others are broken between words, as long as there is room for their longest one.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    taken = sum(max(len(row[n]) for row in (titles, *rows)) + 2 for n in range(whole))
    room = (Console().width - taken) // max(1, len(titles) - whole) - 3
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True, padding=(0, 0 if tight else 1))
    for n, title in enumerate(titles):
        longest = max((len(word) for row in rows for word in row[n].split()), default=0)
        table.add_column(title, no_wrap=n < whole, overflow="fold", min_width=max(1, min(longest, room)))
    for row in rows:
        table.add_row(*row)
    return table


# --- the list, and one edition


def list_page(editions: Editions) -> Iterable[RenderableType]:
    for platform in Platform:
        rows = [
            (
                edition.id,
                days(edition) if edition.uncertain else f" {days(edition)}",
                _window(edition),
                str(len(edition.tags)),
                edition.messaging_type,
                edition.title,
            )
            for edition in editions.of(platform)
        ]
        yield PLATFORMS[platform]
        yield _table(("edition", " days", "window", "tags", "type", "known for"), rows, whole=5, tight=True)
    yield "24h+1: the window, and how many messages may follow it until the person acts again."
    yield "type: whether a message has to say in messaging_type what it is."
    fuzzy = [edition for edition in sorted_editions(editions) if edition.uncertain]
    if fuzzy:
        yield "~ The first day is not known. On these days it is not certain whether the edition was in force:"
    for edition in fuzzy:
        yield f"  {edition.id:19}{' to '.join(edition.uncertain or ())}"
    yield ""
    yield "policylint editions show ID shows one in full, policylint editions diff A B what changes."


def _window(edition: Edition) -> str:
    if edition.window is None:
        return _NONE
    return span_text(edition.window) + (f"+{edition.extra_messages}" if edition.extra_messages else "")


def days(edition: Edition) -> str:
    """The span of an edition's days, marked where its first day is not known for certain."""
    return f"{'~' if edition.uncertain else ''}{edition.since} {f'to {edition.until}' if edition.until else 'onwards'}"


def edition_page(edition: Edition) -> Iterable[RenderableType]:
    from rich.text import Text

    value = edition_value(edition)
    yield f"{edition.id}: {edition.title}"
    yield edition.summary
    yield f"{PLATFORMS[edition.platform]}, {days(edition)}"
    if edition.uncertain:
        yield f"~ Its first day is not known; from {' to '.join(edition.uncertain)} it may have been in force or not."
    said = {key: told(term) for key, term in value.items() if key not in ABOUT and key != "tags"}
    said[_RECURRING] = (
        "\n".join(f"from {terms.since}: {rhythm(terms)}" for terms in edition.notification_terms) or _NONE
    )
    rows = [(_TERMS.get(key, key), text) for key, text in said.items()]
    yield _table(("term", "says"), rows)
    if edition.tags:
        tags = [
            (name, tag["purpose"], told(tag["contents"]) if tag["contents"] else "any", tag["age_limit"] or _NONE)
            for name, tag in value["tags"].items()
        ]
        yield _table(("tag", "for", "may carry", "age limit"), tags)
    else:
        yield "It has no message tags."
    yield "Sources:"
    yield from (Text(f"  {url}") for url in edition.source)


def told(value: Any) -> str:
    """A value of an edition, in words."""
    if value is None or value in ([], {}):
        return _NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(map(told, value)) if isinstance(value[0], dict) else ", ".join(map(told, value))
    if isinstance(value, dict):
        said = {key.replace("_", " "): told(inner) for key, inner in value.items() if inner not in (None, {}, [])}
        return ", ".join(f"{key} {inner}" for key, inner in said.items()) or "yes"
    return str(value).removeprefix("template:")


# --- two editions


def comparison_page(found: Comparison) -> Iterable[RenderableType]:
    before, after = found.before, found.after
    for name, edition in (("From", before), ("to", after)):
        yield f"{name:4} {edition.id} ({PLATFORMS[edition.platform]}, {days(edition)}): {edition.title}"
    if before.platform is not after.platform:
        yield "These are editions of two platforms: what differs is no change that one platform made."
    elif after.since < before.since:
        yield f"{after.id} is the earlier one: this reads backwards."
    yield ""
    if found.is_empty:
        yield "Nothing changes."
        return
    yield "What it means"
    yield from map(_indented, found.meaning or ("For a business, nothing but the details below.",))
    yield from _tags(found)
    if found.terms:
        rows = [(_TERMS.get(one.name, one.name), *_terms(one, before, after)) for one in found.terms]
        yield from _section("Terms that change", ("term", before.id, after.id), rows)
    yield from _structure(found.structure, before, after)
    yield from _rules(found)


def _terms(change: Changed, before: Edition, after: Edition) -> tuple[str, str]:
    if change.name != _RECURRING:
        return told(change.before), told(change.after)
    first, second = before.terms_on(before.since), after.terms_on(after.since)
    return rhythm(first) if first else _NONE, rhythm(second) if second else _NONE


def _indented(text: str) -> RenderableType:
    from rich.padding import Padding

    return Padding(text, (0, 0, 0, 2))


def _section(title: str, titles: Row, rows: Sequence[Row]) -> Iterable[RenderableType]:
    if rows:
        yield ""
        yield f"{title} ({len(rows)})"
        yield _table(titles, rows)


def _tags(found: Comparison) -> Iterable[RenderableType]:
    yield from _section(
        "Tags that go", ("tag", "successor"), [(gone.tag.name, gone.outcome) for gone in found.tags_gone]
    )
    yield from _section(
        "Tags that come",
        ("tag", "for", "may carry"),
        [(tag.name, tag.purpose, told(list(tag.contents)) if tag.contents else "any") for tag in found.tags_come],
    )
    rows = [
        (tag.name, _PER_TAG.get(change.name, change.name), *_sides(change))
        for tag in found.tags_changed
        for change in tag.changes
    ]
    yield from _section("Tags that change", ("tag", "what", found.before.id, found.after.id), rows)


def _sides(change: Changed) -> tuple[str, str]:
    if change.name == "contents":
        return tuple(told(side) if side else "any" for side in (change.before, change.after))  # type: ignore[return-value]
    return told(change.before), told(change.after)


def _structure(found: Differences, before: Edition, after: Edition) -> Iterable[RenderableType]:
    if not found:
        return
    for title, parts in (("Requests: what comes", found.came), ("Requests: what goes", found.went)):
        rows = [
            (
                f"{part.kind} {part.name}",
                part.where or ("the request" if part.kind == "field" else ""),
                "day not known" if part.undated else "",
            )
            for part in parts
        ]
        yield from _section(title, ("what", "of", ""), rows)
    rows = [(limit.where, limit.before or _NONE, limit.after or _NONE) for limit in found.limits]
    yield from _section("Requests: limits that change", ("where", before.id, after.id), rows)
    yield f"Requests are those of each edition's first day, {before.since} and {after.since}."


def _rules(found: Comparison) -> Iterable[RenderableType]:
    for title, rules in (
        ("Rules that come into force", found.rules_come),
        ("Rules that are no longer in force", found.rules_gone),
    ):
        yield from _section(
            title, ("rule", "severity", "finds"), [(rule.id, str(rule.severity), rule.summary) for rule in rules]
        )
    rows = [
        (changed.rule.id, change.name, told(change.before), told(change.after))
        for changed in found.rules_changed
        for change in changed.changes
    ]
    yield from _section("Rules that speak otherwise", ("rule", "what", found.before.id, found.after.id), rows)
