"""A film's life, step by step, without the engine: what each crash and each bad day leaves in the row."""

from __future__ import annotations

import asyncio
import errno
import hashlib
from typing import TYPE_CHECKING, NoReturn

import pytest
from sqlalchemy.exc import OperationalError

from components.errors import FilmUnreadable, NotFound, PreviewDied, TaskGone, TooManyJobs, Unavailable
from components.generation.job import JobState as S
from components.generation.job import Stage
from components.services.base import Cancelled, Created, Failed, Finished, Working
from tests.workshop_film import Bench, Facts, Instant, Paid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def service() -> Instant:
    return Instant()


@pytest.fixture
def bench(tmp_path: Path, service: Instant) -> Iterator[Bench]:
    made = Bench(tmp_path, service)
    yield made
    made.close()


@pytest.fixture
def paid(tmp_path: Path) -> Iterator[tuple[Bench, Paid]]:
    service = Paid()
    made = Bench(tmp_path, service)
    yield made, service
    made.close()


def stand(bench: Bench, job: str, *states: S, task_id: str | None = None) -> None:
    """Bring a job into a state as a process that was killed then would have left it."""
    for frm, to in zip((S.QUEUED, *states), states, strict=False):
        assert bench.jobs.move(job, frm={frm}, to=to, task_id=task_id)


async def holds(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - what is waited for stands in a database
        await asyncio.sleep(0.005)


async def reaches(bench: Bench, job: str, state: S) -> None:
    await holds(lambda: bench.row(job).state == state)


async def test_a_film_is_made_from_top_to_bottom(bench: Bench, service: Instant) -> None:
    service.readings = [Working(Stage.IN_LINE), Working(Stage.MAKING, 40), Finished("x")]
    job = bench.order()
    await bench.films.make_film(job)
    row = bench.row(job)
    assert (row.state, row.progress, row.stage) == ("completed", 100, "done")
    sha256 = hashlib.sha256(b"a film").hexdigest()
    assert row.video == {"width": 64, "height": 36, "duration_s": 5.0, "fps": 4.0, "bytes": 6, "sha256": sha256}
    assert bench.objects.local_now(row.video_key or "").read_bytes() == b"a film"
    assert bench.objects.local_now(row.poster_key or "").read_bytes() == b"a poster"
    assert service.events == ["create", "read task-1", "read task-1", "read task-1", "read task-1", "take"]


async def test_a_finished_film_leaves_no_work_files(bench: Bench) -> None:
    await bench.films.make_film(bench.order())
    assert list(bench.objects.work_dir.iterdir()) == []


async def test_the_intent_stands_in_the_row_before_anybody_is_asked(
    bench: Bench, service: Instant, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, bool]] = []
    job = bench.order()

    async def create(_order: object, _handed: object) -> Created:
        row = bench.row(job)
        seen.append((row.state, row.intent_at is not None))
        return Created("task")

    monkeypatch.setattr(service, "create", create)
    await bench.films.make_film(job)
    assert seen == [("submitting", True)]


async def test_a_film_that_is_done_is_not_made_again(bench: Bench, service: Instant) -> None:
    job = bench.order()
    await bench.films.make_film(job)
    before = list(service.events)
    await bench.new_films().make_film(job)
    assert service.events == before


@pytest.mark.parametrize("states", [(S.SUBMITTING,), (S.SUBMITTING, S.PENDING), (S.SUBMITTING, S.PENDING, S.PROCESSING)])
async def test_after_the_program_died_a_free_film_begins_again_from_wherever_it_stood(
    bench: Bench, service: Instant, states: tuple[S, ...]
) -> None:
    job = bench.order()
    stand(bench, job, *states, task_id="task-of-the-dead")
    if S.PENDING in states:
        service.readings = [TaskGone()]
    await bench.films.make_film(job)
    assert bench.row(job).state == "completed"
    assert service.created == [job]


async def test_a_free_film_that_was_being_saved_begins_again_when_its_service_forgot_it(bench: Bench, service: Instant) -> None:
    job = bench.order()
    stand(bench, job, S.SUBMITTING, S.PENDING, S.SAVING, task_id="task-of-the-dead")
    service.readings = [TaskGone(), TaskGone()]
    await bench.films.make_film(job)
    assert bench.row(job).state == "completed"
    assert service.created == [job]


async def test_a_paid_film_without_a_reply_is_unconfirmed_and_never_sent_again(paid: tuple[Bench, Paid]) -> None:
    bench, service = paid
    job = bench.order()
    stand(bench, job, S.SUBMITTING)
    await bench.films.make_film(job)
    assert bench.row(job).state == "unconfirmed"
    assert service.events == []


