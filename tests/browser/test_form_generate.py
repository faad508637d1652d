"""Generate: what is missing is led to, one press makes one film, and what goes wrong is said in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import visit
from tests.browser.desk import WORDS, Desk, jpeg_file, mp3_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page, Route

    from tests.browser.conftest import Faults
    from tests.integration.server import Running


@pytest.fixture
def desk(studio_page: Page, faults: Faults) -> Iterator[Desk]:
    """What is tested is how films are ordered; none has to be made."""
    desk = Desk(studio_page)
    yield desk
    faults.allow(r"status of 409 .*/cancel")  # it was made already
    desk.cancel_all()


def dispatches(page: Page) -> list[dict[str, Any]]:
    """The bodies of the events that Gradio sends from now on."""
    sent: list[dict[str, Any]] = []
    page.on("request", lambda request: sent.append(json.loads(request.post_data or "{}")) if "/run/predict" in request.url else None)
    return sent


def answer_with(route: Route, error: dict[str, Any]) -> None:
    """Answer Generate's event with an error of ours."""
    ticket = json.loads(route.request.post_data or "{}")["data"][-1]
    said = {
        "message": "The prompt is refused.",
        "hint": "Say it differently.",
        "field": None,
        "params": {},
        "charged": "no",
        "code": "x",
        **error,
    }
    answer = {"data": [{"token": ticket["client_token"], "error": said}], "is_generating": False, "duration": 0.1, "average_duration": 0.1}
    route.fulfill(json=answer)


def test_it_lists_what_is_missing_and_stays_reachable(desk: Desk) -> None:
    expect(desk.generate).to_have_attribute("data-missing", "image prompt")
    expect(desk.generate).to_have_attribute("aria-disabled", "true")
    expect(desk.price).to_contain_text("Add a picture to begin.")
    desk.generate.focus()
    expect(desk.generate).to_be_focused()


@pytest.mark.page_of_its_own
def test_a_press_leads_to_the_picture_then_to_the_prompt(desk: Desk) -> None:
    sent = dispatches(desk.page)
    desk.press()
    expect(desk.page.get_by_label("First frame", exact=True)).to_be_focused()
    desk.put_picture()
    expect(desk.price).to_contain_text("Write a prompt.")
    desk.press()
    expect(desk.prompt).to_be_focused()
    assert sent == []


def test_own_sound_without_an_mp3_leads_to_the_soundtrack(desk: Desk) -> None:
    desk.fill()
    desk.choose("Sound", "My mp3")
    expect(desk.generate).to_have_attribute("data-missing", "audio")
    expect(desk.price).to_contain_text("Add your mp3, or choose another sound.")
    desk.press()
    expect(desk.page.get_by_label("Soundtrack", exact=True)).to_be_focused()


def test_the_film_is_ordered_as_the_form_says(desk: Desk) -> None:
    desk.fill()
    desk.choose("Sound", "My mp3")
    desk.put_sound(mp3_file(6))
    desk.duration.fill("4")
    desk.choose("Quality", "1080p")
    desk.choose("Shot type", "Multi")
    desk.page.get_by_role("button", name="More settings").click()
    desk.page.get_by_label("Seed", exact=True).fill("7")
    desk.press()
    expect(desk.cards).to_have_count(1)
    [job] = desk.jobs()
    said = {name: job["request"][name] for name in ("prompt", "sound", "duration", "quality", "shot_type", "prompt_extend", "seed")}
    assert said == {
        "prompt": WORDS,
        "sound": "own",
        "duration": 4,
        "quality": "1080p",
        "shot_type": "multi",
        "prompt_extend": True,
        "seed": 7,
    }
    assert job["request"]["audio"] is not None


def test_an_mp3_that_is_not_chosen_is_not_sent(desk: Desk) -> None:
    desk.fill()
    desk.choose("Sound", "My mp3")
    desk.put_sound(mp3_file(4))
    desk.choose("Sound", "Silent")
    desk.press()
    expect(desk.cards).to_have_count(1)
    assert desk.jobs()[0]["request"]["audio"] is None


@pytest.mark.parametrize("keys", ["Control+Enter", "Meta+Enter"])
def test_the_keyboard_generates_from_the_prompt(desk: Desk, keys: str) -> None:
    desk.fill()
    desk.prompt.press(keys)
    expect(desk.cards).to_have_count(1)


def test_a_double_click_makes_one_film(desk: Desk) -> None:
    desk.fill()
    desk.generate.dblclick()
    expect(desk.cards).to_have_count(1)
    expect(desk.price).to_contain_text("Free draft")
    assert len(desk.jobs()) == 1


@pytest.mark.page_of_its_own
def test_two_presses_make_two_films_once_the_first_is_ordered(desk: Desk) -> None:
    desk.fill()
    desk.page.clock.install()
    for count in (1, 2):
        desk.press()
        expect(desk.cards).to_have_count(count)
        desk.page.clock.run_for(1_000)
    assert len(desk.jobs()) == 2


@pytest.mark.page_of_its_own
@pytest.mark.parametrize("broken", ["after the order", "before the order"])
def test_an_event_that_gradio_loses_makes_one_film_and_the_next_press_another(desk: Desk, faults: Faults, broken: str) -> None:
    faults.allow("ERR_FAILED|status of 404 .*app_id")  # Gradio asks whether its server is back, for ever
    desk.fill()

    def lose(route: Route) -> None:
        if broken == "after the order":
            route.fetch()
        route.abort()

    desk.page.route("**/run/predict", lose)
    desk.page.clock.install()
    with desk.page.expect_event("requestfailed", lambda request: "/run/predict" in request.url):
        desk.press()
    expect(desk.price).to_have_text("Sending…")
    desk.page.clock.run_for(10_000)
    expect(desk.cards).to_have_count(1)
    expect(desk.price).to_contain_text("Free draft")
    desk.page.clock.run_for(1_000)
    desk.press()
    desk.page.clock.run_for(1_000)
    expect(desk.cards).to_have_count(2)
    assert len(desk.jobs()) == 2


