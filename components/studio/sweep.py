"""The hourly sweep: what nobody needs any more goes, in an order that a crash at any point does no harm to.

Always the row first, then the files: what a crash leaves is a file without a row, and the last step finds those.
"""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from components.errors import Storage
from components.generation.job import FINAL
from components.studio.database import read, write
from components.studio.objects import KINDS
from components.studio.references import all_named, unnamed
from components.studio.tables import JobRow
from components.studio.uploadrows import sweep_uploads

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from components.studio.clock import Clock
    from components.studio.library import Library
    from components.studio.objects import Objects

log = logging.getLogger(__name__)

DAY_S = 86_400.0
LEFT_S = DAY_S
"""Files without a row, and files in ``work/``, are younger than this while somebody is still at them."""
GB = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Swept:
    """How many of each went."""

    uploads: int = 0
    films: int = 0
    purged: int = 0
    tombstones: int = 0
    orphans: int = 0
    work: int = 0

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


class Sweep:
    """Sync, for a thread.

    Args:
        engine: The database.
        objects: The media store.
        library: Takes films away in words that polling pages understand.
        clock: The time of day.
        keep_days: How long a film without a star stays; 0 = for ever.
        keep_gb: Room for films without a star, the oldest go first; 0 = without end.
        at_work: The jobs whose folders in ``work/`` are in use.
    """

    def __init__(
        self,
        engine: Engine,
        objects: Objects,
        library: Library,
        *,
        clock: Clock,
        keep_days: int,
        keep_gb: float,
        at_work: Callable[[], Collection[str]] = frozenset,
    ) -> None:
        self._engine = engine
        self._objects = objects
        self._library = library
        self._clock = clock
        self._keep_s = keep_days * DAY_S
        self._keep_bytes = keep_gb * GB
        self._at_work = at_work

    def at_start(self) -> None:
        """Empty ``work/``: nobody else uses this data folder. Before anything is begun."""
        self._attempt("leftovers of the last time", lambda: self._work(before=None))

    def run(self) -> Swept:
        """Everything that is due now; a step that fails is logged and tried again the next time."""
        swept = Swept(
            uploads=self._attempt("unused uploads", self._uploads),
            films=self._attempt("films whose time is over", self._films),
            purged=self._attempt("files of deleted films", self._purge),
            tombstones=self._attempt("tombstones", self._library.bury),
            orphans=self._attempt("files without a row", self._orphans),
            work=self._attempt("leftovers", lambda: self._work(before=self._clock.now() - LEFT_S)),
        )
        if swept:
            log.info("swept: %s", swept)
        return swept

    def _attempt(self, what: str, step: Callable[[], int]) -> int:
        try:
            return step()
        except (OSError, SQLAlchemyError, Storage) as error:
            log.warning("could not sweep %s (%s); again in an hour", what, error)
            return 0

    def _uploads(self) -> int:
        with write(self._engine) as connection:
            count, free = sweep_uploads(connection, self._clock.now())
        self._objects.delete_now(free)
        return count

    def _films(self) -> int:
        now = self._clock.now()
        over = [*self._too_old(now), *self._too_much()]
        return sum(self._library.expire(job_id) for job_id in dict.fromkeys(over))

    def _too_old(self, now: float) -> Iterator[str]:
        """Finished ones of any kind: a failed job holds a picture too."""
        if self._keep_s:
            old = select(JobRow.id).where(*_TAKEABLE, JobRow.finished_at < now - self._keep_s).order_by(JobRow.finished_at)
            with read(self._engine) as connection:
                yield from connection.scalars(old).all()

    def _too_much(self) -> Iterator[str]:
        """The oldest films beyond the room for films; starred ones are neither taken nor counted."""
        if not self._keep_bytes:
            return
        sizes = {stored.key: stored.size for kind in ("video", "poster") for stored in self._objects.entries_now(kind)}
        films = select(JobRow.id, JobRow.video_key, JobRow.poster_key, JobRow.original_key).where(*_TAKEABLE, JobRow.video_key.is_not(None))
        with read(self._engine) as connection:
            rows = connection.execute(films.order_by(JobRow.finished_at.desc(), JobRow.id)).all()
        total = 0
        for row in rows:
            total += sum(sizes.get(key, 0) for key in (row.video_key, row.poster_key, row.original_key) if key)
            if total > self._keep_bytes:
                yield row.id

    def _purge(self) -> int:
        gone = self._library.purgeable()
        if not gone:
            return 0
        self._library.purged([row.id for row in gone])
        keys = {key for row in gone for key in (row.video_key, row.poster_key, row.original_key, row.image_key, row.audio_key) if key}
        with read(self._engine) as connection:
            free = unnamed(connection, keys)
        self._objects.delete_now(free)
        return len(gone)

    def _orphans(self) -> int:
        before = self._clock.now() - LEFT_S
        # the files first, then the names: what is named in between is not in the list
        old = [stored.key for kind in KINDS for stored in self._objects.entries_now(kind) if stored.modified < before]
        with read(self._engine) as connection:
            named = all_named(connection)
        lost = [key for key in old if key not in named]
        self._objects.delete_now(lost)
        return len(lost) + self._objects.sweep_parts(before)

    def _work(self, before: float | None) -> int:
        removed = 0
        busy = {f"job-{job_id}" for job_id in self._at_work()}
        for path in self._objects.work_dir.iterdir():
            if before is not None and (path.name in busy or _newest(path) >= before):
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
            removed += 1
        return removed


_TAKEABLE = (JobRow.state.in_(FINAL), JobRow.kept.is_(False), JobRow.deleted_at.is_(None))


def _newest(path: Path) -> float:
    """When something in a file or folder was last written, UTC seconds."""
    inside = path.rglob("*") if path.is_dir() and not path.is_symlink() else ()
    return max((found.lstat().st_mtime for found in (path, *inside)), default=0.0)
