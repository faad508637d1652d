"""What somebody sees who has no film yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.gallery_media import SIZES
from tests.browser.gallery_stage import FakeStudio, Stage, staged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator


def example(name: str, *, ready: bool = True) -> dict[str, Any]:
    width, height = SIZES[name]
    film = f"/media/film-{name}" if ready else None
    poster = f"/media/{name}?example"
    return {
        "id": name,
        "prompt": f"The {name} wakes.",
        "width": width,
        "height": height,
        "duration_s": 5,
        "video_url": film,
        "poster_url": poster,
        "image_url": poster,
    }


@pytest.fixture
def studio() -> FakeStudio:
    return FakeStudio(examples=[example("sea"), example("lamp"), example("moon")])


@pytest.fixture
def stage(browser: Browser, studio: FakeStudio) -> Iterator[Stage]:
    with staged(browser, studio) as opened:
        yield opened


def card(stage: Stage, name: str) -> Locator:
    return stage.page.locator(f'article[data-example="{name}"]')


def test_three_films_to_play_or_to_begin_with(stage: Stage) -> None:
    stage.open()
    expect(stage.gallery.get_by_role("heading")).to_have_text("One picture becomes a film")
    expect(stage.page.locator("article")).to_have_count(3)
    expect(card(stage, "sea")).to_contain_text("The sea wakes.")
    card(stage, "sea").get_by_role("button", name="Play").click()
    stage.page.wait_for_function("document.querySelector('video').currentTime > 0.1")


def test_pictures_stand_there_until_their_films_are_rendered(stage: Stage, studio: FakeStudio) -> None:
    studio.examples = [example("sea"), example("lamp", ready=False), example("moon", ready=False)]
    stage.open()
    stage.settle()
    expect(card(stage, "lamp").get_by_role("button", name="Play")).to_be_hidden()
    expect(card(stage, "lamp").get_by_role("button", name="Use this")).to_be_visible()
    studio.examples = [example("sea"), example("lamp"), example("moon")]
    stage.run(4)
    expect(card(stage, "lamp").get_by_role("button", name="Play")).to_be_visible()
    asked = len(studio.calls("^GET examples"))
    stage.run(40, step=2)
    assert len(studio.calls("^GET examples")) == asked


def test_an_example_that_plays_is_not_touched_when_another_is_rendered(stage: Stage, studio: FakeStudio) -> None:
    studio.examples = [example("sea"), example("lamp", ready=False)]
    stage.open()
    stage.settle()
    card(stage, "sea").get_by_role("button", name="Play").click()
    stage.page.evaluate("window.film = document.querySelector('video')")
    studio.examples = [example("sea"), example("lamp")]
    stage.run(4)
    expect(card(stage, "lamp").get_by_role("button", name="Play")).to_be_visible()
    assert stage.page.evaluate("film.isConnected && document.querySelectorAll('video').length === 1")


def test_use_this_fills_the_form(stage: Stage, studio: FakeStudio) -> None:
    stage.open()
    card(stage, "lamp").get_by_role("button", name="Use this").click()
    stage.page.wait_for_function("window.example?.request.prompt === 'of the example'")
    assert studio.calls("^POST") == ["POST examples/lamp/use"]


def test_an_example_wanted_before_it_is_painted_is_taken_when_it_is(stage: Stage, studio: FakeStudio) -> None:
    studio.examples = [{**example("sea", ready=False), "image_url": None, "poster_url": None}]
    stage.open()
    stage.settle()
    card(stage, "sea").get_by_role("button", name="Use this").click()
    stage.run(4)
    assert studio.calls("^POST") == []
    studio.examples = [example("sea", ready=False)]
    stage.run(6)
    stage.page.wait_for_function("window.example?.request.prompt === 'of the example'")
    assert studio.calls("^POST") == ["POST examples/sea/use"]
    expect(card(stage, "sea").get_by_role("button", name="Use this")).to_be_visible()


def test_use_this_that_cannot_work_says_why(stage: Stage, studio: FakeStudio) -> None:
    studio.refusals["POST examples"] = (429, {"error": {"code": "too_many_uploads", "message": "That was too much at once.", "hint": ""}})
    stage.open()
    card(stage, "lamp").get_by_role("button", name="Use this").click()
    expect(card(stage, "lamp").locator(".trouble")).to_have_text("That was too much at once.")
    expect(card(stage, "lamp").get_by_role("button", name="Use this")).to_be_visible()


def test_the_first_job_takes_the_place_of_the_examples(stage: Stage, studio: FakeStudio) -> None:
    stage.open()
    card(stage, "sea").get_by_role("button", name="Play").click()
    stage.page.evaluate("job => studio.showJob(job)", studio.put("mine", "queued"))
    expect(card(stage, "sea")).to_be_hidden()
    assert stage.page.locator("video").count() == 0
    expect(stage.gallery.get_by_role("heading")).to_have_text("Videos")
    assert stage.order() == ["mine"]


def test_a_studio_without_examples_says_where_films_appear(stage: Stage, studio: FakeStudio) -> None:
    studio.examples = []
    stage.open()
    stage.settle()
    expect(stage.gallery.get_by_text("Your films appear here.")).to_be_visible()
    expect(stage.gallery.get_by_role("heading")).to_have_text("Videos")


def test_examples_come_when_the_server_is_back(stage: Stage, studio: FakeStudio) -> None:
    studio.refusals["GET examples"] = (503, {"error": {"code": "unavailable", "message": "Starting.", "hint": ""}})
    stage.open()
    stage.settle()
    studio.refusals.clear()
    stage.run(5)
    expect(stage.page.locator("article")).to_have_count(3)
