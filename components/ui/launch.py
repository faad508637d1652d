"""Starts the web server with our routes and guards around Gradio, and stops everything in order."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from gradio.route_utils import CustomCORSMiddleware

from components.ui.api import Programs, offer, speak_json
from components.ui.page import build_page, page_head
from components.ui.ports import ensure_port_free
from components.ui.theme import studio_theme
from components.web.assets import Assets
from components.web.log import adopt_server_log
from components.web.receive import STALL_S
from components.web.wiring import Web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping
    from pathlib import Path
    from typing import Any, Self

    import gradio as gr
    from fastapi import FastAPI
    from starlette.middleware import Middleware

    from components.settings import Settings
    from components.studio.studio import Studio

log = logging.getLogger(__name__)

GRACE_S = 3
"""Seconds that open answers get when the program stops."""
LOOKS_FOR_EVENTS_S, LOOKS_FOR_PROGRESS_S = 0.05, 0.1
"""How often Gradio looks into its queue of events, as on Windows; elsewhere 1,000 times a second, which keeps a processor busy."""


@dataclass(frozen=True, slots=True)
class App:
    """The whole program.

    Args:
        settings: As read.
        studio: Does the work.
        web: Our routes and guards.
        demo: The page.
        look: What else Gradio's ``launch`` is to know of the page (theme, head).
    """

    settings: Settings
    studio: Studio
    web: Web
    demo: gr.Blocks
    look: Mapping[str, Any]

    @contextmanager
    def run(self) -> Iterator[Self]:
        """Everything works inside the block and is stopped, in order, at its end.

        Raises:
            PortTaken: Another program listens on the port.
        """
        self.studio.start(examples=self.studio.settings.examples)  # in this thread, outside any event loop: the engine makes its own
        try:
            launch(self.settings, self.web, self.demo, self.look)
            if self.share_url:
                self.studio.address.derive(self.share_url)
            yield self
        finally:
            self.demo.close(verbose=False)
            self.studio.stop()

    @property
    def share_url(self) -> str | None:
        """The link through Gradio's servers, if there is one."""
        return self.demo.share_url


def build_app(studio: Studio, assets_dir: Path, *, stall_s: float = STALL_S) -> App:
    """Put the parts together; nothing is started.

    Args:
        studio: Does the work.
        assets_dir: The folder ``assets``.
        stall_s: Seconds without a byte after which a sender is given up.
    """
    settings = studio.settings
    assets = Assets(assets_dir)
    demo = build_page(studio, assets_dir)
    offer(demo, Programs(studio, settings))
    head = page_head(settings, studio, assets_dir, version=assets.version)
    return App(settings, studio, Web(settings, studio, assets, stall_s), demo, {"theme": studio_theme(), "head": head})


def open_events(demo: gr.Blocks) -> frozenset[str]:
    """Names of the page's events that programs may call (``gr.api`` and events declared public)."""
    return frozenset(
        fn.api_name for fn in demo.fns.values() if isinstance(fn.api_name, str) and getattr(fn, "api_visibility", None) == "public"
    )


def launch(settings: Settings, web: Web, demo: gr.Blocks, look: Mapping[str, Any]) -> None:
    """Start the server in its own thread; returns when it answers.

    Args:
        settings: Where to listen.
        web: Our routes and guards.
        demo: The page.
        look: What else Gradio's ``launch`` is to know of the page (theme, head).

    ``gr.mount_gradio_app`` would leave Gradio's path checks off (any visitor could read any file of this machine), so
    our routes and guards are put into the app that ``launch`` itself makes.

    Raises:
        PortTaken: Another program listens on the port.
    """
    host = settings.listens_on_space
    guards = web.guards(open_events(demo))
    demo._queue.sleep_when_free = LOOKS_FOR_EVENTS_S  # noqa: SLF001 - there is no setting
    demo._queue.progress_update_sleep_when_free = LOOKS_FOR_PROGRESS_S  # noqa: SLF001 - as above

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        put_first(app, guards)
        speak_json(demo)
        yield
        await web.studio.services.leave()  # what this loop holds open at services

    try:
        demo.launch(
            server_name=host,
            server_port=settings.server_port,
            prevent_thread_lock=True,
            ssr_mode=False,
            share=settings.share,
            quiet=True,
            inbrowser=False,
            show_error=False,
            footer_links=[],
            run_history=False,
            enable_monitoring=False,
            mcp_server=True,
            pwa=False,
            num_workers=0,
            max_file_size="1kb",  # nothing is uploaded through Gradio
            allowed_paths=[],
            blocked_paths=[str(settings.data_dir), str(settings.media_dir)],
            app_kwargs={
                "routes": web.routes(),
                "middleware": guards,
                "exception_handlers": web.exception_handlers(),
                "lifespan": lifespan,
                "openapi_url": None,
                "docs_url": None,
                "redoc_url": None,
            },
            **look,
        )
    except OSError:
        ensure_port_free(host, settings.server_port)  # somebody may have taken it since it was looked at
        raise
    if demo.mcp_error:  # Gradio goes on without the tools and says nothing
        log.error("no tools for MCP clients: %s", demo.mcp_error)
    demo.server.config.timeout_graceful_shutdown = GRACE_S
    adopt_server_log()


def put_first(app: FastAPI, guards: list[Middleware]) -> None:
    """Let our guards stand before Gradio's own middleware, and drop its CORS.

    Gradio adds its middleware in front of what ``launch`` is given and answers preflights itself. The lifespan begins
    before the first connection is accepted, so no call ever meets the old order; were this to stop working, the guards
    would still stand inside (``tests/integration/test_security_surface.py`` would tell).
    """
    others = [one for one in app.user_middleware if one not in guards and cast(object, one.cls) is not CustomCORSMiddleware]
    app.user_middleware = [*guards, *others]
    app.middleware_stack = app.build_middleware_stack()
