"""A team's own log, read by where it keeps what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policylint.cli import main
from policylint.errors import ConfigError
from policylint.events import PageSent, PersonActed, Platform
from policylint.settings import load_settings
from policylint.sources.content import Content
from policylint.sources.mapping import LogFields, fields_from_data
from policylint.sources.recording import Recording, read_recording
from policylint.sources.shapes import Shape

AT = 1_493_719_200_000_000
TIME = "2017-05-02T10:00:00Z"
EXPORT: dict[str, Any] = {
    "timestamp": "/ts",
    "page": "/page",
    "person": "/user/id",
    "direction": {"pointer": "/dir", "sent": ["out"], "received": ["in"]},
    "request": "/payload",
    "response": "/result",
    "text": "/text",
    "message_id": "/mid",
}
REQUEST = {"recipient": {"id": "7"}, "message": {"text": "At nine."}}


def read(
    *records: Any, name: str = "a.ndjson", shape: Shape | None = None, fields: dict[str, Any] | None = None
) -> Recording:
    data = b"".join(json.dumps(record).encode() + b"\n" for record in records)
    known = fields_from_data(EXPORT if fields is None else fields)
    recording = read_recording(name, Content(data), shape=shape, script_start=0, fields=known)
    assert recording.records == recording.used + len(recording.unreadable) + recording.other
    return recording


def one(record: Any, fields: dict[str, Any] | None = None) -> Any:
    recording = read(record, fields=fields)
    assert [broken.reason for broken in recording.unreadable] == []
    (event,) = recording.events
    return event


def why(record: Any, fields: dict[str, Any] | None = None) -> str:
    recording = read(record, fields=fields)
    assert recording.events == []
    (broken,) = recording.unreadable
    return broken.reason


def test_a_message_of_the_page() -> None:
    record = {
        "ts": TIME,
        "page": 1,
        "user": {"id": "7"},
        "dir": "OUT",
        "payload": REQUEST,
        "result": {"message_id": "m_1", "recipient_id": "8"},
    }
    event = one(record)
    assert isinstance(event, PageSent)
    assert (event.person, event.page, event.at, event.request) == ("7", "1", AT, REQUEST)
    assert (event.message_id, event.echo, event.refused) == ("m_1", False, False)
    assert event.origin.base == "/payload"


def test_a_message_of_the_person() -> None:
    event = one({"ts": TIME, "page": "1", "user": {"id": 7}, "dir": "in", "text": "Open?", "mid": "m_2"})
    assert isinstance(event, PersonActed)
    assert (event.person, event.page, event.at) == ("7", "1", AT)
    assert (event.kind, event.text, event.mid) == ("message", "Open?", "m_2")
    assert event.origin.base == "/text"


def test_a_picture_of_the_person_has_no_text_but_counts() -> None:
    assert one({"ts": TIME, "user": {"id": "7"}, "dir": "in", "text": None}).text is None


@pytest.mark.parametrize("payload", [REQUEST, json.dumps(REQUEST), 'message={"text":"At nine."}&recipient={"id":"7"}'])
def test_requests_as_text_too(payload: Any) -> None:
    assert one({"ts": TIME, "dir": "out", "payload": payload}).request == REQUEST


def test_places_point_into_the_teams_own_record() -> None:
    """A pointer below text that holds JSON ends at the text."""
    recording = read(
        {"ts": TIME, "dir": "out", "payload": REQUEST}, {"ts": TIME, "dir": "out", "payload": json.dumps(REQUEST)}
    )
    first, second = recording.events
    assert isinstance(first, PageSent)
    assert isinstance(second, PageSent)
    places = recording.places(
        [(first.origin, first.in_record("/message/text")), (second.origin, second.in_record("/message/text"))]
    )
    line = json.dumps({"ts": TIME, "dir": "out", "payload": REQUEST})
    assert places == [(1, line.index('"At nine.') + 1), (2, line.index('{"recipient') + 1)]


def test_a_webhook_column() -> None:
    """The usual table of a bot: one column of what was posted, either way."""
    fields = {"timestamp": "/ts", "direction": "/dir", "request": "/body", "webhook": "/body", "page_id": "1"}
    item = {"sender": {"id": "7"}, "recipient": {"id": "1"}, "timestamp": AT // 1000, "postback": {"payload": "X"}}
    body = {"object": "instagram", "entry": [{"id": "1", "messaging": [item, item]}]}
    recording = read(
        {"ts": TIME, "dir": "in", "body": json.dumps(body)}, {"ts": TIME, "dir": "out", "body": REQUEST}, fields=fields
    )
    first, second, third = recording.events
    assert isinstance(first, PersonActed)
    assert (first.kind, first.person, first.page, first.platform) == ("postback", "7", "1", Platform.INSTAGRAM)
    assert (first.origin.base, second.origin.base) == ("/body/entry/0/messaging/0", "/body/entry/0/messaging/1")
    assert (first.origin.nth, second.origin.nth) == (0, 1)
    assert isinstance(third, PageSent)
    assert (third.page, third.person) == ("1", "7")
    assert why({"ts": TIME, "dir": "in", "body": {"a": 1}}, fields).startswith("webhook (/body) is neither")


def test_what_the_record_says_fills_what_the_webhook_item_leaves_open() -> None:
    fields = {"timestamp": "/ts", "webhook": "/item", "page": "/page", "person": "/user"}
    item = {"sender": {"id": "7"}, "recipient": {}, "message": {"text": "Hi"}}
    event = one({"ts": TIME, "item": item, "page": "1", "user": "internal-9"}, fields)
    assert (event.person, event.page, event.at) == ("internal-9", "1", AT)


def test_bare_texts_of_the_page() -> None:
    """Without the tag it is as little known as of an echo; with it, the message is a request."""
    fields = {"timestamp": "/ts", "person": "/user", "direction": "/dir", "text": "/text"}
    record = {"ts": TIME, "user": 7, "dir": "out", "text": "At nine.", "tag": "ISSUE_RESOLUTION", "type": None}
    bare = one(record, fields)
    assert bare.echo
    assert bare.request == REQUEST
    tagged = one(record, {**fields, "tag": "/tag", "messaging_type": "/type"})
    assert not tagged.echo
    assert tagged.request == {**REQUEST, "tag": "ISSUE_RESOLUTION"}
    assert one({**record, "tag": None}, {**fields, "tag": "/tag"}).request == REQUEST
    assert tagged.origin.base == "/text"


def test_without_a_direction_what_has_no_request_was_received() -> None:
    fields = {"timestamp": "/ts", "person": "/user", "request": "/req", "text": "/text"}
    assert isinstance(one({"ts": TIME, "user": "7", "req": REQUEST}, fields), PageSent)
    assert isinstance(one({"ts": TIME, "user": "7", "text": "Hi"}, fields), PersonActed)
    only_sent = {"timestamp": "/ts", "request": "/req"}
    assert why({"ts": TIME}, only_sent) == "request (/req) is missing"


def test_directions() -> None:
    """Own words make all others other; where there are none, a word that nobody knows is not passed over."""
    assert read({"ts": TIME, "dir": "system", "text": "joined"}).other == 1
    usual = {**EXPORT, "direction": "/dir"}
    base = {"ts": TIME, "user": {"id": "7"}, "payload": REQUEST, "text": "Hi"}
    assert isinstance(one({**base, "dir": "Outbound"}, usual), PageSent)
    assert isinstance(one({**base, "dir": "user"}, usual), PersonActed)
    assert why({**base, "dir": "Sprechblase"}, usual).startswith("direction (/dir) has a word that is not known")
    assert why({**base, "dir": None}, usual) == "direction (/dir) is missing"
    flags = {**EXPORT, "direction": {"pointer": "/dir", "sent": [True], "received": [0]}}
    assert isinstance(one({**base, "dir": True}, flags), PageSent)
    assert isinstance(one({**base, "dir": 0}, flags), PersonActed)
    turned = {**EXPORT, "direction": {"pointer": "/dir", "sent": ["user"]}}
    assert isinstance(one({**base, "dir": "user"}, turned), PageSent)
    assert isinstance(one({**base, "dir": "in"}, turned), PersonActed)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"dir": "out", "payload": REQUEST}, "timestamp (/ts) is missing"),
        ({"ts": "yesterday", "dir": "out", "payload": REQUEST}, "timestamp (/ts) is neither a number of milliseconds"),
        ({"ts": "2017-05-02 10:00:00", "dir": "out", "payload": REQUEST}, "timestamp (/ts) is neither"),
        ({"ts": True, "dir": "out", "payload": REQUEST}, "timestamp (/ts) is neither"),
        ({"ts": 10**17, "dir": "out", "payload": REQUEST}, "timestamp (/ts) is neither"),
        ({"ts": TIME, "dir": "out"}, "request (/payload) is missing"),
        ({"ts": TIME, "dir": "out", "payload": 3}, "request (/payload) is neither an object nor a form nor JSON text"),
        ({"ts": TIME, "dir": "in", "text": "Hi"}, "person (/user/id) is missing"),
        ({"ts": TIME, "dir": "in", "user": {"id": "7"}, "text": 3}, "text (/text) is not text"),
        ({"ts": TIME, "payload": REQUEST}, "direction (/dir) is missing"),
        ({"": ["1", "2", "3"]}, "a row with more cells than the table has columns"),
        (3, "not an object with the fields that sources: names"),
    ],
)
def test_what_is_missing_is_named(record: Any, reason: str) -> None:
    assert why(record).startswith(reason)


@pytest.mark.parametrize(
    ("value", "more"),
    [
        (AT // 1000, {}),
        (str(AT // 1000), {}),
        (AT // 1_000_000, {"unit": "s"}),
        (AT / 1_000_000, {"unit": "s"}),
        ("1493719200.000", {"unit": "s"}),
        (AT, {"unit": "us"}),
        ("2017-05-02 10:00:00", {"zone": "Z"}),
        ("2017-05-02T12:00", {"zone": "+02:00"}),
        ("2017-05-02T10:00:00Z", {"zone": "+02:00"}),
        ("2017-05-02 10:00:00+00", {}),
        ("2017-05-02 10:00:00.000000 UTC", {}),
    ],
)
def test_times(value: Any, more: dict[str, Any]) -> None:
    fields = {**EXPORT, "timestamp": {"pointer": "/ts", **more}}
    assert one({"ts": value, "dir": "out", "payload": REQUEST}, fields).at == AT


def test_what_else_a_log_may_say() -> None:
    fields = {**EXPORT, "app_id": "/app", "automated": "/bot", "platform": "/where"}
    record = {"ts": TIME, "dir": "out", "payload": REQUEST, "app": 5, "bot": "1", "where": "Instagram"}
    event = one(record, fields)
    assert (event.app_id, event.automated, event.platform) == ("5", True, Platform.INSTAGRAM)
    assert "automated" in why({**record, "bot": "perhaps"}, fields)
    assert "platform (/where) names a platform" in why({**record, "where": "pigeon"}, fields)


def test_arrays_of_records_and_a_format_that_is_named_outright() -> None:
    record = {"ts": TIME, "dir": "out", "payload": REQUEST}
    data = json.dumps([record, record]).encode()
    fields = fields_from_data(EXPORT)
    recording = read_recording("a.json", Content(data), shape=None, script_start=0, fields=fields)
    assert [event.origin.root for event in recording.events] == ["/0", "/1"]
    sent = read_recording(
        "a.json", Content(json.dumps(REQUEST).encode()), shape=Shape.SEND, script_start=0, fields=fields
    )
    assert len(sent.events) == 1


def test_a_key_that_stands_twice_is_told_of_the_request() -> None:
    line = b'{"ts": "%s", "dir": "out", "payload": {"recipient": {"id": "7"}, "tag": "A", "tag": "B"}}' % TIME.encode()
    recording = read_recording("a", Content(line), shape=None, script_start=0, fields=fields_from_data(EXPORT))
    (event,) = recording.events
    assert isinstance(event, PageSent)
    assert event.repeated == ("/tag",)


def config(folder: Path, text: str) -> Path:
    path = folder / ".policylint.yaml"
    path.write_text(text)
    return path


SOURCES = """
sources:
  "logs/*.ndjson": {timestamp: /ts, request: /payload}
  "logs/web*": {timestamp: {pointer: /at, unit: s, zone: "+02:00"}, webhook: /body}
  "s3://bucket/*.csv": {timestamp: /t, request: /r}
  "-": {timestamp: /ts, direction: {pointer: /d, sent: [Out, 1]}, request: /payload, page_id: "12"}
