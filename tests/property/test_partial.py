"""What partial evaluation is certain of, the whole evaluation says; and which facts only a conversation can tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policylint.durations import DAY, day_of
from policylint.editions import DATED, Edition, Regime
from policylint.engines.local import run
from policylint.events import Answer, History, PageSent
from policylint.facts import FACTS, reader
from policylint.lint import judge_for
from policylint.pages import Page
from policylint.permissions import Comment, Permissions, Token
from policylint.rules.compile import compile_rule
from policylint.rules.model import AllOf, AnyOf, Condition, NoneOf, Rule
from policylint.rules.model import Test as Asking
from policylint.rules.partial import DYNAMIC, Known, facts_in, facts_of, may_hold
from policylint.rules.verbs import VERBS
from policylint.settings import Settings
from policylint.situation import Facts, Situation
from policylint.sources.recording import read_value
from policylint.sources.shapes import Shape
from policylint.structure.problem import Problem
from policylint.window import Horizon, Window
from tests.property.strategies import RULEBOOK
from tests.property.test_reach import askings, seen

HOUR: Final = DAY // 24
KINDS: Final = ("message", "postback", "optin", "referral", "reaction", "account_linking", "comment")
SPANS: Final = (1, HOUR, 23 * HOUR, DAY, DAY + 1, 5 * DAY, 8 * DAY, 31 * DAY)
PAYLOAD: Final = ("payload./message/text", "payload./message/quick_replies/*/title", "payload./messaging_type")
NAMES: Final = (*FACTS, *PAYLOAD)
RULES: Final = tuple(RULEBOOK.rules.values())
EDITION: Final = RULEBOOK.editions.all[0]


def page_events() -> Iterator[PageSent]:
    """The page's requests of all rules' examples."""
    for rule in RULES:
        for example in (*rule.good, *rule.bad):
            script = {key: value for key, value in example.script.items() if key != "edition"}
            read = read_value(example.name, script, shape=Shape.SCRIPT, script_start=0)
            yield from (event for event in read.events if isinstance(event, PageSent))


EVENTS: Final = tuple(page_events())
SIMPLE: Final = tuple(event for event in EVENTS if event.token is None and event.comment is None and event.is_message)


def a_time(random: Random, at: int) -> int:
    return at - random.choice(SPANS)


def a_window(random: Random, at: int) -> Window:
    perhaps = random.random
    return Window(
        actions={kind: a_time(random, at) for kind in KINDS if perhaps() < 0.25},
        undated=frozenset(kind for kind in KINDS if perhaps() < 0.05),
        extras=random.choice([0, 0, 1, 2]),
        last_extra=random.choice([None, a_time(random, at)]),
        messages_sent=random.choice([0, 1, 5]),
        opted_out=perhaps() < 0.3,
        person_wrote=perhaps() < 0.5,
        ad_opened=a_time(random, at) if perhaps() < 0.3 else None,
    )


def permissions(random: Random, event: PageSent, at: int) -> Permissions:
    token = Token(
        agreed_at=random.choice([None, a_time(random, at)]),
        frequency=random.choice([None, "DAILY", "MONTHLY"]),
        expires=random.choice([None, a_time(random, at), at + DAY]),
        stopped=random.random() < 0.3,
        uses=random.choice([0, 1]),
        first_of_burst=random.choice([None, a_time(random, at)]),
    )
    comment = Comment(random.choice([None, a_time(random, at)]), random.choice([0, 1]), random.random() < 0.5)
    names = [name for name in ("x", event.token, event.comment) if name is not None and random.random() < 0.8]
    return Permissions(
        dict.fromkeys(names, token),
        dict.fromkeys(names, comment),
        random.choice([None, (), ("50% off, today only",), ("When the shoe is back",)]),
    )


def elsewhere(random: Random, facts: Facts) -> Facts:
    """The same message in another conversation of the same kind, in another run."""
    at = facts.event.at or 0
    situation = facts.situation
    changed = replace(
        situation,
        window=None if situation.window is None else a_window(random, at),
        permissions=permissions(random, facts.event, at),
        blocked=random.random() < 0.5,
        horizon=replace(situation.horizon, earliest=random.choice([None, at, a_time(random, at)])),
    )
    return Facts(facts.event, changed)


def a_message(random: Random, events: Sequence[PageSent]) -> Facts:
    """One of `events`, at some time, under some edition, in a conversation that it could stand in."""
    edition: Edition = random.choice(RULEBOOK.editions.all)
    at = edition.start + random.choice(SPANS)
    event = replace(
        random.choice(events),
        at=at,
        answer=random.choice([None, None, Answer(refused=True)]),
        echo=random.random() < 0.1,
        sponsored=random.random() < 0.05,
    )
    fixed = random.random() < 0.5
    situation = Situation(
        regime=Regime(edition, day_of(at), day_of(at), fixed=fixed, strict=not fixed),
        editions=RULEBOOK.editions,
        scorer=RULEBOOK.scorer,
        horizon=Horizon(random.choice(list(History)), None, random.choice([0, HOUR])),
        window=Window(),
        page=Page(subscription_messaging=random.random() < 0.3, news=random.random() < 0.3),
        automated=random.random() < 0.3,
    )
    return elsewhere(random, Facts(event, situation))


def values_of(facts: Facts) -> dict[str, Any]:
    return {name: reader(name)(facts) for name in NAMES}


def messages(count: int) -> list[Facts]:
    """Messages, some out of any conversation, some with the structural problem that a rule is asked about."""
    random = Random(5)
    found = [a_message(random, EVENTS) for _ in range(count)]
    for facts in found[::10]:
        facts.situation.window = None
    for facts in found[::7]:
        facts.problem = Problem("/message/text", "too-long", "is too long", allowed="2000 characters")
    return found


@dataclass(frozen=True, repr=False)
class Sample:
    """Messages, what is known of each when all is known, and conditions that could be about them."""

    messages: Sequence[Facts]
    known: Sequence[Known]
    conditions: st.SearchStrategy[Condition]


@pytest.fixture(scope="module")
def sample() -> Sample:
    found = messages(400)
    return Sample(found, [values_of(facts) for facts in found], conditions(seen(found)))


def conditions(values: Mapping[str, Sequence[Any]]) -> st.SearchStrategy[Condition]:
    """Conditions as the loader takes them, among them those that fail for some messages."""
    texts = st.sampled_from(["Hi", "RESPONSE", "Yes"])
    comparing = [name for name, verb in VERBS.items() if verb.may_name_fact]
    tests = st.one_of(
        askings(values),
        st.builds(
            Asking, st.sampled_from(PAYLOAD), st.sampled_from(["is", "is_not", "mentions", "starts_with"]), texts
        ),
        st.builds(Asking, st.sampled_from(PAYLOAD), st.sampled_from(["present"]), st.booleans()),
        st.builds(
            Asking,
            st.sampled_from(NAMES),
            st.sampled_from(comparing),
            st.fixed_dictionaries({"fact": st.sampled_from(NAMES)}),
        ),
    )

    def joined(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        parts = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return st.one_of(st.builds(AllOf, parts), st.builds(AnyOf, parts), st.builds(NoneOf, parts))

    return st.recursive(tests, joined, max_leaves=6)


def whole(condition: Condition, facts: Facts) -> bool | None:
    """What the rule's own check says; None where it crashes."""
    try:
        return compile_rule(replace(RULES[0], breach_when=condition, variants=()), EDITION).ask(facts) is not None
    except Exception:
        return None


