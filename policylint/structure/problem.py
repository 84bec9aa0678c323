"""What is wrong with a request's structure, before a rule gives it its gravity and words."""

from __future__ import annotations

from dataclasses import dataclass, field

from policylint.events import Pointer
from policylint.findings import Severity


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that keeps a request from fitting the schema of an edition.

    Sorts by pointer, then kind. Holds no text of the message and no person's id, except for the name of an unknown
    field at the end of its pointer.
    """

    pointer: Pointer  # the object that lacks a field or holds conflicting ones; otherwise the value at fault
    kind: str  # the id of the rule it breaches: "too-long"
    detail: str  # "has 641 characters; the limit is 640"
    severity: Severity | None = field(default=None, compare=False)  # None: as the rule says
    allowed: str = field(default="", compare=False)  # what would have been: "at most 640 characters"


def repeated_key(pointer: Pointer) -> Problem:
    """The problem of the value at `pointer`, whose key stands in its object before."""
    return Problem(pointer, "repeated-key", "its key stands twice in one object")
