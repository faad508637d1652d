"""What films that cost money need of the rest of the studio, as far as a film's life knows it; and the way without any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from sqlalchemy import Connection

    from components.services.base import Account, Service
    from components.studio.tables import JobRow


class Accounts(Protocol):
    """Finds the key that a job is paid with."""

    def of(self, job: JobRow) -> Account:
        """The job's service, seen with that key. Blocks: for threads.

        Raises:
            NeedsKey: There is none any more.
        """
        ...


class Spending(Protocol):
    """The ledger. All calls happen inside the transaction that changes the job."""

    def settle(self, connection: Connection, job_id: str, usd: Decimal) -> object:
        """It has cost this much."""
        ...

    def release(self, connection: Connection, job_id: str) -> object:
        """It has surely cost nothing."""
        ...


class Addresses(Protocol):
    """Where this program is reached from outside."""

    def url_for(self, path: str) -> str | None:
        """The full address of a path of ours, once it is sure that it leads here, or None. May ask now: blocks, for threads."""
        ...


class Keyless:
    """Services as somebody without keys sees them.

    Args:
        services: By id.
    """

    def __init__(self, services: Mapping[str, Service]) -> None:
        self._services = services

    def of(self, job: JobRow) -> Account:
        """See ``Accounts``."""
        return self._services[job.service].account(None)


class Gratis:
    """A ledger for what costs nothing."""

    def settle(self, connection: Connection, job_id: str, usd: Decimal) -> object:
        """See ``Spending``."""

    def release(self, connection: Connection, job_id: str) -> object:
        """See ``Spending``."""


class Nowhere:
    """Nobody reaches us from outside."""

    def url_for(self, path: str) -> str | None:  # noqa: ARG002 - as in the protocol
        """See ``Addresses``."""
        return None


@dataclass(frozen=True, slots=True)
class Paying:
    """The three together."""

    accounts: Accounts
    spending: Spending
    addresses: Addresses

    @classmethod
    def nothing(cls, services: Mapping[str, Service]) -> Self:
        """For services that are free."""
        return cls(Keyless(services), Gratis(), Nowhere())
