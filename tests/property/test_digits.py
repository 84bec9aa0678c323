"""Laws of digits: where nothing is said to tell them apart, others in their places change nothing."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import re2
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from policylint.digits import telling
from policylint.events import Json
from policylint.lexicons.matching import options
from policylint.lexicons.model import ASKS_FEEDBACK, PROMOTIONAL, SIGNALS, TOPIC
from policylint.lexicons.phrases import BETWEEN
from policylint.rulebook import shipped_rulebook
from policylint.structure.validator import RequestValidator
from tests.property.test_validators_agree import EDITIONS, mutated_requests, validator

DIGITS = "0123456789"
SCORER = shipped_rulebook().scorer
DIGITS_OF = {edition: validator(edition).digits() for edition in EDITIONS}


def with_others(text: str, others: Iterator[str]) -> str:
    return re.sub("[0-9]", lambda _: next(others), text)


@st.composite
def relatives(draw: st.DrawFn, text: str) -> str:
    """The text with any digits in the places of its own."""
    count = len(re.findall("[0-9]", text))
    return with_others(text, iter(draw(st.text(alphabet=DIGITS, min_size=count, max_size=count))))


def close_relatives(text: str) -> Iterator[str]:
    """The text with another digit in one place, or with the same in all."""
    for place in re.finditer("[0-9]", text):
        for digit in DIGITS:
            yield text[: place.start()] + digit + text[place.end() :]
    for digit in DIGITS:
        yield re.sub("[0-9]", digit, text)


# Patterns, each with a text that it finds something in.

Found = tuple[str, str]


def one_of(pattern: str, texts: str) -> st.SearchStrategy[Found]:
    return st.sampled_from(texts).map(lambda text: (pattern, text))


def alone(*written: Found) -> st.SearchStrategy[Found]:
    return st.sampled_from(written)


digits = st.sampled_from(DIGITS).map(lambda digit: (digit, digit))
letters = st.sampled_from("abxé %-").map(lambda letter: (letter, letter))
escapes = st.one_of(
    one_of(r"\d", DIGITS),
    one_of(r"\w", "a_05"),
    one_of(r"\D", "a %"),
    one_of(r"\S", "a5%"),
    one_of(".", "a5é"),
    alone((r"\s", " "), (r"\.", "."), (r"\{", "{"), (r"\\", "\\"), (r"\b", ""), (r"\B", ""), ("^", ""), ("$", "")),
    alone((r"\x35", "5"), (r"\x{37}", "7"), (r"\x{0033}", "3"), (r"\x41", "A"), (r"\x{E9}", "é")),
    alone((r"\p{L}", "a"), (r"\pL", "b"), (r"\PN", "a"), (r"\p{Nd}", "5")),
)
members = st.one_of(
    st.sampled_from(["0-9", "1-3", "5", "8", "0-5a", "*-3", "7-z", "{2}", r"\x{35}", r"\x31-\x{0033}"]),
    st.sampled_from(["x", "A-Z", "é", r"\d", r"\w", r"\s", r"\D", r"\-", r"\]", r"\p{L}", "[:digit:]", "[:alpha:]"]),
)
IN_CLASSES = "059123678axzA% -]{é"


@st.composite
def classes(draw: st.DrawFn) -> Found:
    """Classes, negated or not, with odd characters in first or last place."""
    first = draw(st.sampled_from(["", "", "]", "-", "+"]))
    whole = first + "".join(draw(st.lists(members, min_size=1, max_size=3))) + draw(st.sampled_from(["", "", "-"]))
    pattern = f"[{draw(st.sampled_from(['', '^']))}{whole}]"
    try:
        compiled = re2.compile(pattern, options())
    except re2.error:
        compiled = None
    held = [c for c in IN_CLASSES if compiled is not None and compiled.search(c.encode()) is not None]
    assume(held)
    return pattern, draw(st.sampled_from(held))


def repeated(inner: st.SearchStrategy[Found]) -> st.SearchStrategy[Found]:
    """Parts with a quantifier, in a group of their own where they are longer than a character."""
    many = {"?": (0, 1), "*": (0, 1, 2), "+": (1, 2), "+?": (1, 2), "{2}": (2,), "{0,1}": (0, 1), "{1,}": (1, 3)}
    times = st.sampled_from([(quantifier, count) for quantifier, counts in many.items() for count in counts])
    return st.builds(lambda one, often: (f"(?:{one[0]}){often[0]}", one[1] * often[1]), inner, times)


def either(inner: st.SearchStrategy[Found]) -> st.SearchStrategy[Found]:
    """Groups of alternatives, with the text of one of them."""
    starts = st.sampled_from(["(", "(?:", "(?i:", "(?s:"])
    many = st.lists(inner, min_size=1, max_size=3)
    return st.builds(
        lambda start, parts, n: (f"{start}{'|'.join(part[0] for part in parts)})", parts[n % len(parts)][1]),
        starts,
        many,
        st.integers(0, 2),
    )


def mixed(inner: st.SearchStrategy[Found]) -> st.SearchStrategy[Found]:
    """Alternatives several times over, each time another one."""
    quantifiers = st.sampled_from(["+", "*", "{2}", "{1,}"])
    return st.builds(
        lambda one, other, often: (f"(?:{one[0]}|{other[0]}){often}", one[1] + other[1]), inner, inner, quantifiers
    )


def in_a_row(inner: st.SearchStrategy[Found]) -> st.SearchStrategy[Found]:
    many = st.lists(inner, min_size=2, max_size=3)
    return many.map(lambda parts: ("".join(part[0] for part in parts), "".join(part[1] for part in parts)))


parts = st.recursive(
    st.one_of(letters, digits, letters, digits, escapes, classes()),
    lambda inner: st.one_of(in_a_row(inner), either(inner), repeated(inner), mixed(inner)),
    max_leaves=8,
)
# Alternatives at the top, maybe under a flag for all of them.
patterns = st.builds(
    lambda flag, found, other: (f"{flag}{found[0]}|{other[0]}" if other else f"{flag}{found[0]}", found[1]),
    st.sampled_from(["", "", "", "(?i)", "(?s)"]),
    parts,
    st.none() | parts,
)
noise = st.text(alphabet="ab15 -%é", max_size=3)


def search(pattern: str) -> Callable[[str], list[tuple[int, int]] | None]:
    """Where the first match of a pattern stands in a text, and each of its groups."""
    compiled = re2.compile(pattern, options())

    def found(text: str) -> list[tuple[int, int]] | None:
        match = compiled.search(text.encode())
        return None if match is None else [match.span(group) for group in range(compiled.groups + 1)]

    return found


@settings(max_examples=1200, deadline=None)
@given(patterns, noise, noise, st.data())
def test_what_tells_no_digits_apart_finds_the_same_whatever_they_are(
    found: Found, before: str, after: str, data: st.DataObject
) -> None:
    pattern, text = found[0], f"{before}{found[1]}{after}"
    try:
        places = search(pattern)
    except re2.error:
        assume(False)  # an odd class, or too much of one thing
    try:
        tells = telling(pattern)
    except ValueError:
        event("not known")
        return
    if tells:
        assert telling(tells) == ""
        if search(tells)(text) is not None:
            event("tells digits of the text apart")
            return
    event("tells other digits apart" if tells else "tells no digits apart")
    for other in [*close_relatives(text), data.draw(relatives(text))]:
        assert places(other) == places(text), (tells, other)


# Wording

phrases = st.sampled_from(
    [
        "Rate us from 1 to 5",
        "how was it, 0 to 10?",
        "Give us 5 stars",
        "leave a review in 2 minutes",
        "50 % off",
        "50% off everything",
        "Get 20% off with code SAVE20",
        "2x1",
        "buy 1 get 1 free",
        "2 for 1",
        "only 24h left",
        "4G included",
        "d1scount",
        "s4le",
        "fr33 shipping",
        "Sale ends in 3 days",
        "our sale starts on 11.11",
        "Black Friday 2019 sale",
        "$5 off your next order",
        "Order 12345 has shipped",
        "Your order #7 is on its way",
        "tracking number 1Z999",
        "Your booking for 2 people on 12/08 at 19:30 is confirmed",
        "See you at 10am in room 404",
        "your appointment is tomorrow at 9",
        "flight LH123 leaves from gate B22",
        "Your code is 482913",
        "invoice 77 of 30 EUR is due",
        "Hasta 30 % de descuento en tu pedido 99",
        "Tu pedido 4521 ha sido enviado",
        "3x2 en toda la tienda",
        "Califícanos del 1 al 5",
        "Jusqu'à -40 % sur tout le site",
        "Votre commande 881 a été expédiée",
        "Notez-nous de 1 à 5",
        "Bis zu 25 % Rabatt für dich",
        "Deine Bestellung 4711 ist unterwegs",
        "Bewerte uns mit 1 bis 5 Sternen",
        "10% de desconto até hoje",
        "Seu pedido 333 foi enviado",
        "De 0 a 10, o quanto você nos recomenda?",
        "Скидка 15 % на все",
        "Ваш заказ 908 отправлен",
        "ลดราคา 50% วันนี้",
        "คำสั่งซื้อ 123 จัดส่งแล้ว",
        "خصم 30% على كل شيء",
        "全品50%オフ",
        "ご注文12345を発送しました",
        "Siparişinizde İndirim %50",
        "von eins bis 5",
        "Calificanos de uno a 5",
        "od 1 do pięciu",
        "від нуля до 5",
        "1到五分",
        "s.a.l.e",
        "ｄeal",
        "fre3 shipping",
        "1você 2você 3você 4você",
        "5está 6está 7está",
        "Siparişiniz 56 kargoya verildi",
    ]
)
numbers = st.sampled_from(["7", "24", "365", "2026", "1,000", "9.99", "08:15", "b2b", "50%", "-5", "№3", "²4", "٣5"])
words = st.sampled_from(["today", "for you", "hoy", "und", "el", "der", "não", "le", "!", "…", "shop now", "order"])


@st.composite
def wordings(draw: st.DrawFn) -> str:
    """Phrases with numbers, some of them other ones, put together as a message might."""
    pieces = draw(st.lists(st.one_of(phrases, phrases, numbers, words), min_size=1, max_size=4))
    text = draw(st.sampled_from([" ", ". ", "\n", BETWEEN, ""])).join(pieces)
    if draw(st.booleans()):
        text = draw(relatives(text))
    return text.upper() if draw(st.integers(0, 7)) == 0 else text


def heard(text: str) -> list[object]:
    """All that the wording of a text comes to: the values and the topic, and what speaks for each signal and where."""
    return [SCORER.wording(SIGNALS, text), *(SCORER.score(signal, [("/t", text)]) for signal in SIGNALS)]


@settings(max_examples=150, deadline=None)  # the first texts compile patterns
@given(wordings(), st.data())
def test_wording_that_heeds_no_digits_is_the_same_whatever_they_are(text: str, data: st.DataObject) -> None:
    heeds = SCORER.heeds_digits(SIGNALS, text)
    event("heeds" if heeds else "does not heed")
    if not heeds:
        told = heard(text)
        for other in [data.draw(relatives(text)) for _ in range(4)] + [re.sub("[0-9]", digit, text) for digit in "05"]:
            assert not SCORER.heeds_digits(SIGNALS, other)
            assert heard(other) == told, other


@settings(max_examples=60, deadline=None)
@given(wordings())
def test_digits_are_heeded_by_all_signals_together_where_one_heeds_them(text: str) -> None:
    each = [SCORER.heeds_digits([signal], text) for signal in (PROMOTIONAL, ASKS_FEEDBACK, TOPIC)]
    assert SCORER.heeds_digits([PROMOTIONAL, None, ASKS_FEEDBACK, TOPIC], text) == any(each)
    assert not SCORER.heeds_digits([None], text)


# What stands there apart makes that digits are read as letters; and everyday words are other ones by what is before.
SPELT = "fre3 shipping t.o.d.a.y"
COUNTED = "1já 2já 3já 4já 5já 6já 7já 8já 9já descuento del verano en la tienda"


@pytest.mark.parametrize(
    "text", ["Rate us from 1 to 5", "2x1", "fr33 shipping", "von eins bis 5", "od 1 do pięciu", SPELT, COUNTED]
)
def test_wording_heeds_digits_that_say_something(text: str) -> None:
    told = heard(text)
    assert any(heard(re.sub("[0-9]", digit, text)) != told for digit in DIGITS)
    assert SCORER.heeds_digits(SIGNALS, text)


@pytest.mark.parametrize("text", ["Order 12345 has shipped", "Your code is 482913", "Give us 5 stars", "4G included"])
def test_wording_does_not_heed_digits_that_only_count(text: str) -> None:
    assert not SCORER.heeds_digits(SIGNALS, text)


# The shape of requests


def texts_in(value: Json, pointer: str = "") -> Iterator[tuple[str, Json, Any]]:
    """Pointer, and container with key, of each text in a request."""
    if not isinstance(value, dict | list):
        return
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        here = f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
        if isinstance(item, str):
            yield here, value, key
        yield from texts_in(item, here)


@st.composite
def numbered_requests(draw: st.DrawFn) -> Json:
    """Requests with digits in many of their texts: before, behind or among the rest."""
    request = copy.deepcopy(draw(mutated_requests()))
    for _, container, key in list(texts_in(request)):
        text = container[key]
        number = draw(st.sampled_from(["", "0", "7", "42", "+1555", "-1,5", "12 ", "1999"]))
        at = draw(st.sampled_from([0, len(text), len(text) // 2]))
        container[key] = text[:at] + number + text[at:]
    return request


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(list(EDITIONS)), numbered_requests(), st.data())
def test_a_request_is_as_misshapen_with_other_digits_where_they_do_not_matter(
    edition: str, request: Json, data: st.DataObject
) -> None:
    matter, problems = DIGITS_OF[edition].matter, validator(edition).problems
    other = copy.deepcopy(request)
    for pointer, container, key in texts_in(other):
        if not matter(pointer):
            container[key] = data.draw(relatives(container[key]))
        else:
            event("some digits matter")
    said = problems(request)
    event("misshapen" if said else "sound")
    assert [repr(one) for one in problems(other)] == [repr(one) for one in said]  # with what comparing leaves out


# Schemas of all kinds

scalars = st.sampled_from(["", "a", "5", "a5", "15", "a-7", "0x5", "2026-11-01", "b"])
values: st.SearchStrategy[Json] = st.recursive(
    scalars | scalars | st.sampled_from([None, 5, True]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "5"]), inner, max_size=3),
    max_leaves=5,
)


def asking(**keywords: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({}, optional={key.strip("_"): value for key, value in keywords.items()})


leaves: st.SearchStrategy[Json] = st.one_of(
    st.booleans(),
    asking(
        type=st.sampled_from(["string", "object", "array"]),
        pattern=st.sampled_from(["^a", "5", r"\d", "^[0-9]+$", "[1-3]", r"^\d{2}", "^a|^0", "^[^5]*$", r"\x35"]),
        minLength=st.integers(0, 3),
        maxLength=st.integers(0, 3),
    ),
    asking(enum=st.lists(scalars, min_size=1, max_size=3, unique=True)),
    asking(const=values),
    asking(uniqueItems=st.booleans(), maxItems=st.integers(0, 3)),
    st.just({"$ref": "#/$defs/part"}),
    st.sampled_from([{"required": ["5"]}, {"propertyNames": {"pattern": "5"}}, {"dependentRequired": {"a": ["b"]}}]),
)


def below(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    some = st.lists(inner, min_size=1, max_size=2)
    by_name = st.dictionaries(st.sampled_from(["a", "b", "5"]), inner, min_size=1, max_size=2)
    return st.one_of(
        asking(properties=by_name, additionalProperties=inner, unevaluatedProperties=inner),
        asking(patternProperties=st.dictionaries(st.sampled_from(["a", "5"]), inner, min_size=1, max_size=1)),
        asking(prefixItems=some, items=inner, contains=inner, unevaluatedItems=inner),
        asking(allOf=some, anyOf=some, oneOf=some, not_=inner),
        asking(if_=inner, then=inner, else_=inner),
        asking(dependentSchemas=by_name),
    )


schemas = st.recursive(leaves, below, max_leaves=6)


@settings(max_examples=400, deadline=None)
@given(leaves | schemas, leaves, scalars | values, st.data())
def test_digits_that_do_not_matter_to_a_schema_decide_nothing(
    schema: Json, part: Json, value: Json, data: st.DataObject
) -> None:
    assume(part != {"$ref": "#/$defs/part"})
    whole = {"properties": {"a": schema}, "$defs": {"part": part}}
    known = RequestValidator(Path("/schemas/messenger/some/send-request.schema.json"), whole)
    matter = known.digits().matter
    request = {"a": value}
    outcome = known.is_valid(request)
    free = [(container, key) for pointer, container, key in texts_in(request) if not matter(pointer)]
    event(f"{'some' if free else 'no'} text free, {'valid' if outcome else 'not valid'}")
    for container, key in free:
        text = container[key]
        for other in [*close_relatives(text), data.draw(relatives(text))]:
            container[key] = other
            assert known.is_valid(request) == outcome, request
