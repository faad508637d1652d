"""``services``, ``estimate`` and ``keys``: what can be bought, what a request would cost where, and with whose key."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Body, Path
from starlette.requests import Request  # noqa: TC002 - FastAPI reads it
from starlette.responses import Response

from components.errors import KeyRefused, NotFound, StudioError
from components.generation.request import Request as FilmRequest
from components.studio.estimate import Estimate, sketched
from components.studio.vault import tidy
from components.web.address import place_of
from components.web.answers import json_answer
from components.web.catalogue import services_for
from components.web.router import answer, new_router, nothing
from components.web.shapes import KeyBody  # noqa: TC001 - FastAPI reads it
from components.web.told import ErrorAnswer, KeyAnswer, KeysAnswer, ServicesAnswer
from components.web.visitor import visitor_of

if TYPE_CHECKING:
    from fastapi import APIRouter

    from components.studio.studio import Studio
    from components.web.answers import Answers

ServiceId = Annotated[str, Path(max_length=40)]
_SKETCH = {name: schema for name, schema in FilmRequest.model_json_schema().items() if name != "required"}
_SKETCH["description"] = "A request that may lack what a form has not yet: service, image, client_token."


_kept = answer(KeyAnswer, "Tried, where there is a free call to try it by, and kept.")
_kept["responses"][429] = {"model": ErrorAnswer, "description": "Too many wrong ones; `Retry-After` says when."}


def offer_routes(studio: Studio, answers: Answers) -> APIRouter:
    """The routes of services, prices and keys."""
    router = new_router(answers)

    @router.get("/services", **answer(ServicesAnswer, "All services, as this visitor stands with them."))
    async def list_services(request: Request) -> Response:
        return await json_answer(request, {"services": await services_for(studio, visitor_of(request))})

    @router.post("/estimate", **answer(Estimate, "Every service for this request; nothing was sent anywhere."))
    async def estimate(request: Request, film: Annotated[dict[str, Any], Body(json_schema_extra=_SKETCH)]) -> Response:
        told = await studio.estimates.estimate(sketched(film), visitor_of(request))
        return await json_answer(request, told.model_dump(mode="json"))

    @router.get("/keys", **answer(KeysAnswer, "The visitor's own keys; of each the last characters only."))
    async def list_keys(request: Request) -> Response:
        tails = await asyncio.to_thread(studio.vault.tails, visitor_of(request))
        return await json_answer(request, {"keys": [{"service": name, "tail": tail, "confirmed": None} for name, tail in tails.items()]})

    @router.put("/keys/{service}", **_kept)
    async def put_key(request: Request, service: ServiceId, body: KeyBody) -> Response:
        visitor, place = visitor_of(request), place_of(request.scope)
        studio.accounts.for_key(service, tidy(body.key))  # what no service is asked about is no try
        studio.key_tries.count(place)
        try:
            key, confirmed = await studio.accounts.tried(service, body.key)
        except KeyRefused:
            raise  # the one that counts
        except StudioError:
            studio.key_tries.take_back(place)
            raise
        studio.key_tries.take_back(place)
        tail = await asyncio.to_thread(_keep, studio, visitor, service, key)
        return await json_answer(request, {"key": {"service": service, "tail": tail, "confirmed": confirmed}})

    @router.delete("/keys/{service}", **nothing("Forgotten."))
    async def delete_key(request: Request, service: ServiceId) -> Response:
        if not await asyncio.to_thread(studio.vault.remove, visitor_of(request), service):
            raise NotFound(field="key")
        return Response(status_code=204)

    return router


def _keep(studio: Studio, visitor: str, service: str, key: str) -> str:
    studio.visitors.ensure(visitor)
    return studio.vault.put(visitor, service, key)
