"""What is in the form outlives a reload, a server that is away, and a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NO_EXAMPLES, SERVE, visit
from tests.browser.desk import WORDS, Desk, mp3_file
from tests.integration.server import running

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page, Route

    from tests.browser.conftest import Faults
    from tests.integration.server import Running


@pytest.fixture
def desk(studio_page: Page) -> Desk:
    return Desk(studio_page)


def test_everything_in_the_form_survives_a_reload(desk: Desk, program: Running) -> None:
    desk.fill()
    desk.choose("Sound", "My mp3")
    desk.put_sound(mp3_file(4))
    desk.duration.fill("7")
    desk.choose("Quality", "1080p")
    desk.page.get_by_role("button", name="More settings").click()
    desk.page.get_by_label("Seed", exact=True).fill("9")
    desk.saved()
    visit(desk.page, program)
    expect(desk.prompt).to_have_value(WORDS)
    expect(desk.option("Sound", "My mp3")).to_be_checked()
    expect(desk.duration).to_have_value("7")
    expect(desk.option("Quality", "1080p")).to_be_checked()
    expect(desk.frame).to_have_attribute("data-state", "ready")
    expect(desk.track).to_have_attribute("data-state", "ready")
    desk.page.get_by_role("button", name="More settings").click()
    expect(desk.page.get_by_label("Seed", exact=True)).to_have_value("9")
    expect(desk.generate).to_have_attribute("data-missing", "")


def test_the_tab_may_close_right_after_the_last_key(desk: Desk, program: Running) -> None:
    desk.prompt.fill("the last words")
    desk.page.goto("about:blank")
    visit(desk.page, program)
    expect(desk.prompt).to_have_value("the last words")


def test_a_draft_is_kept_as_soon_as_the_server_is_back(desk: Desk, faults: Faults) -> None:
    faults.allow("ERR_FAILED")
    desk.page.route("**/gradio_api/studio/draft", lambda route: route.abort())
    with desk.page.expect_event("requestfailed"):
        desk.prompt.fill("written in a tunnel")
    desk.page.unroute("**/gradio_api/studio/draft")
    desk.saved()
    assert desk.call("draft")["draft"]["form"]["prompt"] == "written in a tunnel"


def test_what_is_typed_before_the_draft_arrives_stays(desk: Desk, program: Running) -> None:
    desk.prompt.fill("old words")
    desk.duration.fill("9")
    desk.saved()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    desk.page.route("**/gradio_api/studio/draft", hold)
    desk.page.goto(program.base)
    expect(desk.generate).to_have_attribute("data-missing", "image prompt")
    desk.prompt.press_sequentially("new words")
    held[0].continue_()
    desk.page.unroute("**/gradio_api/studio/draft")
    expect(desk.duration).to_have_value("9")
    expect(desk.prompt).to_have_value("new words")


def test_visitors_do_not_share_a_draft(desk: Desk, program: Running) -> None:
    desk.prompt.fill("mine")
    desk.saved()
    desk.page.context.clear_cookies()
    visit(desk.page, program)
    expect(desk.prompt).to_have_value("")


def test_use_again_brings_back_all_that_a_film_was_made_of(desk: Desk) -> None:
    desk.fill()
    desk.choose("Sound", "Silent")
    desk.duration.fill("2")
    desk.press()
    expect(desk.page.locator("article[data-state=completed]")).to_have_count(1, timeout=60_000)
    desk.page.get_by_role("button", name="Remove").click()
    desk.prompt.fill("something else")
    desk.choose("Sound", "Automatic")
    desk.duration.fill("11")
    desk.page.get_by_role("button", name="Use again").click()
    expect(desk.prompt).to_have_value(WORDS)
    expect(desk.option("Sound", "Silent")).to_be_checked()
    expect(desk.duration).to_have_value("2")
    expect(desk.frame).to_have_attribute("data-state", "ready")
    expect(desk.generate).to_have_attribute("data-missing", "")


def test_a_restart_of_the_server_under_an_open_page_loses_nothing(blank_page: Page, tmp_path: Path, faults: Faults) -> None:
    faults.allow("ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|ERR_INCOMPLETE|ERR_NETWORK_CHANGED")
    desk = Desk(blank_page)
    with running(tmp_path / "data", command=SERVE, more=NO_EXAMPLES) as first:
        port = first.port
        visit(blank_page, first)
        desk.fill()
        desk.saved()
        blank_page.evaluate("window.same = true")
    desk.press()
    expect(desk.price).to_contain_text("cannot be reached")
    desk.prompt.fill("typed while it was away")
    with running(tmp_path / "data", port=port, command=SERVE, more=NO_EXAMPLES) as second:
        desk.press()
        expect(desk.cards).to_have_count(1)
        assert desk.jobs()[0]["request"]["prompt"] == "typed while it was away"
        assert blank_page.evaluate("window.same") is True
        visit(blank_page, second)
        expect(desk.prompt).to_have_value("typed while it was away")
        expect(desk.frame).to_have_attribute("data-state", "ready")
