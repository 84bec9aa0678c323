"""Which files a run reads, and how reports name them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from policylint.sources.folder import displayed, recordings


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(*names: str) -> None:
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_folders_are_walked_in_sorted_order() -> None:
    files("b/z.json", "b/a.yaml", "a.yml", "c.ndjson", "b-1/x.jsonl", "B.json", "b.json")
    assert list(recordings(["."])) == ["B.json", "a.yml", "b/a.yaml", "b/z.json", "b-1/x.jsonl", "b.json", "c.ndjson"]


def test_only_recordings_are_read() -> None:
    files("a.json", "a.JSON", "a.txt", "json", "a.json.bak", "a.py", "a.log", "a.", "a.json~")
    assert list(recordings(["."])) == ["a.JSON", "a.json"]


def test_packed_recordings_are_read() -> None:
    files("a.json.gz", "b.ndjson.zst", "c.yaml.bz2", "d.yml.xz", "e.jsonl.GZ", "f.gz", "g.txt.gz", "h.json.zip")
    assert list(recordings(["."])) == ["a.json.gz", "b.ndjson.zst", "c.yaml.bz2", "d.yml.xz", "e.jsonl.GZ"]


def test_hidden_entries_are_skipped_unless_named() -> None:
    files("a.json", ".hidden.json", ".git/x.json", "b/.c/d.json")
    assert list(recordings(["."])) == ["a.json"]
    assert list(recordings([".git", ".hidden.json"])) == [".git/x.json", ".hidden.json"]


def test_files_are_read_as_given_whatever_they_are_called() -> None:
    files("notes.txt", "b.json", "a.json")
    assert list(recordings(["notes.txt", "b.json", "a.json", "missing", "-"])) == [
        "notes.txt",
        "b.json",
        "a.json",
        "missing",
        "-",
    ]


def test_each_file_once() -> None:
    files("f/a.json", "f/b.json")
    Path("link.json").symlink_to("f/a.json")
    given = ["f/b.json", "f", "./f/a.json", str(Path("f/a.json").absolute()), "link.json", "f/../f/b.json", "-", "-"]
    assert list(recordings(given)) == ["f/b.json", "f/a.json", "-"]


def test_links_to_folders_are_not_followed() -> None:
    files("f/a.json", "elsewhere/b.json")
    Path("f/loop").symlink_to(".", target_is_directory=True)
    Path("f/up").symlink_to("..", target_is_directory=True)
    Path("f/out").symlink_to("../elsewhere", target_is_directory=True)
    assert list(recordings(["f"])) == ["f/a.json"]
    assert list(recordings(["f/out"])) == ["f/out/b.json"]


def test_links_that_lead_nowhere_are_named() -> None:
    files("a.json")
    Path("loop.json").symlink_to("loop.json")
    Path("gone.json").symlink_to("nothing")
    assert list(recordings(["."])) == ["a.json", "gone.json", "loop.json"]


def test_pipes_are_not_waited_for() -> None:
    files("a.json")
    os.mkfifo("pipe.json")
    assert list(recordings(["."])) == ["a.json"]


def test_a_folder_may_be_called_like_a_recording() -> None:
    files("x.json/a.json")
    assert list(recordings(["."])) == ["x.json/a.json"]


def test_an_empty_name_is_no_folder() -> None:
    """`policylint check "$UNSET"` must not pass in silence."""
    files("a.json")
    assert list(recordings([""])) == [""]


def test_names_that_can_not_be_asked_about() -> None:
    long = "x" * 5000
    assert list(recordings([long])) == [long]


def test_a_folder_that_can_not_be_listed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    files("a/a.json", "b/b.json")
    real = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("a"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr("os.scandir", refuse)
    assert [displayed(path) for path in recordings(["."])] == ["a", "b/b.json"]


def test_how_reports_name_files(here: Path) -> None:
    assert displayed("-") == "<stdin>"
    assert displayed("a.json") == "a.json"
    assert displayed("./b/../a.json") == "a.json"
    assert displayed(str(here / "b" / "a.json")) == "b/a.json"
    assert displayed("../a.json") == "../a.json"
    assert displayed("/elsewhere/a.json") == "/elsewhere/a.json"
