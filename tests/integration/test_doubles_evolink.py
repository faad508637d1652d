"""What EvoLink's double has to itself: gaps of its schema, files, lists, callbacks."""

from __future__ import annotations

import base64
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.doubles.evolink import EvoLink
from tests.integration.doubles_calls import PICTURE, Caller
from tests.integration.doubles_site import Site
from tests.media_factory import animated, bmp, mp3, ogg, wav

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import httpx

    from tests.doubles.callbacks import Called
    from tests.doubles.faults import Kind


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def evolink(tmp_path: Path) -> Iterator[Caller]:
    with EvoLink(folder=tmp_path, time_scale=0.01) as double, Caller(double) as calls:
        yield calls


def said(answer: httpx.Response) -> Any:  # noqa: ANN401 - JSON
    return answer.json()


@pytest.mark.parametrize(
    "change",
    [
        {"image_urls": []},
        {"quality": "480p"},
        {"duration": 16},
        {"duration": 2.5},
        {"prompt": "x" * 1501},
        {"image_urls": ["data:image/png;base64,iVBORw0KGgo="]},
        {"audio_url": "data:audio/mpeg;base64,AAAA"},
        {"generate_audio": False, "audio_url": "https://example.com/a.mp3"},
        {"negative_prompt": "rain"},
        {"model_params": {"shot_type": "many"}},
        {"callback_url": "http://example.com/hook"},
        {"callback_url": "https://10.1.2.3/hook"},
        {"callback_url": "https://example.com/" + "x" * 2048},
    ],
)
def test_evolink_refuses_what_its_page_does_not_allow(evolink: Caller, change: dict[str, object]) -> None:
    answer = evolink.create({**evolink.body(), **change})
    assert (answer.status_code, said(answer)["error"]["code"]) == (400, "invalid_request")
    assert evolink.double.ledger() == []


def test_evolink_replays_an_idempotent_create_and_charges_once(evolink: Caller) -> None:
    body, key = evolink.body(), "0123456789abcdef"
    first, second = (evolink.create(body, Idempotency_Key=key) for _ in range(2))
    assert said(first) == said(second)
    assert second.headers["idempotency-replayed"] == "true"
    assert evolink.create({**body, "prompt": "Another"}, Idempotency_Key=key).status_code == 409
    assert [charge.client_ref for charge in evolink.double.ledger()] == [key]


def test_evolink_takes_pictures_in_base64_and_as_a_stream_and_deletes_them(evolink: Caller) -> None:
    there, headers = f"{evolink.double.files_url}/api/v1/files", evolink.key()
    plain = evolink.http.post(f"{there}/upload/base64", json={"base64_data": base64.b64encode(PICTURE).decode()}, headers=headers)
    stream = evolink.http.post(f"{there}/upload/stream", files={"file": ("a b.png", PICTURE, "image/png")}, headers=headers)
    assert [said(answer)["data"]["file_size"] for answer in (plain, stream)] == [len(PICTURE)] * 2
    assert evolink.http.get(said(stream)["data"]["file_url"]).content == PICTURE
    assert said(evolink.http.get(f"{there}/quota", headers=headers))["data"]["used_files"] == 2
    assert [evolink.http.delete(f"{there}/{said(stream)['data']['file_id']}", headers=headers).status_code for _ in range(2)] == [200, 404]
    assert len(said(evolink.http.get(f"{there}/list", headers=headers))["data"]["files"]) == 1


@pytest.mark.parametrize("make", [lambda: bmp(400, 400), lambda: mp3(3), lambda: b"nothing"], ids=["bmp", "mp3", "nothing"])
def test_evolink_stores_only_its_four_kinds_of_pictures(evolink: Caller, make: Callable[[], bytes]) -> None:
    there = f"{evolink.double.files_url}/api/v1/files/upload/stream"
    answer = evolink.http.post(there, files={"file": ("a", make())}, headers=evolink.key())
    assert (answer.status_code, said(answer)["success"], said(answer)["code"]) == (415, False, 415)


def test_evolink_stores_a_gif_and_makes_no_film_of_it(evolink: Caller) -> None:
    task_id = evolink.order(evolink.body(animated("GIF")))
    assert said(evolink.read(task_id))["status"] == "pending"
    assert evolink.done(task_id)["error"]["code"] == "image_processing_error"


def test_evolinks_files_host_has_an_envelope_of_its_own(evolink: Caller) -> None:
    answer = evolink.http.get(f"{evolink.double.files_url}/api/v1/files/quota", headers=evolink.key("sk-wrong"))
    assert answer.status_code == 401
    assert said(answer)["success"] is False


