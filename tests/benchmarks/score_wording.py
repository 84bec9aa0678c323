"""What scoring a message's wording costs, beside the plain way: each term with Python's `re`, one after the other.

    python tests/benchmarks/score_wording.py [ROUNDS]      (or: make bench)

The promise: at most 2 µs a message of 300 characters without hits, on one core. Texts are of our own making.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterable
from statistics import median
from typing import Final

from policylint.lexicons.model import SIGNALS, Lexicon
from policylint.lexicons.scorer import Scorer
from policylint.rulebook import shipped_rulebook

PLAIN: Final = (
    "The committee met in the small hall beside the river and talked about the old bridge until it got dark outside."
    " Nobody wrote anything down, because the lamp had no oil in it, and everyone went home along the same narrow path"
    " through the fields, past the mill and the two tall poplars that stand near the ford."
)
SHIPPED: Final = (
    "Hello Maria, your order 4471 has shipped and is on its way. It should arrive on Friday between nine and "
    "noon. You can track your parcel with the link below, and change the delivery day until tomorrow evening. "
    "If nobody is at home, the driver leaves it with a neighbour and puts a card into your letter box. Thank "
    "you, your team."
)
SALE: Final = (
    "Hello Maria, your order 4471 has shipped. While you wait: our summer sale starts today, with up to 50% "
    "off everything in store and online. Use code SUMMER20 at checkout and get free shipping on orders over "
    "$40. Don't miss it, offer ends Sunday at midnight. Shop now, and tell your friends. Thank you, your team "
    "at Brook and Sons."
)
BUDGET: Final = 2.0  # µs


def microseconds(call: Callable[[], object], rounds: int, times: int) -> float:
    """The median time of a call over `rounds` series of `times`, after one series to warm up."""
    took = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        for _ in range(times):
            call()
        took.append((time.perf_counter() - start) / times * 1e6)
    return median(took[1:])


def as_python(pattern: str) -> re.Pattern[str] | None:
    """The RE2 pattern for Python's `re`, where it can say it."""
    plain = re.sub(r"\\x\{([0-9A-Fa-f]+)\}", lambda match: re.escape(chr(int(match[1], 16))), pattern)
    plain = plain.replace(r"[^\pL]", r"[\W\d_]").replace(r"\pL", r"[^\W\d_]").replace("(?i:", "(?:")
    try:
        return re.compile(plain, re.IGNORECASE)
    except re.error:
        return None


def peers(lexicons: Iterable[Lexicon]) -> list[re.Pattern[str]]:
    """The terms of lexicons, each as a pattern of Python's `re`."""
    compiled = [as_python(term.pattern) for lexicon in lexicons for term in lexicon.terms]
    return [pattern for pattern in compiled if pattern is not None]


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    start = time.perf_counter()
    scorer = shipped_rulebook().scorer
    print(f"rulebook read in {(time.perf_counter() - start) * 1e3:.1f} ms")
    print(
        f"\n{'signal':15}{'message':12}{'score µs':>10}{'first ms':>10}{'re, English µs':>16}{'re, all µs':>12}  terms"
    )
    over = []
    for signal in SIGNALS:
        lexicons = scorer.lexicons(signal)
        everything = peers(lexicons)
        english = peers(lexicon for lexicon in lexicons if lexicon.language in ("en", "mul"))
        for name, text in (("no hits", PLAIN), ("shipping", SHIPPED), ("promotion", SALE)):
            texts = [("/message/text", text[:300])]
            start = time.perf_counter()
            Scorer(lexicons).score(signal, texts)
            first = (time.perf_counter() - start) * 1e3
            took = microseconds(lambda texts=texts, signal=signal: scorer.score(signal, texts), rounds, 5000)  # type: ignore[misc]
            beside = [
                microseconds(lambda text=text, of=of: [p.search(text[:300]) for p in of], 3, 3)  # type: ignore[misc]
                for of in (english, everything)
            ]
            hits = len(scorer.hits(signal, texts))
            print(
                f"{signal:15}{name:12}{took:>10.2f}{first:>10.1f}{beside[0]:>16.0f}{beside[1]:>12.0f}"
                f"  {len(everything)}, {hits} found"
            )
            if name == "no hits" and took > BUDGET:
                over.append(f"{signal}: {took:.2f} µs")
    print(f"\nbudget for a message without hits: {BUDGET:g} µs; " + ("; ".join(over) if over else "kept"))


if __name__ == "__main__":
    main()
