from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.doubles.local import Local, Script
from tests.doubles.scripted import Seller
from tests.integration.server import Inside, Running, inside, running
from tests.integration.shop import Shop, shop_in
from tests.workshop import studio
from tests.workshop_paid import PaidBench, paid_bench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from components.studio.studio import Studio


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The program as people start it, for all tests that only call it."""
    with running(tmp_path_factory.mktemp("program") / "data") as app:
        yield app


@pytest.fixture
def somebody(program: Running) -> Iterator[httpx.Client]:
    """A visitor of the program."""
    with program.visitor() as web:
        yield web


@pytest.fixture
def somebody_else(program: Running) -> Iterator[httpx.Client]:
    """Another visitor of the program."""
    with program.visitor() as web:
        yield web


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    """The program in this process, with the local double as its service and little patience with slow senders.

    For one file of tests only: a process holds one engine, and other files start studios of their own.
    """
    with inside(tmp_path_factory.mktemp("here"), stall_s=0.3) as app:
        yield app


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The program with all its services, two of the paid ones being doubles."""
    with shop_in(tmp_path_factory.mktemp("shop")) as open_shop:
        yield open_shop


@pytest.fixture
def buyer(shop: Shop) -> Iterator[httpx.Client]:
    """A visitor of the shop."""
    with shop.program.visitor() as web:
        yield web


@pytest.fixture
def seller() -> Seller:
    """A service that does what a test writes down for it."""
    return Seller()


@pytest.fixture
def bench(tmp_path: Path, seller: Seller) -> Iterator[PaidBench]:
    """Films of that service, step by step, without the engine."""
    with paid_bench(tmp_path, seller) as made:
        yield made


@pytest.fixture
def script() -> Script:
    """How the local double behaves."""
    return Script()


@pytest.fixture
def local(script: Script) -> Local:
    """The local double."""
    return Local(script)


@pytest.fixture
def made(tmp_path: Path, local: Local) -> Iterator[Studio]:
    """A studio whose one service is the local double."""
    with studio(tmp_path, local) as started:
        yield started
