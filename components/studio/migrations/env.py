"""What Alembic runs: the steps, inside the transaction that ``database.upgrade`` opened."""

from __future__ import annotations

from alembic import context

from components.studio.tables import Base


def run() -> None:
    """Apply the steps that are missing."""
    # the transaction is ours: BEGIN IMMEDIATE stands already, so SQLite's DDL is undone with it when a step fails
    context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True)
    context.run_migrations()


run()
