"""What the laws are tried on: conversations as logs show them, JSON values, and JSON texts with known places."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from hypothesis import strategies as st

from policylint.durations import format_time
from policylint.engines.local import run
from policylint.events import History
from policylint.lint import Judge, judge_for
from policylint.outcome import Outcome
from policylint.rulebook import shipped_rulebook
from policylint.settings import Settings
from policylint.sources.content import Content
from policylint.sources.recording import Recording, read_recording

Json = Any

HOUR: Final = 3_600_000  # milliseconds, as logs count
DAY: Final = 24 * HOUR
START: Final = 1_491_868_800_000  # 2017-04-11T00:00:00Z: a span of 100 days fits into the edition
RULEBOOK: Final = shipped_rulebook()
COMPLETE: Final = judge_for(Settings(history=History.COMPLETE), RULEBOOK)
PARTIAL: Final = judge_for(Settings(), RULEBOOK)

OPENING: Final = ("message", "stop", "postback", "optin", "referral")
NOT_OPENING: Final = ("account_linking", "reaction", "token_optin")
RECEIPTS: Final = ("read", "delivery")
SENT: Final = ("plain", "feedback", "tagged", "misspelt", "unknown_tag", "exempt", "refused", "typing")
ECHOED: Final = ("echo", "echo_of_exempt", "sent_and_echoed")


@dataclass(frozen=True)
class Act:
    """Something that happened in a conversation: `kind` is one of the words above, `at` epoch milliseconds."""

    kind: str
    at: int

    @property
    def of_person(self) -> bool:
        return self.kind in OPENING or self.kind in NOT_OPENING


@st.composite
def acts(draw: st.DrawFn, kinds: Sequence[str] = (*OPENING, *NOT_OPENING, *RECEIPTS, *SENT, *ECHOED)) -> list[Act]:
    """A conversation in the order of time; no two acts at one instant, and many around the window's end."""
    gaps = st.one_of(
        st.sampled_from([1, HOUR, DAY - 1, DAY, DAY + 1, 30 * HOUR]), st.integers(min_value=1, max_value=3 * DAY)
    )
    at = START + draw(st.integers(min_value=0, max_value=2 * DAY))
    out = []
    for kind in draw(st.lists(st.sampled_from(kinds), max_size=12)):
        out.append(Act(kind, at))
        at += draw(gaps)
    return out


def lines(conversation: Sequence[Act], person: str) -> list[str]:
    """The lines of a log that shows `conversation`; each is one record."""
    return [json.dumps(record) for n, act in enumerate(conversation) for record in records(act, person, n)]


def records(act: Act, person: str, n: int) -> list[Json]:
    """The records that show the act, the `n`th with this person."""
    mid = f"m_{person}_{n}"
    match act.kind:
        case "message":
            return [_webhook(person, act.at, {"message": {"mid": mid, "text": "Where is it?"}})]
        case "stop":
            return [_webhook(person, act.at, {"message": {"mid": mid, "text": "Stop!"}})]
        case "token_optin":
            return [_webhook(person, act.at, {"optin": {"type": "one_time_notif_req"}})]
        case "postback" | "optin" | "referral" | "account_linking" | "reaction" | "read" | "delivery":
            return [_webhook(person, act.at, {act.kind: {"ref": "x"}})]
        case "echo" | "echo_of_exempt":
            return [_echo(person, act, mid)]
        case "sent_and_echoed":
            return [_entry(person, act, {"message_id": mid}), _echo(person, act, mid)]
        case "refused":
            return [_entry(person, act, {"error": {"code": 10}})]
        case _:
            return [_entry(person, act, {"recipient_id": person, "message_id": mid})]


def _webhook(person: str, at: int, item: dict[str, Json]) -> Json:
    sides = {"sender": {"id": person}, "recipient": {"id": "page"}, "timestamp": at}
    return {"object": "page", "entry": [{"id": "page", "time": at, "messaging": [{**sides, **item}]}]}


def _echo(person: str, act: Act, mid: str) -> Json:
    message: dict[str, Json] = {"is_echo": True, "mid": mid}
    if act.kind == "echo_of_exempt":
        message["attachments"] = [{"type": "template", "payload": {"template_type": "receipt"}}]
    else:
        message["text"] = "Hello"
    item = {"sender": {"id": "page"}, "recipient": {"id": person}, "timestamp": act.at, "message": message}
    return {"object": "page", "entry": [{"id": "page", "time": act.at, "messaging": [item]}]}


def _entry(person: str, act: Act, response: Json) -> Json:
    return {
        "timestamp": format_time(act.at * 1000),
        "page_id": "page",
        "request": {"recipient": {"id": person}, **request(act.kind)},
        "response": response,
    }


