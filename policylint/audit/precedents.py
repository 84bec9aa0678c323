"""Precedents: what earlier runs said of messages whose windows have not changed since.

Newer logs change little of what was before them. A message of an ordinary conversation is judged by its record and the
state of its window; where both are what they were, the findings are, too, and its recording need not even be there.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from policylint.audit.traces import Flag

if TYPE_CHECKING:
    import duckdb

_SETTLED: Final = "settled.parquet"
_BASIS: Final = "basis"


class Precedents:
    """The precedents in a folder; `basis` is what all of them rest on. Each run has findings of its own."""

    def __init__(self, folder: Path, work: Path, basis: str) -> None:
        self.folder, self.work, self.basis = folder, work / "judged", basis
        self.run = 1 + max((int(path.name) for path in self._runs()), default=0) if self._holds() else 1

    def _holds(self) -> bool:
        basis = self.folder / _BASIS
        return basis.exists() and basis.read_text() == self.basis and (self.folder / _SETTLED).exists()

    def _runs(self) -> list[Path]:
        return [path for path in self.folder.glob("[0-9]*") if path.is_dir()]

    def settle(self, db: duckdb.DuckDBPyConnection, earliest: int | None) -> None:
        """Take out of the table `candidates` what has a precedent; the table `precedents` says which: part, n, run.

        Reads the tables `homes` and `blocks`, too: what is known of a message's page counts as its state.
        """
        whole = "null" if earliest is None else str(earliest)
        db.execute(
            f"""create temp table cases as
            select c.part, c.n, c.flags & {int(Flag.REFUSED)} <> 0 as refused, hash(
              c.last_open, c.sent, c.wrote, c.opted_out, c.extras, c.state,
              case when c.last_open is null then {whole} end, h.platform, b.known) as state
            from candidates c left join homes h on h.page = c.page
            left join (select page, list(since order by since) as known from blocks group by page) b
              on b.page = c.page"""
        )
        if self._holds():
            settled = _quoted(self.folder / _SETTLED)
            db.execute(
                f"""create temp table precedents as select c.part, c.n, s.run
                from cases c join read_parquet({settled}) s on s.part = c.part and s.n = c.n and s.state = c.state
                where not refused"""
            )
            db.execute(
                "delete from candidates where exists (select 1 from precedents p where p.part = candidates.part "
                "and p.n = candidates.n)"
            )
        else:
            db.execute("create temp table precedents(part integer, n integer, run integer)")

    def findings(self) -> list[tuple[int, list[str]]]:
        """The Parquet files of earlier runs' findings, by run."""
        runs = self._runs() if self._holds() else []
        return [(int(path.name), sorted(map(str, path.glob("*.parquet")))) for path in sorted(runs)]

    def keep(self, db: duckdb.DuckDBPyConnection, files: Sequence[str]) -> None:
        """Remember what was said in this run: `files` are the findings of candidates."""
        self.work.mkdir()
        own = self.work / str(self.run)
        own.mkdir()
        for file in files:
            Path(file).rename(own / Path(file).name)
        db.execute(
            f"""copy (select c.part, c.n, c.state, coalesce(p.run, {self.run}) as run
            from cases c left join precedents p using (part, n) where not refused)
            to {_quoted(self.work / _SETTLED)} (format parquet)"""
        )
        (self.work / _BASIS).write_text(self.basis)

    def publish(self) -> None:
        """Make this run's precedents those of the next."""
        for path in self._runs() if self._holds() else ():
            path.rename(self.work / path.name)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.work.rename(self.folder)


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
