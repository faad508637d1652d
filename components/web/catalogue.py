"""``services``: what can be bought where and for how much, as data; for everybody, or as one visitor sees it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from components.studio.estimate import KEY_WORDS
from components.studio.spending import KeyFrom, said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from components.generation.prices import PriceRow
    from components.services.base import Balance, Service
    from components.services.registry import Services
    from components.studio.studio import Studio


@dataclass(frozen=True, slots=True)
class Standing:
    """How a visitor stands with a paid service.

    Args:
        key_from: Whose key would pay.
        paused: The owner wants no paid jobs now.
        prices: As they are known now; None = the service's list.
        balance: What is left on the account, if that is for this visitor to know.
    """

    key_from: KeyFrom | None = None
    paused: bool = False
    prices: Sequence[PriceRow] | None = None
    balance: Balance | None = None


NOBODY = Standing()


def services_json(services: Services, standing: Mapping[str, Standing] | None = None) -> list[dict[str, Any]]:
    """Every service as API.md §3 shows it, in the order of the registry; without ``standing`` as somebody without keys sees them."""
    return [_one(service, (standing or {}).get(name, NOBODY)) for name, service in services.items()]


async def services_for(studio: Studio, visitor: str) -> list[dict[str, Any]]:
    """The services as this visitor sees them; a service is asked (prices, balance) only where there is a key, and not waited for long."""
    keys, paused, private = await asyncio.to_thread(_looked_up, studio, visitor)
    asked = [name for name, key in keys.items() if key is KeyFrom.VISITOR or (key is KeyFrom.SERVER and private)]
    _, *balances = await asyncio.gather(
        studio.prices.refresh([name for name, key in keys.items() if key is not None]),
        *(studio.accounts.balance(visitor, name, keys[name]) for name in asked),
    )
    left = dict(zip(asked, balances, strict=True))
    standing = {name: Standing(key, paused, studio.prices.rows(name), left.get(name)) for name, key in keys.items()}
    return services_json(studio.services, standing)


def _looked_up(studio: Studio, visitor: str) -> tuple[dict[str, KeyFrom | None], bool, bool]:
    """Whose key would pay where, whether all is paused, and whether the balance of the server's accounts is for this visitor.

    Everybody may be allowed to spend the server's keys; what is left on its accounts is the owner's business all the same,
    unless nobody else reaches the page.
    """
    keys = {name: studio.spending.source(visitor, name) for name, service in studio.services.items() if service.capabilities.paid}
    private = studio.spending.own_machine or studio.owners.is_owner(visitor)
    return keys, studio.switches.paid_paused, private


def _one(service: Service, standing: Standing) -> dict[str, Any]:
    capabilities = service.capabilities.model_dump(mode="json", by_alias=True)
    capabilities["fields"] = {name: _told(extra) for name, extra in capabilities["fields"].items()}
    prices = service.prices if standing.prices is None else standing.prices
    return {
        "id": service.id,
        "name": service.name,
        "ready": not service.capabilities.paid or (standing.key_from is not None and not standing.paused),
        "key": KEY_WORDS[standing.key_from],
        "key_url": service.key_url,
        "keeps": service.keeps,
        "capabilities": capabilities,
        "prices": [_price(row) for row in prices],
        "balance": _balance(standing.balance) if standing.balance is not None else None,
    }


def _told(extra: dict[str, Any]) -> dict[str, Any]:
    """What a field says of itself; the rest is not about its kind."""
    return {name: value for name, value in extra.items() if value is not None and value is not False}


def _price(row: PriceRow) -> dict[str, Any]:
    return {
        "when": {"quality": row.quality, "silent": row.silent},
        "usd_per_s": _plain(row.usd_per_s),
        "least_usd": _plain(row.least_usd),
        "source": row.source,
        "as_of": row.as_of,
    }


def _balance(balance: Balance) -> dict[str, Any]:
    return {
        "usd": said(balance.usd) if balance.usd is not None else None,
        "amount": _plain(balance.amount) if balance.amount is not None else None,
        "unit": balance.unit,
        "unlimited": balance.unlimited,
    }


def _plain(amount: Decimal) -> str:
    """A decimal without an exponent and without needless zeros."""
    return f"{amount.normalize():f}"
