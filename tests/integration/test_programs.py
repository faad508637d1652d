"""What programs call: ``gradio_client``, plain HTTP, and MCP clients that keep cookies or drop them."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from tests.integration.calls import error, finished, upload
from tests.integration.server import until
from tests.loopback import NO_TLS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.integration.server import Running
    from tests.integration.shop import Shop

MCP = "/gradio_api/mcp/"
THREE = {"start_job", "get_job", "list_services"}
EVIL = {"Origin": "https://evil.example"}


@pytest.fixture(scope="module")
def client(shop: Shop) -> Iterator[Client]:
    made = Client(shop.program.base, verbose=False, analytics_enabled=False)
    yield made
    made.close()


def start(client: Client, **film: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a field holds
    started: dict[str, Any] = client.predict(prompt="the boats drift off", api_name="/start_job", **film)
    return started


def picture(shop: Shop) -> str:
    return f"{shop.files.base}/a/boats%20at%20dusk.jpg"


@asynccontextmanager
async def mcp(program: Running, *, cookies: bool, **headers: str) -> AsyncIterator[tuple[ClientSession, httpx.AsyncClient]]:
    """A session of a client that keeps all cookies it is sent, or drops them."""
    async with httpx.AsyncClient(headers=headers, timeout=60, trust_env=False, verify=NO_TLS) as line:
        if not cookies:
            line.cookies = Forgetful()
        async with (
            streamable_http_client(f"{program.base}{MCP}", http_client=line) as (reading, writing, _),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            yield session, line


class Forgetful(httpx.Cookies):
    """A jar that keeps nothing."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Throw them away."""


async def call(session: ClientSession, tool: str, **arguments: Any) -> Any:  # noqa: ANN401 - whatever a tool takes and tells
    answer = await session.call_tool(tool, arguments)
    (text,) = answer.content
    assert text.type == "text"
    if answer.isError:
        raise AssertionError(text.text)
    return json.loads(text.text)


def test_a_program_orders_a_film_from_an_address_and_gets_it(shop: Shop, client: Client) -> None:
    started = start(client, image=picture(shop), service="preview", duration=2)
    assert started.keys() == {"job_id", "visitor_token", "state"}
    told: dict[str, Any] = {}

    def done() -> bool:
        told.update(client.predict(started["job_id"], started["visitor_token"], api_name="/get_job"))
        return told["state"] in {"completed", "failed"}

    until(done, "the film", 90)
    assert told["state"] == "completed"
    film = httpx.get(told["video"]["url"], trust_env=False, verify=NO_TLS)
    assert (film.status_code, len(film.content)) == (200, told["video"]["bytes"])


def test_a_film_of_a_program_stands_in_the_gallery_of_its_visitor(shop: Shop, client: Client) -> None:
    started = start(client, image=picture(shop), audio=f"{shop.files.base}/bell.mp3", service="preview", duration=2)
    token = {"Authorization": f"Bearer {started['visitor_token']}"}
    with httpx.Client(base_url=f"{shop.program.base}/gradio_api/studio/", headers=token, trust_env=False, verify=NO_TLS) as web:
        assert [one["id"] for one in web.get("jobs?since=0").json()["jobs"]] == [started["job_id"]]
        assert finished(web, started["job_id"])["request"]["sound"] == "own"


def test_an_upload_is_used_by_the_visitor_that_made_it(shop: Shop, client: Client, buyer: httpx.Client) -> None:
    token, image = str(buyer.headers["authorization"]).removeprefix("Bearer "), upload(buyer)
    started = start(client, image=image, service="preview", duration=2, visitor_token=token)
    assert started["visitor_token"] == token
    assert buyer.get(f"jobs/{started['job_id']}").status_code == 200
    with pytest.raises(AppError, match="not_found, image"):
        start(client, image=image, service="preview", duration=2)


def test_a_picture_that_is_too_large_is_made_smaller(shop: Shop, client: Client) -> None:
    started = start(client, image=f"{shop.files.base}/large.jpg", service="preview", duration=2)
    told = client.predict(started["job_id"], started["visitor_token"], api_name="/get_job")
    assert max(told["image"]["width"], told["image"]["height"]) == 2000


