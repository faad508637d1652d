"""The native controls: limits, counter, rules that couple two of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import visit
from tests.browser.desk import Desk

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from tests.integration.server import Running


@pytest.fixture
def desk(studio_page: Page) -> Desk:
    return Desk(studio_page)


def test_the_page_opens_with_the_simplest_film(desk: Desk) -> None:
    expect(desk.option("Sound", "Automatic")).to_be_checked()
    expect(desk.duration).to_have_value("5")
    expect(desk.option("Quality", "720p")).to_be_checked()
    expect(desk.option("Shot type", "Single")).to_be_checked()
    expect(desk.page.get_by_label("Improve my prompt")).to_be_checked()


def test_the_count_is_always_read_and_shown_near_the_limit(desk: Desk) -> None:
    count = desk.page.locator("#prompt-count")
    desk.prompt.fill("four")
    expect(desk.prompt).to_have_accessible_description("4 of 1500 characters")
    expect(count).to_have_css("clip-path", "inset(50%)")
    desk.prompt.fill("x" * 1400)
    expect(count).to_have_css("clip-path", "none")
    expect(count).to_have_text("1400 of 1500 characters")


def test_a_prompt_is_counted_in_code_points(desk: Desk) -> None:
    desk.prompt.fill("🎞️" * 700)
    expect(desk.page.locator("#prompt-count")).to_have_text("1400 of 1500 characters")


def test_a_prompt_that_is_too_long_keeps_generate_waiting(desk: Desk) -> None:
    desk.put_picture()
    desk.prompt.fill("x" * 1502)
    expect(desk.page.locator("#prompt-count")).to_have_text("2 characters too many: 1502 of 1500")
    desk.prompt.fill("x" * 1501)
    expect(desk.page.locator("#prompt-count")).to_have_text("1 character too many: 1501 of 1500")
    expect(desk.generate).to_have_attribute("data-missing", "prompt")
    expect(desk.price).to_contain_text("The prompt is too long.")
    desk.prompt.fill("x" * 1500)
    expect(desk.generate).to_have_attribute("data-missing", "")


def test_a_length_beyond_the_limits_becomes_the_nearest_one(desk: Desk) -> None:
    desk.duration.fill("99")
    expect(desk.end).to_have_attribute("aria-valuenow", "5")
    desk.duration.press("Tab")
    expect(desk.duration).to_have_value("15")
    expect(desk.end).to_have_attribute("aria-valuenow", "15")
    expect(desk.duration).to_have_accessible_description("A film here is 2 to 15 s long.")
    desk.duration.fill("4")
    expect(desk.duration).to_have_accessible_description("")
    desk.duration.fill("-3")
    desk.duration.press("Tab")
    expect(desk.duration).to_have_value("2")
    expect(desk.page.locator("#time-head")).to_contain_text("A film here is 2 to 15 s long.")
    desk.end.press("End")
    expect(desk.duration).to_have_accessible_description("")
    desk.duration.fill("")
    desk.duration.press("Tab")
    expect(desk.duration).to_have_value("15")


def test_multi_improves_the_prompt_and_says_so(desk: Desk) -> None:
    improve = desk.page.get_by_label("Improve my prompt")
    improve.uncheck()
    desk.choose("Shot type", "Multi")
    expect(improve).to_be_checked()
    expect(desk.page.locator("#look")).to_contain_text("beats its wording")


def test_what_multi_means_is_said_as_long_as_it_is_chosen(desk: Desk, program: Running) -> None:
    desk.choose("Shot type", "Multi")
    expect(desk.page.locator("#look")).to_contain_text("beats its wording")
    desk.saved()
    visit(desk.page, program)
    expect(desk.page.locator("#look")).to_contain_text("beats its wording")
    desk.choose("Shot type", "Single")
    expect(desk.page.locator("#look")).not_to_contain_text("beats its wording")


def test_a_prompt_that_must_stand_as_it_is_means_a_single_shot(desk: Desk) -> None:
    desk.choose("Shot type", "Multi")
    desk.page.get_by_label("Improve my prompt").uncheck()
    expect(desk.option("Shot type", "Single")).to_be_checked()
    expect(desk.page.locator("#look")).to_contain_text("Multi needs an improved prompt")


def test_a_seed_is_empty_at_first_and_kept_while_more_settings_are_closed(desk: Desk) -> None:
    more = desk.page.get_by_role("button", name="More settings")
    more.click()
    seed = desk.page.get_by_label("Seed", exact=True)
    expect(seed).to_have_value("")
    seed.fill("42")
    more.click()
    expect(seed).to_be_hidden()
    more.click()
    expect(seed).to_have_value("42")


def test_a_seed_that_cannot_be_is_told_at_the_seed(desk: Desk) -> None:
    desk.fill()
    desk.page.get_by_role("button", name="More settings").click()
    seed = desk.page.get_by_label("Seed", exact=True)
    seed.fill("-1")
    expect(desk.generate).to_have_attribute("data-missing", "seed")
    desk.press()
    expect(seed).to_be_focused()
    expect(seed).to_have_accessible_description("Seed may be 0 to 2147483647.")


def test_a_place_without_a_lasting_disk_says_so(blank_page: Page, program: Running) -> None:
    def without_disk(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace(r"\"lasting\": true", r"\"lasting\": false"))

    blank_page.route(f"{program.base}/", without_disk)
    visit(blank_page, program)
    note = blank_page.get_by_label("About what is kept")
    expect(note).to_contain_text("Nothing lasts here. This place has no lasting disk")
    blank_page.get_by_role("button", name="Hide this note").click()
    expect(note).to_be_visible()


def test_the_note_about_the_service_can_be_hidden_for_good(desk: Desk) -> None:
    note = desk.page.get_by_label("About Preview")
    expect(note).to_contain_text("You are using Preview.")
    desk.page.get_by_role("button", name="Hide this note").click()
    expect(note).to_be_hidden()
    desk.page.reload()
    desk.page.locator("#form[data-ready]").wait_for()
    expect(note).to_be_hidden()
