"""After a failure that surely was not charged, the same film can be had elsewhere at once; the job says whether that is so.

The page shows the button where ``error.charged`` is "no" (``assets/js/gallery/words.js``, ``mayGoElsewhere``; its own
tests: ``tests/browser/test_gallery_paid.py``); what it needs for it are the job's JSON and ``POST estimate``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from components.generation.request import Request
from tests.doubles.faults import Fault
from tests.integration.faults_bench import BUYER, Floor, floor, wait
from tests.integration.faults_table import APIMART, ROWS, SERVICES, Row, doubt, failed, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.studio.estimate import Estimate, Offer
    from components.studio.views import JobView


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    with floor(tmp_path_factory.mktemp("elsewhere")) as made:
        yield made


def estimate(here: Floor, job: JobView) -> Estimate:
    """What every service says to the request as the job's JSON has it."""
    return here.studio._runner.call(here.studio.estimates.estimate(Request.model_validate(job.request), BUYER))


def fitting(told: Estimate, service: str) -> list[tuple[Decimal, Offer]]:
    """Other services that can make it with a key that is there, at a known price."""
    offers = [offer for offer in told.services if offer.can and offer.key != "none" and offer.id != service]
    return [(Decimal(offer.price.at_most), offer) for offer in offers if offer.price is not None]


@pytest.mark.parametrize("service", SERVICES)
def test_a_refused_film_is_made_by_the_cheapest_other_service_for_the_price_that_was_said(here: Floor, service: str) -> None:
    row = Row(f"refused at {service}", (Fault("no_money", "create"),), refused("no_money", "money"))
    here.order(row, service)
    job = here.ended(row, service)
    assert job.error is not None
    assert (job.error.charged, job.cost.actual, here.charges(row, service)) == ("no", "0", [])
    price, best = min(fitting(estimate(here, job), service), key=lambda each: each[0])
    again = {**job.request, "service": best.id, "client_token": f"elsewhere {service}", "price_at_most": str(price)}
    made = here.studio.submit(BUYER, Request.model_validate(again)).job
    wait(lambda: here.studio.job(BUYER, made.id).video is not None, "the film is made elsewhere")
    assert (here.posts(row, service), len(here.charges(row, service)), here.money(job.id)) == (1, 0, "released")
    assert here.money(made.id) == "settled"


def test_a_doubtful_or_dear_end_says_so_and_keeps_the_money_counted(here: Floor) -> None:
    lost = Row("lost here", (Fault("reset_after", "create"),), doubt(1))
    dead = Row("failed here", (Fault("late_failure", "create"),), failed("generation_failed", "maybe"))
    for row, money in ((lost, "kept"), (dead, "settled")):
        here.order(row, APIMART)
        job = here.ended(row, APIMART)
        assert job.error is not None
        assert (job.error.charged, here.money(job.id)) == ("maybe", money)
        assert job.cost.actual is None


def test_no_row_of_the_table_offers_what_may_have_been_paid() -> None:
    ends = [(row, service, row.ends(service)) for row in ROWS for service in row.at]
    free = [(row.name, service) for row, service, end in ends if end.charged == "no" and end.money != "released"]
    dear = [(row.name, service) for row, service, end in ends if end.charged in {"maybe", "yes"} and end.money == "released"]
    assert (free, dear) == ([], [])
