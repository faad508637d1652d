"""Films play where they lie, one at a time, and no news ever touches the one that plays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.gallery_stage import FakeStudio, Stage, staged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

EVENTS = ["abort", "emptied", "error", "ended", "loadstart", "pause", "stalled", "suspend"]


@pytest.fixture
def studio() -> FakeStudio:
    return FakeStudio()


@pytest.fixture
def stage(browser: Browser, studio: FakeStudio) -> Iterator[Stage]:
    with staged(browser, studio) as opened:
        yield opened


def play(stage: Stage, name: str) -> None:
    stage.card(name).get_by_role("button", name="Play").click()
    stage.page.wait_for_function("document.querySelector('video')?.currentTime > 0.1")


def test_there_is_no_video_before_the_press_on_play(stage: Stage, studio: FakeStudio) -> None:
    for number in range(12):
        studio.put(f"job-{number}")
    stage.open()
    stage.page.wait_for_load_state("networkidle")
    assert stage.page.locator("video").count() == 0
    assert studio.calls("media/film") == []


def test_pictures_are_loaded_as_they_come_near(stage: Stage, studio: FakeStudio) -> None:
    for number in range(24):
        studio.put(f"job-{number}", scene="tower", minutes_ago=number)
    stage.page.set_viewport_size({"width": 390, "height": 400})
    stage.open()
    stage.page.wait_for_load_state("networkidle")
    loaded = stage.page.evaluate("[...document.querySelectorAll('.shot img')].filter(x => x.naturalWidth > 0).length")
    assert 0 < loaded < 24
    assert stage.page.evaluate("[...document.querySelectorAll('.shot img')].every(x => x.loading === 'lazy' && x.decoding === 'async')")


def test_play_shows_the_browsers_own_controls_in_place(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    stage.open()
    play(stage, "one")
    video = stage.card("one").locator("video")
    assert video.evaluate("x => x.controls && x.playsInline && x.preload === 'metadata'")
    expect(video).to_be_focused()


def test_a_film_can_be_sought(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    stage.open()
    play(stage, "one")
    moved = stage.page.evaluate(
        "new Promise(done => { const v = document.querySelector('video'); v.onseeked = () => done(v.currentTime); v.currentTime = 3; })"
    )
    assert abs(moved - 3) < 0.5


def test_one_film_at_a_time(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    studio.put("two")
    stage.open()
    play(stage, "one")
    play(stage, "two")
    assert stage.page.locator("video").count() == 1
    expect(stage.card("two").locator("video")).to_be_visible()
    expect(stage.card("one").get_by_role("button", name="Play")).to_be_visible()


def test_a_playing_film_is_never_touched_by_news(stage: Stage, studio: FakeStudio) -> None:
    studio.put("film", minutes_ago=5)
    studio.put("other", "processing", minutes_ago=3)
    studio.put("gone", minutes_ago=4)
    stage.open()
    play(stage, "film")
    stage.page.evaluate(
        """names => {
          window.film = document.querySelector('video'); window.heard = []; window.moved = 0;
          for (const name of names) film.addEventListener(name, () => heard.push(name));
          const count = nodes => { for (const node of nodes) if (node.contains(film)) moved += 1; };
          new MutationObserver(all => { for (const x of all) { count(x.addedNodes); count(x.removedNodes); } })
            .observe(document.body, { subtree: true, childList: true });
        }""",
        EVENTS,
    )
    studio.put("new", "queued", minutes_ago=1)
    stage.news()
    studio.put("other", "completed")
    studio.put("new", "failed", error={"message": "No.", "hint": "", "charged": "no"})
    studio.remove("gone")
    studio.links = 3
    studio.put("film", kept=True)
    studio.put("older", minutes_ago=90)
    stage.news()
    assert stage.page.evaluate("[heard, moved, film.isConnected, film.paused]") == [[], 0, True, False]
    expect(stage.card("film").get_by_role("button", name="Keep")).to_have_attribute("aria-pressed", "true")


def test_a_dead_link_of_a_film_is_made_fresh_in_silence(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    stage.open()
    studio.dead_links = {"film-one-0"}
    studio.links = 1
    play(stage, "one")
    assert studio.calls("^GET jobs/one$") == ["GET jobs/one"]
    expect(stage.card("one").locator(".trouble")).to_be_hidden()


def test_a_film_that_stays_dead_says_so_and_is_not_asked_for_for_ever(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    stage.open()
    studio.dead_links = {"film-one-0", "film-one-1"}
    studio.links = 1
    stage.card("one").get_by_role("button", name="Play").click()
    expect(stage.card("one").locator(".trouble")).to_contain_text("cannot be played")
    assert studio.calls("^GET jobs/one$") == ["GET jobs/one"]


def test_a_film_pressed_while_the_server_is_away_plays_when_it_is_back(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    stage.open()
    studio.down = True
    stage.card("one").get_by_role("button", name="Play").click()
    stage.page.wait_for_function("document.querySelector('video').error")
    stage.settle()
    stage.news()
    studio.down = False
    stage.news()
    stage.page.wait_for_function("document.querySelector('video').currentTime > 0.1")


def test_a_dead_link_of_a_picture_is_made_fresh_once(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", scene="hills")
    studio.put("two", scene="moon")
    studio.dead_links = {"hills?one-0", "moon?two-0", "moon?two-1"}
    studio.newer = 1
    stage.open()
    stage.page.wait_for_function("document.querySelector('[data-job=one] img').naturalWidth > 0")
    stage.page.wait_for_load_state("networkidle")
    stage.news()
    assert studio.calls("^GET jobs/two$") == ["GET jobs/two"]


def test_deleting_the_film_that_plays_stops_it(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    stage.open()
    play(stage, "one")
    stage.card("one").get_by_role("button", name="Delete").click()
    assert stage.page.locator("video").count() == 0
