"""What the gallery says of paid films: waits, what cannot be stopped, what is not saved yet, and where else a film can be made."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.browser.gallery_stage import NOW, FakeStudio, Stage, iso, staged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

REFUSED = {
    "code": "content_refused",
    "message": "EvoLink turned this picture down.",
    "hint": "Another picture often passes.",
    "charged": "no",
}


@pytest.fixture
def studio() -> FakeStudio:
    return FakeStudio()


@pytest.fixture
def stage(browser: Browser, studio: FakeStudio) -> Iterator[Stage]:
    with staged(browser, studio) as opened:
        yield opened


def offer(name: str, at_most: str | None, *, can: bool = True, key: str = "yours") -> dict[str, Any]:
    price = {"at_most": at_most, "source": "list price", "as_of": "2026-10-10"} if at_most else None
    return {"id": name, "can": can, "violations": [], "price": price, "key": key}


def estimates(studio: FakeStudio, *offers: dict[str, Any]) -> None:
    studio.refusals["POST estimate"] = (200, {"services": list(offers), "cheapest": None})


def waits(seconds: int, reason: str) -> dict[str, Any]:
    return {"until": iso(NOW + timedelta(seconds=seconds)), "reason": reason}


def test_a_cancel_that_the_service_has_not_is_said_honestly(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", "processing", service="evolink", stage="EvoLink is making the film")
    stage.open()
    card = stage.card("one")
    card.get_by_role("button", name="Cancel").click()
    expect(card).to_contain_text("EvoLink cannot stop it; it will be charged. Hide it?")
    card.get_by_role("button", name="Leave it here").click()
    expect(card.get_by_role("button", name="Hide it")).to_be_hidden()
    assert studio.calls("cancel|DELETE") == []
    card.get_by_role("button", name="Cancel").click()
    card.get_by_role("button", name="Hide it").click()
    stage.settle()
    assert studio.calls("DELETE jobs/one") == ["DELETE jobs/one"]


def test_a_cancel_that_came_too_late_asks_the_same(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", "pending", service="elsewhere")
    error = {"code": "cannot_cancel", "message": "It cannot be stopped any more.", "hint": "", "charged": "yes"}
    studio.refusals["POST jobs/one/cancel"] = (409, {"error": error})
    stage.open()
    stage.card("one").get_by_role("button", name="Cancel").click()
    stage.settle()
    expect(stage.card("one")).to_contain_text("Elsewhere cannot stop it; it will be charged. Hide it?")


@pytest.mark.parametrize(
    ("source", "actual", "words"),
    [
        ("not_charged", "0", "Nothing was charged."),
        ("unclear", None, "You may have been charged."),
        ("at_most", None, "You were charged."),
        ("service", "0.25", "$0.25 was charged."),
    ],
)
def test_a_film_that_was_stopped_says_what_is_known_of_its_price(
    stage: Stage, studio: FakeStudio, source: str, actual: str | None, words: str
) -> None:
    cost = {"estimate": "0.50", "reserved": "0.50", "actual": actual, "source": source, "original": None}
    studio.put("one", "cancelled", service="evolink", cost=cost)
    stage.open()
    expect(stage.card("one")).to_contain_text(words)


def test_a_film_that_takes_long_says_how_often_it_is_asked_for(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", "processing", service="evolink", progress=40, minutes_ago=16, asked_at=iso(NOW - timedelta(seconds=30)))
    stage.open()
    expect(stage.card("one")).to_contain_text("Taking longer than usual")
    expect(stage.card("one")).to_contain_text("EvoLink is asked about every minute. You can close this page.")
    assert "40 %" not in stage.card("one").inner_text()


def test_the_time_in_our_own_line_is_no_long_time_at_the_service(stage: Stage, studio: FakeStudio) -> None:
    begun = iso(NOW - timedelta(minutes=2))
    studio.put("one", "processing", service="evolink", progress=40, minutes_ago=50, started_at=begun, stage="EvoLink is making the film")
    stage.open()
    expect(stage.card("one")).to_contain_text("EvoLink is making the film")
    studio.put("one", "processing", started_at=iso(NOW - timedelta(minutes=16)))
    stage.news()
    expect(stage.card("one")).to_contain_text("Taking longer than usual")


def asked(stage: Stage) -> str:
    """How long ago the service was asked, as the card says it now."""
    stage.page.clock.run_for(1000)
    return stage.card("one").locator(".facts span").first.inner_text()


def test_when_the_service_was_asked_is_told_where_there_is_no_other_news(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", "processing", service="evolink", progress=40, asked_at=iso(NOW - timedelta(seconds=8)))
    stage.open()
    stage.run(2)
    assert asked(stage) == "Checked 11 s ago"
    studio.asked["one"] = NOW + timedelta(seconds=3)
    stage.news()
    assert asked(stage) == "Checked 1 s ago"


def test_when_the_service_was_asked_never_grows_older_by_news(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", "processing", service="evolink", progress=40, asked_at=iso(NOW - timedelta(seconds=2)))
    stage.open()
    studio.put("one", "processing", progress=45, asked_at=iso(NOW - timedelta(seconds=50)))
    studio.asked["one"] = NOW - timedelta(seconds=90)
    stage.news()
    assert asked(stage) == "Checked 3 s ago"


def test_a_film_that_is_not_saved_shows_how_long_the_service_keeps_it(stage: Stage, studio: FakeStudio) -> None:
    remote = {"task_id": "t", "expires_at": iso(NOW + timedelta(hours=21, minutes=40, seconds=30))}
    studio.put("one", "saving", service="evolink", wait=waits(300, "disk_full"), remote=remote)
    stage.open()
    note = stage.card("one")
    expect(note.locator(".tag")).to_have_text("Not saved yet21 h 40 min left")
    expect(note).to_contain_text("EvoLink keeps it for 21 h 40 min more. Trying again in about 5 min.")
    expect(stage.gallery).to_contain_text("1 not saved yet")
    expect(note.get_by_role("link", name="Download")).to_be_hidden()
    stage.run(61, step=1)
    expect(note.locator(".left")).to_have_text("21 h 39 min left")


def test_save_now_tries_at_once_and_the_film_joins_the_wall(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", "saving", service="evolink", wait=waits(300, "not_saved"), remote={"task_id": "t", "download_url": "/media/film-one"})
    stage.open()
    note = stage.card("one")
    expect(note.get_by_role("link", name="Download")).to_have_attribute("href", "/media/film-one")
    studio.refusals["POST jobs/one/look"] = (200, {"job": studio.put("one", "completed", service="evolink", wait=None), "candidates": None})
    note.get_by_role("button", name="Save now").click()
    stage.settle()
    assert stage.order() == ["one"]
    expect(stage.card("one").locator(".play")).to_be_visible()


def test_a_film_that_is_not_saved_is_played_through_us_and_goes_on_once_it_is(stage: Stage, studio: FakeStudio) -> None:
    remote = {"task_id": "t", "url": "/media/film-far", "download_url": "/media/film-far?download=1"}
    studio.put("one", "saving", service="evolink", wait=waits(300, "not_saved"), remote=remote)
    stage.open()
    note = stage.card("one")
    note.get_by_role("button", name="Play: The film of one.").click()
    film = note.locator("video")
    expect(film).to_have_attribute("src", "/media/film-far")
    film.evaluate("film => new Promise(done => film.readyState > 1 ? done() : film.addEventListener('loadeddata', done))")
    film.evaluate("film => { film.pause(); film.currentTime = 1.5; }")
    studio.put("one", "completed", wait=None, remote={"task_id": "t"})
    stage.news()
    assert stage.order() == ["one"]
    expect(film).to_have_attribute("src", "/media/film-one-0")
    film.evaluate("film => new Promise(done => film.readyState > 1 ? done() : film.addEventListener('loadeddata', done))")
    assert film.evaluate("film => [film.paused, film.currentTime]") == [True, 1.5]


def test_what_the_service_keeps_no_longer_is_not_offered(stage: Stage, studio: FakeStudio) -> None:
    links = {"url": "/media/film-far", "download_url": "/media/film-far?download=1", "expires_at": iso(NOW + timedelta(seconds=30))}
    studio.put("one", "saving", service="evolink", wait=waits(300, "not_saved"), remote={"task_id": "t", **links})
    stage.open()
    note = stage.card("one")
    expect(note.get_by_role("link", name="Download")).to_be_visible()
    stage.run(31, step=1)
    expect(note).to_contain_text("EvoLink may have deleted it by now.")
    expect(note.get_by_role("link", name="Download")).to_be_hidden()
    expect(note.locator(".play")).to_be_hidden()


def test_a_failure_that_was_not_charged_offers_the_cheapest_other_service(stage: Stage, studio: FakeStudio) -> None:
    estimates(studio, offer("preview", "0"), offer("evolink", "0.1"), offer("elsewhere", "0.5155"), offer("third", "0.6"))
    studio.put("one", "failed", service="evolink", error=REFUSED)
    stage.open()
    stage.settle()
    note = stage.card("one")
    expect(note).to_contain_text("You were not charged. Another picture often passes.")
    studio.refusals["POST jobs$"] = (202, {"job": studio.put("two", "queued", service="elsewhere")})
    note.get_by_role("button", name="Make it at Elsewhere for $0.52").dblclick()
    stage.settle()
    sent = [body for path, body in studio.bodies if path == "POST jobs"]
    assert [(body["service"], body["price_at_most"], body["prompt"]) for body in sent] == [("elsewhere", "0.5155", "The film of one.")]
    expect(stage.card("two")).to_be_visible()


@pytest.mark.parametrize(
    "offers",
    [
        [offer("elsewhere", "0.5", can=False)],
        [offer("elsewhere", "0.5", key="none")],
        [offer("elsewhere", None)],
        [offer("preview", "0"), offer("evolink", "0.2")],
    ],
    ids=["cannot", "no key", "no price", "only a draft"],
)
def test_nothing_is_offered_where_no_other_service_would_do(stage: Stage, studio: FakeStudio, offers: list[dict[str, Any]]) -> None:
    estimates(studio, *offers)
    studio.put("one", "failed", service="evolink", error=REFUSED)
    stage.open()
    stage.settle()
    assert studio.calls("POST estimate") != []
    expect(stage.card("one").get_by_role("button", name="Make it at")).to_have_count(0)


@pytest.mark.parametrize("charged", ["maybe", "yes"])
def test_after_a_charge_or_a_doubt_no_other_service_is_offered(stage: Stage, studio: FakeStudio, charged: str) -> None:
    estimates(studio, offer("elsewhere", "0.5"))
    studio.put("one", "failed", service="evolink", error={**REFUSED, "charged": charged})
    stage.open()
    stage.settle()
    assert studio.calls("POST estimate") == []
    expect(stage.card("one").get_by_role("button", name="Make it at")).to_have_count(0)


def test_a_price_that_has_risen_is_shown_before_it_is_agreed_to(stage: Stage, studio: FakeStudio) -> None:
    estimates(studio, offer("elsewhere", "0.50"))
    studio.put("one", "failed", service="evolink", error=REFUSED)
    stage.open()
    stage.settle()
    changed = {"code": "price_changed", "message": "It costs more.", "hint": "", "params": {"at_most": "0.59"}}
    studio.refusals["POST jobs$"] = (409, {"error": changed})
    stage.card("one").get_by_role("button", name="Make it at Elsewhere").click()
    stage.settle()
    expect(stage.card("one").locator(".trouble")).to_have_text("It costs at most $0.59 now. Nothing was sent.")
    stage.card("one").get_by_role("button", name="Make it at Elsewhere for $0.59").click()
    stage.settle()
    assert studio.bodies[-1][1]["price_at_most"] == "0.59"


@pytest.mark.parametrize(
    ("cost", "says"),
    [
        ({"actual": "0.4701", "source": "service"}, "$0.47"),
        ({"actual": "0.4701", "source": "computed"}, "$0.47 by list price"),
        ({"actual": "0.4701", "source": "at_most"}, "at most $0.48"),
        ({"estimate": None, "reserved": "0.50", "actual": None, "source": None}, "cost not told"),
    ],
)
def test_a_finished_film_says_what_it_cost_and_how_that_is_known(stage: Stage, studio: FakeStudio, cost: dict[str, Any], says: str) -> None:
    studio.put("one", "completed", service="evolink", cost=cost)
    stage.open()
    expect(stage.card("one").locator(".facts").get_by_text(says, exact=True)).to_be_visible()


def test_where_no_price_is_published_what_is_counted_is_not_told_as_one(stage: Stage, studio: FakeStudio) -> None:
    studio.put("one", "processing", service="evolink", cost={"estimate": None, "reserved": "0.50", "actual": None})
    stage.open()
    expect(stage.card("one").locator(".facts")).to_contain_text("price not published")
    expect(stage.card("one").locator(".facts")).not_to_contain_text("$")
