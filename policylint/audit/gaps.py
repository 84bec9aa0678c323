"""Gaps: what is read, by the column, of lines whose spelling is known but for some values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import xxhash

from policylint.audit.parts import Part

if TYPE_CHECKING:
    import numpy as np

_PERSON = b"person "


class Gaps:
    """Turns columns of raw values of one part's lines into what traces have; `key` is that of the store's hashes."""

    def __init__(self, part: Part, key: int) -> None:
        self.part, self.key = part, key
        self._pages: dict[bytes, int] = {}

    def people(self, ids: Sequence[bytes]) -> np.ndarray[Any, Any]:
        """What stands for conversations with people: as `traces.hashed`."""
        return self.events([_PERSON + one for one in ids])

    def events(self, ids: Sequence[bytes]) -> np.ndarray[Any, Any]:
        """What stands for events that have these names: as `traces.hashed`."""
        import numpy as np

        key, digest = self.key, xxhash.xxh3_64_intdigest
        hashes = np.array([digest(one, key) for one in ids], dtype=np.uint64) >> 1
        hashes[hashes == 0] = 1
        return hashes

    def pages(self, names: Sequence[bytes]) -> list[int]:
        """The numbers of pages."""
        known = self._pages
        for name in set(names).difference(known):
            known[name] = self.part.traces.pages.number(name.decode())
        return [known[name] for name in names]


class Cuts:
    """Cuts pieces out of a buffer: for each line the byte at which its piece begins, and how long it is."""

    def __init__(self, buffer: np.ndarray[Any, Any]) -> None:
        self.buffer = buffer

    def people(self, starts: np.ndarray[Any, Any], lengths: np.ndarray[Any, Any], gaps: Gaps) -> np.ndarray[Any, Any]:
        """What stands for conversations with the people whose ids are cut out."""
        return self._hashed(starts, lengths, gaps, _PERSON)

    def events(self, starts: np.ndarray[Any, Any], lengths: np.ndarray[Any, Any], gaps: Gaps) -> np.ndarray[Any, Any]:
        """What stands for the events whose names are cut out."""
        return self._hashed(starts, lengths, gaps, b"")

    def pages(self, starts: np.ndarray[Any, Any], lengths: np.ndarray[Any, Any], gaps: Gaps) -> np.ndarray[Any, Any]:
        """The numbers of the pages whose names are cut out."""
        import numpy as np

        numbers = np.empty(len(starts), dtype=np.int64)
        for which, letters in self._pieces(starts, lengths):
            numbers[which] = gaps.pages(_texts(letters))
        return numbers

    def numbers(self, starts: np.ndarray[Any, Any], lengths: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The numbers that are cut out, of at most 18 digits each and nothing else."""
        import numpy as np

        numbers = np.empty(len(starts), dtype=np.int64)
        for which, letters in self._pieces(starts, lengths):
            powers = 10 ** np.arange(letters.shape[1] - 1, -1, -1, dtype=np.int64)
            numbers[which] = (letters - ord("0")).astype(np.int64) @ powers
        return numbers

    def _hashed(
        self, starts: np.ndarray[Any, Any], lengths: np.ndarray[Any, Any], gaps: Gaps, before: bytes
    ) -> np.ndarray[Any, Any]:
        import numpy as np

        hashes = np.empty(len(starts), dtype=np.int64)
        for which, letters in self._pieces(starts, lengths):
            whole = np.empty((len(letters), len(before) + letters.shape[1]), dtype=np.uint8)
            whole[:, : len(before)] = np.frombuffer(before, dtype=np.uint8)
            whole[:, len(before) :] = letters
            hashes[which] = gaps.events(_texts(whole))
        return hashes

    def _pieces(
        self, starts: np.ndarray[Any, Any], lengths: np.ndarray[Any, Any]
    ) -> Iterator[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]:
        """The pieces of each length: which lines have one, and a row of bytes for each."""
        import numpy as np

        for length in np.unique(lengths).tolist():
            which = np.flatnonzero(lengths == length)
            yield which, self.buffer[starts[which][:, None] + np.arange(length)]


def _texts(letters: np.ndarray[Any, Any]) -> list[bytes]:
    """The rows of bytes as texts, none of which has a zero byte."""
    texts: list[bytes] = letters.view(f"S{letters.shape[1]}").ravel().tolist()
    return texts
