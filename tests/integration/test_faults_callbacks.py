"""Calls of the one seller that calls: lost, late, twice, out of order, and made up by somebody else."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.doubles.faults import Fault
from tests.integration.faults_bench import BUYER, Floor, floor, sha256, wait
from tests.integration.faults_table import EVOLINK, Row, done, doubt
from tests.loopback import NO_TLS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.studio.studio import Studio
    from tests.doubles.faults import Kind
    from tests.doubles.seller import Double

PUBLIC = "https://studio.example.org"
HOUR_S = 3600.0


@contextmanager
def ear(studio: Studio) -> Iterator[str]:
    """Take calls for the studio, as its web side does; gives where."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            *_, job, token = self.path.split("/")
            studio.hooks.called(job, token, body.get("id"))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """A studio that looks once and then not for an hour, unless it is called; its films are ended by hand."""
    patience = {True: HOUR_S, False: 0.05}
    with (
        floor(tmp_path_factory.mktemp("callbacks"), public_url=PUBLIC, server_key_for="everyone") as made,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr("components.services.paid.PaidAccount.pause_s", lambda *_, called_back=False: patience[called_back])
        with ear(made.studio) as where:
            made.doubles[EVOLINK].reach[PUBLIC] = where
            made.doubles[EVOLINK].hold = True
            yield made


@pytest.fixture
def evolink(here: Floor) -> Double:
    double = here.doubles[EVOLINK]
    double.callbacks.clear()
    return double


def begun(here: Floor, name: str, *faults: Kind, **more: Any) -> tuple[Row, str]:  # noqa: ANN401 - of a fault
    """A film that its seller is at and that was looked at; with the name of its task there."""
    row = Row(name, tuple(Fault(kind, "callback", **more) for kind in faults), done())
    here.order(row, EVOLINK)
    wait(lambda: _looked(here, row), f"{name} is looked at")
    remote = here.view(row, EVOLINK).remote
    assert remote is not None
    return row, remote.task_id


def _looked(here: Floor, row: Row) -> bool:
    return here.view(row, EVOLINK).asked_at is not None


def reads(double: Double, task: str) -> int:
    return sum(seen.request.path.endswith(task) for seen in double.calls("read"))


def called(double: Double, times: int) -> None:
    wait(lambda: len(double.callbacks) == times, f"{times} calls")
    assert {call.status for call in double.callbacks} == {204}


def is_there_once(here: Floor, row: Row) -> None:
    job = here.ended(row, EVOLINK)
    assert (job.state, job.error) == ("completed", None)
    assert job.video is not None
    assert job.video.sha256 == sha256(here.film)
    assert (here.posts(row, EVOLINK), len(here.charges(row, EVOLINK)), here.money(job.id)) == (1, 1, "settled")


def call(here: Floor, url: str, task: str, status: str) -> None:
    """Call as anybody could who knows the address."""
    double = here.doubles[EVOLINK]
    body = {**double.view(double.tasks[task]), "status": status, "results": ["https://evil.example/film.mp4"]}
    assert httpx.post(url.replace(PUBLIC, double.reach[PUBLIC]), json=body, trust_env=False, verify=NO_TLS).status_code == 204


def test_a_call_that_comes_twice_is_one_film(here: Floor, evolink: Double) -> None:
    row, task = begun(here, "twice", "duplicate")
    evolink.end(task)
    called(evolink, 2)
    is_there_once(here, row)


def test_a_call_that_says_less_than_an_earlier_one_changes_nothing(here: Floor, evolink: Double) -> None:
    row, task = begun(here, "out of order", "out_of_order")
    evolink.end(task)
    called(evolink, 2)
    assert [call.said for call in evolink.callbacks] == ["completed", "processing"]
    is_there_once(here, row)


def test_a_late_call_about_a_film_that_is_there_changes_nothing(here: Floor, evolink: Double) -> None:
    row, task = begun(here, "late", "latency", seconds=0.5)
    evolink.end(task)
    here.studio.films.wake(here.jobs[row.name, EVOLINK])
    is_there_once(here, row)
    before = here.view(row, EVOLINK).revision
    called(evolink, 1)
    assert here.view(row, EVOLINK).revision == before
    is_there_once(here, row)


def test_a_lost_call_costs_time_and_nothing_else(here: Floor, evolink: Double) -> None:
    row, task = begun(here, "lost", "lost")
    evolink.end(task)
    wait(lambda: here.happened(row, EVOLINK), "the call is lost")
    assert here.view(row, EVOLINK).state in {"pending", "processing"}
    here.studio.films.wake(here.jobs[row.name, EVOLINK])
    is_there_once(here, row)
    assert evolink.callbacks == []


def test_a_made_up_call_at_the_right_address_is_only_a_look(here: Floor, evolink: Double) -> None:
    row, task = begun(here, "made up")
    before = reads(evolink, task)
    call(here, str(evolink.tasks[task].wanted.callback), task, "completed")
    wait(lambda: reads(evolink, task) > before, "it is looked at")
    call(here, str(evolink.tasks[task].wanted.callback), task, "failed")
    wait(lambda: reads(evolink, task) > before + 1, "it is looked at again")
    assert here.view(row, EVOLINK).state in {"pending", "processing"}
    evolink.end(task)
    is_there_once(here, row)


def test_a_made_up_call_at_another_address_is_not_even_a_look(here: Floor, evolink: Double) -> None:
    row, task = begun(here, "forged")
    address = str(evolink.tasks[task].wanted.callback)
    before = reads(evolink, task)
    call(here, f"{address[:-4]}aaaa", task, "completed")
    call(here, f"{address.rpartition('/')[0]}/", task, "completed")
    row_of_other, other = begun(here, "forged, the other")  # its own look comes after the forged calls were heard
    assert reads(evolink, task) == before
    call(here, address.replace(here.jobs[row.name, EVOLINK], here.jobs[row_of_other.name, EVOLINK]), other, "completed")
    for each, name in ((row, task), (row_of_other, other)):
        evolink.end(name)
        is_there_once(here, each)


def test_a_call_cannot_give_a_doubtful_order_somebody_elses_task(here: Floor, evolink: Double) -> None:
    other, task = begun(here, "the owner of the task")
    row = Row("in doubt", (Fault("reset_after", "create"),), doubt(1))
    here.order(row, EVOLINK)
    job = here.ended(row, EVOLINK)
    assert job.state == "unconfirmed"
    (mine,) = (each.wanted.callback for each in evolink.tasks.values() if each.wanted.prompt == "[in doubt]")
    call(here, str(mine), task, "completed")
    assert here.studio.job(BUYER, job.id).state == "unconfirmed"
    evolink.end(task)
    is_there_once(here, other)
    evolink.end(here.charges(row, EVOLINK)[0].task_id)
    wait(lambda: here.view(row, EVOLINK).state == "completed", "the seller's own call brings the task that it is")
    is_there_once(here, row)
