from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.integration.calls import error
from tests.integration.server import Running, start, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CANARY = "canary-in-the-environment-4711"
FILE: dict[str, Any] = {"path": "/proc/self/environ", "meta": {"_type": "gradio.FileData"}}


@pytest.fixture(scope="module")
def events(program: Running) -> list[dict[str, Any]]:
    """All events of the page, as it tells them itself."""
    found: list[dict[str, Any]] = program.web.get("/config").json()["dependencies"]
    assert found
    return found


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/upload"),
        ("GET", "/gradio_api/file=/etc/passwd"),
        ("GET", "/gradio_api/file=app.py"),
        ("GET", "/file=/etc/passwd"),
        ("GET", "/gradio_api/file/etc/passwd"),
        ("GET", "/gradio_api/proxy=https://example.org/"),
        ("POST", "/gradio_api/component_server"),
        ("POST", "/gradio_api/stream/abc"),
        ("POST", "/gradio_api/reset"),
        ("POST", "/gradio_api/cancel"),
        ("GET", "/gradio_api/runs"),
        ("GET", "/gradio_api/heartbeat/abc"),
        ("GET", "/gradio_api/openapi.json"),
        ("GET", "/gradio_api/app_id"),
        ("GET", "/gradio_api/custom_component/1/client/component/index.js"),
        ("POST", "/gradio_api/vibe-edit"),
        ("GET", "/gradio_api/vibe-code"),
        ("POST", "/gradio_api/process_recording"),
        ("POST", "/gradio_api/call/generate"),
        ("POST", "/gradio_api/run/generate"),
        ("POST", "/login"),
        ("GET", "/logout"),
        ("GET", "/monitoring"),
        ("GET", "/monitoring/summary"),
        ("GET", "/openapi.json"),
        ("GET", "/docs"),
        ("GET", "/static/..%2f..%2f..%2f..%2fetc%2fpasswd"),
        ("GET", "/assets/%2e%2e/%2e%2e/app.py"),
    ],
)
def test_what_the_page_does_not_need_is_shut(program: Running, method: str, path: str) -> None:
    assert error(program.web.request(method, path)) == (404, "closed")


@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/info", "/gradio_api/startup-events", "/theme.css", "/robots.txt"])
def test_what_the_page_needs_is_open(program: Running, path: str) -> None:
    assert program.web.get(path).status_code == 200


@pytest.mark.parametrize("route", ["queue/join", "run/predict"])
def test_no_server_file_can_be_named_in_any_event(program: Running, events: list[dict[str, Any]], route: str) -> None:
    for event in events:
        data = [FILE for _ in event["inputs"]] or [FILE]
        body = {"data": data, "fn_index": event["id"], "session_hash": "test"}
        assert error(program.web.post(f"/gradio_api/{route}", json=body)) == (422, "invalid_request")


@pytest.mark.parametrize("hidden", [{"a": {"b": [FILE]}}, {"path": "/etc/passwd"}, [[FILE]]])
def test_a_file_deep_in_the_data_is_found(program: Running, hidden: object) -> None:
    body = {"data": [hidden], "fn_index": 0, "session_hash": "test"}
    assert error(program.web.post("/gradio_api/queue/join", json=body)) == (422, "invalid_request")


def test_gradios_own_check_of_paths_is_on(tmp_path: Path) -> None:
    """Even with our guard out of the way no event reads a file: ``launch`` was used, not ``mount_gradio_app``."""
    program = [
        "import sys; sys.argv = ['app.py']",
        "from components.web import bodies",
        "bodies.refuse_files = lambda body: None",
        "import app; sys.exit(app.main())",
    ]
    unguarded = start(tmp_path / "data", more={"SECRET_CANARY": CANARY}, command=python("\n".join(program)))
    try:
        until(unguarded.answers, "the program to answer", 60)
        for event in unguarded.web.get("/config").json()["dependencies"]:
            join = {"data": [FILE for _ in event["inputs"]], "fn_index": event["id"], "session_hash": "test"}
            assert read_back(unguarded, join) is None
    finally:
        unguarded.web.close()
        unguarded.stop()


def python(code: str) -> list[str]:
    """A command that runs ``code``."""
    import sys  # noqa: PLC0415 - only here

    return [sys.executable, "-c", code]


def read_back(program: Running, join: dict[str, Any]) -> str | None:
    """What an event gives away of the environment, by any way; None when nothing."""
    answers = [program.web.post("/gradio_api/run/predict", json=join).text]
    if program.web.post("/gradio_api/queue/join", json=join).status_code == httpx.codes.OK:
        with program.web.stream("GET", "/gradio_api/queue/data?session_hash=test") as stream:
            answers += list(completed(stream))
    return next((answer for answer in answers if CANARY in answer or '"url"' in answer), None)


def completed(stream: httpx.Response) -> Iterator[str]:
    """The events of a queue up to the one that ends it."""
    for line in stream.iter_lines():
        if line.startswith("data:"):
            yield line
            if json.loads(line[5:])["msg"] in {"process_completed", "unexpected_error"}:
                return


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_the_page_comes_packed(program: Running, coding: str) -> None:
    page = program.web.get("/", headers={"Accept-Encoding": coding})
    assert page.headers["content-encoding"] == coding
    assert "studio-boot" in page.text
