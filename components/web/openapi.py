"""``assets/openapi.json``: our routes as other programs read about them, made from the code (``python -m tests.openapi``)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi

from components.web.guard import COOKIE
from components.web.surface import HOOK, PREFIX, PROOF

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.routing import BaseRoute

FILE = "openapi.json"
VERSION = "1"
"""Of the contract; what is added to it changes nothing."""
ANYBODY = tuple(f"{PREFIX}/{part}" for part in ("media", HOOK, PROOF, "healthz"))
_ABOUT = (
    "Order films and follow them. A call without a token is a new visitor's: the token is in the answer's X-Studio-Visitor, "
    "to be sent as a bearer token from then on. Times are UTC (ISO 8601), money is USD in decimal strings."
)
_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "A visitor's token, for scripts; without an Origin."},
    "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "Set by the page; changes need our own Origin."},
}


def openapi(routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """The description of our routes, and of nothing else.

    Args:
        routes: As ``Web.routes`` makes them.
    """
    told = get_openapi(title="Wan Flash Studio", version=VERSION, description=_ABOUT, routes=routes)
    told["components"]["securitySchemes"] = _SCHEMES
    told["security"] = [{"token": []}, {"cookie": []}, {}]
    for path, calls in told["paths"].items():
        for call in calls.values():
            call.pop("summary", None)  # the names of functions, in capitals
            if path.startswith(ANYBODY):
                call["security"] = []
    for unused in ("HTTPValidationError", "ValidationError"):  # FastAPI's own; ours have one shape
        told["components"]["schemas"].pop(unused, None)
    return told


def written(description: dict[str, Any]) -> str:
    """The file's text."""
    return json.dumps(description, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
