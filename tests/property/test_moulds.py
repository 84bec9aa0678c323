"""Lines that are read by a mould, or as plain records, come to what the long way comes to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policylint.audit.casts import Casts
from policylint.audit.inputs import Input, Layout
from policylint.audit.moulds import ACT, SEND, mould_of
from policylint.audit.notes import Clerk
from policylint.audit.parts import Brief, Part
from policylint.audit.plain import PlainReader
from policylint.audit.scan import Scanner
from policylint.audit.streams import Span
from policylint.lint import judge_for
from policylint.rulebook import shipped_rulebook
from policylint.settings import Settings

BOOK = shipped_rulebook()
WORDS = st.one_of(
    st.sampled_from(["hello", "STOP!", "unsubscribe", "ganz schön", "日本", 'he said "no": why', "x" * 700, "", " "]),
    st.text(max_size=12),
)
TIMES = st.sampled_from([1_493_596_800_000, 1_493_683_200_001, 1_583_280_000_000, 1_493_596_800, 0, -5, 10**15])
IDS = st.sampled_from(["100001", "5000000001", "", "ä", "a b", 7, None])


@st.composite
def acts(draw: st.DrawFn) -> dict[str, Any]:
    at = draw(TIMES)
    message = {"mid": draw(st.sampled_from(["m_1", "m_2", "", 5])), "text": draw(WORDS)}
    if draw(st.integers(0, 9)) == 0:
        message["is_echo"] = True
    item = {"sender": {"id": draw(IDS)}, "recipient": {"id": "1"}, "timestamp": at, "message": message}
    entry = {"id": "1", "time": at, "messaging": [item]}
    return {"object": draw(st.sampled_from(["page", "page", "instagram"])), "entry": [entry]}


@st.composite
def sends(draw: st.DrawFn) -> dict[str, Any]:
    request: dict[str, Any] = {"recipient": {"id": draw(IDS)}, "message": {"text": draw(WORDS)}}
    if draw(st.integers(0, 4)) == 0:
        request["tag"] = draw(st.sampled_from(["ISSUE_RESOLUTION", "issue_resolution", "NO_TAG", ""]))
    response = {"recipient_id": "5", "message_id": draw(st.sampled_from(["m_1", "m_9", ""]))}
    return {"timestamp": draw(TIMES), "page_id": draw(IDS), "request": request, "response": response}


@st.composite
def logs(draw: st.DrawFn) -> bytes:
    ascii_only, tight = draw(st.booleans()), draw(st.booleans())
    records = draw(st.lists(st.one_of(acts(), sends()), min_size=1, max_size=25))
    separators = (",", ":") if tight else (", ", ": ")
    lines = [json.dumps(one, ensure_ascii=ascii_only, separators=separators) for one in records]
    if draw(st.booleans()):  # what only looks like the others
        line = draw(st.sampled_from(lines))
        odd = [line[:-1], line + " ", line.replace("1", "01", 1), line[:-1] + ',"request":1}', "", "[" + line + "]"]
        lines.insert(draw(st.integers(0, len(lines))), draw(st.sampled_from(odd)))
    data = "\n".join(lines).encode(errors="surrogatepass")
    return data.replace(b"hello", b"hell\xff") if draw(st.integers(0, 9)) == 0 else data


def read(path: Path, edition: str) -> tuple[list[Any], list[Any], Any]:
    chosen = Settings(edition=edition, edition_by_flag=True)
    brief = Brief(judge_for(chosen, BOOK), Clerk(chosen, key=7))
    size = path.stat().st_size
    inp = Input(str(path), "log.ndjson", size, "", Layout.LINES, None)
    part: Part = Scanner(brief).scan(inp, Span(0, size), 0)
    rows = [tuple(row[name] for name in row if name != "n") for row in part.traces.table(0).to_pylist()]
    unreadable = sorted(tuple(row) for row in part.unreadable)
    # The number of an event is only a name of it.
    return sorted(rows, key=repr), sorted((row[2:] for row in part.notes), key=repr), (part.tally, unreadable)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=logs(), edition=st.sampled_from(["2017-04", "dated", "2020-03"]))
def test_every_way_comes_to_the_same(data: bytes, edition: str, tmp_path: Path) -> None:
    path = tmp_path / "log.ndjson"
    path.write_bytes(data * 3 if data.endswith(b"\n") else (data + b"\n") * 3)
    fast = read(path, edition)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Casts, "_learn", lambda self, text: None)
        plain = read(path, edition)
        patch.setattr(PlainReader, "trace", lambda self, text, line, start: None)
        slow = read(path, edition)
    assert fast == plain
    assert plain == slow


def test_a_mould_fits_its_like_and_nothing_else() -> None:
    message = b'"message":{"mid":"m","text":"hi"}'
    item = b'{"sender":{"id":"5"},"recipient":{"id":"1"},"timestamp":1493596800000,' + message + b"}"
    act = b'{"object":"page","entry":[{"id":"1","time":2,"messaging":[' + item + b"]}]}"
    mould = mould_of(act, ACT)
    assert mould is not None
    assert mould.fits(act.replace(b'"hi"', b'"hello there"')) is not None
    for other in (
        act.replace(b'"hi"', b'"a \\" b"'),
        act.replace(b'"hi"', b"7"),
        act.replace(b"page", b"instagram"),
        act + b" ",
        act.replace(b":2,", b":02,"),
        act.replace(b'"mid":"m",', b'"mid":"m","is_echo":true,'),
        act.replace(b"1493596800000", b"1493596800"),
    ):
        assert mould.fits(other) is None
    assert mould_of(act, SEND) is None
