"""How fast and how big `policylint audit` is beside one DuckDB query, whole processes, same machine, same run.

    python tests/benchmarks/audit_speed.py [--rounds N] [--large] [--cache DIR] [--profile]      (or: make bench-audit)

The query is what a data engineer would write instead: window, tags and words only, and no places, evidence or broken
lines. Both read the same made logs, by turns; medians are taken of the rounds. Every audit has to find exactly what the
log's maker counted. Memory is that of all processes of an audit together, shared pages counted once.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
BENCH = ROOT.parent / "shared/bench"
MILLION = 1_000_000
MIB = 1 << 20
PAGE = os.sysconf("SC_PAGE_SIZE")
SAMPLE = 0.05  # seconds between two looks at the memory
RATIO, MEMORY, MORE_MEMORY, MORE_COST = 0.4, 1536, 1.3, 1.2  # the goals; memory in MiB


@dataclass
class Cost:
    """What one run of a process, with all those that it started, took."""

    wall: float  # seconds
    cpu: float  # seconds, of all processes
    peak: float = 0.0  # MiB
    stages: dict[str, float] = field(default_factory=dict)  # seconds, by what the audit said that it had done


@dataclass(frozen=True)
class Row:
    """A line of the table: medians."""

    records: int
    peer: float  # records/s
    audit: float  # records/s
    peak: float  # MiB
    cpu: float  # seconds
    wrong: Sequence[str]  # how the findings differ from the truth

    @property
    def wall_each(self) -> float:
        """Wall time a record, in µs."""
        return MILLION / self.audit

    @property
    def cpu_each(self) -> float:
        """CPU time a record, in µs."""
        return self.cpu * MILLION / self.records


def family(pid: int) -> Iterator[int]:
    """A process and all that come from it, as far as they still live."""
    yield pid
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from family(int(child))
    except OSError:
        return


def resident(pids: Sequence[int]) -> int:
    """Bytes in memory, shared ones counted for each process; costs next to nothing to find out."""
    total = 0
    for pid in pids:
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
        except OSError:
            continue
    return total


def proportional(pids: Sequence[int]) -> int:
    """Bytes in memory, shared ones counted once; the system walks over all pages to find out."""
    total = 0
    for pid in pids:
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(row.split()[1]) * 1024 for row in rollup.splitlines() if row.startswith("Pss:"))
    return total


def watch(pid: int, over: threading.Event, cost: Cost) -> None:
    """Note the peak. The dear number is asked for only where the cheap one is at its highest: it slows the process."""
    highest, asked = 0, 0.0
    while not over.wait(SAMPLE):
        pids = list(family(pid))
        now, size = time.monotonic(), resident(pids)
        if size > highest * 1.01 or (size > highest * 0.97 and now - asked > 10 * SAMPLE):
            cost.peak = max(cost.peak, proportional(pids) / MIB)
            highest, asked = max(highest, size), now


def run(command: Sequence[str]) -> Cost:
    """Run a command to its end and count what it took."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        cost, over = Cost(0, 0), threading.Event()
        watcher = threading.Thread(target=watch, args=(process.pid, over, cost))
        watcher.start()
        told, last = [], began
        assert process.stderr is not None
        for row in process.stderr:
            told.append(row)
            name, done, _ = row.removeprefix("policylint: ").partition(" done")
            if done:
                now = time.perf_counter()
                cost.stages[name], last = now - last, now
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        cost.wall = time.perf_counter() - began
        cost.stages["the rest"] = began + cost.wall - last
        cost.cpu = usage.ru_utime + usage.ru_stime
        over.set()
        watcher.join()
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)} failed:\n{''.join(told)}")
    return cost


def make_log(cache: Path, records: int) -> Path:
    """A log of so many records, with its truth beside it; made once for a cache."""
    log = cache / f"log-{records}.ndjson"
    if not log.exists():
        print(f"Making a log of {records:,} records ...", file=sys.stderr)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            made = Path(folder, log.name)
            subprocess.run([sys.executable, str(BENCH / "make_log.py"), str(records), str(made)], check=True)
            truth_of(made).rename(truth_of(log))
            made.rename(log)
    return log


def truth_of(log: Path) -> Path:
    return log.with_name(f"{log.stem}.truth.json")


def differences(out: Path, truth: Mapping[str, int]) -> list[str]:
    """How often the audit in `out` found something else than its log's maker counted, by rule."""
    found: dict[str, int] = json.loads((out / "report.json").read_bytes())["summary"]["statistics"]
    rules = sorted({*found, *(rule for rule, number in truth.items() if number)})
    return [
        f"{rule}: {found.get(rule, 0):,} found, {truth.get(rule, 0):,} true"
        for rule in rules
        if found.get(rule, 0) != truth.get(rule, 0)
    ]


