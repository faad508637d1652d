"""A page with nothing but the gallery, and a studio played by the test: every answer is given by hand, no server runs."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests.browser.gallery_media import SIZES, film, picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Locator, Page, Route

ASSETS = Path(__file__).parents[2] / "assets"
ORIGIN = "http://127.0.0.1:9"
PREFIX = "/gradio_api/studio/"
NOW = datetime(2026, 10, 10, 15, 0, tzinfo=UTC)
PAGE = 24
SERVICES = [
    {"id": "preview", "name": "Preview", "capabilities": {"paid": False, "cancel": "always"}},
    {"id": "evolink", "name": "EvoLink", "capabilities": {"paid": True, "cancel": "never"}},
    {"id": "elsewhere", "name": "Elsewhere", "capabilities": {"paid": True, "cancel": "pending"}},
    {"id": "third", "name": "Third", "capabilities": {"paid": True, "cancel": "pending"}},
]
FORM = """
export async function applyRequest(request) { if (window.refuse) throw new Error(window.refuse); window.applied = request; }
export async function applyExample(answer) { window.example = answer; }
"""
SCRIPT = """
Math.random = () => 0.5;
window.pending = 0;
const [fetched, parsed] = [window.fetch, Response.prototype.json];
const counted = async (work) => {
  window.pending += 1;
  try { return await work(); } finally {
    const { port1, port2 } = new MessageChannel();
    let left = 6;
    port1.onmessage = () => { left -= 1; if (left > 0) port2.postMessage(0); else { window.pending -= 1; port1.close(); } };
    port2.postMessage(0);
  }
};
window.fetch = (...all) => counted(() => fetched(...all));
Response.prototype.json = function () { return counted(() => parsed.call(this)); };
"""
"""No jitter, and a count of the calls that are not yet answered and worked on."""
Json = dict[str, Any]


NEW_JOB: Json = {
    "service": "preview",
    "stage": None,
    "progress": None,
    "eta_s": None,
    "asked_at": None,
    "position": None,
    "wait": None,
    "cost": {"estimate": None, "reserved": None, "actual": None},
    "error": None,
    "finished_at": None,
    "video": None,
    "remote": None,
    "kept": False,
    "cancel_requested": False,
}


def a_request(name: str) -> Json:
    """What was asked for, as far as a card shows it."""
    return {"service": "preview", "prompt": f"The film of {name}.", "duration": 5, "quality": "720p"}


def iso(moment: datetime) -> str:
    """As the server writes times."""
    return moment.isoformat().replace("+00:00", "Z")


@dataclass
class FakeStudio:
    """What the server would know.

    ``log`` holds each call as "METHOD path", ``bodies`` what came with it; ``refusals``
    are answers by hand, also good ones; ``asked`` is when services were last asked; ``newer`` is how much fresher the links
    of a job asked for alone are.
    """

    jobs: dict[str, Json] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    examples: list[Json] = field(default_factory=list)
    revision: int = 0
    down: bool = False
    dead_links: set[str] = field(default_factory=set)
    refusals: dict[str, tuple[int, Json]] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    bodies: list[tuple[str, Json]] = field(default_factory=list)
    asked: dict[str, datetime] = field(default_factory=dict)
    links: int = 0
    newer: int = 0
    floor: int = 0
    clock_ahead: timedelta = timedelta()

    def put(self, name: str, state: str = "completed", *, scene: str = "sea", minutes_ago: float = 0, **changes: object) -> Json:
        """Add a job or change it; each time is news."""
        self.revision += 1
        made = NOW - timedelta(minutes=minutes_ago)
        width, height = SIZES[scene]
        first_frame = {"url": f"/media/{scene}", "width": width, "height": height}
        old = self.jobs.get(name) or {**NEW_JOB, "id": name, "created_at": iso(made), "image": first_frame, "request": a_request(name)}
        job = {**old, "state": state, "revision": self.revision, "updated_at": iso(made), **changes}
        if state in {"completed", "failed", "cancelled"}:
            job["finished_at"] = job["finished_at"] or iso(made)
        if state == "completed" and "video" not in changes:
            job["video"] = {
                "width": width,
                "height": height,
                "duration_s": 5.0,
                "bytes": 1000,
                "sha256": name,
                "expires_at": None,
                "scene": scene,
            }
        self.jobs[name] = job
        return self.linked(job)

    def linked(self, job: Json, newer: int = 0) -> Json:
        """The job with its present links."""
        if not job["video"]:
            return job
        links = self.links + newer
        url = f"/media/film-{job['id']}-{links}"
        poster = f"/media/{job['video'].get('scene', 'sea')}?{job['id']}-{links}"
        return {**job, "video": {**job["video"], "url": url, "download_url": f"{url}?download=1", "poster_url": poster}}

    def remove(self, name: str) -> None:
        """Take a job away."""
        self.revision += 1
        self.removed[name] = self.revision
        self.jobs.pop(name, None)

    def calls(self, pattern: str) -> list[str]:
        """The calls so far that match."""
        return [entry for entry in self.log if re.search(pattern, entry)]

    def answer(self, method: str, path: str, query: dict[str, str], known: str | None, body: Json | None) -> tuple[int, Json | None]:
        """One call of API.md §3."""
        for pattern, refusal in self.refusals.items():
            if re.search(pattern, f"{method} {path}"):
                return refusal
        parts = path.split("/")
        if path == "jobs":
            return self._look(query, known)
        if path == "examples":
            return 200, {"examples": self.examples}
        if parts[0] == "examples":
            return 200, {"image": {"id": "up"}, "audio": None, "request": {"prompt": "of the example"}}
        job = self.jobs.get(parts[1])
        if job is None:
            return 404, {"error": {"code": "not_found", "message": "There is no such film.", "hint": ""}}
        return self._one(method, parts[2:], job, body)

    def _look(self, query: dict[str, str], known: str | None) -> tuple[int, Json | None]:
        if "since" not in query:
            newest = sorted(self.jobs.values(), key=lambda job: (job["created_at"], job["id"]), reverse=True)
            names = [job["id"] for job in newest]
            start = names.index(query["before"]) + 1 if "before" in query else 0
            limit = int(query["limit"])
            page = [self.linked(job) for job in newest[start : start + limit]]
            return 200, {"revision": self.revision, "jobs": page, "more": len(newest) > start + limit}
        if known == f'"{self.revision}"':
            return 304, None
        since = int(query["since"])
        reset = since > self.revision or since < self.floor
        jobs = sorted((job for job in self.jobs.values() if job["revision"] > since), key=lambda job: int(job["revision"]))
        removed = [name for name, revision in self.removed.items() if revision > since]
        limit = int(query["limit"])
        more = len(jobs) > limit
        told = jobs[:limit]
        revision = told[-1]["revision"] if more else self.revision
        return 200, {"revision": revision, "jobs": [self.linked(job) for job in told], "removed": removed, "more": more, "reset": reset}

    def _one(self, method: str, rest: list[str], job: Json, body: Json | None) -> tuple[int, Json | None]:
        name = job["id"]
        if method == "DELETE":
            self.revision += 1
            self.removed[name] = self.revision
            return 204, None
        if rest == ["restore"]:
            self.removed.pop(name, None)
            return 200, {"job": self.put(name, job["state"], video=job["video"])}
        if rest == ["cancel"]:
            return 202, {"job": self.put(name, job["state"], cancel_requested=True)}
        if rest == ["keep"]:
            return 200, {"job": self.put(name, job["state"], kept=bool(body and body["keep"]), video=job["video"])}
        return 200, {"job": self.linked(job, self.newer)}


class Stage:
    """The page and its studio."""

    def __init__(self, page: Page, studio: FakeStudio) -> None:
        self.page = page
        self.studio = studio

    @property
    def gallery(self) -> Locator:
        """The region of the films."""
        return self.page.get_by_role("region", name="Videos")

    def card(self, name: str) -> Locator:
        """A job's card."""
        return self.page.locator(f'article[data-job="{name}"]')

    def order(self) -> list[str]:
        """Names of the cards on the wall, as they stand."""
        return [str(card.get_attribute("data-job")) for card in self.page.locator(".wall > article").all()]

    def open(self, query: str = "") -> None:
        """Go to the page and wait for its first look."""
        self.page.goto(f"{ORIGIN}/{query}")
        self.page.locator("section.videos[data-ready]").wait_for()

    def news(self) -> None:
        """One look at the studio, as it would come by itself."""
        self.page.evaluate("studio.pollNow()")
        self.settle()

    def settle(self) -> None:
        """Wait until every call is answered and drawn, and what is to be said is said."""
        self.page.wait_for_function("window.pending === 0")
        self.page.clock.run_for(60)

    def run(self, seconds: float, step: float = 0.5) -> None:
        """Let time pass; every call it causes is answered on the way."""
        for _ in range(round(seconds / step)):
            self.page.clock.run_for(round(step * 1000))
            self.page.wait_for_function("window.pending === 0")

    def hide(self, *, hidden: bool) -> None:
        """Another tab is looked at, or this one again."""
        self.page.evaluate(
            "hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });"
            " document.dispatchEvent(new Event('visibilitychange')); }",
            hidden,
        )
        self.settle()

    def watch(self) -> None:
        """Begin to count what changes in the gallery."""
        self.page.evaluate(
            "() => { window.changed = []; new MutationObserver(all => changed.push(...all.map(x => x.target.nodeName)))"
            ".observe(document.querySelector('.videos'), { subtree: true, childList: true, attributes: true, characterData: true }); }"
        )

    def changed(self) -> list[str]:
        """What changed since."""
        return list(self.page.evaluate("changed"))

    def heard(self) -> str:
        """What the live region says."""
        return self.page.locator(".videos [role=status]").inner_text()


