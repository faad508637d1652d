from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from components.errors import AddressRefused
from components.services.public import PublicTransport, is_public, origin_of

if TYPE_CHECKING:
    from collections.abc import Callable

PUBLIC = "93.184.216.34"


def client(side: Callable[[httpx.Request], httpx.Response], *addresses: str, trusted: tuple[str, ...] = ()) -> httpx.AsyncClient:
    async def resolve(host: str, port: int) -> tuple[str, ...]:
        if not addresses:
            raise OSError("no such name")
        return addresses

    return httpx.AsyncClient(transport=PublicTransport(trusted, resolve=resolve, inner=httpx.MockTransport(side)))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.8", "172.16.9.9", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1", "255.255.255.255",
        "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::",
        "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::7f00:1", "fec0::1", "2001:db8::1", "nonsense", "",
    ],
)  # fmt: skip
def test_an_address_of_this_house_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_an_address_of_the_open_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("HTTPS://Api.Example.org/x?y", ("https", "api.example.org", 443)),
        ("http://127.0.0.1:9000", ("http", "127.0.0.1", 9000)),
        ("ftp://x.org", None),
        ("https://x.org:99999", None),
        ("https://[::1", None),
        ("nothing", None),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, origin: tuple[str, str, int] | None) -> None:
    assert origin_of(url) == origin


async def test_the_connection_goes_to_the_address_that_was_judged_under_the_name_that_was_asked_for() -> None:
    asked: list[httpx.Request] = []

    def side(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200)

    async with client(side, PUBLIC) as http:
        await http.get("https://films.example.org/x.mp4?a=b%20c")
    (request,) = asked
    assert str(request.url) == f"https://{PUBLIC}/x.mp4?a=b%20c"
    assert request.headers["host"] == "films.example.org"
    assert request.extensions["sni_hostname"] == "films.example.org"


@pytest.mark.parametrize(
    ("url", "addresses"),
    [
        ("http://films.example.org/x", (PUBLIC,)),
        ("https://me:secret@films.example.org/x", (PUBLIC,)),
        ("https://films.example.org/x", ("127.0.0.1",)),
        ("https://films.example.org/x", (PUBLIC, "10.0.0.1")),
        ("https://[::1]/x", ("::1",)),
        ("https://127.0.0.1/x", ("127.0.0.1",)),
    ],
)
async def test_what_is_no_public_https_address_is_not_asked(url: str, addresses: tuple[str, ...]) -> None:
    asked: list[httpx.Request] = []

    def side(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200)

    async with client(side, *addresses) as http:
        with pytest.raises(AddressRefused):
            await http.get(url)
    assert asked == []


async def test_a_trusted_origin_is_asked_as_it_is_and_its_neighbour_is_not() -> None:
    def side(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=str(request.url))

    async with client(side, "127.0.0.1", trusted=("http://127.0.0.1:9000/api",)) as http:
        assert (await http.get("http://127.0.0.1:9000/film")).text == "http://127.0.0.1:9000/film"
        with pytest.raises(AddressRefused):
            await http.get("http://127.0.0.1:9001/film")
        with pytest.raises(AddressRefused):
            await http.get("http://localhost:9000/film")


async def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    def side(request: httpx.Request) -> httpx.Response:
        if request.url.host.startswith("2606"):
            raise httpx.ConnectError("no route")
        return httpx.Response(200)

    async with client(side, "2606:2800:220:1::1", PUBLIC) as http:
        assert (await http.get("https://films.example.org/x")).status_code == 200


async def test_a_name_without_an_address_is_a_broken_connection() -> None:
    async with client(lambda _: httpx.Response(200)) as http:
        with pytest.raises(httpx.ConnectError):
            await http.get("https://films.example.org/x")
