"""Stencils: what holds for all lines of a log that differ in their digits only.

A program writes the same few messages over and over, with other numbers in them: times, ids, orders, amounts. What such
a line tells and what is to be said of it is worked out once, where nothing in the rules tells its digits apart; of the
next line of its kind only the gaps are read. Whatever is not certain of all such lines is read the long way.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final

import orjson

from policylint.audit.alone import Reviewer
from policylint.audit.notes import Form
from policylint.audit.plain import Placed, is_plain_act, plain_send, sent_event
from policylint.audit.plans import Plan, plain_key
from policylint.audit.traces import Flag
from policylint.documents import jsontext
from policylint.events import Json, Origin, PageSent, Platform, Pointer
from policylint.fingerprints import substance_of
from policylint.lexicons.phrases import BETWEEN
from policylint.message import content_of, words_of
from policylint.rules.compile import Breach
from policylint.rules.partial import facts_of

MASK: Final = bytes.maketrans(b"123456789", b"000000000")
"""For `bytes.translate`: lines that are the same after it differ in their digits only."""

_DIGITS: Final = frozenset(b"0123456789")
_EACH: Final = tuple(b"%d" % digit for digit in range(10))
_DAY: Final = 86_400_000
_TIMES: Final = range(11, 15)  # digits of a time in milliseconds; shorter ones might be seconds
_ACT: Final = int(Flag.OPENS | Flag.WROTE)
_STOPS: Final = int(Flag.STOPS)
_NO_TEXT: Final = int(Flag.NO_TEXT)
_MOST: Final = 4 << 20  # bytes of lines with a stencil of their own, some ten thousand; then all are forgotten
_MOST_SEEN: Final = 50_000
_MOST_DAYS: Final = 100
_LONGEST: Final = 1 << 13  # bytes of a line that becomes one
_TOO_LONG: Final = 19  # digits of a number: whether one of hundreds is too great depends on them
_ANYWHERE: Final = Origin("", 1, 0)

# Time, page, person and message id: what is read of each line.
_ACT_GAPS: Final = (
    "/entry/0/messaging/0/timestamp",
    "/entry/0/id",
    "/entry/0/messaging/0/sender/id",
    "/entry/0/messaging/0/message/mid",
)
_SEND_GAPS: Final = ("/timestamp", "/page_id", "/request/recipient/id", "/response/message_id")
_REQUEST: Final = "/request"
# What names a kind decides what is looked for.
_KINDS: Final = frozenset({"type", "template_type", "tag", "messaging_type", "notification_type"})


@dataclass(frozen=True, slots=True)
class Ruling:
    """What holds for all lines of a stencil and a day: for their traces, and what is to be said of them."""

    flags: int
    edition: int
    forms: tuple[tuple[Form, int], ...] = ()  # of findings, each with its column


@dataclass(slots=True, eq=False)
class Stencil:
    """Lines that differ in their digits only."""

    sample: Json
    text: bytes
    gaps: tuple[int, ...]
    """Where in a line stand time, page, person and message id, each with its end; and where the first digit of one more
    number, which may be no zero, -1 for none.
    """
    exact: Callable[[bytes], Any] | None  # what has to be the same as in the sample
    kind: str  # what the person did, or the content of the message
    tag: str | None
    digits: tuple[Pointer, ...] = ()  # texts of the request that have some
    act: Ruling | None = None  # of what a person did; it is the same on all days
    # By the plan, which is kept so that no other takes its id. None: to be read the long way.
    rulings: dict[int, tuple[Plan, Ruling | None]] = field(default_factory=dict)
    scores: dict[Hashable, tuple[float | str | None, ...] | None] = field(default_factory=dict)
    same: Any = None  # what `exact` gives for the sample
    earliest: int = 0  # of the times in these gaps; those before begin with a zero
    plans: dict[tuple[int, Platform], Plan | None] = field(default_factory=dict)  # by day and platform
    # What of the request fingerprints are made of: what is always the same, and after each the span of what is not.
    pieces: tuple[tuple[bytes, int, int], ...] | None = None
    columns: dict[Pointer, int] = field(default_factory=dict)  # at which values stand, from 1, by pointers in requests

    @property
    def is_act(self) -> bool:
        """Whether a person did it, and no page sent it."""
        return self.act is not None

    def event(self, day: int) -> PageSent:
        """The sample's event, as if of that day."""
        return sent_event({**self.sample, "timestamp": day * _DAY}, _ANYWHERE)

    def substance(self, text: bytes) -> bytes:
        """What of the request of a line fingerprints are made of."""
        if self.pieces is None:
            return substance_of(orjson.loads(text)["request"])
        return b"".join([piece for same, start, end in self.pieces for piece in (same, text[start:end])])

    def column(self, pointer: Pointer) -> int:
        """The column at which a value of the request stands, from 1; or else what should hold it."""
        if pointer not in self.columns:
            self.columns[pointer] = Placed(self.text, 0)(f"{_REQUEST}{pointer}").column
        return self.columns[pointer]


