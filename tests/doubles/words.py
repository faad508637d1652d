"""Calls and refusals, as data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from tests.doubles.faults import Fault, Phase
from tests.doubles.wire import Answer, Request

Refusal = Literal[
    "bad_request",
    "wrong_key",
    "no_money",
    "no_access",
    "not_found",
    "rate_limited",
    "server_error",
    "filter",
    "conflict",
    "too_large",
    "media_type",
    "gone",
]
"""Why a call is refused, in words that all sellers share."""

Handler = Callable[[Request, dict[str, str], Fault | None], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Saying:
    """A refusal in a seller's words; ``kind`` is what some call ``type``."""

    status: int
    code: str | int
    message: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """A call.

    Args:
        method: HTTP method.
        path: Regular expression for the whole path; named groups reach the handler.
        phase: Which faults it takes, or None.
        handler: Answers it.
        host: Listener.
        key: Whether it needs the key.
    """

    method: str
    path: str
    phase: Phase | None
    handler: Handler
    host: str = "api"
    key: bool = True
