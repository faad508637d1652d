from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from components.errors import NotFound, Unavailable
from components.generation.job import JobState
from components.studio.database import read, write
from components.studio.objects import object_key
from components.studio.scenes.catalogue import EXAMPLE_KEYS, EXAMPLES
from components.studio.sweep import Swept
from components.studio.tables import JobRow, UploadRow
from tests import media_factory as media
from tests.unit.studio.files_bench import DAY, HOUR, FilesBench

if TYPE_CHECKING:
    from pathlib import Path


def job(bench: FilesBench, job_id: str) -> JobRow | None:
    with read(bench.engine) as connection:
        return connection.execute(select(JobRow.__table__).where(JobRow.id == job_id)).one_or_none()  # type: ignore[return-value]


def change(bench: FilesBench, job_id: str, **values: object) -> None:
    with write(bench.engine) as connection:
        connection.execute(update(JobRow).where(JobRow.id == job_id).values(**values))


def test_with_nothing_to_do_nothing_happens(bench: FilesBench, visitor: str) -> None:
    view = bench.bring(visitor, media.jpeg()).upload
    bench.film(visitor, "film-1")
    before = bench.stored()
    assert not bench.sweep.run()
    assert bench.stored() == before
    assert bench.uploads.get(visitor, view.id)


def test_an_unused_upload_goes_after_48_hours_with_its_files(bench: FilesBench, visitor: str) -> None:
    bench.bring(visitor, media.jpeg())
    bench.clock.time += 2 * DAY - 1
    assert not bench.sweep.run().uploads
    bench.clock.time += 1
    assert bench.sweep.run().uploads
    assert bench.stored() == set()
    with read(bench.engine) as connection:
        assert connection.execute(select(UploadRow.id)).all() == []


def test_an_upload_stays_as_long_as_a_film_made_of_it_can_be_used_again(bench: FilesBench, visitor: str) -> None:
    view = bench.bring(visitor, media.jpeg()).upload
    key = bench.uploads.usable(visitor, view.id, "image", "preview").key
    bench.film(visitor, "film-1", image_key=key)
    bench.clock.time += 5 * DAY
    bench.sweep.run()
    assert bench.uploads.get(visitor, view.id).fit
    bench.library.delete(visitor, "film-1")
    bench.clock.time += HOUR
    bench.sweep.run()
    bench.sweep.run()
    assert bench.stored() == set()
    with pytest.raises(NotFound):
        bench.uploads.get(visitor, view.id)


def test_a_file_stays_while_any_upload_of_it_stays(bench: FilesBench, visitor: str) -> None:
    upload = bench.bring(visitor, media.jpeg(2400, 1800)).upload
    bench.clock.time += DAY
    mended = bench.uploads.fix(visitor, upload.id, "auto")
    bench.clock.time += DAY
    assert bench.sweep.run().uploads
    assert bench.uploads.fix(visitor, mended.id, "auto").fit


def test_a_deleted_film_can_be_brought_back_for_ten_minutes_and_then_its_files_go(bench: FilesBench, visitor: str) -> None:
    bench.film(visitor, "film-1")
    bench.library.delete(visitor, "film-1")
    bench.clock.time += 600
    assert not bench.sweep.run().purged
    assert len(bench.stored()) == 3
    bench.clock.time += 1
    assert bench.sweep.run().purged == 1
    assert bench.stored() == set()


def test_a_deleted_film_that_is_still_at_work_keeps_its_picture(bench: FilesBench, visitor: str) -> None:
    bench.film(visitor, "film-1", state=JobState.PROCESSING, finished_at=None)
    bench.library.delete(visitor, "film-1")
    bench.clock.time += 3 * DAY
    assert not bench.sweep.run().purged
    assert len(bench.stored()) == 3


def test_a_tombstone_stays_thirty_days(bench: FilesBench, visitor: str) -> None:
    bench.film(visitor, "film-1")
    bench.library.delete(visitor, "film-1")
    bench.clock.time += HOUR
    bench.sweep.run()
    bench.clock.time += 30 * DAY - HOUR
    bench.sweep.run()
    assert job(bench, "film-1") is not None
    bench.clock.time += 1
    assert bench.sweep.run().tombstones == 1
    assert job(bench, "film-1") is None


def test_a_film_goes_when_its_days_are_over_and_pages_hear_of_it(bench: FilesBench, visitor: str) -> None:
    bench.film(visitor, "old", age_s=30 * DAY + 1)
    bench.film(visitor, "young", age_s=30 * DAY - 1)
    bench.library.keep(visitor, "young", kept=False)
    since = bench.library.revision(visitor)
    swept = bench.sweep.run()
    assert (swept.films, swept.purged) == (1, 1)
    changes = bench.library.changes(visitor, since, 10)
    assert changes.removed == ("old",)
    assert job(bench, "young").deleted_at is None  # type: ignore[union-attr]
    assert len(bench.stored()) == 3


def test_a_starred_or_unfinished_film_never_goes_by_itself(bench: FilesBench, visitor: str) -> None:
    bench.film(visitor, "kept", age_s=400 * DAY, kept=True)
    bench.film(visitor, "unsure", age_s=400 * DAY, state=JobState.UNCONFIRMED, finished_at=None)
    assert not bench.sweep.run()
    assert len(bench.stored()) == 6


