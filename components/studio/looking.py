"""Looks at tasks that cost money: when, how often, and what no answer means. No job is failed by our own clock."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from components.errors import Charged, ResultExpired, Storage, StudioError, TaskGone
from components.generation.job import JobState
from components.studio.making import Making
from components.studio.waiting import LOOKS_PER_S, STRETCHED_S, Pacer, step

if TYPE_CHECKING:
    from components.services.base import Reading, Service
    from components.studio.making import Run
    from components.studio.tables import JobRow

log = logging.getLogger(__name__)

S = JobState
SILENT_LOOKS = 60
"""Looks in a row without an answer (about an hour of them) after which a service is not waited for beyond its own time."""


class Looking(Making):
    """Asks services how tasks stand."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as ``Making``
        super().__init__(*args, **kwargs)
        self._looks = Pacer(LOOKS_PER_S)

    async def _before_the_first_look(self, job: JobRow, service: Service, run: Run) -> None:
        """A task that was just ordered is not asked for at once, unless the service has called already."""
        if not service.capabilities.paid or job.called_back_at is not None or run.looked_at > float("-inf"):
            return
        try:
            first = (await self._account(job, run)).pause_s(0.0)
        except StudioError:
            return  # its key is gone: the look itself says so on the card
        if (left := first - self._age_s(job)) > 0:
            await self._pause(run, left)

    async def _look(self, job: JobRow, service: Service, run: Run) -> Reading | None:
        """How the task stands; None is "no news", whatever the reason.

        Raises:
            ResultExpired: The service does not know it any more; whether it was charged is not known.
        """
        await self._turn(job.id, run)
        now = self._jobs.clock.now()
        reading = None
        try:
            reading = await (await self._account(job, run)).read(job.task_id or "")
            run.unheard, run.gone_since = 0, None
        except TaskGone:
            run.unheard, run.gone_since = 0, run.gone_since or now
        except Storage:
            raise
        except StudioError as error:
            await self._no_answer(job, run, error)
        if not run.unheard:
            self.asked.answered(job.id, job.visitor, now)
        if reading is None and self._is_forgotten(job, service, run):
            raise ResultExpired(service=service.name, charged=Charged.MAYBE)
        return reading

    async def _no_answer(self, job: JobRow, run: Run, error: StudioError) -> None:
        """The service could not be asked; said on the card where it needs a person (a key that was taken away)."""
        run.unheard += 1
        run.retry_after = error.retry_after
        if error.retryable:
            return
        run.account = None  # the next look finds the key that is there then
        log.warning("job %s: cannot be asked for (%s)", job.id, error.text_code)
        if job.wait_reason != error.text_code:
            until = self._jobs.clock.now() + self._tempo.unheard_s[-1]
            await self._note(job.id, frm={S(job.state)}, wait_reason=error.text_code, retry_at=until)

    def _is_forgotten(self, job: JobRow, service: Service, run: Run) -> bool:
        """Whether nothing can be heard of the task any more."""
        age = self._age_s(job)
        if age > service.forgets_after_s:
            return heard_out(run)
        if run.gone_since is None or not service.gone_is_sure:
            return False
        return min(age, self._jobs.clock.now() - run.gone_since) >= self._tempo.gone_s

    async def _turn(self, job_id: str, run: Run) -> None:
        """Wait until this task may be asked for: not twice within a moment, and not more tasks a second than services stand."""
        loop = asyncio.get_running_loop()
        gap = run.looked_at + self._tempo.gap_s - loop.time()
        if gap > 0:
            await asyncio.sleep(gap)
        wait = self._looks.wait_s(loop.time())
        if wait > STRETCHED_S:
            self.asked.stretch(job_id, self._jobs.clock.now() + wait)
        if wait > 0:
            await asyncio.sleep(wait)
            self.asked.stretch(job_id, None)
        run.looked_at = loop.time()

    async def _next_look_s(self, job: JobRow, run: Run) -> float:
        """Seconds until the task is looked at again."""
        if run.unheard:
            told = run.retry_after or 0.0
            return max(step(self._tempo.unheard_s, run.unheard), told if told <= self._tempo.told_s else 0.0)
        account = await self._account(job, run)
        return account.pause_s(self._age_s(job), called_back=job.hook_token is not None)


def heard_out(run: Run) -> bool:
    """Whether a service has said what it knows: a program that slept for a day, and has no network yet, knows nothing."""
    return run.unheard == 0 or run.unheard > SILENT_LOOKS
