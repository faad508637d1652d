"""Each thing that is bent in Gradio, one by one (assets/js/early.js, assets/js/form/patches.js, assets/css/page.css, form.css)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import visit
from tests.browser.desk import Desk, mp3_file
from tests.integration.server import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, FloatRect, Locator, Page

    from tests.integration.server import Running


@pytest.fixture
def desk(studio_page: Page) -> Desk:
    return Desk(studio_page)


def test_radios_of_a_group_have_one_name_so_that_arrow_keys_choose(desk: Desk) -> None:
    desk.option("Sound", "Automatic").focus()
    desk.page.keyboard.press("ArrowRight")
    expect(desk.option("Sound", "My mp3")).to_be_checked()
    expect(desk.option("Sound", "My mp3")).to_be_focused()
    desk.page.keyboard.press("Tab")
    expect(desk.duration).to_be_focused()


def test_groups_of_radios_are_named_by_their_label(desk: Desk) -> None:
    for name in ("Sound", "Quality", "Shot type"):
        expect(desk.page.get_by_role("group", name=name, exact=True)).to_be_visible()


def test_more_settings_tells_whether_it_is_open(desk: Desk) -> None:
    more = desk.page.get_by_role("button", name="More settings", exact=True)
    expect(more).to_have_attribute("aria-expanded", "false")
    more.click()
    expect(more).to_have_attribute("aria-expanded", "true")


def test_a_number_set_by_the_strip_reaches_gradios_own_value(desk: Desk) -> None:
    desk.end.press("End")
    desk.duration.focus()
    desk.page.keyboard.press("ArrowDown")
    expect(desk.duration).to_have_value("14")


def test_options_that_are_not_offered_cannot_be_reached_by_keys(desk: Desk) -> None:
    desk.service("Local")
    desk.option("Sound", "Automatic").focus()
    desk.page.keyboard.press("ArrowRight")
    expect(desk.option("Sound", "Silent")).to_be_checked()


def test_the_number_carries_the_services_limits(desk: Desk) -> None:
    expect(desk.duration).to_have_attribute("min", "2")
    expect(desk.duration).to_have_attribute("max", "15")
    desk.service("Local")
    expect(desk.duration).to_have_attribute("step", "5")


def test_generate_is_in_sight_at_any_height(desk: Desk) -> None:
    desk.page.set_viewport_size({"width": 1440, "height": 520})
    expect(desk.generate).to_be_in_viewport(ratio=1)
    desk.page.mouse.wheel(0, 200)
    expect(desk.generate).to_be_in_viewport(ratio=1)


def test_a_form_higher_than_the_window_sticks_by_its_end(desk: Desk) -> None:
    desk.page.set_viewport_size({"width": 1440, "height": 520})
    top = desk.page.locator("#form").evaluate("form => [parseFloat(getComputedStyle(form).top), innerHeight - form.offsetHeight]")
    assert top[0] == pytest.approx(top[1], abs=1)
    assert top[0] < 0


def test_the_form_stays_while_the_films_are_scrolled(desk: Desk) -> None:
    desk.page.locator("#shelf").evaluate("shelf => { shelf.style.minHeight = '4000px'; }")
    desk.page.set_viewport_size({"width": 1440, "height": 1200})
    desk.page.evaluate("scrollTo(0, 1500)")
    assert desk.page.locator("#form").evaluate("form => form.getBoundingClientRect().top") == pytest.approx(16, abs=1)


def test_the_make_bar_lies_above_gradios_labels(desk: Desk) -> None:
    desk.page.set_viewport_size({"width": 1440, "height": 520})
    covered = desk.page.evaluate(
        """() => {
          const make = document.querySelector('#make');
          const box = make.getBoundingClientRect();
          return [4, 20, 40].every(y => make.contains(document.elementFromPoint(box.left + 20, box.top + y)));
        }"""
    )
    assert covered


@pytest.mark.page_of_its_own
def test_the_tick_is_seen_in_the_dark(blank_page: Page, program: Running) -> None:
    blank_page.emulate_media(color_scheme="dark")
    tick = (
        visit(blank_page, program)
        .get_by_label("Improve my prompt")
        .evaluate("box => [getComputedStyle(box).backgroundImage, getComputedStyle(box).backgroundColor]")
    )
    assert "231a1714" in tick[0]
    assert tick[1] == "rgb(245, 240, 233)"


def test_what_gets_the_focus_does_not_hide_behind_the_make_bar(desk: Desk) -> None:
    desk.page.set_viewport_size({"width": 390, "height": 700})
    desk.prompt.focus()
    for _ in range(8):
        desk.page.keyboard.press("Tab")
        hidden = desk.page.evaluate(
            """() => {
              const focused = document.activeElement;
              const bar = document.querySelector('#make');
              return !bar.contains(focused) && focused.getBoundingClientRect().bottom > bar.getBoundingClientRect().top;
            }"""
        )
        assert not hidden


@pytest.mark.parametrize(("scheme", "ground"), [("light", "rgb(248, 246, 243)"), ("dark", "rgb(20, 18, 16)")])
def test_the_first_paint_has_the_right_ground(
    open_context: Callable[..., BrowserContext], program: Running, scheme: str, ground: str
) -> None:
    page = open_context(color_scheme=scheme, java_script_enabled=False).new_page()
    page.goto(program.base)
    expect(page.locator("body")).to_have_css("background-color", ground)


def test_words_at_a_field_are_tied_to_it(desk: Desk) -> None:
    desk.prompt.fill("abc")
    expect(desk.prompt).to_have_accessible_description("3 of 1500 characters")


def test_a_waiting_generate_looks_as_if_it_waits(desk: Desk) -> None:
    expect(desk.generate).to_have_css("background-color", "rgb(239, 235, 229)")
    desk.fill()
    expect(desk.generate).to_have_css("background-color", "rgb(30, 27, 23)")


def test_nothing_scrolls_sideways_at_any_width(studio_page: Page) -> None:
    for width in (320, 360, 390, 640, 860, 1024, 1180, 1440, 2560):
        studio_page.set_viewport_size({"width": width, "height": 900})
        assert studio_page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0, width


def test_every_target_on_a_phone_is_44_px_high(open_context: Callable[..., BrowserContext], program: Running) -> None:
    page = visit(open_context(viewport={"width": 390, "height": 844}, has_touch=True).new_page(), program)
    small = page.evaluate(
        """() => [...document.querySelectorAll('#form :is(button, .seg label, #improve label, input[type=number]), .bar-btn')]
            .filter(x => x.checkVisibility() && !x.matches('.link') && x.getBoundingClientRect().height < 43.5)
            .map(x => x.outerHTML.slice(0, 90))"""
    )
    assert small == []


def test_every_sound_is_whole_and_beside_no_other_control(studio_page: Page) -> None:
    for width in (320, 344, 360, 390):
        studio_page.set_viewport_size({"width": width, "height": 800})
        assert sounds_stand_alone(studio_page, width), width


def sounds_stand_alone(page: Page, width: int) -> bool:
    """Whether no two of the options, the duration and the shot type lie over each other, and nothing is cut off."""
    sound, duration, shot = (box(page.locator(name)) for name in ("#sound", "#duration", "#shot"))
    below = duration["y"] >= sound["y"] + sound["height"]
    options = [(box(option), box(option.locator("span"))) for option in page.locator("#sound label:not([hidden])").all()]
    return (
        below == (width < 360)
        and (duration["x"] == sound["x"] if below else sound["x"] + sound["width"] <= duration["x"])
        and shot["x"] + shot["width"] <= width - 16
        and all(
            label["x"] <= words["x"] and words["x"] + words["width"] <= label["x"] + label["width"] <= sound["x"] + sound["width"]
            for label, words in options
        )
    )


def box(element: Locator) -> FloatRect:
    """Where it is drawn."""
    drawn = element.bounding_box()
    assert drawn is not None
    return drawn


def test_a_refusal_comes_into_sight_above_the_make_bar(desk: Desk) -> None:
    desk.page.set_viewport_size({"width": 1440, "height": 900})
    desk.put_picture()
    desk.choose("Sound", "My mp3")
    desk.page.get_by_label("Soundtrack", exact=True).set_input_files(mp3_file(2))
    expect(desk.track).to_have_attribute("data-state", "refused")
    desk.page.wait_for_function(
        """() => {
          const [track, make] = ['.track', '#make'].map((one) => document.querySelector(one).getBoundingClientRect());
          return track.bottom <= make.top;
        }"""
    )
    expect(desk.price).to_have_css("height", "20px")


COUNTED = """
  const ask = window.requestAnimationFrame.bind(window);
  let asked = 0;
  window.requestAnimationFrame = (turn) => { asked += 1; return ask(turn); };
  window.asksForNone = () => new Promise((done) => {
    const before = asked;
    const wait = (frames) => ask(() => { if (frames > 0) wait(frames - 1); else done(asked === before); });
    wait(10);
  });
"""
"""Tells whether anybody asks for a frame while ten are drawn."""


@pytest.mark.page_of_its_own
def test_a_page_on_which_nothing_moves_asks_for_no_frames(blank_page: Page, program: Running) -> None:
    blank_page.add_init_script(COUNTED)
    visit(blank_page, program)
    until(lambda: bool(blank_page.evaluate("window.asksForNone()")), "ten frames that nobody asks for", 10)
