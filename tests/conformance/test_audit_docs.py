"""What docs/audit.md says of the folder that an audit leaves: its files, its tables, its queries, and the digest."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import duckdb
import orjson
import pyarrow.parquet as pq
import pytest

from policylint.cli import main
from policylint.datafiles import schema_problems
from tests.audit_runs import audit, check

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
QUERIES: Final = re.findall(r"^```sql\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
LOG: Final = "bot.ndjson"
BROKEN: Final = b'{"timestamp": "2017-06-01T12:00:00Z", "request": {"recip\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where `audit/` is that of the example log, with a line more that can't be read."""
    here = tmp_path_factory.mktemp("audited")
    (here / LOG).write_bytes((ROOT / "examples" / "log" / LOG).read_bytes() + BROKEN)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        assert audit([LOG], "audit").status == 1
        yield here


@pytest.fixture
def db(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(folder / "audit" / "audit.duckdb"), read_only=True) as opened:
        yield opened


def report_in(folder: Path) -> Any:
    return orjson.loads((folder / "audit" / "report.json").read_bytes())


def test_the_files_that_the_page_names_are_there(folder: Path) -> None:
    section = PAGE.partition("## What lies in DIR")[2].partition("###")[0]
    named = re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)
    assert sorted(named) == sorted(f"{path.name}/" if path.is_dir() else path.name for path in folder.glob("audit/*"))


def test_the_report_fits_its_schema(folder: Path) -> None:
    report = report_in(folder)
    assert list(schema_problems("report.schema.json", report)) == []
    assert list(schema_problems("report.schema.json", report | {"summary": report["summary"] | {"digest": "no"}}))


def test_the_digest_is_that_of_the_findings_everywhere(folder: Path, db: duckdb.DuckDBPyConnection) -> None:
    digest = report_in(folder)["summary"]["digest"]
    assert hashlib.sha256((folder / "audit" / "findings.ndjson").read_bytes()).hexdigest() == digest
    assert db.execute("select digest from runs").fetchall() == [(digest,)]


def test_check_gives_the_digest_as_the_page_says(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All lines of its NDJSON but the last."""
    assert main(["check", LOG, "--format", "ndjson"]) == 1
    lines = capsys.readouterr().out.splitlines(keepends=True)
    assert hashlib.sha256("".join(lines[:-1]).encode()).hexdigest() == report_in(folder)["summary"]["digest"]


def test_the_reports_of_both_commands_differ_by_the_digest_only(folder: Path) -> None:
    audited = report_in(folder)
    checked = check([LOG])
    assert audited["findings"] == checked.findings
    assert audited["summary"].keys() - checked.summary.keys() == {"digest"}


def test_parquet_and_database_have_the_findings_of_the_report(folder: Path, db: duckdb.DuckDBPyConnection) -> None:
    reported = [finding["fingerprint"] for finding in report_in(folder)["findings"]]
    assert pq.read_table(folder / "audit" / "findings.parquet")["fingerprint"].to_pylist() == reported
    stored = db.execute("select fingerprint from findings order by finding").fetchall()
    assert [fingerprint for (fingerprint,) in stored] == reported


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_of_the_page_finds_something(query: str, db: duckdb.DuckDBPyConnection) -> None:
    assert db.execute(query).fetchall()


@pytest.mark.parametrize(
    ("name", "described"), re.findall(r"^#### (\w+)\n(.*?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL)
)
def test_the_columns_that_the_page_names_exist(name: str, described: str, db: duckdb.DuckDBPyConnection) -> None:
    cells = re.findall(r"^\| (`.*?) \| ", described, re.MULTILINE)
    named = [column for cell in cells for column in re.findall(r"`(\w+)`", cell)]
    assert named
    there = {str(row[0]) for row in db.execute(f"describe {name}").fetchall()}
    assert set(named) - there == set()


def test_every_record_and_every_file_adds_up(db: duckdb.DuckDBPyConnection) -> None:
    accounts = [query for query in QUERIES if "adds_up" in query]
    assert len(accounts) == 1
    assert [(row[0], row[-1]) for row in db.execute(accounts[0]).fetchall()] == [(LOG, True)]


def test_the_unreadable_record_is_where_the_page_says(folder: Path, db: duckdb.DuckDBPyConnection) -> None:
    ((source, offset, size),) = db.execute("select source, byte_offset, bytes from unreadable").fetchall()
    assert (folder / source).read_bytes()[offset : offset + size].strip() == BROKEN.strip()


@pytest.mark.usefixtures("folder")
def test_the_python_of_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    exec(compile(block, "docs/audit.md", "exec"), {})
    assert "untagged-outside-window" in capsys.readouterr().out
