"""Laws of a run: what it finds depends on what happened in each conversation, not on how it was written down."""

from __future__ import annotations

import io
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from policylint.breaches import named
from policylint.durations import parse_time
from policylint.engines.local import run
from policylint.events import History
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
