"""A stand-in for batchwright.app with the same functions: it notes what it was asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from batchwright.settings import Settings

DEMO = {"token": "1/2:demo", "email": "mira@example.com", "password": "abcd-efgh"}
Answer = Callable[[Scope, Receive, Send], Awaitable[None]]


class Refused(Exception):
    pass


async def well(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


class App(ModuleType):
    Refused = Refused

    def __init__(self) -> None:
        super().__init__("batchwright.app")
        self.asked: list[tuple[Any, ...]] = []
        self.refusal: str | None = None
        self.crash: Exception | None = None
        self.faults: list[str] = []
        self.settings = Settings()
        self.answer: Answer = well

    def _note(self, *asked: Any) -> None:
        self.asked.append(asked)
        if self.refusal:
            raise Refused(self.refusal)

    async def add_user(
        self, settings: Settings, email: str, name: str, workspace: str, **marks: bool
    ) -> dict[str, Any]:
        self._note("add_user", settings.db, email, name, workspace, marks)
        return {"user": {"gid": "1", "name": name}, "workspace": {"gid": "2", "name": workspace}}

    async def set_password(self, settings: Settings, email: str, password: str) -> int:
        self._note("set_password", settings.db, email, password)
        return 2

    async def create_token(
        self, settings: Settings, email: str, *, name: str = "", expires_in_days: int | None = None
    ) -> str:
        self._note("create_token", settings.db, email, name, expires_in_days)
        return "1/2:secret"

    async def list_tokens(self, settings: Settings, email: str) -> list[dict[str, Any]]:
        self._note("list_tokens", settings.db, email)
        return [{"gid": "3", "name": "ci"}]

    async def revoke_token(self, settings: Settings, gid: str) -> None:
        self._note("revoke_token", settings.db, gid)

    async def upgrade(self, settings: Settings) -> str:
        self._note("upgrade", settings.db)
        return "The tables are up to date."

    async def check(self, settings: Settings) -> list[str]:
        self._note("check", settings.db)
        return self.faults

    async def prepare(self, settings: Settings) -> dict[str, str] | None:
        self._note("prepare", settings.db)
        return DEMO if settings.demo else None

    def build(self, settings: Settings) -> ASGIApp:
        self.asked.append(("build", settings.db))
        self.settings = settings

        async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "lifespan":
                await self._live(receive, send)
            else:
                await self.answer(scope, receive, send)

        return asgi

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            self._note("open")
            if self.crash:
                raise self.crash
        except Exception:
            await send({"type": "lifespan.startup.failed", "message": "a traceback"})
            raise
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._note("close")
        await send({"type": "lifespan.shutdown.complete"})
