"""`audit` gives the findings of `check`, whatever a log holds; workers, spans and the order of files change nothing."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

pytest.importorskip("duckdb", reason="an audit's store needs duckdb: pip install 'policylint[audit]'")

import duckdb

from policylint.engines import audit as engine
from tests.audit_runs import Answer, audit, check
from tests.property.logfiles import write_everything

EDITIONS = ("2017-04", "dated", "latest")
HISTORIES = ("partial", "complete")
NARROW = 400  # bytes: most spans end within a record
SEARCH = (Phase.explicit, Phase.reuse, Phase.generate)  # an audit takes too long to shrink what was found


@contextmanager
def spans_of(size: int) -> Iterator[None]:
    """Audits read logs in spans of `size` bytes."""
    order = engine.Order
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "Order", partial(order, span=size))
        yield


@contextmanager
def everything(seed: int, number: int) -> Iterator[list[str]]:
    """The names of recordings with all there is, in a folder of their own that is the current one."""
    with TemporaryDirectory() as folder, chdir(folder):
        yield write_everything(Path(folder), random.Random(seed), number)


def assert_same(audited: Answer, checked: Answer) -> None:
    """All fields of all findings, in one order, and all numbers."""
    for ours, theirs in zip(audited.findings, checked.findings, strict=False):
        assert ours == theirs
    assert len(audited.findings) == len(checked.findings)
    told = {name: number for name, number in audited.summary.items() if name != "digest"}  # check has none
    assert told == checked.summary
    assert audited.status == checked.status


def digest(out: str) -> str:
    """The digest of the findings that the audit in `out` keeps."""
    with duckdb.connect(str(Path(out, "audit.duckdb")), read_only=True) as database:
        ((value,),) = database.execute("select value from summary where name = 'digest'").fetchall()
    assert isinstance(value, str)
    return value


@settings(max_examples=10, deadline=None, phases=SEARCH, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(min_value=0, max_value=2**32),
    number=st.integers(min_value=1, max_value=40),
    edition=st.sampled_from(EDITIONS),
    history=st.sampled_from(HISTORIES),
    span=st.sampled_from([NARROW, 1 << 25]),
)
def test_an_audit_finds_what_check_finds(seed: int, number: int, edition: str, history: str, span: int) -> None:
    with everything(seed, number) as names:
        flags = ("--edition", edition, "--history", history)
        with spans_of(span):
            assert_same(audit(names, "out", *flags), check(names, *flags))


@pytest.mark.parametrize(("edition", "history"), [("2017-04", "partial"), ("dated", "complete"), ("latest", "partial")])
def test_a_longer_log_gives_the_same(edition: str, history: str) -> None:
    """Some hundred records of the same few people, so that much depends on what stands far away."""
    with everything(seed=17 + len(edition + history), number=250) as names, spans_of(20_000):
        flags = ("--edition", edition, "--history", history)
        assert_same(audit(names, "out", *flags, workers=2), check(names, *flags))


def test_neither_workers_nor_spans_nor_the_order_of_files_change_the_digest() -> None:
    with everything(seed=1, number=150) as names:
        audit(names, "one")
        with spans_of(NARROW):
            audit(names[::-1], "two", workers=2)
            audit([".", *names], "all")
        found = Path("one", "findings.ndjson").read_bytes()
        assert found.count(b"\n") > 50
        assert Path("two", "findings.ndjson").read_bytes() == found
        assert digest("one") == digest("two") == digest("all")


def test_another_finding_gives_another_digest() -> None:
    with everything(seed=3, number=50) as names:
        audit(names, "one")
        audit(names, "fewer", "--ignore", "unreadable-record")
        assert digest("one") != digest("fewer")


def test_pseudonyms_and_shown_text_are_those_of_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "POLICYLINT_PSEUDONYM_KEY", "a key")
    with everything(seed=4, number=60) as names, spans_of(NARROW):
        assert_same(audit(names, "hidden", workers=2), check(names))
        assert_same(audit(names, "shown", "--show-text"), check(names, "--show-text"))
