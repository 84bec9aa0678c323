"""policylint from Python: the same findings as the command's, for one request or for recordings."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from policylint.breaches import named
from policylint.conversation import earliest
from policylint.engines.local import open_recordings, run
from policylint.errors import SourceError, UsageError
from policylint.events import History, Platform
from policylint.findings import Finding
from policylint.lint import judge_for
from policylint.outcome import Outcome
from policylint.rulebook import Rulebook, rulebook_for
from policylint.settings import Settings, load_settings
from policylint.sources.folder import recordings
from policylint.sources.recording import read_value
from policylint.sources.shapes import Shape
from policylint.triage import triage

_REQUEST = "<request>"


def lint_request(
    request: Mapping[str, Any],
    *,
    at: datetime | str | None = None,
    before: Iterable[Mapping[str, Any]] = (),
    page_id: str | None = None,
    history: str = "complete",
    edition: str | None = None,
    platform: str | None = None,
    config: str | os.PathLike[str] | None = None,
) -> list[Finding]:
    """Findings on one send request, sent at the time `at`.

    `before` is what is known of the conversation up to then, in the form of a conversation script's events:
    `{"at": time, "person": {"text": …}}` or `{"at": time, "page": {send request}}`, in any order. Times are aware
    datetimes or ISO 8601 text with a zone. `history` says whether that is the whole conversation (`complete`) or its
    recent part (`partial`). Without `at` no window rule applies, as for a payload fixture on disk. `edition` None is
    the configuration's, or the default.

    `platform` is messenger or instagram; None is the configuration's, or that of the edition.

    Raises UsageError for a naive datetime, for events that make no sense and for an unknown edition; ConfigError for a
    broken configuration file `config`.
    """
    settings, rulebook = _prepared(config, edition)
    if platform is not None:
        settings = replace(settings, platform=_platform(platform))
    judge = replace(judge_for(settings, rulebook), script_history=History(history))
    start = rulebook.editions.named(judge.edition).start
    if at is None:
        recording = read_value(_REQUEST, dict(request), shape=Shape.SEND, script_start=start)
    else:
        steps = [{**step, "at": _moment(step.get("at"))} for step in before]
        steps.append({"at": _moment(at), "page": dict(request)})
        script: dict[str, Any] = {"events": steps}
        if page_id is not None:
            script["page_id"] = page_id
        recording = read_value(_REQUEST, script, shape=Shape.SCRIPT, script_start=start)
    if recording.unreadable:
        broken = recording.unreadable[0]
        raise UsageError(f"event {broken.origin.record} of the conversation: {broken.reason}")
    outcome = run([recording], judge.over(earliest(recording.events, scripts=True)))
    asked_about = recording.records
    outcome.findings = [finding for finding in outcome.findings if finding.where.record == asked_about]
    return _listed(outcome, settings)


def lint_recording(
    *paths: str | os.PathLike[str],
    edition: str | None = None,
    history: str | None = None,
    config: str | os.PathLike[str] | None = None,
) -> list[Finding]:
    """Findings on the recordings at `paths` (files or folders), judged together and sorted as the command sorts them.

    Raises SourceError for a path that can't be opened, UsageError and ConfigError as `lint_request`.
    """
    settings, rulebook = _prepared(config, edition)
    if history is not None:
        settings = replace(settings, history=History(history))
    judge = judge_for(settings, rulebook)
    failures: list[str] = []
    paths_read = recordings(os.fspath(path) for path in paths)
    read = open_recordings(paths_read, judge, shape=None, failures=failures)
    if failures:
        raise SourceError(failures[0])
    return _listed(run(read, judge), settings)


def _prepared(config: str | os.PathLike[str] | None, edition: str | None) -> tuple[Settings, Rulebook]:
    settings = load_settings(Path(config) if config is not None else None)
    rulebook = rulebook_for(settings)
    settings.check_rule_names(rulebook.rules)
    if edition is not None:
        settings = replace(settings, edition=edition, edition_by_flag=True)
    return settings, rulebook


def _platform(name: str) -> Platform:
    try:
        return Platform(name)
    except ValueError:
        raise UsageError(f"no platform is called {name[:40]!r}; known are {', '.join(Platform)}") from None


def _listed(outcome: Outcome, settings: Settings) -> list[Finding]:
    return named(triage(outcome.findings, settings, ()).listed)


def _moment(at: Any) -> Any:
    if isinstance(at, datetime):
        if at.tzinfo is None:
            raise UsageError("the time has no zone; give an aware datetime")
        return at.isoformat()
    return at
