from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from components.services.preview.service import Preview
from components.studio.fleet import Chore, Fleet
from components.studio.runner import Line, lines
from tests.doubles.scripted import Seller
from tests.workshop_film import Instant, Paid

if TYPE_CHECKING:
    import pytest

PATIENCE_S = 20.0


def test_a_chore_is_done_again_and_again_until_the_end() -> None:
    thrice, count = threading.Event(), iter(range(1_000_000))

    def work() -> None:
        if next(count) == 2:
            thrice.set()

    fleet = Fleet([Chore("work", work, every_s=0.001, first_s=0.0)])
    fleet.start()
    assert thrice.wait(PATIENCE_S)
    fleet.stop()
    done = next(count)
    assert next(count) == done + 1


def test_a_chore_that_fails_is_logged_and_neither_ends_nor_stops_the_others(caplog: pytest.LogCaptureFixture) -> None:
    twice, after, count = threading.Event(), threading.Event(), iter(range(1_000_000))

    def fails() -> None:
        if next(count) == 1:
            twice.set()
        raise RuntimeError("a bug")

    fleet = Fleet([Chore("broken", fails, every_s=0.001, first_s=0.0), Chore("fine", after.set, every_s=60.0, first_s=0.0)])
    fleet.start()
    assert twice.wait(PATIENCE_S)
    assert after.wait(PATIENCE_S)
    fleet.stop()
    assert "broken failed" in caplog.text


def test_a_chore_waits_for_its_first_time() -> None:
    done = threading.Event()
    fleet = Fleet([Chore("later", done.set, every_s=1.0, first_s=3600.0)])
    fleet.start()
    fleet.stop()
    assert not done.is_set()


def test_a_fleet_that_was_never_started_can_be_stopped() -> None:
    Fleet([]).stop()


def test_what_is_rendered_here_shares_the_workers_and_is_fair_to_visitors() -> None:
    assert lines([Preview()], workers=3) == (Line("preview", 3, per_visitor=True, poll_s=0.3),)


def test_what_is_bought_only_waits_and_shares_one_queue() -> None:
    class Another(Paid):
        id = "another"

    (line,) = lines([Paid(), Another()], workers=1)
    assert (line.name, line.per_visitor) == ("local", False)
    assert line.at_once > 100


def test_a_seller_that_makes_only_so_many_films_an_account_has_a_queue_of_its_own() -> None:
    found = {line.name: line for line in lines([Paid(), Seller()], workers=1)}
    assert (found["films-seller"].per_account, found["films-seller"].per_visitor) == (2, False)
    assert found["local"].per_account is None


def test_each_queue_that_is_named_is_there_once() -> None:
    assert {line.name for line in lines([Preview(), Instant()], workers=1)} == {"preview", "local"}
