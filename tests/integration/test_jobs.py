"""Jobs on the real engine over SQLite, with the local double as the service."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from components.errors import (
    CannotCancel,
    DiskFull,
    FileUnfit,
    NotFound,
    RequestInvalid,
    RuleBroken,
    StudioError,
    TooManyJobs,
)
from components.media.video import look_at
from tests.doubles.local import Local, Script
from tests.integration.jobs_bench import ANN, BOB, at_work, order
from tests.workshop import finished, picture, request, studio, until

if TYPE_CHECKING:
    from pathlib import Path

    from components.studio.studio import Studio


def test_an_ordered_film_becomes_a_playable_file(made: Studio, local: Local) -> None:
    job = order(made)
    done = finished(made, ANN, job.id)
    assert done.state == "completed"
    row = made.jobs.load(job.id)
    assert row is not None
    film = look_at(made.objects.local_now(row.video_key or ""), local._ffmpeg)
    assert done.video is not None
    assert (film.width, film.height, film.duration_s) == (done.video.width, done.video.height, done.video.duration_s) == (64, 36, 5.0)


def test_the_same_token_gives_the_same_job(made: Studio) -> None:
    image = picture(made, ANN)
    first, second = made.submit(ANN, request(image)), made.submit(ANN, request(image))
    assert (first.created, second.created) == (True, False)
    assert first.job.id == second.job.id


def test_the_same_token_gives_the_same_job_even_when_its_picture_is_gone(made: Studio) -> None:
    image = picture(made, ANN)
    job = made.submit(ANN, request(image)).job
    made.uploads.delete(ANN, image)
    assert made.submit(ANN, request(image)).job.id == job.id


def test_a_double_click_in_two_threads_makes_one_job(made: Studio) -> None:
    asked = request(picture(made, ANN))
    jobs: list[str] = []
    threads = [threading.Thread(target=lambda: jobs.append(made.submit(ANN, asked).job.id)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(jobs) == 8
    assert len(set(jobs)) == 1


@pytest.mark.parametrize(
    ("fields", "error", "code"),
    [
        ({"service": "nobody"}, RequestInvalid, "invalid_request"),
        ({"duration": 7}, RuleBroken, "duration_choice"),
        ({"seed": 1}, RuleBroken, "not_offered"),
        ({"quality": "1080p"}, RuleBroken, "not_offered"),
        ({"sound": "own"}, RuleBroken, "not_offered"),
        ({"prompt": "x" * 201}, RuleBroken, "prompt_too_long"),
        ({"shot_type": "multi", "prompt_extend": False}, RuleBroken, "multi_needs_improve"),
    ],
)
def test_what_the_chosen_service_cannot_make_is_refused_by_its_own_table(
    made: Studio, fields: dict[str, Any], error: type[StudioError], code: str
) -> None:
    image = picture(made, ANN)
    with pytest.raises(error) as refused:
        made.submit(ANN, request(image, **fields))
    assert refused.value.text_code == code
    assert made.page(ANN, None, 10).jobs == ()


def test_a_length_that_only_this_service_makes_is_taken(made: Studio) -> None:
    assert finished(made, ANN, order(made, duration=10).id).video is not None


def test_a_picture_that_was_fit_elsewhere_is_judged_again(tmp_path: Path) -> None:
    class Narrow(Local):
        id = "narrow"
        capabilities = Local.capabilities.model_copy(update={"image": Local.capabilities.image.model_copy(update={"side": (240, 600)})})

    with studio(tmp_path, Local(), Narrow()) as made:
        image = picture(made, ANN, service="local")
        with pytest.raises(FileUnfit) as refused:
            made.submit(ANN, request(image, service="narrow"))
    assert (refused.value.text_code, refused.value.field) == ("image_too_large", "image")


def test_another_visitors_picture_does_not_exist(made: Studio) -> None:
    image = picture(made, ANN)
    with pytest.raises(NotFound) as missing:
        made.submit(BOB, request(image))
    assert missing.value.field == "image"


def test_another_visitors_job_can_be_neither_seen_nor_stopped_nor_deleted(made: Studio) -> None:
    job = order(made)
    for call in (made.job, made.cancel, made.delete, made.restore):
        with pytest.raises(NotFound):
            call(BOB, job.id)


def test_a_visitor_has_only_so_many_unfinished_jobs(tmp_path: Path, local: Local, script: Script) -> None:
    script.held = True
    with studio(tmp_path, local, visitor_active_jobs=2) as made:
        image = picture(made, ANN)
        for token in ("one", "two"):
            made.submit(ANN, request(image, token))
        with pytest.raises(TooManyJobs) as full:
            made.submit(ANN, request(image, "three"))
        assert full.value.retry_after
        assert made.submit(BOB, request(picture(made, BOB))).created


def test_a_full_disk_refuses_a_job_before_it_starts(made: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    image = picture(made, ANN)
    monkeypatch.setattr("components.studio.disk.room", lambda _path: 1000)
    with pytest.raises(DiskFull):
        made.submit(ANN, request(image))
    assert made.page(ANN, None, 10).jobs == ()


def test_a_waiting_film_is_cancelled_at_once_and_never_made(tmp_path: Path, local: Local, script: Script) -> None:
    script.held = True
    with studio(tmp_path, local, preview_workers=1) as made:
        image = picture(made, ANN)
        first, second = (made.submit(ANN, request(image, token)).job for token in ("one", "two"))
        at_work(made, ANN, first.id)
        assert made.job(ANN, second.id).position == 1
        assert made.cancel(ANN, second.id).state == "cancelled"
        script.held = False
        finished(made, ANN, first.id)
        assert local.created == [first.id]
        assert made.cancel(ANN, second.id).state == "cancelled"


def test_a_film_at_work_is_cancelled_and_leaves_nothing(made: Studio, script: Script) -> None:
    script.held = True
    job = order(made)
    at_work(made, ANN, job.id)
    assert made.cancel(ANN, job.id).cancel_requested
    assert finished(made, ANN, job.id).state == "cancelled"
    until(lambda: not list(made.objects.work_dir.iterdir()), "its work files are gone")


def test_a_finished_film_cannot_be_cancelled(made: Studio) -> None:
    job = order(made)
    finished(made, ANN, job.id)
    with pytest.raises(CannotCancel):
        made.cancel(ANN, job.id)


@pytest.mark.parametrize("how", ["never", "pending"])
def test_a_film_whose_service_cannot_stop_it_is_not_cancelled(tmp_path: Path, script: Script, how: str) -> None:
    class Stubborn(Local):
        capabilities = Local.capabilities.model_copy(update={"cancel": how})

    script.held = True
    with studio(tmp_path, Stubborn(script)) as made:
        job = order(made)
        at_work(made, ANN, job.id)
        with pytest.raises(CannotCancel):
            made.cancel(ANN, job.id)
        assert not made.job(ANN, job.id).cancel_requested


def test_a_deleted_film_is_followed_to_its_end_and_can_be_brought_back(made: Studio, script: Script) -> None:
    script.held = True
    job = order(made)
    at_work(made, ANN, job.id)
    made.delete(ANN, job.id)
    assert made.page(ANN, None, 10).jobs == ()
    script.held = False
    until(lambda: (row := made.jobs.load(job.id)) is not None and row.state == "completed", "it is finished")
    assert made.restore(ANN, job.id).video is not None


def test_nobody_waits_behind_anothers_whole_queue(tmp_path: Path, local: Local, script: Script) -> None:
    many = 30  # whose turn it is is drawn by lot each time
    script.held = True
    with studio(tmp_path, local, preview_workers=1, visitor_active_jobs=many) as made:
        image = picture(made, ANN)
        for number in range(many):
            made.submit(ANN, request(image, f"token-{number}"))
        hers = order(made, BOB)
        script.held = False
        finished(made, BOB, hers.id)
        assert local.created.index(hers.id) < many


def test_films_of_one_visitor_are_made_in_the_order_in_which_they_were_asked_for(tmp_path: Path, local: Local) -> None:
    with studio(tmp_path, local, preview_workers=1) as made:
        image = picture(made, ANN)
        jobs = [made.submit(ANN, request(image, f"token-{number}")).job.id for number in range(4)]
        finished(made, ANN, jobs[-1])
        assert local.created == jobs


def test_a_poll_without_news_touches_no_database(made: Studio) -> None:
    job = order(made)
    finished(made, ANN, job.id)
    made.revision(ANN)
    here = threading.get_ident()
    statements: list[str] = []

    def count(*args: object) -> None:
        if threading.get_ident() == here:
            statements.append(str(args[2]))

    event.listen(made.engine, "before_cursor_execute", count)
    for _ in range(50):
        made.revision(ANN)
    event.remove(made.engine, "before_cursor_execute", count)
    assert statements == []
