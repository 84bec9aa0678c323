"""What a rule says for no message in particular: where it is in force, on what condition, and its words in general.

What only a message could tell stands in capitals, as in a manual: TAG, AGE.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import Final

from policylint.edition_values import span_text
from policylint.editions import Edition, Editions
from policylint.events import Platform
from policylint.rules.compile import PLACEHOLDER
from policylint.rules.model import AllOf, AnyOf, Condition, InForce, NoneOf, Rule, Spans, Test
from policylint.rules.reach import reaches

PLATFORMS: Final = {Platform.MESSENGER: "Messenger", Platform.INSTAGRAM: "Instagram"}

_STAND_INS: Final = {
    "tag.name": "TAG",
    "message.tag": "TAG",
    "message.messaging_type": "TYPE",
    "tag.span": "was retired, or is still to come",
    "tag.suggestion": "",  # a question that follows only where there is something to ask
    "structure.allowed": "what the finding names",
}

_NAMES: Final = re.compile(r"(?:\(\?i\))?\^\((\w+(?:\|\w+)*)\)\$")  # a pattern that is a list of names


def in_general(template: str, edition: Edition) -> str:
    """`template` with what the edition settles filled in, and a word in capitals for everything else."""
    settled = _settled(edition)
    return PLACEHOLDER.sub(lambda match: settled.get(match[1]) or _stand_in(match[1]), template)


def _settled(edition: Edition) -> dict[str, str]:
    limits = {tag.age_limit for tag in edition.tags.values() if tag.age_limit is not None}
    spans = {
        "window.length": edition.window,
        "private_reply.within": edition.private_reply_within,
        "tag.age_limit": limits.pop() if len(limits) == 1 else None,
    }
    return {
        **{name: span_text(span) for name, span in spans.items() if span is not None},
        "window.extra_messages_allowed": str(edition.extra_messages),
        "edition.id": edition.id,
        "edition.platform": str(edition.platform),
        "edition.messaging_type": edition.messaging_type,
        "edition.tags": _listed(edition.tags, "or"),
        "edition.notifications_kept_in": _listed(edition.notifications_kept_in or (), "and"),
    }


def _stand_in(name: str) -> str:
    return _STAND_INS.get(name, re.split(r"[./]", name)[-1].upper())


def where_in_force(spans: Spans, editions: Editions) -> str:
    """Where something is in force, platform by platform, with the days of the first and the last edition."""
    if not spans:
        return "all editions"
    return "; ".join(
        f"{PLATFORMS[platform]}{_span(spans[platform], platform, editions)}"
        for platform in Platform
        if platform in spans
    )


def where_it_fires(rule: Rule, editions: Editions) -> str:
    """Where a rule is in force and its editions leave room for a breach, platform by platform, in runs of editions."""
    runs = [(platform, run) for platform in Platform for run in _runs(rule, editions.of(platform))]
    if all(len(run) == len(editions.of(platform)) for platform, run in runs) and len(runs) == len(Platform):
        return "all editions"
    told: dict[Platform, list[str]] = {}
    for platform, run in runs:
        known = editions.of(platform)
        since = None if run[0] is known[0] else run[0].id
        until = None if run[-1] is known[-1] else run[-1].id
        told.setdefault(platform, []).append(_span(InForce(since, until), platform, editions))
    return "; ".join(f"{PLATFORMS[platform]}{' and'.join(spans)}" for platform, spans in told.items())


def runs_value(rule: Rule, editions: Editions) -> dict[str, list[dict[str, str]]]:
    """The editions in which a rule can fire, as JSON: by platform, the first and the last id of each unbroken run."""
    return {
        str(platform): [{"first": run[0].id, "last": run[-1].id} for run in _runs(rule, editions.of(platform))]
        for platform in Platform
    }


def _runs(rule: Rule, known: Sequence[Edition]) -> Iterator[list[Edition]]:
    """The editions of one platform in which a rule can fire, in unbroken runs."""
    for fires, run in groupby(known, key=lambda edition: reaches(rule, edition)):
        if fires:
            yield list(run)


def _span(span: InForce, platform: Platform, editions: Editions) -> str:
    known = {edition.id: edition for edition in editions.of(platform)}
    first = known.get(span.since or "")
    last = known.get(span.until or "")
    since = f"{span.since} ({first.since})" if first else span.since
    until = f"{span.until} ({last.until})" if last and last.until else span.until
    if since and until:
        return f" from {since} to {until}"
    return f" since {since}" if since else f" until {until}" if until else ": all"


def in_words(condition: Condition) -> str:
    """A condition as a clause: `tag.retired is true and tag.successor has a value`."""
    if isinstance(condition, Test):
        names = _NAMES.fullmatch(str(condition.option)) if condition.verb == "matches" else None
        if names:
            return f"{condition.fact} is {_listed(names[1].split('|'), 'or')}"
        if condition.verb == "present":
            return f"{condition.fact} has {'a' if condition.option else 'no'} value"
        return f"{condition.fact} {condition.verb.replace('_', ' ')} {_option(condition.option)}"
    parts = [in_words(part) for part in condition.parts]
    if isinstance(condition, AllOf):
        return " and ".join(parts)
    if isinstance(condition, AnyOf):
        return " or ".join(parts)
    assert isinstance(condition, NoneOf)
    return f"not ({' or '.join(parts)})"


def _option(option: object) -> str:
    if isinstance(option, dict):
        return str(option["fact"])
    if isinstance(option, list):
        return _listed([str(item) for item in option], "or")
    return str(option).lower() if isinstance(option, bool) else str(option)


def _listed(names: Collection[str], word: str) -> str:
    items = list(names)
    return f" {word} ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)
