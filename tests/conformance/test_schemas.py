"""The shipped schemas: sound by themselves, usable by other tools, and right about real requests."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator

from policylint.events import Platform
from policylint.findings import Severity
from policylint.rulebook import shipped_rulebook
from policylint.shipped import shipped
from policylint.structure.dated import FILE, MASTER, Schemas, edition_schemas, read_master
from policylint.structure.problem import Problem

Json = Any

FOLDER = shipped("schemas")
EDITIONS = shipped_rulebook().editions
EDITION_FILES = edition_schemas(read_master(FOLDER), {(one.platform, one.id): one.since for one in EDITIONS.all})
REQUESTS = sorted([*FOLDER.glob("messenger/*/*.json"), *FOLDER.glob("instagram/*/*.json")])
SHARED = FOLDER / "messenger" / "shared" / "definitions.schema.json"
VALIDATORS = Schemas()

DEFAULT_SEVERITY = {
    "unknown-field": Severity.WARNING,
    "repeated-key": Severity.WARNING,
    "not-in-edition": Severity.NOTE,
}

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "payloads"


def named(file: Path) -> str:
    return file.relative_to(FOLDER).as_posix()


def subschemas(schema: Json) -> Iterator[dict[str, Json]]:
    """All objects in a schema, itself first."""
    if isinstance(schema, dict):
        yield schema
    if isinstance(schema, dict | list):
        for inner in schema.values() if isinstance(schema, dict) else schema:
            yield from subschemas(inner)


def test_each_edition_has_the_schema_of_its_first_day() -> None:
    """`python -m policylint.structure.dated` writes them anew."""
    assert {named(file) for file in REQUESTS} - {named(SHARED)} == set(EDITION_FILES)
    for name, content in EDITION_FILES.items():
        assert (FOLDER / name).read_bytes() == content, name


@pytest.mark.parametrize("file", sorted(FOLDER.rglob("*.schema.json")), ids=named)
def test_draft(file: Path) -> None:
    schema = json.loads(file.read_bytes())
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("file", REQUESTS, ids=named)
def test_request_schemas_need_no_network(file: Path) -> None:
    for schema in subschemas(json.loads(file.read_bytes())):
        assert "$id" not in schema
        assert "://" not in str(schema.get("$ref", ""))


@pytest.mark.parametrize("file", [FOLDER / MASTER, *REQUESTS], ids=named)
def test_limits_name_their_source(file: Path) -> None:
    whole = json.loads(file.read_bytes())
    for definition in [whole, *whole.pop("$defs", {}).values()]:
        for schema in subschemas(definition):
            if {"maxLength", "maxItems"} & schema.keys():
                assert "$comment" in schema or "$comment" in definition, schema


def members(schema: Json, pointer: str) -> Iterator[tuple[str, str, bool]]:
    """The members that a schema describes (not those it only tests): pointer, name, and whether it is required."""
    for name, member in schema.get("properties", {}).items():
        yield f"{pointer}/properties/{name}", name, name in schema.get("required", ())
        if isinstance(member, dict):
            yield from members(member, f"{pointer}/properties/{name}")
    if "items" in schema:
        yield from members(schema["items"], f"{pointer}/items")
    for name, definition in schema.get("$defs", {}).items():
        yield from members(definition, f"{pointer}/$defs/{name}")


MEMBERS = [
    (file, pointer, required)
    for file in (SHARED, *(FOLDER / name for name in EDITION_FILES if "2017-04" in name or "2026-09" in name))
    for pointer, name, required in members(json.loads(file.read_bytes()), "#")
    # The type that led to a definition, and what a definition beside it describes, are true here.
    if name not in ("type", "template_type", "content_type", "intro_message")
]


def test_optional_members_may_be_null_and_required_ones_not() -> None:
    """The API treats null as absent; so an error about null means that a required member is missing."""

    def read(uri: str) -> Json:
        return json.loads((FOLDER / uri.removeprefix("file:///")).read_bytes())

    assert len(MEMBERS) > 100
    for file, pointer, required in MEMBERS:
        uri = f"file:///{named(file)}{pointer}"
        takes_null = jsonschema_rs.Draft202012Validator({"$ref": uri}, retriever=read).is_valid(None)
        assert takes_null != required, f"{file.name}{pointer}"


TEXT: Json = {"recipient": {"id": "1"}, "message": {"text": "Hello"}}
TYPED: Json = {**TEXT, "messaging_type": "RESPONSE"}
HEART: Json = {"recipient": {"id": "1"}, "message": {"attachment": {"type": "like_heart"}}}
LONG: Json = {"recipient": {"id": "1"}, "message": {"text": "x" * 1001}}
# A field two files away, to see that references are followed.
UNTITLED: Json = {
    "recipient": {"id": "1"},
    "message": {"text": "Which?", "quick_replies": [{"content_type": "text", "title": "x" * 21, "payload": "A"}]},
}


@pytest.mark.parametrize(
    ("edition", "good", "bad"),
    [
        (
            "messenger/2017-04",
            TEXT,
            {"message.text": LONG, "messaging_type": TYPED, "quick_replies[0].title": UNTITLED},
        ),
        ("messenger/2026-09", LONG | {"messaging_type": "RESPONSE"}, {"message.attachment.type": HEART}),
        ("instagram/instagram-2026-09", HEART, {"message.text": LONG, "quick_replies[0].title": UNTITLED}),
    ],
)
def test_check_jsonschema_takes_the_schema(edition: str, good: Json, bad: dict[str, Json], tmp_path: Path) -> None:
    def run(*requests: Json) -> subprocess.CompletedProcess[str]:
        files = []
        for n, request in enumerate(requests):
            files.append(tmp_path / f"{n}.json")
            files[-1].write_text(json.dumps(request))
        command = [
            sys.executable,
            "-m",
            "check_jsonschema",
            "--schemafile",
            str(FOLDER / edition / FILE),
            *map(str, files),
        ]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    passed = run(good)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    failed = run(*bad.values())
    assert failed.returncode == 1, failed.stdout + failed.stderr
    for n, place in enumerate(bad):
        assert any(f"{n}.json" in line and place in line for line in failed.stdout.splitlines()), place


def is_error(problem: Problem) -> bool:
    return (problem.severity or DEFAULT_SEVERITY.get(problem.kind, Severity.ERROR)) is Severity.ERROR


def corpus() -> list[tuple[str, str, str | None, Json]]:
    """Real requests: name, how their collector labelled them, the day of their source, and the request."""
    index = CORPUS / "index.jsonl"
    if not index.is_file():
        return []
    entries = [json.loads(line) for line in index.read_text(encoding="utf-8").splitlines()]
    return [
        (entry["file"], entry["structure"], entry.get("path_date"), json.loads((CORPUS / entry["file"]).read_bytes()))
        for entry in entries
        if entry["kind"] == "send"
    ]


def test_corpus() -> None:
    """What real clients sent has errors exactly when its label says so; every label was read and found right.

    Each is judged by the first day of the edition of its day, and on the day itself, on both readings; one that bears
    no day must be free of errors in some edition.
    """
    requests = corpus()
    if not requests:
        pytest.skip("the corpus of recorded requests is not here")
    wrong = []
    seen: Counter[str] = Counter()
    for name, label, day, request in requests:
        first_days = [edition.since for edition in EDITIONS.of(Platform.MESSENGER)]
        days = [max(first for first in first_days if first <= day), day] if day else first_days
        judged = []
        for one in days:
            for late in (False, True):
                validator = VALIDATORS.validator(Platform.MESSENGER, one, late=late)
                judged.append(validator.problems(request))
                assert judged[-1] == validator.problems(request, reference=True)
        seen[label] += 1
        faulty = [any(map(is_error, problems)) for problems in judged]
        if (set(faulty) if day else {all(faulty)}) != {label == "invalid"}:
            wrong.append((name, label, day, judged))
    assert wrong == []
    assert seen["invalid"] >= 20
    assert seen["valid"] >= 40
