"""Closing an audit: what it found is named, counted and written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from policylint import __version__
from policylint.audit.exports import Exports
from policylint.audit.ledger import BASELINED
from policylint.audit.notes import ACCEPTED
from policylint.audit.progress import Progress
from policylint.audit.store import FILES
from policylint.audit.stored import AcceptedBreaches, Findings
from policylint.baseline import Entry, without_baselined
from policylint.reporters.json import heading, summary_object
from policylint.reporters.jsontext import json_text
from policylint.reporters.report import Report
from policylint.rulebook import Rulebook
from policylint.settings import Settings
from policylint.summary import Tally, report_of

if TYPE_CHECKING:
    import duckdb

    from policylint.engines.audit import Audit


class Closing:
    """The end of one audit."""

    def __init__(
        self, audit: Audit, settings: Settings, rulebook: Rulebook, progress: Progress, *, private: bool
    ) -> None:
        self.audit, self.settings, self.rulebook, self.progress = audit, settings, rulebook, progress
        self.private = private  # whether the files hold what people wrote
        self.stale: list[str] = []

    def hold_against(self, entries: Sequence[Entry], left_out: Callable[[Entry], bool]) -> None:
        """Set aside what the baseline's `entries` hold; those that hold nothing are told, but for the ones left out."""
        if not entries:
            return
        kept = self.audit.ledger.kept()
        listed, stale = without_baselined([finding for _, finding in kept], entries)
        still = {id(finding) for finding in listed}
        self.audit.ledger.set_aside([number for number, finding in kept if id(finding) not in still])
        self.stale = [str(entry) for entry in stale if not left_out(entry)]

    def finish(self) -> tuple[Report, duckdb.DuckDBPyConnection]:
        """Write everything to the folder; the report, and the database that its findings are read from."""
        self.progress.stage("writing", None)
        audit, ledger, store = self.audit, self.audit.ledger, self.audit.store
        ledger.name_conversations()
        levels, rules, statuses = ledger.levels()
        tally = Tally(levels, rules, accepted=statuses[ACCEPTED], baselined=statuses[BASELINED])
        report = report_of((), tally, audit.counts, self.rulebook, self.settings.edition, self.stale)
        summary = replace(report.summary, remarks=[*audit.remarks, *report.summary.remarks])
        report = replace(report, summary=summary)
        told = summary_object(summary)
        digest = Exports(ledger.db).write(store.work, heading(report), told)
        run = {
            "started": audit.started.isoformat(),
            "finished": datetime.now(UTC).isoformat(),
            "version": __version__,
            "edition": report.edition,
            "files": audit.counts.recordings,
            "records": audit.counts.records,
            "findings": sum(levels.values()),
            "digest": digest,
        }
        audit.manifest.runs.append(run)
        ledger.show_messages([edition.id for edition in self.rulebook.editions.all])
        ledger.note_run(
            [(number, *one.values()) for number, one in enumerate(audit.manifest.runs, 1)],
            {"summary": json_text(told), "digest": digest, "edition": report.edition},
        )
        ledger.close()
        for name in FILES:
            if self.private:
                (store.work / name).chmod(0o600)
            (store.work / name).replace(store.folder / name)
        audit.precedents.publish()
        store.save(audit.manifest)
        store.tidy(audit.manifest)
        db = store.read()
        if summary.platform is not None:
            platform = replace(summary.platform, accepted_but_breached=AcceptedBreaches(db))
            report = replace(report, summary=replace(summary, platform=platform))
        return replace(report, findings=Findings(db, sum(levels.values()))), db
