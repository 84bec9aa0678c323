"""Fingerprints: names of findings that survive re-ordering, re-indenting and moving a recording.

Baselines and SARIF consumers match on them, so their making is a promise: a change makes every baseline stale.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

from policylint.events import Json, Pointer
from policylint.sources.requests import canonical

# Not part of what was sent: to whom, and with which keys.
_LEFT_OUT: Final = frozenset({"recipient", "access_token", "appsecret_proof"})


def of_request(rule: str, request: dict[str, Json], pointer: Pointer) -> str:
    """The fingerprint of a finding about a request: 20 hex digits over rule, request without recipient, and pointer."""
    kept = {name: value for name, value in request.items() if name not in _LEFT_OUT}
    return _hash(rule, canonical(kept), pointer)


def of_record(rule: str, content: bytes) -> str:
    """The fingerprint of a finding about a record as a whole: 20 hex digits over rule and content."""
    return _hash(rule, content, "")


def _hash(rule: str, content: bytes, pointer: str) -> str:
    parts = (rule.encode(), content, pointer.encode(errors="replace"))
    return blake2b(b"\0".join(parts), digest_size=10).hexdigest()
