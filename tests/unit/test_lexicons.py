"""Lexicons and scorer."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from policylint.errors import RuleError
from policylint.lexicons import Lexicon, Scorer
from policylint.shipped import shipped

SIGNALS = ("promotional", "asks_feedback", "topic")


def data(signal: str) -> dict[str, Any]:
    text = (shipped("rules") / "lexicons" / signal / "en.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return loaded


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    """A scorer with the shipped English lexicons."""
    return Scorer([Lexicon.from_data(data(signal)) for signal in SIGNALS])


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((shipped("schemas") / "lexicon.schema.json").read_text(encoding="utf-8"))
    return loaded


def small(*terms: dict[str, Any], **more: Any) -> Scorer:
    """A scorer with one promotional lexicon of these terms."""
    whole = {"signal": "promotional", "language": "en", "note": "…", "threshold": 1, "terms": list(terms)}
    return Scorer([Lexicon.from_data(whole | more)])


def text(*texts: str) -> list[tuple[str, str]]:
    return [(f"/{n}", words) for n, words in enumerate(texts)]


SALE = {"id": "sale", "words": ["sale"], "weight": 1.0}


# Values


@pytest.mark.parametrize("signal", SIGNALS)
def test_shipped_lexicon_fits_its_schema(signal: str, schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(data(signal))
    lexicon = Lexicon.from_data(data(signal))
    lexicon.check()
    assert lexicon.signal == signal
    names = [(term.topic, term.id) for term in lexicon.terms]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "change",
    [
        {"threshold": "1"},
        {"extra": 1},
        {"terms": []},
        {"margin": 1},
        {"topics": {"a": [SALE]}},
        {"signal": "mood"},
        {"terms": [SALE | {"pattern": "x"}]},
        {"terms": [{"id": "Sale", "words": ["sale"], "weight": 1}]},
        {"terms": [{"id": "sale", "words": [" sale"], "weight": 1}]},
        {"terms": [{"id": "sale", "weight": 1}]},
    ],
)
def test_schema_is_strict(change: dict[str, Any], schema: dict[str, Any]) -> None:
    good = {"signal": "promotional", "language": "en", "note": "…", "threshold": 1, "terms": [copy.copy(SALE)]}
    valid = Draft202012Validator(schema).is_valid
    assert valid(good)
    assert not valid(good | change)


def test_broken_pattern_names_its_term() -> None:
    broken = {"id": "half-open", "pattern": "(sale", "weight": 1}
    lexicon = Lexicon.from_data({"signal": "promotional", "language": "en", "threshold": 1, "terms": [SALE, broken]})
    with pytest.raises(RuleError, match=r"'half-open'.*missing \)"):
        lexicon.check()
    with pytest.raises(RuleError, match="half-open"):
        Scorer([lexicon]).score("promotional", text("a sale"))


# Scores


def test_score_is_bias_and_weights() -> None:
    scorer = small(SALE, {"id": "now", "words": ["now"], "weight": 0.5}, bias=-0.25, threshold=1.25)
    assert scorer.score("promotional", text("nothing")).value == -0.25
    only_sale = scorer.score("promotional", text("a sale"))
    assert (only_sale.value, only_sale.fires, only_sale.evidence) == (0.75, False, ())
    both = scorer.score("promotional", text("a sale", "now"))
    assert (both.value, both.threshold, both.fires) == (1.25, 1.25, True)


def test_term_counts_once_a_message() -> None:
    score = small(SALE).score("promotional", text("sale sale SALE", "Sale"))
    assert score.value == 1.0
    assert [(e.pointer, e.start, e.end) for e in score.evidence] == [("/0", 0, 4)]


def test_context_speaks_against_and_is_no_evidence() -> None:
    scorer = small(
        {"id": "sale", "words": ["sale"], "weight": 2.5},
        {"id": "sale-order", "words": ["sale order"], "weight": -1.2},
    )
    score = scorer.score("promotional", text("sale order 7"))
    assert score.value == pytest.approx(1.3)
    assert [e.term for e in score.evidence] == ["sale"]


def test_evidence_in_reading_order() -> None:
    scorer = small(SALE, {"id": "now", "words": ["now"], "weight": 0.5}, {"id": "big", "words": ["big"], "weight": 0.5})
    score = scorer.score("promotional", text("now and then", "a big sale"))
    assert [(e.pointer, e.term) for e in score.evidence] == [("/0", "now"), ("/1", "big"), ("/1", "sale")]


@pytest.mark.parametrize(
    "words",
    [
        "sale",
        "é sale",
        "😀 sale",
        "👩\u200d👩\u200d👧 é\u0301 sale!",
        "\0 sale",
        "\ud800 sale",
        "😀\udc00 SALE",
        "\ud83d\ude00 Sale",
    ],
)
def test_spans_are_code_points(words: str) -> None:
    (evidence,) = small(SALE).score("promotional", text(words)).evidence
    assert words[evidence.start : evidence.end].lower() == "sale"


@pytest.mark.parametrize(
    ("word", "hit", "miss"),
    [
        ("sale", "Sale!", "wholesale"),
        ("don't miss", "DON’T  miss it", "don t miss"),
        ("don’t miss", "don't\nmiss", "dont miss"),
        ("été", "l’été, enfin", "pététions"),
        ("50% (x)", "now 50% (x)", "50% x"),
        ("セール", "夏のセール中", "せーる"),
    ],
)
def test_words_match_at_boundaries(word: str, hit: str, miss: str) -> None:
    scorer = small({"id": "a", "words": [word], "weight": 1})
    (evidence,) = scorer.score("promotional", text(hit)).evidence
    assert len(hit[evidence.start : evidence.end].split()) == len(word.split())
    assert hit[evidence.start].isalnum()
    assert not scorer.score("promotional", text(miss)).fires


def test_languages_do_not_add_up() -> None:
    def lexicon(language: str, weight: float) -> Lexicon:
        terms = [{"id": "sale", "words": ["sale"], "weight": weight}]
        return Lexicon.from_data({"signal": "promotional", "language": language, "threshold": 1, "terms": terms})

    assert Scorer([lexicon("en", 0.6), lexicon("de", 0.7)]).score("promotional", text("sale")).value == 0.7
    assert len(Scorer([lexicon("en", 1), lexicon("de", 2)]).score("promotional", text("sale")).evidence) == 1


def test_signal_without_lexicon_is_silent() -> None:
    scorer = small(SALE)
    assert not scorer.score("asks_feedback", text("rate us")).fires
    assert scorer.topic(text("your parcel has shipped")) is None
    assert scorer.hits("topic", text("your parcel has shipped")) == []


def test_scorer_travels(scorer: Scorer) -> None:
    texts = text("Flash sale: 30% off")
    again = pickle.loads(pickle.dumps(scorer))
    assert again.score("promotional", texts) == scorer.score("promotional", texts)


def test_hits_show_context_too(scorer: Scorer) -> None:
    hits = scorer.hits("promotional", text("We are dealing with it"))
    assert [(hit.term.id, hit.pointer, hit.start, hit.end) for hit in hits] == [("dealing-with", "/0", 7, 19)]


@pytest.mark.parametrize(
    "words",
    [
        "",
        "\0",
        "\0" * 5000,
        "\ud800" * 300,
        "🎉" * 2000,
        "a" * 100_000,
        "1 " * 5000,
        "\u202e elas",
        "%s {0} ${x}",
        "(((" * 999,
    ],
)
def test_hostile_text_never_raises(scorer: Scorer, words: str) -> None:
    texts = text(words, f"{words} flash sale {words}", f"please rate us {words}", words)
    for signal in SIGNALS:
        for evidence in scorer.score(signal, texts).evidence:
            assert 0 <= evidence.start < evidence.end <= len(dict(texts)[evidence.pointer])
    scorer.topic(texts)
    assert scorer.score("promotional", ()).evidence == ()


# The shipped English lexicons


@pytest.mark.parametrize(
    "words",
    [
        "Deal of the day: half price sneakers",
        "Here's a coupon for your next visit",
        "Use code SPRING20 at checkout",
        "Enjoy 15% off everything in store",
        "Our autumn sale starts tomorrow",
        "Everything is now on sale",
        "Save up to $40 on boots",
        "BOGO all weekend",
        "Buy one, get one free",
        "Free shipping on all orders this week",
        "Prices just dropped on the shoes you looked at",
        "You might also like these socks",
        "Recommended for you: a matching scarf",
        "Refer a friend and you both get $10",
        "Renew today and get two months free",
        "Limited time: a special offer for members",
        "Don’t miss our Black Friday sale!",
    ],
)
def test_promotion_fires(scorer: Scorer, words: str) -> None:
    score = scorer.score("promotional", text(words))
    assert score.fires
    assert score.evidence


@pytest.mark.parametrize(
    "words",
    [
        "A discount of $5 was applied to your refund.",
        "Sale order number 7781 is being packed.",
        "Your Summer Sale order has shipped.",
        "We are dealing with your case today.",
        "You will get a replacement free of charge.",
        "A refund was offered for the late delivery.",
        "Receipt: 2 shirts, coupon -$4.00, total: $31.00",
        "The offer letter for your rental flat is attached.",
        "That lamp is no longer on sale, so we refunded it.",
        "Feel free to write back at any time.",
        "Could you tell us which order number it is?",
        "Your new password was set.",
        "Your room was upgraded to a suite at no extra cost.",
        "Your parcel is waiting for you at the post office.",
    ],
)
def test_talk_of_orders_and_cases_is_no_promotion(scorer: Scorer, words: str) -> None:
    assert not scorer.score("promotional", text(words)).fires


def test_button_alone_promotes(scorer: Scorer) -> None:
    score = scorer.score("promotional", text("New boots", "Black leather", "Shop now"))
    assert score.fires
    assert {e.pointer for e in score.evidence} == {"/2"}


@pytest.mark.parametrize(
    "texts",
    [
        ["How did we do?"],
        ["Please rate our service."],
        ["Rate us from 1 to 5"],
        ["Would you leave us a short review?"],
        ["Take our survey, it needs two minutes."],
        ["On a scale of 1 to 10, how likely are you to recommend us?"],
        ["Tell us what you think!"],
        ["We’d love to hear your feedback"],
        ["How was your stay at the lodge?"],
        ["How satisfied were you with the repair?"],
        ["Your case is closed.", "⭐", "⭐⭐", "⭐⭐⭐", "⭐⭐⭐⭐", "⭐⭐⭐⭐⭐"],
        ["Case closed", "1 star", "2 stars", "3 stars", "4 stars", "5 stars"],
        ["Case closed", "1", "2", "3", "4", "5"],
    ],
)
def test_request_for_feedback_fires(scorer: Scorer, texts: list[str]) -> None:
    score = scorer.score("asks_feedback", text(*texts))
    assert score.fires
    assert score.evidence


@pytest.mark.parametrize(
    "texts",
    [
        ["Which order number is it?"],
        ["Did that solve it?"],
        ["Is there anything else we can do?"],
        ["Could you send a photo of the box?"],
        ["Does it work now?"],
        ["Thank you for your feedback, we passed it on."],
        ["We will review your case and write back."],
        ["It takes 1 to 5 business days."],
        ["Please take a moment to review the details of your order."],
        ["How many guests are you?", "1", "2", "3", "4", "5"],
        ["The exchange rate your bank used is on the slip."],
    ],
)
def test_question_of_the_case_asks_no_feedback(scorer: Scorer, texts: list[str]) -> None:
    assert not scorer.score("asks_feedback", text(*texts)).fires


@pytest.mark.parametrize(
    ("words", "topic"),
    [
        ("Your parcel has been dispatched, here is the tracking link.", "shipping"),
        ("Your table for two on Friday is reserved.", "reservation"),
        ("Your flight now departs from gate 4.", None),
        ("We are looking into your complaint.", "issue"),
        ("Your password was changed from a new device.", "account"),
        ("Your invoice is overdue, the payment is due on Monday.", "payment"),
        ("Today’s headlines: read the full story", "news"),
        ("Your horoscope, Gemini: a calm week", "content"),
        ("We're hiring: three job openings near you", "jobs"),
        ("Hello there!", None),
        ("", None),
        ("Your booking was cancelled, the refund was issued today.", None),
        ("The replacement was shipped.", None),
    ],
)
def test_topic_leads_clearly_or_is_unknown(scorer: Scorer, words: str, topic: str | None) -> None:
    assert scorer.topic(text(words)) == topic
    if topic is not None:
        assert scorer.score("topic", text(words)).fires
