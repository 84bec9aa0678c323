"""Lexicons as values: weighted terms of one signal in one language. Nothing here reads a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import orjson

from policylint.digits import telling
from policylint.errors import RuleError
from policylint.lexicons.phrases import pattern_of, row_of_texts, whole_text
from policylint.lexicons.probes import Probe, probes_of, sure_probe

PROMOTIONAL: Final = "promotional"
ASKS_FEEDBACK: Final = "asks_feedback"
TOPIC: Final = "topic"
SIGNALS: Final = (PROMOTIONAL, ASKS_FEEDBACK, TOPIC)

ANY_LANGUAGE: Final = "mul"  # BCP 47 for several languages: its terms count together with every other language's


@dataclass(frozen=True, slots=True)
class Term:
    """Something to look for, and how much it says.

    A negative `weight` is context that speaks against the signal. `prior` is what was thought of the term before any
    data. `topic` is empty outside the topic signal.
    """

    id: str
    probes: tuple[Probe, ...]
    weight: float
    kind: str = ""
    topic: str = ""
    prior: str = ""

    @property
    def pattern(self) -> str:
        """RE2 for what the probes find; the first group that takes part is the evidence, without groups the match."""
        return "|".join(probe.exact for probe in self.probes)


@dataclass(frozen=True)
class Lexicon:
    """The terms of one signal in one language.

    Scores start at `bias` and reach the signal at `threshold`, both in the units of the weights (log odds, where they
    were fitted). `margin`, in the same units, is used by the topic signal alone: by how much a topic must lead the
    next one. Terms are read when they are first asked for. `gate` is an RE2 pattern for lower-case text: the lexicon is
    asked only where it finds something, and always without one.
    """

    signal: str
    language: str
    threshold: float
    bias: float = 0.0
    margin: float = 0.0
    gate: str = ""
    source: Mapping[str, Any] | bytes = field(default_factory=dict, repr=False)  # the data, or packed terms
    digits: Sequence[str] | None = field(default=None, repr=False)  # `telling`, of a packed one

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Lexicon:
        """The lexicon that data describe which fit schemas/lexicon.schema.json. Nothing is tried out here."""
        return cls(
            signal=data["signal"],
            language=data["language"],
            threshold=float(data["threshold"]),
            bias=float(data["bias"]),
            margin=float(data.get("margin", 0)),
            source=data,
        )

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """The terms, in the order of the data. Raises RuleError for a phrase that can't be read."""
        if isinstance(self.source, bytes):
            return tuple(_unpacked(term) for term in orjson.loads(self.source))
        return tuple(_term(term, topic) for topic, term in entries(self.source))

    @cached_property
    def telling(self) -> Sequence[str] | None:
        """What of its patterns tells one digit from another (`digits.telling`); None where that can't be told."""
        if self.digits is not None:
            return self.digits
        patterns = dict.fromkeys([self.gate, *(probe.exact for term in self.terms for probe in term.probes)])
        try:
            return [tells for pattern in patterns if (tells := telling(pattern))]
        except ValueError:
            return None

    @property
    def range(self) -> float:
        """How far it is from a text without any term to the threshold."""
        return self.threshold - self.bias

    def with_weights(self, weights: Sequence[float], bias: float, threshold: float, margin: float = 0.0) -> Lexicon:
        """The same terms with other weights, in order."""
        terms = [replace(term, weight=weight) for term, weight in zip(self.terms, weights, strict=True)]
        other = replace(self, bias=bias, threshold=threshold, margin=margin)
        other.__dict__["terms"] = tuple(terms)  # where cached_property keeps them
        return other

    def check(self) -> None:
        """Try out every pattern. Raises RuleError that names the first term that can't find anything or stands twice.

        Also where the threshold doesn't lie above the bias.
        """
        from policylint.lexicons.automaton import compiled

        if self.range <= 0:
            raise RuleError("threshold: must lie above the bias, or every message would show the signal")
        told = () if isinstance(self.source, bytes) else entries(self.source)
        words = {(topic, term["id"]): term.get("words", ()) for topic, term in told}
        seen: set[tuple[str, str]] = set()
        for term in self.terms:
            if (term.topic, term.id) in seen:
                raise RuleError(f"term {term.id!r}: an id that another term has already")
            seen.add((term.topic, term.id))
            if "(?-i" in term.pattern or _capitals(words.get((term.topic, term.id), ())):
                raise RuleError(f"term {term.id!r}: capitals find nothing, for texts are read in lower case")
            compiled(term)


def _capitals(phrases: Sequence[str]) -> bool:
    return any(phrase != phrase.lower() for phrase in phrases)


def pack(lexicons: Sequence[Lexicon]) -> bytes:
    """Lexicons in a form that loads fast: a line with what is asked of all at once, then a line of terms for each."""
    heads = [
        {
            "signal": lexicon.signal,
            "language": lexicon.language,
            "threshold": lexicon.threshold,
            "bias": lexicon.bias,
            "margin": lexicon.margin,
            "gate": lexicon.gate,
            "digits": lexicon.telling,
        }
        for lexicon in lexicons
    ]
    terms = [
        [
            [term.id, term.kind, term.topic, term.weight, [_packed(probe) for probe in term.probes]]
            for term in lexicon.terms
        ]
        for lexicon in lexicons
    ]
    return b"".join(orjson.dumps(line) + b"\n" for line in [heads, *terms])


def unpack(packed: bytes) -> list[Lexicon]:
    """The lexicons that were packed. Their terms stay packed until they are asked for."""
    heads, *terms = packed.splitlines()
    return [Lexicon(**head, source=source) for head, source in zip(orjson.loads(heads), terms, strict=True)]


def _packed(probe: Probe) -> list[str]:
    return [probe.exact] if probe.sure and probe == sure_probe(probe.exact) else [probe.exact, probe.loose]


def _unpacked(data: Sequence[Any]) -> Term:
    name, kind, topic, weight, probes = data
    read = (Probe(rest[0], exact, sure=False) if rest else sure_probe(exact) for exact, *rest in probes)
    return Term(name, tuple(read), weight, kind, topic)


def entries(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Topic ("" for none) and data of each term of a lexicon's data, in order."""
    yield from (("", term) for term in data.get("terms", ()))
    yield from ((topic, term) for topic, terms in data.get("topics", {}).items() for term in terms)


def _term(data: Mapping[str, Any], topic: str = "") -> Term:
    """The term that data describe. Raises RuleError for a phrase that can't be read."""
    try:
        probes = _probes(data)
    except (ValueError, RecursionError) as error:
        raise RuleError(f"term {data['id']!r}: {error}") from None
    return Term(
        id=data["id"],
        probes=tuple(probes),
        weight=float(data["weight"]),
        kind=data.get("kind", ""),
        topic=topic,
        prior=data.get("prior", ""),
    )


def _probes(data: Mapping[str, Any]) -> list[Probe]:
    if "words" in data and not data.get("whole"):
        return probes_of(data["words"])
    if "choices" in data:
        pattern = row_of_texts(data["choices"])
    else:
        pattern = pattern_of(data["words"], edges=False) if "words" in data else data["pattern"]
        pattern = whole_text(pattern) if data.get("whole") else pattern
    pattern = f"(?i:{pattern})"
    return [Probe(pattern, pattern, sure=True)]
