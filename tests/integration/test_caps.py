"""The caps hold however many spend at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from components.errors import CapReached
from components.studio.database import open_engine, read, write
from components.studio.spending import KeyFrom, Spending
from components.studio.tables import LedgerRow
from tests.unit.studio.money_bench import MoneyBench

if TYPE_CHECKING:
    from pathlib import Path

THREADS = 100


def spend_at_once(spending: Spending, bench: MoneyBench, engines: int, visitors: list[str]) -> list[bool]:
    """Every thread orders one film for $1 at the same moment; whether each was allowed."""
    # several engines are several processes, as far as the database can tell
    opened = [open_engine(bench.folder / "money.sqlite3") for _ in range(engines)]
    together = threading.Barrier(THREADS)

    def one(number: int) -> bool:
        together.wait()
        try:
            with write(opened[number % engines]) as connection:
                spending.reserve(connection, f"job {number}", visitors[number % len(visitors)], "evolink", Decimal(1), KeyFrom.SERVER)
        except CapReached:
            return False
        return True

    try:
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(one, range(THREADS)))
    finally:
        for engine in opened:
            engine.dispose()


def lines(bench: MoneyBench) -> int:
    with read(bench.engine) as connection:
        return connection.execute(select(func.count()).select_from(LedgerRow)).scalar_one()


def test_a_hundred_threads_against_a_cap_of_three_make_exactly_three(tmp_path: Path) -> None:
    bench = MoneyBench(tmp_path, {"budget_usd_per_day": 3, "visitor_budget_usd_per_day": 100})
    allowed = spend_at_once(bench.spending, bench, 1, [bench.visitor() for _ in range(10)])
    assert sum(allowed) == 3
    assert lines(bench) == 3
    bench.close()


def test_one_visitors_hundred_windows_make_exactly_what_the_visitor_may_spend(tmp_path: Path) -> None:
    bench = MoneyBench(tmp_path, {"budget_usd_per_day": 100, "visitor_budget_usd_per_day": 3})
    allowed = spend_at_once(bench.spending, bench, 3, [bench.visitor()])
    assert sum(allowed) == 3
    assert lines(bench) == 3
    bench.close()
