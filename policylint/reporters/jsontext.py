"""JSON as our reports write it: UTF-8 that every parser takes, and that can't steer a terminal."""

from __future__ import annotations

import re
from typing import Final

import orjson

from policylint.events import Json

_SURROGATE: Final = re.compile("[\ud800-\udfff]")

# orjson escapes the C0 controls; these are legal in JSON as they are, but a terminal or a line reader acts on them.
# So does a build server on `##[command]`, wherever it stands.
_ACTING: Final = re.compile(
    "[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|#(?=#[\\w.]*\\[)"
)


def json_text(value: Json, *, indent: bool = False) -> str:
    """`value` as JSON, keys in the order given, indented by two spaces or on one line.

    A lone surrogate has no place in UTF-8, and strict parsers refuse its escape too: it becomes six visible characters.
    """
    option = orjson.OPT_INDENT_2 if indent else 0
    try:
        encoded = orjson.dumps(value, option=option)
    except TypeError:
        encoded = orjson.dumps(_without_surrogates(value), option=option)
    return _ACTING.sub(lambda match: f"\\u{ord(match[0]):04x}", encoded.decode())


def _without_surrogates(value: Json) -> Json:
    match value:
        case str():
            return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", value)
        case dict():
            return {_without_surrogates(key): _without_surrogates(member) for key, member in value.items()}
        case list():
            return [_without_surrogates(member) for member in value]
        case _:
            return value
