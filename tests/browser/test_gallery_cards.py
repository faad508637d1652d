"""What the gallery draws of a job, and what a person can do with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.gallery_stage import NOW, FakeStudio, Stage, a_request, iso, staged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

AWAY = {"code": "preview_died", "message": "The Preview was stopped.", "hint": "Make it again.", "charged": "no"}


@pytest.fixture
def studio() -> FakeStudio:
    return FakeStudio()


@pytest.fixture
def stage(browser: Browser, studio: FakeStudio) -> Iterator[Stage]:
    with staged(browser, studio) as opened:
        yield opened


# ---- how a job is drawn


@dataclass(frozen=True)
class Case:
    state: str
    changes: dict[str, Any]
    says: tuple[str, ...]
    silent: tuple[str, ...] = ()


def waits(seconds: int, reason: str) -> dict[str, Any]:
    return {"wait": {"until": iso(NOW + timedelta(seconds=seconds)), "reason": reason}, "service": "evolink"}


ASKED = {"service": "evolink", "asked_at": iso(NOW - timedelta(seconds=8)), "cost": {"estimate": "0.5", "reserved": "0.5", "actual": None}}
MAKING = {"stage": "Making the film"}
AT_WORK = [
    Case("queued", {"position": 3}, ("Waiting its turn", "Number 3 in line", "Free draft", "720p", "Cancel"), ("%",)),
    Case("queued", {"position": 1}, ("Next in line",)),
    Case("queued", {"eta_s": 20.0}, ("Starts in about 20 s",)),
    Case("processing", {**MAKING, "progress": 62, "eta_s": 52.0}, ("Making the film", "62 %", "About 50 s left")),
    Case("processing", MAKING, ("Making the film",), ("%", "left")),
    Case("pending", {**ASKED, "eta_s": 130.0}, ("Checked 8 s ago", "about 2 min left", "EvoLink", "at most $0.50", "Cancel")),
    Case("saving", {**waits(300, "disk_full"), "service": "preview"}, ("The disk here is full. Trying again in about 5 min.",)),
    Case("queued", waits(40, "busy"), ("EvoLink is busy.", "about 40 s")),
    Case("pending", waits(40, "of_tomorrow"), ("Something stood in the way.",)),
    Case("state_of_tomorrow", {"stage": "Something new"}, ("Something new",)),
]


@pytest.mark.parametrize("case", AT_WORK, ids=lambda case: f"{case.state}: {case.says[0]}")
def test_a_job_at_work_says_how_it_stands(stage: Stage, studio: FakeStudio, case: Case) -> None:
    studio.put("one", case.state, **case.changes)
    stage.open()
    for words in case.says:
        expect(stage.card("one")).to_contain_text(words)
    for words in case.silent:
        assert words not in stage.card("one").inner_text()
    expect(stage.gallery).to_contain_text("1 at work")


def test_colour_comes_in_as_far_as_the_film_is(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", "processing", progress=62, stage="Making the film")
    stage.open()
    expect(stage.card("one").get_by_role("progressbar", name="Making the film")).to_have_attribute("aria-valuenow", "62")
    studio.put("one", "processing", progress=80, stage="Making the film")
    stage.news()
    assert stage.card("one").locator(".shot").evaluate("x => x.style.getPropertyValue('--p')") == "80%"


def test_a_finished_film_shows_its_facts_and_its_mark(stage: Stage, studio: FakeStudio) -> None:
    studio.put("draft", minutes_ago=20)
    studio.put("bought", minutes_ago=60 * 20, service="evolink", cost={"actual": "0.47"})
    stage.open()
    expect(stage.card("draft").locator(".facts")).to_have_text("Free draft720p5 s20 min ago")
    expect(stage.card("draft").locator(".mark")).to_have_text("Preview")
    expect(stage.card("bought").locator(".facts")).to_have_text("EvoLink720p5 s$0.47yesterday")
    expect(stage.card("bought").locator(".mark")).to_be_hidden()


def test_a_failed_job_says_what_happened_then_the_money_then_what_to_do(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", "failed", error=AWAY)
    stage.open()
    note = stage.page.locator(".notes article[data-job=one]")
    expect(note.get_by_role("heading")).to_have_text("The Preview was stopped.")
    expect(note.locator(".body")).to_have_text("You were not charged. Make it again.")
    expect(note).to_contain_text("Not made")


@pytest.mark.parametrize(("state", "service"), [("failed", "preview"), ("unconfirmed", "evolink")])
def test_a_note_says_which_film_it_is_about(stage: Stage, studio: FakeStudio, state: str, service: str) -> None:
    request = studio.put("one", state, service=service, error=AWAY)["request"]
    stage.open()
    expect(stage.card("one").locator(".film")).to_have_text(request["prompt"])


def test_an_unconfirmed_job_is_a_note_without_a_way_to_pay_twice(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", "unconfirmed", service="evolink")
    stage.open()
    expect(stage.card("one")).to_contain_text("EvoLink did not say whether it took the order.")
    expect(stage.gallery).to_contain_text("1 needs you")
    for name in ("Use again", "Make it again", "Delete"):
        expect(stage.card("one").get_by_role("button", name=name)).to_have_count(0)


def test_many_failures_do_not_push_the_films_out_of_sight(stage: Stage, studio: FakeStudio) -> None:
    for number in range(5):
        studio.put(f"bad-{number}", "failed", minutes_ago=number, error=AWAY)
    stage.open()
    notes = stage.page.locator(".notes > article:visible")
    expect(notes).to_have_count(3)
    stage.page.get_by_role("button", name="Show 2 more").click()
    expect(notes).to_have_count(5)


def test_a_narrow_card_keeps_the_time_left_or_else_the_length(stage: Stage, studio: FakeStudio) -> None:
    studio.put("guessed", "processing", scene="tower", stage="Making the film", eta_s=50.0)
    studio.put("unknown", "processing", scene="tower", stage="Making the film")
    stage.open()
    assert stage.card("guessed").locator(".facts").inner_text() == "About 50 s left"
    assert stage.card("unknown").locator(".facts").inner_text() == "Free draft5 s"


def test_what_a_person_typed_is_shown_as_typed(stage: Stage, studio: FakeStudio) -> None:
    typed = "<script>alert(1)</script> ${alert(1)} `x` & <b>bold</b> {{y}}"
    studio.put("one", request={"prompt": typed, "duration": 5, "quality": "720p"})
    stage.open()
    expect(stage.card("one").locator(".said")).to_have_text(typed)


def test_a_film_that_goes_soon_says_so_three_days_before(stage: Stage, studio: FakeStudio) -> None:
    for name, hours in (("far", 73), ("days", 50), ("day", 30), ("hours", 5.5), ("kept", 5.5)):
        studio.put(name, kept=name == "kept")
        studio.jobs[name]["video"]["expires_at"] = iso(NOW + timedelta(hours=hours))
    stage.open()
    says = {name: stage.card(name).locator(".goes").inner_text() for name in studio.jobs}
    assert says == {
        "far": "", "days": "Goes in 2 days. Download or keep it.", "day": "Goes in one day. Download or keep it.",
        "hours": "Goes in 5 h. Download or keep it.", "kept": "",
    }  # fmt: skip


def test_times_pass_without_news(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", minutes_ago=12)
    stage.open()
    expect(stage.card("one")).to_contain_text("12 min ago")
    stage.run(120, step=10)
    expect(stage.card("one")).to_contain_text("14 min ago")


def test_a_wrong_clock_of_this_computer_does_not_matter(browser: Browser, studio: FakeStudio) -> None:
    studio.clock_ahead = timedelta(hours=5)
    studio.put("one", minutes_ago=12)
    with staged(browser, studio) as stage:
        stage.open()
        stage.news()
        stage.run(21, step=1)
        expect(stage.card("one")).to_contain_text("12 min ago")


# ---- order and news


def test_a_new_job_is_first_on_the_wall_at_once(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", minutes_ago=3)
    stage.open()
    stage.page.evaluate("job => studio.showJob(job)", studio.put("new", "queued"))
    assert stage.order() == ["new", "one"]
    stage.settle()
    assert stage.order() == ["new", "one"]
    assert stage.heard() == "Your film is on its way."


def test_the_end_of_a_film_is_heard_once(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", "processing")
    studio.put("two", "processing")
    stage.open()
    assert stage.heard() == ""
    studio.put("one", "completed")
    studio.put("two", "failed", error=AWAY)
    stage.news()
    assert stage.heard() == "Your film is ready: The film of one. Not made: The Preview was stopped."


def test_a_failed_job_moves_from_the_wall_to_the_notes(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", "processing")
    stage.open()
    studio.put("one", "failed", error=AWAY)
    stage.news()
    expect(stage.page.locator(".notes article[data-job=one]")).to_be_visible()
    assert stage.order() == []


def test_an_older_answer_never_overtakes_a_newer_one(stage: Stage, studio: FakeStudio) -> None:
    old = studio.put("one", "processing")
    studio.put("one", "completed")
    stage.open()
    stage.page.evaluate("job => studio.showJob(job)", old)
    expect(stage.card("one")).to_have_attribute("data-state", "completed")


def test_focus_stays_on_the_card_when_its_film_is_done(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", "processing")
    stage.open()
    stage.card("one").get_by_role("button", name="Cancel").focus()
    studio.put("one", "completed")
    stage.news()
    expect(stage.card("one").get_by_role("button", name="Play")).to_be_focused()


def test_an_address_with_a_job_leads_to_its_film(stage: Stage, studio: FakeStudio) -> None:
    for number in range(60):
        studio.put(f"job-{number:02}", minutes_ago=number)
    stage.open("?job=job-50")
    expect(stage.card("job-50")).to_be_in_viewport()
    video = stage.card("job-50").locator("video")
    expect(video).to_be_focused()
    assert video.evaluate("x => x.paused")


def test_an_address_with_somebody_elses_job_says_so(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    stage.open("?job=not-mine")
    expect(stage.gallery).to_contain_text("The film you came for is not here.")


# ---- what can be done


def test_use_again_fills_the_form_with_the_request(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    stage.open()
    stage.card("one").get_by_role("button", name="Use again").click()
    stage.page.wait_for_function("window.applied?.prompt === 'The film of one.'")


def test_use_again_that_cannot_work_says_why_on_the_card(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    stage.open()
    stage.page.evaluate("window.refuse = 'The picture is no longer here.'")
    stage.card("one").get_by_role("button", name="Use again").click()
    expect(stage.card("one").locator(".trouble")).to_have_text("The picture is no longer here.")


def test_the_star_keeps_a_film_and_lets_it_go(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    stage.open()
    keep = stage.card("one").get_by_role("button", name="Keep")
    keep.click()
    stage.settle()
    expect(keep).to_have_attribute("aria-pressed", "true")
    assert studio.jobs["one"]["kept"]
    keep.click()
    stage.settle()
    assert not studio.jobs["one"]["kept"]


def test_a_star_that_did_not_arrive_goes_out_again(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    stage.open()
    studio.down = True
    stage.card("one").get_by_role("button", name="Keep").click()
    stage.settle()
    expect(stage.card("one").get_by_role("button", name="Keep")).to_have_attribute("aria-pressed", "false")
    expect(stage.card("one").locator(".trouble")).to_contain_text("The studio cannot be reached.")


def test_download_saves_the_film_under_its_download_address(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    stage.open()
    with stage.page.expect_download() as download:
        stage.card("one").get_by_role("link", name="Download").click()
    assert download.value.url.endswith("/media/film-one-0?download=1")


def test_a_download_after_a_night_uses_a_fresh_link(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one")
    stage.open()
    stage.page.clock.fast_forward("08:00:00")
    stage.page.wait_for_function("window.pending === 0")
    studio.links = 7
    with stage.page.expect_download() as download:
        stage.card("one").get_by_role("link", name="Download").click()
    assert "film-one-7" in download.value.url


def test_cancel_asks_once_and_the_job_stays_until_it_is_deleted(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", "processing")
    stage.open()
    cancel = stage.card("one").get_by_role("button", name="Cancel")
    cancel.click()
    stage.settle()
    stopping = stage.card("one").get_by_role("button", name="Stopping…")
    stopping.click(force=True)
    assert len(studio.calls("cancel$")) == 1
    studio.put("one", "cancelled")
    stage.news()
    expect(stage.card("one")).to_contain_text("Cancelled")
    expect(stage.card("one")).to_contain_text("Nothing was charged.")
    expect(stage.card("one").get_by_role("button", name="Use again")).to_be_visible()
    stage.page.evaluate("document.activeElement.blur()")
    stage.run(640, step=10)
    assert stage.order() == ["one"]


def test_a_cancel_that_is_refused_says_why(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", "processing")
    studio.refusals["POST jobs/one/cancel"] = (
        409,
        {"error": {"code": "cannot_cancel", "message": "It is too late to stop it.", "hint": ""}},
    )
    stage.open()
    stage.card("one").get_by_role("button", name="Cancel").click()
    expect(stage.card("one").locator(".trouble")).to_have_text("It is too late to stop it.")
    expect(stage.card("one").get_by_role("button", name="Cancel")).to_be_enabled()


def test_a_long_cancelled_job_is_still_on_the_wall(stage: Stage, studio: FakeStudio) -> None:
    studio.put("old", "cancelled", minutes_ago=11)
    studio.put("one")
    stage.open()
    assert sorted(stage.order()) == ["old", "one"]


@pytest.mark.parametrize("state", ["queued", "processing", "cancelled"])
def test_films_without_a_film_yet_are_told_apart_by_one_line_of_their_prompt(stage: Stage, studio: FakeStudio, state: str) -> None:
    prompt = "<b>Slow</b> push in along the shore. " * 20
    studio.put("one", state, request={**a_request("one"), "prompt": prompt})
    stage.open()
    line = stage.card("one").locator(".asked")
    expect(line).to_have_text(prompt)
    expect(line).to_have_attribute("title", prompt)
    assert line.bounding_box()["height"] == 20  # type: ignore[index] # it is visible


def test_on_a_phone_a_lone_square_film_fills_the_width(browser: Browser, studio: FakeStudio) -> None:
    studio.put("one", scene="moon")
    with staged(browser, studio, width=390) as stage:
        stage.open()
        wall = stage.page.locator(".wall").bounding_box()
        card = stage.card("one").bounding_box()
    assert wall is not None
    assert card is not None
    assert card["width"] == wall["width"]
