"""Enforcement: what the platform did to pages for breaching its policy, brought together and in order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from policylint.events import Happening, Measure, PageEnforced

_Scope: TypeAlias = tuple[str, str | None]
# At one instant, what ends a block comes after what begins it.
_ORDER: Final = (Measure.WARNING, Measure.BLOCK, Measure.UNBLOCK)


@dataclass(frozen=True, slots=True)
class Block:
    """A span in which a page was blocked: from the instant `since` on, up to `until`, None where no end is on record.

    Times are microseconds since 1970, UTC. At `until` itself the page may send again.
    """

    since: int
    until: int | None

    def holds(self, at: int) -> bool:
        """Whether the page is blocked at the time `at`."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Enforcement:
    """What the platform did to one page: its measures in the order of time, those of no known time last."""

    page: str | None
    measures: tuple[PageEnforced, ...]

    def count(self, measure: Measure) -> int:
        """How often the platform took this measure."""
        return sum(1 for taken in self.measures if taken.measure is measure)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The spans in which the page was blocked, in order; measures without a time give none."""
        spans: list[Block] = []
        since: int | None = None
        for taken in self.measures:
            if taken.at is None:
                continue
            if taken.measure is Measure.BLOCK and since is None:
                since = taken.at
            elif taken.measure is Measure.UNBLOCK and since is not None:
                spans.append(Block(since, taken.at))
                since = None
        if since is not None:
            spans.append(Block(since, None))
        return tuple(spans)


@dataclass(frozen=True, slots=True)
class Enforcements:
    """The enforcement on record. A script is a world of its own: what happens in it concerns no other conversation.

    `pages` are those of logs, by id, the one whose id is not known first; `repeated` counts what was recorded more
    than once.
    """

    pages: tuple[Enforcement, ...] = ()
    repeated: int = 0
    _blocks: dict[_Scope, tuple[Block, ...]] = field(default_factory=dict)

    def blocked(self, page: str | None, at: int | None, script: str | None = None) -> bool:
        """Whether the page was blocked at the time `at`: a block then or before, and no unblock since.

        In a script it is the script's own page, whether it names it or not. False where page or time is not known.
        """
        if at is None or (script is None and page is None):
            return False
        blocks = self._blocks.get(_scope(page, script), ())
        before = bisect_right(blocks, at, key=lambda block: block.since)
        return before > 0 and blocks[before - 1].holds(at)


def enforcement(happenings: Iterable[Happening]) -> Enforcements:
    """What of `happenings` is enforcement, in any order, by page and by script; each delivery counts once."""
    together: dict[_Scope, list[PageEnforced]] = {}
    seen: set[bytes] = set()
    repeated = 0
    for taken in happenings:
        if not isinstance(taken, PageEnforced):
            continue
        if taken.digest and taken.digest in seen:
            repeated += 1
            continue
        seen.add(taken.digest)
        together.setdefault(_scope(taken.page, taken.script), []).append(taken)
    found = {
        scope: Enforcement(measures[0].page, tuple(sorted(measures, key=_moment)))
        for scope, measures in together.items()
    }
    logged = [one for (kind, _), one in found.items() if kind == "page"]
    return Enforcements(
        pages=tuple(sorted(logged, key=lambda one: one.page or "")),
        repeated=repeated,
        _blocks={scope: one.blocks for scope, one in found.items()},
    )


def _scope(page: str | None, script: str | None) -> _Scope:
    return ("page", page) if script is None else ("script", script)


def _moment(taken: PageEnforced) -> tuple[bool, int, int]:
    return taken.at is None, taken.at or 0, _ORDER.index(taken.measure)
