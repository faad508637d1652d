"""The rows of uploads: written, held, read and swept; files are the business of ``uploads``."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, or_, select, update

from components.errors import NotFound
from components.studio.database import read, write
from components.studio.references import unnamed, used_by_job
from components.studio.tables import UploadRow
from components.studio.uploaded import UploadView
from components.studio.views import at

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Row

    from components.studio.clock import Clock
    from components.studio.links import Links
    from components.studio.uploaded import Kind

KEPT_S = 48 * 3600.0
IN_USE_S = 3600.0
"""An upload that is about to be used lives at least so much longer, so that no sweep comes in between."""


class UploadRows:
    """All rows of uploads.

    Args:
        engine: The database.
        links: Makes the addresses of files.
        clock: The time of day.
    """

    def __init__(self, engine: Engine, links: Links, clock: Clock) -> None:
        self._engine = engine
        self._links = links
        self._clock = clock

    def insert(
        self,
        visitor: str,
        kind: Kind,
        name: str,
        *,
        report: dict[str, Any],
        source_key: str,
        sha256: str,
        size: int,
        key: str | None = None,
        applied: list[str] | None = None,
        original_id: str | None = None,
    ) -> UploadView:
        """A new upload, which lives ``KEPT_S`` from now.

        Args:
            visitor: Whose it is.
            kind: Picture or sound.
            name: As shown.
            report: What is known of the file, and of its ``original`` where it was mended.
            source_key: The file as it came.
            sha256: Of the file that is used, or of the one as it came.
            size: Bytes that it adds to the store.
            key: The file that may be used; None while it is unfit.
            applied: What was done to it.
            original_id: The upload it was mended from.
        """
        now = self._clock.now()
        upload_id = secrets.token_urlsafe(12)
        values = {
            "id": upload_id,
            "visitor": visitor,
            "kind": kind,
            "name": name,
            "report": report,
            "applied": applied or [],
            "source_key": source_key,
            "key": key,
            "sha256": sha256,
            "bytes": size,
            "original_id": original_id,
            "created_at": now,
            "expires_at": now + KEPT_S,
        }
        with write(self._engine) as connection:
            connection.execute(insert(UploadRow).values(**values))
        return self.view(self.row(visitor, upload_id))

    def hold(self, upload_id: str) -> None:
        """Let an upload live an hour from now at least: no sweep comes between looking at it and using it."""
        soon = self._clock.now() + IN_USE_S
        with write(self._engine) as connection:
            connection.execute(update(UploadRow).where(UploadRow.id == upload_id, UploadRow.expires_at < soon).values(expires_at=soon))

    def row(self, visitor: str, upload_id: str) -> Row[Any]:
        """One upload of this visitor's that is still there; the only place that reads one.

        Raises:
            NotFound: There is none, its time is over, or it is somebody else's.
        """
        own = select(UploadRow.__table__).where(UploadRow.id == upload_id, UploadRow.visitor == visitor)
        alive = or_(UploadRow.expires_at > self._clock.now(), used_by_job())
        with read(self._engine) as connection:
            row = connection.execute(own.where(alive)).one_or_none()
        if row is None:
            raise NotFound(field="upload")
        return row

    def view(self, row: Row[Any]) -> UploadView:
        """What its visitor may know of it."""
        return UploadView(
            id=row.id,
            kind=row.kind,
            name=row.name,
            bytes=row.report["bytes"],
            report=without_original(row.report),
            applied=tuple(row.applied),
            original=row.report.get("original"),
            url=self._links.url(row.key or row.source_key, row.name),
            expires_at=at(row.expires_at),
            fit=row.key is not None,
        )

    def over(self, visitor: str, key: str) -> str | None:
        """An upload of this visitor's over this very file that stays for a while, or None."""
        with read(self._engine) as connection:
            own = select(UploadRow.id).where(
                UploadRow.visitor == visitor, UploadRow.key == key, UploadRow.expires_at > self._clock.now() + IN_USE_S
            )
            return connection.scalars(own.limit(1)).first()

    def forget(self, upload_id: str, keys: list[str]) -> tuple[str, ...]:
        """Drop a row; returns those of ``keys`` that nothing else needs."""
        with write(self._engine) as connection:
            connection.execute(delete(UploadRow).where(UploadRow.id == upload_id))
            return tuple(unnamed(connection, keys))


def sweep_uploads(connection: Connection, now: float) -> tuple[int, tuple[str, ...]]:
    """Drop the rows of unused uploads whose time is over; returns how many, and the keys that nothing needs any more."""
    over = delete(UploadRow).where(UploadRow.expires_at <= now, ~used_by_job())
    rows = connection.execute(over.returning(UploadRow.key, UploadRow.source_key)).all()
    return len(rows), unnamed(connection, [key for row in rows for key in row if key])


def without_original(report: dict[str, Any]) -> dict[str, Any]:
    """A report without what it says of the file it was mended from."""
    return {name: value for name, value in report.items() if name != "original"}
