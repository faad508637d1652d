"""``jobs``: order a film, follow all of them, stop, throw away, bring back, keep."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

from fastapi import Query
from starlette.requests import Request  # noqa: TC002 - FastAPI reads it
from starlette.responses import Response

from components.generation.request import Request as FilmRequest  # noqa: TC001 - FastAPI reads it
from components.studio.views import Changes, Page
from components.web.answers import json_answer, json_bytes
from components.web.router import answer, new_router, nothing
from components.web.shapes import JobId, KeepBody  # noqa: TC001 - FastAPI reads them
from components.web.told import ErrorAnswer, JobAnswer
from components.web.visitor import visitor_of

if TYPE_CHECKING:
    from fastapi import APIRouter

    from components.studio.studio import Studio, Submitted
    from components.studio.views import JobView
    from components.web.answers import Answers

PAGE = 100
ASKED = "X-Studio-Asked"
"""``<job id>=<UTC seconds>, …``: when the services of films at work were last asked."""
MOST = 500
Limit = Annotated[int, Query(ge=1, le=MOST)]

_ordered = answer(JobAnswer, "Ordered.", 202)
_ordered["responses"] |= {
    200: {"model": JobAnswer, "description": "The job that the same `client_token` named before."},
    402: {"model": ErrorAnswer, "description": "No key, no money left of a cap, or nothing is bought now."},
    409: {"model": ErrorAnswer, "description": "It costs more than `price_at_most` (`price_changed`)."},
    429: {"model": ErrorAnswer, "description": "Too many unfinished jobs; `Retry-After` says when."},
}
_listed = answer(Changes, "What changed since a revision, oldest change first.")
_listed["responses"] = {
    200: {"model": Changes | Page, "description": "With `since`: what changed, oldest change first. Without: films, newest first."},
    304: {"description": f"No news since the `ETag` in `If-None-Match`. `{ASKED}`, here too: when services were last asked."},
}


def job_routes(studio: Studio, answers: Answers) -> APIRouter:
    """The routes of a visitor's films."""
    router = new_router(answers)

    @router.post("/jobs", **_ordered)
    async def order_film(request: Request, film: FilmRequest) -> Response:
        job, created = await order(studio, visitor_of(request), film)
        return await one_job(request, job, status=202 if created else 200)

    @router.get("/jobs", **_listed)
    async def list_films(
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
            return Response(status_code=304, headers={"ETag": known, "Cache-Control": "no-store", **asked(studio, visitor)})
        changes = await asyncio.to_thread(studio.changes, visitor, since, limit)
        headers = {"ETag": etag(visitor, changes.revision), **asked(studio, visitor)}
        return await json_bytes(request, changes.model_dump_json().encode(), headers=headers)

    @router.get("/jobs/{job_id}", **answer(JobAnswer, "The film."))
    async def film(request: Request, job_id: JobId) -> Response:
        return await one_job(request, await asyncio.to_thread(studio.job, visitor_of(request), job_id))

    @router.delete("/jobs/{job_id}", **nothing("Hidden; it can be brought back for ten minutes."))
    async def delete_film(request: Request, job_id: JobId) -> Response:
        await asyncio.to_thread(studio.delete, visitor_of(request), job_id)
        return Response(status_code=204)

    @router.post("/jobs/{job_id}/restore", **answer(JobAnswer, "Brought back."))
    async def restore_film(request: Request, job_id: JobId) -> Response:
        return await one_job(request, await asyncio.to_thread(studio.restore, visitor_of(request), job_id))

    @router.post("/jobs/{job_id}/cancel", **answer(JobAnswer, "Asked to stop.", 202))
    async def cancel_film(request: Request, job_id: JobId) -> Response:
        return await one_job(request, await asyncio.to_thread(studio.cancel, visitor_of(request), job_id), status=202)

    @router.post("/jobs/{job_id}/keep", **answer(JobAnswer, "The star is set or taken."))
    async def keep_film(request: Request, job_id: JobId, body: KeepBody) -> Response:
        return await one_job(request, await asyncio.to_thread(lambda: studio.keep(visitor_of(request), job_id, kept=body.keep)))

    return router


async def order(studio: Studio, visitor: str, film: FilmRequest) -> Submitted:
    """Order a film; where it may cost only so much, by prices that are not old.

    Raises:
        StudioError: As ``Studio.submit``.
    """
    if film.price_at_most is not None:
        await studio.prices.refresh([film.service])
    return await asyncio.to_thread(studio.submit, visitor, film)


def etag(visitor: str, revision: int) -> str:
    """Stands for all that a visitor's films are at; two visitors never share one."""
    return f'"{visitor[:8]}.{revision}"'


def asked(studio: Studio, visitor: str) -> dict[str, str]:
    """The header that says when services were last asked for the visitor's films at work: that is no news, so no answer would tell it."""
    moments = studio.films.asked.of(visitor)
    return {ASKED: ", ".join(f"{job_id}={moment:.3f}" for job_id, moment in moments.items())} if moments else {}


async def one_job(request: Request, job: JobView, *, status: int = 200) -> Response:
    """A single film as an answer."""
    return await json_answer(request, {"job": job.model_dump(mode="json")}, status=status)
