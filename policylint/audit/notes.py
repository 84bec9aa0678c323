"""Findings on their way to the store: rows of plain values, in the order of the store's columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from policylint.audit.traces import hashed
from policylint.breaches import without_names
from policylint.conversation import Conversation
from policylint.durations import format_time
from policylint.events import Pointer
from policylint.findings import Evidence, Finding
from policylint.fingerprints import maker
from policylint.privacy import pseudonym, shown_pointer
from policylint.reporters.jsontext import json_text
from policylint.rules.compile import Breach
from policylint.settings import Settings
from policylint.triage import triage

if TYPE_CHECKING:
    import pyarrow as pa

LISTED: Final = 0
ACCEPTED: Final = 1  # by the configuration
LEFT_OUT: Final = 2  # by the configuration's choices for its path

COLUMNS: Final = {
    "part": "int32",
    "n": "int32",  # number of the event in its part; -1 for a finding about a record
    "record": "int64",
    "line": "int64",  # None where the recording shows no place
    "column": "int32",
    "saying": "int64",  # what is said; see `Saying`
    "sent_at": "string",
    "talk": "int64",  # hash of the conversation's key, 0 for a finding about a record
    "label": "string",  # the conversation's name, where the user has set a key for such names
    "evidence": "string",  # JSON
    "fingerprint": "string",
    "nth": "int32",
    "who": "string",  # the person as JSON, where the user asked to keep it
    "status": "int8",  # LISTED, ACCEPTED or LEFT_OUT
}
TURN: Final = "turn"  # the order in which they were found


class Saying(NamedTuple):
    """What many findings say alike."""

    pointer: str
    rule: str
    severity: int
    message: str
    remedy: str
    title: str  # of the policy's clause
    url: str
    edition: str | None
    grade: int  # the severity before the configuration's say

    @property
    def number(self) -> int:
        """A number for it, the same in all processes."""
        return hashed("\0".join(map(str, self)), 0)


SAYING: Final = {name: "int8" if name in ("severity", "grade") else "string" for name in Saying._fields}

Row: TypeAlias = tuple[Any, ...]
"""A finding in the order of `COLUMNS`, with its `Saying` in the place of the number."""


@dataclass(frozen=True, slots=True)
class Form:
    """A row that is filled in but for what differs between messages that are otherwise alike."""

    fingerprint: Callable[[bytes], str]  # of a request, by its substance
    pointer: Pointer
    saying: Saying
    evidence: str

    def row(
        self,
        key: tuple[int, int],
        place: tuple[int, int, int],
        at: int,
        talk: int,
        substance: bytes,
        nth: int,
    ) -> Row:
        """The row of one finding: as `Clerk.row` gives it, in fewer steps.

        `key` is the part and the number of the event, `place` record, line and column, `at` in microseconds, `talk`
        the hash of the conversation's key, `substance` what of the request fingerprints are made of.
        """
        return (
            *key,
            *place,
            self.saying,
            format_time(at),
            talk,
            None,
            self.evidence,
            self.fingerprint(substance),
            nth,
            None,
            LISTED,
        )


@dataclass(frozen=True, slots=True)
class Clerk:
    """Writes findings down: with the configuration's say on each, and a name for its conversation."""

    settings: Settings
    key: int  # of the store's hashes
    show_text: bool = False
    pseudonyms: str | None = None  # the key of the names that conversations are told by

    def row(self, finding: Finding, part: int, n: int, talk: str | None) -> Row:
        """The row of a finding; `talk` is the key of its conversation."""
        status, severity = LISTED, finding.severity
        if self.settings.per_path or self.settings.accepted or self.settings.severity:
            sorted_out = triage([finding], self.settings, ())
            status = LISTED if sorted_out.listed else ACCEPTED if sorted_out.accepted else LEFT_OUT
            severity = sorted_out.listed[0].severity if sorted_out.listed else severity
        where, policy = finding.where, finding.policy
        saying = Saying(
            where.pointer,
            finding.rule,
            int(severity),
            finding.message,
            finding.remedy,
            policy.title if policy else "",
            policy.url if policy else "",
            finding.edition,
            int(finding.severity),
        )
        return (
            part,
            n,
            where.record,
            where.line,
            where.column,
            saying,
            finding.at,
            0 if talk is None else hashed(talk, self.key),
            self.label(talk),
            evidence_text(finding.evidence, show_text=self.show_text),
            finding.fingerprint,
            finding.nth,
            None if finding.person is None else json_text(finding.person),
            status,
        )

    @property
    def is_particular(self) -> bool:
        """Whether there is more to a row than the finding itself."""
        settings = self.settings
        return bool(
            settings.per_path or settings.accepted or settings.severity or self.show_text or self.pseudonyms is not None
        )

    def form(self, breach: Breach, edition: str) -> Form:
        """The form of findings where nothing is particular."""
        rule, policy = breach.rule, breach.rule.policy
        evidence = without_names(breach.evidence)
        return Form(
            fingerprint=maker(f"{rule.id}{breach.about}", breach.pointer),
            pointer=breach.pointer,
            saying=Saying(
                shown_pointer(breach.pointer),
                rule.id,
                int(breach.severity),
                breach.message,
                breach.remedy,
                policy.title,
                policy.url,
                edition,
                int(breach.severity),
            ),
            evidence=evidence_text(evidence, show_text=False),
        )

    def label(self, talk: str | None) -> str | None:
        """The name of a conversation that stays the same from run to run, where the user has set a key for such."""
        if talk is None or self.pseudonyms is None:
            return None
        return pseudonym(talk, self.pseudonyms)


