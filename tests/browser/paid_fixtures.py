"""Fixtures of the tests about paid services."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import visit
from tests.browser.paid_desk import PAID, PaidDesk, Sellers, offer

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.integration.server import Running


@pytest.fixture
def sellers() -> Sellers:
    """Everything can be made everywhere, with keys of the visitor's own."""
    prices = {"evolink": "0.4680", "aimlapi": None, "apimart": "0.5155", "dashscope": "0.5600"}
    offers = [offer("preview", "0", key="none"), *(offer(name, prices[name]) for name in PAID)]
    return Sellers(offers=offers, keys=dict.fromkeys(PAID, "yours"), tails=dict.fromkeys(PAID, "a1b2"))


@pytest.fixture
def desk(blank_page: Page, program: Running, sellers: Sellers) -> PaidDesk:
    sellers.play(blank_page)
    return PaidDesk(visit(blank_page, program), sellers)
