"""A service calls: something happened to a task. Never believed, only a hint to read the task with the key, now.

The address holds a secret of the job's own, so strangers cannot make us ask. Calls may come twice, late, out of order, or
before the reply to the order itself: each only wakes whoever follows the film, and calls that come together wake it once.
"""

from __future__ import annotations

import hmac
import logging
from typing import TYPE_CHECKING

from sqlalchemy import update

from components.errors import StudioError
from components.generation.job import AT_WORK, JobState
from components.studio.database import write
from components.studio.tables import JobRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.studio.film import Films
    from components.studio.jobs import Jobs

log = logging.getLogger(__name__)


class Hooks:
    """Takes calls. Sync, for threads.

    Args:
        jobs: The rows.
        films: Who follows them.
        attach: Takes up an ``unconfirmed`` job by its visitor, its id and a task id, which it reads with the key first.
    """

    def __init__(self, jobs: Jobs, films: Films, attach: Callable[[str, str, str], object]) -> None:
        self._jobs = jobs
        self._films = films
        self._attach = attach

    def called(self, job_id: str, token: str, task_id: str | None = None) -> bool:
        """A service has called the address of a job. Whoever called is told nothing of what this returns.

        Args:
            job_id: The job.
            token: The secret of its address.
            task_id: What the call names as its task, if anything: the way back for an order whose reply was lost.

        Returns:
            Whether the secret is the job's and there is anything to look at.
        """
        job = self._jobs.load(job_id)
        if job is None or job.hook_token is None or not hmac.compare_digest(job.hook_token.encode(), token.encode()):
            return False
        if job.state == JobState.UNCONFIRMED and task_id:
            return self._taken_up(job, task_id)
        if job.state not in AT_WORK:
            return False
        if job.called_back_at is None:  # the first one, told to nobody: also a reply that is still on its way finds it
            with write(self._jobs.engine) as connection:
                first = update(JobRow).where(JobRow.id == job_id, JobRow.called_back_at.is_(None))
                connection.execute(first.values(called_back_at=self._jobs.clock.now()))
        self._films.wake(job_id)
        return True

    def _taken_up(self, job: JobRow, task_id: str) -> bool:
        try:
            self._attach(job.visitor, job.id, task_id)
        except StudioError as error:
            log.info("job %s: the task that was called about cannot be taken up (%s)", job.id, error.text_code)
            return False
        return True
