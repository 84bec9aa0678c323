"""What the API answered, however a client kept it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policylint.events import Answer
from policylint.sources.answers import answer_of, read_response

ERROR: dict[str, Any] = {"message": "(#10) Outside of the window.", "code": 10, "error_subcode": 2018278}


def answer(response: Any) -> Answer | None:
    return answer_of(read_response(response))


@pytest.mark.parametrize(
    "response", [None, "", {}, [], 0, "queued", "{", "{}", {"error": {}}, {"error": []}, {"foo": 1}, {"message_id": ""}]
)
def test_no_answer(response: Any) -> None:
    assert answer(response) is None


@pytest.mark.parametrize(
    "response",
    [
        {"recipient_id": "7", "message_id": "m"},
        '{"recipient_id": "7", "message_id": "m"}',
        {"error": None, "recipient_id": "7"},
        {"error": {}, "message_id": "m1"},
        {"status": 200, "data": {"recipient_id": "7", "message_id": "m"}},
        {"code": 200, "body": '{"recipient_id": "7", "message_id": "m"}'},
    ],
)
def test_a_send_that_was_taken(response: Any) -> None:
    assert answer(response) == Answer(refused=False)


@pytest.mark.parametrize(
    "response",
    [
        {"error": ERROR},
        json.dumps({"error": ERROR}),
        {"error": json.dumps(ERROR)},
        {"error": {"error": ERROR}},
        {"error": json.dumps({"error": ERROR})},
        {"code": 400, "body": json.dumps({"error": ERROR})},
        ERROR,
        {"errors": [ERROR]},
        {"status": 400, "data": {"error": ERROR}},
        {"statusCode": "400", "body": json.dumps({"error": ERROR})},
        {"code": 400, "headers": [], "body": {"error": ERROR}},
        json.dumps({"code": 400, "body": json.dumps({"error": ERROR})}),
        {"error": {**ERROR, "code": "10", "error_subcode": "2018278"}},
    ],
)
def test_a_refusal_is_read_however_it_was_kept(response: Any) -> None:
    assert answer(response) == Answer(refused=True, code=10, subcode=2018278)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("(#100) No matching user found", 100),
        ("Request failed with status code 400", None),
        ({"message": "(#551) This person is not available"}, 551),
        ({"message": "(#551) This person is not available", "code": 10}, 10),
        (True, None),
        (400, None),
        ([ERROR], None),
        ({"code": True, "message": None}, None),
        ({"code": 1.5}, None),
    ],
)
def test_the_code_of_an_error(error: Any, code: int | None) -> None:
    assert answer({"error": error}) == Answer(refused=True, code=code)


@pytest.mark.parametrize("body", ["<html>Bad gateway</html>", "", None, "{}"])
def test_a_batch_answer_without_an_error_is_a_refusal_by_its_status(body: Any) -> None:
    assert answer({"code": 502, "body": body}) == Answer(refused=True)


def test_an_operation_that_a_batch_left_unanswered() -> None:
    assert answer({"code": 200, "body": None}) is None


@pytest.mark.parametrize(
    ("words", "about_tag"),
    [
        ("(#100) Invalid tag.", True),
        ("Message Tags have been deprecated", True),
        ("messaging_type must be MESSAGE_TAG", True),
        ("TAG", True),
        ("the stage is vintage", False),
        ("tagged", False),
        ("(#10) Outside of the window.", False),
    ],
)
def test_errors_about_tags(words: str, about_tag: bool) -> None:
    for error in (words, {"message": words}, {"message": "Invalid parameter", "error_user_msg": words}):
        found = answer({"error": error})
        assert found is not None
        assert found.about_tag is about_tag


def test_an_answer_keeps_none_of_the_errors_words() -> None:
    assert "window" not in repr(answer({"error": ERROR}))


def test_ids_are_read_out_of_a_batch_answer() -> None:
    body = json.dumps({"recipient_id": "7", "message_id": "m"})
    assert read_response({"code": 200, "body": body}) == {"recipient_id": "7", "message_id": "m"}
