"""Commands to paste, made from the schemas of the OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

Schema = Mapping[str, Any]
Follow = Callable[[Schema], Schema]
GID = "1201234567890123"
BY_FORMAT = {"date": "2026-01-31", "date-time": "2026-01-31T09:00:00.000Z"}
BY_TYPE = {"integer": 10, "number": 1.5, "boolean": True, "object": {}, "string": "..."}


def curl(path: str, method: str, parameters: Iterable[Schema], body: Schema | None, follow: Follow) -> str:
    """A command over several lines; the variables API and TOKEN are set by the reader."""
    query = []
    for each in parameters:
        if each["in"] == "path":
            path = path.replace("{" + each["name"] + "}", str(example(each["schema"], follow)))
        elif each["in"] == "query" and (each.get("required") or each["name"] == "limit"):
            query.append(f"{each['name']}={quote(str(example(each['schema'], follow)))}")
    url = f"$API{path}" + ("?" + "&".join(query) if query else "")
    lines = [f'curl "{url}"' if method == "GET" else f'curl -X {method} "{url}"', '-H "Authorization: Bearer $TOKEN"']
    if body is not None:
        data = json.dumps({"data": example(body, follow)}, ensure_ascii=False)
        lines += ['-H "Content-Type: application/json"', f"-d '{data}'"]
    return " \\\n  ".join(lines)


def example(schema: Schema, follow: Follow) -> Any:
    """A value that fulfils the schema: of an object its name and what it requires, else its first field."""
    schema = follow(schema)
    if "examples" in schema:
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return example(schema["anyOf"][0], follow)
    if "items" in schema:
        return [example(schema["items"], follow)]
    properties = schema.get("properties", {})
    if properties:
        names = [*(["name"] if "name" in properties else []), *schema.get("required", ())] or [next(iter(properties))]
        return {name: example(properties[name], follow) for name in names}
    kind = schema.get("type", "string")
    return BY_FORMAT.get(schema.get("format", ""), BY_TYPE.get(kind if isinstance(kind, str) else kind[0], "..."))
