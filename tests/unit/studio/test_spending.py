from __future__ import annotations

import logging
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from components.errors import CapReached, KeyRefused, NeedsKey, NoAccess, NoMoney, PaidPaused, RequestInvalid, ServiceDown
from components.services.base import Balance
from components.studio.accounts import BALANCE_S
from components.studio.database import read
from components.studio.spending import KeyFrom
from components.studio.tables import JobRow, LedgerRow
from tests.unit.studio.files_bench import NOON
from tests.unit.studio.money_bench import OWN_KEY, SERVER_KEY, TOKEN, MoneyBench, Seller

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ON_A_SERVER = {"server_name": "0.0.0.0", "admin_token": TOKEN}  # noqa: S104 - what is tested
MIDNIGHT = NOON // 86_400 * 86_400


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[MoneyBench]:
    made = MoneyBench(tmp_path, {"budget_usd_per_day": 1, "visitor_budget_usd_per_day": "0.5"})
    yield made
    made.close()


def seller(bench: MoneyBench) -> Seller:
    made = bench.services["evolink"]
    assert isinstance(made, Seller)
    return made


def job_row(visitor: str, key_from: KeyFrom | None, service: str = "evolink") -> JobRow:
    return JobRow(id="job", visitor=visitor, service=service, key_from=key_from)


# whose key


def test_on_this_machine_alone_everyone_may_spend_the_servers_key(bench: MoneyBench) -> None:
    assert bench.spending.source(bench.visitor(), "evolink") is KeyFrom.SERVER


@pytest.mark.parametrize("reachable", [ON_A_SERVER, {"share": True}, {"public_url": "https://films.example.org"}, {"space_id": "me/films"}])
def test_where_others_reach_the_page_only_the_owner_may(bench: MoneyBench, reachable: dict[str, object]) -> None:
    bench.use(**{"admin_token": TOKEN, **reachable})
    stranger, owner = bench.visitor(), bench.visitor()
    bench.owners.claim(owner, TOKEN)
    assert bench.spending.source(stranger, "evolink") is None
    assert bench.spending.source(owner, "evolink") is KeyFrom.SERVER


def test_once_a_proxy_was_seen_only_the_owner_may(bench: MoneyBench) -> None:
    bench.spending.proxy_seen()
    assert bench.spending.source(bench.visitor(), "evolink") is None


def test_a_setting_that_says_everyone_holds_behind_a_proxy_too(bench: MoneyBench) -> None:
    bench.use(server_key_for="everyone", server_name="0.0.0.0")  # noqa: S104 - what is tested
    bench.spending.proxy_seen()
    assert bench.spending.source(bench.visitor(), "evolink") is KeyFrom.SERVER


@pytest.mark.parametrize(
    ("who", "stranger", "owner"), [("owner", False, True), ("signed-in", False, True), ("everyone", True, True), ("nobody", False, False)]
)
def test_the_setting_says_for_whom_the_servers_keys_are(bench: MoneyBench, who: str, stranger: bool, owner: bool) -> None:
    bench.use(server_key_for=who, **ON_A_SERVER)
    one, other = bench.visitor(), bench.visitor()
    bench.owners.claim(other, TOKEN)
    assert bench.spending.may_spend_servers(one) is stranger
    assert bench.spending.may_spend_servers(other) is owner


