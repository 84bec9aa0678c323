"""DESIGN §1 rows 5, 6, 9 and 10: promotion, feedback, subscription pages, opting out."""

from __future__ import annotations

import unicodedata

import pytest

from tests.scenarios.conftest import (
    DAY,
    HOUR,
    LINK,
    QUICK,
    Bench,
    Found,
    Json,
    echo,
    generic,
    hook,
    page,
    person,
    script,
    sent,
    template,
    wrote,
)

ISSUE = "ISSUE_RESOLUTION"
SHIPPING = "SHIPPING_UPDATE"
PROMOTION = "promotion-under-tag"
FEEDBACK = "feedback-request-under-tag"
SUBSCRIPTION = "promotion-in-subscription"
OPT_OUT = "message-after-opt-out"
SPENT = "extra-message-spent"

PROMOTIONS = (
    "Today's daily deal: all lamps at half price.",
    "Here is a coupon for your next order: SAVE10",
    "Get 20% off your next purchase!",
    "20 % OFF EVERYTHING THIS WEEKEND",
    "Use code SUMMER20 at checkout.",
    "Our summer sale starts now!",
    "Flash sale! Today only!",
    "Buy one, get one free.",
    "Black Friday deals are here",
    "Save $15 on your next order.",
    "Enjoy a 30% discount on all shoes.",
    "Don't miss our limited time offer.",
    "Clearance: everything must go, up to 70% off.",
    "FLASH SALE 🔥🔥 50% OFF 🔥🔥",
    "Shop now and get free shipping on orders over $50!",
    "Special offer just for you: two for the price of one.",
    "Use promo code LIGHT to save 10 percent.",
)
HARMLESS = (
    "The discount was not applied to your order; we have refunded the difference.",
    "We will deal with your issue today.",
    "Your sale order number is 10442.",
    "Which order number is it?",
    "We have an answer for you. Does the switch click?",
    "Your refund of $15 is on its way.",
    "Could you send us a photo of the damage?",
    "Has your problem been solved?",
    "The technician comes on Friday between 9 and 11.",
    "Your battery is charged to 80%.",
)
FEEDBACKS = (
    "How did we do?",
    "Please rate our service.",
    "How was your experience with us?",
    "Please leave us a review.",
    "Take our short survey: it takes two minutes.",
    "We would love your feedback!",
    "On a scale from 0 to 10, how likely are you to recommend us?",
    "RATE US ⭐⭐⭐⭐⭐",
)


@pytest.mark.parametrize("text", PROMOTIONS)
def test_promotion_under_a_tag(bench: Bench, text: str) -> None:
    run = bench.check(script(person("0h"), page("30h", text, ISSUE)))
    assert run.found == [(PROMOTION, 2, "/message/text")]
    assert run.severities == {PROMOTION: "error"}
    for piece in run.findings[0]["evidence"]:
        assert 0 <= piece["start"] < piece["end"] <= len(text)


@pytest.mark.parametrize("text", PROMOTIONS)
def test_promotion_inside_the_window_is_fine(bench: Bench, text: str) -> None:
    assert bench.check(script(person("0h"), page("24h", text))).found == []


def test_promotion_in_the_extra_message_is_fine(bench: Bench) -> None:
    assert bench.check(script(person("0h"), page("25h", PROMOTIONS[0]))).found == [(SPENT, 2, "")]


def test_promotion_under_a_tag_inside_the_window_is_not(bench: Bench) -> None:
    assert bench.check(script(person("0h"), page("1h", PROMOTIONS[0], ISSUE))).found == [
        (PROMOTION, 2, "/message/text")
    ]


@pytest.mark.parametrize("text", HARMLESS)
def test_no_promotion_and_no_feedback(bench: Bench, text: str) -> None:
    assert bench.check(script(person("0h"), page("30h", text, ISSUE))).found == []


SALE = "Flash sale: 50% off"
CARD = "/message/attachment/payload/elements/0"
PLACES: dict[str, tuple[Json, str]] = {
    "title": (generic(SALE, "See below."), f"{CARD}/title"),
    "subtitle": (generic("News", SALE), f"{CARD}/subtitle"),
    "button": (generic("News", buttons=[{**LINK, "title": "50% off sale!"}]), f"{CARD}/buttons/0/title"),
    "second element": (
        template("generic", elements=[{"title": "a", "subtitle": "b"}, {"title": "c", "subtitle": SALE}]),
        "/message/attachment/payload/elements/1/subtitle",
    ),
    "quick reply": (
        {**generic(), "quick_replies": [QUICK, {**QUICK, "title": "50% off sale!"}]},
        "/message/quick_replies/1/title",
    ),
}
UNREAD: dict[str, Json] = {
    "payload": generic(buttons=[{"type": "postback", "title": "Go", "payload": "FLASH SALE 50% OFF"}]),
    "quick reply payload": {**generic(), "quick_replies": [{**QUICK, "payload": "FLASH SALE 50% OFF"}]},
    "url": generic(buttons=[{**LINK, "url": "https://example.com/flash-sale-50%25-off?coupon=deal"}]),
    "image url": generic(image_url="https://example.com/flash-sale.png"),
    "metadata": {**generic(), "metadata": "Flash sale: 50% off everything"},
}


