"""Streams: each line and each element once, at its place, as far as the data goes."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from policylint.audit.arrays import elements
from policylint.audit.inputs import Input, Layout
from policylint.audit.streams import BrokenStream, Span, blocks, fetch, pieces, spans
from policylint.sources.content import read_content

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstandard": zstandard.compress,
}
BOM = b"\xef\xbb\xbf"
packings = pytest.mark.parametrize("packing", PACKERS)


def an_input(
    folder: Path, data: bytes, layout: Layout = Layout.LINES, packing: str | None = None, kind: str = ""
) -> Input:
    path = folder / "log"
    path.write_bytes(PACKERS[packing](data) if packing else data)
    return Input(str(path), "log", path.stat().st_size, "00", layout, packing, kind)


def lines_with_offsets(data: bytes) -> list[tuple[int, bytes]]:
    """What reading must give, said as plainly as possible."""
    skipped = len(BOM) if data.startswith(BOM) else 0
    out, at = [], skipped
    for line in _by_newline(data[skipped:]):
        out.append((at, line))
        at += len(line)
    return out


def _by_newline(data: bytes) -> list[bytes]:
    parts = data.split(b"\n")
    return [part + b"\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def read_lines(inp: Input, wanted: Sequence[Span], size: int) -> list[tuple[int, bytes]]:
    out = []
    for span in wanted:
        for block in blocks(inp, span, size):
            at = block.offset
            assert block.data
            for line in _by_newline(block.data):
                out.append((at, line))
                at += len(line)
    return out


def until_broken(parts: Iterator[Any]) -> tuple[list[Any], BrokenStream | None]:
    out = []
    try:
        for part in parts:
            out.append(part)
    except BrokenStream as broken:
        return out, broken
    return out, None


texts = st.lists(st.sampled_from([b"", b"a", b"\r", b'{"b": 1}', b"\xc3\xa4" * 3, b"x" * 40]), max_size=12).flatmap(
    lambda parts: st.sampled_from([b"\n".join(parts), b"\n".join(parts) + b"\n", BOM + b"\n".join(parts)])
)


@settings(max_examples=300, deadline=None)
@given(texts, st.lists(st.integers(1, 400), max_size=5), st.integers(1, 100))
def test_any_cut_gives_each_line_once(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, cuts: list[int], size: int
) -> None:
    """Whatever the spans and the size of blocks: the same lines, at the same offsets."""
    inp = an_input(tmp_path_factory.mktemp("log"), data)
    ends = sorted({cut for cut in cuts if cut < len(data)} | {len(data)})
    cut_up = [Span(start, end) for start, end in zip([0, *ends], ends, strict=False)]
    assert read_lines(inp, cut_up, size) == lines_with_offsets(data)
    assert read_lines(inp, spans(inp, size), 7) == lines_with_offsets(data)
    assert read_lines(inp, [Span(0, -1)], size) == lines_with_offsets(data)


@settings(max_examples=60, deadline=None)
@given(texts, st.sampled_from(sorted(PACKERS)), st.integers(1, 100))
def test_packed_lines_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, packing: str, size: int
) -> None:
    inp = an_input(tmp_path_factory.mktemp("log"), data, packing=packing)
    assert spans(inp, 10) == [Span(0, -1)]
    assert read_lines(inp, spans(inp, 10), size) == lines_with_offsets(data)


def test_spans_cover_a_plain_file(tmp_path: Path) -> None:
    inp = an_input(tmp_path, b"x" * 1000)
    assert spans(inp, 400) == [Span(0, 400), Span(400, 800), Span(800, 1000)]
    assert [len(list(blocks(inp, span))) for span in spans(inp, 400)] == [1, 0, 0]
    assert spans(an_input(tmp_path, b""), 400) == [Span(0, 0)]


def test_blocks_have_about_the_size_that_is_asked_for(tmp_path: Path) -> None:
    data = b"".join(b'{"line": %d}\n' % n for n in range(50_000)) + b'"' + b"x" * 300_000 + b'"\nend\n'
    for packing in (None, "gzip", "zstandard"):
        inp = an_input(tmp_path, data, packing=packing)
        found = list(blocks(inp, Span(0, -1), 100_000))
        assert b"".join(block.data for block in found) == data
        assert all(block.data.endswith(b"\n") for block in found)
        assert len(found) > 4 if packing is None else len(found) >= 2
        assert any(len(block.data) >= 300_000 for block in found)
    plain = an_input(tmp_path, data)
    assert max(len(block.data) for block in list(blocks(plain, Span(0, 300_000), 100_000))) <= 100_000


def test_a_plain_file_ends_where_it_ended_when_it_was_found(tmp_path: Path) -> None:
    inp = an_input(tmp_path, b"one\ntwo")
    with Path(inp.path).open("ab") as file:
        file.write(b" and more\nthree\n")
    assert read_lines(inp, spans(inp, 5), 100) == [(0, b"one\n"), (4, b"two")]


@packings
def test_what_comes_before_a_break_is_read(packing: str, tmp_path: Path) -> None:
    """The torn last line too; and the reason is the one that `check` gives."""
    text = b"".join(b'{"line": %d, "words": "%s"}\n' % (n, str(n * 7919).encode() * 5) for n in range(3000))
    packed = PACKERS[packing](text)
    for cut in range(10, len(packed), max(len(packed) // 25, 1)):
        path = tmp_path / "torn"
        path.write_bytes(packed[:cut])
        inp = Input(str(path), "torn", cut, "00", Layout.LINES, packing)
        found, broken = until_broken(blocks(inp, Span(0, -1), 5000))
        known = read_content(str(path))
        assert broken is not None
        assert (b"".join(block.data for block in found), broken.reason) == (known.data, known.broken)
        if known.data:
            last = known.data.rfind(b"\n") + 1
            torn = (last, len(known.data) - last)
            assert list(fetch(inp, [(0, 5), torn])) == [known.data[:5], known.data[last:]]


@packings
def test_data_that_is_damaged_or_followed_by_something_else(packing: str, tmp_path: Path) -> None:
    text = b"".join(b'{"line": %d}\n' % n for n in range(3000))
    packed = PACKERS[packing](text)
    middle = len(packed) // 2
    for data in (
        packed + packed,
        packed + b"garbage!",
        packed[:middle] + bytes([packed[middle] ^ 0xFF]) + packed[middle + 1 :],
    ):
        path = tmp_path / "odd"
        path.write_bytes(data)
        inp = Input(str(path), "odd", len(data), "00", Layout.LINES, packing)
        found, broken = until_broken(blocks(inp, Span(0, -1), 5000))
        known = read_content(str(path))
        assert (b"".join(block.data for block in found), broken and broken.reason) == (known.data, known.broken)


@pytest.mark.parametrize("packing", [None, *PACKERS])
def test_lines_are_fetched_again(packing: str | None, tmp_path: Path) -> None:
    data = b"".join(b'{"line": %d}\n' % n for n in range(200_000))
    inp = an_input(tmp_path, data, packing=packing)
    wanted = [(0, 10), (0, 10), (5, 20), (1_000_000, 14), (1_000_000, 3), (len(data) - 4, 4)]
    assert list(fetch(inp, wanted)) == [data[offset : offset + length] for offset, length in wanted]
    assert list(fetch(inp, [])) == []


ARRAY: list[Any] = [{"a": [1, 2.5, None]}, 'ä\n"]', -12, [], {"deep": {"emoji": "😀", "text": "x" * 50}}, True, 10**30]


@pytest.mark.parametrize("packing", [None, "gzip"])
@pytest.mark.parametrize("before", [b"", BOM, b" \n\t"])
@pytest.mark.parametrize("layout", [{}, {"indent": 2}, {"ensure_ascii": False, "indent": 1}])
def test_elements_of_an_array(layout: dict[str, Any], before: bytes, packing: str | None, tmp_path: Path) -> None:
    data = before + json.dumps(ARRAY, **layout).encode() + b"\n "
    inp = an_input(tmp_path, data, Layout.ARRAY, packing)
    found = list(pieces(inp))
    assert [json.loads(piece.data) for piece in found] == ARRAY
    assert [piece.root for piece in found] == [f"/{n}" for n in range(len(ARRAY))]
    text = data.decode("utf-8-sig")
    lines = text.split("\n")
    for piece in found:
        assert data[piece.offset : piece.offset + piece.length] == piece.data
        assert lines[piece.line - 1][piece.column - 1 :].startswith(piece.data.decode().split("\n")[0])
    assert list(fetch(inp, [(piece.offset, piece.length) for piece in found])) == [piece.data for piece in found]


def test_an_array_of_many_parts(tmp_path: Path) -> None:
    """Elements lie across the parts that are read at a time, and one is longer than such a part."""
    values: list[Any] = [{"n": n, "text": "wörter " * (n % 50)} for n in range(20_000)]
    values.insert(9000, {"long": "é" * 3_000_000})
    data = json.dumps(values, ensure_ascii=False).encode()
    inp = an_input(tmp_path, data, Layout.ARRAY)
    count = 0
    for piece, value in zip(pieces(inp), values, strict=True):
        assert orjson.loads(piece.data) == value
        assert data[piece.offset : piece.offset + piece.length] == piece.data
        count += 1
    assert count == len(values)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just('"},{["'),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(values, max_size=8), st.sampled_from([",", ",\n", " , ", "\n  ,\t"]), st.integers(1, 40))
def test_any_array_is_cut_where_its_elements_end(array: list[Any], between: str, size: int) -> None:
    data = f"[{between.join(json.dumps(value, ensure_ascii=False) for value in array)}]".encode()
    stream = (data[at : at + size] for at in range(0, len(data), size))
    found = list(elements(stream))
    assert [json.loads(piece.data) for piece in found] == array
    assert all(data[piece.offset : piece.offset + piece.length] == piece.data for piece in found)


def test_an_empty_array(tmp_path: Path) -> None:
    assert list(pieces(an_input(tmp_path, b" [ \n]", Layout.ARRAY))) == []


@pytest.mark.parametrize(
    ("data", "whole", "reason", "place"),
    [
        (b'[{"a": 1}, {"b": 2', 1, "not valid JSON: unexpected end of data", (1, 19)),
        (b'[{"a": 1},\n {"b": "x', 1, "not valid JSON: unexpected end of data", (2, 10)),
        (b'[{"a": 1}\n {"b": 2}]', 1, "not valid JSON: a comma or the array's end is missing", (2, 2)),
        (b'[{"a": 1}] x', 1, "not valid JSON: unexpected content after document", (1, 12)),
        (b'[{"a": 1},\n  {"b" 2}, {"c": 3}' + b" " * 100 + b"]", 1, "not valid JSON: expecting ':' delimiter", (2, 8)),
        (b'[{"a": 1}, {"b": "\xff"}]', 1, "not valid JSON: bytes that are not UTF-8", (1, 19)),
        (b'[{"a": 1}', 1, "not valid JSON: unexpected end of data", (1, 10)),
        (b"[1, " + b"[" * 100_000, 1, "not valid JSON: Recursion limit reached", (1, 5)),
    ],
)
def test_a_broken_array_gives_what_comes_before(
    data: bytes, whole: int, reason: str, place: tuple[int, int], tmp_path: Path
) -> None:
    found, broken = until_broken(pieces(an_input(tmp_path, data, Layout.ARRAY)))
    assert len(found) == whole
    assert broken is not None
    assert broken.reason == reason
    assert broken.place == place


def test_an_array_whose_packing_breaks_off(tmp_path: Path) -> None:
    packed = gzip.compress(json.dumps([{"n": n, "m": n * 7919} for n in range(5000)]).encode())
    path = tmp_path / "torn"
    path.write_bytes(packed[: len(packed) // 2])
    found, broken = until_broken(pieces(Input(str(path), "torn", 1, "00", Layout.ARRAY, "gzip")))
    assert len(found) > 1000
    assert broken is not None
    assert broken.reason == "gzip data that ends early"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60).map(lambda data: b"[" + data), st.integers(0, 60))
def test_any_bytes_give_pieces_or_say_why_not(tmp_path_factory: pytest.TempPathFactory, data: bytes, cut: int) -> None:
    inp = an_input(tmp_path_factory.mktemp("log"), data[:cut] if cut else data, Layout.ARRAY)
    _, broken = until_broken(pieces(inp))
    assert broken is None or broken.reason


CSV = (
    "ts,user,body\r\n"
    '2017-05-02,7,"first\nsecond, ""quoted"""\r\n'
    "\r\n"
    "2017-05-03,8,\r\n"
    "2017-05-04,9\r\n"
    "2017-05-05,9,a,moved\r\n"
    '2017-05-06,10,"\u2028ä"'
)


