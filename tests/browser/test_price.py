"""What it costs is known before Generate, agreed to by pressing it, and agreed to anew when it has changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from tests.browser.paid_desk import PaidDesk, Sellers, offer
from tests.browser.paid_fixtures import desk, sellers
from tests.browser.paid_shots import stands

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Route

__all__ = ["desk", "sellers"]


class Orders:
    """Answers Generate's event, and keeps what was ordered; while ``price`` is set it costs that now."""

    def __init__(self, page: Page, price: str | None = None) -> None:
        self.tickets: list[dict[str, Any]] = []
        self.price = price
        page.route("**/run/predict*", self._answer)

    def _answer(self, route: Route) -> None:
        ticket = json.loads(route.request.post_data or "{}")["data"][-1]
        self.tickets.append(ticket)
        error: dict[str, Any] = {"code": "x", "message": "Not today.", "hint": "", "field": None, "params": {}, "charged": "no"}
        if self.price is not None:
            error |= {"code": "price_changed", "field": "money", "params": {"at_most": self.price, "service": "evolink"}}
        answer = {"token": ticket["client_token"], "error": error}
        route.fulfill(json={"data": [answer], "is_generating": False, "duration": 0.1, "average_duration": 0.1})


def generate_for(desk: PaidDesk, price: str) -> Locator:
    return desk.page.get_by_role("button", name=f"Generate for {price}", exact=True)


def past_a_double_click(desk: PaidDesk) -> None:
    """The second half of a double click agrees to nothing."""
    now = desk.page.evaluate("performance.now()")
    desk.page.wait_for_function("then => performance.now() > then + 650", arg=now)


def filled(desk: PaidDesk) -> None:
    desk.fill()
    desk.take("evolink")
    expect(desk.price).to_contain_text("EvoLink: at most $0.47, settled by the service")


def test_the_line_names_the_service_and_the_most_it_costs(desk: PaidDesk) -> None:
    filled(desk)


def test_an_unknown_price_is_said_to_be_unknown(desk: PaidDesk) -> None:
    desk.take("aimlapi")
    expect(desk.price).to_contain_text("AI/ML API: the price is not published")


def test_what_is_left_on_the_account_stands_beside_the_price(desk: PaidDesk, sellers: Sellers) -> None:
    sellers.balances["evolink"] = {"usd": "12.3", "amount": "836", "unit": "credits", "unlimited": False}
    sellers.balances["apimart"] = {"usd": None, "amount": "40", "unit": "credits", "unlimited": False}
    desk.page.reload()
    desk.take("evolink")
    expect(desk.price).to_contain_text("$12.30 left there")
    desk.take("apimart")
    expect(desk.price).to_contain_text("40 credits left there")


def test_one_line_says_where_the_picture_goes_and_how_long_it_stays(desk: PaidDesk) -> None:
    expect(desk.page.locator(".stays")).to_be_hidden()
    desk.take("evolink")
    expect(desk.page.locator(".stays")).to_contain_text("Your picture goes to EvoLink and is deleted there")
    desk.take("apimart")
    expect(desk.page.locator(".stays")).to_contain_text("Your picture goes to APIMart and stays there for 72 hours.")


def test_nothing_is_said_to_go_anywhere_while_paid_films_are_paused(desk: PaidDesk) -> None:
    stands(desk.page, paid=False)
    desk.page.reload()
    desk.take("evolink")
    expect(desk.price).to_contain_text("No paid films")
    expect(desk.page.locator(".stays")).to_be_hidden()


def test_the_order_carries_the_price_that_was_shown(desk: PaidDesk) -> None:
    filled(desk)
    orders = Orders(desk.page)
    desk.press()
    expect(desk.price).to_contain_text("Not today.")
    assert [ticket["price_at_most"] for ticket in orders.tickets] == ["0.4680"]


def test_a_changed_price_is_shown_on_the_button_and_agreed_to_by_a_second_press(desk: PaidDesk) -> None:
    filled(desk)
    orders = Orders(desk.page, "0.5850")
    desk.generate.click()
    expect(generate_for(desk, "$0.59")).to_be_focused()
    expect(desk.price).to_contain_text("It costs at most $0.59 now. It was $0.47. Nothing was sent.")
    orders.price = None
    past_a_double_click(desk)
    generate_for(desk, "$0.59").click()
    expect(desk.price).to_contain_text("Not today.")
    assert [ticket["price_at_most"] for ticket in orders.tickets] == ["0.4680", "0.5850"]
    expect(desk.generate).to_be_visible()


def test_a_double_click_never_agrees_to_a_new_price(desk: PaidDesk) -> None:
    filled(desk)
    orders = Orders(desk.page, "0.5850")
    desk.generate.dblclick()
    expect(generate_for(desk, "$0.59")).to_be_visible()
    assert len(orders.tickets) == 1


def test_any_change_brings_the_plain_button_back(desk: PaidDesk) -> None:
    filled(desk)
    Orders(desk.page, "0.5850")
    desk.generate.click()
    expect(generate_for(desk, "$0.59")).to_be_visible()
    desk.duration.fill("6")
    expect(desk.generate).to_be_visible()


def test_without_a_key_generate_leads_to_keys(desk: PaidDesk, sellers: Sellers) -> None:
    sellers.offers[1] = offer("evolink", "0.4680", key="none")
    desk.fill()
    desk.take("evolink")
    expect(desk.generate).to_have_attribute("data-missing", "key")
    expect(desk.price).to_contain_text("EvoLink needs a key.")
    desk.press()
    expect(desk.keys).to_be_visible()
    expect(desk.page.get_by_label("Key for EvoLink", exact=True)).to_be_focused()
