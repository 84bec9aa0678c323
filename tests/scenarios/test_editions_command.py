"""`policylint editions`, `editions show`, `editions diff`, and what `rules` and `explain` say of editions."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any, Final

import pytest

from policylint.rulebook import shipped_rulebook
from tests.scenarios.conftest import Bench

EDITIONS: Final = shipped_rulebook().editions
IDS: Final = [edition.id for edition in EDITIONS.all]

OWN: Final = """
platform: messenger
editions:
  - id: "2027-01"
    title: pick-ups
    summary: A longer window, and a tag for pick-ups.
    since: "2027-01-15"
    boundary: fuzzy
    uncertain: ["2027-01-10", "2027-01-20"]
    window: 48h
    tags:
      PICKUP_UPDATE: {purpose: the state of a pick-up, contents: [text], age_limit: 3d}
      HUMAN_AGENT: null
    source: ["https://shop.example/what-we-heard"]
"""

OWN_RULE: Final = """
id: pick-up-in-capitals
status: preview
severity: note
summary: A message about a pick-up shouts.
policy: {title: Our tone, url: "https://shop.example/tone", read_on: "2026-11-23"}
in_force:
  messenger: {since: "2027-01"}
applies_to: page
breach_when:
  payload./message/text: {matches: "^[A-Z !]{8,}$"}
message: written in capitals, {window.age} after the person wrote
remedy: Write {tag.name} in small letters within {window.length}.
examples:
  good:
    - name: quiet
      edition: "2026-09"
      events: [{at: 0h, person: {text: Hi}}, {at: 1h, page: {message: {text: Hello}}}]
  bad:
    - name: loud
      edition: "2026-09"
      breaches: [2]
      events: [{at: 0h, person: {text: Hi}}, {at: 1h, page: {message: {text: HELLO THERE}}}]
"""


def words(text: str) -> str:
    """The text without its line breaks."""
    return " ".join(text.split())


def value(bench: Bench, *arguments: str) -> Any:
    """What a command prints with `--format json`."""
    run = bench.run(*arguments, "--format", "json")
    assert (run.status, run.err) == (0, "")
    return json.loads(run.out)


@pytest.fixture
def own(bench: Bench) -> Bench:
    """A bench with an edition and a rule of the user's own."""
    bench.write(".policylint.yaml", "editions: [policy/e.yaml]\nrules: [policy/r*.yaml]\n")
    bench.write("policy/e.yaml", OWN)
    bench.write("policy/rule.yaml", OWN_RULE)
    return bench


# --- the list


def test_the_list_has_every_edition_with_its_days_and_marks_what_is_uncertain(bench: Bench) -> None:
    run = bench.run("editions")
    assert (run.status, run.err) == (0, "")
    table, _, below = run.out.partition("~ The first day is not known.")
    assert re.findall(r"^ (\S*\d{4}-\d{2}) ", table, re.MULTILINE) == IDS
    assert re.search(r" 2016-11 +2016-11-14 to 2017-04-05 +24h\+1 +0 +absent +the 24-hour window", table)
    assert re.search(r" 2017-04 +~2017-04-06 to 2017-07-23 +24h\+1 +3 +absent", table)
    assert re.search(r"2026-09 +~2026-09-28 onwards +24h +3 +required", table)
    assert re.findall(r"^  (\S+) +(\S+) to (\S+)$", below, re.MULTILINE) == [
        (edition.id, *edition.uncertain) for edition in EDITIONS.all if edition.uncertain
    ]


def test_the_list_as_json_is_complete_and_the_same_every_time(bench: Bench) -> None:
    listed = value(bench, "editions")
    assert [edition["id"] for edition in listed] == IDS
    assert {tuple(edition) for edition in listed} == {tuple(listed[0])}
    by_id = {edition["id"]: edition for edition in listed}
    seed = by_id["2017-04"]
    assert (seed["since"], seed["until"], seed["boundary"]) == ("2017-04-06", "2017-07-23", "fuzzy")
    assert (seed["window"], seed["extra_messages"], seed["messaging_type"]) == ("24h", 1, "absent")
    assert seed["tags"]["ISSUE_RESOLUTION"]["contents"] == ["template:generic", "text"]
    assert seed["tags"]["ISSUE_RESOLUTION"]["successor"] == "HUMAN_AGENT"
    assert by_id["2016-04"]["window"] is None
    assert by_id["2020-03"]["one_time_notifications"] == {"life": "365d", "since": "2020-02-04"}
    assert by_id["2021-06"]["tags"]["HUMAN_AGENT"]["age_limit"] == "7d"
    assert by_id["2022-05"]["recurring_notifications"][-1]["every"] == "48h"
    assert by_id["instagram-2021-09"]["private_replies"] == {"within": "7d", "tagged": False}
    assert by_id["2026-09"]["ad_window"] == "7d"
    assert bench.run("editions", "--format", "json").out == bench.run("editions", "--format", "json").out


