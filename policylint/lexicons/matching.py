"""Matching: RE2 patterns, and sets of them that tell in one pass which of them a text holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeAlias

from policylint.errors import RuleError

# The numbers of the patterns that a lower-case text holds, in any order; None or nothing when it holds none.
Matcher: TypeAlias = Callable[[bytes], Sequence[int] | None]
# The bytes of a text, end exclusive, that a pattern finds first: its first group that takes part, without groups the
# match. None where it finds nothing.
Finder: TypeAlias = Callable[[bytes], tuple[int, int] | None]

# Memory for one pattern or set. A bound, not a reservation: RE2 forgets its states and starts over when they fill it,
# which costs far more than the states do where it happens text after text.
_MAX_MEM: Final = 64 << 20

_NOWHERE: Final = (-1, -1)  # a group that takes no part


def matcher_of(patterns: Iterable[tuple[str, str]]) -> Matcher:
    """The matcher of a set of patterns, each with the name that errors call it. Raises RuleError for a broken one."""
    import re2

    found = re2.Set.SearchSet(options())
    for name, pattern in patterns:
        try:
            found.Add(pattern)
        except re2.error as error:
            raise broken(name, pattern) from error
    found.Compile()
    # The wrapper of google-re2 1.1 takes a third of the time of a match, and has nothing to do for bytes.
    match: Matcher = getattr(getattr(found, "_set", None), "Match", found.Match)
    return match


def finder_of(pattern: Any) -> Finder:
    """The finder of a compiled pattern."""
    spans_in = _spans(pattern)

    def find(text: bytes) -> tuple[int, int] | None:
        spans = spans_in(text)
        if spans[0] == _NOWHERE:
            return None
        for span in spans[1:]:
            if span != _NOWHERE:
                return span
        return spans[0]

    return find


def _spans(pattern: Any) -> Callable[[bytes], Sequence[tuple[int, int]]]:
    """Where the first match of a compiled pattern stands, and each of its groups."""
    import re2

    # The wrapper of google-re2 1.1 takes several times as long as the match itself, and does nothing for bytes.
    match: Any = getattr(getattr(pattern, "_regexp", None), "Match", None)
    anywhere = getattr(getattr(re2, "_Anchor", None), "UNANCHORED", None)
    if match is not None and anywhere is not None:
        return lambda text: match(anywhere, text, 0, len(text))
    groups = range(pattern.groups + 1)

    def spans(text: bytes) -> Sequence[tuple[int, int]]:
        found = pattern.search(text)
        return [_NOWHERE] if found is None else [found.span(group) for group in groups]

    return spans


def options(*, any_case: bool = False) -> Any:
    """RE2's options for texts in lower case; RE2 is much slower to compile without regard to case."""
    import re2

    chosen = re2.Options()
    chosen.case_sensitive = not any_case
    chosen.log_errors = False  # the message of our own error says it
    chosen.max_mem = _MAX_MEM
    return chosen


def broken(name: str, pattern: str) -> RuleError:
    """The error of a pattern that RE2 refused."""
    import re2

    try:
        re2.compile(pattern, options())
    except re2.error as error:
        reason = error.args[0] if error.args else error
        why = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
    else:
        why = "too large"
    return RuleError(f"term {name!r}: not an RE2 pattern: {why}")
