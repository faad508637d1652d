"""Who may spend which key, and how much: caps on the server's keys by UTC day, checked and reserved in one transaction."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, text, update

from components.errors import CapReached, NeedsKey, PaidPaused
from components.studio.database import read
from components.studio.switches import PAID_PAUSED, value_of
from components.studio.tables import LedgerRow, ServerDayRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Engine, Row

    from components.settings import Settings
    from components.studio.clock import Clock
    from components.studio.owner import Owners
    from components.studio.vault import Vault

NOTHING = Decimal(0)
DAY_S = 86_400


class KeyFrom(StrEnum):
    """Whose key pays."""

    SERVER = "server"
    VISITOR = "visitor"


class Kind(StrEnum):
    """What a line of the ledger says."""

    RESERVED = "reserved"
    SETTLED = "settled"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Left:
    """What may still be spent today on the server's keys, in USD; ``allowed`` is false where this visitor may not spend them at all.

    ``spent`` is the visitor's own part, ``until`` (UTC seconds) when the day is over.
    """

    allowed: bool
    server: Decimal
    visitor: Decimal
    spent: Decimal
    until: float

    @property
    def usd(self) -> Decimal:
        """What the visitor could spend now."""
        return min(self.server, self.visitor) if self.allowed else NOTHING


class Spending:
    """The ledger and its rules. A line is never changed; of a job's lines ``settled`` counts before ``released`` before ``reserved``.

    Args:
        engine: The database.
        settings: The caps, the server's keys, and for whom they are.
        vault: The visitors' own keys.
        owners: Who the owner is.
        clock: The time of day.
    """

    def __init__(self, engine: Engine, settings: Settings, *, vault: Vault, owners: Owners, clock: Clock) -> None:
        self._engine = engine
        self._settings = settings
        self._vault = vault
        self._owners = owners
        self._clock = clock
        self._proxied = threading.Event()

    # who

    def proxy_seen(self) -> None:
        """A call came with forwarded headers: others than this machine reach the page, so ``everyone`` is no default any more.

        To be told before the first such call is answered; it holds until the program ends.
        """
        self._proxied.set()

    @property
    def own_machine(self) -> bool:
        """Whether nobody but the people at this machine reaches the page, as far as settings and calls so far tell."""
        return self._settings.loopback and self._settings.public_url is None and not self._proxied.is_set()

    def may_spend_servers(self, visitor: str) -> bool:
        """Whether the server's keys are for this visitor (``signed-in`` is the owner until there is a sign-in)."""
        who = self._settings.server_key_for or ("everyone" if self.own_machine else "owner")
        if who in {"owner", "signed-in"}:
            return self._owners.is_owner(visitor)
        return who == "everyone"

    def answers_for(self, visitor: str, key_from: str | None) -> bool:
        """Whether the account that pays is this visitor's to speak for: their own key, the owner, a studio on their own machine."""
        return key_from == KeyFrom.VISITOR or self.own_machine or self._owners.is_owner(visitor)

    def source(self, visitor: str, service: str) -> KeyFrom | None:
        """Whose key a film of this visitor's at this service is paid with, their own first; None where there is none."""
        if self._vault.reveal(visitor, service) is not None:
            return KeyFrom.VISITOR
        if self._settings.server_key(service) is not None and self.may_spend_servers(visitor):
            return KeyFrom.SERVER
        return None

    def required(self, visitor: str, service: str) -> KeyFrom:
        """The same.

        Raises:
            NeedsKey: There is none.
        """
        found = self.source(visitor, service)
        if found is None:
            raise NeedsKey(field="key", service=service)
        return found

    # how much

    def reserve(  # noqa: PLR0917 - a line of the ledger
        self, connection: Connection, job_id: str, visitor: str, service: str, usd: Decimal, key_from: KeyFrom
    ) -> None:
        """Set money aside for a job, in the transaction that orders it. Once a job: a second time changes nothing.

        Args:
            connection: A transaction; on the server's key our first statement in it is a write, so that everybody
                who spends stands in line and what is read here stays true until the commit.
            job_id: The job.
            visitor: Whose it is.
            service: Who is paid.
            usd: At most this much; what it counts as, where nobody knows its price.
            key_from: Whose key pays; a visitor's own has no caps.

        Raises:
            PaidPaused: The owner wants no paid jobs now.
            CapReached: A cap of the day would be passed.
        """
        key_from = KeyFrom(key_from)
        day = day_of(self._clock.now())
        if key_from is KeyFrom.SERVER:
            _stand_in_line(connection, day)
        if value_of(connection, PAID_PAUSED) is not None:
            raise PaidPaused(service=service)
        if _lines(connection, job_id):
            return
        if key_from is KeyFrom.SERVER:
            self._check(connection, day, visitor, usd)
        line = {"job_id": job_id, "visitor": visitor, "service": service, "day": day, "key_from": key_from}
        _add(connection, Kind.RESERVED, usd, self._clock.now(), **line)

    def settle(self, connection: Connection, job_id: str, usd: Decimal) -> None:
        """What it cost in the end, in USD; counts for the day of the order. What is settled stays so, and only what was reserved is."""
        self._close(connection, job_id, Kind.SETTLED, usd, unless={Kind.SETTLED})

    def release(self, connection: Connection, job_id: str) -> None:
        """Nothing was charged: give back what was set aside, unless it is settled."""
        self._close(connection, job_id, Kind.RELEASED, NOTHING, unless={Kind.SETTLED, Kind.RELEASED})

    def left(self, visitor: str) -> Left:
        """What is left of the day for a visitor."""
        now = self._clock.now()
        with read(self._engine) as connection:
            everybody, own = _spent(connection, day_of(now), visitor)
        return Left(
            allowed=self.may_spend_servers(visitor),
            server=max(NOTHING, self._settings.budget_usd_per_day - everybody),
            visitor=max(NOTHING, self._settings.visitor_budget_usd_per_day - own),
            spent=own,
            until=(int(now) // DAY_S + 1) * float(DAY_S),
        )

    def _check(self, connection: Connection, day: str, visitor: str, usd: Decimal) -> None:
        everybody, own = _spent(connection, day, visitor)
        caps = (
            ("visitor", self._settings.visitor_budget_usd_per_day, own),
            ("server", self._settings.budget_usd_per_day, everybody),
        )
        for whose, cap, spent in caps:
            if spent + usd > cap:
                raise CapReached(field="money", whose=whose, cap=said(cap), left=said(max(NOTHING, cap - spent)), needed=said(usd))

    def _close(self, connection: Connection, job_id: str, kind: Kind, usd: Decimal, *, unless: set[Kind]) -> None:
        lines = _lines(connection, job_id)
        if not lines or any(line.kind in unless for line in lines):
            return
        first = lines[0]
        line = {"job_id": job_id, "visitor": first.visitor, "service": first.service, "day": first.day, "key_from": first.key_from}
        _add(connection, kind, usd, self._clock.now(), **line)


def day_of(now: float) -> str:
    """The UTC day, ``2026-10-10``."""
    return datetime.fromtimestamp(now, UTC).date().isoformat()


def said(usd: Decimal) -> str:
    """USD for sentences: at least two decimals, no needless ones."""
    plain = f"{usd.normalize():f}"
    whole, _, rest = plain.partition(".")
    return f"{whole}.{rest.ljust(2, '0')}"


def _stand_in_line(connection: Connection, day: str) -> None:
    """Take the day's row for this transaction; no other one gets past here before it ends."""
    counted = update(ServerDayRow).where(ServerDayRow.day == day).values(n=ServerDayRow.n + 1)
    if connection.execute(counted).rowcount == 0:
        # both databases know this; whoever comes second waits for the first one's row and counts on
        connection.execute(
            text("INSERT INTO server_day (day, n) VALUES (:day, 1) ON CONFLICT (day) DO UPDATE SET n = server_day.n + 1"), {"day": day}
        )


def _spent(connection: Connection, day: str, visitor: str) -> tuple[Decimal, Decimal]:
    """(by all, by this visitor) on the server's keys that day, in USD; decimals are added here, a database would take floats."""
    lines = connection.execute(
        select(LedgerRow.job_id, LedgerRow.visitor, LedgerRow.kind, LedgerRow.usd).where(
            LedgerRow.day == day, LedgerRow.key_from == KeyFrom.SERVER
        )
    ).all()
    return _sum(lines), _sum(line for line in lines if line.visitor == visitor)


def _sum(lines: Iterable[Row[str, str, str, str]]) -> Decimal:
    rank = {Kind.RESERVED: 0, Kind.RELEASED: 1, Kind.SETTLED: 2}
    counts: dict[str, tuple[int, Decimal]] = {}
    for line in lines:
        known = counts.get(line.job_id)
        if known is None or rank[Kind(line.kind)] >= known[0]:
            counts[line.job_id] = rank[Kind(line.kind)], Decimal(line.usd)
    return sum((usd for _, usd in counts.values()), NOTHING)


def _lines(connection: Connection, job_id: str) -> list[Row[str, str, str, str, str]]:
    columns = (LedgerRow.visitor, LedgerRow.service, LedgerRow.day, LedgerRow.key_from, LedgerRow.kind)
    return list(connection.execute(select(*columns).where(LedgerRow.job_id == job_id).order_by(LedgerRow.id)).all())


def _add(connection: Connection, kind: Kind, usd: Decimal, now: float, **line: str) -> None:
    """Append; ``line`` is the job, the visitor, the service, the day and whose key."""
    connection.execute(insert(LedgerRow).values(kind=kind, usd=str(usd), at=now, **line))
