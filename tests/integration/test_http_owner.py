from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from components.services.registry import build_services
from tests.integration.calls import error, order, upload
from tests.integration.server import API, Inside, inside
from tests.integration.shop import ADMIN, NOWHERE
from tests.loopback import NO_TLS
from tests.workshop import settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILM = {"service": "evolink", "prompt": "a boat", "duration": 5, "client_token": "t"}


@pytest.fixture
def owned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inside]:
    """A program with an owner, whose paid services nobody can reach."""
    for name in ("EVOLINK", "EVOLINK_FILES", "AIMLAPI", "APIMART", "DASHSCOPE"):
        monkeypatch.setenv(f"{name}_BASE_URL", NOWHERE)
    monkeypatch.setenv("STUDIO_ADMIN_TOKEN", ADMIN)
    monkeypatch.setenv("EVOLINK_API_KEY", "sk-server-0123456789")
    with inside(tmp_path, *build_services(settings(tmp_path)).values()) as app:
        yield app


def test_the_owner_decides_whether_anything_is_bought(owned: Inside) -> None:
    with owned.visitor() as owner, owned.visitor() as stranger:
        assert owner.post("me/owner", json={"token": f" {ADMIN} "}).json()["me"]["owner"] is True
        assert stranger.get("me").json()["me"]["owner"] is False
        assert error(stranger.put("me/paid", json={"on": False})) == (404, "not_found")

        assert owner.put("me/paid", json={"on": False}).json()["me"]["paid"] is False
        assert stranger.get("me").json()["me"]["paid"] is False
        ready = {one["id"]: one["ready"] for one in stranger.get("services").json()["services"]}
        assert (ready["evolink"], ready["preview"]) == (False, True)
        assert error(stranger.post("jobs", json={**FILM, "image": upload(stranger)})) == (402, "paid_paused")
        assert order(stranger, upload(stranger))["service"] == "preview"

        assert owner.put("me/paid", json={"on": True}).json()["me"]["paid"] is True
        assert stranger.post("jobs", json={**FILM, "image": upload(stranger)}).status_code == 202

        assert owner.delete("me/owner").json()["me"]["owner"] is False
        assert error(owner.put("me/paid", json={"on": False})) == (404, "not_found")

    with owned.visitor() as guesser:
        for _ in range(5):
            wrong = guesser.post("me/owner", json={"token": "guess"})
            assert error(wrong) == (403, "wrong_token")
            assert ADMIN not in wrong.text
    with owned.visitor() as another:  # a new visitor is no new place
        late = another.post("me/owner", json={"token": ADMIN})
        assert error(late) == (429, "too_many_tries")
        assert int(late.headers["retry-after"]) > 60


def test_a_proxy_in_front_ends_that_everybody_may_spend(owned: Inside) -> None:
    with owned.visitor() as web:
        assert web.get("me").json()["me"]["left"]["usd"] == "2.00"
        assert web.get("me", headers={"X-Forwarded-For": "203.0.113.9"}).json()["me"]["left"] is None
        assert web.get("me").json()["me"]["left"] is None
        assert error(web.post("jobs", json={**FILM, "image": upload(web)})) == (402, "needs_key")
        assert web.post("me/owner", json={"token": ADMIN}).json()["me"]["left"]["usd"] == "2.00"


def test_without_a_token_of_the_owners_nobody_is_the_owner(here: Inside) -> None:
    with here.visitor() as web:
        told = web.get("me").json()["me"]
        assert (told["owner"], told["claimable"], told["signed_in"], told["paid"]) == (False, False, False, True)
        assert error(web.post("me/owner", json={"token": ""})) == (403, "wrong_token")


def test_a_new_visitors_token_is_the_one_in_the_answer(here: Inside) -> None:
    answer = httpx.get(f"{here.base}{API}/me", trust_env=False, verify=NO_TLS)
    assert answer.json()["me"]["token"] == answer.headers["x-studio-visitor"]
