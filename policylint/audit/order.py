"""What an audit is asked to do, the policy aside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from policylint.sources.shapes import Shape

SPAN: Final = 32 << 20  # bytes of a log that a worker reads as one task


@dataclass(frozen=True, slots=True)
class Order:
    """What an audit is asked to do, the policy aside."""

    given: tuple[str, ...]
    out: Path
    workers: int
    memory: int  # bytes, all processes together
    shape: Shape | None = None
    show_text: bool = False
    pseudonyms: str | None = None
    span: int = SPAN
