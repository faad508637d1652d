"""What is done again and again, in one plain thread: repairs, the sweep, and the engine's own retention.

One machine for now; beats and take-overs come with PostgreSQL.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dbos import DBOS

from components.studio.runner import EXECUTOR, workflow_id

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from components.studio.film import Films
    from components.studio.handover import Handover
    from components.studio.jobs import Jobs, Orders
    from components.studio.runner import Runner

log = logging.getLogger(__name__)

MINUTE_S = 60.0
HOUR_S = 3600.0
DAY_S = 86_400.0
KEPT_WORKFLOWS = timedelta(days=1)
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do every ``every_s`` seconds, for the first time ``first_s`` seconds after the start."""

    name: str
    work: Callable[[], object]
    every_s: float
    first_s: float


class Fleet:
    """Runs chores one after the other until it is stopped; a chore that fails is logged and tried again next time."""

    def __init__(self, chores: Sequence[Chore]) -> None:
        self._chores = chores
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fleet", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; waits for the chore that is being done."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        begun = time.monotonic()
        due = {chore.name: begun + chore.first_s for chore in self._chores}
        while due and not self._stop.wait(max(0.0, min(due.values()) - time.monotonic())):
            for chore in self._chores:
                if due[chore.name] <= time.monotonic() and not self._stop.is_set():
                    due[chore.name] = time.monotonic() + chore.every_s
                    _do(chore)


def _do(chore: Chore) -> None:
    try:
        chore.work()
    except Exception:
        log.exception("%s failed and is tried again in %.0f s", chore.name, chore.every_s)


class Repair:
    """Finds films that nobody makes although their rows say that they are being made, and has them made.

    The engine recovers what the last process left at its start, once; what is stranded later (an error while a film
    was being started, say) it never looks at again.
    """

    def __init__(self, jobs: Jobs, films: Films, orders: Orders) -> None:
        self._jobs = jobs
        self._films = films
        self._orders = orders
        self._suspects: frozenset[str] = frozenset()

    def run(self) -> int:
        """Look once; a film is only touched when it looked stranded the last time too. Returns how many were helped."""
        helped = self._resume_stranded() + self._revive_lost()
        if helped:
            log.warning("%d films were stranded and are made now", helped)
        return helped

    def _resume_stranded(self) -> int:
        """Orders that count as started here, but nobody is at them."""
        pending = DBOS.list_workflows(status="PENDING", executor_id=[EXECUTOR], load_input=False, load_output=False)
        running = self._films.running
        idle = {found.workflow_id: found.queue_name for found in pending if found.workflow_id.rpartition(".")[0] not in running}
        stranded = [name for name in idle if name in self._suspects]
        self._suspects = frozenset(idle)
        for queue in {idle[name] for name in stranded}:
            DBOS.resume_workflows([name for name in stranded if idle[name] == queue], queue_name=queue)
        return len(stranded)

    def _revive_lost(self) -> int:
        """Jobs at work whose order has ended or is missing: ordered anew under the next run."""
        at_work = self._jobs.at_work()
        alive = _alive([workflow_id(job.id, job.run) for job in at_work])
        lost = [job for job in at_work if workflow_id(job.id, job.run) not in alive and job.id not in self._films.running]
        return sum(self._jobs.revive(job.id, job.run, self._orders) for job in lost)


def _alive(names: Collection[str]) -> frozenset[str]:
    """Those of these orders that wait or run."""
    found: set[str] = set()
    listed = list(names)
    for start in range(0, len(listed), BATCH):
        states = DBOS.list_workflows(workflow_ids=listed[start : start + BATCH], load_input=False, load_output=False)
        found |= {order.workflow_id for order in states if order.status in {"ENQUEUED", "PENDING", "DELAYED"}}
    return frozenset(found)


def take_back(handover: Handover, runner: Runner) -> int:
    """Have pictures deleted that services still hold for films that have their end. Returns for how many it was tried."""
    handover.drop_expired()
    left = handover.left_behind()
    for job in left:
        runner.call(handover.take_back(job))
    return len(left)


def forget_finished() -> int:
    """Delete the engine's records of orders that ended more than a day ago (it never does by itself)."""
    before = (datetime.now(UTC) - KEPT_WORKFLOWS).isoformat()
    forgotten = 0
    while True:
        old = DBOS.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED"], completed_before=before, limit=BATCH, load_input=False, load_output=False
        )
        if not old:
            return forgotten
        DBOS.delete_workflows([found.workflow_id for found in old])
        forgotten += len(old)
