"""The colours of reports for people: the same for a severity everywhere, and none where none are wanted."""

from __future__ import annotations

from typing import Final

import click

from policylint.findings import Severity
from policylint.reporters.report import Style

GRADES: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def styled(text: str, style: Style, *, fg: str | None = None, bold: bool = False) -> str:
    """`text` in a colour, where the user wants colours."""
    return click.style(text, fg=fg, bold=bold or None) if style.colour else text
