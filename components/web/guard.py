"""The first thing a call meets: does it come to us, and may the page that sends it change anything here? (API.md §2)."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from components.errors import WrongHost, WrongOrigin
from components.web.address import header
from components.web.surface import ANY_HOST

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from components.web.address import Address
    from components.web.answers import Answers

COOKIE = "studio_visitor"
READS = frozenset({"GET", "HEAD", "OPTIONS"})
_FORWARDED = (b"x-forwarded-", b"x-real-ip", b"forwarded")
"""How the names of headers begin that a proxy adds."""


def visitor_cookies(scope: Scope) -> list[str]:
    """Every value of our cookie that came along (a browser may hold one for http and one for https)."""
    values: list[str] = []
    for key, value in scope["headers"]:
        if key != b"cookie":
            continue
        for piece in value.decode("latin-1").split(";"):
            try:
                jar = SimpleCookie(piece.strip())
            except CookieError:  # another program's cookie on the same host name
                continue
            values += [jar[COOKIE].value] if COOKIE in jar else []
    return values


class Guard:
    """Refuses a foreign Host (421) and changes asked for by a foreign page (403).

    It also settles the scheme for everything behind it, and takes the proxy's headers away where nobody vouches for them:
    Gradio would build the page's own addresses from a forged ``X-Forwarded-Host``.

    Args:
        app: What is behind it.
        address: How this program is reached.
        answers: Words errors.
        proxied: Told, before the call is answered, when one has come through a proxy.
    """

    def __init__(self, app: ASGIApp, *, address: Address, answers: Answers, proxied: Callable[[], object] = lambda: None) -> None:
        self.app = app
        self.address = address
        self.answers = answers
        self.proxied = proxied

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a call through or refuse it."""
        if scope["type"] == "websocket":  # nothing here speaks it
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if any(name.startswith(_FORWARDED) for name, _ in scope["headers"]):
            self.proxied()
        anybody = ANY_HOST.fullmatch(f"{scope['method']} {scope['path']}") is not None
        if not anybody and not self.address.answers_to(scope):
            await self.answers.error(WrongHost())(scope, receive, send)
            return
        if not anybody and scope["method"] not in READS and not self._may_change(scope):
            await self.answers.error(WrongOrigin())(scope, receive, send)
            return
        scope["scheme"] = self.address.scheme(scope)
        if not self.address.behind_proxy:
            scope["headers"] = [(k, v) for k, v in scope["headers"] if not k.startswith(b"x-forwarded-")]
        await self.app(scope, receive, send)

    def _may_change(self, scope: Scope) -> bool:
        origin = header(scope, b"origin")
        if origin is None:  # scripts send a token and no Origin; a browser that holds the cookie always sends one
            return not visitor_cookies(scope)
        return self.address.owns(origin, scope)
