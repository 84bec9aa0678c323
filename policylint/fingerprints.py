"""Fingerprints: names of findings that survive re-ordering, re-indenting and moving a recording.

Baselines and SARIF consumers match on them, so their making is a promise: a change makes every baseline stale.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Final

from policylint.events import Json, Pointer
from policylint.sources.requests import canonical

# Not part of what was sent: to whom, and with which keys.
_LEFT_OUT: Final = frozenset({"recipient", "access_token", "appsecret_proof"})


def of_request(rule: str, request: dict[str, Json], pointer: Pointer) -> str:
    """The fingerprint of a finding about a request: 20 hex digits over rule, request without recipient, and pointer."""
    return maker(rule, pointer)(request)


def maker(rule: str, pointer: Pointer) -> Callable[[dict[str, Json]], str]:
    """What gives `of_request` of one request after the other."""
    before, after = rule.encode() + b"\0", b"\0" + pointer.encode(errors="replace")

    def fingerprint(request: dict[str, Json]) -> str:
        kept = {name: value for name, value in request.items() if name not in _LEFT_OUT}
        return blake2b(before + canonical(kept) + after, digest_size=10).hexdigest()

    return fingerprint


def of_record(rule: str, content: bytes) -> str:
    """The fingerprint of a finding about a record as a whole: 20 hex digits over rule and content."""
    return blake2b(rule.encode() + b"\0" + content + b"\0", digest_size=10).hexdigest()
