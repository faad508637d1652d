"""A script of ours in the page before Gradio's own: what ``launch(head=…)`` is given comes after them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEAD = b"<head>"


class EarlyScript:
    """ASGI middleware that puts a script at the beginning of the page's head.

    Args:
        app: What stands behind it.
        script: Its text.
    """

    def __init__(self, app: ASGIApp, script: str) -> None:
        self._app = app
        self._put = HEAD + f"<script>{script}</script>".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the class."""
        if scope["type"] != "http" or scope["path"] != "/":
            await self._app(scope, receive, send)
            return
        begun: list[Message] = []
        parts: list[bytes] = []

        async def put(message: Message) -> None:
            if message["type"] == "http.response.start":
                begun.append(message)
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    page = b"".join(parts).replace(HEAD, self._put, 1)
                    MutableHeaders(scope=begun[0])["content-length"] = str(len(page))
                    await send(begun[0])
                    await send({**message, "body": page})
            else:
                await send(message)

        await self._app(scope, receive, put)
