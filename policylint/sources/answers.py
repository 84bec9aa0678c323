"""What the API answered to a send, as clients keep it: objects, JSON texts, answers of a batch."""

from __future__ import annotations

import re
from typing import Final

from policylint.documents import jsontext
from policylint.documents.places import BrokenText
from policylint.events import Answer, Json, read_id

_TAG: Final = re.compile(r"(?<![a-z])tags?(?![a-z])", re.IGNORECASE | re.ASCII)  # MESSAGE_TAG too, but not stage
_NUMBERED: Final = re.compile(r"\s*\(#([0-9]{1,9})\)")  # an error's message may begin with its code: (#100) …
_WORDS: Final = ("message", "error_user_title", "error_user_msg")
_STATUSES: Final = ("code", "status", "statusCode")
_BODIES: Final = ("body", "data")
_ERRORS: Final = frozenset({"error_subcode", "fbtrace_id", "type"})
_TAKEN: Final = ("message_id", "recipient_id")
_REFUSED: Final = 400  # from this HTTP status on, a batch's answer is a refusal


def read_response(value: Json) -> dict[str, Json]:
    """The API's answer as an object, an operation's answer out of a batch's; empty when there is none."""
    response = _object(value)
    status = next((code for name in _STATUSES if (code := _number(response.get(name))) is not None), None)
    holder = next((name for name in _BODIES if name in response), None)
    if status is not None and holder is not None:  # what HTTP clients keep, and the answers of a batch
        body = response[holder]
        inner = _object(body)
        if status >= _REFUSED and not inner.get("error"):
            return {**inner, "error": body if isinstance(body, str) and body.strip() else status}
        return inner
    if "error" not in response and isinstance(errors := response.get("errors"), list) and errors:
        return {**response, "error": errors[0]}
    if "error" not in response and "code" in response and not _ERRORS.isdisjoint(response):
        return {"error": response}  # the error alone, as client libraries raise it
    return response


def answer_of(response: dict[str, Json]) -> Answer | None:
    """What the API's answer says of the send; None where it says neither that it went out nor that it did not."""
    error = response.get("error")
    if not error:
        return Answer(refused=False) if any(read_id(response.get(name)) for name in _TAKEN) else None
    told = _object(error)
    told = _object(told.get("error")) or told  # some clients keep the whole body of an answer as the error
    words = [text for name in _WORDS if isinstance(text := told.get(name), str)]
    if not told and isinstance(error, str):
        words = [error]
    code = _number(told.get("code"))
    if code is None and words and (numbered := _NUMBERED.match(words[0])):
        code = int(numbered[1])
    return Answer(
        refused=True,
        code=code,
        subcode=_number(told.get("error_subcode")),
        about_tag=any(_TAG.search(text) for text in words),
    )


def _object(value: Json) -> dict[str, Json]:
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = jsontext.parse(value.encode())
        except (BrokenText, UnicodeEncodeError):
            return {}
    return value if isinstance(value, dict) else {}


def _number(value: Json) -> int | None:
    if isinstance(value, str) and len(value) < 16 and value.isascii() and value.isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
