"""A bench for black-box scenarios: recordings in, the real command, the parsed report and the exit status out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from policylint.cli import main

Json: TypeAlias = dict[str, Any]
Found: TypeAlias = list[tuple[str, int, str]]
"""Findings as (rule, record, pointer), in the report's order."""

DAY: Final = 24 * 60 * 60 * 1000
HOUR: Final = DAY // 24
T0: Final = 1_493_632_800_000
"""2017-05-01T10:00:00Z in milliseconds: within the days of edition 2017-04."""


@dataclass(frozen=True)
class Run:
    """What one run of the command gave."""

    status: int
    report: Json
    text: str
    out: str
    err: str

    @property
    def findings(self) -> list[Json]:
        """The findings as reported."""
        listed: list[Json] = self.report["findings"]
        return listed

    @property
    def summary(self) -> Json:
        """The numbers of the run."""
        numbers: Json = self.report["summary"]
        return numbers

    @property
    def found(self) -> Found:
        """Rule, record and pointer of each finding."""
        return [(f["rule"], f["where"]["record"], f["where"]["pointer"]) for f in self.findings]

    @property
    def placed(self) -> list[tuple[str, str, int]]:
        """Rule, source and record of each finding."""
        return [(f["rule"], f["where"]["source"], f["where"]["record"]) for f in self.findings]

    @property
    def severities(self) -> dict[str, str]:
        """The severity of each rule that found something."""
        return {f["rule"]: f["severity"] for f in self.findings}


class Bench:
    """Writes recordings into a folder of its own and runs the command there."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capture = capture

    def write(self, name: str, content: object) -> Path:
        """Write text and bytes as they are, other values as JSON, a list for .ndjson as lines."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, str):
            path.write_text(content, encoding="utf-8", newline="")
        elif name.endswith(".ndjson") and isinstance(content, list):
            path.write_text(ndjson(content), encoding="utf-8")
        else:
            path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return path

    def run(self, *arguments: str) -> Run:
        """Run any command; there is no parsed report."""
        self._capture.readouterr()
        status = main(list(arguments))
        seen = self._capture.readouterr()
        return Run(status, {}, "", seen.out, seen.err)

    def check(self, recordings: object, *arguments: str, config: str | None = None, name: str = "a.json") -> Run:
        """Check one recording (`name`), or a mapping of several by `files(…)`, and parse the report."""
        if config is not None:
            self.write(".policylint.yaml", config)
        named = recordings.by_name if isinstance(recordings, Files) else {name: recordings}
        for key, content in named.items():
            self.write(key, content)
        return self.again(*named, *arguments)

    def again(self, *arguments: str) -> Run:
        """Check what was written before, by path."""
        output = self.folder / "report.out"
        output.unlink(missing_ok=True)
        self._capture.readouterr()
        status = main(["check", *arguments, "--format", "json", "--output", str(output)])
        seen = self._capture.readouterr()
        text = output.read_text(encoding="utf-8") if output.exists() else ""
        output.unlink(missing_ok=True)
        return Run(status, json.loads(text) if text else {}, text, seen.out, seen.err)


@dataclass(frozen=True)
class Files:
    """Several recordings by name."""

    by_name: Mapping[str, object]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Bench:
    """A bench in a folder of its own, with nothing of this machine's environment."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "POLICYLINT_PSEUDONYM_KEY", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    return Bench(tmp_path, capsys)


def ndjson(records: Sequence[object]) -> str:
    """One record a line."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


# --- conversation scripts


def script(*events: Json, **rest: object) -> Json:
    """A conversation script."""
    return {**rest, "events": list(events)}


def person(at: str, text: str = "Hello", **item: object) -> Json:
    """The person writes at `at`, or acts as the keywords say."""
    return {"at": at, "person": item or {"text": text}}


def page(at: str, content: str | Json = "All right.", tag: str | None = None, **rest: object) -> Json:
    """The page sends a text, or a message, at `at`."""
    return {"at": at, "page": request(content, tag, to=None, **rest)}


# --- send requests, log entries, webhook bodies


def request(content: str | Json = "All right.", tag: str | None = None, to: str | None = "p-1", **rest: object) -> Json:
    """A send request with a text or a message."""
    made: Json = {} if to is None else {"recipient": {"id": to}}
    made["message"] = {"text": content} if isinstance(content, str) else content
    if tag is not None:
        made["tag"] = tag
    return {**made, **rest}


def sent(
    at: int, content: str | Json = "All right.", tag: str | None = None, *, to: str = "p-1", **entry: object
) -> Json:
    """A log entry of a send, `at` milliseconds after T0."""
    return {"timestamp": T0 + at, "request": request(content, tag, to), **entry}


