from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

    from tests.integration.shop import Shop


def listed(web: httpx.Client) -> dict[str, dict[str, Any]]:
    return {service["id"]: service for service in web.get("services").json()["services"]}


def test_all_services_are_listed_with_whose_key_would_pay(buyer: httpx.Client) -> None:
    services = listed(buyer)
    assert {name: (one["ready"], one["key"]) for name, one in services.items()} == {
        "preview": (True, "none"),
        "evolink": (True, "server"),
        "aimlapi": (False, "none"),
        "apimart": (False, "none"),
        "dashscope": (False, "none"),
    }


def test_every_paid_service_says_where_a_key_is_made_and_where_a_picture_goes(buyer: httpx.Client) -> None:
    services = listed(buyer)
    assert services.pop("preview")["key_url"] is None
    assert all(service["key_url"].startswith("https://") and service["keeps"] for service in services.values())


def test_prices_are_rows_of_decimals_with_source_and_date(buyer: httpx.Client) -> None:
    services = listed(buyer)
    assert services["preview"]["prices"] == []
    rows = services["evolink"]["prices"]
    assert rows
    for row in rows:
        assert row["when"].keys() == {"quality", "silent"}
        assert Decimal(row["usd_per_s"]) > 0
        assert isinstance(row["usd_per_s"], str)
        assert row["source"]
        assert row["as_of"].startswith("20")


def test_the_balance_of_an_own_key_is_shown(shop: Shop, buyer: httpx.Client) -> None:
    assert buyer.put("keys/aimlapi", json={"key": shop.aimlapi.key}).status_code == 200
    service = listed(buyer)["aimlapi"]
    assert (service["ready"], service["key"]) == (True, "yours")
    assert service["balance"].keys() == {"usd", "amount", "unit", "unlimited"}
    assert service["balance"]["usd"] or service["balance"]["amount"]


def test_the_balance_of_the_servers_account_is_the_owners_business(shop: Shop, buyer: httpx.Client) -> None:
    assert listed(buyer)["evolink"]["balance"] is None
    assert Decimal(listed(shop.owner)["evolink"]["balance"]["usd"]) > 0
