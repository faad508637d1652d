"""The whole studio against each seller's double over real HTTP: ordered, followed, saved, settled, once."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from components.services.registry import build_services
from components.studio.studio import Studio
from tests.doubles.sellers import SELLERS, environment
from tests.workshop import QUICK, finished, picture, request, settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.doubles.seller import Double

ANN = "visitor-ann-----"


@pytest.fixture(params=sorted(SELLERS))
def double(request: pytest.FixtureRequest) -> Iterator[Double]:
    with SELLERS[request.param]() as made:
        yield made


@pytest.fixture
def made(tmp_path: Path, double: Double, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    monkeypatch.setattr("components.services.paid.PaidAccount.pause_s", lambda *_, **__: 0.05)
    for name, value in environment(double).items():
        monkeypatch.setenv(name, value)
    told = settings(tmp_path)
    started = Studio(told, build_services(told), pace=QUICK)
    started.start(examples=False)
    yield started
    started.stop()


def test_a_film_is_bought_once_saved_and_settled(made: Studio, double: Double) -> None:
    asked = request(picture(made, ANN, service=double.service), service=double.service, duration=5)
    job = made.submit(ANN, asked).job
    done = finished(made, ANN, job.id)
    assert (done.state, done.error) == ("completed", None)
    assert done.video is not None
    assert done.remote is not None
    assert done.cost.source in {"service", "computed", "unknown"}
    assert len(double.ledger()) == 1
    assert made.spending.left(ANN).spent == Decimal(done.cost.actual or done.cost.reserved or 0)
