"""`check` and `audit` find what the window rules must find, by a judge who shares no line with them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final, TypeAlias

import pytest

pytest.importorskip("duckdb", reason="the oracle and the audit's store need duckdb: pip install 'policylint[audit]'")

from tests.audit_runs import audit, check
from tests.conformance.window_oracle import EXEMPT, RULES, TAGS, window_findings

Json: TypeAlias = dict[str, Any]
Timed: TypeAlias = tuple[int, Json]

HOUR: Final = 3_600_000  # milliseconds, as logs count
DAY: Final = 24 * HOUR
START: Final = 1_493_596_800_000  # 2017-05-01T00:00:00Z
GAPS: Final = (0, 0, 1, 1000, HOUR, HOUR, DAY - 1, DAY, DAY + 1, DAY + 1, 2 * DAY)
STOPS: Final = ("STOP!", "stop", "please stop.", "Unsubscribe", "¡Parar!", "Désabonner")
WORDS: Final = ("Where is it?", "Does the bus stop here?", "Stop by at ten, will you?", "👍", "")
PAGE: Final = "700"


class Talk:
    """One conversation as logs show it: `records` yields when each record was written, and the record."""

    def __init__(self, random: Random, person: str) -> None:
        self.random = random
        self.person = person
        self.now = START + random.randrange(3 * DAY)
        self.opened = self.stopped = False
        self.told = 0

    def records(self) -> Iterator[Timed]:
        quiet = self.random.random() < 0.15  # the page writes, and the person never did
        for _ in range(self.random.randrange(1, 16)):
            gap = self.random.choice(GAPS) if self.random.random() < 0.7 else self.random.randrange(2 * DAY)
            self.now += gap
            yield from self._acted() if not quiet and self.random.random() < 0.35 else self._sent()

    def _mid(self) -> str:
        self.told += 1
        return f"m_{self.person}_{self.told}"

    def _acted(self) -> Iterator[Timed]:
        kind = self.random.choice(("text", "text", "text", "stop", "postback", "referral", "optin", "silent", "read"))
        if kind == "silent" and (not self.opened or self.stopped):
            kind = "text"  # what these do to a wish to stop, and before all else, the policy does not say
        item: Json
        match kind:
            case "text":
                item = {"message": {"mid": self._mid(), "text": self.random.choice(WORDS)}}
            case "stop":
                item = {"message": {"mid": self._mid(), "text": self.random.choice(STOPS)}}
            case "postback":
                item = {"postback": {"title": "Help", "payload": f"HELP_{self._mid()}"}}
            case "referral":
                item = {"referral": {"ref": self._mid(), "source": "SHORTLINK", "type": "OPEN_THREAD"}}
            case "optin":
                item = {"optin": {"ref": self._mid()}}
            case "silent":
                item = self.random.choice(
                    (
                        {"account_linking": {"status": "unlinked"}},
                        {"reaction": {"reaction": "love", "action": "react", "mid": "m_of_the_page"}},
                    )
                )
            case _:
                item = {"read": {"watermark": self.now}}
        if kind not in ("silent", "read"):
            self.opened, self.stopped = True, kind == "stop"
        item = {"sender": {"id": self.person}, "recipient": {"id": PAGE}, "timestamp": self.now, **item}
        yield self.now, webhook([item], "standby" if self.random.random() < 0.1 else "messaging")

    def _sent(self) -> Iterator[Timed]:
        request = {"recipient": {"id": self.person}, **self._request()}
        at = self.now
        if self.random.random() < 0.03:
            yield at, request  # without a time
            return
        moment: int | str = at
        if self.random.random() < 0.3:
            moment = datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")
        entry: Json = {"timestamp": moment, "page_id": PAGE, "request": request}
        answer = self.random.random()
        if answer < 0.1:
            yield at, {**entry, "response": {"error": {"code": 10, "message": "outside of allowed window"}}}
            return
        if answer < 0.2 or "sender_action" in request:
            yield at, entry
            return
        mid = self._mid()
        response = {"recipient_id": self.person, "message_id": mid}
        if self.random.random() < 0.1:
            request["recipient"] = {"phone_number": "+15550100"}
            if self.random.random() < 0.3:
                response = {"message_id": mid}  # nobody says whose it is
        elif "message" in request and self.random.random() < 0.3:
            echo = self._echo(request["message"], mid, at + self.random.choice((0, 1, 1500, DAY)))
            yield echo
            if self.random.random() < 0.5:
                return  # known by its echo only
        entry["response"] = response
        yield at, entry
        if self.random.random() < 0.1:  # sent once, written down by a second machine with a slower clock
            later = at + self.random.choice((1, 1500, DAY))
            yield later, {**entry, "timestamp": later}

    def _request(self) -> Json:
        roll, plain = self.random.random(), {"text": f"Hello {self._mid()}"}
        if roll < 0.5:
            return {"message": plain}
        if roll < 0.6:
            receipt = {"type": "template", "payload": {"template_type": self.random.choice(EXEMPT)}}
            return {"message": {"attachment": receipt}}
        if roll < 0.7:
            return {"sender_action": "typing_on"}
        tag = self.random.choice((*TAGS, *TAGS, TAGS[0].lower(), "COMMUNITY_ALERT", "NO_SUCH_TAG"))
        return {"message": plain, "tag": tag}

    def _echo(self, message: Json, mid: str, at: int) -> Timed:
        content: Json = {"is_echo": True, "mid": mid}
        if "text" in message:
            content["text"] = message["text"]
        else:
            content["attachments"] = [message["attachment"]]
        sides = {"sender": {"id": PAGE}, "recipient": {"id": self.person}, "timestamp": at}
        return at, webhook([{**sides, "message": content}])


def webhook(items: Sequence[Json], channel: str = "messaging") -> Json:
    """What the platform posts about `items`."""
    return {"object": "page", "entry": [{"id": PAGE, "time": items[-1]["timestamp"], channel: list(items)}]}


def gathered(timed: Sequence[Timed], random: Random) -> Iterator[Timed]:
    """`timed`, where the platform now and then posts two items in one body, and some a second time alone."""
    waiting: tuple[int, Json] | None = None
    for at, record in timed:
        items = record["entry"][0].get("messaging") if "entry" in record else None
        if items and waiting is None and random.random() < 0.1:
            waiting = at, items[0]
            continue
        if items and waiting is not None:
            yield at, webhook([waiting[1], *items])
            if random.random() < 0.3:
                yield at, webhook([waiting[1]])
            waiting = None
            continue
        yield at, record
    if waiting is not None:
        yield waiting[0], webhook([waiting[1]])


def write_logs(seed: int, talks: int) -> list[str]:
    """Write four logs of `talks` conversations, out of order and overlapping, into the current folder."""
    random = Random(seed)
    first = {
        "sender": {"id": "9"},
        "recipient": {"id": PAGE},
        "timestamp": START,
        "message": {"mid": "m", "text": "Hi"},
    }
    timed = [(START, webhook([first]))]
    for n in range(talks):
        timed += Talk(random, str(5_000_000 + n)).records()
    timed.sort(key=lambda each: each[0] + random.randrange(6 * HOUR))
    rows = [json.dumps(record, separators=(",", ":"), ensure_ascii=False) for _, record in gathered(timed, random)]
    quarter = len(rows) // 4 + 1
    names = ["d.ndjson", "b.ndjson", "c.jsonl", "a.ndjson"]  # time does not run as the names do
    for n, name in enumerate(names):
        mine = rows[max(0, n * quarter - 40) : (n + 1) * quarter]  # the last lines of the log before come again
        mine += random.sample(rows, 10)
        Path(name).write_text("".join(f"{row}\n" for row in mine), encoding="utf-8")
    return sorted(names)


@pytest.mark.parametrize(("seed", "history"), [(1, "partial"), (2, "complete")])
def test_the_window_rules_find_what_the_oracle_finds(
    seed: int, history: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    logs = write_logs(seed, talks=300)
    expected = window_findings(logs, complete=history == "complete")
    asked = {rule for _, _, rule in expected}
    assert asked == set(RULES) - {"not-started-by-person" if history == "partial" else "no-action-on-record"}
    flags = ("--edition", "2017-04", "--history", history)
    assert check(logs, *flags).by_record(RULES) == expected
    assert audit(logs, "out", *flags, workers=2).by_record(RULES) == expected


def test_a_tolerance_moves_the_windows_end_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    logs = write_logs(seed=3, talks=100)
    Path(".policylint.yaml").write_text("clock_skew: 1h\n")
    expected = window_findings(logs, complete=True, skew=HOUR)
    assert expected != window_findings(logs, complete=True)
    flags = ("--edition", "2017-04", "--history", "complete")
    assert check(logs, *flags).by_record(RULES) == expected
    assert audit(logs, "out", *flags).by_record(RULES) == expected
