from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.orm import Session

from components.studio.database import HEAD, open_engine, read, upgrade, write
from components.studio.tables import Base, JobRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_engine(tmp_path / "a folder with spaces ä.sqlite3")
    yield made
    made.dispose()


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("busy_timeout", 30000), ("foreign_keys", 1)])
def test_every_connection_keeps_its_promises_over_a_power_cut(engine: Engine, pragma: str, value: object) -> None:
    with engine.connect() as connection:
        assert connection.execute(text(f"PRAGMA {pragma}")).scalar() == value


def test_the_migrations_make_exactly_the_tables(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_upgrading_twice_is_upgrading_once(engine: Engine) -> None:
    upgrade(engine)
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [HEAD]


def test_jobs_of_the_release_before_are_still_there(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", "components.studio:migrations")
    columns = "id, visitor, client_token, revision, run, state, stage, service, queue, request, image_key, image_width, image_height"
    with write(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text("INSERT INTO visitors (id, created_at, seen_at, revision, floor) VALUES ('a', 0, 0, 0, 0)"))
        connection.execute(
            text(
                f"INSERT INTO jobs ({columns}, cancel_requested, kept, created_at, updated_at) "  # noqa: S608 - our own words
                "VALUES ('j', 'a', 't', 1, 1, 'completed', 'done', 'preview', 'preview', '{}', 'k', 1, 1, 0, 1, 0, 0)"
            )
        )
    upgrade(engine)
    with Session(engine) as session:
        old = session.get_one(JobRow, "j")
        assert (old.state, old.settled, old.reserved, old.handed, old.kept) == ("completed", False, None, None, True)


def test_the_known_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "components.studio:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_a_migration_that_fails_leaves_nothing_behind(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("alembic.operations.Operations.create_index", fails, raising=False)
    with pytest.raises(RuntimeError):
        upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM sqlite_master")).scalars().all() == []


def test_a_write_reads_what_no_other_writer_can_change_meanwhile(engine: Engine) -> None:
    upgrade(engine)
    other = open_engine_without_patience(engine)
    try:
        with write(engine), pytest.raises(Exception, match="locked"), write(other):
            pass
    finally:
        other.dispose()


def test_a_reader_sees_one_picture_and_never_waits_for_a_writer(engine: Engine) -> None:
    upgrade(engine)
    insert = text("INSERT INTO visitors (id, created_at, seen_at, revision, floor) VALUES ('a', 0, 0, 0, 0)")
    count = text("SELECT count(*) FROM visitors")
    with read(engine) as reader:
        assert reader.execute(count).scalar() == 0
        with write(engine) as writer:
            writer.execute(insert)
        assert reader.execute(count).scalar() == 0
    with read(engine) as reader:
        assert reader.execute(count).scalar() == 1


def open_engine_without_patience(engine: Engine) -> Engine:
    from pathlib import Path  # noqa: PLC0415

    from sqlalchemy import event  # noqa: PLC0415

    other = open_engine(Path(str(engine.url.database)))
    event.listen(other, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=0"))
    return other
