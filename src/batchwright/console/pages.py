"""Templates to responses, with what browsers are told never to do with them."""

from __future__ import annotations

import re
import time
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import Response

STYLE = "/-/console.css"
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}


def page(template: str, status: int = 200, *, leads_to: str = "", **values: Any) -> Response:
    """A page. leads_to: the URL elsewhere that answering its form may lead to, for browsers stop at others."""
    content = _environment().get_template(template).render(style=STYLE, **values)
    headers = HEADERS | {"Content-Security-Policy": policy(leads_to)}
    return Response(content, status, headers, media_type="text/html")


def redirect(to: str) -> Response:
    """After a form: go there, by GET."""
    return Response(b"", 303, HEADERS | {"Location": to})


def style() -> Response:
    """The pages' style sheet."""
    return Response(_style(), headers={"Cache-Control": "max-age=300"}, media_type="text/css")


def policy(leads_to: str) -> str:
    """The content security policy: nothing runs, nothing is loaded from elsewhere, nobody frames it."""
    parts = urlsplit(leads_to)
    # A policy can't name an address of IPv6, and is not to be written by who registers an app.
    host = f"//{parts.netloc}" if re.fullmatch(r"[\w.-]+(:\d+)?", parts.netloc, re.ASCII) else ""
    beyond = f" {parts.scheme}:{host}" if parts.scheme in ("http", "https") else ""
    return (
        "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self'{beyond}"
    )


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("batchwright.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["day"] = day
    return made


@cache
def _style() -> bytes:
    return (files("batchwright.console") / "templates" / "console.css").read_bytes()


def day(ms: int) -> str:
    """A day as people read it, in UTC: 5 March 2026."""
    at = time.gmtime(ms / 1000)
    return f"{at.tm_mday} {time.strftime('%B %Y', at)}"
