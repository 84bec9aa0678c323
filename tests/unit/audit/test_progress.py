"""What an audit tells while it works."""

from __future__ import annotations

import io
import threading

import pytest

from policylint.audit.progress import Progress, size, span


class Clock:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Gone(io.StringIO):
    """A stream that nobody reads any more."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_plain_lines_come_every_ten_seconds_and_at_the_end() -> None:
    out, clock = io.StringIO(), Clock()
    with Progress(out, terminal=False, colour=False, clock=clock) as progress:
        progress.stage("reading", 2_700_000_000)
        for second in range(16):
            clock.now = 1000.0 + second
            progress.tell(100_000_000 * second, 250_000 * second, 1_000 * second)
        clock.now = 1016.0
        progress.tell(2_700_000_000, 4_000_000, 16_000)
        progress.stage("sorting", None)
        clock.now = 1020.0
    assert out.getvalue().splitlines() == [
        "policylint: reading 37 % (1.0 GB of 2.7 GB), 2,500,000 records, 100 MB/s, 10,000 findings, 17 s left",
        "policylint: reading done: 2.7 GB, 4,000,000 records, 169 MB/s, 16,000 findings, in 16 s",
        "policylint: sorting done in 4 s",
    ]


def test_messages_are_counted_where_no_bytes_are() -> None:
    out, clock = io.StringIO(), Clock()
    with Progress(out, terminal=False, colour=False, clock=clock) as progress:
        progress.stage("judging", 1_000_000)
        progress.tell(0, 0, 0)
        clock.now += 20
        progress.tell(200_000, 5_000_000, 1)
        clock.now += 20
        progress.tell(1_000_000, 5_000_000, 2)
    assert out.getvalue().splitlines() == [
        "policylint: judging 20 % (200,000 of 1,000,000 messages), 10,000 messages/s, 1 finding, 1 min 20 s left",
        "policylint: judging 100 % (1,000,000 of 1,000,000 messages), 25,000 messages/s, 2 findings",
        "policylint: judging done: 1,000,000 messages, 25,000 messages/s, 2 findings, in 40 s",
    ]


def test_what_an_earlier_run_did_is_no_speed() -> None:
    """A run that goes on starts at 90 %, which took it no time."""
    out, clock = io.StringIO(), Clock()
    with Progress(out, terminal=False, colour=False, clock=clock) as progress:
        progress.stage("reading", 1_000_000_000)
        clock.now += 1
        progress.tell(900_000_000, 1, 1)
        clock.now += 10
        progress.tell(910_000_000, 1, 1)
    assert "1.0 MB/s, 1 finding, 1 min 30 s left" in out.getvalue()


def test_speed_is_that_of_the_last_half_minute() -> None:
    out, clock = io.StringIO(), Clock()
    with Progress(out, terminal=False, colour=False, clock=clock) as progress:
        progress.stage("reading", 100_000_000_000)
        done = 0
        for second in range(101):
            clock.now = 1000.0 + second
            done += 500_000_000 if second < 50 else 10_000_000
            progress.tell(done, 0, 0)
    lines = out.getvalue().splitlines()
    assert " 500 MB/s, " in lines[3]
    assert " 10 MB/s, " in lines[9]


def test_an_unknown_total_has_no_share_and_no_end() -> None:
    out, clock = io.StringIO(), Clock()
    with Progress(out, terminal=False, colour=False, clock=clock) as progress:
        progress.stage("reading", None)
        progress.tell(0, 0, 0)
        clock.now += 10
        progress.tell(50_000_000, 7, 0)
    assert out.getvalue().splitlines()[0] == "policylint: reading 50 MB, 7 records, 5.0 MB/s, 0 findings"


def test_an_interrupted_stage_says_how_far_it_came() -> None:
    out, clock = io.StringIO(), Clock()
    with (  # noqa: PT012 - what stops the run happens within
        pytest.raises(KeyboardInterrupt),
        Progress(out, terminal=False, colour=False, clock=clock) as progress,
    ):
        progress.stage("judging", 10)
        progress.tell(4, 0, 0)
        raise KeyboardInterrupt
    assert out.getvalue() == "policylint: stopped while judging 40 % (4 of 10 messages), 0 findings\n"


@pytest.mark.parametrize("terminal", [False, True])
def test_a_stream_that_is_gone_stops_no_audit(terminal: bool) -> None:
    with Progress(Gone(), terminal=terminal, colour=False) as progress:
        progress.stage("reading", 10)
        progress.tell(10, 1, 1)
        progress.stage("judging", 10)
        progress.tell(10, 1, 1)


def test_a_terminal_gets_bars_and_nothing_is_left_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    out = io.StringIO()
    before = set(threading.enumerate())
    with Progress(out, terminal=True, colour=False) as progress:
        assert set(threading.enumerate()) == before, "no thread before the first stage: workers are forked by then"
        progress.stage("reading", 1_000_000_000)
        progress.tell(450_000_000, 3_400_000, 12_345)
        progress.stage("judging", 100)
        (own,) = set(threading.enumerate()) - before
    own.join(5)
    assert not own.is_alive()
    text = out.getvalue()
    assert "reading" in text
    assert "3,400,000 records" in text
    assert "policylint:" not in text
    assert "\x1b[3" not in text, "no colours where none are wanted"
    assert text.endswith("\x1b[1A\x1b[2K"), "the last line is wiped"
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l"), "the cursor is back"


def test_numbers_before_the_first_stage_are_let_pass() -> None:
    out = io.StringIO()
    with Progress(out, terminal=False, colour=False) as progress:
        progress.tell(1, 1, 1)
    assert out.getvalue() == ""


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (12_345, "12 kB"),
        (999_960_000, "1.0 GB"),
        (2_700_000_000, "2.7 GB"),
        (9_960_000_000, "10 GB"),
        (3_200_000_000_000, "3.2 TB"),
    ],
)
def test_size(number: int, text: str) -> None:
    assert size(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (0.3, "0.3 s"), (20.4, "20 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (7_530, "2 h 5 min")],
)
def test_span(seconds: float, text: str) -> None:
    assert span(seconds) == text
