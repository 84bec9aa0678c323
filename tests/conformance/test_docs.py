"""The documentation says what is so: generated parts, links, examples and commands."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import click
import orjson
import pytest

from policylint.cli import cli, main
from policylint.datafiles import DataFile
from policylint.documents import yamltext
from policylint.lexicons.model import Lexicon
from policylint.reporters import REPORTERS
from policylint.rulebook import shipped_rulebook, with_editions
from policylint.rules.examples import trials
from policylint.rules.load import load_rule, semantic_problems
from policylint.settings import load_settings
from policylint.sources.recording import read_value
from policylint.sources.shapes import Shape, shape_of

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = sorted(
    page.relative_to(ROOT).as_posix()
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/**/*.md")]
)
FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK: Final = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CONFIGURATION: Final = set(orjson.loads((ROOT / "schemas/config.schema.json").read_bytes())["properties"])


@cache
def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(*languages: str) -> Iterator[tuple[str, str]]:
    """The fenced blocks of all pages in one of `languages`: a name for the test, and the text."""
    for page in PAGES:
        for fence in FENCE.finditer(text(page)):
            if fence[1] in languages:
                yield f"{page}:{text(page)[: fence.start()].count(chr(10)) + 1}", fence[2]


@cache
def generator() -> Any:
    """The module docs/generate.py, which is a script and in no package."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_all_pages_are_here() -> None:
    assert {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/rules.md", "examples/README.md"} <= set(PAGES)


@pytest.mark.parametrize("page", generator().FILES)
def test_generated_parts_are_up_to_date(page: str) -> None:
    assert text(page) == generator().rendered(page), "run python docs/generate.py"


def test_generator_finds_nothing_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert generator().main(["--check"]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("page", PAGES)
def test_relative_links_resolve(page: str) -> None:
    outside_code = FENCE.sub("", text(page))
    for target in LINK.findall(outside_code):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, heading = target.partition("#")
        found = (ROOT / page).parent / path if path else ROOT / page
        assert found.exists(), target
        assert found.resolve().is_relative_to(ROOT.resolve()), target
        if heading:
            assert heading in headings(found.read_text(encoding="utf-8")), target


def headings(page: str) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    titles = re.findall(r"^#+ (.*)$", FENCE.sub("", page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("block", [pytest.param(block, id=name) for name, block in blocks("yaml")])
def test_yaml_block_is_valid(block: str, tmp_path: Path) -> None:
    value = yamltext.parse_one(block).value
    assert isinstance(value, dict)
    if "id" in value and "breach_when" in value:
        path = tmp_path / f"{value['id']}.yaml"
        path.write_text(block, encoding="utf-8")
        tried = list(trials(load_rule(path), shipped_rulebook()))
        assert tried
        assert [trial.example.name for trial in tried if not trial.passed] == []
    elif "breach_when" in value:
        words = {"message": "m", "remedy": "r"}
        assert list(semantic_problems({**value, **words})) == []
    elif "signal" in value:
        path = tmp_path / f"{value['language']}.yaml"
        path.write_text(block, encoding="utf-8")
        Lexicon.from_data(DataFile(path, "lexicon.schema.json").value).check()
    elif "events" in value:
        recording = read_value("block", value, shape=Shape.SCRIPT, script_start=0)
        assert recording.unreadable == []
        assert recording.used == len(value["events"])
    elif isinstance(value.get("editions"), list) and isinstance(value["editions"][0], dict):
        path = tmp_path / "editions.yaml"
        path.write_text(block, encoding="utf-8")
        known = with_editions(shipped_rulebook(), [path]).editions
        for edition in value["editions"]:
            assert known.named(edition["id"]).since == edition["since"]
    elif not CONFIGURATION.isdisjoint(value):
        path = tmp_path / ".policylint.yaml"
        path.write_text(block, encoding="utf-8")
        load_settings(path).check_rule_names(shipped_rulebook().rules)
    else:
        assert {"repos", "jobs", "policylint"} & set(value), "neither rule, script, editions, configuration nor CI"


@pytest.mark.parametrize("block", [pytest.param(block, id=name) for name, block in blocks("json")])
def test_json_block_is_what_it_shows(block: str) -> None:
    """A recording, a report's outline or a line of a baseline."""
    value = orjson.loads(block)
    if isinstance(value, dict) and ("findings" in value or "fingerprint" in value):
        return
    recording = read_value("block", value, shape=None, script_start=0)
    assert recording.unreadable == []
    assert recording.events


def test_table_of_formats() -> None:
    """Each row of the README's table shows a record of the format that it names; all formats are there."""
    rows = re.findall(r"^\| `(\w+)`: .*? \| `([\[{].*)` \|$", text("README.md"), re.MULTILINE)
    assert [name for name, _ in rows] == [str(shape_of(orjson.loads(record))) for _, record in rows]
    assert {name for name, _ in rows} == {str(shape) for shape in Shape}
    for _, record in rows:
        assert read_value("row", orjson.loads(record), shape=None, script_start=0).unreadable == []


def commands() -> Iterator[tuple[str, str]]:
    """The lines of all pages that call policylint, also behind a pipe or in a CI job, and calls within sentences."""
    for name, block in blocks("sh", "yaml", "text"):
        for line in block.splitlines():
            called = re.match(r"(?:.*\| |\s*- (?:run: )?|\$ | *)(policylint .*)", line)
            if called:
                yield f"{name}: {called[1]}", called[1].partition("  ")[0]
    for page in PAGES:
        for called in re.finditer(r"`(policylint [^`]*)`", FENCE.sub("", text(page))):
            yield f"{page}: {called[1]}", called[1]


@pytest.mark.parametrize("command", [pytest.param(line, id=name) for name, line in commands()])
def test_command_parses(command: str) -> None:
    """Each command and option that a page names exists."""
    name, *arguments = shlex.split(command, comments=True)[1:]
    context = click.Context(cli, info_name="policylint")
    called = cli.get_command(context, name)
    assert called, name
    try:
        called.make_context(name, arguments, parent=context)
    except click.exceptions.Exit:  # --help
        pass
    except click.BadParameter as error:
        if not isinstance(error.param, click.Argument):  # an argument may be a file of the reader's own project
            raise


def test_commands_and_formats_are_in_the_readme() -> None:
    for name in cli.list_commands(click.Context(cli)):
        assert f"`policylint {name}" in text("README.md") or f"policylint {name} " in text("README.md")
    described = re.findall(r"^\| `(\w+)` \| ", text("README.md"), re.MULTILINE)
    assert described == list(REPORTERS)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["check", "examples/clean"], 0),
        (["check", "examples/breaches"], 1),
        (["check", "examples/breaches/misspelt-tag.yaml"], 0),
        (["check", "examples/breaches/misspelt-tag.yaml", "--fail-on", "warning"], 1),
        (["check", "examples/missing.json"], 2),
        (["check", "--no-such-option"], 2),
    ],
)
def test_exit_status(
    arguments: list[str], status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    documented = [int(n) for n in re.findall(r"^\| (\d+) \| ", text("README.md"), re.MULTILINE)]
    assert documented == [int(n) for n in re.findall(r"\b(\d+)\b", str(cli.epilog))]
    monkeypatch.chdir(ROOT)
    assert main(arguments) == status
    assert status in documented


def test_schemas_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The README's commands for check-jsonschema, as written."""
    monkeypatch.chdir(ROOT)
    lines = [line for _, block in blocks("sh") for line in block.splitlines() if line.startswith("check-jsonschema ")]
    assert len(lines) == 2
    for line in lines:
        arguments = shlex.split(line.replace("$PWD", ROOT.as_posix()))[1:]
        done = subprocess.run(
            [sys.executable, "-m", "check_jsonschema", *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_changelog_names_every_rule() -> None:
    for rule in shipped_rulebook().rules:
        assert f"`{rule}`" in text("CHANGELOG.md")


def test_python_block_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """The README's three lines find what they are meant to find."""
    shown = [block for name, block in blocks("python") if name.startswith("README.md")]
    assert len(shown) == 1
    exec(compile(shown[0], "README.md", "exec"), {})
    assert capsys.readouterr().out.startswith("wrong-content-for-tag /message ")


@pytest.mark.parametrize("page", PAGES)
def test_no_machine_is_named(page: str) -> None:
    """A page that shows somebody's home folder was pasted, not written."""
    assert not re.search(r"/(?:home|root|Users|tmp)/|localhost|\b10\.\d+\.\d+\.\d+", text(page))
