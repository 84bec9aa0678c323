"""The configuration file: where it is found, what it says, and how it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from policylint.commands.init import TEMPLATE
from policylint.errors import ConfigError, PolicylintError
from policylint.events import History
from policylint.findings import Severity
from policylint.pages import Page
from policylint.settings import Settings, find_config, load_settings


def write(folder: Path, text: str, name: str = ".policylint.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_everything_is_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
edition: dated
history: complete
clock_skew: 1m30s
rules: [policy/*.yaml]
select: [unknown-tag]
ignore: [too-long]
severity: {too-many: note}
fail_on: warning
pages: {123: {subscription_messaging: true}, "456": {}}
per_path: {"tests/**": {ignore: [too-few], severity: {too-long: error}}}
accepted: [{path: a.json, rule: too-long, pointer: /message/text, reason: known}]
baseline: base.ndjson
""",
    )
    settings = load_settings(path)
    assert (settings.edition, settings.history, settings.clock_skew) == ("dated", History.COMPLETE, 90_000_000)
    assert settings.select == frozenset({"unknown-tag"})
    assert settings.ignore == frozenset({"too-long"})
    assert settings.severity == {"too-many": Severity.NOTE}
    assert (settings.fail_on, settings.pages) == (
        Severity.WARNING,
        {"123": Page(subscription_messaging=True), "456": Page()},
    )
    assert settings.per_path[0].severity == {"too-long": Severity.ERROR}
    assert settings.accepted[0].reason == "known"
    assert settings.baseline == tmp_path / "base.ndjson"


def test_the_nearest_one_upwards_wins_and_pyproject_counts_only_with_the_table(tmp_path: Path) -> None:
    outer = write(tmp_path, "", ".policylint.yaml")
    deep = tmp_path / "a" / "b"
    write(deep.parent, "[tool.ruff]\n# policylint\n", "pyproject.toml")
    deep.mkdir()
    assert find_config(deep) == outer
    nearer = write(deep.parent, "[tool.policylint]\nedition = 'dated'\n", "pyproject.toml")
    assert find_config(deep) == nearer
    assert load_settings(nearer).edition == "dated"


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, "# nothing\n"))
    assert settings == Settings(root=tmp_path, path=tmp_path / ".policylint.yaml")


def test_the_template_of_init_is_valid_and_so_is_each_line_when_it_is_switched_on(tmp_path: Path) -> None:
    load_settings(write(tmp_path, TEMPLATE))
    options = []
    for line in TEMPLATE.splitlines():
        bare = line.removeprefix("# ")
        if line.startswith("# ") and (":" in bare.split(" ")[0] or bare.startswith("  ")):
            options.append(bare)
    settings = load_settings(write(tmp_path, "\n".join(options)))
    assert settings.accepted
    assert settings.per_path
    assert settings.rules


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("editon: dated\n", ":1:9:", "unknown key editon; did you mean edition?"),
        ("history: all\n", ":1:10:", "it takes complete, partial"),
        ("a: 1\nedition: 3\n", "", "unknown key a"),
        ("edition: 2017\n", ":1:10:", "edition: must be of type string"),
        ("clock_skew: 5 parsecs\n", ":1:13:", "not a duration"),
        ("ignore: NO\n", ":1:9:", "must be of type array"),
        ("accepted:\n  - {path: a, rule: b}\n", ":2:5:", "reason is missing"),
        ("accepted:\n  - {path: a, rule: b, reason: ' '}\n", ":2:32:", "can't be empty"),
        ("ignore: [a]\nignore: [b]\n", ":2:1:", "the key ignore stands twice"),
        ("severity: {too-long: fatal}\n", ":1:22:", "it takes error, warning, note"),
    ],
)
def test_a_broken_configuration_is_named_with_its_place(text: str, place: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load_settings(write(tmp_path, text))
    assert str(raised.value).startswith(f".policylint.yaml{place}")
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("[tool.policylint]\n\nediton = 'x'\n", "pyproject.toml:3:", "did you mean edition?"),
        ("[tool.policylint]\nignore = 'x'\n", "pyproject.toml:2:", "ignore: must be of type array"),
        ("[tool.policylint]\nclock_skew = '5'\n", "pyproject.toml:2:", "clock_skew"),
        ("[tool.policylint\n", "pyproject.toml:", "line 1"),
    ],
)
def test_a_broken_pyproject_is_named_with_its_line(text: str, place: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load_settings(write(tmp_path, text, "pyproject.toml"))
    assert str(raised.value).startswith(place)
    assert words in str(raised.value)


def test_unknown_rule_ids_are_refused_with_the_nearest(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, "ignore: [to-long]\n"))
    with pytest.raises(PolicylintError, match=r"ignore: no rule is called to-long; did you mean too-long\?"):
        settings.check_rule_names(["too-long", "too-many"])


def test_a_glob_of_rules_that_matches_nothing_is_refused(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, "rules: [policy/*.yaml]\n"))
    with pytest.raises(ConfigError, match=r"policy/\*\.yaml matches no file"):
        settings.rule_files()
