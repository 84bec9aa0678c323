"""Policy editions: the policy text in force in a span of days, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from policylint.durations import day_of, parse_duration, parse_time
from policylint.errors import UsageError
from policylint.events import Json
from policylint.suggestions import hint

LATEST: Final = "latest"
DATED: Final = "dated"
DEFAULT: Final = "2017-04"


@dataclass(frozen=True, slots=True)
class Tag:
    """A message tag of an edition: what it is for, which contents may carry it and what it must not be used for."""

    name: str
    purpose: str
    contents: tuple[str, ...]
    topics: tuple[str, ...]  # of the lexicon, that serve its purpose
    forbids: tuple[str, ...] = ()  # "promotion", "feedback"
    needs: tuple[str, ...] = ()  # "person_wrote": only as an answer to what the person wrote
    age_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """What one edition says; days are ISO and inclusive, `until` is None while it is in force."""

    id: str
    title: str
    since: str
    until: str | None
    window: int  # microseconds
    extra_messages: int
    opens: frozenset[str]  # the person's actions that open or refresh the window
    exempt_contents: frozenset[str]
    subscription_messaging: bool
    schema: str  # below schemas/
    tags: Mapping[str, Tag]
    elsewhere: Mapping[str, str] = field(default_factory=dict)  # tags of other editions, and since when
    promotional_kinds: frozenset[str] | None = None  # of the lexicons' terms, that are promotion here; None for all

    def covers(self, day: str) -> bool:
        """Whether an ISO day lies in this edition's span."""
        return self.since <= day and (self.until is None or day <= self.until)

    @property
    def start(self) -> int:
        """Midnight UTC of its first day."""
        return parse_time(f"{self.since}T00:00:00Z")


@dataclass(frozen=True, slots=True)
class Editions:
    """All editions, oldest first."""

    all: tuple[Edition, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What an edition can be asked for by."""
        return (*(edition.id for edition in self.all), LATEST, DATED)

    @property
    def starts(self) -> dict[str, int]:
        """When each of them begins; `dated` scripts without a time of their own are of the newest."""
        return {name: self.named(name).start for name in self.names}

    def named(self, name: str) -> Edition:
        """The edition called `name`, or the newest for `latest` (and for `dated`, when there is no date).

        Raises UsageError with the nearest names for an unknown one.
        """
        if name in (LATEST, DATED):
            return self.all[-1]
        for edition in self.all:
            if edition.id == name:
                return edition
        meant = hint(name, self.names, f"known are {', '.join(self.names)}")
        raise UsageError(f"no edition is called {name[:40]!r}; {meant}")

    def dated(self, at: int | None) -> Edition:
        """The edition in force on the UTC day of `at`; in a gap the one before it; undated, the newest."""
        if at is None:
            return self.all[-1]
        day = day_of(at)
        past = [edition for edition in self.all if edition.since <= day]
        return past[-1] if past else self.all[0]


def editions_from_data(data: Mapping[str, Json]) -> Editions:
    """The editions that a valid editions file's value describes (see `schemas/editions.schema.json`)."""
    return Editions(tuple(sorted(map(_edition, data["editions"]), key=lambda edition: edition.since)))


def _edition(data: Mapping[str, Json]) -> Edition:
    return Edition(
        id=data["id"],
        title=data["title"],
        since=data["since"],
        until=data.get("until"),
        window=parse_duration(data["window"]),
        extra_messages=data["extra_messages"],
        opens=frozenset(data["opens"]),
        exempt_contents=frozenset(data["exempt_contents"]),
        subscription_messaging=data["subscription_messaging"],
        schema=data["schema"],
        tags={name: _tag(name, tag) for name, tag in data["tags"].items()},
        elsewhere=data.get("tags_elsewhere", {}),
        promotional_kinds=frozenset(data["promotional_kinds"]) if "promotional_kinds" in data else None,
    )


def _tag(name: str, data: Mapping[str, Json]) -> Tag:
    def texts(key: str) -> tuple[str, ...]:
        values: Sequence[str] = data.get(key, ())
        return tuple(values)

    limit = data.get("age_limit")
    return Tag(
        name=name,
        purpose=data["purpose"],
        contents=texts("contents"),
        topics=texts("topics"),
        forbids=texts("forbids"),
        needs=texts("needs"),
        age_limit=parse_duration(limit) if limit else None,
    )
