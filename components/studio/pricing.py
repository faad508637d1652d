"""What films cost now: the operator's rows, then what services publish, then the built-in list."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from components.errors import PriceChanged, StudioError
from components.generation.prices import FREE, quote
from components.studio.spending import said

if TYPE_CHECKING:
    from collections.abc import Collection

    from components.generation.prices import PriceRow, Quote
    from components.generation.request import Request
    from components.services.pricelist import PriceList
    from components.services.registry import Services
    from components.studio.clock import Clock

log = logging.getLogger(__name__)

FRESH_S = 3600.0
AGAIN_S = 60.0
"""After a service has not told its prices."""
PATIENCE_S = 2.0
"""A form waits no longer; what comes later is there the next time."""


@dataclass(frozen=True, slots=True)
class _Seen:
    rows: tuple[PriceRow, ...]
    next_at: float


class Prices:
    """Prices of all services. What they publish is kept in memory; each row carries the day it was seen.

    Args:
        services: Who sells.
        listed: The price list.
        clock: The time of day.
        patience_s: How long ``refresh`` waits for a service.
    """

    def __init__(self, services: Services, listed: PriceList, clock: Clock, *, patience_s: float = PATIENCE_S) -> None:
        self._services = services
        self._listed = listed
        self._clock = clock
        self._patience_s = patience_s
        self._seen: dict[str, _Seen] = {}
        self._asking: dict[tuple[asyncio.AbstractEventLoop, str], asyncio.Task[None]] = {}

    def rows(self, service: str) -> tuple[PriceRow, ...]:
        """All rows of a service, the first that fits counts."""
        found = self._services.get(service)
        seen = self._seen.get(service)
        return (*self._listed.given.get(service, ()), *(seen.rows if seen else ()), *(found.prices if found else ()))

    def quote(self, service: str, request: Request) -> Quote | None:
        """What a film costs at most at a service, or None where nobody knows."""
        found = self._services.get(service)
        if found is not None and not found.capabilities.paid:
            return FREE
        return quote(request, self.rows(service))

    def counted(self, service: str, request: Request) -> Decimal:
        """What a film counts against caps, in USD, also where nobody knows its price."""
        known = self.quote(service, request)
        return known.at_most if known else self._listed.unknown(request)

    def agreed(self, request: Request) -> Decimal:
        """``counted`` at the service that is asked for, once it is not more than the request allows.

        Raises:
            PriceChanged: It costs more than ``price_at_most``; nothing was sent.
        """
        usd = self.counted(request.service, request)
        if request.price_at_most is not None and usd > Decimal(request.price_at_most):
            raise PriceChanged(field="money", at_most=said(usd), service=request.service)
        return usd

    async def refresh(self, services: Collection[str]) -> None:
        """See what these services publish, where that is older than an hour; never waits longer than two seconds."""
        now = self._clock.now()
        loop = asyncio.get_running_loop()
        waits: set[asyncio.Task[None]] = set()
        for name in services:
            seen = self._seen.get(name)
            if name not in self._services or (seen is not None and seen.next_at > now):
                continue
            task = self._asking.get((loop, name))
            if task is None:
                task = loop.create_task(self._ask(name))
                self._asking[loop, name] = task
                task.add_done_callback(lambda _, key=(loop, name): self._asking.pop(key, None))  # type: ignore[misc]
            waits.add(task)
        if waits:
            await asyncio.wait(waits, timeout=self._patience_s)

    async def _ask(self, name: str) -> None:
        try:
            told = await self._services[name].live_prices()
            rows = tuple(row for row in told if self._listed.believable(row))
            if len(rows) < len(told):
                log.warning("prices from %s that are too low to be believed: %s", name, [str(row.usd_per_s) for row in told])
        except StudioError as error:
            log.info("no prices from %s now: %s", name, error.text_code)
            rows = ()
        before = self._seen.get(name)
        fresh_s = FRESH_S if rows else AGAIN_S
        # prices that were seen once are better than none; they carry their day
        self._seen[name] = _Seen(rows or (before.rows if before else ()), self._clock.now() + fresh_s)
