"""What the platform did to pages: when they were blocked, what counts once, what concerns whom."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policylint.enforcement import Block, enforcement
from policylint.events import Event, Happening, Measure, Origin, PageEnforced, PersonActed
from policylint.sources.content import Content
from policylint.sources.recording import read_recording

WARNING, BLOCK, UNBLOCK = Measure


def did(measure: Measure, at: int | None, page: str | None = "P", **more: Any) -> PageEnforced:
    return PageEnforced(Origin("a", at or 0), page, at, measure, **more)


@pytest.mark.parametrize(
    ("measures", "blocks"),
    [
        ([(BLOCK, 10), (UNBLOCK, 20)], [Block(10, 20)]),
        ([(UNBLOCK, 20), (BLOCK, 10)], [Block(10, 20)]),
        ([(BLOCK, 10)], [Block(10, None)]),
        ([(BLOCK, 10), (BLOCK, 15), (UNBLOCK, 20)], [Block(10, 20)]),
        ([(BLOCK, 10), (UNBLOCK, 20), (BLOCK, 30)], [Block(10, 20), Block(30, None)]),
        ([(UNBLOCK, 5)], []),
        ([(WARNING, 5)], []),
        ([(BLOCK, None)], []),
        ([(BLOCK, 10), (UNBLOCK, None)], [Block(10, None)]),
    ],
)
def test_when_a_page_was_blocked(measures: list[tuple[Measure, int | None]], blocks: list[Block]) -> None:
    found = enforcement([did(measure, at) for measure, at in measures])
    (page,) = found.pages
    assert list(page.blocks) == blocks


def test_a_message_between_block_and_unblock() -> None:
    found = enforcement([did(BLOCK, 10), did(UNBLOCK, 20)])
    assert [found.blocked("P", at) for at in (9, 10, 19, 20, None)] == [False, True, True, False, False]
    assert not found.blocked("Q", 15)
    assert not found.blocked(None, 15)


def test_no_page_is_no_reason_to_take_any() -> None:
    found = enforcement([did(BLOCK, 10, page=None)])
    assert not found.blocked(None, 15)
    assert not found.blocked("P", 15)
    assert [page.page for page in found.pages] == [None]


def test_a_script_concerns_itself_only() -> None:
    found = enforcement([did(BLOCK, 10, script="s"), did(BLOCK, 10, "Q")])
    assert found.blocked("P", 15, script="s")
    assert found.blocked(None, 15, script="s")
    assert not found.blocked("P", 15)
    assert not found.blocked("Q", 15, script="t")
    assert [page.page for page in found.pages] == ["Q"]


def test_a_summary_of_a_page() -> None:
    found = enforcement([did(WARNING, 5), did(WARNING, 7), did(BLOCK, None), did(BLOCK, 10), did(WARNING, 1, "A")])
    assert [page.page for page in found.pages] == ["A", "P"]
    page = found.pages[1]
    assert [page.count(measure) for measure in Measure] == [2, 2, 0]
    assert [measure.at for measure in page.measures] == [5, 7, 10, None]


def test_events_of_conversations_are_no_enforcement() -> None:
    event: Event = PersonActed(Origin("a", 1), "7", "P", 5, "message")
    assert enforcement([event]).pages == ()


def test_a_delivery_counts_once() -> None:
    def read(at: int) -> list[Happening]:
        item = {"recipient": {"id": "P"}, "timestamp": at, "policy_enforcement": {"action": "block"}}
        body = {"object": "page", "entry": [{"id": "P", "time": at + 1, "messaging": [item]}]}
        return read_recording("a.json", Content(json.dumps(body).encode()), shape=None, script_start=0).events

    once = 1_493_719_200_000
    found = enforcement(read(once) + read(once) + read(once + 1))
    assert (found.pages[0].count(BLOCK), found.repeated) == (2, 1)
