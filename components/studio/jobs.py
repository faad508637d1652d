"""A job's row: the truth about a film and the checkpoint of its workflow.

Every visible change is one transaction that begins with the visitor's revision counter, goes only along an arrow of
``generation.job.ARROWS``, and is guarded by the state it starts from: whoever comes second changes nothing.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypedDict, Unpack

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from components.errors import NotFound, TooManyJobs
from components.generation.job import AT_WORK, FINAL, JobState, Stage, may_move
from components.studio.database import read, write
from components.studio.tables import JobRow, VisitorRow

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sqlalchemy import Connection, Engine

    from components.studio.clock import Clock

    Also = Callable[[Connection], object]

REMEMBERED_VISITORS = 50_000
RETRY_AFTER_S = 15.0


class Changes(TypedDict, total=False):
    """The columns that a change may set beside the state."""

    stage: str
    run: int
    task_id: str | None
    progress: int | None
    eta_s: float | None
    asked_at: float | None
    retry_at: float | None
    wait_reason: str | None
    intent_at: float | None
    cancel_requested: bool
    error: dict[str, Any] | None
    video_key: str | None
    poster_key: str | None
    video: dict[str, Any] | None
    kept: bool
    deleted_at: float | None
    purged_at: float | None
    actual: str | None
    cost: dict[str, Any] | None
    remote_expires_at: float | None
    hook_token: str | None
    called_back_at: float | None
    first_refused_at: float | None
    original_key: str | None
    settled: bool


class Orders(Protocol):
    """The engine's half of an order: to be written in the same transaction as the row."""

    def order(self, connection: Connection, *, job_id: str, run: int, queue: str, visitor: str, account: str | None = None) -> None:
        """Let the film be made once this transaction is committed."""
        ...


@dataclass(frozen=True, slots=True)
class NewJob:
    """What the row of a new job is made of; ``estimate`` and ``reserved`` in USD, sizes in px, the rest as in ``JobRow``."""

    id: str
    visitor: str
    client_token: str
    service: str
    queue: str
    request: dict[str, Any]
    image_key: str
    image_size: tuple[int, int]
    audio_key: str | None
    estimate: str | None
    key_from: str | None = None
    account: str | None = None
    reserved: str | None = None
    cost: dict[str, Any] | None = None


def new_job_id(now: float) -> str:
    """32 hex digits that sort by time (UTC seconds): the engine's clock has whole seconds on SQLite, and ids break its ties."""
    return f"{round(now * 1_000_000):014x}{secrets.token_hex(9)}"


class Lost(Exception):
    """The row is not in a state from which this change starts; the transaction is undone."""


class Revisions:
    """The newest revision of each visitor, kept in memory so that a poll with no news touches no database."""

    def __init__(self) -> None:
        self._newest: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, visitor: str) -> int | None:
        """The newest one that is known, or None."""
        with self._lock:
            return self._newest.get(visitor)

    def set(self, visitor: str, revision: int) -> int:
        """Remember it unless a newer one is known already; returns the newest."""
        with self._lock:
            newest = max(revision, self._newest.pop(visitor, 0))
            self._newest[visitor] = newest
            if len(self._newest) > REMEMBERED_VISITORS:
                self._newest.popitem(last=False)
            return newest


def bump(connection: Connection, visitor: str) -> int:
    """The first statement of the transaction of every visible change: takes the visitor's row and counts on.

    Raises:
        NotFound: There is no such visitor.
    """
    statement = update(VisitorRow).where(VisitorRow.id == visitor).values(revision=VisitorRow.revision + 1)
    revision = connection.execute(statement.returning(VisitorRow.revision)).scalar_one_or_none()
    if revision is None:
        raise NotFound
    return revision


def owner(connection: Connection, job_id: str) -> str:
    """Whose job it is.

    Raises:
        Lost: There is no such job.
    """
    visitor = connection.execute(select(JobRow.visitor).where(JobRow.id == job_id)).scalar_one_or_none()
    if visitor is None:
        raise Lost
    return visitor