@pytest.mark.parametrize(
    ("film", "said"),
    [
        ({"duration": 99}, "duration_range, duration"),
        ({"service": "nobody"}, "invalid_request, service"),
        ({"service": "aimlapi"}, "needs_key, key"),
        ({"service": "evolink", "price_at_most": "0.01"}, "price_changed, money"),
        ({"visitor_token": "forged.token"}, "invalid_request, visitor_token"),
        ({"image": "http://10.0.0.1/a.jpg"}, "address_refused, image"),
        ({"image": "no such upload"}, "invalid_request, image"),
    ],
)
def test_what_went_wrong_is_said_in_a_sentence_with_its_code(shop: Shop, client: Client, film: dict[str, Any], said: str) -> None:
    with pytest.raises(AppError, match=r"^[A-Z].*\.") as told:
        start(client, **{"image": picture(shop), "service": "preview", "duration": 5, **film})
    assert str(told.value.args[0]).endswith(f"({said})")


def test_nobody_sees_a_film_without_its_visitors_token(shop: Shop, client: Client) -> None:
    started = start(client, image=picture(shop), service="preview", duration=2, client_token="mine")
    with pytest.raises(AppError, match="not_found"):
        client.predict(started["job_id"], api_name="/get_job")


def test_who_got_no_answer_asks_again_and_pays_once(shop: Shop, client: Client) -> None:
    film = {"image": picture(shop), "service": "evolink", "duration": 5, "client_token": "asked-twice"}
    charged = len(shop.evolink.ledger())
    first, again = start(client, **film), start(client, **film)
    assert (again["job_id"], again["visitor_token"]) == (first["job_id"], first["visitor_token"])
    shows = {"Authorization": f"Bearer {first['visitor_token']}"}
    with httpx.Client(base_url=f"{shop.program.base}/gradio_api/studio/", headers=shows, trust_env=False, verify=NO_TLS) as web:
        until(lambda: len(shop.evolink.ledger()) > charged, "the order to arrive")
        assert len(web.get("jobs?since=0").json()["jobs"]) == 1
    assert len(shop.evolink.ledger()) == charged + 1


def test_two_calls_at_once_with_one_client_token_are_one_order(shop: Shop, client: Client) -> None:
    film = {"image": picture(shop), "prompt": "at once", "service": "preview", "duration": 2, "client_token": "at-once"}
    calls = [client.submit(**film, api_name="/start_job") for _ in range(3)]
    assert len({call.result(60)["job_id"] for call in calls}) == 1


def test_the_same_token_of_somebody_else_is_another_order(shop: Shop, client: Client) -> None:
    film = {"image": picture(shop), "service": "preview", "duration": 2, "client_token": "one"}
    mine, others = start(client, **film), start(client, **{**film, "image": f"{shop.files.base}/large.jpg"})
    assert mine["job_id"] != others["job_id"]
    assert mine["visitor_token"] != others["visitor_token"]


def test_plain_http_calls_them_by_name(shop: Shop) -> None:
    web = shop.program.web
    event = web.post("/gradio_api/call/list_services", json={"data": [None]}).json()["event_id"]
    told = web.get(f"/gradio_api/call/list_services/{event}").text
    assert "event: complete" in told
    (services,) = json.loads(told.partition("data: ")[2])
    assert [service["id"] for service in services] == ["preview", "evolink", "aimlapi", "apimart", "dashscope"]


def test_three_events_are_public_typed_and_described(shop: Shop, client: Client) -> None:
    told = shop.program.web.get("/gradio_api/info").json()["named_endpoints"]
    assert set(told) == {f"/{name}" for name in THREE}
    kinds = {one["parameter_name"]: one["type"] for one in told["/start_job"]["parameters"]}
    assert kinds["duration"] == {"type": "integer"}
    assert kinds["quality"] == {"enum": ["720p", "1080p"]}
    assert set(told["/start_job"]["returns"][0]["type"]["properties"]) == {"job_id", "visitor_token", "state"}
    assert "pays once" in told["/start_job"]["description"]
    assert client.view_api(return_format="dict")


