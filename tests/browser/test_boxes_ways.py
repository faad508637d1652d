"""Every way into the boxes: drop, paste, clipboard, camera, keyboard, phone; and that all can perceive them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import expect

from tests import media_factory as make
from tests.browser.boxes_stage import Stage, staged
from tests.browser.desk import NOTHING_BUT_FAULTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

CLIPBOARD = """(data) => {
  const item = { types: data ? ['image/png'] : ['text/plain'], getType: async (type) => new Blob([new Uint8Array(data)], { type }) };
  navigator.clipboard.read = async () => [item];
}"""


@pytest.fixture
def stage(browser: Browser) -> Iterator[Stage]:
    with staged(browser) as opened:
        yield opened


def test_a_picture_dropped_on_the_box_is_taken(stage: Stage) -> None:
    stage.bring("drop", ".table", "dropped.jpg", make.jpeg(), "image/jpeg")
    stage.is_at(stage.frame, "ready")
    assert stage.slice("image")["name"] == "dropped.jpg"


def test_while_a_file_is_over_the_box_it_says_so(stage: Stage) -> None:
    stage.bring("over", ".table", "x.jpg", make.jpeg(), "image/jpeg")
    expect(stage.frame.locator(".big")).to_have_text("Let go to use this picture")
    stage.bring("over", "#prompt", "x.jpg", make.jpeg(), "image/jpeg")
    expect(stage.frame.locator(".big")).to_have_text("Drop a picture here")


def test_a_file_dropped_beside_the_boxes_does_not_replace_the_page(stage: Stage) -> None:
    stopped = stage.page.evaluate(
        """() => {
          const files = new DataTransfer();
          files.items.add(new File(['x'], 'x.jpg'));
          return !document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: files, bubbles: true, cancelable: true }));
        }"""
    )
    assert stopped
    stage.is_at(stage.frame, "empty")


def test_a_picture_pasted_anywhere_is_taken(stage: Stage) -> None:
    stage.bring("paste", "body", "image.png", make.png(), "image/png")
    stage.is_at(stage.frame, "ready")


def test_a_sound_pasted_anywhere_goes_to_the_soundtrack(stage: Stage) -> None:
    stage.bring("paste", "body", "bell.mp3", make.mp3(3, kbps=32), "audio/mpeg")
    stage.is_at(stage.track, "ready")


def test_a_picture_pasted_into_the_prompt_is_taken_unless_it_comes_with_text(stage: Stage) -> None:
    script = """(text) => {
      const files = new DataTransfer();
      if (text) files.setData('text/plain', text);
      files.items.add(new File([new Uint8Array([1])], 'cells.png', { type: 'image/png' }));
      const event = new ClipboardEvent('paste', { clipboardData: files, bubbles: true, cancelable: true });
      document.querySelector('#prompt').dispatchEvent(event);
    }"""
    stage.page.evaluate(script, "two cells")
    stage.is_at(stage.frame, "empty")
    stage.page.evaluate(script, "")
    stage.is_at(stage.frame, "refused")


def test_the_paste_button_takes_the_picture_in_the_clipboard(stage: Stage) -> None:
    stage.page.evaluate(CLIPBOARD, list(make.png(400, 400)))
    stage.page.get_by_role("button", name="Paste").click()
    stage.is_at(stage.frame, "ready")
    assert stage.slice("image")["name"] == "clipboard.png"


def test_the_paste_button_says_when_there_is_no_picture_and_when_it_may_not_look(stage: Stage) -> None:
    stage.page.evaluate(CLIPBOARD, None)
    stage.page.get_by_role("button", name="Paste").click()
    expect(stage.frame.locator(".under")).to_have_text("There is no picture in the clipboard. Copy one first.")
    stage.page.evaluate("() => { navigator.clipboard.read = async () => { throw new DOMException('no', 'NotAllowedError'); }; }")
    stage.page.get_by_role("button", name="Paste").click()
    expect(stage.frame.get_by_role("status")).to_have_text(
        "The browser does not let this page read the clipboard. Press Ctrl V or ⌘ V instead."
    )


def test_a_phone_offers_its_camera(browser: Browser) -> None:
    with staged(browser, width=390, height=844, touch=True) as phone:
        with phone.page.expect_file_chooser() as asked:
            phone.page.get_by_role("button", name="Camera").tap()
        assert asked.value.element.get_attribute("capture") == "environment"
        asked.value.set_files({"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": make.jpeg()})
        phone.is_at(phone.frame, "ready")


def test_a_computer_offers_none(stage: Stage) -> None:
    expect(stage.frame.locator(".camera")).to_be_hidden()


def test_the_keyboard_reaches_everything_and_the_focus_is_never_lost(stage: Stage) -> None:
    page = stage.page
    page.keyboard.press("Tab")
    assert stage.focused() == "First frame"
    expect(stage.frame.locator(".choose")).to_have_css("outline-style", "solid")
    with page.expect_file_chooser() as asked:
        page.keyboard.press("Space")
    asked.value.set_files({"name": "large.jpg", "mimeType": "image/jpeg", "buffer": make.jpeg(2400, 1200)})
    stage.is_at(stage.frame, "refused")
    page.keyboard.press("Tab")
    assert stage.focused() == "Shrink to 2000 px"
    page.keyboard.press("Enter")
    stage.is_at(stage.frame, "ready")
    assert stage.focused() == "First frame"
    page.keyboard.press("Tab")
    assert stage.focused() == "Undo: shrunk"
    page.keyboard.press("Enter")
    stage.is_at(stage.frame, "refused")
    assert stage.focused() == "Shrink to 2000 px"


def test_the_same_file_may_be_chosen_twice(stage: Stage) -> None:
    stage.choose("x.jpg", b"")
    stage.is_at(stage.frame, "refused")
    stage.page.evaluate("window.boxes.clearPicture()")
    stage.choose("x.jpg", b"")
    stage.is_at(stage.frame, "refused")


def test_the_live_region_says_each_state_once_and_no_percent(stage: Stage) -> None:
    stage.page.evaluate(
        """() => {
          window.said = [];
          const region = document.querySelector('.frame [role=status]');
          const listener = new MutationObserver(() => window.said.push(region.textContent));
          listener.observe(region, { childList: true, characterData: true, subtree: true });
        }"""
    )
    stage.choose("x.jpg", make.jpeg())
    stage.is_at(stage.frame, "ready")
    said = stage.page.evaluate("window.said")
    assert said[0] == "Checking the picture…"
    assert said[-1].startswith("The picture is ready. 800 × 600")
    assert len(said) <= 3


def test_on_a_phone_nothing_is_wider_than_the_screen_and_targets_are_large(browser: Browser) -> None:
    with staged(browser, width=390, height=844, touch=True) as phone:
        phone.choose("a-very-long-name-of-a-picture-that-somebody-took-on-a-holiday.jpg", make.jpeg(2400, 1200))
        phone.is_at(phone.frame, "refused")
        phone.choose_sound("a-very-long-name-of-a-song-that-somebody-likes.mp3", make.mp3(60, kbps=32))
        phone.is_at(phone.track, "refused")
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
        low = "(all) => all.filter((e) => e.offsetParent && e.getBoundingClientRect().height < 44).map((e) => e.textContent)"
        assert phone.page.locator(":is(.frame, .track) :is(.btn, .icon-btn)").evaluate_all(low) == []
        phone.page.get_by_role("button", name="Shrink to 2000 px").tap()
        phone.is_at(phone.frame, "ready")
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
        assert phone.page.locator(".under-acts .link").evaluate_all(low) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_in_any_state(browser: Browser, dark: bool) -> None:
    with staged(browser, dark=dark) as stage:
        found = {"empty": axe(stage)}
        stage.choose("large.jpg", make.jpeg(2400, 1200))
        stage.choose_sound("song.mp3", make.mp3(60, kbps=32))
        stage.is_at(stage.frame, "refused")
        stage.is_at(stage.track, "refused")
        found["refused"] = axe(stage)
        stage.studio.open.clear()
        stage.page.get_by_role("button", name="Shrink to 2000 px").click()
        stage.page.get_by_role("button", name="Use a part of it").click()
        stage.is_at(stage.track, "uploading")
        found["uploading"] = axe(stage)
        stage.studio.open.set()
        stage.is_at(stage.frame, "ready")
        stage.is_at(stage.track, "ready")
        found["ready"] = axe(stage)
        assert [(state, fault) for state, faults in found.items() for fault in faults] == []


def axe(stage: Stage) -> list[str]:
    """What axe-core finds in the boxes."""
    found = Axe().run(stage.page, context="#form", options=NOTHING_BUT_FAULTS).response["violations"]
    return [f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]]


def test_while_a_file_is_over_a_filled_box_it_says_so_too(stage: Stage) -> None:
    stage.choose("lake.jpg", make.jpeg(640, 480))
    stage.is_at(stage.frame, "ready")
    stage.bring("over", ".table", "boat.jpg", make.jpeg(640, 480), "image/jpeg")
    expect(stage.frame.get_by_text("Let go to use this picture")).to_be_visible()
    stage.page.evaluate("document.dispatchEvent(new DragEvent('dragleave'))")
    expect(stage.frame.get_by_text("Let go to use this picture")).to_be_hidden()


def test_a_bad_file_does_not_cost_the_good_one(stage: Stage) -> None:
    stage.choose("lake.jpg", make.jpeg(640, 480))
    stage.is_at(stage.frame, "ready")
    good = stage.slice("image")["upload"]
    stage.choose("notes.jpg", b"not a picture")
    stage.choose("torn.jpg", make.jpeg()[:4000])
    stage.is_at(stage.frame, "refused")
    stage.frame.get_by_role("button", name="Keep the one before").click()
    stage.is_at(stage.frame, "ready")
    assert stage.slice("image")["upload"] == good


def test_a_first_bad_file_has_none_before_it(stage: Stage) -> None:
    stage.choose("notes.jpg", b"not a picture")
    stage.is_at(stage.frame, "refused")
    expect(stage.frame.get_by_role("button", name="Keep the one before")).to_have_count(0)


def test_a_bad_sound_gives_the_good_one_back_with_its_place(stage: Stage) -> None:
    stage.page.evaluate("window.boxes.set('form', { sound: 'own' })")
    stage.choose_sound("bell.mp3", make.mp3(8))
    stage.is_at(stage.track, "ready")
    stage.page.evaluate("window.boxes.set('form', { audio_start_s: 2 })")
    stage.choose_sound("notes.mp3", b"not a sound")
    stage.is_at(stage.track, "refused")
    stage.track.get_by_role("button", name="Keep the one before").click()
    stage.is_at(stage.track, "ready")
    expect(stage.track).to_contain_text("bell.mp3")
    assert stage.slice("form")["audio_start_s"] == 2
