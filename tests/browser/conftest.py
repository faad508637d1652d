"""One program and one Chromium for all browser tests, and a new visitor for each.

Most of them share one page: without cookies and what was stored it is a new visitor's, and the page's scripts, once read and
compiled, need not be so two hundred times; a new page takes more than twice the processor time of a visit in an old one. Nothing
is intercepted in it unless a test does so (``Page.route`` turns the cache off, ``by_hand`` does not): names of other machines lead
nowhere, and asking for one is a fault.
"""

from __future__ import annotations

import re
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.wire import NOWHERE
from tests.browser_setup import LAUNCH_ARGS, THIS_MACHINE_ALONE, find_or_get_shell
from tests.integration.server import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, WebError

    from tests.integration.server import Running

SERVE = [sys.executable, "-m", "tests.browser.serve"]
NO_EXAMPLES = {"STUDIO_EXAMPLES": "false"}
"""Making them takes a processor for a while; the tests of the first visit bring their own."""
REFUSED_UPLOAD = r"status of 422 .*/uploads"
"""The answer that offers mends; browsers write every 4xx to their console."""
LONGEST_WAIT_MS = 15_000
WINDOW: ViewportSize = {"width": 1440, "height": 960}


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
        chromium = playwright.chromium.launch(executable_path=find_or_get_shell(), args=[*LAUNCH_ARGS, THIS_MACHINE_ALONE])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def warm_context(browser: Browser) -> Iterator[BrowserContext]:
    """The context of ``blank_page``; what it has read before, it need not read again, and its first page is the shared one."""
    context = _context(browser)
    context.new_page()
    yield context
    context.close()


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
    """Makes contexts of another sort, each with a cold cache."""
    with ExitStack() as opened:

        def new(**options: object) -> BrowserContext:
            context = _context(browser, **options)
            opened.callback(context.close)
            opened.enter_context(_watched(context, faults))
            return context

        yield new


@pytest.fixture
def blank_page(warm_context: BrowserContext, faults: Faults, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a new visitor that is not at the studio yet; the shared one, unless the test is marked ``page_of_its_own``."""
    warm_context.clear_cookies()
    shared = warm_context.pages[0]
    with _watched(warm_context, faults):
        page = warm_context.new_page() if request.node.get_closest_marker("page_of_its_own") else shared
        _forget(page)
        yield page
        for opened in warm_context.pages[1:]:
            opened.close()
        shared.unroute_all()
        shared.goto(NOWHERE)
        shared.set_viewport_size(WINDOW)


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


def _context(browser: Browser, **options: object) -> BrowserContext:
    sort = {"viewport": WINDOW, "reduced_motion": "reduce", "locale": "en-GB", **options}
    context = browser.new_context(**sort)  # type: ignore[arg-type] # as Playwright names them
    context.set_default_timeout(LONGEST_WAIT_MS)
    return context


def _forget(page: Page) -> None:
    """What an earlier visitor stored."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "local_storage"})
    cdp.detach()


@contextmanager
def _watched(context: BrowserContext, faults: Faults) -> Iterator[None]:
    """Whatever goes wrong in a page of the context is found; asking for another machine goes wrong, and the console says so."""

    def said(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            faults.found.append(f"console {message.type}: {message.text} {message.location.get('url', '')}")

    def broke(error: WebError) -> None:
        faults.found.append(f"pageerror: {error.error}")

    context.on("console", said)
    context.on("weberror", broke)
    yield
    context.remove_listener("console", said)
    context.remove_listener("weberror", broke)