@pytest.mark.parametrize("tag", [SHIPPING, "RESERVATION_UPDATE", ISSUE])
@pytest.mark.parametrize(("message", "pointer"), PLACES.values(), ids=PLACES)
def test_where_promotion_is_found(bench: Bench, message: Json, pointer: str, tag: str) -> None:
    run = bench.check(script(person("0h"), page("30h", message, tag)))
    assert run.found == [(PROMOTION, 2, pointer)]
    assert run.findings[0]["evidence"][0]["pointer"] == pointer


@pytest.mark.parametrize("message", UNREAD.values(), ids=UNREAD)
def test_what_the_person_does_not_read_is_no_promotion(bench: Bench, message: Json) -> None:
    assert bench.check(script(person("0h"), page("30h", message, SHIPPING))).found == []


def test_evidence_counts_code_points(bench: Bench) -> None:
    head = "🐌👨‍👩‍👧 "
    plain, festive = (
        bench.check(script(person("0h"), page("30h", text, ISSUE))).findings[0]["evidence"]
        for text in (SALE, head + SALE)
    )
    moved = [{**piece, "start": piece["start"] + len(head), "end": piece["end"] + len(head)} for piece in plain]
    assert festive == moved


@pytest.mark.parametrize("text", FEEDBACKS)
def test_feedback_on_issue_resolution(bench: Bench, text: str) -> None:
    run = bench.check(script(person("0h"), page("30h", text, ISSUE)))
    assert run.found == [(FEEDBACK, 2, "/message/text")]
    assert run.severities == {FEEDBACK: "error"}


@pytest.mark.parametrize("tag", [SHIPPING, "RESERVATION_UPDATE", None])
@pytest.mark.parametrize("text", FEEDBACKS)
def test_feedback_elsewhere_is_silent(bench: Bench, text: str, tag: str | None) -> None:
    assert bench.check(script(person("0h"), page("1h", generic("News", text), tag))).found == []


def test_feedback_in_a_card(bench: Bench) -> None:
    run = bench.check(script(person("0h"), page("30h", generic("Case closed", "Please rate our service."), ISSUE)))
    assert run.found == [(FEEDBACK, 2, f"{CARD}/subtitle")]


# --- subscription messaging

APPROVED = 'pages: {"7001": {subscription_messaging: true}}\n'
NEWS = "Today's weather: sunny."


@pytest.mark.parametrize(
    ("at", "content", "tag", "expected"),
    [
        ("1h", SALE, None, []),
        ("24h", SALE, None, []),
        ("24h+1ms", SALE, None, [(SUBSCRIPTION, 2, "/message/text")]),
        ("30h", NEWS, None, []),
        ("30h", SALE, ISSUE, [(PROMOTION, 2, "/message/text")]),
        ("30h", NEWS, SHIPPING, [("wrong-content-for-tag", 2, "/message")]),
    ],
    ids=["sale inside", "sale at 24 h", "sale 1 ms late", "news outside", "tagged sale", "tagged news"],
)
def test_an_approved_page(bench: Bench, at: str, content: str, tag: str | None, expected: Found) -> None:
    run = bench.check(script(person("0h"), page(at, content, tag), page_id="7001"), config=APPROVED)
    assert run.found == expected
    assert all(level == "error" for level in run.severities.values())


def test_an_approved_page_has_no_extra_message(bench: Bench) -> None:
    news = script(
        person("0h"), page("30h", NEWS), page("31h", NEWS), page("32h", SALE), page("33h", SALE), page_id="7001"
    )
    assert bench.check(news, config=APPROVED).found == [
        (SUBSCRIPTION, 4, "/message/text"),
        (SUBSCRIPTION, 5, "/message/text"),
    ]


@pytest.mark.parametrize(
    "config",
    ['pages: {"7002": {subscription_messaging: true}}\n', 'pages: {"7001": {subscription_messaging: false}}\n', ""],
    ids=["another page", "not approved", "nothing said"],
)
def test_a_page_that_is_not_approved(bench: Bench, config: str) -> None:
    run = bench.check(script(person("0h"), page("30h", SALE), page("31h", NEWS), page_id="7001"), config=config)
    assert run.found == [(SPENT, 2, ""), ("untagged-outside-window", 3, "")]


def test_an_approved_page_known_from_log_entries(bench: Bench) -> None:
    log = [wrote(0), sent(2 * DAY, NEWS, page_id="7001"), sent(2 * DAY + 1, SALE, page_id="7001")]
    assert bench.check(log, name="a.ndjson", config=APPROVED).found == [(SUBSCRIPTION, 3, "/message/text")]


