"""One studio with all four sellers' doubles behind it, and the films of the table in it, all at once."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import deque
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partialmethod
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import event, select

from components.generation.job import FINAL, JobState
from components.services.download import Downloads
from components.services.http import Http, Lines
from components.services.pricelist import PriceList
from components.services.registry import Services
from components.services.sellers import Addresses, sellers
from components.studio.database import read
from components.studio.studio import Studio
from components.studio.tables import LedgerRow
from tests.doubles.dashscope import DashScope
from tests.doubles.sellers import SELLERS
from tests.integration.faults_table import LASTING, SERVICES
from tests.media_factory import film
from tests.workshop import QUICK, picture, request, settings, until
from tests.workshop_paid import PushedClock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from components.services.base import Service
    from components.studio.views import JobView
    from tests.doubles.ledger import Charge
    from tests.doubles.seller import Double
    from tests.integration.faults_table import Row

BUYER = "visitor-of-faults"
PATIENCE_S = 60.0
TEMPO = replace(
    QUICK.tempo,
    progress_s=60.0,
    refused_s=(0.1, 60.0),
    unheard_s=(0.05, 0.1),
    unsaved_s=(0.05, 0.1),
    gone_s=2.0,
    quiet_s=0.0,
)
SHORT_S = 1.0
"""What a read of the wire may take where it is 20 s and more in the program."""
DRIP_S = 3.0
"""What an answer, or a film, may take from its head on."""
AHEAD = 24
"""Films that are made while a test looks at one."""
LEDGER_WORDS = {("reserved",): "kept", ("reserved", "released"): "released", ("reserved", "settled"): "settled"}


class Hurried(httpx.AsyncHTTPTransport):
    """Carries calls with less patience for silence. An order keeps its own unless its row is about that."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See ``httpx``."""
        timeout = request.extensions.get("timeout", {})
        told = _told(request)
        patient = b'"prompt"' in told and b"no answer in time" not in told
        if not patient and timeout.get("read"):
            request.extensions["timeout"] = {**timeout, "read": SHORT_S}
        return await super().handle_async_request(request)


def _told(request: httpx.Request) -> bytes:
    try:
        return request.content
    except httpx.RequestNotRead:  # a form, or nothing
        return b""


