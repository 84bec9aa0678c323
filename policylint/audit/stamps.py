"""Stamps: the lines of a block that fit stencils, turned into traces and findings by the column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import orjson

from policylint.audit.gaps import Gaps
from policylint.audit.notes import Form
from policylint.audit.plain import PlainReader
from policylint.audit.stencils import NO_DAY, Stencil, Stencils
from policylint.audit.traces import COLUMNS

if TYPE_CHECKING:
    import numpy as np

_DAY: Final = 86_400_000
_DAYS: Final = 1 << 21  # no time that fits a stencil has as many
_TOLD: Final = ("flags", "platform", "edition", "worst", "kind", "tag")  # by a ruling and its stencil


class Stamps:
    """Adds what fits stencils to one part."""

    def __init__(self, plain: PlainReader, stencils: Stencils, gaps: Gaps) -> None:
        self.plain, self.stencils, self.gaps = plain, stencils, gaps

    def add(
        self,
        known: Sequence[Stencil | None],
        texts: Sequence[bytes],
        columns: Mapping[str, np.ndarray[Any, Any]],
        number: int,
        again: Callable[[int, int], None],
    ) -> None:
        """Add the lines of a block that have a stencil, by their numbers in the block.

        `columns` are `record`, `start` and `size` of all its lines, the first of which has this number in the part.
        `again` reads a line the long way after all: its number in the block, and that of its record.
        """
        import numpy as np

        part = self.plain.part
        lines = np.array([n for n, stencil in enumerate(known) if stencil is not None], dtype=np.int64)
        moments, pages, people, owns, spares = zip(
            *[stencil.cut(text) for stencil, text in zip(known, texts, strict=True) if stencil is not None],
            strict=True,
        )
        rows = np.zeros((len(lines), len(COLUMNS)), dtype=np.int64, order="F")
        where = {name: rows[:, n] for n, name in enumerate(COLUMNS)}
        for name, values in columns.items():
            where[name][:] = values[lines]
        where["line"][:] = lines + number
        where["person"][:] = self.gaps.people(people)
        where["own"][:] = self.gaps.events(owns)
        where["page"][:] = self.gaps.pages(pages)
        times = np.array([int(moment) for moment in moments], dtype=np.int64)
        where["moment"][:] = times * 1000
        own = np.array([stencil.number for stencil in known if stencil is not None], dtype=np.int64)
        kinds, which, groups = np.unique(own * _DAYS + times // _DAY, return_index=True, return_inverse=True)
        told, forms = self._told(known, lines[which].tolist(), (kinds % _DAYS).tolist())
        for name, values in zip(_TOLD, told.T, strict=False):
            where[name][:] = values[groups]
        # No number begins with a zero: such a line is no JSON.
        left = times < told[groups, len(_TOLD)]
        if b"0" in spares:
            left |= np.array([spare == b"0" for spare in spares])
        kept = ~left
        rows = rows[kept]
        if forms:
            self._note(forms, rows, groups[kept], lines[kept], texts)
        part.traces.full.append(rows)
        acts = int(rows[:, COLUMNS.index("platform")].sum())
        part.tally.inbound += acts
        part.tally.judged += len(rows) - acts
        for n in lines[left].tolist():
            again(n, int(columns["record"][n]))

    def _told(
        self, known: Sequence[Stencil | None], lines: Sequence[int], days: Sequence[int]
    ) -> tuple[np.ndarray[Any, Any], dict[int, tuple[Form, ...]]]:
        """What is told of the lines of some stencils and days, each given by one line: the columns of `_TOLD` and the
        earliest time that is one; and the findings that they have.
        """
        import numpy as np

        traces = self.plain.part.traces
        told = np.zeros((len(lines), len(_TOLD) + 1), dtype=np.int64)
        forms: dict[int, tuple[Form, ...]] = {}
        for n, (line, day) in enumerate(zip(lines, days, strict=True)):
            stencil = known[line]
            assert stencil is not None
            ruling = self.stencils.ruling(stencil, NO_DAY if stencil.is_act else day, self.plain)
            if ruling is None:
                told[n, -1] = np.iinfo(np.int64).max
                continue
            kind, tag = traces.kinds.number(stencil.kind), traces.tags.number(stencil.tag)
            flags, edition, worst = ruling.flags, ruling.edition, ruling.worst
            told[n] = flags, stencil.is_act, edition, worst, kind, tag, stencil.earliest
            if ruling.forms:
                forms[n] = ruling.forms
        return told, forms

    def _note(
        self,
        forms: Mapping[int, tuple[Form, ...]],
        rows: np.ndarray[Any, Any],
        groups: np.ndarray[Any, Any],
        lines: np.ndarray[Any, Any],
        texts: Sequence[bytes],
    ) -> None:
        """Write down what is to be said of the messages of some groups; their rows are about to be added."""
        import numpy as np

        part = self.plain.part
        before = len(part.traces)
        loud = np.flatnonzero(np.isin(groups, list(forms)))
        wanted = [COLUMNS.index(name) for name in ("record", "line", "moment", "person")]
        for n, (record, line, at, person) in zip(loud.tolist(), rows[loud][:, wanted].tolist(), strict=True):
            request = orjson.loads(texts[lines[n]])["request"]
            for form in forms[int(groups[n])]:
                part.notes.append(form.row((part.number, before + n), record + 1, line, at, person, request, 0))
