"""`policylint show`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import click
import orjson

from policylint.audit.screen import DATABASE
from policylint.audit.story import Key, Look, Scene, Story, Told, lines
from policylint.commands.options import config_option, settings_from, wants_colour
from policylint.editions import Edition
from policylint.errors import PolicylintError, UsageError
from policylint.findings import Severity
from policylint.reporters.report import Style
from policylint.reporters.sentences import counted
from policylint.rulebook import rulebook_for
from policylint.window import Horizon, Window

if TYPE_CHECKING:
    import duckdb

    Db: TypeAlias = duckdb.DuckDBPyConnection

_SHORTEST: Final = 6  # characters of a fingerprint that are enough
_AROUND: Final = 5  # events shown on each side
_WITHOUT_GAP: Final = 50  # events since the person's last action that are all shown
_AT_ONCE: Final = 3  # findings of one fingerprint
_NAMED: Final = 5  # fingerprints that a prefix fits
_FAR: Final = 5  # one changed character in so many is still a slip of the pen
_FIRST_SECOND: Final = 10**12  # `durations.looks_like_seconds`
_LAST_SECOND: Final = 10**13 - 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_TOLD: Final = (
    *("finding", "rule", "severity", "message", "remedy", "policy_title", "policy_url", "edition", "source", "record"),
    *("line", "column", "pointer", "sent_at", "conversation", "page", "fingerprint", "part", "n"),
    *("byte_offset", "evidence", "person"),
)
_SCENE: Final = """part, n, place, sent_at, direction, page, kind, tag, edition, "window", refused, echo, stops,
    repeated, whole, words"""


@click.command("show", short_help="Show the conversation around a finding of an audit.")
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("fingerprint")
@click.option(
    "--events",
    type=click.IntRange(min=0),
    default=_AROUND,
    show_default=True,
    metavar="N",
    help="How many events to show on each side of the finding; the person's last action before it is always shown.",
)
@click.option(
    "--all", "every", is_flag=True, help=f"Every finding with this fingerprint, not only the first {_AT_ONCE}."
)
@config_option
@click.option(
    "--show-text", is_flag=True, help="Show message text and person ids, where the audit was asked to keep them."
)
def command(out: Path, fingerprint: str, events: int, every: bool, config: Path | None, show_text: bool) -> int:
    """Show the conversation around a finding as a time line: the window, tags, what would have been allowed.

    OUT is the folder of an audit. The first six characters of a FINGERPRINT are enough, where no other begins so.

    \b
    policylint show audit/ 3f2a91c04b5d
    policylint show audit/ 3f2a91c04b5d --events 20
    """
    settings = settings_from(config)
    editions = {edition.id: edition for edition in rulebook_for(settings).editions.all}
    style = Style(colour=wants_colour(sys.stdout), show_text=show_text)

    def edition_of(name: str | None) -> Edition | None:
        return editions.get(name) if name is not None else None

    with _opened(out) as db:
        horizon = Horizon(settings.history, _earliest(db), settings.clock_skew)
        look = Look(style, edition_of, horizon, unicode=_draws(sys.stdout.encoding))
        whole = _fingerprint(db, fingerprint, out)
        ((number,),) = _rows(db, "select count(*) from findings where fingerprint = ?", [whole])
        limit = number if every else _AT_ONCE
        asked = _findings(db, "fingerprint = ?", [whole], limit)
        for n, told in enumerate(asked):
            if n:
                click.echo()
            for line in lines(_story(db, told, events, look), look):
                click.echo(line, color=style.colour)
        if number > len(asked):
            click.echo(
                f"\n… and {counted(number - len(asked), 'more finding')} with this fingerprint; --all shows every one."
            )
        if show_text and not _rows(db, "select 1 from messages where words is not null limit 1"):
            print(
                "policylint: the store holds no text; an audit with --show-text, into another folder, keeps it",
                file=sys.stderr,
            )
    return 0


def _draws(encoding: str | None) -> bool:
    try:
        "┃┆─◀…".encode(encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True


@contextmanager
def _opened(out: Path) -> Iterator[Db]:
    """The database of the audit in `out`. Raises UsageError for a folder without one."""
    try:
        import duckdb
    except ImportError:
        raise UsageError("show needs the audit extra: pip install 'policylint[audit]'") from None
    path = out / DATABASE
    if not path.is_file():
        what = "there is no such folder" if not out.exists() else f"no finished audit, {DATABASE} is missing"
        raise UsageError(f"{out}: {what}; policylint audit … --out {out} makes one")
    try:
        db = duckdb.connect(str(path), read_only=True)
    except duckdb.Error:
        raise PolicylintError(f"{path}: can not be opened as a database of an audit") from None
    try:
        yield db
    except (duckdb.CatalogException, duckdb.BinderException):
        raise PolicylintError(f"{path}: not a database of an audit, or of another version of policylint") from None
    except duckdb.Error as error:
        raise PolicylintError(f"{path}: can not be read ({type(error).__name__})") from None
    finally:
        db.close()


def _rows(db: Db, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    return db.execute(query, list(values)).fetchall()


def _earliest(db: Db) -> int | None:
    """The time of the first event of all; what must have been written in seconds is no time."""
    ((first,),) = _rows(
        db,
        "select min(sent_at) from messages where not sent_at between make_timestamp(?) and make_timestamp(?)",
        [_FIRST_SECOND, _LAST_SECOND],
    )
    return None if first is None else _micros(first)


def _fingerprint(db: Db, asked: str, out: Path) -> str:
    """The one fingerprint that begins so. Raises UsageError for none or several, with what may have been meant."""
    wanted = asked.strip().lower()
    if len(wanted) < _SHORTEST:
        raise UsageError(f"a fingerprint needs {_SHORTEST} characters or more to be found; {asked!r} has {len(wanted)}")
    fitting = _rows(
        db,
        "select distinct fingerprint from findings where starts_with(fingerprint, ?) order by 1",
        [wanted],
    )
    if len(fitting) == 1 or (fitting and fitting[0][0] == wanted):
        return str(fitting[0][0])
    if fitting:
        names = ", ".join(name for (name,) in fitting[:_NAMED])
        more = f" and {len(fitting) - _NAMED:,} more" if len(fitting) > _NAMED else ""
        raise UsageError(f"{len(fitting):,} fingerprints begin with {wanted}: {names}{more}; give more characters")
    raise UsageError(f"no finding in {out} has the fingerprint {asked[:40]!r}; {_meant(db, asked, wanted)}")


def _meant(db: Db, asked: str, wanted: str) -> str:
    """What to try in place of an unknown fingerprint."""
    of_rule = _rows(db, "select fingerprint from findings where rule = ? order by finding limit 1", [asked])
    if of_rule:
        return f"that is a rule, whose first finding has {of_rule[0][0]}"
    near = _rows(
        db,
        """select fingerprint, levenshtein(fingerprint[:?], ?) as far from (select distinct fingerprint from findings)
        order by far, fingerprint limit 1""",
        [len(wanted), wanted],
    )
    if near and near[0][1] <= len(wanted) // _FAR:
        return f"did you mean {near[0][0]}?"
    return "findings.ndjson lists them all" if near else "it has no findings"


def _findings(db: Db, condition: str, values: Sequence[Any], limit: int | None = None) -> list[Told]:
    columns = ", ".join(f'"{name}"' for name in _TOLD)
    query = f"select {columns} from findings where {condition} order by finding"
    query += "" if limit is None else f" limit {limit}"
    return [_told(row) for row in _rows(db, query, values)]


def _told(row: tuple[Any, ...]) -> Told:
    told = dict(zip(_TOLD, row, strict=True))
    part, n, severity, evidence = (told.pop(name) for name in ("part", "n", "severity", "evidence"))
    return Told(
        **told,
        severity=Severity.named(severity),
        key=None if part is None or n is None or n < 0 else (part, n),
        evidence=orjson.loads(evidence) if evidence else (),
    )


def _story(db: Db, asked: Told, around: int, look: Look) -> Story:
    """What the store tells of the finding and of its conversation."""
    if asked.key is None:
        return Story(asked, [], 0)
    ((talk,),) = _rows(db, "select talk from findings where finding = ?", [asked.finding])
    about = "part = ? and n = ?"
    if not talk:
        return _with_findings(
            db, Story(asked, _scenes(db, f"(select *, 0 as place from messages where {about})", asked.key), 0)
        )
    db.execute(
        """create or replace temp table talk as
        select row_number() over (
            order by sent_at nulls last, direction = 'sent', file, record, nth, part, n) - 1 as place, *
        from messages where conversation = ?""",
        [talk],
    )
    ((total,),) = _rows(db, "select count(*) from talk")
    placed = _rows(db, f"select place, edition from talk where {about}", asked.key)
    if not placed:
        return Story(asked, [], 0)
    ((focus, edition_id),) = placed
    edition = look.edition_of(edition_id or asked.edition)
    ((last,),) = _rows(
        db,
        "select max(place) from talk where place < ? and direction = 'received' and (? or kind in (select unnest(?)))",
        [focus, edition is None, sorted(edition.opens) if edition else ["message"]],
    )
    first = focus - around
    if last is not None and first - last <= _WITHOUT_GAP:
        first = min(first, last)
    chosen = "(select * from talk where place between ? and ? or place = ?)"
    scenes = _scenes(db, chosen, [first, focus + around, -1 if last is None else last])
    return _with_findings(db, Story(asked, scenes, total, before=_known_before(db, scenes[0].place)))


def _known_before(db: Db, place: int) -> Window:
    """What the person had done before the event at `place`."""
    acts = _rows(
        db,
        """select kind, max(sent_at) from talk
        where direction = 'received' and place < ? and sent_at is not null group by 1""",
        [place],
    )
    undated = _rows(db, "select distinct kind from talk where direction = 'received' and sent_at is null")
    return Window(actions={kind: _micros(at) for kind, at in acts}, undated=frozenset(kind for (kind,) in undated))


def _with_findings(db: Db, story: Story) -> Story:
    """The story with every finding about one of its events."""
    found: dict[Key, list[Told]] = {}
    keys = "select unnest(?::integer[]), unnest(?::integer[])"
    parts, numbers = zip(*(scene.key for scene in story.scenes), strict=True)
    for told in _findings(db, f"(part, n) in ({keys})", [list(parts), list(numbers)]):
        if told.key is not None:
            found.setdefault(told.key, []).append(told)
    return replace(story, findings=found)


def _scenes(db: Db, rows: str, values: Sequence[Any]) -> list[Scene]:
    return [_scene(row) for row in _rows(db, f"select {_SCENE} from {rows} order by place", values)]


def _scene(row: tuple[Any, ...]) -> Scene:
    part, n, place, sent_at, direction, page, kind, tag, edition, window, *flags, words = row
    refused, echo, stops, repeated, whole = map(bool, flags)
    return Scene(
        key=(part, n),
        place=place,
        at=None if sent_at is None else _micros(sent_at),
        by_page=direction == "sent",
        page=page,
        kind=kind or "?",
        tag=tag,
        edition=edition,
        window=window,
        refused=refused,
        echo=echo,
        stops=stops,
        repeated=repeated,
        whole=whole,
        words=words,
    )


def _micros(moment: datetime) -> int:
    return (moment.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
