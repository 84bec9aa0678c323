"""How long `policylint check` takes beside `check-jsonschema`, whole processes, same machine, same run.

    python tests/benchmarks/check_speed.py [ROUNDS]      (or: make bench)

check-jsonschema only validates against a JSON Schema; policylint also reads the conversation, judges by every rule and
finds places. The promise: one small file no slower than check-jsonschema, 1,000 files at most twice as slow.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import orjson

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "schemas/messenger/2017-04/send-request.schema.json"
BIN = Path(sys.executable).parent
SMALL = {"recipient": {"id": "1"}, "message": {"text": "Hello! How can we help?"}}
BAD = {
    "recipient": {"id": "1"},
    "tag": "SHIPPING_UPDATE",
    "message": {
        "text": "Your parcel is on its way",
        "quick_replies": [{"content_type": "text", "title": "Where is my parcel just now?", "payload": "WHERE"}],
    },
}


def seconds(command: Sequence[str], rounds: int) -> float:
    """The median wall time of a command over `rounds` runs, after one to warm the disk's cache."""
    took = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, check=False)
        took.append(time.perf_counter() - start)
        if done.returncode > 1:
            raise SystemExit(f"{command[0]} failed: {done.stderr.decode()}")
    return statistics.median(took[1:])


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as folder:
        cases = []
        for name, request, count in (
            ("valid", SMALL, 1),
            ("with findings", BAD, 1),
            ("valid", SMALL, 1000),
            ("with findings", BAD, 1000),
        ):
            home = Path(folder, f"{count}-{name.replace(' ', '-')}")
            home.mkdir()
            for n in range(count):
                (home / f"{n:04}.json").write_bytes(orjson.dumps(request, option=orjson.OPT_INDENT_2))
            cases.append((f"{count:,} file{'s' * (count > 1)}, {name}", home, 1 if count == 1 else 2))
        print(f"{'':28}{'policylint':>12}{'check-jsonschema':>18}{'ratio':>8}{'promise':>9}")
        for title, home, promise in cases:
            files = [str(path) for path in sorted(home.iterdir())]
            ours = seconds([str(BIN / "policylint"), "check", *files], rounds)
            peer = seconds([str(BIN / "check-jsonschema"), "--schemafile", str(SCHEMA), *files], rounds)
            print(f"{title:28}{ours:>10.3f} s{peer:>16.3f} s{ours / peer:>8.2f}{f'≤ {promise}':>9}")


if __name__ == "__main__":
    main()
