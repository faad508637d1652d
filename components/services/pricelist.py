"""The price list: built-in rows with their source and date, and the file that may stand above them (``STUDIO_PRICES``)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from components.errors import PricesUnusable
from components.generation.prices import PriceRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.generation.request import Request

BUILT_IN = Path(__file__).parents[2] / "assets" / "prices.json"
UNKNOWN = "unknown"
"""The rows of the list that say what a film counts against caps where nobody knows its price."""
BELIEVED = 5
"""A published price that is less than so big a part of the lowest one that is listed is taken as misread."""

Usd = Annotated[Decimal, Field(ge=0, le=1000, allow_inf_nan=False)]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _When(_Shape):
    quality: Literal["720p", "1080p"]
    silent: bool


class _Row(_Shape):
    """API.md §3a *prices*."""

    when: _When
    usd_per_s: Usd
    least_usd: Usd = Decimal(0)
    source: str = Field(min_length=1, max_length=200)
    as_of: str = Field(pattern=r"^\d{4}-\d{2}(-\d{2})?$")

    def row(self) -> PriceRow:
        return PriceRow(self.when.quality, self.when.silent, self.usd_per_s, self.least_usd, self.source, self.as_of)


_FILE = TypeAdapter(dict[str, tuple[_Row, ...]])


@dataclass(frozen=True, slots=True)
class PriceList:
    """Rows by service id, those that win first.

    Args:
        built_in: As it comes with the program.
        given: The operator's own; they win over everything, also over what a service publishes.
    """

    built_in: Mapping[str, tuple[PriceRow, ...]]
    given: Mapping[str, tuple[PriceRow, ...]]

    @classmethod
    def read(cls, given: Path | None = None) -> Self:
        """The built-in list, and the operator's file above it.

        Raises:
            PricesUnusable: The operator's file cannot be read, or is no price list.
        """
        return cls(_rows(BUILT_IN), _rows(given.expanduser()) if given else {})

    def rows(self, service: str) -> tuple[PriceRow, ...]:
        """All rows of a service, the operator's first."""
        return (*self.given.get(service, ()), *self.built_in.get(service, ()))

    def unknown(self, request: Request) -> Decimal:
        """What the film counts against caps where nobody knows its price, in USD ($0.10 a second at 720p, $0.15 at 1080p)."""
        return max(row.price(request.duration) for row in self.rows(UNKNOWN) if row.quality == request.quality)

    def believable(self, row: PriceRow) -> bool:
        """Whether a published price is not absurdly low: a misread figure would let films through the daily limits."""
        like = [
            one.usd_per_s
            for service, rows in self.built_in.items()
            if service != UNKNOWN
            for one in rows
            if (one.quality, one.silent) == (row.quality, row.silent)
        ]
        return row.usd_per_s >= min(like, default=Decimal(0)) / BELIEVED


def _rows(file: Path) -> dict[str, tuple[PriceRow, ...]]:
    try:
        found = _FILE.validate_json(file.read_bytes())
    except OSError as cause:
        raise PricesUnusable(path=str(file), why=cause.strerror or "it cannot be read") from cause
    except ValidationError as cause:
        first = cause.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PricesUnusable(path=str(file), why=f"{where}: {first['msg']}" if where else first["msg"]) from cause
    return {service: tuple(row.row() for row in rows) for service, rows in found.items()}
