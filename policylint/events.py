"""The vocabulary that everyone shares: places, events, and records that make no sense."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeAlias

Json: TypeAlias = Any  # whatever orjson gives: None, bool, int, float, str, list, dict

Pointer: TypeAlias = str  # RFC 6901

# The field of a notification token, by the type of the opt-in that hands it over.
TOKENS: Final = {"one_time_notif_req": "one_time_notif_token", "notification_messages": "notification_messages_token"}
_BY_ID: Final = {"id"}
_COMMENTS: Final = ("comment_id", "post_id")


class History(StrEnum):
    """How much of a conversation its recording shows."""

    COMPLETE = "complete"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """A place: recording, record (counted from 1) and JSON pointer.

    `pointer` is relative to the send request. `line` and `column` count from 1, columns in code points; they are
    None where the recording shows no place (a decompressed stream that broke off, say).
    """

    source: str
    record: int
    pointer: Pointer = ""
    line: int | None = field(default=None, compare=False)
    column: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where in a recording an event was read: `base` points from the record's root to the send request or item.

    `document` is the number of the JSON or YAML document in the file (from 0), `root` the record's pointer in it.
    """

    source: str
    record: int
    document: int = 0
    root: Pointer = ""
    base: Pointer = ""
    nth: int = 0  # among the events of one record


class Platform(StrEnum):
    """Where a conversation takes place: each has editions of its own."""

    MESSENGER = "messenger"
    INSTAGRAM = "instagram"


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the person agreed to in a notification opt-in, or took back; `kind` is the opt-in's type.

    `status` is the platform's word where an earlier agreement is stopped or resumed. Times as in events.
    """

    token: str
    kind: str  # "one_time_notif_req" or "notification_messages"
    frequency: str | None = None  # "DAILY", "WEEKLY" or "MONTHLY"
    expires: int | None = None
    status: str | None = None  # "STOP NOTIFICATIONS" or "RESUME NOTIFICATIONS"

    @property
    def stops(self) -> bool:
        """Whether the person took an earlier agreement back."""
        return self.status is not None and self.status.upper().startswith("STOP")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API answered to a send. `code` and `subcode` are those of its error, None where it gave none.

    `about_tag` says that the error's own words speak of a tag: one code stands for several refusals. The words
    themselves are not kept.
    """

    refused: bool
    code: int | None = None
    subcode: int | None = None
    about_tag: bool = False


@dataclass(frozen=True, slots=True)
class PersonActed:
    """The person did something: `kind` is the webhook's own name for it (`message`, `postback`, `optin`, …).

    `comment` is a comment or visitor post on the page (`kind` is then `comment`), which a private reply may answer.
    """

    origin: Origin
    person: str | None
    page: str | None
    at: int | None  # microseconds since 1970, UTC
    kind: str
    text: str | None = None  # of a message
    mid: str | None = None
    user_ref: str | None = None  # how the checkbox plugin names a person who has not been written to yet
    digest: bytes = b""  # tells identical items apart from others
    script: str | None = None
    edition: str | None = None  # what a script asks for
    platform: Platform | None = None  # where the record says so
    agreement: Agreement | None = None  # of a notification opt-in
    from_ad: bool = False  # an ad that opens a conversation brought the person here
    comment: str | None = None  # the id of a comment or post


@dataclass(frozen=True, slots=True)
class PageSent:
    """The page sent (or tried to send) a request; an echo is read as the request it echoes."""

    origin: Origin
    person: str | None
    page: str | None
    at: int | None
    request: dict[str, Json]
    echo: bool = False
    message_id: str | None = None
    digest: bytes = b""  # of the whole log entry; empty for a bare request, which is never a repetition
    script: str | None = None
    edition: str | None = None  # what a script asks for
    platform: Platform | None = None  # where the record says so
    answer: Answer | None = None  # the API's, where one is recorded
    app_id: str | None = None  # the app that sent it, where an echo or the entry says so
    automated: bool | None = None  # whether a bot wrote it, where the entry says so
    sponsored: bool = False  # paid for: sent through an ad account
    broken: tuple[tuple[Pointer, str], ...] = ()  # JSON-in-string parts that are not JSON
    repeated: tuple[Pointer, ...] = ()  # keys that stand twice in one object

    @property
    def refused(self) -> bool:
        """Whether the API refused it, so that it reached nobody."""
        return self.answer is not None and self.answer.refused

    @property
    def token(self) -> str | None:
        """The notification token that it is addressed by, if it is."""
        return self._addressed_by(tuple(TOKENS.values()))

    @property
    def comment(self) -> str | None:
        """The id of the comment or visitor post that it answers in private, if it does."""
        return self._addressed_by(_COMMENTS)

    def _addressed_by(self, names: tuple[str, ...]) -> str | None:
        recipient = self.request.get("recipient")
        if not isinstance(recipient, dict) or recipient.keys() == _BY_ID:
            return None
        return next((known for name in names if (known := read_id(recipient.get(name)))), None)

    @property
    def is_message(self) -> bool:
        """Whether this is a message, not a sender action (`typing_on`, …)."""
        return self.request.get("sender_action") is None or self.request.get("message") is not None

    def in_record(self, pointer: Pointer) -> Pointer:
        """Where the recording itself has what `pointer` names in the request: an echo is spelt otherwise."""
        if self.echo:
            pointer = pointer.replace("/message/attachment", "/message/attachments/0", 1)
            if self.script is not None:
                pointer = pointer.removeprefix("/message")
        return self.origin.base + pointer


class Measure(StrEnum):
    """What the platform did to a page for breaching its policy."""

    WARNING = "warning"
    BLOCK = "block"
    UNBLOCK = "unblock"


@dataclass(frozen=True, slots=True)
class PageEnforced:
    """The platform warned, blocked or unblocked a page. Of no conversation: it concerns all of the page's."""

    origin: Origin
    page: str | None
    at: int | None
    measure: Measure
    digest: bytes = b""
    script: str | None = None  # a script's enforcement concerns that script only
    edition: str | None = None
    platform: Platform | None = None


Event: TypeAlias = PersonActed | PageSent
Happening: TypeAlias = Event | PageEnforced
"""Whatever a recording tells of: what happened in a conversation, or to a page."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that makes no sense: the log is the thing under test."""

    origin: Origin
    reason: str
    line: int | None = None
    column: int | None = None
    digest: bytes = b""


def read_id(value: Json) -> str | None:
    """An id as text, whether it was written as text or as a number; None for anything else."""
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None
