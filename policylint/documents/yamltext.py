"""YAML texts, read strictly: JSON's types and nothing else.

PyYAML's own constructors read `NO` as false and `24:00` as 1440, let a repeated key win in silence, and expand alias
bombs. Here libyaml only parses; values are built from its events, without recursion, and:

- plain `true`, `false`, `null` (`~`, nothing) and JSON numbers have JSON's types, everything else is text;
- keys are the text as written, each once in a mapping (the caller decides what a repetition is worth);
- tags (`!x`) and merge keys (`<<`) are refused; aliases are values, up to a limit, and never of themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from policylint.documents.places import BrokenText, Place, escape, unescape
from policylint.events import Json, Pointer

MAX_DEPTH: Final = 500  # levels of nesting; libyaml slows down quadratically far above it
MAX_ALIASED: Final = 100_000  # values that aliases may add to a text; a long text counts as several
_LONG: Final = 64  # characters
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORDS: Final[dict[str, Json]] = {"true": True, "false": False, "null": None, "~": None, "": None}
_LARGEST: Final = 2**64
_DIGITS: Final = 20  # of the largest, and of the smallest with its sign


@dataclass(slots=True)
class YamlDocument:
    """One document of a text: its value, the keys that stand twice, and (when asked for) each value's place."""

    value: Json = None
    repeated: list[tuple[Pointer, Place]] = field(default_factory=list)
    places: dict[Pointer, Place] = field(default_factory=dict)


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that is being built."""

    value: dict[str, Json] | list[Json]
    pointer: Pointer
    anchor: str | None
    size: int = 1
    key: str | None = None


def documents(text: str, *, with_places: bool = False) -> Iterator[YamlDocument]:
    """The documents of `text`, one by one; none for a text of comments. Raises BrokenText where one is broken."""
    return _Builder(with_places).build(text)


def parse_one(text: str, *, with_places: bool = False) -> YamlDocument:
    """The only document of `text` (an empty one for none); a key that stands twice is an error. Raises BrokenText."""
    found = list(documents(text, with_places=with_places))
    if len(found) > 1:
        raise BrokenText("more than one YAML document")
    document = found[0] if found else YamlDocument()
    for pointer, place in document.repeated:
        raise BrokenText(f"the key {unescape(pointer.rpartition('/')[2])} stands twice", place)
    return document


class _Builder:
    def __init__(self, with_places: bool) -> None:
        self.with_places = with_places
        self.document = YamlDocument()
        self.open: list[_Open] = []
        self.anchors: dict[str, tuple[Json, int]] = {}
        self.aliased = 0

    def build(self, text: str) -> Iterator[YamlDocument]:
        try:
            for event in yaml.parse(text, Loader=yaml.CSafeLoader):
                if isinstance(event, yaml.DocumentStartEvent):
                    self.document, self.anchors = YamlDocument(), {}
                elif isinstance(event, yaml.DocumentEndEvent):
                    yield self.document
                elif isinstance(event, yaml.NodeEvent):
                    self._node(event)
                elif isinstance(event, yaml.CollectionEndEvent):
                    done = self.open.pop()
                    self._remember(done.anchor, done.value, done.size)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            # libyaml's words about a character quote it; every other problem text is its own.
            problem = getattr(error, "problem", None) or "a character that YAML does not allow"
            raise BrokenText(f"not valid YAML: {problem}", _place(mark) if mark else None) from None
        except UnicodeEncodeError:
            raise BrokenText("not valid YAML: a lone surrogate") from None

    def _node(self, event: Any) -> None:
        place = _place(event.start_mark)
        if getattr(event, "tag", None) and not (isinstance(event, yaml.ScalarEvent) and event.tag == "!"):
            raise BrokenText("a YAML tag; only JSON's types are read, so leave it out", place)
        holder = self.open[-1] if self.open else None
        if holder is not None and isinstance(holder.value, dict) and holder.key is None:
            self._key(event, holder, place)
            return
        if len(self.open) >= MAX_DEPTH:
            raise BrokenText(f"nested more than {MAX_DEPTH} levels deep", place)
        pointer = ""
        if holder is not None:
            token = str(len(holder.value)) if isinstance(holder.value, list) else escape(holder.key or "")
            pointer = f"{holder.pointer}/{token}"
        size = 1
        value: Json
        if isinstance(event, yaml.AliasEvent):
            value, size = self._alias(event.anchor, place)
        elif isinstance(event, yaml.ScalarEvent):
            plain = event.implicit[0] and not event.style and event.tag != "!"
            value = _scalar(event.value, place) if plain else event.value
            size = 1 + len(event.value) // _LONG
            self._remember(event.anchor, value, size)
        else:
            value = {} if isinstance(event, yaml.MappingStartEvent) else []
        if self.with_places:
            self.document.places[pointer] = place
        if holder is None:
            self.document.value = value
        elif isinstance(holder.value, list):
            holder.value.append(value)
        else:
            holder.value[holder.key or ""] = value
            holder.key = None
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self.open.append(_Open(value, pointer, event.anchor))
        elif holder is not None:
            holder.size += size

    def _key(self, event: Any, holder: _Open, place: Place) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            raise BrokenText("a key that is not text", place)
        if event.value == "<<" and not event.style:
            raise BrokenText("a merge key (<<); write the keys out", place)
        if event.value in holder.value:
            self.document.repeated.append((f"{holder.pointer}/{escape(event.value)}", place))
        self._remember(event.anchor, event.value, 1)
        holder.key = event.value

    def _remember(self, anchor: str | None, value: Json, size: int) -> None:
        if anchor:
            self.anchors[anchor] = value, size
        if isinstance(value, dict | list) and self.open:
            self.open[-1].size += size

    def _alias(self, anchor: str | None, place: Place) -> tuple[Json, int]:
        if anchor is None or anchor not in self.anchors:
            raise BrokenText("an alias of something that is not finished before it", place)
        value, size = self.anchors[anchor]
        self.aliased += size
        if self.aliased > MAX_ALIASED:
            raise BrokenText(f"aliases that stand for more than {MAX_ALIASED:,} values, or as much text", place)
        return value, size


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)


def _scalar(text: str, place: Place) -> Json:
    """The JSON value of a plain scalar; whole numbers beyond 64 bits become floats, as they do in JSON texts."""
    if text in _WORDS:
        return _WORDS[text]
    if not _NUMBER.fullmatch(text):
        return text
    if len(text) <= _DIGITS and _INTEGER.fullmatch(text) and -_LARGEST // 2 <= int(text) < _LARGEST:
        return int(text)
    number = float(text)
    if abs(number) == float("inf"):
        raise BrokenText("a number too large to read", place)
    return number
