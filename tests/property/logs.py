"""Records of every kind that a recording can hold, right and wrong, out of a small world.

All choices come from one `Random`, so that a seed names a log.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any, Final, TypeAlias

Json: TypeAlias = Any

HOUR: Final = 3_600_000  # milliseconds, as logs count
DAY: Final = 24 * HOUR
# The days of many editions; most of what happens is close to the first.
STARTS: Final = (1_493_596_800_000,) * 6 + (1_530_000_000_000, 1_585_000_000_000, 1_640_000_000_000, 1_780_000_000_000)
PAGES: Final = ("7001", "7002")
PEOPLE: Final = ("200100", "200101", "200102", "200103", "pérsön", "😀")
WORDS: Final = (
    "Where is my parcel?",
    "Stop!",
    "¡Parar!",
    "stop by at ten",
    "Your order 17 has shipped.",
    "Flash sale: 50% off everything with code SAVE!",
    "How did we do? Please rate us from 1 to 5.",
    "Ihr Gutschein: 20 % Rabatt nur heute",
    "Your table for 4 on Monday is confirmed.",
    "d\u0000e\tf\nG",
    "한국어 \U0001f600 e\u0301 \ufeff",
    "x" * 700,
    "",
    " ",
    "<NAME>, {{greeting}}",
)
TAGS: Final = (
    "SHIPPING_UPDATE",
    "RESERVATION_UPDATE",
    "ISSUE_RESOLUTION",
    "issue_resolution",
    "SHIPING_UPDATE",
    "HUMAN_AGENT",
    "POST_PURCHASE_UPDATE",
    "NON_PROMOTIONAL_SUBSCRIPTION",
    "",
    None,
    7,
    ["SHIPPING_UPDATE"],
    "日本",
)
TYPES: Final = ("RESPONSE", "UPDATE", "MESSAGE_TAG", "NON_PROMOTIONAL_SUBSCRIPTION", "response", "UTILITY", 3, None)
TOKENS: Final = ("one_time_notif_token", "notification_messages_token")


class EveryLog:
    """A world of few people, pages, comments and tokens, so that records have much to do with each other."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.now = random.choice(STARTS)
        self.told = 0
        self.mids: list[str] = []

    def records(self, number: int) -> list[Json]:
        """`number` records, more or less in the order of time; each a JSON value."""
        kinds: Sequence[Callable[[], Json]] = (
            *(self.entry,) * 8,
            *(self.webhook,) * 8,
            self.item,
            self.request,
            self.batch,
            self.script,
            self.comment,
            self.odd,
        )
        return [self.random.choice(kinds)() for _ in range(number)]

    def pick(self, choices: Sequence[Any]) -> Any:
        return self.random.choice(choices)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def moment(self) -> int:
        """The time of the next event, epoch milliseconds; often just at the end of a window."""
        self.now += self.pick((0, 1, 1000, HOUR, HOUR, 5 * HOUR, DAY - 1, DAY, DAY + 1, -2 * HOUR, 3 * DAY))
        return self.now

    def mid(self, again: float = 0.15) -> str:
        if self.mids and self.chance(again):
            return str(self.pick(self.mids))
        self.told += 1
        self.mids.append(f"m_{self.told}")
        return self.mids[-1]

    # What a page sends

    def entry(self) -> Json:
        out = {"timestamp": self.stamp(), "request": self.request()}
        extras: Mapping[str, Callable[[], Json]] = {
            "page_id": lambda: self.pick((*PAGES, 7001, None)),
            "response": self.response,
            "platform": lambda: self.pick(("messenger", "instagram", "messenger", "telegram", 1)),
            "app_id": lambda: self.pick(("app1", 263902037430900)),
            "automated": lambda: self.pick((True, False, "yes")),
            "endpoint": lambda: self.pick(("me/messages", "act_1/messages", "act_1/sponsored_messages", "/v2.9/me/x")),
            "surplus": lambda: {"page_id": "9", "text": self.pick(WORDS)},
        }
        for (name, make), share in zip(extras.items(), (0.7, 0.7, 0.05, 0.1, 0.05, 0.05, 0.1), strict=True):
            if self.chance(share):
                out[name] = make()
        if self.chance(0.05):
            out["request"] = json.dumps(out["request"])
        return out

    def stamp(self) -> Json:
        at = self.moment()
        when = datetime.fromtimestamp(at / 1000, UTC)
        return self.pick(
            (
                *(at,) * 6,
                when.isoformat(),
                when.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                when.astimezone(timezone(timedelta(hours=5, minutes=30))).isoformat(),
                *((at // 1000, "yesterday", None, 1.5, True, 10**30) if self.chance(0.1) else (at,)),
            )
        )

    def request(self) -> Json:
        out: dict[str, Json] = {"recipient": self.recipient()}
        if self.chance(0.1):
            out["sender_action"] = self.pick(("typing_on", "mark_seen", "TYPING_ON", "dance"))
            if self.chance(0.8):
                return out
        out["message"] = self.message()
        for name, values, share in (
            ("tag", TAGS, 0.35),
            ("messaging_type", TYPES, 0.3),
            ("notification_type", ("REGULAR", "regular", "NO_PUSH", "LOUD"), 0.1),
            ("surplus", (1,), 0.05),
            ("persona_id", ("9",), 0.05),
        ):
            if self.chance(share):
                out[name] = self.pick(values)
        for name in ("message", "recipient"):
            if self.chance(0.04):
                out[name] = json.dumps(out[name])
        if self.chance(0.03):
            out = self.pick(({}, {"recipient": out["recipient"]}, {"message": out["message"]}, {**out, "recipient": 5}))
        return out

    def recipient(self) -> Json:
        person = {"id": self.pick(PEOPLE)}
        if self.chance(0.8):
            return person
        return self.pick(
            (
                {"id": 200100},
                {"phone_number": "+15550100"},
                {"phone_number": "+15550100", "name": {"first_name": "A", "last_name": "B"}},
                {"user_ref": self.pick(("ref1", "ref2"))},
                {"comment_id": self.pick(("7_1", "7_2"))},
                {"post_id": "7001_7"},
                *({token: f"{token} {self.pick('12')}"} for token in TOKENS),
                {**person, "phone_number": "+15550100"},
                {},
            )
        )

    def message(self) -> Json:
        words = self.pick(WORDS)
        if self.chance(0.5):
            out: Json = {"text": words}
        elif self.chance(0.1):
            return self.pick(
                (None, "Hello", [], {}, {"text": 5}, {"attachment": []}, {"text": words, "attachment": {}})
            )
        else:
            out = {"attachment": self.attachment(words)}
        if self.chance(0.1):
            out["quick_replies"] = [
                {"content_type": self.pick(("text", "location", "user_email")), "title": words[:25], "payload": "P"}
            ] * self.pick((1, 2, 12))
        if self.chance(0.05):
            out["metadata"] = self.pick(("m", 5))
        return out

    def attachment(self, words: str) -> Json:
        button = self.pick(
            (
                {"type": "web_url", "url": "https://example.com/a?b=1", "title": words[:22]},
                {"type": "postback", "title": "Help", "payload": "HELP"},
                {"type": "phone_number", "title": "Call", "payload": "15550100"},
                {"type": "none"},
            )
        )
        element = {"title": words, "subtitle": self.pick(WORDS), "buttons": [button] * self.pick((1, 1, 4))}
        payload = self.pick(
            (
                {"template_type": "generic", "elements": [element] * self.pick((1, 1, 2, 11))},
                {"template_type": "button", "text": words, "buttons": [button]},
                {"template_type": "receipt", "recipient_name": "A", "order_number": "1"},
                {"template_type": "airline_update", "intro_message": words},
                {"template_type": "one_time_notif_req", "title": words, "payload": "P"},
                {"template_type": "media", "elements": [{"media_type": "image", "attachment_id": "1"}]},
                {"template_type": "GENERIC", "elements": []},
                {"template_type": "hologram"},
                {},
            )
        )
        kinds = ({"type": "image", "payload": {"url": "https://example.com/i.png"}}, {"type": "file"}, {"type": 3})
        return self.pick(({"type": "template", "payload": payload},) * 4 + kinds)

    def response(self) -> Json:
        error = {"code": self.pick((10, 100, 200, 551, 4, "10", None)), "message": self.pick(("no", "Invalid tag", 5))}
        if self.chance(0.3):
            error["error_subcode"] = self.pick((2018278, 2018065, 2018001, 33))
        sent = {"recipient_id": self.pick(PEOPLE), "message_id": self.mid()}
        out = self.pick(
            (
                *(sent,) * 4,
                {"message_id": sent["message_id"]},
                {"recipient_id": sent["recipient_id"]},
                {"error": error},
                {},
                {"attachment_id": "5", **sent},
                {"code": 400, "body": json.dumps({"error": error})},
                *((None, "ok", 7, {"error": "x"}, {"message_id": 7}) if self.chance(0.2) else (sent,)),
            )
        )
        return json.dumps(out) if self.chance(0.05) else out

    def batch(self) -> Json:
        steps = []
        for _ in range(self.pick((1, 1, 2))):
            request = self.request()
            if self.chance(0.5) and isinstance(request, dict):
                body = "&".join(f"{key}={json.dumps(value).replace('&', '%26')}" for key, value in request.items())
            else:
                body = json.dumps(request)
            path = self.pick(("me/messages", "v2.9/me/messages", "act_1/messages", "me/photos"))
            steps.append({"method": self.pick(("POST", "POST", "GET")), "relative_url": path, "body": body})
        return steps

    # What people do, as the platform tells it

    def webhook(self) -> Json:
        entries = []
        for _ in range(self.pick((1, 1, 1, 2))):
            channel = self.pick(("messaging",) * 8 + ("standby",))
            items = [self.item() for _ in range(self.pick((1, 1, 1, 2, 3)))]
            entries.append({"id": self.pick(PAGES), "time": self.now, channel: items})
        return {"object": self.pick(("page",) * 9 + ("instagram", "user")), "entry": entries}

    def item(self) -> Json:
        at, words, page, person = self.moment(), self.pick(WORDS), self.pick(PAGES), self.pick(PEOPLE)
        ad = {"ref": "r", "source": "ADS", "type": "OPEN_THREAD", "ad_id": "6"}
        token = self.pick(TOKENS)
        what: Mapping[str, Json] = self.pick(
            (
                *({"message": {"mid": self.mid(), "text": words}},) * 6,
                {"message": {"mid": self.mid(), "attachments": [{"type": "image"}], "sticker_id": 1}},
                {"message": {"mid": self.mid(), "text": words, "referral": ad}},
                {"message": {"text": words}},
                {"message": None},
                {"postback": {"title": "T", "payload": "P", "referral": ad}},
                {"postback": {"title": "T", "payload": words, "mid": self.mid()}},
                {"referral": ad},
                {"referral": {"ref": "r", "source": "SHORTLINK", "type": "OPEN_THREAD"}},
                {"optin": {"ref": "r"}},
                {"optin": {"ref": "r", "user_ref": self.pick(("ref1", "ref2"))}},
                {
                    "optin": {
                        "type": "one_time_notif_req",
                        "one_time_notif_token": f"one_time_notif_token {self.pick('12')}",
                    }
                },
                {
                    "optin": {
                        "type": "notification_messages",
                        "notification_messages_token": f"notification_messages_token {self.pick('12')}",
                        "notification_messages_frequency": self.pick(("DAILY", "WEEKLY", "monthly")),
                        "token_expiry_timestamp": at + 90 * DAY,
                        "notification_messages_status": self.pick(("STOP_NOTIFICATIONS", "RESUME_NOTIFICATIONS", "x")),
                    }
                },
                {"reaction": {"reaction": "love", "action": self.pick(("react", "unreact")), "mid": self.mid(1)}},
                {"read": {"watermark": at}},
                {"delivery": {"watermark": at, "mids": [self.mid(1)]}},
                {"account_linking": {"status": "linked"}},
                {"pass_thread_control": {"new_owner_app_id": "1"}},
                {
                    self.pick(("policy_enforcement", "policy-enforcement")): {
                        "action": self.pick(("block", "warning", "unblock"))
                    }
                },
                {token: "x"},
                *({"message": {**self.echo(words), "mid": self.mid(0.6)}},) * 3,
            )
        )
        sides = {"sender": {"id": person}, "recipient": {"id": page}}
        if isinstance(what.get("message"), dict) and what["message"].get("is_echo"):
            sides = {"sender": {"id": page}, "recipient": {"id": person}}
        if self.chance(0.03):
            sides = self.pick(
                ({"recipient": {"id": page}}, {"sender": person, "recipient": page}, {"sender": {"id": 200100}})
            )
        stamp = {"timestamp": at if self.chance(0.97) else self.pick((None, "now", at // 1000))}
        return {**sides, **stamp, **what}

    def echo(self, words: str) -> Json:
        card = {"type": "template", "payload": {"template_type": "generic", "elements": [{"title": words}]}}
        receipt = {"type": "template", "payload": {"template_type": "receipt"}}
        content = self.pick(({"text": words}, {"text": words}, {"attachments": [card]}, {"attachments": [receipt]}))
        return {"is_echo": True, **content, **({"app_id": 263902037430900} if self.chance(0.3) else {})}

    def comment(self) -> Json:
        at = self.moment() // 1000
        value = {
            "item": "comment",
            "verb": self.pick(("add", "add", "edited")),
            "from": {"id": self.pick(("99", PAGES[0]))},
        }
        value |= {"comment_id": self.pick(("7_1", "7_2")), "post_id": "7001_7", "created_time": at}
        if self.chance(0.2):
            value = {"item": "post", "verb": "add", "from": {"id": "99"}, "post_id": "7001_7", "created_time": at}
        change = {"field": self.pick(("feed", "feed", "ratings")), "value": value}
        if self.chance(0.2):
            change = {"field": "comments", "value": {"id": "7_1", "from": {"id": "99"}, "text": self.pick(WORDS)}}
            return {"object": "instagram", "entry": [{"id": PAGES[1], "time": at, "changes": [change]}]}
        return {"object": "page", "entry": [{"id": PAGES[0], "time": at, "changes": [change]}]}

    # Scripts, and what is no recording

    def script(self) -> Json:
        events: list[Json] = []
        for hours in range(self.pick((1, 2, 4))):
            at = self.pick((f"{hours * 13}h", "1d2h30m", "24h+1ms", "2017-05-06T09:00:00Z"))
            what = self.pick(
                (
                    {"person": {"text": self.pick(WORDS[:9])}},
                    {"person": {"postback": {"payload": "P"}}},
                    {"page": {"message": {"text": self.pick(WORDS[:9])}}},
                    {"page": {"tag": "SHIPPING_UPDATE", "message": {"text": "It ships."}}},
                    {"page": {"message": {"text": "Hi"}}, "response": {"error": {"code": 10}}},
                    {"echo": {"mid": "m_1", "text": "Hello"}},
                    {"nobody": {}},
                )
            )
            events.append({"at": at, **what})
        extras: Sequence[Json] = (
            {},
            {"name": "n"},
            {"edition": "2018"},
            {"start": "2017-05-02T09:00:00Z", "page_id": PAGES[0]},
            {"x": 1},
        )
        return {**self.pick(extras), "events": events}

    def odd(self) -> Json:
        return self.pick(
            (
                {},
                [],
                None,
                5,
                "text",
                {"a": {"b": []}},
                {"object": "page"},
                {"object": "page", "entry": [5]},
                {"request": 5},
            )
        )