def test_a_visitors_own_key_is_spent_before_the_servers(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    bench.vault.put(visitor, "evolink", OWN_KEY)
    assert bench.spending.source(visitor, "evolink") is KeyFrom.VISITOR


def test_who_has_no_key_is_told_so(bench: MoneyBench) -> None:
    bench.use(server_key_for="nobody")
    with pytest.raises(NeedsKey):
        bench.spending.required(bench.visitor(), "evolink")


def test_an_own_key_is_enough_where_the_servers_are_for_nobody(bench: MoneyBench) -> None:
    bench.use(server_key_for="nobody")
    visitor = bench.visitor()
    bench.vault.put(visitor, "evolink", OWN_KEY)
    assert bench.spending.required(visitor, "evolink") is KeyFrom.VISITOR


# caps


def test_a_visitor_may_spend_the_cap_to_the_last_cent_and_no_more(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    assert bench.reserve("one", "0.3", visitor=visitor) is None
    assert bench.reserve("two", "0.2", visitor=visitor) is None
    refused = bench.reserve("three", "0.0001", visitor=visitor)
    assert isinstance(refused, CapReached)
    assert refused.params == {"whose": "visitor", "cap": "0.50", "left": "0.00", "needed": "0.0001"}


def test_all_visitors_together_have_a_cap(bench: MoneyBench) -> None:
    assert bench.reserve("one", "0.5", visitor=bench.visitor()) is None
    assert bench.reserve("two", "0.5", visitor=bench.visitor()) is None
    refused = bench.reserve("three", "0.01", visitor=bench.visitor())
    assert isinstance(refused, CapReached)
    assert refused.params["whose"] == "server"


def test_cents_add_up_exactly(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    assert [bench.reserve(f"job {n}", "0.1", visitor=visitor) for n in range(5)] == [None] * 5
    assert bench.spending.left(visitor).visitor == 0


def test_a_refused_job_leaves_nothing_in_the_ledger(bench: MoneyBench) -> None:
    assert bench.reserve("one", "0.6", visitor=bench.visitor()) is not None
    with read(bench.engine) as connection:
        assert connection.execute(select(func.count()).select_from(LedgerRow)).scalar_one() == 0


def test_an_own_key_has_no_caps(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    assert bench.reserve("one", "500", visitor=visitor, key_from=KeyFrom.VISITOR) is None
    assert bench.reserve("two", "0.5", visitor=visitor) is None


def test_at_midnight_in_utc_the_caps_begin_anew(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    bench.clock.time = MIDNIGHT - 1
    assert bench.reserve("one", "0.5", visitor=visitor) is None
    assert bench.spending.left(visitor).until == MIDNIGHT
    bench.clock.time = MIDNIGHT
    assert bench.reserve("two", "0.5", visitor=visitor) is None


def test_a_cap_of_nothing_lets_nothing_through(bench: MoneyBench) -> None:
    bench.use(budget_usd_per_day=0)
    assert isinstance(bench.reserve("one", "0.01", visitor=bench.visitor()), CapReached)


def test_what_was_set_aside_for_nothing_is_given_back(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    bench.reserve("one", "0.5", visitor=visitor)
    bench.release("one")
    assert bench.spending.left(visitor).visitor == Decimal("0.5")


@pytest.mark.parametrize("actual", ["0.1", "0.45"])
def test_a_settled_job_counts_what_it_cost(bench: MoneyBench, actual: str) -> None:
    visitor = bench.visitor()
    bench.reserve("one", "0.4", visitor=visitor)
    bench.settle("one", actual)
    left = bench.spending.left(visitor)
    assert left.spent == Decimal(actual)
    assert left.visitor == Decimal("0.5") - Decimal(actual)


def test_what_is_settled_is_neither_settled_again_nor_given_back(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    bench.reserve("one", "0.4", visitor=visitor)
    bench.settle("one", "0.3")
    bench.settle("one", "0.1")
    bench.release("one")
    assert bench.spending.left(visitor).spent == Decimal("0.3")


def test_a_charge_that_is_found_after_all_counts(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    bench.reserve("one", "0.4", visitor=visitor)
    bench.release("one")
    bench.settle("one", "0.3")
    assert bench.spending.left(visitor).spent == Decimal("0.3")


def test_yesterdays_job_that_is_settled_today_counts_for_yesterday(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    bench.clock.time = MIDNIGHT - 1
    bench.reserve("one", "0.4", visitor=visitor)
    bench.clock.time = MIDNIGHT
    bench.settle("one", "0.4")
    assert bench.spending.left(visitor).spent == 0


def test_nothing_is_settled_that_was_never_reserved(bench: MoneyBench) -> None:
    bench.settle("a free one", "0.4")
    assert bench.spending.left(bench.visitor()).server == 1


def test_a_job_is_reserved_once(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    bench.reserve("one", "0.4", visitor=visitor)
    bench.reserve("one", "0.4", visitor=visitor)
    assert bench.spending.left(visitor).spent == Decimal("0.4")


def test_who_may_not_spend_the_servers_keys_has_nothing_left(bench: MoneyBench) -> None:
    bench.use(server_key_for="nobody")
    left = bench.spending.left(bench.visitor())
    assert (left.allowed, left.usd) == (False, Decimal(0))


@pytest.mark.parametrize("key_from", list(KeyFrom))
def test_while_the_owner_wants_no_paid_jobs_none_is_ordered(bench: MoneyBench, key_from: KeyFrom) -> None:
    visitor = bench.visitor()
    bench.switches.pause_paid(paused=True)
    assert isinstance(bench.reserve("one", "0.1", visitor=visitor, key_from=key_from), PaidPaused)
    bench.switches.pause_paid(paused=False)
    assert bench.reserve("one", "0.1", visitor=visitor, key_from=key_from) is None


# accounts


def test_a_job_is_paid_with_the_key_it_was_ordered_on(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    bench.vault.put(visitor, "evolink", OWN_KEY)
    bench.accounts.of(job_row(visitor, KeyFrom.SERVER))
    bench.accounts.of(job_row(visitor, KeyFrom.VISITOR))
    assert seller(bench).keys == [SERVER_KEY, OWN_KEY]


def test_a_job_whose_own_key_was_removed_is_never_paid_with_the_servers(bench: MoneyBench) -> None:
    with pytest.raises(NeedsKey):
        bench.accounts.of(job_row(bench.visitor(), KeyFrom.VISITOR))
    assert seller(bench).keys == []


def test_a_service_that_is_free_needs_no_key(bench: MoneyBench) -> None:
    assert bench.accounts.of(job_row(bench.visitor(), None, "local")) is bench.services["local"].account(None)


async def test_a_key_is_tried_as_it_will_be_kept(bench: MoneyBench) -> None:
    assert await bench.accounts.tried("evolink", f" Bearer {OWN_KEY}\n") == (OWN_KEY, True)
    assert seller(bench).keys == [OWN_KEY]


async def test_a_key_that_does_not_work_is_refused(bench: MoneyBench) -> None:
    seller(bench).works = False
    with pytest.raises(KeyRefused):
        await bench.accounts.tried("evolink", OWN_KEY)


@pytest.mark.parametrize(("answer", "confirmed"), [(None, False), (NoAccess(), False), (NoMoney(), True)])
async def test_a_key_that_is_not_refused_is_taken(bench: MoneyBench, answer: Exception | None, confirmed: bool) -> None:
    seller(bench).works = answer
    assert await bench.accounts.tried("evolink", OWN_KEY) == (OWN_KEY, confirmed)


async def test_a_key_is_not_taken_while_the_service_cannot_be_asked(bench: MoneyBench) -> None:
    seller(bench).works = ServiceDown()
    with pytest.raises(ServiceDown):
        await bench.accounts.tried("evolink", OWN_KEY)


@pytest.mark.parametrize("service", ["local", "nobody"])
async def test_a_service_that_takes_no_keys_gets_none(bench: MoneyBench, service: str) -> None:
    with pytest.raises(RequestInvalid):
        await bench.accounts.tried(service, OWN_KEY)


async def test_a_balance_is_asked_once_a_minute(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    five, three = (Balance(Decimal(usd), Decimal(usd), "USD") for usd in (5, 3))
    seller(bench).balances = [five, three]
    assert [await bench.accounts.balance(visitor, "evolink", KeyFrom.SERVER) for _ in range(2)] == [five, five]
    bench.clock.time += BALANCE_S
    assert await bench.accounts.balance(visitor, "evolink", KeyFrom.SERVER) == three


async def test_a_balance_that_is_not_told_now_is_none_and_no_error(bench: MoneyBench) -> None:
    seller(bench).balances = [ServiceDown()]
    assert await bench.accounts.balance(bench.visitor(), "evolink", KeyFrom.SERVER) is None


async def test_each_visitors_balance_is_that_of_the_own_key(bench: MoneyBench) -> None:
    one, other = bench.visitor(), bench.visitor()
    for visitor in (one, other):
        bench.vault.put(visitor, "evolink", f"sk-of-{visitor}")
    five, three = (Balance(Decimal(usd), Decimal(usd), "USD") for usd in (5, 3))
    seller(bench).balances = [five, three]
    assert await bench.accounts.balance(one, "evolink", KeyFrom.VISITOR) == five
    assert await bench.accounts.balance(other, "evolink", KeyFrom.VISITOR) == three


async def test_who_has_no_key_sees_no_balance(bench: MoneyBench) -> None:
    assert await bench.accounts.balance(bench.visitor(), "evolink", None) is None
    assert seller(bench).keys == []


# nothing is told


def test_no_key_stands_in_a_repr_or_a_log_line(bench: MoneyBench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    bench.use(admin_token=TOKEN)
    visitor = bench.visitor()
    bench.vault.put(visitor, "evolink", OWN_KEY)
    bench.owners.claim(visitor, TOKEN)
    bench.accounts.of(job_row(visitor, KeyFrom.VISITOR))
    told = [repr(thing) for thing in (bench.settings, bench.vault, bench.spending, bench.accounts, bench.owners, bench.services)]
    told += [str(bench.settings), str(bench.settings.model_fields_set), caplog.text, str(bench.vault.tails(visitor))]
    for secret in (OWN_KEY, SERVER_KEY, TOKEN):
        assert not [text for text in told if secret in text]


def test_a_refused_key_is_not_in_its_error(bench: MoneyBench) -> None:
    with pytest.raises(KeyRefused) as refused:
        bench.vault.put(bench.visitor(), "evolink", f"{OWN_KEY} {OWN_KEY}")
    assert OWN_KEY not in f"{refused.value!r} {refused.value} {refused.value.params}"
