"""A film's whole life, top to bottom: submit, follow, save.

The row is the checkpoint: each of the three acts only on the states that are its own, so after a crash the same loop
is simply run again. The outside world (services, files, ffmpeg) comes in as parameters.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import secrets
import shutil
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from sqlalchemy.exc import SQLAlchemyError

from components.errors import Charged, DiskFull, FileRefused, FilmFailed, InputGone, Storage, StudioError, TaskGone
from components.generation.job import AT_WORK, JobState, Stage
from components.services.base import Cancelled, Failed, Finished, Working
from components.studio.disk import require
from components.studio.objects import object_key
from components.studio.wording import record

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    from components.services.base import Order, Service
    from components.studio.jobs import Changes, Jobs
    from components.studio.outside import Outside
    from components.studio.pace import Tempo
    from components.studio.tables import JobRow

log = logging.getLogger(__name__)

S = JobState
Result = TypeVar("Result")


GIVE_UP = 6
"""Failures of the program itself after which a film that costs nothing is given up (a paid one never is)."""
POSTER_BYTES = 4_000_000


@dataclass(slots=True)
class _Run:
    """A film that is being made in this process.

    Args:
        task: Whose end is the end of the making.
        wake: Set when somebody else changed the row.
        failures: In a row, of any kind.
        bugs: Failures of the program itself, in all.
        taken: The finished film once it is here, not yet published.
    """

    task: asyncio.Task[Any]
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    failures: int = 0
    bugs: int = 0
    taken: Path | None = None

    def woken(self) -> bool:
        """Whether the row was changed by somebody else since this was last asked; the row must be read after it, not before."""
        was = self.wake.is_set()
        self.wake.clear()
        return was


class Films:
    """Makes films. The coroutines belong to the engine's loop; ``wake`` and ``running`` may be called from any thread.

    Args:
        jobs: The rows.
        services: Who makes films, by id.
        outside: Everything else a film needs.
        work_dir: Where unfinished files grow.
        tempo: How patient it is.
    """

    def __init__(self, jobs: Jobs, services: Mapping[str, Service], outside: Outside, work_dir: Path, tempo: Tempo) -> None:
        self._jobs = jobs
        self._services = services
        self._outside = outside
        self._work_dir = work_dir
        self._tempo = tempo
        self._runs: dict[str, _Run] = {}
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._parked = False
        self._threads: set[asyncio.Future[Any]] = set()

    # a film's life

    async def make_film(self, job_id: str) -> None:
        """Run by the engine, as often as it takes; nothing escapes but the end of the program."""
        with self._running(job_id) as run:
            while await self.active(job_id):
                try:
                    await self.submit(job_id, run)
                    await self.follow(job_id, run)
                    await self.save(job_id, run)
                except Exception as error:  # noqa: BLE001 - database away, disk full, a bug: the same path as a crash
                    await self._again(job_id, run, error)
                else:
                    run.failures = 0
            await self._thread(shutil.rmtree, self._folder(job_id), ignore_errors=True)

    async def active(self, job_id: str) -> bool:
        """Whether there is anything to do; leaves only when the row is final or ``unconfirmed``."""
        job = await self._insist(lambda: self._jobs.load(job_id))
        return job is not None and job.state in AT_WORK

    async def submit(self, job_id: str, run: _Run) -> None:
        """Acts only on ``queued`` (and on ``submitting`` that was found without a reply): asks the service for the film, once."""
        job = await self._row(job_id)
        service = self._services[job.service]
        if job.state == S.SUBMITTING:
            # we died between the intent and the reply: nobody knows whether it arrived
            lost = S.UNCONFIRMED if service.capabilities.paid else S.QUEUED
            await self._move(job_id, frm={S.SUBMITTING}, to=lost, stage=Stage.WAITING)
            return
        if job.state != S.QUEUED or await self._still_waits(job, run):
            return
        order = await self._prepared(job)
        if order is None or not await self._move(
            job_id, frm={S.QUEUED}, to=S.SUBMITTING, stage=Stage.SENDING, intent_at=self._jobs.clock.now()
        ):
            return
        try:
            task_id = await service.create(order)
        except StudioError as error:
            await self._refused(job_id, service, error)
            return
        # the most expensive fact there is: it is written however long that takes, and a late one is good news
        await self._insist(
            lambda: self._jobs.move(job_id, frm={S.SUBMITTING, S.UNCONFIRMED}, to=S.PENDING, stage=Stage.IN_LINE, task_id=task_id)
        )

    async def follow(self, job_id: str, run: _Run) -> None:
        """Acts only on ``pending`` and ``processing``: looks at the task until it has an end; writes only what changed."""
        job = await self._row(job_id)
        service = self._services[job.service]
        told = _Told(job)
        while job.state in {S.PENDING, S.PROCESSING}:
            if job.cancel_requested and job.task_id is not None:
                await service.cancel(job.task_id)
            try:
                reading = await service.read(job.task_id or "")
            except TaskGone as gone:
                job = await self._begin_again(job, service, gone)
                continue
            if isinstance(reading, Working):
                job = await self._progress(job, reading, told)
                await self._pause(run, service.pause_s(self._jobs.clock.now() - (job.intent_at or 0)))
                job = await self._row(job_id) if run.woken() else job
                continue
            if isinstance(reading, Finished):
                # who stops a film that costs nothing does not want it; a paid one is kept
                unwanted = job.cancel_requested and not service.capabilities.paid
                await self._move(job_id, frm={S(job.state)}, to=S.CANCELLED if unwanted else S.SAVING, stage=Stage.SAVING)
            elif isinstance(reading, Failed):
                await self._failed(job_id, {S(job.state)}, reading.error)
            else:
                await self._move(job_id, frm={S(job.state)}, to=S.CANCELLED)
            job = await self._row(job_id)

    async def save(self, job_id: str, run: _Run) -> None:
        """Acts only on ``saving``: work file, hash, fsync, a look at it, published, and only then ``completed``."""
        job = await self._row(job_id)
        if job.state != S.SAVING:
            return
        service = self._services[job.service]
        if run.taken is not None and not run.taken.exists():
            run.taken = None  # it was moved into the store, but the row was never told
        try:
            # once it is here nobody is asked again, whatever goes wrong after it
            reading = Finished("") if run.taken else await service.read(job.task_id or "")
        except TaskGone as gone:
            if service.capabilities.paid:
                await self._failed(job_id, {S.SAVING}, gone)
            else:
                await self._move(job_id, frm={S.SAVING}, to=S.PROCESSING, stage=Stage.MAKING, progress=None)
            return
        if isinstance(reading, Finished):
            await self._keep(job, service, reading, run)
        elif isinstance(reading, Failed):
            await self._failed(job_id, {S.SAVING}, reading.error)
        elif isinstance(reading, Cancelled):
            await self._failed(job_id, {S.SAVING}, TaskGone())
        else:
            await self._move(job_id, frm={S.SAVING}, to=S.PROCESSING, stage=Stage.MAKING)

    # what the engine and the studio ask for

    @property
    def running(self) -> frozenset[str]:
        """The jobs that this process is at."""
        with self._lock:
            return frozenset(self._runs)

    def wake(self, job_id: str) -> None:
        """Somebody changed the row (a wish to stop): look at it now."""
        with self._lock:
            run, loop = self._runs.get(job_id), self._loop
        if run is not None and loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(run.wake.set)

    async def park(self) -> None:
        """The program ends: let go of every film as it stands, then stop the services; all begins again at the next start."""
        self._parked = True
        with self._lock:
            tasks = [run.task for run in self._runs.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *self._threads, return_exceptions=True)
        for service in self._services.values():
            await service.close()

    # parts of submit

    async def _still_waits(self, job: JobRow, run: _Run) -> bool:
        """Wait for ``retry_at``; True when the wait was cut short and the row should be read anew."""
        if job.cancel_requested:
            await self._move(job.id, frm={S.QUEUED}, to=S.CANCELLED)
            return True
        wait = (job.retry_at or 0) - self._jobs.clock.now()
        if wait > 0:
            await self._pause(run, wait)
        return run.woken()

    async def _prepared(self, job: JobRow) -> Order | None:
        """The job's files at hand, before anything is promised; None when they fail the job."""
        try:
            return await self._thread(self._outside.ready, job, self._folder(job.id))
        except (InputGone, FileRefused) as error:
            await self._failed(job.id, {S(job.state)}, error)
            return None

    async def _refused(self, job_id: str, service: Service, error: StudioError) -> None:
        if error.charged is Charged.MAYBE and service.capabilities.paid:
            await self._insist(lambda: self._jobs.move(job_id, frm={S.SUBMITTING}, to=S.UNCONFIRMED, error=record(error)))
        elif error.retryable:
            retry_at = self._jobs.clock.now() + (error.retry_after or self._tempo.retry_s)
            await self._move(job_id, frm={S.SUBMITTING}, to=S.QUEUED, stage=Stage.WAITING, retry_at=retry_at, wait_reason=error.text_code)
        else:
            await self._failed(job_id, {S.SUBMITTING}, error)

    # parts of follow

    async def _progress(self, job: JobRow, reading: Working, told: _Told) -> JobRow:
        now = asyncio.get_running_loop().time()
        changes: Changes = {"stage": reading.stage, "progress": reading.progress, "eta_s": reading.eta_s}
        changes |= {"asked_at": self._jobs.clock.now(), "retry_at": None, "wait_reason": None}
        if job.state == S.PENDING and reading.stage is not Stage.IN_LINE:
            if await self._move(job.id, frm={S.PENDING}, to=S.PROCESSING, **changes):
                told.remember(reading, now)
            return await self._row(job.id)
        if told.is_news(reading) and now - told.at >= self._tempo.progress_s:
            await self._note(job.id, frm={S(job.state)}, **changes)
            told.remember(reading, now)
        return job

    async def _begin_again(self, job: JobRow, service: Service, gone: TaskGone) -> JobRow:
        """The service has forgotten the task. A paid one is lost; another is ordered anew where the job stands."""
        frm = {S(job.state)}
        if service.capabilities.paid:
            await self._failed(job.id, frm, gone)
        elif job.cancel_requested:
            await self._move(job.id, frm=frm, to=S.CANCELLED)
        elif order := await self._prepared(job):
            try:
                task_id = await service.create(order)
            except StudioError as error:
                if error.retryable:
                    raise
                await self._failed(job.id, frm, error)
            else:
                await self._insist(lambda: self._jobs.note(job.id, frm=frm, task_id=task_id, progress=None, eta_s=None))
        return await self._row(job.id)

    async def _pause(self, run: _Run, seconds: float) -> None:
        try:
            await asyncio.wait_for(run.wake.wait(), seconds)
        except TimeoutError:
            return

    # parts of save

    async def _keep(self, job: JobRow, service: Service, film: Finished, run: _Run) -> None:
        folder = self._folder(job.id)
        # the same run of the same job always publishes under the same names
        name = f"{job.id}.{job.run}"
        video_key, poster_key = object_key("video", "mp4", of=name), object_key("poster", "jpg", of=name)
        poster = folder / "poster.jpg"
        try:
            # ffmpeg could not say that the disk is full: a poster that failed for it must not fail the film
            await self._thread(require, self._work_dir, POSTER_BYTES, reserve=0)
            if run.taken is None:
                await self._thread(folder.mkdir, parents=True, exist_ok=True)
                part = folder / f"film-{secrets.token_hex(4)}.mp4"
                await service.take(film, part)
                run.taken = part
            video = await self._thread(self._outside.examined, run.taken)
            await self._thread(self._outside.poster, run.taken, poster)
            await self._outside.objects.publish(poster, poster_key)
            await self._outside.objects.publish(run.taken, video_key)
        except FilmFailed as error:
            if isinstance(error, TaskGone) and not service.capabilities.paid:
                raise  # forgotten between two looks: the next round begins again
            await self._failed(job.id, {S.SAVING}, error)
            return
        done: Changes = {"stage": Stage.DONE, "progress": 100, "video_key": video_key, "poster_key": poster_key, "video": video}
        await self._insist(lambda: self._jobs.move(job.id, frm={S.SAVING}, to=S.COMPLETED, **done))

    # the loop itself

    @contextmanager
    def _running(self, job_id: str) -> Iterator[_Run]:
        task = asyncio.current_task()
        if task is None or self._parked:
            raise asyncio.CancelledError
        run = _Run(task)
        with self._lock:
            self._loop = asyncio.get_running_loop()
            self._runs[job_id] = run
        try:
            yield run
        finally:
            with self._lock:
                if self._runs.get(job_id) is run:
                    del self._runs[job_id]

    async def _again(self, job_id: str, run: _Run, error: Exception) -> None:
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
        return await self._failed(job_id, {S(job.state)}, StudioError())

    async def _failed(self, job_id: str, frm: Collection[JobState], error: StudioError) -> bool:
        return await self._move(job_id, frm=frm, to=S.FAILED, error=record(error))

    async def _move(self, job_id: str, *, frm: Collection[JobState], to: JobState, **changes: Unpack[Changes]) -> bool:
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

    async def _thread(self, work: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:  # noqa: ANN401 - as asyncio.to_thread
        """As ``asyncio.to_thread``; ``park`` waits for what has begun."""
        future = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
        self._threads.add(future)
        future.add_done_callback(self._threads.discard)
        return await asyncio.shield(future)

    def _folder(self, job_id: str) -> Path:
        return self._work_dir / f"job-{job_id}"


class _Told:
    """The progress that stands in the row."""

    def __init__(self, job: JobRow) -> None:
        self.at = float("-inf")
        self._stage, self._progress = job.stage, job.progress

    def is_news(self, reading: Working) -> bool:
        """Whether the row would say something else."""
        return (reading.stage, reading.progress) != (self._stage, self._progress)

    def remember(self, reading: Working, now: float) -> None:
        """It stands in the row now."""
        self.at = now
        self._stage, self._progress = reading.stage, reading.progress


def _no_room(error: Exception) -> bool:
    return isinstance(error, DiskFull) or (isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT})
