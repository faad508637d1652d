"""The kind of router that all our routes hang on: whatever goes wrong in one leaves through the one door of errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.routing import APIRoute

from components.web.told import ErrorAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from pydantic import BaseModel
    from starlette.requests import Request
    from starlette.responses import Response

    from components.web.answers import Answers

_REFUSED: dict[int | str, dict[str, Any]] = {
    422: {"model": ErrorAnswer, "description": "Not of the documented shape, or a rule is broken."},
    "default": {"model": ErrorAnswer, "description": "Any other failure."},
}


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

    return APIRouter(prefix=prefix, route_class=Route, responses=_REFUSED, generate_unique_id_function=lambda route: route.name)


def answer(model: type[BaseModel], what: str, status: int = 200) -> dict[str, Any]:
    """What a route says of its good answer, for ``assets/openapi.json``: to be given to its decorator.

    Args:
        model: The shape of the body.
        what: A sentence about it.
        status: The status that comes with it.
    """
    return {"status_code": status, "responses": {status: {"model": model, "description": what}}}


def nothing(what: str) -> dict[str, Any]:
    """The same for an answer without a body."""
    return {"status_code": 204, "responses": {204: {"description": what}}}
