"""A task at a seller, and how fast it goes."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from decimal import Decimal  # noqa: TC003 - part of public dataclasses
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping

    from tests.doubles.handover import Got

State = Literal["pending", "processing", "completed", "failed", "cancelled"]
FINAL: frozenset[State] = frozenset({"completed", "failed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a task is pending and then processing: in reads of it, or in seconds (times the double's ``time_scale``)."""

    pending: float = 1
    processing: float = 1
    by: Literal["reads", "seconds"] = "reads"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A create in words that all sellers share, with the seller's own defaults filled in."""

    prompt: str
    image: str
    audio: str | None
    duration: int
    quality: Literal["720p", "1080p"]
    silent: bool
    callback: str | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """What a film costs: in USD and in the seller's unit."""

    usd: Decimal
    amount: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Doom:
    """Why a task will fail, in the seller's own code and words."""

    code: str
    message: str


@dataclass(slots=True)
class Task:
    """One accepted create.

    Args:
        id: The seller's name for it.
        body: What was sent.
        wanted: The same with defaults.
        price: What was set aside.
        client_ref: What the client named the request, where it did.
        at: UTC seconds.
        doom: It will fail, so.
    """

    id: str
    body: Mapping[str, Any]
    wanted: Wanted
    price: Price
    client_ref: str | None = None
    at: float = field(default_factory=time.time)
    doom: Doom | None = None
    state: State = "pending"
    reads: int = 0
    image: Got | None = None
    audio: Got | None = None
    ended_at: float | None = None
    forgotten: bool = False
    links: dict[str, bool] = field(default_factory=dict)
    """Signatures that were given out, and whether each is still good."""
    handover: asyncio.Future[None] | None = None
    """The fetching of its media."""

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.state in FINAL

    @property
    def progress(self) -> int:
        """Percent, for sellers that say it."""
        if self.state == "processing":
            return min(90, 20 + 10 * self.reads)
        return 100 if self.state == "completed" else 0

    def sign(self) -> str:
        """A fresh signature for its film."""
        signature = secrets.token_urlsafe(12)
        self.links[signature] = True
        return signature


@dataclass(slots=True)
class Stored:
    """A file that was uploaded to the seller."""

    id: str
    name: str
    data: bytes
    mime: str
    path: str
    """Under the upload host, without the leading slash."""
    model: str | None = None
    at: float = field(default_factory=time.time)
