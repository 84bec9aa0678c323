"""Records as files: in any order, in every wrapping, and with what breaks in logs."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import yaml
import zstandard

from tests.property.logs import EveryLog, Json


def line(value: Json, random: Random) -> str:
    """A record as a log's line, as oddly as JSON allows and now and then more so."""
    text = json.dumps(value, ensure_ascii=random.random() < 0.5, separators=random.choice(((",", ":"), (", ", ": "))))
    mess = random.random()
    if mess < 0.88:
        return text
    at = random.randrange(len(text) + 1)
    return random.choice(
        (
            "",
            "  \t",
            text[:at],
            text[:at] + "\0" + text[at:],
            text[:at] + "\x0c" + text[at:],
            text + text,
            text + ",",
            f" {text}\t",
            text.replace('"text"', '"text": "first", "text"', 1),
            text.replace('"recipient"', '"tag": "X", "recipient"', 1),
            text.replace("Where", "\\ud83d"),
            text.replace("parcel", "\\u0070arcel \\ud83d\\ude00 \\/"),
            text.replace("7001", "7001e400"),
            text.replace("x" * 700, "y" * 70_000),
            "NaN",
            "{" * 3000,
            '{"request": {"recipient": {"id": 123456789012345678901}, "message": {"text": "Hi"}}}',
        )
    )


def write_everything(folder: Path, random: Random, number: int) -> list[str]:
    """Write some `number` records as one to four recordings of mixed kinds into `folder`; their names."""
    log = EveryLog(random)
    values = log.records(number)
    values += [random.choice(values) for _ in range(number // 10)]
    if random.random() < 0.3:
        random.shuffle(values)
    files = random.choice((1, 2, 3, 4))
    names = []
    for n in range(files):
        mine = values[len(values) * n // files : len(values) * (n + 1) // files]
        name, data = _file(f"log-{random.choice('abc')}{n}", mine, random)
        Path(folder, name).write_bytes(data)
        names.append(name)
    if random.random() < 0.5:
        script = yaml.safe_dump(log.script(), allow_unicode=True, sort_keys=False)
        Path(folder, "talk.yaml").write_text(script, encoding="utf-8")
        names.append("talk.yaml")
    random.shuffle(names)
    return names


def _file(stem: str, values: Sequence[Json], random: Random) -> tuple[str, bytes]:
    """The name and bytes of a recording with `values`."""
    if random.random() < 0.15:
        spaces = random.choice((None, 1, 4))
        return f"{stem}.json", json.dumps(values, indent=spaces, ensure_ascii=False).encode()
    end = random.choice(("\n", "\n", "\r\n"))
    text = end.join(line(value, random) for value in values) + random.choice(("", end, end * 3))
    data = random.choice((b"", b"", b"\xef\xbb\xbf")) + text.encode(errors="surrogatepass")
    if random.random() < 0.1:
        at = random.randrange(len(data) + 1)
        data = data[:at] + b"\xff\xfe" + data[at:]
    packings: Sequence[tuple[str, Callable[[bytes], bytes]]] = (
        *(("", bytes),) * 6,
        (".gz", gzip.compress),
        (".zst", zstandard.ZstdCompressor().compress),
        (".bz2", bz2.compress),
        (".xz", lzma.compress),
    )
    ending, pack = random.choice(packings)
    return f"{stem}.ndjson{ending}", pack(data)
