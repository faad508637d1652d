"""The way into a Space: a proxy that ends TLS, says in headers how it was reached, and also serves the pages that frame the Space."""

from __future__ import annotations

import datetime as dt
import threading
from base64 import b64encode
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

import httpx
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.integration.server import free_port, until
from tests.loopback import NO_TLS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping
    from pathlib import Path

    from starlette.requests import Request

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
OF_ONE_CONNECTION = frozenset({b"connection", b"keep-alive", b"transfer-encoding", b"upgrade"})
"""Headers that belong to one connection and are not passed on."""
HAS_BODY = frozenset({"content-length", "transfer-encoding"})
VISITOR = "203.0.113.9"
STOP_S = 10.0


def forwarded(host: str) -> dict[str, str]:
    """What the proxy of a Space adds to a call that came to ``host``; the call keeps its ``Host``."""
    return {"X-Forwarded-Proto": "https", "X-Forwarded-Host": host, "X-Forwarded-For": VISITOR}


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that nobody vouches for.

    Args:
        file: Itself.
        key: The file of its private key.
        fingerprint: SHA-256 of its public key in base64, by which Chromium can be told to trust it alone.
    """

    file: Path
    key: Path
    fingerprint: str


def self_signed(folder: Path, *hosts: str) -> Certificate:
    """A certificate for these hosts, good for a day; its files lie in ``folder``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .sign(key, hashes.SHA256())
    )
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "certificate.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(secret)
    return Certificate(folder / "certificate.pem", folder / "key.pem", b64encode(sha256(public).digest()).decode())


@dataclass(slots=True)
class TlsProxy:
    """One proxy on a port of 127.0.0.1.

    Args:
        to: The address of the program behind it.
        certificate: What it shows to browsers.
        pages: Hosts that it answers itself, each with one page.
        planted: ``Set-Cookie`` values put beside the program's own on the answer to ``GET /``, as another program there would.
        port: Where it listens.
        cookies: The ``Cookie`` header of each ``GET /`` that was passed on, in order; empty where there was none.
    """

    to: str
    certificate: Certificate
    pages: Mapping[str, str]
    planted: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    cookies: list[str] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[None]:
        """It listens inside the block."""
        config = uvicorn.Config(
            self._app(),
            host="127.0.0.1",
            port=self.port,
            ssl_certfile=self.certificate.file,
            ssl_keyfile=self.certificate.key,
            log_level="warning",
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, name="tls-proxy")
        thread.start()
        try:
            until(lambda: server.started or not thread.is_alive(), "the proxy to listen")
            assert server.started, "the proxy could not start"
            yield
        finally:
            server.should_exit = True
            thread.join(STOP_S)
            assert not thread.is_alive(), "the proxy did not stop"

    def _app(self) -> Starlette:
        client = httpx.AsyncClient(timeout=None, trust_env=False, verify=NO_TLS, limits=httpx.Limits(max_connections=None))  # noqa: S113 - the browser's

        async def answer(request: Request) -> Response:
            page = self.pages.get(request.url.hostname or "")
            if page is not None:
                return HTMLResponse(page)
            return await self._passed_on(client, request)

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            async with client:
                yield

        return Starlette(routes=[Route("/{path:path}", answer, methods=METHODS)], lifespan=lifespan)

    async def _passed_on(self, client: httpx.AsyncClient, request: Request) -> Response:
        is_page = request.method == "GET" and request.url.path == "/"
        if is_page:
            self.cookies.append(request.headers.get("cookie", ""))
        query = request.scope["query_string"]
        added = [(name.encode(), value.encode()) for name, value in forwarded(request.headers["host"]).items()]
        call = client.build_request(
            request.method,
            httpx.URL(self.to).copy_with(raw_path=request.scope["raw_path"] + (b"?" + query if query else b"")),
            headers=[*(one for one in request.headers.raw if one[0] not in OF_ONE_CONNECTION), *added],
            content=request.stream() if HAS_BODY & set(request.headers) else None,
        )
        answer = await client.send(call, stream=True)

        async def body() -> AsyncIterator[bytes]:
            try:
                async for piece in answer.aiter_raw():
                    yield piece
            finally:
                await answer.aclose()

        passed = StreamingResponse(body(), answer.status_code)
        passed.raw_headers = [(name.lower(), value) for name, value in answer.headers.raw if name.lower() not in OF_ONE_CONNECTION]
        if is_page:
            passed.raw_headers += [(b"set-cookie", cookie.encode()) for cookie in self.planted]
        return passed