def test_an_event_that_the_server_fails_goes_by_our_own_call(desk: Desk, faults: Faults) -> None:
    faults.allow("status of 502")
    desk.fill()
    desk.page.route("**/run/predict", lambda route: route.fulfill(status=502, body=""))
    desk.press()
    expect(desk.cards).to_have_count(1)


def test_a_server_that_never_answers_is_told_and_the_order_stays_one(desk: Desk, faults: Faults) -> None:
    faults.allow("status of 50|ERR_FAILED")
    desk.fill()

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.fulfill(status=502, body="")

    desk.page.route("**/run/predict", lose_the_answer)
    desk.page.route("**/gradio_api/studio/jobs", lambda route: route.abort())
    desk.press()
    expect(desk.price).to_contain_text("The studio did not answer.")
    desk.page.unroute("**/run/predict")
    desk.page.unroute("**/gradio_api/studio/jobs")
    desk.press()
    expect(desk.price).to_contain_text("Free draft")
    assert len(desk.jobs()) == 1


@pytest.mark.page_of_its_own
def test_an_unreachable_server_sends_nothing_and_loses_nothing(desk: Desk, faults: Faults) -> None:
    faults.allow("ERR_FAILED")
    desk.fill()
    sent = dispatches(desk.page)
    desk.page.route("**/gradio_api/studio/**", lambda route: route.abort())
    desk.press()
    expect(desk.price).to_contain_text("The studio cannot be reached.")
    expect(desk.price).to_have_attribute("data-kind", "wrong")
    assert sent == []
    expect(desk.prompt).to_have_value(WORDS)
    desk.page.unroute("**/gradio_api/studio/**")
    desk.page.evaluate("dispatchEvent(new Event('online'))")  # the wall asks at once
    expect(desk.price).to_contain_text("The studio is back. Press Generate again.")
    expect(desk.price).to_have_attribute("data-kind", "told")
    desk.press()
    expect(desk.cards).to_have_count(1)


def test_nothing_of_gradios_status_is_read_beside_our_words(desk: Desk) -> None:
    desk.press()  # it leads to what is missing: Gradio takes that for an error
    expect(desk.page.get_by_label("First frame", exact=True)).to_be_focused()
    expect(desk.page.locator("#price [data-testid=status-tracker]")).to_have_text("Error")
    assert "Error" not in desk.page.locator("#make").inner_text()
    assert "Error" not in desk.page.locator("#make").aria_snapshot()


def test_generate_waits_before_anything_is_known(blank_page: Page, program: Running, faults: Faults) -> None:
    faults.allow("ERR_FAILED")
    blank_page.route("**/js/form/form.js", lambda route: route.abort())
    blank_page.goto(program.base)
    generate = blank_page.get_by_role("button", name="Generate", exact=True)
    expect(generate).to_be_visible()
    assert generate.get_attribute("data-look") is None
    look = "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color, getComputedStyle(e).transitionDuration]"
    early = generate.evaluate(look)
    blank_page.unroute("**/js/form/form.js")
    visit(blank_page, program)
    expect(generate).to_have_attribute("data-look", "waiting")
    assert generate.evaluate(look) == early


def test_a_file_that_was_not_sent_is_called_so_in_the_make_bar_too(desk: Desk, faults: Faults) -> None:
    faults.allow("ERR_FAILED")
    desk.page.route("**/gradio_api/studio/uploads?**", lambda route: route.abort())
    desk.page.get_by_label("First frame", exact=True).set_input_files(jpeg_file())
    expect(desk.frame).to_have_attribute("data-state", "refused")
    expect(desk.price).to_contain_text("The picture was not sent yet.")


def test_a_refusal_stands_at_the_field_it_is_about(desk: Desk) -> None:
    desk.fill()
    desk.page.route("**/run/predict", lambda route: answer_with(route, {"field": "prompt"}))
    desk.press()
    expect(desk.prompt).to_be_focused()
    expect(desk.prompt).to_have_attribute("aria-invalid", "true")
    expect(desk.prompt).to_have_accessible_description(
        "0 of 1500 characters The prompt is refused. Say it differently.".replace("0", str(len(WORDS)), 1)
    )
    desk.prompt.press_sequentially("!")
    expect(desk.prompt).to_have_attribute("aria-invalid", "false")


def test_a_refusal_about_nothing_in_particular_stands_under_generate(desk: Desk) -> None:
    desk.fill()
    desk.page.route("**/run/predict", lambda route: answer_with(route, {"message": "Ten films are at work.", "hint": "Wait for one."}))
    desk.press()
    expect(desk.price).to_have_text("Ten films are at work. Wait for one.")
    desk.duration.fill("3")
    expect(desk.price).to_contain_text("Free draft")


def test_what_is_typed_is_shown_as_it_was_typed(desk: Desk) -> None:
    nasty = "<script>document.title = 'x'</script> ${document.title = 'x'} `{{value}}`"
    desk.put_picture()
    desk.prompt.fill(nasty)
    desk.press()
    expect(desk.cards).to_have_count(1)
    assert desk.jobs()[0]["request"]["prompt"] == nasty
    desk.page.reload()
    expect(desk.prompt).to_have_value(nasty)
    assert desk.page.title() == "Wan Flash Studio"
