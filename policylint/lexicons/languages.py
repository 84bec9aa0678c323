"""Languages: how a text's language is told, so that only its lexicons are asked.

A set over every word of every lexicon would take a second to compile, and longer to get to know the texts. Everyday
words tell a language as well, and keep words that mean something else in another language from being judged there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policylint.lexicons.letters import written


def gate_of(languages: Mapping[str, Mapping[str, Any]], language: str) -> str:
    """An RE2 pattern that finds something in the lower-case texts of a language, and seldom in others.

    `languages` are those of rules/languages.yaml; one that is not among them has no gate ("").
    """
    data = languages.get(language, {})
    ends_in_ascii: list[str] = []
    others: list[str] = []
    for word in sorted(data.get("words", ())):
        pattern = r"\s+".join(map(written, word.split()))
        (ends_in_ascii if word[0].isascii() and word[-1].isascii() else others).append(pattern)
    gates = [f"[{data['letters']}]"] if "letters" in data else []
    if ends_in_ascii:
        gates.append(rf"\b(?:{'|'.join(ends_in_ascii)})\b")
    if others:  # \b knows ASCII letters only
        gates.append(f"(?:^|[^a-z])(?:{'|'.join(others)})(?:$|[^a-z])")
    return "|".join(gates)
