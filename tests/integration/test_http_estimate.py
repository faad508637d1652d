from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.calls import error, upload
from tests.integration.server import until
from tests.integration.shop import state
from tests.media_factory import jpeg, mp3

if TYPE_CHECKING:
    import httpx

    from tests.integration.shop import Shop

FILM = {"service": "evolink", "prompt": "the boats drift off", "duration": 5, "client_token": "t"}


def offers(web: httpx.Client, **film: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401 - whatever a field holds
    answer = web.post("estimate", json=film)
    assert answer.status_code == 200, answer.text
    return {offer["id"]: offer for offer in answer.json()["services"]}


def codes(offer: dict[str, Any]) -> list[str]:
    return [violation["code"] for violation in offer["violations"]]


def test_every_service_says_whether_it_can_and_for_how_much(buyer: httpx.Client) -> None:
    answer = buyer.post("estimate", json={**FILM, "image": upload(buyer)}).json()
    found = {offer["id"]: offer for offer in answer["services"]}
    assert list(found) == ["preview", "evolink", "aimlapi", "apimart", "dashscope"]
    assert all(offer["can"] for offer in found.values())
    prices = {name: Decimal(offer["price"]["at_most"]) for name, offer in found.items() if offer["price"] and name != "preview"}
    assert answer["cheapest"] in prices
    assert prices[answer["cheapest"]] == min(prices.values())
    assert found["evolink"]["price"]["source"]
    assert (found["evolink"]["key"], found["aimlapi"]["key"]) == ("server", "none")


def test_what_would_have_to_change_comes_with_the_change(buyer: httpx.Client) -> None:
    found = offers(buyer, **{**FILM, "duration": 7})
    assert found["evolink"]["can"]
    (violation,) = found["aimlapi"]["violations"]
    assert (violation["field"], violation["code"]) == ("duration", "duration_choice")
    assert violation["message"]
    assert offers(buyer, **{**FILM, violation["fix"]["field"]: violation["fix"]["value"]})["aimlapi"]["can"]


def test_a_picture_is_judged_by_each_service(buyer: httpx.Client) -> None:
    picture = buyer.post("uploads?kind=image&service=apimart", content=jpeg(2400, 1600)).json()["upload"]["id"]
    found = offers(buyer, **FILM, image=picture)
    assert codes(found["evolink"]) == ["image_too_large"]
    assert found["evolink"]["violations"][0]["mend"] == "shrink"
    assert found["apimart"]["can"]


def test_an_own_sound_can_be_fetched_from_us(buyer: httpx.Client) -> None:
    sound = upload(buyer, mp3(6), kind="audio", name="bell.mp3")
    assert codes(offers(buyer, **FILM, audio=sound)["evolink"]) == []


@pytest.mark.parametrize("film", [{}, {"prompt": ""}, {"image": None, "service": None, "duration": 5}])
def test_a_form_that_is_not_filled_in_yet_is_no_error(buyer: httpx.Client, film: dict[str, Any]) -> None:
    assert codes(offers(buyer, **film)["evolink"]) == ["prompt_missing"]


@pytest.mark.parametrize(
    ("change", "expected", "field"),
    [
        ({"duration": "long"}, (422, "invalid_request"), "duration"),
        ({"colour": "red"}, (422, "invalid_request"), "colour"),
        ({"image": "nobodys-upload"}, (404, "not_found"), "image"),
        ({"audio": "nobodys-upload"}, (404, "not_found"), "audio"),
    ],
)
def test_what_is_no_request_is_refused_about_its_field(
    buyer: httpx.Client, change: dict[str, Any], expected: tuple[int, str], field: str
) -> None:
    answer = buyer.post("estimate", json={**FILM, **change})
    assert error(answer) == expected
    assert answer.json()["error"]["field"] == field


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{"])
def test_a_body_that_is_no_object_is_422(buyer: httpx.Client, body: bytes) -> None:
    assert error(buyer.post("estimate", content=body, headers={"Content-Type": "application/json"})) == (422, "invalid_request")


def test_asking_for_a_price_sends_nothing_of_the_film_anywhere(shop: Shop, buyer: httpx.Client) -> None:
    asked = len(shop.aimlapi.requests)
    offers(buyer, **{**FILM, "prompt": "only the price is asked"}, image=upload(buyer))
    assert not [seen for seen in shop.evolink.requests if b"only the price is asked" in seen.request.body]
    assert len(shop.aimlapi.requests) == asked  # there is no key for it, so it is not even asked for prices


def test_a_price_that_has_changed_orders_nothing_and_says_the_new_one(shop: Shop, buyer: httpx.Client) -> None:
    picture, charged = upload(buyer), len(shop.evolink.ledger())
    now = offers(buyer, **FILM, image=picture)["evolink"]["price"]["at_most"]
    refused = buyer.post("jobs", json={**FILM, "image": picture, "price_at_most": "0.01"})
    assert error(refused) == (409, "price_changed")
    assert refused.json()["error"]["params"]["at_most"] == now
    assert buyer.get("jobs?since=0").json()["jobs"] == []
    assert len(shop.evolink.ledger()) == charged


def test_a_film_that_would_pass_the_visitors_cap_is_402(buyer: httpx.Client) -> None:
    picture, taken = upload(buyer), []
    for number in range(10):
        film = {**FILM, "image": picture, "duration": 15, "quality": "1080p", "client_token": str(number)}
        answer = buyer.post("jobs", json=film)
        if answer.status_code != 202:
            break
        taken.append(answer.json()["job"]["id"])
    assert taken
    assert error(answer) == (402, "cap_reached")
    assert Decimal(buyer.get("me").json()["me"]["left"]["usd"]) < Decimal(answer.json()["error"]["params"]["needed"])
    until(lambda: not {state(buyer, one) for one in taken} & {"queued", "submitting"}, "all to be at the seller")


def test_without_a_key_a_film_is_402(buyer: httpx.Client) -> None:
    film = {**FILM, "service": "aimlapi", "image": upload(buyer)}
    assert error(buyer.post("jobs", json=film)) == (402, "needs_key")
