"""Sheets, cuts and gaps: values read by the column; and which lines stand for others that have other digits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policylint.audit.alone import Reviewer
from policylint.audit.gaps import Cuts, Gaps
from policylint.audit.inputs import Input, Layout
from policylint.audit.notes import Clerk
from policylint.audit.parts import Brief, Part
from policylint.audit.plain import PlainReader
from policylint.audit.scan import Scanner
from policylint.audit.stamps import Stamps, sheet_of
from policylint.audit.stencils import MASK, Stencils
from policylint.audit.streams import Span
from policylint.audit.traces import hashed
from policylint.events import Platform
from policylint.findings import Severity
from policylint.lint import judge_for
from policylint.pages import Page
from policylint.rulebook import shipped_rulebook
from policylint.settings import Settings

BOOK = shipped_rulebook()
KEY = 11
BEFORE = b'{"id":"'  # more bytes than stand before a person's id when it is hashed
TODAY = 1_496_275_200_000 // 86_400_000
PIECES = st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=9), min_size=1)

SEND = (
    '{"timestamp":1496275200001,"page_id":"71","request":{"recipient":{"id":"100001"},'
    '"message":{"text":"Order 48213"}},"response":{"recipient_id":"100001","message_id":"m_17"}}'
)
ACT = (
    '{"object":"page","entry":[{"id":"71","time":1496275200009,"messaging":[{"sender":{"id":"100001"},'
    '"recipient":{"id":"71"},"timestamp":1496275200001,"message":{"mid":"m_18","text":"order 48213"}}]}]}'
)


def laid_out(pieces: list[str]) -> tuple[bytes, np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """A block with one piece in each line; where each begins, and how many bytes it has."""
    data, starts, lengths = b"", [], []
    for piece in pieces:
        starts.append(len(data) + len(BEFORE))
        lengths.append(len(piece.encode()))
        data += BEFORE + piece.encode() + b'"}\n'
    return data, np.array(starts), np.array(lengths)


@settings(deadline=None)
@given(PIECES)
def test_hashes_are_those_of_traces(pieces: list[str]) -> None:
    data, *where = laid_out(pieces)
    cuts = Cuts(data, Gaps(Part(0), KEY))
    assert cuts.events(*where).tolist() == [hashed(piece, KEY) for piece in pieces]
    assert cuts.people(*where).tolist() == [hashed(f"person {piece}", KEY) for piece in pieces]


@settings(deadline=None)
@given(PIECES, PIECES)
def test_page_numbers_are_those_of_the_part(first: list[str], second: list[str]) -> None:
    part = Part(0)
    gaps = Gaps(part, KEY)
    part.traces.pages.number("a page")
    for pieces in (first, second):
        data, *where = laid_out(pieces)
        assert Cuts(data, gaps).pages(*where).tolist() == [part.traces.pages.number(piece) for piece in pieces]
    assert set(part.traces.pages.numbers) == {None, "a page", *first, *second}


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**18 - 1), min_size=1))
def test_numbers_of_any_length(numbers: list[int]) -> None:
    data, *where = laid_out([str(number) for number in numbers])
    assert Cuts(data, Gaps(Part(0), KEY)).numbers(*where).tolist() == numbers


def test_a_piece_may_end_with_its_block() -> None:
    cuts = Cuts(b"xxxxxxx123", Gaps(Part(0), KEY))
    at, length = np.array([7]), np.array([3])
    assert cuts.numbers(at, length).tolist() == [123]
    assert cuts.people(at, length).tolist() == [hashed("person 123", KEY)]


def test_a_block_without_lines_that_fit() -> None:
    cuts, none = Cuts(b"a line\n", Gaps(Part(0), KEY)), np.array([], dtype=np.int64)
    assert not len(cuts.numbers(none, none)) + len(cuts.people(none, none)) + len(cuts.pages(none, none))


@settings(deadline=None)
@given(st.lists(st.binary(max_size=8).map(lambda line: line.replace(b"\n", b"7")), min_size=1), st.booleans())
def test_a_sheet_has_the_lines_of_its_block(lines: list[bytes], ends: bool) -> None:
    ends = ends or not lines[-1]  # what stands behind the last newline is no line when it is empty
    sheet = sheet_of(b"\n".join(lines) + (b"\n" if ends else b""))
    assert [sheet.text(n) for n in range(len(sheet))] == lines
    assert sheet.sizes.tolist() == [len(line) + 1 for line in lines]
    assert sheet.starts.tolist() == [sum(len(one) + 1 for one in lines[:n]) for n in range(len(lines))]
    assert [sheet.kinds[kind] for kind in sheet.kind] == [line.translate(MASK) + b"\n" for line in lines]
    assert len(set(sheet.kinds)) == len(sheet.kinds)


def test_lines_that_differ_in_their_digits_only_are_of_one_kind() -> None:
    sheet = sheet_of(b"a1\na2\na12\nb1\na9")
    assert sheet.kind.tolist() == [0, 0, 1, 2, 0]
    assert sheet.kinds == [b"a0\n", b"a00\n", b"b0\n"]


# --- which lines stand for others


def stencils_of(*lines: str, chosen: Settings | None = None, **book: Any) -> Stencils:
    """What knows of some lines, each of which was seen twice."""
    chosen = chosen or Settings(edition="2017-04", edition_by_flag=True)
    stencils = Stencils(Reviewer(Brief(judge_for(chosen, replace(BOOK, **book)), Clerk(chosen, KEY))))
    for line in lines:
        for _ in range(2):
            see(stencils, line)
    return stencils


def see(stencils: Stencils, line: str) -> None:
    sheet = sheet_of(line.encode())
    stencils.see(sheet.kinds[0], sheet.text(0))


def fit(stencils: Stencils, *lines: str) -> list[bool]:
    """Which of some lines fit a stencil."""
    part = Part(0)
    plain = PlainReader(stencils.reviewer, part, "log.ndjson", keep_words=False)
    _, fits = Stamps(plain, stencils, Gaps(part, KEY)).fitting(sheet_of("\n".join(lines).encode()))
    told: list[bool] = fits.tolist()
    return told


def test_the_second_line_of_a_kind_becomes_a_stencil() -> None:
    stencils = stencils_of()
    see(stencils, SEND)
    assert not stencils.known
    see(stencils, SEND.replace("48213", "17034"))
    assert list(stencils.known) == [SEND.encode().translate(MASK) + b"\n"]


@pytest.mark.parametrize("line", [SEND, ACT])
def test_others_fit_that_differ_in_their_digits_only(line: str) -> None:
    others = line.replace("48213", "99999").replace("100001", "100999"), line.replace("48213", "4821")
    assert fit(stencils_of(line), line, *others, line.replace("1496275200001", "1593504000000")) == [
        True,
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('"message":{', '"message":{"key_1":5,'),  # keys with digits
        ('"text":', '"t\\u0065xt":'),
        ('"recipient"', '"tag":"TAG_1","recipient"'),  # digits in what names a kind
        ('"recipient"', '"messaging_type":"UPDATE2","recipient"'),
        ('"recipient"', '"notification_type":"PUSH2","recipient"'),
        ('{"text":"Order 48213"}', '{"attachment":{"type":"image2","payload":{"url":"https://shop.example/"}}}'),
        ("1496275200001", "1496275200"),  # seconds
        ("1496275200001", "253402300800000"),
        ("1496275200001", '"1496275200001"'),
        ('"71"', '"7\\u0031"'),  # escapes in what is read of each line
        ('"m_17"', '"m\\\\17"'),
        ('"page_id":"71"', '"page_id":"71","page_id":"71"'),  # a key twice
        ('"id":"100001"', '"id":"100002","id":"100001"'),
        ('"page_id"', '"app_id":15,"page_id"'),  # nothing plain
        ('"message_id":"m_17"', '"message_id":""'),
        ('"m_17"}', '"m_17"'),  # no JSON
        ("Order 48213", "x" * 8192),
    ],
)
def test_what_never_becomes_a_stencil(was: str, now: str) -> None:
    assert was in SEND
    assert not stencils_of(SEND.replace(was, now)).known


def test_where_pages_have_settings_no_message_becomes_a_stencil() -> None:
    chosen = Settings(edition="2017-04", edition_by_flag=True, pages={"5": Page(news=True)})
    assert list(stencils_of(SEND, ACT, chosen=chosen).known) == [ACT.encode().translate(MASK) + b"\n"]


def test_where_the_day_decides_what_opens_the_window_no_act_becomes_a_stencil() -> None:
    chosen = Settings(edition="dated", edition_by_flag=True)
    assert list(stencils_of(SEND, ACT, chosen=chosen).known) == [SEND.encode().translate(MASK) + b"\n"]


def test_where_wishes_to_stop_have_digits_only_texts_without_become_stencils() -> None:
    silent = ACT.replace("order 48213", "hello")
    known = stencils_of(ACT, silent, opt_out=frozenset({"stop 1"})).known
    assert list(known) == [silent.encode().translate(MASK) + b"\n"]


@pytest.mark.parametrize(
    ("line", "was", "now", "other"),
    [
        (SEND, "Order", "\\u004frder", "\\u005frder"),  # another character
        (ACT, "order", "\\u006frder", "\\u005frder"),
        (SEND, "Order", "\\\\u004frder", "\\\\u005frder"),  # only looks like one
        (SEND, '{"text":"Order 48213"}', '{"text":"Hi","metadata":15}', '{"text":"Hi","metadata":25}'),
        (SEND, '"recipient_id":"100001"', '"recipient_id":-15', '"recipient_id":-25'),
        (SEND, '"recipient_id":"100001"', '"recipient_id":1.5', '"recipient_id":2.5'),
        (SEND, '"recipient_id":"100001"', '"recipient_id":5', '"recipient_id":0'),
    ],
)
def test_some_digits_have_to_be_the_same(line: str, was: str, now: str, other: str) -> None:
    assert was in line
    mine, others = line.replace(was, now), line.replace(was, other)
    assert fit(stencils_of(mine), mine, others, mine.replace("100001", "100002")) == [True, False, True]


TAGGED = SEND.replace('"recipient":', '"tag":"ISSUE_RESOLUTION","recipient":')
CARD = SEND.replace(
    '{"text":"Order 48213"}',
    '{"attachment":{"type":"template","payload":{"template_type":"generic","elements":[{"title":"Order 48213",'
    '"buttons":[{"type":"web_url","title":"Show","url":"https://shop.example/48213"}]}]}}}',
)


def rulings_of(line: str, **chosen: Any) -> tuple[list[str] | None, bool]:
    """The rules that are broken by all lines of the kind of `line`, None where they are read the long way; and whether
    it still has a stencil afterwards.
    """
    stencils = stencils_of(line, chosen=Settings(edition="2017-04", edition_by_flag=True, **chosen))
    (stencil,) = stencils.known.values()
    ruling = stencils.ruling(stencil, TODAY)
    return None if ruling is None else [form.saying.rule for form, _ in ruling.forms], bool(stencils.known)


def test_what_holds_for_all_lines_of_a_kind() -> None:
    assert rulings_of(ACT) == rulings_of(SEND) == rulings_of(TAGGED) == rulings_of(CARD) == ([], True)
    promotion = TAGGED.replace("Order", "Flash sale, everything must go! Order")
    assert rulings_of(promotion) == (["promotion-under-tag"], True)
    assert rulings_of(CARD.replace("Show", "a title that is far too long")) == (["too-long"], True)


@pytest.mark.parametrize(
    "text",
    [
        "Rate us from 1 to 5 stars.",
        "Save 20% with code SAVE20",
        "a c0upon for you",  # digits for letters
    ],
)
def test_where_the_wording_hangs_on_digits_lines_are_read_the_long_way(text: str) -> None:
    assert rulings_of(TAGGED.replace("Order 48213", text)) == (None, False)
    assert rulings_of(SEND.replace("Order 48213", text)) == ([], True)  # nobody asks for the wording of these


@pytest.mark.parametrize("pointer", ["/recipient/id", "/message/text"])
def test_where_the_schema_tells_digits_apart_lines_are_read_the_long_way(pointer: str) -> None:
    stencils = stencils_of(SEND)
    (stencil,) = stencils.known.values()
    plan = stencils.plan(stencil, TODAY, Platform.MESSENGER)
    assert plan is not None
    plan.digits = pointer.__eq__
    assert stencils.ruling(stencil, TODAY) is None
    assert not stencils.known


def test_where_the_configuration_has_a_say_findings_are_written_the_long_way() -> None:
    chosen = {"severity": {"too-long": Severity.NOTE}}
    assert rulings_of(CARD.replace("Show", "a title that is far too long"), **chosen) == (None, False)
    assert rulings_of(CARD, **chosen) == ([], True)


def scanned(scanner: Scanner, path: Path, *lines: str) -> Part:
    path.write_text("".join(line + "\n" for line in lines))
    inp = Input(str(path), "log.ndjson", path.stat().st_size, "", Layout.LINES, None)
    return scanner.scan(inp, Span(0, inp.size), 0)


@pytest.mark.parametrize(
    ("line", "was", "now"),
    [
        (SEND, "1496275200001", "0496275200001"),
        (ACT, ":1496275200001", ":0496275200001"),
        (ACT, "1496275200009", "0496275200009"),
    ],
)
def test_a_number_that_begins_with_a_zero_is_no_json(line: str, was: str, now: str, tmp_path: Path) -> None:
    chosen = Settings(edition="2017-04", edition_by_flag=True)
    scanner = Scanner(Brief(judge_for(chosen, BOOK), Clerk(chosen, KEY)))
    scanned(scanner, tmp_path / "log.ndjson", line, line)
    assert list(scanner.stencils.known) == [line.encode().translate(MASK) + b"\n"]
    assert was in line
    part = scanned(scanner, tmp_path / "log.ndjson", line, line.replace(was, now), line)
    assert [row.record for row in part.unreadable] == [1]
    assert [row["record"] for row in part.traces.table(0).to_pylist()] == [0, 2]
    assert part.tally.records == part.tally.lines == 3