@contextmanager
def staged(
    browser: Browser,
    studio: FakeStudio,
    *,
    width: int = 1440,
    height: int = 900,
    dark: bool = False,
    before: Callable[[Page], None] | None = None,
) -> Iterator[Stage]:
    """A fresh page with the gallery on it; ``before`` acts on the page before it is opened. Time stands still but for ``page.clock``."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        timezone_id="UTC",
        locale="en-GB",
        reduced_motion="reduce",
        color_scheme="dark" if dark else "light",
    )
    context.route("**/*", lambda route: _serve(route, studio, dark=dark))
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    start = NOW + studio.clock_ahead
    page.clock.install(time=start - timedelta(seconds=1))
    page.clock.pause_at(start)
    page.add_init_script(SCRIPT)
    if before:
        before(page)
    try:
        yield Stage(page, studio)
    finally:
        context.close()
    assert faults == []


def _serve(route: Route, studio: FakeStudio, *, dark: bool) -> None:
    request = route.request
    where = urlsplit(request.url)
    if f"{where.scheme}://{where.netloc}" != ORIGIN:
        route.abort()
        return
    path = where.path
    if path == "/":
        route.fulfill(body=_html(dark=dark), content_type="text/html; charset=utf-8")
    elif path == "/assets/js/form/form.js":
        route.fulfill(body=FORM, content_type="text/javascript")
    elif path.startswith("/assets/"):
        route.fulfill(body=(ASSETS / path.removeprefix("/assets/")).read_bytes(), content_type="text/javascript; charset=utf-8")
    elif path.startswith("/media/"):
        _serve_media(route, studio, path.removeprefix("/media/"))
    elif path.startswith(PREFIX):
        _serve_call(route, studio, path.removeprefix(PREFIX), where.query)
    else:
        route.fulfill(status=404)


def _serve_call(route: Route, studio: FakeStudio, path: str, query: str) -> None:
    request = route.request
    studio.log.append(f"{request.method} {path}{'?' if query else ''}{query}")
    if studio.down:
        route.abort("connectionrefused")
        return
    body = json.loads(request.post_data) if request.post_data else None
    if body is not None:
        studio.bodies.append((f"{request.method} {path}", body))
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    status, answer = studio.answer(request.method, path, asked, request.headers.get("if-none-match"), body)
    headers = {"ETag": f'"{studio.revision}"'}
    if studio.asked:
        headers["X-Studio-Asked"] = ", ".join(f"{name}={at.timestamp():.3f}" for name, at in studio.asked.items())
    if studio.clock_ahead:
        headers["Date"] = format_datetime(NOW, usegmt=True)
    route.fulfill(status=status, headers=headers, body="" if answer is None else json.dumps(answer), content_type="application/json")


def _serve_media(route: Route, studio: FakeStudio, name: str) -> None:
    studio.log.append(f"GET media/{name}")
    if studio.down:
        route.abort("connectionrefused")
    elif name in studio.dead_links or route.request.url.removeprefix(f"{ORIGIN}/media/") in studio.dead_links:
        route.fulfill(status=404)
    elif name in SIZES:
        route.fulfill(body=picture(name), content_type="image/jpeg")
    else:
        _serve_film(route)


def _serve_film(route: Route) -> None:
    whole = film()
    wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", route.request.headers.get("range", ""))
    if not wanted:
        route.fulfill(body=whole, content_type="video/mp4", headers={"Accept-Ranges": "bytes"})
        return
    first, last = int(wanted[1]), min(int(wanted[2] or len(whole)), len(whole) - 1)
    headers = {"Accept-Ranges": "bytes", "Content-Range": f"bytes {first}-{last}/{len(whole)}"}
    route.fulfill(status=206, body=whole[first : last + 1], content_type="video/mp4", headers=headers)


def _html(*, dark: bool) -> str:
    boot = {"texts": json.loads((ASSETS / "texts" / "en.json").read_text("utf-8")), "services": SERVICES, "service": "preview"}
    data = json.dumps({**boot, "lasting": True, "base": PREFIX.rstrip("/")}).replace("<", "\\u003c")
    css = "\n".join((ASSETS / "css" / f"{name}.css").read_text("utf-8") for name in ("tokens", "page", "parts", "gallery"))
    gallery = (ASSETS / "html" / "gallery.html").read_text("utf-8")
    return f"""<!doctype html><html lang="en"{' class="dark"' if dark else ""}><head><meta charset="utf-8"><title>Gallery</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><style>{css}</style>
<script id="studio-boot" type="application/json">{data}</script></head><body class="gradio-container"><main>
<h1 class="sr">Wan Flash Studio</h1><div id="desk"><div id="form"></div><div id="shelf">{gallery}</div></div></main>
<script type="module">
import {{ mountGallery, pollNow, showJob }} from '/assets/js/gallery/gallery.js';
window.studio = {{ pollNow, showJob }};
mountGallery({{ element: document.querySelector('#shelf'), props: {{}}, trigger() {{}}, watch() {{}} }});
</script></body></html>"""
