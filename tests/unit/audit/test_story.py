"""The conversation around a finding, told as a time line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from policylint.audit.story import Look, Scene, Story, Told, gap, lines
from policylint.durations import parse_time
from policylint.editions import Edition
from policylint.events import History
from policylint.findings import Severity
from policylint.reporters.report import Style
from policylint.rulebook import shipped_rulebook
from policylint.window import Horizon, Window

EDITIONS = {edition.id: edition for edition in shipped_rulebook().editions.all}
HOUR = 3_600_000_000


def edition_of(name: str | None) -> Edition | None:
    return EDITIONS.get(name or "")


LOOK = Look(Style(), edition_of, Horizon())

ASKED = Told(
    finding=1,
    rule="promotion-under-tag",
    severity=Severity.ERROR,
    message="it announces a discount",
    remedy="Take it out.",
    policy_title="Platform policy, Message Tags",
    policy_url="https://example.com/tags",
    edition="2017-04",
    source="logs/a.ndjson",
    record=1204,
    line=1204,
    column=16,
    pointer="/message/text",
    sent_at=None,
    conversation="c1",
    page="7001",
    fingerprint="3f2a91c04b5d6e7f8091",
    key=(0, 0),
    byte_offset=65_536,
    evidence=({"pointer": "/message/text", "start": 0, "end": 8, "term": "percent-off", "text": "10 % off"},),
    person="4711",
)


def at(text: str) -> int:
    return parse_time(f"2017-05-{text}Z".replace(" ", "T"))


def page(time: str | None, kind: str = "text", **fields: Any) -> Scene:
    plain: dict[str, Any] = {"edition": "2017-04", "page": "7001"}
    return Scene((0, 0), 0, None if time is None else at(time), True, kind=kind, **plain | fields)


def person(time: str | None, kind: str = "message", **fields: Any) -> Scene:
    return replace(page(time, kind, **fields), by_page=False, edition=None)


def story(scenes: Sequence[Scene], asked: int, first: int = 0, total: int | None = None, **fields: Any) -> Story:
    """A story of scenes in order; the finding is about the one numbered `asked`."""
    placed = [replace(scene, key=(0, first + n), place=first + n) for n, scene in enumerate(scenes)]
    told = replace(ASKED, key=placed[asked].key)
    total = first + len(placed) if total is None else total
    return Story(told, placed, total, findings={placed[asked].key: [told]}, **fields)


def timeline(told: Story, look: Look = LOOK) -> list[str]:
    every = list(lines(told, look))
    return every[every.index("") + 1 :]


def test_heading() -> None:
    every = list(lines(story([page("02 10:00:00", window="closed")], 0), LOOK))
    assert every[: every.index("")] == [
        "error promotion-under-tag: it announces a discount",
        "    evidence: percent-off, /message/text 0-8",
        "    instead: Take it out.",
        "    policy: Platform policy, Message Tags https://example.com/tags (edition 2017-04)",
        "    place: logs/a.ndjson:1204:16 (record 1,204, byte 65,536, /message/text)",
        "    fingerprint: 3f2a91c04b5d6e7f8091",
        "    conversation: c1 with page 7001, all 1 event",
    ]


def test_the_window_closes_between_two_events() -> None:
    told = story(
        [
            person("02 10:00:00"),
            page("02 10:05:30", window="open"),
            page("03 10:00:00", window="open"),
            page("03 10:00:01", "template:generic", tag="SHIPPING_UPDATE", window="closed"),
        ],
        3,
    )
    assert timeline(told) == [
        "  2017-05-02 10:00:00            ┃ open    person  message",
        "  2017-05-02 10:05:30   +5m 30s  ┃ open    page    text",
        "  2017-05-03 10:00:00  +23h 54m  ┃ open    page    text",
        "  ── window closed 2017-05-03 10:00:00 (24h after the person's last action) ──",
        "> 2017-05-03 10:00:01       +1s  ┆ closed  page    template:generic  SHIPPING_UPDATE",
        "      sent 24h1s after the person's last action; the window is 24h",
        "      error promotion-under-tag: it announces a discount  ◀ this finding",
    ]


def test_it_closes_before_the_person_comes_back_too() -> None:
    told = timeline(story([person("02 10:00:00"), person("04 10:00:00"), page("04 10:01:00", window="open")], 2))
    assert told[1] == "  ── window closed 2017-05-03 10:00:00 (24h after the person's last action) ──"
    assert "┃ open" in told[2]


def test_clock_skew_moves_the_end() -> None:
    look = replace(LOOK, horizon=Horizon(clock_skew=HOUR))
    told = story([person("02 10:00:00"), page("03 10:30:00", window="open"), page("04 10:00:00", window="closed")], 2)
    assert "  ── window closed 2017-05-03 11:00:00 (25h after the person's last action) ──" in timeline(told, look)


@pytest.mark.parametrize("state", ["open", "unknown"])
def test_what_was_judged_is_never_contradicted(state: str) -> None:
    """The configuration may have changed since the audit."""
    told = timeline(story([person("02 10:00:00"), page("05 10:00:00", window=state)], 1))
    assert state in told[1]
    assert "window closed" not in "\n".join(told)


def test_reading_opens_nothing() -> None:
    told = timeline(story([person("02 10:00:00"), person("03 09:00:00", "read"), page("03 11:00:00")], 2))
    assert told[2] == "  ── window closed 2017-05-03 10:00:00 (24h after the person's last action) ──"
    assert "┆ closed" in told[3]


def test_a_reaction_opens_it_where_the_edition_says_so() -> None:
    scenes = [person("02 10:00:00", "reaction"), page("02 11:00:00", edition="2020-03")]
    assert "┃ open" in timeline(story(scenes, 1))[0]
    scenes[1] = replace(scenes[1], edition="2017-04")
    assert "? unknown" in timeline(story(scenes, 1))[0]


def test_what_went_before_counts() -> None:
    told = story(
        [page("03 09:00:00", "sender_action"), page("03 11:00:00", window="closed")],
        1,
        first=40,
        before=Window(actions={"message": at("02 10:00:00")}),
    )
    assert timeline(told)[:3] == [
        "  ── 40 earlier events left out ──",
        "  2017-05-03 09:00:00       ┃ open    page  sender_action",
        "  ── window closed 2017-05-03 10:00:00 (24h after the person's last action) ──",
    ]


def test_events_left_out_are_counted_wherever_they_are() -> None:
    one = story([person("02 10:00:00"), page("02 11:00:00", window="open")], 1, first=1, total=200)
    scenes = [one.scenes[0], replace(one.scenes[1], place=100)]
    told = timeline(replace(one, scenes=scenes))
    assert told[0] == "  ── 1 earlier event left out ──"
    assert told[2] == "  ── 98 events left out ──"
    assert told[-1] == "  ── 99 later events left out ──"


def test_marks() -> None:
    told = timeline(
        story(
            [
                person("02 10:00:00", stops=True),
                page("02 11:00:00", window="open", refused=True, echo=True),
                page("02 11:00:00", repeated=True),
            ],
            1,
        )
    )
    assert told[0].endswith("asks to stop")
    assert told[1].endswith("refused by the API, echo")
    assert told[-1].endswith("repeated, not judged")


def test_a_conversation_judged_as_a_whole_says_what_its_window_rests_on() -> None:
    told = timeline(story([person("02 10:00:00", whole=True), page("03 11:00:00", whole=True)], 1))
    assert "┃ open~" in told[0]
    assert "┆ closed~" in told[2]
    assert told[-2].startswith("~ The store keeps no window of this conversation, which was judged as a whole")


def test_no_action_on_record_is_not_a_closed_window() -> None:
    scenes = [page("03 11:00:00", whole=True)]
    assert "? unknown~" in timeline(story(scenes, 0))[0]
    complete = replace(LOOK, horizon=Horizon(history=History.COMPLETE))
    assert "┆ closed~" in timeline(story(scenes, 0), complete)[0]


def test_an_action_without_a_time_leaves_the_window_unknown() -> None:
    told = story(
        [page("03 11:00:00", whole=True), person(None, whole=True)], 0, before=Window(undated=frozenset({"message"}))
    )
    assert "? unknown~" in timeline(told)[0]


def test_an_ad_may_have_opened_the_window_for_longer() -> None:
    """Who came through an ad is not kept, so that no more is said than is known."""
    with_ads = next(edition for edition in EDITIONS.values() if edition.ad_window)
    scenes = [person("02 10:00:00", whole=True), page("03 11:00:00", whole=True, edition=with_ads.id)]
    told = timeline(story(scenes, 1))
    assert "? unknown~" in told[1]
    assert "window closed" not in "\n".join(told)


def test_events_without_a_time_stand_apart() -> None:
    told = timeline(story([person("02 10:00:00"), page(None), page(None)], 1))
    assert told[1] == "  ── no time on record: where these belong is not known ──"
    assert told[2].startswith("> no time ")
    assert sum("no time on record" in line for line in told) == 1


def test_an_unknown_edition_tells_no_window() -> None:
    told = story([person("02 10:00:00"), page("04 10:00:00", edition="ours")], 1)
    told = replace(told, asked=replace(told.asked, edition="ours"))
    text = "\n".join(timeline(told))
    assert not any(word in text for word in ("open", "closed", "unknown", "the window is"))


def test_other_findings_are_told_at_their_messages() -> None:
    told = story([person("02 10:00:00"), page("02 11:00:00", window="open"), page("02 12:00:00", window="open")], 2)
    other = replace(
        ASKED, finding=2, rule="too-long", severity=Severity.WARNING, message="2,001", fingerprint="ab" * 10
    )
    told = replace(told, findings={**told.findings, (0, 1): [other]})
    shown = timeline(told)
    assert shown[2] == "      warning too-long: 2,001  (abababababab)"
    assert [line[0] for line in shown if "2017" in line] == [" ", " ", ">"]


def test_fractions_of_a_second_are_shown_where_they_matter() -> None:
    scenes = [person("02 10:00:00"), page("03 10:00:00.001", window="closed")]
    told = timeline(story(scenes, 1))
    assert told[0].startswith("  2017-05-02 10:00:00.000 ")
    assert told[3] == "      sent 24h1ms after the person's last action; the window is 24h"


def test_text_and_person_are_told_only_where_asked_for() -> None:
    told = story([person("02 10:00:00", words="Is it\n\x1b[2Jthere?"), page("02 11:00:00", window="open")], 1)
    plain = "\n".join(lines(told, LOOK))
    assert not any(secret in plain for secret in ("there?", "10 % off", "4711"))
    shown = list(lines(told, replace(LOOK, style=Style(show_text=True))))
    assert r'      "Is it\n\x1b[2Jthere?"' in shown
    assert '    evidence: "10 % off" (percent-off, /message/text 0-8)' in shown
    assert "    person: 4711" in shown


def test_a_message_of_no_known_person_stands_alone() -> None:
    told = story([page("02 10:00:00")], 0, total=0)
    every = list(lines(told, LOOK))
    assert "    conversation: none, it is not on record whose it is" in every
    assert every[-2] == "> 2017-05-02 10:00:00      page  text"


def test_a_finding_about_a_record_has_no_time_line() -> None:
    told = list(lines(Story(replace(ASKED, key=None), [], 0), LOOK))
    assert told[-1] == "    conversation: none, about a record as a whole"


def test_several_pages_are_told_apart() -> None:
    told = timeline(story([page("02 10:00:00", page="7001"), page("02 10:00:01", page="7002")], 1))
    assert "page 7001" in told[0]
    assert "page 7002" in told[1]


def test_ascii() -> None:
    told = story([person("02 10:00:00"), page("04 10:00:00", window="closed")], 1)
    text = "\n".join(lines(told, replace(LOOK, unicode=False)))
    assert text.isascii()
    assert "-- window closed 2017-05-03 10:00:00" in text


def test_colours() -> None:
    told = story([person("02 10:00:00"), page("04 10:00:00", window="closed")], 1)
    text = "\n".join(lines(told, replace(LOOK, style=Style(colour=True))))
    assert "\x1b[31m┆ closed\x1b[0m" in text
    assert "\x1b[32m┃ open\x1b[0m" in text
    assert "\x1b" not in "\n".join(lines(told, LOOK))


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "0s"),
        (340_000, "340ms"),
        (312_000_000, "5m 12s"),
        (24 * HOUR + HOUR // 2, "24h 30m"),
        (24 * HOUR, "24h"),
        (51 * HOUR, "2d 3h"),
        (48 * HOUR + 1_000_000, "2d"),
        (-HOUR, "1h"),
    ],
)
def test_gap(micros: int, text: str) -> None:
    assert gap(micros) == text
