"""One recording, read: its events, what of it could not be read, and where things stand in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import blake2b
from itertools import count
from pathlib import PurePath
from typing import Final

import orjson

from policylint.documents import jsontext, yamltext
from policylint.documents.places import BrokenText, Place, nearest
from policylint.events import Happening, Json, Origin, PageSent, Pointer, Unreadable
from policylint.sources.content import Content
from policylint.sources.mapping import LogFields, mapped_events
from policylint.sources.requests import canonical
from policylint.sources.script import events_of, read_script
from policylint.sources.shapes import Shape, events_in, shape_of

BOM: Final = b"\xef\xbb\xbf"
_NOWHERE: Final = -1  # the document of what has no place in the text
_SAMPLE: Final = 20  # lines that tell an NDJSON file with a broken first line from a broken JSON document


class Layout(StrEnum):
    """How a recording's text is laid out."""

    NOTHING = "nothing"
    JSON = "json"
    NDJSON = "ndjson"
    YAML = "yaml"


@dataclass(slots=True)
class Recording:
    """What a recording holds. `records == used + unreadable records + other`, always.

    `source` is how reports name it; `repeated` are keys that stand twice outside of any send request.
    """

    source: str
    data: bytes = b""
    layout: Layout = Layout.NOTHING
    records: int = 0
    used: int = 0
    other: int = 0
    events: list[Happening] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    repeated: list[tuple[Origin, Pointer]] = field(default_factory=list)

    def places(self, wanted: Sequence[tuple[Origin, Pointer]]) -> list[Place | None]:
        """Where in the file the values stand that pointers (from each record's root) name, or what holds them."""
        pointers: dict[int, set[Pointer]] = {}
        for origin, pointer in wanted:
            pointers.setdefault(origin.document, set()).add(origin.root + pointer)
        found = dict(self._places(pointers))
        return [nearest(found.get(origin.document, {}), origin.root + pointer) for origin, pointer in wanted]

    def _places(self, pointers: dict[int, set[Pointer]]) -> Iterator[tuple[int, dict[Pointer, Place]]]:
        if self.layout is Layout.JSON:
            yield 0, jsontext.places(self.data.decode(), pointers.get(0, ()))
        elif self.layout is Layout.YAML:
            try:
                for n, document in enumerate(yamltext.documents(self.data.decode(), with_places=True)):
                    yield n, document.places
            except BrokenText:  # the broken rest was reported when it was read
                return
        elif self.layout is Layout.NDJSON:
            lines = self.data.split(b"\n")
            for number, names in pointers.items():
                if number == _NOWHERE:
                    continue
                text = lines[number - 1].decode(errors="replace")
                found = jsontext.places(text, names)
                yield number, {name: Place(number, place.column) for name, place in found.items()}


def read_recording(
    source: str,
    content: Content,
    *,
    shape: Shape | None,
    script_start: int,
    editions: Mapping[str, int] | None = None,
    fields: LogFields | None = None,
) -> Recording:
    """Read `content` to its end. Never raises.

    `shape` overrides what the records look like; without one, `fields` say where a team's own log keeps what.

    `script_start` (microseconds since 1970) is when scripts begin that don't say; one that asks for an edition begins
    when `editions` says, and makes no sense when that does not know it. None leaves both open.
    """
    return _Reader(source, content, shape, script_start, editions, fields).read()


def read_value(source: str, value: Json, *, shape: Shape | None, script_start: int) -> Recording:
    """A recording that is a value in memory, not a text: it has no places. Never raises."""
    reader = _Reader(source, Content(b""), shape, script_start, None)
    reader.document(value, 0, [])
    return reader.out


class RecordReader:
    """Reads single records of one recording, for readers that can't have all of it in memory."""

    def __init__(
        self,
        source: str,
        *,
        shape: Shape | None,
        script_start: int,
        editions: Mapping[str, int] | None = None,
        fields: LogFields | None = None,
    ) -> None:
        self._reader = _Reader(source, Content(b""), shape, script_start, editions, fields)

    def read(self, text: bytes, *, record: int, document: int, root: Pointer = "") -> Recording:
        """What a record's JSON text holds: record number `record` of the recording, and those that follow inside of it.

        `document` and `root` say where it stands, as in `Origin`. Never raises; there are no places.
        """
        out = self._fresh(record)
        try:
            value = jsontext.parse(text)
        except BrokenText as broken:
            column = broken.place.column if broken.place else 1
            self._reader.unreadable(document, BrokenText(broken.reason, Place(document, column)), text, root)
            return out
        repeated = jsontext.repeated_keys(text.decode()) if jsontext.repeats_keys(text, value) else []
        if root:
            self._reader.record(value, document, root, repeated)
        else:
            self._reader.document(value, document, repeated)
        return out

    def broken_off(self, reason: str, records: int) -> Recording:
        """That the recording breaks off with its packing after so many records."""
        out = self._fresh(records + 1)
        self._reader.unreadable(_NOWHERE, BrokenText(reason), b"", "")
        return out

    def _fresh(self, record: int) -> Recording:
        self._reader.out = out = Recording(self._reader.out.source)
        self._reader.number = count(record)
        return out