@pytest.mark.parametrize("packing", [None, "gzip"])
@pytest.mark.parametrize("before", [b"", BOM])
def test_rows_of_csv(before: bytes, packing: str | None, tmp_path: Path) -> None:
    inp = an_input(tmp_path, before + CSV.encode(), Layout.TABLE, packing, "csv")
    found = list(pieces(inp))
    assert [orjson.loads(piece.data) for piece in found] == [
        {"ts": "2017-05-02", "user": "7", "body": 'first\nsecond, "quoted"'},
        {"ts": "2017-05-03", "user": "8", "body": None},
        {"ts": "2017-05-04", "user": "9"},
        {"": ["2017-05-05", "9", "a", "moved"]},
        {"ts": "2017-05-06", "user": "10", "body": "\u2028ä"},
    ]
    assert [(piece.offset, piece.length, piece.line, piece.root) for piece in found] == [
        (1, 0, 2, ""),
        (2, 0, 5, ""),
        (3, 0, 6, ""),
        (4, 0, 7, ""),
        (5, 0, 8, ""),
    ]
    again = [found[n - 1].data for n in (2, 2, 5)]
    assert list(fetch(inp, [(2, 0), (2, 0), (5, 0), (9, 0)])) == [*again, b""]


def test_csv_with_other_separators_and_long_cells(tmp_path: Path) -> None:
    data = b'a;b\n"x;1, 2";' + b"y" * 500_000 + b"\n"
    (piece,) = pieces(an_input(tmp_path, data, Layout.TABLE, kind="csv"))
    assert orjson.loads(piece.data) == {"a": "x;1, 2", "b": "y" * 500_000}


