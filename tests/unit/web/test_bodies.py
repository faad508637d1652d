from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from components.errors import RequestInvalid
from components.web.bodies import Bodies, refuse_files
from tests.unit.web.asgi import ANSWERS, Behind, client

if TYPE_CHECKING:
    from starlette.types import Message

JOIN = "/gradio_api/queue/join"
FILE: dict[str, Any] = {"path": "/proc/self/environ", "meta": {"_type": "gradio.FileData"}}


@pytest.mark.parametrize(
    "data",
    [
        [FILE],
        [{"path": "/etc/passwd"}],
        [{"url": "http://x", "meta": {"_type": "gradio.FileData"}}],
        [[{"a": {"b": [FILE]}}]],
        [{"meta": {"_type": "gradio.Something"}, "orig_name": "x"}],
    ],
)
def test_an_event_that_names_a_file_is_refused(data: list[Any]) -> None:
    with pytest.raises(RequestInvalid):
        refuse_files(json.dumps({"data": data, "fn_index": 0}).encode())


@pytest.mark.parametrize("data", [[], ["/etc/passwd"], [{"upload": "abc", "name": "path"}], [None, 5, True, {"meta": "x"}]])
def test_an_event_without_a_file_passes(data: list[Any]) -> None:
    refuse_files(json.dumps({"data": data, "fn_index": 0}).encode())


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_an_event_that_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(RequestInvalid):
        refuse_files(body)


async def test_a_body_arrives_behind_as_it_was_sent() -> None:
    async with client(Bodies(Behind(), answers=ANSWERS, stall_s=5)) as web:
        assert (await web.post("/x", content=b"abc")).content == b"abc"


@pytest.mark.parametrize("path", ["/gradio_api/mcp", "/gradio_api/mcp/", "/gradio_api/call/start_job", "/gradio_api/run/start_job"])
async def test_a_file_in_a_programs_call_is_answered_422(path: str) -> None:
    call = {"jsonrpc": "2.0", "method": "tools/call", "params": {"name": "start_job", "arguments": {"image": FILE}}}
    async with client(Bodies(Behind(), answers=ANSWERS, stall_s=5)) as web:
        assert (await web.post(path, json=call)).status_code == 422
        assert (await web.delete(path)).status_code == 200  # an end of a session has no body


@pytest.mark.parametrize("path", ["/gradio_api/studio/uploads", "/gradio_api/studio/hook/job/token"])
async def test_what_reads_its_body_itself_may_be_sent_more(path: str) -> None:
    async with client(Bodies(Behind(), answers=ANSWERS, stall_s=5, largest=10)) as web:
        assert (await web.post(path, content=b"x" * 11)).status_code == 200
        assert (await web.post(f"{path}2", content=b"x" * 11)).status_code == (413 if path.endswith("uploads") else 200)


async def test_a_file_in_an_event_is_answered_422() -> None:
    async with client(Bodies(Behind(), answers=ANSWERS, stall_s=5)) as web:
        refused = await web.post(JOIN, json={"data": [FILE], "fn_index": 0, "session_hash": "t"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid_request")


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_that_is_too_big_is_413(*, announced: bool) -> None:
    async def pieces() -> Any:  # noqa: ANN401 - httpx takes any async iterator
        for _ in range(3):
            yield b"x" * 50

    async with client(Bodies(Behind(), answers=ANSWERS, stall_s=5, largest=100)) as web:
        refused = await web.post("/x", content=b"x" * 101 if announced else pieces())
    assert (refused.status_code, refused.json()["error"]["code"]) == (413, "body_too_big")


async def test_a_body_that_stops_coming_is_408() -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/x", "headers": []}
    await Bodies(Behind(), answers=ANSWERS, stall_s=0.01)(scope, receive, send)
    assert sent[0]["status"] == 408


async def test_a_streamed_upload_is_left_alone() -> None:
    async with client(Bodies(Behind(), answers=ANSWERS, stall_s=5, largest=10)) as web:
        assert (await web.post("/gradio_api/studio/uploads", content=b"x" * 100)).status_code == 200
