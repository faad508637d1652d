"""The tables, in the same SQLite file as the engine's own. Times are UTC seconds (float); JSON columns hold what the API shows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Boolean, Float, ForeignKey, Index, Integer, MetaData, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The tables' root; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012 - SQLAlchemy reads it from the class


class VisitorRow(Base):
    """One browser or script. ``revision`` grows with every visible change of its jobs.

    ``floor`` is the newest revision whose tombstone was dropped: who asks for changes since an older one starts anew.
    """

    __tablename__ = "visitors"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    created_at: Mapped[float] = mapped_column(Float)
    seen_at: Mapped[float] = mapped_column(Float)
    revision: Mapped[int] = mapped_column(Integer, default=0)
    floor: Mapped[int] = mapped_column(Integer, default=0)
    draft: Mapped[dict[str, Any] | None] = mapped_column(JSON, default=None)


class UploadRow(Base):
    """A picture or a sound, as it came (``original_id`` null) or as it was mended.

    ``source_key`` is the file as it came, kept so that it can be mended again from the original; ``key`` is the
    stripped, plain copy that may leave the house, null where the file is not fit as it is.
    """

    __tablename__ = "uploads"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    visitor: Mapped[str] = mapped_column(ForeignKey("visitors.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(255))
    report: Mapped[dict[str, Any]] = mapped_column(JSON)
    applied: Mapped[list[Any]] = mapped_column(JSON)
    source_key: Mapped[str] = mapped_column(String(200))
    key: Mapped[str | None] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    bytes: Mapped[int] = mapped_column(Integer)
    original_id: Mapped[str | None] = mapped_column(String(40), index=True)
    created_at: Mapped[float] = mapped_column(Float)
    expires_at: Mapped[float] = mapped_column(Float, index=True)


class JobRow(Base):
    """One film: the row is the truth and the checkpoint; the engine only runs what it says.

    Money is USD as decimal strings. ``account`` stands for the key that pays (it is not the key); ``handed`` is what the
    service knows our picture by; ``cost`` is ``{source, original: {amount, unit} | null, seconds}``; ``settled`` says that nothing
    is set aside for it any more; ``original_key`` is the seller's film where a sound was laid under a copy of it.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("visitor", "client_token"),
        Index("ix_jobs_visitor_revision", "visitor", "revision"),
        Index("ix_jobs_state", "state"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    visitor: Mapped[str] = mapped_column(ForeignKey("visitors.id"))
    client_token: Mapped[str] = mapped_column(String(64))
    revision: Mapped[int] = mapped_column(Integer)
    run: Mapped[int] = mapped_column(Integer, default=1)
    state: Mapped[str] = mapped_column(String(16))
    stage: Mapped[str] = mapped_column(String(16))
    service: Mapped[str] = mapped_column(String(40))
    queue: Mapped[str] = mapped_column(String(40))
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    image_key: Mapped[str] = mapped_column(String(200))
    image_width: Mapped[int] = mapped_column(Integer)
    image_height: Mapped[int] = mapped_column(Integer)
    audio_key: Mapped[str | None] = mapped_column(String(200))
    task_id: Mapped[str | None] = mapped_column(String(200))
    progress: Mapped[int | None] = mapped_column(Integer)
    eta_s: Mapped[float | None] = mapped_column(Float)
    asked_at: Mapped[float | None] = mapped_column(Float)
    retry_at: Mapped[float | None] = mapped_column(Float)
    wait_reason: Mapped[str | None] = mapped_column(String(40))
    intent_at: Mapped[float | None] = mapped_column(Float)
    cancel_requested: Mapped[bool] = mapped_column(Boolean, default=False)
    estimate: Mapped[str | None] = mapped_column(String(20))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    video_key: Mapped[str | None] = mapped_column(String(200))
    poster_key: Mapped[str | None] = mapped_column(String(200))
    video: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    kept: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[float] = mapped_column(Float)
    updated_at: Mapped[float] = mapped_column(Float)
    finished_at: Mapped[float | None] = mapped_column(Float)
    deleted_at: Mapped[float | None] = mapped_column(Float, index=True)
    purged_at: Mapped[float | None] = mapped_column(Float)
    key_from: Mapped[str | None] = mapped_column(String(8))
    account: Mapped[str | None] = mapped_column(String(64))
    reserved: Mapped[str | None] = mapped_column(String(20))
    actual: Mapped[str | None] = mapped_column(String(20))
    cost: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    handed: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    remote_expires_at: Mapped[float | None] = mapped_column(Float)
    hook_token: Mapped[str | None] = mapped_column(String(64))
    called_back_at: Mapped[float | None] = mapped_column(Float)
    first_refused_at: Mapped[float | None] = mapped_column(Float)
    original_key: Mapped[str | None] = mapped_column(String(200))
    settled: Mapped[bool] = mapped_column(Boolean, default=False)


class KeyRow(Base):
    """A visitor's own key for a service: ``secret`` is encrypted, ``tail`` its last four characters."""

    __tablename__ = "keys"

    visitor: Mapped[str] = mapped_column(ForeignKey("visitors.id"), primary_key=True)
    service: Mapped[str] = mapped_column(String(40), primary_key=True)
    secret: Mapped[str] = mapped_column(String(2000))
    tail: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[float] = mapped_column(Float)


class LedgerRow(Base):
    """What was set aside, taken, and given back; never changed, only added to. ``usd`` is a decimal string, ``day`` a UTC date."""

    __tablename__ = "ledger"
    __table_args__ = (Index("ix_ledger_day", "day"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    job_id: Mapped[str] = mapped_column(String(40), index=True)
    visitor: Mapped[str] = mapped_column(String(40))
    service: Mapped[str] = mapped_column(String(40))
    day: Mapped[str] = mapped_column(String(10))
    key_from: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(8))
    usd: Mapped[str] = mapped_column(String(20))
    at: Mapped[float] = mapped_column(Float)


class ServerDayRow(Base):
    """One row a UTC day, written first by whoever spends: it is what makes them stand in line."""

    __tablename__ = "server_day"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, default=0)


class HandedRow(Base):
    """A picture that a service holds for us, under its name there; ``account`` stands for the key without being it."""

    __tablename__ = "handed"

    service: Mapped[str] = mapped_column(String(40), primary_key=True)
    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    image: Mapped[str] = mapped_column(String(2000))
    remote_id: Mapped[str | None] = mapped_column(String(400))
    expires_at: Mapped[float] = mapped_column(Float)


class OwnerRow(Base):
    """A visitor who has shown the owner's token; it counts until then (UTC seconds)."""

    __tablename__ = "owners"

    visitor: Mapped[str] = mapped_column(ForeignKey("visitors.id"), primary_key=True)
    until: Mapped[float] = mapped_column(Float)


class SwitchRow(Base):
    """What the owner has switched, by its name."""

    __tablename__ = "switches"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(400))
