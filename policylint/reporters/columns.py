"""Plain tables: columns padded to the width that a terminal gives their text, two blanks between."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence


def aligned(rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> Iterator[str]:
    """A line a row; the columns numbered in `right` (from 0) end flush. Rows have equally many cells, no colours."""
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = []
        for number, (cell, width) in enumerate(zip(row, widths, strict=True)):
            blank = " " * (width - cell_len(cell))
            cells.append(blank + cell if number in right else cell + blank)
        yield "  ".join(cells).rstrip()
