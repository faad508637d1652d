"""When the gallery asks for news, and what it does with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.gallery_stage import FakeStudio, Stage, staged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture
def studio() -> FakeStudio:
    return FakeStudio()


@pytest.fixture
def stage(browser: Browser, studio: FakeStudio) -> Iterator[Stage]:
    with staged(browser, studio) as opened:
        yield opened


def polls(studio: FakeStudio) -> int:
    return len(studio.calls(r"^GET jobs\?"))


def test_asks_for_the_newest_page_first_and_then_only_for_changes(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    stage.open()
    stage.news()
    assert studio.calls("^GET jobs") == ["GET jobs?limit=24", "GET jobs?since=1&limit=100"]


def test_no_news_changes_nothing_in_the_page(stage: Stage, studio: FakeStudio) -> None:
    for name in ("one", "two", "three"):
        studio.put(name)
    studio.put("working", "processing", progress=40, stage="Making the film")
    stage.open()
    stage.news()
    stage.watch()
    for _ in range(3):
        stage.news()
    assert stage.changed() == []


def test_asks_every_two_seconds_while_a_film_is_made(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", "processing")
    stage.open()
    before = polls(studio)
    stage.run(20)
    assert polls(studio) - before == 10


def test_asks_ever_less_often_while_nothing_happens(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    stage.open()
    stage.run(60)
    before = polls(studio)
    stage.run(60)
    assert polls(studio) - before == 4


def test_is_quick_again_after_news(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    stage.open()
    stage.run(60)
    studio.put("two", "queued")
    stage.run(16)
    before = polls(studio)
    stage.run(10)
    assert polls(studio) - before == 5


def test_a_hidden_tab_asks_nothing_and_a_shown_one_at_once(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", "processing")
    stage.open()
    stage.hide(hidden=True)
    before = polls(studio)
    stage.run(30, step=2)
    assert polls(studio) == before
    studio.put("one", "completed")
    stage.hide(hidden=False)
    expect(stage.card("one")).to_have_attribute("data-state", "completed")


def test_asks_at_once_when_the_network_is_back(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    stage.open()
    stage.run(60)
    before = polls(studio)
    stage.page.evaluate("dispatchEvent(new Event('online'))")
    stage.settle()
    assert polls(studio) == before + 1


def test_errors_are_followed_by_growing_pauses_up_to_half_a_minute(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", "processing")
    stage.open()
    studio.down = True
    before = polls(studio)
    stage.run(2 + 1 + 2 + 4 + 8 + 16)
    assert polls(studio) - before == 6
    stage.run(60)
    assert polls(studio) - before == 8


def test_catches_up_by_itself_after_the_server_was_away(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", "processing")
    stage.open()
    studio.down = True
    stage.run(10)
    expect(stage.gallery.get_by_text("The studio cannot be reached.")).to_be_visible()
    studio.put("one", "completed")
    studio.put("two", "queued")
    studio.down = False
    stage.run(31)
    expect(stage.card("one")).to_have_attribute("data-state", "completed")
    expect(stage.card("two")).to_have_attribute("data-state", "queued")
    expect(stage.gallery.get_by_text("The studio cannot be reached.")).to_be_hidden()


def test_the_page_that_opens_while_the_server_is_away_fills_later(browser: Browser, studio: FakeStudio) -> None:
    studio.put("one")
    studio.down = True
    with staged(browser, studio) as stage:
        stage.page.goto("http://127.0.0.1:9/")
        stage.settle()
        expect(stage.page.locator("section.videos")).not_to_have_attribute("data-ready", "")
        studio.down = False
        stage.run(2)
        expect(stage.card("one")).to_be_visible()
        expect(stage.page.locator("section.videos")).to_have_attribute("data-ready", "")


def test_more_changes_than_fit_an_answer_are_asked_for_to_the_end(stage: Stage, studio: FakeStudio) -> None:
    studio.put("first")
    stage.open()
    for number in range(230):
        studio.put(f"job-{number:03}")
    stage.news()
    assert stage.page.locator("article").count() == 231
    assert len(studio.calls(r"since=")) == 3


def test_a_job_that_is_gone_leaves_the_wall(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    studio.put("two")
    stage.open()
    studio.remove("one")
    stage.news()
    assert stage.order() == ["two"]


def test_a_reset_begins_anew_and_leaves_the_open_film_alone(stage: Stage, studio: FakeStudio) -> None:
    for number in range(30):
        studio.put(f"job-{number:02}", minutes_ago=100 - number)
    stage.open()
    stage.card("job-10").get_by_role("button", name="Play").click()
    stage.page.evaluate("window.film = document.querySelector('video')")
    studio.jobs.pop("job-20")
    studio.revision = studio.floor = 500
    stage.news()
    assert stage.card("job-20").count() == 0
    assert stage.page.evaluate("film.isConnected && film === document.querySelector('video')")


def test_a_revision_that_went_back_begins_anew_too(stage: Stage, studio: FakeStudio) -> None:
    studio.revision = 90
    studio.put("one")
    stage.open()
    studio.jobs.clear()
    studio.revision = 0
    studio.put("other")
    stage.news()
    assert stage.order() == ["other"]


def test_older_films_come_when_the_end_of_the_wall_comes_near(stage: Stage, studio: FakeStudio) -> None:
    for number in range(80):
        studio.put(f"job-{number:02}", minutes_ago=number)
    stage.open()
    assert stage.page.locator("article").count() < 80
    for _ in range(6):
        stage.page.evaluate("scrollTo(0, document.body.scrollHeight)")
        stage.page.wait_for_function("window.pending === 0")
    expect(stage.page.locator("article")).to_have_count(80)
    expect(stage.page.get_by_role("button", name="Show older")).to_be_hidden()
    assert stage.order() == [f"job-{number:02}" for number in range(80)]


def test_news_of_one_film_touch_no_other_card_of_five_hundred(stage: Stage, studio: FakeStudio) -> None:
    studio.put("first")
    stage.open()
    for number in range(499):
        studio.put(f"job-{number:03}")
    studio.put("one", "processing", progress=10, stage="Making the film")
    stage.news()
    stage.page.evaluate(
        """() => {
          window.touched = new Set();
          const card = node => (node.closest ? node : node.parentElement)?.closest('article')?.dataset.job;
          new MutationObserver(all => { for (const x of all) touched.add(card(x.target)); })
            .observe(document.querySelector('.wall'), { subtree: true, childList: true, attributes: true, characterData: true });
        }"""
    )
    studio.put("one", "processing", progress=20, stage="Making the film")
    stage.news()
    assert stage.page.evaluate("[...touched]") == ["one"]
