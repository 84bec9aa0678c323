"""The labelled messages that lexicons are fitted on and measured with. They stay outside the project."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from policylint.lexicons.model import ASKS_FEEDBACK, PROMOTIONAL, TOPIC

CORPUS: Final = Path(__file__).parents[3] / "shared" / "corpus" / "text"
MISSING: Final = "the corpus of labelled messages is not on this machine"

# File, the label that shows the signal (for the topic signal each label is a topic), and labels that are left out.
_TASKS: Final[dict[str, tuple[str, str | None, frozenset[str]]]] = {
    PROMOTIONAL: ("promo", "promo", frozenset({"spam-other"})),
    ASKS_FEEDBACK: ("feedback", "solicits_feedback", frozenset()),
    TOPIC: ("topic", None, frozenset({"other"})),
}
OWN: Final = Path(__file__).parent / "own"
OWN_SOURCE: Final = "own"
_OWN_VOTE: Final = 0.5  # half of what a message from elsewhere says
_ONE_LEXICON: Final = {"zh-Hant": "zh", "nn": "nb", "ms": "id"}


@dataclass(frozen=True, slots=True)
class Sample:
    """A labelled message. A group is a message with its translations and near-duplicates: its samples share a vote."""

    id: str
    text: str
    language: str
    label: str
    positive: bool  # whether it shows the signal; never for the topic signal
    source: str
    group: str
    vote: float  # 1 divided by the number of samples of its group in its language with its label

    def shows(self, topic: str) -> bool:
        """Whether it shows the signal ("") or is about the topic."""
        return self.label == topic if topic else self.positive


def samples(signal: str, folder: Path = CORPUS) -> list[Sample]:
    """The messages that a signal is measured with: none that its labellers doubted, no interface strings."""
    name, wanted, left_out = _TASKS[signal]
    rows = [
        row
        for line in (folder / f"{name}.dev.jsonl").read_text(encoding="utf-8").splitlines()
        if not (row := json.loads(line))["ambiguous"] and row["channel"] != "ui" and row["label"] not in left_out
    ]
    sizes = Counter(map(_group, rows))
    return [
        Sample(
            id=row["id"],
            text=row["text"],
            language=_language(row),
            label=row["label"],
            positive=row["label"] == wanted,
            source=row["src"],
            group=row["group"],
            vote=1 / sizes[_group(row)],
        )
        for row in rows
    ]


def own_samples(signal: str) -> list[Sample]:
    """Messages that were written for this project: for languages and styles that the corpus lacks.

    They help to fit, and never count in a figure that is published.
    """
    found = []
    for path in sorted((OWN / signal).glob("*.jsonl")):
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            row = json.loads(line)
            positive = row["label"] == _TASKS[signal][1]
            name = f"{path.stem}-{n}"
            found.append(Sample(name, row["text"], path.stem, row["label"], positive, OWN_SOURCE, name, _OWN_VOTE))
    return found


def _language(row: dict[str, Any]) -> str:
    language: str = row["lang"]
    return _ONE_LEXICON.get(language, language)


def _group(row: dict[str, Any]) -> tuple[str, ...]:
    return row["src"], row["group"], row["label"], _language(row)
