"""What rules may look at: a flat, typed, documented set of facts, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from policylint.documents.places import escape, unescape
from policylint.editions import Edition, Tag
from policylint.events import Json, PageSent, Pointer
from policylint.findings import Evidence
from policylint.message import content_of, links_of, texts_of
from policylint.rules.verbs import Kind
from policylint.structure.problem import Problem
from policylint.suggestions import nearest_name
from policylint.window import Horizon, Window

if TYPE_CHECKING:
    from policylint.lexicons.scorer import Score, Scorer

PAYLOAD: Final = "payload."


@dataclass(slots=True, kw_only=True)
class Situation:
    """What is known when a page's message is judged. `window` is None where no window rule applies to it."""

    edition: Edition
    scorer: Scorer
    horizon: Horizon
    window: Window | None = None
    subscription_page: bool = False


class Facts:
    """The facts of one message, each worked out when it is first asked for."""

    def __init__(self, event: PageSent, situation: Situation) -> None:
        self.event = event
        self.situation = situation
        self.problem: Problem | None = None  # the structural problem a rule is asked about
        self.failure: str | None = None  # what went wrong with a record or a check
        self._scores: dict[str, Score] = {}

    def values(self, name: str) -> Sequence[tuple[Pointer | None, Any]]:
        """The values of a fact, each with the place that it came from where it has one; empty when there is none."""
        if name.startswith(PAYLOAD):
            return select(self.event.request, name[len(PAYLOAD) :])
        value = FACTS[name].read(self)
        if value is None:
            return ()
        if name in _LOCATED:
            return value  # type: ignore[no-any-return]  # the readers of these give pairs
        return ((None, value),)

    @cached_property
    def content(self) -> str:
        return content_of(self.event.request)

    @cached_property
    def texts(self) -> list[tuple[Pointer, str]]:
        return texts_of(self.event.request)

    @cached_property
    def raw_tag(self) -> Json:
        return self.event.request.get("tag")

    @cached_property
    def tag(self) -> Tag | None:
        """The edition's tag that the message carries or, in the wrong case, means."""
        raw = self.raw_tag
        return self.situation.edition.tags.get(raw.upper()) if isinstance(raw, str) and raw.isascii() else None

    @cached_property
    def tag_elsewhere(self) -> bool:
        raw = self.raw_tag
        return isinstance(raw, str) and self.tag is None and raw.upper() in self.situation.edition.elsewhere

    @cached_property
    def tag_suggestion(self) -> str:
        near = nearest_name(self.raw_tag, self.situation.edition.tags) if isinstance(self.raw_tag, str) else None
        return f"; did you mean {near}?" if near else ""

    @cached_property
    def foreign_tag(self) -> bool:
        """Whether there is a tag that is not in force: the window rules leave the message alone."""
        return self.raw_tag is not None and self.tag is None

    @cached_property
    def exempt(self) -> bool:
        return self.content in self.situation.edition.exempt_contents

    @cached_property
    def subscription(self) -> bool:
        return self.situation.subscription_page and self.situation.edition.subscription_messaging

    @cached_property
    def window_state(self) -> str | None:
        """The window's state; None where no window rule applies."""
        window, at = self.situation.window, self.event.at
        if window is None or at is None:
            return None
        return window.state(at, self.situation.edition, self.situation.horizon)

    @cached_property
    def spends_extra(self) -> bool:
        """Whether this is a message that only the extra message after the window could cover."""
        return (
            self.window_state == "closed"
            and self.raw_tag is None
            and not self.exempt
            and not self.subscription
            and not self.event.echo
        )

    def score(self, signal: str) -> Score:
        if signal not in self._scores:
            kinds = self.situation.edition.promotional_kinds if signal == "promotional" else None
            self._scores[signal] = self.situation.scorer.score(signal, self.texts, kinds)
        return self._scores[signal]

    def evidence(self, name: str) -> tuple[Evidence, ...]:
        """The pieces of text that speak for a `content.*` fact."""
        return self.score(signal_of_fact(name)).evidence


def signal_of_fact(name: str) -> str:
    """The signal of the lexicons that a `content.*` fact rests on."""
    return name.removeprefix("content.").removesuffix("_kinds")


