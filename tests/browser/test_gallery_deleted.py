"""Deleting is undone: in place for eight seconds, from the heading for ten minutes."""

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


def test_a_deleted_film_leaves_an_empty_well_and_undo_brings_it_back(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    stage.open()
    stage.card("one").get_by_role("button", name="Delete").click()
    expect(stage.card("one")).to_have_attribute("data-state", "deleted")
    expect(stage.card("one").get_by_role("button", name="Undo")).to_be_focused()
    stage.news()
    expect(stage.card("one")).to_be_visible()
    stage.card("one").get_by_role("button", name="Undo").click()
    stage.settle()
    expect(stage.card("one")).to_have_attribute("data-state", "completed")
    assert studio.calls("^(DELETE|POST)") == ["DELETE jobs/one", "POST jobs/one/restore"]


def test_after_eight_seconds_the_heading_brings_it_back(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", minutes_ago=2)
    studio.put("two", minutes_ago=1)
    stage.open()
    stage.card("one").get_by_role("button", name="Delete").click()
    stage.run(8.5)
    assert stage.order() == ["two"]
    back = stage.page.get_by_role("button", name="Deleted (1)")
    expect(back).to_be_focused()
    back.click()
    stage.settle()
    assert stage.order() == ["two", "one"]
    expect(back).to_be_hidden()


def test_after_ten_minutes_nothing_can_be_brought_back(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    studio.put("two")
    stage.open()
    stage.card("one").get_by_role("button", name="Delete").click()
    stage.run(605, step=5)
    expect(stage.page.get_by_role("button", name="Deleted")).to_be_hidden()


def test_a_film_whose_deletion_did_not_arrive_is_there_again(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    stage.open()
    studio.down = True
    stage.card("one").get_by_role("button", name="Delete").click()
    stage.settle()
    expect(stage.card("one")).to_have_attribute("data-state", "completed")
    expect(stage.card("one").locator(".trouble")).to_contain_text("cannot be reached")


def test_a_film_deleted_in_another_tab_leaves_with_its_player(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    studio.put("two")
    stage.open()
    stage.card("one").get_by_role("button", name="Play").click()
    studio.remove("one")
    stage.news()
    assert stage.page.locator("video").count() == 0
    assert stage.order() == ["two"]


def test_a_film_brought_back_in_another_tab_is_back_here(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    stage.open()
    stage.card("one").get_by_role("button", name="Delete").click()
    stage.settle()
    studio.removed.clear()
    studio.put("one")
    stage.news()
    expect(stage.card("one")).to_have_attribute("data-state", "completed")


def test_the_last_film_deleted_leaves_words_and_no_examples(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    stage.open()
    stage.card("one").get_by_role("button", name="Delete").click()
    stage.run(8.5)
    expect(stage.gallery.get_by_text("Your films appear here.")).to_be_visible()
    assert stage.page.locator("article").count() == 0
