"""What a person can do about a film that hangs: look now, and settle an ``unconfirmed`` one.

An order whose outcome nobody knows is never sent again by itself. Its task is searched for where the service lists tasks,
or named by a person; it is read with the key before it is believed. Or a person says that there is none.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import suppress
from datetime import datetime  # noqa: TC003 - pydantic reads it
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from components.errors import CannotResolve, Charged, NeverMade, NotFound, TaskGone, Unavailable
from components.generation.job import AT_WORK, JobState, Stage
from components.services.base import Cancelled, Failed, Finished, Working
from components.studio.database import read
from components.studio.jobs import Lost, move
from components.studio.tables import JobRow
from components.studio.views import JobView, View, moment
from components.studio.wording import record

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sqlalchemy import Connection

    from components.services.base import Candidate, Reading
    from components.studio.film import Films
    from components.studio.jobs import Jobs, Orders
    from components.studio.library import Library
    from components.studio.paying import Accounts
    from components.studio.till import Till

    Call = Callable[[Coroutine[Any, Any, Any]], Any]


LOOK_S = 10.0
"""A person's look reaches the service at most so often."""
EARLIER_S = 60.0
"""A task may be a little older than our intent: clocks differ."""
LATER_S = 900.0
"""A task that is this much younger than our intent is somebody else's: no order takes so long to arrive."""
REMEMBERED = 10_000
LONGEST_TASK_ID = 200


class CandidateView(View):
    """A task that the service lists and that may be the one."""

    task_id: str
    created_at: datetime | None
    status: str


class FoundView(View):
    """A task as its service tells it: ``status`` is ``working``, ``finished``, ``failed`` or ``cancelled``."""

    task_id: str
    status: str
    progress: int | None = None


class Looked(View):
    """The answer to a look; ``candidates`` is null where the job is not ``unconfirmed`` or the service lists none."""

    job: JobView
    candidates: tuple[CandidateView, ...] | None = None


