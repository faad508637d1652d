"""A thousand bought films that wait, in the program as people start it, beside the same program with none.

What is waited for without a look, and what the looks cost, are told apart by time: with a callback to come, a task is looked
at once and then not for a minute, so a quiet while lies between two busy ones. Writes are counted by the database's own
counter of changes, which stands in the shared index of its log.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
import tempfile
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psutil
from dbos import DBOSClient
from sqlalchemy import insert, update

from components.generation.job import JobState, Stage
from components.generation.request import Request
from components.studio.clock import SystemClock
from components.studio.database import open_engine, write
from components.studio.jobs import Jobs, NewJob, Revisions, new_job_id
from components.studio.objects import object_key
from components.studio.runner import APPLICATION, WORKFLOW, workflow_id
from components.studio.tables import JobRow, VisitorRow
from tests.doubles.evolink import EvoLink
from tests.doubles.sellers import environment
from tests.doubles.tasks import Pace, Price, Task, Wanted
from tests.integration.server import running, until

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from tests.integration.server import Running

CROWD = 1000
VISITORS = 100
SETTLED_S = 25.0
"""After the start, until which things settle."""
QUIET_S = 20.0
BUSY_S = 15.0
AGE_S = 100.0
"""So old are the orders: no first look is waited for, and the next one is a minute away."""
BARE = 300
SEEN = 20
"""Looks at a task that lie behind it: its progress grows no further."""
COUNTER = slice(8, 12)
"""Where a database's count of changes stands in its shared index: https://sqlite.org/walformat.html, iChange."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a while has cost: processor time in ms a second, changes of the database and looks a second, MB held at its end."""

    cpu: float
    changes: float
    looks: float
    held: float


def run() -> None:
    """Print the figures of the crowd."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with EvoLink(folder=folder, pace=Pace(by="reads")) as seller:
            seller.hold = True
            more = {**environment(seller), "STUDIO_SERVER_KEY_FOR": "everyone"}
            with running(folder / "data", more=more) as app:
                began = time.monotonic()
                idle = _watched(app, seller, QUIET_S, after=began + SETTLED_S)
            _seed(folder / "data" / "studio.sqlite3", seller)
            with running(folder / "data", more=more) as app:
                began = time.monotonic()
                until(lambda: all(task.reads > SEEN for task in seller.tasks.values()), "each to be looked at", 120)
                first, looks = time.monotonic() - began, len(seller.requests)
                quiet = _watched(app, seller, QUIET_S, after=began + SETTLED_S)
                until(lambda: len(seller.requests) > looks, "the next look", 120)
                busy = _watched(app, seller, BUSY_S)
                bare = asyncio.run(_bare(seller))
    _tell(idle, quiet, busy, first=first, bare=bare)


def _tell(idle: Figures, quiet: Figures, busy: Figures, *, first: float, bare: float) -> None:
    print(f"{CROWD} films at work, each looked at within {first:.0f} s of the start (50 looks/s at most)")
    print(f"{QUIET_S:g} s without a look ({quiet.looks:g}/s):")
    print(f"  changes of the database: {quiet.changes:.2f}/s, with none waiting {idle.changes:.2f}/s (goal: no more)")
    print(f"  processor: {quiet.cpu:.0f} ms/s, idle {idle.cpu:.0f} ms/s, ratio {quiet.cpu / idle.cpu:.2f} (goal <= 1.5)")
    print(f"  memory: {quiet.held:.0f} MB, idle {idle.held:.0f} MB, {quiet.held - idle.held:+.0f} MB (goal <= +150)")
    each = (busy.cpu - quiet.cpu) / busy.looks
    print(f"{BUSY_S:g} s with {busy.looks:.0f} looks/s: {each:.2f} ms of processor a look (goal <= 3), {busy.changes:.2f} changes/s")
    print(f"  a plain client, asking the same at the same time: {bare:.2f} ms, ratio {each / bare:.2f}")


async def _bare(seller: EvoLink) -> float:
    """Processor time in ms that one question takes of a client of httpx that does nothing else."""
    url, headers = f"{seller.base_url}/v1/tasks/{next(iter(seller.tasks))}", {"Authorization": f"Bearer {seller.key}"}
    async with httpx.AsyncClient() as client:
        (await client.get(url, headers=headers)).raise_for_status()
        begun = time.thread_time()
        for _ in range(BARE):
            (await client.get(url, headers=headers)).json()
        return 1000 * (time.thread_time() - begun) / BARE


def _watched(app: Running, seller: EvoLink, seconds: float, *, after: float = 0.0) -> Figures:
    """Measure for so many seconds, from the moment ``after`` (monotonic) on."""
    time.sleep(max(0.0, after - time.monotonic()))
    process = psutil.Process(app.process.pid)

    def now() -> tuple[float, float, int, int]:
        return time.monotonic(), sum(process.cpu_times()[:2]), _changes(app.data_dir / "studio.sqlite3"), len(seller.requests)

    before = now()
    time.sleep(seconds)
    passed, cpu, changes, looks = (late - early for late, early in zip(now(), before, strict=True))
    return Figures(1000 * cpu / passed, changes / passed, looks / passed, process.memory_info().rss / 1e6)


def _changes(database: Path) -> int:
    """Transactions that have changed the database since somebody opened it first."""
    with Path(f"{database}-shm").open("rb") as index:
        return int.from_bytes(index.read(COUNTER.stop)[COUNTER], sys.byteorder)


class _Orders:
    """The engine's half of an order, written as the program writes it."""

    def __init__(self, engine: Engine) -> None:
        self._client = DBOSClient(system_database_engine=engine, application_name=APPLICATION)

    def order(self, connection: Connection, *, job_id: str, run: int, queue: str, visitor: str, account: str | None = None) -> None:
        del visitor, account
        self._client.enqueue_in_transaction(
            connection, {"workflow_name": WORKFLOW, "queue_name": queue, "workflow_id": workflow_id(job_id, run)}, job_id
        )


