"""What the platform answered, held against our verdicts: the table of errors, and how the two are counted."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from typing import Any

import pytest

from policylint.answers import Answers, Category, ErrorTable, page_measures
from policylint.datafiles import DataFile, schema_problems
from policylint.events import Answer, Measure, Origin, PageEnforced, PageSent
from policylint.findings import Severity
from policylint.reporters.report import Ours, PageMeasure, Ruling
from policylint.shipped import shipped

SCHEMA = "platform-errors.schema.json"
DATA: Any = DataFile(shipped("rules") / "platform-errors.yaml", SCHEMA).value
TABLE = ErrorTable.from_data(DATA)

FINE = Answer(refused=False)
CLOSED = Answer(refused=True, code=10, subcode=2018278)
RESTRICTED = Answer(refused=True, code=10, subcode=1893063)
RETIRED = Answer(refused=True, code=100, about_tag=True)
UNAVAILABLE = Answer(refused=True, code=551, subcode=1545041)
TOKEN = Answer(refused=True, code=190, subcode=463)


def sent(record: int, answer: Answer | None, *, source: str = "log.ndjson", nth: int = 0) -> PageSent:
    return PageSent(Origin(source, record, nth=nth), "4711", "7001", 0, {"message": {"text": "a"}}, answer=answer)


# --- the table of errors


@pytest.mark.parametrize(
    ("code", "subcode", "category", "ruling"),
    [
        (10, 2018278, "window", Ruling.POLICY),
        (10, 2018065, "window", Ruling.POLICY),
        (10, 2534022, "window", Ruling.POLICY),
        (551, 1545041, "window", Ruling.UNCLEAR),  # or only an unavailable person
        (200, 1545041, "window", Ruling.UNCLEAR),
        (613, 2018338, "tag", Ruling.POLICY),
        (4, 2018354, "notification", Ruling.POLICY),
        (100, 2534025, "private-reply", Ruling.POLICY),
        (10, 1893063, "enforcement", Ruling.RESTRICTED),
        (100, 2534029, "enforcement", Ruling.RESTRICTED),
        (2022, None, "enforcement", Ruling.RESTRICTED),
        (100, 2018109, "structure", Ruling.OTHER),
        (551, None, "not-policy", Ruling.OTHER),
        (10, 2018108, "not-policy", Ruling.OTHER),
        (4, None, "not-policy", Ruling.OTHER),
        (190, 463, "not-policy", Ruling.OTHER),  # tokens fail in ways that the table need not tell apart
        (None, 2018300, "not-policy", Ruling.OTHER),
        (2018300, None, "not-policy", Ruling.OTHER),
        (None, 2018278, "window", Ruling.POLICY),  # a log that kept only the subcode
        (2018278, None, "window", Ruling.POLICY),  # … or took it for the code
        (100, None, "structure", Ruling.UNCLEAR),
        (100, 33, "structure", Ruling.UNCLEAR),
        (10, None, "not-policy", Ruling.UNCLEAR),
        (31337, None, "unknown", Ruling.UNCLEAR),
        (None, None, "unknown", Ruling.UNCLEAR),
    ],
)
def test_what_an_error_means(code: int | None, subcode: int | None, category: str, ruling: Ruling) -> None:
    answer = Answer(refused=True, code=code, subcode=subcode)
    refusal = TABLE.refusal(answer)
    assert refusal is not None
    assert (refusal.category, refusal.code, refusal.subcode) == (category, code, subcode)
    assert TABLE.ruling(answer) is ruling


@pytest.mark.parametrize(
    ("code", "subcode", "category"),
    [
        (100, None, Category.TAG),
        (100, 33, Category.TAG),  # a subcode that the table does not know
        (100, 2018109, Category.STRUCTURE),  # a subcode says more than the words
        (190, None, Category.NOT_POLICY),
    ],
)
def test_words_about_a_tag_tell_what_code_100_is(code: int, subcode: int | None, category: Category) -> None:
    refusal = TABLE.refusal(Answer(refused=True, code=code, subcode=subcode, about_tag=True))
    assert refusal is not None
    assert refusal.category is category


def test_what_is_no_refusal() -> None:
    assert TABLE.refusal(FINE) is None
    assert TABLE.ruling(FINE) is Ruling.ACCEPTED
    assert TABLE.ruling(None) is Ruling.NONE


def test_no_error_stands_twice() -> None:
    keys = Counter(
        entry["subcode"] if "subcode" in entry else (entry["code"], entry.get("about_tag", False))
        for entry in DATA["errors"]
    )
    assert [key for key, times in keys.items() if times > 1] == []
    assert {entry["category"] for entry in DATA["errors"]} == set(Category) - {Category.UNKNOWN}


def test_days_are_days() -> None:
    days = [entry["since"] for entry in DATA["errors"] if "since" in entry]
    assert days
    for day in [DATA["read_on"], *days]:
        assert date.fromisoformat(day) <= date.fromisoformat(DATA["read_on"])


ENTRY = {"code": 10, "subcode": 1, "category": "window", "meaning": "the window has closed"}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"category": "unknown"}, "/errors/0/category"),
        ({"meaning": "it ends in a full stop."}, "/errors/0/meaning"),
        ({"weak": False}, "/errors/0/weak"),
        ({"since": "May 2018"}, "/errors/0/since"),
        ({"about_tag": True}, "/errors/0"),
        ({"code": None, "subcode": None}, "/errors/0"),
        ({"reason": "x"}, "/errors/0/reason"),
    ],
)
def test_the_schema_refuses(change: dict[str, Any], pointer: str) -> None:
    entry = {key: value for key, value in {**ENTRY, **change}.items() if value is not None}
    data = {"source": "https://example.com", "read_on": "2026-11-23", "errors": [ENTRY]}
    assert list(schema_problems(SCHEMA, data)) == []
    assert pointer in [where for where, _ in schema_problems(SCHEMA, {**data, "errors": [entry]})]


# --- their verdicts and ours


def counted(*messages: tuple[PageSent, Severity | None, tuple[str, ...]]) -> Answers:
    answers = Answers()
    for message, worst, rules in messages:
        answers.count(message, worst, rules)
    return answers


def test_nothing_to_compare_without_an_answer_on_record() -> None:
    assert Answers().by(TABLE) is None
    assert counted((sent(1, None), Severity.ERROR, ("structure-invalid",)), (sent(2, None), None, ())).by(TABLE) is None


@pytest.mark.parametrize(
    ("answer", "worst", "met"),
    [
        (FINE, None, (Ruling.ACCEPTED, Ours.FINE)),
        (FINE, Severity.NOTE, (Ruling.ACCEPTED, Ours.FINE)),
        (FINE, Severity.WARNING, (Ruling.ACCEPTED, Ours.WARNING)),
        (FINE, Severity.ERROR, (Ruling.ACCEPTED, Ours.BREACH)),
        (CLOSED, Severity.ERROR, (Ruling.POLICY, Ours.BREACH)),
        (RETIRED, Severity.WARNING, (Ruling.POLICY, Ours.WARNING)),
        (RESTRICTED, None, (Ruling.RESTRICTED, Ours.FINE)),
        (UNAVAILABLE, None, (Ruling.UNCLEAR, Ours.FINE)),
        (TOKEN, Severity.ERROR, (Ruling.OTHER, Ours.BREACH)),
    ],
)
def test_a_message_meets_one_pair_of_verdicts(answer: Answer, worst: Severity | None, met: tuple[Ruling, Ours]) -> None:
    told = counted((sent(1, answer), worst, ())).by(TABLE)
    assert told is not None
    assert told.verdicts == {met: 1}


def test_agreement() -> None:
    told = counted(
        (sent(1, FINE), None, ()),
        (sent(2, FINE), None, ()),
        (sent(3, CLOSED), Severity.ERROR, ("untagged-outside-window",)),
        (sent(4, FINE), Severity.WARNING, ("off-topic-for-tag",)),
        (sent(5, CLOSED), None, ()),
        (sent(6, FINE), Severity.ERROR, ("untagged-outside-window",)),
        (sent(7, RESTRICTED), None, ()),
        (sent(8, UNAVAILABLE), None, ()),
        (sent(9, TOKEN), None, ()),
        (sent(10, None), Severity.ERROR, ("structure-invalid",)),
    ).by(TABLE)
    assert told is not None
    assert (told.compared, told.agreed, told.warned, told.disagreed) == (6, 3, 1, 2)
    assert sum(told.verdicts.values()) == 10
    assert told.messages(Ruling.ACCEPTED) == 4


def test_disagreements_name_their_messages() -> None:
    """Only those: a restricted page, an unclear error or a failing token is no disagreement about policy."""
    told = counted(
        (sent(9, RETIRED), None, ()),
        (sent(2, CLOSED), Severity.NOTE, ("extra-message-spent",)),
        (sent(3, CLOSED), Severity.WARNING, ("edge-of-window",)),
        (sent(4, RESTRICTED), None, ()),
        (sent(5, UNAVAILABLE), None, ()),
        (sent(6, TOKEN), None, ()),
        (sent(8, FINE), Severity.ERROR, ("wrong-tag", "a-rule", "wrong-tag")),
        (sent(7, FINE, source="a.json"), Severity.ERROR, ("structure-invalid",)),
    ).by(TABLE)
    assert told is not None
    assert [(one.where.record, one.category, one.code, one.subcode) for one in told.refused_but_passed] == [
        (2, "window", 10, 2018278),
        (9, "tag", 100, None),
    ]
    assert [(one.where.source, one.where.record, one.rules) for one in told.accepted_but_breached] == [
        ("a.json", 7, ("structure-invalid",)),
        ("log.ndjson", 8, ("a-rule", "wrong-tag")),
    ]
    assert told.disagreed == 4


def test_an_unknown_window_excuses_from_a_refusal_about_the_window_only() -> None:
    answers = Answers()
    for record, answer in enumerate((CLOSED, RETIRED, FINE, TOKEN, None), 1):
        answers.count(sent(record, answer), None, undecided=True)
    answers.count(sent(6, CLOSED), Severity.ERROR, ("structure-invalid",), undecided=True)
    told = answers.by(TABLE)
    assert told is not None
    assert told.verdicts == {
        (Ruling.ACCEPTED, Ours.UNDECIDED): 1,
        (Ruling.POLICY, Ours.BREACH): 1,
        (Ruling.POLICY, Ours.FINE): 1,
        (Ruling.POLICY, Ours.UNDECIDED): 1,
        (Ruling.OTHER, Ours.UNDECIDED): 1,
        (Ruling.NONE, Ours.UNDECIDED): 1,
    }
    assert [one.where.record for one in told.refused_but_passed] == [2]
    assert told.compared == 2


def test_order_of_counting_and_adding_does_not_matter() -> None:
    chances = random.Random(7)
    messages = [
        (
            sent(record, chances.choice([None, FINE, CLOSED, RETIRED, TOKEN]), nth=record % 3),
            chances.choice([None, *Severity]),
            ("a-rule",),
        )
        for record in range(1, 200)
    ]
    whole = counted(*messages)
    parts = Answers()
    chances.shuffle(messages)
    for start in range(0, len(messages), 17):
        parts.add(counted(*messages[start : start + 17]))
    assert parts == whole
    told = whole.by(TABLE)
    assert told == parts.by(TABLE)
    assert told is not None
    for listed in (told.refused_but_passed, told.accepted_but_breached):
        records = [one.where.record for one in listed]
        assert records == sorted(records)
        assert len(records) > 10
    assert told.disagreed == len(told.refused_but_passed) + len(told.accepted_but_breached)


def test_two_messages_of_one_record_are_two() -> None:
    told = counted((sent(1, CLOSED, nth=1), None, ()), (sent(1, CLOSED), None, ())).by(TABLE)
    assert told is not None
    assert len(told.refused_but_passed) == 2


def test_lines_where_they_are_known() -> None:
    answers = counted(
        (sent(3, CLOSED), None, ()),
        (sent(2, FINE), Severity.ERROR, ("a-rule",)),
        (sent(1, FINE), None, ()),
    )
    assert [origin.record for origin in answers.disputed()] == [2, 3]
    more = Answers(lines={Origin("log.ndjson", 3): 30})
    answers.add(more)
    told = answers.by(TABLE)
    assert told is not None
    assert [one.where.line for one in told.refused_but_passed] == [30]
    assert [one.where.line for one in told.accepted_but_breached] == [None]


# --- what the platform did to pages


def test_measures_by_page_and_time() -> None:
    def enforced(page: str | None, at: int | None, measure: Measure) -> PageEnforced:
        return PageEnforced(Origin("hook.ndjson", 1), page, at, measure)

    day = 86_400_000_000
    told = [
        enforced("7002", None, Measure.UNBLOCK),
        enforced("7002", 2 * day, Measure.UNBLOCK),
        enforced(None, 0, Measure.WARNING),
        enforced("7002", day, Measure.BLOCK),
        enforced("7001", 3 * day, Measure.WARNING),
    ]
    assert page_measures(told) == [
        PageMeasure(None, "warning", "1970-01-01T00:00:00Z"),
        PageMeasure("7001", "warning", "1970-01-04T00:00:00Z"),
        PageMeasure("7002", "block", "1970-01-02T00:00:00Z"),
        PageMeasure("7002", "unblock", "1970-01-03T00:00:00Z"),
        PageMeasure("7002", "unblock", None),
    ]
