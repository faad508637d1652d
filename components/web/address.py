"""How this program is reached: whose origin is ours, which Host is answered, http or https."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from starlette.types import Scope

    from components.settings import Settings

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
SHARE_DOMAIN = ".gradio.live"
LONGEST_PLACE = 200
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def header(scope: Scope, name: bytes) -> str | None:
    """The first value of a header, or None; ``name`` in lower case."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value).decode("latin-1").strip()
    return None


def place_of(scope: Scope) -> str:
    """Where a call comes from, as far as that is known: who guesses secrets is counted by it.

    On a Space all calls come from its proxy, and what that says of them is the only difference (elsewhere the guard has taken
    such headers away). A caller can put words of their own before the proxy's: they gain a place, and never another one's.
    """
    client = scope.get("client")
    return (header(scope, b"x-forwarded-for") or (client[0] if client else ""))[:LONGEST_PLACE]


@dataclass(frozen=True, slots=True)
class Address:
    """Where people reach the page.

    Args:
        loopback: Bound to this machine alone: only its own names are answered (DNS rebinding).
        behind_proxy: On a Space: ``X-Forwarded-Proto`` and ``-Host`` are the proxy's word and believed. Never elsewhere.
        share: There is a link through Gradio's servers, which is always https.
        public_url: ``STUDIO_PUBLIC_URL`` without a slash at its end, or None.
    """

    loopback: bool
    behind_proxy: bool = False
    share: bool = False
    public_url: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The address that the settings tell."""
        return cls(settings.loopback, settings.on_space, settings.share, settings.public_url)

    def host(self, scope: Scope) -> str:
        """The host (and port) that the browser used, in lower case; empty when it said none."""
        forwarded = header(scope, b"x-forwarded-host") if self.behind_proxy else None
        said = forwarded.split(",")[0].strip() if forwarded else header(scope, b"host")
        return (said or "").lower()

    def scheme(self, scope: Scope) -> str:
        """``http`` or ``https``, as the browser used it."""
        if self.behind_proxy:
            forwarded = header(scope, b"x-forwarded-proto")
            if forwarded is not None:
                return "https" if forwarded.split(",")[0].strip().lower() == "https" else "http"
            return str(scope["scheme"])
        host = self.host(scope)
        if self.public_url is not None and host == urlsplit(self.public_url).netloc.lower():
            return urlsplit(self.public_url).scheme
        return "https" if self.share and _name(host).endswith(SHARE_DOMAIN) else "http"

    def base(self, scope: Scope) -> str:
        """The address that the caller used, without a path: what stands before our paths for them."""
        return f"{self.scheme(scope)}://{self.host(scope)}"

    def owns(self, origin: str, scope: Scope) -> bool:
        """Whether an ``Origin`` header names this very app."""
        ours = {_normal(self.base(scope))}
        if self.public_url is not None:
            parts = urlsplit(self.public_url)
            ours.add(_normal(f"{parts.scheme}://{parts.netloc}"))
        return _normal(origin) in ours

    def answers_to(self, scope: Scope) -> bool:
        """Whether the Host of this call is one of ours."""
        if not self.loopback:
            return True
        host = self.host(scope)
        public = urlsplit(self.public_url).netloc.lower() if self.public_url else None
        return _name(host) in LOOPBACK_HOSTS or (public is not None and host == public)


def _name(host: str) -> str:
    """A host without its port; the brackets of an IPv6 address stay."""
    if host.startswith("["):
        return host[: host.find("]") + 1]
    return host.partition(":")[0]


def _normal(origin: str) -> str:
    """An origin in lower case, without the port that its scheme implies."""
    lower = origin.strip().lower()
    scheme = lower.partition("://")[0]
    return lower.removesuffix(_DEFAULT_PORTS.get(scheme, "\0"))
