"""Everything that policylint knows of the policy, as one value: rules, editions, lexicons and opt-out words.

The YAML files under `rules/` are the source. Reading them takes longer than judging a file, so `rules/compiled.json`
and, for each signal of the lexicons, `rules/lexicons/<signal>.ndjson` carry the same values ready to use; a test holds
them equal, and `make rules` writes them anew.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from policylint.answers import ErrorTable
from policylint.edition_files import EditionError, editions_from_files
from policylint.editions import Editions
from policylint.errors import RuleError
from policylint.events import Json
from policylint.lexicons.languages import gate_of
from policylint.lexicons.model import SIGNALS, Lexicon, pack, unpack
from policylint.lexicons.scorer import Scorer
from policylint.measurements import Measurements, measurements_from_data
from policylint.rules.model import Rule, RuleSet, rule_from_data
from policylint.shipped import shipped

if TYPE_CHECKING:
    from policylint.datafiles import DataFile
    from policylint.settings import Settings

COMPILED: Final = "compiled.json"
EDITIONS: Final = "editions"
_OPT_OUT: Final = "opt-out.yaml"
_MEASURED: Final = "measured.yaml"
_LANGUAGES: Final = "languages.yaml"
LEXICONS: Final = "lexicons"
_ERRORS: Final = "platform-errors.yaml"
OTHER_FILES: Final = (_OPT_OUT, _MEASURED, _LANGUAGES, _ERRORS)  # what else lies among the rules


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules by id, the editions, the scorer over the lexicons, how often it is right, the opt-out words and the
    platform's errors.

    The words are normalised (`plain`). `edition_files` are the values that `editions` were made of.
    """

    rules: RuleSet
    editions: Editions
    scorer: Scorer
    measurements: Measurements
    opt_out: frozenset[str]
    errors: ErrorTable
    edition_files: tuple[Json, ...] = ()

    def asks_to_stop(self, text: str | None) -> bool:
        """Whether a person's whole message asks to stop, case and punctuation aside."""
        return text is not None and len(text) < 100 and plain(text) in self.opt_out


_PLAIN_ASCII: Final = {
    code: c.lower() if c.isalnum() else " " if c.isspace() or c in "-_/" else None
    for code, c in ((code, chr(code)) for code in range(128))
}


def plain(text: str) -> str:
    """`text` without case, punctuation, symbols and surplus space, in one Unicode spelling."""
    if text.isascii():  # the same, many times faster
        return " ".join(text.translate(_PLAIN_ASCII).split())
    # Turkish has two letters i; whichever case they are written in, they count as one here.
    spelt = unicodedata.normalize("NFKC", text).casefold().replace("i\u0307", "i").replace("\u0131", "i")
    kept = (c if unicodedata.category(c)[0] in "LMN" else " " if c.isspace() or c in "-_/" else "" for c in spelt)
    return " ".join("".join(kept).split())


def shipped_rulebook() -> Rulebook:
    """The rulebook that policylint ships, from its compiled form."""
    return rulebook_from_data(orjson.loads((shipped("rules") / COMPILED).read_bytes()))


def shipped_lexicons(signal: str) -> Sequence[Lexicon]:
    """The lexicons of a signal that policylint ships, from their compiled form."""
    if signal not in SIGNALS:
        return ()
    return unpack((shipped("rules") / LEXICONS / f"{signal}.ndjson").read_bytes())


def rulebook_for(settings: Settings) -> Rulebook:
    """The shipped rulebook with the rules and editions that `settings` add.

    Raises RuleError for a broken file or a taken id, ConfigError for a glob that matches none.
    """
    return with_rules(with_editions(shipped_rulebook(), settings.edition_files()), settings.rule_files())


def with_editions(book: Rulebook, files: Sequence[Path]) -> Rulebook:
    """`book` and the editions in `files`. Raises RuleError for a broken file, and for one that contradicts the rest."""
    values = book.edition_files
    editions = book.editions
    for path in files:
        file = edition_file(path)
        values = (*values, file.value)
        try:
            editions = editions_from_files(values)
        except EditionError as error:
            ids = [entry["id"] for entry in file.value["editions"]]
            place = f"/editions/{ids.index(error.edition)}" if error.edition in ids else "/editions"
            raise file.error(str(error), place) from None
    return replace(book, editions=editions, edition_files=values)


