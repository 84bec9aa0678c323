"""Gaps: what is read, by the column, of lines whose spelling is known but for some values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat
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

        digests = b"".join(map(xxhash.xxh3_64_digest, ids, repeat(self.key)))
        hashes = np.frombuffer(digests, dtype=">u8").astype(np.uint64) >> 1
        hashes[hashes == 0] = 1
        return hashes

    def pages(self, names: Sequence[bytes]) -> list[int]:
        """The numbers of pages."""
        known = self._pages
        for name in set(names).difference(known):
            known[name] = self.part.traces.pages.number(name.decode())
        return [known[name] for name in names]


class Cuts:
    """Cuts pieces out of a block: for each line the byte at which its piece begins, and how long it is."""

    def __init__(self, data: bytes, gaps: Gaps) -> None:
        self.data, self.gaps = data, gaps

    def people(self, starts: np.ndarray[Any, Any], lengths: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """What stands for conversations with the people whose ids are cut out.

        At least as many bytes stand before each as `traces.hashed` puts before it.
        """
        import numpy as np

        before, prefix = len(_PERSON), np.frombuffer(_PERSON, dtype=np.uint8)
        hashes = np.empty(len(starts), dtype=np.int64)
        for which, letters in self._pieces(starts - before, lengths + before):
            letters[:, :before] = prefix
            hashes[which] = self.gaps.events(_texts(letters))
        return hashes

    def events(self, starts: np.ndarray[Any, Any], lengths: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """What stands for the events whose names are cut out."""
        import numpy as np

        hashes = np.empty(len(starts), dtype=np.int64)
        for which, letters in self._pieces(starts, lengths):
            hashes[which] = self.gaps.events(_texts(letters))
        return hashes

    def pages(self, starts: np.ndarray[Any, Any], lengths: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The numbers of the pages whose names are cut out."""
        import numpy as np
        import pyarrow as pa

        numbers = np.empty(len(starts), dtype=np.int64)
        for which, letters in self._pieces(starts, lengths):
            # A block has few pages: each is looked up once.
            width = letters.shape[1]
            names = pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(letters), [None, pa.py_buffer(letters)])
            told = names.dictionary_encode()
            numbers[which] = np.array(self.gaps.pages(told.dictionary.to_pylist()))[told.indices.to_numpy()]
        return numbers

    def numbers(self, starts: np.ndarray[Any, Any], lengths: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The numbers that are cut out, of at most 18 digits each and nothing else."""
        import numpy as np

        numbers = np.empty(len(starts), dtype=np.int64)
        for which, letters in self._pieces(starts, lengths):
            powers = 10 ** np.arange(letters.shape[1] - 1, -1, -1, dtype=np.int64)
            numbers[which] = (letters - ord("0")) @ powers
        return numbers

    def _pieces(
        self, starts: np.ndarray[Any, Any], lengths: np.ndarray[Any, Any]
    ) -> Iterator[tuple[np.ndarray[Any, Any] | slice, np.ndarray[Any, Any]]]:
        """The pieces of each length: which lines have one, and a row of bytes for each."""
        import numpy as np

        alike = len(lengths) > 0 and bool((lengths == lengths[0]).all())
        for length in lengths[:1].tolist() if alike else np.unique(lengths).tolist():
            which = slice(None) if alike else np.flatnonzero(lengths == length)
            # All pieces of the block that have this length, one a byte after the other: only those asked for are read.
            everywhere = np.ndarray(len(self.data) - length + 1, f"V{length}", self.data, strides=(1,))
            yield which, everywhere[starts[which]].view(np.uint8).reshape(-1, length)


def _texts(letters: np.ndarray[Any, Any]) -> list[bytes]:
    """The rows of bytes as texts, none of which has a zero byte."""
    texts: list[bytes] = letters.view(f"S{letters.shape[1]}").ravel().tolist()
    return texts
