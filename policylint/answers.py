"""What the platform answered to the page's messages, held against what policylint says of them.

The platform's errors are read by a table (rules/platform-errors.yaml), since their words change and are private.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from policylint.durations import format_time
from policylint.enforcement import enforcement
from policylint.events import Answer, Origin, PageEnforced, PageSent, Where
from policylint.findings import Severity
from policylint.reporters.report import AcceptedBreach, Ours, PageMeasure, PlatformAnswers, RefusedPass, Ruling


class Category(StrEnum):
    """What a refusal is about."""

    WINDOW = "window"
    TAG = "tag"
    NOTIFICATION = "notification"
    PRIVATE_REPLY = "private-reply"
    ENFORCEMENT = "enforcement"
    STRUCTURE = "structure"
    NOT_POLICY = "not-policy"
    UNKNOWN = "unknown"


# Rules about one message. A restricted page is refused whatever it sends, so `enforcement` is none of them: held
# against our verdict it would call every harmless message of a blocked page a breach that we missed.
_OF_THE_MESSAGE: Final = frozenset({Category.WINDOW, Category.TAG, Category.NOTIFICATION, Category.PRIVATE_REPLY})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the platform refused a message, as far as its numbers tell; `weak` where they stand for several causes."""

    category: Category
    meaning: str  # our words, no full stop
    weak: bool = False
    code: int | None = None
    subcode: int | None = None

    @property
    def ruling(self) -> Ruling:
        """What the refusal says of the message."""
        if self.weak or self.category is Category.UNKNOWN:
            return Ruling.UNCLEAR
        if self.category is Category.ENFORCEMENT:
            return Ruling.RESTRICTED
        return Ruling.POLICY if self.category in _OF_THE_MESSAGE else Ruling.OTHER


@dataclass(frozen=True, slots=True)
class ErrorTable:
    """What the platform's error numbers mean: by subcode, and by code for those that come with no known subcode.

    `tag_codes` are the meanings of codes whose error speaks of a tag.
    """

    subcodes: Mapping[int, Refusal]
    codes: Mapping[int, Refusal]
    tag_codes: Mapping[int, Refusal]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> ErrorTable:
        """The table that a valid value describes (schemas/platform-errors.schema.json)."""
        subcodes: dict[int, Refusal] = {}
        codes: dict[int, Refusal] = {}
        tag_codes: dict[int, Refusal] = {}
        for entry in data["errors"]:
            refusal = Refusal(Category(entry["category"]), entry["meaning"], entry.get("weak", False))
            if "subcode" in entry:
                subcodes[entry["subcode"]] = refusal
            elif entry.get("about_tag"):
                tag_codes[entry["code"]] = refusal
            else:
                codes[entry["code"]] = refusal
        return cls(subcodes, codes, tag_codes)

    def refusal(self, answer: Answer) -> Refusal | None:
        """Why a message was refused; None when it was not. Numbers that the table lacks are of category `unknown`."""
        if not answer.refused:
            return None
        found = self._named(answer) or _UNKNOWN
        return Refusal(found.category, found.meaning, found.weak, answer.code, answer.subcode)

    def ruling(self, answer: Answer | None) -> Ruling:
        """What the platform did with a message, by its answer (None where none is on record)."""
        if answer is None:
            return Ruling.NONE
        refusal = self.refusal(answer)
        return Ruling.ACCEPTED if refusal is None else refusal.ruling

    def _named(self, answer: Answer) -> Refusal | None:
        # A subcode is one number of its own whatever code comes with it; some clients log it as the code.
        for number in (answer.subcode, answer.code):
            if number is not None and number in self.subcodes:
                return self.subcodes[number]
        if answer.code is None:
            return None
        about_tag = self.tag_codes.get(answer.code) if answer.about_tag else None
        return about_tag or self.codes.get(answer.code)


_UNKNOWN: Final = Refusal(Category.UNKNOWN, "an error that policylint does not know")


