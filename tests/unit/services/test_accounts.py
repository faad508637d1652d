from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest

from components.errors import StudioError
from components.generation.prices import PriceRow, quote
from components.services.base import Balance, Candidate
from components.services.dashscope import price_id_of
from components.services.pricelist import PriceList
from components.services.sellers import Addresses, sellers
from tests.unit.services.bench import NAMES, NOW, OtherSide, account, line, request, services

CREDITS = {
    "data": {
        "token": {"remaining_credits": 120.5, "unlimited_credits": False, "used_credits": 9.5},
        "user": {"remaining_credits": 500, "used_credits": 80},
    },
    "message": "",
    "success": True,
}
UNLIMITED = {"data": {"token": {"remaining_credits": 0, "unlimited_credits": True}, "user": {"remaining_credits": 68}}, "success": True}


@pytest.mark.parametrize(
    ("name", "answer", "balance"),
    [
        ("evolink", CREDITS, Balance(Decimal("1.7721"), Decimal("120.5"), "credits")),
        ("evolink", UNLIMITED, Balance(Decimal("1.0000"), Decimal(68), "credits")),
        ("evolink", {"data": None}, None),
        ("aimlapi", {"current_balance": 12.34, "currency": "USD"}, Balance(Decimal("12.34"), Decimal("12.34"), "USD")),
        ("aimlapi", {"current_balance": "many"}, None),
        (
            "apimart",
            {"success": True, "remain_balance": 12.5, "used_balance": 3.5, "unlimited_quota": False},
            Balance(None, Decimal("12.5"), "units"),
        ),
        ("apimart", {"success": True, "remain_balance": -1, "unlimited_quota": True}, Balance(None, None, "", unlimited=True)),
        ("dashscope", {}, None),
    ],
)
async def test_a_balance_is_read_where_there_is_one(name: str, answer: object, balance: Balance | None) -> None:
    assert await account(name, OtherSide(answer)).balance() == balance


PERMIT = {"data": {"policy": "x"}}


@pytest.mark.parametrize(
    ("name", "answer", "works"),
    [
        ("evolink", CREDITS, True),
        ("evolink", httpx.Response(401, json={"error": {"code": 401, "message": "x"}}), False),
        ("aimlapi", {"current_balance": 0}, True),
        ("aimlapi", httpx.Response(401, json={"message": "no"}), False),
        ("apimart", {"success": True, "remain_balance": 1}, True),
        ("apimart", {"code": 401, "success": False, "message": "no"}, False),
        ("dashscope", PERMIT, True),
        ("dashscope", httpx.Response(401, json={"code": "InvalidApiKey", "message": "x"}), False),
    ],
)
async def test_a_key_is_tried_by_a_free_call(name: str, answer: object, works: bool) -> None:
    side = OtherSide(answer)
    assert await account(name, side).check() is works
    assert [asked.method for asked in side.asked] == ["GET"]


@pytest.mark.parametrize("answer", [httpx.Response(503), httpx.Response(200, text="<html>"), {"success": False, "message": "x"}])
async def test_a_key_that_could_not_be_tried_is_neither_good_nor_bad(answer: object) -> None:
    with pytest.raises(StudioError) as broken:
        await account("apimart", OtherSide(answer)).check()
    assert broken.value.params["service"] == "APIMart"


async def test_evolink_lists_tasks_that_may_be_ours_newest_first() -> None:
    rows = [
        {"id": "task-unified-1", "status": "processing", "model": "wan2.6-image-to-video-flash", "created_at": NOW - 10},
        {"id": "task-unified-2", "status": "completed", "model": "wan2.6-image-to-video-flash", "created_at": NOW + 1},
        {"id": "task-unified-3", "status": "completed", "model": "another", "created_at": NOW},
        {"id": "task-unified-4", "status": "completed", "model": "wan2.6-image-to-video-flash", "created_at": NOW - 9999},
        "nonsense",
    ]
    found = await account("evolink", OtherSide({"data": rows, "total": 5})).candidates(NOW - 60)
    assert found == (Candidate("task-unified-2", NOW + 1, "completed"), Candidate("task-unified-1", NOW - 10, "processing"))


