"""What Chromium lets a page of another site do with the API: it asks beforehand, and reads the answers by itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests import chromium
from tests.server.running import API, Running, running

pytestmark = pytest.mark.skipif(not chromium.program(), reason=chromium.MISSING)

CALL = """async ([url, method, token]) => {
    const headers = {"Authorization": `Bearer ${token}`, "Content-Type": "application/json", "Asana-Enable": "x"};
    const body = method === "GET" ? undefined : JSON.stringify({data: {name: "from a page"}});
    try {
        const answer = await fetch(url, {method, headers, body});
        return [answer.status, await answer.json(), answer.headers.get("x-request-id"), answer.headers.get("location")];
    } catch (problem) { return [0, String(problem), null, null]; }
}"""


class Page(BaseHTTPRequestHandler):
    """A page with nothing on it."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def pages() -> Iterator[int]:
    """Another site: its port. By each name of this machine it is another one to a browser."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as site:
        thread = threading.Thread(target=site.serve_forever)
        thread.start()
        yield site.server_address[1]
        site.shutdown()
        thread.join()


def called(
    browser: Browser, origin: str, server: Running, path: str, method: str = "GET", token: str = ""
) -> list[Any]:
    """What a script of that page gets: status, body, id and place; 0 where the browser stops it."""
    page = browser.new_page()
    page.goto(origin)
    url = server.url + (path if path.startswith("/-") else API + path)
    found: list[Any] = page.evaluate(CALL, [url, method, token or server.token])
    page.close()
    return found


def test_a_page_may_what_the_setting_says(tmp_path: Path) -> None:
    with pages() as port:
        named, other = f"http://localhost:{port}", f"http://127.0.0.1:{port}"
        with running(tmp_path, cors_origins=named) as server, chromium.browser() as browser:
            status, body, id, _ = called(browser, named, server, "/users/me")
            assert (status, body["data"]["gid"], bool(id)) == (200, server.user, True)
            status, body, _, place = called(browser, named, server, f"/workspaces/{server.workspace}/tags", "POST")
            assert (status, place) == (201, f"{API}/tags/{body['data']['gid']}")
            assert called(browser, named, server, f"/tags/{body['data']['gid']}", "PUT")[0] == 200
            assert called(browser, named, server, f"/tags/{body['data']['gid']}", "DELETE")[0] == 200
            status, body, *_ = called(browser, named, server, "/users/me", token="wrong")
            assert (status, body["errors"][0]["message"]) == (401, "Not Authorized")
            for origin, path in ((other, "/users/me"), (named, "/-/login"), (named, "/-/oauth_token")):
                assert called(browser, origin, server, path)[0] == 0
