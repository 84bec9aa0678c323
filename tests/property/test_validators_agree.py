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
from policylint.structure.dated import Schemas
from policylint.structure.validator import RequestValidator

Json = Any

FOLDER = shipped("schemas")
SCHEMAS = Schemas()

# The shipped schemas of editions far apart, by the day whose validator must say the same as they do.
EDITIONS = {
    "messenger/2016-04": "2016-04-12",
    "messenger/2017-04": "2017-04-06",
    "messenger/2018-03": "2018-03-05",
    "messenger/2020-03": "2020-03-04",
    "messenger/2022-05": "2022-05-19",
    "messenger/2026-09": "2026-09-28",
    "instagram/instagram-2021-06": "2021-06-02",
    "instagram/instagram-2026-09": "2026-09-28",
}


def validator(edition: str) -> RequestValidator:
    return SCHEMAS.validator(edition.split("/", maxsplit=1)[0], EDITIONS[edition])


def reference(edition: str) -> Draft202012Validator:
    """The Python jsonschema on a shipped schema, set up without any code of ours."""
    documents = [
        (f"file:///{name}", json.loads((FOLDER / name).read_text(encoding="utf-8")))
        for name in (f"{edition}/send-request.schema.json", "messenger/shared/definitions.schema.json")
    ]
    registry: Registry[Json] = Registry().with_resources(
        (uri, DRAFT202012.create_resource(document)) for uri, document in documents
    )
    return Draft202012Validator({"$ref": documents[0][0]}, registry=registry)


REFERENCES = {edition: reference(edition) for edition in EDITIONS}

texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from([1, 20, 21, 80, 81, 321, 640, 641, 999, 1000, 1001, 1999, 2000, 2001]).map(
        lambda length: "é" * length
    ),
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
        expires_in_days=amounts,
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
        content_type=st.sampled_from(["text", "location", "user_email", "user_phone_number", "other"]),
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
    shape(
        template_type=st.just("media"),
        elements=st.lists(
            shape(
                media_type=st.sampled_from(["image", "video", "file"]),
                url=addresses,
                attachment_id=texts,
                buttons=button_lists,
            ),
            max_size=2,
        ),
    ),
    shape(
        template_type=st.sampled_from(["one_time_notif_req", "notification_messages", "coupon", "instant_form"]),
        title=texts,
        subtitle=texts,
        payload=texts,
        coupon_code=texts,
        coupon_url=addresses,
        form_id=amounts,
        elements=st.lists(elements, max_size=1),
        image_aspect_ratio=st.sampled_from(["HORIZONTAL", "square"]),
        notification_messages_frequency=st.sampled_from(["DAILY", "YEARLY"]),
        notification_messages_cta_text=st.sampled_from(["GET", "FETCH"]),
    ),
    shape(
        template_type=st.sampled_from(["customer_feedback", "customer_information"]),
        title=texts | addresses,
        feedback_screens=st.lists(
            shape(
                questions=st.lists(
                    shape(
                        id=texts,
                        type=st.sampled_from(["csat", "nps", "ces", "free_form", "poll"]),
                        title=texts,
                        score_label=st.sampled_from(["neg_pos", "none", "bad"]),
                        score_option=st.sampled_from(["five_stars", "zero_to_ten", "1_to_5"]),
                        follow_up=shape(type=st.sampled_from(["free_form", "nps"]), placeholder=texts),
                    ),
                    max_size=2,
                )
            ),
            max_size=2,
        ),
        business_privacy=shape(url=addresses),
        expires_in_days=amounts | st.integers(0, 8),
        address_overrides=st.dictionaries(st.sampled_from(["postal_code", "city"]), texts, max_size=2),
    ),
    shape(
        template_type=st.just("image_grid"),
        elements=st.lists(
            shape(
                images=st.lists(
                    shape(
                        url=addresses,
                        is_hero_image=st.booleans(),
                        action=shape(type=st.sampled_from(["web_url", "postback"]), url=addresses, payload=texts),
                    ),
                    max_size=7,
                ),
                title=texts,
                buttons=button_lists,
            ),
            max_size=2,
        ),
    ),
    shape(template_type=st.just("product"), elements=st.lists(shape(id=amounts), max_size=11)),
)
utilities = shape(
    name=texts,
    language=shape(code=texts) | texts,
    components=st.lists(
        shape(
            type=st.sampled_from(["header", "body", "buttons"]),
            sub_type=st.sampled_from(["url", "quick_reply"]),
            text=texts,
            buttons=st.lists(shape(type=st.sampled_from(["URL", "QUICK_REPLY"]), text=texts), max_size=4),
        ),
        max_size=2,
    ),
)
attachments = st.one_of(
    shape(type=st.just("template"), payload=templates),
    shape(
        type=st.sampled_from(["image", "file", "location", "like_heart", "MEDIA_SHARE"]),
        payload=shape(url=addresses, attachment_id=texts, is_reusable=st.booleans(), id=texts),
    ),
)
messages = st.one_of(
    shape(text=texts, quick_replies=quick_replies, metadata=texts),
    shape(attachment=attachments, quick_replies=quick_replies, sticker_id=texts),
    shape(attachments=st.lists(attachments, max_size=2), template=utilities),
)
requests = st.one_of(
    st.fixed_dictionaries({"recipient": st.just({"id": "1"}), "message": messages}),
    shape(
        recipient=shape(
            id=texts,
            phone_number=texts,
            name=shape(first_name=texts),
            user_ref=texts,
            one_time_notif_token=texts,
            notification_messages_token=texts,
        ),
        message=messages,
        template=utilities,
        sender_action=st.sampled_from(["typing_on", "react", "dance"]),
        payload=shape(message_id=texts, reaction=texts),
        notification_type=st.sampled_from(["REGULAR", "silent"]),
        tag=texts,
        messaging_type=st.sampled_from(["RESPONSE", "NON_PROMOTIONAL_SUBSCRIPTION", "UTILITY"]) | texts,
        persona_id=texts,
        reply_to=shape(mid=texts),
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
    {
        "recipient": {"id": "1"},
        "message": {
            "attachment": {
                "type": "template",
                "payload": {
                    "template_type": "customer_feedback",
                    "title": "How was it?",
                    "feedback_screens": [{"questions": [{"id": "a", "type": "nps", "score_option": "zero_to_ten"}]}],
                    "business_privacy": {"url": "https://a.example"},
                    "expires_in_days": 3,
                },
            }
        },
        "messaging_type": "MESSAGE_TAG",
        "tag": "CUSTOMER_FEEDBACK",
    },
    {
        "recipient": {"id": "1"},
        "message": {
            "attachment": {
                "type": "template",
                "payload": {
                    "template_type": "image_grid",
                    "elements": [
                        {
                            "images": [
                                {"url": "https://a.example", "is_hero_image": True},
                                {"url": "https://a.example", "action": {"type": "web_url", "url": "https://a.example"}},
                            ]
                        }
                    ],
                },
            }
        },
        "messaging_type": "UPDATE",
        "persona_id": "1",
    },
    {"recipient": {"id": "1"}, "sender_action": "react", "payload": {"message_id": "m", "reaction": "love"}},
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
@given(st.sampled_from(list(EDITIONS)), mutated_requests())
def test_agree(edition: str, request: Json) -> None:
    """Both allow the same requests, explain the others alike, and name places that exist."""
    before = copy.deepcopy(request)
    fast = validator(edition)
    valid = fast.is_valid(request)
    assert REFERENCES[edition].is_valid(request) == valid
    problems = fast.problems(request)
    slowly = fast.problems(request, reference=True)
    assert list(map(astuple, slowly)) == list(map(astuple, problems))
    assert problems == sorted(problems)
    assert len(set(problems)) == len(problems)
    assert (not problems) == valid
    for problem in problems:
        at(request, problem.pointer)
        assert problem.kind
        assert problem.detail
    assert request == before
