"""Gzip for the page itself, which Gradio sends as it is; our own routes pack theirs, films are never packed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware.gzip import GZipMiddleware

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

PAGES = frozenset({"/", "/config", "/theme.css"})
WORTH_PACKING = 1400
"""Bytes; below that a packed body needs as many packets."""


class PackedPage:
    """ASGI middleware that packs ``PAGES`` for browsers that take gzip."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._packed = GZipMiddleware(app, minimum_size=WORTH_PACKING, compresslevel=5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the class."""
        page = scope["type"] == "http" and scope["path"] in PAGES
        await (self._packed if page else self._app)(scope, receive, send)
