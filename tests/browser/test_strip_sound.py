"""What the strip says about the sound: heard, cut, silent, automatic, not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk, mp3_file

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def desk(studio_page: Page) -> Desk:
    return Desk(studio_page)


@pytest.fixture
def with_own(desk: Desk) -> Desk:
    desk.choose("Sound", "My mp3")
    return desk


def test_the_services_own_sound_is_announced(desk: Desk) -> None:
    expect(desk.says).to_contain_text("Preview lays a quiet sound of its own under it.")
    expect(desk.page.locator(".wave .soft")).to_have_count(1)


def test_a_silent_film_has_no_sound_lane(desk: Desk) -> None:
    desk.choose("Sound", "Silent")
    expect(desk.says).to_contain_text("The film has no sound.")
    expect(desk.page.locator(".lane.sound")).to_be_hidden()


def test_own_sound_without_an_mp3_asks_for_one(with_own: Desk) -> None:
    expect(with_own.says).to_contain_text("Add an mp3 below and see here which part of it is heard.")
    expect(with_own.track).to_be_visible()


def test_the_soundtrack_line_stands_only_under_my_mp3(desk: Desk) -> None:
    expect(desk.track).to_be_hidden()


def test_a_longer_mp3_is_cut_and_the_film_grows_with_one_click(with_own: Desk) -> None:
    with_own.put_sound(mp3_file(12.4))
    expect(with_own.says).to_contain_text("You hear the first 5 s of 12.4 s.")
    expect(with_own.page.locator(".song")).to_be_visible()
    expect(with_own.page.get_by_text("not heard")).to_be_visible()
    with_own.page.get_by_role("button", name="Make the film 13 s").click()
    expect(with_own.duration).to_have_value("13")
    expect(with_own.says).to_have_text("Your mp3 ends at 12.4 s; the last 0.6 s are silent.")
    expect(with_own.says.get_by_role("button")).to_be_hidden()


def test_a_shorter_mp3_leaves_a_silent_tail_and_the_film_shrinks_with_one_click(with_own: Desk) -> None:
    with_own.put_sound(mp3_file(3.6))
    with_own.duration.fill("9")
    expect(with_own.says).to_contain_text("Your mp3 ends at 3.6 s; the last 5.4 s are silent.")
    expect(with_own.page.locator(".lane-note")).to_have_text("silent")
    with_own.page.get_by_role("button", name="Make the film 3 s").click()
    expect(with_own.duration).to_have_value("3")


def test_an_mp3_as_long_as_the_film_fits(with_own: Desk) -> None:
    with_own.put_sound(mp3_file(6))
    with_own.duration.fill("6")
    expect(with_own.says).to_have_text("Your mp3 and the film are the same length.")
    expect(with_own.says.get_by_role("button")).to_be_hidden()


def test_an_mp3_longer_than_any_film_offers_no_longer_film(with_own: Desk) -> None:
    with_own.put_sound(mp3_file(28.4))
    expect(with_own.says).to_contain_text("You hear the first 5 s of 28.4 s.")
    expect(with_own.says.get_by_role("button")).to_be_hidden()


def test_a_refused_sound_is_not_heard_and_keeps_generate_waiting(with_own: Desk) -> None:
    with_own.page.get_by_label("Soundtrack", exact=True).set_input_files(mp3_file(2))
    expect(with_own.track).to_have_attribute("data-state", "refused")
    expect(with_own.says).to_contain_text("Nothing is heard yet.")
    expect(with_own.price).to_contain_text("Add a picture to begin.")
    expect(with_own.generate).to_have_attribute("data-missing", "image prompt audio")


def test_the_wave_follows_the_loudness_of_the_file(with_own: Desk) -> None:
    with_own.put_sound(mp3_file(6))
    heights = with_own.page.locator(".wave .heard").evaluate(
        "path => path.getAttribute('d').match(/v[\\d.]+/g).map(v => Number(v.slice(1)))"
    )
    assert max(heights) == pytest.approx(26, abs=1)
    assert len({round(height) for height in heights}) > 3


def test_the_kept_film_shows_its_first_frame(desk: Desk) -> None:
    strip = desk.page.locator(".strip")
    expect(strip).to_have_attribute("data-pic", "no")
    desk.put_picture()
    expect(strip).to_have_attribute("data-pic", "yes")
    assert desk.page.locator(".kept .first").evaluate("e => getComputedStyle(e).backgroundImage").startswith("url(")


def test_an_mp3_dropped_on_the_strip_is_the_films_sound(desk: Desk) -> None:
    sound = desk.page.evaluate_handle(
        """bytes => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(bytes)], 'bell.mp3', { type: 'audio/mpeg' }));
          return transfer;
        }""",
        list(mp3_file(4)["buffer"]),
    )
    for event in ("dragover", "drop"):
        desk.page.locator(".lane.sound").dispatch_event(event, {"dataTransfer": sound})
    expect(desk.option("Sound", "My mp3")).to_be_checked()
    expect(desk.says).to_contain_text("Your mp3 ends at 4 s")
