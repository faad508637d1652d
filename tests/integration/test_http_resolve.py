from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.calls import error, job, order, upload
from tests.integration.server import until
from tests.integration.shop import state

if TYPE_CHECKING:
    import httpx

    from tests.integration.shop import Shop


def test_a_look_lists_the_task_of_an_order_whose_answer_got_lost(shop: Shop) -> None:
    made = shop.unconfirmed(shop.owner, "listed")
    looked = shop.owner.post(f"jobs/{made['id']}/look").json()
    assert looked["job"]["error"]["charged"] == "maybe"
    assert shop.task_of(made) in [candidate["task_id"] for candidate in looked["candidates"]]
    again = shop.owner.post(f"jobs/{made['id']}/look").json()
    assert again["candidates"] == looked["candidates"]


def test_checking_a_task_reads_it_and_changes_nothing(shop: Shop, buyer: httpx.Client) -> None:
    made = shop.unconfirmed(buyer, "checked")
    found = buyer.post(f"jobs/{made['id']}/resolve", json={"task_id": shop.task_of(made), "check": True})
    assert found.json()["found"]["task_id"] == shop.task_of(made)
    nothing = buyer.post(f"jobs/{made['id']}/resolve", json={"task_id": "task-unified-0-nothing", "check": True})
    assert (nothing.status_code, nothing.json()) == (200, {"found": None})
    assert state(buyer, made["id"]) == "unconfirmed"


def test_a_task_that_is_attached_is_followed_to_its_film(shop: Shop, buyer: httpx.Client) -> None:
    made = shop.unconfirmed(buyer, "attached")
    taken = buyer.post(f"jobs/{made['id']}/resolve", json={"task_id": shop.task_of(made)})
    assert taken.json()["job"]["state"] != "unconfirmed"
    shop.evolink.end(shop.task_of(made))
    until(lambda: state(buyer, made["id"]) == "completed", "the film", 60)
    assert job(buyer, made["id"])["remote"]["task_id"] == shop.task_of(made)
    assert error(buyer.post(f"jobs/{made['id']}/resolve", json={"task_id": shop.task_of(made)})) == (409, "cannot_resolve")


def test_a_task_that_the_service_does_not_know_is_not_attached(shop: Shop, buyer: httpx.Client) -> None:
    made = shop.unconfirmed(buyer, "unknown")
    assert error(buyer.post(f"jobs/{made['id']}/resolve", json={"task_id": "task-unified-0-nothing"})) == (404, "not_found")
    assert state(buyer, made["id"]) == "unconfirmed"


def test_the_word_that_nothing_was_ordered_ends_it_and_frees_the_money(shop: Shop) -> None:
    made = shop.unconfirmed(shop.owner, "never")
    before = shop.owner.get("me").json()["me"]["left"]
    ended = shop.owner.post(f"jobs/{made['id']}/resolve", json={"none_exists": True}).json()["job"]
    assert (ended["state"], ended["error"]["code"], ended["error"]["charged"]) == ("failed", "never_made", "no")
    assert float(shop.owner.get("me").json()["me"]["left"]["usd"]) > float(before["usd"])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"check": True},
        {"task_id": "t", "none_exists": True},
        {"none_exists": False},
        {"task_id": ""},
        {"none_exists": True, "check": True},
    ],
)
def test_a_settlement_is_one_thing_or_the_other(buyer: httpx.Client, body: dict[str, Any]) -> None:
    assert error(buyer.post("jobs/whichever/resolve", json=body)) == (422, "invalid_request")


def test_a_film_that_is_well_is_not_settled_but_may_be_looked_at(buyer: httpx.Client) -> None:
    made = order(buyer, upload(buyer))
    looked = buyer.post(f"jobs/{made['id']}/look")
    assert (looked.status_code, looked.json()["candidates"]) == (200, None)
    assert error(buyer.post(f"jobs/{made['id']}/resolve", json={"none_exists": True})) == (409, "cannot_resolve")


@pytest.mark.parametrize(
    ("call", "body"), [("look", None), ("resolve", {"none_exists": True}), ("resolve", {"task_id": "t", "check": True})]
)
def test_somebody_elses_film_does_not_exist(shop: Shop, buyer: httpx.Client, call: str, body: dict[str, Any] | None) -> None:
    made = order(buyer, upload(buyer))
    with shop.program.visitor() as stranger:
        assert error(stranger.post(f"jobs/{made['id']}/{call}", json=body)) == (404, "not_found")
