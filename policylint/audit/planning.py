"""What an audit is to read, with what its store knows already."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import orjson

from policylint import __version__
from policylint.audit.copies import is_url
from policylint.audit.inputs import Input, find_inputs, identity_of
from policylint.audit.order import Order
from policylint.audit.store import Manifest, Store, new_key
from policylint.audit.streams import spans
from policylint.errors import UsageError
from policylint.findings import Severity
from policylint.settings import Settings
from policylint.shipped import shipped
from policylint.sources.folder import STDIN, displayed
from policylint.sources.mapping import LogFields


class Planning:
    """Plans one run. `failures` takes what can't be read, in words; files to `leave_out` are the project's own."""

    def __init__(
        self, order: Order, settings: Settings, store: Store, leave_out: Sequence[Path], failures: list[str]
    ) -> None:
        self.order, self.settings, self.store = order, settings, store
        self.leave_out, self.failures = leave_out, failures
        self.fields_for = settings.fields_for() if settings.sources else _no_fields
        self.remarks: list[str] = []  # for the summary

    def plan(self) -> Manifest:
        """What is to be read, with what the store knows already."""
        found = find_inputs(
            self.order.given,
            leave_out=self.leave_out,
            spool=self.store.spool,
            failures=self.failures,
            mapped=lambda source: self.fields_for(source) is not None,
        )
        found = [replace(inp, path=_absolute(inp.path)) for inp in found]
        own = _absolute(self.order.out)
        found = [inp for inp in found if _is_copy(inp) or not Path(inp.path).is_relative_to(own)]
        basis = self._basis()
        manifest = self.store.manifest() or Manifest(basis, new_key())
        if manifest.basis != basis:
            self._forget(manifest, {inp.source for inp in found})
            manifest.basis = basis
        known = {_name_of(log.input): log for log in manifest.logs}
        named = set()
        for inp in found:
            named.add(_name_of(inp))
            log = known.get(_name_of(inp))
            if log is not None and log.input.identity == inp.identity:
                log.input = replace(inp, source=log.input.source)
                continue
            if log is not None:
                self.remarks.append(f"{inp.source} changed since it was read, and was read again.")
                for piece in log.pieces:
                    self.store.drop_part(piece.number)
                manifest.logs.remove(log)
            manifest.add(inp, spans(inp, self.order.span))
        for log in manifest.logs:
            if _name_of(log.input) not in named and _has_changed(log.input):
                raise UsageError(
                    f"{log.input.source} has changed since an earlier run read it; name it, too, to have it read again"
                )
        manifest.logs.sort(key=lambda log: log.input.source)
        self.store.save(manifest)
        return manifest

    def _forget(self, manifest: Manifest, given: set[str]) -> None:
        """Drop all parts of a store that was made by other rules or settings; its inputs are read again."""
        gone = [log.input.source for log in manifest.logs if not _is_there(log.input)]
        missing = sorted(set(gone) - given)
        if missing:
            raise UsageError(
                f"--out {self.order.out}: made with other rules or settings, so all of it must be read again, "
                f"but {missing[0]} is gone or has changed; choose another folder"
            )
        for log in list(manifest.logs):
            for piece in log.pieces:
                self.store.drop_part(piece.number)
            manifest.logs.remove(log)
            if log.input.source not in given:
                manifest.add(log.input, spans(log.input, self.order.span))
        self.remarks.append("Rules or settings changed since the last run, so everything was read again.")

    def _basis(self) -> str:
        """A digest of all that findings depend on, the inputs aside."""
        digest = blake2b(digest_size=16)
        rules = shipped("rules")
        names = ["compiled.json", *(f"lexicons/{one}.ndjson" for one in ("promotional", "asks_feedback", "topic"))]
        for path in [*(rules / name for name in names), *self.settings.rule_files(), *self.settings.edition_files()]:
            digest.update(path.read_bytes())
        digest.update((shipped("schemas") / "send-request.dated.json").read_bytes())
        settings = replace(self.settings, baseline=None, path=None, fail_on=Severity.ERROR)
        order = self.order
        data = [__version__, asdict(settings), order.shape, order.show_text, order.pseudonyms]
        digest.update(orjson.dumps(data, default=_spelt, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS))
        return digest.hexdigest()

    def fields(self, manifest: Manifest) -> dict[str, LogFields]:
        """Where the recordings of teams' own forms keep what, by source."""
        found = {log.input.source: self.fields_for(_unnumbered(log.input.source)) for log in manifest.logs}
        return {source: fields for source, fields in found.items() if fields is not None}


def _no_fields(source: str) -> LogFields | None:
    return None


def _unnumbered(source: str) -> str:
    """A source without the number that tells it from another of the same name."""
    return _NUMBERED.sub("", source)


def _name_of(inp: Input) -> str:
    """What an input is known by from run to run: what is remote by its address, since its copy has another name when it
    changes; standard input by that name, since what comes by it another time is another log.
    """
    return inp.source if is_url(inp.source) else inp.path


def _absolute(path: str | Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100 - resolve() would follow links


def _is_copy(inp: Input) -> bool:
    """Whether an input is a copy of what is no local file."""
    return is_url(inp.source) or inp.source.startswith(displayed(STDIN))


def _has_changed(inp: Input) -> bool:
    """Whether an input is there, but is not what it was."""
    return Path(inp.path).exists() and not _is_there(inp)


def _is_there(inp: Input) -> bool:
    try:
        return Path(inp.path).exists() if _is_copy(inp) else identity_of(inp.path) == inp.identity
    except OSError:
        return False


def _spelt(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, set | frozenset) else str(value)


_NUMBERED: Final = re.compile(r" \([0-9]+\)$")
