"""Laws of a run: what it finds depends on what happened in each conversation, not on how it was written down."""

from __future__ import annotations

import io
import json
from collections import Counter
from random import Random
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from policylint.breaches import named
from policylint.conversation import conversations
from policylint.durations import parse_time
from policylint.enforcement import enforcement
from policylint.engines.local import run
from policylint.events import Happening, History, Measure, PageEnforced, PersonActed
from policylint.reporters import REPORTERS, Style
from policylint.settings import Settings
from policylint.sources.recording import Recording
from policylint.summary import make_report
from policylint.triage import triage
from tests.property.strategies import (
    COMPLETE,
    DAY,
    HOUR,
    PARTIAL,
    RULEBOOK,
    START,
    Act,
    acts,
    found,
    kinds_of,
    lines,
    log,
)

judges = st.sampled_from(History)
JUDGES = {History.COMPLETE: COMPLETE, History.PARTIAL: PARTIAL}
quick = settings(max_examples=80, deadline=None)

# Long enough ago that the horizon of a partial record is the same, whoever else is in it.
BEFORE = lines([Act("message", START - 30 * DAY)], "someone")


@quick
@given(acts(), judges, st.integers(min_value=-DAY, max_value=10 * DAY))
def test_only_gaps_matter(conversation: list[Act], history: History, shift: int) -> None:
    """Moving a whole conversation in time moves no finding."""
    moved = [Act(act.kind, act.at + shift) for act in conversation]
    here = run([log(lines(conversation, "a"))], JUDGES[history]).findings
    there = run([log(lines(moved, "a"))], JUDGES[history]).findings

    def shape(at: str | None, by: int) -> int | None:
        return None if at is None else parse_time(at) - by * 1000

    assert [(f.rule, f.fingerprint, f.where.record, f.where.pointer, shape(f.at, shift)) for f in there] == [
        (f.rule, f.fingerprint, f.where.record, f.where.pointer, shape(f.at, 0)) for f in here
    ]


@quick
@given(acts(), acts(), judges, st.randoms(use_true_random=False))
def test_conversations_leave_each_other_alone(one: list[Act], two: list[Act], history: History, random: Random) -> None:
    first, second = lines(one, "a"), lines(two, "b")
    together = [*first, *second]
    random.shuffle(together)
    apart = found([log(BEFORE + first)], JUDGES[history]) + found([log(BEFORE + second)], JUDGES[history])
    assert found([log(BEFORE + together)], JUDGES[history]) == apart


@quick
@given(acts(), judges, st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(conversation: list[Act], history: History, random: Random) -> None:
    straight = lines(conversation, "a")
    mixed = list(straight)
    random.shuffle(mixed)
    assert found([log(mixed)], JUDGES[history]) == found([log(straight)], JUDGES[history])


@quick
@given(acts(), acts(), judges, st.data())
def test_a_log_may_be_split_over_files(one: list[Act], two: list[Act], history: History, data: st.DataObject) -> None:
    """Any split, files named in any order and given in any order."""
    whole = [*lines(one, "a"), *lines(two, "b")]
    names = data.draw(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=4, unique=True))
    parts: dict[str, list[str]] = {name: [] for name in names}
    for line in whole:
        parts[data.draw(st.sampled_from(names))].append(line)
    files = [log(part, f"{name}.ndjson") for name, part in parts.items()]
    split = run(files, JUDGES[history])
    assert kinds_of(split) == found([log(whole)], JUDGES[history])
    assert split.counts.records == len(whole)


@quick
@given(acts(), judges, st.data())
def test_files_may_overlap(conversation: list[Act], history: History, data: st.DataObject) -> None:
    """Lines that stand in a second file too are counted as repeated, and change no finding."""
    whole = lines(conversation, "a")
    copied = data.draw(st.lists(st.sampled_from(whole), unique=True)) if whole else []
    second = data.draw(st.sampled_from(["0.ndjson", "z.ndjson"]))
    alone = run([log(whole)], JUDGES[history])
    both = run([log(whole), log(copied, second)], JUDGES[history])
    assert kinds_of(both) == kinds_of(alone)
    assert both.counts.events == alone.counts.events
    assert both.counts.messages == alone.counts.messages
    assert both.counts.repeated - alone.counts.repeated == len(log(copied, second).events)


@quick
@given(acts(), acts(), judges, st.randoms(use_true_random=False))
@example([Act("plain", START), Act("plain", START + 50 * HOUR)], [], History.PARTIAL, Random(1))
def test_a_second_reading_gives_the_same_bytes(
    one: list[Act], two: list[Act], history: History, random: Random
) -> None:

    def read() -> list[Recording]:
        return [log(lines(one, "a"), "one.ndjson"), log(lines(two, "b"), "two.ndjson"), log(["{"], "broken.ndjson")]

    again = read()
    random.shuffle(again)
    for style in REPORTERS:
        assert _report(read(), history, style) == _report(again, history, style)


