"""Which services there are: each is one module and one line, the paid ones in ``sellers``."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from components.services.http import Http, Lines
from components.services.preview.service import Preview
from components.services.pricelist import PriceList
from components.services.sellers import Addresses, sellers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.services.base import Service
    from components.settings import Settings


class Services(Mapping[str, "Service"]):
    """The services by id, in the order in which they are shown.

    Args:
        services: In that order, at least one.
        default: The id of the one that is chosen when the page opens; an unknown one means the first.
        lines: Their connections, closed with them.
    """

    def __init__(self, *services: Service, default: str = "", lines: Lines | None = None) -> None:
        if not services:
            raise ValueError("no service")
        self._lines = lines
        self._by_id = {service.id: service for service in services}
        self._default = default

    def __getitem__(self, name: str) -> Service:
        return self._by_id[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def default(self) -> Service:
        """The one that is chosen when the page opens."""
        return self._by_id.get(self._default) or next(iter(self._by_id.values()))

    async def leave(self) -> None:
        """Close the connections of the running loop: it ends."""
        if self._lines is not None:
            await self._lines.leave()

    async def close(self) -> None:
        """Stop whatever is running and close all connections."""
        for service in self.values():
            await service.close()
        if self._lines is not None:
            await self._lines.aclose()


def addresses_of(settings: Settings) -> Addresses:
    """Where the sellers lie, by the settings."""
    return Addresses(
        evolink=settings.evolink_base_url,
        evolink_files=settings.evolink_files_base_url,
        aimlapi=settings.aimlapi_base_url,
        apimart=settings.apimart_base_url,
        dashscope=settings.dashscope_base_url,
    )


def build_services(settings: Settings) -> Services:
    """All services of the program; a new one is its module and its line here.

    Raises:
        PricesUnusable: ``STUDIO_PRICES`` names a file that is no price list.
    """
    addresses = addresses_of(settings)
    prices = PriceList.read(settings.prices_file)
    lines = Lines(lambda: Http(time.time, trusted_origins=addresses.all))
    return Services(Preview(), *sellers(lines, addresses, prices=prices.rows), default=settings.service, lines=lines)
