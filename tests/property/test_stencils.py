"""Lines that differ from others in their digits only come to what the long way comes to."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policylint.audit import scan
from policylint.audit.casts import Casts
from policylint.audit.inputs import Input, Layout
from policylint.audit.notes import COLUMNS, Clerk
from policylint.audit.parts import Brief, Part
from policylint.audit.plain import PlainReader
from policylint.audit.scan import Scanner
from policylint.audit.stamps import Stamps
from policylint.audit.stencils import Stencils
from policylint.audit.streams import Span
from policylint.lint import judge_for
from policylint.rulebook import shipped_rulebook
from policylint.settings import Settings

BOOK = shipped_rulebook()
EDITIONS = ("2017-04", "dated")
DAY = 86_400_000
# First days of the log by the number of a time's digits: within editions, and where one ends and the next begins.
STARTS = {
    11: (30_000_000_000,),
    12: (946_684_800_000,),
    13: (1_493_596_800_000, 1_493_596_800_000, 1_498_780_800_000, 1_525_651_200_000, 1_583_280_000_000),
    14: (10_000_000_000_000,),
    10: (1_493_596_800,),  # seconds
    15: (253_402_300_800_000,),  # past the calendar
}

# In what follows # is any digit, ^ one that begins a number, and @13 a time of so many digits; what stands between ~ is
# written without its quotes. |u begins an escape. Each copy of a line gets other digits.
Record: TypeAlias = dict[str, Any]


def act(text: str | None, at: str = "@13", **more: Any) -> Record:
    message = {"mid": "mid.$cAA####", "text": text} | more
    if text is None:
        del message["text"]
    item = {"sender": {"id": "1000##"}, "recipient": {"id": "7#"}, "timestamp": f"~{at}~", "message": message}
    return {"object": "page", "entry": [{"id": "7#", "time": "~^############~", "messaging": [item]}]}


def send(message: str | Record, at: str = "@13", entry: Record | None = None, **more: Any) -> Record:
    """A log entry; `more` stands in the request."""
    request = {"recipient": {"id": "1000##"}} | more
    request["message"] = {"text": message} if isinstance(message, str) else message
    response = {"recipient_id": "1000##", "message_id": "m_####"}
    return {"timestamp": f"~{at}~", "page_id": "7#", "request": request, "response": response} | (entry or {})


def template(kind: str, **payload: Any) -> Record:
    return {"attachment": {"type": "template", "payload": {"template_type": kind, **payload}}}


def generic(title: str, *buttons: Record, **element: Any) -> Record:
    return template("generic", elements=[{"title": title, **element, "buttons": list(buttons)}])


LINK = {"type": "web_url", "url": "https://shop.example/orders/####?n=##", "title": "Order #####"}
HELP = {"type": "postback", "title": "Help ##", "payload": '{"order":####,"step":#}'}
CARD = generic("Order #####", LINK, HELP, subtitle="## items", image_url="https://shop.example/i/####.jpg")
RECEIPT = template(
    "receipt",
    recipient_name="A. Person",
    order_number="####",
    currency="EUR",
    payment_method="Card ####",
    summary={"total_cost": "~^#.#~"},
    elements=[{"title": "Mug #", "price": "~^#~"}],
)
SHIPPING = "SHIPPING_UPDATE"
SUMMER = "1496######000"  # days of 2017 that are of one edition
PLAIN: list[Record] = [
    act("my order is ####"),
    act("hello"),
    act("STOP!"),
    act("stop ##"),
    act(None, sticker_id="~^####~"),
    act("für 日本 ###"),
    act("12 digits", "@12"),
    act("14 digits ##", "@14"),
    send("Your order ##### has shipped."),
    send("Your table for # on ##.##. is booked.", tag="RESERVATION_UPDATE"),
    send("Your parcel ##### arrives at ##:##.", tag=SHIPPING, messaging_type="MESSAGE_TAG"),
    send("Ganz schön: Bestellung ####", notification_type="NO_PUSH"),
    send("Order ####, once more", "@12"),
    send("Order #####", "@14"),
    send("Order #####", "@11"),
    send(CARD),
    send(CARD, tag=SHIPPING),
    send(template("button", text="Order #####: what now?", buttons=[HELP, LINK])),
    send(template("button", text="Order #####: what now?", buttons=[HELP]), tag="ISSUE_RESOLUTION"),
    send({"text": "Size?", "quick_replies": [{"content_type": "text", "title": "##", "payload": "SIZE_##"}]}),
    send({"text": "####", "metadata": "####"}),
    send({"attachment": {"type": "image", "payload": {"url": "https://shop.example/i/####.png"}}}),
    send("Order #####", entry={"response": {"message_id": "m_####"}}),
    send("Order #####", entry={"response": {"recipient_id": "~^####~", "message_id": "m_####"}}),
]
LOUD: list[Record] = [
    send("Flash sale #: ##% off everything with code SAVE##!", tag=SHIPPING),
    send("Flash sale today, everything must go! Order #####", tag=SHIPPING),
    send("Please rate us from # to # stars.", tag="ISSUE_RESOLUTION"),
    send("please rate us from 1 to 5 stars", tag=SHIPPING),
    send("How did we do with order #####?", tag=SHIPPING),
    send("Your flight ## is delayed.", tag=SHIPPING),
    send("Your parcel ##### has shipped", tag="shipping_update"),
    send("Your parcel ##### has shipped", tag="SHIPING_UPDATE"),
    send("Your parcel ##### has shipped", tag="ACCOUNT_UPDATE"),
    send("Your parcel ##### has shipped", tag="TAG_#"),
    send(RECEIPT, tag="RESERVATION_UPDATE"),
    send(RECEIPT),
    send(generic("Flash sale: half price! ##", LINK), tag=SHIPPING),
    send(generic("Title ##", LINK, LINK, LINK, HELP)),
    send(generic("Order #####", {**LINK, "title": "a title that is far too long for a button ##"})),
    send(generic("Order #####", {**LINK, "url": "##.example"})),
    send(generic("Order #####", {**LINK, "webview_height_ratio": "tall#"})),
    send(generic("Order #####", {**LINK, "surplus": "####"})),
    send(generic("Order #####", {"type": "phone_number", "title": "Call", "payload": "+49####"})),
    send(generic("Order #####", {"type": "phone_number", "title": "Call", "payload": "a##"})),
    send(template("list", top_element_style="compact#", elements=[{"title": "#", "subtitle": "##"}] * 2)),
    send(template("generic#", elements=[{"title": "##"}])),
    send({"text": "Size?", "quick_replies": [{"content_type": "text#", "title": "##", "payload": "SIZE_##"}]}),
    send({"text": "Size?", "quick_replies": [{"content_type": "text", "title": "x" * 19 + "##", "payload": "#"}]}),
    send("x" * 634 + "#######"),
    send("x" * 1995 + "######"),
    send("ü" * 320 + "##", tag=SHIPPING),
    send("", tag="SHIPPING_UPDATE"),
    send("Order #####", messaging_type="RESPONSE#"),
    send("Order #####", messaging_type="UPDATE", tag=SHIPPING),
    send("Order #####", notification_type="LOUD#"),
    send({"text": "Order #####", "metadata": "~^#~"}),
    send({"text": "~^##~"}),
    send({"attachment": {"type": "image#", "payload": {"url": "https://shop.example/i/####.png"}}}),
]
ODD: list[Record] = [
    act("hello ##", "@10"),
    act("hello ##", "@15"),
    act("hello ##", is_echo=True),
    act("hello ##", quick_reply={"payload": "SIZE_##"}),
    send("Order #####", "@10"),
    send("Order #####", "@15"),
    send("Order #####", entry={"timestamp": "2017-05-0^T10:00:00Z"}),
    send("Order #####", entry={"page_id": "~^#~"}),
    send("Order #####", entry={"response": {"error": {"code": "~^##~", "message": "(#10) outside"}}}),
    send("Order #####", entry={"response": {"message_id": ""}}),
    send("Order #####", entry={"response": None}),
    send("Order #####", entry={"app_id": "~^####~"}),
    send("Order #####", entry={"key_#": "####"}),
    send("Order #####", key_1="####"),
    send({"text": "Order #####", "key#": 1}),
    send("Order #####", recipient={"id": "~^###~"}),
    send("Order #####", recipient={"phone_number": "+1555####"}),
    {"something": "else ####"},
]
QUESTION = {"id": "q#", "type": "ces", "title": "How easy?", "score_option": "1_to_#"}
FEEDBACK: Record = {
    "title": "Order #####",
    "feedback_screens": [{"questions": [QUESTION]}],
    "business_privacy": {"url": "https://shop.example/privacy"},
}
AUTUMN = "163######0000"  # days of 2021, which knows such questions
TELLING: list[Record] = [  # some digits matter
    act("|u00#3TOP"),
    act("STO|u00#0"),
    *(
        send(text, tag="ISSUE_RESOLUTION")
        for text in ("sa#e now", "11.1# sale", "#th of july sale: order #####", "c#upon sale", "|u00#3ale starts now!")
    ),
    send("Please rate us from # to # stars.", tag="ISSUE_RESOLUTION"),
    send({"text": "Order #####", "quick_replies": [{"content_type": "|u007#ext", "title": "#", "payload": "##"}]}),
    send(generic("Order #####", LINK, **{"key_#": "#"})),
    send(generic("Order #####", {**LINK, "key_#": "a", "key_1": "b"})),
    send(template("customer_feedback", **FEEDBACK), AUTUMN, messaging_type="UPDATE"),
    send(template("customer_feedback", **FEEDBACK, expires_in_days="~^~"), AUTUMN, messaging_type="UPDATE"),
]
# Changes of spelling, at which a line is still what it was, or is no longer.
SPELLINGS: list[Callable[[str], str]] = [
    lambda line: line.replace("^", "0", 1),
    lambda line: line.replace("@13", "0@12"),
    lambda line: line.replace('"7#"', '"\\u00##7#"'),
    lambda line: line.replace("m_####", "m_\\u00####"),
    lambda line: line.replace("Order", "\\u004#rder").replace("hello", "h\\u006#llo"),
    lambda line: line.replace("####", "##\\\\u##\\n##"),
    lambda line: line[:-1] + ',"page_id":"9#"}',
    lambda line: line.replace('"message"', '"tag":"SHIPPING_UPDATE","message"', 1),
    lambda line: line.replace('"id"', '"id":"1","id"', 1),
    lambda line: line[:-1],
    lambda line: f"[{line}]",
    lambda line: f"[{line},{line}]",
    lambda line: line.replace('"request"', '"requ#st"'),
    lambda line: line.replace('"message"', '"\\u006#essage"'),
    lambda line: line + " ",
    lambda line: " " + line,
    lambda line: line.replace('":', '" :', 1),
    lambda line: line.replace("Order", "Or\udcffder").replace("hello", "hell\udcff"),
    lambda line: "",
    lambda line: "  ",
]


def spelt(record: Record, spaced: bool, ascii_only: bool) -> str:
    """A record as the template of a line."""
    text = json.dumps(record, ensure_ascii=ascii_only, separators=(", ", ": ") if spaced else (",", ":"))
    return re.sub(r'"~(.*?)~"', r"\1", text).replace("|u", "\\u")


def filled(line: str, luck: Random) -> str:
    """A copy of a template with digits of its own."""

    def digits(mark: re.Match[str]) -> str:
        if mark[1]:
            start, size = luck.choice(STARTS[int(mark[1])]), int(mark[1])
            return str(start + luck.randrange(3 * DAY if size > 10 else 3 * DAY // 1000))
        return luck.choice("123456789" if mark[0] == "^" else "0123456789")

    return re.sub(r"@(1\d)|[#^]", digits, line)


@st.composite
def logs(draw: st.DrawFn) -> bytes:
    chosen = draw(st.lists(st.sampled_from([*PLAIN, *PLAIN, *LOUD, *TELLING, *TELLING, *ODD]), min_size=1, max_size=8))
    lines = [spelt(record, draw(st.booleans()), draw(st.booleans())) for record in chosen]
    lines += [draw(st.sampled_from(SPELLINGS))(line) for line in lines if draw(st.booleans())]
    luck = Random(draw(st.integers(0, 2**32)))
    copies = [filled(line, luck) for line in lines for _ in range(luck.randrange(2, 8))]
    if draw(st.booleans()):
        luck.shuffle(copies)
    end = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    return (end.join(copies) + draw(st.sampled_from([end, ""]))).encode(errors="surrogateescape")


@cache
def brief(edition: str) -> Brief:
    chosen = Settings(edition=edition, edition_by_flag=True)
    return Brief(judge_for(chosen, BOOK), Clerk(chosen, key=7))


def read(path: Path, scanner: Scanner) -> tuple[Any, ...]:
    """What a log comes to, without the order in which events and findings were written down."""
    size = path.stat().st_size
    inp = Input(str(path), "log.ndjson", size, "", Layout.LINES, None)
    part: Part = scanner.scan(inp, Span(0, size), 3)
    rows = part.traces.table(3).to_pylist()
    assert [row["n"] for row in rows] == list(range(len(rows)))
    notes = []
    for number, n, *rest in part.notes:
        told = dict(zip(COLUMNS, (number, n, *rest), strict=True))
        assert number == 3
        if n >= 0:
            event = rows[n]
            assert (event["record"] + 1, event["line"]) == (told["record"], told["line"])
            assert event["person"] == told["talk"]
        notes.append((n >= 0 and rows[n]["nth"], *rest))
    events = sorted((tuple(row[name] for name in row if name != "n") for row in rows), key=lambda row: row[1:3])
    return events, sorted(notes, key=repr), sorted(map(repr, part.unreadable)), sorted(part.names), part.tally


def assert_same(data: bytes, edition: str, block: int, folder: Path) -> None:
    """A log comes to the same with stencils, read in blocks of some bytes at first, line by line, and the long way."""
    path = folder / "log.ndjson"
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "_FIRST", block)  # each block is twice the last
        scanner = Scanner(brief(edition))
        growing = read(path, scanner)
        grown = read(path, scanner)  # all that can be a stencil is one now
        patch.setattr(Stencils, "see", lambda self, masked, text: None)
        patch.setattr(Casts, "_learn", lambda self, text: None)
        line_by_line = read(path, Scanner(brief(edition)))
        patch.setattr(scan, "Casts", lambda *given: None)
        patch.setattr(PlainReader, "trace", lambda self, text, line, start: None)
        slow = read(path, Scanner(brief(edition)))
    assert line_by_line == slow
    assert growing == slow
    assert grown == slow


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=logs(), edition=st.sampled_from(EDITIONS), block=st.sampled_from([300, 1000, 4000]))
def test_stencils_come_to_what_the_long_way_comes_to(data: bytes, edition: str, block: int, tmp_path: Path) -> None:
    assert_same(data, edition, block, tmp_path)


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("records", [PLAIN, LOUD, TELLING, ODD], ids=["plain", "loud", "telling", "odd"])
def test_many_copies_of_each_come_to_the_same(records: list[Record], edition: str, tmp_path: Path) -> None:
    luck = Random(len(records))
    lines = [spelt(record, spaced=False, ascii_only=True) for record in records]
    copies = [filled(line, luck) for line in lines for _ in range(40 if records is TELLING else 8)]
    luck.shuffle(copies)
    assert_same(("\n".join(copies) + "\n").encode(), edition, 4000, tmp_path)


@pytest.mark.parametrize("edition", EDITIONS)
def test_other_spellings_come_to_the_same(edition: str, tmp_path: Path) -> None:
    """Each beside lines that are spelt as usual, some of which it only looks like."""
    luck = Random(5)
    lines = [spelt(record, spaced=False, ascii_only=True) for record in (PLAIN[0], PLAIN[8], PLAIN[15], LOUD[1])]
    others = [change(line) for line in lines for change in SPELLINGS]
    copies = [filled(line, luck) for line in [*others, *lines, *others] for _ in range(6)]
    assert_same("\r\n".join(copies).encode(errors="surrogateescape"), edition, 2000, tmp_path)


def stamped(lines: list[str], edition: str, path: Path) -> tuple[int, int, int]:
    """Of the second reading of some lines: how many were told by stencils, findings in them, and findings in all."""
    path.write_text("".join(line + "\n" for line in lines))
    scanner = Scanner(brief(edition))
    read(path, scanner)
    told = found = 0

    def add(stamps: Stamps, *given: Any) -> None:
        nonlocal told, found
        notes, again = stamps.plain.part.notes, given[-1]

        def left(n: int) -> None:
            nonlocal told, found
            told, found = told - 1, found + len(notes)
            again(n)
            found -= len(notes)

        told, found = told + len(given[2]), found - len(notes)
        real(stamps, *given[:-1], left)
        found += len(notes)

    real: Any = Stamps.add
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stamps, "add", add)
        notes = read(path, scanner)[1]
    return told, found, len(notes)


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize(
    "record",
    [
        send("Your order ##### has shipped."),
        send("Your parcel ##### has shipped.", tag="ISSUE_RESOLUTION"),
        send(CARD),
        send(template("button", text="Order #####: what now?", buttons=[HELP])),
    ],
)
def test_quiet_lines_are_told_by_stencils(record: Record, edition: str, tmp_path: Path) -> None:
    luck = Random(1)
    lines = [filled(spelt(record, spaced=False, ascii_only=True).replace("@13", SUMMER), luck) for _ in range(30)]
    told, _, _ = stamped(lines, edition, tmp_path / "log.ndjson")
    assert told == 30


def test_what_people_do_is_told_by_stencils(tmp_path: Path) -> None:
    luck = Random(2)
    lines = [filled(spelt(act(text), spaced=True, ascii_only=False), luck) for text in ("Stop!", "ä ##") for _ in "123"]
    assert stamped(lines, "2017-04", tmp_path / "log.ndjson") == (6, 0, 0)


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize(
    "record",
    [
        send("Flash sale today, everything must go! Order #####", tag=SHIPPING),
        send("Your parcel ##### has shipped", tag="SHIPING_UPDATE"),
        send(generic("Order #####", {**LINK, "surplus": "####"})),
        send("x" * 1995 + "######"),
    ],
)
def test_lines_with_findings_are_told_by_stencils(record: Record, edition: str, tmp_path: Path) -> None:
    luck = Random(3)
    lines = [filled(spelt(record, spaced=True, ascii_only=False).replace("@13", SUMMER), luck) for _ in range(30)]
    told, found, whole = stamped(lines, edition, tmp_path / "log.ndjson")
    assert told == 30
    assert found == whole >= 30
