"""The JSON and NDJSON reports fit the schema that promises their shape."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from policylint.findings import Evidence, Finding
from policylint.reporters import Report
from policylint.shipped import shipped

Build = Callable[..., Finding]
Reports = Callable[..., Report]
Written = Callable[..., tuple[str, str]]

SCHEMA = json.loads((shipped("schemas") / "report.schema.json").read_text(encoding="utf-8"))
REPORT = Draft202012Validator(SCHEMA)
LINE = Draft202012Validator({**SCHEMA["$defs"]["line"], "$defs": SCHEMA["$defs"]})

HOSTILE = "a\nb\r::set-output name=x::y %0A \x1b[31m \x9b \u202e \u2028 \ufeff \ud800 ü"


@pytest.fixture
def full(finding: Build, report: Reports) -> Report:
    """Everything filled in, and everything left out."""
    evidence = (Evidence("/message/text", 0, 7, "percent-off", 0.9, text="50% off"),)
    bare = {"line": None, "column": None, "at": None, "conversation": None, "edition": None, "pointer": ""}
    findings = [finding(person="4711", evidence=evidence), finding(rule="off-topic-for-tag", record=2, **bare)]
    return report(findings, remarks=["So."], stale_baseline=["x"])


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema inside `schema` that lists properties."""
    if isinstance(schema, dict):
        if "properties" in schema and isinstance(schema["properties"], dict):
            yield schema
        for member in schema.values():
            yield from objects(member)
    elif isinstance(schema, list):
        for member in schema:
            yield from objects(member)


def test_schema_is_sound_and_strict() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    for schema in objects(SCHEMA):
        assert schema["additionalProperties"] is False
        for name, field in schema["properties"].items():
            described = field if "description" in field else SCHEMA["$defs"][field["$ref"].rsplit("/", 1)[1]]
            assert described["description"].endswith("."), name


@pytest.mark.parametrize("show_text", [False, True])
def test_reports_fit_the_schema(full: Report, written: Written, show_text: bool) -> None:
    REPORT.validate(json.loads(written("json", full, show_text=show_text)[0]))
    lines = written("ndjson", full, show_text=show_text)[0].splitlines()
    for line in lines:
        LINE.validate(json.loads(line))
    assert len(lines) == 3
    assert "summary" in json.loads(lines[-1])


def test_empty_report(report: Reports, written: Written) -> None:
    out = written("json", report())[0]
    REPORT.validate(json.loads(out))
    assert out.endswith('  "findings": []\n}\n')


@pytest.mark.parametrize(
    "breakage",
    [
        lambda made: made.update(version=2),
        lambda made: made.update(extra=1),
        lambda made: made.pop("summary"),
        lambda made: made["tool"].update(name="other"),
        lambda made: made["summary"].pop("used"),
        lambda made: made["summary"].update(errors=-1),
        lambda made: made["summary"]["coverage"].pop("window"),
        lambda made: made["findings"][0].pop("at"),
        lambda made: made["findings"][0].update(severity="fatal"),
        lambda made: made["findings"][0].update(text="x"),
        lambda made: made["findings"][0].update(at="yesterday"),
        lambda made: made["findings"][0]["where"].update(line=0),
        lambda made: made["findings"][0]["where"].update(pointer="message"),
        lambda made: made["findings"][0].update(evidence=None),
    ],
)
def test_schema_refuses_other_shapes(
    full: Report, written: Written, breakage: Callable[[dict[str, Any]], object]
) -> None:
    made = json.loads(written("json", full)[0])
    breakage(made)
    assert not REPORT.is_valid(made)


def test_ndjson_says_the_same(full: Report, written: Written) -> None:
    whole = json.loads(written("json", full)[0])
    *findings, last = map(json.loads, written("ndjson", full)[0].splitlines())
    assert {**last, "findings": findings} == whole


def test_layout(full: Report, written: Written) -> None:
    """Two spaces, keys in a fixed order: the bytes are those of a plain dump of the whole."""
    out = written("json", full)[0]
    assert out == json.dumps(json.loads(out), indent=2, ensure_ascii=False) + "\n"
    assert list(json.loads(out)) == ["version", "tool", "edition", "summary", "findings"]
    assert list(json.loads(out)["summary"]["coverage"]) == ["structure", "window", "wording"]


def test_text_only_when_asked_for(full: Report, written: Written) -> None:
    for name in ("json", "ndjson"):
        hidden = written(name, full)[0]
        assert "4711" not in hidden
        assert "50% off" not in hidden
        shown = written(name, full, show_text=True)[0]
        assert '"4711"' in shown
        assert '"50% off"' in shown


@pytest.mark.parametrize("name", ["json", "ndjson"])
def test_hostile_strings(finding: Build, report: Reports, written: Written, name: str) -> None:
    given = report([finding(source=HOSTILE, message=HOSTILE, pointer="/" + HOSTILE)], remarks=[HOSTILE])
    out = written(name, given)[0]
    first = out.split("\n", 1)[0] if name == "ndjson" else out
    read = orjson.loads(first)  # strict: refuses lone surrogates, even escaped ones
    found = read if name == "ndjson" else read["findings"][0]
    assert found["message"] == HOSTILE.replace("\ud800", r"\ud800")
    assert not set(out) & set("\x1b\x9b\u202e\u2028\ufeff")
    if name == "ndjson":
        assert len(out.splitlines()) == 2
