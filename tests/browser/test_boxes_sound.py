"""The line Soundtrack: checked before a byte is sent, a part agreed to, played as the film hears it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests import media_factory as make
from tests.browser.boxes_stage import Stage, staged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

PLAYED = """() => {
  window.played = [];
  HTMLMediaElement.prototype.play = function () {
    window.played.push({ src: this.src, audio: this });
    queueMicrotask(() => this.dispatchEvent(new Event('playing')));
    return Promise.resolve();
  };
}"""


@pytest.fixture
def stage(browser: Browser) -> Iterator[Stage]:
    with staged(browser) as opened:
        yield opened


@pytest.fixture(scope="module")
def same_stage(browser: Browser) -> Iterator[Stage]:
    """One page for all that is refused, one file after the other."""
    with staged(browser) as opened:
        yield opened


def words(stage: Stage) -> str:
    """What the line says, in one line."""
    return " ".join(stage.track.locator(".line").inner_text().split())


REFUSED = {
    "empty": (b"", "x.mp3 is empty. There is not a single byte in it."),
    "wav": (b"RIFF\x10\0\0\0WAVEfmt " + bytes(40), "x.mp3 is not an mp3. Export it as an mp3 and choose that. Choose another"),
    "video": (b"\0\0\0\x20ftypisom" + bytes(40), "x.mp3 is a video. Export its sound as an mp3 and choose that."),
    "picture": (make.png(64, 64), "x.mp3 is a picture, not a sound. Drop it above instead: it becomes the first frame."),
    "playlist": (make.playlist(), "x.mp3 is a text, not a sound. A playlist only names songs: choose the mp3 itself."),
    "no sound": (make.id3(b"\0" * 5000), "x.mp3 cannot be read. It may be damaged or cut off."),
    "unknown": (bytes(range(256)), "x.mp3 is not a sound that we know."),
    "too short": (make.mp3(2.99), "x.mp3 is 2.99 s long. It needs 3 s. Choose a longer one. Choose another"),
    "too long": (make.mp3(30.01, kbps=64), "x.mp3 is 30.01 s long. A film hears up to 15 s of it. Use a part of it Choose another"),
    "a song": (make.mp3(180, kbps=64), "x.mp3 is 3:00 long. A film hears up to 15 s of it. Use a part of it Choose another"),
    "over twenty minutes": (make.long_quiet_mp3(1), "x.mp3 is too long to be looked at. Sounds up to 20 minutes are."),
}


@pytest.mark.parametrize(("data", "said"), REFUSED.values(), ids=REFUSED)
def test_a_bad_sound_is_refused_in_words_and_causes_no_request(same_stage: Stage, data: bytes, said: str) -> None:
    same_stage.page.evaluate("window.boxes.clearSound()")
    same_stage.choose_sound("x.mp3", data)
    same_stage.is_at(same_stage.track, "refused")
    assert said in words(same_stage)
    assert same_stage.studio.calls == []


def test_a_good_sound_is_sent_as_it_is(stage: Stage) -> None:
    data = make.mp3(5)
    stage.choose_sound("harbour-bell.mp3", data)
    stage.is_at(stage.track, "ready")
    (call,) = stage.studio.calls
    assert (call.path, call.query, call.body) == ("uploads", {"kind": "audio", "service": "preview"}, data)
    assert words(stage) == f"harbour-bell.mp3 · 5 s · {round(len(data) / 1000)} KB Replace Remove"
    assert stage.slice("audio")["upload"]["report"]["peaks"] == [0.2, 0.8]


def test_a_song_is_heard_in_part_after_one_press_and_undo_takes_it_back(stage: Stage) -> None:
    stage.choose_sound("night-drive.mp3", make.mp3(204, kbps=64))
    stage.page.get_by_role("button", name="Use a part of it").click()
    stage.is_at(stage.track, "ready")
    assert stage.studio.sent() == ["uploads", "uploads/upload-1/fix"]
    assert stage.studio.calls[1].json == {"fixes": [{"code": "part"}], "service": "preview"}
    assert words(stage) == "night-drive.mp3 · 3:24 · a part of it · Undo Replace Remove"
    stage.page.get_by_role("button", name="Undo").click()
    stage.is_at(stage.track, "refused")


def test_a_song_that_is_heard_in_part_stays_fit_for_a_service_with_the_same_need(stage: Stage) -> None:
    stage.page.evaluate("() => { window.limits.audio.seconds = [3, 20]; }")
    stage.choose_sound("night-drive.mp3", make.mp3(60, kbps=64))
    stage.page.get_by_role("button", name="Use a part of it").click()
    stage.is_at(stage.track, "ready")
    stage.service("other")
    stage.is_at(stage.track, "ready")
    assert len(stage.studio.calls) == 2


def test_another_service_judges_the_sound_at_once(stage: Stage) -> None:
    stage.choose_sound("song.mp3", make.mp3(60, kbps=64))
    stage.is_at(stage.track, "refused")
    stage.service("other")
    stage.is_at(stage.track, "ready")
    stage.service("preview")
    stage.is_at(stage.track, "refused")


def test_choosing_a_sound_makes_the_form_use_it_from_its_start(stage: Stage) -> None:
    stage.page.evaluate("() => { window.own = 0; document.addEventListener('studio:own-sound', () => { window.own += 1; }); }")
    stage.page.evaluate("window.boxes.set('form', { audio_start_s: 12 })")
    stage.choose_sound("harbour-bell.mp3", make.mp3(5))
    stage.is_at(stage.track, "ready")
    assert stage.page.evaluate("[window.own, window.boxes.get('form').audio_start_s]") == [1, 0]


@pytest.mark.parametrize("selector", [".track", ".strip .lane.sound"])
def test_an_mp3_dropped_on_the_line_or_on_the_strip_is_taken(stage: Stage, selector: str) -> None:
    stage.bring("drop", selector, "dropped.mp3", make.mp3(3, kbps=32), "audio/mpeg")
    stage.is_at(stage.track, "ready")
    expect(stage.track.locator(".name")).to_have_text("dropped.mp3")


def test_play_begins_where_the_film_begins_in_the_song(stage: Stage) -> None:
    stage.page.evaluate(PLAYED)
    stage.choose_sound("song.mp3", make.mp3(20, kbps=32))
    stage.is_at(stage.track, "ready")
    stage.page.evaluate("window.boxes.set('form', { audio_start_s: 7.5, duration: 5 })")
    stage.page.get_by_role("button", name="Play what the film hears").click()
    assert re.fullmatch(r"blob:.*#t=7\.5", stage.page.evaluate("window.played[0].src"))
    stage.page.get_by_role("button", name="Stop playing").click()
    expect(stage.page.get_by_role("button", name="Play what the film hears")).to_be_visible()
    assert stage.page.evaluate("window.played[0].audio.src") == ""


def test_play_ends_when_the_film_ends(stage: Stage) -> None:
    stage.page.clock.install()
    stage.page.evaluate(PLAYED)
    stage.choose_sound("song.mp3", make.mp3(20, kbps=32))
    stage.is_at(stage.track, "ready")
    stage.page.evaluate("window.boxes.set('form', { audio_start_s: 0, duration: 5 })")
    stage.page.get_by_role("button", name="Play what the film hears").click()
    stage.page.clock.run_for(4900)
    expect(stage.page.get_by_role("button", name="Stop playing")).to_be_visible()
    stage.page.clock.run_for(200)
    expect(stage.page.get_by_role("button", name="Play what the film hears")).to_be_visible()


def test_a_sound_that_the_server_holds_is_played_from_there(stage: Stage) -> None:
    stage.page.evaluate(PLAYED)
    stage.choose_sound("song.mp3", make.mp3(20, kbps=32))
    stage.is_at(stage.track, "ready")
    upload = stage.slice("audio")["upload"]
    stage.page.evaluate("(upload) => { window.boxes.adoptSound(upload); }", upload)
    expect(stage.track.locator(".name")).to_have_text("song.mp3")
    stage.page.get_by_role("button", name="Play what the film hears").click()
    assert stage.page.evaluate("new URL(window.played[0].src).pathname") == "/media/upload-1"


def test_removing_a_sound_stops_it(stage: Stage) -> None:
    stage.page.evaluate(PLAYED)
    stage.choose_sound("song.mp3", make.mp3(20, kbps=32))
    stage.is_at(stage.track, "ready")
    stage.page.get_by_role("button", name="Play what the film hears").click()
    stage.page.get_by_role("button", name="Remove").click()
    stage.is_at(stage.track, "empty")
    assert stage.page.evaluate("window.played[0].audio.src") == ""
