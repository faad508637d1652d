from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from components.errors import KeyRefused
from components.studio.database import write
from components.studio.keys import Secrets
from components.studio.tables import KeyRow
from components.studio.vault import Vault, tail
from tests.unit.studio.money_bench import OWN_KEY, MoneyBench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[MoneyBench]:
    made = MoneyBench(tmp_path)
    yield made
    made.close()


def under(bench: MoneyBench, *keys: bytes) -> Vault:
    """The vault after a restart with these secret keys."""
    return Vault(bench.engine, Secrets(keys), bench.clock)


def test_a_key_that_was_put_is_revealed_to_its_visitor(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    bench.vault.put(visitor, "evolink", OWN_KEY)
    assert bench.vault.reveal(visitor, "evolink") == OWN_KEY


def test_a_key_is_nobody_elses_and_for_no_other_service(bench: MoneyBench) -> None:
    visitor, other = bench.visitor(), bench.visitor()
    bench.vault.put(visitor, "evolink", OWN_KEY)
    assert bench.vault.reveal(other, "evolink") is None
    assert bench.vault.reveal(visitor, "apimart") is None


def test_only_the_last_four_characters_are_told(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    assert bench.vault.put(visitor, "evolink", OWN_KEY) == "MINE"
    assert bench.vault.tails(visitor) == {"evolink": "MINE"}


@pytest.mark.parametrize(("key", "shown"), [("ab", ""), ("abcdef", "ef"), ("abcdefghijkl", "ijkl"), ("x" * 100, "xxxx")])
def test_of_a_short_key_no_more_than_a_third_is_shown(key: str, shown: str) -> None:
    assert tail(key) == shown


def test_a_second_key_takes_the_first_ones_place(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    bench.vault.put(visitor, "evolink", "sk-old-old-old-old")
    bench.vault.put(visitor, "evolink", OWN_KEY)
    assert bench.vault.reveal(visitor, "evolink") == OWN_KEY


def test_a_removed_key_is_gone(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    bench.vault.put(visitor, "evolink", OWN_KEY)
    assert bench.vault.remove(visitor, "evolink")
    assert bench.vault.reveal(visitor, "evolink") is None
    assert bench.vault.tails(visitor) == {}
    assert not bench.vault.remove(visitor, "evolink")


@pytest.mark.parametrize("pasted", [f" {OWN_KEY}\n", f"Bearer {OWN_KEY}", f"bearer   {OWN_KEY} "])
def test_a_key_is_kept_without_what_was_copied_with_it(bench: MoneyBench, pasted: str) -> None:
    visitor = bench.visitor()
    bench.vault.put(visitor, "evolink", pasted)
    assert bench.vault.reveal(visitor, "evolink") == OWN_KEY


@pytest.mark.parametrize("no_key", ["", "   ", "two words", "schlüssel", "a\nb", "a\x00b", "x" * 513])
def test_what_no_header_can_carry_is_refused_as_a_key(bench: MoneyBench, no_key: str) -> None:
    with pytest.raises(KeyRefused):
        bench.vault.put(bench.visitor(), "evolink", no_key)


def test_the_database_does_not_hold_the_key_in_clear(bench: MoneyBench) -> None:
    bench.vault.put(bench.visitor(), "evolink", OWN_KEY)
    with sqlite3.connect(bench.folder / "money.sqlite3") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    written = b"".join(file.read_bytes() for file in bench.folder.iterdir())
    assert b"evolink" in written
    assert OWN_KEY.encode() not in written
    assert OWN_KEY[:-4].encode() not in written


def test_after_a_change_of_the_secret_key_the_old_one_still_opens(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    under(bench, b"old").put(visitor, "evolink", OWN_KEY)
    changed = under(bench, b"new", b"old")
    assert changed.tails(visitor) == {"evolink": "MINE"}
    assert changed.reveal(visitor, "evolink") == OWN_KEY


def test_a_key_that_was_used_since_the_change_does_not_need_the_old_secret_any_more(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    under(bench, b"old").put(visitor, "evolink", OWN_KEY)
    under(bench, b"new", b"old").reveal(visitor, "evolink")
    assert under(bench, b"new").reveal(visitor, "evolink") == OWN_KEY


def test_a_key_whose_secret_is_gone_counts_as_none(bench: MoneyBench) -> None:
    visitor = bench.visitor()
    under(bench, b"old").put(visitor, "evolink", OWN_KEY)
    lost = under(bench, b"another")
    assert lost.reveal(visitor, "evolink") is None
    assert lost.tails(visitor) == {}


def test_a_row_copied_to_another_visitor_opens_nothing(bench: MoneyBench) -> None:
    visitor, thief = bench.visitor(), bench.visitor()
    bench.vault.put(visitor, "evolink", OWN_KEY)
    with write(bench.engine) as connection:
        connection.execute(update(KeyRow).values(visitor=thief))
    assert bench.vault.reveal(thief, "evolink") is None


def test_the_mark_of_an_account_says_nothing_of_its_key(bench: MoneyBench) -> None:
    mark = bench.vault.fingerprint("evolink", OWN_KEY)
    assert mark == bench.vault.fingerprint("evolink", OWN_KEY)
    assert mark != bench.vault.fingerprint("evolink", OWN_KEY + "x")
    assert mark != bench.vault.fingerprint("apimart", OWN_KEY)
    assert OWN_KEY[-4:] not in mark
