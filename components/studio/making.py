"""What carries a film's life, whatever it is: one run in this process, its threads, its patience, its changes of the row."""

from __future__ import annotations

import asyncio
import errno
import logging
import threading
from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from sqlalchemy.exc import SQLAlchemyError

from components.errors import DiskFull, Storage, StudioError
from components.generation.job import AT_WORK, FINAL, JobState, Stage
from components.studio.threads import Threads
from components.studio.waiting import Asked
from components.studio.wording import record

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    from components.errors import Charged
    from components.services.base import Account, Finished, Service, Working
    from components.studio.jobs import Changes, Jobs
    from components.studio.pace import Tempo
    from components.studio.tables import JobRow
    from components.studio.till import Till

log = logging.getLogger(__name__)

S = JobState
Result = TypeVar("Result")

GIVE_UP = 6
"""Failures of the program itself after which a film that costs nothing is given up (a paid one never is)."""


@dataclass(slots=True)
class Run:
    """A film that is being made in this process.

    Args:
        task: Whose end is the end of the making.
        wake: Set when somebody else changed the row, or wants the service to be asked now.
        failures: In a row, of any kind.
        bugs: Failures of the program itself, in all.
        refusals: Of the service to take the order, in a row.
        asked_to_stop: The service has taken the wish to stop.
        unheard: Looks in a row that brought no news.
        retry_after: What the service asked for with the last of them, in seconds.
        gone_since: UTC seconds since which the service says that it knows no such task.
        looked_at: When it was last asked, on the loop's clock.
        account: The service seen with the key that pays.
        finished: What the service said of the finished film.
        taken: The finished film once it is here, not yet published.
        unsaved: Attempts in a row to bring the film here.
        unsaved_since: The first of them, UTC seconds.
        unreadable: Films that came and could not be read.
    """

    task: asyncio.Task[Any]
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    failures: int = 0
    bugs: int = 0
    refusals: int = 0
    asked_to_stop: bool = False
    unheard: int = 0
    retry_after: float | None = None
    gone_since: float | None = None
    looked_at: float = float("-inf")
    account: Account | None = None
    finished: Finished | None = None
    taken: Path | None = None
    unsaved: int = 0
    unsaved_since: float | None = None
    unreadable: int = 0

    def woken(self) -> bool:
        """Whether the row was changed by somebody else since this was last asked; the row must be read after it, not before."""
        was = self.wake.is_set()
        self.wake.clear()
        return was


