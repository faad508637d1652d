"""``me``: who calls, what is left of the day for them, and what only the owner may do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from starlette.requests import Request  # noqa: TC002 - FastAPI reads it
from starlette.responses import Response  # noqa: TC002 - FastAPI reads it

from components.errors import NotFound
from components.studio.spending import said
from components.studio.views import at
from components.web.address import place_of
from components.web.answers import json_answer
from components.web.router import answer, new_router
from components.web.shapes import OwnerBody, SwitchBody  # noqa: TC001 - FastAPI reads them
from components.web.told import MeAnswer
from components.web.visitor import visitor_of

if TYPE_CHECKING:
    from fastapi import APIRouter

    from components.studio.studio import Studio
    from components.web.answers import Answers


def me_routes(studio: Studio, answers: Answers) -> APIRouter:
    """The routes about the visitor's own standing."""
    router = new_router(answers)

    async def told(request: Request) -> Response:
        me = await asyncio.to_thread(standing, studio, visitor_of(request))
        return await json_answer(request, {"me": {**me, "token": request.state.visitor_token}})

    @router.get("/me", **answer(MeAnswer, "The visitor; the token stands for them in scripts."))
    async def me(request: Request) -> Response:
        return await told(request)

    @router.post("/me/owner", **answer(MeAnswer, "The owner for thirty days."))
    async def become_owner(request: Request, body: OwnerBody) -> Response:
        await asyncio.to_thread(_claim, studio, visitor_of(request), body.token, place_of(request.scope))
        return await told(request)

    @router.delete("/me/owner", **answer(MeAnswer, "An ordinary visitor again."))
    async def resign_owner(request: Request) -> Response:
        await asyncio.to_thread(studio.owners.resign, visitor_of(request))
        return await told(request)

    @router.put("/me/paid", **answer(MeAnswer, "Whether paid jobs are taken from now on; those at work go on."))
    async def switch_paid(request: Request, body: SwitchBody) -> Response:
        await asyncio.to_thread(_switch, studio, visitor_of(request), on=body.on)
        return await told(request)

    return router


def standing(studio: Studio, visitor: str) -> dict[str, Any]:
    """What is known of a visitor (``MeView`` without the token)."""
    left = studio.spending.left(visitor)
    return {
        "owner": studio.owners.is_owner(visitor),
        "claimable": studio.settings.admin_token is not None,
        "signed_in": False,  # there is no sign-in yet
        "paid": not studio.switches.paid_paused,
        "left": {"usd": said(left.usd), "spent_usd": said(left.spent), "until": at(left.until).isoformat()} if left.allowed else None,
    }


def _claim(studio: Studio, visitor: str, token: str, place: str) -> None:
    studio.visitors.ensure(visitor)
    studio.owners.claim(visitor, token, place)


def _switch(studio: Studio, visitor: str, *, on: bool) -> None:
    if not studio.owners.is_owner(visitor):
        raise NotFound  # who is not the owner has no such switch
    studio.switches.pause_paid(paused=not on)
