"""Who is calling (API.md §2): a signed cookie for browsers, a bearer token for scripts, else somebody new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.web.address import header
from components.web.guard import COOKIE, visitor_cookies
from components.web.surface import HOOK, PREFIX, PROOF

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from components.studio.visitors import Visitors

MAX_AGE_S = 34_560_000
"""400 days, the longest that browsers keep a cookie."""
TOKEN_HEADER = b"x-studio-visitor"
ANONYMOUS = tuple(f"{PREFIX}/{part}" for part in ("media/", "assets/", "healthz", f"{HOOK}/", f"{PROOF}/"))
"""Answered by address alone, whoever asks."""


class VisitorMiddleware:
    """Settles ``scope["state"]["visitor"]`` (the id), ``["visitor_token"]`` and ``["visitor_known"]`` for everything behind it.

    Only ``GET /`` sets the cookie, so scripts and programs that keep cookies never hold one; they find a new visitor's
    token in the answer. A token that we did not sign is no token (on a private Space the header carries Hugging Face's own).
    """

    def __init__(self, app: ASGIApp, *, visitors: Visitors) -> None:
        self.app = app
        self.visitors = visitors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call on with its visitor."""
        if scope["type"] != "http" or scope["path"].startswith(ANONYMOUS):
            await self.app(scope, receive, send)
            return
        visitor, token, known = self._who(scope)
        scope.setdefault("state", {}).update(visitor=visitor, visitor_token=token, visitor_known=known)
        added: list[tuple[bytes, bytes]] = []
        if scope["path"] == "/" and scope["method"] == "GET":
            added.append((b"set-cookie", cookie(token, secure=scope["scheme"] == "https").encode()))
        elif not known and scope["path"].startswith(f"{PREFIX}/"):
            added.append((TOKEN_HEADER, token.encode()))
        if not added:
            await self.app(scope, receive, send)
            return

        async def with_token(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *added]
            await send(message)

        await self.app(scope, receive, with_token)

    def _who(self, scope: Scope) -> tuple[str, str, bool]:
        said = header(scope, b"authorization") or ""
        scheme, _, bearer = said.partition(" ")
        tokens = [bearer.strip()] if scheme.lower() == "bearer" else []
        for token in (*tokens, *visitor_cookies(scope)):
            visitor = self.visitors.read(token)
            if visitor is not None:
                return visitor, token, True
        return *self.visitors.new(), False


def cookie(token: str, *, secure: bool) -> str:
    """The ``Set-Cookie`` value; over https it also lives in the frame that a Space is shown in, one jar for each outer site."""
    place = "Secure; SameSite=None; Partitioned" if secure else "SameSite=Lax"
    return f"{COOKIE}={token}; Path=/; Max-Age={MAX_AGE_S}; HttpOnly; {place}"


def visitor_of(request: Request) -> str:
    """The id of whoever calls."""
    return str(request.state.visitor)
