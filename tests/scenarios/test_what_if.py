"""`check --what-if`: what another edition would change for the messages of a recording, and nothing else."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Final

import pytest

from policylint.events import Platform
from policylint.rulebook import shipped_rulebook
from tests.scenarios.conftest import HOUR, Bench, Files, Json, Run, ndjson, page, person, request, script

PARCEL: Final = "Your parcel has shipped."
START: Final = int(datetime(2026, 3, 1, 10, tzinfo=UTC).timestamp()) * 1000


def wrote(at: int, by: str = "p-1", platform: str = "page", page_id: str = "7001") -> Json:
    """A webhook body with a message of the person, `at` milliseconds after START."""
    item = {
        "sender": {"id": by},
        "recipient": {"id": page_id},
        "timestamp": START + at,
        "message": {"mid": f"m_{by}_{at}", "text": "Hello"},
    }
    return {"object": platform, "entry": [{"id": page_id, "time": START + at, "messaging": [item]}]}


def sent(at: int, tag: str | None = None, by: str = "p-1", page_id: str = "7001", **rest: object) -> Json:
    """A log entry of a send, `at` milliseconds after START."""
    kind = "RESPONSE" if tag is None else "MESSAGE_TAG"
    body = request(PARCEL, tag, by, messaging_type=kind)
    return {"timestamp": START + at, "page_id": page_id, "request": {**body, **rest}}


LOG: Final = [
    wrote(0),
    sent(HOUR),  # fine under all
    sent(30 * HOUR, "POST_PURCHASE_UPDATE"),  # until 2026-04-26
    sent(31 * HOUR),  # a breach from 2020-03 on
    sent(32 * HOUR, "SHIPPING_UPDATE"),  # until 2020-03-03
    {"timestamp": START, "request": {"recipient": {"id": "p-1"}, "sender_action": "typing_onn"}},  # under none
]
INSTAGRAM: Final = [
    wrote(0, "i-1", "instagram", "17841"),
    sent(30 * HOUR, "HUMAN_AGENT", "i-1", "17841"),
    sent(31 * HOUR, "ACCOUNT_UPDATE", "i-1", "17841"),
]


def changes(run: Run) -> list[tuple[str, str, int]]:
    """What would change: the change, the rule and the record."""
    return [(f["change"], f["rule"], f["where"]["record"]) for f in run.findings]


def numbers(run: Run) -> tuple[int, int, int, int]:
    """Requests that would breach, that no longer would, that do under both, and that do under neither."""
    told = run.summary["what_if"]
    return told["would_breach"], told["would_be_fine"], told["breach_anyway"], told["fine_anyway"]


def test_a_tag_that_ends_is_all_that_changes(bench: Bench) -> None:
    """Breaches under both editions are counted, not listed; a sender action counts as a request like any other."""
    run = bench.check(ndjson(LOG), "--what-if", "2026-04", name="a.ndjson")
    assert changes(run) == [("appears", "tag-not-in-force", 3)]
    assert numbers(run) == (1, 0, 3, 1)
    assert run.status == 1
    assert run.report["edition"] == "dated"
    assert run.summary["what_if"]["edition"] == "2026-04"


def test_what_only_gets_better_fails_no_run(bench: Bench) -> None:
    run = bench.check(ndjson(LOG), "--what-if", "2019-08", name="a.ndjson")
    assert changes(run) == [
        ("disappears", "untagged-outside-window", 4),
        ("disappears", "tag-not-in-force", 5),
    ]
    assert numbers(run) == (0, 2, 1, 2)
    assert run.status == 0
    assert run.summary["errors"] == 0  # what goes is no error of the run


def test_where_nothing_changes_nothing_is_listed(bench: Bench) -> None:
    run = bench.check(ndjson(LOG), "--edition", "2026-04", "--what-if", "2026-04", name="a.ndjson")
    assert (run.found, numbers(run), run.status) == ([], (0, 0, 4, 1), 0)


def test_each_platform_has_its_own_edition_of_that_day(bench: Bench) -> None:
    """April 2026 changed nothing for Instagram; naming an Instagram edition compares with Messenger's of the day."""
    run = bench.check(ndjson([*LOG, *INSTAGRAM]), "--what-if", "2026-04", name="a.ndjson")
    assert changes(run) == [("appears", "tag-not-in-force", 3)]
    assert numbers(run) == (1, 0, 4, 2)
    run = bench.check(ndjson([*LOG, *INSTAGRAM]), "--what-if", "instagram-2026-09", name="a.ndjson")
    assert changes(run) == [("appears", "tag-not-in-force", 3)]


def test_records_without_a_time_have_the_newest_edition_as_their_own(bench: Bench) -> None:
    """So a folder of fixtures is asked with --edition; the summary says by what they were judged."""
    fixture = request(PARCEL, "POST_PURCHASE_UPDATE", messaging_type="MESSAGE_TAG")
    run = bench.check(fixture, "--what-if", "2026-04")
    assert (changes(run), numbers(run)) == ([], (0, 0, 1, 0))
    assert "without a time" in " ".join(run.summary["remarks"])
    run = bench.check(fixture, "--what-if", "2026-04", "--edition", "2022-05")
    assert (changes(run), run.status) == ([("appears", "tag-not-in-force", 1)], 1)


