"""A seller of the model in this very process: no HTTP, every answer and every fault by script, and a ledger of what it charged."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from components.errors import TaskGone
from components.generation.capabilities import COMMON_RULES, AudioLimits, Capabilities, DurationRange, ImageLimits, Limits, PromptLimits
from components.generation.job import Stage
from components.generation.prices import PriceRow
from components.services.base import Account, Candidate, Created, Finished, Handed, Order, Passage, Reading, Service, Working

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from components.services.base import Cost

DAY_S = 86_400.0
FILM = b"a bought film"


@dataclass(slots=True)
class Script:
    """How the seller behaves; tests change it while it runs. Lists are used up, one entry a call.

    Args:
        hand_overs: Errors of uploads.
        creates: Errors of orders that were refused, or never arrived.
        doubts: Errors of orders that did arrive: charged, but the reply is lost.
        readings: What looks at tasks give; when there is none left: finished, or at work while ``held``.
        takes: Errors of downloads.
        passes: Errors of films that are handed on.
        stops: Answers to wishes to stop.
        held: Films stay at work as long as this is true.
        cost: What a finished film is said to have cost.
        keeps_until: When an uploaded picture goes, UTC seconds; None: it keeps none.
        candidates: Tasks that it lists.
        film: The bytes of every film.
    """

    hand_overs: list[Exception] = field(default_factory=list)
    creates: list[Exception] = field(default_factory=list)
    doubts: list[Exception] = field(default_factory=list)
    readings: list[Reading | Exception] = field(default_factory=list)
    takes: list[Exception] = field(default_factory=list)
    passes: list[Exception] = field(default_factory=list)
    stops: list[bool] = field(default_factory=list)
    held: bool = False
    cost: Cost | None = None
    keeps_until: float | None = None
    candidates: tuple[Candidate, ...] = ()
    film: bytes = FILM


class Seller(Service):
    """Sells films of 2 to 15 seconds; silent ones are cheaper."""

    id = "evolink"
    name = "Seller"
    capabilities = Capabilities(
        prompt=PromptLimits(required=False, max=1500),
        image=ImageLimits(formats=("jpeg", "png"), side=(240, 8000), bytes=5_000_000),
        audio=AudioLimits(formats=("mp3",), seconds=(3, 30), bytes=15_000_000, needs_public_url=True),
        duration=DurationRange(start=2, to=15),
        quality=("720p",),
        sound=("auto", "own", "under", "silent"),
        shot_type=("single", "multi"),
        rules=COMMON_RULES,
        paid=True,
        cancel="pending",
        progress=True,
        limits=Limits(queue="films-seller", tasks_at_once=2),
    )
    calls_back = True
    prices: tuple[PriceRow, ...] = (
        PriceRow("720p", False, Decimal("0.1"), Decimal(0), "a list", "2026-10-10"),
        PriceRow("720p", True, Decimal("0.05"), Decimal(0), "a list", "2026-10-10"),
    )

    def __init__(self, script: Script | None = None) -> None:
        self.script = script or Script()
        self.events: list[str] = []
        self.orders: list[Order] = []
        self.charged: list[str] = []
        self.uploads: list[str] = []
        self.forgotten: list[str] = []
        self.at_work: set[str] = set()
        self.most_at_once = 0
        self.keys: set[str | None] = set()
        self.before_create: Callable[[Order], object] = lambda _order: None

    def account(self, key: str | None) -> SellerAccount:
        self.keys.add(key)
        return SellerAccount(self)

    async def close(self) -> None:
        self.events.append("close")


class SellerAccount(Account):
    """One key there."""

    def __init__(self, seller: Seller) -> None:
        self._seller = seller
        self._script = seller.script

    async def hand_over(self, order: Order) -> Handed:
        self._seller.events.append("hand over")
        if self._script.hand_overs:
            raise self._script.hand_overs.pop(0)
        if order.known is not None:
            return Handed(order.known.image, order.audio_url, order.known.remote_id, order.known.expires_at)
        if self._script.keeps_until is None:
            return Handed("data:image/png;base64,AAAA", order.audio_url)
        self._seller.uploads.append(order.job_id)
        name = f"file-{len(self._seller.uploads)}"
        return Handed(f"https://files.example.com/{name}", order.audio_url, name, self._script.keeps_until)

    async def create(self, order: Order, handed: Handed) -> Created:
        self._seller.events.append(f"create {handed.image[:40]}")
        self._seller.before_create(order)
        await asyncio.sleep(0)
        if self._script.creates:
            raise self._script.creates.pop(0)
        self._seller.charged.append(order.job_id)
        self._seller.orders.append(order)
        if self._script.doubts:
            raise self._script.doubts.pop(0)
        task_id = f"task-{len(self._seller.charged)}"
        self._seller.at_work.add(task_id)
        self._seller.most_at_once = max(self._seller.most_at_once, len(self._seller.at_work))
        return Created(task_id)

    async def read(self, task_id: str) -> Reading:
        self._seller.events.append(f"read {task_id}")
        if self._script.readings:
            reading = self._script.readings.pop(0)
            if isinstance(reading, Exception):
                raise reading
            return reading
        if not task_id.startswith("task-"):
            raise TaskGone
        if self._script.held:
            return Working(Stage.MAKING, 50)
        self._seller.at_work.discard(task_id)
        return Finished(f"https://files.example.com/{task_id}.mp4", self._script.cost)

    async def cancel(self, task_id: str) -> bool:
        self._seller.events.append(f"cancel {task_id}")
        return self._script.stops.pop(0) if self._script.stops else True

    async def take(self, film: Finished, to: Path) -> None:
        self._seller.events.append(f"take {film.source}")
        if self._script.takes:
            raise self._script.takes.pop(0)
        await asyncio.to_thread(to.write_bytes, self._script.film)

    @asynccontextmanager
    async def passing(self, film: Finished, part: str | None = None) -> AsyncIterator[Passage]:
        self._seller.events.append(f"pass {film.source} {part or ''}".strip())
        if self._script.passes:
            raise self._script.passes.pop(0)
        yield Passage(200, None, len(self._script.film), _all_of(self._script.film))
        self._seller.events.append("passed")

    def pause_s(self, age_s: float, *, called_back: bool = False) -> float:  # noqa: ARG002 - as inherited
        return 3600.0 if called_back else 0.01

    async def forget(self, remote_id: str) -> None:
        self._seller.forgotten.append(remote_id)

    async def candidates(self, since: float) -> tuple[Candidate, ...]:  # noqa: ARG002 - as inherited
        self._seller.events.append("list")
        return self._script.candidates


async def _all_of(data: bytes) -> AsyncIterator[bytes]:
    yield data