def move(
    connection: Connection, job_id: str, *, frm: Collection[JobState], to: JobState, now: float, **changes: Unpack[Changes]
) -> tuple[str, int]:
    """Take a job along an arrow; returns (visitor, revision) to be told to ``Revisions`` after the commit.

    What a job waited for is over when it moves, unless the change says otherwise.

    Raises:
        Lost: The job is in none of the states ``frm``.
        ValueError: There is no such arrow.
    """
    wrong = [state for state in frm if not may_move(state, to)]
    if wrong:
        raise ValueError(f"no arrow from {wrong[0]} to {to}")
    waiting: Changes = {"retry_at": None, "wait_reason": None}
    if to in FINAL:
        waiting["eta_s"] = None
    visitor, revision = _change(connection, job_id, frm, now, {"state": to, **_finished(to, now), **waiting, **changes})
    if JobState.QUEUED in frm:
        revision = _tell_line(connection, visitor, revision)
    return visitor, revision


def note(connection: Connection, job_id: str, *, frm: Collection[JobState], now: float, **changes: Unpack[Changes]) -> tuple[str, int]:
    """Change a job without moving it (progress, a wish to stop); as ``move`` otherwise."""
    return _change(connection, job_id, frm, now, dict(changes))


def _finished(to: JobState, now: float) -> dict[str, Any]:
    return {"finished_at": now} if to in FINAL else {}


def _change(connection: Connection, job_id: str, frm: Collection[JobState], now: float, values: dict[str, Any]) -> tuple[str, int]:
    visitor = owner(connection, job_id)
    revision = bump(connection, visitor)
    guarded = update(JobRow).where(JobRow.id == job_id, JobRow.state.in_(frm))
    if connection.execute(guarded.values(revision=revision, updated_at=now, **values)).rowcount != 1:
        raise Lost
    return visitor, revision


def _tell_line(connection: Connection, visitor: str, revision: int) -> int:
    """Somebody left the line: the places of the visitor's own waiting jobs have changed, each gets a revision of its own."""
    waiting = select(JobRow.id).where(JobRow.visitor == visitor, JobRow.state == JobState.QUEUED, JobRow.deleted_at.is_(None))
    for job_id in connection.execute(waiting).scalars().all():
        revision = bump(connection, visitor)
        connection.execute(update(JobRow).where(JobRow.id == job_id).values(revision=revision))
    return revision


