"""Stamps: the lines of a block that fit stencils, turned into traces and findings by the column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from policylint.audit.gaps import Cuts, Gaps
from policylint.audit.notes import Form
from policylint.audit.plain import PlainReader
from policylint.audit.stencils import MASK, Stencil, Stencils
from policylint.audit.traces import COLUMNS

if TYPE_CHECKING:
    import numpy as np

_DAY: Final = 86_400_000
_DAYS: Final = 1 << 21  # no time that fits a stencil has as many
_TOLD: Final = ("flags", "platform", "edition", "kind", "tag")  # by a ruling and its stencil
_NEVER: Final = (1 << 63) - 1
_NEWLINE: Final = ord("\n")
_Forms: TypeAlias = tuple[Stencil, tuple[tuple[Form, int], ...]]  # of findings, each with its column


@dataclass(slots=True)
class Sheet:
    """The lines of a block: where each starts in it, how many bytes it has with its newline, and its kind.

    Lines that differ in their digits only are of one kind, a number; `kinds` are the masked lines, by it.
    """

    data: bytes
    starts: np.ndarray[Any, Any]
    sizes: np.ndarray[Any, Any]
    kind: np.ndarray[Any, Any]
    kinds: Sequence[bytes]

    def __len__(self) -> int:
        return len(self.starts)

    def text(self, n: int) -> bytes:
        """A line, without its newline."""
        start = int(self.starts[n])
        return self.data[start : start + int(self.sizes[n]) - 1]


def sheet_of(data: bytes) -> Sheet:
    """The lines of a block."""
    import numpy as np
    import pyarrow as pa

    whole = data if data.endswith(b"\n") else data + b"\n"
    ends = np.flatnonzero(np.frombuffer(whole, dtype=np.uint8) == _NEWLINE) + 1
    bounds = np.concatenate((np.zeros(1, dtype=np.int64), ends))
    masked = pa.py_buffer(whole.translate(MASK))
    lines = pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(ends), [None, pa.py_buffer(bounds), masked])
    told = lines.dictionary_encode()
    kinds: list[bytes] = told.dictionary.to_pylist()
    return Sheet(whole, bounds[:-1], np.diff(bounds), told.indices.to_numpy(), kinds)


class Stamps:
    """Adds what fits stencils to one part."""

    def __init__(self, plain: PlainReader, stencils: Stencils, gaps: Gaps) -> None:
        self.plain, self.stencils, self.gaps = plain, stencils, gaps
        self._known: dict[tuple[Stencil | None, int], tuple[tuple[int, ...], _Forms | None]] = {}  # by stencil and day

    def fitting(self, sheet: Sheet) -> tuple[list[Stencil | None], np.ndarray[Any, Any]]:
        """The stencil of each kind of line, and which lines fit theirs."""
        import numpy as np

        stencils = [self.stencils.known.get(kind) for kind in sheet.kinds]
        fits = np.array([stencil is not None for stencil in stencils])[sheet.kind]
        particular = [stencil is not None and stencil.exact is not None for stencil in stencils]
        if any(particular):
            for n in np.flatnonzero(np.array(particular)[sheet.kind]).tolist():
                stencil = stencils[sheet.kind[n]]
                assert stencil is not None
                assert stencil.exact is not None
                fits[n] = stencil.exact(sheet.text(n)) == stencil.same
        return stencils, fits

    def add(
        self,
        sheet: Sheet,
        stencils: Sequence[Stencil | None],
        lines: np.ndarray[Any, Any],
        columns: Mapping[str, np.ndarray[Any, Any]],
        number: int,
        again: Callable[[int], None],
    ) -> None:
        """Add the lines that fit, by their numbers in the block, the first line of which has this number in the part.

        `columns` are `record`, `start` and `size` of all lines. `again` reads a line the long way after all.
        """
        import numpy as np

        part = self.plain.part
        rows = np.zeros((len(lines), len(COLUMNS)), dtype=np.int64, order="F")
        where = {name: rows[:, n] for n, name in enumerate(COLUMNS)}
        for name, values in columns.items():
            where[name][:] = values[lines]
        where["line"][:] = lines + number
        kind, starts = sheet.kind[lines].astype(np.int64), sheet.starts[lines]
        cuts = Cuts(sheet.data, self.gaps)
        gaps = np.array([(-1,) * 9 if stencil is None else stencil.gaps for stencil in stencils])[kind]
        pieces = [(starts + gaps[:, at], gaps[:, at + 1] - gaps[:, at]) for at in range(0, 8, 2)]
        times = cuts.numbers(*pieces[0])
        where["moment"][:] = times * 1000
        where["page"][:] = cuts.pages(*pieces[1])
        where["person"][:] = cuts.people(*pieces[2])
        where["own"][:] = cuts.events(*pieces[3])
        alike, which, groups = np.unique(kind * _DAYS + times // _DAY, return_index=True, return_inverse=True)
        told, forms = self._told([stencils[n] for n in kind[which]], (alike % _DAYS).tolist())
        for name, values in zip(_TOLD, told.T, strict=False):
            where[name][:] = values[groups]
        # No number begins with a zero: such a line is no JSON.
        left = times < told[groups, len(_TOLD)]
        left |= (gaps[:, 8] >= 0) & (np.frombuffer(sheet.data, dtype=np.uint8)[starts + gaps[:, 8]] == ord("0"))
        if left.any():
            kept = ~left
            rows, groups = rows[kept], groups[kept]
            lines, left_over = lines[kept], lines[left]
        else:
            left_over = lines[:0]
        if forms:
            self._note(forms, rows, groups, [sheet.text(n) for n in lines[np.isin(groups, list(forms))].tolist()])
        part.traces.extend(rows)
        acts = int(rows[:, COLUMNS.index("platform")].sum())
        part.tally.inbound += acts
        part.tally.judged += len(rows) - acts
        for n in left_over.tolist():
            again(n)

    def _told(
        self, stencils: Sequence[Stencil | None], days: Sequence[int]
    ) -> tuple[np.ndarray[Any, Any], dict[int, _Forms]]:
        """What is told of the lines of some stencils and days: the columns of `_TOLD` and the earliest time that is
        one; and the findings that they have.
        """
        import numpy as np

        rows = list[tuple[int, ...]]()
        forms: dict[int, _Forms] = {}
        for n, key in enumerate(zip(stencils, days, strict=True)):
            known = self._known.get(key)
            if known is None:
                known = self._known[key] = self._rule(*key)
            rows.append(known[0])
            if known[1] is not None:
                forms[n] = known[1]
        return np.array(rows, dtype=np.int64), forms

    def _rule(self, stencil: Stencil | None, day: int) -> tuple[tuple[int, ...], _Forms | None]:
        """What is told of the lines of a stencil on a day; times that never are where nothing is."""
        traces = self.plain.part.traces
        assert stencil is not None
        ruling = self.stencils.ruling(stencil, day)
        if ruling is None:
            return (0,) * len(_TOLD) + (_NEVER,), None
        kind, tag = traces.kinds.number(stencil.kind), traces.tags.number(stencil.tag)
        told = ruling.flags, int(stencil.is_act), ruling.edition, kind, tag, stencil.earliest
        return told, (stencil, ruling.forms) if ruling.forms else None

    def _note(
        self,
        forms: Mapping[int, _Forms],
        rows: np.ndarray[Any, Any],
        groups: np.ndarray[Any, Any],
        texts: Sequence[bytes],
    ) -> None:
        """Write down what is to be said of the messages of some groups, `texts`; all rows are about to be added."""
        import numpy as np

        part = self.plain.part
        before = len(part.traces)
        loud = np.flatnonzero(np.isin(groups, list(forms)))
        wanted = [COLUMNS.index(name) for name in ("record", "line", "moment", "person")]
        lines = zip(loud.tolist(), rows[loud][:, wanted].tolist(), groups[loud].tolist(), texts, strict=True)
        for n, (record, line, at, person), group, text in lines:
            stencil, told = forms[group]
            substance = stencil.substance(text)
            for form, column in told:
                place = record + 1, line, column
                part.notes.append(form.row((part.number, before + n), place, at, person, substance, 0))
