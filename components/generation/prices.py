"""What a film costs, as data."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Quote:
    """At most this much, as seen there and then; money in USD."""

    at_most: Decimal
    source: str
    as_of: str


FREE = Quote(Decimal(0), "free", "")
