"""A visitor's films: looked through, starred, thrown away and brought back."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from components.errors import CannotDelete, NotFound, TooLateToRestore
from components.generation.job import FINAL, JobState
from components.studio.database import read, write
from components.studio.jobs import Lost, bump
from components.studio.tables import JobRow, VisitorRow
from components.studio.views import Changes, JobView, Page

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Engine

    from components.studio.clock import Clock
    from components.studio.jobs import Jobs, Revisions
    from components.studio.views import Views

UNDO_S = 600.0
"""How long a deleted film can be brought back."""
TOMBSTONE_S = 30 * 86_400.0
"""How long ``changes`` tells that a film is gone."""
MOST_A_PAGE = 500


class Library:
    """Sync, for threads.

    Args:
        jobs: The rows.
        revisions: What is newest, in memory.
        views: Shows rows.
        at_once: Films that a queue makes at once, by its name: what a place in the line is worth.
    """

    def __init__(self, jobs: Jobs, revisions: Revisions, views: Views, at_once: Mapping[str, int]) -> None:
        self._jobs = jobs
        self._engine: Engine = jobs.engine
        self._clock: Clock = jobs.clock
        self._revisions = revisions
        self._views = views
        self._at_once = at_once

    def revision(self, visitor: str) -> int:
        """The newest one; from memory, but for the first time that a visitor is seen."""
        known = self._revisions.get(visitor)
        if known is None:
            with read(self._engine) as connection:
                stored = connection.execute(select(VisitorRow.revision).where(VisitorRow.id == visitor)).scalar_one_or_none()
            known = self._revisions.set(visitor, stored or 0)
        return known

    def job(self, visitor: str, job_id: str) -> JobView:
        """One film.

        Raises:
            NotFound: There is none, it is deleted, or somebody else's.
        """
        return self.show(self.row(visitor, job_id))

    def row(self, visitor: str, job_id: str, *, deleted: bool = False) -> JobRow:
        """The row of one film of this visitor's.

        Raises:
            NotFound: There is none, it is deleted (unless ``deleted`` ones are wanted too), or somebody else's.
        """
        row = self._jobs.load(job_id)
        if row is None or row.visitor != visitor or (row.deleted_at is not None and not deleted):
            raise NotFound(field="job")
        return row

    def show(self, row: JobRow) -> JobView:
        """A row as the world sees it."""
        if row.state != JobState.QUEUED:
            return self._views.job(row)
        with read(self._engine) as connection:
            return self._views.job(row, self._positions(connection, row.visitor).get(row.id))

    def changes(self, visitor: str, since: int, limit: int) -> Changes:
        """Everything that changed after revision ``since``, oldest change first, ``limit`` of them at most.

        ``reset`` means that what the caller has may hold films that are gone unseen: it throws all away and begins
        with this answer.
        """
        limit = max(1, min(limit, MOST_A_PAGE))
        with read(self._engine) as connection, Session(connection) as session:
            head = connection.execute(select(VisitorRow.revision, VisitorRow.floor).where(VisitorRow.id == visitor)).one_or_none()
            newest, floor = (head.revision, head.floor) if head else (0, 0)
            reset = since > newest or 0 < since < floor
            after = 0 if reset else since
            changed = select(JobRow).where(JobRow.visitor == visitor, JobRow.revision > after).order_by(JobRow.revision)
            if after == 0:  # who has nothing need not hear what is gone
                changed = changed.where(JobRow.deleted_at.is_(None))
            rows = session.scalars(changed.limit(limit + 1)).all()
            more = len(rows) > limit
            rows = rows[:limit]
            return Changes(
                revision=rows[-1].revision if more else newest,
                jobs=self._shown(connection, visitor, [row for row in rows if row.deleted_at is None]),
                removed=tuple(row.id for row in rows if row.deleted_at is not None),
                more=more,
                reset=reset,
            )

    def page(self, visitor: str, before: str | None, limit: int) -> Page:
        """Newest first, from the film after ``before`` on (None: from the newest).

        Raises:
            NotFound: ``before`` is no film of this visitor's.
        """
        limit = max(1, min(limit, MOST_A_PAGE))
        films = select(JobRow).where(JobRow.visitor == visitor, JobRow.deleted_at.is_(None))
        if before is not None:
            edge = self.row(visitor, before, deleted=True)
            older = and_(JobRow.created_at == edge.created_at, JobRow.id < edge.id)
            films = films.where(or_(JobRow.created_at < edge.created_at, older))
        with read(self._engine) as connection, Session(connection) as session:
            revision = connection.execute(select(VisitorRow.revision).where(VisitorRow.id == visitor)).scalar_one_or_none() or 0
            rows = session.scalars(films.order_by(JobRow.created_at.desc(), JobRow.id.desc()).limit(limit + 1)).all()
            return Page(revision=revision, jobs=self._shown(connection, visitor, rows[:limit]), more=len(rows) > limit)

    def keep(self, visitor: str, job_id: str, *, kept: bool) -> JobView:
        """Set or take the star: a kept film outlives retention."""
        self.row(visitor, job_id)
        self._change(visitor, job_id, JobRow.deleted_at.is_(None), kept=kept)
        return self.job(visitor, job_id)

    def delete(self, visitor: str, job_id: str) -> None:
        """Hide a film; one that is at work is followed to its end. Deleting twice is no error.

        Raises:
            NotFound: There is no such film.
            CannotDelete: Nobody knows whether it was charged; that wants to be settled first.
        """
        row = self.row(visitor, job_id, deleted=True)
        if row.state == JobState.UNCONFIRMED:
            raise CannotDelete(field="job")
        if row.deleted_at is None:
            self._change(visitor, job_id, JobRow.deleted_at.is_(None), deleted_at=self._clock.now())

    def restore(self, visitor: str, job_id: str) -> JobView:
        """Undo a deletion.

        Raises:
            TooLateToRestore: It was longer ago than ten minutes, or the files are gone.
        """
        row = self.row(visitor, job_id, deleted=True)
        if row.deleted_at is not None:
            recent = and_(JobRow.deleted_at >= self._clock.now() - UNDO_S, JobRow.purged_at.is_(None))
            if not self._change(visitor, job_id, recent, deleted_at=None):
                raise TooLateToRestore(minutes=round(UNDO_S / 60))
        return self.job(visitor, job_id)

    def expire(self, job_id: str) -> bool:
        """Take a finished film away for good (retention): hidden at once, its files to be purged. False when it is kept or at work."""
        now = self._clock.now()

        def gone(connection: Connection) -> tuple[str, int]:
            visitor = connection.execute(select(JobRow.visitor).where(JobRow.id == job_id)).scalar_one()
            revision = bump(connection, visitor)
            takeable = and_(JobRow.state.in_(FINAL), JobRow.kept.is_(False), JobRow.deleted_at.is_(None))
            long_ago = now - UNDO_S - 1  # nobody threw it away, so there is nothing to undo
            self._guarded(connection, job_id, takeable, revision, {"deleted_at": long_ago})
            return visitor, revision

        return self._jobs.change(gone)

    def purgeable(self) -> Sequence[JobRow]:
        """Finished films that nobody can bring back any more and whose files are still there."""
        gone = select(JobRow).where(JobRow.deleted_at < self._clock.now() - UNDO_S, JobRow.purged_at.is_(None), JobRow.state.in_(FINAL))
        with Session(self._engine, expire_on_commit=False) as session:
            return session.scalars(gone).all()

    def purged(self, job_ids: Collection[str]) -> None:
        """Remember that their files are gone; the rows stay as tombstones, without the words that were typed."""
        with write(self._engine) as connection:
            connection.execute(update(JobRow).where(JobRow.id.in_(job_ids)).values(purged_at=self._clock.now()))
            for job_id, request in connection.execute(select(JobRow.id, JobRow.request).where(JobRow.id.in_(job_ids))).all():
                wordless = {**request, "prompt": "", "negative_prompt": None}
                connection.execute(update(JobRow).where(JobRow.id == job_id).values(request=wordless))

    def bury(self) -> int:
        """Drop tombstones older than thirty days; their visitors' floors rise, so that who was away longer starts anew."""
        old = and_(JobRow.purged_at.is_not(None), JobRow.deleted_at < self._clock.now() - TOMBSTONE_S)
        with write(self._engine) as connection:
            floors = connection.execute(select(JobRow.visitor, func.max(JobRow.revision)).where(old).group_by(JobRow.visitor)).all()
            for visitor, floor in floors:
                higher = case((VisitorRow.floor > floor, VisitorRow.floor), else_=floor)
                connection.execute(update(VisitorRow).where(VisitorRow.id == visitor).values(floor=higher))
            return connection.execute(delete(JobRow).where(old)).rowcount

    def _shown(self, connection: Connection, visitor: str, rows: Sequence[JobRow]) -> tuple[JobView, ...]:
        waiting = any(row.state == JobState.QUEUED for row in rows)
        positions = self._positions(connection, visitor) if waiting else {}
        return tuple(self._views.job(row, positions.get(row.id)) for row in rows)

    def _positions(self, connection: Connection, visitor: str) -> dict[str, int]:
        """About where the visitor's waiting jobs stand: behind their own earlier ones and a share of the other visitors.

        The queues are fair (one film a visitor at a time), so however many films another visitor waits for, only one
        of them is ahead.
        """
        queued = JobRow.state == JobState.QUEUED
        own = connection.execute(select(JobRow.id, JobRow.queue).where(JobRow.visitor == visitor, queued).order_by(JobRow.created_at)).all()
        positions: dict[str, int] = {}
        for queue in {row.queue for row in own}:
            others = select(func.count(JobRow.visitor.distinct())).where(JobRow.queue == queue, queued, JobRow.visitor != visitor)
            ahead = ceil(connection.execute(others).scalar_one() / self._at_once.get(queue, 1))
            mine = [row.id for row in own if row.queue == queue]
            positions |= {job_id: ahead + place for place, job_id in enumerate(mine, start=1)}
        return positions

    def _change(self, visitor: str, job_id: str, guard: ColumnElement[bool], **values: object) -> bool:
        def work(connection: Connection) -> tuple[str, int]:
            revision = bump(connection, visitor)
            self._guarded(connection, job_id, guard, revision, values)
            return visitor, revision

        return self._jobs.change(work)

    def _guarded(
        self, connection: Connection, job_id: str, guard: ColumnElement[bool], revision: int, values: Mapping[str, object]
    ) -> None:
        statement = update(JobRow).where(JobRow.id == job_id, guard)
        if connection.execute(statement.values(revision=revision, updated_at=self._clock.now(), **values)).rowcount != 1:
            raise Lost
