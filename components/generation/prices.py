"""What a film costs, as data with its source and its date."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.generation.request import Request


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One row of a price list: for films of this ``quality``, ``silent`` or not.

    ``usd_per_s`` by the second of film, ``least_usd`` the least a film costs; ``source`` and ``as_of`` (ISO date) say where
    and when it was seen.
    """

    quality: str
    silent: bool
    usd_per_s: Decimal
    least_usd: Decimal
    source: str
    as_of: str

    def fits(self, request: Request) -> bool:
        """Whether the row is about such a film; one that gets its sound here is bought silent."""
        return self.quality == request.quality and self.silent is (request.sound in {"silent", "under"})

    def price(self, seconds: float) -> Decimal:
        """USD for so many seconds, rounded up: it is said as the most that is paid."""
        return max(self.least_usd, self.usd_per_s * Decimal(str(seconds))).quantize(STEP, rounding=ROUND_UP)


@dataclass(frozen=True, slots=True)
class Quote:
    """At most this much, as seen there and then; money in USD."""

    at_most: Decimal
    source: str
    as_of: str


STEP = Decimal("0.0001")
"""USD; no service counts finer."""
FREE = Quote(Decimal(0), "free", "")


def quote(request: Request, rows: Sequence[PriceRow]) -> Quote | None:
    """What the request costs at most by the first row that fits, or None where none does: then nobody knows."""
    row = next((row for row in rows if row.fits(request)), None)
    return Quote(row.price(request.duration), row.source, row.as_of) if row else None


def computed(request: Request, rows: Sequence[PriceRow], seconds: float) -> Decimal | None:
    """What a film that came out ``seconds`` long costs by the list, in USD; None where nobody knows."""
    row = next((row for row in rows if row.fits(request)), None)
    return row.price(seconds) if row else None
