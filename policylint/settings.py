"""One frozen value of what the user wants: the configuration file, with the flags over it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from policylint.documents.places import at_pointer, escape, unescape
from policylint.durations import parse_duration
from policylint.editions import DEFAULT
from policylint.errors import ConfigError
from policylint.events import History, Platform, Pointer
from policylint.findings import Severity
from policylint.pages import Automation, Page, automation_from_data, pages_from_data
from policylint.sources.mapping import LogFields, SourceFields, fields_by_source, fields_from_data
from policylint.suggestions import hint

if TYPE_CHECKING:
    from policylint.datafiles import DataFile

FILE: Final = ".policylint.yaml"
_PYPROJECT: Final = "pyproject.toml"
_SCHEMA: Final = "config.schema.json"


@dataclass(frozen=True, slots=True)
class PathChoice:
    """Other choices for the recordings that a glob (as in .gitignore) matches."""

    glob: str
    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()
    severity: Mapping[str, Severity] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding that the user knows and accepts; `pointer` None means any place."""

    glob: str
    rule: str
    reason: str
    pointer: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user wants. `root` is the folder that globs and files of the configuration are relative to."""

    root: Path = field(default_factory=Path)
    path: Path | None = None  # the configuration file, None when there is none
    edition: str = DEFAULT
    edition_by_flag: bool = False
    edition_chosen: bool = False  # by the flag or the configuration
    history: History = History.PARTIAL
    clock_skew: int = 0  # microseconds
    rules: tuple[str, ...] = ()
    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    fail_on: Severity = Severity.ERROR
    pages: Mapping[str, Page] = field(default_factory=dict)  # by id
    automation: Automation = field(default_factory=Automation)
    platform: Platform | None = None  # where no record says otherwise; None: that of the edition
    editions: tuple[str, ...] = ()
    sources: tuple[SourceFields, ...] = ()
    per_path: tuple[PathChoice, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    baseline: Path | None = None

    def fields_for(self) -> Callable[[str], LogFields | None]:
        """Gives the fields of a recording, by the name that reports use; None for one with records of our own forms."""
        return fields_by_source(self.sources, self.root)

    def rule_files(self) -> list[Path]:
        """The user's own rule files, sorted. Raises ConfigError for a glob that matches none."""
        return self._files("rules", self.rules)

    def edition_files(self) -> list[Path]:
        """The user's own files of editions, sorted. Raises ConfigError for a glob that matches none."""
        return self._files("editions", self.editions)

    def _files(self, key: str, globs: tuple[str, ...]) -> list[Path]:
        found: set[Path] = set()
        for glob in globs:
            pattern = Path(glob)
            base = Path(pattern.anchor) if pattern.is_absolute() else self.root
            matched = [p for p in base.glob(str(pattern.relative_to(pattern.anchor))) if p.is_file()]
            if not matched:
                raise self.error(f"/{key}", f"{key}: {glob} matches no file")
            found.update(matched)
        return sorted(found)

    def check_rule_names(self, known: Collection[str]) -> None:
        """Raise ConfigError (with the place, and the nearest name) for a rule id that no rule has."""
        for pointer, name in self._rule_names():
            if name not in known:
                key = pointer.split("/")[1]
                raise self.error(pointer, f"{key}: {unknown_rule(name, known)}", name)

    def error(self, pointer: Pointer, reason: str, item: str | None = None) -> ConfigError:
        """The error that says `reason` of what stands at `pointer` in the configuration file.

        `item` tells which one is meant where that is a list.
        """
        return ConfigError(reason) if self.path is None else _error(self.path, pointer, reason, item)

    def _rule_names(self) -> Iterator[tuple[Pointer, str]]:
        for key, listed in (("select", self.select or frozenset()), ("ignore", self.ignore)):
            yield from ((f"/{key}", name) for name in sorted(listed))
        yield from ((f"/severity/{escape(name)}", name) for name in self.severity)
        for choice in self.per_path:
            names = sorted({*(choice.select or ()), *choice.ignore, *choice.severity})
            yield from ((f"/per_path/{escape(choice.glob)}", name) for name in names)
        yield from ((f"/accepted/{n}/rule", entry.rule) for n, entry in enumerate(self.accepted))


def unknown_rule(name: str, known: Collection[str]) -> str:
    """Words for a rule id that does not exist, with the nearest one that does."""
    return f"no rule is called {name[:60]}; {hint(name, known, '`policylint rules` lists them')}"


