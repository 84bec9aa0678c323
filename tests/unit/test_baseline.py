"""Baselines: matched by fingerprint, counted, and honest about what is gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from policylint.baseline import Entry, baseline_text, read_baseline, without_baselined
from policylint.errors import BaselineError
from policylint.events import Where
from policylint.findings import Finding, Severity


def finding(source: str = "a.json", record: int = 1, print_: str = "f1", rule: str = "too-long") -> Finding:
    where = Where(source, record, "/message/text", 3, 4)
    return Finding(where, rule, Severity.ERROR, "is too long", "Shorten it.", print_)


def entry_of(item: Finding, reason: str | None = None) -> Entry:
    where = item.where
    return Entry(where.source, where.record, where.pointer, item.rule, item.fingerprint, reason)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_what_is_written_is_read_again_sorted_one_a_line(tmp_path: Path) -> None:
    findings = [finding("b.json"), finding("a.json", 2, "f2"), finding("a.json", 1, "f3")]
    path = tmp_path / "base"
    path.write_bytes(baseline_text(findings, (), lambda _: False))
    assert [(e.source, e.record) for e in read_baseline(path)] == [("a.json", 1), ("a.json", 2), ("b.json", 1)]
    assert len(path.read_text().splitlines()) == 3
    assert without_baselined(findings, read_baseline(path)) == ([], ())


def test_a_moved_finding_is_still_covered() -> None:
    assert without_baselined([finding("new/place.json", 7)], [entry_of(finding())]) == ([], ())


def test_a_mended_finding_never_hides_a_new_one() -> None:
    """Two alike were accepted and one was mended: the other stays hidden, and the line of the mended one is stale."""
    entries = [entry_of(finding("a.json")), entry_of(finding("b.json"))]
    left, stale = without_baselined([finding("b.json")], entries)
    assert (left, [entry.source for entry in stale]) == ([], ["a.json"])
    left, stale = without_baselined([finding("a.json"), finding("b.json"), finding("c.json")], entries)
    assert ([f.where.source for f in left], stale) == (["c.json"], ())
    left, stale = without_baselined([finding(print_="other")], entries)
    assert len(left) == 1
    assert len(stale) == 2


def test_rule_and_fingerprint_must_both_match() -> None:
    left, stale = without_baselined([finding(rule="too-many")], [entry_of(finding())])
    assert len(left) == len(stale) == 1


def test_reasons_and_entries_of_other_recordings_are_kept(tmp_path: Path) -> None:
    old = [entry_of(finding(), "agreed with legal"), entry_of(finding("other.json", print_="f9"), "old")]
    path = tmp_path / "base"
    path.write_bytes(baseline_text([finding()], old, lambda entry: entry.source == "other.json"))
    assert read_baseline(path) == (old[0], old[1])
    path.write_bytes(baseline_text([finding(print_="f5")], old, lambda _: False))
    assert read_baseline(path) == (replace(old[0], fingerprint="f5", reason=None),)


@pytest.mark.parametrize(
    "line", ["nonsense", "[]", "{}", '{"fingerprint": 1, "rule": "r", "source": "s", "record": 1, "pointer": ""}']
)
def test_a_broken_line_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "base"
    path.write_text(f"\n{line}\n")
    with pytest.raises(BaselineError, match=r"base:2: "):
        read_baseline(path)


def test_a_missing_file_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="no such file or directory; write one with --write-baseline"):
        read_baseline(tmp_path / "none")


def test_places_are_relative_to_the_baseline_wherever_the_run_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    path = Path("../base")
    path.write_bytes(baseline_text([finding("a.json")], (), lambda _: False, path.parent))
    assert '"source":"sub/a.json"' in path.read_text()
    assert [entry.source for entry in read_baseline(path)] == ["a.json"]
    monkeypatch.chdir(tmp_path)
    assert [entry.source for entry in read_baseline(Path("base"))] == ["sub/a.json"]