async def test_a_doubt_in_the_middle_of_a_paid_order_is_unconfirmed(paid: tuple[Bench, Paid]) -> None:
    bench, service = paid
    service.script.refusals = [ConnectionResetError()]  # type: ignore[list-item]  # the connection broke: nobody knows
    job = bench.order()
    await bench.films.make_film(job)
    assert bench.row(job).state == "unconfirmed"
    assert service.events == ["create"]


async def test_a_paid_film_is_followed_under_its_task_after_a_restart(paid: tuple[Bench, Paid]) -> None:
    bench, service = paid
    job = bench.order()
    stand(bench, job, S.SUBMITTING, S.PENDING, task_id="bought")
    await bench.films.make_film(job)
    assert bench.row(job).state == "completed"
    assert set(service.events) == {"read bought", "take"}


async def test_a_paid_film_that_its_service_forgot_has_failed(paid: tuple[Bench, Paid]) -> None:
    bench, service = paid
    job = bench.order()
    stand(bench, job, S.SUBMITTING, S.PENDING, task_id="bought")
    bench.jobs.note(job, frm={S.PENDING}, intent_at=bench.clock.now() - 2 * 86_400)
    service.readings = [TaskGone()]
    await bench.films.make_film(job)
    assert bench.row(job).state == "failed"
    assert "create" not in service.events


async def test_a_reply_is_written_however_long_the_database_is_away(paid: tuple[Bench, Paid], monkeypatch: pytest.MonkeyPatch) -> None:
    bench, service = paid
    job = bench.order()
    move, failures = bench.jobs.move, [0]

    def away(job_id: str, *, frm: set[S], to: S, **changes: object) -> bool:
        if to is S.PENDING and failures[0] < 4:
            failures[0] += 1
            raise OperationalError("UPDATE", {}, Exception("away"))
        return move(job_id, frm=frm, to=to, **changes)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(bench.jobs, "move", away)
    await bench.films.make_film(job)
    assert failures == [4]
    assert bench.row(job).state == "completed"
    assert service.created == [job]


async def test_a_busy_service_is_asked_again_when_it_said(bench: Bench, service: Instant) -> None:
    service.script.refusals = [TooManyJobs(retry_after=0.01)]
    job = bench.order()
    await bench.films.make_film(job)
    assert bench.row(job).state == "completed"
    assert service.events.count("create") == 2


async def test_while_a_service_is_busy_the_job_says_until_when_it_waits(bench: Bench, service: Instant) -> None:
    service.script.refusals = [TooManyJobs(retry_after=600.0)]
    job = bench.order()
    making = asyncio.create_task(bench.films.make_film(job))
    await holds(lambda: bench.row(job).wait_reason is not None)
    row = bench.row(job)
    assert (row.state, row.wait_reason) == ("queued", "too_many_jobs")
    assert bench.jobs.move(job, frm={S.QUEUED}, to=S.CANCELLED)
    bench.films.wake(job)
    await making
    assert service.events == ["create"]


async def test_a_refusal_ends_the_job_in_words(bench: Bench, service: Instant) -> None:
    service.script.refusals = [NotFound(field="image")]
    job = bench.order()
    await bench.films.make_film(job)
    row = bench.row(job)
    assert row.state == "failed"
    assert row.error == {"code": "not_found", "field": "image", "params": {}, "charged": "no"}


async def test_the_death_of_the_renderer_fails_that_one_job(bench: Bench, service: Instant) -> None:
    service.readings = [Working(Stage.MAKING, 10), Failed(PreviewDied())]
    job = bench.order()
    await bench.films.make_film(job)
    assert (bench.row(job).error or {})["code"] == "preview_died"


async def test_what_the_service_stopped_is_cancelled(bench: Bench, service: Instant) -> None:
    service.readings = [Cancelled()]
    job = bench.order()
    await bench.films.make_film(job)
    assert bench.row(job).state == "cancelled"


async def test_a_wish_to_stop_reaches_the_service_without_waiting_for_the_next_look(
    bench: Bench, service: Instant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "pause_s", lambda _age, **_: 3600.0)
    service.readings = [Working(Stage.MAKING, 10), Cancelled()]
    job = bench.order()
    making = asyncio.create_task(bench.films.make_film(job))
    await reaches(bench, job, S.PROCESSING)
    bench.jobs.note(job, frm={S.PROCESSING}, cancel_requested=True)
    bench.films.wake(job)
    await making
    assert bench.row(job).state == "cancelled"
    assert service.events == ["create", "read task-1", "cancel task-1", "read task-1"]


async def test_a_wish_to_stop_that_was_written_before_a_crash_is_kept(bench: Bench, service: Instant) -> None:
    job = bench.order()
    stand(bench, job, S.SUBMITTING, S.PENDING, task_id="task-of-the-dead")
    bench.jobs.note(job, frm={S.PENDING}, cancel_requested=True)
    service.readings = [TaskGone()]
    await bench.films.make_film(job)
    assert bench.row(job).state == "cancelled"
    assert service.created == []


