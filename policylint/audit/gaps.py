"""Gaps: what is read, by the column, of lines whose spelling is known but for some values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import xxhash

from policylint.audit.parts import Part

if TYPE_CHECKING:
    import numpy as np


class Gaps:
    """Turns columns of raw values of one part's lines into what traces have; `key` is that of the store's hashes."""

    def __init__(self, part: Part, key: int) -> None:
        self.part, self.key = part, key
        self._pages: dict[bytes, int] = {}

    def people(self, ids: Sequence[bytes]) -> np.ndarray[Any, Any]:
        """What stands for conversations with people: as `traces.hashed`."""
        key, digest = self.key, xxhash.xxh3_64_intdigest
        return _hashes([digest(b"person " + one, key) for one in ids])

    def events(self, ids: Sequence[bytes]) -> np.ndarray[Any, Any]:
        """What stands for events that have these names: as `traces.hashed`."""
        key, digest = self.key, xxhash.xxh3_64_intdigest
        return _hashes([digest(one, key) for one in ids])

    def pages(self, names: Sequence[bytes]) -> list[int]:
        """The numbers of pages."""
        known = self._pages
        for name in set(names).difference(known):
            known[name] = self.part.traces.pages.number(name.decode())
        return [known[name] for name in names]


def _hashes(digests: Sequence[int]) -> np.ndarray[Any, Any]:
    import numpy as np

    hashes = np.array(digests, dtype=np.uint64) >> 1
    hashes[hashes == 0] = 1
    return hashes
