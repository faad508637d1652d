from __future__ import annotations

import pytest

from components.web.surface import ClosedSurface
from tests.unit.web.asgi import ANSWERS, Behind, client

SURFACE = ClosedSurface(Behind(), answers=ANSWERS, named=frozenset({"start_job"}))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("HEAD", "/"),
        ("GET", "/config"),
        ("GET", "/gradio_api/info"),
        ("GET", "/gradio_api/startup-events"),
        ("GET", "/assets/index-1.js"),
        ("GET", "/static/img/logo.svg"),
        ("GET", "/theme.css"),
        ("GET", "/favicon.ico"),
        ("GET", "/healthz"),
        ("POST", "/gradio_api/queue/join"),
        ("POST", "/gradio_api/run/predict"),
        ("GET", "/gradio_api/queue/data"),
        ("POST", "/gradio_api/call/start_job"),
        ("GET", "/gradio_api/call/start_job/0a1b2c"),
        ("POST", "/gradio_api/run/start_job"),
        ("GET", "/gradio_api/studio/jobs"),
        ("PUT", "/gradio_api/studio/draft"),
        ("DELETE", "/gradio_api/studio/jobs/abc"),
        ("GET", "/gradio_api/mcp"),
        ("POST", "/gradio_api/mcp/"),
        ("DELETE", "/gradio_api/mcp/"),
    ],
)
def test_what_the_page_and_programs_need_is_open(method: str, path: str) -> None:
    assert SURFACE.open(method, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/upload"),
        ("GET", "/gradio_api/upload_progress"),
        ("GET", "/gradio_api/file=/etc/passwd"),
        ("HEAD", "/gradio_api/file=/etc/passwd"),
        ("GET", "/gradio_api/file/etc/passwd"),
        ("GET", "/file=/etc/passwd"),
        ("GET", "/gradio_api/proxy=https://example.org"),
        ("POST", "/gradio_api/component_server"),
        ("POST", "/gradio_api/component_server/"),
        ("POST", "/gradio_api/stream/abc"),
        ("GET", "/gradio_api/stream/a/b/1/playlist.m3u8"),
        ("POST", "/gradio_api/reset"),
        ("POST", "/gradio_api/cancel"),
        ("GET", "/gradio_api/runs"),
        ("POST", "/gradio_api/run-history/connect"),
        ("GET", "/gradio_api/heartbeat/abc"),
        ("GET", "/gradio_api/custom_component/1/client/component/index.js"),
        ("GET", "/gradio_api/openapi.json"),
        ("GET", "/gradio_api/deep_link"),
        ("GET", "/gradio_api/app_id"),
        ("GET", "/gradio_api/token"),
        ("GET", "/gradio_api/user"),
        ("POST", "/gradio_api/process_recording"),
        ("POST", "/gradio_api/vibe-edit"),
        ("GET", "/gradio_api/vibe-code"),
        ("GET", "/gradio_api/dev/reload"),
        ("GET", "/gradio_api/profiling/traces"),
        ("POST", "/gradio_api/call/private"),
        ("POST", "/gradio_api/run/private"),
        ("POST", "/gradio_api/api/start_job"),
        ("GET", "/gradio_api/call/start_job"),
        ("GET", "/gradio_api/call/start_job/../../file"),
        ("POST", "/login"),
        ("GET", "/logout"),
        ("GET", "/monitoring"),
        ("GET", "/monitoring/summary"),
        ("GET", "/openapi.json"),
        ("GET", "/docs"),
        ("GET", "/redoc"),
        ("GET", "/static/../../../../etc/passwd"),
        ("GET", "/assets/..\\..\\secret"),
        ("GET", "//etc/passwd"),
        ("GET", "/config/"),
        ("POST", "/"),
        ("OPTIONS", "/gradio_api/studio/jobs"),
        ("TRACE", "/"),
        ("POST", "/gradio_api/queue/data"),
        ("GET", "/gradio_api/studiox/jobs"),
        ("GET", "/gradio_api/mcp/sse"),
        ("GET", "/gradio_api/mcp/schema"),
        ("POST", "/gradio_api/mcp/messages/"),
        ("POST", "/gradio_api/mcp/http"),
        ("PUT", "/gradio_api/mcp/"),
    ],
)
def test_everything_else_is_shut(method: str, path: str) -> None:
    assert not SURFACE.open(method, path)


def test_without_public_events_there_are_no_tools_either() -> None:
    assert not ClosedSurface(Behind(), answers=ANSWERS, named=frozenset()).open("POST", "/gradio_api/mcp/")


async def test_a_shut_door_answers_404_closed() -> None:
    async with client(SURFACE) as web:
        refused = await web.post("/gradio_api/upload", content=b"x")
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "closed")