def test_zero_days_are_for_ever(tmp_path: Path) -> None:
    bench = FilesBench(tmp_path, keep_days=0, keep_gb=0)
    bench.film(bench.visitor(), "film-1", age_s=4000 * DAY)
    assert not bench.sweep.run()
    bench.close()


def test_beyond_their_room_the_oldest_films_go_and_starred_ones_do_not_count(tmp_path: Path) -> None:
    bench = FilesBench(tmp_path, keep_gb=25_000 / 1e9)
    visitor = bench.visitor()
    bench.film(visitor, "starred", age_s=500, size=90_000, kept=True)
    for number in range(4):
        bench.film(visitor, f"film-{number}", age_s=400 - number, size=10_000)
    assert bench.sweep.run().films == 2
    assert [name for name in ("starred", *(f"film-{n}" for n in range(4))) if job(bench, name).deleted_at is None] == [  # type: ignore[union-attr]
        "starred",
        "film-2",
        "film-3",
    ]
    bench.close()


def test_a_failed_job_goes_when_its_days_are_over_too(bench: FilesBench, visitor: str) -> None:
    bench.film(visitor, "failed", age_s=31 * DAY, state=JobState.FAILED, video_key=None, poster_key=None)
    assert bench.sweep.run().films == 1
    assert job(bench, "failed").deleted_at is not None  # type: ignore[union-attr]


def test_a_file_without_a_row_goes_after_a_day(bench: FilesBench) -> None:
    old = bench.put(object_key("video", "mp4"), age_s=DAY + 1)
    young = bench.put(object_key("video", "mp4"), age_s=DAY - 1)
    assert bench.sweep.run().orphans == 1
    assert bench.stored() == {young} != {old}


def test_an_old_file_that_a_row_names_stays(bench: FilesBench, visitor: str) -> None:
    bench.film(visitor, "film-1", age_s=20 * DAY)
    assert not bench.sweep.run()
    assert len(bench.stored()) == 3


def test_what_a_crash_between_row_and_files_left_goes_as_files_without_a_row(
    bench: FilesBench, visitor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.film(visitor, "film-1", age_s=2 * DAY)
    bench.library.delete(visitor, "film-1")
    bench.clock.time += HOUR
    with monkeypatch.context() as patch:
        patch.setattr(bench.objects, "delete_now", lambda _keys: None)
        assert bench.sweep.run().purged == 1
    assert len(bench.stored()) == 3
    assert bench.sweep.run().orphans == 3
    assert bench.stored() == set()


def test_the_examples_are_never_swept(bench: FilesBench, visitor: str) -> None:
    for key in EXAMPLE_KEYS:
        bench.put(key, media.jpeg(400, 400), age_s=100 * DAY)
    view = bench.uploads.adopt(visitor, "image", "Boats.jpg", EXAMPLES[0].image_key)
    bench.uploads.delete(visitor, view.id)
    bench.uploads.adopt(visitor, "image", "Boats.jpg", EXAMPLES[0].image_key)
    bench.clock.time += 3 * DAY
    assert bench.sweep.run().uploads
    assert bench.stored() == EXAMPLE_KEYS


def test_leftovers_in_work_go_after_a_day_but_not_a_running_jobs(bench: FilesBench) -> None:
    work = bench.objects.work_dir
    for name in ("old.part", "young.part"):
        (work / name).write_text("half")
    for name in ("job-running", "job-forgotten", "job-busy"):
        (work / name).mkdir()
        (work / name / "film.mp4").write_text("half")
        bench.age(work / name / "film.mp4", 2 * DAY)
        bench.age(work / name, 2 * DAY)
    (work / "job-busy" / "new.mp4").write_text("growing")
    bench.age(work / "job-busy" / "new.mp4", 60)
    bench.age(work / "old.part", DAY + 1)
    bench.age(work / "young.part", DAY - 1)
    bench.at_work.add("running")
    assert bench.sweep.run().work == 2
    assert sorted(bench.leftovers()) == ["job-busy", "job-running", "young.part"]


def test_at_the_start_all_leftovers_go(bench: FilesBench) -> None:
    (bench.objects.work_dir / "young.part").write_text("half")
    (bench.objects.work_dir / "job-1").mkdir()
    bench.sweep.at_start()
    assert bench.leftovers() == []


def test_a_step_that_fails_stops_no_other_and_is_tried_again(bench: FilesBench, visitor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.bring(visitor, media.jpeg())
    bench.put(object_key("video", "mp4"), age_s=3 * DAY)
    bench.clock.time += 2 * DAY

    def away(_prefix: object) -> object:
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(bench.objects, "entries_now", away)
        assert bench.sweep.run() == Swept(uploads=1)
    assert bench.sweep.run().orphans == 1


def test_sweeping_twice_is_sweeping_once(bench: FilesBench, visitor: str) -> None:
    bench.bring(visitor, media.jpeg())
    bench.film(visitor, "old", age_s=31 * DAY)
    bench.clock.time += 3 * DAY
    assert bench.sweep.run()
    assert not bench.sweep.run()


def test_deleting_a_film_never_takes_another_films_picture(bench: FilesBench, visitor: str) -> None:
    key = bench.put(object_key("input", "jpg"))
    bench.film(visitor, "one", image_key=key)
    bench.film(visitor, "two", image_key=key)
    bench.library.delete(visitor, "one")
    bench.clock.time += HOUR
    bench.sweep.run()
    assert bench.objects.has_now(key)
