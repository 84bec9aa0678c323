"""The window rules agree with a second reading of the policy, written down from its text and sharing no code."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import example, given, settings
from hypothesis import strategies as st

from policylint.durations import format_time
from policylint.engines.local import run
from tests.property.strategies import (
    COMPLETE,
    DAY,
    NOT_OPENING,
    OPENING,
    PARTIAL,
    RECEIPTS,
    START,
    Act,
    acts,
    lines,
    log,
)

WINDOW_RULES = {
    "untagged-outside-window",
    "extra-message-spent",
    "not-started-by-person",
    "no-action-on-record",
    "message-after-opt-out",
    "echo-outside-window",
}
ECHOES = ("echo", "echo_of_exempt")


def expected(conversation: list[Act], *, complete: bool) -> dict[int, set[str]]:
    """The window rules that each act of the page breaches, by its time."""
    breaches: dict[int, set[str]] = defaultdict(set)
    events = [act for act in conversation if act.kind not in RECEIPTS]
    earliest = min((act.at for act in events), default=0)
    answered_until: int | None = None  # the last instant of the window
    may_write_once = True
    wrote_before = stopped = False
    for act in events:
        if act.of_person:
            stopped = act.kind == "stop"
            if act.kind in OPENING:
                answered_until, may_write_once = act.at + DAY, True
            continue
        if act.kind in ("typing", "refused", "unknown_tag"):
            continue
        if stopped:
            breaches[act.at].add("message-after-opt-out")
        if answered_until is None and not wrote_before:
            breaches[act.at].add("not-started-by-person" if complete else "no-action-on-record")
        wrote_before = True
        if answered_until is None:  # nothing was there, or it was not recorded
            answered_until_then = earliest + DAY if not complete else act.at - 1
        else:
            answered_until_then = answered_until
        closed = act.at > answered_until_then
        if not closed or act.kind in ("tagged", "misspelt", "feedback", "exempt", "echo_of_exempt"):
            continue
        if act.kind == "echo":
            breaches[act.at].add("echo-outside-window")
        elif may_write_once:
            breaches[act.at].add("extra-message-spent")
            may_write_once = False
        else:
            breaches[act.at].add("untagged-outside-window")
    return dict(breaches)


@settings(max_examples=300, deadline=None)
@given(acts(), st.booleans())
@example([Act("message", START), Act("plain", START + DAY), Act("plain", START + DAY + 1)], True)
@example([Act("plain", START), Act("plain", START + DAY), Act("plain", START + DAY + 1)], False)
def test_window_rules_say_what_the_policy_says(conversation: list[Act], complete: bool) -> None:
    # What a person did that opens no window still counts as an action in the text, but not in `window.started`:
    # until the text decides, conversations begin with something that opens.
    opened = next((n for n, act in enumerate(conversation) if act.kind in OPENING), len(conversation))
    conversation = [a for n, a in enumerate(conversation) if n > opened or a.kind not in NOT_OPENING]
    # Nor does it say whether a message with an unknown tag after a wish to stop is one finding or two.
    silent = {format_time(act.at * 1000) for act in conversation if act.kind == "unknown_tag"}
    outcome = run([log(lines(conversation, "a"))], COMPLETE if complete else PARTIAL)
    actual: dict[str, set[str]] = defaultdict(set)
    for finding in outcome.findings:
        if finding.rule in WINDOW_RULES and finding.at not in silent:
            assert finding.at is not None
            assert finding.rule not in actual[finding.at]
            actual[finding.at].add(finding.rule)
    wanted = {format_time(at * 1000): rules for at, rules in expected(conversation, complete=complete).items()}
    assert dict(actual) == wanted
