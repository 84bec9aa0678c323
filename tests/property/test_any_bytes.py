"""Any bytes are a recording: events, unreadable records or nothing, never an exception, and every record is counted."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
from pathlib import Path
from tempfile import TemporaryDirectory

import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from policylint.breaches import named
from policylint.engines.local import run
from policylint.reporters import REPORTERS, Style
from policylint.settings import Settings
from policylint.sources.content import read_content
from policylint.sources.recording import read_recording
from policylint.sources.shapes import Shape
from policylint.summary import make_report
from policylint.triage import triage
from tests.property.strategies import PARTIAL, RULEBOOK, START, Act, lines, values

ENTRY = {"timestamp": "2017-05-02T10:00:00Z", "request": {"recipient": {"id": "1"}, "message": {"text": "Hi"}}}
LOG = "\n".join(lines([Act(kind, START + n) for n, kind in enumerate(["message", "plain", "echo", "tagged"])], "a"))
SCRIPT = """\
# a comment
start: "2017-05-02T10:00:00Z"
events:
  - {at: 0h, person: {text: "Hello"}}
  - at: 25h
    page: &again
      message: {text: "Hello, dear"}
  - {at: 49h, page: *again}
"""
BATCH = [{"method": "POST", "relative_url": "me/messages", "body": 'recipient={"id":"1"}&message={"text":"a%20b"}'}]
VALID = (
    LOG.encode(),
    SCRIPT.encode(),
    json.dumps(BATCH).encode(),
    json.dumps([ENTRY, ENTRY["request"]], indent=2).encode(),
    b"\xef\xbb\xbf" + json.dumps(ENTRY["request"]).encode(),
    json.dumps({"recipient": '{"id": "1"}', "message": '{"text": "Hi", "text": "Ho"}'}).encode(),
)
PACKED = [pack(data) for data in VALID for pack in (gzip.compress, bz2.compress, lzma.compress, zstandard.compress)]
NAMES = ("a.json", "a.ndjson", "a.yaml", "<stdin>", "a.jsonl.gz")


@st.composite
def mutated(draw: st.DrawFn, originals: tuple[bytes, ...] | list[bytes]) -> bytes:
    """One of `originals`, with some bytes cut out, repeated, put in or changed."""
    data = draw(st.sampled_from(originals))
    for _ in range(draw(st.integers(min_value=1, max_value=3))):
        at = draw(st.integers(min_value=0, max_value=len(data)))
        until = min(len(data), at + draw(st.integers(min_value=0, max_value=20)))
        middle = draw(
            st.one_of(
                st.just(b""),
                st.just(data[at:until] * 2),
                st.binary(max_size=4),
                st.sampled_from([b"\n", b'"', b"{", b"]", b"\0", b"\xff", b"\\", b"\\ud800", b"1e400", b"\t", b"&x "]),
            )
        )
        data = data[:at] + middle + data[until:]
    return data[: draw(st.integers(min_value=0, max_value=len(data)))] if draw(st.booleans()) else data


def check(data: bytes, name: str, shape: Shape | None) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "recording")
        path.write_bytes(data)
        content = read_content(str(path))
    recording = read_recording(name, content, shape=shape, script_start=START * 1000)
    assert recording.records == recording.used + len(recording.unreadable) + recording.other
    outcome = run([recording], PARTIAL)
    counts = outcome.counts
    assert counts.records == counts.used + counts.unreadable + counts.other
    told = {finding.where.record for finding in outcome.findings if finding.rule == "unreadable-record"}
    assert told == {broken.origin.record for broken in recording.unreadable}
    sorted_out = triage(named(outcome.findings), Settings(), ())
    report = make_report(sorted_out, outcome.counts, RULEBOOK, "2017-04", [])
    for reporter in REPORTERS.values():
        out = io.StringIO()
        reporter(report, Style(), out, io.StringIO())
        out.getvalue().encode()


shapes = st.one_of(st.none(), st.none(), st.sampled_from(Shape))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.sampled_from(NAMES), shapes)
def test_random_bytes(data: bytes, name: str, shape: Shape | None) -> None:
    check(data, name, shape)


@settings(max_examples=500, deadline=None)
@given(mutated(VALID), st.sampled_from(NAMES), shapes)
def test_recordings_with_a_flaw(data: bytes, name: str, shape: Shape | None) -> None:
    check(data, name, shape)


@settings(max_examples=150, deadline=None)
@given(values(), st.sampled_from(NAMES), shapes, st.booleans())
def test_any_json_value(value: object, name: str, shape: Shape | None, alone: bool) -> None:
    check(json.dumps(value if alone else {"recipient": value, "message": value}).encode(), name, shape)


@settings(max_examples=200, deadline=None)
@given(mutated(PACKED))
def test_packed_data_with_a_flaw(data: bytes) -> None:
    """Reading alone: what a run makes of data that breaks off, is tried at every place in tests/robustness."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "recording")
        path.write_bytes(data)
        recording = read_recording("a", read_content(str(path)), shape=None, script_start=0)
    assert recording.records == recording.used + len(recording.unreadable) + recording.other
