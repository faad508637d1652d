from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from components.web.outside import LARGEST_CALL
from tests.integration.calls import error, order, upload
from tests.integration.server import API, until
from tests.integration.shop import PUBLIC, state
from tests.loopback import NO_TLS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.server import Inside
    from tests.integration.shop import Shop

STRANGE = {"Host": "evil.example", "Origin": "https://evil.example", "Cookie": "studio_visitor=x"}


@pytest.fixture
def anybody(shop: Shop) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{shop.program.base}{API}/", trust_env=False, verify=NO_TLS, timeout=30) as web:
        yield web


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b'{"id": 7}', b"\xff", b"<html>", b"[" * 5000, b"x" * (LARGEST_CALL * 4)],
    ids=["nothing", "object", "list", "null", "number", "bytes", "html", "deep", "long"],
)
def test_whatever_is_called_is_heard_and_nothing_is_told(anybody: httpx.Client, body: bytes) -> None:
    answer = anybody.post("hook/no-such-job/no-such-token", content=body, headers=STRANGE)
    assert (answer.status_code, answer.content) == (204, b"")
    assert not [name for name in answer.headers if name in {"x-studio-visitor", "set-cookie"}]


def test_a_body_that_never_ends_is_not_waited_for(here: Inside) -> None:
    port = int(here.base.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(f"POST {API}/hook/job/token HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{".encode())
        assert line.recv(100).startswith(b"HTTP/1.1 204")


def test_a_call_with_another_token_changes_nothing(shop: Shop, buyer: httpx.Client, anybody: httpx.Client) -> None:
    made = shop.unconfirmed(buyer, "another-token")
    assert anybody.post(f"hook/{made['id']}/{'x' * 32}", json={"id": shop.task_of(made)}).status_code == 204
    assert anybody.post(f"hook/{made['id']}/{'é' * 32}", json={"id": shop.task_of(made)}).status_code == 204
    assert state(buyer, made["id"]) == "unconfirmed"


def test_the_services_call_brings_the_film(shop: Shop, buyer: httpx.Client) -> None:
    shop.evolink.hold = True
    try:
        made = order(buyer, upload(buyer), service="evolink", duration=5, client_token="called", prompt="called about")
        until(lambda: state(buyer, made["id"]) == "pending", "the task")
        shop.evolink.end(shop.task_of(made))
        until(lambda: state(buyer, made["id"]) == "completed", "the film", 60)
    finally:
        shop.evolink.hold = False
    calls = [call for call in shop.evolink.callbacks if made["id"] in call.url]
    assert [call.status for call in calls] == [204]
    assert calls[0].url.startswith(f"{PUBLIC}{API}/hook/{made['id']}/")


def test_a_call_takes_up_an_order_whose_answer_got_lost(shop: Shop, buyer: httpx.Client) -> None:
    made = shop.unconfirmed(buyer, "taken-up")
    shop.evolink.end(shop.task_of(made))
    until(lambda: state(buyer, made["id"]) == "completed", "the film", 60)


def test_our_own_nonce_is_answered_once_under_any_host(here: Inside) -> None:
    address = here.app.studio.address
    address._nonces["nonce-of-a-test"] = time.time() + 30
    told, again = (httpx.get(f"{here.base}{API}/proof/nonce-of-a-test", headers=STRANGE, trust_env=False, verify=NO_TLS) for _ in range(2))
    assert (told.status_code, told.text) == (200, address._signed("nonce-of-a-test"))
    assert error(again) == (404, "not_found")


@pytest.mark.parametrize("path", ["proof/", "proof/a/b", "hook/a", "hook/a/b/c", "jobs", "me"])
def test_under_another_host_nothing_else_is_answered(anybody: httpx.Client, path: str) -> None:
    assert error(anybody.get(path, headers=STRANGE)) == (421, "wrong_host")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_strange_page_changes_nothing_by_way_of_a_proof(anybody: httpx.Client, method: str) -> None:
    assert anybody.request(method, "proof/x", headers={"Origin": "https://evil.example"}).status_code == 403
