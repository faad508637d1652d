"""A page with nothing but the two upload boxes, real scripts and styles, and a small studio behind it on loopback.

So a test can count requests, hold an answer back, answer what it likes or hang up.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from tests.browser.boxes_studio import NAMES, PREFIX, TABLES, Call, Json, SmallStudio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, FilePayload, Locator, Page

ASSETS = Path(__file__).parents[2] / "assets"
PIECE = 65_536
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html; charset=utf-8", ".json": "application/json"}


@dataclass(frozen=True, slots=True)
class Stage:
    """The page, and the studio behind it."""

    page: Page
    studio: SmallStudio

    @property
    def frame(self) -> Locator:
        """The box for the picture."""
        return self.page.locator(".frame")

    @property
    def track(self) -> Locator:
        """The line for the sound."""
        return self.page.locator(".track")

    def choose(self, name: str, data: bytes, *, kind: str = "image/jpeg") -> None:
        """Choose a picture through the real input."""
        self.page.get_by_label("First frame").set_input_files(payload(name, data, kind))

    def choose_sound(self, name: str, data: bytes) -> None:
        """Choose a sound through the real input."""
        self.page.get_by_label("Soundtrack").set_input_files(payload(name, data, "audio/mpeg"))

    def is_at(self, box: Locator, state: str) -> None:
        """Wait until a box is in a state."""
        expect(box).to_have_attribute("data-state", state)

    def slice(self, name: str) -> Json:
        """What the other widgets know."""
        return dict(self.page.evaluate("(name) => window.boxes.get(name)", name))

    def service(self, name: str) -> None:
        """Choose another service."""
        self.page.evaluate("(name) => window.boxes.set('service', name)", name)

    def bring(self, way: str, selector: str, name: str, data: bytes, kind: str) -> None:
        """Drop or paste a file on an element."""
        self.page.evaluate(BRING, [way, selector, name, list(data), kind])

    def focused(self) -> str:
        """What has the focus, in words."""
        return str(self.page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"))


BRING = """([way, selector, name, data, type]) => {
  const files = new DataTransfer();
  files.items.add(new File([new Uint8Array(data)], name, { type }));
  const target = document.querySelector(selector);
  if (way === 'paste') {
    target.dispatchEvent(new ClipboardEvent('paste', { clipboardData: files, bubbles: true, cancelable: true }));
    return;
  }
  const event = (kind) => new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true });
  target.dispatchEvent(event('dragover'));
  if (way === 'drop') target.dispatchEvent(event('drop'));
}"""


def payload(name: str, data: bytes, kind: str) -> FilePayload:
    """A file for an input."""
    return {"name": name, "mimeType": kind, "buffer": data}


@contextmanager
def staged(browser: Browser, *, width: int = 1440, height: int = 900, dark: bool = False, touch: bool = False) -> Iterator[Stage]:
    """A fresh page with both boxes, and its own studio."""
    studio = SmallStudio()
    with serving(studio, dark=dark) as address:
        context = browser.new_context(viewport={"width": width, "height": height}, has_touch=touch, locale="en-GB", reduced_motion="reduce")
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("filechooser", lambda _chooser: None)  # caught from the start: asked for at the press, it may come too late
        page.goto(address)
        page.wait_for_function("window.boxes")
        try:
            yield Stage(page, studio)
        finally:
            studio.open.set()
            studio.reads.set()
            context.close()
        assert faults == []


@contextmanager
def serving(studio: SmallStudio, *, dark: bool) -> Iterator[str]:
    """The page, its assets and the studio's routes on a free port of loopback."""
    server = Server(studio, dark=dark)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Server(ThreadingHTTPServer):
    """Serves one page and one studio."""

    daemon_threads = True

    def __init__(self, studio: SmallStudio, *, dark: bool) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.studio = studio
        self.dark = dark


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.0"  # on a connection that is used again, Chromium itself repeats what was cut off
    server: Server

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/":
            self.say(200, html(dark=self.server.dark).encode(), TYPES[".html"])
        elif path.startswith("/assets/"):
            file = ASSETS / path.removeprefix("/assets/")
            self.say(200, file.read_bytes(), TYPES[file.suffix])
        elif path.startswith("/media/"):
            kind, _, data = self.server.studio.files.get(f"file:{path.removeprefix('/media/')}", ("", "", b""))
            self.say(200 if kind else 404, data, "audio/mpeg" if kind == "audio" else "image/jpeg")
        else:
            self.reply(b"")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(min(PIECE, length))
        self.server.studio.reads.wait()
        try:
            body += self.rfile.read(length - len(body))
        except ConnectionError:  # the page has stopped it
            return
        if len(body) == length:
            self.reply(body)

    def reply(self, body: bytes) -> None:
        """Pass on what the studio says."""
        where = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(where.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.studio.answer(Call(self.command, where.path.removeprefix(f"{PREFIX}/"), query, headers, body))
        if answer.hang_up:
            self.close_connection = True
            return
        data = b"" if answer.body is None else json.dumps(answer.body).encode()
        self.say(answer.status, data, "application/json", answer.headers)

    def say(self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        """Write an answer."""
        try:
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:  # the page has stopped it
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Nothing."""


@cache
def html(*, dark: bool = False) -> str:
    """The page."""
    texts = json.loads((ASSETS / "texts" / "en.json").read_text(encoding="utf-8"))
    services = [
        {"id": name, "name": NAMES[name], "ready": True, "key": "none", "capabilities": table.model_dump(mode="json", by_alias=True)}
        for name, table in TABLES.items()
    ]
    boot = {"base": PREFIX, "service": "preview", "services": services, "lasting": True, "texts": texts}
    styles = "\n".join((ASSETS / "css" / f"{name}.css").read_text(encoding="utf-8") for name in ("tokens", "page", "parts", "boxes"))
    frame, track = ((ASSETS / "html" / f"{name}.html").read_text(encoding="utf-8") for name in ("frame", "track"))
    return f"""<!doctype html><html lang="en" class="{"dark" if dark else ""}"><head><meta charset="utf-8"><title>Boxes</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>{styles}</style><script type="application/json" id="studio-boot">{json.dumps(boot).replace("<", chr(92) + "u003c")}</script></head>
<body class="{"dark" if dark else ""}"><main class="gradio-container"><div id="desk"><div id="form">
<div id="first-frame">{frame}</div><label>Prompt <textarea id="prompt"></textarea></label>
<div class="strip"><div class="lane sound" style="height:40px"></div></div><div id="soundtrack">{track}</div></div></div></main>
<script type="module">
import {{ mountFrame, takePicture, adoptPicture, clearPicture }} from '/assets/js/boxes/frame.js';
import {{ mountTrack, takeSound, adoptSound, clearSound }} from '/assets/js/boxes/track.js';
import {{ get, set }} from '/assets/js/core/store.js';
import {{ boot }} from '/assets/js/core/boot.js';
import * as checks from '/assets/js/checks/index.js';
import * as fitness from '/assets/js/checks/fitness.js';
set('service', 'preview');
window.limits = boot().services[1].capabilities;
mountFrame({{ element: document.getElementById('first-frame') }});
mountTrack({{ element: document.getElementById('soundtrack') }});
window.boxes = {{ get, set, takePicture, adoptPicture, clearPicture, takeSound, adoptSound, clearSound, checks, fitness }};
</script></body></html>"""
