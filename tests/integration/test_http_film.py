"""``jobs/{id}/film``: a film that is finished at its service and not saved here yet, through us."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.integration.calls import error, job, order, upload
from tests.integration.server import until
from tests.integration.shop import state

if TYPE_CHECKING:
    from tests.integration.shop import Shop

HOURS = 1_000_000.0
"""Seconds between two drops of the film that the program saves: it never gets it."""


@pytest.fixture
def unsaved(shop: Shop, buyer: httpx.Client, request: pytest.FixtureRequest) -> dict[str, Any]:
    """A film that the service has and that does not get here."""
    made = order(buyer, upload(buyer), service="evolink", duration=5, prompt=request.node.name, client_token=request.node.name)
    until(lambda: state(buyer, made["id"]) != "queued" and job(buyer, made["id"])["remote"] is not None, "the task")
    shop.evolink.fault("drip", on="result", seconds=HOURS, task_id=shop.task_of(made))
    shop.evolink.end(shop.task_of(made))
    until(lambda: state(buyer, made["id"]) == "saving" and not shop.evolink.faults_left, "the film to be on its way")
    return job(buyer, made["id"])


def name(address: str) -> str:
    """A path of ours, as the client of tests takes it."""
    return address.removeprefix("/gradio_api/studio/")


def test_it_is_played_and_downloaded_through_us(shop: Shop, buyer: httpx.Client, unsaved: dict[str, Any]) -> None:
    remote = unsaved["remote"]
    whole = buyer.get(name(remote["url"]))
    assert (whole.status_code, whole.headers["content-type"], whole.headers["cache-control"]) == (200, "video/mp4", "no-store")
    assert whole.headers["content-disposition"].startswith("inline")
    assert whole.content[4:8] == b"ftyp"
    saved = buyer.get(name(remote["download_url"]))
    assert saved.headers["content-disposition"].startswith('attachment; filename="evolink-')
    assert saved.content == whole.content
    assert int(saved.headers["content-length"]) == len(whole.content)
    part = buyer.get(name(remote["url"]), headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"ftyp", f"bytes 4-7/{len(whole.content)}")
    beyond = buyer.get(name(remote["url"]), headers={"Range": f"bytes={len(whole.content)}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(whole.content)}")
    odd = buyer.get(name(remote["url"]), headers={"Range": "bytes=0-1,4-7"})
    assert (odd.status_code, odd.content) == (200, whole.content)
    told = " ".join(f"{answer.headers}" for answer in (whole, saved, part, beyond)) + str(unsaved)
    for secret in (shop.evolink.key, shop.evolink.files_url, "Signature"):
        assert secret not in told


def test_it_is_its_visitors_alone(shop: Shop, unsaved: dict[str, Any]) -> None:
    with shop.program.visitor() as stranger:
        assert error(stranger.get(name(unsaved["remote"]["url"]))) == (404, "not_found")


def test_a_link_that_has_died_is_read_anew(shop: Shop, buyer: httpx.Client, unsaved: dict[str, Any]) -> None:
    url = name(unsaved["remote"]["url"])
    assert buyer.get(url).status_code == 200
    shop.evolink.fault("expired", on="result", task_id=unsaved["remote"]["task_id"])
    assert buyer.get(url).content[4:8] == b"ftyp"
    shop.evolink.fault("expired", on="result", times=2, task_id=unsaved["remote"]["task_id"])
    dead = buyer.get(url)
    assert error(dead) == (502, "download_broken")
    assert shop.evolink.files_url not in dead.text


def test_a_redirect_into_our_own_house_is_not_followed(shop: Shop, buyer: httpx.Client, unsaved: dict[str, Any]) -> None:
    shop.evolink.fault("redirect", on="result", location="http://10.0.0.1/film.mp4", task_id=unsaved["remote"]["task_id"])
    assert error(buyer.get(name(unsaved["remote"]["url"]))) == (502, "download_broken")


def test_what_breaks_off_is_no_film(shop: Shop, buyer: httpx.Client, unsaved: dict[str, Any]) -> None:
    shop.evolink.fault("cut", on="result", task_id=unsaved["remote"]["task_id"])
    with pytest.raises(httpx.RemoteProtocolError):
        buyer.get(name(unsaved["remote"]["url"]))
    assert shop.evolink.files_url not in shop.program.said


def test_a_film_that_is_saved_is_led_to_and_one_at_work_is_not_there(shop: Shop, buyer: httpx.Client) -> None:
    made = order(buyer, upload(buyer), service="evolink", duration=5, client_token="led")
    assert error(buyer.get(f"jobs/{made['id']}/film")) == (404, "not_found")
    until(lambda: job(buyer, made["id"])["remote"] is not None, "the task")
    shop.evolink.end(shop.task_of(made))
    until(lambda: state(buyer, made["id"]) == "completed", "the film", 60)
    ended = job(buyer, made["id"])
    assert (ended["remote"]["url"], ended["remote"]["download_url"]) == (None, None)
    led = buyer.get(f"jobs/{made['id']}/film?download=true")
    assert (led.status_code, led.headers["location"]) == (307, ended["video"]["download_url"])
