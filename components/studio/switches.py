"""Switches that the owner sets while the program runs; they outlive a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from components.studio.database import read, write
from components.studio.tables import SwitchRow

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

PAID_PAUSED = "paid_paused"


class Switches:
    """Names and values.

    Args:
        engine: The database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def value(self, name: str) -> str | None:
        """What was set, or None."""
        with read(self._engine) as connection:
            return value_of(connection, name)

    def put(self, name: str, value: str | None) -> None:
        """Set it; None takes it away."""
        with write(self._engine) as connection:
            put_value(connection, name, value)

    @property
    def paid_paused(self) -> bool:
        """Whether the owner wants no paid jobs now; those that are ordered already go on."""
        return self.value(PAID_PAUSED) is not None

    def pause_paid(self, *, paused: bool) -> None:
        """The owner's "no paid jobs now"."""
        self.put(PAID_PAUSED, "on" if paused else None)


def value_of(connection: Connection, name: str) -> str | None:
    """A switch, as this transaction sees it."""
    value: str | None = connection.execute(select(SwitchRow.value).where(SwitchRow.name == name)).scalar_one_or_none()
    return value


def put_value(connection: Connection, name: str, value: str | None) -> None:
    """Set a switch within a transaction that writes anyway."""
    connection.execute(delete(SwitchRow).where(SwitchRow.name == name))
    if value is not None:
        connection.execute(insert(SwitchRow).values(name=name, value=value))