@dataclass
class Floor:
    """The studio, its sellers and their films.

    Args:
        studio: With the four services.
        doubles: By the id of their service.
        clock: The studio's.
        film: What every seller delivers.
        coming: Films that are still to be ordered, in this order.
        jobs: Those that were, by row and service.
        seen: How many of them a test has come to.
    """

    studio: Studio
    doubles: dict[str, Double]
    clock: PushedClock
    film: bytes
    coming: deque[tuple[Row, str]] = field(default_factory=deque)
    jobs: dict[tuple[str, str], str] = field(default_factory=dict)
    seen: int = 0
    _pictures: dict[str, str] = field(default_factory=dict)

    def feed(self, row: Row, service: str) -> None:
        """Order this film and some of those that come after it: not all at once, for they have two cores and one database."""
        while self.coming and ((row.name, service) not in self.jobs or len(self.jobs) - self.seen < AHEAD):
            self.order(*self.coming.popleft())
        self.seen += 1

    def order(self, row: Row, service: str) -> str:
        """Order a row's faults and its film; returns the job's id."""
        double, mark = self.doubles[service], mark_of(row)
        image = self._picture(service, row)
        if row.phase == "upload":
            mark = self._bytes_of(image, service)
        for fault in row.faults:
            double.ordered(fault if row.way == "first" else replace(fault, holding=mark))
        asked = request(image, f"{service} {len(self.jobs)}", service=service, duration=5, prompt=mark_of(row).decode())
        job = self.studio.submit(BUYER, asked).job.id
        self.jobs[row.name, service] = job
        if row.way == "first":
            until(lambda: not double.faults_left, f"{row.name} at {service} has begun")
        return job

    def view(self, row: Row, service: str) -> JobView:
        """A row's film as it stands."""
        return self.studio.job(BUYER, self.jobs[row.name, service])

    def ended(self, row: Row, service: str) -> JobView:
        """The same, once it has its end, or nobody knows."""
        over = {*FINAL, JobState.UNCONFIRMED}
        wait(lambda: self.view(row, service).state in over, f"an end of {row.name} at {service}: {self.view(row, service)}")
        return self.view(row, service)

    def happened(self, row: Row, service: str) -> bool:
        """Whether all that was ordered has gone wrong; of what lasts, at least once."""
        ordered = {fault.kind: fault.times for fault in row.faults}
        left = [fault for fault in self.doubles[service].faults_left if fault.holding in self._marks(row, service)]
        return all(fault.times >= LASTING // 2 and fault.times < ordered[fault.kind] for fault in left)

    def posts(self, row: Row, service: str) -> int:
        """Orders that the seller saw; one that was dropped before its body says nothing, but was alone."""
        seen = self.doubles[service].calls("create")
        dropped = sum(each.fault == "reset_before" for each in seen) if row.way == "first" and row.phase == "create" else 0
        return dropped + sum(mark_of(row) in each.request.body for each in seen)

    def charges(self, row: Row, service: str) -> list[Charge]:
        """Orders that the seller took."""
        double = self.doubles[service]
        tasks = {task.id for task in tuple(double.tasks.values()) if mark_of(row) in task.wanted.prompt.encode()}
        return [charge for charge in double.ledger() if charge.task_id in tasks]

    def money(self, job: str) -> str:
        """What became of the money that was set aside."""
        with read(self.studio.engine) as connection:
            kinds = connection.scalars(select(LedgerRow.kind).where(LedgerRow.job_id == job).order_by(LedgerRow.id)).all()
        return LEDGER_WORDS[tuple(kinds)]

    def forgive(self, row: Row, service: str) -> None:
        """What goes wrong for a row passes after all."""
        self.doubles[service].forgive(mark_of(row))

    def push_a_day(self) -> None:
        """It is tomorrow, and the day after."""
        self.clock.ahead += 2 * 86_400.0

    def _marks(self, row: Row, service: str) -> tuple[bytes | None, ...]:
        image = self._pictures.get(f"{service} {row.name}")
        return mark_of(row), *([self._bytes_of(image, service)] if image else [])

    def _picture(self, service: str, row: Row) -> str:
        """One for all, but where its upload goes wrong one of its own: what a service has is not sent again."""
        name = f"{service} {row.name}" if row.phase == "upload" else service
        if name not in self._pictures:
            size = (640 + 2 * len(self._pictures), 400)
            self._pictures[name] = picture(self.studio, BUYER, size=size, service=service)
        return self._pictures[name]

    def _bytes_of(self, upload: str, service: str) -> bytes:
        usable = self.studio.uploads.usable(BUYER, upload, "image", service)
        return self.studio.objects.local_now(usable.key).read_bytes()


def mark_of(row: Row) -> bytes:
    """The prompt of a row's film."""
    return f"[{row.name}]".encode()


def wait(condition: Any, what: str) -> None:  # noqa: ANN401 - a condition
    """As ``until``, with the patience for all films of the table."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"never: {what}")
        time.sleep(0.02)


def double_of(service: str, folder: Path) -> Double:
    """A seller that has no limits of its own: they are not what this is about."""
    limits: dict[str, Any] = (
        {"creates_per_s": 10_000, "reads_per_s": 10_000, "tasks_at_once": 10_000} if service == DashScope.service else {}
    )
    made = SELLERS[service](folder=folder, balance_usd=Decimal(100_000), **limits)
    made.film = film(1)
    return made


def services_of(doubles: dict[str, Double]) -> Services:
    """The real services, in a hurry."""
    evolink = doubles["evolink"]
    addresses = Addresses(evolink.base_url, evolink.files_url, *(doubles[name].base_url for name in SERVICES[1:]))

    tls = httpx.create_ssl_context()  # once: it reads a few hundred certificates

    def line() -> Http:
        return Http(
            time.time,
            trusted_origins=addresses.all,
            transport=lambda: Hurried(verify=tls),
            pause=lambda seconds: asyncio.sleep(seconds / 50),
            answer_s=DRIP_S,
        )

    lines = Lines(line)
    made: Sequence[Service] = sellers(lines, addresses, prices=PriceList.read().rows)
    return Services(*made, lines=lines)


@contextmanager
def floor(folder: Path, **more: Any) -> Iterator[Floor]:  # noqa: ANN401 - whatever a setting holds
    """Open it."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr("components.services.paid.PaidAccount.pause_s", lambda *_, **__: 0.05)
        patch.setattr("os.fsync", lambda _file: None)
        patch.setattr("components.studio.looking.LOOKS_PER_S", 1000.0)
        patch.setattr(Downloads, "fetch", partialmethod(Downloads.fetch, limit_bytes=2_000_000, limit_s=DRIP_S))
        doubles = {name: stack.enter_context(double_of(name, folder)) for name in SERVICES}
        keys = {f"{name}_api_key": double.key for name, double in doubles.items()}
        caps = {"budget_usd_per_day": 100_000, "visitor_budget_usd_per_day": 100_000, "visitor_active_jobs": 1000}
        clock = PushedClock()
        studio = Studio(
            settings(folder, **keys, **caps, **more), services_of(doubles), clock=clock, pace=replace(QUICK, films_poll_s=0.1, tempo=TEMPO)
        )
        event.listen(studio.engine, "connect", _carelessly)
        studio.engine.dispose()
        studio.start(examples=False)
        stack.callback(studio.stop)
        yield Floor(studio, doubles, clock, film(1))


def _carelessly(connection: Any, _record: object) -> None:  # noqa: ANN401 - a connection of the driver
    """Nobody cuts the power here: hundreds of films at once need not wait for the disk."""
    connection.execute("PRAGMA synchronous=OFF")


def sha256(data: bytes) -> str:
    """As it stands in a job."""
    return hashlib.sha256(data).hexdigest()


def taken(charges: Sequence[Charge]) -> Decimal:
    """What a seller has kept, or still holds."""
    return sum((charge.usd if charge.settled_usd is None else charge.settled_usd for charge in charges), Decimal(0))
