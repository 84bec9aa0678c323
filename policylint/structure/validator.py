"""Whether a send request fits the schema of an edition, and if not, why.

jsonschema-rs decides, in a microsecond or three, and finds the misfits. The Python jsonschema, the reference
implementation, finds them too, some sixty times slower: nobody should have to take the fast one's word for it, so a
property test holds the two together on generated and mutated requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Final

import jsonschema_rs
import orjson

from policylint.errors import RuleError
from policylint.events import Json
from policylint.structure.explain import Misfit, explain
from policylint.structure.problem import Problem
from policylint.structure.references import steps

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

    from policylint.structure.digits import DigitsOfSchema

# Schemas are known by their place below the folder of all editions, so that no reference can lead out of it.
BASE: Final = "file:///"

DEEPEST: Final = 32  # no schema looks deeper into a request; what lies there can't matter

MOST_BITS: Final = 1024  # Python refuses to print integers of several thousand digits


class RequestValidator:
    """Judges requests by one schema, `<folder>/<platform>/<edition>/send-request.schema.json`.

    With a `document`, by that, as if it stood in the file, which need not be there then.
    Other files of `<folder>` are read when the schema refers to them, nothing else is.
    Raises RuleError when a schema can't be read or is none.
    """

    def __init__(self, schema: Path, document: Json = None) -> None:
        self._schema = schema
        self._document = document
        self._folder = schema.parents[2].resolve()
        self._uri = BASE + schema.relative_to(schema.parents[2]).as_posix()
        self._documents: dict[str, Json] = {} if document is None else {self._uri: document}
        self._schemas: dict[str, Json] = {}  # by the location of a keyword in them
        try:
            self._fast = jsonschema_rs.Draft202012Validator(
                self._read(self._uri), base_uri=self._uri, retriever=self._read
            )
        except (OSError, ValueError, jsonschema_rs.ReferencingError) as error:
            raise RuleError(f"{schema}: not a schema that can be used: {error}") from error

    def __reduce__(self) -> tuple[type[RequestValidator], tuple[Path, Json]]:
        return RequestValidator, (self._schema, self._document)  # compiled schemas can't travel to another process

    def is_valid(self, request: Json) -> bool:
        """Whether `request` has no structural problem at all."""
        try:
            return self._fast.is_valid(request)
        except ValueError:  # a key or text that is not UTF-8, say
            return self._fast.is_valid(_tame(request))

    def quick(self) -> Callable[[Json], bool]:
        """A function that is mostly sure of a valid request, two to three times as fast as `is_valid`.

        True means valid. False means nothing: `is_valid` knows. It is False for valid requests with a field that is
        null, say. Making it takes 10 to 30 ms, so it is for who has thousands of requests to judge.
        """
        from policylint.structure.narrowing import narrowed

        decides = jsonschema_rs.Draft202012Validator(narrowed(self._uri, self._read), retriever=self._read).is_valid

        def surely_valid(request: Json) -> bool:
            try:
                return decides(request)
            except ValueError:  # as in is_valid
                return False

        return surely_valid

    def digits(self) -> DigitsOfSchema:
        """Where in a request the schema tells one digit from another."""
        from policylint.structure.digits import DigitsOfSchema

        return DigitsOfSchema(self._uri, self._read)

    def problems(self, request: Json, *, reference: bool = False) -> list[Problem]:
        """What is wrong with `request`, sorted by pointer and kind; empty exactly when it is valid.

        With `reference` the misfits come from the Python jsonschema: the same problems, slowly.
        """
        if self.is_valid(request):
            return []
        tame = _tame(request)
        return explain(self._reference_misfits(tame) if reference else self._misfits(tame))

    def _reference_misfits(self, request: Json) -> Iterator[Misfit]:
        for error in self._reference.iter_errors(request):
            if isinstance(error.schema, dict):
                yield Misfit(tuple(error.absolute_path), str(error.validator), error.schema, error.instance)

    def _misfits(self, request: Json) -> Iterator[Misfit]:
        for error in self._fast.iter_errors(request):
            value = request
            for step in error.instance_path:
                value = value[step]
            schema = self._schema_of(error.absolute_keyword_location or "")
            yield Misfit(tuple(error.instance_path), str(error.schema_path[-1]), schema, value)

    def _schema_of(self, location: str) -> Json:
        """The schema in which the keyword at `location` stands."""
        if location not in self._schemas:
            uri, _, fragment = location.partition("#")
            schema = self._documents[uri]
            for step in steps(fragment)[:-1]:
                schema = schema[int(step) if isinstance(schema, list) else step]
            self._schemas[location] = schema
        return self._schemas[location]

    @cached_property
    def _reference(self) -> Draft202012Validator:
        from jsonschema import Draft202012Validator
        from referencing import Registry
        from referencing.jsonschema import DRAFT202012

        resources = [(uri, DRAFT202012.create_resource(document)) for uri, document in self._documents.items()]
        registry: Registry[Json] = Registry().with_resources(resources).crawl()
        return Draft202012Validator({"$ref": self._uri}, registry=registry)

    def _read(self, uri: str) -> Json:
        if uri not in self._documents:
            file = (self._folder / uri.removeprefix(BASE)).resolve()
            if not uri.startswith(BASE) or not file.is_relative_to(self._folder):
                raise ValueError(f"{uri} lies outside the folder of schemas")
            self._documents[uri] = orjson.loads(file.read_bytes())
        return self._documents[uri]


def _tame(value: Json, depth: int = DEEPEST) -> Json:
    """A copy of `value` that no validator stumbles over: not too deep, no monstrous numbers, all text UTF-8."""
    match value:
        case dict():
            return {_text(str(key)): _tame(item, depth - 1) for key, item in value.items()} if depth else {}
        case list():
            return [_tame(item, depth - 1) for item in value] if depth else []
        case str():
            return _text(value)
        case int() if value.bit_length() > MOST_BITS:
            return 1 << MOST_BITS
        case float() if not isfinite(value):  # no JSON; jsonschema-rs takes it for null
            return None
    return value


def _text(value: str) -> str:
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