async def test_dashscope_lists_tasks_that_may_be_ours_within_a_window_of_a_day() -> None:
    side = OtherSide(
        {
            "data": [{"task_id": "a", "status": "RUNNING", "gmt_create": (NOW - 5) * 1000}, {"task_id": "b", "task_status": "PENDING"}, {}],
            "total": 3,
        }
    )
    found = await account("dashscope", side).candidates(NOW - 300_000)
    assert found == (Candidate("a", NOW - 5, "RUNNING"), Candidate("b", None, "PENDING"))
    asked = side.last.url.params
    assert (asked["start_time"], asked["end_time"]) == ("20260920221650", "20260921221550")


@pytest.mark.parametrize("name", ["aimlapi", "apimart"])
async def test_a_service_that_lists_no_tasks_is_not_asked(name: str) -> None:
    side = OtherSide({})
    assert await account(name, side).candidates(NOW) == ()
    assert side.asked == []


@pytest.mark.parametrize(
    ("answer", "stopped"),
    [
        ({"request_id": "x"}, True),
        (httpx.Response(200), True),
        (httpx.Response(400, json={"code": "UnsupportedOperation", "message": "Failed to cancel the task", "request_id": "x"}), False),
        (httpx.Response(404, json={"code": "NotFound", "message": "x"}), False),
        ({"code": "UnsupportedOperation", "message": "x"}, False),
    ],
)
async def test_dashscope_stops_a_task_while_it_waits(answer: object, stopped: bool) -> None:
    side = OtherSide(answer)
    assert await account("dashscope", side).cancel("0d3c") is stopped
    assert (side.last.method, side.last.url.path) == ("POST", "/api/v1/tasks/0d3c/cancel")


@pytest.mark.parametrize("name", ["evolink", "aimlapi", "apimart"])
async def test_a_service_without_a_way_to_stop_says_so(name: str) -> None:
    side = OtherSide({})
    assert await account(name, side).cancel("x") is False
    assert side.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        {"success": True},
        httpx.Response(404),
        httpx.Response(400, json={"success": False, "code": 400, "msg": "gone"}),
        {"success": False, "code": 404},
    ],
)
async def test_evolink_forgets_a_picture_and_one_that_is_gone_is_no_error(answer: object) -> None:
    side = OtherSide(answer)
    await account("evolink", side).forget("f/01")
    assert (side.last.method, side.last.url.raw_path) == ("DELETE", b"/api/v1/files/f%2F01")


async def test_a_picture_that_evolink_could_not_forget_is_said() -> None:
    with pytest.raises(StudioError):
        await account("evolink", OtherSide(httpx.Response(500))).forget("f_01")


@pytest.mark.parametrize(
    ("age", "pause"), [(0, 5), (0.5, 5), (2, 3), (5, 5), (59, 5), (60, 10), (299, 10), (300, 15), (899, 15), (900, 60), (86_000, 60)]
)
def test_looks_grow_rarer_with_the_age_of_a_task(age: float, pause: float) -> None:
    assert account("evolink", OtherSide({})).pause_s(age) == pause


@pytest.mark.parametrize(("jitter", "pause"), [(0.0, 4.0), (1.0, 6.0)])
def test_looks_of_the_first_minute_are_spread(jitter: float, pause: float) -> None:
    assert services(OtherSide({}), jitter=jitter)["apimart"].account("k").pause_s(30) == pytest.approx(pause)


@pytest.mark.parametrize(("age", "pause"), [(0, 5), (5, 60), (200, 60)])
def test_with_a_callback_looks_are_rare(age: float, pause: float) -> None:
    assert account("evolink", OtherSide({})).pause_s(age, called_back=True) == pause


def test_a_film_of_two_minutes_needs_at_most_twenty_looks() -> None:
    seller, age, looks = services(OtherSide({}), jitter=0.5)["evolink"].account("k"), 0.0, 0
    while age < 120:
        age += seller.pause_s(age)
        looks += 1
    assert looks <= 20


