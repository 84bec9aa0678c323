"""Writes examples/log/bot.ndjson: three weeks of a bot's webhooks and sends, all invented, with a few breaches in it.

Run it as `python examples/make_log.py`. It writes the same bytes each time: only `Random.random` is used, which Python
promises to keep.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeAlias, TypeVar

Json: TypeAlias = dict[str, Any]
Step: TypeAlias = tuple[float, str, Any]  # hours since the step before, who (see `Writer.lines`), and what
Item = TypeVar("Item")

LOG = Path(__file__).parent / "log" / "bot.ndjson"
FIRST_DAY = datetime(2017, 5, 8, 6, 0, tzinfo=UTC)
DAYS = 21
CONVERSATIONS = 40

TEA, TABLES, REPAIRS = "7001", "7002", "7004"  # three pages of one bot


def card(title: str, subtitle: str) -> Json:
    """A message with a generic template of one element."""
    payload = {"template_type": "generic", "elements": [{"title": title, "subtitle": subtitle}]}
    return {"attachment": {"type": "template", "payload": payload}}


def choice(text: str, *titles: str) -> Json:
    """A message with quick replies."""
    replies = [{"content_type": "text", "title": title, "payload": title.upper()} for title in titles]
    return {"text": text, "quick_replies": replies}


def plain(text: str) -> Json:
    """A message of text."""
    return {"text": text}


def tagged(tag: str, message: Json) -> Json:
    """What a tagged send request holds beside its recipient."""
    return {"tag": tag, "message": message}


# What people and pages say to each other when all goes well; {n} is an order, a table or a case.
GOOD: Mapping[str, Sequence[Sequence[Step]]] = {
    TEA: [
        [
            (0, "person", "Hi, do you still have the small teapot?"),
            (0.1, "page", plain("We do, in blue and in grey.")),
            (0.3, "person", "Blue, please"),
            (0.1, "page", choice("Shall we send it or keep it for you?", "Send it", "Keep it")),
            (0.1, "person", "Send it"),
            (0.1, "page", plain("Done: that is order {n}.")),
            (46, "page", tagged("SHIPPING_UPDATE", card("Order {n} has shipped", "It should be with you on Friday."))),
        ],
        [
            (0, "person", "Where is order {n}?"),
            (0.2, "page", plain("It left our house yesterday and should arrive tomorrow.")),
            (0.1, "person", "Great, thank you"),
        ],
        [
            (0, "postback", "GET_STARTED"),
            (0.01, "page", choice("Welcome! What are you looking for?", "Tea", "Cups", "A present")),
            (0.05, "person", "A present"),
            (0.02, "page", plain("For whom is it, and what may it cost?")),
            (1.5, "person", "For my aunt, up to 30 euros"),
            (0.5, "page", plain("Then we would take the tin of first flush and two cups.")),
        ],
    ],
    TABLES: [
        [
            (0, "person", "A table for two on Saturday?"),
            (0.1, "page", choice("Gladly. At what time?", "18:00", "20:00")),
            (0.2, "person", "20:00"),
            (0.1, "page", plain("Your table is number {n}. See you on Saturday.")),
            (50, "page", tagged("RESERVATION_UPDATE", card("Your table moved", "Your table has number {n} now."))),
        ],
        [
            (0, "person", "Do you have anything without gluten?"),
            (0.4, "page", plain("Yes, most of the fish and all of the soups.")),
        ],
    ],
    REPAIRS: [
        [
            (0, "person", "My lamp flickers since yesterday"),
            (0.3, "page", plain("We are sorry. Does it also flicker with another bulb?")),
            (2, "person", "It does"),
            (0.5, "page", plain("Then it is the switch. We opened case {n} for you.")),
            (60, "page", tagged("ISSUE_RESOLUTION", plain("The new switch is in. You can fetch your lamp, case {n}."))),
        ],
        [
            (0, "person", "When do you open tomorrow?"),
            (0.1, "page", plain("At nine.")),
            (0.1, "person", "Thanks"),
        ],
    ],
}

# The breaches, one conversation each.
BAD: Sequence[tuple[str, Sequence[Step]]] = [
    (
        TEA,  # promotion-under-tag
        [
            (0, "person", "Has my order left?"),
            (0.3, "page", plain("Not yet, it is being packed.")),
            (48, "page", tagged("SHIPPING_UPDATE", card("Order {n} has shipped", "P.S. 15% off your next order!"))),
        ],
    ),
    (
        TEA,  # untagged-outside-window
        [
            (0, "person", "Do you have Darjeeling?"),
            (0.2, "page", plain("The first flush arrives next week.")),
            (120, "page", plain("The Darjeeling is here.")),
            (72, "page", plain("There are four tins left.")),
        ],
    ),
    (
        TABLES,  # wrong-content-for-tag
        [
            (0, "person", "Can we come at seven instead of eight?"),
            (0.5, "page", plain("We will ask the kitchen.")),
            (26, "page", tagged("RESERVATION_UPDATE", plain("Seven is fine. Your table is number {n}."))),
        ],
    ),
    (
        REPAIRS,  # feedback-request-under-tag
        [
            (0, "person", "The toaster is too hot"),
            (0.4, "page", plain("Please bring it in, we will have a look. It is case {n}.")),
            (90, "page", tagged("ISSUE_RESOLUTION", plain("Case {n} is closed. How would you rate our service?"))),
        ],
    ),
    (
        TABLES,  # message-after-opt-out
        [
            (0, "person", "What is on the menu today?"),
            (0.1, "page", plain("Leek soup, and plums for dessert.")),
            (3, "person", "stop"),
            (17, "page", plain("Today we have lentils.")),
        ],
    ),
]


@dataclass
class Writer:
    """Turns steps into the lines that a bot's log would have."""

    random: Random
    messages: int = 0
    lines: list[tuple[datetime, int, Json]] = field(default_factory=list)

    def pick(self, items: Sequence[Item]) -> Item:
        """One of `items`."""
        return items[int(self.random.random() * len(items))]

    def conversation(self, page: str, person: str, start: datetime, steps: Sequence[Step]) -> None:
        """All lines of one conversation."""
        at = start
        number = str(1000 + int(self.random.random() * 9000))
        for hours, who, what in steps:
            at += timedelta(seconds=int(hours * 3600 * (0.9 + self.random.random() * 0.2)))
            for line in self.step(page, person, at, who, json.loads(json.dumps(what).replace("{n}", number))):
                self.lines.append((at, len(self.lines), line))

    def step(self, page: str, person: str, at: datetime, who: str, what: Any) -> Iterator[Json]:
        """The lines of one step."""
        self.messages += 1
        mid = f"m_{self.messages:04}"
        if who == "person":
            yield self.webhook(page, person, page, at, {"message": {"mid": mid, "text": what}})
        elif who == "postback":
            yield self.webhook(page, person, page, at, {"postback": {"title": "Get Started", "payload": what}})
        else:
            body = what if "message" in what else {"message": what}
            yield self.sent(page, person, at - timedelta(seconds=2), {"sender_action": "typing_on"}, {})
            yield self.sent(page, person, at, body, {"message_id": mid})
            if self.random.random() < 0.4:  # the platform echoes a part of it, and the bot logs the echo too
                shown = body["message"]
                echo: Json = {"mid": mid, "is_echo": True, "app_id": 55}
                echo |= {"text": shown["text"]} if "text" in shown else {"attachments": [shown["attachment"]]}
                yield self.webhook(page, page, person, at + timedelta(seconds=1), {"message": echo})
            if self.random.random() < 0.3:
                read = {"watermark": milliseconds(at), "seq": self.messages}
                yield self.webhook(page, person, page, at + timedelta(seconds=40), {"read": read})

    def webhook(self, page: str, sender: str, recipient: str, at: datetime, what: Json) -> Json:
        """A webhook body of one item."""
        ids = {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": milliseconds(at)}
        return {"object": "page", "entry": [{"id": page, "time": milliseconds(at), "messaging": [{**ids, **what}]}]}

    def sent(self, page: str, person: str, at: datetime, body: Json, answer: Json) -> Json:
        """A log entry: the request and the API's answer."""
        return {
            "timestamp": at.isoformat().replace("+00:00", "Z"),
            "page_id": page,
            "request": {"recipient": {"id": person}, **body},
            "response": {"recipient_id": person, **answer},
        }


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970, as webhooks count."""
    return int(at.timestamp()) * 1000


def log_text() -> str:
    """The log: one JSON value a line, in the order of time."""
    writer = Writer(Random(2017))
    plans: list[tuple[str, Sequence[Step]]] = []
    for _ in range(CONVERSATIONS - len(BAD)):
        page = writer.pick((TEA, TEA, TABLES, REPAIRS))
        plans.append((page, writer.pick(GOOD[page])))
    for n, bad in enumerate(BAD):
        plans.insert(5 + 7 * n, bad)
    for n, (page, steps) in enumerate(plans):
        hour = writer.random.random() * 24 * DAYS
        writer.conversation(page, str(300100 + 7 * n), FIRST_DAY + timedelta(seconds=int(hour * 3600)), steps)
    lines = [line for _, _, line in sorted(writer.lines, key=lambda item: item[:2])]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


if __name__ == "__main__":
    LOG.write_text(log_text(), encoding="utf-8", newline="\n")
