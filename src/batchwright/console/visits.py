"""One request to the pages, read and told apart: who is there, what their form says."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from batchwright.console.sessions import Person, Session
from batchwright.http.forms import MOST_FIELDS, pairs
from batchwright.model.problems import bad_request

# Paths of this server alone: browsers take `//host` and `/\\host` for other hosts, and drop line breaks and tabs.
OWN = re.compile(r"/(?![/\\])[!-\[\]-~]{0,7999}")
HOME = "/-/account"


@dataclass(frozen=True, slots=True)
class Visit:
    """A request. query: percent-encoded, in ASCII. form: the fields of a POST. base: the server's own URL."""

    path: str
    query: str
    form: Mapping[str, str]
    session: Session
    address: str
    base: str

    @property
    def person(self) -> Person:
        """Who is signed in; only for pages that are for nobody else."""
        if self.session.person is None:
            raise LookupError(self.path)
        return self.session.person

    def asked(self, name: str) -> str:
        """A parameter of the query; "" where it is missing."""
        return pairs(self.query.encode(), "query string").get(name, "")

    def pairs(self) -> list[tuple[str, str]]:
        """All of the query's names and values, in their order. Raises Problem 400."""
        try:
            return parse_qsl(self.query, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
        except ValueError:
            raise bad_request("The address of this page can't be read") from None

    def here(self) -> str:
        """This page's address, to come back to."""
        return f"{self.path}?{self.query}" if self.query else self.path


Handler = Callable[[Visit], Awaitable[Response]]


def own_path(wanted: str) -> str:
    """Where somebody wants to go next, if it is a page of ours; else home."""
    return wanted if OWN.fullmatch(wanted) else HOME


def address_of(request: Request) -> str:
    """The client's address; of IPv6 the network, for one client has all of it."""
    host = request.client.host if request.client else ""
    try:
        found = ip_address(host)
    except ValueError:  # no network, but a socket in a file or a proxy's nonsense
        return host
    if found.version == 4:
        return host
    return str(found.ipv4_mapped or ip_network((found.packed, 64), strict=False))
