"""The whole way of a paid film in the real program: a key, a price, an order, the film, its cost. The seller is a double."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NO_EXAMPLES, SERVE, visit
from tests.browser.desk import Desk
from tests.doubles.evolink import EvoLink
from tests.doubles.sellers import environment
from tests.integration.server import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.browser.conftest import Faults
    from tests.doubles.seller import Double
    from tests.integration.server import Running

WRONG_KEY = "sk-of-nobody-000000"


@pytest.fixture(scope="module")
def seller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Double]:
    with EvoLink(folder=tmp_path_factory.mktemp("seller"), time_scale=0.05) as double:
        yield double


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, seller: Double) -> Iterator[Running]:
    """The program, with the double in the seller's place and without a key of its own."""
    addresses = {name: value for name, value in environment(seller).items() if not name.endswith("_KEY")}
    data: Path = tmp_path_factory.mktemp("shop") / "data"
    with running(data, command=SERVE, more={**NO_EXAMPLES, **addresses}) as program:
        yield program


@pytest.fixture
def desk(blank_page: Page, shop: Running) -> Desk:
    return Desk(visit(blank_page, shop))


def put_key(desk: Desk, key: str) -> None:
    desk.page.locator(".keys-btn").click()
    desk.page.get_by_label("Key for EvoLink", exact=True).fill(key)
    desk.page.get_by_role("button", name="Try and keep the key for EvoLink").click()


def test_a_key_is_added_a_film_bought_and_its_cost_shown(desk: Desk, seller: Double) -> None:
    put_key(desk, seller.key)
    expect(desk.page.locator(".key-row[data-service=evolink]")).to_contain_text("EvoLink has accepted it.")
    assert seller.key not in desk.page.content()
    desk.page.get_by_role("button", name="Close").click()
    desk.fill()
    desk.service("EvoLink")
    expect(desk.price).to_contain_text("EvoLink: at most $0.18, settled by the service")
    expect(desk.price).to_contain_text("left there")
    expect(desk.generate).to_have_attribute("data-missing", "")
    desk.press()
    card = desk.cards.first
    expect(card).to_have_attribute("data-state", "completed", timeout=90_000)
    expect(card.locator(".facts")).to_contain_text("$0.")
    expect(card.locator(".play")).to_be_visible()
    [job] = desk.jobs()
    assert job["request"]["price_at_most"] == "0.175"


def test_a_wrong_key_is_refused_in_words(desk: Desk, faults: Faults) -> None:
    faults.allow("status of 4")
    put_key(desk, WRONG_KEY)
    row = desk.page.locator(".key-row[data-service=evolink]")
    expect(row.get_by_role("status")).to_contain_text("EvoLink does not accept the key.")
    expect(row).to_contain_text("No key")