async def test_aimlapi_publishes_its_prices() -> None:
    units = [
        {"name": "second", "content": "video 720p", "price": 0.065, "per": 1},
        {"name": "second", "content": "video 1080p", "price": 1.0, "per": 10},
        {"name": "token", "price": 9},
    ]
    side = OtherSide({"data": [{"id": "other"}, {"id": "alibaba/wan-2-6-image-to-video-flash", "pricing": {"units": units}}]})
    rows = await services(side)["aimlapi"].live_prices()
    assert {(row.quality, row.silent, row.usd_per_s) for row in rows} == {
        (quality, silent, price) for quality, price in (("720p", Decimal("0.065")), ("1080p", Decimal("0.1"))) for silent in (False, True)
    }
    assert "authorization" not in side.last.headers
    assert rows[0].as_of == "2026-09-21"


async def test_apimart_publishes_its_prices() -> None:
    data = {
        "model_name": "wan2.6-i2v-flash",
        "billing_type": "per_second",
        "resolution_prices": {"720P": 0.05, "1080p": "0.08"},
        "group_ratio": 0.8,
    }
    rows = await services(OtherSide({"success": True, "data": data}))["apimart"].live_prices()
    found = quote(request(duration=10, quality="1080p"), rows)
    assert found is not None
    assert found.at_most == Decimal("0.8000")


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(200, text="<html>"),
        {"data": [1, None]},
        {"data": {"billing_type": "per_call"}},
        httpx.ConnectError("no"),
    ],
)
@pytest.mark.parametrize("name", NAMES)
async def test_a_price_that_is_not_published_is_unknown_and_no_error(name: str, answer: object) -> None:
    assert await services(OtherSide(answer))[name].live_prices() == ()


@pytest.mark.parametrize(
    ("name", "asked", "usd"),
    [
        ("evolink", {}, "0.1750"),
        ("evolink", {"sound": "silent", "duration": 2}, "0.0883"),
        ("evolink", {"sound": "under", "duration": 10}, "0.1750"),
        ("evolink", {"quality": "1080p", "duration": 15}, "0.8775"),
        ("dashscope", {"duration": 10}, "0.4420"),
        ("aimlapi", {}, None),
        ("apimart", {}, None),
    ],
)
def test_a_request_has_its_list_price(name: str, asked: dict[str, Any], usd: str | None) -> None:
    http = line(OtherSide({}))
    listed = {each.id: each for each in sellers(lambda: http, Addresses(), prices=PriceList.read().rows)}
    found = listed[name].quote(request(**asked))
    assert (str(found.at_most) if found else None) == usd


@pytest.mark.parametrize(
    ("address", "listed"),
    [
        ("https://dashscope.aliyuncs.com", "dashscope"),
        ("https://ws1.cn-beijing.maas.aliyuncs.com", "dashscope"),
        ("https://dashscope-intl.aliyuncs.com", "dashscope-intl"),
        ("https://ws1.ap-southeast-1.maas.aliyuncs.com", "dashscope-intl"),
        ("http://127.0.0.1:9000", "dashscope-intl"),
    ],
)
def test_dashscopes_price_is_that_of_its_region(address: str, listed: str) -> None:
    assert price_id_of(address) == listed


def test_every_service_says_where_a_key_is_made_and_where_a_picture_goes() -> None:
    for service in services(OtherSide({})).values():
        assert (service.key_url or "").startswith("https://")
        assert service.keeps


def test_a_row_of_the_list_is_what_a_quote_is_made_of() -> None:
    row = PriceRow("720p", silent=False, usd_per_s=Decimal("0.01"), least_usd=Decimal("0.5"), source="seen", as_of="2026-10-10")
    found = quote(request(), [row])
    assert found is not None
    assert (found.at_most, found.source, found.as_of) == (Decimal("0.5000"), "seen", "2026-10-10")
