"""What a stream gives that is no block of lines: single records, and the news that it breaks off."""

from __future__ import annotations

from dataclasses import dataclass

from policylint.documents.places import Place


class BrokenStream(Exception):  # noqa: N818 - a fact about the log, not an error of ours
    """A stream that can't be read to its end; everything before the break was given first.

    `str()` is the reason, without any of the text. `place` is where a text stopped to make sense; it is None where the
    packing broke off.
    """

    def __init__(self, reason: str, place: Place | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.place = place


@dataclass(slots=True)
class Piece:
    """One record's JSON text and where it stands.

    In an array, `offset` and `length` are bytes of the unpacked stream, `line` and `column` (from 1, in code points)
    are those of its first character, and `root` is its JSON pointer in the document. In a table, `offset` is the row's
    number (from 1, without the header), `length` is 0, `line` is the line of a CSV file that the row begins on or the
    row's number, and `root` is empty.
    """

    data: bytes
    offset: int
    length: int
    line: int
    column: int
    root: str