@pytest.mark.parametrize(
    ("data", "rows", "words"),
    [
        (b'a,b\n1,2\n3,"open\n', 1, "not valid CSV from line 3 on"),
        (b"a,b\n1,2\n\xff,4\n", 1, "bytes that are not UTF-8"),
    ],
)
def test_broken_csv_gives_what_comes_before(data: bytes, rows: int, words: str, tmp_path: Path) -> None:
    found, broken = until_broken(pieces(an_input(tmp_path, data, Layout.TABLE, kind="csv")))
    assert len(found) == rows
    assert broken is not None
    assert words in broken.reason


def parquet(folder: Path, table: pa.Table, **options: Any) -> Input:
    path = folder / "log.parquet"
    pq.write_table(table, path, **options)
    return Input(str(path), "log.parquet", path.stat().st_size, "00", Layout.TABLE, None, "parquet")


def test_rows_of_parquet(tmp_path: Path) -> None:
    """Times have a zone (UTC for naive ones), nested values stay nested, and every type is written somehow."""
    at = datetime.fromisoformat("2017-05-02T10:00:00.5")
    aware = datetime.fromisoformat("2017-05-02T12:00:00+02:00")
    table = pa.table(
        {
            "naive": pa.array([at], pa.timestamp("ns")),
            "aware": pa.array([aware], pa.timestamp("ms", "Europe/Berlin")),
            "seen": pa.array([[at]], pa.list_(pa.timestamp("s"))),
            "request": [{"recipient": {"id": "7"}, "at": at}],
            "body": [b'{"a": 1}'],
            "user": pa.array([Decimal("1234567890")]),
            "price": pa.array([Decimal("1.50")]),
            "dir": pa.array(["in"]).dictionary_encode(),
            "none": pa.array([None], pa.string()),
        }
    )
    (piece,) = pieces(parquet(tmp_path, table))
    assert orjson.loads(piece.data) == {
        "naive": "2017-05-02T10:00:00.500000Z",
        "aware": "2017-05-02T10:00:00Z",
        "seen": ["2017-05-02T10:00:00Z"],
        "request": {"recipient": {"id": "7"}, "at": "2017-05-02T10:00:00.500000Z"},
        "body": '{"a": 1}',
        "user": 1234567890,
        "price": "1.50",
        "dir": "in",
        "none": None,
    }
    assert (piece.offset, piece.length, piece.line) == (1, 0, 1)


def test_rows_of_parquet_are_fetched_again(tmp_path: Path) -> None:
    inp = parquet(tmp_path, pa.table({"n": list(range(20_000))}), row_group_size=6000)
    assert [piece.offset for piece in pieces(inp)] == list(range(1, 20_001))
    wanted = [1, 4096, 4097, 4097, 6000, 6001, 19_999, 20_000]
    rows = [orjson.loads(data)["n"] for data in fetch(inp, [(n, 0) for n in wanted])]
    assert rows == [n - 1 for n in wanted]
    assert list(fetch(inp, [(20_001, 0)])) == [b""]


def test_broken_parquet(tmp_path: Path) -> None:
    inp = parquet(tmp_path, pa.table({"n": list(range(1000))}))
    data = Path(inp.path).read_bytes()
    Path(inp.path).write_bytes(data[:8] + bytes(len(data) - 16) + data[-8:])
    found, broken = until_broken(pieces(inp))
    assert found == []
    assert broken is not None
    assert broken.reason.startswith("broken parquet data")
