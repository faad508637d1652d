"""``draft``, ``examples``, ``media``, ``assets`` and ``healthz``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from starlette.requests import Request  # noqa: TC002 - FastAPI reads it
from starlette.responses import Response

from components.studio.examples import ExampleUse
from components.web.answers import json_answer
from components.web.media import media
from components.web.router import answer, new_router, nothing
from components.web.shapes import DraftBody  # noqa: TC001 - FastAPI reads it
from components.web.told import DraftAnswer, ExamplesAnswer, HealthAnswer
from components.web.visitor import visitor_of

if TYPE_CHECKING:
    from fastapi import APIRouter

    from components.studio.studio import Studio
    from components.web.answers import Answers
    from components.web.assets import Assets

_MEDIA: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}},
    206: {"description": "The part of it that was asked for by Range."},
    304: {"description": "It is what the caller has."},
    416: {"description": "It has no such part."},
}


def people_routes(studio: Studio, answers: Answers) -> APIRouter:
    """The visitor's form, and what there is to begin with."""
    router = new_router(answers)

    @router.get("/draft", **answer(DraftAnswer, "What was last in the form."))
    async def draft(request: Request) -> Response:
        return await json_answer(request, {"draft": await asyncio.to_thread(studio.visitors.draft, visitor_of(request))})

    @router.put("/draft", **nothing("Kept for the visitor."))
    async def put_draft(request: Request, body: DraftBody) -> Response:
        await asyncio.to_thread(studio.visitors.put_draft, visitor_of(request), body.model_dump())
        return Response(status_code=204)

    @router.get("/examples", **answer(ExamplesAnswer, "What the first visit shows."))
    async def list_examples(request: Request) -> Response:
        listing = await asyncio.to_thread(studio.examples.listing)
        return await json_answer(request, {"examples": [example.model_dump(mode="json") for example in listing]})

    @router.post("/examples/{name}/use", **answer(ExampleUse, "Its picture and sound as uploads of the visitor's.", 201))
    async def use_example(request: Request, name: str) -> Response:
        taken = await studio.uploads.pooled(studio.examples.use, visitor_of(request), name)
        return await json_answer(request, taken.model_dump(mode="json"), status=201)

    return router


def file_routes(studio: Studio, assets: Assets, answers: Answers) -> APIRouter:
    """What is fetched by address alone, whoever asks."""
    router = new_router(answers)

    @router.head("/media/{signed}", include_in_schema=False)
    @router.get("/media/{signed}", response_class=Response, responses=_MEDIA)
    async def open_media(request: Request, signed: str, *, download: bool = False) -> Response:
        return await media(request, signed, links=studio.links, objects=studio.objects, download=download)

    @router.api_route("/assets/{version}/{name:path}", methods=["GET", "HEAD"], include_in_schema=False)
    async def asset(request: Request, version: str, name: str) -> Response:
        return await assets.answer(request, version, name)

    return router


def health_routes(answers: Answers) -> APIRouter:
    """Whether the program answers; it touches nothing."""
    router = new_router(answers)

    @router.head("/healthz", include_in_schema=False)
    @router.get("/healthz", **answer(HealthAnswer, "The program answers."))
    async def healthz(request: Request) -> Response:
        return await json_answer(request, {"status": "ok"})

    return router
