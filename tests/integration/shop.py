"""The program with all its services: two sellers are doubles, and a third one's address is a plain file server."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.doubles.aimlapi import AimlApi
from tests.doubles.evolink import EvoLink
from tests.doubles.sellers import environment
from tests.integration.calls import order, upload
from tests.integration.server import Running, running, until
from tests.media_factory import jpeg, mp3

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import httpx

PUBLIC = "https://studio.example"
ADMIN = "the-owners-own-token"
NOWHERE = "http://127.0.0.1:9"
"""Where nobody answers."""


@dataclass(frozen=True, slots=True)
class Files:
    """A server of files; ``asked`` are the paths that somebody has asked it for."""

    base: str
    asked: list[str]


@dataclass(frozen=True, slots=True)
class Shop:
    """The program, its sellers, and the file server at a trusted origin; ``owner`` is a visitor who has proved to be the owner."""

    program: Running
    owner: httpx.Client
    evolink: EvoLink
    aimlapi: AimlApi
    files: Files

    def unconfirmed(self, web: httpx.Client, token: str) -> dict[str, Any]:
        """A film whose order was taken while the answer got lost."""
        self.evolink.fault("reset_after", on="create")
        made = order(web, upload(web), service="evolink", duration=5, client_token=token)
        until(lambda: state(web, made["id"]) == "unconfirmed", "the film to be unconfirmed")
        return made

    def task_of(self, made: Mapping[str, Any]) -> str:
        """What the seller calls the task of a film, which may never have learnt it."""
        (task,) = [task for task in self.evolink.tasks.values() if task.wanted.prompt == made["request"]["prompt"]][-1:]
        return task.id


def state(web: httpx.Client, job_id: str) -> str:
    """How a film stands."""
    return str(web.get(f"jobs/{job_id}").json()["job"]["state"])


@contextmanager
def served(pages: Mapping[str, tuple[int, Mapping[str, str], bytes]]) -> Iterator[Files]:
    """Serve these answers (status, headers, body) by path on loopback."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, headers, body = pages.get(self.path, (404, {}, b"nothing"))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Files(f"http://127.0.0.1:{server.server_port}", asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def shop_in(folder: Path) -> Iterator[Shop]:
    """Open it; everybody may spend the server's key for EvoLink, and there is a key of the server's for no other."""
    pages: dict[str, tuple[int, Mapping[str, str], bytes]] = {
        "/a/boats%20at%20dusk.jpg": (200, {}, jpeg(640, 480)),
        "/large.jpg": (200, {}, jpeg(2400, 1600)),
        "/bell.mp3": (200, {}, mp3(4)),
        "/page.html": (200, {}, b"<html>hello</html>"),
        "/empty.jpg": (200, {}, b""),
        "/away.jpg": (302, {"Location": "http://127.0.0.1:10/secret.jpg"}, b""),
        "/metadata": (302, {"Location": "http://169.254.169.254/latest"}, b""),
        "/moved.jpg": (301, {"Location": "/a/boats%20at%20dusk.jpg"}, b""),
        "/huge.jpg": (200, {"Content-Length": "100000000"}, b"x"),
    }
    with ExitStack() as stack:
        evolink = stack.enter_context(EvoLink(folder=folder, time_scale=0.01, reach={}))
        aimlapi = stack.enter_context(AimlApi(folder=folder, time_scale=0.01))
        files = stack.enter_context(served(pages))
        more = {
            **environment(evolink),
            "AIMLAPI_BASE_URL": aimlapi.base_url,
            "APIMART_BASE_URL": files.base,
            "DASHSCOPE_BASE_URL": NOWHERE,
            "STUDIO_SERVER_KEY_FOR": "everyone",
            "STUDIO_VISITOR_BUDGET_USD_PER_DAY": "3",
            "STUDIO_BUDGET_USD_PER_DAY": "100",
            "STUDIO_ADMIN_TOKEN": ADMIN,
            "STUDIO_PUBLIC_URL": PUBLIC,
        }
        program = stack.enter_context(running(folder / "data", more=more))
        evolink.reach[PUBLIC] = program.base
        owner = stack.enter_context(program.visitor())
        owner.post("me/owner", json={"token": ADMIN}).raise_for_status()
        yield Shop(program, owner, evolink, aimlapi, files)
