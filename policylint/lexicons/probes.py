"""Probes: cheap patterns that stand in for phrases where many of them are looked for at once.

RE2 builds the states of a set as texts ask for them. Word edges that are characters, and words that may stand between,
make those states multiply. So a set looks for something looser, and what it suspects is confirmed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from policylint.lexicons.letters import is_ascii_letter
from policylint.lexicons.phrases import (
    GAPS,
    Choice,
    Letters,
    Part,
    edge,
    joined,
    latin_edges,
    parsed,
    sequence,
    size,
    unfolded,
)


@dataclass(frozen=True, slots=True)
class Probe:
    """What an automaton looks for instead of some phrases: `loose` finds every text that `exact` finds, and few others.

    Both are RE2 for lower-case text. `sure` says that they find the same texts of nothing but ASCII.
    """

    loose: str
    exact: str
    sure: bool


def probes_of(phrases: Iterable[str]) -> list[Probe]:
    """The probes that together find what the phrases do: one for those that are sure in ASCII texts, one for others.

    Word edges are ASCII's, and of a phrase with `…` only the larger part is looked for: edges that are characters, and
    words that may stand between, make the states of an automaton multiply. Raises ValueError for a phrase that can't be
    read.
    """
    sure: list[tuple[Part, ...]] = []
    others: list[tuple[Part, ...]] = []
    by_edges: dict[tuple[str, str], list[str]] = {}
    for phrase in phrases:
        for parts in unfolded(parsed(phrase)):
            kept = max(_segments(parts), key=size)
            needed = edge(parts, first=True), edge(parts, first=False)
            both = _ascii_edge(kept, first=True), _ascii_edge(kept, first=False)
            if kept == parts and tuple(map(bool, needed)) == tuple(map(bool, both)):
                sure.append(parts)
            else:
                others.append(parts)
                by_edges.setdefault(both, []).append(sequence(kept, outermost=True))
    probes = [sure_probe(joined(sure))] if sure else []
    if others:
        loose = "|".join(f"{before}(?:{'|'.join(insides)}){after}" for (before, after), insides in by_edges.items())
        probes.append(Probe(loose, joined(others), sure=False))
    return probes


def sure_probe(exact: str) -> Probe:
    """The probe of a pattern with edges of Latin letters: ASCII's edges say the same in ASCII texts."""
    before, after = latin_edges()
    return Probe(exact.replace(before, r"\b").replace(after, r"\b"), exact, sure=True)


def _segments(parts: tuple[Part, ...]) -> list[tuple[Part, ...]]:
    """What stands between the gaps; the parts themselves where there are none."""
    segments: list[list[Part]] = [[]]
    for part in parts:
        if _gaps(part):
            segments.append([])
        else:
            segments[-1].append(part)
    if len(segments) == 1:
        return [parts]
    trimmed = [_trimmed(tuple(segment)) for segment in segments]
    return [segment for segment in trimmed if size(segment)] or [parts]


def _gaps(part: Part) -> bool:
    if isinstance(part, Choice):
        return any(_gaps(inner) for option in part.options for inner in option)
    return part in GAPS


def _trimmed(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts without space, words and choices that may be missing at either end; nothing that is part of a word."""
    while parts and (parts[0] in (" ", "-") or (parts[0] == "*" and parts[1:2] == (" ",)) or _may_miss(parts[0], -1)):
        parts = parts[1:]
    while parts and (
        parts[-1] in (" ", "-") or (parts[-1] == "*" and parts[-2:-1] == (" ",)) or _may_miss(parts[-1], 0)
    ):
        parts = parts[:-1]
    return parts


def _may_miss(part: Part, inner: int) -> bool:
    """Whether a choice may be missing together with the space between it and what it stands beside."""
    return isinstance(part, Choice) and () in part.options and all(o[inner] in (" ", "-") for o in part.options if o)


def _ascii_edge(parts: tuple[Part, ...], *, first: bool) -> str:
    """`\\b` where the exact edge is one of Latin letters and the letter there is ASCII."""
    exact = edge(parts, first=first)
    if exact in (r"\b", "", None):
        return exact or ""
    ends = _ends(parts[0 if first else -1], first=first)
    return r"\b" if all(map(is_ascii_letter, ends)) else ""


def _ends(part: Part, *, first: bool) -> set[str]:
    """The characters that a part may begin or end with, "é" for what can't be told."""
    if isinstance(part, Letters):
        return {part.text[0 if first else -1]}
    if isinstance(part, Choice) and all(part.options):
        return set().union(*(_ends(option[0 if first else -1], first=first) for option in part.options))
    return {"é"}
