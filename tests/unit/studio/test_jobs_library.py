from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, update

from components.errors import NotFound, TooLateToRestore
from components.generation.job import JobState as S
from components.services.registry import Services
from components.studio.database import write
from components.studio.keys import Secrets
from components.studio.library import TOMBSTONE_S, UNDO_S, Library
from components.studio.links import Links
from components.studio.tables import JobRow
from components.studio.views import Views
from components.studio.wording import Wording
from tests.workshop_film import VISITOR, Bench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OTHER = "another-visitor"


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = 1_000_000.0

    def now(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def bench(tmp_path: Path, clock: Hand) -> Iterator[Bench]:
    made = Bench(tmp_path, clock=clock)
    made.visitor(OTHER)
    yield made
    made.close()


@pytest.fixture
def library(bench: Bench, clock: Hand) -> Library:
    views = Views(Services(bench.service), Links(Secrets((b"k" * 32,)), clock), Wording.read(), keep_days=30)
    return Library(bench.jobs, bench.revisions, views, {"local": 2})


def finish(bench: Bench, job: str) -> None:
    for frm, to in ((S.QUEUED, S.SUBMITTING), (S.SUBMITTING, S.PENDING), (S.PENDING, S.SAVING), (S.SAVING, S.COMPLETED)):
        assert bench.jobs.move(job, frm={frm}, to=to)


def test_changes_come_oldest_first_and_only_those_since(bench: Bench, library: Library) -> None:
    first, second = bench.order("one"), bench.order("two")
    everything = library.changes(VISITOR, 0, 10)
    assert [job.id for job in everything.jobs] == [first, second]
    bench.jobs.note(first, frm={S.QUEUED}, progress=1)
    later = library.changes(VISITOR, everything.revision, 10)
    assert [job.id for job in later.jobs] == [first]
    assert later.revision > everything.revision


def test_no_news_is_an_empty_answer_with_the_same_revision(bench: Bench, library: Library) -> None:
    bench.order()
    newest = library.changes(VISITOR, 0, 10).revision
    again = library.changes(VISITOR, newest, 10)
    assert (again.jobs, again.removed, again.revision, again.reset) == ((), (), newest, False)


def test_many_changes_are_told_in_parts_without_a_gap(bench: Bench, library: Library) -> None:
    ordered = [bench.order(f"token-{number}") for number in range(5)]
    heard: list[str] = []
    since, more = 0, True
    while more:
        part = library.changes(VISITOR, since, 2)
        heard += [job.id for job in part.jobs]
        since, more = part.revision, part.more
    assert heard == ordered


def test_a_visitor_hears_nothing_of_anothers_films(bench: Bench, library: Library) -> None:
    job = bench.order(visitor=OTHER)
    assert library.changes(VISITOR, 0, 10).jobs == ()
    with pytest.raises(NotFound):
        library.job(VISITOR, job)
    with pytest.raises(NotFound):
        library.delete(VISITOR, job)
    with pytest.raises(NotFound):
        library.page(VISITOR, job, 10)


def test_a_poll_without_news_touches_no_database(bench: Bench, library: Library) -> None:
    bench.order()
    library.revision(VISITOR)
    statements: list[str] = []
    event.listen(bench.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert library.revision(VISITOR) == 1
    assert statements == []


def test_after_a_restart_the_revision_is_read_once(bench: Bench, library: Library) -> None:
    bench.order()
    bench.revisions._newest.clear()
    assert library.revision(VISITOR) == 1
    assert bench.revisions.get(VISITOR) == 1


def test_a_visitor_who_was_never_seen_is_at_revision_zero(library: Library) -> None:
    assert library.revision("nobody") == 0


def test_pages_go_from_the_newest_back(bench: Bench, library: Library, clock: Hand) -> None:
    ordered = []
    for number in range(5):
        clock.time += number % 2  # some at the very same moment
        ordered.append(bench.order(f"token-{number}"))
    first = library.page(VISITOR, None, 2)
    second = library.page(VISITOR, first.jobs[-1].id, 2)
    third = library.page(VISITOR, second.jobs[-1].id, 2)
    seen = [job.id for page in (first, second, third) for job in page.jobs]
    assert seen == sorted(ordered, key=lambda job: (bench.row(job).created_at, job), reverse=True)
    assert (first.more, second.more, third.more) == (True, True, False)


def test_a_deleted_film_is_told_as_removed_and_not_shown(bench: Bench, library: Library) -> None:
    job = bench.order()
    finish(bench, job)
    since = library.changes(VISITOR, 0, 10).revision
    library.delete(VISITOR, job)
    assert library.changes(VISITOR, since, 10).removed == (job,)
    assert library.changes(VISITOR, 0, 10).removed == ()
    assert library.page(VISITOR, None, 10).jobs == ()
    with pytest.raises(NotFound):
        library.job(VISITOR, job)


def test_deleting_twice_is_no_error_and_no_news(bench: Bench, library: Library) -> None:
    job = bench.order()
    library.delete(VISITOR, job)
    before = library.revision(VISITOR)
    library.delete(VISITOR, job)
    assert library.revision(VISITOR) == before


def test_a_deletion_can_be_undone_for_ten_minutes(bench: Bench, library: Library, clock: Hand) -> None:
    job = bench.order()
    library.delete(VISITOR, job)
    clock.time += UNDO_S
    assert library.restore(VISITOR, job).id == job
    library.delete(VISITOR, job)
    clock.time += UNDO_S + 1
    with pytest.raises(TooLateToRestore):
        library.restore(VISITOR, job)


def test_a_film_without_files_cannot_be_restored(bench: Bench, library: Library) -> None:
    job = bench.order()
    finish(bench, job)
    library.delete(VISITOR, job)
    library.purged([job])
    with pytest.raises(TooLateToRestore):
        library.restore(VISITOR, job)


def test_a_tombstone_keeps_none_of_the_words(bench: Bench, library: Library) -> None:
    job = bench.order()
    finish(bench, job)
    with write(bench.jobs.engine) as connection:
        connection.execute(update(JobRow).values(request={"prompt": "private words", "negative_prompt": "these too", "duration": 5}))
    library.delete(VISITOR, job)
    library.purged([job])
    tombstone = bench.jobs.load(job)
    assert tombstone is not None
    assert tombstone.request == {"prompt": "", "negative_prompt": None, "duration": 5}


def test_only_finished_films_are_purged_and_only_after_the_time_to_undo(bench: Bench, library: Library, clock: Hand) -> None:
    done, working = bench.order("one"), bench.order("two")
    finish(bench, done)
    library.delete(VISITOR, done)
    library.delete(VISITOR, working)
    assert library.purgeable() == []
    clock.time += UNDO_S + 1
    assert [row.id for row in library.purgeable()] == [done]
    library.purged([done])
    assert library.purgeable() == []


def test_retention_takes_a_film_at_once_but_never_a_kept_one(bench: Bench, library: Library) -> None:
    old, kept, working = bench.order("one"), bench.order("two"), bench.order("three")
    finish(bench, old)
    finish(bench, kept)
    assert library.keep(VISITOR, kept, kept=True).kept
    since = library.revision(VISITOR)
    assert [library.expire(job) for job in (old, kept, working)] == [True, False, False]
    assert library.changes(VISITOR, since, 10).removed == (old,)
    assert [row.id for row in library.purgeable()] == [old]
    with pytest.raises(TooLateToRestore):
        library.restore(VISITOR, old)


def test_who_was_away_longer_than_tombstones_live_starts_anew(bench: Bench, library: Library, clock: Hand) -> None:
    gone, stays = bench.order("one"), bench.order("two")
    finish(bench, gone)
    since = library.changes(VISITOR, 0, 10).revision
    library.delete(VISITOR, gone)
    library.purged([gone])
    clock.time += TOMBSTONE_S + 1
    assert library.bury() == 1
    answer = library.changes(VISITOR, since, 10)
    assert answer.reset
    assert [job.id for job in answer.jobs] == [stays]
    assert not library.changes(VISITOR, answer.revision, 10).reset


def test_a_revision_from_the_future_starts_anew(bench: Bench, library: Library) -> None:
    bench.order()
    answer = library.changes(VISITOR, 99, 10)
    assert answer.reset
    assert len(answer.jobs) == 1


def test_the_place_in_the_line_counts_own_films_and_a_share_of_the_other_visitors(bench: Bench, library: Library) -> None:
    bench.order("one", visitor=OTHER)
    bench.order("two", visitor=OTHER)
    bench.visitor("a-third-visitor")
    bench.order("one", visitor="a-third-visitor")
    own = [bench.order("one"), bench.order("two")]
    # two others wait, two films are made at once: one round
    assert [library.job(VISITOR, job).position for job in own] == [2, 3]
    assert [job.position for job in library.changes(VISITOR, 0, 10).jobs] == [2, 3]


def test_only_who_waits_in_line_has_a_place(bench: Bench, library: Library) -> None:
    job = bench.order()
    bench.jobs.move(job, frm={S.QUEUED}, to=S.SUBMITTING)
    assert library.job(VISITOR, job).position is None
