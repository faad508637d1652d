"""Our routes and guards, as ``launch`` wants them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.exception_handlers import http_exception_handler
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from components.web.address import Address
from components.web.answers import Answers
from components.web.bodies import Bodies
from components.web.early import EarlyScript
from components.web.guard import Guard
from components.web.headers import SecurityHeaders
from components.web.jobs import job_routes
from components.web.labels import CATALOGUE, Labels
from components.web.offers import offer_routes
from components.web.outside import outside_routes
from components.web.owner import me_routes
from components.web.packing import PackedPage
from components.web.passing import passing_routes
from components.web.people import file_routes, health_routes, people_routes
from components.web.receive import STALL_S
from components.web.settling import settling_routes
from components.web.surface import PREFIX, ClosedSurface
from components.web.uploads import upload_routes
from components.web.visitor import VisitorMiddleware

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from components.settings import Settings
    from components.studio.studio import Studio
    from components.web.assets import Assets

EARLY = "js/early.js"


@dataclass(frozen=True, slots=True)
class Web:
    """All that stands beside Gradio.

    Args:
        settings: How the program is reached.
        studio: Does the work.
        assets: The page's own files.
        stall_s: Seconds without a byte after which a sender is given up.
    """

    settings: Settings
    studio: Studio
    assets: Assets
    stall_s: float = STALL_S

    @property
    def answers(self) -> Answers:
        """Words errors."""
        return Answers(self.studio.wording.word)

    def routes(self) -> list[BaseRoute]:
        """Ours, to be put before Gradio's."""
        answers = self.answers
        router = APIRouter()
        router.include_router(health_routes(answers), include_in_schema=False)
        for part in (
            job_routes(self.studio, answers),
            settling_routes(self.studio, answers),
            passing_routes(self.studio, answers),
            upload_routes(self.studio, answers, Labels.read(self.assets.plain(CATALOGUE)), stall_s=self.stall_s),
            offer_routes(self.studio, answers),
            me_routes(self.studio, answers),
            people_routes(self.studio, answers),
            outside_routes(self.studio, answers, stall_s=self.stall_s),
            file_routes(self.studio, self.assets, answers),
            health_routes(answers),
        ):
            router.include_router(part, prefix=PREFIX)
        return router.routes

    def guards(self, named_events: frozenset[str]) -> list[Middleware]:
        """From the outside in; ``named_events`` may be called by name through Gradio."""
        answers = self.answers
        return [
            Middleware(SecurityHeaders, on_space=self.settings.on_space),
            Middleware(Guard, address=Address.of(self.settings), answers=answers, proxied=self.studio.spending.proxy_seen),
            Middleware(ClosedSurface, answers=answers, named=named_events),
            Middleware(VisitorMiddleware, visitors=self.studio.visitors),
            Middleware(Bodies, answers=answers, stall_s=self.stall_s),
            Middleware(PackedPage),
            Middleware(EarlyScript, script=self.assets.plain(EARLY).decode()),
        ]

    def exception_handlers(self) -> dict[type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]]:
        """For calls under our prefix that no route takes; Gradio's own keep the usual answer."""
        answers = self.answers

        async def handle(request: Request, cause: HTTPException) -> Response:
            if request.url.path.startswith(f"{PREFIX}/"):
                return answers.failure(cause)
            return await http_exception_handler(request, cause)

        return {HTTPException: handle}
