"""The compiled rules and lexicons say what the YAML files say."""

from __future__ import annotations

import pytest

from policylint.lexicons.model import SIGNALS, pack, unpack
from policylint.rulebook import COMPILED, LEXICONS, compiled, read_lexicons, shipped_lexicons, shipped_rulebook
from policylint.shipped import shipped


@pytest.fixture(scope="module")
def fresh() -> dict[str, bytes]:
    return compiled(shipped("rules"))


@pytest.mark.parametrize("name", [COMPILED, *(f"{LEXICONS}/{signal}.ndjson" for signal in SIGNALS)])
def test_compiled_form_is_up_to_date(name: str, fresh: dict[str, bytes]) -> None:
    assert (shipped("rules") / name).read_bytes() == fresh[name], "run `make rules` and commit what it writes"


def test_the_seed_edition_has_all_its_rules() -> None:
    wanted = {
        "untagged-outside-window", "extra-message-spent", "not-started-by-person", "no-action-on-record",
        "unknown-tag", "misspelt-tag", "wrong-content-for-tag", "promotion-under-tag", "feedback-request-under-tag",
        "off-topic-for-tag", "issue-not-raised-by-person", "promotion-in-subscription", "message-after-opt-out",
        "echo-outside-window", "missing-field", "wrong-type", "unknown-value", "unknown-field", "too-long", "too-many",
        "too-few", "malformed-value", "conflicting-fields", "repeated-key", "not-in-edition", "unreadable-record",
        "rule-crashed",
    }  # fmt: skip
    book = shipped_rulebook()
    seed = book.editions.named("2017-04")
    assert wanted <= {rule.id for rule in book.rules.values() if rule.is_in_force(seed)}


@pytest.mark.parametrize("signal", SIGNALS)
def test_packed_lexicons_are_the_same_lexicons(signal: str) -> None:
    packed = shipped_lexicons(signal)
    for lexicon, other in zip(packed, read_lexicons(shipped("rules"), signal), strict=True):
        assert [(t.id, t.topic, t.weight, t.kind, t.probes) for t in lexicon.terms] == [
            (t.id, t.topic, t.weight, t.kind, t.probes) for t in other.terms
        ]
    assert pack(unpack(pack(packed))) == pack(packed)


def test_every_language_but_english_has_a_gate_and_speaks_of_all_signals() -> None:
    for signal in SIGNALS:
        gates = {lexicon.language: lexicon.gate for lexicon in shipped_lexicons(signal)}
        assert {language for language, gate in gates.items() if not gate} <= {"en", "mul"}
        assert {"en", "es", "pt", "fr", "de", "it", "id", "vi", "th", "ar", "hi", "nl", "tr", "pl"} <= set(gates)


@pytest.mark.parametrize("signal", SIGNALS)
def test_no_id_stands_in_a_language_and_in_any_language(signal: str) -> None:
    # A finding names terms by id, with their shares.
    ids = {lexicon.language: {term.id for term in lexicon.terms} for lexicon in shipped_lexicons(signal)}
    common = ids.pop("mul", set())
    assert {language: of & common for language, of in ids.items() if of & common} == {}
