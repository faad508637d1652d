"""Which files of the media store are still needed: those that a row names, and those of the examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, or_, select

from components.studio.scenes.catalogue import EXAMPLE_KEYS
from components.studio.tables import JobRow, UploadRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Connection

_COLUMNS = (UploadRow.key, UploadRow.source_key)
_JOB_COLUMNS = (JobRow.image_key, JobRow.audio_key, JobRow.video_key, JobRow.poster_key, JobRow.original_key)
_BATCH = 500
"""SQLite takes about a thousand parameters in one statement."""


def used_by_job() -> ColumnElement[bool]:
    """Whether an upload is the picture or the sound of a film of the same visitor whose files are still there."""
    named = or_(JobRow.image_key == UploadRow.key, JobRow.audio_key == UploadRow.key)
    return exists().where(and_(JobRow.visitor == UploadRow.visitor, JobRow.purged_at.is_(None), named))


def all_named(connection: Connection) -> set[str]:
    """Every key that must stay."""
    keys = set(EXAMPLE_KEYS)
    for column in _COLUMNS:
        keys.update(key for key in connection.scalars(select(column)) if key)
    for job_column in _JOB_COLUMNS:
        keys.update(key for key in connection.scalars(select(job_column).where(JobRow.purged_at.is_(None))) if key)
    return keys


def unnamed(connection: Connection, keys: Iterable[str]) -> tuple[str, ...]:
    """Those of ``keys`` that nothing needs any more."""
    asked = sorted(set(keys) - EXAMPLE_KEYS)
    named: set[str] = set()
    for start in range(0, len(asked), _BATCH):
        batch = asked[start : start + _BATCH]
        for column in _COLUMNS:
            named.update(key for key in connection.scalars(select(column).where(column.in_(batch))) if key)
        for job_column in _JOB_COLUMNS:
            found = select(job_column).where(job_column.in_(batch), JobRow.purged_at.is_(None))
            named.update(key for key in connection.scalars(found) if key)
    return tuple(key for key in asked if key not in named)