def edition_file(path: Path) -> DataFile:
    """The edition file at `path`, held against its schema. Raises RuleError with file, line and column."""
    from policylint.datafiles import DataFile
    from policylint.sources.folder import displayed

    return DataFile(path, "editions.schema.json", displayed(str(path)))


def with_rules(book: Rulebook, files: Sequence[Path]) -> Rulebook:
    """`book` and the rules in `files`. Raises RuleError for a broken file or a taken id."""
    if not files:
        return book
    from policylint.rules.load import load_rules

    own = load_rules(files, book.editions)
    for rule in own.values():
        if rule.id in book.rules:
            raise RuleError(f"{rule.file}:1:1: the id {rule.id} is a shipped rule's; choose another")
    return replace(book, rules={**book.rules, **own})


def rulebook_from_data(data: Mapping[str, Json]) -> Rulebook:
    """The rulebook that `read_rulebook`'s value describes, with the shipped lexicons."""
    rules: dict[str, Rule] = {}
    for name, value in data["rules"].items():
        rule = rule_from_data(value, name)
        rules[rule.id] = rule
    return Rulebook(
        rules=rules,
        editions=editions_from_files(data["editions"]),
        scorer=Scorer(shipped_lexicons),
        measurements=measurements_from_data(data["measured"]),
        opt_out=frozenset(plain(word) for words in data["opt_out"]["words"].values() for word in words),
        errors=ErrorTable.from_data(data["errors"]),
        edition_files=tuple(data["editions"]),
    )


def read_rulebook(folder: Path) -> dict[str, Any]:
    """The values of all YAML files under `folder` but the lexicons, each held against its schema. Raises RuleError.

    Slow: for the compiler, for `test-rules` and for tests.
    """
    from policylint.datafiles import DataFile
    from policylint.rules.load import rule_file

    rules: dict[str, Json] = {}
    ids: dict[str, str] = {}
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder).as_posix()
        if name in OTHER_FILES or name.startswith((f"{LEXICONS}/", f"{EDITIONS}/")):
            continue
        file = rule_file(path)
        if file.value["id"] != path.stem:
            raise file.error(f"id: must be the file's name, {path.stem}", "/id")
        if file.value["id"] in ids:
            raise file.error(f"id: taken by {ids[file.value['id']]}", "/id")
        ids[file.value["id"]] = name
        rules[name] = file.value
    return {
        "rules": rules,
        "editions": [
            DataFile(path, "editions.schema.json").value for path in sorted((folder / EDITIONS).glob("*.yaml"))
        ],
        "errors": DataFile(folder / _ERRORS, "platform-errors.schema.json").value,
        "measured": DataFile(folder / _MEASURED, "measured.schema.json").value,
        "opt_out": DataFile(folder / _OPT_OUT, "opt-out.schema.json").value,
    }


def read_lexicons(folder: Path, signal: str) -> list[Lexicon]:
    """The lexicons of a signal under `folder`, held against their schema, with their gates. Raises RuleError. Slow."""
    from policylint.datafiles import DataFile

    languages = DataFile(folder / _LANGUAGES, "languages.schema.json").value["languages"]
    lexicons = []
    for path in sorted((folder / LEXICONS / signal).glob("*.yaml")):
        file = DataFile(path, "lexicon.schema.json")
        lexicon = Lexicon.from_data(file.value)
        if lexicon.language != path.stem:
            raise file.error(f"language: must be the file's name, {path.stem}", "/language")
        try:
            lexicon.check()
        except RuleError as error:
            raise file.error(str(error)) from None
        lexicons.append(replace(lexicon, gate=gate_of(languages, lexicon.language)))
    return lexicons


def compiled(folder: Path) -> dict[str, bytes]:
    """The files, by name, that must lie under `folder` for its YAML files, and their bytes."""
    book = orjson.dumps(read_rulebook(folder), option=orjson.OPT_INDENT_2) + b"\n"
    lexicons = {f"{LEXICONS}/{signal}.ndjson": pack(read_lexicons(folder, signal)) for signal in SIGNALS}
    return {COMPILED: book, **lexicons}


if __name__ == "__main__":
    for name, content in compiled(shipped("rules")).items():
        (shipped("rules") / name).write_bytes(content)