@pytest.mark.parametrize("edition", ["2019-08", "2018-09"])
def test_a_script_keeps_the_edition_that_it_asks_for(bench: Bench, edition: str) -> None:
    later = page("30h", PARCEL, "SHIPPING_UPDATE", messaging_type="MESSAGE_TAG")
    run = bench.check(script(person("0h"), later, edition=edition), "--what-if", "2020-03")
    assert changes(run) == [("appears", "tag-not-in-force", 2)]
    assert run.findings[0]["edition"] == "2020-03"
    run = bench.check(script(person("0h"), later, edition=edition), "--edition", "2020-03", "--what-if", edition)
    assert changes(run) == [("disappears", "tag-not-in-force", 2)]


@pytest.mark.parametrize(("edition", "expected"), [("2022-05", 3), ("2017-04", 3), ("2026-04", None)])
def test_the_configured_edition_is_the_messages_own(bench: Bench, edition: str, expected: int | None) -> None:
    """Whichever it is, the default one included."""
    run = bench.check(ndjson(LOG), "--what-if", "2026-04", name="a.ndjson", config=f'edition: "{edition}"\n')
    assert run.report["edition"] == edition
    assert [record for change, _, record in changes(run) if change == "appears" and record == 3] == (
        [] if expected is None else [expected]
    )


def test_severities_and_accepted_findings_count_as_they_are_configured(bench: Bench) -> None:
    lowered = bench.check(
        ndjson(LOG), "--what-if", "2026-04", name="a.ndjson", config="severity: {tag-not-in-force: warning}\n"
    )
    assert (changes(lowered), lowered.status) == ([], 0)
    asked = bench.again("a.ndjson", "--what-if", "2026-04", "--fail-on", "warning")
    assert asked.summary["what_if"]["least"] == "warning"
    known = "accepted:\n  - {path: a.ndjson, rule: tag-not-in-force, reason: being rebuilt}\n"
    accepted = bench.check(ndjson(LOG), "--what-if", "2026-04", name="a.ndjson", config=known)
    assert (changes(accepted), accepted.status) == ([], 0)


def test_a_baseline_of_the_other_edition_leaves_nothing_new(bench: Bench) -> None:
    bench.write("a.ndjson", ndjson(LOG))
    bench.run("check", "a.ndjson", "--edition", "2026-04", "--write-baseline", "known.ndjson")
    run = bench.again("a.ndjson", "--what-if", "2026-04", "--baseline", "known.ndjson")
    assert (changes(run), numbers(run)[0]) == ([], 0)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--what-if", "dated"), "--what-if needs one edition"),
        (("--what-if", "2026-4"), "did you mean 2026-04?"),
        (("--what-if", "2026-04", "--write-baseline", "x"), "exclude each other"),
    ],
)
def test_what_makes_no_sense_is_refused(bench: Bench, arguments: tuple[str, ...], reason: str) -> None:
    bench.write("a.ndjson", ndjson(LOG))
    run = bench.run("check", "a.ndjson", *arguments)
    assert run.status == 2
    assert reason in run.err
    assert run.out == ""


def test_a_record_that_can_not_be_read_is_counted_under_both(bench: Bench) -> None:
    run = bench.check(ndjson(LOG) + "{broken\n", "--what-if", "2026-04", name="a.ndjson")
    assert changes(run) == [("appears", "tag-not-in-force", 3)]
    assert (run.summary["unreadable"], numbers(run)) == (1, (1, 0, 3, 1))


def test_every_operation_of_a_batch_counts(bench: Bench) -> None:
    def operation(tag: str) -> Json:
        body = f'recipient={{"id":"p-1"}}&messaging_type=MESSAGE_TAG&tag={tag}&message={{"text":"{PARCEL}"}}'
        return {"method": "POST", "relative_url": "me/messages", "body": body}

    batch = [operation(tag) for tag in ("POST_PURCHASE_UPDATE", "HUMAN_AGENT", "ACCOUNT_UPDATE")]
    run = bench.check(batch, "--edition", "2022-05", "--what-if", "2026-04")
    assert [f["where"]["pointer"] for f in run.findings] == ["/tag", "/tag"]
    assert numbers(run) == (2, 0, 0, 1)


# --- the law: what would change is the difference of two runs


def _graded(run: Run, least: str) -> dict[tuple[str, int], list[tuple[str, str, str]]]:
    ranks = ["note", "warning", "error"]
    found: dict[tuple[str, int], list[tuple[str, str, str]]] = {}
    for f in run.findings:
        if ranks.index(f["severity"]) >= ranks.index(least):
            place = f["where"]["source"], f["where"]["record"]
            found.setdefault(place, []).append((f["rule"], f["where"]["pointer"], f["edition"]))
    return found


