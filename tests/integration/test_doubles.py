"""The doubles themselves: what all four sellers have in common, good and bad, over real HTTP."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import httpx
import pytest

from components.media.video import look_at
from tests.doubles.sellers import SELLERS, environment
from tests.doubles.tasks import Pace
from tests.integration.doubles_calls import Caller
from tests.media_factory import ffmpeg, png

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=sorted(SELLERS))
def caller(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Caller]:
    with SELLERS[request.param](folder=tmp_path, time_scale=0.01) as double, Caller(double) as calls:
        yield calls


def test_a_good_create_becomes_a_film_of_the_length_and_size_that_were_asked_for(caller: Caller, tmp_path: Path) -> None:
    task_id = caller.order()
    assert [caller.status(task_id) for _ in range(2)] == list(caller.ask.words[:2])
    taken = caller.http.get(caller.film(task_id))
    (tmp_path / "film.mp4").write_bytes(taken.content)
    report = look_at(tmp_path / "film.mp4", ffmpeg())
    assert (report.width, report.height) == (1108, 830)
    assert report.duration_s == pytest.approx(5 if caller.double.service == "aimlapi" else 2, abs=0.1)
    assert report.has_audio


def test_a_silent_film_has_no_sound_and_costs_half(caller: Caller, tmp_path: Path) -> None:
    loud, body = caller.order(), caller.body()
    match caller.double.service:
        case "dashscope":
            body["parameters"]["audio"] = False
        case "apimart":
            body["audio"] = False
        case _:
            body |= {"generate_audio": False, "duration": 15}  # long enough to be above the least that EvoLink takes
    task_id = caller.order(body)
    (tmp_path / "film.mp4").write_bytes(caller.http.get(caller.film(task_id)).content)
    assert not look_at(tmp_path / "film.mp4", ffmpeg()).has_audio
    charges = {charge.task_id: charge for charge in caller.double.ledger()}
    per_second = {task: charges[task].usd / caller.double.tasks[task].wanted.duration for task in (loud, task_id)}
    assert per_second[task_id] <= per_second[loud] / 2 + Decimal("0.0001")


def test_a_charge_is_on_the_disk_before_the_answer(caller: Caller, tmp_path: Path) -> None:
    caller.double.fault("reset_after")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        caller.create()
    rows = [json.loads(line) for line in (tmp_path / f"{caller.double.service}.ledger.jsonl").read_text().splitlines()]
    assert [row["kind"] for row in rows] == ["reserved"]
    assert [charge.task_id for charge in caller.double.ledger()] == list(caller.double.tasks)


def test_only_a_finished_film_is_paid_for_in_the_end(caller: Caller) -> None:
    good = caller.order()
    caller.double.fault("late_failure")
    bad = caller.order()
    caller.done(good), caller.done(bad)
    settled = {charge.task_id: charge.settled_usd for charge in caller.double.ledger()}
    assert settled == {good: caller.double.tasks[good].price.usd, bad: 0}


def test_a_wrong_key_is_refused_and_nothing_is_charged(caller: Caller) -> None:
    answer = caller.create(key="sk-wrong")
    assert answer.status_code == 401
    assert caller.ask.error_of(answer.json())[1]
    assert caller.double.ledger() == []


def test_an_empty_account_is_refused_in_the_sellers_own_way(caller: Caller) -> None:
    caller.double.balance_usd = Decimal("0.01")
    answer = caller.create()
    assert answer.status_code == caller.ask.no_money
    code, message = caller.ask.error_of(answer.json())
    assert code in {"insufficient_quota", 403, 402, "Arrearage"}
    assert "credits" in message or caller.double.service != "aimlapi"


@pytest.mark.parametrize("body", [{}, [], {"model": "another"}, None])
def test_a_bad_body_is_refused_and_nothing_is_charged(caller: Caller, body: object) -> None:
    answer = caller.http.post(caller.double.base_url + caller.ask.create, json=body, headers={**caller.key(), **caller.ask.headers})
    assert answer.status_code == 400
    assert caller.ask.error_of(answer.json())[1]
    assert caller.double.ledger() == []


def test_a_field_that_the_contract_lacks_is_refused(caller: Caller) -> None:
    assert caller.create({**caller.body(), "tail_image_url": "https://example.com/a.png"}).status_code == 400


def test_a_path_that_does_not_exist_is_404_in_the_sellers_envelope(caller: Caller) -> None:
    answer = caller.http.get(f"{caller.double.base_url}/v9/nothing", headers=caller.key())
    assert answer.status_code == 404
    assert caller.ask.error_of(answer.json())[1]


def test_what_was_asked_is_recorded(caller: Caller) -> None:
    body = caller.body()
    caller.create(body)
    seen = caller.double.calls("create")[-1]
    assert (seen.json, seen.call, seen.headers["authorization"]) == (body, f"POST {caller.ask.create}", f"Bearer {caller.double.key}")


def test_a_picture_that_does_not_fit_fails_in_the_task(caller: Caller) -> None:
    task_id = caller.order(caller.body(png(200, 200)))
    said = caller.done(task_id)
    assert caller.ask.status_of(said) == caller.ask.words[3]
    got = caller.double.tasks[task_id].image
    assert got is not None
    assert (got.form, got.size, got.problem) == ("png", (200, 200), "picture_size")


def test_an_address_that_nobody_serves_fails_in_the_task_and_no_foreign_host_is_asked(caller: Caller) -> None:
    task_id = caller.order(caller.ask.body("https://example.com/picture.png"))
    assert caller.ask.status_of(caller.done(task_id)) == caller.ask.words[3]
    got = caller.double.tasks[task_id].image
    assert got is not None
    assert got.problem == "unreachable"


def test_a_public_address_is_fetched_where_it_stands_for_loopback(caller: Caller) -> None:
    with SELLERS["evolink"]() as other, Caller(other) as elsewhere:
        address = elsewhere.picture()
        caller.double.reach["https://studio.example"] = other.files_url
        task_id = caller.order(caller.ask.body(address.replace(other.files_url, "https://studio.example")))
        assert caller.ask.status_of(caller.done(task_id)) == caller.ask.words[2]
    got = caller.double.tasks[task_id].image
    assert got is not None
    assert (got.size, got.bare) == ((640, 480), True)


def test_a_film_by_the_clock_is_pending_then_at_work_then_done(caller: Caller) -> None:
    caller.double.pace = Pace(pending=10_000_000, processing=0, by="seconds")
    assert caller.status(caller.order()) == caller.ask.words[0]
    caller.double.pace = Pace(pending=0, processing=10_000_000, by="seconds")
    assert caller.status(caller.order()) == caller.ask.words[1]
    caller.double.pace = Pace(pending=0, processing=0, by="seconds")
    task_id = caller.order()
    caller.double.end(task_id)  # comes to its end by itself; this only waits for it
    assert caller.status(task_id) == caller.ask.words[2]


def test_a_task_that_is_held_stays_at_work_until_it_is_ended(caller: Caller) -> None:
    caller.double.hold = True
    task_id = caller.order()
    assert {caller.status(task_id) for _ in range(5)} <= set(caller.ask.words[:2])
    caller.double.end(task_id)
    assert caller.status(task_id) == caller.ask.words[2]


def test_the_variables_that_point_the_app_at_a_double_are_those_of_the_contract(caller: Caller) -> None:
    named = environment(caller.double)
    prefix = caller.double.service.upper()
    assert named[f"{prefix}_API_KEY"] == caller.double.key
    assert named[f"{prefix}_BASE_URL"] == caller.double.base_url
    assert ("EVOLINK_FILES_BASE_URL" in named) == (prefix == "EVOLINK")
