"""``services``: what can be bought where, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from components.services.base import Service
    from components.services.registry import Services


def services_json(services: Services) -> list[dict[str, Any]]:
    """Every service as API.md §3 shows it, in the order of the registry."""
    return [_one(service) for service in services.values()]


def _one(service: Service) -> dict[str, Any]:
    capabilities = service.capabilities.model_dump(mode="json", by_alias=True)
    capabilities["fields"] = {name: _said(extra) for name, extra in capabilities["fields"].items()}
    return {
        "id": service.id,
        "name": service.name,
        "ready": True,
        "key": "none",
        "key_url": None,
        "capabilities": capabilities,
        "prices": [],
    }


def _said(extra: dict[str, Any]) -> dict[str, Any]:
    """What a field says of itself; the rest is not about its kind."""
    return {name: value for name, value in extra.items() if value is not None and value is not False}
