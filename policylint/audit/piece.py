"""What a stream gives that is no block of lines: single records, and the news that it breaks off."""

from __future__ import annotations

from dataclasses import dataclass


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
