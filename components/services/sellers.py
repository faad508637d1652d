"""The sellers of the model: each is one module and one line here."""

from __future__ import annotations

import random
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from components.services.aimlapi import AimlApi
from components.services.apimart import ApiMart
from components.services.dashscope import DashScope, price_id_of
from components.services.evolink import EvoLink

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.generation.prices import PriceRow
    from components.services.base import Service
    from components.services.http import Http


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the sellers lie; the documented hosts unless the settings say otherwise (regions, proxies, tests)."""

    evolink: str = "https://api.evolink.ai"
    evolink_files: str = "https://files-api.evolink.ai"
    aimlapi: str = "https://api.aimlapi.com"
    apimart: str = "https://api.apimart.ai"
    dashscope: str = "https://dashscope.aliyuncs.com"

    @property
    def all(self) -> tuple[str, ...]:
        """All of them: what may be trusted to be fetched from, for the operator has named it."""
        return astuple(self)


def sellers(
    http: Callable[[], Http],
    addresses: Addresses,
    *,
    prices: Callable[[str], tuple[PriceRow, ...]],
    jitter: Callable[[], float] = random.random,
) -> tuple[Service, ...]:
    """All sellers, in the order in which they are shown.

    Args:
        http: The clients of the running loop (``http.Lines``).
        addresses: Where they lie.
        prices: The price list's rows by their id (``PriceList.rows``).
        jitter: 0–1, spreads the looks at tasks.
    """
    return (
        EvoLink(http, addresses.evolink, addresses.evolink_files, prices=prices("evolink"), jitter=jitter),
        AimlApi(http, addresses.aimlapi, prices=prices("aimlapi"), jitter=jitter),
        ApiMart(http, addresses.apimart, prices=prices("apimart"), jitter=jitter),
        DashScope(http, addresses.dashscope, prices=prices(price_id_of(addresses.dashscope)), jitter=jitter),
    )
