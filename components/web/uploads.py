"""``uploads``: a picture or a sound comes in as a raw body, is judged, mended when asked, taken away."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Query
from starlette.requests import Request  # noqa: TC002 - FastAPI reads it
from starlette.responses import Response

from components.web.answers import json_answer
from components.web.receive import announced, file_name, receive
from components.web.router import new_router
from components.web.shapes import FixBody, Kind, UploadId  # noqa: TC001 - FastAPI reads them
from components.web.visitor import visitor_of

if TYPE_CHECKING:
    from fastapi import APIRouter

    from components.studio.studio import Studio
    from components.studio.uploaded import UploadOutcome, UploadView
    from components.web.answers import Answers
    from components.web.labels import Labels

ServiceId = Annotated[str | None, Query(max_length=40)]


def upload_routes(studio: Studio, answers: Answers, labels: Labels, *, stall_s: float) -> APIRouter:
    """The routes of a visitor's uploads.

    Args:
        studio: Keeps and judges them.
        answers: Words errors.
        labels: Names mends.
        stall_s: Seconds without a byte after which a sender is given up.
    """
    router = new_router(answers)
    uploads = studio.uploads

    @router.post("/uploads")
    async def bring(request: Request, kind: Kind, service: ServiceId = None) -> Response:
        visitor = visitor_of(request)
        limit = uploads.most_bytes(kind)
        name = file_name(request.headers.get("x-filename"))
        async with uploads.begin(visitor, kind, announced(request)) as part:
            await receive(request, part, kind=kind, limit=limit, stall_s=stall_s)
            outcome = await uploads.pooled(uploads.receive, visitor, kind, name, part, service)
        if outcome.error is None:
            return await json_answer(request, {"upload": _shown(outcome.upload)}, status=201)
        return answers.error(outcome.error, upload=_shown(outcome.upload), fixes=_offers(kind, outcome, labels))

    @router.post("/uploads/{upload_id}/fix")
    async def fix(request: Request, upload_id: UploadId, body: FixBody) -> Response:
        wanted: list[dict[str, Any]] | Literal["auto"]
        wanted = body.fixes if body.fixes == "auto" else [{"code": one.code, **one.params} for one in body.fixes]
        view = await uploads.pooled(uploads.fix, visitor_of(request), upload_id, wanted, body.service)
        return await json_answer(request, {"upload": _shown(view)}, status=201)

    @router.get("/uploads/{upload_id}")
    async def one(request: Request, upload_id: UploadId) -> Response:
        view = await asyncio.to_thread(uploads.get, visitor_of(request), upload_id)
        return await json_answer(request, {"upload": _shown(view)})

    @router.delete("/uploads/{upload_id}")
    async def delete(request: Request, upload_id: UploadId) -> Response:
        await asyncio.to_thread(uploads.delete, visitor_of(request), upload_id)
        return Response(status_code=204)

    return router


def _shown(view: UploadView) -> dict[str, Any]:
    return view.model_dump(mode="json")


def _offers(kind: str, outcome: UploadOutcome, labels: Labels) -> list[dict[str, Any]]:
    """The mends, each to be sent back as it is; a label may name a figure of the rule that it is for."""
    rules = {fault.fix: dict(fault.params) for fault in outcome.error.faults} if outcome.error else {}
    return [
        {"code": fix.code, "label": labels.of(kind, fix.code, {**rules.get(fix.code, {}), **fix.params}), "params": fix.params}
        for fix in outcome.fixes
    ]