class Making(ABC):
    """Runs lives. The coroutines belong to the engine's loop; ``wake`` and ``running`` may be called from any thread.

    Args:
        jobs: The rows.
        services: Who makes films, by id.
        work_dir: Where unfinished files grow.
        tempo: How patient it is.
        till: Settles what costs money.
    """

    def __init__(self, jobs: Jobs, services: Mapping[str, Service], work_dir: Path, tempo: Tempo, till: Till) -> None:
        self._jobs = jobs
        self._services = services
        self._work_dir = work_dir
        self._tempo = tempo
        self._till = till
        self._thread = Threads()
        self.asked = Asked()
        self._runs: dict[str, Run] = {}
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._parked = False

    # what the engine and the studio ask for

    @property
    def running(self) -> frozenset[str]:
        """The jobs that this process is at."""
        with self._lock:
            return frozenset(self._runs)

    def wake(self, job_id: str) -> None:
        """Somebody changed the row (a wish to stop), or there may be news at the service: look now."""
        with self._lock:
            run, loop = self._runs.get(job_id), self._loop
        if run is not None and loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(run.wake.set)

    async def park(self) -> None:
        """The program ends: let go of every film as it stands; all begins again at the next start."""
        self._parked = True
        with self._lock:
            tasks = [run.task for run in self._runs.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._thread.ended()

    @abstractmethod
    async def _account(self, job: JobRow, run: Run) -> Account:
        """The job's service, seen with the key that pays."""

    # the loop itself

    @contextmanager
    def _running(self, job_id: str) -> Iterator[Run]:
        task = asyncio.current_task()
        if task is None or self._parked:
            raise asyncio.CancelledError
        run = Run(task)
        with self._lock:
            self._loop = asyncio.get_running_loop()
            self._runs[job_id] = run
        try:
            yield run
        finally:
            with self._lock:
                if self._runs.get(job_id) is run:
                    del self._runs[job_id]
                    self.asked.forget(job_id)

    async def _again(self, job_id: str, run: Run, error: Exception) -> None:
        """Something is wrong that may be right in a while; what is wrong with the program itself gives up in the end."""
        passing = isinstance(error, OSError | SQLAlchemyError | Storage)
        run.failures += 1
        run.bugs += not passing
        log.warning("job %s: %s, again in a while", job_id, type(error).__name__, exc_info=None if passing else error)
        wait = min(self._tempo.backoff_s * 2 ** (run.failures - 1), self._tempo.longest_backoff_s)
        try:
            if run.bugs >= GIVE_UP and await self._give_up(job_id):
                return
            reason = DiskFull.code if _no_room(error) else "unavailable"
            await self._note(job_id, frm=AT_WORK, wait_reason=reason, retry_at=self._jobs.clock.now() + wait)
        except (SQLAlchemyError, LookupError) as worse:
            log.warning("job %s: %s", job_id, type(worse).__name__)
        await self._pause(run, wait)
        run.woken()  # the next round reads the row anyway

    async def _give_up(self, job_id: str) -> bool:
        job = await self._row(job_id)
        service = self._services.get(job.service)
        if service is None or service.capabilities.paid:
            return False
        # every state at work has an arrow to failed
        return await self._failed(job, {S(job.state)}, StudioError())

    async def _pause(self, run: Run, seconds: float) -> None:
        try:
            await asyncio.wait_for(run.wake.wait(), seconds)
        except TimeoutError:
            return

    # changes of the row

    async def _failed(self, job: JobRow, frm: Collection[JobState], error: StudioError, charged: Charged | None = None) -> bool:
        """The end without a film; ``charged`` where more is known than the error says."""
        kept = record(error) if charged is None else {**record(error), "charged": charged.value}
        return await self._ended(job, frm, S.FAILED, charged or error.charged, error=kept)

    async def _ended(self, job: JobRow, frm: Collection[JobState], to: JobState, charged: Charged, **changes: Unpack[Changes]) -> bool:
        """The end without a film, and what becomes of the money, in one transaction."""
        settled, also = self._till.ended(job, charged)
        changes |= settled
        return await self._thread(lambda: self._jobs.move(job.id, frm=frm, to=to, also=also, **changes))

    async def _move(self, job_id: str, *, frm: Collection[JobState], to: JobState, **changes: Unpack[Changes]) -> bool:
        if to in FINAL:
            raise ValueError(to)
        return await self._thread(lambda: self._jobs.move(job_id, frm=frm, to=to, **changes))

    async def _note(self, job_id: str, *, frm: Collection[JobState], **changes: Unpack[Changes]) -> bool:
        return await self._thread(lambda: self._jobs.note(job_id, frm=frm, **changes))

    async def _row(self, job_id: str) -> JobRow:
        job = await self._thread(self._jobs.load, job_id)
        if job is None:
            raise LookupError(job_id)
        return job

    async def _insist(self, work: Callable[[], Result]) -> Result:
        """Do it however long the database is away."""
        wait = self._tempo.backoff_s
        while True:
            try:
                return await self._thread(work)
            except SQLAlchemyError as error:
                log.warning("the database is away (%s)", type(error).__name__)
            await asyncio.sleep(wait)
            wait = min(wait * 2, self._tempo.longest_backoff_s)

    def _age_s(self, job: JobRow) -> float:
        """Seconds since the order was sent."""
        return self._jobs.clock.now() - (job.intent_at or job.created_at)

    def _folder(self, job_id: str) -> Path:
        return self._work_dir / f"job-{job_id}"


class Told:
    """The progress that stands in the row.

    Args:
        job: The row.
        steady: Whether what goes backwards is not believed, and less than ``STEP`` percent are no news.
    """

    STEP = 5

    def __init__(self, job: JobRow, *, steady: bool) -> None:
        self.at = float("-inf")
        self.steady = steady
        self._stage, self._progress = job.stage, job.progress

    def is_news(self, reading: Working) -> bool:
        """Whether the row would say something else."""
        if not self.steady:
            return (reading.stage, reading.progress) != (self._stage, self._progress)
        further = (reading.progress or 0) - (self._progress or 0)
        return reading.stage != self._stage or further >= self.STEP

    def steadied(self, reading: Working) -> Working:
        """The reading without what goes backwards."""
        if not self.steady:
            return reading
        back = reading.stage is Stage.IN_LINE and self._stage == Stage.MAKING
        progress = reading.progress if self._progress is None else max(self._progress, reading.progress or 0)
        return replace(reading, stage=Stage.MAKING if back else reading.stage, progress=progress)

    def remember(self, reading: Working, now: float) -> None:
        """It stands in the row now."""
        self.at = now
        self._stage, self._progress = reading.stage, reading.progress


def _no_room(error: Exception) -> bool:
    return isinstance(error, DiskFull) or (isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT})
