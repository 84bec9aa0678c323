"""Laws of the two validators: they agree on every request, in what they allow and in what they say."""

from __future__ import annotations

import copy
import json
from dataclasses import astuple
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from policylint.shipped import shipped
from policylint.structure.validator import RequestValidator

Json = Any

FOLDER = shipped("schemas") / "messenger"
VALIDATOR = RequestValidator(FOLDER / "2017-04" / "send-request.schema.json")


def reference() -> Draft202012Validator:
    """The Python jsonschema, set up without any code of ours."""
    documents = [
        (f"file:///{file.relative_to(FOLDER).as_posix()}", json.loads(file.read_text(encoding="utf-8")))
        for file in sorted(FOLDER.rglob("*.json"))
    ]
    registry: Registry[Json] = Registry().with_resources(
        (uri, DRAFT202012.create_resource(document)) for uri, document in documents
    )
    return Draft202012Validator({"$ref": "file:///2017-04/send-request.schema.json"}, registry=registry)


REFERENCE = reference()

texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from([1, 20, 21, 80, 81, 640, 641, 999, 1000, 1001]).map(lambda length: "é" * length),
    st.sampled_from(["", "\n", "12\n", "https://a.example\n", "\u2028", "\u001f", "\ufeff", "K", "+1555", "１２"]),
)
addresses = st.one_of(
    st.sampled_from(["https://a.example/x?y=1", "<URL>", "{{url}}", "${url}", "%s", "ftp://a", "http://", ""]), texts
)
amounts = st.one_of(
    st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["1", "-1,5", "1 €"]), texts
)


