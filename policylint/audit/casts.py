"""Casts: lines that fit a stencil or a mould, turned into traces by the column.

What the gaps hold is all that tells such a line from others, so the lines of a block are read, hashed and judged in
columns, not one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson

from policylint.audit.gaps import Gaps
from policylint.audit.moulds import ACT, SEND, Mould, mould_of
from policylint.audit.plain import PlainReader, is_plain_act, plain_send
from policylint.audit.plans import Plan, plain_key
from policylint.audit.stamps import Stamps, sheet_of
from policylint.audit.stencils import Stencils
from policylint.audit.streams import Block
from policylint.audit.traces import COLUMNS, Flag
from policylint.documents import jsontext
from policylint.events import Json

if TYPE_CHECKING:
    import numpy as np

_DAY: Final = 86_400_000
_MOST: Final = 6  # moulds: a log of several programs has several spellings
_TRIES: Final = 100  # records that moulds are made of: a log may have no common spelling
_LONGEST: Final = 1 << 14  # code points of a text that is tried
_LONG: Final = 100  # no wish to stop is that long
_KEPT: Final = 20_000
_ACT: Final = int(Flag.OPENS | Flag.WROTE)
_STOPS: Final = int(Flag.STOPS)

Line = Callable[[PlainReader, bytes, int, int], None]
"""Reads a line the long way: the line, its number in the part, and the byte at which it starts."""


@dataclass(slots=True)
class _Cast:
    """What of a block has fitted one mould: the gaps of each line, and its number in the block."""

    mould: Mould
    sample: Json
    is_act: bool
    gaps: list[tuple[bytes, ...]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Ruling:
    """What is said of all texts of one day that are no longer than `longest` bytes: nothing."""

    plan: Plan
    longest: int


class Casts:
    """Turns the lines of one part into traces; what fits neither stencil nor mould goes the long way."""

    def __init__(self, plain: PlainReader, stencils: Stencils, line: Line) -> None:
        self.plain, self.stencils, self.line = plain, stencils, line
        self.gaps = Gaps(plain.part, plain.key)
        self.stamps = Stamps(plain, stencils, self.gaps)
        self.casts: list[_Cast] = []
        self.tries = 0
        self.rulings: dict[tuple[int, int], _Ruling | None] = {}  # by cast and day
        self.stops: dict[bytes, bool] = {}

    def take(self, block: Block, number: int) -> int:
        """Read the lines of a block, the first of which has this number in the part; how many there are comes back."""
        import numpy as np

        plain, tally = self.plain, self.plain.part.tally
        sheet = sheet_of(block.data)
        starts = sheet.starts + block.offset
        stencils, fit = self.stamps.fitting(sheet)
        # Most lines are one record each.
        record, more = tally.records, np.zeros(len(sheet) + 1, dtype=np.int64)
        utf8 = _is_utf8(block.data)
        plain.later = []
        surplus = 0
        for n in np.flatnonzero(~fit).tolist():
            text = sheet.text(n)
            tally.records = record + n + surplus
            self.stencils.see(sheet.kinds[sheet.kind[n]], text)
            if not utf8 or not self._fit(n, text):
                self.line(plain, text, number + n, int(starts[n]))
                if utf8 and self.tries < _TRIES and len(self.casts) < _MOST:
                    self._learn(text)
            more[n + 1] = tally.records - (record + n + surplus) - 1
            surplus += int(more[n + 1])
        records = np.arange(record, record + len(sheet)) + np.cumsum(more[:-1])
        tally.records = record + len(sheet) + surplus
        plain.settle()
        plain.part.traces.pack()

        def again(n: int) -> None:
            after, tally.records = tally.records, int(records[n])
            self.line(plain, sheet.text(n), number + n, int(starts[n]))
            tally.records = after

        columns = {"record": records, "start": starts, "size": sheet.sizes}
        if fit.any():
            self.stamps.add(sheet, stencils, np.flatnonzero(fit), columns, number, again)
        for at, cast in enumerate(self.casts):
            if cast.gaps:
                self._pour(at, cast, columns, number, again)
                cast.gaps, cast.lines = [], []
        plain.part.traces.pack()
        return len(sheet)

    def _fit(self, n: int, text: bytes) -> bool:
        """Lay a line aside if it fits a mould."""
        for cast in self.casts:
            if (found := cast.mould.fits(text)) is not None:
                cast.gaps.append(found.groups())
                cast.lines.append(n)
                self.plain.part.tally.records += 1
                return True
        return False

    def _learn(self, text: bytes) -> None:
        """Make a mould of a line, if it is a plain one."""
        self.tries += 1
        try:
            value = orjson.loads(text)
            is_act = "request" not in value
            if is_act and self.plain.reviewer.acts_are_plain:
                plain = is_plain_act(value, text)
            else:
                sent = plain_send(value)
                plain = (
                    sent is not None
                    and sent[6] is None
                    and not {"attachment", "quick_replies"} & sent[5].keys()
                    and not self.plain.judge.pages
                    and jsontext.has_keys_once(text, value)
                )
            mould = mould_of(text, ACT if is_act else SEND) if plain else None
        except Exception:  # not plain
            return
        if mould is not None:
            self.casts.append(_Cast(mould, value, is_act))

    def _pour(
        self,
        at: int,
        cast: _Cast,
        whole: Mapping[str, np.ndarray[Any, Any]],
        number: int,
        again: Callable[[int], None],
    ) -> None:
        """Add the traces of what has fitted a mould in one block; `whole` are columns of all its lines."""
        import numpy as np

        columns = dict(zip(cast.mould.order, zip(*cast.gaps, strict=True), strict=True))
        rows = np.zeros((len(cast.gaps), len(COLUMNS)), dtype=np.int64, order="F")
        where = {name: rows[:, n] for n, name in enumerate(COLUMNS)}
        lines = np.array(cast.lines, dtype=np.int64)
        for name, values in whole.items():
            where[name][:] = values[lines]
        where["line"][:] = lines + number
        where["tag"][:] = -1
        add = self._acts if cast.is_act else self._sends
        left = add(at, cast, columns, where)
        traces, tally = self.plain.part.traces, self.plain.part.tally
        kept = rows if not len(left) else np.delete(rows, left, axis=0)
        traces.extend(kept)
        if cast.is_act:
            tally.inbound += len(kept)
        else:
            tally.judged += len(kept)
        for n in left:  # something may be said of these
            again(cast.lines[n])

    def _acts(
        self, at: int, cast: _Cast, columns: dict[str, tuple[bytes, ...]], where: dict[str, np.ndarray[Any, Any]]
    ) -> list[int]:
        inside = "/entry/0/messaging/0"
        where["person"][:] = self.gaps.people(columns[f"{inside}/sender/id"])
        where["own"][:] = self.gaps.events(columns[f"{inside}/message/mid"])
        where["page"][:] = self.gaps.pages(columns["/entry/0/id"])
        where["moment"][:] = [int(one) for one in columns[f"{inside}/timestamp"]]
        where["moment"] *= 1000
        stops, asked = self.stops, self._asks
        where["flags"][:] = [
            _ACT | _STOPS if (stops[words] if words in stops else asked(words)) else _ACT
            for words in columns[f"{inside}/message/text"]
        ]
        where["platform"][:] = 1
        where["edition"][:] = -1
        where["kind"][:] = self.plain.part.traces.kinds.number("message")
        return []

    def _sends(
        self, at: int, cast: _Cast, columns: dict[str, tuple[bytes, ...]], where: dict[str, np.ndarray[Any, Any]]
    ) -> list[int]:
        import numpy as np

        where["person"][:] = self.gaps.people(columns["/request/recipient/id"])
        where["own"][:] = self.gaps.events(columns["/response/message_id"])
        where["page"][:] = self.gaps.pages(columns["/page_id"])
        where["moment"][:] = [int(one) for one in columns["/timestamp"]]
        days = where["moment"] // _DAY
        where["moment"] *= 1000
        where["kind"][:] = self.plain.part.traces.kinds.number("text")
        lengths = np.array([len(words) for words in columns["/request/message/text"]])
        left = np.zeros(len(lengths), dtype=bool)
        for day in np.unique(days):
            ruling = self._ruling(at, cast, int(day))
            mine = days == day
            if ruling is None:
                left |= mine
                continue
            left |= mine & (lengths > ruling.longest)
            where["flags"][mine] = ruling.plan.flags
            where["edition"][mine] = ruling.plan.edition
        return [int(n) for n in np.flatnonzero(left)]

    def _ruling(self, at: int, cast: _Cast, day: int) -> _Ruling | None:
        if (at, day) not in self.rulings:
            self.rulings[at, day] = self._rule(cast, day)
        return self.rulings[at, day]

    def _rule(self, cast: _Cast, day: int) -> _Ruling | None:
        """What is said of all texts of a day; None when something may be said of some that are not too long."""
        plain = self.plain
        value = {**cast.sample, "timestamp": day * _DAY}
        request = value["request"]
        platform = plain.judge.platform_for(None, None)
        key = plain_key(platform, day, None, "text", request.get("messaging_type"), None)
        plan = plain.reviewer.plan_of(key, platform, lambda: plain.event(value, 0, 0))
        if plan is None or plan.static or plan.sound is None:
            return None
        sound = plan.sound

        def fits(length: int, person: str) -> bool:
            message = {**request["message"], "text": "x" * length}
            return sound({**request, "recipient": {"id": person}, "message": message})

        if not all(fits(1, person) for person in ("1", "9" * 20)):
            return None
        low, high = 1, _LONGEST
        while low < high:  # the longest text that is not too long
            middle = (low + high + 1) // 2
            low, high = (middle, high) if fits(middle, "1") else (low, middle - 1)
        return _Ruling(plan, low)

    def _asks(self, words: bytes) -> bool:
        if len(self.stops) > _KEPT:
            self.stops.clear()
        text = words.decode()
        found = self.stops[words] = len(text) < _LONG and self.plain.judge.rulebook.asks_to_stop(text)
        return found


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
