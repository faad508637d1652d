from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from components.errors import DataFolderUnusable, RequestInvalid
from components.studio.database import read
from components.studio.keys import Secrets
from components.studio.tables import VisitorRow
from components.studio.visitors import DRAFT_BYTES, Visitors
from tests.unit.studio.files_bench import HOUR, FilesBench

if TYPE_CHECKING:
    from pathlib import Path


def rows(bench: FilesBench) -> int:
    with read(bench.engine) as connection:
        return connection.execute(select(func.count()).select_from(VisitorRow)).scalar_one()


def seen(bench: FilesBench, visitor: str) -> float:
    with read(bench.engine) as connection:
        return connection.execute(select(VisitorRow.seen_at).where(VisitorRow.id == visitor)).scalar_one()


def test_a_token_gives_back_the_visitor_it_was_made_for(bench: FilesBench) -> None:
    visitor, token = bench.visitors.new()
    assert bench.visitors.read(token) == visitor


def test_a_token_that_was_touched_anywhere_is_nobodys(bench: FilesBench) -> None:
    _, token = bench.visitors.new()
    for place in range(len(token) - 1):  # the last sign carries spare bits
        other = "A" if token[place] != "A" else "B"
        assert bench.visitors.read(token[:place] + other + token[place + 1 :]) is None


@pytest.mark.parametrize("forged", ["", ".", "a", "x" * 16 + "." + "y" * 43, "x" * 100_000, "é" * 60, "\0", "x" * 16 + ".\n" + "y" * 42])
def test_a_forged_token_is_nobodys(bench: FilesBench, forged: str) -> None:
    assert bench.visitors.read(forged) is None


def test_another_studios_token_is_nobodys(bench: FilesBench) -> None:
    stranger = Visitors(bench.engine, Secrets((b"another key",)), bench.clock)
    assert bench.visitors.read(stranger.new()[1]) is None


def test_after_a_change_of_the_key_old_tokens_still_count_and_new_ones_are_signed_with_the_first(bench: FilesBench) -> None:
    old, new = (b"old",), (b"new", b"old")
    visitor, token = Visitors(bench.engine, Secrets(old), bench.clock).new()
    rotated = Visitors(bench.engine, Secrets(new), bench.clock)
    assert rotated.read(token) == visitor
    assert Visitors(bench.engine, Secrets((b"new",)), bench.clock).read(rotated.new()[1]) is not None


def test_looking_writes_nothing_and_the_first_write_makes_the_row(bench: FilesBench) -> None:
    visitor, token = bench.visitors.new()
    bench.visitors.read(token)
    bench.visitors.draft(visitor)
    bench.visitors.touch(visitor)
    assert rows(bench) == 0
    bench.visitors.ensure(visitor)
    bench.visitors.ensure(visitor)
    assert rows(bench) == 1


def test_many_first_writes_at_once_make_one_row(bench: FilesBench) -> None:
    visitor = bench.visitor()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(bench.visitors.ensure, [visitor] * 24))
    assert rows(bench) == 1


def test_being_here_is_noted_to_the_hour(bench: FilesBench) -> None:
    visitor = bench.visitor()
    bench.visitors.ensure(visitor)
    first = seen(bench, visitor)
    bench.clock.time += HOUR / 2
    bench.visitors.touch(visitor)
    assert seen(bench, visitor) == first
    bench.clock.time += HOUR
    bench.visitors.touch(visitor)
    assert seen(bench, visitor) == bench.clock.time


def test_a_draft_comes_back_as_it_was_and_only_to_its_visitor(bench: FilesBench) -> None:
    one, other = bench.visitor(), bench.visitor()
    draft = {"prompt": "${alert(1)} `<script>` 照片 \U0001f6f6", "duration": 8, "image": None}
    bench.visitors.put_draft(one, draft)
    assert bench.visitors.draft(one) == draft
    assert bench.visitors.draft(other) == {}


def test_a_draft_of_exactly_64_kib_is_kept_and_one_byte_more_is_refused(bench: FilesBench) -> None:
    visitor = bench.visitor()
    empty = len(json.dumps({"prompt": ""}))
    bench.visitors.put_draft(visitor, {"prompt": "x" * (DRAFT_BYTES - empty)})
    with pytest.raises(RequestInvalid):
        bench.visitors.put_draft(visitor, {"prompt": "y" * (DRAFT_BYTES - empty + 1)})
    assert bench.visitors.draft(visitor)["prompt"][0] == "x"


def test_a_draft_that_is_no_json_is_refused(bench: FilesBench) -> None:
    with pytest.raises(RequestInvalid):
        bench.visitors.put_draft(bench.visitor(), {"duration": float("nan")})


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    first, second = Secrets.load(tmp_path), Secrets.load(tmp_path)
    assert second.accepts("x", b"m", first.sign("x", b"m"))
    (file,) = tmp_path.iterdir()
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_given_key_leaves_no_file(tmp_path: Path) -> None:
    keys = Secrets.load(tmp_path, " new , old ")
    assert list(tmp_path.iterdir()) == []
    assert keys.accepts("x", b"m", Secrets((b"old",)).sign("x", b"m"))


@pytest.mark.parametrize("content", ["", "not hex", "abcd"])
def test_a_spoilt_key_file_stops_the_start(tmp_path: Path, content: str) -> None:
    (tmp_path / "secret.key").write_text(content)
    with pytest.raises(DataFolderUnusable):
        Secrets.load(tmp_path)


def test_a_folder_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(DataFolderUnusable):
        Secrets.load(tmp_path / "missing")


def test_a_signature_for_one_thing_is_worth_nothing_for_another(tmp_path: Path) -> None:
    keys = Secrets.load(tmp_path)
    assert not keys.accepts("link", b"m", keys.sign("visitor", b"m"))
