"""policylint, a linter for messages: which Messenger Platform policy each recorded message breaches, and why.

The library in three lines::

    from policylint import lint_request
    for finding in lint_request({"recipient": {"id": "1"}, "tag": "SHIPPING_UPDATE", "message": {"text": "Sale!"}}):
        print(finding.rule, finding.where.pointer, finding.message)

`lint_recording` does the same for a file or folder of recordings. Importing this package loads nothing heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from policylint.findings import Evidence, Finding, Severity
    from policylint.library import lint_recording, lint_request

__version__: Final = "0.1.0"

__all__ = ["Evidence", "Finding", "Severity", "__version__", "lint_recording", "lint_request"]


def __getattr__(name: str) -> Any:
    if name in ("lint_recording", "lint_request"):
        from policylint import library

        return getattr(library, name)
    if name in ("Evidence", "Finding", "Severity"):
        from policylint import findings

        return getattr(findings, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
