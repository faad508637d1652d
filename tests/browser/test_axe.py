"""axe finds nothing to complain about, in each state, light and dark, wide and narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import expect

from tests.browser.conftest import visit
from tests.browser.desk import Desk, mp3_file, png_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext

    from tests.integration.server import Running


def first(_desk: Desk) -> None:
    """Nothing is in the form."""


def filled(desk: Desk) -> None:
    desk.fill()
    desk.choose("Sound", "My mp3")
    desk.put_sound(mp3_file(12.4))


def refused(desk: Desk) -> None:
    desk.page.get_by_label("First frame", exact=True).set_input_files(png_file())
    expect(desk.frame).to_have_attribute("data-state", "refused")
    desk.choose("Sound", "My mp3")
    desk.page.get_by_label("Soundtrack", exact=True).set_input_files(mp3_file(2))
    expect(desk.track).to_have_attribute("data-state", "refused")


def mended(desk: Desk) -> None:
    desk.page.get_by_label("First frame", exact=True).set_input_files(png_file())
    desk.page.get_by_role("button", name="Shrink to 2000 px").click()
    expect(desk.frame).to_have_attribute("data-state", "ready")


def wrong_fields(desk: Desk) -> None:
    desk.put_picture()
    desk.prompt.fill("x" * 1600)
    desk.choose("Shot type", "Multi")
    desk.page.get_by_role("button", name="More settings").click()
    desk.page.get_by_label("Seed", exact=True).fill("-4")
    desk.press()


def services_open(desk: Desk) -> None:
    desk.page.locator(".svc-btn").click()


def keys_open(desk: Desk) -> None:
    desk.page.locator(".keys-btn").click()
    expect(desk.page.get_by_role("dialog", name="Keys")).to_be_visible()


def paid(desk: Desk) -> None:
    desk.fill()
    desk.page.locator(".svc-btn").click()
    desk.page.locator(".svc-row input[value=evolink]").check()
    expect(desk.price).to_contain_text("needs a key")


def finished(desk: Desk) -> None:
    desk.fill()
    desk.duration.fill("2")
    desk.press()
    expect(desk.page.locator("article[data-state=completed]")).to_have_count(1, timeout=60_000)


STATES = (first, filled, refused, mended, wrong_fields, services_open, keys_open, paid, finished)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing(
    state: Callable[[Desk], None], width: int, open_context: Callable[..., BrowserContext], program: Running
) -> None:
    desk = Desk(visit(open_context(viewport={"width": width, "height": 900}).new_page(), program))
    state(desk)
    for dark in (False, True):
        desk.page.evaluate("dark => document.body.classList.toggle('dark', dark)", dark)
        found = Axe().run(desk.page).response["violations"]
        assert [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found] == []
