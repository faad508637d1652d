"""Which services there are: each is one module and one line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from components.services.preview.service import Preview

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.services.base import Service
    from components.settings import Settings


class Services(Mapping[str, "Service"]):
    """The services by id, in the order in which they are shown.

    Args:
        services: In that order, at least one.
        default: The id of the one that is chosen when the page opens; an unknown one means the first.
    """

    def __init__(self, *services: Service, default: str = "") -> None:
        if not services:
            raise ValueError("no service")
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


def build_services(settings: Settings) -> Services:
    """All services of the program; a new one is its module and its line here."""
    return Services(
        Preview(),
        default=settings.service,
    )
