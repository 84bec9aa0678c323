"""The conversation around a finding, as a time line: what happened when, whether the window was open, what is wrong.

Pure: events and findings as the store keeps them come in, lines go out. Message text and the person are told only where
the user asked for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from policylint.durations import DAY, UNITS, format_duration, format_time
from policylint.editions import Edition
from policylint.events import Json
from policylint.findings import Severity
from policylint.reporters.colours import GRADES, styled
from policylint.reporters.columns import aligned
from policylint.reporters.report import Style
from policylint.reporters.sentences import counted
from policylint.reporters.terminal import printable
from policylint.window import Horizon, Window

OPEN: Final = "open"
CLOSED: Final = "closed"
UNKNOWN: Final = "unknown"
_TRACK: Final = {OPEN: ("┃", "green"), CLOSED: ("┆", "red"), UNKNOWN: ("?", "yellow")}
_PLAIN_TRACK: Final = {OPEN: "|", CLOSED: ":", UNKNOWN: "?"}
_UNITS: Final = tuple((unit, UNITS[unit]) for unit in ("d", "h", "m", "s", "ms"))

Key = tuple[int, int]
"""Of an event in the store: part, and number in it."""

EditionOf = Callable[[str | None], Edition | None]
"""The edition of an id; None for one that is not known here."""


@dataclass(frozen=True, slots=True)
class Scene:
    """An event of a conversation. Times are microseconds since 1970, UTC; `place` counts from 0 in its conversation."""

    key: Key
    place: int
    at: int | None
    by_page: bool
    page: str | None
    kind: str  # content of a message, or what the person did
    tag: str | None = None
    edition: str | None = None
    window: str | None = None  # as it was judged; None where the store keeps no state
    refused: bool = False
    echo: bool = False
    stops: bool = False
    repeated: bool = False
    whole: bool = False  # of a conversation that was judged as a whole
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as the store tells it. `key` is None for one about a record as a whole."""

    finding: int  # its number in the reports' order, from 1
    rule: str
    severity: Severity
    message: str
    remedy: str
    policy_title: str
    policy_url: str
    edition: str | None
    source: str
    record: int
    line: int | None
    column: int | None
    pointer: str
    sent_at: str | None
    conversation: str | None
    page: str | None
    fingerprint: str
    key: Key | None
    byte_offset: int | None = None
    evidence: Sequence[Mapping[str, Json]] = ()
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """The finding asked for, the events around it in order, and every finding about one of them.

    `before` is what was known of the person's acts before the first event shown, `total` the events of the
    conversation, 0 where it is not known whose it is.
    """

    asked: Told
    scenes: Sequence[Scene]
    total: int
    findings: Mapping[Key, Sequence[Told]] = field(default_factory=dict)
    before: Window = field(default_factory=Window)


@dataclass(frozen=True, slots=True)
class Look:
    """How a story is told: `unicode` says whether the output can show more than ASCII."""

    style: Style
    edition_of: EditionOf
    horizon: Horizon
    unicode: bool = True


def lines(story: Story, look: Look) -> Iterator[str]:
    """The finding, the conversation around it, and the notes that the reader needs to trust it."""
    yield from _heading(story, look)
    if not story.scenes:
        return
    yield ""
    yield from _timeline(story, look)
    worked_out = any(scene.whole for scene in story.scenes)
    if worked_out:
        yield ""
        yield "~ The store keeps no window of this conversation, which was judged as a whole (a message without a time,"
        yield "  a token, an ad, a script or the like is in it); what is told here follows from its events alone."


def _heading(story: Story, look: Look) -> Iterator[str]:
    asked, style = story.asked, look.style
    grade = styled(str(asked.severity), style, fg=GRADES[asked.severity], bold=True)
    yield f"{grade} {styled(printable(asked.rule), style, bold=True)}: {printable(asked.message)}"
    if style.show_text:
        if asked.person is not None:
            yield f"    person: {printable(asked.person)}"
        for piece in asked.evidence:
            if "text" in piece:
                yield f'    evidence: "{printable(str(piece["text"]))}" ({_span(piece)})'
    else:
        for piece in asked.evidence:
            yield f"    evidence: {_span(piece)}"
    yield f"    {styled('instead:', style, fg='green')} {printable(asked.remedy)}"
    policy = " ".join(printable(part) for part in (asked.policy_title, asked.policy_url) if part)
    yield f"    {styled('policy:', style, fg='blue')} {policy}" + (
        f" (edition {printable(asked.edition)})" if asked.edition else ""
    )
    yield f"    place: {_place(asked)}"
    yield f"    fingerprint: {printable(asked.fingerprint)}"
    if not story.total:
        alone = "about a record as a whole" if asked.key is None else "it is not on record whose it is"
        yield f"    conversation: none, {alone}"
        return
    whom = printable(asked.conversation) if asked.conversation else "without a name"
    with_page = f" with page {printable(asked.page)}" if asked.page else ""
    everything = counted(story.total, "event")
    shown = f"all {everything}" if len(story.scenes) == story.total else f"{len(story.scenes):,} of {everything}"
    yield f"    conversation: {whom}{with_page}, {shown}"


