"""What our document says of a request, to be compared with what a server really answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
from jsonschema import Draft202012Validator
from tests.contract.reference import Described

from batchwright.engine.replies import BASE_PATH

# Of every HTTP, of browsers and of the pages of other sites: nobody reads about them in the document of an API.
USUAL = frozenset(
    (
        "cache-control",
        "connection",
        "content-length",
        "content-security-policy",
        "content-type",
        "cross-origin-resource-policy",
        "date",
        "referrer-policy",
        "server",
        "x-content-type-options",
    )
)


@dataclass(frozen=True)
class Declared:
    """The document of a running server."""

    raw: Mapping[str, Any]

    @staticmethod
    async def of(http: httpx2.AsyncClient) -> Declared:
        """As anybody gets it."""
        return Declared((await http.get(f"{BASE_PATH}/openapi.json")).json())

    def operation(self, method: str, path: str) -> Mapping[str, Any]:
        """The operation of a request; paths without names win."""
        for template in sorted(self.raw["paths"], key=lambda each: each.count("{")):
            if re.fullmatch(re.sub(r"\{\w+\}", r"[^/]+", template), path):
                found: Mapping[str, Any] = self.raw["paths"][template][method.lower()]
                return found
        raise AssertionError(f"not in the document: {method} {path}")

    def parameters(self, operation: Mapping[str, Any], place: str) -> dict[str, Mapping[str, Any]]:
        """The parameters of an operation that stand there."""
        followed = map(Described(self.raw).followed, operation["parameters"])
        return {each["name"]: each for each in followed if each["in"] == place}

    def headers(self, method: str, path: str, status: int) -> set[str]:
        """The headers of a reply, in lower case."""
        reply = self._reply(method, path, status)
        for header in reply["headers"].values():
            assert {"description", "schema"} <= Described(self.raw).followed(header).keys()
        return {name.lower() for name in reply["headers"]}

    def faults(self, response: httpx2.Response) -> list[str]:
        """What a real reply has that the document doesn't tell: its status, its headers, its form, its body."""
        request = response.request
        method, path = request.method, request.url.path.removeprefix(BASE_PATH)
        reply = self._reply(method, path, response.status_code)
        wrong = [f"header {name}" for name in self._undeclared(method, path, response)]
        wrong += [f"header {name}: {why}" for name, why in self._misfits(reply, response.headers.items())]
        form = response.headers["content-type"].partition(";")[0]
        if form not in reply["content"]:
            return [*wrong, f"form {form}"]
        if form == "application/json":
            wrong += self._invalid(reply["content"][form]["schema"], response.json())
        return wrong

    def _reply(self, method: str, path: str, status: int) -> Mapping[str, Any]:
        replies = self.operation(method, path)["responses"]
        assert str(status) in replies, f"{method} {path} isn't said to answer {status}"
        return Described(self.raw).followed(replies[str(status)])

    def _undeclared(self, method: str, path: str, response: httpx2.Response) -> set[str]:
        known = self.headers(method, path, response.status_code)
        return {name.lower() for name in response.headers} - known - USUAL

    def _misfits(self, reply: Mapping[str, Any], headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        given = {name.lower(): Described(self.raw).followed(each)["schema"] for name, each in reply["headers"].items()}
        values = {
            name: int(value) if given[name]["type"] == "integer" else value for name, value in headers if name in given
        }
        return [(name, why) for name, value in values.items() for why in self._invalid(given[name], value)]

    def _invalid(self, schema: Mapping[str, Any], value: Any) -> list[str]:
        validator = Draft202012Validator({**schema, "components": self.raw["components"]})
        return [f"{each.json_path}: {each.message}" for each in validator.iter_errors(value)]