def test_days_of_a_platform_leave_no_hole(bench: Bench) -> None:
    listed = value(bench, "editions")
    for before, after in pairwise(listed):
        if before["platform"] == after["platform"]:
            assert before["until"] < after["since"]
        else:
            assert before["until"] is None


def test_own_editions_are_listed_shown_and_compared(own: Bench) -> None:
    table = own.run("editions").out
    assert "~2027-01-15 onwards" in table
    assert "2027-01-10 to 2027-01-20" in table
    assert value(own, "editions", "show", "2027-01")["tags"]["PICKUP_UPDATE"]["contents"] == ["text"]
    assert value(own, "editions", "show", "2026-09")["until"] == "2027-01-14"
    told = words(own.run("editions", "diff", "2026-09", "2027-01").out)
    assert "A business may answer for 48 hours; before, for 24 hours." in told
    assert "a new tag: PICKUP_UPDATE for the state of a pick-up." in told
    assert "HUMAN_AGENT no successor" in told
    assert "pick-up-in-capitals note" in told


def test_a_configuration_can_be_named_before_or_after_the_subcommand(own: Bench) -> None:
    own.write("sub/here.yaml", "editions: [../policy/e.yaml]\n")
    own.write(".policylint.yaml", "")
    assert own.run("editions", "show", "2027-01").status == 2
    for arguments in (
        ["--config", "sub/here.yaml", "show", "2027-01"],
        ["show", "2027-01", "--config", "sub/here.yaml"],
    ):
        assert "pick-ups" in own.run("editions", *arguments).out


# --- one edition


def test_show_tells_terms_tags_and_sources(bench: Bench) -> None:
    told = bench.run("editions", "show", "2021-06").out
    assert told.startswith("2021-06: human agents for all")
    assert re.search(r"HUMAN_AGENT .* any +7d", told)
    assert re.search(r"CUSTOMER_FEEDBACK .* customer_feedback +7d", told)
    assert all(f"\n  {url}\n" in told for url in EDITIONS.named("2021-06").source)
    assert "It has no message tags." in bench.run("editions", "show", "2016-11").out
    assert "from 2017-07-17 to 2017-07-31" in words(bench.run("editions", "show", "2017-07").out)


@pytest.mark.parametrize("name", IDS)
def test_every_edition_can_be_shown(name: str, bench: Bench) -> None:
    assert bench.run("editions", "show", name).status == 0
    assert value(bench, "editions", "show", name)["id"] == name


# --- two editions


def test_the_end_of_the_extra_message_is_told_in_words_and_tables(bench: Bench) -> None:
    run = bench.run("editions", "diff", "2019-08", "2020-03")
    told = words(run.out)
    assert run.status == 0
    assert "After the window no further message may be sent without a tag; before, one was allowed." in told
    assert "15 of the 20 message tags can no longer be used" in told
    assert "A reaction to a message opens the window, too; before, it did not." in told
    assert re.search(r"\n SHIPPING_UPDATE +POST_PURCHASE_UPDATE *\n", run.out)
    assert re.search(r"\n GAME_EVENT +no successor *\n", run.out)
    assert re.search(r"\n messages after the window +1 +0 *\n", run.out)
    assert re.search(r"\n template one_time_notif_req *\n", run.out)
    gone = run.out.partition("Rules that are no longer in force")[2].partition("Rules that speak")[0]
    assert "extra-message-spent" in gone
    assert "promotion-in-subscription" in gone


def test_the_other_way_round_it_reads_backwards(bench: Bench) -> None:
    told = words(bench.run("editions", "diff", "2020-03", "2019-08").out)
    assert "2019-08 is the earlier one: this reads backwards." in told
    assert "one more message without a tag until the person acts again; under 2020-03, none was allowed." in told
    assert "before, " not in told
    there, back = (
        value(bench, "editions", "diff", "2019-08", "2020-03"),
        value(bench, "editions", "diff", "2020-03", "2019-08"),
    )
    assert [one["name"] for one in there["tags"]["gone"]] == [one["name"] for one in back["tags"]["come"]]
    for part in ("structure", "rules"):
        assert sorted(one.get("id", one.get("name")) for one in there[part]["come"]) == sorted(
            one.get("id", one.get("name")) for one in back[part]["gone"]
        )
    assert [(one["name"], one["after"], one["before"]) for one in there["terms"]] == [
        (one["name"], one["before"], one["after"]) for one in back["terms"]
    ]


