"""What a change from one edition to another means for who runs a business, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from policylint.durations import UNITS, format_duration
from policylint.editions import Edition, NotificationTerms, Tag

_MANY: Final = 5  # names in one sentence; more of them are counted
_BEFORE: Final = "before"

_OPENERS: Final = {
    "message": "a message",
    "postback": "a tap on a button",
    "optin": "an opt-in through a plugin",
    "referral": "coming by a link",
    "reaction": "a reaction to a message",
}


def meaning(before: Edition, after: Edition) -> tuple[str, ...]:
    """What changes for a business from `before` to `after`; it reads as well when `after` is the earlier edition."""
    forward = before.platform is after.platform and before.since <= after.since
    turn = _Turn(before, after, _BEFORE if forward else f"under {before.id}")
    return tuple(sentence for topic in _TOPICS for sentence in topic(turn))


@dataclass(frozen=True, slots=True)
class _Turn:
    before: Edition
    after: Edition
    then: str  # how to speak of the first edition

    @property
    def is_forward(self) -> bool:
        """Whether it goes with time, on one platform."""
        return self.then == _BEFORE

    @property
    def common(self) -> list[tuple[Tag, Tag]]:
        return [(self.before.tags[name], tag) for name, tag in self.after.tags.items() if name in self.before.tags]


def _window(turn: _Turn) -> Iterator[str]:
    was, is_now = turn.before.window, turn.after.window
    if was == is_now:
        return
    if was is None:
        yield (
            f"A business may answer for {_span(is_now)} after the person's last action; {turn.then}, no such limit is "
            "on record."
        )
    elif is_now is None:
        yield (
            "No limit on how long a business may answer is on record; "
            f"{turn.then}, it was {_span(was)} after the person's last action."
        )
    else:
        yield f"A business may answer for {_span(is_now)}; {turn.then}, for {_span(was)}."


def _extra(turn: _Turn) -> Iterator[str]:
    was, is_now = turn.before.extra_messages, turn.after.extra_messages
    if was == is_now or turn.after.window is None:
        return
    untagged = " without a tag" if turn.after.tags else ""
    allowed = (
        "no further message"
        if is_now == 0
        else f"{_number(is_now)} more {'message' if is_now == 1 else 'messages'} until the person acts again"
    )
    past = "" if turn.before.window is None else f"; {turn.then}, {_was(was, 'allowed')}"
    if is_now == 0:
        yield f"After the window {allowed} may be sent{untagged}{past}."
    else:
        yield f"After the window a business may send {allowed.replace(' until', untagged + ' until')}{past}."


def _openers(turn: _Turn) -> Iterator[str]:
    if turn.before.window is None or turn.after.window is None:
        return
    for kind in sorted(turn.after.opens - turn.before.opens):
        yield f"{_capital(_OPENERS.get(kind, kind))} opens the window, too; {turn.then}, it did not."
    for kind in sorted(turn.before.opens - turn.after.opens):
        yield f"{_capital(_OPENERS.get(kind, kind))} does not open the window; {turn.then}, it did."


def _ads(turn: _Turn) -> Iterator[str]:
    was, is_now = turn.before.ad_window, turn.after.ad_window
    if was != is_now and is_now is not None:
        yield f"An ad that opens a conversation may give up to {_span(is_now)} to answer; {turn.then}, {_longest(was)}."
    elif was != is_now:
        yield f"An ad gives no more time to answer than anything else; {turn.then}, up to {_span(was)}."


def _longest(window: int | None) -> str:
    return "ads gave no more than anything else" if window is None else f"up to {_span(window)}"


def _tags(turn: _Turn) -> Iterator[str]:
    gone = [name for name in turn.before.tags if name not in turn.after.tags]
    come = [tag for name, tag in turn.after.tags.items() if name not in turn.before.tags]
    if gone:
        total = len(turn.before.tags)
        all_of_them = f"all {_number(total)}" if len(gone) == total else f"{_number(len(gone))} of the {_number(total)}"
        which = _and(gone) if len(gone) <= _MANY else f"{all_of_them} message tags"
        cannot = "can no longer be used" if turn.is_forward else "can't be used"
        with_it = "it" if len(gone) == 1 else "one of them"
        yield f"{_capital(which)} {cannot}; {turn.then}, a message with {with_it} could go out after the window."
    if come:
        count = "a" if len(come) == 1 else f"one of {_number(len(come))}"
        which = f"{count} {'tag' if len(come) == 1 else 'tags'}"
        if turn.is_forward:
            which = which.replace("tag", "new tag")
        else:
            which += f" that {turn.before.id} does not have"
        purposes = "; ".join(f"{tag.name} for {tag.purpose}" for tag in come)
        yield f"After the window a message may carry {which}{f': {purposes}' if len(come) <= _MANY else ''}."


def _same_tags(turn: _Turn) -> Iterator[str]:
    freed = [new.name for old, new in turn.common if old.contents and not new.contents]
    bound = [new.name for old, new in turn.common if new.contents and new.contents != old.contents]
    if freed:
        yield f"{_names(freed, turn)} may carry any template or text; {turn.then}, only certain contents."
    if bound:
        yield f"{_names(bound, turn)} may carry certain contents only; {turn.then}, {_other(turn, bound)}."
    for name, tag in turn.after.tags.items():
        if tag.doubt and name not in turn.before.tags:
            yield f"It is not certain that everyone may use {name}: {tag.doubt}."
    for old, new in turn.common:
        if old.purpose != new.purpose:
            yield f"{new.name} has another purpose: {new.purpose}; {turn.then}, {old.purpose}."
        if old.age_limit != new.age_limit:
            limit = "has no time limit" if new.age_limit is None else f"may be used for {_span(new.age_limit)}"
            past = "had none" if old.age_limit is None else f"it was {_span(old.age_limit)}"
            yield f"{new.name} {limit}; {turn.then}, {past}."
        if old.doubt and not new.doubt:
            yield f"{new.name} can be used without doubt; {turn.then}, it could not: {old.doubt}."
        elif new.doubt and new.doubt != old.doubt:
            yield f"It is not certain that everyone may use {new.name}: {new.doubt}."
    dying = [new for old, new in turn.common if new.retiring_since and not old.retiring_since]
    if dying:
        yield f"The end of {_and([tag.name for tag in dying])} is announced, on {_and(_days(dying))}."


def _days(tags: Sequence[Tag]) -> list[str]:
    return sorted({tag.retiring_since for tag in tags if tag.retiring_since})


def _names(names: Sequence[str], turn: _Turn) -> str:
    if len(names) <= _MANY:
        return _and(names)
    return "All tags" if len(names) == len(turn.after.tags) else f"{_capital(_number(len(names)))} tags"


def _other(turn: _Turn, names: Sequence[str]) -> str:
    free = all(not turn.before.tags[name].contents for name in names)
    return "any" if free else "others"


_TYPES: Final = {
    "absent": "there was no such field",
    "optional": "it was optional",
    "required": "it was mandatory",
}


def _messaging_type(turn: _Turn) -> Iterator[str]:
    was, is_now = turn.before.messaging_type, turn.after.messaging_type
    if was == is_now:
        return
    told = {
        "absent": "There is no field messaging_type",
        "optional": "A message may say in messaging_type what it is",
        "required": "Every message has to say in messaging_type what it is",
    }[is_now]
    yield f"{told}; {turn.then}, {_TYPES[was]}."


def _exempt(turn: _Turn) -> Iterator[str]:
    if turn.before.window is None or turn.after.window is None:
        come = turn.after.exempt_contents if turn.after.window is not None else frozenset()
        if come:
            yield f"Templates made for one interaction may be sent after the window, too: {_templates(come)}."
        return
    come = turn.after.exempt_contents - turn.before.exempt_contents
    gone = turn.before.exempt_contents - turn.after.exempt_contents
    if come:
        yield f"These may be sent after the window, too: {_templates(come)}; {turn.then}, they could not."
    if gone:
        yield f"These count as any other message: {_templates(gone)}; {turn.then}, they could be sent after the window."


def _templates(contents: Collection[str]) -> str:
    return _and(sorted(content.removeprefix("template:") for content in contents))


def _pages(turn: _Turn) -> Iterator[str]:
    was, is_now = turn.before.subscription_messaging, turn.after.subscription_messaging
    if was != is_now:
        yield (
            f"Pages that are approved for subscription messaging {_may(is_now)} send after the window; "
            f"{turn.then}, they {_could(was)}."
        )
    was, is_now = turn.before.news_messaging, turn.after.news_messaging
    if was != is_now:
        yield (
            f"Pages that are registered as news pages {_may(is_now)} send news after the window; "
            f"{turn.then}, they {_could(was)}."
        )
    was, is_now = turn.before.utility_messages, turn.after.utility_messages
    if was != is_now:
        yield (
            f"Utility templates that were approved beforehand {_may(is_now)} be sent at any time; "
            f"{turn.then}, they {_could(was)}."
        )


def _may(on: bool) -> str:
    return "may" if on else "may not"


def _could(on: bool) -> str:
    return "could" if on else "could not"


def _notifications(turn: _Turn) -> Iterator[str]:
    was, is_now = turn.before.one_time_token_life, turn.after.one_time_token_life
    if is_now is not None and was != is_now:
        since = turn.after.one_time_since
        who = f"From {since} on, a person" if since else "A person"
        yield (
            f"{who} can agree to one later message, a one-time notification; the agreement is good for {_span(is_now)}."
        )
    elif was != is_now:
        yield f"There are no one-time notifications; {turn.then}, a person could agree to one later message."
    old, new = turn.before.terms_on(turn.before.since), turn.after.terms_on(turn.after.since)
    kept = turn.after.notifications_kept_in
    if kept is not None and kept != turn.before.notifications_kept_in:
        yield f"Recurring notifications have ended{f', except in {_and(kept)}' if kept else ' everywhere'}."
    elif kept is None and turn.before.notifications_kept_in is not None and new is not None:
        yield f"Recurring notifications can be sent everywhere; {turn.then}, they had ended in most places."
    if old is not None and new is None:
        yield f"There are no recurring notifications; {turn.then}, people could agree to them."
    elif new is not None and old is None and kept is None:
        yield f"People can agree to recurring notifications: {rhythm(new)}."
    elif old is not None and new is not None and kept != () and rhythm(old) != rhythm(new):
        yield f"Recurring notifications go by other terms: {rhythm(new)}; {turn.then}, {rhythm(old)}."


def rhythm(terms: NotificationTerms) -> str:
    """The terms of recurring notifications in words."""
    said = [f"{name.lower()} ones at least {_span(gap)} apart" for name, gap in terms.gaps.items()]
    if terms.every is not None:
        said.append(f"one in {_span(terms.every)}")
    if terms.burst:
        said.append(f"up to {_number(terms.burst)} more within {_span(terms.burst_within)} count as one")
    lasts = list(dict.fromkeys(map(_span, terms.life.values())))
    said.append(f"agreements last {_and(lasts)}" if lasts else "agreements last until the person stops them")
    return ", ".join(said)


def _private_replies(turn: _Turn) -> Iterator[str]:
    was, is_now = turn.before.private_reply_within, turn.after.private_reply_within
    if was != is_now:
        yield (
            f"No limit on answering comments in private is on record; {turn.then}, it was {_span(was)}."
            if is_now is None
            else f"A comment may be answered in private within {_span(is_now)}; {turn.then}, {_past(was)}."
        )
    if turn.before.private_reply_tagged != turn.after.private_reply_tagged:
        may = "may carry a tag" if turn.after.private_reply_tagged else "must not carry a tag"
        yield f"A private reply to a comment {may}; {turn.then}, it {_could(turn.before.private_reply_tagged)}."


def _past(span: int | None) -> str:
    return "no such limit is on record" if span is None else f"within {_span(span)}"


def _promotion(turn: _Turn) -> Iterator[str]:
    was, is_now = turn.before.promotional_kinds, turn.after.promotional_kinds
    if was != is_now:
        counts = "Wording of any promotional kind" if is_now is None else _and(sorted(is_now)).capitalize()
        past = "any promotional kind did" if was is None else f"only {_and(sorted(was))} did"
        yield f"{counts} counts as promotion; {turn.then}, {past}."


_TOPICS: Final[tuple[Callable[[_Turn], Iterator[str]], ...]] = (
    _window,
    _extra,
    _tags,
    _same_tags,
    _messaging_type,
    _openers,
    _ads,
    _exempt,
    _pages,
    _notifications,
    _private_replies,
    _promotion,
)


def _was(count: int, what: str) -> str:
    return f"none was {what}" if count == 0 else f"one was {what}" if count == 1 else f"{count} were {what}"


_NUMBERS: Final = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def _span(micros: int | None) -> str:
    """A span in hours, from three days on in days, or in minutes where it is no whole hours."""
    for unit, name in (("d", "day"), ("h", "hour"), ("m", "minute")):
        count, rest = divmod(micros or 0, UNITS[unit])
        if not rest and (unit != "d" or count > 2):
            return f"{count} {name}" if count == 1 else f"{count} {name}s"
    return format_duration(micros or 0)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _and(items: Sequence[str]) -> str:
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)
