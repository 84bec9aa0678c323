"""policylint from Python: run it as `python examples/library.py`."""

from __future__ import annotations

from pathlib import Path

from policylint import lint_recording, lint_request

REQUEST = {"recipient": {"id": "200901"}, "tag": "RESERVATION_UPDATE", "message": {"text": "Your table is ready."}}
BEFORE = [{"at": "2017-05-02T18:00:00Z", "person": {"text": "A table for two, please"}}]

for finding in lint_request(REQUEST, at="2017-05-04T18:00:00Z", before=BEFORE):
    print(finding.severity, finding.rule, finding.where.pointer, finding.message, sep=" | ")

for finding in lint_recording(Path(__file__).parent / "log"):
    print(finding.severity, finding.rule, finding.where.line, finding.message, sep=" | ")
