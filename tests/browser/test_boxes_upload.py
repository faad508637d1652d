"""An upload on its way: progress, Stop, the last choice wins, broken connections, patience."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests import media_factory as make
from tests.browser.boxes_stage import Stage, staged
from tests.browser.boxes_studio import HANG_UP, Answer, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

BIG = 9_000_000
"""Bytes: more than the system's buffers take in while nobody reads."""


@pytest.fixture
def stage(browser: Browser) -> Iterator[Stage]:
    with staged(browser) as opened:
        yield opened


def heavy_jpeg() -> bytes:
    """A fit picture of ``BIG`` bytes: a small one with a long tail, as phones append films."""
    body = make.jpeg()
    return body + bytes(BIG - len(body))


def test_progress_is_shown_while_bytes_are_sent_and_the_picture_is_there_at_once(stage: Stage) -> None:
    stage.studio.reads.clear()
    stage.choose("boats-at-dusk.jpg", heavy_jpeg())
    stage.is_at(stage.frame, "uploading")
    expect(stage.frame.locator(".big")).to_contain_text("Sending the picture… ")
    expect(stage.frame.locator(".big")).not_to_have_text("Sending the picture… 0 %")
    expect(stage.frame.locator(".under")).to_contain_text("boats-at-dusk.jpg · 9 MB")
    assert stage.frame.locator(".pic").evaluate("(pic) => pic.decode().then(() => pic.naturalWidth)") == 800
    assert 0 < float(stage.frame.evaluate("(frame) => frame.style.getPropertyValue('--p')")) < 1
    assert stage.studio.calls == []
    stage.studio.reads.set()
    stage.is_at(stage.frame, "ready")


def test_when_all_is_sent_it_says_that_it_is_checked_once_more(stage: Stage) -> None:
    stage.studio.open.clear()
    stage.choose("x.jpg", make.jpeg())
    expect(stage.frame.locator(".big")).to_have_text("Checking it once more…")
    stage.studio.open.set()
    stage.is_at(stage.frame, "ready")


def test_stop_ends_the_sending_and_empties_the_box(stage: Stage) -> None:
    stage.studio.reads.clear()
    stage.choose("x.jpg", heavy_jpeg())
    stage.is_at(stage.frame, "uploading")
    with stage.page.expect_event("requestfailed"):
        stage.frame.get_by_role("button", name="Stop").click()
    stage.is_at(stage.frame, "empty")


def test_stop_during_a_mend_goes_back_to_what_was_asked(stage: Stage) -> None:
    stage.choose("x.jpg", make.jpeg(2400, 1200))
    stage.studio.open.clear()
    stage.page.get_by_role("button", name="Shrink to 2000 px").click()
    stage.is_at(stage.frame, "uploading")
    stage.frame.get_by_role("button", name="Stop").click()
    stage.is_at(stage.frame, "refused")
    expect(stage.page.get_by_role("button", name="Shrink to 2000 px")).to_be_visible()


def test_of_two_quick_choices_the_last_wins(stage: Stage) -> None:
    stage.studio.open.clear()
    stage.choose("first.jpg", make.jpeg(500, 500))
    stage.is_at(stage.frame, "uploading")
    stage.choose("second.jpg", make.jpeg(700, 700))
    expect(stage.frame.locator(".under")).to_contain_text("second.jpg")
    stage.studio.open.set()
    stage.is_at(stage.frame, "ready")
    expect(stage.frame.locator(".under .facts")).to_contain_text("700 × 700")
    assert stage.slice("image")["name"] == "second.jpg"


