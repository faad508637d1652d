"""A tiny program behind our middleware, and calls to it without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from components.web.answers import Answers

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from components.errors import StudioError


def word(error: StudioError) -> dict[str, Any]:
    return {"code": error.text_code, "message": error.text_code, "params": error.params}


ANSWERS = Answers(word)


class Behind:
    """Answers 200 with the body it was sent, and remembers the scope."""

    def __init__(self, headers: dict[str, str] | None = None) -> None:
        self.scope: Scope | None = None
        self.headers = headers or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
        await send({"type": "http.response.start", "status": 200, "headers": [(k.encode(), v.encode()) for k, v in self.headers.items()]})
        await send({"type": "http.response.body", "body": body})


def client(app: ASGIApp, base: str = "http://127.0.0.1:7860") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base)