async def test_a_free_film_that_was_done_before_the_wish_arrived_is_not_kept(bench: Bench, service: Instant) -> None:
    job = bench.order()
    stand(bench, job, S.SUBMITTING, S.PENDING, task_id="t")
    bench.jobs.note(job, frm={S.PENDING}, cancel_requested=True)
    await bench.films.make_film(job)
    assert bench.row(job).state == "cancelled"
    assert "take" not in service.events


async def test_a_film_that_cannot_be_read_is_failed_and_not_shown(bench: Bench) -> None:
    def unreadable(_film: Path) -> Facts:
        raise FilmUnreadable

    bench.look = unreadable
    job = bench.order()
    await bench.films.make_film(job)
    row = bench.row(job)
    assert (row.state, row.video_key) == ("failed", None)
    assert (row.error or {})["code"] == "film_unreadable"


async def test_a_picture_that_is_gone_fails_the_job_before_anybody_is_asked(bench: Bench, service: Instant) -> None:
    job = bench.order()
    bench.objects.delete_now([bench.row(job).image_key])
    await bench.films.make_film(job)
    assert (bench.row(job).error or {})["code"] == "input_gone"
    assert service.events == []


async def test_with_a_full_disk_a_film_stays_saving_and_is_kept_when_there_is_room(
    bench: Bench, service: Instant, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish, full = bench.objects.publish_now, [True]
    waits: list[tuple[str, str | None]] = []
    job = bench.order()

    def no_room(path: Path, key: str) -> None:
        if full[0]:
            raise OSError(errno.ENOSPC, "full")
        publish(path, key)

    monkeypatch.setattr(bench.objects, "publish_now", no_room)
    making = asyncio.create_task(bench.films.make_film(job))
    while len(waits) < 3:
        await asyncio.sleep(0.01)
        row = bench.row(job)
        if row.wait_reason is not None:
            waits.append((row.state, row.wait_reason))
    full[0] = False
    await making
    assert set(waits) == {("saving", "disk_full")}
    assert bench.row(job).state == "completed"
    assert (bench.row(job).wait_reason, service.events.count("take"), service.events.count("create")) == (None, 1, 1)


async def test_a_store_that_is_away_costs_nothing_but_time(bench: Bench, service: Instant, monkeypatch: pytest.MonkeyPatch) -> None:
    publish, left = bench.objects.publish_now, [3]

    def away(path: Path, key: str) -> None:
        if left[0]:
            left[0] -= 1
            raise Unavailable
        publish(path, key)

    job = bench.order()
    monkeypatch.setattr(bench.objects, "publish_now", away)
    await bench.films.make_film(job)
    assert bench.row(job).state == "completed"
    assert service.events.count("take") == 1


@pytest.mark.parametrize("error", [OSError("away"), Unavailable(), RuntimeError("a bug"), KeyError("a bug")])
async def test_no_error_of_a_look_escapes(bench: Bench, service: Instant, error: Exception) -> None:
    service.readings = [error, error, Finished("x")]
    job = bench.order()
    await bench.films.make_film(job)
    assert bench.row(job).state == "completed"


@pytest.mark.parametrize("where", ["create", "read", "take", "pause_s"])
async def test_a_bug_that_stays_gives_a_free_film_up_in_the_end(
    bench: Bench, service: Instant, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def bug(*_: object, **__: object) -> NoReturn:
        raise RuntimeError

    service.script.held = where == "pause_s"
    monkeypatch.setattr(service, where, bug)
    job = bench.order()
    await bench.films.make_film(job)
    assert bench.row(job).state == "failed"
    assert (bench.row(job).error or {})["code"] == "internal"


async def test_a_bug_never_gives_a_paid_film_up(paid: tuple[Bench, Paid]) -> None:
    bench, service = paid
    service.readings.extend([RuntimeError("a bug")] * 20)
    job = bench.order()
    await bench.films.make_film(job)
    assert bench.row(job).state == "completed"


async def test_progress_is_written_when_it_changed_and_not_more_often(bench: Bench, service: Instant) -> None:
    service.readings.extend([Working(Stage.MAKING, 10)] * 20 + [Working(Stage.MAKING, 20)] * 20)
    job = bench.order()
    await bench.films.make_film(job)
    # ordered, intent, task, at work, 20 %, saving, completed
    assert bench.row(job).revision <= 8


async def test_a_film_that_is_let_go_of_stays_as_it_stands(bench: Bench, service: Instant) -> None:
    service.script.held = True
    job = bench.order()
    making = asyncio.create_task(bench.films.make_film(job))
    await reaches(bench, job, S.PROCESSING)
    assert bench.films.running == {job}
    await bench.films.park()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert bench.row(job).state == "processing"
    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(bench.films.make_film(job))