def _report(recordings: list[Recording], history: History, style: str) -> str:
    outcome = run(recordings, JUDGES[history], show_text=True)
    sorted_out = triage(named(outcome.findings), Settings(), ())
    out = io.StringIO()
    report = make_report(sorted_out, outcome.counts, RULEBOOK, "2017-04", [])
    REPORTERS[style](report, Style(show_text=True), out, io.StringIO())
    return out.getvalue()


# What belongs together where records name people by tokens and comments.

PEOPLE = st.sampled_from(["a", "b", None])
NAMES = st.sampled_from(["x", "y"])
KINDS = st.sampled_from(["message", "agreed", "by_token", "commented", "replied", *Measure])


@st.composite
def told(draw: st.DrawFn) -> list[str]:
    """The lines of a log, each about another instant; who a token or comment belongs to is told here and there."""
    return [
        json.dumps(_told(draw(KINDS), draw(PEOPLE), draw(NAMES), START + n * HOUR))
        for n in range(draw(st.integers(min_value=0, max_value=12)))
    ]


def _told(kind: str, person: str | None, name: str, at: int) -> Any:
    item: dict[str, Any] = {"recipient": {"id": "page"}, "timestamp": at}
    entry: dict[str, Any] = {"timestamp": at, "response": {"recipient_id": person} if person else {}}
    match kind:
        case "message":
            item |= {"sender": {"id": person or "c"}, "message": {"mid": f"m{at}", "text": "Hello"}}
        case "agreed":
            optin = {"type": "one_time_notif_req", "one_time_notif_token": name}
            item |= {"sender": {"id": person} if person else {}, "optin": optin}
        case "by_token":
            return {**entry, "request": {"recipient": {"one_time_notif_token": name}, "message": {"text": "Hi"}}}
        case "replied":
            return {**entry, "request": {"recipient": {"comment_id": name}, "message": {"text": "Hi"}}}
        case "commented":
            added = {"item": "comment", "verb": "add", "comment_id": name, "created_time": at // 1000}
            change = {"field": "feed", "value": {**added, "from": {"id": "someone"}}}
            return {"object": "page", "entry": [{"id": "page", "time": at // 1000, "changes": [change]}]}
        case _:
            item["policy_enforcement"] = {"action": kind}
    return {"object": "page", "entry": [{"id": "page", "time": at, "messaging": [item]}]}


def _events(*files: tuple[str, list[str]]) -> list[Happening]:
    return [event for name, text in files for event in log(text, name).events]


def _together(happenings: list[Happening]) -> Counter[Any]:
    """The conversations, wherever their events were recorded; of one comment told twice the time is not looked at."""
    return Counter(
        (
            found.key,
            found.addressee,
            found.platform,
            tuple((type(event).__name__, event.at) for event in found.events if event.comment is None),
            len(found.events),
        )
        for found in conversations(happenings)[0]
    )


@quick
@given(told(), st.randoms(use_true_random=False), st.data())
def test_who_is_meant_does_not_depend_on_how_it_was_written_down(
    text: list[str], random: Random, data: st.DataObject
) -> None:
    """Lines in any order, over any files, some of them twice."""
    whole = _events(("log.ndjson", text))
    parts: dict[str, list[str]] = {"a.ndjson": [], "b.ndjson": []}
    copied = data.draw(st.lists(st.sampled_from(text), unique=True)) if text else []
    mixed = text + copied
    random.shuffle(mixed)
    for line in mixed:
        parts[data.draw(st.sampled_from(sorted(parts)))].append(line)
    split = _events(*parts.items())
    assert _together(split) == _together(whole)
    assert _counted(split) == _counted(whole)
    assert _measures(split) == _measures(whole)


def _measures(happenings: list[Happening]) -> list[Any]:
    return [(page.page, page.blocks, [m.measure for m in page.measures]) for page in enforcement(happenings).pages]


def _counted(happenings: list[Happening]) -> int:
    events = [event for event in happenings if not isinstance(event, PageEnforced)]
    return len(events) - conversations(happenings)[1]


@quick
@given(told())
def test_every_event_is_of_one_conversation_but_unanswered_comments(text: list[str]) -> None:
    happenings = _events(("log.ndjson", text))
    held = [event for found in conversations(happenings)[0] for event in (*found.events, *found.untimed)]
    assert len({event.origin for event in held}) == len(held)
    comments = {event.comment for event in happenings if isinstance(event, PersonActed) and event.comment}
    answered = {event.comment for event in held if isinstance(event, PersonActed)}
    assert _counted(happenings) == len(held) + len(comments - answered)


@quick
@given(told(), st.integers(min_value=-1, max_value=13))
def test_a_page_is_blocked_by_what_was_done_last(text: list[str], hours: int) -> None:
    happenings = _events(("log.ndjson", text))
    at = (START + hours * HOUR) * 1000
    before = [
        event.measure
        for event in happenings
        if isinstance(event, PageEnforced) and event.at is not None and event.at <= at
    ]
    last = [measure for measure in before if measure is not Measure.WARNING][-1:]
    assert enforcement(happenings).blocked("page", at) is (last == [Measure.BLOCK])
