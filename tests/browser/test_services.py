"""The service list: all services side by side for the film as the form has it, and what would have to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.desk import mp3_file
from tests.browser.paid_desk import LENGTHS, UNREACHABLE, PaidDesk, Sellers, offer
from tests.browser.paid_fixtures import desk, sellers

if TYPE_CHECKING:
    from playwright.sync_api import Locator

__all__ = ["desk", "sellers"]

LAST = 11
UNFIT = {"field": "image", "code": "image_too_large", "message": "This picture is 2400 × 1600 px.", "fix": None, "mend": "shrink"}


def need(row: Locator, name: str) -> Locator:
    return row.get_by_role("button", name=name)


def test_each_service_says_what_it_costs_and_when_that_was_seen(desk: PaidDesk) -> None:
    desk.open_list()
    expect(desk.row("evolink").locator(".piece")).to_have_text(["2 to 15 s", "list price, seen 2026-10-10"])
    expect(desk.row("aimlapi").locator(".piece")).to_have_text(["5, 10 or 15 s only"])
    expect(desk.row("evolink")).to_contain_text("at most $0.47")
    expect(desk.row("preview")).to_contain_text("Free")
    expect(desk.row("aimlapi")).to_contain_text("not published")
    expect(desk.page.locator(".svc-foot")).to_contain_text("Prices for 5 s, 720p, with sound")


def test_the_cheapest_that_can_do_it_is_marked(desk: PaidDesk, sellers: Sellers) -> None:
    desk.open_list()
    expect(desk.row("evolink").get_by_text("cheapest")).to_be_visible()
    expect(desk.page.locator(".svc-least:visible")).to_have_count(1)
    sellers.offers[1] = offer("evolink", "0.4680", LENGTHS)
    desk.page.keyboard.press("Escape")
    desk.choose("Quality", "1080p")
    desk.open_list()
    expect(desk.row("apimart").get_by_text("cheapest")).to_be_visible()
    expect(desk.row("evolink").get_by_text("cheapest")).to_be_hidden()


def test_a_service_without_a_key_says_so_and_add_a_key_leads_there(desk: PaidDesk, sellers: Sellers) -> None:
    sellers.offers[1] = offer("evolink", "0.4680", key="none")
    desk.duration.fill("6")
    desk.open_list()
    expect(desk.row("evolink")).to_contain_text("needs a key")
    expect(desk.row("apimart")).not_to_contain_text("needs a key")
    desk.page.locator(".svc-foot").get_by_role("button", name="Add a key").click()
    expect(desk.keys).to_be_visible()


def test_a_rule_is_told_with_the_button_that_changes_it(desk: PaidDesk, sellers: Sellers) -> None:
    sellers.offers[2] = offer("aimlapi", None, LENGTHS)
    desk.duration.fill("8")
    desk.open_list()
    row = desk.row("aimlapi")
    expect(row).to_contain_text("A film here is 5, 10 or 15 s long, nothing in between.")
    sellers.offers[2] = offer("aimlapi", None)
    need(row, "Make it 10 s").click()
    expect(desk.duration).to_have_value("10")
    expect(row).not_to_contain_text("nothing in between")
    expect(desk.page.locator(".svc-list")).to_be_visible()
    expect(desk.page.locator(".svc-n")).to_have_text("Preview")


def test_a_change_that_only_that_service_knows_chooses_it(desk: PaidDesk, sellers: Sellers) -> None:
    desk.take("dashscope")
    desk.choose("Sound", "Silent")
    rule = {
        "field": "sound",
        "code": "not_offered",
        "message": "Not this sound.",
        "fix": {"field": "sound", "value": "under"},
        "mend": None,
    }
    sellers.offers[4] = offer("dashscope", "0.5600", rule)
    desk.duration.fill("9")
    desk.open_list()
    desk.row("preview").get_by_role("radio").check()
    need(desk.row("dashscope"), "Lay it under").click()
    assert desk.page.locator(".svc-n").inner_text() in {"DashScope", "Preview"}
    expect(desk.option("Sound", "Laid under")).to_be_checked()


def test_a_file_that_does_not_fit_leads_to_its_box(desk: PaidDesk, sellers: Sellers) -> None:
    sellers.offers[1] = offer("evolink", "0.4680", UNFIT)
    desk.duration.fill("7")
    desk.open_list()
    need(desk.row("evolink"), "Choose it and mend the file").click()
    expect(desk.page.locator(".svc-n")).to_have_text("EvoLink")
    expect(desk.page.locator(".svc-list")).to_be_hidden()


def test_what_is_not_there_yet_is_no_rule_of_a_service(desk: PaidDesk, sellers: Sellers) -> None:
    missing = {"field": "prompt", "code": "prompt_missing", "message": "There are no words yet.", "fix": None, "mend": None}
    sellers.offers[1] = offer("evolink", "0.4680", missing)
    desk.duration.fill("7")
    desk.open_list()
    expect(desk.row("evolink").get_by_text("cheapest")).to_be_visible()
    expect(desk.row("evolink")).not_to_contain_text("There are no words yet.")


def test_many_changes_are_asked_about_once_and_the_last_counts(desk: PaidDesk, sellers: Sellers) -> None:
    desk.open_list()
    expect(desk.row("evolink")).to_contain_text("at most")
    desk.page.keyboard.press("Escape")
    sellers.asked.clear()
    with desk.page.expect_request(lambda request: request.url.endswith("/estimate") and f'"duration":{LAST}' in (request.post_data or "")):
        desk.page.evaluate(
            "() => { const field = document.querySelector('#duration input'); for (let s = 6; s <= 11; s += 1)"
            " { field.value = s; field.dispatchEvent(new Event('input', { bubbles: true })); } }"
        )
    assert [request["duration"] for request in sellers.asked if request["duration"] != LAST] == []


def test_the_list_scrolls_inside_the_room_above_its_button(desk: PaidDesk, sellers: Sellers) -> None:
    sellers.offers = [offer(one["id"], "0.5", LENGTHS, UNREACHABLE) for one in sellers.offers]
    desk.page.set_viewport_size({"width": 390, "height": 700})
    desk.duration.fill("7")
    desk.open_list()
    expect(desk.row("apimart")).to_contain_text("nothing in between")
    box = desk.page.locator(".svc-list").bounding_box()
    assert box is not None
    assert box["y"] >= 0


# ---- one's own sound where a service cannot fetch it


def unreachable(desk: PaidDesk, sellers: Sellers) -> None:
    """EvoLink is chosen and cannot fetch the mp3."""
    desk.fill()
    desk.take("evolink")
    sellers.offers[1] = offer("evolink", "0.4680", UNREACHABLE)
    sellers.offers[4] = offer("dashscope", "0.5600", UNREACHABLE)
    desk.choose("Sound", "My mp3")
    desk.put_sound(mp3_file(6))
    expect(desk.says).to_contain_text("EvoLink cannot reach this studio to fetch your mp3.")


def test_an_mp3_that_the_service_cannot_fetch_is_said_before_generate(desk: PaidDesk, sellers: Sellers) -> None:
    unreachable(desk, sellers)
    expect(desk.generate).to_have_attribute("data-missing", "sound")
    expect(desk.price).to_contain_text("EvoLink cannot fetch your mp3 from here.")
    expect(desk.says).to_contain_text("Preview")
    expect(desk.says).to_contain_text("STUDIO_PUBLIC_URL")
    expect(desk.says).to_contain_text("the motion won’t follow the sound")


def test_laid_under_is_an_option_only_where_the_service_cannot_hear_the_mp3(desk: PaidDesk, sellers: Sellers) -> None:
    desk.take("evolink")
    expect(desk.page.get_by_text("Laid under", exact=True)).to_be_hidden()
    unreachable(desk, sellers)
    expect(desk.page.get_by_text("Laid under", exact=True)).to_be_visible()


def test_one_click_lays_the_mp3_under_a_silent_film(desk: PaidDesk, sellers: Sellers) -> None:
    unreachable(desk, sellers)
    sellers.offers[1] = offer("evolink", "0.2345")
    desk.price.get_by_role("button", name="Lay it under").click()
    expect(desk.option("Sound", "Laid under")).to_be_checked()
    expect(desk.generate).to_have_attribute("data-missing", "")
    expect(desk.price).to_contain_text("at most $0.24")
    expect(desk.says).to_contain_text("Bought silent, your mp3 is laid under it here")
    assert sellers.asked[-1]["sound"] == "under"
    assert sellers.asked[-1]["audio"]
