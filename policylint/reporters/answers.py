"""The platform's answers against our verdicts, as a table and two lists for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import click

from policylint.events import Where
from policylint.reporters.report import Ours, PlatformAnswers, Ruling, Style
from policylint.reporters.sentences import IN_JSON, SHOWN, compared, left_out
from policylint.reporters.terminal import printable

_ROWS: Final = {
    Ruling.ACCEPTED: "accepted",
    Ruling.POLICY: "refused for policy",
    Ruling.RESTRICTED: "refused, page restricted",
    Ruling.UNCLEAR: "refused, cause unclear",
    Ruling.OTHER: "refused, other cause",
    Ruling.NONE: "no answer on record",
}
_DISPUTED: Final = {(Ruling.POLICY, Ours.FINE): "red", (Ruling.ACCEPTED, Ours.BREACH): "yellow"}
_LABEL: Final = max(len(label) for label in _ROWS.values())


def lines(answers: PlatformAnswers, style: Style, rest: str = IN_JSON) -> Iterator[str]:
    """The table, how much of it agrees, and the first messages of each disagreement; `rest` says where all are."""
    rows = [ruling for ruling in _ROWS if answers.messages(ruling)]
    verdicts = answers.verdicts
    columns = [ours for ours in Ours if ours is not Ours.UNDECIDED or any(verdicts.get((row, ours)) for row in rows)]
    cells = {(row, column): f"{verdicts.get((row, column), 0):,}" for row in rows for column in columns}
    widths = {column: max(len(column), *(len(cells[row, column]) for row in rows)) for column in columns}
    yield "The platform's answers (rows) against policylint's verdicts (columns), in messages:"
    yield f"{'':<{_LABEL + 2}}" + "".join(f"  {column:>{widths[column]}}" for column in columns)
    for row in rows:
        told = (_cell(cells[row, column], widths[column], _DISPUTED.get((row, column)), style) for column in columns)
        yield f"  {_ROWS[row]:<{_LABEL}}{''.join(told)}"
    yield f"{compared(answers)}."
    yield from _listed(
        f"Refused for policy, passed here ({len(answers.refused_but_passed):,}):",
        [
            f"{_placed(one.where)}: {one.category} ({_numbers(one.code, one.subcode)}): {one.meaning}"
            for one in answers.refused_but_passed[:SHOWN]
        ],
        len(answers.refused_but_passed),
        rest,
    )
    yield from _listed(
        f"Accepted, a breach here ({len(answers.accepted_but_breached):,}):",
        [f"{_placed(one.where)}: {', '.join(one.rules)}" for one in answers.accepted_but_breached[:SHOWN]],
        len(answers.accepted_but_breached),
        rest,
    )


def _cell(text: str, width: int, colour: str | None, style: Style) -> str:
    padded = f"  {text:>{width}}"
    return click.style(padded, fg=colour, bold=True) if style.colour and colour and text != "0" else padded


def _listed(title: str, shown: Sequence[str], number: int, rest: str) -> Iterator[str]:
    if not number:
        return
    yield title
    for line in shown:
        yield f"  - {printable(line)}"
    if number > len(shown):
        yield f"  {left_out(number - len(shown), rest=rest)}"


def _placed(where: Where) -> str:
    return f"{where.source}: record {where.record}" + ("" if where.line is None else f", line {where.line}")


def _numbers(code: int | None, subcode: int | None) -> str:
    """The error as people write it: `10/2018278`."""
    return "/".join(str(number) for number in (code, subcode) if number is not None)
