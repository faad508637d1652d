"""Who the owner is: whoever has sent the admin token within the last 30 days (API.md §2)."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from components.errors import WrongToken
from components.studio.database import read, write
from components.studio.switches import put_value, value_of
from components.studio.tables import OwnerRow
from components.studio.tries import Tries

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from components.studio.clock import Clock
    from components.studio.keys import Secrets

OWNER_S = 30 * 86_400.0
_TOKEN = "admin_token"  # noqa: S105 - the name of a switch
_PURPOSE = "admin token"


class Owners:
    """The owner's visitors.

    Args:
        engine: The database.
        secrets: Marks which token somebody has become the owner by: after a change of the token nobody is.
        clock: The time of day.
        token: ``STUDIO_ADMIN_TOKEN``, or None: then nobody is the owner.
    """

    def __init__(self, engine: Engine, secrets: Secrets, clock: Clock, token: str | None) -> None:
        self._engine = engine
        self._secrets = secrets
        self._clock = clock
        self._token = token
        self._tries = Tries(clock)

    def is_owner(self, visitor: str) -> bool:
        """Whether this visitor is the owner now."""
        if self._token is None:
            return False
        with read(self._engine) as connection:
            until = connection.execute(select(OwnerRow.until).where(OwnerRow.visitor == visitor)).scalar_one_or_none()
            return until is not None and until > self._clock.now() and self._current(connection)

    def claim(self, visitor: str, token: str, place: str = "") -> float:
        """Become the owner for 30 days.

        Args:
            visitor: Who asks; has a row already.
            token: What they say.
            place: Where they are, as far as it is known (an address): wrong tries are counted by it, for a visitor is new at will.

        Returns:
            UTC seconds until which it holds.

        Raises:
            TooManyTries: Five wrong ones within an hour; even the right one has to wait then.
            WrongToken: It is not the token, or there is none.
        """
        self._tries.count(place)
        if self._token is None or not hmac.compare_digest(token.strip().encode(), self._token.encode()):
            raise WrongToken(field="token")
        self._tries.forgive(place)
        until = self._clock.now() + OWNER_S
        with write(self._engine) as connection:
            if self._current(connection):
                connection.execute(delete(OwnerRow).where(OwnerRow.visitor == visitor))
            else:
                connection.execute(delete(OwnerRow))
                put_value(connection, _TOKEN, self._secrets.sign(_PURPOSE, self._token.encode()).hex())
            connection.execute(insert(OwnerRow).values(visitor=visitor, until=until))
        return until

    def resign(self, visitor: str) -> None:
        """Be an ordinary visitor again."""
        with write(self._engine) as connection:
            connection.execute(delete(OwnerRow).where(OwnerRow.visitor == visitor))

    def _current(self, connection: Connection) -> bool:
        """Whether the owners there are were made by the token of today."""
        mark = value_of(connection, _TOKEN)
        return mark is not None and self._token is not None and self._secrets.accepts(_PURPOSE, self._token.encode(), bytes.fromhex(mark))
