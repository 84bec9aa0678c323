"""What rules may look at: a flat, typed, documented set of facts, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from policylint.editions import Edition, NotificationTerms, Tag, TagSpan
from policylint.events import Json, Pointer
from policylint.message import links_of
from policylint.permissions import FREQUENCIES, ONE_TIME, RECURRING, Comment, Token
from policylint.rules.verbs import Kind
from policylint.situation import Doubt, Facts, select, told
from policylint.structure.problem import Problem
from policylint.window import Window

PAYLOAD: Final = "payload."


Reader: TypeAlias = Callable[[Facts], Sequence[tuple[Pointer | None, Any]]]


def reader(name: str) -> Reader:
    """What gives the values of a fact, each with the place that it came from where it has one; empty for none."""
    if name.startswith(PAYLOAD):
        pointer = name[len(PAYLOAD) :]
        return lambda facts: select(facts.event.request, pointer)
    read = FACTS[name].read
    if name in _LOCATED:
        return read  # the readers of these give pairs

    def of(facts: Facts) -> Sequence[tuple[Pointer | None, Any]]:
        value = read(facts)
        return () if value is None else ((None, value),)

    return of


def has_places(name: str) -> bool:
    """Whether the values of a fact come with the places that they stand at."""
    return name.startswith(PAYLOAD) or name in _LOCATED


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


def _retiring(facts: Facts) -> bool | None:
    if facts.tag is None:
        return None
    since = facts.tag.retiring_since
    return since is not None and since <= facts.situation.regime.day


def _retires_on(facts: Facts) -> str | None:
    edition: Edition | None = facts.edition
    while facts.tag is not None and edition is not None:
        if facts.tag.name not in edition.tags:
            return edition.since
        edition = facts.situation.editions.after(edition)
    return None


def _asked(facts: Facts) -> bool | None:
    return facts.asked_for_promotion if facts.permission == ONE_TIME else None


def _of_window(read: Callable[[Window, Edition], Any]) -> Callable[[Facts], Any]:
    def of(facts: Facts) -> Any:
        window = facts.situation.window
        return None if window is None or facts.event.at is None else read(window, facts.edition)

    return of


def _of_span(read: Callable[[TagSpan, Facts], Any]) -> Callable[[Facts], Any]:
    return lambda facts: None if facts.tag_span is None else read(facts.tag_span, facts)


def _of_token(read: Callable[[Token, int, Facts], Any]) -> Callable[[Facts], Any]:
    """A fact of the notification token; it has none where the edition has no such notifications."""

    def of(facts: Facts) -> Any:
        token, at = facts.token, facts.event.at
        if token is None or at is None or facts.permission not in (ONE_TIME, RECURRING):
            return None
        return read(token, at, facts)

    return of


def _of_terms(read: Callable[[Token, int, NotificationTerms], Any]) -> Callable[[Facts], Any]:
    def of(token: Token, at: int, facts: Facts) -> Any:
        terms = facts.terms
        return None if terms is None or facts.permission != RECURRING else read(token, at, terms)

    return _of_token(of)


def _life(token: Token, _: int, facts: Facts) -> int | None:
    if facts.permission == ONE_TIME:
        return facts.edition.one_time_token_life
    return token.life(facts.terms) if facts.terms else None


def _of_comment(read: Callable[[Comment, Facts], Any]) -> Callable[[Facts], Any]:
    """A fact of the comment that is answered; it has none where the edition has no private replies."""
    return lambda facts: (
        None if facts.comment is None or facts.edition.private_reply_within is None else read(facts.comment, facts)
    )


def _comment_age(comment: Comment, facts: Facts) -> int | None:
    return None if comment.at is None or facts.event.at is None else facts.event.at - comment.at


def _of_doubt(read: Callable[[Doubt], Any]) -> Callable[[Facts], Any]:
    return lambda facts: None if facts.doubt is None else read(facts.doubt)


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
    "message.automated": FactSpec(
        Kind.FLAG, "whether the record or the configuration shows that a bot wrote it", lambda f: f.situation.automated
    ),
    "message.permission": FactSpec(
        Kind.TEXT,
        "what lets it through apart from the window: one-time notification, recurring notification, utility message, "
        "private reply, sponsored message or subscription message",
        lambda f: f.permission,
    ),
    "message.exempt": FactSpec(Kind.FLAG, "whether its content stands outside the window", lambda f: f.exempt),
    "tag.known": FactSpec(
        Kind.FLAG,
        "whether some edition has the tag, wrong case included",
        lambda f: None if _text(f.raw_tag) is None else f.tag is not None or f.tag_span is not None,
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
    "tag.late": FactSpec(
        Kind.FLAG, "whether the person's last action is longer ago than the tag allows", lambda f: f.tag_is_late
    ),
    "tag.disputed_contents": FactSpec(
        Kind.LIST, "contents that one page allows and another leaves out", _of_tag(lambda t: t.disputed_contents)
    ),
    "tag.doubt": FactSpec(Kind.TEXT, "why it is not certain that everyone may use it", _of_tag(lambda t: t.doubt)),
    "tag.retiring": FactSpec(Kind.FLAG, "whether its end has been announced", _retiring),
    "tag.retires_on": FactSpec(Kind.TEXT, "the day from which it is no longer in force", _retires_on),
    "tag.span": FactSpec(
        Kind.TEXT,
        "when a tag that is not in force was retired, or when it comes",
        _of_span(lambda span, f: told(span, f.edition)),
    ),
    "tag.retired": FactSpec(
        Kind.FLAG,
        "whether a tag that is not in force was so before",
        _of_span(lambda span, f: span.since < f.edition.since),
    ),
    "tag.successor": FactSpec(
        Kind.TEXT,
        "the tag, in force, that took over from one that is not, at least in part",
        _of_span(lambda span, f: span.tag.successor if span.tag.successor in f.edition.tags else None),
    ),
    "window.state": FactSpec(Kind.TEXT, "open, closed or unknown", lambda f: f.window_state),
    "window.age": FactSpec(Kind.DURATION, "how long ago the person last acted", lambda f: f.age),
    "window.ad_undecided": FactSpec(
        Kind.FLAG, "whether only the longer window of an ad could still be open", lambda f: f.ad_undecided
    ),
    "window.length": FactSpec(Kind.DURATION, "how long a window is", lambda f: f.edition.window),
    "window.started": FactSpec(
        Kind.FLAG, "whether an action of the person is on record", _of_window(lambda w, edition: w.started(edition))
    ),
    "window.history": FactSpec(
        Kind.TEXT,
        "complete or partial",
        lambda f: None if f.situation.window is None else str(f.situation.horizon.history),
    ),
    "window.extra_messages_sent": FactSpec(
        Kind.NUMBER,
        "extra messages since the person last acted",
        _of_window(lambda w, edition: w.extra_messages_sent(edition)),
    ),
    "window.extra_messages_allowed": FactSpec(
        Kind.NUMBER, "extra messages that the edition grants", lambda f: f.edition.extra_messages
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
    "page.news": FactSpec(
        Kind.FLAG,
        "whether the page is registered as a news page",
        lambda f: f.situation.page.news and f.edition.news_messaging,
    ),
    "page.blocked": FactSpec(
        Kind.FLAG, "whether the platform had blocked the page when it was sent", lambda f: f.situation.blocked
    ),
    "notification.uses": FactSpec(
        Kind.NUMBER, "messages sent with the same token before", _of_token(lambda t, at, f: t.uses)
    ),
    "notification.age": FactSpec(
        Kind.DURATION,
        "how long ago the person agreed to it",
        _of_token(lambda t, at, f: None if t.agreed_at is None else at - t.agreed_at),
    ),
    "notification.life": FactSpec(Kind.DURATION, "how long its token lasts", _of_token(_life)),
    "notification.expired": FactSpec(
        Kind.FLAG,
        "whether the opt-in itself said that the token has expired by then",
        _of_token(lambda t, at, f: t.expires is not None and f.tokens_expire and at > t.expires),
    ),
    "notification.stopped": FactSpec(
        Kind.FLAG, "whether the person stopped them", _of_token(lambda t, at, f: t.stopped)
    ),
    "notification.frequency": FactSpec(
        Kind.TEXT,
        "DAILY, WEEKLY or MONTHLY, as agreed",
        _of_token(lambda t, at, f: t.frequency if t.frequency in FREQUENCIES else None),
    ),
    "notification.too_soon": FactSpec(
        Kind.FLAG,
        "whether it comes before its time; a burst counts as one message",
        _of_terms(lambda t, at, terms: t.too_soon(at, terms)),
    ),
    "notification.gap": FactSpec(
        Kind.DURATION,
        "the time since the last one that counts",
        _of_terms(lambda t, at, _: None if t.first_of_burst is None else at - t.first_of_burst),
    ),
    "notification.least_gap": FactSpec(
        Kind.DURATION, "the least time between two", _of_terms(lambda t, at, terms: t.least_gap(terms))
    ),
    "notification.asked": FactSpec(
        Kind.TEXT,
        "the title of the request on record for a one-time notification",
        lambda f: " ".join(f.situation.permissions.asked or ()) or None if f.permission == ONE_TIME else None,
        private=True,
    ),
    "notification.asked_for_promotion": FactSpec(
        Kind.FLAG, "whether the request on record for a one-time notification spoke of offers", _asked
    ),
    "private_reply.replies": FactSpec(
        Kind.NUMBER, "private replies to the same comment or post before", _of_comment(lambda c, f: c.replies)
    ),
    "private_reply.age": FactSpec(Kind.DURATION, "how long ago the comment was written", _of_comment(_comment_age)),
    "private_reply.within": FactSpec(
        Kind.DURATION, "how long a comment may be answered", _of_comment(lambda c, f: f.edition.private_reply_within)
    ),
    "private_reply.may_be_tagged": FactSpec(
        Kind.FLAG, "whether a private reply may carry a tag", _of_comment(lambda c, f: f.edition.private_reply_tagged)
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
    "edition.id": FactSpec(Kind.TEXT, "the edition that the message is judged by", lambda f: f.edition.id),
    "edition.platform": FactSpec(Kind.TEXT, "messenger or instagram", lambda f: str(f.edition.platform)),
    "edition.messaging_type": FactSpec(Kind.TEXT, "absent, optional or required", lambda f: f.edition.messaging_type),
    "edition.other_tags": FactSpec(
        Kind.TEXT, "how a tag of other editions only is told: note or error", lambda f: f.other_tags
    ),
    "edition.notifications_ended": FactSpec(
        Kind.FLAG,
        "whether recurring notifications have ended",
        lambda f: f.edition.notifications_kept_in is not None,
    ),
    "edition.notifications_kept_in": FactSpec(
        Kind.LIST, "the places where they go on", lambda f: f.edition.notifications_kept_in
    ),
    "edition.tags": FactSpec(Kind.LIST, "the edition's tags", lambda f: tuple(f.edition.tags)),
    "structure.kind": FactSpec(Kind.TEXT, "the kind of a structural problem", _of_problem(lambda p: p.kind)),
    "structure.pointer": FactSpec(Kind.TEXT, "the value at fault", _of_problem(lambda p: p.pointer)),
    "structure.detail": FactSpec(Kind.TEXT, "what is wrong with it", _of_problem(lambda p: p.detail)),
    "structure.allowed": FactSpec(Kind.TEXT, "what would have been allowed", _of_problem(lambda p: p.allowed)),
    "doubt.rule": FactSpec(Kind.TEXT, "the rule that one of two editions has", _of_doubt(lambda d: d.rule)),
    "doubt.pointer": FactSpec(Kind.TEXT, "the value at fault under it", _of_doubt(lambda d: d.pointer)),
    "doubt.forbidding": FactSpec(Kind.TEXT, "the edition that forbids it", _of_doubt(lambda d: d.forbidding)),
    "doubt.allowing": FactSpec(Kind.TEXT, "the edition that allows it", _of_doubt(lambda d: d.allowing)),
    "record.problem": FactSpec(Kind.TEXT, "why a record could not be read", lambda f: f.failure),
    "check.failure": FactSpec(Kind.TEXT, "what went wrong in a check", lambda f: f.failure),
}

_LOCATED: Final = frozenset({"message.texts", "message.urls"})