def test_of_two_choices_at_the_very_same_time_only_the_last_is_sent(stage: Stage) -> None:
    first, second = list(make.jpeg(500, 500)), list(make.jpeg(700, 700))
    stage.page.evaluate(
        """([first, second]) => {
          window.boxes.takePicture(new File([new Uint8Array(first)], 'first.jpg'));
          window.boxes.takePicture(new File([new Uint8Array(second)], 'second.jpg'));
        }""",
        [first, second],
    )
    stage.is_at(stage.frame, "ready")
    assert [call.headers["x-filename"] for call in stage.studio.calls] == ["second.jpg"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (HANG_UP, "The connection broke. Nothing is lost: the picture and your words are still here."),
        (Answer(502), "The connection broke."),
        (refusal(408, "upload_stalled", "Nothing came for 30 s.", "Try again."), "Nothing came for 30 s. Try again."),
        (refusal(503, "unavailable", "The disk does not answer.", "Try again later."), "The disk does not answer."),
        (refusal(507, "disk_full", "The disk is full.", "Free some room."), "The disk is full."),
    ],
    ids=["cut off", "a proxy's error", "stalled", "unavailable", "disk full"],
)
def test_what_is_not_the_file_s_fault_offers_retry_and_loses_nothing(stage: Stage, answer: Answer, said: str) -> None:
    stage.page.get_by_label("Prompt").fill("The boats rock a little.")
    stage.studio.script.append(answer)
    stage.choose("boats.jpg", make.jpeg())
    stage.is_at(stage.frame, "refused")
    text = " ".join(stage.frame.locator(".why").inner_text().split())
    assert text.startswith(f"boats.jpg was not sent {said}")
    assert stage.slice("image")["trouble"] is True
    stage.page.get_by_role("button", name="Retry").click()
    stage.is_at(stage.frame, "ready")
    assert stage.studio.sent() == ["uploads", "uploads"]
    assert stage.slice("image")["trouble"] is False
    expect(stage.page.get_by_label("Prompt")).to_have_value("The boats rock a little.")


def test_retry_after_a_broken_mend_mends_and_does_not_send_the_bytes_again(stage: Stage) -> None:
    stage.choose_sound("song.mp3", make.mp3(60, kbps=64))
    stage.studio.script.extend([lambda call: stage.studio.bring("audio", "song.mp3", call.body, "preview"), HANG_UP])
    stage.page.get_by_role("button", name="Use a part of it").click()
    stage.page.get_by_role("button", name="Retry").click()
    stage.is_at(stage.track, "ready")
    assert stage.studio.sent() == ["uploads", "uploads/upload-1/fix", "uploads/upload-1/fix"]


def test_where_too_much_is_sent_it_waits_as_told_says_so_and_goes_on_by_itself(stage: Stage) -> None:
    stage.page.clock.install()
    stage.studio.script.append(refusal(429, "too_many_uploads", wait=3))
    stage.choose("x.jpg", make.jpeg())
    says = stage.frame.locator(".big")
    expect(says).to_have_text("Much is being sent at once. Trying again in 3 s.")
    stage.page.clock.run_for(1000)
    expect(says).to_have_text("Much is being sent at once. Trying again in 2 s.")
    stage.page.clock.run_for(2000)
    stage.is_at(stage.frame, "ready")
    assert stage.studio.sent() == ["uploads", "uploads"]


def test_a_wait_can_be_stopped(stage: Stage) -> None:
    stage.page.clock.install()
    stage.studio.script.append(refusal(429, "too_many_uploads", wait=30))
    stage.choose_sound("x.mp3", make.mp3(5))
    expect(stage.track).to_contain_text("Trying again in 30 s.")
    stage.track.get_by_role("button", name="Stop").click()
    stage.is_at(stage.track, "empty")
    stage.page.clock.run_for(60_000)
    assert stage.studio.sent() == ["uploads"]


def test_nobody_is_made_to_wait_for_an_hour(stage: Stage) -> None:
    stage.studio.script.append(refusal(429, "too_many_uploads", "You have sent a hundred files.", "Wait a while.", wait=3600))
    stage.choose("x.jpg", make.jpeg())
    stage.is_at(stage.frame, "refused")
    expect(stage.frame).to_contain_text("You have sent a hundred files.")
    expect(stage.page.get_by_role("button", name="Retry")).to_be_visible()


def test_a_sound_shows_its_progress_too(stage: Stage) -> None:
    stage.studio.open.clear()
    stage.choose_sound("harbour-bell.mp3", make.mp3(5))
    expect(stage.track.locator(".line")).to_contain_text("checking once more…")
    expect(stage.track.get_by_role("button", name="Stop")).to_be_visible()
