"""The kind of router that all our routes hang on: whatever goes wrong in one leaves through the one door of errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.routing import APIRoute

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from starlette.requests import Request
    from starlette.responses import Response

    from components.web.answers import Answers


def new_router(answers: Answers, prefix: str = "") -> APIRouter:
    """A router whose routes answer every exception by ``answers.failure``.

    A route class and no exception handler of the app: Gradio's own routes keep theirs, and a failure nobody expected
    is answered here before the server would print its trace a second time.
    """

    class Route(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            inner = super().get_route_handler()

            async def answer(request: Request) -> Response:
                try:
                    return await inner(request)
                except Exception as cause:  # noqa: BLE001 - told, and logged where nobody expected it
                    return answers.failure(cause)

            return answer

    return APIRouter(prefix=prefix, route_class=Route)
