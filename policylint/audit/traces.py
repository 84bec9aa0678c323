"""Traces: what an audit keeps of each event. Facts and places only: no text, and people under a keyed hash.

A trace is a row of numbers, small enough to sort hundreds of millions of them, and enough to tell for most messages
that no rule about the conversation has anything to say of them.
"""

from __future__ import annotations

import re
from enum import IntFlag
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import xxhash

if TYPE_CHECKING:
    import pyarrow as pa


class Flag(IntFlag):
    """What a trace says of its event."""

    PAGE = 1  # the page sent it; else the person did it
    MESSAGE = 2  # of the page, no sender action
    OPENS = 4  # the person's action opens the window
    WROTE = 8  # the person wrote a message
    STOPS = 16  # the person asked to stop
    NEEDS_WINDOW = 32  # nothing but the window, or an extra message after it, lets it through
    COUNTS = 64  # a message that reached the person, under no tag that is not in force
    REFUSED = 128  # by the API
    ECHO = 256
    ALWAYS = 512  # some rule about the conversation may hold whatever the window's state
    LATE = 1024  # … once the window has closed
    STRANGE = 2048  # … when the person never acted or wrote, or wants to hear no more, or the page is blocked
    ODD = 4096  # its conversation has to be judged as a whole
    ANSWERED = 8192  # the API said that it went out
    NO_TEXT = 16384
    OUTSIDE = 32768  # sent on a day that is not its edition's
    SCRIPT = 65536  # of a script, a world of its own
    COMMENT = 131072  # a comment, which shows nothing of when messages were recorded


Trace: TypeAlias = tuple[int, int, int, int, int, int, int, int, int, int, int, int, int, int]
"""A row with the columns of `COLUMNS`."""

COLUMNS: Final = (
    "record",  # number of its record in the span, from 0
    "nth",  # among the events of one record; a text of several records adds SEVERAL for each before
    "line",  # from 0, in the span
    "start",  # byte of the unpacked recording at which the record starts
    "size",  # of the record in bytes
    "person",  # hash of the conversation's key, 0 where no person is known
    "own",  # hash of what names the event itself: its message id, else its content; 0 for nothing
    "page",
    "moment",  # microseconds since 1970, UTC
    "flags",
    "platform",  # number of the platform that the record names, from 1; 0 for none
    "edition",  # number of the edition that it is judged by, counted over all of them; -1 for none
    "kind",  # what the person did, or the content of the message
    "tag",
)
SEVERAL: Final = 1 << 32
_WORDS: Final = ("page", "kind", "tag")
NO_TIME: Final = -(2**63)


_NAME: Final = re.compile(r"[\w.:-]{1,64}", re.ASCII)


def _unnamed(word: str) -> str:
    return f"(a text of {len(word)} characters, {hashed(word, 0):016x})"


class Vocabulary:
    """The words of a column, each by a number; -1 stands for no word."""

    def __init__(self) -> None:
        self.numbers: dict[str | None, int] = {None: -1}

    def number(self, word: str | None) -> int:
        """The number of `word`."""
        found = self.numbers.get(word)
        if found is None:
            found = self.numbers[word] = len(self.numbers) - 1
        return found

    @property
    def words(self) -> list[str]:
        """The words in the order of their numbers; what could be anything, by its looks, under a hash."""
        return [word if _NAME.fullmatch(word) else _unnamed(word) for word in self.numbers if word is not None]


class Traces:
    """The traces of a span, in the order of its events."""

    def __init__(self) -> None:
        self.pages, self.kinds, self.tags = Vocabulary(), Vocabulary(), Vocabulary()
        self.flat: list[int] = []  # row after row: one list of numbers becomes an array many times faster than tuples
        self.full: list[Any] = []

    def __len__(self) -> int:
        return len(self.flat) // len(COLUMNS) + sum(map(len, self.full))

    def add(self, trace: Trace | tuple[()]) -> None:
        """Add a row, of the words their numbers; an empty one adds nothing."""
        self.flat += trace

    def extend(self, rows: Any) -> None:
        """Add an array of rows, after those that were added before."""
        self.pack()
        self.full.append(rows)

    def pack(self) -> None:
        """Lay the rows aside in a denser form."""
        import numpy as np

        if self.flat:
            self.full.append(np.array(self.flat, dtype=np.int64).reshape(-1, len(COLUMNS)))
            self.flat.clear()

    def table(self, part: int) -> pa.Table:
        """The rows as an Arrow table, with the number of their part and their own number in it."""
        import numpy as np
        import pyarrow as pa

        self.pack()
        columns: dict[str, Any] = {
            "part": np.full(len(self), part, dtype=np.int32),
            "n": np.arange(len(self), dtype=np.int32),
        }
        empty = np.empty(0, dtype=np.int64)
        vocabularies = dict(zip(_WORDS, (self.pages, self.kinds, self.tags), strict=True))
        for at, name in enumerate(COLUMNS):
            values = np.concatenate([empty, *(rows[:, at] for rows in self.full)])
            if name in vocabularies:
                numbers = pa.array(values.astype(np.int32), mask=values < 0)
                columns[name] = pa.DictionaryArray.from_arrays(numbers, pa.array(vocabularies[name].words, pa.string()))
            else:
                columns[name] = pa.array(values.astype(_TYPES.get(name, "int64")), mask=_missing(name, values))
        return pa.table(columns)


def _missing(name: str, values: Any) -> Any:
    return values == NO_TIME if name == "moment" else None


_TYPES: Final = {
    "record": "int32",
    "line": "int32",
    "size": "int32",
    "flags": "int32",
    "platform": "int8",
    "edition": "int16",
}


def hashed(text: str, key: int) -> int:
    """63 bits that stand for `text`, never 0; without `key` nobody can try out what they stand for."""
    return xxhash.xxh3_64_intdigest(text.encode(errors="surrogatepass"), key) >> 1 or 1


def hashed_bytes(data: bytes, key: int) -> int:
    """As `hashed`, for bytes."""
    return xxhash.xxh3_64_intdigest(data, key) >> 1 or 1