def test_a_tag_that_is_not_there_yet_has_no_successor(bench: Bench) -> None:
    gone = value(bench, "editions", "diff", "2021-06", "2020-03")["tags"]["gone"]
    assert gone == [{"name": "CUSTOMER_FEEDBACK", "successor": None, "outcome": "not there before 2021-06-02"}]


def test_a_successor_that_is_gone_too_is_said_to_be(bench: Bench) -> None:
    gone = {one["name"]: one for one in value(bench, "editions", "diff", "2017-04", "2026-04")["tags"]["gone"]}
    assert gone["SHIPPING_UPDATE"]["successor"] is None
    assert gone["SHIPPING_UPDATE"]["outcome"] == "POST_PURCHASE_UPDATE, which is gone too"
    assert gone["ISSUE_RESOLUTION"]["successor"] == "HUMAN_AGENT"


def test_what_a_tag_may_carry_and_what_it_means_can_change(bench: Bench) -> None:
    told = words(bench.run("editions", "diff", "2018-05", "2018-09").out)
    assert "15 tags may carry any template or text; before, only certain contents." in told
    assert "SHIPPING_UPDATE contents generic any" in told
    changed = {
        one["name"]: one["changes"] for one in value(bench, "editions", "diff", "2018-09", "2019-08")["tags"]["changed"]
    }
    assert "purpose" in [change["name"] for change in changed["ACCOUNT_UPDATE"]]
    assert "SHIPPING_UPDATE" not in changed


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("2016-04", "2016-11", "A business may answer for 24 hours after the person's last action"),
        ("2017-09", "2017-11", "A message may say in messaging_type what it is; before, there was no such field."),
        ("2018-03", "2018-05", "Every message has to say in messaging_type what it is; before, it was optional."),
        ("2020-03", "2021-06", "HUMAN_AGENT can be used without doubt; before, it could not"),
        ("2021-06", "2022-05", "People can agree to recurring notifications"),
        ("2022-05", "2025-07", "Utility templates that were approved beforehand may be sent at any time"),
        ("2025-07", "2026-02", "Recurring notifications have ended, except in Australia"),
        ("2026-02", "2026-04", "ACCOUNT_UPDATE, CONFIRMED_EVENT_UPDATE and POST_PURCHASE_UPDATE can no longer be used"),
        ("2026-04", "2026-09", "An ad that opens a conversation may give up to 7 days to answer"),
        (
            "instagram-2021-06",
            "instagram-2021-09",
            "A private reply to a comment must not carry a tag; before, it could.",
        ),
        ("instagram-2022-05", "instagram-2026-02", "Recurring notifications have ended everywhere."),
    ],
)
def test_what_it_means_is_told_first(before: str, after: str, sentence: str, bench: Bench) -> None:
    told = words(bench.run("editions", "diff", before, after).out)
    assert sentence in told.partition("What it means")[2]
    assert any(said.startswith(sentence) for said in value(bench, "editions", "diff", before, after)["meaning"])


def test_limits_are_those_of_the_first_days(bench: Bench) -> None:
    limits = value(bench, "editions", "diff", "2017-11", "2018-03")["structure"]["limits"]
    assert limits == [{"where": "message.text", "before": "at most 640 characters", "after": "at most 2000 characters"}]
    assert "first day, 2017-11-07 and 2018-03-05" in words(bench.run("editions", "diff", "2017-11", "2018-03").out)


def test_the_same_edition_twice_changes_nothing(bench: Bench) -> None:
    assert "\nNothing changes.\n" in bench.run("editions", "diff", "2020-03", "2020-03").out
    assert value(bench, "editions", "diff", "latest", "2026-09")["nothing_changes"] is True


def test_latest_is_of_the_platform_that_the_other_one_is_of(bench: Bench) -> None:
    assert value(bench, "editions", "diff", "2017-04", "latest")["after"]["id"] == "2026-09"
    assert value(bench, "editions", "diff", "latest", "instagram-2021-06")["before"]["id"] == "instagram-2026-09"
    bench.write(".policylint.yaml", "platform: instagram\n")
    assert value(bench, "editions", "show", "latest")["id"] == "instagram-2026-09"
    assert value(bench, "editions", "diff", "2017-04", "latest")["after"]["id"] == "2026-09"


