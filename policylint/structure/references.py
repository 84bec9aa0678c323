"""What the references in schemas lead to."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote, urljoin

from policylint.events import Json
from policylint.structure.keywords import inner_schemas, mapped


def steps(fragment: str) -> list[str]:
    """The names and indices in `fragment`, a URI's part after #, that is a JSON pointer."""
    return [step.replace("~1", "/").replace("~0", "~") for step in unquote(fragment).split("/")[1:]]


class References:
    """The schemas that references lead to, with absolute references and without x- keywords, which ask for nothing.

    `read` gives the document at a URI. Documents name their parts by place only: $id, $anchor and $dynamicRef are
    not known here.
    """

    def __init__(self, read: Callable[[str], Json]) -> None:
        self._read = read
        self._documents: dict[str, Json] = {}
        self._straight: set[str] = set()  # references that don't lead back to themselves

    def named(self, reference: str) -> Json:
        """The schema that the absolute `reference` leads to.

        Raises LookupError when it leads to nothing, and what reading the document raises.
        """
        uri, _, fragment = reference.partition("#")
        if uri not in self._documents:
            self._documents[uri] = _absolute(self._read(uri), uri)
        schema = self._documents[uri]
        for step in steps(fragment):
            schema = schema[int(step) if isinstance(schema, list) else step]
        return schema

    def are_circular(self, schema: Json, path: tuple[str, ...] = ()) -> bool:
        """Whether the references in `schema`, reached by those of `path`, lead back to one on the way."""
        if not isinstance(schema, dict):
            return False
        reference = schema.get("$ref")
        if reference is not None and reference not in self._straight:
            if reference in path or self.are_circular(self.named(reference), (*path, reference)):
                return True
            self._straight.add(reference)
        inner = (one for key, value in schema.items() if key != "$defs" for one in inner_schemas(key, value))
        return any(self.are_circular(one, path) for one in inner)


def _absolute(schema: Json, uri: str) -> Json:
    if not isinstance(schema, dict):
        return schema
    return {
        key: urljoin(uri, value) if key == "$ref" else mapped(lambda one: _absolute(one, uri), key, value)
        for key, value in schema.items()
        if not key.startswith("x-")
    }