def measure(log: Path, rounds: int, profile: bool) -> Row:
    """Both on one log, by turns."""
    truth = json.loads(truth_of(log).read_bytes())
    subprocess.run(["cat", str(log)], stdout=subprocess.DEVNULL, check=True)  # into the disk's cache
    peers, audits, wrong = [], [], []
    for _ in range(rounds):
        peers.append(run([sys.executable, str(BENCH / "peer_duckdb.py"), str(log), "2"]))
        with tempfile.TemporaryDirectory(dir=log.parent) as folder:
            out = Path(folder, "out")
            audits.append(
                run([sys.executable, "-m", "policylint", "audit", str(log), "--out", str(out), "--workers", "2"])
            )
            wrong += differences(out, truth["findings"])
    if profile:
        print(f"\n{truth['records']:,} records, seconds (median; CPU is that of all processes)")
        for name in audits[0].stages:
            print(f"  {name:<12}{statistics.median(cost.stages.get(name, 0) for cost in audits):8.2f}")
        for title, costs in (("audit", audits), ("query", peers)):
            wall, cpu = (statistics.median(getattr(cost, name) for cost in costs) for name in ("wall", "cpu"))
            print(f"  {title} in all {wall:.2f}, CPU {cpu:.2f}, peak {max(cost.peak for cost in costs):,.0f} MiB")
    return Row(
        records=truth["records"],
        peer=truth["records"] / statistics.median(cost.wall for cost in peers),
        audit=truth["records"] / statistics.median(cost.wall for cost in audits),
        peak=max(cost.peak for cost in audits),
        cpu=statistics.median(cost.cpu for cost in audits),
        wrong=sorted(set(wrong)),
    )


def verdict(title: str, value: float, goal: float, *, at_least: bool = False, digits: int = 2) -> str:
    """A line that says whether a goal is met."""
    met = value >= goal if at_least else value <= goal
    sign = "at least" if at_least else "at most"
    return f"{'met   ' if met else 'MISSED'}  {title}: {value:,.{digits}f}, goal {sign} {goal:,.{digits}f}"


def verdicts(rows: Mapping[int, Row]) -> Iterator[str]:
    """The goals, as far as the rows reach; keys are millions of records."""
    if 5 in rows:
        five = rows[5]
        yield verdict("speed beside the query, 5 million records", five.audit / five.peer, RATIO, at_least=True)
        yield verdict("memory for 5 million records, MiB", five.peak, MEMORY, digits=0)
    last = max(rows)
    if 1 in rows and last > 1:
        for title, name in (("wall time", "wall_each"), ("CPU time", "cpu_each")):
            growth = getattr(rows[last], name) / getattr(rows[1], name)
            yield verdict(f"{title} a record, {last} million to 1 million", growth, MORE_COST)
    if {5, 20} <= rows.keys():
        yield verdict("memory, 20 million to 5 million", rows[20].peak / rows[5].peak, MORE_MEMORY)


def arguments() -> argparse.Namespace:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="rounds for each log (20 million records: one)")
    parser.add_argument("--large", action="store_true", help="also 20 million records (6 GB of disk, 20 GB of memory)")
    parser.add_argument("--only", type=int, action="append", metavar="N", help="logs of N million records; repeat")
    parser.add_argument("--cache", type=Path, help="folder where made logs stay (default: a temporary one)")
    parser.add_argument("--profile", action="store_true", help="also print where an audit's time goes")
    return parser.parse_args()


def main() -> int:
    """Print the table and the goals; 1 when findings are wrong, whatever the speed."""
    asked = arguments()
    if not BENCH.is_dir():
        print("Skipped: the maker of the logs and the query to compare with are not here (../shared/bench).")
        return 0
    cache = asked.cache or Path(tempfile.mkdtemp())
    cache.mkdir(parents=True, exist_ok=True)
    rows: dict[int, Row] = {}
    try:
        for millions in asked.only or (1, 5, *((20,) if asked.large else ())):
            rounds = 1 if millions >= 20 else asked.rounds
            rows[millions] = measure(make_log(cache, millions * MILLION), rounds, asked.profile)
    finally:
        if asked.cache is None:
            shutil.rmtree(cache)
    print(
        f"\n{'records':>12}{'query rec/s':>14}{'audit rec/s':>14}{'ratio':>8}{'peak MiB':>10}{'CPU µs each':>13}"
        "  findings"
    )
    for row in rows.values():
        told = "WRONG" if row.wrong else "exactly the truth"
        numbers = f"{row.records:>12,}{row.peer:>14,.0f}{row.audit:>14,.0f}{row.audit / row.peer:>8.2f}"
        print(f"{numbers}{row.peak:>10,.0f}{row.cpu_each:>13.2f}  {told}")
        for difference in row.wrong:
            print(f"{'':14}{difference}")
    print()
    print("\n".join(verdicts(rows)))
    return int(any(row.wrong for row in rows.values()))


if __name__ == "__main__":
    sys.exit(main())
