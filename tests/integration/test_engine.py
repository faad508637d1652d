"""The engine under the jobs: restarts, repairs, its records, and whom it refuses to start for."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest
from dbos import DBOS

from components.errors import (
    AlreadyRunning,
    CloudEngine,
    DataFolderUnusable,
)
from components.services.registry import Services
from components.studio.fleet import Repair, forget_finished
from components.studio.runner import VERSION, WORKFLOW, workflow_id
from components.studio.studio import Studio
from tests.doubles.local import Local, Script
from tests.integration.jobs_bench import ANN, at_work, order, statuses
from tests.workshop import QUICK, finished, picture, request, settings, studio, until

if TYPE_CHECKING:
    from pathlib import Path

    from components.services.base import Service


def test_the_engine_has_written_down_that_it_is_done(made: Studio) -> None:
    job = order(made)
    finished(made, ANN, job.id)
    until(lambda: statuses(made) == {workflow_id(job.id, 1): "SUCCESS"}, "the order is closed")


def test_a_restart_loses_nothing_finished_films_stay_and_unfinished_ones_begin_again(tmp_path: Path) -> None:
    first = Local()
    with studio(tmp_path, first) as made:
        done = order(made, token="done")
        finished(made, ANN, done.id)
        first.script.held = True
        working, waiting = order(made, token="working"), order(made, token="waiting")
        at_work(made, ANN, working.id)
    second = Local()
    with studio(tmp_path, second) as made:
        for job in (working, waiting):
            assert finished(made, ANN, job.id).state == "completed"
        assert made.job(ANN, done.id).state == "completed"
        assert sorted(second.created) == sorted([working.id, waiting.id])


def test_a_stop_while_films_are_made_leaves_their_orders_to_be_run_again(tmp_path: Path, local: Local, script: Script) -> None:
    script.held = True
    with studio(tmp_path, local) as made:
        job = order(made)
        at_work(made, ANN, job.id)
    assert statuses(made) == {workflow_id(job.id, 1): "PENDING"}


def test_an_order_that_the_engine_lost_is_given_again(tmp_path: Path, local: Local, script: Script) -> None:
    script.held = True
    with studio(tmp_path, local, preview_workers=1) as made:
        image = picture(made, ANN)
        first, lost = (made.submit(ANN, request(image, token)).job for token in ("one", "two"))
        at_work(made, ANN, first.id)
        DBOS.delete_workflows([workflow_id(lost.id, 1)])
        repair = Repair(made.jobs, made.films, made._runner)
        assert (repair.run(), repair.run()) == (1, 0)
        script.held = False
        assert finished(made, ANN, lost.id).state == "completed"


def test_an_order_that_was_stranded_is_resumed_the_second_time_it_is_seen(tmp_path: Path, local: Local, script: Script) -> None:
    script.held = True
    with studio(tmp_path, local, preview_workers=2) as made:
        job = order(made)
        at_work(made, ANN, job.id)
        made.films._runs.pop(job.id)  # as if nobody here knew of it
        repair = Repair(made.jobs, made.films, made._runner)
        assert (repair.run(), repair.run()) == (0, 1)
        until(lambda: job.id in made.films.running, "it is made again")
        script.held = False
        assert finished(made, ANN, job.id).state == "completed"


def test_a_film_that_is_made_is_left_alone_by_the_repair(made: Studio, script: Script) -> None:
    script.held = True
    job = order(made)
    at_work(made, ANN, job.id)
    repair = Repair(made.jobs, made.films, made._runner)
    assert (repair.run(), repair.run()) == (0, 0)


def test_the_engines_records_of_what_ended_are_forgotten_after_a_day(made: Studio) -> None:
    job = order(made)
    finished(made, ANN, job.id)
    until(lambda: "SUCCESS" in statuses(made).values(), "the order is closed")
    assert forget_finished() == 0
    with made.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE workflow_status SET completed_at = completed_at - 2 * 86400000")
    assert forget_finished() == 1
    assert statuses(made) == {}


def test_a_second_process_is_refused_the_data_folder(made: Studio) -> None:
    with pytest.raises(AlreadyRunning) as refused:
        Studio(made.settings, made.services)
    assert refused.value.params["path"] == str(made.settings.data_dir)


def test_a_stopped_studio_gives_its_data_folder_free(tmp_path: Path) -> None:
    for _ in range(2):
        with studio(tmp_path):
            pass


def test_a_stopped_studio_has_closed_its_services(tmp_path: Path, local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []

    async def close() -> None:
        closed.append(True)

    monkeypatch.setattr(local, "close", close)
    with studio(tmp_path, local):
        assert closed == []
    assert closed == [True]


@pytest.mark.parametrize("what", ["folder", "database"])
def test_a_data_folder_that_cannot_be_used_stops_the_start(tmp_path: Path, what: str) -> None:
    wanted = settings(tmp_path)
    if what == "folder":
        wanted.data_dir.write_text("a file stands where the folder should be")
    else:
        wanted.database_file.mkdir(parents=True)
    with pytest.raises(DataFolderUnusable):
        Studio(wanted, Services(Local()))


def test_the_makers_cloud_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBOS__CLOUD", "true")
    with pytest.raises(CloudEngine):
        Studio(settings(tmp_path), Services(Local()), pace=QUICK)


async def test_the_engine_is_never_started_on_somebodys_event_loop(tmp_path: Path) -> None:
    made = await asyncio.to_thread(Studio, settings(tmp_path), Services(Local()), pace=QUICK)
    with pytest.raises(RuntimeError, match="event loop"):
        made.start(examples=False)
    made.close()


def test_what_waiting_orders_rely_on_never_changes() -> None:
    assert (WORKFLOW, VERSION) == ("make_film", "1")


def test_the_engine_knows_the_workflow_by_the_name_that_orders_carry(made: Studio) -> None:
    order(made)
    names = {found.name for found in DBOS.list_workflows()}
    assert names == {WORKFLOW}
    assert {found.app_version for found in DBOS.list_workflows(status="SUCCESS")} <= {VERSION, None}


@pytest.mark.usefixtures("made")
def test_the_engine_logs_through_our_log_and_only_what_matters() -> None:
    engine_log = logging.getLogger("dbos")
    assert engine_log.propagate
    assert engine_log.getEffectiveLevel() == logging.WARNING
    assert not [handler for handler in engine_log.handlers if isinstance(handler, logging.StreamHandler)]


def test_only_the_queues_that_a_service_names_are_worked_on(tmp_path: Path) -> None:
    class Other(Local):
        id = "other"
        capabilities = Local.capabilities.model_copy(update={"limits": Local.capabilities.limits.model_copy(update={"queue": "other"})})

    services: tuple[Service, ...] = (Local(), Other())
    with studio(tmp_path, *services) as made:
        for service in services:
            job = order(made, token=service.id, service=service.id)
            assert finished(made, ANN, job.id).state == "completed"
