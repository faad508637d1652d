from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from starlette.requests import Request

from components.errors import NotFound
from components.web.assets import Assets

if TYPE_CHECKING:
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


def test_a_script_is_kept_for_ever(folder: Path) -> None:
    assets = Assets(folder)
    answer = assets.answer(asking(), assets.version, "js/main.js")
    assert answer.body == SCRIPT.encode()
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


def test_a_script_comes_packed_to_whoever_takes_it(folder: Path) -> None:
    assets = Assets(folder)
    answer = assets.answer(asking(accept_encoding="gzip, br"), assets.version, "js/main.js")
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(bytes(answer.body)) == SCRIPT.encode()


def test_any_change_changes_the_version(folder: Path) -> None:
    before = Assets(folder).version
    (folder / "js" / "main.js").write_text(SCRIPT + "//")
    assert Assets(folder).version != before


@pytest.mark.parametrize("name", ["secret.py", "note.html", "../app.py", "js/../js/main.js", "/etc/passwd", "js", "", "js/other.js"])
def test_nothing_else_is_served(folder: Path, name: str) -> None:
    assets = Assets(folder)
    with pytest.raises(NotFound):
        assets.answer(asking(), assets.version, name)


def test_another_version_is_not_there(folder: Path) -> None:
    with pytest.raises(NotFound):
        Assets(folder).answer(asking(), "000000000000", "js/main.js")
