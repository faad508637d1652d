"""The gallery for everybody: axe, keyboard, phone, reduced motion, no colour."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import expect

from tests.browser.desk import NOTHING_BUT_FAULTS
from tests.browser.gallery_stage import NOW, FakeStudio, Stage, iso, staged
from tests.browser.test_gallery_first_visit import example

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser

AWAY = {"code": "preview_died", "message": "The Preview was stopped.", "hint": "Make it again.", "charged": "no"}


def first_visit() -> FakeStudio:
    return FakeStudio(examples=[example("sea"), example("lamp", ready=False), example("moon")])


def working() -> FakeStudio:
    studio = FakeStudio()
    studio.put("queued", "queued", scene="tower", position=2)
    studio.put("working", "processing", scene="sea", progress=62, eta_s=50.0, stage="Making the film")
    studio.put("stopped", "cancelled", scene="moon")
    return studio


def finished() -> FakeStudio:
    studio = FakeStudio()
    for minutes, scene in enumerate(("sea", "tower", "moon", "hills", "lamp", "road")):
        studio.put(f"film-of-{scene}", scene=scene, minutes_ago=minutes * 40, kept=scene == "hills")
    studio.jobs["film-of-moon"]["video"]["expires_at"] = iso(NOW + timedelta(days=2))
    return studio


def failed() -> FakeStudio:
    studio = finished()
    for number in range(4):
        studio.put(f"bad-{number}", "failed", scene="lamp", error=AWAY)
    studio.put("asks", "unconfirmed", scene="moon", service="evolink")
    return studio


def empty() -> FakeStudio:
    return FakeStudio()


STATES: dict[str, Callable[[], FakeStudio]] = {
    "first visit": first_visit,
    "working": working,
    "finished": finished,
    "failed": failed,
    "empty": empty,
}


def violations(stage: Stage) -> list[str]:
    stage.page.wait_for_load_state("networkidle")
    stage.page.clock.resume()
    found = Axe().run(stage.page, options=NOTHING_BUT_FAULTS).response["violations"]
    return [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in found]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("state", list(STATES))
def test_axe_finds_nothing(browser: Browser, state: str, dark: bool) -> None:
    with staged(browser, STATES[state](), dark=dark) as stage:
        stage.open()
        assert violations(stage) == []


def test_axe_finds_nothing_in_an_open_film_and_a_deleted_one(browser: Browser) -> None:
    with staged(browser, finished(), width=390) as stage:
        stage.open()
        stage.card("film-of-sea").get_by_role("button", name="Play").click()
        stage.card("film-of-moon").get_by_role("button", name="Delete").click()
        assert violations(stage) == []


@pytest.mark.parametrize("state", list(STATES))
def test_nothing_scrolls_sideways(browser: Browser, state: str) -> None:
    with staged(browser, STATES[state]()) as stage:
        stage.open()
        for width in (320, 390, 640, 861, 1024, 1440, 2560):
            stage.page.set_viewport_size({"width": width, "height": 900})
            assert stage.page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("state", list(STATES))
def test_every_target_is_44_px_on_a_phone(browser: Browser, state: str) -> None:
    with staged(browser, STATES[state](), width=390, height=844) as stage:
        stage.open()
        stage.settle()
        small = stage.page.evaluate(
            "[...document.querySelectorAll('.videos :is(button, a)')].filter(x => x.checkVisibility({ visibilityProperty: true }))"
            ".filter(x => { const r = x.getBoundingClientRect(); return r.width < 44 || r.height < 44; }).map(x => x.outerHTML)"
        )
        assert small == []


def test_a_wide_screen_is_used(browser: Browser) -> None:
    with staged(browser, finished(), width=1680) as stage:
        stage.open()
        tops = stage.page.evaluate("[...document.querySelectorAll('.wall > article')].map(x => x.getBoundingClientRect().top)")
        assert tops.count(tops[0]) >= 3


def test_every_act_is_reached_by_keyboard_with_a_visible_ring(browser: Browser) -> None:
    studio = FakeStudio()
    studio.put("one")
    with staged(browser, studio) as stage:
        stage.open()
        stage.page.locator("body").click(position={"x": 2, "y": 2})
        for name in ("Play: The film of one.", "Download", "Use again", "Keep", "Delete"):
            stage.page.keyboard.press("Tab")
            focused = stage.page.locator(":focus")
            expect(focused).to_have_attribute("aria-label", name)
            assert focused.evaluate("x => getComputedStyle(x).outlineWidth") == "2px"


def test_nothing_moves_for_those_who_asked_for_calm(browser: Browser) -> None:
    studio = working()
    studio.put("film")
    with staged(browser, studio) as stage:
        stage.open()
        stage.card("film").get_by_role("button", name="Delete").click()
        assert stage.page.evaluate("document.getAnimations().length") == 0
        assert stage.card("working").locator(".head").evaluate("x => getComputedStyle(x).transitionDuration") == "0s"


def test_pictures_of_jobs_at_work_are_grey_until_the_film_is_there(browser: Browser) -> None:
    studio = working()
    studio.put("film")
    with staged(browser, studio) as stage:
        stage.open()
        grey = "x => getComputedStyle(x).filter.includes('grayscale')"
        assert stage.card("queued").locator("img:not(.colour)").evaluate(grey)
        assert not stage.card("film").locator("img").evaluate(grey)


def test_progress_is_seen_in_forced_colours(browser: Browser) -> None:
    with staged(browser, working()) as stage:
        stage.page.emulate_media(forced_colors="active")
        stage.open()
        edge = stage.card("working").locator(".head").evaluate("x => getComputedStyle(x).backgroundColor")
        ground = stage.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert edge != ground