class Stencils:
    """The stencils that one process has made."""

    def __init__(self, reviewer: Reviewer) -> None:
        self.reviewer, self.judge = reviewer, reviewer.judge
        self.known: dict[bytes, Stencil] = {}  # by the masked line
        self._size = 0  # of the lines that have one, in bytes
        self._seen: dict[int, bool] = {}  # by the hash of the masked line: whether it was tried to make a stencil of it
        stops = self.judge.rulebook.opt_out
        self._stops_have_digits = any(_has_digits(words.encode(errors="replace")) for words in stops)

    def see(self, masked: bytes, text: bytes) -> None:
        """Take notice of a line that no stencil was there for: the second of its kind becomes one."""
        kind = hash(masked)
        tried = self._seen.get(kind)
        if tried is None:
            if len(self._seen) >= _MOST_SEEN:
                self._seen.clear()
            self._seen[kind] = False
        elif not tried and len(text) <= _LONGEST:
            self._seen[kind] = True
            try:
                stencil = self._made(text)
            except Exception:  # not plain
                return
            if stencil is not None:
                self._size += len(text)
                if self._size > _MOST:
                    self._size = len(text)
                    self.known.clear()
                    self._seen.clear()
                self.known[masked] = stencil

    def _made(self, text: bytes) -> Stencil | None:
        value = orjson.loads(text)
        is_act = "request" not in value
        tag: str | None = None
        if is_act:
            if not (self.reviewer.acts_are_plain and is_plain_act(value, text)):
                return None
            words = value["entry"][0]["messaging"][0]["message"].get("text")
            if words is not None and self._stops_have_digits and _has_digits(words.encode()):
                return None
            kind = "message"
        else:
            sent = plain_send(value)
            if sent is None or self.judge.pages or not jsontext.has_keys_once(text, value):
                return None
            tag, kind = sent[6], content_of(value["request"])
        spans = {pointer: (start, end) for pointer, start, end in jsontext.scalars(text.decode("latin-1"))}
        cut = _gaps(text, spans, _ACT_GAPS if is_act else _SEND_GAPS)
        if cut is None or _digits(text) != sum(_digits(text[start:end]) for start, end in spans.values()):
            return None  # keys have some
        gaps, exact, pointers = cut
        if any(pointer.rpartition("/")[2] in _KINDS for pointer in pointers):
            return None
        stencil = Stencil(
            sample=value,
            text=text,
            gaps=gaps,
            exact=itemgetter(*exact) if exact else None,
            kind=kind,
            tag=self.reviewer.shown_tag(tag),
            digits=tuple(pointers),
            pieces=None if is_act else _pieces(value["request"], text, spans),
        )
        if stencil.exact is not None:
            stencil.same = stencil.exact(text)
        stencil.earliest = 10 ** (gaps[1] - gaps[0] - 1)
        if is_act:
            stencil.act = Ruling(_ACT | _STOPS if self.judge.rulebook.asks_to_stop(words) else _ACT, -1)
        return stencil

    def ruling(self, stencil: Stencil, day: int) -> Ruling | None:
        """What holds for the lines of a stencil on a day, counted from 1970; None: they are read the long way."""
        if stencil.act is not None:
            return stencil.act
        platform = self.judge.platform_for(None, None)
        plan = self.plan(stencil, day, platform)
        if plan is None:
            return None
        if id(plan) not in stencil.rulings:
            stencil.rulings[id(plan)] = plan, self._ruling(stencil, plan, day, platform)
            if stencil.rulings[id(plan)][1] is None:  # on other days there will be none either
                self.known.pop(stencil.text.translate(MASK) + b"\n", None)
        return stencil.rulings[id(plan)][1]

    def _ruling(self, stencil: Stencil, plan: Plan, day: int, platform: Platform) -> Ruling | None:
        reviewer, request = self.reviewer, stencil.sample["request"]
        if plan.sound is None or any(map(plan.digits, stencil.digits)):
            return None
        sound = plan.sound(request)
        checks = plan.static
        if plan.signals:
            scores = self._scores(stencil, plan)
            if scores is None:
                return None
            checks = reviewer.left(plan, scores)
        flags = plan.flags if words_of(request) else plan.flags | _NO_TEXT
        if not checks and sound:
            return Ruling(flags, plan.edition)
        # Whatever the findings hang on, or say, has to be the same in all lines, and on all days of the plan.
        event = stencil.event(day)
        known = plan.known.keys() | {fact for fact in plan.signals if reviewer.asked([fact]) != [None]}
        facts = [reviewer.plans.hangs_on(check) for check in checks]
        if not sound:
            edition = self.judge.regimes(event, platform)[0].edition
            structure = (facts_of(check.rule, edition) for check in self.judge.structure_checks(edition))
            facts += [frozenset(fact for fact in own if not fact.startswith("structure.")) for own in structure]
        if reviewer.brief.clerk.is_particular or not all(own <= known for own in facts):
            return None
        return self._loud(stencil, reviewer.breaches(event, platform, checks, sound=sound), plan, flags)

    def plan(self, stencil: Stencil, day: int, platform: Platform) -> Plan | None:
        """The plan for messages of a stencil on a day; None where it is not certain what they are judged by."""
        if (day, platform) not in stencil.plans:
            request = stencil.sample["request"]
            key = plain_key(platform, day, request.get("tag"), stencil.kind, request.get("messaging_type"), None)
            plan = self.reviewer.plan_of(key, platform, lambda: stencil.event(day))
            if len(stencil.plans) > _MOST_DAYS:
                stencil.plans.clear()
            stencil.plans[day, platform] = plan
        return stencil.plans[day, platform]

    def _scores(self, stencil: Stencil, plan: Plan) -> tuple[float | str | None, ...] | None:
        """What the wording of the lines comes to; None where that might depend on their digits."""
        key = plan.signals, plan.kinds
        if key not in stencil.scores:
            scorer, asked = self.judge.rulebook.scorer, self.reviewer.asked(plan.signals)
            text = BETWEEN.join(words_of(stencil.sample["request"]))
            blind = not scorer.heeds_digits(asked, text)
            stencil.scores[key] = scorer.wording(asked, text, plan.kinds) if blind else None
        return stencil.scores[key]

    def _loud(self, stencil: Stencil, found: Sequence[Breach], plan: Plan, flags: int) -> Ruling:
        clerk = self.reviewer.brief.clerk
        forms = [(clerk.form(breach, plan.edition_id), stencil.column(breach.pointer)) for breach in found]
        return Ruling(flags, plan.edition, tuple(forms))


