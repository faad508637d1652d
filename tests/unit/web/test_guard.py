from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from components.web.address import Address, place_of
from components.web.guard import Guard
from tests.unit.web.asgi import ANSWERS, Behind, client

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

LOCAL = Address(loopback=True)
SPACE = Address(loopback=False, behind_proxy=True)
PUBLIC = Address(loopback=True, public_url="https://films.example:8443")
OURS = "http://127.0.0.1:7860"
COOKIE = "studio_visitor=whatever"


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("POST", {}, 200),
        ("POST", {"Authorization": "Bearer x"}, 200),
        ("POST", {"Origin": OURS}, 200),
        ("POST", {"Origin": OURS, "Cookie": COOKIE}, 200),
        ("POST", {"Origin": OURS.upper(), "Cookie": COOKIE}, 200),
        ("POST", {"Cookie": COOKIE}, 403),
        ("POST", {"Cookie": f"other=1; {COOKIE}"}, 403),
        ("POST", {"Cookie": "other=1"}, 200),
        ("POST", {"Origin": "https://evil.example"}, 403),
        ("POST", {"Origin": "https://evil.example", "Cookie": COOKIE}, 403),
        ("POST", {"Origin": "null"}, 403),
        ("POST", {"Origin": "http://127.0.0.1:7861"}, 403),
        ("POST", {"Origin": "https://127.0.0.1:7860"}, 403),
        ("POST", {"Origin": "http://127.0.0.1:7860.evil.example"}, 403),
        ("PUT", {"Origin": "https://evil.example"}, 403),
        ("DELETE", {"Origin": "https://evil.example"}, 403),
        ("PATCH", {"Cookie": COOKIE}, 403),
        ("GET", {"Cookie": COOKIE}, 200),
        ("GET", {"Origin": "https://evil.example"}, 200),
    ],
)
async def test_a_change_passes_only_from_our_own_page_or_a_script(method: str, headers: dict[str, str], status: int) -> None:
    async with client(Guard(Behind(), address=LOCAL, answers=ANSWERS)) as web:
        assert (await web.request(method, "/x", headers=headers)).status_code == status


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:7860", 200),
        ("127.0.0.1", 200),
        ("[::1]:7860", 200),
        ("LOCALHOST:1", 200),
        ("films.example:8443", 421),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example:7860", 421),
        ("[::2]:7860", 421),
        ("", 421),
    ],
)
async def test_bound_to_loopback_only_this_machines_names_are_answered(host: str, status: int) -> None:
    async with client(Guard(Behind(), address=LOCAL, answers=ANSWERS)) as web:
        assert (await web.get("/", headers={"Host": host})).status_code == status


async def test_the_public_address_is_answered_and_its_scheme_and_origin_are_ours() -> None:
    behind = Behind()
    async with client(Guard(behind, address=PUBLIC, answers=ANSWERS)) as web:
        headers = {"Host": "films.example:8443", "Origin": "https://films.example:8443"}
        assert (await web.post("/x", headers=headers)).status_code == 200
    assert behind.scope is not None
    assert behind.scope["scheme"] == "https"


async def test_an_implied_port_is_the_same_origin() -> None:
    async with client(Guard(Behind(), address=Address(loopback=False), answers=ANSWERS)) as web:
        assert (await web.post("/x", headers={"Host": "lan.example", "Origin": "http://lan.example:80"})).status_code == 200


async def test_a_forged_forwarded_host_is_not_believed_off_a_space() -> None:
    behind = Behind()
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Origin": "https://evil.example"}
    async with client(Guard(behind, address=LOCAL, answers=ANSWERS)) as web:
        assert (await web.post("/x", headers=forged)).status_code == 403
        assert (await web.get("/x", headers=forged)).status_code == 200
    assert behind.scope is not None
    assert behind.scope["scheme"] == "http"
    assert not [name for name, _ in behind.scope["headers"] if name.startswith(b"x-forwarded")]


async def test_on_a_space_the_proxys_headers_name_our_origin() -> None:
    behind = Behind()
    told = {"X-Forwarded-Host": "me-film.hf.space", "X-Forwarded-Proto": "https,http", "Cookie": COOKIE}
    async with client(Guard(behind, address=SPACE, answers=ANSWERS), "http://10.0.0.7:7860") as web:
        assert (await web.post("/x", headers={**told, "Origin": "https://me-film.hf.space"})).status_code == 200
        assert (await web.post("/x", headers={**told, "Origin": "https://other.hf.space"})).status_code == 403
        assert (await web.post("/x", headers={**told, "Origin": "http://me-film.hf.space"})).status_code == 403
    assert behind.scope is not None
    assert behind.scope["scheme"] == "https"


async def test_a_share_link_is_https() -> None:
    shared = Address(loopback=False, share=True)
    async with client(Guard(Behind(), address=shared, answers=ANSWERS)) as web:
        headers = {"Host": "abc.gradio.live", "Origin": "https://abc.gradio.live"}
        assert (await web.post("/x", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/gradio_api/studio/hook/job/token", 200),
        ("GET", "/gradio_api/studio/proof/nonce", 200),
        ("GET", "/gradio_api/studio/hook/job/token", 421),
        ("POST", "/gradio_api/studio/proof/nonce", 421),
        ("POST", "/gradio_api/studio/hook/job/token/more", 421),
        ("POST", "/gradio_api/studio/hook/job", 421),
        ("GET", "/gradio_api/studio/proof/", 421),
        ("GET", "/gradio_api/studio/me", 421),
    ],
)
async def test_a_services_call_and_our_own_proof_come_under_any_host_and_origin(method: str, path: str, status: int) -> None:
    strange = {"Host": "evil.example", "Origin": "https://evil.example", "Cookie": COOKIE}
    async with client(Guard(Behind(), address=LOCAL, answers=ANSWERS)) as web:
        assert (await web.request(method, path, headers=strange)).status_code == status


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Forwarded"])
async def test_a_call_through_a_proxy_is_told_before_it_is_answered(name: str) -> None:
    told: list[str] = []
    behind = Behind()
    async with client(Guard(behind, address=LOCAL, answers=ANSWERS, proxied=lambda: told.append("told"))) as web:
        await web.get("/x")
        assert told == []
        await web.get("/x", headers={name: "203.0.113.9", "Host": "evil.example"})
    assert told == ["told"]


async def test_a_refusal_has_the_shape_of_every_error() -> None:
    async with client(Guard(Behind(), address=LOCAL, answers=ANSWERS)) as web:
        refused = await web.post("/x", headers={"Origin": "https://evil.example"})
    assert refused.json()["error"]["code"] == "wrong_origin"


@pytest.mark.parametrize(("address", "place"), [(LOCAL, "127.0.0.1"), (SPACE, "203.0.113.7")])
async def test_whoever_guesses_is_counted_by_the_proxys_word_on_a_space_and_by_nobodys_elsewhere(address: Address, place: str) -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(place_of(scope))
        await Behind()(scope, receive, send)

    async with client(Guard(app, address=address, answers=ANSWERS)) as web:
        await web.get("/x", headers={"X-Forwarded-For": "203.0.113.7"})
    assert seen == [place]