class Resolver:
    """Sync, for threads.

    Args:
        jobs: The rows.
        library: Whose films they are.
        films: Who follows them.
        accounts: The keys that pay for them.
        orders: Takes settled ones up again.
        till: Gives back what was set aside.
        answers_for: Whether a visitor may speak for the account that pays (their id, whose key): only they see what else was made
            with it, and only their word that nothing was ordered frees money.
        call: Runs a coroutine where films are made, and waits for it.
    """

    def __init__(
        self,
        jobs: Jobs,
        library: Library,
        *,
        films: Films,
        accounts: Accounts,
        orders: Orders,
        till: Till,
        answers_for: Callable[[str, str | None], bool],
        call: Call,
    ) -> None:
        self._jobs = jobs
        self._library = library
        self._films = films
        self._accounts = accounts
        self._orders = orders
        self._till = till
        self._answers_for = answers_for
        self._call = call
        self._looked: OrderedDict[str, tuple[float, tuple[CandidateView, ...] | None]] = OrderedDict()
        self._lock = threading.Lock()

    def look(self, visitor: str, job_id: str) -> Looked:
        """Ask the service, or try to save, now; more often than every ten seconds it changes nothing.

        Raises:
            NotFound: There is no such film.
            StudioError: The service could not be asked for its tasks.
        """
        row = self._library.row(visitor, job_id)
        last = self._last(job_id)
        if row.state == JobState.UNCONFIRMED:
            if last is None:
                candidates = self._candidates(row)
                self._remember(job_id, candidates)
            else:
                candidates = last[1]
            return Looked(job=self._library.job(visitor, job_id), candidates=candidates)
        if last is None and row.state in AT_WORK:
            self._remember(job_id, None)
            self._films.wake(job_id)
        return Looked(job=self._library.job(visitor, job_id))

    def check(self, visitor: str, job_id: str, task_id: str) -> FoundView | None:
        """Read a task with the key that paid, and change nothing; None where the service knows no such task.

        Raises:
            NotFound: There is no such film.
            CannotResolve: It is not ``unconfirmed``.
            StudioError: The service could not be asked.
        """
        return self._found(self._unconfirmed(visitor, job_id), task_id)

    def attach(self, visitor: str, job_id: str, task_id: str) -> JobView:
        """This is the task: read, believed, and followed from now on.

        Raises:
            NotFound: There is no such film, or no such task.
            CannotResolve: It is not ``unconfirmed`` (any more), or the task belongs to another film.
            StudioError: The service could not be asked.
        """
        row = self._unconfirmed(visitor, job_id)
        if self._found(row, task_id) is None:
            raise NotFound(field="task_id")

        def take_up(connection: Connection) -> tuple[str, int]:
            others = select(JobRow.id).where(JobRow.service == row.service, JobRow.task_id == task_id, JobRow.id != job_id)
            if connection.execute(others).first() is not None:
                raise Lost
            moved = move(
                connection,
                job_id,
                frm={JobState.UNCONFIRMED},
                to=JobState.PENDING,
                now=self._jobs.clock.now(),
                task_id=task_id,
                run=row.run + 1,
                stage=Stage.IN_LINE,
                error=None,
            )
            self._orders.order(connection, job_id=job_id, run=row.run + 1, queue=row.queue, visitor=row.visitor, account=row.account)
            return moved

        if not self._jobs.change(take_up):
            raise CannotResolve(field="task_id")
        return self._library.job(visitor, job_id)

    def never_made(self, visitor: str, job_id: str) -> JobView:
        """A person says that there is no such task: the job has failed.

        What was set aside is free where the account is theirs to speak for; else it counts against the day as if it were spent.

        Raises:
            NotFound: There is no such film.
            CannotResolve: It is not ``unconfirmed`` (any more).
        """
        row = self._unconfirmed(visitor, job_id)
        error = NeverMade()
        error.charged = Charged.NO if self._answers_for(visitor, row.key_from) else Charged.MAYBE
        changes, also = self._till.ended(row, error.charged)
        changes["error"] = record(error)
        if not self._jobs.move(job_id, frm={JobState.UNCONFIRMED}, to=JobState.FAILED, also=also, **changes):
            raise CannotResolve(field="job")
        ended = self._jobs.load(job_id)
        if ended is not None:
            with suppress(Unavailable):  # it is settled all the same: what is left behind is taken back later
                self._call(self._films.handover.take_back(ended))
        return self._library.job(visitor, job_id)

    def _unconfirmed(self, visitor: str, job_id: str) -> JobRow:
        row = self._library.row(visitor, job_id)
        if row.state != JobState.UNCONFIRMED:
            raise CannotResolve(field="job")
        return row

    def _found(self, row: JobRow, task_id: str) -> FoundView | None:
        if not 0 < len(task_id) <= LONGEST_TASK_ID or not task_id.isprintable():
            return None
        try:
            reading: Reading = self._call(self._accounts.of(row).read(task_id))
        except TaskGone:
            return None
        return _shown(task_id, reading)

    def _candidates(self, row: JobRow) -> tuple[CandidateView, ...] | None:
        """Tasks of about that time that no film here has; None where nothing can be learnt so, or it is somebody else's account."""
        if not self._answers_for(row.visitor, row.key_from):
            return None
        sent_at = row.intent_at or row.created_at
        found: tuple[Candidate, ...] = self._call(self._accounts.of(row).candidates(sent_at - EARLIER_S))
        listed = [one for one in found if one.created_at is None or one.created_at <= sent_at + LATER_S]
        with read(self._jobs.engine) as connection:
            ours = select(JobRow.task_id).where(JobRow.service == row.service, JobRow.task_id.in_([one.task_id for one in listed]))
            taken = set(connection.scalars(ours))
        free = (one for one in listed if one.task_id not in taken)
        views = (CandidateView(task_id=one.task_id, created_at=moment(one.created_at), status=one.status) for one in free)
        return tuple(views) or None

    def _last(self, job_id: str) -> tuple[float, tuple[CandidateView, ...] | None] | None:
        """What the last look gave, if it was a moment ago."""
        with self._lock:
            last = self._looked.get(job_id)
        return last if last is not None and self._jobs.clock.now() - last[0] < LOOK_S else None

    def _remember(self, job_id: str, candidates: tuple[CandidateView, ...] | None) -> None:
        with self._lock:
            self._looked[job_id] = self._jobs.clock.now(), candidates
            self._looked.move_to_end(job_id)
            if len(self._looked) > REMEMBERED:
                self._looked.popitem(last=False)


def _shown(task_id: str, reading: Reading) -> FoundView:
    if isinstance(reading, Working):
        return FoundView(task_id=task_id, status="working", progress=reading.progress)
    words = {Finished: "finished", Failed: "failed", Cancelled: "cancelled"}
    return FoundView(task_id=task_id, status=words[type(reading)])
