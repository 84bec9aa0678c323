"""Which findings are listed: choices by path, accepted findings, severities, in that order."""

from __future__ import annotations

from pathlib import Path

import pytest

from policylint.events import Where
from policylint.findings import Finding, Severity
from policylint.settings import Accepted, PathChoice, Settings
from policylint.triage import triage


def finding(source: str = "fixtures/a.json", rule: str = "too-long", pointer: str = "/message/text") -> Finding:
    return Finding(Where(source, 1, pointer), rule, Severity.ERROR, "is too long", "Shorten it.", f"{source}{rule}")


def listed(settings: Settings, *findings: Finding) -> list[tuple[str, str, Severity]]:
    return [(f.where.source, f.rule, f.severity) for f in triage(findings, settings, ()).listed]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_globs_mean_what_they_mean_in_gitignore(here: Path) -> None:
    def ignored(glob: str, source: str) -> bool:
        choice = PathChoice(glob, ignore=frozenset({"too-long"}))
        return not listed(Settings(root=here, per_path=(choice,)), finding(source))

    assert ignored("*.json", "deep/er/a.json")
    assert ignored("fixtures/", "fixtures/a.json")
    assert ignored("fixtures/**", "fixtures/x/a.json")
    assert ignored("/a.json", "a.json")
    assert not ignored("/a.json", "x/a.json")
    assert not ignored("fixtures/*.json", "fixtures/x/a.json")


def test_globs_are_relative_to_the_configuration(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "sub").mkdir()
    monkeypatch.chdir(here / "sub")
    settings = Settings(root=here, accepted=(Accepted("sub/a.json", "too-long", "known"),))
    assert listed(settings, finding("a.json"), finding("../a.json")) == [("../a.json", "too-long", Severity.ERROR)]


def test_the_last_choice_of_severity_that_fits_wins(here: Path) -> None:
    settings = Settings(
        root=here,
        severity={"too-long": Severity.WARNING},
        per_path=(
            PathChoice("fixtures/", severity={"too-long": Severity.NOTE}),
            PathChoice("a.json", severity={"too-long": Severity.ERROR}),
        ),
    )
    assert [s for *_, s in listed(settings, finding(), finding("fixtures/b.json"), finding("c.json"))] == [
        Severity.ERROR,
        Severity.NOTE,
        Severity.WARNING,
    ]


def test_select_by_path_leaves_other_paths_alone(here: Path) -> None:
    settings = Settings(root=here, per_path=(PathChoice("fixtures/", select=frozenset({"too-many"})),))
    assert [f for f, *_ in listed(settings, finding(), finding(rule="too-many"), finding("b.json"))] == [
        "fixtures/a.json",
        "b.json",
    ]


def test_accepted_needs_the_pointer_that_it_names_and_is_counted(here: Path) -> None:
    settings = Settings(root=here, accepted=(Accepted("*.json", "too-long", "known", "/message/text"),))
    out = triage([finding(), finding(pointer="/message/metadata"), finding(rule="too-many")], settings, ())
    assert (out.accepted, len(out.listed), len(out.kept)) == (1, 2, 2)
