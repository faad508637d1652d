"""Our clients against the doubles over real connections: a film's whole way at each seller, and what else a key can do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from components.errors import KeyRefused, TaskGone
from components.generation.request import Request
from components.media.video import look_at
from components.services.base import Cancelled, Finished, Order, Working
from components.services.http import Http
from components.services.sellers import Addresses, sellers
from tests.doubles.sellers import SELLERS
from tests.media_factory import bmp, ffmpeg, jpeg, mp3

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from components.services.base import Account, Reading
    from tests.doubles.seller import Double

MOST_LOOKS = 20


@pytest.fixture(params=sorted(SELLERS))
def double(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Double]:
    with SELLERS[request.param](folder=tmp_path, time_scale=0.01) as made:
        yield made


def account(double: Double, http: Http, key: str | None = None) -> Account:
    addresses = Addresses(double.base_url, double.files_url, double.base_url, double.base_url, double.base_url)
    made = {service.id: service for service in sellers(lambda: http, addresses, prices=lambda _: ())}
    return made[double.service].account(key or double.key)


def line(double: Double) -> Http:
    return Http(time.time, trusted_origins=(double.base_url, double.files_url))


def order(folder: Path, *, picture: bytes | None = None, **more: str | int) -> Order:
    frame, sound = folder / "frame", folder / "sound.mp3"
    frame.write_bytes(picture or jpeg(800, 600))
    sound.write_bytes(mp3(3.5))
    request = Request.model_validate(
        {"service": "any", "prompt": "A boat drifts off.", "image": "picture1", "client_token": "t", "duration": 5, **more}
    )
    return Order("job_0123456789abcdef", request, frame, (800, 600), sound if request.audio else None, folder, sha256="ab" * 32)


async def finished(seller: Account, task_id: str) -> tuple[Reading, list[Reading]]:
    """The last reading of a task and those before it."""
    seen: list[Reading] = []
    for _ in range(MOST_LOOKS):
        reading = await seller.read(task_id)
        if not isinstance(reading, Working):
            return reading, seen
        seen.append(reading)
    raise AssertionError(f"still at work: {seen}")


@pytest.mark.parametrize("form", ["jpeg", "bmp"])
async def test_a_film_is_ordered_followed_and_brought_here(double: Double, form: str, tmp_path: Path) -> None:
    http = line(double)
    seller = account(double, http)
    asked = order(tmp_path, picture=bmp(800, 600) if form == "bmp" else None)
    made = await seller.create(asked, await seller.hand_over(asked))
    film, before = await finished(seller, made.task_id)
    assert isinstance(film, Finished)
    assert before
    await seller.take(film, tmp_path / "film.mp4")
    report = look_at(tmp_path / "film.mp4", ffmpeg())
    assert report.duration_s == pytest.approx(5, abs=0.1)
    assert len(double.ledger()) == 1
    await http.aclose()


async def test_a_key_is_tried_and_a_wrong_one_is_refused(double: Double) -> None:
    http = line(double)
    assert await account(double, http).check() is True
    assert await account(double, http, "sk-wrong").check() is False
    with pytest.raises(KeyRefused):
        await account(double, http, "sk-wrong").read("task-unified-1")
    await http.aclose()


async def test_an_order_with_a_wrong_key_is_refused_and_costs_nothing(double: Double, tmp_path: Path) -> None:
    http = line(double)
    asked = order(tmp_path)
    handed = await account(double, http).hand_over(asked)
    with pytest.raises(KeyRefused):
        await account(double, http, "sk-wrong").create(asked, handed)
    assert not double.ledger()
    await http.aclose()


async def test_a_task_that_nobody_made_is_gone(double: Double) -> None:
    http = line(double)
    with pytest.raises(TaskGone):
        await account(double, http).read("task-unified-0-nothing")
    await http.aclose()


async def test_where_tasks_are_listed_ours_is_among_them(double: Double, tmp_path: Path) -> None:
    http = line(double)
    seller = account(double, http)
    asked, begun = order(tmp_path), time.time()
    made = await seller.create(asked, await seller.hand_over(asked))
    found = [candidate.task_id for candidate in await seller.candidates(begun)]
    assert found == ([made.task_id] if double.service in {"evolink", "dashscope"} else [])
    await http.aclose()


@pytest.mark.parametrize("double", ["dashscope"], indirect=True)
async def test_an_own_sound_is_stored_at_dashscope_and_a_waiting_task_is_stopped(double: Double, tmp_path: Path) -> None:
    http = line(double)
    seller = account(double, http)
    asked = order(tmp_path, audio="sound_01", sound="own")
    handed = await seller.hand_over(asked)
    assert (handed.audio or "").startswith("oss://")
    made = await seller.create(asked, handed)
    assert await seller.cancel(made.task_id) is True
    assert await seller.read(made.task_id) == Cancelled()
    assert await seller.cancel(made.task_id) is False
    await http.aclose()


@pytest.mark.parametrize("double", ["evolink"], indirect=True)
async def test_evolink_deletes_a_picture_and_does_not_mind_that_it_is_gone(double: Double, tmp_path: Path) -> None:
    http = line(double)
    seller = account(double, http)
    handed = await seller.hand_over(order(tmp_path))
    assert handed.remote_id
    await seller.forget(handed.remote_id)
    await seller.forget(handed.remote_id)
    balance = await seller.balance()
    assert balance is not None
    assert balance.usd
    await http.aclose()
