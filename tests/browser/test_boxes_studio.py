"""The two boxes in the real page, with the real server behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests import media_factory as make
from tests.browser.boxes_stage import payload

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Faults


def test_a_phone_photo_is_mended_by_the_server_and_can_be_undone(studio_page: Page, faults: Faults) -> None:
    faults.allow("422")  # the browser itself notes that the server wants a change
    frame = studio_page.locator(".frame")
    studio_page.get_by_label("First frame").set_input_files(
        payload("照片.jpg", make.jpeg(4032, 3024, orientation=6, gps=True), "image/jpeg")
    )
    studio_page.get_by_role("button", name="Shrink to 2000 px").click()
    expect(frame).to_have_attribute("data-state", "ready")
    expect(frame.locator(".under .facts")).to_contain_text("1500 × 2000")
    expect(frame.locator(".under .facts")).to_contain_text("metadata removed · shrunk · Undo · turned upright · Undo")
    expect(frame.locator(".pic")).to_have_js_property("naturalWidth", 1500)
    frame.get_by_role("button", name="Undo: turned upright").click()
    expect(frame.locator(".under .facts")).to_contain_text("2000 × 1500")
    frame.get_by_role("button", name="Undo: shrunk").click()
    expect(frame).to_have_attribute("data-state", "refused")


def test_a_see_through_picture_is_laid_on_white(studio_page: Page, faults: Faults) -> None:
    faults.allow("422")
    frame = studio_page.locator(".frame")
    studio_page.get_by_label("First frame").set_input_files(payload("cut-out.png", make.one_clear_pixel_png(), "image/png"))
    studio_page.get_by_role("button", name="White behind").click()
    expect(frame).to_have_attribute("data-state", "ready")
    expect(frame.locator(".under .facts")).to_contain_text("white behind · Undo")


def test_a_song_is_heard_in_part(studio_page: Page, faults: Faults) -> None:
    faults.allow("422")
    studio_page.get_by_role("radio", name="My mp3").check()
    studio_page.get_by_label("Soundtrack").set_input_files(payload("night-drive.mp3", make.mp3(60, kbps=64), "audio/mpeg"))
    studio_page.get_by_role("button", name="Use a part of it").click()
    track = studio_page.locator(".track")
    expect(track).to_have_attribute("data-state", "ready")
    expect(track).to_contain_text("night-drive.mp3 · 1:00 · a part of it · Undo")


@pytest.mark.page_of_its_own
def test_a_bad_file_causes_no_request_to_the_server(studio_page: Page) -> None:
    sent: list[str] = []
    studio_page.on("request", lambda request: sent.append(request.url) if "/uploads" in request.url else None)
    studio_page.get_by_label("First frame").set_input_files(payload("x.jpg", make.animated("WEBP"), "image/webp"))
    expect(studio_page.locator(".frame")).to_have_attribute("data-state", "refused")
    assert sent == []