@pytest.mark.parametrize("least", ["error", "note"])
@pytest.mark.parametrize("own", ["dated", "2017-04", "2022-05"])
@pytest.mark.parametrize("other", ["2016-04", "2019-08", "2026-04"])
@pytest.mark.parametrize("flags", [(), ("--separately",)], ids=["together", "separately"])
def test_it_is_the_difference_of_two_runs(
    bench: Bench, own: str, other: str, least: str, flags: tuple[str, ...]
) -> None:
    files = Files({"a.ndjson": ndjson(LOG[::2]), "b.ndjson": ndjson([*LOG[1::2], *INSTAGRAM])})
    run = bench.check(files, "--edition", own, "--what-if", other, "--fail-on", least, *flags)
    before = _graded(bench.again(*files.by_name, "--edition", own, *flags), least)
    after = _graded(bench.again(*files.by_name, "--edition", other, *flags), least)
    listed: dict[str, list[tuple[object, ...]]] = {"appears": [], "disappears": []}
    for f in run.findings:
        where = f["where"]
        listed[f["change"]].append((where["source"], where["record"], f["rule"], where["pointer"], f["edition"]))
    for change, here, there in (("appears", after, before), ("disappears", before, after)):
        expected = [(*place, *finding) for place, found in here.items() if place not in there for finding in found]
        assert sorted(listed[change]) == sorted(expected)
    assert numbers(run)[:2] == (len(after.keys() - before.keys()), len(before.keys() - after.keys()))
    assert sum(numbers(run)) == sum(1 for record in [*LOG, *INSTAGRAM] if "request" in record)


EDITIONS: Final = {edition.id: edition for edition in shipped_rulebook().editions.of(Platform.MESSENGER)}
TAGS: Final = sorted({tag for edition in EDITIONS.values() for tag in edition.tags})


@pytest.mark.parametrize("name", EDITIONS)
def test_nothing_changes_under_the_messages_own_edition(bench: Bench, name: str) -> None:
    """In the middle of its days, whatever tags they carry; short texts fit the limits of all days."""
    edition = EDITIONS[name]
    first = datetime.fromisoformat(edition.since).replace(tzinfo=UTC)
    last = datetime.fromisoformat(edition.until or edition.since).replace(tzinfo=UTC)
    start = int((first + (last - first) / 2).timestamp()) * 1000 - START
    log = [wrote(start - HOUR)]
    for n, tag in enumerate([None, *TAGS]):
        log += [wrote(start - 40 * HOUR, f"p{n}"), sent(start, tag, f"p{n}")]
    own = bench.check(ndjson(log), "--edition", "dated", name="a.ndjson")
    assert {f["edition"] for f in own.findings} <= {name}
    run = bench.again("a.ndjson", "--what-if", name)
    assert (changes(run), numbers(run)[:2], run.status) == ([], (0, 0), 0)


@pytest.mark.parametrize("seed", range(3))
def test_order_and_files_make_no_difference(bench: Bench, seed: int) -> None:
    log = [*LOG, *INSTAGRAM]
    whole = bench.check(ndjson(log), "--what-if", "2017-04", name="whole.ndjson")
    expected = sorted((change, rule, json.dumps(log[record - 1])) for change, rule, record in changes(whole))
    random.Random(seed).shuffle(log)
    parts = {"a.ndjson": log[::2], "b.ndjson": log[1::2]}
    split = bench.check(Files({name: ndjson(part) for name, part in parts.items()}), "--what-if", "2017-04")
    found = [
        (f["change"], f["rule"], json.dumps(parts[f["where"]["source"]][f["where"]["record"] - 1]))
        for f in split.findings
    ]
    assert sorted(found) == expected
    assert numbers(split) == numbers(whole)


# --- reports


def test_reports_for_people_and_machines_tell_new_from_gone(bench: Bench) -> None:
    bench.write("a.ndjson", ndjson(LOG))
    sentence = "0 requests would newly breach the policy and 2 would no longer; 1 would under both editions, 2 under"
    text = bench.run("check", "a.ndjson", "--what-if", "2019-08")
    assert text.out.count("[gone]") == 2
    assert sentence in text.out
    github = bench.run("check", "a.ndjson", "--what-if", "2019-08", "--format", "github")
    assert "::error" not in github.out
    assert github.out.count("[gone]") == 2
    assert sentence in github.out
    worse = bench.run("check", "a.ndjson", "--what-if", "2026-04", "--format", "github")
    assert worse.out.startswith("::error")
    assert "[new]" in worse.out


@pytest.mark.parametrize(("other", "state"), [("2019-08", "absent"), ("2026-04", "new")])
def test_sarif_says_it_by_the_state_against_the_baseline(bench: Bench, other: str, state: str) -> None:
    bench.write("a.ndjson", ndjson(LOG))
    run = bench.run("check", "a.ndjson", "--what-if", other, "--format", "sarif")
    assert {result["baselineState"] for result in json.loads(run.out)["runs"][0]["results"]} == {state}
    plain = bench.run("check", "a.ndjson", "--format", "sarif")
    assert all("baselineState" not in result for result in json.loads(plain.out)["runs"][0]["results"])
