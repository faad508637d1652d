"""Visitors' own keys, encrypted at rest; nothing of them is ever shown but the last four characters."""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import delete, insert, select, update

from components.errors import KeyRefused
from components.studio.database import read, write
from components.studio.tables import KeyRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from components.studio.clock import Clock
    from components.studio.keys import Secrets

LONGEST_KEY = 512
SHOWN = 4
"""Characters at the end of a key that are shown; of a short key only a third."""


class Vault:
    """Each row is encrypted under a key of its own, so that a row copied to another visitor opens nothing.

    Args:
        engine: The database.
        secrets: What the encryption is derived from; after a change of the first one rows are written anew when they are used.
        clock: The time of day.
    """

    def __init__(self, engine: Engine, secrets: Secrets, clock: Clock) -> None:
        self._engine = engine
        self._secrets = secrets
        self._clock = clock

    def put(self, visitor: str, service: str, key: str) -> str:
        """Keep a key, instead of the one there may be; the visitor has a row already. Returns what is shown of it.

        Raises:
            KeyRefused: It cannot be a key (see ``tidy``).
        """
        key = tidy(key)
        values = {
            "visitor": visitor,
            "service": service,
            "secret": self._fernets(visitor, service)[0].encrypt(key.encode()).decode(),
            "tail": tail(key),
            "created_at": self._clock.now(),
        }
        with write(self._engine) as connection:
            connection.execute(delete(KeyRow).where(KeyRow.visitor == visitor, KeyRow.service == service))
            connection.execute(insert(KeyRow).values(**values))
        return tail(key)

    def remove(self, visitor: str, service: str) -> bool:
        """Forget a key; False where there was none."""
        with write(self._engine) as connection:
            gone = connection.execute(delete(KeyRow).where(KeyRow.visitor == visitor, KeyRow.service == service))
        return gone.rowcount > 0

    def tails(self, visitor: str) -> dict[str, str]:
        """What is shown of the visitor's keys, by service; only of those that can still be opened."""
        with read(self._engine) as connection:
            rows = connection.execute(select(KeyRow.service, KeyRow.secret, KeyRow.tail).where(KeyRow.visitor == visitor)).all()
        return {row.service: row.tail for row in rows if self._opened(visitor, row.service, row.secret) is not None}

    def reveal(self, visitor: str, service: str) -> str | None:
        """The key, for the service alone; None where there is none, or the secret that it was kept under is gone."""
        mine = (KeyRow.visitor == visitor, KeyRow.service == service)
        with read(self._engine) as connection:
            secret = connection.execute(select(KeyRow.secret).where(*mine)).scalar_one_or_none()
        opened = self._opened(visitor, service, secret) if secret is not None else None
        if opened is None:
            return None
        key, newest = opened
        if not newest:  # the secret key was changed: the old one may be taken away one day
            again = self._fernets(visitor, service)[0].encrypt(key.encode()).decode()
            with write(self._engine) as connection:
                connection.execute(update(KeyRow).where(*mine, KeyRow.secret == secret).values(secret=again))
        return key

    def fingerprint(self, service: str, key: str) -> str:
        """32 hex digits that stand for an account at a service; who reads them learns nothing of the key."""
        return self._secrets.sign("account", f"{service}\n{key}".encode()).hex()[:32]

    def _opened(self, visitor: str, service: str, secret: str) -> tuple[str, bool] | None:
        for place, fernet in enumerate(self._fernets(visitor, service)):
            try:
                return fernet.decrypt(secret.encode()).decode(), place == 0
            except InvalidToken:
                continue
        return None

    def _fernets(self, visitor: str, service: str) -> Sequence[Fernet]:
        keys = self._secrets.derive(f"own key\n{visitor}\n{service}")
        return [Fernet(base64.urlsafe_b64encode(sha256(key).digest())) for key in keys]


def tidy(key: str) -> str:
    """A key as it was meant: without blanks around it, and without the word before it in a copied header.

    Raises:
        KeyRefused: It is empty, too long, or holds what no header can carry.
    """
    bare = key.strip()
    if bare[:7].lower() == "bearer ":
        bare = bare[7:].strip()
    if not bare or len(bare) > LONGEST_KEY or not bare.isascii() or not bare.isprintable() or " " in bare:
        raise KeyRefused(field="key")
    return bare


def tail(key: str) -> str:
    """The end of a key, by which its owner knows it again."""
    shown = min(SHOWN, len(key) // 3)
    return key[-shown:] if shown else ""
