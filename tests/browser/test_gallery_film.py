"""The gallery on the real page: a film of one's own, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SERVE, visit
from tests.browser.desk import WORDS, Desk
from tests.browser.wire import NOWHERE
from tests.integration.server import running

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page

PAINTED_MS = 180_000
"""The examples are painted when nothing else wants the processor."""
FILM_MS = 90_000


def film_of_my_own(page: Page) -> Locator:
    """The card of a film just made from a picture and some words."""
    desk = Desk(page)
    desk.fill()
    desk.duration.fill("2")
    desk.press()
    return finished(page)


def finished(page: Page) -> Locator:
    """The newest card, when its film is there."""
    card = page.locator(".wall > article").first
    expect(card).to_have_attribute("data-state", "completed", timeout=FILM_MS)
    return card


@pytest.mark.timeout(400)
def test_three_clicks_lead_from_an_example_to_a_playing_film(blank_page: Page, tmp_path: Path) -> None:
    with running(tmp_path / "data", command=SERVE, more={"STUDIO_EXAMPLES": "on"}) as program:
        page = visit(blank_page, program)
        page.get_by_role("button", name="Use this").nth(1).click()
        expect(page.get_by_label("Prompt", exact=True)).not_to_have_value("", timeout=PAINTED_MS)
        page.get_by_role("button", name="Generate").click()
        finished(page).get_by_role("button", name="Play").click()
        page.wait_for_function("document.querySelector('video').currentTime > 0.2")
        page.goto(NOWHERE)  # or it would ask on while the program ends


def test_a_film_is_sought_downloaded_deleted_and_brought_back(studio_page: Page) -> None:
    card = film_of_my_own(studio_page)
    expect(card.locator(".mark")).to_have_text("Preview")
    card.get_by_role("button", name="Play").click()
    at = studio_page.evaluate(
        "new Promise(done => { const v = document.querySelector('video'); v.onseeked = () => done(v.currentTime);"
        " const go = () => { v.currentTime = v.duration - 0.5; }; if (v.readyState) go(); else v.onloadedmetadata = go; })"
    )
    assert at > 1
    with studio_page.expect_download() as download:
        card.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.startswith("preview-the-boats-rock-a-little-as-")
    card.get_by_role("button", name="Delete").click()
    card.get_by_role("button", name="Undo").click()
    expect(card).to_have_attribute("data-state", "completed")
    studio_page.reload()
    expect(studio_page.locator(".wall > article")).to_have_count(1)


def test_the_star_and_the_prompt_outlive_a_reload_and_use_again_brings_the_prompt_back(studio_page: Page) -> None:
    card = film_of_my_own(studio_page)
    with studio_page.expect_response(lambda answer: answer.url.endswith("/keep")):
        card.get_by_role("button", name="Keep").click()
    studio_page.reload()
    expect(card.get_by_role("button", name="Keep")).to_have_attribute("aria-pressed", "true")
    studio_page.locator("#form[data-ready]").wait_for()
    Desk(studio_page).prompt.fill("Something else.")
    card.get_by_role("button", name="Use again").click()
    expect(studio_page.get_by_label("Prompt", exact=True)).to_have_value(WORDS)
