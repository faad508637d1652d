from __future__ import annotations

import pytest
from sqlalchemy import create_engine

from components.studio.clock import SystemClock
from components.studio.keys import Secrets
from components.studio.visitors import Visitors
from components.web.visitor import VisitorMiddleware
from tests.unit.web.asgi import Behind, client

API = "/gradio_api/studio/me"


@pytest.fixture
def visitors() -> Visitors:
    return Visitors(create_engine("sqlite://"), Secrets((b"k" * 32,)), SystemClock())


def who(behind: Behind) -> str:
    assert behind.scope is not None
    return str(behind.scope["state"]["visitor"])


async def test_the_page_sets_the_cookie_of_http(visitors: Visitors) -> None:
    async with client(VisitorMiddleware(Behind(), visitors=visitors)) as web:
        said = (await web.get("/")).headers["set-cookie"]
    assert said.startswith("studio_visitor=")
    assert said.endswith("; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax")


async def test_the_page_sets_the_partitioned_cookie_of_https(visitors: Visitors) -> None:
    async with client(VisitorMiddleware(Behind(), visitors=visitors), "https://x.hf.space") as web:
        said = (await web.get("/")).headers["set-cookie"]
    assert said.endswith("; HttpOnly; Secure; SameSite=None; Partitioned")


@pytest.mark.parametrize(("method", "path"), [("GET", API), ("POST", API), ("HEAD", "/"), ("GET", "/config")])
async def test_nothing_but_the_page_sets_the_cookie(visitors: Visitors, method: str, path: str) -> None:
    async with client(VisitorMiddleware(Behind(), visitors=visitors)) as web:
        assert "set-cookie" not in (await web.request(method, path)).headers


async def test_a_caller_without_anything_is_told_its_new_token_and_known_by_it(visitors: Visitors) -> None:
    behind = Behind()
    async with client(VisitorMiddleware(behind, visitors=visitors)) as web:
        token = (await web.get(API)).headers["x-studio-visitor"]
        first = who(behind)
        again = await web.get(API, headers={"Authorization": f"Bearer {token}"})
    assert who(behind) == first
    assert "x-studio-visitor" not in again.headers


async def test_the_cookie_is_known_again(visitors: Visitors) -> None:
    behind = Behind()
    async with client(VisitorMiddleware(behind, visitors=visitors)) as web:
        await web.get("/")
        first = who(behind)
        await web.get(API)
    assert who(behind) == first


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "studio_visitor={id}.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
        {"Cookie": "studio_visitor={id}"},
        {"Authorization": "Bearer {id}.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
        {"Authorization": "Bearer hf_something"},
        {"Authorization": "Basic {token}"},
    ],
)
async def test_a_forged_token_is_somebody_new(visitors: Visitors, headers: dict[str, str]) -> None:
    behind = Behind()
    victim, token = visitors.new()
    forged = {name: value.format(id=victim, token=token) for name, value in headers.items()}
    async with client(VisitorMiddleware(behind, visitors=visitors)) as web:
        answer = await web.get(API, headers=forged)
    assert who(behind) != victim
    assert visitors.read(answer.headers["x-studio-visitor"]) == who(behind)


async def test_the_token_beats_the_cookie_and_an_altered_cookie_hides_no_good_one(visitors: Visitors) -> None:
    behind = Behind()
    one, one_token = visitors.new()
    two, two_token = visitors.new()
    async with client(VisitorMiddleware(behind, visitors=visitors)) as web:
        await web.get(API, headers={"Authorization": f"Bearer {one_token}", "Cookie": f"studio_visitor={two_token}"})
        assert who(behind) == one
        await web.get(API, headers={"Cookie": f"studio_visitor=bad; studio_visitor={two_token}"})
        assert who(behind) == two


@pytest.mark.parametrize("path", ["media/x", "assets/1/x.js", "healthz", "hook/job/token", "proof/nonce"])
async def test_what_is_answered_by_address_alone_makes_nobody_new(visitors: Visitors, path: str) -> None:
    behind = Behind()
    async with client(VisitorMiddleware(behind, visitors=visitors)) as web:
        answer = await web.get(f"/gradio_api/studio/{path}")
    assert "x-studio-visitor" not in answer.headers
    assert behind.scope is not None
    assert "visitor" not in behind.scope.get("state", {})


async def test_it_is_told_apart_who_is_known(visitors: Visitors) -> None:
    behind = Behind()
    async with client(VisitorMiddleware(behind, visitors=visitors)) as web:
        await web.get(API)
        assert behind.scope is not None
        assert behind.scope["state"]["visitor_known"] is False
        await web.get(API, headers={"Authorization": f"Bearer {visitors.new()[1]}"})
        assert behind.scope["state"]["visitor_known"] is True


def test_the_same_words_name_the_same_visitor_and_only_here(visitors: Visitors) -> None:
    elsewhere = Visitors(create_engine("sqlite://"), Secrets((b"j" * 32,)), SystemClock())
    visitor, token = visitors.named("an order")
    assert visitors.named("an order") == (visitor, token)
    assert visitors.read(token) == visitor
    assert visitors.named("another order")[0] != visitor
    assert elsewhere.named("an order")[0] != visitor