def _gaps(
    text: bytes, spans: dict[Pointer, tuple[int, int]], wanted: Sequence[Pointer]
) -> tuple[tuple[int, ...], list[slice], list[Pointer]] | None:
    """The gaps of a stencil, what has to be the same in all its lines, and pointers from the request's root to texts
    with digits. None for a line with something else in its gaps than it should.
    """
    gaps: list[int] = []
    for pointer in wanted:
        start, end = spans[pointer]
        if pointer is wanted[0]:
            if not text[start:end].isdigit() or end - start not in _TIMES:
                return None
            gaps += [start, end]
        else:
            if text[start] != ord('"') or b"\\" in text[start:end]:
                return None
            gaps += [start + 1, end - 1]
    spare, exact, pointers = -1, list[slice](), list[Pointer]()
    for pointer, (start, end) in spans.items():
        word = text[start:end]
        if not _has_digits(word) or (pointer in wanted and not pointer.startswith(_REQUEST)):
            continue
        of_request = pointer.startswith(f"{_REQUEST}/")
        if word[:1] != b'"':
            if spare >= 0 or of_request or not word.isdigit() or not 1 < len(word) < _TOO_LONG:
                exact.append(slice(start, end))
            else:
                spare = start
        elif b"\\u" in word:  # a character by its number
            exact.append(slice(start, end))
        elif of_request:
            pointers.append(pointer.removeprefix(_REQUEST))
    return (*gaps, spare), exact, pointers


def _pieces(
    request: dict[str, Json], text: bytes, spans: Mapping[Pointer, tuple[int, int]]
) -> tuple[tuple[bytes, int, int], ...] | None:
    """The `pieces` of a stencil; None where a text with digits is spelt in another way there."""
    whole = substance_of(request)
    pieces, at = [], 0
    for pointer, start, end in jsontext.scalars(whole.decode("latin-1")):
        word = whole[start:end]
        if word[:1] == b'"' and _has_digits(word):
            own = spans.get(f"{_REQUEST}{pointer}")
            if own is None or text[slice(*own)] != word:
                return None
            pieces.append((whole[at:start], *own))
            at = end
    return *pieces, (whole[at:], 0, 0)


def _has_digits(text: bytes) -> bool:
    return not _DIGITS.isdisjoint(text)


def _digits(text: bytes) -> int:
    return sum(map(text.count, _EACH))