class _Reader:
    def __init__(
        self,
        source: str,
        content: Content,
        shape: Shape | None,
        script_start: int,
        editions: Mapping[str, int] | None,
        fields: LogFields | None = None,
    ) -> None:
        self.editions = editions
        self.fields = fields if shape is None else None
        self.out = Recording(source, content.data.removeprefix(BOM))
        self.broken_off = content.broken
        self.shape = shape
        self.script_start = script_start
        self.number = count(1)

    def read(self) -> Recording:
        try:
            self._text()
        except BrokenText as broken:
            if not self.broken_off:  # a text that breaks off with its packing is one problem, not two
                self._unreadable(self._origin(0), broken, self.out.data)
        if self.broken_off:
            self._unreadable(self._origin(_NOWHERE), BrokenText(self.broken_off), self.out.data)
        return self.out

    def _text(self) -> None:
        data = self.out.data
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise BrokenText("UTF-16 text; policylint reads UTF-8, so convert it first")
        first = data.lstrip()[:1]
        if not first:
            return
        if first not in b"{[" and not self._named(".ndjson", ".jsonl"):
            if self._named(".yaml", ".yml") or not any(map(stands_alone, sample_lines(data))):
                self._yaml(data)
            else:  # a log whose first lines are a server's greeting
                self._ndjson(data)
            return
        try:
            value = jsontext.parse(data)
        except BrokenText as broken:
            if is_ndjson(self.out.source, data):
                self._ndjson(data)
                return
            if self._named(".yaml", ".yml"):
                self._yaml(data)
                return
            raise broken from None
        self.out.layout = Layout.JSON
        self.document(value, 0, self._repeats(data, value))

    def _named(self, *endings: str) -> bool:
        return is_named(self.out.source, *endings)

    def _ndjson(self, data: bytes) -> None:
        self.out.layout = Layout.NDJSON
        for number, line in enumerate(data.split(b"\n"), 1):
            if not line or line.isspace():
                continue
            try:
                value = jsontext.parse(line)
            except BrokenText as broken:
                column = broken.place.column if broken.place else 1
                self._unreadable(self._origin(number), BrokenText(broken.reason, Place(number, column)), line)
                continue
            self.document(value, number, self._repeats(line, value))

    def _yaml(self, data: bytes) -> None:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            raise BrokenText("neither JSON nor YAML: bytes that are not UTF-8 text") from None
        if "\0" in text:
            raise BrokenText("neither JSON nor YAML: binary data")
        self.out.layout = Layout.YAML
        for n, document in enumerate(yamltext.documents(text)):
            if isinstance(document.value, str):
                raise BrokenText("neither JSON nor YAML: plain text")
            self.document(document.value, n, [pointer for pointer, _ in document.repeated])

    def _repeats(self, data: bytes, value: Json) -> list[Pointer]:
        return jsontext.repeated_keys(data.decode()) if jsontext.repeats_keys(data, value) else []

    def _origin(self, document: int, root: Pointer = "") -> Origin:
        return Origin(self.out.source, next(self.number), document, root)

    def unreadable(self, document: int, broken: BrokenText, text: bytes, root: Pointer) -> None:
        """Note that a record makes no sense."""
        self._unreadable(self._origin(document, root), broken, text)

    def document(self, value: Json, document: int, repeated: list[Pointer]) -> None:
        """One JSON value: a record, or an array of them."""
        alone = self.fields is None and (self.shape is Shape.BATCH or shape_of(value) is not None)
        if isinstance(value, list) and not alone:
            inside = _by_first_step(repeated)
            for n, item in enumerate(value):
                self.record(item, document, f"/{n}", inside.get(str(n), []))
        else:
            self.record(value, document, "", repeated)

    def record(self, value: Json, document: int, root: Pointer, repeated: list[Pointer]) -> None:
        """One record."""
        shape = self.shape or (None if self.fields else shape_of(value))
        if shape is Shape.SCRIPT:
            self._script(value, document, root, repeated)
            return
        origin = self._origin(document, root)
        try:
            if self.fields is not None:
                events = mapped_events(value, self.fields, origin)
            elif shape is not None:
                events = list(events_in(value, shape, origin))
            else:
                self._other()
                return
        except BrokenText as broken:
            self._unreadable(origin, broken, value)
            return
        self._keep(events, origin, repeated)

    def _script(self, value: Json, document: int, root: Pointer, repeated: list[Pointer]) -> None:
        try:
            if not isinstance(value, dict):
                raise BrokenText("not a conversation script")
            script = read_script(value, f"{self.out.source}\0{document}{root}", self._start_of)
        except BrokenText as broken:
            self._unreadable(self._origin(document, root), broken, value)
            return
        origins = (self._origin(document, f"{root}/events/{n}") for n in range(len(script.events)))
        inside = _by_first_step([p.removeprefix("/events") for p in repeated if p.startswith("/events/")])
        for n, (origin, event) in enumerate(events_of(script, origins)):
            if isinstance(event, BrokenText):
                self._unreadable(origin, event, script.events[n])
            else:
                self._keep([event] if event else [], origin, inside.get(str(n), []))

    def _start_of(self, edition: str | None) -> int:
        """When a script begins that asks for `edition`. Raises BrokenText for one that is not known."""
        if edition is None or self.editions is None:
            return self.script_start
        if edition not in self.editions:
            known = ", ".join(self.editions)
            raise BrokenText(f"the script asks for an edition that is not known; known are {known}")
        return self.editions[edition]

    def _keep(self, events: list[Happening], origin: Origin, repeated: list[Pointer]) -> None:
        if not events:
            self._other()
            return
        self.out.records += 1
        self.out.used += 1
        if repeated:
            events, outside = _share_out(events, repeated)
            self.out.repeated += [(origin, pointer) for pointer in outside]
        self.out.events += events

    def _other(self) -> None:
        self.out.records += 1
        self.out.other += 1

    def _unreadable(self, origin: Origin, broken: BrokenText, content: Json) -> None:
        self.out.records += 1
        raw = content if isinstance(content, bytes) else canonical(content)
        line, column = broken.place or (None, None)
        digest = blake2b(raw, digest_size=16).digest()
        self.out.unreadable.append(Unreadable(origin, broken.reason, line, column, digest))


