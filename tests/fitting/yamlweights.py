"""Weights written back into a lexicon's YAML without touching anything else of the file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_OLD: Final = re.compile(r",\s*weight: [-+\d.]+|\n\s+weight: [-+\d.]+(?=\n)")
_PRIOR: Final = re.compile(r"\bprior: [a-z-]+(?=(?P<next>[,}\n]))")


def with_weights(text: str, weights: Sequence[float], bias: float, threshold: float, margin: float = 0.0) -> str:
    """The file's text with the weights of its terms, in order, each after its term's `prior`.

    Raises ValueError when there are more or fewer weights than terms.
    """
    text = _OLD.sub("", text)
    given = iter(weights)
    count = 0

    def written(match: re.Match[str]) -> str:
        nonlocal count
        count += 1
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        between = f"\n{line}" if match["next"] == "\n" else ", "
        return f"{match[0]}{between}weight: {next(given, 0.0):.2f}"

    text_with = _PRIOR.sub(written, text)
    if count != len(weights):
        raise ValueError(f"{len(weights)} weights for {count} terms")
    for key, value in (("threshold", threshold), ("bias", bias), *((("margin", margin),) if margin else ())):
        text_with, found = re.subn(rf"(?m)^{key}: .*$", f"{key}: {value:.2f}", text_with, count=1)
        if not found:
            raise ValueError(f"{key}: is not there")
    return text_with
