"""How many uploads come in: at once, unused, and beside what the disk has left."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from components.errors import FileTooBig, TooManyUploads
from components.studio.database import read
from components.studio.disk import require
from components.studio.references import used_by_job
from components.studio.tables import UploadRow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy import Engine

    from components.studio.clock import Clock
    from components.studio.objects import Objects
    from components.studio.uploaded import Kind

AT_ONCE = 4
"""Uploads that one visitor may send at the same time."""
ALL_AT_ONCE = 64
STORED = 100
"""Unused uploads of one visitor."""
STORED_BYTES = 1_000_000_000
SOON_S = 2.0
LATER_S = 3600.0


class Gate:
    """Counts what is coming in (in memory) and what lies unused (in the database).

    Args:
        engine: The database.
        objects: Where bytes grow.
        clock: The time of day.
    """

    def __init__(self, engine: Engine, objects: Objects, clock: Clock) -> None:
        self._engine = engine
        self._objects = objects
        self._clock = clock
        self._sending: Counter[str] = Counter()
        self._lock = threading.Lock()

    @asynccontextmanager
    async def begin(self, visitor: str, kind: Kind, length: int | None, most: int) -> AsyncIterator[Path]:
        """A place for one upload's bytes; whatever is left there at the end of the block is removed.

        Args:
            visitor: Who sends it.
            kind: What it is meant to be.
            length: Announced bytes, if any were.
            most: The most that is looked at.

        Raises:
            FileTooBig: More is announced than is looked at.
            TooManyUploads: Too many at once, or too many that were never used.
            DiskFull: It would not fit.
        """
        if length is not None and length > most:
            raise FileTooBig(field=kind, bytes=length, max=most)
        with self._lock:
            if self._sending[visitor] >= AT_ONCE or self._sending.total() >= ALL_AT_ONCE:
                raise TooManyUploads(retry_after=SOON_S, max=AT_ONCE)
            self._sending[visitor] += 1
        part = self._objects.work_file()
        try:
            await asyncio.to_thread(self.admit, visitor, length if length is not None else most)
            yield part
        finally:
            with self._lock:
                self._sending -= Counter({visitor: 1})
            await asyncio.to_thread(part.unlink, missing_ok=True)

    def admit(self, visitor: str, length: int) -> None:
        """Refuse what would not fit on the disk, or beside what the visitor never used."""
        require(self._objects.media_dir, length)
        now = self._clock.now()
        unused = select(func.count(), func.coalesce(func.sum(UploadRow.bytes), 0), func.min(UploadRow.expires_at))
        unused = unused.where(UploadRow.visitor == visitor, UploadRow.expires_at > now, ~used_by_job())
        with read(self._engine) as connection:
            count, size, first = connection.execute(unused).one()
        if count >= STORED or size + length > STORED_BYTES:
            raise TooManyUploads(retry_after=min(max(first - now, SOON_S), LATER_S) if first else LATER_S, max=STORED)
