"""What every answer says about itself to the browser (DESIGN.md §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CSP = (
    "default-src 'self'",
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",  # without 'unsafe-eval' every gr.HTML dies
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self' data: blob:",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
)
_SPACE_FRAMES = "frame-ancestors 'self' https://huggingface.co https://*.huggingface.co"
_OWN_FRAMES = "frame-ancestors 'self'"
_PARTS = (b"text/javascript", b"application/javascript", b"text/css")
"""What a page is made of obeys the page's policy; a policy of its own on each of a hundred files only weighs."""
_POLICIES = frozenset({b"content-security-policy", b"permissions-policy", b"referrer-policy"})


class SecurityHeaders:
    """Adds the headers to every answer, Gradio's included, and takes CORS permissions away."""

    def __init__(self, app: ASGIApp, *, on_space: bool) -> None:
        self.app = app
        policy = "; ".join((*_CSP, _SPACE_FRAMES if on_space else _OWN_FRAMES))
        self.added = [
            (b"content-security-policy", policy.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),  # the links of films are for who holds them: never told to others
            (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
        ]
        self.for_parts = [(name, value) for name, value in self.added if name not in _POLICIES]
        self.replaced = {name for name, _ in self.added}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call on with its answer dressed."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        page = scope["path"] in {"/", "/config"}

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [(k, v) for k, v in message.get("headers", ()) if self._stays(k.lower())]
                if page and not any(name == b"cache-control" for name, _ in kept):  # made for one visitor: no proxy keeps it
                    kept.append((b"cache-control", b"private, no-cache"))
                part = any(name.lower() == b"content-type" and value.startswith(_PARTS) for name, value in kept)
                message["headers"] = [*kept, *(self.for_parts if part else self.added)]
            await send(message)

        await self.app(scope, receive, dressed)

    def _stays(self, name: bytes) -> bool:
        return name not in self.replaced and not name.startswith(b"access-control-")
