"""The end of the film: mouse, touch, keys and the Duration number agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import visit
from tests.browser.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, Page

    from tests.integration.server import Running


@pytest.fixture
def desk(studio_page: Page) -> Desk:
    return Desk(studio_page)


def at_second(desk: Desk, seconds: float) -> tuple[float, float]:
    """Where on the screen a moment of the film lies."""
    box = desk.page.locator(".lanes").bounding_box()
    assert box
    return box["x"] + box["width"] * seconds / 15, box["y"] + 20


@pytest.mark.parametrize(
    ("key", "seconds"),
    [("ArrowRight", 6), ("ArrowUp", 6), ("ArrowLeft", 4), ("ArrowDown", 4), ("PageUp", 10), ("PageDown", 2), ("Home", 2), ("End", 15)],
)
def test_a_key_moves_the_end_and_the_number_follows(desk: Desk, key: str, seconds: int) -> None:
    desk.end.press(key)
    expect(desk.end).to_have_attribute("aria-valuetext", f"{seconds} seconds")
    expect(desk.duration).to_have_value(str(seconds))


def test_the_number_moves_the_end(desk: Desk) -> None:
    desk.duration.fill("11")
    expect(desk.end).to_have_attribute("aria-valuenow", "11")
    expect(desk.page.locator(".end .flag")).to_have_text("11 s")


def test_the_mouse_pulls_the_end_and_stays_within_the_limits(desk: Desk) -> None:
    desk.end.scroll_into_view_if_needed()
    mouse = desk.page.mouse
    mouse.move(*at_second(desk, 5))
    mouse.down()
    mouse.move(*at_second(desk, 12.3), steps=4)
    expect(desk.duration).to_have_value("12")
    mouse.move(*at_second(desk, 40))
    expect(desk.duration).to_have_value("15")
    mouse.move(*at_second(desk, -3))
    mouse.up()
    expect(desk.duration).to_have_value("2")
    mouse.move(*at_second(desk, 9))
    expect(desk.duration).to_have_value("2")


def test_a_finger_pulls_the_end(open_context: Callable[..., BrowserContext], program: Running) -> None:
    desk = Desk(visit(open_context(viewport={"width": 390, "height": 844}, has_touch=True).new_page(), program))
    desk.end.evaluate("end => end.scrollIntoView({ block: 'center' })")
    touch = desk.page.context.new_cdp_session(desk.page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    send("touchStart", at_second(desk, 5))
    send("touchMove", at_second(desk, 8))
    send("touchMove", at_second(desk, 10))
    send("touchEnd")
    expect(desk.duration).to_have_value("10")
    expect(desk.end).to_have_attribute("aria-valuenow", "10")


def test_the_sentence_is_silent_while_the_slider_speaks(desk: Desk) -> None:
    sentence = desk.says.get_by_role("status")
    desk.end.focus()
    expect(sentence).to_have_attribute("aria-live", "off")
    desk.duration.focus()
    expect(sentence).not_to_have_attribute("aria-live", "off")


def test_the_order_hears_the_length_that_the_strip_shows(desk: Desk) -> None:
    desk.fill()
    desk.end.press("Home")
    desk.press()
    expect(desk.cards).to_have_count(1)
    assert desk.jobs()[0]["request"]["duration"] == 2
