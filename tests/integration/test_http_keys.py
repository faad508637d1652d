from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from components.services.registry import build_services
from components.studio.tries import KEY_TRIES
from tests.doubles.aimlapi import AimlApi
from tests.integration.calls import error
from tests.integration.server import inside
from tests.workshop import settings

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.integration.shop import Shop


def test_a_key_is_tried_at_once_and_only_its_end_is_ever_shown(shop: Shop, buyer: httpx.Client) -> None:
    key = shop.aimlapi.key
    kept = buyer.put("keys/aimlapi", json={"key": f" Bearer {key}\n"})
    assert kept.json() == {"key": {"service": "aimlapi", "tail": key[-4:], "confirmed": True}}
    assert buyer.get("keys").json() == {"keys": [{"service": "aimlapi", "tail": key[-4:], "confirmed": None}]}
    assert any(seen.headers.get("authorization") == f"Bearer {key}" for seen in shop.aimlapi.requests)
    for path in ("keys", "services", "me", "jobs?since=0", "draft"):
        assert key not in buyer.get(path).text


def test_a_wrong_key_is_refused_about_the_key_and_not_kept(buyer: httpx.Client) -> None:
    refused = buyer.put("keys/aimlapi", json={"key": "sk-wrong-wrong-wrong"})
    assert error(refused) == (422, "key_refused")
    assert refused.json()["error"]["field"] == "key"
    assert "sk-wrong" not in refused.text
    assert buyer.get("keys").json() == {"keys": []}


@pytest.mark.parametrize("key", ["", "   ", "two words", "schlüssel", "x" * 600, "x" * 3000, 7, None])
def test_what_cannot_be_a_key_is_refused_without_asking_the_service(shop: Shop, buyer: httpx.Client, key: object) -> None:
    before = len(shop.aimlapi.requests)
    assert buyer.put("keys/aimlapi", json={"key": key}).status_code == 422
    assert len(shop.aimlapi.requests) == before


@pytest.mark.parametrize("service", ["preview", "nobody"])
def test_only_services_that_are_paid_take_keys(buyer: httpx.Client, service: str) -> None:
    assert error(buyer.put(f"keys/{service}", json={"key": "sk-0123456789"})) == (422, "invalid_request")


def test_a_service_that_is_away_is_said_and_nothing_is_kept(buyer: httpx.Client) -> None:
    assert error(buyer.put("keys/dashscope", json={"key": "sk-0123456789abcdef"})) == (503, "service_unreachable")
    assert buyer.get("keys").json() == {"keys": []}


def test_wrong_keys_are_tried_only_so_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with AimlApi(folder=tmp_path) as seller, ExitStack() as stack:
        monkeypatch.setenv("AIMLAPI_BASE_URL", seller.base_url)
        program = stack.enter_context(inside(tmp_path, *build_services(settings(tmp_path)).values()))
        for number in range(KEY_TRIES):
            with program.visitor() as guesser:  # a new visitor is no new place
                assert guesser.put("keys/aimlapi", json={"key": seller.key}).status_code == 200  # a right one takes nothing
                assert error(guesser.put("keys/aimlapi", json={"key": f"sk-guess-{number:08}"})) == (422, "key_refused")
        asked = len(seller.requests)
        with program.visitor() as late:
            refused = late.put("keys/aimlapi", json={"key": seller.key})
            assert error(refused) == (429, "too_many_tries")
            assert int(refused.headers["retry-after"]) > 60
            assert late.get("keys").json() == {"keys": []}
        assert len(seller.requests) == asked


def test_a_service_that_is_away_uses_up_no_tries(shop: Shop) -> None:
    with shop.program.visitor() as patient:
        for _ in range(KEY_TRIES + 1):
            assert error(patient.put("keys/dashscope", json={"key": "sk-0123456789abcdef"})) == (503, "service_unreachable")


def test_keys_are_of_one_visitor_alone(shop: Shop, buyer: httpx.Client) -> None:
    buyer.put("keys/aimlapi", json={"key": shop.aimlapi.key})
    with shop.program.visitor() as stranger:
        assert stranger.get("keys").json() == {"keys": []}
        assert error(stranger.delete("keys/aimlapi")) == (404, "not_found")
    assert len(buyer.get("keys").json()["keys"]) == 1


def test_a_key_is_forgotten_when_asked(shop: Shop, buyer: httpx.Client) -> None:
    buyer.put("keys/aimlapi", json={"key": shop.aimlapi.key})
    assert buyer.delete("keys/aimlapi").status_code == 204
    assert error(buyer.delete("keys/aimlapi")) == (404, "not_found")
    assert buyer.get("keys").json() == {"keys": []}


def test_no_file_of_the_program_holds_a_key_in_clear(shop: Shop, buyer: httpx.Client) -> None:
    buyer.put("keys/aimlapi", json={"key": shop.aimlapi.key})
    folder = shop.program.data_dir
    keys = (shop.aimlapi.key.encode(), shop.evolink.key.encode())
    assert not any(key.decode() in shop.program.said for key in keys)
    holding = [path for path in folder.rglob("*") if path.is_file() and any(key in path.read_bytes() for key in keys)]
    assert holding == []
