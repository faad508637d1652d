"""One program and one Chromium for all browser tests; a new context, hence a new visitor, for each."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from tests.browser_setup import LAUNCH_ARGS, find_or_get_browser
from tests.integration.server import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route

    from tests.integration.server import Running

SERVE = [sys.executable, "-m", "tests.browser.serve"]
NO_EXAMPLES = {"STUDIO_EXAMPLES": "false"}
"""Making them takes a processor for a while; the tests of the first visit bring their own."""
LOOPBACK = frozenset({"127.0.0.1", "localhost"})
REFUSED_UPLOAD = r"status of 422 .*/uploads"
"""The answer that offers mends; browsers write every 4xx to their console."""
LONGEST_WAIT_MS = 15_000


@dataclass(slots=True)
class Faults:
    """What went wrong in the page; a test says which of it is meant."""

    found: list[str] = field(default_factory=list)
    meant: list[str] = field(default_factory=lambda: [REFUSED_UPLOAD])

    def allow(self, pattern: str) -> None:
        """Faults that match are what the test is about."""
        self.meant.append(pattern)

    @property
    def unmeant(self) -> list[str]:
        """What nobody meant."""
        return [fault for fault in self.found if not any(re.search(pattern, fault) for pattern in self.meant)]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_or_get_browser(), args=list(LAUNCH_ARGS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("studio") / "data", command=SERVE, more=NO_EXAMPLES) as app:
        yield app


@pytest.fixture
def faults() -> Iterator[Faults]:
    faults = Faults()
    yield faults
    assert faults.unmeant == []


@pytest.fixture
def open_context(browser: Browser, faults: Faults) -> Iterator[Callable[..., BrowserContext]]:
    """Makes contexts that reach this machine alone and report whatever goes wrong in a page."""
    contexts: list[BrowserContext] = []

    def new(**options: object) -> BrowserContext:
        sort = {"viewport": {"width": 1440, "height": 960}, "reduced_motion": "reduce", "locale": "en-GB", **options}
        context = browser.new_context(**sort)  # type: ignore[arg-type] # as Playwright names them
        context.set_default_timeout(LONGEST_WAIT_MS)
        context.route(lambda url: urlsplit(url).hostname not in LOOPBACK, lambda route: _refuse(route, faults))
        context.on("console", lambda message: _hear(message, faults))
        context.on("weberror", lambda error: faults.found.append(f"pageerror: {error.error}"))
        contexts.append(context)
        return context

    yield new
    for context in contexts:
        context.close()


@pytest.fixture
def blank_page(open_context: Callable[..., BrowserContext]) -> Page:
    """A page that is not at the studio yet."""
    return open_context().new_page()


@pytest.fixture
def studio_page(blank_page: Page, program: Running) -> Page:
    """The studio as a new visitor finds it, ready to be used."""
    return visit(blank_page, program)


def visit(page: Page, program: Running, query: str = "") -> Page:
    """Open the studio and wait until it is ready."""
    page.goto(f"{program.base}/{query}")
    page.locator("#form[data-ready]").wait_for()
    page.locator(".videos[data-ready]").wait_for()
    return page


def _refuse(route: Route, faults: Faults) -> None:
    faults.found.append(f"foreign request: {route.request.url}")
    route.abort()


def _hear(message: ConsoleMessage, faults: Faults) -> None:
    if message.type in {"error", "warning"}:
        faults.found.append(f"console {message.type}: {message.text} {message.location.get('url', '')}")
