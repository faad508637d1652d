"""The owner's one switch: nothing is bought now. What it means is told before Generate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.paid_desk import STUDIO, PaidDesk, Sellers, body_of
from tests.browser.paid_fixtures import desk, sellers
from tests.browser.wire import Answer, Asked, by_hand

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from tests.browser.conftest import Faults

__all__ = ["desk", "sellers"]

TOKEN = "the-owners-own-token"


class House:
    """Who the visitor is, and whether anything is bought."""

    def __init__(self, page: Page, **me: Any) -> None:  # noqa: ANN401 - whatever JSON holds
        self.me = {"owner": False, "claimable": True, "signed_in": False, "token": "t", "paid": True, "left": None, **me}
        by_hand(page, {f"{STUDIO}/me": self._tell, f"{STUDIO}/me/owner": self._owner, f"{STUDIO}/me/paid": self._paid})

    def _tell(self, _asked: Asked) -> Answer:
        return Answer({"me": self.me})

    def _owner(self, asked: Asked) -> Answer:
        if asked.method == "DELETE":
            self.me["owner"] = False
        elif asked.body["token"] == TOKEN:
            self.me |= {"owner": True, "left": {"usd": "8.40", "spent_usd": "1.60", "until": "2026-10-11T00:00:00Z"}}
        else:
            error = {"code": "wrong_token", "message": "That is not the owner’s token.", "hint": "", "field": "token"}
            return Answer({"error": error}, 403)
        return self._tell(asked)

    def _paid(self, asked: Asked) -> Answer:
        self.me["paid"] = asked.body["on"]
        return self._tell(asked)


@pytest.fixture
def house(desk: PaidDesk) -> House:
    return House(desk.page)


def open_keys(desk: PaidDesk) -> None:
    desk.page.locator(".keys-btn").click()
    expect(desk.keys.get_by_role("heading", name="This studio")).to_be_visible()


def prove(desk: PaidDesk, token: str) -> None:
    open_keys(desk)
    desk.keys.get_by_role("button", name="I run this studio").click()
    desk.keys.get_by_label("Owner’s token").fill(token)
    desk.keys.get_by_role("button", name="Prove it").click()


def test_where_there_is_no_owner_nothing_is_said_of_one(desk: PaidDesk) -> None:
    desk.page.locator(".keys-btn").click()
    expect(desk.keys).to_be_visible()
    expect(desk.keys.get_by_text("This studio", exact=True)).to_be_hidden()


def test_the_owner_proves_it_pauses_paid_films_and_steps_down(desk: PaidDesk, house: House) -> None:
    prove(desk, f" {TOKEN} ")
    switch = desk.keys.get_by_label("No paid films now")
    expect(switch).to_be_focused()
    expect(desk.keys).to_contain_text("$8.40 left today on this studio’s keys, $1.60 spent.")
    assert TOKEN not in desk.page.content()
    switch.check()
    expect(desk.keys).to_contain_text("Paid films are paused for everybody.")
    assert house.me["paid"] is False
    switch.uncheck()
    expect(desk.keys).to_contain_text("Paid films are made again.")
    assert house.me["paid"] is True
    desk.keys.get_by_role("button", name="Stop being the owner here").click()
    expect(desk.keys.get_by_role("button", name="I run this studio")).to_be_visible()


def test_a_wrong_token_is_said_at_its_field(desk: PaidDesk, house: House, faults: Faults) -> None:
    faults.allow("status of 403")
    prove(desk, "guess")
    field = desk.keys.get_by_label("Owner’s token")
    expect(desk.keys).to_contain_text("That is not the owner’s token.")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    assert house.me["owner"] is False


def test_that_nothing_is_bought_is_told_in_the_list_and_by_generate_before_it_is_pressed(desk: PaidDesk, house: House) -> None:
    house.me["paid"] = False
    desk.fill()
    desk.take("evolink")
    expect(desk.price).to_contain_text("No paid films are made here at the moment.")
    expect(desk.generate).to_have_attribute("data-missing", "service")
    desk.press()
    expect(desk.page.locator(".svc-list")).to_be_visible()
    for service in ("evolink", "dashscope"):
        expect(desk.row(service)).to_contain_text("No paid films now")
    expect(desk.row("preview")).not_to_contain_text("No paid films now")
    expect(desk.page.locator(".svc-least:visible")).to_have_count(0)
    desk.page.keyboard.press("Escape")
    desk.price.get_by_role("button", name="Use Preview").click()
    expect(desk.generate).to_have_attribute("data-missing", "")
    expect(desk.price).to_contain_text("Free draft")


def test_that_paid_films_are_made_again_is_seen_when_the_list_is_opened(desk: PaidDesk, house: House) -> None:
    house.me["paid"] = False
    desk.take("evolink")
    expect(desk.price).to_contain_text("No paid films")
    house.me["paid"] = True
    desk.open_list()
    expect(desk.row("evolink")).not_to_contain_text("No paid films now")
    expect(desk.price).not_to_contain_text("No paid films")


def test_a_refusal_that_says_so_is_remembered(desk: PaidDesk, sellers: Sellers) -> None:
    del sellers
    desk.fill()
    desk.take("evolink")
    expect(desk.price).to_contain_text("at most $0.47")

    def refuse(route: Route) -> None:
        token = body_of(route)["data"][-1]["client_token"]
        error: dict[str, Any] = {"code": "paid_paused", "message": "Paused.", "hint": "", "field": None, "params": {}, "charged": "no"}
        told = {"token": token, "error": error}
        route.fulfill(json={"data": [told], "is_generating": False, "duration": 0.1, "average_duration": 0.1})

    desk.page.route("**/run/predict*", refuse)
    desk.press()
    expect(desk.price).to_contain_text("Paused.")
    expect(desk.generate).to_have_attribute("data-missing", "service")