def _span(piece: Mapping[str, Json]) -> str:
    return printable(f"{piece.get('term')}, {piece.get('pointer')} {piece.get('start')}-{piece.get('end')}")


def _place(told: Told) -> str:
    place = printable(told.source)
    if told.line is not None:
        place += f":{told.line}" + ("" if told.column is None else f":{told.column}")
    inside = [f"record {told.record:,}"]
    if told.byte_offset is not None:
        inside.append(f"byte {told.byte_offset:,}")
    if told.pointer:
        inside.append(printable(told.pointer))
    return f"{place} ({', '.join(inside)})"


def _timeline(story: Story, look: Look) -> Iterator[str]:
    """The events, a line each, with what lies between them and what was found."""
    rows = _rows(story, look)
    heads = list(aligned([row.cells for row in rows], right={1}))
    marks = {row.scene.key: line for row, line in zip(rows, heads, strict=True)}
    left = story.scenes[0].place
    if left:
        yield _aside(f"{counted(left, 'earlier event')} left out", look)
    last = None
    for row in rows:
        yield from _between(last, row, look)
        asked = row.scene.key == story.asked.key
        line = f"{'>' if asked else ' '} {marks[row.scene.key]}"
        yield _coloured(line, row.state, look)
        if look.style.show_text and row.scene.words:
            yield f'      "{printable(row.scene.words)}"'
        if asked:
            yield from _age(row)
        for told in story.findings.get(row.scene.key, ()):
            yield from _finding(told, story.asked, look)
        last = row
    left = story.total - story.scenes[-1].place - 1
    if left > 0:
        yield _aside(f"{counted(left, 'later event')} left out", look)


@dataclass(frozen=True, slots=True)
class _Row:
    """An event with what is known at it: the window as it was when the event happened, and the person's last action."""

    scene: Scene
    state: str | None
    edition: Edition | None  # that the window is told by
    last_action: int | None  # before the event
    cells: list[str]


def _rows(story: Story, look: Look) -> list[_Row]:
    window = story.before
    editions = _editions(story, look)
    fine = _fineness([scene.at for scene in story.scenes])
    pages = {scene.page for scene in story.scenes if scene.page is not None}
    rows = []
    before: int | None = None
    for scene, edition in zip(story.scenes, editions, strict=True):
        last = None if edition is None else window.last_action(edition)
        state = scene.window or (_state(scene, window, edition, look.horizon) if story.total else None)
        if not scene.by_page and scene.at is not None:
            window = replace(window, actions={**window.actions, scene.kind: scene.at})
            if edition is not None and scene.kind in edition.opens:
                state = OPEN
        cells = [
            "no time" if scene.at is None else _time(scene.at, fine),
            "" if scene.at is None or before is None else f"+{gap(scene.at - before)}",
            _track(state, look, worked_out=scene.whole and scene.window is None),
            _who(scene, several=len(pages) > 1),
            printable(scene.kind),
            "" if scene.tag is None else printable(scene.tag),
            ", ".join(_marks(scene)),
        ]
        rows.append(_Row(scene, state, edition, last, cells))
        before = scene.at if scene.at is not None else before
    return rows


def _editions(story: Story, look: Look) -> list[Edition | None]:
    """The edition that each event's window is told by: that of the next message, or else of the one before."""
    named: list[str | None] = [scene.edition for scene in story.scenes]
    following: str | None = None
    for n in reversed(range(len(named))):
        following = named[n] = named[n] or following
    earlier: str | None = story.asked.edition
    for n, name in enumerate(named):
        earlier = named[n] = name or earlier
    return [look.edition_of(name) for name in named]