async def test_an_mcp_client_sees_three_tools_and_what_each_takes(shop: Shop) -> None:
    async with mcp(shop.program, cookies=True) as (session, _):
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
    assert set(tools) == THREE
    takes = tools["start_job"].inputSchema
    assert set(takes["required"]) == {"image", "prompt"}
    assert all(takes["properties"][name].get("description") for name in takes["properties"])


@pytest.mark.parametrize("cookies", [True, False], ids=["keeping cookies", "dropping cookies"])
async def test_an_mcp_client_orders_follows_and_pays_once(shop: Shop, *, cookies: bool) -> None:
    film = {"image": picture(shop), "prompt": f"cookies {cookies}", "service": "evolink", "duration": 5, "client_token": "by-mcp"}
    charged = len(shop.evolink.ledger())
    async with mcp(shop.program, cookies=cookies) as (session, line):
        first = await call(session, "start_job", **film)
        again = await call(session, "start_job", **film)
        assert len(line.cookies) == 0
    async with mcp(shop.program, cookies=cookies) as (session, _):  # a new session, as after a lost one
        late = await call(session, "start_job", **film)
        assert {first["job_id"]} == {again["job_id"], late["job_id"]}
        state = "queued"
        while state in {"queued", "submitting", "pending", "processing", "saving"}:
            await asyncio.sleep(0.2)
            told = await call(session, "get_job", job_id=first["job_id"], visitor_token=first["visitor_token"])
            state = told["state"]
            if told["remote"] and told["remote"]["task_id"] and state == "pending":
                await asyncio.to_thread(shop.evolink.end, told["remote"]["task_id"])
    assert state == "completed"
    assert told["video"]["url"].startswith(f"{shop.program.base}/gradio_api/studio/media/")
    assert len(shop.evolink.ledger()) == charged + 1


async def test_an_mcp_client_may_say_who_it_is_as_a_bearer(shop: Shop) -> None:
    token = shop.program.token()
    async with mcp(shop.program, cookies=False, Authorization=f"Bearer {token}") as (session, _):
        started = await call(session, "start_job", image=picture(shop), prompt="mine", service="preview", duration=2)
        assert started["visitor_token"] == token
        assert (await call(session, "get_job", job_id=started["job_id"]))["id"] == started["job_id"]


async def test_an_mcp_client_is_told_what_went_wrong(shop: Shop) -> None:
    async with mcp(shop.program, cookies=False) as (session, _):
        answer = await session.call_tool("get_job", {"job_id": "nothing"})
        unknown = await session.call_tool("generate", {})
    assert answer.isError
    assert answer.content[0].model_dump()["text"].endswith("(not_found, job)")
    assert unknown.isError


async def test_the_address_may_lack_its_slash(shop: Shop) -> None:
    async with (
        httpx.AsyncClient(follow_redirects=True, trust_env=False, verify=NO_TLS) as line,
        streamable_http_client(f"{shop.program.base}{MCP.rstrip('/')}", http_client=line) as (reading, writing, _),
        ClientSession(reading, writing) as session,
    ):
        await session.initialize()
        assert {tool.name for tool in (await session.list_tools()).tools} == THREE


@pytest.mark.parametrize("path", ["sse", "schema", "messages/", "http", "anything"])
def test_no_other_way_to_the_tools_is_open(shop: Shop, path: str) -> None:
    for method in ("GET", "POST"):
        assert error(shop.program.web.request(method, f"{MCP}{path}")) == (404, "closed")


def test_no_file_can_be_named_to_a_tool_and_no_other_page_calls_one(shop: Shop) -> None:
    arguments = {"image": {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, "prompt": "x"}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "start_job", "arguments": arguments}}
    accept = {"Accept": "application/json, text/event-stream"}
    assert error(shop.program.web.post(MCP, json=body, headers=accept)) == (422, "invalid_request")
    assert error(shop.program.web.post(MCP, json=body, headers={**accept, **EVIL})) == (403, "wrong_origin")
