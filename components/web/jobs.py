"""``jobs``: order a film, follow all of them, stop, throw away, bring back, keep."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

from fastapi import Query
from starlette.requests import Request  # noqa: TC002 - FastAPI reads it
from starlette.responses import Response

from components.generation.request import Request as FilmRequest  # noqa: TC001 - FastAPI reads it
from components.web.answers import json_answer, json_bytes
from components.web.router import new_router
from components.web.shapes import JobId, KeepBody  # noqa: TC001 - FastAPI reads them
from components.web.visitor import visitor_of

if TYPE_CHECKING:
    from fastapi import APIRouter

    from components.studio.studio import Studio
    from components.studio.views import JobView
    from components.web.answers import Answers

PAGE = 100
MOST = 500
Limit = Annotated[int, Query(ge=1, le=MOST)]


def job_routes(studio: Studio, answers: Answers) -> APIRouter:
    """The routes of a visitor's films."""
    router = new_router(answers)

    @router.post("/jobs")
    async def order(request: Request, film: FilmRequest) -> Response:
        job, created = await asyncio.to_thread(studio.submit, visitor_of(request), film)
        return await _one(request, job, status=202 if created else 200)

    @router.get("/jobs")
    async def look(
        request: Request,
        since: Annotated[int | None, Query(ge=0, le=2**53)] = None,
        before: Annotated[JobId | None, Query()] = None,
        limit: Limit = PAGE,
    ) -> Response:
        visitor = visitor_of(request)
        if since is None:
            page = await asyncio.to_thread(studio.page, visitor, before, limit)
            return await json_bytes(request, page.model_dump_json().encode())
        known = request.headers.get("if-none-match")
        if known is not None and known == etag(visitor, await asyncio.to_thread(studio.revision, visitor)):
            return Response(status_code=304, headers={"ETag": known, "Cache-Control": "no-store"})
        changes = await asyncio.to_thread(studio.changes, visitor, since, limit)
        return await json_bytes(request, changes.model_dump_json().encode(), headers={"ETag": etag(visitor, changes.revision)})

    @router.get("/jobs/{job_id}")
    async def one(request: Request, job_id: JobId) -> Response:
        return await _one(request, await asyncio.to_thread(studio.job, visitor_of(request), job_id))

    @router.delete("/jobs/{job_id}")
    async def delete(request: Request, job_id: JobId) -> Response:
        await asyncio.to_thread(studio.delete, visitor_of(request), job_id)
        return Response(status_code=204)

    @router.post("/jobs/{job_id}/restore")
    async def restore(request: Request, job_id: JobId) -> Response:
        return await _one(request, await asyncio.to_thread(studio.restore, visitor_of(request), job_id))

    @router.post("/jobs/{job_id}/cancel")
    async def cancel(request: Request, job_id: JobId) -> Response:
        return await _one(request, await asyncio.to_thread(studio.cancel, visitor_of(request), job_id), status=202)

    @router.post("/jobs/{job_id}/keep")
    async def keep(request: Request, job_id: JobId, body: KeepBody) -> Response:
        return await _one(request, await asyncio.to_thread(lambda: studio.keep(visitor_of(request), job_id, kept=body.keep)))

    return router


def etag(visitor: str, revision: int) -> str:
    """Stands for all that a visitor's films are at; two visitors never share one."""
    return f'"{visitor[:8]}.{revision}"'


async def _one(request: Request, job: JobView, *, status: int = 200) -> Response:
    return await json_answer(request, {"job": job.model_dump(mode="json")}, status=status)