def shape(**fields: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Objects with some of `fields`."""
    return st.fixed_dictionaries({}, optional=fields)


buttons = st.one_of(
    shape(
        type=st.just("web_url"),
        title=texts,
        url=addresses,
        webview_height_ratio=st.sampled_from(["compact", "tall", "full", None, "huge"]),
        messenger_extensions=st.booleans(),
        fallback_url=addresses,
        webview_share_button=st.sampled_from(["hide", None, "show"]),
    ),
    shape(
        type=st.sampled_from(["postback", "phone_number", "game_play", "account_link", "audio_call", "nested"]),
        title=texts,
        payload=texts,
        url=addresses,
    ),
    shape(
        type=st.just("element_share"),
        share_contents=shape(
            attachment=shape(
                type=st.just("template"),
                payload=shape(
                    template_type=st.just("generic"),
                    elements=st.lists(shape(title=texts, subtitle=texts, image_url=addresses), max_size=2),
                ),
            )
        ),
    ),
)
button_lists = st.lists(buttons, max_size=4)
elements = shape(
    title=texts,
    subtitle=texts,
    image_url=addresses,
    buttons=button_lists,
    default_action=shape(type=st.sampled_from(["web_url", "postback"]), url=addresses, title=texts),
    url=addresses,
)
quick_replies = st.lists(
    shape(
        content_type=st.sampled_from(["text", "location", "user_email", "other"]),
        title=texts,
        payload=texts,
        image_url=addresses,
    ),
    max_size=12,
)
templates = st.one_of(
    shape(
        template_type=st.sampled_from(["generic", "list", "open_graph", "media"]),
        elements=st.lists(elements, max_size=5),
        buttons=button_lists,
        top_element_style=st.sampled_from(["large", "compact"]),
        image_aspect_ratio=st.sampled_from(["horizontal", "square"]),
        sharable=st.booleans(),
    ),
    shape(template_type=st.just("button"), text=texts, buttons=button_lists),
    shape(
        template_type=st.just("receipt"),
        recipient_name=texts,
        order_number=texts,
        currency=texts,
        payment_method=texts,
        timestamp=amounts,
        elements=st.lists(shape(title=texts, price=amounts, quantity=amounts), max_size=2),
        summary=shape(total_cost=amounts, subtotal=amounts),
    ),
    shape(
        template_type=st.sampled_from(["airline_itinerary", "airline_checkin", "airline_update"]),
        intro_message=texts,
        locale=texts,
        update_type=st.sampled_from(["delay", "late"]),
        flight_info=st.lists(shape(flight_number=texts, departure_airport=shape(city=texts)), max_size=2),
        update_flight_info=shape(flight_number=texts),
        total_price=amounts,
        checkin_url=addresses,
    ),
)
attachments = st.one_of(
    shape(type=st.just("template"), payload=templates),
    shape(
        type=st.sampled_from(["image", "file", "location"]),
        payload=shape(url=addresses, attachment_id=texts, is_reusable=st.booleans()),
    ),
)
messages = st.one_of(
    shape(text=texts, quick_replies=quick_replies, metadata=texts),
    shape(attachment=attachments, quick_replies=quick_replies, sticker_id=texts),
)
requests = st.one_of(
    st.fixed_dictionaries({"recipient": st.just({"id": "1"}), "message": messages}),
    shape(
        recipient=shape(id=texts, phone_number=texts, name=shape(first_name=texts), user_ref=texts),
        message=messages,
        sender_action=st.sampled_from(["typing_on", "react", "dance"]),
        notification_type=st.sampled_from(["REGULAR", "silent"]),
        tag=texts,
        messaging_type=texts,
    ),
)

WHOLE: list[Json] = [  # valid requests, a mutation away from invalid ones
    {"recipient": {"id": "1"}, "message": {"text": "x", "quick_replies": [{"content_type": "location"}]}},
    {
        "recipient": {"phone_number": "+1555", "name": {"first_name": "A"}},
        "message": {
            "attachment": {
                "type": "template",
                "payload": {
                    "template_type": "list",
                    "top_element_style": "large",
                    "elements": [
                        {"title": "A", "image_url": "https://a.example"},
                        {"title": "B", "buttons": [{"type": "postback", "title": "Go", "payload": "GO"}]},
                    ],
                },
            }
        },
    },
    {
        "recipient": {"user_ref": "1"},
        "message": {
            "attachment": {
                "type": "template",
                "payload": {
                    "template_type": "receipt",
                    "recipient_name": "A",
                    "order_number": "1",
                    "currency": "USD",
                    "payment_method": "Visa",
                    "elements": [{"title": "Hat", "price": 1.5}],
                    "summary": {"total_cost": "5"},
                },
            },
            "metadata": "m",
        },
        "notification_type": "NO_PUSH",
    },
    {"recipient": {"id": "1"}, "sender_action": "typing_on"},
]

junk = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, 1.0, -0.0, 1e20, 1e308, 2**63, 2**64, 10**400]),
    texts,
    st.sampled_from([[], {}, [[]], [None], {"type": "web_url"}, {"title": None}, [{"type": 5}], {"": {"~/": []}}]),
    st.recursive(
        st.none() | texts, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2)
    ),
)


def containers(value: Json) -> list[Json]:
    """All objects and arrays in `value` that hold something, itself first."""
    if not isinstance(value, dict | list) or not value:
        return []
    inner = value.values() if isinstance(value, dict) else value
    return [value, *(found for item in inner for found in containers(item))]


@st.composite
def mutated_requests(draw: st.DrawFn) -> Json:
    """Requests with up to three things dropped, added or replaced at random places."""
    request = copy.deepcopy(draw(st.one_of(requests, st.sampled_from(WHOLE), st.sampled_from(WHOLE))))
    for _ in range(draw(st.integers(0, 3))):
        places = containers(request)
        if not places:
            break
        place = draw(st.sampled_from(places))
        keys = sorted(place) if isinstance(place, dict) else list(range(len(place)))
        key = draw(st.sampled_from(keys))
        match draw(st.sampled_from(["drop", "add", "replace"])):
            case "drop":
                del place[key]
            case "replace":
                place[key] = copy.deepcopy(draw(junk))
            case _ if isinstance(place, dict):
                place[draw(st.sampled_from(["title", "url", "text", "type", "payload"]) | texts)] = copy.deepcopy(
                    draw(junk)
                )
            case _:
                place.append(copy.deepcopy(draw(junk)))
    return request


def at(request: Json, pointer: str) -> Json:
    """The value that `pointer` names. Raises LookupError when there is none."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        request = request[int(name) if isinstance(request, list) else name]
    return request


@settings(deadline=None)
@given(mutated_requests())
def test_agree(request: Json) -> None:
    """Both allow the same requests, explain the others alike, and name places that exist."""
    before = copy.deepcopy(request)
    valid = VALIDATOR.is_valid(request)
    assert REFERENCE.is_valid(request) == valid
    problems = VALIDATOR.problems(request)
    reference = VALIDATOR.problems(request, reference=True)
    assert list(map(astuple, reference)) == list(map(astuple, problems))
    assert problems == sorted(problems)
    assert len(set(problems)) == len(problems)
    assert (not problems) == valid
    for problem in problems:
        at(request, problem.pointer)
        assert problem.kind
        assert problem.detail
    assert request == before