def hold_together(condition: Condition, facts: Facts, known: Known, some: frozenset[str]) -> None:
    said = whole(condition, facts)
    assert may_hold(condition, known) is said
    assert may_hold(condition, {name: known[name] for name in some}) in (None, said)


@settings(max_examples=1000, deadline=None)
@given(st.data())
def test_what_is_certain_is_so(sample: Sample, data: st.DataObject) -> None:
    condition = data.draw(sample.conditions)
    some = data.draw(st.frozensets(st.sampled_from(sorted(facts_in(condition)))))
    for facts, known in list(zip(sample.messages, sample.known, strict=True))[:: data.draw(st.integers(5, 15))]:
        hold_together(condition, facts, known, some)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_what_is_certain_of_a_shipped_rule_is_so(sample: Sample, rule: Rule) -> None:
    random = Random(rule.id)
    asked = sorted(facts_in(rule.breach_when))
    for facts, known in zip(sample.messages, sample.known, strict=True):
        some = random.sample(asked, random.randint(0, len(asked)))
        hold_together(
            rule.breach_when, facts, {**known, **{name: reader(name)(facts) for name in asked}}, frozenset(some)
        )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_only_the_facts_of_a_rule_decide_its_breach(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check reads nothing but what `facts_of` names."""
    read: set[str] = set()

    def watched(name: str) -> Any:
        def of(facts: Facts) -> Any:
            read.add(name)
            return reader(name)(facts)

        return of

    monkeypatch.setattr("policylint.rules.compile.reader", watched)
    monkeypatch.setattr("policylint.rules.compile.has_places", lambda name: True)  # so that all go through `reader`
    for edition in RULEBOOK.editions.all:
        read.clear()
        told = compile_rule(replace(rule, breach_when=NoneOf((rule.breach_when,))), edition)
        for check in (compile_rule(rule, edition), told):  # either of them has words for the message
            for facts in messages(20):
                check(facts)
        assert read <= facts_of(rule, edition)


def test_the_conversation_decides_the_dynamic_facts_and_no_others() -> None:
    """One message in two conversations: the configuration, the record and the message itself are the same."""
    random = Random(17)
    differ: set[str] = set()
    for _ in range(1500):
        facts = a_message(random, SIMPLE)
        one, other = values_of(facts), values_of(elsewhere(random, facts))
        differ |= {name for name in NAMES if one[name] != other[name]}
    assert differ == {name for name in DYNAMIC if not name.startswith("doubt.")}


def test_a_conversation_decides_more_of_what_a_token_or_a_comment_addresses() -> None:
    """Why `DYNAMIC` is for the other messages only."""
    random = Random(17)
    addressed = [event for event in EVENTS if event.token is not None or event.comment is not None]
    differ: set[str] = set()
    for _ in range(300):
        facts = a_message(random, addressed)
        one, other = values_of(facts), values_of(elsewhere(random, facts))
        differ |= {name for name in NAMES if one[name] != other[name]}
    assert {"message.permission", "notification.uses", "private_reply.replies"} <= differ - DYNAMIC


def test_a_conversation_decides_doubts() -> None:
    """On a day on which one of two editions may have been in force, one has a use for the tag, if a person wrote."""
    judge = judge_for(Settings(edition=DATED, edition_by_flag=True), RULEBOOK)
    sent = {"tag": "ISSUE_RESOLUTION", "message": {"text": "The replacement leaves our house tomorrow."}}
    events = [{"at": "0h", "person": {"text": "It arrived broken"}}, {"at": "30h", "page": sent}]
    found = []
    for shown in (events, events[1:]):
        script = {"start": "2017-04-03T00:00:00Z", "events": shown}
        read = read_value("script", script, shape=Shape.SCRIPT, script_start=0)
        found.append({finding.rule for finding in run([read], judge).findings})
    assert ["edition-ambiguous" in rules for rules in found] == [True, False]
