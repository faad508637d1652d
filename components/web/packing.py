"""Brotli (else gzip) for the page itself, which Gradio sends as it is; our own routes pack theirs, films are never packed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brotli_asgi import BrotliMiddleware

from components.web.answers import WORTH_PACKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

PAGES = frozenset({"/", "/config", "/theme.css"})
QUALITY = 5
"""A page in 5 ms; the next one up takes seven times as long for a thirtieth less."""


class PackedPage:
    """ASGI middleware that packs ``PAGES`` for browsers that take them packed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._packed = BrotliMiddleware(app, quality=QUALITY, minimum_size=WORTH_PACKING)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the class."""
        page = scope["type"] == "http" and scope["path"] in PAGES
        await (self._packed if page else self._app)(scope, receive, send)
