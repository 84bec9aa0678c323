"""The compiled rulebook says what the YAML files say."""

from __future__ import annotations

from policylint.rulebook import COMPILED, compiled, shipped_rulebook
from policylint.shipped import shipped


def test_compiled_form_is_up_to_date() -> None:
    fresh = compiled(shipped("rules"))
    assert (shipped("rules") / COMPILED).read_bytes() == fresh, "run `make rules` and commit rules/compiled.json"


def test_the_seed_edition_has_all_its_rules() -> None:
    wanted = {
        "untagged-outside-window", "extra-message-spent", "not-started-by-person", "no-action-on-record",
        "unknown-tag", "misspelt-tag", "wrong-content-for-tag", "promotion-under-tag", "feedback-request-under-tag",
        "off-topic-for-tag", "issue-not-raised-by-person", "promotion-in-subscription", "message-after-opt-out",
        "echo-outside-window", "missing-field", "wrong-type", "unknown-value", "unknown-field", "too-long", "too-many",
        "too-few", "malformed-value", "conflicting-fields", "repeated-key", "not-in-edition", "unreadable-record",
        "rule-crashed",
    }  # fmt: skip
    assert set(shipped_rulebook().rules) == wanted
