"""What may be told of a recording: it is a private conversation, so neither its texts nor its people.

Names of fields are told, since a finding must say where it is. But a field's name can be a piece of text all the same
(YAML makes one of what follows a comma in unquoted text), so only what looks like a name is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from policylint.documents.places import unescape
from policylint.events import Pointer

_WORD: Final = re.compile(r"[A-Za-z][A-Za-z_.:-]{0,39}")
_NAME: Final = re.compile(r"(?!.*[0-9]{6})[A-Za-z_$][A-Za-z0-9_$.:/~-]{0,59}|[0-9]{1,6}")


def is_word(text: str) -> bool:
    """Whether `text` is one word as programmers write them, and so can be quoted: no spaces, no digits."""
    return _WORD.fullmatch(text) is not None


@lru_cache(maxsize=1024)  # most are of few places
def shown_pointer(pointer: Pointer) -> Pointer:
    """`pointer` up to the first field whose name could be private: a place above is told instead."""
    tokens = pointer.split("/")
    for n, token in enumerate(tokens[1:], 1):
        if not _NAME.fullmatch(unescape(token)):
            return "/".join(tokens[:n])
    return pointer


def pseudonym(conversation: str, key: str) -> str:
    """A name for a conversation that is the same in every run with this key, and tells nothing without it."""
    import hmac

    return hmac.new(key.encode(), conversation.encode(errors="surrogatepass"), "sha256").hexdigest()[:16]