def with_place(row: Row, line: int, column: int) -> Row:
    """The row with its line and column."""
    at = list(COLUMNS).index("line")
    return (*row[:at], line, column, *row[at + 2 :])


def talk_of(conversation: Conversation) -> str:
    """The key that a conversation is told from others by; a lone event's is its place."""
    if conversation.key is not None:
        return conversation.key
    origin = (conversation.untimed or conversation.events)[0].origin
    return f"lone {origin.source}\0{origin.record}\0{origin.nth}"


def evidence_text(evidence: Iterable[Evidence], *, show_text: bool) -> str:
    """Evidence as JSON text."""
    from policylint.reporters.json import evidence_object

    return json_text([evidence_object(piece, show_text=show_text) for piece in evidence]) if evidence else "[]"


def table(rows: Sequence[Row]) -> pa.Table:
    """The rows as an Arrow table: the columns of `COLUMNS`, the turn, and what is said."""
    import pyarrow as pa

    sayings: dict[Saying, int] = {}
    whole = dict(zip(COLUMNS, zip(*rows, strict=True) if rows else repeat(()), strict=False))
    which = pa.array([sayings.setdefault(saying, len(sayings)) for saying in whole["saying"]], pa.int32())
    columns: dict[str, Any] = {}
    for name, kind in COLUMNS.items():
        if name == "saying":
            columns[name] = pa.array([saying.number for saying in sayings], pa.int64()).take(which)
        elif kind == "string":
            columns[name] = _texts(whole[name])
        else:
            columns[name] = pa.array(whole[name], getattr(pa, kind)())
    columns[TURN] = pa.array(range(len(rows)), pa.int32())
    for n, (name, kind) in enumerate(SAYING.items()):
        values = [saying[n] for saying in sayings]
        own = _texts(values) if kind == "string" else pa.array(values, getattr(pa, kind)())
        columns[name] = own.take(which)
    return pa.table(columns)


def write_notes(path: Path, rows: Sequence[Row]) -> None:
    """Write the rows as a Parquet file."""
    import pyarrow.parquet as pq

    pq.write_table(table(rows), path, compression="zstd", compression_level=1, write_statistics=False)


def _texts(values: Sequence[Any]) -> pa.Array:
    """`values` without lone surrogates, which no file holds; a pointer can have them from an escaped key."""
    import pyarrow as pa

    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:
        clean = [None if value is None else value.encode(errors="replace").decode() for value in values]
        return pa.array(clean, pa.string())
