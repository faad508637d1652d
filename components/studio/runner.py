"""The engine that runs the jobs: DBOS Transact in our own database. Only this file and ``fleet`` know it.

The row of a job is the truth and the checkpoint; the engine remembers that a film is to be made, starts it when its
queue has room, and starts it again after a crash. If the engine is ever replaced, these two files are.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions
from dbos._dbos import _get_dbos_instance

from components.errors import CloudEngine, Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping

    from sqlalchemy import Connection, Engine

    from components.services.base import Service

log = logging.getLogger(__name__)

WORKFLOW = "make_film"
"""For ever: a waiting order names its workflow by this word. An incompatible change gets a new name, the old one stays."""
VERSION = "1"
"""For ever: by default a new version of the program would never look at the jobs of the one before it."""
APPLICATION = "wan-flash-studio"
EXECUTOR = "local"
"""One machine; with several each start needs an id of its own."""
FILMS_AT_ONCE = 1000
"""Of what is bought, in one queue: each only waits (measured: no writes, some 20 KB each), the looks are paced elsewhere."""
PARK_S = 10.0
LISTENERS_S = 5.0
CALL_S = 60.0
"""A question to a service is answered by then, or not at all."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Line:
    """A queue.

    Args:
        name: As in ``limits.queue`` of the services that use it.
        at_once: Films made at once.
        per_visitor: One film a visitor at a time, so that nobody waits behind somebody's ten.
        poll_s: How often it looks for work, which is also how long a start may take (each look costs 4 to 5 ms of CPU).
        per_account: Films at once for one account of a seller that has such a limit, over all visitors who share it; None = no limit.
    """

    name: str
    at_once: int
    per_visitor: bool
    poll_s: float
    per_account: int | None = None


def lines(services: Collection[Service], *, workers: int, films_poll_s: float = 1.0, local_poll_s: float = 0.3) -> tuple[Line, ...]:
    """The queues that these services name: what is rendered here shares ``workers``, what is bought only waits."""
    found: dict[str, Line] = {}
    for service in services:
        name = service.capabilities.limits.queue
        if service.capabilities.paid:
            most = service.capabilities.limits.tasks_at_once
            found[name] = Line(name, FILMS_AT_ONCE, per_visitor=False, poll_s=films_poll_s, per_account=most)
        else:
            found[name] = Line(name, workers, per_visitor=True, poll_s=local_poll_s)
    return tuple(found.values())


class Runner(Protocol):
    """What the studio asks of an engine."""

    def start(self, make: Callable[[str], Awaitable[None]]) -> None:
        """Run ``make(job id)`` for every order, the unfinished ones of the last time first."""
        ...

    def stop(self, park: Callable[[], Awaitable[None]]) -> None:
        """Let ``park`` end what runs, then stop; what is unfinished runs again after the next start."""
        ...

    def order(self, connection: Connection, *, job_id: str, run: int, queue: str, visitor: str, account: str | None = None) -> None:
        """Remember in this transaction that a film is to be made; the same run twice is one."""
        ...

    def call(self, work: Coroutine[Any, Any, Result], *, timeout_s: float = CALL_S) -> Result:
        """Run a coroutine where the films are made, from any other thread, and wait for what it gives."""
        ...

    def cancel_queued(self, job_id: str, run: int) -> None:
        """Take an order that was never started out of its line; never called for what runs."""
        ...


