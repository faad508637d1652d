"""One SQLite file for our tables and the engine's, opened with the settings that keep a promise over a power cut."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, create_engine, event, inspect, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

HEAD = "0002"
"""The newest revision in ``migrations/versions`` (a test holds the two equal)."""

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON")


def open_engine(file: Path) -> Engine:
    """An engine over ``file``, which is made if it is missing (its folder must exist)."""
    engine = create_engine(URL.create("sqlite", database=str(file)), pool_size=10, max_overflow=50)
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection has no type of its own
    connection.isolation_level = "IMMEDIATE"  # a transaction that will write takes the lock at its first write, not later
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextmanager
def write(engine: Engine) -> Iterator[Connection]:
    """A transaction that holds the write lock from its first moment, so that what it reads stays true until it ends."""
    with engine.begin() as connection:
        connection.execute(text("BEGIN IMMEDIATE"))
        yield connection


@contextmanager
def read(engine: Engine) -> Iterator[Connection]:
    """One consistent picture of the database; never waits for a writer."""
    with engine.begin() as connection:
        connection.execute(text("BEGIN DEFERRED"))
        yield connection


def upgrade(engine: Engine) -> None:
    """Bring our tables to the newest revision; does nothing, quickly, when they are."""
    if _revision(engine) == HEAD:
        return
    # not needed by most starts, and a quarter of a second to import
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "components.studio:migrations")
    with write(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(engine: Engine) -> str | None:
    if not inspect(engine).has_table("alembic_version"):
        return None
    with read(engine) as connection:
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        return found
