"""``jobs/{id}/look`` and ``/resolve``: what a person can do about a film that hangs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.requests import Request  # noqa: TC002 - FastAPI reads it
from starlette.responses import Response  # noqa: TC002 - FastAPI reads it

from components.studio.resolve import Looked
from components.web.answers import json_answer
from components.web.jobs import one_job
from components.web.router import answer, new_router
from components.web.shapes import JobId, ResolveBody  # noqa: TC001 - FastAPI reads them
from components.web.told import ErrorAnswer, FoundAnswer, JobAnswer
from components.web.visitor import visitor_of

if TYPE_CHECKING:
    from fastapi import APIRouter

    from components.studio.studio import Studio
    from components.web.answers import Answers

_resolved = answer(JobAnswer, "Settled.")
_resolved["responses"] = {
    200: {"model": JobAnswer | FoundAnswer, "description": "Settled; with `check` nothing is, and the task is told."},
    409: {"model": ErrorAnswer, "description": "It is settled already, or the task is another film's."},
}


def settling_routes(studio: Studio, answers: Answers) -> APIRouter:
    """The routes of films that nobody hears of."""
    router = new_router(answers)
    resolver = studio.resolver

    @router.post("/jobs/{job_id}/look", **answer(Looked, "Looked at now, unless that was done a moment ago."))
    async def look_at_film(request: Request, job_id: JobId) -> Response:
        looked = await asyncio.to_thread(resolver.look, visitor_of(request), job_id)
        return await json_answer(request, looked.model_dump(mode="json"))

    @router.post("/jobs/{job_id}/resolve", **_resolved)
    async def resolve_film(request: Request, job_id: JobId, body: ResolveBody) -> Response:
        visitor = visitor_of(request)
        if body.task_id is None:
            return await one_job(request, await asyncio.to_thread(resolver.never_made, visitor, job_id))
        if not body.check:
            return await one_job(request, await asyncio.to_thread(resolver.attach, visitor, job_id, body.task_id))
        found = await asyncio.to_thread(resolver.check, visitor, job_id, body.task_id)
        return await json_answer(request, {"found": found.model_dump(mode="json") if found else None})

    return router