def _seed(database: Path, seller: EvoLink) -> None:
    """Films that the seller works on, with news for nobody."""
    engine = open_engine(database)
    try:
        clock = SystemClock()
        jobs, orders = Jobs(engine, clock, Revisions()), _Orders(engine)
        sent = clock.now() - AGE_S
        visitors = [f"visitor-{number}" for number in range(VISITORS)]
        with write(engine) as connection:
            connection.execute(insert(VisitorRow), [{"id": each, "created_at": sent, "seen_at": sent} for each in visitors])
        made = [_order(jobs, orders, visitors[number % VISITORS], number) for number in range(CROWD)]
        told = {"state": JobState.PROCESSING, "stage": Stage.MAKING, "progress": 90, "intent_at": sent, "hook_token": "a-secret"}
        with write(engine) as connection:
            for job_id in made:
                task = _task(sent)
                seller.tasks[task.id] = task
                connection.execute(update(JobRow).where(JobRow.id == job_id).values(task_id=task.id, **told))
    finally:
        engine.dispose()


def _order(jobs: Jobs, orders: _Orders, visitor: str, number: int) -> str:
    asked = Request.model_validate(
        {"service": "evolink", "image": "upload-one", "prompt": "a boat", "duration": 5, "client_token": f"token-{number}"}
    )
    new = NewJob(
        id=new_job_id(jobs.clock.now()),
        visitor=visitor,
        client_token=asked.client_token,
        service=asked.service,
        queue="films",
        request=asked.model_dump(mode="json"),
        image_key=object_key("input", "jpg"),
        image_size=(640, 360),
        audio_key=None,
        estimate="0.18",
        key_from="server",
        account="account-of-bench",
        reserved="0.18",
    )
    return jobs.order(new, orders, limit=CROWD)[0].id


def _task(at: float) -> Task:
    wanted = Wanted("a boat", "https://files.example.org/boat.jpg", None, 5, "720p", silent=False)
    price = Price(Decimal(1), Decimal(68), "credits")
    return Task(f"task-unified-{int(at)}-{secrets.token_hex(4)}", {}, wanted, price, at=at, reads=SEEN)


if __name__ == "__main__":
    run()
