"""What a film has cost in the end, and what becomes of the money that was set aside for it.

The change of the ledger happens in the transaction that ends the job: nothing is settled twice and nothing is forgotten.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from components.errors import Charged
from components.generation.prices import computed
from components.generation.request import Request
from components.studio.spending import said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection

    from components.generation.prices import PriceRow
    from components.services.base import Cost, Finished, Service
    from components.studio.jobs import Also, Changes
    from components.studio.paying import Spending
    from components.studio.tables import JobRow

    End = tuple[Changes, Also | None]

TOLD, COMPUTED, UNKNOWN = "service", "computed", "unknown"
"""Where the figure comes from: the service said it; the price list and the film's length; nobody knows, so what was set aside counts."""
NOT_CHARGED, AT_MOST, UNCLEAR = "not_charged", "at_most", "unclear"
"""Without a film: surely nothing; surely something, what was set aside counts; perhaps."""


class Till:
    """Settles jobs.

    Args:
        services: By id.
        spending: The ledger.
        rows: The prices of a service as they are now, by its id; default: its own list.
    """

    def __init__(
        self, services: Mapping[str, Service], spending: Spending, rows: Callable[[str], Sequence[PriceRow]] | None = None
    ) -> None:
        self._services = services
        self._spending = spending
        self._rows = rows or (lambda service: services[service].prices)

    def paid(self, job: JobRow) -> bool:
        """Whether the job costs money."""
        service = self._services.get(job.service)
        return job.reserved is not None or (service is not None and service.capabilities.paid)

    def completed(self, job: JobRow, film: Finished, duration_s: float) -> End:
        """The film is there.

        Args:
            job: Its row.
            film: What the service said.
            duration_s: The film's length as measured, in seconds.
        """
        if not self.paid(job):
            return {}, None
        seconds = film.seconds if film.seconds is not None and film.seconds > 0 else max(1.0, float(round(duration_s)))
        # nothing for a film that is there means "not booked yet": it would give the caps their money back
        told = film.cost.usd if film.cost is not None and film.cost.usd is not None and film.cost.usd > 0 else None
        usd = told if told is not None else computed(Request.model_validate(job.request), self._rows(job.service), seconds)
        source = TOLD if told is not None else COMPUTED if usd is not None else UNKNOWN
        cost = {**(job.cost or {}), "source": source, "original": in_their_unit(film.cost), "seconds": seconds}
        changes: Changes = {"actual": None if usd is None else said(usd), "cost": cost, "settled": True}
        return changes, self._settle(job, usd)

    def ended(self, job: JobRow, charged: Charged) -> End:
        """There will be no film."""
        if not self.paid(job):
            return {}, None
        if charged is Charged.NO:
            changes: Changes = {"actual": "0", "cost": {**(job.cost or {}), "source": NOT_CHARGED}, "settled": True}
            return changes, partial(self._release, job.id)
        source = AT_MOST if charged is Charged.YES else UNCLEAR
        return {"actual": None, "cost": {**(job.cost or {}), "source": source}, "settled": True}, self._settle(job, None)

    def _release(self, job_id: str, connection: Connection) -> None:
        self._spending.release(connection, job_id)

    def _settle(self, job: JobRow, usd: Decimal | None) -> Also:
        amount = usd if usd is not None else Decimal(job.reserved or 0)
        return lambda connection: self._spending.settle(connection, job.id, amount)


def in_their_unit(cost: Cost | None) -> dict[str, str] | None:
    """What the service said it took, as data: a decimal without an exponent and without needless zeros."""
    return {"amount": f"{cost.amount.normalize():f}", "unit": cost.unit} if cost else None
