"""axe finds nothing to complain about, in each state, light and dark, wide and narrow."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import expect

from tests.browser import paid_shots
from tests.browser.desk import NOTHING_BUT_FAULTS, Desk, jpeg_file, mp3_file, png_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from playwright.sync_api import Page

    from tests.browser.conftest import Faults


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


def on_desk(state: paid_shots.State) -> Callable[[Desk], None]:
    """A state of paid films, with a picture of no account."""

    def show(desk: Desk) -> None:
        state(desk, jpeg_file)

    show.__name__ = f"paid_{state.__name__}"
    return show


PAID = (
    paid_shots.services_change,
    paid_shots.evolink,
    paid_shots.unfetched,
    paid_shots.laid_under,
    paid_shots.keys_wrong,
    paid_shots.owner_claim,
    paid_shots.owner,
    paid_shots.paused,
    paid_shots.at_work,
    paid_shots.notes,
    paid_shots.unsaved_open,
    paid_shots.settling,
)
FORM = (first, filled, refused, mended, wrong_fields, services_open, keys_open, paid, finished)
SIGHTS = ((1440, False), (390, True), (1440, True), (390, False))
"""Widths in px, and whether it is dark."""
ENDS = SIGHTS[:2]
"""Both widths and both themes once: the paid states are drawn from the same parts."""
CASES = (*product(FORM, [SIGHTS]), *product(map(on_desk, PAID), [ENDS]))


@pytest.mark.parametrize(("state", "sights"), CASES, ids=[state.__name__ for state, _ in CASES])
def test_axe_finds_nothing(state: Callable[[Desk], None], sights: Iterable[tuple[int, bool]], studio_page: Page, faults: Faults) -> None:
    faults.allow(r"status of 422 .*/keys/")  # a wrong key is one of the states
    state(Desk(studio_page))
    for width, dark in sights:
        studio_page.set_viewport_size({"width": width, "height": 900})
        studio_page.evaluate("dark => document.body.classList.toggle('dark', dark)", dark)
        found = Axe().run(studio_page, options=NOTHING_BUT_FAULTS).response["violations"]
        assert [(width, dark, rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found] == []
