"""One big JSON array, element by element."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from typing import Final

import orjson

from policylint.audit.piece import Piece
from policylint.documents.places import Place
from policylint.sources.unpacking import BrokenStream

_NOT_JSON: Final = "not valid JSON: "
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_SPACES: Final = frozenset({"", " ", "\t", "\r", "\n"})
_COMMA: Final = re.compile(r"[ \t\r\n]*,[ \t\r\n]*")
_BETWEEN: Final = re.compile(r'[}\]"][ \t\r\n]*,[ \t\r\n]*[{\["]')
_GUESSES: Final = 4
_ENOUGH: Final = 1 << 20  # characters read at a time; more for an element that is longer
# A word or escape that is cut off at the end of the buffer is shorter than this: -Infinity, \uD83D\uDE00.
_CUT: Final = 16
# Python refuses to read very long integers; where an element ends does not depend on its numbers.
_DECODER: Final = json.JSONDecoder(parse_int=str, parse_float=str)


def elements(stream: Iterable[bytes]) -> Iterator[Piece]:
    """The elements of the array that a stream of UTF-8 text is, in order, each found by where it ends.

    They are not yet held against JSON as strictly as a record is. Memory: a few MiB, more for one long element.
    Raises BrokenStream, after all whole elements before it, for a text that is no array or breaks off.
    """
    text = _Text(stream)
    if not text.takes("["):
        raise text.broken("no array")
    count = 0
    if not text.takes("]"):
        while True:
            yield text.value(f"/{count}")
            count += 1
            if text.passes_comma():
                continue
            if text.takes("]"):
                break
            if not text.takes(","):
                raise text.broken("a comma or the array's end is missing")
    if text.peek():
        raise text.broken("unexpected content after document")


class _Text:
    """The part of a text that is looked at, and where it stands in the whole."""

    def __init__(self, stream: Iterable[bytes]) -> None:
        self.parts = decoded(stream)
        self.buffer = ""
        self.at = 0  # in the buffer
        self.offset = 0  # the rest in bytes, and from 1
        self.line = 1
        self.column = 1
        self.ended = False
        self.why: BrokenStream | None = None
        self.between = ""  # what stood between the last two values, with the characters around it
        self._more(1)
        if self.buffer.startswith("\ufeff"):
            self.buffer, self.offset = self.buffer[1:], 3

    def broken(self, what: str) -> BrokenStream:
        """The news that `what` is wrong here; at the end, that the text ends, and why where it does so by a break."""
        if self.at < len(self.buffer):
            return BrokenStream(_NOT_JSON + what, Place(self.line, self.column))
        if self.why is None:
            return BrokenStream(_NOT_JSON + "unexpected end of data", Place(self.line, self.column))
        if isinstance(self.why, NotUtf8):
            return BrokenStream(_NOT_JSON + self.why.reason, Place(self.line, self.column))
        return self.why

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            self._step(_SPACE.match(self.buffer, self.at).end())  # type: ignore[union-attr]
            if self.at < len(self.buffer) or not self._more(_ENOUGH):
                return self.buffer[self.at : self.at + 1]

    def passes_comma(self) -> bool:
        """Whether a comma and the beginning of a value come next, in what is read so far; then that is where we are."""
        comma = _COMMA.match(self.buffer, self.at)
        if comma is None or comma.end() == len(self.buffer):
            return False
        self._step(comma.end())
        return True

    def takes(self, character: str) -> bool:
        """Whether the next character is this one, which is then behind us."""
        if self.peek() != character:
            return False
        self._step(self.at + 1)
        return True

    def value(self, root: str) -> Piece:
        """The value that begins here."""
        if self.buffer[self.at : self.at + 1] in _SPACES:
            self.peek()
        end, data = self._guess()
        while data is None:
            try:
                _, end = _DECODER.raw_decode(self.buffer, self.at)
            except json.JSONDecodeError as error:
                # Only a value that reaches up to the buffer's end may make sense with more of the text.
                unclosed = error.msg.startswith("Unterminated string")
                cut = unclosed or error.pos >= len(self.buffer) - _CUT
                if cut and self._more(max(_ENOUGH, len(self.buffer) - self.at)):
                    continue
                self._step(len(self.buffer) if unclosed or (cut and self.why) else error.pos)
                raise self.broken(f"{error.msg[:1].lower()}{error.msg[1:]}".removesuffix(" at")) from None
            except RecursionError:
                raise self.broken("Recursion limit reached") from None
            if end == len(self.buffer) and self._more(_ENOUGH):  # a number may go on
                continue
            data = self.buffer[self.at : end].encode()
            between = _BETWEEN.match(self.buffer, end - 1)
            self.between = between[0] if between else ""
        piece = Piece(data, self.offset, len(data), self.line, self.column, root)
        self._step(end, len(data))
        return piece

    def _guess(self) -> tuple[int, bytes | None]:
        """Where the value ends, if it ends as the one before it did: seeing that it does is faster than finding out.

        What is a whole object, array or string is not the beginning of a longer one, so a guess that reads is right.
        """
        end = self.at
        for _ in range(_GUESSES if self.between else 0):
            end = self.buffer.find(self.between, end) + 1
            if not end:
                break
            data = self.buffer[self.at : end].encode()
            try:
                orjson.loads(data)
            except orjson.JSONDecodeError:
                continue
            return end, data
        return self.at, None

    def _step(self, to: int, size: int | None = None) -> None:
        """Go on to `to`, which is `size` bytes further."""
        if size is None:
            size = to - self.at if self.buffer.isascii() else len(self.buffer[self.at : to].encode())
        self.offset += size
        last = self.buffer.rfind("\n", self.at, to)
        if last < 0:
            self.column += to - self.at
        else:
            self.line += self.buffer.count("\n", self.at, to)
            self.column = to - last
        self.at = to

    def _more(self, size: int) -> bool:
        """Read on, at least `size` characters where there are so many; whether there were any."""
        found: list[str] = []
        have = 0
        while have < size and not self.ended:
            try:
                part = next(self.parts, None)
            except BrokenStream as broken:
                self.why, part = broken, None
            if part is None:
                self.ended = True
            else:
                found.append(part)
                have += len(part)
        if have:
            self.buffer, self.at = self.buffer[self.at :] + "".join(found), 0
        return have > 0


class NotUtf8(BrokenStream):
    """A stream that is not UTF-8 text from some byte on."""

    def __init__(self) -> None:
        super().__init__("bytes that are not UTF-8")


def decoded(stream: Iterable[bytes]) -> Iterator[str]:
    """A stream of UTF-8 bytes as text. Raises NotUtf8 where it is none, after the text before that."""
    rest = b""
    for chunk in stream:
        data = rest + chunk
        try:
            text, used = codecs.utf_8_decode(data, "strict", False)
        except UnicodeDecodeError as error:
            yield data[: error.start].decode()
            raise NotUtf8 from None
        rest = data[used:]
        if text:
            yield text
    if rest:
        raise NotUtf8
