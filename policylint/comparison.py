"""What changes from one edition to another: its terms, its tags, the requests' structure and the rules in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from policylint.edition_values import ABOUT, edition_value, tag_value, terms_value
from policylint.editions import Edition, Editions, Tag
from policylint.events import Json
from policylint.meaning import meaning
from policylint.rules.model import Rule, RuleSet
from policylint.rules.phrases import PLATFORMS, in_general, in_words
from policylint.rules.reach import reaches
from policylint.structure.comparison import Differences, differences
from policylint.structure.dated import Schema, schema_on

# The terms of recurring notifications have days of their own; those of an edition's first day are compared.
_TERMS: Final = "recurring_notifications"
_SILENT: Final = frozenset({"successor"})  # what a tag says of its end is told when it goes


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing that is another one now: its key, and both values as edition and rule files write them."""

    name: str
    before: Json
    after: Json


@dataclass(frozen=True, slots=True)
class TagGone:
    """A tag that only the first edition has; `outcome` says in words what takes its place, or when it comes."""

    tag: Tag
    successor: str | None
    outcome: str


@dataclass(frozen=True, slots=True)
class TagChanged:
    """A tag that both editions have, and what they say differently of it."""

    name: str
    changes: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class RuleChanged:
    """A rule that is in force in both editions, and what it says differently."""

    rule: Rule  # in the second edition's words
    changes: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changes from the edition `before` to the edition `after`, which may be the earlier one of the two."""

    before: Edition
    after: Edition
    meaning: tuple[str, ...]  # sentences for who runs a business
    terms: tuple[Changed, ...]
    tags_gone: tuple[TagGone, ...]
    tags_come: tuple[Tag, ...]
    tags_changed: tuple[TagChanged, ...]
    structure: Differences  # of requests on the editions' first days
    rules_come: tuple[Rule, ...]
    rules_gone: tuple[Rule, ...]
    rules_changed: tuple[RuleChanged, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return not (
            self.terms
            or self.tags_gone
            or self.tags_come
            or self.tags_changed
            or self.structure
            or self.rules_come
            or self.rules_gone
            or self.rules_changed
        )


def compare(before: Edition, after: Edition, editions: Editions, rules: RuleSet, master: Schema) -> Comparison:
    """What changes from `before` to `after`, among all `editions` and `rules`. Pure.

    `master` is the content of `policylint.structure.dated.MASTER`.
    """
    known = [rule for _, rule in sorted(rules.items())]
    both = [rule for rule in known if reaches(rule, before) and reaches(rule, after)]
    return Comparison(
        before=before,
        after=after,
        meaning=meaning(before, after),
        terms=_changes(_terms(before), _terms(after)),
        tags_gone=tuple(_gone(tag, after, editions) for tag in before.tags.values() if tag.name not in after.tags),
        tags_come=tuple(tag for tag in after.tags.values() if tag.name not in before.tags),
        tags_changed=_tags_changed(before, after),
        structure=differences(
            schema_on(master, before.platform, before.since), schema_on(master, after.platform, after.since)
        ),
        rules_come=tuple(
            rule.told_under(after) for rule in known if reaches(rule, after) and not reaches(rule, before)
        ),
        rules_gone=tuple(
            rule.told_under(before) for rule in known if reaches(rule, before) and not reaches(rule, after)
        ),
        rules_changed=tuple(
            RuleChanged(rule.told_under(after), changes) for rule in both if (changes := _speaks(rule, before, after))
        ),
    )


def _changes(before: Mapping[str, Json], after: Mapping[str, Json]) -> tuple[Changed, ...]:
    names = dict.fromkeys([*before, *after])
    return tuple(
        Changed(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    )


def _terms(edition: Edition) -> dict[str, Any]:
    value = {name: said for name, said in edition_value(edition).items() if name not in ABOUT and name != "tags"}
    on_first_day = edition.terms_on(edition.since)
    # The day from which they hold is no change by itself.
    value[_TERMS] = None if on_first_day is None else {**terms_value(on_first_day), "since": None}
    return value


def _tags_changed(before: Edition, after: Edition) -> tuple[TagChanged, ...]:
    found = []
    for name, tag in after.tags.items():
        if name in before.tags:
            changes = _changes(tag_value(before.tags[name]), tag_value(tag))
            if changes := tuple(change for change in changes if change.name not in _SILENT):
                found.append(TagChanged(name, changes))
    return tuple(found)


def _gone(tag: Tag, after: Edition, editions: Editions) -> TagGone:
    span = editions.tag_span(tag.name, after)
    if span is None:
        return TagGone(tag, None, f"no tag of {PLATFORMS[after.platform]}")
    if span.since > after.since:
        return TagGone(tag, None, f"not there before {span.since}")
    successor = _successor(tag, after, editions)
    if successor is not None:
        return TagGone(tag, successor, successor)
    if tag.successor is not None and tag.successor != tag.name:
        return TagGone(tag, None, f"{tag.successor}, which is gone too")
    return TagGone(tag, None, "no successor")


def _successor(tag: Tag, after: Edition, editions: Editions) -> str | None:
    """The tag of `after` that takes over, if need be at second hand."""
    passed = {tag.name}
    name = tag.successor
    while name is not None and name not in after.tags and name not in passed:
        passed.add(name)
        span = editions.tag_span(name, after)
        name = span.tag.successor if span else None
    return name if name in after.tags else None


def _speaks(rule: Rule, before: Edition, after: Edition) -> tuple[Changed, ...]:
    """What the rule says differently, filled in as far as the editions settle it; a filling alone is no difference."""
    return tuple(
        Changed(one.name, _filled(one.before, before), _filled(one.after, after))
        for one in _changes(_words(rule, before), _words(rule, after))
    )


def _words(rule: Rule, edition: Edition) -> dict[str, str]:
    """What a rule says under an edition, that of its variants for some messages included."""
    told = rule.told_under(edition)
    words = {
        "severity": str(told.severity),
        "summary": told.summary,
        "message": told.message,
        "remedy": told.remedy,
        "policy": told.policy.clause or told.policy.title,
    }
    for variant in rule.variants_in(edition):
        if variant.when is not None:
            special = rule.told_as(variant)
            words[f"where {in_words(variant.when)}"] = f"{special.severity}: {special.message}. {special.remedy}"
    return words


def _filled(text: str | None, edition: Edition) -> str | None:
    return None if text is None else in_general(text, edition)


def comparison_value(found: Comparison) -> dict[str, Any]:
    """The JSON value of a comparison; what is compared comes under the keys of edition files."""
    return {
        "before": _about(found.before),
        "after": _about(found.after),
        "nothing_changes": found.is_empty,
        "meaning": list(found.meaning),
        "terms": _change_values(found.terms),
        "tags": {
            "gone": [
                {"name": gone.tag.name, "successor": gone.successor, "outcome": gone.outcome}
                for gone in found.tags_gone
            ],
            "come": [{"name": tag.name, **tag_value(tag)} for tag in found.tags_come],
            "changed": [{"name": tag.name, "changes": _change_values(tag.changes)} for tag in found.tags_changed],
        },
        "structure": {
            **{
                name: [
                    {"kind": part.kind, "name": part.name, "where": part.where, "day_known": not part.undated}
                    for part in parts
                ]
                for name, parts in (("come", found.structure.came), ("gone", found.structure.went))
            },
            "limits": [
                {"where": limit.where, "before": limit.before, "after": limit.after} for limit in found.structure.limits
            ],
        },
        "rules": {
            "come": [_rule(rule) for rule in found.rules_come],
            "gone": [_rule(rule) for rule in found.rules_gone],
            "changed": [{"id": one.rule.id, "changes": _change_values(one.changes)} for one in found.rules_changed],
        },
    }


def _about(edition: Edition) -> dict[str, Any]:
    return {name: said for name, said in edition_value(edition).items() if name in ABOUT}


def _change_values(changes: Iterable[Changed]) -> list[dict[str, Any]]:
    return [{"name": one.name, "before": one.before, "after": one.after} for one in changes]


def _rule(rule: Rule) -> dict[str, str]:
    return {"id": rule.id, "severity": str(rule.severity), "summary": rule.summary}
