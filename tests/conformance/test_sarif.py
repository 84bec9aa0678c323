"""Our SARIF is SARIF to others: the standard's JSON Schema, and Microsoft's validator."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft7Validator

from policylint.events import Where
from policylint.findings import Finding, Severity
from policylint.reporters import REPORTERS, Report, RuleCard, Style, Summary

REPOSITORY: Final = Path(__file__).parents[2]
SCHEMA: Final = REPOSITORY.parent / "shared" / "conformance" / "sarif-schema-2.1.0.json"
MULTITOOL: Final = "5.7.0"

POLICY: Final = "https://developers.facebook.com/docs/messenger-platform/policy"
SOURCES: Final = ("fixtures/a.json", "ü b#%:,.json", "/logs/c.ndjson", "-")


def sarif(sources: tuple[str, ...] = SOURCES) -> str:
    """A report in which each severity occurs in each source, once with a line and once without."""
    cards = {
        f"rule-{level}": RuleCard(
            id=f"rule-{level}",
            severity=level,
            summary=f"A rule of severity {level}.",
            remedy="Leave it.",
            policy_title="Policy overview",
            policy_url=POLICY,
            status="stable",
            help="# A rule\n\nIts *manual* page.",
            precision="medium" if level is Severity.WARNING else "very-high",
        )
        for level in Severity
    }
    findings = [
        Finding(
            where=Where(source, record, "/message/text" if line else "", line, line),
            rule=f"rule-{level}",
            severity=level,
            message="see [this](x), {0}\n\x1b[31m",
            remedy="Leave it.",
            fingerprint="f00d",
            at="2017-05-02T10:00:00Z",
        )
        for source in sources
        for record, line in ((1, 3), (2, None))
        for level in Severity
    ]
    summary = Summary(1, 8, 8, 0, 0, 8, 8, 0, 8, 8, 8, 0, 0, {}, {}, (), ("A remark.",))
    out = io.StringIO()
    REPORTERS["sarif"](Report("1.2.3", "2017-04", findings, cards, summary), Style(), out, io.StringIO())
    return out.getvalue()


@pytest.mark.skipif(not SCHEMA.exists(), reason="the standard's schema is not beside this checkout")
@pytest.mark.parametrize("sources", [SOURCES, (), SOURCES * 200], ids=["small", "empty", "large"])
def test_schema(sources: tuple[str, ...]) -> None:
    validator = Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert [error.message for error in validator.iter_errors(json.loads(sarif(sources)))] == []


@pytest.fixture(scope="module")
def multitool() -> Path:
    """The validator's program, installed once into a folder that git ignores."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not on PATH, so the SARIF multitool can't be installed")
    home = REPOSITORY / ".tools" / f"sarif-multitool-{MULTITOOL}"
    if not home.exists():
        home.parent.mkdir(exist_ok=True)
        # Installed aside and moved into place in one step: test workers may get here at the same time.
        aside = Path(tempfile.mkdtemp(dir=home.parent))
        command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(aside)]
        done = subprocess.run(
            [*command, f"@microsoft/sarif-multitool@{MULTITOOL}"], capture_output=True, text=True, check=False
        )
        if done.returncode:
            shutil.rmtree(aside)
            pytest.skip(f"npm could not install the SARIF multitool: {done.stderr.strip()[-300:]}")
        try:
            aside.rename(home)
        except OSError:  # another worker was first
            shutil.rmtree(aside)
    # The package's own starter passes arguments through a shell, so its program is called directly.
    programs = [*home.glob("node_modules/@microsoft/sarif-multitool-*/Sarif.Multitool*")]
    program = next(path for path in programs if path.name in ("Sarif.Multitool", "Sarif.Multitool.exe"))
    program.chmod(0o755)  # npm may have been told not to run the package's install script, which does this
    return program


def complaints(multitool: Path, report: str, folder: Path, rules: str) -> list[tuple[str, str]]:
    """What the validator says of `report`: rule and arguments of each result at level error or warning."""
    (folder / "report.sarif").write_text(report, encoding="utf-8")
    options = ["--rule-kind", rules, "--output", "said.sarif", "--log", "ForceOverwrite"]
    subprocess.run(
        [multitool, "validate", "report.sarif", *options],
        cwd=folder,
        check=True,
        capture_output=True,
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
    )
    said: dict[str, Any] = json.loads((folder / "said.sarif").read_text(encoding="utf-8-sig"))
    (run,) = said["runs"]
    assert run["invocations"][0]["executionSuccessful"]
    return [
        (result["ruleId"], " ".join(result["message"].get("arguments", [])))
        for result in run["results"]
        if result.get("level", "warning") != "note"
    ]


def test_multitool(multitool: Path, tmp_path: Path) -> None:
    """Neither the standard's rules nor GitHub's complain; and the validator would if there were reason to."""
    report = sarif()
    assert complaints(multitool, report, tmp_path, "Sarif") == []
    assert complaints(multitool, report, tmp_path, "Ghas") == []
    broken = report.replace('"ruleIndex": 0', '"ruleIndex": 99', 1)
    assert [rule for rule, _ in complaints(multitool, broken, tmp_path, "Sarif")] == ["SARIF1009"]
