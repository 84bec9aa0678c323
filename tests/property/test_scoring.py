"""Laws of fast scoring: it tells what scoring the plain way tells, to the last bit, whatever was scored before."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policylint.events import Json
from policylint.lexicons import automaton
from policylint.lexicons.automaton import Automaton
from policylint.lexicons.model import ASKS_FEEDBACK, PROMOTIONAL, SIGNALS, TOPIC, Lexicon
from policylint.lexicons.phrases import BETWEEN
from policylint.lexicons.scorer import Scorer
from policylint.message import texts_of, words_of
from policylint.rulebook import shipped_rulebook
from tests.fitting.corpus import CORPUS, MISSING
from tests.unit.lexicons.plain import PlainScorer

SCORER = shipped_rulebook().scorer
PLAIN = {signal: PlainScorer(SCORER.lexicons(signal)) for signal in SIGNALS}
KINDS = (None, frozenset({"sale", "coupon"}), frozenset({"offer"}), frozenset[str]())
DAYS = ("Monday", "Tuesday", "Friday", "Sunday")
PLACING = Automaton([one for one in SCORER.lexicons(PROMOTIONAL) if one.language in ("en", "mul", "es")])
PER_FILE = 60  # texts of the corpus; the plain way takes its time


@cache
def words_of_terms() -> tuple[str, ...]:
    """The words that the terms of the languages we try are made of."""
    patterns = (
        term.pattern
        for signal in SIGNALS
        for lexicon in SCORER.lexicons(signal)
        if lexicon.language in ("en", "mul", "es", "pt", "de", "th")
        for term in lexicon.terms
    )
    return tuple(sorted({word for pattern in patterns for word in re.findall(r"[^\W\d_]{2,}", pattern)}))


def assert_alike(text: str) -> None:
    for signal in SIGNALS:
        kinds = KINDS if signal == PROMOTIONAL else KINDS[:1]
        for chosen in kinds:
            value = PLAIN[signal].value(text, chosen)
            assert SCORER.value(signal, text, chosen) == value
            score = SCORER.score(signal, [("/text", text)], chosen)
            assert score.value == value
            assert {piece.term for piece in score.evidence} <= {
                PLAIN[signal].known.term(key).id for key in PLAIN[signal].found(text)
            }
    topic = PLAIN[TOPIC].topic(text)
    assert SCORER.topic_of(text) == SCORER.topic([("/text", text)]) == topic
    for chosen in KINDS:
        told = SCORER.wording((TOPIC, None, PROMOTIONAL, ASKS_FEEDBACK), text, chosen)
        assert told == (topic, None, PLAIN[PROMOTIONAL].value(text, chosen), PLAIN[ASKS_FEEDBACK].value(text, None))


odd = st.sampled_from(
    (
        "é",
        "’",
        "🎉",
        "\ud800",
        "\u200b",
        BETWEEN,
        "ＳＡＬＥ",
        "s4le",
        "el",
        "los",
        "der",
        "und",
        "não",
        "50%",
        "$5",
        "!",
        "#7",
    )
)
sentences = st.lists(
    st.one_of(st.deferred(lambda: st.sampled_from(words_of_terms())), odd, st.text(max_size=4)), max_size=14
)
written = st.builds(
    lambda pieces, glue, shout: glue.join(pieces).upper() if shout else glue.join(pieces),
    sentences,
    st.sampled_from((" ", " ", BETWEEN, "-", "")),
    st.booleans(),
)


@settings(max_examples=60, deadline=None)  # the first texts compile patterns
@given(written)
def test_scores_are_those_of_the_plain_way(text: str) -> None:
    assert_alike(text)
    assert_alike(text)  # what is remembered of it tells the same


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Where is your order 7? It’s free",
        "Your order has shipped \ud800",
        "our s4le: 20% off",
        "Tu pedido de hoy: descuento del 20% para ti",
        "Tu pedido, o seu pedido: desconto e descuento de hoje y hoy",
        "ลดราคา 50% วันนี้",
        "İNDİRİM: bugün ve yarın",
        "\0sale\x1eShop now\x1eRate us",
    ],
)
def test_scores_of_texts_of_many_kinds(text: str) -> None:
    assert_alike(text)


@pytest.mark.skipif(not CORPUS.is_dir(), reason=MISSING)
def test_scores_of_labelled_texts() -> None:
    for path in sorted(CORPUS.glob("*.jsonl")):
        lines = path.read_bytes().splitlines()
        for line in islice(lines, 0, None, max(1, len(lines) // PER_FILE)):
            assert_alike(orjson.loads(line)["text"])


def test_what_is_forgotten_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    # With room for next to nothing everything is forgotten between any two texts.
    for limit in ("_CASES", "_OUTCOMES", "_PATTERNS"):
        monkeypatch.setattr(automaton, limit, 1)
    lexicons = [lexicon for lexicon in SCORER.lexicons(PROMOTIONAL) if lexicon.language in ("en", "mul", "es")]
    small, plain = Scorer(lexicons), PlainScorer(lexicons)
    texts = [
        "While you wait for your order: taste our new menu — it’s free",
        "Get 20% off your next order with code SAVE20",
        "Tu descuento está aquí: aprovecha hoy el envío gratis",
        "Your order is on its way, and the refund was issued",
    ]
    for text in [*texts, *reversed(texts), *texts]:
        assert small.value(PROMOTIONAL, text) == plain.value(text)
        assert small.score(PROMOTIONAL, [("", text)]) == Scorer(lexicons).score(PROMOTIONAL, [("", text)])


def test_patterns_tried_together_tell_what_they_tell_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(automaton, "_OFTEN", 2)
    lexicons = [lexicon for lexicon in SCORER.lexicons(PROMOTIONAL) if lexicon.language in ("en", "mul")]
    often, plain = Scorer(lexicons), PlainScorer(lexicons)
    texts = [f"Daily deal: buy one get one free until {day}. Use coupon {n} at checkout." for n, day in enumerate(DAYS)]
    for text in [*texts, *(text.replace(" at checkout", "") for text in texts), *texts]:
        assert often.value(PROMOTIONAL, text) == plain.value(text)


@settings(max_examples=40, deadline=None)
@given(written)
def test_terms_stand_where_their_patterns_find_them(text: str) -> None:
    known = PLACING
    keys = known.found(text)
    for key, place in zip(keys, known.places(keys, text), strict=True):
        match = automaton.compiled(known.term(key)).search(automaton.encodable(text))
        if match is not None:
            group = next((n for n, piece in enumerate(match.groups(), 1) if piece is not None), 0)
            assert place == automaton.whole_words(text, *match.span(group))


def test_kinds_in_any_collection() -> None:
    text = "Our sale ends today: use code SAVE20, and upgrade to the premium plan"
    for kinds in (["sale"], {"sale": 1}, {"sale"}, ("sale",)):
        assert SCORER.value(PROMOTIONAL, text, kinds) == PLAIN[PROMOTIONAL].value(text, {"sale"})


def test_signal_without_lexicon_has_no_value() -> None:
    lexicons = [Lexicon("promotional", "en", 1.0, source={"terms": []})]
    assert Scorer(lexicons).value("asks_feedback", "rate us") == 0
    assert Scorer(lexicons).topic_of("your parcel has shipped") is None
    assert Scorer(lexicons).value("promotional", "a sale") == 0


# Texts of a message

keys = st.sampled_from(("text", "title", "subtitle", "url", "metadata", "elements", "buttons", "a/b", "x~y", "0"))
documents = st.recursive(
    st.one_of(st.text(max_size=3), st.none(), st.booleans(), st.integers()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=5)),
    max_leaves=25,
)
requests = st.dictionaries(st.sampled_from(("message", "template", "recipient", "text")), documents)


def at(document: Json, pointer: str) -> Json:
    for token in pointer.split("/")[1:]:
        step = token.replace("~1", "/").replace("~0", "~")
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


def read(value: Json, key: str) -> list[str]:
    """The texts of a document in order, by recursion."""
    if isinstance(value, str):
        return [value] if value and key in ("text", "title", "subtitle") else []
    if isinstance(value, dict):
        return [text for name, part in value.items() if name != "metadata" for text in read(part, name)]
    return [text for part in value for text in read(part, key)] if isinstance(value, list) else []


@given(requests)
def test_words_are_the_texts_without_their_pointers(request: dict[str, Json]) -> None:
    words = [text for name in ("template", "message") for text in read(request.get(name), name)]
    assert words_of(request) == words
    texts = texts_of(request)
    assert [text for _, text in texts] == words
    assert all(at(request, pointer) == text for pointer, text in texts)
    assert len({pointer for pointer, _ in texts}) == len(texts)


def test_words_of_a_message_nested_deep() -> None:
    deep: Json = {"text": "found"}
    for _ in range(5000):
        deep = {"elements": [deep]}
    request = {"message": {"attachment": deep, "text": "after"}}
    assert words_of(request) == [text for _, text in texts_of(request)] == ["found", "after"]
