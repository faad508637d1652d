"""A bench with a seller, a ledger that remembers, an address, and a clock that a test can push on."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from components.services.base import Working
from components.services.registry import Services
from components.studio.keys import Secrets
from components.studio.library import Library
from components.studio.links import Links
from components.studio.paying import Keyless, Paying
from components.studio.resolve import Resolver
from components.studio.till import Till
from components.studio.views import Views
from components.studio.wording import Wording
from tests.doubles.scripted import Seller
from tests.workshop import QUICK
from tests.workshop_film import Bench

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from decimal import Decimal
    from pathlib import Path

    from sqlalchemy import Connection

    from components.generation.job import Stage


@dataclass
class PushedClock:
    """The machine's clock, so many seconds ahead."""

    ahead: float = 0.0

    def now(self) -> float:
        return time.time() + self.ahead


@dataclass
class Ledger:
    """Remembers what was settled and released, in order."""

    lines: list[tuple[str, str]] = field(default_factory=list)

    def settle(self, connection: Connection, job_id: str, usd: Decimal) -> None:  # noqa: ARG002 - as in the protocol
        self.lines.append(("settled", str(usd)))

    def release(self, connection: Connection, job_id: str) -> None:  # noqa: ARG002 - as in the protocol
        self.lines.append(("released", "0"))


@dataclass
class Address:
    """Where we are reached, if anywhere."""

    base: str | None = "https://studio.example.org"

    def url_for(self, path: str) -> str | None:
        return f"{self.base}{path}" if self.base else None


class PaidBench(Bench):
    """A bench whose service is the scripted seller."""

    def __init__(self, folder: Path, seller: Seller, **tempo: Any) -> None:  # noqa: ANN401 - as in ``Tempo``
        self.seller = seller
        self.pushed = PushedClock()
        self.ledger = Ledger()
        self.address = Address(None)
        self.answers_for = True
        services = {seller.id: seller}
        paying = Paying(Keyless(services), self.ledger, self.address)
        super().__init__(folder, seller, clock=self.pushed, paying=paying, tempo=replace(QUICK.tempo, **tempo))

    def library(self) -> Library:
        """As the studio makes one."""
        links = Links(Secrets((b"k" * 32,)), self.clock)
        views = Views(Services(self.seller), links, Wording.read(), 30, self.films.asked)
        return Library(self.jobs, self.revisions, views, {})

    def resolver(self) -> Resolver:
        """As the studio makes one; questions are answered on the spot."""
        services = Services(self.seller)
        till = Till(services, self.ledger)
        return Resolver(
            self.jobs,
            self.library(),
            films=self.films,
            accounts=Keyless(services),
            orders=self.orders,
            till=till,
            answers_for=lambda *_: self.answers_for,
            call=_at_once,
        )

    async def make(self, *jobs: str) -> None:
        """Make these, one after the other."""
        for job in jobs:
            await self.films.make_film(job)


def _at_once(work: Any) -> Any:  # noqa: ANN401 - any coroutine, whatever it gives
    """Run a coroutine that waits for nothing but threads, in a loop of its own."""
    given: list[Any] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            given.append(asyncio.run(work))
        except BaseException as error:  # noqa: BLE001 - handed on below
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return given[0]


def working(stage: Stage, progress: int | None = None) -> Working:
    """A reading."""
    return Working(stage, progress)


@contextmanager
def paid_bench(folder: Path, seller: Seller | None = None, **tempo: Any) -> Iterator[PaidBench]:  # noqa: ANN401 - as in ``Tempo``
    """A bench that is closed in the end."""
    made = PaidBench(folder, seller or Seller(), **tempo)
    try:
        yield made
    finally:
        made.close()


async def holds(condition: Callable[[], bool]) -> None:
    """Wait until a database says so."""
    while not condition():  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.005)


def creates(seller: Seller) -> int:
    """How often something was ordered."""
    return sum(event.startswith("create") for event in seller.events)


def error(bench: PaidBench, job: str) -> dict[str, Any]:
    """What the row says went wrong."""
    return bench.row(job).error or {}