@pytest.mark.parametrize(("kind", "status"), [("server_error", 500), ("rate_limited", 429), ("html", 502)])
def test_an_upload_can_go_wrong(evolink: Caller, kind: Kind, status: int) -> None:
    evolink.double.fault(kind, on="upload")
    there = f"{evolink.double.files_url}/api/v1/files/upload/stream"
    answers = [evolink.http.post(there, files={"file": ("a.png", PICTURE)}, headers=evolink.key()) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [status, 200]


def test_evolink_fails_a_task_whose_picture_was_deleted(evolink: Caller) -> None:
    address = evolink.picture()
    evolink.double.files.clear()
    assert evolink.done(evolink.order(evolink.ask.body(address)))["error"]["code"] == "image_processing_error"


def test_evolink_turns_away_python_at_its_file_host(evolink: Caller) -> None:
    link = evolink.film(evolink.order())
    assert evolink.http.get(link, headers={"user-agent": "python-httpx/0.28"}).status_code == 403
    assert evolink.http.get(link).status_code == 200


def test_evolink_knows_the_form_of_its_ids(evolink: Caller) -> None:
    answers = [evolink.read(name) for name in ("task-1", "task-unified-1-none")]
    assert [(a.status_code, said(a)["error"]["code"]) for a in answers] == [(400, "invalid_task_id"), (404, "task_not_found")]


def test_evolink_shows_a_cancelled_task_as_a_failed_one(evolink: Caller) -> None:
    task_id = evolink.order()
    evolink.double.tasks[task_id].state = "cancelled"
    shown = said(evolink.read(task_id))
    assert (shown["status"], shown["error"]["code"]) == ("failed", "request_cancelled")


def test_evolink_lists_tasks_and_says_what_is_left(evolink: Caller) -> None:
    first = evolink.order()
    evolink.done(first)
    second = evolink.order()
    listed = said(evolink.http.get(f"{evolink.double.base_url}/v1/tasks", headers=evolink.key()))
    assert {row["id"]: row["has_results"] for row in listed["data"]} == {first: True, second: False}
    batch = evolink.http.post(f"{evolink.double.base_url}/v1/tasks/batch", json={"task_ids": [first, "x"]}, headers=evolink.key())
    assert [row["id"] for row in said(batch)["data"]] == [first]
    left = said(evolink.http.get(f"{evolink.double.base_url}/v1/credits", headers=evolink.key()))["data"]
    assert left["user"]["remaining_credits"] < 100 * 68


@pytest.mark.parametrize(("seconds", "problem"), [(2, "sound_length"), (31, "sound_length"), (3, None)])
def test_evolink_hears_how_long_a_sound_is(evolink: Caller, site: Site, seconds: int, problem: str | None) -> None:
    site.served["/a.mp3"] = mp3(seconds)
    task_id = evolink.order({**evolink.body(), "audio_url": f"{site.url}/a.mp3"})
    end = evolink.done(task_id)
    got = evolink.double.tasks[task_id].audio
    assert got is not None
    assert (got.problem, end["status"]) == (problem, "failed" if problem else "completed")
    assert got.seconds == pytest.approx(seconds, abs=0.1)


@pytest.mark.parametrize("make", [lambda: wav(3), lambda: ogg(3)], ids=["wav", "ogg"])
def test_evolink_takes_no_sound_but_mp3(evolink: Caller, site: Site, make: Callable[[], bytes]) -> None:
    site.served["/a"] = make()
    assert evolink.done(evolink.order({**evolink.body(), "audio_url": f"{site.url}/a"}))["error"]["code"] == "invalid_parameters"


def calls_back(caller: Caller, site: Site, *, until: int) -> list[Called]:
    task_id = caller.order({**caller.body(), "callback_url": f"{site.url}/hook"})
    caller.done(task_id)
    settled = threading.Event()
    for _ in range(3000):
        if len(caller.double.callbacks) >= until:
            break
        settled.wait(0.01)
    return caller.double.callbacks


def test_evolink_calls_back_with_what_a_read_says(evolink: Caller, site: Site) -> None:
    (call,) = calls_back(evolink, site, until=1)
    assert (call.status, call.said, len(site.taken)) == (204, "completed", 1)


def test_evolink_calls_back_three_times_more(evolink: Caller, site: Site) -> None:
    site.statuses = [500]
    assert [call.status for call in calls_back(evolink, site, until=4)] == [500] * 4


def test_evolink_stops_calling_once_it_was_heard(evolink: Caller, site: Site) -> None:
    site.statuses = [500, 500, 200]
    assert [call.status for call in calls_back(evolink, site, until=3)] == [500, 500, 200]


@pytest.mark.parametrize(("kind", "heard"), [("duplicate", ["completed", "completed"]), ("out_of_order", ["completed", "processing"])])
def test_evolink_may_call_back_twice_or_late(evolink: Caller, site: Site, kind: Kind, heard: list[str]) -> None:
    evolink.double.fault(kind, on="callback")
    assert [call.said for call in calls_back(evolink, site, until=2)] == heard


def test_a_callback_may_get_lost(evolink: Caller, site: Site) -> None:
    evolink.double.fault("lost", on="callback")
    evolink.done(evolink.order({**evolink.body(), "callback_url": f"{site.url}/hook"}))
    assert (evolink.double.faults_left, evolink.double.callbacks) == ((), [])


def test_a_callback_to_a_public_address_is_brought_to_the_loopback_that_stands_for_it(evolink: Caller, site: Site) -> None:
    evolink.double.reach["https://studio.example"] = site.url
    site.url = "https://studio.example"
    assert [call.status for call in calls_back(evolink, site, until=1)] == [204]