class DbosRunner:
    """The engine.

    Args:
        engine: Our database; the engine's tables live in it too.
        queues: The queues to work on.
        listener_s: How often its threads look whether they should end.

    Raises:
        CloudEngine: The environment switches the engine to somebody's cloud.
    """

    def __init__(self, engine: Engine, queues: Collection[Line], listener_s: float = 1.0) -> None:
        if os.environ.get("DBOS__CLOUD") == "true":
            raise CloudEngine
        self._engine = engine
        self._queues: Mapping[str, Line] = {line.name: line for line in queues}
        self._listener_s = listener_s
        self._client: DBOSClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, make: Callable[[str], Awaitable[None]]) -> None:
        """See ``Runner``. From a thread without an event loop: the films then run on the engine's own, never on the page's."""
        _outside_any_loop()
        _quiet()

        async def make_film(job_id: str) -> None:
            self._loop = asyncio.get_running_loop()
            await make(job_id)

        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)(make_film)
        engine = DBOS(config=self._config())
        DBOS.listen_queues(list(self._queues))
        DBOS.launch()
        # not public; without it nobody could be asked anything before the first film is made (a test holds it)
        self._loop = engine._background_event_loop.target_loop()  # noqa: SLF001
        for line in self._queues.values():
            DBOS.register_queue(
                line.name,
                worker_concurrency=line.at_once,
                partition_concurrency=1 if line.per_visitor else line.per_account,
                polling_interval_sec=line.poll_s,
            )
        self._client = DBOSClient(system_database_engine=self._engine, application_name=APPLICATION)

    def stop(self, park: Callable[[], Awaitable[None]]) -> None:
        """See ``Runner``."""
        logging.getLogger("dbos").setLevel(logging.ERROR)  # it warns of each film that it lets go of, which is what we want

        async def end() -> None:
            await park()

        _stop_listening()
        if self._loop is None or self._loop.is_closed():
            asyncio.run(end())
        else:
            asyncio.run_coroutine_threadsafe(end(), self._loop).result(PARK_S)
        DBOS.destroy()
        if self._client is not None:
            self._client.destroy()

    def order(self, connection: Connection, *, job_id: str, run: int, queue: str, visitor: str, account: str | None = None) -> None:
        """See ``Runner``."""
        if self._client is None:
            raise RuntimeError("not started")
        options: EnqueueOptions = {"workflow_name": WORKFLOW, "queue_name": queue, "workflow_id": workflow_id(job_id, run)}
        line = self._queues[queue]
        if line.per_visitor:
            options["queue_partition_key"] = visitor
        elif line.per_account is not None:
            options["queue_partition_key"] = account or visitor
        self._client.enqueue_in_transaction(connection, options, job_id)

    def call(self, work: Coroutine[Any, Any, Result], *, timeout_s: float = CALL_S) -> Result:
        """See ``Runner``."""
        if self._loop is None or self._loop.is_closed():
            work.close()
            raise Unavailable
        asked = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return asked.result(timeout_s)
        except TimeoutError:
            asked.cancel()
            raise Unavailable from None

    def cancel_queued(self, job_id: str, run: int) -> None:
        """See ``Runner``."""
        DBOS.cancel_workflow(workflow_id(job_id, run))

    def _config(self) -> DBOSConfig:
        return {
            "name": APPLICATION,
            "system_database_engine": self._engine,
            "application_version": VERSION,
            "executor_id": EXECUTOR,
            "max_executor_threads": 32,
            "log_level": "WARNING",
            "enable_otlp": False,
            "use_listen_notify": False,
            "notification_listener_polling_interval_sec": self._listener_s,
        }


def workflow_id(job_id: str, run: int) -> str:
    """The engine's name for one run of a job: a finished one cannot run again under its old name."""
    return f"{job_id}.{run}"


def _stop_listening() -> None:
    """Let the threads that claim films end first.

    ``destroy`` closes the engine's loop under them: a film that is claimed in that moment ends in an error, and would
    wait for the next repair. The engine has no public way for this; its minor version is pinned.
    """
    for event in _get_dbos_instance().background_thread_stop_events:
        event.set()
    for thread in threading.enumerate():
        if thread.name.startswith("queue-worker-"):
            thread.join(LISTENERS_S)


def _outside_any_loop() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RuntimeError("the engine must be started outside any event loop")


def _quiet() -> None:
    """The engine's log goes where ours goes: with a handler in place it adds none of its own."""
    engine_log = logging.getLogger("dbos")
    if not engine_log.handlers:
        engine_log.addHandler(logging.NullHandler())
    engine_log.propagate = True
