"""What can be ordered to go wrong at a double, and that it does: each fault is seen over real HTTP at every seller."""

from __future__ import annotations

import email.utils
import json
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.doubles.sellers import SELLERS
from tests.integration.doubles_calls import Caller
from tests.media_factory import film

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.doubles.faults import Kind


@pytest.fixture(params=sorted(SELLERS))
def caller(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Caller]:
    with SELLERS[request.param](folder=tmp_path, time_scale=0.01) as double, Caller(double) as calls:
        yield calls


# ------------------------------------------------------------------------------------------------ faults at creates


def test_a_reset_before_the_body_is_never_accepted(caller: Caller) -> None:
    body = caller.body()
    caller.double.fault("reset_before")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)):
        caller.create(body)
    assert caller.double.ledger() == []
    assert caller.create(body).is_success


@pytest.mark.parametrize("kind", ["cut", "wrong_length"])
def test_an_answer_that_breaks_off_was_accepted(caller: Caller, kind: Kind) -> None:
    body = caller.body()
    caller.double.fault(kind)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        caller.create(body)
    assert len(caller.double.ledger()) == 1


@pytest.mark.parametrize("kind", ["empty", "not_json", "truncated"])
def test_an_answer_without_json_was_accepted(caller: Caller, kind: Kind) -> None:
    caller.double.fault(kind)
    answer = caller.create()
    assert answer.is_success
    with pytest.raises(ValueError, match=r"."):
        answer.json()
    assert len(caller.double.ledger()) == 1


def test_an_answer_of_the_wrong_type_is_the_right_one(caller: Caller) -> None:
    caller.double.fault("wrong_type")
    answer = caller.create()
    assert answer.headers["content-type"] == "text/plain"
    assert caller.ask.id_of(answer.json()) in caller.double.tasks


def test_an_answer_without_an_id_was_accepted(caller: Caller) -> None:
    caller.double.fault("no_id")
    answer = caller.create()
    assert answer.is_success
    with pytest.raises((KeyError, IndexError)):
        caller.ask.id_of(answer.json())
    assert len(caller.double.ledger()) == 1


@pytest.mark.parametrize(("ordered", "told"), [(7, "7"), (None, None), ("absurd", "31536000"), ("unreadable", "soon")])
def test_a_429_says_when_to_come_back_as_ordered(caller: Caller, ordered: Any, told: str | None) -> None:  # noqa: ANN401 - table
    caller.double.fault("rate_limited", retry_after=ordered)
    answer = caller.create()
    assert (answer.status_code, answer.headers.get("retry-after")) == (429, told)
    assert caller.ask.error_of(answer.json())[1]
    assert caller.double.ledger() == []


def test_a_429_may_name_a_date(caller: Caller) -> None:
    caller.double.fault("rate_limited", retry_after="date", seconds=30)
    named = email.utils.parsedate_to_datetime(caller.create().headers["retry-after"])
    assert named.timestamp() > time.time()


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("accepted", [False, True])
def test_a_5xx_may_hide_an_accepted_create(caller: Caller, status: int, accepted: bool) -> None:
    caller.double.fault("server_error", status=status, accepted=accepted)
    assert caller.create().status_code == status
    assert len(caller.double.ledger()) == int(accepted)


def test_a_gateway_answers_in_html(caller: Caller) -> None:
    caller.double.fault("html")
    answer = caller.create()
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")
    assert caller.double.ledger() == []


def test_an_error_code_may_be_a_number(caller: Caller) -> None:
    caller.double.fault("integer_code")
    assert caller.ask.error_of(caller.create().json())[0] in {400, "400"}


def test_an_error_may_be_a_string_where_an_object_belongs(caller: Caller) -> None:
    caller.double.fault("string_for_object")
    answer = caller.create()
    assert answer.status_code == 400
    with pytest.raises((TypeError, AttributeError)):
        caller.ask.error_of(answer.json())


def test_an_error_may_hide_in_a_200(caller: Caller) -> None:
    caller.double.fault("error_in_200")
    answer = caller.create()
    assert answer.status_code == 200
    assert caller.ask.error_of(answer.json())[1]
    assert caller.double.ledger() == []


@pytest.mark.parametrize(("kind", "status"), [("wrong_key", 401), ("no_access", 403), ("conflict", 409)])
def test_a_refusal_can_be_ordered(caller: Caller, kind: Kind, status: int) -> None:
    caller.double.fault(kind)
    assert caller.create().status_code == status
    assert caller.create().is_success


def test_no_money_can_be_ordered(caller: Caller) -> None:
    caller.double.fault("no_money")
    assert caller.create().status_code == caller.ask.no_money


def test_the_content_filter_speaks_at_once_or_in_the_task(caller: Caller) -> None:
    caller.double.fault("filter")
    answer = caller.create()
    if caller.double.service == "dashscope":
        assert caller.ask.error_of(answer.json())[0] == "DataInspectionFailed"
        assert caller.double.ledger() == []
    else:
        said = caller.done(caller.ask.id_of(answer.json()))
        assert caller.ask.failure_of(said)[0] in {"content_policy_violation", "GenerationError", "task_failed"}


def test_a_late_failure_comes_with_the_words_that_were_ordered(caller: Caller) -> None:
    caller.double.fault("late_failure", code="weather", message="It rained.")
    assert caller.ask.failure_of(caller.done(caller.order())) == ("weather", "It rained.")


def test_a_slow_answer_is_waited_for_in_vain(caller: Caller) -> None:
    body = caller.body()
    caller.double.fault("latency", seconds=100_000)
    caller.http.timeout = httpx.Timeout(0.3)
    with pytest.raises(httpx.ReadTimeout):
        caller.create(body)
    assert len(caller.double.ledger()) == 1


