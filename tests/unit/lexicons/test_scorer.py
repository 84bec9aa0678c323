"""The scorer: weights added up, evidence, languages, and the shipped lexicons on sentences of our own."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from policylint.errors import RuleError
from policylint.lexicons.model import SIGNALS, Lexicon
from policylint.lexicons.scorer import Scorer
from policylint.rulebook import shipped_rulebook
from policylint.shipped import shipped


def lexicons(signal: str) -> list[Path]:
    return sorted((Path(str(shipped("rules"))) / "lexicons" / signal).glob("*.yaml"))


def data(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return loaded


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    """The shipped scorer."""
    return shipped_rulebook().scorer


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((shipped("schemas") / "lexicon.schema.json").read_text(encoding="utf-8"))
    return loaded


def small(*terms: dict[str, Any], **more: Any) -> Scorer:
    """A scorer with one promotional lexicon of these terms."""
    whole = {"signal": "promotional", "language": "en", "note": "…", "threshold": 1, "bias": 0, "terms": list(terms)}
    return Scorer([Lexicon.from_data(whole | more)])


def text(*texts: str) -> list[tuple[str, str]]:
    return [(f"/{n}", words) for n, words in enumerate(texts)]


SALE = {"id": "sale", "words": ["sale"], "prior": "strong", "weight": 1.0}


# Values


@pytest.mark.parametrize(
    "path", [p for signal in SIGNALS for p in lexicons(signal)], ids=lambda p: f"{p.parent.name}-{p.stem}"
)
def test_shipped_lexicon_fits_its_schema(path: Path, schema: dict[str, Any]) -> None:
    Draft202012Validator(schema).validate(data(path))
    lexicon = Lexicon.from_data(data(path))
    lexicon.check()
    assert (lexicon.signal, lexicon.language) == (path.parent.name, path.stem)
    for term in lexicon.terms:
        assert (term.weight < 0) is term.prior.endswith("against"), term.id


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
        {"terms": [SALE | {"id": "Sale"}]},
        {"terms": [SALE | {"words": [" sale"]}]},
        {"terms": [SALE | {"prior": "sure"}]},
        {"terms": [SALE | {"choices": ["1", "2"]}]},
        {"terms": [{"id": "sale", "prior": "weak", "weight": 1}]},
        {"terms": [{"id": "sale", "words": ["sale"], "weight": 1}]},
        {"terms": [{"id": "stars", "choices": ["1", "2"], "whole": True, "prior": "weak", "weight": 1}]},
    ],
)
def test_schema_is_strict(change: dict[str, Any], schema: dict[str, Any]) -> None:
    good = {"signal": "promotional", "language": "en", "note": "…", "threshold": 1, "bias": 0}
    good["terms"] = [copy.copy(SALE)]
    valid = Draft202012Validator(schema).is_valid
    assert valid(good)
    assert not valid(good | change)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"pattern": "(sale"}, r"missing \)"),
        ({"words": ["(sale"]}, "a \\( without its \\)"),
        ({"words": ["sale)"]}, "a \\) without its \\("),
        ({"words": ["* …"]}, "nothing that must be there"),
        ({"pattern": "(?-i:SALE)"}, "lower case"),
        ({"words": ["SALE"]}, "lower case"),
        ({"words": ["(a|)"]}, "nothing that must be there"),
    ],
)
def test_broken_term_is_named(broken: dict[str, Any], reason: str) -> None:
    term = {"id": "half-open", "prior": "strong", "weight": 1} | broken
    lexicon = Lexicon.from_data(
        {"signal": "promotional", "language": "en", "threshold": 1, "bias": 0, "terms": [SALE, term]}
    )
    with pytest.raises(RuleError, match=f"'half-open'.*{reason}"):
        lexicon.check()


def test_threshold_must_lie_above_the_bias() -> None:
    lexicon = Lexicon.from_data({"signal": "promotional", "language": "en", "threshold": 1, "bias": 1, "terms": [SALE]})
    with pytest.raises(RuleError, match="above the bias"):
        lexicon.check()


# Scores


def test_score_is_how_far_the_weights_go_from_the_bias_to_the_threshold() -> None:
    scorer = small(SALE, {"id": "now", "words": ["now"], "weight": 0.5}, bias=-0.25, threshold=1.25)
    assert scorer.score("promotional", text("nothing")).value == 0
    only_sale = scorer.score("promotional", text("a sale"))
    assert only_sale.value == pytest.approx(2 / 3)
    assert (only_sale.fires, only_sale.evidence) == (False, ())
    both = scorer.score("promotional", text("a sale", "now"))
    assert (both.value, both.fires) == (1, True)
    assert [(e.term, e.share) for e in both.evidence] == [("sale", 0.67), ("now", 0.33)]


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
        ("50%", "now 50% off", "150%"),
        ("セール", "夏のセール中", "せーる"),
    ],
)
def test_words_match_at_boundaries(word: str, hit: str, miss: str) -> None:
    scorer = small({"id": "a", "words": [word], "weight": 1})
    (evidence,) = scorer.score("promotional", text(hit)).evidence
    assert len(hit[evidence.start : evidence.end].split()) == len(word.split())
    assert hit[evidence.start].isalnum()
    assert not scorer.score("promotional", text(miss)).fires


def test_the_language_with_most_terms_speaks_for_the_text() -> None:
    def lexicon(language: str, **weights: float) -> Lexicon:
        terms = [{"id": word, "words": [word], "weight": weight, "kind": word} for word, weight in weights.items()]
        whole = {"signal": "promotional", "language": language, "threshold": 1, "bias": 0, "terms": terms}
        return Lexicon.from_data(whole)

    english = lexicon("en", sale=0.6, order=-2.0)
    scorer = Scorer([english, lexicon("it", sale=5.0), lexicon("mul", wow=0.5, zing=1.5)])

    def score(words: str) -> tuple[float, str]:
        found = scorer.score("promotional", text(words))
        return found.value, found.language

    assert score("sale") == (5.0, "it")  # as many terms in each: the loudest
    assert score("sale order") == (-1.4, "")  # two English terms against one Italian
    assert score("sale wow") == (5.5, "it")  # what holds in any language is added
    assert score("zing") == (1.5, "mul")  # and counts by itself
    assert score("order zing sale") == (0.1, "")  # but not against the text's own language
    (only,) = scorer.score("promotional", text("sale wow"), kinds={"sale"}).evidence
    assert only.kind == "sale"
    assert scorer.score("promotional", text("zing"), kinds={"sale"}).value == 0


def test_terms_of_whole_texts_and_rows_of_them() -> None:
    scorer = small(
        {"id": "button", "words": ["shop (now|)"], "whole": True, "weight": 1},
        {"id": "row", "choices": ["1", "2", "3"], "weight": 2},
    )
    assert scorer.score("promotional", text("Boots", "Shop now!")).evidence[0].pointer == "/1"
    assert scorer.score("promotional", text("SHOP")).fires
    assert not scorer.score("promotional", text("Shop now or never", "coffee shop")).fires
    row = scorer.score("promotional", text("How was it?", "1 ⭐", "2 ⭐", "3"))
    assert [(e.pointer, e.term, e.share) for e in row.evidence] == [(f"/{n}", "row", 2.0) for n in (1, 2, 3)]
    assert not scorer.score("promotional", text("1", "3", "2")).fires
    assert not scorer.score("promotional", text("1 2 3")).fires


@pytest.mark.parametrize(
    ("words", "evidence"),
    [
        ("now ＳＡＬＥ!", "ＳＡＬＥ"),
        ("a s.a.l.e today", "s.a.l.e"),
        ("S A L E", "S A L E"),
        ("saaaaale", "saaaaale"),
        ("SALEEE", "SALEEE"),
        ("sa\u200ble", "sa\u200ble"),
        ("our s4le", "s4le"),
        ("ѕаlе", "ѕаlе"),
        ("𝐬𝐚𝐥𝐞 on", "𝐬𝐚𝐥𝐞"),
    ],
)
def test_disguises_are_seen_through_and_told_as_they_stand(words: str, evidence: str) -> None:
    (found,) = small(SALE).score("promotional", text(words)).evidence
    assert words[found.start : found.end] == evidence


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
    hits = scorer.hits("promotional", text("We are dealing with your discount"))
    assert ("dealing-with", "en") in [(hit.term.id, hit.language) for hit in hits]


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
