"""Visitors: a signed id, a row from the first write on, and the draft of their form."""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from components.errors import RequestInvalid
from components.studio.database import read, write
from components.studio.tables import VisitorRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine

    from components.studio.clock import Clock
    from components.studio.keys import Secrets

DRAFT_BYTES = 64 * 1024
SEEN_STEP_S = 3600.0
"""``seen_at`` is written at most this often: a poll without news must not write."""

_PURPOSE = "visitor"
_NAMED = "visitor by words"
_TOKEN = re.compile(r"(?P<id>[A-Za-z0-9_-]{16})\.(?P<signature>[A-Za-z0-9_-]{43})", re.ASCII)


class Visitors:
    """Who is who. No password, no name: an id that only we can have signed.

    Args:
        engine: The database.
        keys: Signs the ids.
        clock: The time of day.
    """

    def __init__(self, engine: Engine, keys: Secrets, clock: Clock) -> None:
        self._engine = engine
        self._keys = keys
        self._clock = clock

    def new(self) -> tuple[str, str]:
        """A new visitor's (id, token); nothing is written until ``ensure``."""
        visitor = secrets.token_urlsafe(12)
        return visitor, self.token(visitor)

    def named(self, words: str) -> tuple[str, str]:
        """The (id, token) of the visitor that the same words always name; nobody else can find it out."""
        visitor = base64.urlsafe_b64encode(self._keys.sign(_NAMED, words.encode())[:12]).decode()
        return visitor, self.token(visitor)

    def token(self, visitor: str) -> str:
        """The signed form of an id: what a cookie or a bearer token carries."""
        signature = self._keys.sign(_PURPOSE, visitor.encode())
        return f"{visitor}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"

    def read(self, token: str) -> str | None:
        """The id in a token, or None for anything that we did not sign."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            return None
        try:
            signature = base64.urlsafe_b64decode(match["signature"] + "=")
        except binascii.Error:
            return None
        return match["id"] if self._keys.accepts(_PURPOSE, match["id"].encode(), signature) else None

    def ensure(self, visitor: str) -> None:
        """Give the visitor a row, if there is none yet; called before the first write of any kind."""
        now = self._clock.now()
        row = select(literal(visitor), literal(now), literal(now), literal(0)).where(~exists().where(VisitorRow.id == visitor))
        statement = insert(VisitorRow).from_select(["id", "created_at", "seen_at", "revision"], row)
        try:
            with write(self._engine) as connection:
                connection.execute(statement)
        except IntegrityError:
            # two first writes at once: the other one made it; anything else is a real error
            if not self._known(visitor):
                raise

    def touch(self, visitor: str) -> None:
        """Remember that the visitor was here (to the hour)."""
        now = self._clock.now()
        with write(self._engine) as connection:
            connection.execute(
                update(VisitorRow).where(VisitorRow.id == visitor, VisitorRow.seen_at < now - SEEN_STEP_S).values(seen_at=now)
            )

    def draft(self, visitor: str) -> dict[str, Any]:
        """What was last in the form; empty for a new visitor."""
        with read(self._engine) as connection:
            draft = connection.execute(select(VisitorRow.draft).where(VisitorRow.id == visitor)).scalar_one_or_none()
        return draft or {}

    def put_draft(self, visitor: str, draft: Mapping[str, Any]) -> None:
        """Keep what is in the form.

        Raises:
            RequestInvalid: Over 64 KiB, or no JSON.
        """
        try:
            size = len(json.dumps(draft, allow_nan=False))
        except (TypeError, ValueError, RecursionError) as cause:
            raise RequestInvalid(field="draft") from cause
        if size > DRAFT_BYTES:
            raise RequestInvalid(field="draft", bytes=size, max=DRAFT_BYTES)
        self.ensure(visitor)
        with write(self._engine) as connection:
            connection.execute(update(VisitorRow).where(VisitorRow.id == visitor).values(draft=dict(draft), seen_at=self._clock.now()))

    def _known(self, visitor: str) -> bool:
        with read(self._engine) as connection:
            return connection.execute(select(VisitorRow.id).where(VisitorRow.id == visitor)).first() is not None
