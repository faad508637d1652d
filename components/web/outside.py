"""What others than visitors call: a service's callback, and this program itself to prove its address. Under any Host."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING

from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from components.errors import NotFound
from components.web.router import new_router, nothing
from components.web.surface import HOOK, PROOF

if TYPE_CHECKING:
    from fastapi import APIRouter

    from components.studio.studio import Studio
    from components.web.answers import Answers

log = logging.getLogger(__name__)

LARGEST_CALL = 64 * 1024
"""Bytes of a callback that are read; all that is wanted of it is the name of a task."""
LONGEST_PART = 200
_NAMES = ("task_id", "id", "request_id")
_BODY = {"requestBody": {"required": False, "content": {"application/json": {"schema": {}}}}}


def outside_routes(studio: Studio, answers: Answers, *, stall_s: float) -> APIRouter:
    """The routes that answer under any Host, whatever the Origin.

    Args:
        studio: Is told of calls.
        answers: Words errors.
        stall_s: Seconds without a byte after which a caller is given up.
    """
    router = new_router(answers)

    @router.post(f"/{HOOK}/{{job_id}}/{{token}}", openapi_extra=_BODY, **nothing("Heard, whoever called and whatever for."))
    async def hook(request: Request, job_id: str, token: str) -> Response:
        if max(len(job_id), len(token)) > LONGEST_PART:
            return Response(status_code=204)
        task_id = named_task(await _beginning(request, stall_s))
        # after the answer: a caller learns nothing from how long it takes, and is not kept waiting while the service is asked
        return Response(status_code=204, background=BackgroundTask(_heard, studio, job_id, token, task_id))

    @router.get(
        f"/{PROOF}/{{nonce}}",
        response_class=Response,
        responses={200: {"description": "Only this program can sign it.", "content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    async def proof(nonce: str) -> Response:
        signed = studio.address.answer(nonce)
        if signed is None:
            raise NotFound
        return PlainTextResponse(signed, headers={"Cache-Control": "no-store"})

    return router


async def _beginning(request: Request, stall_s: float) -> bytes:
    """The body, or nothing where it is too long, too slow or cut."""
    body = bytearray()
    try:
        async with aclosing(request.stream()) as pieces, asyncio.timeout(stall_s):
            async for piece in pieces:
                body += piece
                if len(body) > LARGEST_CALL:
                    return b""
    except (TimeoutError, ClientDisconnect):
        return b""
    return bytes(body)


def named_task(body: bytes) -> str | None:
    """The task that a call is about, if it names one."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    found = next((told[name] for name in _NAMES if told.get(name)), None) if isinstance(told, dict) else None
    return found if isinstance(found, str) and len(found) <= LONGEST_PART else None


def _heard(studio: Studio, job_id: str, token: str, task_id: str | None) -> None:
    try:
        studio.hooks.called(job_id, token, task_id)
    except Exception:
        log.exception("a service's call about job %s could not be heard", job_id)
