"""Every row of the fault list at every service, through the whole studio and over real HTTP (the list: ``faults_table``)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, get_args

import pytest

from components.services.dashscope import DashScope
from tests.doubles.faults import KINDS, Fault, Phase
from tests.integration import test_faults_callbacks
from tests.integration.faults_bench import BUYER, Floor, floor, sha256, taken, wait
from tests.integration.faults_table import AT_CALLBACKS, NOT_SO, NOT_THERE, ROWS, SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.doubles.faults import Kind
    from tests.integration.faults_table import Row

CASES = [(row, service) for row in ROWS for service in SERVICES if service in row.at]
SOON = sorted((case for case in CASES if case[0].way != "day"), key=lambda case: case[0].way != "first")
TOMORROW = [case for case in CASES if case[0].way == "day"]

DAY_S = 86_400
LONG_AGO = datetime.fromtimestamp(0, UTC)


def named(cases: list[tuple[Row, str]]) -> list[object]:
    """As pytest takes them."""
    return [pytest.param(row, service, id=f"{service}-{row.name}") for row, service in cases]


@pytest.fixture(scope="module")
def all_films(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Floor]:
    """The films of the rows that are asked for are made side by side; a test waits for its own."""
    wanted: list[dict[str, Any]] = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    names = {(params["row"].name, params["service"]) for params in wanted if {"row", "service"} <= set(params)}
    with floor(tmp_path_factory.mktemp("faults")) as made:
        made.coming.extend((row, service) for row, service in SOON if (row.name, service) in names)
        yield made


def holds(made: Floor, row: Row, service: str) -> None:
    """A row's film has ended as the table says, once, and nobody is told a fairy tale about the money."""
    job = made.ended(row, service)
    end = row.ends(service)
    charges = made.charges(row, service)
    error = job.error
    found = (job.state, error and error.code, error and error.charged, made.posts(row, service), len(charges), made.money(job.id))
    assert found == (end.state, end.code, end.charged, end.posts, end.charges, end.money), job
    assert made.happened(row, service), made.doubles[service].faults_left
    assert (error and error.field) == end.about
    if end.charged == "no":
        assert taken([charge for charge in charges if charge.settled_usd is not None]) == 0
    if end.state == "completed":
        assert job.video is not None
        assert job.video.sha256 == sha256(made.film)
    assert not made.doubles[service].leaks


@pytest.mark.parametrize(("row", "service"), named(SOON))
def test_a_fault_ends_as_the_table_says(all_films: Floor, row: Row, service: str) -> None:
    all_films.feed(row, service)
    if row.way == "cancelled":
        wait(lambda: all_films.happened(row, service) and all_films.view(row, service).wait is not None, f"{row.name} waits")
        job = all_films.view(row, service)
        assert job.wait is not None
        assert (job.state, job.wait.reason) == ("queued", row.waits)
        assert job.wait.until > job.updated_at
        all_films.studio.cancel(BUYER, job.id)
    if row.way == "woken":
        wait(lambda: all_films.happened(row, service), f"{row.name} at {service}")
        wait(lambda: _looked_now(all_films, row, service), f"{row.name} at {service} is looked at")
    holds(all_films, row, service)


def _looked_now(made: Floor, row: Row, service: str) -> bool:
    job = made.view(row, service)
    made.studio.films.wake(job.id)
    return job.state in {"saving", "completed"}


def test_what_does_not_pass_ends_when_the_service_forgets_the_task(all_films: Floor) -> None:
    for row, service in TOMORROW:
        all_films.order(row, service)
    for row, service in TOMORROW:
        wait(lambda: all_films.happened(row, service), f"{row.name} at {service}")  # noqa: B023 - waited for at once
        if row.waits:
            wait(lambda: all_films.view(row, service).wait is not None, f"{row.name} at {service} says so")  # noqa: B023 - as above
            job = all_films.view(row, service)
            assert job.wait is not None
            assert job.remote is not None
            assert (job.state, job.wait.reason) == ("saving", row.waits)
            assert job.remote.expires_at is not None
        assert all_films.view(row, service).state in {"pending", "processing", "saving"}
    all_films.push_a_day()
    for row, service in TOMORROW:
        if row.ends(service).state == "completed":
            tomorrow = all_films.clock.now() - DAY_S
            wait(lambda: (all_films.view(row, service).asked_at or LONG_AGO).timestamp() > tomorrow, "it is asked for")  # noqa: B023 - as above
            assert all_films.view(row, service).state in {"pending", "processing"}
            all_films.forgive(row, service)
    for row, service in TOMORROW:
        holds(all_films, row, service)


# --- the table itself ----------------------------------------------------------------------------------------------------


def possible() -> list[tuple[Phase, Kind]]:
    """Every fault that the doubles offer, at every call at which it can happen."""
    found: list[tuple[Phase, Kind]] = []
    for phase in get_args(Phase):
        for kind in KINDS:
            try:
                Fault(kind, phase)
            except ValueError:
                continue
            found.append((phase, kind))
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_every_fault_that_the_doubles_offer_is_in_the_table_or_named_with_a_reason(service: str) -> None:
    rows = {(fault.on, fault.kind) for row in ROWS if service in row.at for fault in row.faults}
    missing = [
        (phase, kind)
        for phase, kind in possible()
        if (phase, kind) not in rows
        and not NOT_THERE.get((phase, service))
        and not NOT_SO.get((phase, kind, service))
        and not (phase == "callback" and kind in AT_CALLBACKS)
    ]
    assert missing == []


def test_what_is_said_to_be_impossible_is_in_no_row() -> None:
    for row in ROWS:
        for service in row.at:
            assert (row.phase, service) not in NOT_THERE
            assert not any((fault.on, fault.kind, service) in NOT_SO for fault in row.faults)


def test_what_lasts_a_day_fits_side_by_side_into_the_line_of_every_service() -> None:
    at_once = DashScope.capabilities.limits.tasks_at_once or 0
    assert 0 < sum(service == DashScope.id for _, service in TOMORROW) <= at_once


def test_every_row_has_a_name_of_its_own() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_every_fault_of_a_callback_has_its_test() -> None:
    assert [name for name in AT_CALLBACKS.values() if not hasattr(test_faults_callbacks, name)] == []
