from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from components.errors import NotFound, TooManyJobs
from components.generation.job import JobState as S
from components.studio.database import read, write
from components.studio.jobs import Lost, Revisions, bump, move, new_job_id
from components.studio.tables import JobRow, VisitorRow
from tests.workshop_film import VISITOR, Bench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def stored_revision(bench: Bench) -> int:
    with read(bench.engine) as connection:
        return connection.execute(select(VisitorRow.revision).where(VisitorRow.id == VISITOR)).scalar_one()


def test_a_job_moves_along_an_arrow_and_is_stamped_with_the_visitors_next_revision(bench: Bench) -> None:
    job = bench.order()
    assert bench.jobs.move(job, frm={S.QUEUED}, to=S.SUBMITTING, intent_at=5.0)
    row = bench.row(job)
    assert (row.state, row.revision, row.intent_at) == ("submitting", 2, 5.0)
    assert bench.revisions.get(VISITOR) == 2


def test_a_job_never_moves_where_there_is_no_arrow(bench: Bench) -> None:
    job = bench.order()
    with pytest.raises(ValueError, match="no arrow"):
        bench.jobs.move(job, frm={S.QUEUED}, to=S.COMPLETED)
    assert bench.row(job).state == "queued"


def test_who_comes_second_changes_nothing_and_makes_no_news(bench: Bench) -> None:
    job = bench.order()
    assert bench.jobs.move(job, frm={S.QUEUED}, to=S.CANCELLED)
    before = stored_revision(bench)
    assert not bench.jobs.move(job, frm={S.QUEUED}, to=S.SUBMITTING)
    assert bench.row(job).state == "cancelled"
    assert stored_revision(bench) == before == bench.revisions.get(VISITOR)


def test_a_change_that_is_undone_is_never_told(bench: Bench) -> None:
    job = bench.order()

    def breaks(connection: Connection) -> tuple[str, int]:
        move(connection, job, frm={S.QUEUED}, to=S.CANCELLED, now=1.0)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        bench.jobs.change(breaks)
    assert bench.row(job).state == "queued"
    assert bench.revisions.get(VISITOR) == 1


def test_a_job_that_is_gone_is_lost(bench: Bench) -> None:
    with pytest.raises(Lost), write(bench.engine) as connection:
        move(connection, "nobody", frm={S.QUEUED}, to=S.CANCELLED, now=1.0)


def test_a_visitor_without_a_row_has_nothing_to_count(bench: Bench) -> None:
    with pytest.raises(NotFound), write(bench.engine) as connection:
        bump(connection, "nobody")


def test_a_final_state_remembers_when(bench: Bench) -> None:
    job = bench.order()
    bench.jobs.move(job, frm={S.QUEUED}, to=S.FAILED)
    assert bench.row(job).finished_at is not None


def test_a_move_ends_the_waiting(bench: Bench) -> None:
    job = bench.order()
    bench.jobs.note(job, frm={S.QUEUED}, retry_at=99.0, wait_reason="busy")
    bench.jobs.move(job, frm={S.QUEUED}, to=S.SUBMITTING)
    assert (bench.row(job).retry_at, bench.row(job).wait_reason) == (None, None)


def test_when_one_leaves_the_line_the_visitors_others_are_news_too(bench: Bench) -> None:
    first, second, third = (bench.order(token) for token in ("one", "two", "three"))
    bench.jobs.move(first, frm={S.QUEUED}, to=S.SUBMITTING)
    revisions = [bench.row(job).revision for job in (first, second, third)]
    assert len(set(revisions)) == 3
    assert revisions[0] == 4
    assert max(revisions) == stored_revision(bench) == bench.revisions.get(VISITOR)


def test_the_engine_is_told_in_the_same_transaction(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(bench.orders, "order", broken)
    with pytest.raises(RuntimeError):
        bench.order()
    with read(bench.engine) as connection:
        assert connection.execute(select(func.count()).select_from(JobRow)).scalar_one() == 0
    assert stored_revision(bench) == 0


def test_the_same_token_gives_the_same_job_and_no_second_order(bench: Bench) -> None:
    assert bench.order() == bench.order()
    assert len(bench.orders.given) == 1
    assert stored_revision(bench) == 1


def test_the_same_token_of_another_visitor_is_another_job(bench: Bench) -> None:
    bench.visitor("another-visitor")
    assert bench.order() != bench.order(visitor="another-visitor")


def test_the_cap_holds_exactly_however_many_ask_at_once(bench: Bench) -> None:
    def ask(number: int) -> bool:
        try:
            bench.order(f"token-{number}", limit=3)
        except TooManyJobs:
            return False
        return True

    with ThreadPoolExecutor(12) as threads:
        assert sum(threads.map(ask, range(12))) == 3
    assert len(bench.orders.given) == 3


def test_a_finished_job_makes_room_under_the_cap(bench: Bench) -> None:
    job = bench.order("one", limit=1)
    with pytest.raises(TooManyJobs) as full:
        bench.order("two", limit=1)
    assert full.value.retry_after
    bench.jobs.move(job, frm={S.QUEUED}, to=S.CANCELLED)
    assert bench.order("two", limit=1)


def test_a_job_is_revived_once_a_run(bench: Bench) -> None:
    job = bench.order()
    assert bench.jobs.revive(job, 1, bench.orders)
    assert not bench.jobs.revive(job, 1, bench.orders)
    assert [given[:2] for given in bench.orders.given] == [(job, 1), (job, 2)]


def test_a_finished_job_is_not_revived(bench: Bench) -> None:
    job = bench.order()
    bench.jobs.move(job, frm={S.QUEUED}, to=S.CANCELLED)
    assert not bench.jobs.revive(job, 1, bench.orders)


def test_ids_sort_by_the_time_they_were_made_at() -> None:
    times = [0.0, 1.0, 1.000001, 1_790_000_000.0, 1_790_000_000.5, 4_000_000_000.0]
    ids = [new_job_id(time) for time in times]
    assert ids == sorted(ids)
    assert {len(one) for one in ids} == {32}
    assert new_job_id(1.0) != new_job_id(1.0)


def test_a_revision_in_memory_never_goes_back() -> None:
    revisions = Revisions()
    revisions.set("a", 5)
    assert revisions.set("a", 3) == 5
    assert revisions.get("a") == 5
    assert revisions.get("b") is None


def test_the_memory_of_revisions_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.studio.jobs.REMEMBERED_VISITORS", 2)
    revisions = Revisions()
    for name in ("a", "b", "c"):
        revisions.set(name, 1)
    assert revisions.get("a") is None
    assert revisions.get("c") == 1
