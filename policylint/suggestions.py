"""Did you mean …? One way to ask it, everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_LIKENESS: Final = 0.7  # of 1; a lower one finds likenesses in words that have nothing to do with each other
_LONGEST: Final = 60  # looking for likenesses takes time that grows with the square of the length


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """The one of `known` that `name` was most likely meant to be, whatever its case; None when none is close."""
    if len(name) > _LONGEST:
        return None
    folded = {other.casefold(): other for other in known}
    close = get_close_matches(name.casefold(), folded, n=1, cutoff=_LIKENESS)
    return folded[close[0]] if close else None


def hint(name: str, known: Iterable[str], otherwise: str) -> str:
    """`did you mean …?`, or `otherwise` when nothing is close."""
    near = nearest_name(name, known := list(known))
    return f"did you mean {near}?" if near else otherwise
