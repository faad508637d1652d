"""``uploads``: a picture or a sound comes in as a raw body or from an address, is judged, mended when asked, taken away."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Header, Query
from starlette.requests import Request  # noqa: TC002 - FastAPI reads it
from starlette.responses import Response

from components.web.answers import json_answer
from components.web.fetching import fetch_upload
from components.web.receive import announced, file_name, receive
from components.web.router import answer, new_router, nothing
from components.web.shapes import FetchBody, FixBody, Kind, UploadId  # noqa: TC001 - FastAPI reads them
from components.web.told import ErrorAnswer, UnfitAnswer, UploadAnswer
from components.web.visitor import visitor_of

if TYPE_CHECKING:
    from fastapi import APIRouter

    from components.studio.studio import Studio
    from components.studio.uploaded import UploadOutcome, UploadView
    from components.web.answers import Answers
    from components.web.labels import Labels

ServiceId = Annotated[str | None, Query(max_length=40)]

_RAW = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}
_brought = answer(UploadAnswer, "Fit for the service.", 201)
_brought["responses"] |= {
    422: {"model": UnfitAnswer, "description": "Not fit as it is; with `fixes` a mend would do."},
    413: {"model": ErrorAnswer, "description": "More than is looked at."},
    415: {"model": ErrorAnswer, "description": "No picture or sound that we know."},
}


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

    async def judged(request: Request, kind: Kind, outcome: UploadOutcome) -> Response:
        if outcome.error is None:
            return await json_answer(request, {"upload": _shown(outcome.upload)}, status=201)
        return answers.error(outcome.error, upload=_shown(outcome.upload), fixes=_offers(kind, outcome, labels))

    @router.post("/uploads", openapi_extra=_RAW, **_brought)
    async def bring_upload(
        request: Request, kind: Kind, service: ServiceId = None, x_filename: Annotated[str | None, Header(max_length=4000)] = None
    ) -> Response:
        visitor = visitor_of(request)
        limit = uploads.most_bytes(kind)
        name = file_name(x_filename)
        async with uploads.begin(visitor, kind, announced(request)) as part:
            await receive(request, part, kind=kind, limit=limit, stall_s=stall_s)
            outcome = await uploads.pooled(uploads.receive, visitor, kind, name, part, service)
        return await judged(request, kind, outcome)

    @router.post("/uploads/fetch", **_brought)
    async def fetch_upload_from(request: Request, body: FetchBody) -> Response:
        return await judged(request, body.kind, await fetch_upload(studio, visitor_of(request), body.kind, body.url, body.service))

    @router.post("/uploads/{upload_id}/fix", **answer(UploadAnswer, "A new upload, mended from the original.", 201))
    async def fix_upload(request: Request, upload_id: UploadId, body: FixBody) -> Response:
        wanted: list[dict[str, Any]] | Literal["auto"]
        wanted = body.fixes if body.fixes == "auto" else [{"code": one.code, **one.params} for one in body.fixes]
        view = await uploads.pooled(uploads.fix, visitor_of(request), upload_id, wanted, body.service)
        return await json_answer(request, {"upload": _shown(view)}, status=201)

    @router.get("/uploads/{upload_id}", **answer(UploadAnswer, "The upload."))
    async def upload(request: Request, upload_id: UploadId) -> Response:
        view = await asyncio.to_thread(uploads.get, visitor_of(request), upload_id)
        return await json_answer(request, {"upload": _shown(view)})

    @router.delete("/uploads/{upload_id}", **nothing("Forgotten."))
    async def delete_upload(request: Request, upload_id: UploadId) -> Response:
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
