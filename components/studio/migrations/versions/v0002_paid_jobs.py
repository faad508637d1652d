"""What paid jobs need: keys, money, pictures handed over, owners and switches."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JOB_COLUMNS: tuple[tuple[str, sa.types.TypeEngine[Any]], ...] = (
    ("key_from", sa.String(length=8)),
    ("account", sa.String(length=64)),
    ("reserved", sa.String(length=20)),
    ("actual", sa.String(length=20)),
    ("cost", sa.JSON()),
    ("handed", sa.JSON()),
    ("remote_expires_at", sa.Float()),
    ("hook_token", sa.String(length=64)),
    ("called_back_at", sa.Float()),
    ("first_refused_at", sa.Float()),
    ("original_key", sa.String(length=200)),
)


def upgrade() -> None:
    """Add them."""
    for name, kind in JOB_COLUMNS:
        op.add_column("jobs", sa.Column(name, kind, nullable=True))
    op.add_column("jobs", sa.Column("settled", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "keys",
        sa.Column("visitor", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("secret", sa.String(length=2000), nullable=False),
        sa.Column("tail", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["visitor"], ["visitors.id"], name=op.f("fk_keys_visitor")),
        sa.PrimaryKeyConstraint("visitor", "service", name=op.f("pk_keys")),
    )
    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("job_id", sa.String(length=40), nullable=False),
        sa.Column("visitor", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("key_from", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("usd", sa.String(length=20), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
    )
    op.create_index("ix_ledger_day", "ledger", ["day"], unique=False)
    op.create_index(op.f("ix_ledger_job_id"), "ledger", ["job_id"], unique=False)
    op.create_table(
        "server_day",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_server_day")),
    )
    op.create_table(
        "handed",
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("image", sa.String(length=2000), nullable=False),
        sa.Column("remote_id", sa.String(length=400), nullable=True),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("service", "account", "sha256", name=op.f("pk_handed")),
    )
    op.create_table(
        "owners",
        sa.Column("visitor", sa.String(length=40), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["visitor"], ["visitors.id"], name=op.f("fk_owners_visitor")),
        sa.PrimaryKeyConstraint("visitor", name=op.f("pk_owners")),
    )
    op.create_table(
        "switches",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_switches")),
    )