def hook(at: int, *, by: str = "p-1", kind: str = "messaging", page_id: str = "7001", **item: object) -> Json:
    """A webhook body with one thing that a person did, `at` milliseconds after T0."""
    event = {"sender": {"id": by}, "recipient": {"id": page_id}, "timestamp": T0 + at, **item}
    return {"object": "page", "entry": [{"id": page_id, "time": T0 + at, kind: [event]}]}


def wrote(at: int, text: str = "Hello", *, by: str = "p-1", mid: str | None = None, kind: str = "messaging") -> Json:
    """A webhook body with a message of the person."""
    return hook(at, by=by, kind=kind, message={"mid": mid or f"m_{by}_{at}", "seq": 1, "text": text})


def echo(at: int, text: str = "All right.", *, to: str = "p-1", mid: str | None = None, page_id: str = "7001") -> Json:
    """A webhook body with an echo of a text that the page sent."""
    event = {
        "sender": {"id": page_id},
        "recipient": {"id": to},
        "timestamp": T0 + at,
        "message": {
            "is_echo": True,
            "app_id": 1,
            "metadata": "m",
            "mid": mid or f"e_{to}_{at}",
            "seq": 2,
            "text": text,
        },
    }
    return {"object": "page", "entry": [{"id": page_id, "time": T0 + at, "messaging": [event]}]}


# --- messages


def template(template_type: str, **payload: object) -> Json:
    """A message with a template."""
    return {"attachment": {"type": "template", "payload": {"template_type": template_type, **payload}}}


def generic(title: str = "News for you", subtitle: str = "See below.", **element: object) -> Json:
    """A generic template of one element."""
    return template("generic", elements=[{"title": title, "subtitle": subtitle, **element}])


def media(kind: str) -> Json:
    """An attachment by address."""
    return {"attachment": {"type": kind, "payload": {"url": "https://example.com/file.bin"}}}


POSTBACK: Final[Json] = {"type": "postback", "title": "More", "payload": "MORE"}
LINK: Final[Json] = {"type": "web_url", "title": "Open", "url": "https://example.com/"}
QUICK: Final[Json] = {"content_type": "text", "title": "Yes", "payload": "YES"}
BUTTON: Final[Json] = template("button", text="Choose one.", buttons=[POSTBACK])
LIST: Final[Json] = template(
    "list", top_element_style="compact", elements=[{"title": "One", "subtitle": "1"}, {"title": "Two", "subtitle": "2"}]
)
RECEIPT_PAYLOAD: Final[Json] = {
    "recipient_name": "A. Person",
    "order_number": "1001",
    "currency": "EUR",
    "payment_method": "Card",
    "summary": {"total_cost": 12.5},
    "elements": [{"title": "Mug", "price": 12.5}],
}
RECEIPT: Final[Json] = template("receipt", **RECEIPT_PAYLOAD)
_FLIGHT: Final[Json] = {
    "flight_number": "KL9123",
    "departure_airport": {"airport_code": "SFO", "city": "San Francisco", "terminal": "T4", "gate": "G8"},
    "arrival_airport": {"airport_code": "SLC", "city": "Salt Lake City"},
    "flight_schedule": {"departure_time": "2016-01-02T19:45", "arrival_time": "2016-01-02T21:20"},
}
CHECKIN: Final[Json] = template(
    "airline_checkin",
    intro_message="Check-in is open.",
    locale="en_US",
    pnr_number="ABCDEF",
    flight_info=[_FLIGHT],
    checkin_url="https://www.example.com/check-in",
)
UPDATE: Final[Json] = template(
    "airline_update",
    intro_message="Your flight is delayed.",
    update_type="delay",
    locale="en_US",
    pnr_number="ABCDEF",
    update_flight_info=_FLIGHT,
)
ITINERARY: Final[Json] = template(
    "airline_itinerary",
    intro_message="Here is your itinerary.",
    locale="en_US",
    pnr_number="ABCDEF",
    passenger_info=[{"name": "A. Person", "ticket_number": "0741234567890", "passenger_id": "p001"}],
    flight_info=[
        {
            **_FLIGHT,
            "connection_id": "c001",
            "segment_id": "s001",
            "aircraft_type": "Boeing 737",
            "travel_class": "business",
        }
    ],
    passenger_segment_info=[{"segment_id": "s001", "passenger_id": "p001", "seat": "12A", "seat_type": "Business"}],
    total_price="14003",
    currency="USD",
)
BOARDING: Final[Json] = template(
    "airline_boardingpass",
    intro_message="You are checked in.",
    locale="en_US",
    boarding_pass=[
        {
            "passenger_name": "A. PERSON",
            "pnr_number": "ABCDEF",
            "seat": "74J",
            "logo_image_url": "https://www.example.com/logo.png",
            "header_image_url": "https://www.example.com/header.png",
            "qr_code": "M1PERSON",
            "above_bar_code_image_url": "https://www.example.com/pass.png",
            "flight_info": _FLIGHT,
        }
    ],
)
