"""``me``, ``draft``, ``services``, ``examples``, ``media``, ``assets`` and ``healthz``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.requests import Request  # noqa: TC002 - FastAPI reads it
from starlette.responses import Response

from components.web.answers import json_answer
from components.web.catalogue import services_json
from components.web.media import media
from components.web.router import new_router
from components.web.shapes import DraftBody  # noqa: TC001 - FastAPI reads it
from components.web.visitor import visitor_of

if TYPE_CHECKING:
    from fastapi import APIRouter

    from components.studio.studio import Studio
    from components.web.answers import Answers
    from components.web.assets import Assets


def people_routes(studio: Studio, answers: Answers) -> APIRouter:
    """The visitor, their form, and what there is to choose from."""
    router = new_router(answers)

    @router.get("/me")
    async def me(request: Request) -> Response:
        who = {"owner": False, "signed_in": False, "token": request.state.visitor_token}
        return await json_answer(request, {"me": who})

    @router.get("/draft")
    async def draft(request: Request) -> Response:
        return await json_answer(request, {"draft": await asyncio.to_thread(studio.visitors.draft, visitor_of(request))})

    @router.put("/draft")
    async def put_draft(request: Request, body: DraftBody) -> Response:
        await asyncio.to_thread(studio.visitors.put_draft, visitor_of(request), body.model_dump())
        return Response(status_code=204)

    @router.get("/services")
    async def services(request: Request) -> Response:
        return await json_answer(request, {"services": services_json(studio.services)})

    @router.get("/examples")
    async def examples(request: Request) -> Response:
        listing = await asyncio.to_thread(studio.examples.listing)
        return await json_answer(request, {"examples": [example.model_dump(mode="json") for example in listing]})

    @router.post("/examples/{name}/use")
    async def use(request: Request, name: str) -> Response:
        taken = await studio.uploads.pooled(studio.examples.use, visitor_of(request), name)
        return await json_answer(request, taken.model_dump(mode="json"), status=201)

    return router


def file_routes(studio: Studio, assets: Assets, answers: Answers) -> APIRouter:
    """What is fetched by address alone, whoever asks."""
    router = new_router(answers)

    @router.api_route("/media/{signed}", methods=["GET", "HEAD"])
    async def film(request: Request, signed: str, *, download: bool = False) -> Response:
        return await media(request, signed, links=studio.links, objects=studio.objects, download=download)

    @router.api_route("/assets/{version}/{name:path}", methods=["GET", "HEAD"])
    async def asset(request: Request, version: str, name: str) -> Response:
        return assets.answer(request, version, name)

    return router


def health_routes(answers: Answers) -> APIRouter:
    """Whether the program answers; it touches nothing."""
    router = new_router(answers)

    @router.api_route("/healthz", methods=["GET", "HEAD"])
    async def healthz(request: Request) -> Response:
        return await json_answer(request, {"status": "ok"})

    return router
