"""Tables, row by row: each row as the JSON text of an object, by the names of its columns."""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import orjson

from policylint.audit.arrays import decoded
from policylint.audit.piece import Piece
from policylint.errors import SourceError
from policylint.sources.unpacking import BrokenStream, chunks

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

PARQUET: Final = "parquet"
CSV: Final = "csv"
PARQUET_MAGIC: Final = b"PAR1"

_AT_ONCE: Final = 4096  # rows
_LONGEST: Final = 1 << 26  # characters in a cell: a quote that is never closed must not swallow the whole file
_SEPARATORS: Final = ",;\t|"
# Times without a zone are taken as UTC; rows of many types, whatever they hold, are written all the same.
_WRITTEN: Final = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def rows(path: str, packing: str | None, kind: str) -> Iterator[Piece]:
    """The rows of a table. Raises BrokenStream where it can't be read any further."""
    return _csv_rows(path, packing) if kind == CSV else _parquet_rows(path)


def rows_again(path: str, packing: str | None, kind: str, numbers: Sequence[int]) -> Iterator[bytes]:
    """The JSON texts of single rows; their `numbers` are sorted. What lies behind a break is empty."""
    if kind == PARQUET:
        yield from _parquet_rows_again(path, numbers)
        return
    waiting = iter(numbers)
    number = next(waiting, None)
    if number is None:
        return
    try:
        for piece in rows(path, packing, kind):
            while number == piece.offset:
                yield piece.data
                number = next(waiting, None)
            if number is None:
                return
    except BrokenStream:
        pass
    yield b""
    yield from (b"" for _ in waiting)


def _csv_rows(path: str, packing: str | None) -> Iterator[Piece]:
    csv.field_size_limit(_LONGEST)
    with closing(_lines(path, packing)) as lines:
        first = next(lines, None)
        if first is None:
            return
        separator = max(_SEPARATORS, key=first.count)
        reader = csv.reader(_from(first, lines), delimiter=separator, strict=True)
        header: list[str] | None = None
        number, read = 0, 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                raise BrokenStream(f"not valid CSV from line {read + 1} on: its quotes are not in order") from None
            line, read = read + 1, reader.line_num
            if header is None:
                header = cells
            elif cells:
                number += 1
                yield Piece(_row(header, cells), number, 0, line, 1, "")


def _row(header: list[str], cells: list[str]) -> bytes:
    """A row as an object; of one with too many cells nobody knows which is which."""
    values = [cell or None for cell in cells]
    if len(cells) > len(header):
        return orjson.dumps({"": values})
    return orjson.dumps(dict(zip(header, values, strict=False)))


def _from(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _lines(path: str, packing: str | None) -> Generator[str]:
    """The lines of a text with their ends. They end at a line feed only: other ends of lines may stand in a cell."""
    rest, first = "", True
    with closing(chunks(path, packing)) as stream:
        for part in decoded(stream):
            text = part.removeprefix("\ufeff") if first else part
            first = False
            *whole, rest = (rest + text).split("\n")
            for line in whole:
                yield line + "\n"
    if rest:
        yield rest


def _parquet_rows(path: str) -> Iterator[Piece]:
    number = 0
    with _opened(path) as file:
        for batch in _batches(file, None):
            for data in _json_rows(batch):
                number += 1
                yield Piece(data, number, 0, number, 1, "")


def _parquet_rows_again(path: str, numbers: Sequence[int]) -> Iterator[bytes]:
    """Row groups that hold none of the rows are not read."""
    done, before = 0, 0
    with _opened(path) as file:
        for group in range(file.metadata.num_row_groups):
            after = before + file.metadata.row_group(group).num_rows
            at = before
            is_wanted = done < len(numbers) and numbers[done] <= after
            for batch in _batches(file, [group]) if is_wanted else ():
                inside = []
                while done < len(numbers) and numbers[done] <= at + batch.num_rows:
                    inside.append(numbers[done] - at - 1)
                    done += 1
                yield from _json_rows(batch.take(inside)) if inside else ()
                at += batch.num_rows
                if done == len(numbers) or numbers[done] > after:
                    break
            before = after
    yield from (b"" for _ in numbers[done:])


def _opened(path: str) -> ParquetFile:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise SourceError(f"{path}: reading Parquet needs pyarrow; pip install 'policylint[audit]'") from None
    try:
        return ParquetFile(path, buffer_size=1 << 20)
    except (ArrowException, OSError) as error:
        raise BrokenStream(f"broken parquet data ({type(error).__name__})") from None


def _batches(file: ParquetFile, groups: list[int] | None) -> Iterator[pa.RecordBatch]:
    from pyarrow import ArrowException

    try:
        yield from file.iter_batches(batch_size=_AT_ONCE, row_groups=groups)
    except (ArrowException, OSError) as error:
        raise BrokenStream(f"broken parquet data ({type(error).__name__})") from None


def _json_rows(batch: pa.RecordBatch) -> Iterator[bytes]:
    import pyarrow as pa

    try:
        columns = [
            column if (kind := _plain(column.type)) == column.type else column.cast(kind, safe=False)
            for column in batch.columns
        ]
        listed = pa.RecordBatch.from_arrays(columns, batch.schema.names).to_pylist()
    except (pa.ArrowException, ValueError, OverflowError) as error:
        raise BrokenStream(f"a value of the table can not be read ({type(error).__name__})") from None
    for row in listed:
        yield orjson.dumps(row, default=_written, option=_WRITTEN)


def _plain(kind: pa.DataType) -> pa.DataType:
    """`kind` with its times in microseconds, UTC where they have no zone: Python's times hold no more."""
    import pyarrow as pa

    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", "UTC")
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_plain(field.type)) for field in kind])
    if pa.types.is_list(kind):
        return pa.list_(kind.value_field.with_type(_plain(kind.value_type)))
    return kind


def _written(value: Any) -> Any:
    """A value that JSON has no form for: whole decimals as numbers, other ones and the rest as text."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, Decimal) and value == value.to_integral_value() and abs(value) < 1 << 53:
        return int(value)
    return str(value)