class Jobs:
    """The jobs of one database; all methods are sync and safe in any thread."""

    def __init__(self, engine: Engine, clock: Clock, revisions: Revisions) -> None:
        self.engine = engine
        self.clock = clock
        self._revisions = revisions

    def load(self, job_id: str) -> JobRow | None:
        """The row as it stands, detached."""
        with Session(self.engine, expire_on_commit=False) as session:
            return session.get(JobRow, job_id)

    def at_work(self) -> Sequence[JobRow]:
        """Every job that is not finished and not ``unconfirmed``."""
        with Session(self.engine, expire_on_commit=False) as session:
            return session.scalars(select(JobRow).where(JobRow.state.in_(AT_WORK)).order_by(JobRow.created_at)).all()

    def order(self, new: NewJob, orders: Orders, *, limit: int, reserve: Also | None = None) -> tuple[JobRow, bool]:
        """Write the job, and the engine's order with it; the same ``client_token`` again gives the job there is and False.

        Args:
            new: The job.
            orders: Where the engine is told.
            limit: Unfinished jobs that the visitor may have.
            reserve: Sets aside what it may cost, in the same transaction.

        Raises:
            TooManyJobs: The visitor has that many already.
            Spending: The money is not there; nothing was ordered.
        """
        now = self.clock.now()
        try:
            with write(self.engine) as connection:
                revision = bump(connection, new.visitor)
                self._check(connection, new, limit)
                connection.execute(insert(JobRow).values(**_row(new, revision, now)))
                if reserve is not None:
                    reserve(connection)
                orders.order(connection, job_id=new.id, run=1, queue=new.queue, visitor=new.visitor, account=new.account)
        except Lost:
            return self._existing(new.visitor, new.client_token), False
        self._revisions.set(new.visitor, revision)
        return self._existing(new.visitor, new.client_token), True

    def named(self, visitor: str, client_token: str) -> JobRow | None:
        """The visitor's job of that token, or None."""
        with read(self.engine) as connection:
            job_id = self._named(connection, visitor, client_token)
        return self.load(job_id) if job_id else None

    def move(self, job_id: str, *, frm: Collection[JobState], to: JobState, also: Also | None = None, **changes: Unpack[Changes]) -> bool:
        """``move`` in a transaction of its own, and ``also`` in the same one; False when somebody else was first."""

        def both(connection: Connection) -> tuple[str, int]:
            moved = move(connection, job_id, frm=frm, to=to, now=self.clock.now(), **changes)
            if also is not None:
                also(connection)
            return moved

        return self.change(both)

    def note(self, job_id: str, *, frm: Collection[JobState], **changes: Unpack[Changes]) -> bool:
        """``note`` in a transaction of its own; False when the job is in none of the states ``frm``."""
        return self.change(lambda connection: note(connection, job_id, frm=frm, now=self.clock.now(), **changes))

    def revive(self, job_id: str, run: int, orders: Orders) -> bool:
        """Order the film anew under the next run, unless it is finished or was revived meanwhile."""

        def again(connection: Connection) -> tuple[str, int]:
            still = select(JobRow.queue, JobRow.visitor, JobRow.account).where(JobRow.id == job_id, JobRow.run == run)
            row = connection.execute(still).one_or_none()
            if row is None:
                raise Lost
            changed = note(connection, job_id, frm=AT_WORK, now=self.clock.now(), run=run + 1)
            orders.order(connection, job_id=job_id, run=run + 1, queue=row.queue, visitor=row.visitor, account=row.account)
            return changed

        return self.change(again)

    def change(self, work: Callable[[Connection], tuple[str, int]]) -> bool:
        """Run ``work`` in a transaction and make its revision known after the commit; False when it was ``Lost``."""
        try:
            with write(self.engine) as connection:
                visitor, revision = work(connection)
        except Lost:
            return False
        self._revisions.set(visitor, revision)
        return True

    def _check(self, connection: Connection, new: NewJob, limit: int) -> None:
        if self._named(connection, new.visitor, new.client_token) is not None:
            raise Lost
        unfinished = select(func.count()).where(JobRow.visitor == new.visitor, JobRow.state.in_(AT_WORK))
        if connection.execute(unfinished).scalar_one() >= limit:
            raise TooManyJobs(retry_after=RETRY_AFTER_S, max=limit)

    @staticmethod
    def _named(connection: Connection, visitor: str, client_token: str) -> str | None:
        by_token = select(JobRow.id).where(JobRow.visitor == visitor, JobRow.client_token == client_token)
        return connection.execute(by_token).scalar_one_or_none()

    def _existing(self, visitor: str, client_token: str) -> JobRow:
        row = self.named(visitor, client_token)
        if row is None:
            raise NotFound
        return row


def _row(new: NewJob, revision: int, now: float) -> dict[str, Any]:
    width, height = new.image_size
    return {
        "id": new.id,
        "visitor": new.visitor,
        "client_token": new.client_token,
        "revision": revision,
        "state": JobState.QUEUED,
        "stage": Stage.WAITING,
        "service": new.service,
        "queue": new.queue,
        "request": new.request,
        "image_key": new.image_key,
        "image_width": width,
        "image_height": height,
        "audio_key": new.audio_key,
        "estimate": new.estimate,
        "key_from": new.key_from,
        "account": new.account,
        "reserved": new.reserved,
        "cost": new.cost,
        "created_at": now,
        "updated_at": now,
    }
