"""The terminal summary of an audit (in the making)."""

from __future__ import annotations

from typing import Any, TextIO

from policylint.reporters.report import Style


def write(db: Any, style: Style, out: TextIO) -> None:
    """Write it."""
    for row in db.execute("select rule, count(*) from findings group by 1 order by 2 desc").fetchall():
        out.write(f"{row}\n")
    out.write(f"{db.execute('select * from summary').fetchall()}\n")
