"""Where `rules/` and `schemas/` are on this machine."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def shipped(name: str) -> Path:
    """The shipped folder `name` ("rules" or "schemas"), in a wheel or in a checkout."""
    here = Path(__file__).parent
    packed = here / "data" / name
    return packed if packed.is_dir() else here.parent / name