def select(value: Json, pointer: Pointer) -> list[tuple[Pointer, Json]]:
    """What `pointer` names in `value`; `*` stands for any key or index. JSON null counts as absent."""
    found: list[tuple[Pointer, Json]] = [("", value)]
    for token in pointer.split("/")[1:]:
        step: list[tuple[Pointer, Json]] = []
        for place, item in found:
            if isinstance(item, dict):
                names = item if token == "*" else (unescape(token),)
                step += [(f"{place}/{escape(name)}", item[name]) for name in names if name in item]
            elif isinstance(item, list):
                indices = range(len(item)) if token == "*" else (int(token),) if token.isdecimal() else ()
                step += [(f"{place}/{n}", item[n]) for n in indices if n < len(item)]
        found = step
    return [(place, item) for place, item in found if item is not None]


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact: its type, what it means, and how it is worked out. `private` ones never appear in a message."""

    kind: Kind
    means: str
    read: Callable[[Facts], Any]
    private: bool = False


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def _value(signal: str) -> Callable[[Facts], float]:
    return lambda facts: facts.score(signal).value


def _kinds(facts: Facts) -> tuple[str, ...]:
    evidence = facts.score("promotional").evidence
    return tuple(dict.fromkeys(piece.kind for piece in evidence if piece.kind))


def _of_tag(read: Callable[[Tag], Any]) -> Callable[[Facts], Any]:
    return lambda facts: None if facts.tag is None else read(facts.tag)


def _of_window(read: Callable[[Window, int], Any]) -> Callable[[Facts], Any]:
    def of(facts: Facts) -> Any:
        window, at = facts.situation.window, facts.event.at
        return None if window is None or at is None else read(window, at)

    return of


def _of_problem(read: Callable[[Problem], Any]) -> Callable[[Facts], Any]:
    return lambda facts: None if facts.problem is None else read(facts.problem)


FACTS: Final[Mapping[str, FactSpec]] = {
    "message.content": FactSpec(
        Kind.TEXT, "text, image, audio, video, file, template:<type>, or none", lambda f: f.content
    ),
    "message.tag": FactSpec(Kind.TEXT, "the tag as written", lambda f: _text(f.raw_tag)),
    "message.tagged": FactSpec(Kind.FLAG, "whether there is a tag of any kind", lambda f: f.raw_tag is not None),
    "message.messaging_type": FactSpec(
        Kind.TEXT, "the messaging_type as written", lambda f: _text(f.event.request.get("messaging_type"))
    ),
    "message.texts": FactSpec(Kind.TEXT, "each text that the person would read", lambda f: f.texts, private=True),
    "message.urls": FactSpec(
        Kind.TEXT, "each address in the message", lambda f: links_of(f.event.request), private=True
    ),
    "message.at": FactSpec(Kind.TIME, "when it was sent", lambda f: f.event.at),
    "message.refused": FactSpec(Kind.FLAG, "whether the API refused it", lambda f: f.event.refused),
    "message.echo": FactSpec(Kind.FLAG, "whether only an echo shows it, without its tag", lambda f: f.event.echo),
    "message.exempt": FactSpec(Kind.FLAG, "whether its content stands outside the window", lambda f: f.exempt),
    "tag.known": FactSpec(
        Kind.FLAG,
        "whether some edition has the tag, wrong case included",
        lambda f: None if _text(f.raw_tag) is None else f.tag is not None or f.tag_elsewhere,
    ),
    "tag.in_force": FactSpec(
        Kind.FLAG,
        "whether the edition has the tag, wrong case included",
        lambda f: None if _text(f.raw_tag) is None else f.tag is not None,
    ),
    "tag.suggestion": FactSpec(
        Kind.TEXT,
        "a question whether a tag of the edition was meant, where one is close",
        lambda f: None if _text(f.raw_tag) is None else f.tag_suggestion,
    ),
    "tag.name": FactSpec(Kind.TEXT, "the tag that is meant", _of_tag(lambda t: t.name)),
    "tag.contents": FactSpec(
        Kind.LIST, "contents that may carry the tag; none listed means any", _of_tag(lambda t: t.contents)
    ),
    "tag.purpose": FactSpec(Kind.TEXT, "what the tag is for", _of_tag(lambda t: t.purpose)),
    "tag.topics": FactSpec(Kind.LIST, "topics that serve its purpose", _of_tag(lambda t: t.topics)),
    "tag.forbids": FactSpec(Kind.LIST, "what it may not be used for", _of_tag(lambda t: t.forbids)),
    "tag.needs": FactSpec(Kind.LIST, "what must have happened before", _of_tag(lambda t: t.needs)),
    "tag.age_limit": FactSpec(Kind.DURATION, "how long after the person's action", _of_tag(lambda t: t.age_limit)),
    "window.state": FactSpec(Kind.TEXT, "open, closed or unknown", lambda f: f.window_state),
    "window.age": FactSpec(Kind.DURATION, "how long ago the person last acted", _of_window(lambda w, at: w.age(at))),
    "window.length": FactSpec(Kind.DURATION, "how long a window is", lambda f: f.situation.edition.window),
    "window.started": FactSpec(
        Kind.FLAG, "whether an action of the person is on record", _of_window(lambda w, _: w.started)
    ),
    "window.history": FactSpec(
        Kind.TEXT,
        "complete or partial",
        lambda f: None if f.situation.window is None else str(f.situation.horizon.history),
    ),
    "window.extra_messages_sent": FactSpec(
        Kind.NUMBER, "extra messages since the person last acted", _of_window(lambda w, _: w.extra_messages_sent)
    ),
    "window.extra_messages_allowed": FactSpec(
        Kind.NUMBER, "extra messages that the edition grants", lambda f: f.situation.edition.extra_messages
    ),
    "window.messages_sent": FactSpec(
        Kind.NUMBER,
        "messages of the page before this one, unknown tags aside",
        _of_window(lambda w, _: w.messages_sent),
    ),
    "window.needs_extra": FactSpec(
        Kind.FLAG,
        "whether only the extra message could cover it: untagged, not exempt, window closed",
        lambda f: None if f.situation.window is None else f.spends_extra,
    ),
    "window.opted_out": FactSpec(Kind.FLAG, "whether the person asked to stop", _of_window(lambda w, _: w.opted_out)),
    "window.person_wrote": FactSpec(
        Kind.FLAG, "whether a message of the person is on record", _of_window(lambda w, _: w.person_wrote)
    ),
    "page.subscription": FactSpec(
        Kind.FLAG, "whether the page is approved for subscription messaging", lambda f: f.subscription
    ),
    "content.promotional": FactSpec(
        Kind.NUMBER, "how promotional the texts are; 1 and above counts as promotion", _value("promotional")
    ),
    "content.promotional_kinds": FactSpec(
        Kind.LIST, "the kinds of promotion that the texts show: coupon, sale, upsell, …; empty below 1", _kinds
    ),
    "content.asks_feedback": FactSpec(
        Kind.NUMBER, "how much the texts ask for feedback; 1 and above counts", _value("asks_feedback")
    ),
    "content.topic": FactSpec(
        Kind.TEXT, "the topic that clearly leads, if one does", lambda f: f.situation.scorer.topic(f.texts)
    ),
    "edition.id": FactSpec(Kind.TEXT, "the edition that the message is judged by", lambda f: f.situation.edition.id),
    "edition.tags": FactSpec(Kind.LIST, "the edition's tags", lambda f: tuple(f.situation.edition.tags)),
    "structure.kind": FactSpec(Kind.TEXT, "the kind of a structural problem", _of_problem(lambda p: p.kind)),
    "structure.pointer": FactSpec(Kind.TEXT, "the value at fault", _of_problem(lambda p: p.pointer)),
    "structure.detail": FactSpec(Kind.TEXT, "what is wrong with it", _of_problem(lambda p: p.detail)),
    "structure.allowed": FactSpec(Kind.TEXT, "what would have been allowed", _of_problem(lambda p: p.allowed)),
    "record.problem": FactSpec(Kind.TEXT, "why a record could not be read", lambda f: f.failure),
    "check.failure": FactSpec(Kind.TEXT, "what went wrong in a check", lambda f: f.failure),
}

_LOCATED: Final = frozenset({"message.texts", "message.urls"})