def test_two_platforms_can_be_compared_and_it_says_so(bench: Bench) -> None:
    told = words(bench.run("editions", "diff", "2026-09", "instagram-2026-09").out)
    assert "These are editions of two platforms" in told
    assert "CUSTOMER_FEEDBACK no tag of Instagram" in told
    assert "message.text at most 2000 characters at most 1000 characters" in told
    assert "template receipt" in told


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["diff", "2017-04", "2020-30"], "no edition is called '2020-30'; did you mean 2020-03?"),
        (["diff", "dated", "2017-04"], "dated is no edition, but each message's own"),
        (["show", "x"], "no edition is called 'x'; known are 2016-04"),
        (["dif", "2017-04", "2020-03"], "No command of editions is called 'dif'. Did you mean diff?"),
        (["2017-04"], "No command of editions is called '2017-04'. Commands: show, diff."),
        (["diff", "2017-04"], "Missing argument 'B'"),
    ],
)
def test_a_wrong_call_says_what_to_do(arguments: list[str], complaint: str, bench: Bench) -> None:
    run = bench.run("editions", *arguments)
    assert (run.status, run.out) == (2, "")
    assert complaint in run.err


@pytest.mark.parametrize("arguments", [["editions"], ["editions", "show"], ["editions", "diff"]])
def test_help_has_an_example(arguments: list[str], bench: Bench) -> None:
    run = bench.run(*arguments, "--help")
    assert run.status == 0
    assert f"\n  policylint {' '.join(arguments)}" in run.out


# --- rules and explain


def test_rules_of_an_edition_are_those_in_force_in_its_words(bench: Bench) -> None:
    every = {rule["id"]: rule for rule in value(bench, "rules")}
    assert set(every) == set(shipped_rulebook().rules)
    assert every["tag-retiring"]["in_force"] == {
        "messenger": [{"first": "2025-07", "last": "2026-02"}],
        "instagram": [],
    }
    assert every["too-long"]["in_force"]["messenger"] == [{"first": "2016-04", "last": "2026-09"}]
    seed = {rule["id"] for rule in value(bench, "rules", "--edition", "2017-04")}
    newest = {rule["id"] for rule in value(bench, "rules", "--edition", "latest")}
    assert "extra-message-spent" in seed - newest
    assert "missing-messaging-type" in newest - seed
    instagram = {rule["id"]: rule for rule in value(bench, "rules", "--edition", "instagram-2026-02")}
    assert instagram["recurring-notifications-ended"]["severity"] == "error"
    assert every["recurring-notifications-ended"]["severity"] == "warning"
    assert "did you mean 2017-04?" in bench.run("rules", "--edition", "2017-4").err


def test_explain_says_where_a_rule_is_in_force_and_what_it_says_elsewhere(bench: Bench) -> None:
    told = bench.run("explain", "untagged-outside-window").out
    assert "In force: Messenger since 2016-11 (2016-11-14); Instagram: all\n" in told
    otherwise = told.partition("Otherwise: Messenger since 2020-03 (2020-03-04)\n")[2].partition("\n\n")[0]
    assert "Says: sent without a tag after the 24h window had closed" in otherwise
    assert (
        "In force: Messenger from 2017-04 (2017-04-06) to 2026-02 (2026-04-26)\n"
        in bench.run("explain", "off-topic-for-tag").out
    )
    assert "In force: all editions\n" in bench.run("explain", "too-long").out


def test_explain_takes_the_words_of_the_chosen_edition(bench: Bench) -> None:
    seed = bench.run("explain", "untagged-outside-window").out.partition("Otherwise")[0]
    later = bench.run("explain", "untagged-outside-window", "--edition", "latest").out.partition("Otherwise")[0]
    assert "one more message after that" in seed
    assert "one more message after that" not in later
    bench.write(".policylint.yaml", 'edition: "2020-03"\n')
    assert (
        "one more message after that"
        not in bench.run("explain", "untagged-outside-window").out.partition("Otherwise")[0]
    )


def test_explain_of_a_rule_that_the_edition_does_not_have_takes_the_newest_that_does(bench: Bench) -> None:
    told = bench.run("explain", "extra-message-spent", "--edition", "latest").out
    assert "Not under 2026-09: what follows is told as of 2019-08.\n" in told
    told = bench.run("explain", "tag-on-private-reply").out
    assert "told as of instagram-2026-09" in told
    assert "answered privately within 7d" in told


@pytest.mark.parametrize("name", sorted(shipped_rulebook().rules))
@pytest.mark.parametrize("edition", ["2016-04", "2017-04", "latest", "instagram-2021-06"])
def test_explain_leaves_no_placeholder(name: str, edition: str, bench: Bench) -> None:
    told = bench.run("explain", name, "--edition", edition).out
    manual = told.partition("\nFine: ")[0]
    assert "Instead: " in manual
    assert not re.search(r"\{[a-z_]+\.|<[a-z]", manual)


def test_explain_of_an_own_rule_fills_in_what_its_edition_settles(own: Bench) -> None:
    told = own.run("explain", "pick-up-in-capitals").out
    assert "In force: Messenger since 2027-01 (2027-01-15)\n" in told
    assert "Instead: Write TAG in small letters within 48h.\n" in told
