"""The address under which the world reaches this program, proved before services are sent there (API.md §1)."""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from components.settings import LOOPBACK
from components.studio.links import BASE

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.settings import Settings
    from components.studio.clock import Clock
    from components.studio.keys import Secrets

log = logging.getLogger(__name__)

NONCE_S = 30.0
AGAIN_S = 300.0
"""After an address was not proved; it may come up yet."""
NONCES = 100
LONGEST_ANSWER = 1024

_PURPOSE = "proof of address"


class PublicAddress:
    """Our address from outside, or none.

    ``STUDIO_PUBLIC_URL`` is the operator's word and believed; one that was derived (a Space's host, a share link) is used only
    once this program has met itself there: it fetches a one-time nonce, and only we can sign the answer.

    Args:
        settings: What is known of the address.
        keys: Sign the answer.
        clock: The time of day.
        client: Makes the client that asks; tests give their own.
    """

    def __init__(self, settings: Settings, keys: Secrets, clock: Clock, *, client: Callable[[], httpx.Client] | None = None) -> None:
        self._told = settings.public_url if usable(settings.public_url or "") else None
        self._keys = keys
        self._clock = clock
        self._client = client or _client
        self._derived = f"https://{settings.space_host.split(',')[0].strip()}" if settings.space_host else None
        self._proved: str | None = None
        self._again_at = 0.0
        self._nonces: dict[str, float] = {}
        self._lock = threading.Lock()
        self._asking = threading.Lock()

    @property
    def base(self) -> str | None:
        """The address without a slash at its end, if it may be given to services; never blocks."""
        return self._told or self._proved

    def url_for(self, path: str) -> str | None:
        """The full address of a path of ours (``/gradio_api/…``), or None where services cannot reach us. Blocks, see ``prove``."""
        base = self.prove()
        return f"{base}/{path.lstrip('/')}" if base else None

    def derive(self, url: str) -> None:
        """Be told of an address that may lead here (a share link); it is looked at when it is first needed."""
        url = url.rstrip("/")
        with self._lock:
            if url != self._derived and url.startswith("https://"):
                self._derived, self._proved, self._again_at = url, None, 0.0

    def prove(self) -> str | None:
        """The address, once it is proved: asks now if need be and not lately. Blocks up to some seconds; for threads."""
        if self.base is not None:
            return self.base
        with self._asking:
            with self._lock:
                derived, again_at = self._derived, self._again_at
            if self.base is not None or derived is None or again_at > self._clock.now():
                return self.base
            answers = self._meets_itself(derived)
            with self._lock:
                if derived == self._derived:
                    self._proved = derived if answers else None
                    self._again_at = self._clock.now() + AGAIN_S
        return self.base

    async def proved(self) -> str | None:
        """The same from a coroutine."""
        return self.base or await asyncio.to_thread(self.prove)

    def answer(self, nonce: str) -> str | None:
        """What ``GET proof/{nonce}`` says, under any Host: once, and only to a nonce of our own; None is "not found"."""
        with self._lock:
            until = self._nonces.pop(nonce, 0.0)
        return self._signed(nonce) if until > self._clock.now() else None

    def _meets_itself(self, base: str) -> bool:
        nonce = secrets.token_urlsafe(24)
        with self._lock:
            while len(self._nonces) >= NONCES:
                self._nonces.pop(next(iter(self._nonces)))
            self._nonces[nonce] = self._clock.now() + NONCE_S
        try:
            with self._client() as client, client.stream("GET", f"{base}{BASE}proof/{nonce}") as reply:
                said = _read(reply)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            log.warning("the address %s does not lead here: %s", base, type(error).__name__)
            return False
        finally:
            with self._lock:
                self._nonces.pop(nonce, None)
        if hmac.compare_digest(said, self._signed(nonce).encode()):
            return True
        log.warning("somebody else answers under the address %s", base)
        return False

    def _signed(self, nonce: str) -> str:
        return self._keys.sign(_PURPOSE, nonce.encode()).hex()


def usable(url: str) -> bool:
    """Whether services can be sent there: https; http only on this very machine, where test doubles of services live."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def _client() -> httpx.Client:
    return httpx.Client(timeout=httpx.Timeout(5.0), follow_redirects=False)


def _read(reply: httpx.Response) -> bytes:
    body = bytearray()
    if reply.status_code == httpx.codes.OK:
        for piece in reply.iter_bytes():
            body += piece
            if len(body) > LONGEST_ANSWER:
                return b""
    return bytes(body).strip()
