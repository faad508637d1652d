"""What of Gradio answers, and what stays shut (DESIGN.md §5): an allow-list, everything else is 404 ``closed``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from components.errors import Closed

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from components.web.answers import Answers

PREFIX = "/gradio_api/studio"
HOOK = "hook"
PROOF = "proof"
ANY_HOST = re.compile(rf"(?:GET|HEAD) {PREFIX}/{PROOF}/[^/]+|POST {PREFIX}/{HOOK}/[^/]+/[^/]+")
"""Calls (``METHOD path``) that come from services and from this program itself: whatever the Host and the Origin say."""
GRADIO_EVENT = re.compile(r"/gradio_api/(?:queue/join|run/[^/]+|call/[^/]+|mcp/?)")
"""Calls whose body becomes the input of an event."""

_PAGE = frozenset(
    {
        "/",
        "/config",
        "/theme.css",
        "/gradio_api/theme.css",
        "/gradio_api/info",
        "/gradio_api/startup-events",  # launch() asks it of itself
        "/gradio_api/queue/data",
        "/favicon.ico",
        "/manifest.json",
        "/pwa_icon",
        "/robots.txt",
        "/healthz",
    }
)
_FOLDERS = ("/assets/", "/static/")
_EVENTS = frozenset({"/gradio_api/queue/join", "/gradio_api/run/predict"})
"""How the page fires its events: with and without the queue."""
_MCP = frozenset({"/gradio_api/mcp", "/gradio_api/mcp/"})
"""Streamable HTTP alone; Gradio's other ways to the same tools stay shut."""
_MCP_METHODS = frozenset({"GET", "POST", "DELETE"})
_NAMED_EVENT = re.compile(r"/gradio_api/(?:run|call)/(?P<name>[^/]+)(?:/(?P<event>[0-9a-f]{1,64}))?")


class ClosedSurface:
    """Lets through what the page and programs need, by method and path.

    Args:
        app: What is behind it.
        answers: Words errors.
        named: Names of the events that may be called by name (``run/`` and ``call/``).
    """

    def __init__(self, app: ASGIApp, *, answers: Answers, named: frozenset[str]) -> None:
        self.app = app
        self.answers = answers
        self.named = named

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on or refuse."""
        if scope["type"] == "http" and not self.open(scope["method"], scope["path"]):
            await self.answers.error(Closed())(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def open(self, method: str, path: str) -> bool:
        """Whether a call may pass; ``path`` percent-decoded, as routes see it."""
        if ".." in path.split("/") or "\\" in path or "\0" in path:
            return False
        if path.startswith(f"{PREFIX}/"):
            return method in {"GET", "HEAD", "POST", "PUT", "DELETE"}
        if path in _MCP:
            return bool(self.named) and method in _MCP_METHODS
        if method in {"GET", "HEAD"}:
            return path in _PAGE or path.startswith(_FOLDERS) or self._named(path, reading=True)
        return method == "POST" and (path in _EVENTS or self._named(path, reading=False))

    def _named(self, path: str, *, reading: bool) -> bool:
        found = _NAMED_EVENT.fullmatch(path)
        return found is not None and found["name"] in self.named and (found["event"] is not None) == reading
