"""The real pre-commit runs the hook in a git repository made here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GOOD = '{"recipient": {"id": "1"}, "message": {"text": "Hello"}}\n'
BAD = '{"recipient": {"id": "1"}, "message": {"text": "Your order is ready"}, "tag": "SHIPPING_UPDATE"}\n'

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


class Repository:
    """A git repository in a temporary folder, with the developer's own git settings kept out."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        person = {"NAME": "A. Person", "EMAIL": "person@example.com"}
        who = {f"GIT_{role}_{part}": text for role in ("AUTHOR", "COMMITTER") for part, text in person.items()}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.env = {
            **clean,
            **who,
            "PATH": path,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "PRE_COMMIT_HOME": str(cache),
        }
        self.run("git", "init", "--quiet", "--initial-branch=main")

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def commit(self, name: str, content: str) -> subprocess.CompletedProcess[str]:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
        self.run("git", "add", name)
        return self.run("git", "commit", "--quiet", "-m", f"Add {name}", check=False)


@pytest.fixture(scope="module")
def hook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it is now, also where it is not committed yet, as a repository that pre-commit can install."""
    folder = tmp_path_factory.mktemp("hook") / "policylint"
    repository = Repository(folder, folder)
    listing = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    for name in subprocess.run(listing, capture_output=True, text=True, check=True).stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    repository.run("git", "add", "--all")
    repository.run("git", "commit", "--quiet", "-m", "As it is")
    return folder


def test_a_good_commit_passes_and_a_bad_one_is_stopped(hook: Path, tmp_path: Path) -> None:
    team = Repository(tmp_path / "team", tmp_path / "cache")
    revision = subprocess.run(["git", "rev-parse", "HEAD"], cwd=hook, capture_output=True, text=True, check=True).stdout
    (team.folder / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {hook}\n    rev: {revision.strip()}\n    hooks:\n      - id: policylint\n"
    )
    team.run("git", "add", ".pre-commit-config.yaml")
    team.run("git", "commit", "--quiet", "-m", "Use the hook")
    team.run("pre-commit", "install")

    good = team.commit("fixtures/good.json", GOOD)
    assert good.returncode == 0, good.stdout + good.stderr

    bad = team.commit("fixtures/bad.json", BAD)
    assert bad.returncode == 1
    assert "fixtures/bad.json:1:" in bad.stdout + bad.stderr
    assert "wrong-content-for-tag" in bad.stdout + bad.stderr
    assert team.run("git", "log", "--oneline").stdout.count("\n") == 2


def test_what_one_file_gets_does_not_depend_on_the_others(tmp_path: Path) -> None:
    """Half of a conversation in each of two files: together they are one, but the hook may see only one of them."""
    said = '{"object": "page", "entry": [{"id": "9", "messaging": [{"sender": {"id": "1"}, "recipient": {"id": "9"}, '
    (tmp_path / "a.ndjson").write_text(
        said + '"timestamp": 1493600000000, "message": {"mid": "m", "text": "Hi"}}]}]}\n'
    )
    sent = '{"timestamp": %d, "page_id": "9", "request": {"recipient": {"id": "1"}, "message": {"text": "Hello"}}}\n'
    (tmp_path / "b.ndjson").write_text("".join(sent % (1493600000000 + hours * 3_600_000) for hours in (1, 30, 60)))

    def findings(*arguments: str) -> list[str]:
        command = [sys.executable, "-m", "policylint", "check", "--separately", "--format", "github", *arguments]
        out = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout
        return sorted(line for line in out.splitlines() if line.startswith("::"))

    assert findings("a.ndjson", "b.ndjson") == sorted(findings("a.ndjson") + findings("b.ndjson"))
    assert findings("b.ndjson")
