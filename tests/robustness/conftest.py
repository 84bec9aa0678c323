"""The real command, called in this process from an empty folder."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from policylint.cli import main


@dataclass(frozen=True)
class Ran:
    """How a run ended, and what it wrote."""

    status: int
    out: str
    err: str


Command = Callable[..., Ran]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Runs the command; whatever it is given, it must end in good order."""

    def run(*arguments: str) -> Ran:
        status = main(arguments)
        written = capsys.readouterr()
        assert "Traceback" not in written.err
        assert "internal error" not in written.err
        assert status in (0, 1, 2)
        return Ran(status, written.out, written.err)

    yield run
    gc.enable()  # `check` turns it off for good