def _state(scene: Scene, window: Window, edition: Edition | None, horizon: Horizon) -> str | None:
    """The window at an event whose state the store does not keep; None where it can't be told at all."""
    if edition is None or scene.at is None:
        return None
    state = window.state(scene.at, edition, horizon)
    age = window.age(scene.at, edition)
    if state == CLOSED and scene.whole and edition.ad_window is not None and (age is None or age <= edition.ad_window):
        return UNKNOWN  # an ad may have opened it for longer; the store does not keep who came through one
    return state


def _between(last: _Row | None, row: _Row, look: Look) -> Iterator[str]:
    """What is to be said between two events: events left out, and that the window closed."""
    if row.scene.at is None and (last is None or last.scene.at is not None):
        yield _aside("no time on record: where these belong is not known", look)
    if last is None:
        return
    left = row.scene.place - last.scene.place - 1
    if left:
        yield _aside(f"{counted(left, 'event')} left out", look)
    edition, since = row.edition, row.last_action
    if edition is None or edition.window is None or since is None or last.scene.at is None or row.scene.at is None:
        return
    closes = since + edition.window + look.horizon.clock_skew
    contradicted = row.state == UNKNOWN or (row.scene.by_page and row.state == OPEN)
    if max(last.scene.at, since) <= closes < row.scene.at and not contradicted:
        length = format_duration(edition.window + look.horizon.clock_skew)
        yield _aside(
            f"window closed {_time(closes, _fineness([closes]))} ({length} after the person's last action)", look
        )


def _finding(told: Told, asked: Told, look: Look) -> Iterator[str]:
    grade = styled(str(told.severity), look.style, fg=GRADES[told.severity], bold=True)
    arrow = ("◀" if look.unicode else "<") if told.finding == asked.finding else ""
    which = f"{arrow} this finding" if arrow else f"({printable(told.fingerprint[:12])})"
    yield f"      {grade} {printable(told.rule)}: {printable(told.message)}  {which}"


def _age(row: _Row) -> Iterator[str]:
    """How long after the person's last action the message was sent, exactly."""
    if row.edition is None or row.edition.window is None or row.last_action is None or row.scene.at is None:
        return
    age, length = format_duration(row.scene.at - row.last_action), format_duration(row.edition.window)
    yield f"      sent {age} after the person's last action; the window is {length}"


def _who(scene: Scene, *, several: bool) -> str:
    if not scene.by_page:
        return "person"
    return f"page {printable(scene.page)}" if several and scene.page is not None else "page"


def _marks(scene: Scene) -> Iterator[str]:
    if scene.refused:
        yield "refused by the API"
    if scene.echo:
        yield "echo"
    if scene.stops:
        yield "asks to stop"
    if scene.repeated:
        yield "repeated, not judged"


def _track(state: str | None, look: Look, *, worked_out: bool) -> str:
    if state is None:
        return ""
    sign = _TRACK[state][0] if look.unicode else _PLAIN_TRACK[state]
    return f"{sign} {state}{'~' if worked_out else ''}"


def _coloured(line: str, state: str | None, look: Look) -> str:
    """The line with its track in the colour of the window."""
    if state is None or not look.style.colour:
        return line
    sign, colour = _TRACK[state]
    shown = f"{sign if look.unicode else _PLAIN_TRACK[state]} {state}"
    return line.replace(shown, styled(shown, look.style, fg=colour), 1)


def _aside(text: str, look: Look) -> str:
    rule = "──" if look.unicode else "--"
    return f"  {rule} {text} {rule}"


def gap(micros: int) -> str:
    """A gap, by its two largest units: `2d 3h`, but `24h 30m`; `5m 12s`, `340ms`, `0s`."""
    rest, parts = abs(micros), []
    for unit, one in _UNITS if rest >= 2 * DAY else _UNITS[1:]:
        number, rest = divmod(rest, one)
        if number:
            parts.append(f"{number}{unit}")
        elif parts:
            break
        if len(parts) == 2:
            break
    return " ".join(parts) or "0s"


def _fineness(times: Sequence[int | None]) -> int:
    """How many digits of a second's fraction the times need: 0, 3 or 6."""
    known = [at for at in times if at is not None]
    if any(at % 1_000 for at in known):
        return 6
    return 3 if any(at % 1_000_000 for at in known) else 0


def _time(at: int, digits: int) -> str:
    """`2017-05-03 10:00:00`, with so many digits of the second's fraction."""
    whole = format_time(at - at % 1_000_000).removesuffix("Z").replace("T", " ")
    return whole + (f".{at % 1_000_000:06d}"[: digits + 1] if digits else "")
