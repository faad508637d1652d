"""kill -9 at every point of a film's life: nothing is lost, nothing is made twice, nothing is left behind."""

from __future__ import annotations

import hashlib
import json
import random
import signal
import sqlite3
from typing import TYPE_CHECKING

import pytest

from components.generation.job import AT_WORK, JobState
from components.media.ffmpeg import find_ffmpeg
from components.media.video import look_at
from components.services.registry import Services
from components.studio.studio import Studio
from tests.chaos.forks import loaded
from tests.chaos.worker import VISITOR, order, services
from tests.workshop import QUICK, picture, settings, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from components.studio.tables import JobRow

    Worker = Callable[[Path, str, str], int]

FILMS, KILLS, SEED = 10, 6, 20261121

POINTS = (
    "after the order",
    "before the intent",
    "after the intent",
    "before the reply",
    "before the task is written",
    "after the task is written",
    "while it is made",
    "when it is finished",
    "with half a file",
    "between poster and film",
    "after publishing",
    "before it is completed",
    "after it is completed",
)


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    """The exit code of a studio that was told to die at a point."""
    with loaded("tests.chaos.worker") as carry_out:
        yield lambda folder, service, point: carry_out(json.dumps([str(folder), service, point]) + "\n")


def finish(folder: Path, service: str) -> list[JobRow]:
    """Start again, here, and wait until all is done; returns the rows."""
    made = Studio(settings(folder), Services(services()[service]), pace=QUICK)
    made.start(examples=False)
    try:
        until(lambda: all(job.state not in AT_WORK for job in made.page(VISITOR, None, 500).jobs), "all films are finished")
        rows = [row for job in made.page(VISITOR, None, 500).jobs if (row := made.jobs.load(job.id)) is not None]
        until(lambda: set(orders(folder).values()) <= {"SUCCESS"}, "all orders are closed")
        until(lambda: not list(made.objects.work_dir.iterdir()), "nothing is left in the work folder")
        for row in rows:
            film = made.objects.local_now(row.video_key or "")
            assert hashlib.sha256(film.read_bytes()).hexdigest() == (row.video or {})["sha256"]
            assert look_at(film, find_ffmpeg()).duration_s == (row.video or {})["duration_s"]
            assert made.objects.has_now(row.poster_key or "")
        kept = {stored.key for kind in ("video", "poster") for stored in made.objects.entries_now(kind)}
        assert kept == {key for row in rows for key in (row.video_key, row.poster_key)}
        return rows
    finally:
        made.stop()


def orders(folder: Path) -> dict[str, str]:
    """What the engine thinks of each order."""
    connection = sqlite3.connect(settings(folder).database_file)
    try:
        return dict(connection.execute("SELECT workflow_uuid, status FROM workflow_status"))
    finally:
        connection.close()


@pytest.mark.parametrize("point", POINTS)
def test_a_film_outlives_a_kill(worker: Worker, tmp_path: Path, point: str) -> None:
    assert worker(tmp_path, "preview", point) == -signal.SIGKILL
    rows = finish(tmp_path, "preview")
    assert [row.state for row in rows] == [JobState.COMPLETED]
    assert len(orders(tmp_path)) == 1


def test_an_order_that_was_never_committed_leaves_neither_job_nor_work(worker: Worker, tmp_path: Path) -> None:
    assert worker(tmp_path, "local", "inside the order") == -signal.SIGKILL
    assert finish(tmp_path, "local") == []
    assert orders(tmp_path) == {}


def test_many_films_outlive_many_kills(worker: Worker, tmp_path: Path) -> None:
    made = Studio(settings(tmp_path), Services(services()["local"]), pace=QUICK)
    image = picture(made, VISITOR)
    made.start(examples=False)
    for number in range(FILMS):
        order(made, image, "local", f"token-{number}")
    made.stop()
    moments = random.Random(SEED)  # noqa: S311 - a plan that is the same each time
    killed = 0
    while killed < KILLS:
        code = worker(tmp_path, "local", f"step-{moments.randrange(1, 12)}")
        assert code in {0, -signal.SIGKILL}
        if code == 0:
            break
        killed += 1
    assert killed >= KILLS // 2
    rows = finish(tmp_path, "local")
    assert [row.state for row in rows] == [JobState.COMPLETED] * FILMS
    assert len({row.video_key for row in rows}) == FILMS
    assert len(orders(tmp_path)) == FILMS
