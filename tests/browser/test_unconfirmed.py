"""An order whose outcome nobody knows is settled in its note: looked for, named by its number, or said to be none."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.gallery_stage import NOW, FakeStudio, Stage, iso, staged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator

COST = {"estimate": "0.1750", "reserved": "0.1750", "actual": None}
RESOLVE = "POST jobs/one/resolve"
LOOK = "POST jobs/one/look"
WORKING = {"found": {"task_id": "task-8217a", "status": "working", "progress": 20}}


@pytest.fixture
def studio() -> FakeStudio:
    return FakeStudio()


@pytest.fixture
def stage(browser: Browser, studio: FakeStudio) -> Iterator[Stage]:
    with staged(browser, studio) as opened:
        studio.put("one", "unconfirmed", service="evolink", cost=COST)
        opened.open()
        yield opened


@pytest.fixture
def note(stage: Stage) -> Locator:
    return stage.card("one")


def press(stage: Stage, note: Locator, name: str) -> None:
    note.get_by_role("button", name=name, exact=True).click()
    stage.settle()


def name_the_task(stage: Stage, note: Locator, number: str) -> None:
    press(stage, note, "I have its task number")
    note.get_by_label("Task number").fill(number)
    press(stage, note, "Check it")


def moved(studio: FakeStudio, state: str, changes: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """What the server answers once it is settled."""
    return 200, {"job": studio.put("one", state, **changes)}


def test_it_says_what_may_have_been_charged_and_offers_three_ways(stage: Stage, note: Locator) -> None:
    expect(note).to_contain_text("EvoLink did not say whether it took the order.")
    expect(note).to_contain_text("you may have been charged up to $0.18. It will not be sent again by itself.")
    for name in ("Look again", "I have its task number", "It was never made"):
        expect(note.get_by_role("button", name=name)).to_be_visible()
    expect(note.get_by_role("button", name="Delete")).to_have_count(0)
    expect(stage.gallery).to_contain_text("1 needs you")


def test_a_look_that_finds_nothing_says_so(stage: Stage, studio: FakeStudio, note: Locator) -> None:
    studio.refusals[LOOK] = (200, {"job": studio.jobs["one"], "candidates": None})
    press(stage, note, "Look again")
    expect(note.get_by_role("status")).to_contain_text("Nothing was found that could be this film.")


def test_a_look_lists_the_tasks_that_could_be_it_and_one_is_checked(stage: Stage, studio: FakeStudio, note: Locator) -> None:
    begun = iso(NOW - timedelta(minutes=4))
    listed = [
        {"task_id": "task-8217a", "created_at": begun, "status": "processing"},
        {"task_id": "task-9", "created_at": None, "status": "x"},
    ]
    studio.refusals[LOOK] = (200, {"job": studio.jobs["one"], "candidates": listed})
    studio.refusals[RESOLVE] = (200, WORKING)
    press(stage, note, "Look again")
    expect(note.locator(".candidates li")).to_have_count(2)
    expect(note).to_contain_text("task-8217a, begun 4 min ago")
    press(stage, note, "Check task-8217a")
    expect(note).to_contain_text("EvoLink has it, and it belongs to your key.")
    assert studio.bodies[-1] == (RESOLVE, {"task_id": "task-8217a", "check": True})


def test_a_number_that_is_not_known_is_said_at_the_field_and_stays_in_it(stage: Stage, studio: FakeStudio, note: Locator) -> None:
    studio.refusals[RESOLVE] = (200, {"found": None})
    name_the_task(stage, note, "task-8217")
    field = note.get_by_label("Task number")
    expect(note).to_contain_text("EvoLink knows no task with this number under your key. Is a letter missing?")
    expect(field).to_have_value("task-8217")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()


def test_news_leave_alone_what_is_being_typed(stage: Stage, studio: FakeStudio, note: Locator) -> None:
    press(stage, note, "I have its task number")
    note.get_by_label("Task number").fill("task-82")
    studio.put("one", "unconfirmed")
    stage.news()
    expect(note.get_by_label("Task number")).to_have_value("task-82")


def test_a_task_that_was_found_is_brought_here_at_a_second_click(stage: Stage, studio: FakeStudio, note: Locator) -> None:
    studio.refusals[RESOLVE] = (200, WORKING)
    name_the_task(stage, note, "task-8217a")
    expect(note).to_contain_text("It is at work. It is charged once, at most $0.18.")
    expect(note).to_have_attribute("data-state", "unconfirmed")
    studio.refusals[RESOLVE] = moved(studio, "pending", {"stage": "EvoLink has it in line"})
    press(stage, note, "Bring it here")
    assert studio.bodies[-1] == (RESOLVE, {"task_id": "task-8217a"})
    expect(note).to_contain_text("EvoLink has it in line")
    assert stage.order() == ["one"]


def test_never_made_takes_a_second_click(stage: Stage, studio: FakeStudio, note: Locator) -> None:
    press(stage, note, "It was never made")
    expect(note).to_contain_text("If it is there after all, you have paid for a film that will not arrive here.")
    expect(note.get_by_role("button", name="Back")).to_be_focused()
    assert studio.calls(RESOLVE) == []
    press(stage, note, "Back")
    expect(note).to_contain_text("EvoLink did not say whether it took the order.")


def test_what_was_never_made_is_made_again_for_no_more_than_it_says(stage: Stage, studio: FakeStudio, note: Locator) -> None:
    press(stage, note, "It was never made")
    never = {"code": "never_made", "message": "As you have said.", "hint": "", "charged": "no"}
    studio.refusals[RESOLVE] = moved(studio, "failed", {"error": never, "cost": {**COST, "reserved": None}})
    press(stage, note, "Yes, it was never made")
    assert studio.bodies[-1] == (RESOLVE, {"none_exists": True})
    expect(note).to_contain_text("You said it was never made.")
    expect(note).to_contain_text("Not charged as far as we know. Making it again costs at most $0.18.")
    expect(note.get_by_role("button", name="Use again")).to_be_hidden()
    studio.refusals["POST jobs$"] = (202, {"job": studio.put("two", "queued", service="evolink")})
    press(stage, note, "Make it again")
    ordered = dict(studio.bodies)["POST jobs"]
    assert (ordered["service"], ordered["price_at_most"]) == ("evolink", "0.1750")
    assert ordered["client_token"] == "again-evolink-one"  # the same after a reload: never bought twice
    expect(stage.card("two")).to_contain_text("Waiting its turn")
    expect(note.get_by_role("button", name="Make it again")).to_be_hidden()
    expect(note).not_to_contain_text("Making it again")


def test_what_cannot_be_asked_is_said_and_leaves_the_note(stage: Stage, studio: FakeStudio, note: Locator) -> None:
    studio.refusals[LOOK] = (502, {"error": {"code": "service_unreachable", "message": "EvoLink cannot be reached.", "hint": ""}})
    press(stage, note, "Look again")
    expect(note.locator(".trouble")).to_have_text("EvoLink cannot be reached.")
    expect(note.get_by_role("button", name="Look again")).not_to_have_attribute("aria-disabled", "true")
