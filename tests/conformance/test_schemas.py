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

from policylint.findings import Severity
from policylint.shipped import shipped
from policylint.structure.problem import Problem
from policylint.structure.validator import RequestValidator

Json = Any

SCHEMAS = sorted(shipped("schemas").rglob("*.json"))
MESSENGER = shipped("schemas") / "messenger"
SEND_REQUEST = MESSENGER / "2017-04" / "send-request.schema.json"
VALIDATOR = RequestValidator(SEND_REQUEST)

DEFAULT_SEVERITY = {
    "unknown-field": Severity.WARNING,
    "repeated-key": Severity.WARNING,
    "not-in-edition": Severity.NOTE,
}

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "payloads"


def named(file: Path) -> str:
    return file.relative_to(shipped("schemas")).as_posix()


def subschemas(schema: Json) -> Iterator[dict[str, Json]]:
    """All objects in a schema, itself first."""
    if isinstance(schema, dict):
        yield schema
    if isinstance(schema, dict | list):
        for inner in schema.values() if isinstance(schema, dict) else schema:
            yield from subschemas(inner)


@pytest.mark.parametrize("file", SCHEMAS, ids=named)
def test_draft(file: Path) -> None:
    schema = json.loads(file.read_bytes())
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("file", sorted(MESSENGER.rglob("*.json")), ids=named)
def test_messenger_schemas_need_no_network(file: Path) -> None:
    for schema in subschemas(json.loads(file.read_bytes())):
        assert "$id" not in schema
        assert "://" not in str(schema.get("$ref", ""))


@pytest.mark.parametrize("file", sorted(MESSENGER.rglob("*.json")), ids=named)
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
    for file in sorted(MESSENGER.rglob("*.json"))
    for pointer, name, required in members(json.loads(file.read_bytes()), "#")
    # The type that led to a definition, and what a definition beside it describes, are true here.
    if name not in ("type", "template_type", "content_type", "intro_message")
]


def test_optional_members_may_be_null_and_required_ones_not() -> None:
    """The API treats null as absent; so an error about null means that a required member is missing."""

    def read(uri: str) -> Json:
        return json.loads((MESSENGER / uri.removeprefix("file:///")).read_bytes())

    assert len(MEMBERS) > 100
    for file, pointer, required in MEMBERS:
        uri = f"file:///{file.relative_to(MESSENGER).as_posix()}{pointer}"
        takes_null = jsonschema_rs.Draft202012Validator({"$ref": uri}, retriever=read).is_valid(None)
        assert takes_null != required, f"{file.name}{pointer}"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"recipient": {"id": "1"}, "message": {"text": "Hello"}}, 0),
        ({"recipient": {"id": "1"}, "message": {"text": "x" * 641}}, 1),
    ],
    ids=["good", "bad"],
)
def test_check_jsonschema_takes_the_schema(request_: Json, status: int, tmp_path: Path) -> None:
    payload = tmp_path / "payload.json"
    payload.write_text(json.dumps(request_))
    run = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--schemafile", str(SEND_REQUEST), str(payload)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == status, run.stdout + run.stderr
    assert ("message.text" in run.stdout) == bool(status)


def is_error(problem: Problem) -> bool:
    return (problem.severity or DEFAULT_SEVERITY.get(problem.kind, Severity.ERROR)) is Severity.ERROR


def corpus() -> list[tuple[str, str, Json]]:
    """Real requests: name, how their collector labelled them, and the request."""
    index = CORPUS / "index.jsonl"
    if not index.is_file():
        return []
    entries = [json.loads(line) for line in index.read_text(encoding="utf-8").splitlines()]
    return [
        (entry["file"], entry["structure"], json.loads((CORPUS / entry["file"]).read_bytes()))
        for entry in entries
        if entry["kind"] == "send"
    ]


def test_corpus() -> None:
    """What real clients sent has errors exactly when its label says so; every label was read and found right."""
    requests = corpus()
    if not requests:
        pytest.skip("the corpus of recorded requests is not here")
    wrong = []
    seen: Counter[str] = Counter()
    for name, label, request in requests:
        problems = VALIDATOR.problems(request)
        assert problems == VALIDATOR.problems(request, reference=True)
        errors = [problem for problem in problems if is_error(problem)]
        seen[label] += 1
        if bool(errors) != (label == "invalid"):
            wrong.append((name, label, errors))
    assert wrong == []
    assert seen["invalid"] >= 20
    assert seen["valid"] >= 40