def request(kind: str) -> dict[str, Json]:
    """The request of an act of the page, without its recipient."""
    generic = {"template_type": "generic", "elements": [{"title": "Your parcel has shipped", "subtitle": "50% off!"}]}
    card = {"attachment": {"type": "template", "payload": generic}}
    match kind:
        case "tagged":
            return {"tag": "SHIPPING_UPDATE", "message": card}
        case "misspelt":
            return {"tag": "shipping_update", "message": card}
        case "unknown_tag":
            return {"tag": "NO_SUCH_TAG", "message": {"text": "hi"}}
        case "exempt":
            return {"message": {"attachment": {"type": "template", "payload": {"template_type": "receipt"}}}}
        case "typing":
            return {"sender_action": "typing_on"}
        case "feedback":
            return {"tag": "ISSUE_RESOLUTION", "message": {"text": "Please rate us from 1 to 5."}}
        case _:
            return {"message": {"text": "Hello"}, "surplus": 1}


def log(text_lines: Sequence[str], name: str = "log.ndjson") -> Recording:
    """The recording that has these lines."""
    data = "".join(f"{line}\n" for line in text_lines).encode()
    return read_recording(name, Content(data), shape=None, script_start=START * 1000)


def found(recordings: Sequence[Recording], judge: Judge) -> Counter[tuple[str, str, str | None]]:
    """What the findings are, wherever they stand."""
    return kinds_of(run(recordings, judge))


def kinds_of(outcome: Outcome) -> Counter[tuple[str, str, str | None]]:
    """Rule, fingerprint and time of each finding."""
    return Counter((finding.rule, finding.fingerprint, finding.at) for finding in outcome.findings)


# JSON

characters: Final = st.characters(exclude_categories=["Cs"])
texts: Final = st.one_of(
    st.text(characters, max_size=8),
    st.sampled_from(
        ["", "a", "b", "~", "/", "a/b", "~1", '"', '":', "\\", "\\u0041", "é", "\U0001f600", "\n", "0", "1"]
    ),
)
numbers: Final = st.one_of(
    st.integers(min_value=-(2**63), max_value=2**64 - 1), st.floats(allow_nan=False, allow_infinity=False)
)


def values(text: st.SearchStrategy[str] = texts, number: st.SearchStrategy[Json] = numbers) -> st.SearchStrategy[Json]:
    """JSON values."""
    return st.recursive(
        st.one_of(st.none(), st.booleans(), number, text),
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(text, inner, max_size=4)),
        max_leaves=12,
    )


@dataclass(frozen=True)
class Pairs:
    """An object whose keys may stand twice."""

    members: tuple[tuple[str, Json], ...]


def values_with_repeats() -> st.SearchStrategy[Json]:
    """JSON values in which objects are `Pairs`."""
    keys = st.sampled_from(["a", "b", "a/b", "é", '"', "\U0001f600"])
    return st.recursive(
        st.one_of(st.none(), numbers, texts),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.lists(st.tuples(keys, inner), max_size=4).map(lambda m: Pairs(tuple(m)))
        ),
        max_leaves=12,
    )


class Writer:
    """Writes JSON as oddly as JSON allows, and notes where each value starts and which keys it wrote again."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.parts: list[str] = []
        self.length = 0
        self.starts: dict[str, int] = {}
        self.again: dict[str, None] = {}

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def document(self, value: Json) -> str:
        """`value` as a text, with white space around it."""
        self._space()
        self._value(value, "")
        self._space()
        return self.text

    def _put(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def _space(self) -> None:
        self._put(self.random.choice(["", "", "", " ", "\n", "\t", "\r\n", "  \n\t "]))

    def _value(self, value: Json, pointer: str) -> None:
        self.starts[pointer] = self.length
        if isinstance(value, str):
            self._put(self._string(value))
        elif isinstance(value, list):
            self._sequence("[]", [(None, f"{pointer}/{n}", item) for n, item in enumerate(value)])
        elif isinstance(value, dict | Pairs):
            members = value.members if isinstance(value, Pairs) else tuple(value.items())
            named = [(key, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}", item) for key, item in members]
            self._sequence("{}", named)
        else:
            self._put(json.dumps(value))

    def _sequence(self, brackets: str, members: Sequence[tuple[str | None, str, Json]]) -> None:
        self._put(brackets[0])
        seen: set[str] = set()
        for n, (key, pointer, item) in enumerate(members):
            if n:
                self._put(",")
            self._space()
            if key is not None:
                if key in seen:
                    self.again[pointer] = None
                seen.add(key)
                self._put(self._string(key))
                self._space()
                self._put(":")
                self._space()
            self._value(item, pointer)
            self._space()
        self._put(brackets[1])

    def _string(self, text: str) -> str:
        return f'"{"".join(map(self._character, text))}"'

    def _character(self, character: str) -> str:
        if self.random.random() < 0.2:
            units = character.encode("utf-16-be")
            return "".join(f"\\u{units[n : n + 2].hex()}" for n in range(0, len(units), 2))
        if character in '"\\' or ord(character) < 32:
            return json.dumps(character)[1:-1]
        return "\\/" if character == "/" and self.random.random() < 0.5 else character
