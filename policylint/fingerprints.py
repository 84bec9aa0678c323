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
    return maker(rule, pointer)(substance_of(request))


def substance_of(request: dict[str, Json]) -> bytes:
    """What of a request its fingerprints are made of."""
    return canonical({name: value for name, value in request.items() if name not in _LEFT_OUT})


def maker(rule: str, pointer: Pointer) -> Callable[[bytes], str]:
    """What gives the fingerprints of such findings about one request after the other, by its substance."""
    before, after = rule.encode() + b"\0", b"\0" + pointer.encode(errors="replace")
    return lambda substance: blake2b(before + substance + after, digest_size=10).hexdigest()


def of_record(rule: str, content: bytes) -> str:
    """The fingerprint of a finding about a record as a whole: 20 hex digits over rule and content."""
    return blake2b(rule.encode() + b"\0" + content + b"\0", digest_size=10).hexdigest()
