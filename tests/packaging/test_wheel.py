"""The wheel carries what the checkout has, and works where there is no checkout."""

from __future__ import annotations

import shlex
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
import yaml
from filelock import FileLock

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, built as a release would build it; once for all test processes."""
    folder = tmp_path_factory.getbasetemp().parent / "policylint-wheel"
    with FileLock(f"{folder}.lock"):
        if not list(folder.glob("*.whl")):
            build = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)]
            subprocess.run(build, check=True, capture_output=True, text=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a clean environment, outside the checkout, that has only the wheel and what it needs."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True, text=True)
    return folder / "bin"


def test_wheel_carries_every_rule_and_schema(wheel: Path) -> None:
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("policylint/data/")}
    wanted = {
        f"policylint/data/{path.relative_to(ROOT).as_posix()}"
        for folder in ("rules", "schemas")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }
    assert packed == wanted


def test_wheel_is_typed_and_has_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "policylint/py.typed" in names
    assert not [name for name in names if name.startswith("tests/")]


def test_the_hook_runs_as_written_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    hook = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())[0]
    command = shlex.split(hook["entry"])
    (tmp_path / "good.json").write_text('{"recipient": {"id": "1"}, "message": {"text": "Hello"}}')
    (tmp_path / "bad.json").write_text('{"recipient": {"id": "1"}, "message": {"text": "Hi"}, "tag": "NEWS"}')

    def run(*files: str) -> subprocess.CompletedProcess[str]:
        arguments = [str(installed / command[0]), *command[1:], *files]
        return subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, check=False)

    good, bad = run("good.json"), run("good.json", "bad.json")
    assert (good.returncode, good.stderr) == (0, "")
    assert (bad.returncode, bad.stderr) == (1, "")
    assert "bad.json:1:" in bad.stdout
    assert "unknown-tag" in bad.stdout


def test_shipped_rules_pass_their_examples_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    out = subprocess.run(
        [str(installed / "policylint"), "test-rules"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert out.returncode == 0, out.stdout + out.stderr
    assert out.stdout.rstrip().endswith(" 0 failed")