"""


def test_the_last_glob_that_matches_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fields_for = load_settings(config(tmp_path, SOURCES)).fields_for()
    assert fields_for("logs/a.ndjson") == LogFields(timestamp="/ts", request="/payload")
    web = LogFields(timestamp="/at", unit="s", zone="+02:00", webhook="/body")
    assert fields_for("logs/web-1.ndjson") == web
    assert fields_for("logs/deep/a.ndjson") is None
    assert fields_for("s3://bucket/a.csv") == LogFields(timestamp="/t", request="/r")
    assert fields_for("s3://other/a.csv") is None
    known = LogFields("/ts", direction="/d", sent=frozenset({"out", "1"}), request="/payload", page_id="12")
    assert fields_for("<stdin>") == known


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("sources: {a: {timestmp: /ts}}", ":1:25:", "unknown key timestmp; did you mean timestamp?"),
        ("sources: {a: {request: /r}}", ":1:14:", "timestamp is missing"),
        ("sources: {a: {timestamp: ts, request: /r}}", ":1:26:", "a JSON pointer, such as /ts"),
        ("sources: {a: {timestamp: /ts, request: r}}", ":1:40:", "it must be a JSON pointer"),
        ("sources: {a: {timestamp: {pointer: /ts, unit: h}, request: /r}}", ":1:47:", "it takes s, ms, us"),
        ("sources: {a: {timestamp: {pointer: /ts, zone: CET}, request: /r}}", ":1:47:", "an offset such as +02:00"),
        ("sources: {a: {timestamp: /ts}}", ":1:14:", "one of request, webhook and text is needed"),
        ("sources: {a: {timestamp: /ts, text: /t, person: /p}}", ":1:14:", "text needs direction"),
        ("sources: {a: {timestamp: /ts, text: /t, direction: /d}}", ":1:14:", "text needs person"),
        ("sources: {a: {timestamp: /ts, request: /r, page: /p, page_id: '1'}}", ":1:14:", "page and page_id exclude"),
        (
            "sources: {a: {timestamp: /ts, request: /r, direction: {pointer: /d, sent: [x], received: [X]}}}",
            ":1:14:",
            "x stands under both sent and received",
        ),
    ],
)
def test_a_broken_mapping_is_named_with_its_place(text: str, place: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load_settings(config(tmp_path, text))
    assert str(raised.value).startswith(f".policylint.yaml{place}"), str(raised.value)
    assert words in str(raised.value)


def test_check_honours_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    config(
        tmp_path,
        """
edition: "2017-04"
sources:
  "export.*": {timestamp: {pointer: /ts, zone: Z}, person: /user, direction: /dir, request: /body, text: /text}
""",
    )
    rows = [
        {"ts": "2017-05-02 10:00:00", "user": "7", "dir": "in", "text": "Open?"},
        {"ts": "2017-05-05 10:00:00", "user": "7", "dir": "out", "body": json.dumps(REQUEST)},
        {"ts": "2017-05-05 10:00:00", "user": "7", "dir": "out", "body": json.dumps(REQUEST)},
        {"ts": "2017-05-08 10:00:00", "user": "7", "dir": "out", "body": json.dumps(REQUEST)},
        {"user": "7", "dir": "in"},
    ]
    Path("export.ndjson").write_text("\n".join(json.dumps(row) for row in rows))
    assert main(["check", "export.ndjson"]) == 1
    told = capsys.readouterr().out
    assert "export.ndjson:4:" in told
    assert "untagged-outside-window" in told
    assert "export.ndjson:5:" in told
    assert "timestamp (/ts) is missing" in told
    Path("export.csv").write_text("ts,user\n")
    assert main(["check", "export.csv"]) == 2
    assert "export.csv: a table; `policylint audit` reads those" in capsys.readouterr().err
