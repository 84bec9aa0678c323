"""The table of reporters, and what it costs to import it."""

from __future__ import annotations

import subprocess
import sys

from policylint.reporters import REPORTERS


def test_table() -> None:
    assert list(REPORTERS) == ["text", "json", "ndjson", "sarif", "github"]


def test_importing_the_table_imports_no_reporter() -> None:
    code = (
        "import sys; import policylint.reporters\n"
        "print(*[name for name in sys.modules if name in ('click', 'rich', 'orjson', 'json', 'jsonschema')"
        " or name.startswith('policylint.reporters.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["policylint.reporters.report"]


def test_the_text_reporter_needs_no_rich() -> None:
    code = "import sys; import policylint.reporters.text; print('rich' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
