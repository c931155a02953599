"""The catalogue as an OpenAPI 3.1 document: what is built, in our own words, derived and never written by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from batchwright import __version__
from batchwright.engine.replies import BASE_PATH
from batchwright.model.kinds import Kinds
from batchwright.model.operations import Operation
from batchwright.model.scopes import SCOPES
from batchwright.openapi import headers
from batchwright.openapi.batching import batch_schemas, with_jobs
from batchwright.openapi.paths import SHARED_PARAMETERS, described, fields_parameters
from batchwright.openapi.problems import problems
from batchwright.openapi.schemas import SHARED_SCHEMAS, kind_schemas, request_schemas

ABOUT = """\
A self-hosted server that speaks the Asana REST API. Its heart is `POST /batch`: up to ten actions in one request,
run in parallel and answered in order.

A reply is `{"data": ...}`, or `{"errors": [{"message", "help"}]}`. Lists hold compact records and single objects full
ones; `opt_fields` picks fields of either, `a.b` reaches into related objects, and `(a|b)` stands for both.
A body is `{"data": {...}, "options": {...}}`, where `options` may hold `fields`, `limit`, `offset` and `pretty`.
"""
MARKED = """
What begins with `Beyond Asana` isn't Asana's; a server that is started with `--strict` has none of it.
"""
BY_APPS = "A token that an app got because a user let it in. Register apps with `batchwright app create`."


def document(kinds: Kinds, operations: Iterable[Operation], *, strict: bool = False) -> dict[str, Any]:
    """The document. Routes beside the contract are left out; what isn't built stands under `x-not-yet`.

    strict: without what goes beyond Asana.
    """
    known = [each for each in operations if not (each.alias or (strict and each.beyond))]
    built = [each for each in known if each.built]
    paths: dict[str, dict[str, Any]] = {}
    for each in built:
        paths.setdefault(each.path, {})[each.method.lower()] = described(kinds, each, strict=strict)
    jobs = "/batch_jobs" in paths
    if jobs:
        with_jobs(paths)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Batchwright",
            "summary": "The Asana REST API on a server of your own",
            "description": ABOUT if strict else ABOUT + MARKED,
            "version": __version__,
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": BASE_PATH, "description": "This server"}],
        "security": [{"personalAccessToken": []}, {"oauth2": []}],
        "tags": [{"name": name} for name in sorted({each.tag for each in built})],
        "paths": paths,
        "components": {
            "securitySchemes": _security(),
            "parameters": SHARED_PARAMETERS
            | fields_parameters(kinds, built)
            | headers.parameters(strict=strict, jobs=jobs),
            "headers": headers.components(strict=strict),
            "responses": problems(strict=strict),
            "schemas": {
                **kind_schemas(kinds, built),
                **request_schemas(kinds, built),
                **batch_schemas(strict=strict, jobs=jobs),
                **SHARED_SCHEMAS,
            },
        },
        "x-not-yet": [
            {"operationId": each.id, "method": each.method, "path": each.path, "tag": each.tag}
            for each in known
            if not each.built
        ],
    }


def _security() -> dict[str, Any]:
    token = "/-/oauth_token"
    flow = {"authorizationUrl": "/-/oauth_authorize", "tokenUrl": token, "refreshUrl": token, "scopes": dict(SCOPES)}
    return {
        "personalAccessToken": {
            "type": "http",
            "scheme": "bearer",
            "description": "A user's own token, as `batchwright token create` prints it.",
        },
        "oauth2": {"type": "oauth2", "description": BY_APPS, "flows": {"authorizationCode": flow}},
    }
