"""Addresses that are fetched for somebody: https on a public address, resolved once and connected to as resolved.

Whoever can name an address (a visitor, a service's answer, a redirect) could otherwise make this program read what only
this machine can reach. What lies on the same origin as a configured base URL is trusted: the operator has named it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from components.errors import AddressRefused

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
UNTRUSTED = "studio_untrusted"
"""Extension of a request that has come here by a stranger's redirect: no origin is trusted for it."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PORTS = {"http": 80, "https": 443}

Origin = tuple[str, str, int]


def origin_of(url: str) -> Origin | None:
    """(scheme, host, port) of an http or https address, or None where it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme.lower())
    except ValueError:
        return None
    if parts.scheme.lower() not in _PORTS or not parts.hostname or port is None:
        return None
    return parts.scheme.lower(), parts.hostname.lower(), port


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet, also when it is wrapped in an IPv6 one."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return inner.is_global and not inner.is_multicast
        if ip.is_site_local:  # fec0::/10, which Python counts as global
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


async def resolve_host(host: str, port: int) -> tuple[str, ...]:
    """The addresses of a name, as the system knows them.

    Raises:
        OSError: There are none.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def no_cookies() -> CookieJar:
    """A jar that stays empty: what a service sets for one key's holder is never sent with another's."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


class PublicTransport(httpx.AsyncBaseTransport):
    """Carries requests to trusted origins as they are and to public https addresses as resolved; refuses all others.

    The name is looked up once, every address of it must be public, and the connection goes to such an address while
    certificate and ``Host`` stay those of the name: a name that changes between look and use gains nothing. No proxy is
    used, for it would look the name up again.

    Args:
        trusted_origins: Any addresses on the origins that are trusted.
        resolve: (name, port) to addresses.
        inner: What carries the requests in the end.
        tls: Certificates to believe in; None = the usual ones.
    """

    def __init__(
        self,
        trusted_origins: Iterable[str] = (),
        *,
        resolve: Resolve = resolve_host,
        inner: httpx.AsyncBaseTransport | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._trusted = frozenset(filter(None, map(origin_of, trusted_origins)))
        self._resolve = resolve
        # no connection is used twice: another name at the same address would meet the first one's certificate
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=0)
        self._inner = inner or httpx.AsyncHTTPTransport(verify=tls or True, http1=True, http2=False, limits=limits)

    def trusts(self, url: str) -> bool:
        """Whether the address lies on a trusted origin."""
        return origin_of(url) in self._trusted

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it, if its address may be asked.

        Raises:
            AddressRefused: It may not.
            httpx.ConnectError: The name has no address, or none of them answers.
        """
        url = request.url
        if self.trusts(str(url)) and not request.extensions.get(UNTRUSTED):
            return await self._inner.handle_async_request(request)
        if url.scheme != "https" or not url.host or url.userinfo:
            raise AddressRefused(host=url.host)
        host = url.raw_host.decode("ascii")
        try:
            addresses = await self._resolve(host.strip("[]"), url.port or _PORTS["https"])
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(f"no address: {error}", request=request) from error
        if not addresses or not all(map(is_public, addresses)):
            raise AddressRefused(host=url.host)
        return await self._at(addresses, host, request)

    async def _at(self, addresses: Sequence[str], host: str, request: httpx.Request) -> httpx.Response:
        failed: httpx.TransportError | None = None
        for address in addresses:
            there = httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,  # Host was set from the name when the request was built
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return await self._inner.handle_async_request(there)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:  # nothing was sent: the next address may answer
                failed = error
        raise failed or httpx.ConnectError("no address", request=request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


def next_hop(transport: PublicTransport, request: httpx.Request, answer: httpx.Response) -> tuple[str, bool] | None:
    """Where a redirect leads, and whether no origin may be trusted any more: a stranger does not lead us into our own house.

    Returns:
        (address, untrusted), or None where the answer is no redirect.
    """
    location = answer.headers.get("location")
    if answer.status_code not in REDIRECTS or not location:
        return None
    untrusted = bool(request.extensions.get(UNTRUSTED)) or not transport.trusts(str(request.url))
    try:
        return str(request.url.join(location)), untrusted
    except (httpx.InvalidURL, ValueError) as error:
        raise AddressRefused(host="") from error
