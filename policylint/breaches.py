"""Breaches told as findings: with a fingerprint, and without what is private."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from policylint.documents.places import Place, at_pointer
from policylint.durations import format_time
from policylint.editions import Edition
from policylint.events import PageSent, Where
from policylint.findings import Evidence, Finding
from policylint.fingerprints import of_record, of_request
from policylint.privacy import shown_pointer
from policylint.rules.compile import Breach


def finding_of_request(
    breach: Breach, event: PageSent, edition: Edition, *, show_text: bool, place: Place | None = None
) -> Finding:
    """The finding that one request breaches one rule, with the line and column of `place`, if that is known.

    With `show_text` it carries the person's id and the pieces of text that speak for it.
    """
    evidence = _with_text(breach.evidence, event) if show_text else breach.evidence
    return Finding(  # its fingerprint is made of the whole pointer, which may hold something private
        where=Where(event.origin.source, event.origin.record, shown_pointer(breach.pointer), *(place or ())),
        rule=breach.rule.id,
        severity=breach.severity,
        message=breach.message,
        remedy=breach.remedy,
        policy=breach.rule.policy,
        nth=event.origin.nth,
        fingerprint=of_request(f"{breach.rule.id}{breach.about}", event.request, breach.pointer),
        edition=edition.id,
        at=None if event.at is None else format_time(event.at),
        evidence=without_names(evidence),
        person=event.person if show_text and not event.script else None,
    )


def finding_of_record(breach: Breach, where: Where, content: bytes) -> Finding:
    """The finding of something about a record as a whole; `content` is what its fingerprint is made of."""
    return Finding(
        where=replace(where, pointer=shown_pointer(where.pointer)),
        rule=breach.rule.id,
        severity=breach.severity,
        message=breach.message,
        remedy=breach.remedy,
        policy=breach.rule.policy,
        fingerprint=of_record(breach.rule.id, content),
    )


def named(findings: Iterable[Finding], label: Callable[[str], str] | None = None) -> list[Finding]:
    """`findings` with names for their conversations: `label`'s, or numbers in the order of the first finding."""
    numbers: dict[str, str] = {}
    out = []
    for finding in findings:
        key = finding.conversation
        if key is not None:
            name = label(key) if label else numbers.setdefault(key, f"c{len(numbers) + 1}")
            finding = replace(finding, conversation=name)  # noqa: PLW2901
        out.append(finding)
    return out


def _with_text(evidence: tuple[Evidence, ...], event: PageSent) -> tuple[Evidence, ...]:
    return tuple(
        replace(piece, text=str(at_pointer(event.request, piece.pointer))[piece.start : piece.end])
        for piece in evidence
    )


def without_names(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """`evidence` with places that tell nothing private; most do so anyway."""
    if all(shown_pointer(piece.pointer) == piece.pointer for piece in evidence):
        return evidence
    return tuple(replace(piece, pointer=shown_pointer(piece.pointer)) for piece in evidence)