def test_an_approved_page_known_from_the_persons_webhook(bench: Bench) -> None:
    """Ids are scoped to a page: the entry's own page need not be named."""
    log = [wrote(0), sent(2 * DAY, NEWS), sent(2 * DAY + 1, NEWS)]
    assert bench.check(log, name="a.ndjson", config=APPROVED).found == []


# --- opting out

STOPS = (
    "stop",
    "STOP",
    "Stop!",
    " stop. ",
    "«Stop»",
    '"stop"',
    "Stop!!!",
    "Please stop",
    "Please, stop!",
    "Unsubscribe",
    "UNSUBSCRIBE ME!",
    "opt-out",
    "Opt out.",
    "¡Parar!",
    "¡ALTO!",
    "Darme de baja.",
    "CANCELAR SUSCRIPCIÓN",
    "Não quero mais mensagens",
    "Arrêter !",
    "ARRÊT",
    "Me désabonner.",
    "Abmelden!",
    "AUFHÖREN",
    "Basta!",
    "Afmelden.",
    "Wypisz mnie!",
    "Durdur!",
    "DURDUR",
    "Berhenti!",
    "Hủy đăng ký",
    "หยุด",
    "توقف!",
    "إلغاء الاشتراك",
    "बंद करो।",
    "СТОП!",
    "Отписаться",
    "停止。",
    "配信停止！",
    "退订",
    "수신거부!",
)
GOES_ON = (
    "Does the bus stop here?",
    "stop sending so late",
    "Don't stop",
    "non-stop",
    "unstoppable",
    "Can I unsubscribe later?",
    "",
    "no",
    "stops",
)


@pytest.mark.parametrize("words", STOPS)
def test_opting_out(bench: Bench, words: str) -> None:
    run = bench.check(
        script(person("0h", words), page("1h"), page("2h", generic(), SHIPPING), person("3h"), page("4h"))
    )
    assert run.found == [(OPT_OUT, 2, ""), (OPT_OUT, 3, "")]
    assert run.severities == {OPT_OUT: "warning"}
    assert run.status == 0


@pytest.mark.parametrize("words", ["Arrêter", "Hủy đăng ký", "cancelar suscripción", "बंद करो", "إيقاف"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_opting_out_in_either_unicode_form(bench: Bench, words: str, form: str) -> None:
    text = unicodedata.normalize(form, words)  # type: ignore[arg-type]
    assert bench.check(script(person("0h", text), page("1h"))).found == [(OPT_OUT, 2, "")]


@pytest.mark.parametrize("words", ["ABONELİKTEN ÇIK", "ABONELİĞİ İPTAL ET", "Aboneliği İptal Et"])
def test_opting_out_in_turkish_capitals(bench: Bench, words: str) -> None:
    assert bench.check(script(person("0h", words), page("1h"))).found == [(OPT_OUT, 2, "")]


@pytest.mark.parametrize("words", GOES_ON)
def test_not_opting_out(bench: Bench, words: str) -> None:
    assert bench.check(script(person("0h", words), page("1h"))).found == []


RESETS: dict[str, tuple[Json, Found]] = {
    "another message": ({"text": "Where is it?"}, []),
    "a picture": (
        {"message": {"mid": "m9", "attachments": [{"type": "image", "payload": {"url": "https://e.com/a"}}]}},
        [],
    ),
    "a postback": ({"postback": {"payload": "BACK"}}, []),
    "an opt-in": ({"optin": {"ref": "again"}}, []),
    "a referral": ({"referral": {"ref": "x", "source": "SHORTLINK", "type": "OPEN_THREAD"}}, []),
    "stop again": ({"text": "I said... stop"}, []),
    "stop once more": ({"text": "Stop!"}, [(OPT_OUT, 3, "")]),
    "read": ({"read": {"watermark": 1, "seq": 1}}, [(OPT_OUT, 3, "")]),
    "delivery": ({"delivery": {"mids": ["x"], "watermark": 1, "seq": 1}}, [(OPT_OUT, 3, "")]),
}


@pytest.mark.parametrize(("item", "expected"), RESETS.values(), ids=RESETS)
def test_what_ends_an_opt_out(bench: Bench, item: Json, expected: Found) -> None:
    run = bench.check(script(person("0h", "stop"), {"at": "1h", "person": item}, page("2h")))
    assert run.found == expected


def test_opting_out_and_the_window_are_two_things(bench: Bench) -> None:
    run = bench.check(script(person("0h", "stop"), page("25h"), page("26h")))
    assert run.found == [(SPENT, 2, ""), (OPT_OUT, 2, ""), (OPT_OUT, 3, ""), ("untagged-outside-window", 3, "")]


def test_opting_out_in_a_log_across_files_and_standby(bench: Bench) -> None:
    log = [
        wrote(0, "Stop", kind="standby"),
        sent(HOUR),
        echo(2 * HOUR, "by hand"),
        hook(3 * HOUR, postback={"payload": "x"}),
        sent(4 * HOUR),
    ]
    assert bench.check(log, name="a.ndjson").found == [(OPT_OUT, 2, ""), (OPT_OUT, 3, "")]
