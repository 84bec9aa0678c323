"""One valid example of each form of recording, with each node in turn replaced by something else."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from policylint.breaches import named
from policylint.engines.local import run
from policylint.events import History
from policylint.lint import judge_for
from policylint.pages import Page
from policylint.reporters import REPORTERS, Style
from policylint.rulebook import shipped_rulebook
from policylint.settings import Settings
from policylint.sources.content import Content
from policylint.sources.recording import read_recording
from policylint.summary import make_report
from policylint.triage import triage
from tests.robustness.conftest import Command

Json = Any

ODD: tuple[Json, ...] = (None, 0, "", [], {}, True, 1e308, "x" * 10_000)
GENERIC = {
    "attachment": {
        "type": "template",
        "payload": {
            "template_type": "generic",
            "elements": [
                {
                    "title": "Your parcel has shipped",
                    "subtitle": "50% off today",
                    "image_url": "https://a.example/x.png",
                    "buttons": [{"type": "web_url", "title": "Track", "url": "https://a.example"}],
                }
            ],
        },
    },
    "quick_replies": [{"content_type": "text", "title": "Yes", "payload": "Y"}],
}
SEND = {"recipient": {"id": "7"}, "message": GENERIC, "tag": "SHIPPING_UPDATE", "messaging_type": "MESSAGE_TAG"}
SIDES = {"sender": {"id": "7"}, "recipient": {"id": "P"}, "timestamp": 1_493_719_200_000}
ATTACHED = {"is_echo": True, "mid": "m2", "text": "Hi", "attachments": [GENERIC["attachment"]]}
EXAMPLES: dict[str, Json] = {
    "send": SEND,
    "form": {"recipient": '{"id": "7"}', "message": '{"text": "Hi"}', "tag": "ISSUE_RESOLUTION"},
    "batch": [
        {"method": "POST", "relative_url": "me/messages", "body": 'recipient={"id":"7"}&message={"text":"50% off"}'},
        {"method": "GET", "relative_url": "me"},
    ],
    "webhook": {
        "object": "page",
        "entry": [
            {
                "id": "P",
                "time": 1_493_719_200_000,
                "messaging": [
                    {**SIDES, "message": {"mid": "m1", "text": "Stop"}},
                    {**SIDES, "postback": {"payload": "X"}},
                    {**SIDES, "optin": {"type": "one_time_notif_req"}},
                    {**SIDES, "reaction": {"action": "react"}},
                ],
                "standby": [{**SIDES, "message": ATTACHED}],
            }
        ],
    },
    "item": {**SIDES, "message": {"mid": "m1", "text": "Hi"}},
    "log": {
        "timestamp": "2017-05-02T10:00:00Z",
        "page_id": "P",
        "request": SEND,
        "response": {"recipient_id": "7", "message_id": "m1", "error": {"code": 10, "error_subcode": 1}},
    },
    "script": {
        "start": "2017-05-02T10:00:00Z",
        "edition": "2017-04",
        "page_id": "P",
        "events": [
            {"at": "0h", "person": {"text": "Where is my parcel?"}},
            {"at": "1h", "person": {"postback": {"payload": "X"}}},
            {"at": "30h", "page": SEND, "response": {"message_id": "m1"}},
            {"at": "60h", "page": {"message": {"text": "Hi"}}},
            {"at": "61h", "echo": {"mid": "m1", "attachments": [GENERIC["attachment"]]}},
        ],
    },
}
RULEBOOK = shipped_rulebook()
SETTINGS = [Settings(history=history, pages={"P": Page(subscription_messaging=True)}) for history in History]
JUDGES = [judge_for(settings, RULEBOOK) for settings in SETTINGS]


def mutants(name: str) -> Iterator[Json]:
    """The example with one node replaced. A script's edition has a test of its own."""
    example = EXAMPLES[name]
    for path in paths(example):
        if path == ("edition",):
            continue
        for odd in ODD:
            yield replaced(example, path, odd)


def paths(value: Json, path: tuple[Json, ...] = ()) -> Iterator[tuple[Json, ...]]:
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from paths(part, (*path, key))


def replaced(value: Json, path: tuple[Json, ...], odd: Json) -> Json:
    if not path:
        return odd
    changed = copy.copy(value)
    changed[path[0]] = replaced(value[path[0]], path[1:], odd)
    return changed


@pytest.mark.parametrize("name", EXAMPLES)
def test_any_node_may_be_anything(name: str) -> None:
    """Read, judged and reported in every format, in a log beside the example as it should be."""
    tried = 0
    for n, mutant in enumerate(mutants(name)):
        log = "\n".join(map(json.dumps, (mutant, EXAMPLES[name])))
        # The formats take turns: what they show of a mutant they show of the next one too.
        recording = read_recording("a.ndjson", Content(log.encode()), shape=None, script_start=0)
        assert recording.records == recording.used + len(recording.unreadable) + recording.other
        outcome = run([recording], JUDGES[n % 2], show_text=True)
        listed = triage(named(outcome.findings), Settings(), ())
        report = make_report(listed, outcome.counts, RULEBOOK, "2017-04", [])
        crashed = [finding.message for finding in outcome.findings if finding.rule == "rule-crashed"]
        assert not crashed, mutant
        for style, reporter in REPORTERS.items():
            if style != "sarif" or n % 4 == 0:  # it writes every rule each time
                out = io.StringIO()
                reporter(report, Style(show_text=True), out, io.StringIO())
                out.getvalue().encode()
        tried += 1
    assert tried >= len(ODD) * 4


@pytest.mark.parametrize("style", REPORTERS)
def test_the_command_takes_them_all(command: Command, style: str) -> None:
    for name in EXAMPLES:
        for n, mutant in enumerate(mutants(name)):
            if n % len(REPORTERS) == list(REPORTERS).index(style):
                Path(f"{name}-{n:04}.json").write_text(json.dumps(mutant))
    ran = command("check", "--format", style, "--edition", "2017-04")
    assert ran.status in (0, 1)
    assert ran.err == ""
    assert ran.out


@pytest.mark.parametrize("odd", [odd for odd in ODD if not (isinstance(odd, str) and odd)])
def test_a_script_whose_edition_is_odd(command: Command, odd: Json) -> None:
    Path("a.json").write_text(json.dumps({**EXAMPLES["script"], "edition": odd}))
    assert command("check", "a.json").status in (0, 1)
