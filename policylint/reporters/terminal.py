"""Text from recordings, made safe to print: it can't steer a terminal, and it can't command a build server."""

from __future__ import annotations

import re
from typing import Final

# Besides the control characters: everything that reorders or hides its neighbours (bidirectional controls, zero-width
# characters, separators that end a line for some programs), and lone surrogates, which no encoding can write.
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)

# Build servers look for commands anywhere in a line: GitHub for `##[error]`, others for `##vso[…]` or `##teamcity[…]`.
_COMMAND: Final = re.compile(r"##(?=\w*\[)")

_SHORT: Final = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def printable(text: str) -> str:
    """`text` on one line, with every character that acts instead of showing written as `\\n`, `\\x1b`, `\\u202e`."""
    if text.isascii() and text.isprintable() and "##" not in text:
        return text
    return _COMMAND.sub(r"#\\x23", _UNSAFE.sub(_escape, text))


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    return _SHORT.get(character) or (f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}")
