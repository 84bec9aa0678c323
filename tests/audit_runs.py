"""`policylint check` and `policylint audit` over the same recordings, called in this process, and their answers."""

from __future__ import annotations

import gc
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from policylint.cli import main

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What a run found: findings in the report's order, and the numbers of the run."""

    status: int
    findings: list[Json]
    summary: Json

    def by_record(self, rules: Sequence[str]) -> Counter[tuple[str, int, str]]:
        """How often each of `rules` is broken in each record: source, record, rule."""
        return Counter(
            (f["where"]["source"], f["where"]["record"], f["rule"]) for f in self.findings if f["rule"] in rules
        )


def check(paths: Sequence[str], *flags: str) -> Answer:
    """What `check` says of the recordings at `paths`, relative to the current folder."""
    report = Path("check.report")
    status = main(["check", "--format", "json", "--output", str(report), *flags, *paths])
    gc.enable()  # `check` turns it off for good
    told = json.loads(report.read_bytes())
    report.unlink()
    return Answer(status, told["findings"], told["summary"])


def audit(paths: Sequence[str], out: str, *flags: str, workers: int = 1) -> Answer:
    """What `audit` says of the recordings at `paths`, by the findings and the report that it leaves in `out`."""
    status = main(["audit", *paths, "--out", out, "--workers", str(workers), *flags])
    gc.enable()
    return answer_in(out, status)


def answer_in(out: str | Path, status: int) -> Answer:
    """The answer that a finished audit left in the folder `out`."""
    lines = Path(out, "findings.ndjson").read_bytes().split(b"\n")
    told = [json.loads(line) for line in lines if line]
    report = json.loads(Path(out, "report.json").read_bytes())
    return Answer(status, [each for each in told if "summary" not in each], report["summary"])
