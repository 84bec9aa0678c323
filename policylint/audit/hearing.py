"""The third walk: messages that a rule about their conversation may find are read again and judged.

Of an ordinary conversation the traces told what the heart has to know of the window. An odd one is brought before the
heart with all of its events: they are gathered from the log into files of a bounded number of conversations each.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson

from policylint.answers import ours
from policylint.audit.alone import Reviewer, placed
from policylint.audit.candidates import LINE, NTH, RECORD, SIZE, START, TALK, Candidate, N, candidate, case_of
from policylint.audit.inputs import Input, Layout
from policylint.audit.notes import Form, Row, talk_of, with_place
from policylint.audit.parts import Brief
from policylint.audit.plain import Placed, plain_send
from policylint.audit.plans import Plan, plain_key
from policylint.audit.rereading import Base, Excerpt, Rereader, Scene, Spot, log_entry
from policylint.audit.stencils import MASK, Stencils
from policylint.audit.streams import fetch
from policylint.breaches import finding_of_request
from policylint.conversation import conversations
from policylint.documents import jsontext
from policylint.editions import Edition
from policylint.events import Event, Origin, PageSent, Platform, Pointer
from policylint.fingerprints import substance_of
from policylint.message import content_of
from policylint.outcome import Counts
from policylint.rules.compile import Breach
from policylint.situation import Facts
from policylint.window import Window

_KEPT: Final = 50_000
_DAY_MS: Final = 86_400_000
_ACTED: Final = "message"  # any action that opens the window stands for the last one


@dataclass(slots=True)
class Heard:
    """What the hearing of some messages came to: findings, and numbers that only the heart can tell."""

    notes: list[Row] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)

    def add(self, other: Heard) -> None:
        """Take over what other messages came to."""
        self.notes += other.notes
        self.counts.add(other.counts)


class Hearing:
    """Judges messages again, in one process; the judge knows how far the whole log reaches."""

    def __init__(self, brief: Brief, homes: Mapping[str | None, Platform]) -> None:
        self.brief, self.homes = brief, homes
        self.judge, self.clerk = brief.judge, brief.clerk
        self.reviewer = Reviewer(brief)
        self.rereader = Rereader(brief)
        self.stencils = Stencils(self.reviewer)
        self._rulings: dict[Hashable, list[Breach]] = {}  # by the case
        self._told: dict[Hashable, Sequence[Form]] = {}  # the same, by the edition, too
        self._platforms: dict[str, Platform] = {}  # by the page
        self._blocks = bool(brief.judge.enforcements.pages)
        self._unlined: dict[Input, list[Origin]] = {}
        self._unplaced: dict[Input, list[tuple[int, Origin, Pointer]]] = {}

    def candidates(self, inp: Input, base: Base, rows: Sequence[Sequence[int]]) -> Heard:
        """Judge messages of ordinary conversations, all of one part and in the order of their places."""
        heard = Heard()
        if inp.layout is Layout.LINES and self.brief.shape is None and inp.source not in self.brief.fields:
            wanted = self._plain(heard, inp, base, rows)
        else:
            wanted = [candidate(row) for row in rows]
        by_spot = {one.spot: one for one in wanted}
        for spot, event, scene in self.rereader.events(inp, base, [one.spot for one in wanted]):
            if isinstance(event, PageSent):
                self._candidate(heard, base, by_spot[spot], event, scene)
        self._place(heard)
        return heard

    def _plain(self, heard: Heard, inp: Input, base: Base, rows: Sequence[Sequence[int]]) -> list[Candidate]:
        """Judge plain messages; the others come back.

        What is said of one hangs on its plan and the state of its window alone, so it is worked out once for all that
        are alike.
        """
        left = []
        particular = self.clerk.is_particular
        for row, text in zip(rows, fetch(inp, [(row[START], row[SIZE]) for row in rows]), strict=True):
            if not particular and self._alike(heard, base, row, text):
                continue
            one = candidate(row)
            try:
                told = not particular and self._plain_candidate(heard, base, row, text)
            except (KeyError, TypeError, AttributeError, ValueError):
                told = False
            if told:
                continue
            line = base.lines + one.spot.line + 1
            text = text.removesuffix(b"\n")  # noqa: PLW2901
            event = log_entry(text, line, base, one.spot, inp.source)
            if isinstance(event, PageSent):
                self._candidate(heard, base, one, event, Excerpt(text, line, once=True))
            else:
                left.append(one)
        return left

    def _alike(self, heard: Heard, base: Base, row: Sequence[int], text: bytes) -> bool:
        """Judge a message of which a stencil tells all but its window; False where none does."""
        masked = text.translate(MASK)
        stencil = self.stencils.known.get(masked)
        if stencil is None:
            self.stencils.see(masked, text.removesuffix(b"\n"))
            return False
        if stencil.exact is not None and stencil.exact(text) != stencil.same:
            return False
        gaps = stencil.gaps
        at, page = int(text[gaps[0] : gaps[1]]), text[gaps[2] : gaps[3]].decode()
        plan = self.stencils.plan(stencil, at // _DAY_MS, self._platform(page))
        if plan is None or (told := self._forms(row, plan, page, at)) is None:
            return False
        if told:
            substance = stencil.substance(text)
            for form in told:
                self._fill(heard, base, row, form, stencil.column(form.pointer), at, substance)
        return True

    def _plain_candidate(self, heard: Heard, base: Base, row: Sequence[int], text: bytes) -> bool:
        value = orjson.loads(text)
        sent = plain_send(value)
        if sent is None:
            return False
        at, page, _, _, request, _, tag, kind = sent
        platform = self._platform(page)
        key = plain_key(platform, at // _DAY_MS, tag, content_of(request), kind, self.judge.pages.get(page))
        plan = self.reviewer.plans.by_key.get(key)
        if plan is None or (told := self._forms(row, plan, page, at)) is None:
            return False
        if not jsontext.has_keys_once(text, value):
            return False
        if told:
            place, substance = Placed(text, 0), substance_of(request)
            for form in told:
                column = place(f"/request{form.pointer}").column
                self._fill(heard, base, row, form, column, at, substance)
        return True

    def _platform(self, page: str) -> Platform:
        if page not in self._platforms:
            if len(self._platforms) > _KEPT:
                self._platforms.clear()
            self._platforms[page] = self.judge.platform_for(self.homes.get(page), page)
        return self._platforms[page]

    def _forms(self, row: Sequence[int], plan: Plan, page: str, at: int) -> Sequence[Form] | None:
        """What is said of a message of a plan at `at`, in milliseconds; None where that is not known yet."""
        if plan.kin is None:
            return None
        blocked = self._blocks and self.judge.enforcements.blocked(page, at * 1000)
        case = plan.kin, plan.edition_id, blocked, *case_of(row)
        forms = self._told.get(case)
        if forms is None and (breaches := self._rulings.get((plan.kin, blocked, *case_of(row)))) is not None:
            forms = tuple(self.clerk.form(breach, plan.edition_id) for breach in breaches)
            if len(self._told) > _KEPT:
                self._told.clear()
            self._told[case] = forms
        return forms

    def _fill(
        self, heard: Heard, base: Base, row: Sequence[int], form: Form, column: int, at: int, substance: bytes
    ) -> None:
        place = base.records + row[RECORD] + 1, base.lines + row[LINE] + 1, column
        heard.notes.append(form.row((base.part, row[N]), place, at * 1000, row[TALK], substance, row[NTH]))

    def _candidate(self, heard: Heard, base: Base, one: Candidate, event: PageSent, scene: Scene) -> None:
        platform = self.judge.platform_for(event.platform or self.homes.get(event.page), event.page)
        plan = self.reviewer.plan(event, platform)
        assert plan is not None
        window = Window(
            actions={} if one.last_open is None else {_ACTED: one.last_open},
            extras=one.extras,
            messages_sent=one.sent,
            opted_out=one.opted_out,
            person_wrote=one.wrote,
        )
        facts = Facts(event, self.judge.situation(event, platform, window))
        if event.refused:  # the findings are made already; how the platform's answer meets them is not
            found = self.judge.misshapen(facts)
            if event.is_message:
                found += self.judge.asked(facts, self.judge.checks(facts.edition))
                self._answered(heard, event, found, facts, scene)
            return
        found = self.judge.asked(facts, plan.dynamic)
        if plan.kin is not None:
            blocked = facts.situation.blocked
            case = plan.kin, blocked, *case_of(one.row)
            if len(self._rulings) > _KEPT:
                self._rulings.clear()
            self._rulings[case] = found
        if found:
            talk = f"person {event.person}"
            for breach in found:
                self._note(heard, breach, event, facts.edition, (base.part, one.n), talk, scene)

    def _answered(self, heard: Heard, event: PageSent, found: Sequence[Breach], facts: Facts, scene: Scene) -> None:
        worst = max((breach.severity for breach in found), default=None)
        rules = [breach.rule.id for breach in found if breach.severity is worst]
        undecided = facts.window_state in (None, "unknown") and facts.needs_window
        answers = heard.counts.answers
        answers.count(event, worst, rules, undecided=undecided)
        if (event.origin, event.answer, ours(worst, undecided=undecided)) in answers.passed:
            self._line(heard, event.origin, scene)

    def _line(self, heard: Heard, origin: Origin, scene: Scene) -> None:
        """Note the line of a message on which the platform and we disagree."""
        if not isinstance(scene, Excerpt):
            self._unlined.setdefault(scene, []).append(origin)
        elif (where := scene.place(origin, origin.base)) is not None:
            heard.counts.answers.lines[origin] = where.line

    def _note(
        self,
        heard: Heard,
        breach: Breach,
        event: PageSent,
        edition: Edition,
        number: tuple[int, int],
        talk: str,
        scene: Scene,
    ) -> None:
        finding = finding_of_request(breach, event, edition, show_text=self.clerk.show_text)
        pointer = event.in_record(breach.pointer)
        if isinstance(scene, Excerpt):
            finding = placed(finding, scene.place(event.origin, pointer))
        else:  # all of a document are looked up together: that takes a walk
            self._unplaced.setdefault(scene, []).append((len(heard.notes), event.origin, pointer))
        heard.notes.append(self.clerk.row(finding, *number, talk))

    def _place(self, heard: Heard) -> None:
        for inp, wanted in self._unplaced.items():
            found = self.brief.document(inp).places([(origin, pointer) for _, origin, pointer in wanted])
            for (n, _, _), at in zip(wanted, found, strict=True):
                if at is not None:
                    heard.notes[n] = with_place(heard.notes[n], at.line, at.column)
        self._unplaced.clear()
        for inp, origins in self._unlined.items():
            places = self.brief.document(inp).places([(origin, origin.base) for origin in origins])
            lines = {origin: at.line for origin, at in zip(origins, places, strict=True) if at is not None}
            heard.counts.answers.lines |= lines
        self._unlined.clear()

    def gather(self, inp: Input, base: Base, wanted: Sequence[tuple[int, Spot, int]], folder: Path) -> dict[int, int]:
        """Write the events of odd conversations, all of one part, to a file for each group: `wanted` has the number of
        the event, its spot and its group. How many there were of each group comes back.
        """
        files: dict[int, list[bytes]] = {}
        lots = {spot: (n, group) for n, spot, group in wanted}
        for spot, event, scene in self.rereader.events(inp, base, [spot for _, spot, _ in wanted]):
            n, group = lots[spot]
            files.setdefault(group, []).append(pickle.dumps((base.part, n, event, scene)))
        for group, events in files.items():
            with (folder / f"{group}-{base.part}").open("wb") as file:
                file.write(b"".join(events))
        return {group: len(events) for group, events in files.items()}

    def lot(self, files: Iterable[Path]) -> tuple[int, Heard]:
        """Judge the odd conversations whose events were gathered into `files`, as a whole; and count the events."""
        heard = Heard()
        events: list[Event] = []
        numbers: dict[Origin, tuple[int, int]] = {}
        scenes: dict[Origin, Scene] = {}
        for path in files:
            with path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                while file.tell() < size:
                    part, n, event, scene = pickle.load(file)
                    events.append(event)
                    numbers[event.origin] = part, n
                    scenes[event.origin] = scene
        together, heard.counts.repeated = conversations(events, self.homes)
        for conversation in together:
            talk = talk_of(conversation)
            for verdict in self.judge.conversation(conversation):
                heard.counts.count(verdict)
                event = verdict.event
                for breach in verdict.breaches:
                    origin = event.origin
                    self._note(heard, breach, event, verdict.edition, numbers[origin], talk, scenes[origin])
        for origin in heard.counts.answers.disputed():
            self._line(heard, origin, scenes[origin])
        self._place(heard)
        return len(events), heard
