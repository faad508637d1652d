from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import brotli
import pytest
from starlette.requests import Request

from components.errors import NotFound
from components.web.assets import Assets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SCRIPT = "export const a = 1;\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "main.js").write_text(SCRIPT)
    (tmp_path / "note.html").write_text("<p>")
    (tmp_path / "secret.py").write_text("x")
    return tmp_path


def asking(**headers: str) -> Request:
    return Request({"type": "http", "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]})


async def test_a_script_is_kept_for_ever(folder: Path) -> None:
    assets = Assets(folder)
    answer = await assets.answer(asking(), assets.version, "js/main.js")
    assert answer.body == SCRIPT.encode()
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(
    ("takes", "gets", "unpack"),
    [
        ("gzip, deflate", "gzip", gzip.decompress),
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("deflate", None, bytes),
    ],
)
async def test_a_script_comes_packed_to_whoever_takes_it(
    folder: Path, takes: str, gets: str | None, unpack: Callable[[bytes], bytes]
) -> None:
    assets = Assets(folder)
    for _ in ("packed now", "packed before"):
        answer = await assets.answer(asking(accept_encoding=takes), assets.version, "js/main.js")
        assert answer.headers.get("content-encoding") == gets
        assert unpack(bytes(answer.body)) == SCRIPT.encode()


def test_any_change_changes_the_version(folder: Path) -> None:
    before = Assets(folder).version
    (folder / "js" / "main.js").write_text(SCRIPT + "//")
    assert Assets(folder).version != before


@pytest.mark.parametrize("name", ["secret.py", "note.html", "../app.py", "js/../js/main.js", "/etc/passwd", "js", "", "js/other.js"])
async def test_nothing_else_is_served(folder: Path, name: str) -> None:
    assets = Assets(folder)
    with pytest.raises(NotFound):
        await assets.answer(asking(), assets.version, name)


async def test_another_version_is_not_there(folder: Path) -> None:
    with pytest.raises(NotFound):
        await Assets(folder).answer(asking(), "000000000000", "js/main.js")