def find_config(folder: Path) -> Path | None:
    """The nearest configuration from `folder` upwards: `.policylint.yaml`, or a pyproject.toml that has the table."""
    for here in (folder, *folder.parents):
        if (here / FILE).is_file():
            return here / FILE
        pyproject = here / _PYPROJECT
        if pyproject.is_file() and b"policylint" in pyproject.read_bytes() and _table(pyproject) is not None:
            return pyproject
    return None


def load_settings(path: Path | None) -> Settings:
    """The settings that the configuration file `path` holds; the defaults for none.

    Raises ConfigError with file, line and column (YAML) or file, line and key (TOML).
    """
    if path is None:
        return Settings()
    data: dict[str, Any] = _toml(path) if path.suffix == ".toml" else _yaml(path).value
    try:
        clock_skew = parse_duration(data.get("clock_skew", "0s"))
    except ValueError as error:
        raise _error(path, "/clock_skew", f"clock_skew: {error}") from None
    return Settings(
        root=path.parent,
        path=path,
        edition=data.get("edition", DEFAULT),
        edition_chosen="edition" in data,
        history=History(data.get("history", History.PARTIAL)),
        clock_skew=clock_skew,
        rules=tuple(data.get("rules", ())),
        select=frozenset(data["select"]) if "select" in data else None,
        ignore=frozenset(data.get("ignore", ())),
        severity=_severities(data),
        fail_on=Severity.named(data.get("fail_on", "error")),
        pages=pages_from_data(data.get("pages") or {}),
        automation=automation_from_data(data.get("automation") or {}),
        platform=Platform(data["platform"]) if "platform" in data else None,
        editions=tuple(data.get("editions", ())),
        sources=tuple(_source_fields(path, glob, fields) for glob, fields in (data.get("sources") or {}).items()),
        per_path=tuple(
            PathChoice(
                glob,
                frozenset(choice["select"]) if "select" in choice else None,
                frozenset(choice.get("ignore", ())),
                _severities(choice),
            )
            for glob, choice in (data.get("per_path") or {}).items()
        ),
        accepted=tuple(
            Accepted(entry["path"], entry["rule"], entry["reason"], entry.get("pointer"))
            for entry in data.get("accepted", ())
        ),
        baseline=path.parent / data["baseline"] if "baseline" in data else None,
    )


def _source_fields(path: Path, glob: str, data: dict[str, Any]) -> SourceFields:
    try:
        return SourceFields(glob, fields_from_data(data))
    except ValueError as error:
        raise _error(path, f"/sources/{escape(glob)}", f"sources: {error}") from None


def _severities(data: Mapping[str, Any]) -> dict[str, Severity]:
    return {rule: Severity.named(level) for rule, level in (data.get("severity") or {}).items()}


def _yaml(path: Path) -> DataFile:
    from policylint.datafiles import DataFile

    return DataFile(path, _SCHEMA, path.name, ConfigError, empty={})


def _error(path: Path, pointer: Pointer, reason: str, item: str | None = None) -> ConfigError:
    if path.suffix == ".toml":
        return ConfigError(f"{path.name}:{_toml_line(path, pointer)}: {reason}")
    file = _yaml(path)
    listed = at_pointer(file.value, pointer)
    if isinstance(listed, list) and item in listed:
        pointer += f"/{listed.index(item)}"
    return ConfigError(str(file.error(reason, pointer)))


def _table(path: Path) -> dict[str, Any] | None:
    import tomllib

    try:
        with path.open("rb") as text:
            table = tomllib.load(text).get("tool", {}).get("policylint")
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path.name}: {str(error)[:1].lower()}{str(error)[1:]}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path.name}: not UTF-8 text") from None
    return table if isinstance(table, dict) else None


def _toml(path: Path) -> dict[str, Any]:
    from policylint.datafiles import schema_problems

    data = _table(path) or {}
    for pointer, reason in schema_problems(_SCHEMA, data):
        raise _error(path, pointer, reason)
    return data


def _toml_line(path: Path, pointer: str) -> int:
    """The line that a key of our table most likely stands on: tomllib keeps no places."""
    lines = path.read_text(encoding="utf-8").splitlines()
    line = next((n for n, text in enumerate(lines, 1) if re.match(r"\s*\[+\s*tool\s*\.\s*[\"']?policylint", text)), 1)
    for token in pointer.split("/")[1:]:
        key = re.escape(unescape(token))
        named = re.compile(rf"""(?:^|[\s.,{{\["']){key}["']?\s*[=\].]""")
        line = next((n for n, text in enumerate(lines, 1) if n >= line and named.search(text)), line)
    return line
