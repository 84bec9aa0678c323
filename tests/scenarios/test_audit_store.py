"""What an audit's folder knows from run to run: newer logs, changed ones, and ones that are gone."""

from __future__ import annotations

import io
import json
import random
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from policylint.cli import main
from tests.audit_runs import audit, check

HOUR = 3_600_000
START = 1_493_596_800_000


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def act(person: str, at: int, text: str = "hello") -> dict[str, Any]:
    message = {"mid": f"p_{person}_{at}", "text": text}
    item = {"sender": {"id": person}, "recipient": {"id": "1"}, "timestamp": at, "message": message}
    return {"object": "page", "entry": [{"id": "1", "time": at, "messaging": [item]}]}


def send(person: str, at: int, text: str = "your order is on its way", **more: Any) -> dict[str, Any]:
    request = {"recipient": {"id": person}, "message": {"text": text}} | more
    response = {"recipient_id": person, "message_id": f"s_{person}_{at}"}
    return {"timestamp": at, "page_id": "1", "request": request, "response": response}


def days() -> list[list[dict[str, Any]]]:
    """Three days of logs in which windows span the days."""
    luck = random.Random(4)
    out: list[list[dict[str, Any]]] = [[], [], []]
    for number in range(60):
        person, at = str(5_000_000 + number), START + luck.randrange(8) * HOUR
        out[0].append(act(person, at))
        for _ in range(6):
            at += luck.randrange(1, 30) * HOUR
            day = min((at - START) // (24 * HOUR), 2)
            tag = {"tag": "SHIPPING_UPDATE"} if luck.random() < 0.2 else {}
            out[day].append(act(person, at, "ok") if luck.random() < 0.2 else send(person, at, **tag))
    return [sorted(one, key=lambda record: record.get("timestamp") or record["entry"][0]["time"]) for one in out]


def write(name: str, records: list[dict[str, Any]]) -> str:
    Path(name).write_text("".join(json.dumps(record) + "\n" for record in records))
    return name


def test_newer_logs_need_nothing_of_the_old_ones() -> None:
    first, second, third = (write(f"day{n}.ndjson", day) for n, day in enumerate(days()))
    audit([first, second], "out")
    shutil.move(first, "elsewhere")
    shutil.move(second, "elsewhere2")
    added = audit([third], "out")
    shutil.move("elsewhere", first)
    shutil.move("elsewhere2", second)
    whole = check([first, second, third])
    assert added.findings == whole.findings
    assert {name: number for name, number in added.summary.items() if name != "digest"} == whole.summary


def test_an_old_log_that_is_needed_and_gone_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    first = write("day0.ndjson", [act("7", START), send("7", START + 30 * HOUR)])
    # An earlier message, recorded late, had spent the one that is allowed.
    second = write("day1.ndjson", [send("7", START + 26 * HOUR)])
    audit([first], "out")
    Path(first).rename("elsewhere")
    assert main(["audit", second, "--out", "out"]) == 2
    told = capsys.readouterr().err
    assert "day0.ndjson is gone, but 1 of its messages have to be judged again" in told
    Path("elsewhere").rename(first)
    found = audit([second], "out").findings
    assert found == check([first, second]).findings
    assert [one["rule"] for one in found] == ["untagged-outside-window", "extra-message-spent"]


def test_an_old_log_that_has_changed_is_never_mixed_in(capsys: pytest.CaptureFixture[str]) -> None:
    first, second, _ = (write(f"day{n}.ndjson", day) for n, day in enumerate(days()))
    audit([first], "out")
    write(first, days()[0][:20])
    assert main(["audit", second, "--out", "out"]) == 2
    assert "day0.ndjson has changed since an earlier run read it" in capsys.readouterr().err
    again = audit([first, second], "out")
    assert again.findings == check([first, second]).findings
    assert any("day0.ndjson changed since it was read" in remark for remark in again.summary["remarks"])


def test_other_rules_read_everything_again() -> None:
    first, second, _ = (write(f"day{n}.ndjson", day) for n, day in enumerate(days()))
    audit([first, second], "out")
    again = audit([second], "out", "--ignore", "untagged-outside-window")
    assert again.findings == check([first, second], "--ignore", "untagged-outside-window").findings
    assert any("everything was read again" in remark for remark in again.summary["remarks"])


def test_the_folder_itself_is_no_recording() -> None:
    Path("logs").mkdir()
    write("logs/day0.ndjson", days()[0])
    once = audit(["logs"], "logs/out")
    twice = audit(["logs"], "logs/out")
    assert once.summary["recordings"] == twice.summary["recordings"] == 1
    assert once.findings == twice.findings


def test_a_folder_of_something_else_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine").mkdir()
    Path("mine/thesis.txt").write_text("words")
    assert main(["audit", write("day0.ndjson", days()[0]), "--out", "mine"]) == 2
    assert "not the folder of an audit" in capsys.readouterr().err
    assert [path.name for path in Path("mine").iterdir()] == ["thesis.txt"]


def test_each_log_by_standard_input_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    logs = days()
    for day in logs[:2]:
        text = "".join(json.dumps(record) + "\n" for record in day)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        answer = audit(["-"], "out")
    names = [write("a.ndjson", logs[0]), write("b.ndjson", logs[1])]
    whole = check(names)
    assert answer.summary["recordings"] == 2
    assert [one["fingerprint"] for one in answer.findings] == [one["fingerprint"] for one in whole.findings]


def test_nothing_to_read_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    answer = audit(["nowhere/*.ndjson"], "out")
    assert answer.status == 2
    assert "nowhere/*.ndjson" in capsys.readouterr().err
    assert answer.summary["records"] == 0