def _by_first_step(pointers: Iterable[Pointer]) -> dict[str, list[Pointer]]:
    """The rest of each pointer, by its first token."""
    out: dict[str, list[Pointer]] = {}
    for pointer in pointers:
        first, slash, rest = pointer[1:].partition("/")
        out.setdefault(first, []).append(slash + rest)
    return out


def _share_out(events: Iterable[Happening], repeated: list[Pointer]) -> tuple[list[Happening], list[Pointer]]:
    """Give each repeated key to the request that holds it; the second part is what no request holds."""
    out: list[Happening] = []
    left = list(repeated)
    for event in events:
        base = f"{event.origin.base}/"
        mine = [pointer for pointer in left if pointer.startswith(base)]
        if isinstance(event, PageSent) and not event.echo and mine:
            left = [pointer for pointer in left if pointer not in mine]
            inside = tuple(pointer[len(base) - 1 :] for pointer in mine)
            event = replace(event, repeated=event.repeated + inside)  # noqa: PLW2901
        out.append(event)
    return out, left


def is_named(source: str, *endings: str) -> bool:
    """Whether a recording's name has one of the `endings`, perhaps with more behind it (`.ndjson.gz`)."""
    name = PurePath(source.lower()).name
    return any(f"{ending}." in f"{name}." for ending in endings)


def is_ndjson(source: str, data: bytes) -> bool:
    """Whether a text that is not one JSON value is lines of them, told by its first lines or its name."""
    if is_named(source, ".ndjson", ".jsonl"):
        return True
    good = [stands_alone(line) for line in sample_lines(data)]
    return len(good) > 1 and (good[0] or sum(good) * 2 >= len(good))


def sample_lines(data: bytes) -> list[bytes]:
    """The first lines of a text that are not blank."""
    return [line for line in data[: 1 << 24].split(b"\n", 4 * _SAMPLE)[: 4 * _SAMPLE] if line.strip()][:_SAMPLE]


def stands_alone(line: bytes) -> bool:
    """Whether a line is a JSON object or array."""
    try:
        return isinstance(orjson.loads(line), dict | list)
    except orjson.JSONDecodeError:
        return False
