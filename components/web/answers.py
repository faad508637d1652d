"""Every answer of ours: JSON, packed when large, and all errors in one shape."""

from __future__ import annotations

import asyncio
import gzip
import logging
import secrets
from typing import TYPE_CHECKING, Any

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from components.errors import MethodNotAllowed, NotFound, RequestInvalid, StudioError, UploadCut

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

log = logging.getLogger(__name__)

WORTH_PACKING = 1400
"""Bytes; below that a packed body needs as many packets."""


async def json_answer(request: Request, content: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:  # noqa: ANN401 - whatever JSON holds
    """A JSON answer."""
    return await json_bytes(request, orjson.dumps(content, default=_plain), status=status, headers=headers)


def _plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON holds
    """What orjson does not know of itself: the studio's views."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    raise TypeError(type(value).__name__)


async def json_bytes(request: Request, body: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer that is in bytes already, packed with gzip when that saves something; packing runs in a thread."""
    more = {"Cache-Control": "no-store", "Vary": "Accept-Encoding", **(headers or {})}
    if len(body) >= WORTH_PACKING and "gzip" in request.headers.get("accept-encoding", ""):
        body = await asyncio.to_thread(gzip.compress, body, 5)
        more["Content-Encoding"] = "gzip"
    return Response(body, status, more, media_type="application/json")


class Answers:
    """Words errors for people.

    Args:
        word: Makes the ``error`` object of API.md §3 (code, message, hint, field, params, charged) out of an error.
    """

    def __init__(self, word: Callable[[StudioError], Mapping[str, Any]]) -> None:
        self.word = word

    def error(self, error: StudioError, **beside: Any) -> Response:  # noqa: ANN401 - whatever JSON holds
        """The one answer for a failure; ``beside`` stands next to ``error`` in the body."""
        headers = {"Cache-Control": "no-store"}
        if error.retry_after is not None:
            headers["Retry-After"] = str(max(1, round(error.retry_after)))
        body = orjson.dumps({"error": self.word(error), **beside})
        return Response(body, error.status, headers, media_type="application/json")

    def failure(self, cause: Exception) -> Response:
        """The answer for whatever was raised; what nobody expected is logged under an id and told without its trace."""
        return self.error(self._translated(cause))

    def _translated(self, cause: Exception) -> StudioError:
        if isinstance(cause, StudioError):
            return cause
        if isinstance(cause, RequestValidationError | ValidationError):
            return RequestInvalid(field=first_field(cause))
        if isinstance(cause, ClientDisconnect):  # nobody reads the answer
            return UploadCut()
        if isinstance(cause, HTTPException):
            return {404: NotFound, 405: MethodNotAllowed}.get(cause.status_code, RequestInvalid)()
        name = secrets.token_hex(4)
        log.error("internal error %s", name, exc_info=cause)
        return StudioError(id=name)


def first_field(cause: RequestValidationError | ValidationError) -> str | None:
    """The name of the first input that is not of the documented shape."""
    for fault in cause.errors():
        names = [part for part in fault["loc"] if isinstance(part, str) and part not in {"body", "query", "path"}]
        if names:
            return str(names[0])
    return None
