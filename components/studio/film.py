"""A film's whole life, top to bottom: submit, follow, save.

The row is the checkpoint: each of the three acts only on the states that are its own, so after a crash the same loop
is simply run again. The outside world (services, files, ffmpeg) comes in as parameters.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from typing import TYPE_CHECKING

from components.errors import (
    Charged,
    FileRefused,
    FilmFailed,
    FilmUnreadable,
    InputGone,
    RateLimited,
    ResultExpired,
    SellerBusy,
    SellerError,
    ServiceUnreachable,
    Storage,
    StudioError,
    TaskGone,
)
from components.generation.job import AT_WORK, FINAL, JobState, Stage
from components.services.base import Cancelled, Failed, Finished, Working
from components.studio.handover import Handover
from components.studio.looking import Looking, heard_out
from components.studio.making import Told
from components.studio.paying import Paying
from components.studio.saving import Saving
from components.studio.till import Till
from components.studio.waiting import Creates, patience, step
from components.studio.wording import record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from components.services.base import Account, Order, Service
    from components.studio.handover import Ready
    from components.studio.jobs import Changes, Jobs
    from components.studio.making import Run
    from components.studio.outside import Outside
    from components.studio.pace import Tempo
    from components.studio.tables import JobRow

log = logging.getLogger(__name__)

S = JobState
FOLLOWED = frozenset({S.PENDING, S.PROCESSING})
SURELY_NOT_SENT = (RateLimited, ServiceUnreachable)
"""The only refusals after which a paid order may be sent again."""
NOT_SAVED = "not_saved"
UNREADABLE_FILMS = 5
"""So often a film that cannot be read is fetched anew; then it is what the service has made."""


class Films(Looking, Saving):
    """Makes films.

    Args:
        jobs: The rows.
        services: Who makes films, by id.
        outside: Everything else a film needs.
        work_dir: Where unfinished files grow.
        tempo: How patient it is.
        paying: What films that cost money need; default: there are none.
        till: Settles them; default: by the services' own price lists.
    """

    def __init__(
        self,
        jobs: Jobs,
        services: Mapping[str, Service],
        outside: Outside,
        work_dir: Path,
        tempo: Tempo,
        *,
        paying: Paying | None = None,
        till: Till | None = None,
    ) -> None:
        paying = paying or Paying.nothing(services)
        super().__init__(jobs, services, work_dir, tempo, till or Till(services, paying.spending))
        self._outside = outside
        self._accounts = paying.accounts
        self._creates = Creates()
        self.handover = Handover(jobs.engine, jobs.clock, outside.objects, link=outside.link, paying=paying, threads=self._thread)

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
            await self._leave(job_id)

    async def active(self, job_id: str) -> bool:
        """Whether there is anything to do; leaves only when the row is final or ``unconfirmed``."""
        job = await self._insist(lambda: self._jobs.load(job_id))
        return job is not None and job.state in AT_WORK

    async def submit(self, job_id: str, run: Run) -> None:
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
        ready = await self._ready(job, service, run)
        if ready is None:
            return
        intent: Changes = {"stage": Stage.SENDING, "intent_at": self._jobs.clock.now(), "hook_token": ready.hook_token}
        if not await self._move(job_id, frm={S.QUEUED}, to=S.SUBMITTING, **intent):
            return
        try:
            created = await (await self._account(job, run)).create(ready.order, ready.handed)
        except StudioError as error:
            await self._refused(job, run, S.SUBMITTING, error)
            return
        # the most expensive fact there is: it is written however long that takes, and a late one is good news
        news: Changes = {"stage": Stage.IN_LINE, "task_id": created.task_id, "first_refused_at": None, "error": None}
        await self._insist(lambda: self._jobs.move(job_id, frm={S.SUBMITTING, S.UNCONFIRMED}, to=S.PENDING, **news))
        run.refusals = 0

    async def follow(self, job_id: str, run: Run) -> None:
        """Acts only on ``pending`` and ``processing``: looks at the task until it has an end; writes only what changed."""
        job = await self._row(job_id)
        if job.state not in FOLLOWED:
            return
        service = self._services[job.service]
        account = await self._account(job, run) if not service.capabilities.paid else None
        told = Told(job, steady=account is None)
        await self._before_the_first_look(job, service, run)
        while job.state in FOLLOWED:
            try:
                job = await self._stop_if_wanted(job, service, run)
                reading = await self._look(job, service, run) if account is None else await account.read(job.task_id or "")
            except TaskGone as gone:
                job = await self._begin_again(job, run, gone)
                continue
            except ResultExpired as lost:
                await self._failed(job, {S(job.state)}, lost)
                job = await self._row(job_id)
                continue
            if reading is None or isinstance(reading, Working):
                job = await self._progress(job, reading, told) if reading else job
                await self._pause(run, await self._next_look_s(job, run))
                job = await self._row(job_id) if run.woken() or reading is None else job
                continue
            await self._decided(job, service, reading, run)
            job = await self._row(job_id)

    async def save(self, job_id: str, run: Run) -> None:
        """Acts only on ``saving``: work file, hash, fsync, a look at it, published, and only then ``completed``."""
        job = await self._row(job_id)
        if job.state != S.SAVING:
            return
        service = self._services[job.service]
        if run.taken is not None and not run.taken.exists():
            run.taken = None  # it was moved into the store, but the row was never told
        if service.capabilities.paid:
            await self._save_bought(job, service, run)
        else:
            await self._save_made(job, run)

    # parts of submit

    async def _still_waits(self, job: JobRow, run: Run) -> bool:
        """Wait for ``retry_at``; True when the wait was cut short and the row should be read anew."""
        if job.cancel_requested:
            await self._ended(job, {S.QUEUED}, S.CANCELLED, Charged.NO)
            return True
        wait = (job.retry_at or 0) - self._jobs.clock.now()
        if wait > 0:
            await self._pause(run, wait)
        return run.woken()

    async def _ready(self, job: JobRow, service: Service, run: Run) -> Ready | None:
        """Everything in the hands of the service, before anything is promised; None when that failed or has to wait."""
        order = await self._prepared(job)
        if order is None:
            return None
        try:
            account = await self._account(job, run)
            ready = await self.handover.give(job, service, account, order)
        except Storage:
            raise
        except StudioError as error:
            await self._refused(job, run, S.QUEUED, error)
            return None
        limit = service.capabilities.limits.creates_per_s
        wait = self._creates.wait_s(job.service, job.account, limit, asyncio.get_running_loop().time())
        if wait > 0:
            await asyncio.sleep(wait)
        return ready

    async def _prepared(self, job: JobRow) -> Order | None:
        """The job's files at hand; None when they fail the job."""
        try:
            return await self._thread(self._outside.ready, job, self._folder(job.id))
        except (InputGone, FileRefused) as error:
            await self._failed(job, {S(job.state)}, error)
            return None

    async def _refused(self, job: JobRow, run: Run, state: JobState, error: StudioError) -> None:
        """The service did not take the files or the order: it waits, has failed, or nobody knows."""
        paid = self._services[job.service].capabilities.paid
        doubt = error.charged is Charged.MAYBE or (error.retryable and not isinstance(error, SURELY_NOT_SENT))
        if paid and state is S.SUBMITTING and doubt:
            await self._insist(lambda: self._jobs.move(job.id, frm={state}, to=S.UNCONFIRMED, error=record(error)))
            return
        if not error.retryable:
            await self._failed(job, {state}, error, Charged.NO if state is S.QUEUED else None)
            return
        now = self._jobs.clock.now()
        run.refusals += 1
        run.account = None
        since = job.first_refused_at or now
        wait = patience(error, run.refusals, now - since, self._tempo) if paid else error.retry_after or self._tempo.retry_s
        if wait is None:
            busy = isinstance(error, RateLimited)
            await self._failed(job, {state}, SellerBusy(service=self._services[job.service].name) if busy else error, Charged.NO)
            return
        reason = SellerBusy.code if isinstance(error, RateLimited) else error.text_code
        waits: Changes = {"stage": Stage.WAITING, "retry_at": now + wait, "wait_reason": reason}
        if paid:
            waits["first_refused_at"] = since
        if state is S.SUBMITTING:
            await self._move(job.id, frm={state}, to=S.QUEUED, **waits)
        else:
            await self._note(job.id, frm={state}, **waits)

    # parts of follow

    async def _stop_if_wanted(self, job: JobRow, service: Service, run: Run) -> JobRow:
        """Pass a wish to stop on; where the service says that it is too late, the wish is taken back."""
        if not job.cancel_requested or job.task_id is None or run.asked_to_stop:
            return job
        if not service.capabilities.paid:
            await (await self._account(job, run)).cancel(job.task_id)
            return job
        try:
            run.asked_to_stop = await (await self._account(job, run)).cancel(job.task_id)
        except StudioError as error:
            log.info("job %s: could not ask to stop it (%s)", job.id, error.text_code)
            return job
        if not run.asked_to_stop:
            await self._note(job.id, frm=FOLLOWED, cancel_requested=False)
            return await self._row(job.id)
        return job

    async def _decided(self, job: JobRow, service: Service, reading: Finished | Failed | Cancelled, run: Run) -> None:
        """The task has an end."""
        frm = {S(job.state)}
        if isinstance(reading, Failed):
            await self._failed(job, frm, reading.error)
        elif not isinstance(reading, Finished):
            await self._ended(job, frm, S.CANCELLED, reading.charged)
        elif not service.capabilities.paid and job.cancel_requested:
            # who stops a film that costs nothing does not want it; a paid one is kept
            await self._ended(job, frm, S.CANCELLED, Charged.NO, stage=Stage.SAVING)
        elif service.capabilities.paid:
            run.finished = reading
            gone_at = reading.expires_at or (job.intent_at or job.created_at) + service.forgets_after_s
            await self._move(job.id, frm=frm, to=S.SAVING, stage=Stage.SAVING, remote_expires_at=gone_at)
        else:
            await self._move(job.id, frm=frm, to=S.SAVING, stage=Stage.SAVING)

    async def _progress(self, job: JobRow, reading: Working, told: Told) -> JobRow:
        now = asyncio.get_running_loop().time()
        reading = told.steadied(reading)
        changes: Changes = {"stage": reading.stage, "progress": reading.progress, "eta_s": reading.eta_s}
        changes |= {"asked_at": self._jobs.clock.now(), "retry_at": None, "wait_reason": None}
        if job.state == S.PENDING and reading.stage is not Stage.IN_LINE:
            if await self._move(job.id, frm={S.PENDING}, to=S.PROCESSING, **changes):
                told.remember(reading, now)
            return await self._row(job.id)
        if (told.is_news(reading) and now - told.at >= self._tempo.progress_s) or (told.steady and job.wait_reason):
            await self._note(job.id, frm={S(job.state)}, **changes)
            told.remember(reading, now)
            return await self._row(job.id) if job.wait_reason else job
        return job

    async def _begin_again(self, job: JobRow, run: Run, gone: TaskGone) -> JobRow:
        """A free service has forgotten the task: it is ordered anew where the job stands."""
        frm = {S(job.state)}
        if job.cancel_requested:
            await self._ended(job, frm, S.CANCELLED, Charged.NO)
        elif order := await self._prepared(job):
            account = await self._account(job, run)
            try:
                created = await account.create(order, await account.hand_over(order))
            except StudioError as error:
                if error.retryable:
                    raise
                await self._failed(job, frm, error)
            else:
                log.info("job %s: %s, begun again", job.id, gone.code)
                task_id = created.task_id
                await self._insist(lambda: self._jobs.note(job.id, frm=frm, task_id=task_id, progress=None, eta_s=None))
        return await self._row(job.id)

    # parts of save

    async def _save_made(self, job: JobRow, run: Run) -> None:
        """A film that was made here."""
        try:
            # once it is here nobody is asked again, whatever goes wrong after it
            reading = Finished("") if run.taken else await (await self._account(job, run)).read(job.task_id or "")
            if isinstance(reading, Finished):
                await self._keep(job, reading, run)
        except TaskGone:
            await self._move(job.id, frm={S.SAVING}, to=S.PROCESSING, stage=Stage.MAKING, progress=None)
            return
        except FilmFailed as error:
            await self._failed(job, {S.SAVING}, error)
            return
        if isinstance(reading, Failed):
            await self._failed(job, {S.SAVING}, reading.error)
        elif isinstance(reading, Cancelled):
            await self._failed(job, {S.SAVING}, TaskGone())
        elif isinstance(reading, Working):
            await self._move(job.id, frm={S.SAVING}, to=S.PROCESSING, stage=Stage.MAKING)

    async def _save_bought(self, job: JobRow, service: Service, run: Run) -> None:
        """A film that was paid for: brought here however often that takes, with a fresh link each time, until the service forgets it."""
        try:
            if run.finished is None:
                reading = await self._look(job, service, run)
                if isinstance(reading, Finished):  # what goes backwards is not believed: it was finished
                    run.finished = reading
                    await self._tell_until(job, reading)
            if run.finished is not None:
                await self._keep(job, run.finished, run)
                return
        except ResultExpired as lost:
            await self._failed(job, {S.SAVING}, lost, Charged.YES)
            return
        except (SellerError, FilmFailed, FileRefused) as error:
            log.warning("job %s: not saved yet (%s %s)", job.id, error.text_code, error.params.get("reason", ""))
            run.finished = None
            if isinstance(error, FilmUnreadable):
                run.taken = None
                run.unreadable += 1
                if run.unreadable >= UNREADABLE_FILMS:
                    await self._failed(job, {S.SAVING}, error, Charged.YES)
                    return
        await self._not_saved_yet(job, service, run)

    async def _tell_until(self, job: JobRow, film: Finished) -> None:
        """A fresh link may live longer."""
        if film.expires_at is not None and film.expires_at != job.remote_expires_at:
            await self._note(job.id, frm={S.SAVING}, remote_expires_at=film.expires_at)

    async def _not_saved_yet(self, job: JobRow, service: Service, run: Run) -> None:
        now = self._jobs.clock.now()
        if self._age_s(job) > service.forgets_after_s and now > (job.remote_expires_at or 0) and heard_out(run):
            await self._failed(job, {S.SAVING}, ResultExpired(service=service.name), Charged.YES)
            return
        run.unsaved += 1
        run.unsaved_since = run.unsaved_since or now
        wait = step(self._tempo.unsaved_s, run.unsaved)
        if now + wait - run.unsaved_since > self._tempo.quiet_s:
            await self._note(job.id, frm={S.SAVING}, wait_reason=NOT_SAVED, retry_at=now + wait)
        await self._pause(run, wait)
        run.woken()

    # the end, and what all parts need

    async def _leave(self, job_id: str) -> None:
        """Clear up behind a film that has its end."""
        job = await self._insist(lambda: self._jobs.load(job_id))
        if job is not None and job.state in FINAL and self._till.paid(job):
            await self.handover.take_back(job)
        await self._thread(shutil.rmtree, self._folder(job_id), ignore_errors=True)

    async def _account(self, job: JobRow, run: Run) -> Account:
        if run.account is None:
            run.account = await self._thread(self._accounts.of, job)
        return run.account