@dataclass(slots=True)
class Answers:
    """How the answers of a run meet our verdicts. Equal whatever the order of counting and adding.

    `passed` are refused messages that we find nothing wrong with, `breached` accepted ones that we call a breach, and
    `lines` the places that are known (from 1). All are kept, however many: none may go missing from the report.
    """

    met: Counter[tuple[Answer | None, Ours]] = field(default_factory=Counter)
    passed: Counter[tuple[Origin, Answer, Ours]] = field(default_factory=Counter)
    breached: Counter[tuple[Origin, tuple[str, ...]]] = field(default_factory=Counter)
    lines: dict[Origin, int] = field(default_factory=dict)

    def count(
        self, sent: PageSent, worst: Severity | None, rules: Iterable[str] = (), *, undecided: bool = False
    ) -> None:
        """Count in a message of the page.

        `worst` is how grave the worst is that our rules say of it, as if it had reached the person; `rules` are the
        ids of those that say so. `undecided` says that the window was not known, so that its rules are silent.
        """
        said = ours(worst, undecided=undecided)
        self.met[sent.answer, said] += 1
        if sent.answer is None:
            return
        if sent.answer.refused and said in (Ours.FINE, Ours.UNDECIDED):
            self.passed[sent.origin, sent.answer, said] += 1
        elif not sent.answer.refused and said is Ours.BREACH:
            self.breached[sent.origin, tuple(sorted(set(rules)))] += 1

    def add(self, other: Answers) -> None:
        """Count in what another run counted."""
        self.met.update(other.met)
        self.passed.update(other.passed)
        self.breached.update(other.breached)
        self.lines.update(other.lines)

    def disputed(self) -> list[Origin]:
        """The messages whose lines a report may show, in the order of their places."""
        return sorted({key[0] for key in self.passed} | {key[0] for key in self.breached}, key=_place)

    def by(self, table: ErrorTable) -> PlatformAnswers | None:
        """The comparison as reports show it; None when no message has an answer on record."""
        if all(answer is None for answer, _ in self.met):
            return None
        verdicts: Counter[tuple[Ruling, Ours]] = Counter()
        for (answer, ours), messages in self.met.items():
            verdicts[table.ruling(answer), _decided(table, answer, ours)] += messages
        refused = [
            RefusedPass(
                where=self._where(origin),
                category=str(refusal.category),
                meaning=refusal.meaning,
                code=refusal.code,
                subcode=refusal.subcode,
            )
            for origin, answer, ours in sorted(self.passed.elements(), key=lambda item: _place(item[0]))
            if (refusal := table.refusal(answer)) is not None
            and refusal.ruling is Ruling.POLICY
            and _decided(table, answer, ours) is Ours.FINE
        ]
        accepted = [
            AcceptedBreach(self._where(origin), rules)
            for origin, rules in sorted(self.breached.elements(), key=lambda item: (_place(item[0]), item[1]))
        ]
        return PlatformAnswers(
            verdicts={(r, o): verdicts[r, o] for r in Ruling for o in Ours if verdicts[r, o]},
            refused_but_passed=refused,
            accepted_but_breached=accepted,
        )

    def _where(self, origin: Origin) -> Where:
        return Where(origin.source, origin.record, line=self.lines.get(origin))


def ours(worst: Severity | None, *, undecided: bool) -> Ours:
    """What is said of a message by its worst finding; `undecided` says that its window was not known."""
    match worst:
        case Severity.ERROR:
            return Ours.BREACH
        case Severity.WARNING:
            return Ours.WARNING
        case _:  # a note says that something is worth knowing, not that it is wrong
            return Ours.UNDECIDED if undecided else Ours.FINE


def _decided(table: ErrorTable, answer: Answer | None, ours: Ours) -> Ours:
    """`ours`, but an unknown window excuses nobody from a refusal that is about something else."""
    refusal = None if answer is None else table.refusal(answer)
    if ours is not Ours.UNDECIDED or refusal is None or refusal.ruling is not Ruling.POLICY:
        return ours
    return Ours.UNDECIDED if refusal.category is Category.WINDOW else Ours.FINE


def _place(origin: Origin) -> tuple[str, int, int, str]:
    return origin.source, origin.record, origin.nth, origin.base


def page_measures(taken: Iterable[PageEnforced]) -> list[PageMeasure]:
    """What the platform did to pages, as reports show it: by page, then by time, each delivery once."""
    return [
        PageMeasure(_named(one.page), str(measure.measure), None if measure.at is None else format_time(measure.at))
        for one in enforcement(taken).pages
        for measure in one.measures
    ]


def _named(page: str | None) -> str | None:
    """A page's id; what is none, by its looks, could be anything and is only described."""
    return page if page is None or _ID.fullmatch(page) else f"(a text of {len(page)} characters)"


_ID: Final = re.compile(r"[\w.:-]{1,64}", re.ASCII)