def test_a_word_in_the_prompt_orders_a_fault_once(caller: Caller) -> None:
    body = json.loads(json.dumps(caller.body()).replace("A boat", "A boat fault:rate_limited"))
    assert [caller.create(body).status_code == 429 for _ in range(2)] == [True, False]


def test_a_fault_that_cannot_happen_is_not_taken(caller: Caller) -> None:
    with pytest.raises(ValueError, match="cannot happen"):
        caller.double.fault("lost", on="create")
    assert caller.double.faults_left == ()


# ------------------------------------------------------------------------------------------- faults at reads and films


@pytest.mark.parametrize(("kind", "status"), [("rate_limited", 429), ("server_error", 500), ("wrong_key", 401), ("not_found", 404)])
def test_a_read_can_be_refused(caller: Caller, kind: Kind, status: int) -> None:
    task_id = caller.order()
    caller.double.fault(kind, on="read")
    assert caller.read(task_id).status_code == status
    assert caller.status(task_id) == caller.ask.words[0]


def test_a_read_may_show_a_status_that_nobody_documented(caller: Caller) -> None:
    task_id = caller.order()
    caller.double.fault("unknown_status", on="read")
    assert caller.status(task_id) not in caller.ask.words


def test_a_read_may_go_backwards(caller: Caller) -> None:
    task_id = caller.order()
    caller.film(task_id)
    caller.double.fault("backwards", on="read")
    assert [caller.status(task_id) for _ in range(2)] in (
        ["pending", "completed"],
        [caller.ask.words[0], caller.ask.words[2]],
    )


def test_a_failure_may_be_a_string(caller: Caller) -> None:
    task_id = caller.order()
    caller.double.fault("string_for_object", on="read")
    said = caller.read(task_id).json()
    with pytest.raises((TypeError, AttributeError)):
        caller.ask.failure_of(said)


def test_another_shape_of_the_result_can_be_ordered(caller: Caller) -> None:
    task_id = caller.order()
    usual = caller.done(task_id)
    caller.double.fault("odd_shape", on="read")
    odd = caller.read(task_id).json()
    if caller.double.service == "dashscope":
        assert isinstance(odd["usage"]["SR"], str)
        assert isinstance(usual["usage"]["SR"], int)
    else:
        with pytest.raises((KeyError, TypeError)):
            caller.ask.film_of(odd)


def test_a_task_is_forgotten_after_its_day(caller: Caller) -> None:
    task_id = caller.order()
    link = caller.film(task_id)
    caller.double.expire(task_id)
    answer = caller.read(task_id)
    assert answer.status_code == 404 or caller.ask.status_of(answer.json()) == "UNKNOWN"
    assert caller.http.get(link).status_code == 403


def test_a_dead_link_stays_dead_and_a_fresh_read_gives_a_fresh_one(caller: Caller) -> None:
    task_id = caller.order()
    link = caller.film(task_id)
    caller.double.fault("expired", on="result")
    assert [caller.http.get(link).status_code for _ in range(2)] == [403, 403]
    assert caller.http.get(caller.film(task_id)).status_code == 200


def test_a_film_is_given_in_parts(caller: Caller) -> None:
    link = caller.film(caller.order())
    whole = caller.http.get(link).content
    rest = caller.http.get(link, headers={"range": "bytes=1000-"})
    assert (rest.status_code, rest.content) == (206, whole[1000:])
    assert rest.headers["content-range"] == f"bytes 1000-{len(whole) - 1}/{len(whole)}"
    assert caller.http.get(link, headers={"range": f"bytes={len(whole)}-"}).status_code == 416


def test_a_film_never_sees_the_key(caller: Caller) -> None:
    link = caller.film(caller.order())
    assert caller.http.get(link, headers=caller.key()).status_code == 400
    assert len(caller.double.leaks) == 1


def test_a_film_of_ones_own_can_be_delivered(caller: Caller) -> None:
    caller.double.film = film(1)
    assert caller.http.get(caller.film(caller.order())).content == film(1)


def test_a_truncated_film_has_a_length_that_fits(caller: Caller) -> None:
    caller.double.film = film(1)
    caller.double.fault("truncated", on="result")
    assert caller.http.get(caller.film(caller.order())).content == film(1)[: len(film(1)) // 2]


@pytest.mark.parametrize("kind", ["wrong_length", "cut", "reset_after", "reset_before"])
def test_a_film_may_break_off(caller: Caller, kind: Kind) -> None:
    link = caller.film(caller.order())
    caller.double.fault(kind, on="result")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        caller.http.get(link)
    assert caller.http.get(link).status_code == 200


def test_a_film_may_have_no_end(caller: Caller) -> None:
    caller.double.film = film(1)
    link = caller.film(caller.order())
    caller.double.fault("endless", on="result", seconds=0)
    taken = 0
    with caller.http.stream("GET", link) as answer:
        assert "content-length" not in answer.headers
        for piece in answer.iter_raw():
            taken += len(piece)
            if taken > 5 * len(film(1)):
                break
    assert taken > 5 * len(film(1))


def test_a_film_may_come_in_drops(caller: Caller) -> None:
    link = caller.film(caller.order())
    caller.double.fault("drip", on="result", seconds=100_000)
    with caller.http.stream("GET", link, timeout=0.3) as answer:
        assert answer.status_code == 200
        with pytest.raises(httpx.ReadTimeout):
            answer.read()


def test_a_film_may_lead_to_a_private_address(caller: Caller) -> None:
    link = caller.film(caller.order())
    caller.double.fault("redirect", on="result", location="http://192.168.0.1/film.mp4")
    answer = caller.http.get(link)
    assert (answer.status_code, answer.headers["location"]) == (302, "http://192.168.0.1/film.mp4")
