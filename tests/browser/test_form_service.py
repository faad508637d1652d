"""The form follows the chosen service's data: a second service with other limits, which no script knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk, jpeg_file, mp3_file

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def desk(studio_page: Page) -> Desk:
    return Desk(studio_page)


def test_the_list_shows_every_service_and_what_it_costs(desk: Desk) -> None:
    desk.page.locator(".svc-btn").click()
    services = desk.page.get_by_role("group", name="Service").get_by_role("radio")
    expect(services).to_have_count(6)
    expect(desk.page.locator(".svc-row").first).to_contain_text("A free draft, drawn on this computer")
    expect(services.first).to_be_focused()
    desk.page.keyboard.press("ArrowDown")
    expect(desk.page.locator(".svc-n")).to_have_text("EvoLink")
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator(".svc-btn")).to_be_focused()
    expect(desk.page.locator(".svc-list")).to_be_hidden()


def test_made_by_opens_the_list_and_gets_the_focus_back(desk: Desk) -> None:
    made_by = desk.page.get_by_role("button", name="Made by Preview")
    made_by.click()
    expect(desk.page.locator(".svc-list")).to_be_visible()
    desk.page.keyboard.press("Escape")
    expect(made_by).to_be_focused()


def test_a_click_beside_the_list_closes_it(desk: Desk) -> None:
    desk.page.locator(".svc-btn").click()
    desk.page.mouse.click(1000, 700)
    expect(desk.page.locator(".svc-list")).to_be_hidden()


def test_values_that_the_service_does_not_have_change_and_are_named(desk: Desk) -> None:
    desk.choose("Sound", "My mp3")
    desk.choose("Quality", "1080p")
    desk.duration.fill("8")
    desk.service("Local")
    expect(desk.duration).to_have_value("10")
    expect(desk.option("Quality", "720p")).to_be_checked()
    expect(desk.option("Sound", "Automatic")).to_be_checked()
    expect(desk.page.get_by_text("1080p", exact=True)).to_be_hidden()
    expect(desk.page.get_by_text("My mp3", exact=True)).to_be_hidden()
    expect(desk.page.get_by_role("button", name="More settings")).to_be_hidden()
    expect(desk.price).to_contain_text("Local cannot do everything you had chosen. Changed: Sound, Quality, Duration (now 10 s).")


def test_a_service_that_is_merely_passed_by_changes_nothing(desk: Desk) -> None:
    desk.choose("Quality", "1080p")
    desk.duration.fill("8")
    desk.page.locator(".svc-btn").focus()
    desk.page.keyboard.press("Enter")
    desk.page.keyboard.press("ArrowUp")
    expect(desk.duration).to_have_value("10")
    desk.page.keyboard.press("ArrowDown")
    expect(desk.duration).to_have_value("8")
    expect(desk.option("Quality", "1080p")).to_be_checked()


def test_enter_takes_the_service_and_leads_back_to_its_button(desk: Desk) -> None:
    button = desk.page.locator(".svc-btn")
    button.focus()
    desk.page.keyboard.press("Enter")
    desk.page.keyboard.press("ArrowUp")
    desk.page.keyboard.press("Enter")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(button).to_contain_text("Local")


def test_what_was_said_of_lengths_goes_with_its_service(desk: Desk) -> None:
    desk.service("Local")
    desk.duration.fill("7")
    desk.duration.press("Tab")
    words = desk.page.get_by_text("5, 10 or 15 s long, nothing in between")
    expect(words).to_be_visible()
    desk.service("Preview")
    expect(words).to_be_hidden()


def test_the_length_steps_and_snaps_to_what_the_service_makes(desk: Desk) -> None:
    desk.service("Local")
    desk.duration.press("ArrowUp")
    expect(desk.duration).to_have_value("10")
    desk.end.press("ArrowRight")
    expect(desk.duration).to_have_value("15")
    desk.end.press("ArrowRight")
    expect(desk.duration).to_have_value("15")
    desk.end.press("Home")
    expect(desk.duration).to_have_value("5")
    desk.duration.fill("13")
    desk.duration.press("Tab")
    expect(desk.duration).to_have_value("15")


def test_only_the_lengths_on_offer_have_long_ticks(desk: Desk) -> None:
    desk.service("Local")
    expect(desk.page.locator(".ruler .tick.long b")).to_have_text(["0", "5", "10", "15 s"])


def test_a_prompt_may_be_left_out_where_the_service_does_not_need_one(desk: Desk) -> None:
    desk.service("Local")
    expect(desk.generate).to_have_attribute("data-missing", "image")
    desk.prompt.fill("x" * 201)
    expect(desk.page.locator("#prompt-count")).to_have_text("1 character too many: 201 of 200")


def test_files_are_judged_again_and_everything_comes_back_with_the_first_service(desk: Desk) -> None:
    desk.service("Local")
    desk.put_picture(jpeg_file(300, 300))
    desk.service("Preview")
    expect(desk.frame).to_have_attribute("data-state", "refused")
    expect(desk.generate).to_have_attribute("data-missing", "image prompt")
    expect(desk.price).to_contain_text("The picture needs a change first.")
    desk.choose("Sound", "My mp3")
    desk.put_sound(mp3_file(4))


def test_a_film_of_the_second_service_is_ordered_with_its_own_fields_alone(desk: Desk) -> None:
    desk.page.get_by_role("button", name="More settings").click()
    desk.page.get_by_label("Seed", exact=True).fill("3")
    desk.service("Local")
    desk.fill()
    desk.press()
    expect(desk.cards).to_have_count(1)
    request = desk.jobs()[0]["request"]
    assert (request["service"], request["seed"], request["duration"]) == ("local", None, 5)
