from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from components.errors import PortTaken
from components.studio.wording import Wording
from components.ui import zerogpu
from components.ui.environment import prepare_environment
from components.ui.greeting import greeting, local_address, refusal
from components.ui.texts import Texts
from components.ui.zerogpu import satisfy_start_check
from tests.integration.server import ROOT
from tests.workshop import settings

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

TEXTS = Texts.read(ROOT / "assets")


def test_gradio_reports_nothing_and_keeps_its_files_in_our_folder(tmp_path: Path) -> None:
    environment: dict[str, str] = {}
    prepare_environment(settings(tmp_path), environment)
    assert environment["GRADIO_ANALYTICS_ENABLED"] == "False"
    assert environment["GRADIO_TEMP_DIR"].startswith(str(tmp_path))


def test_what_would_open_gradio_further_is_taken_away(tmp_path: Path) -> None:
    environment = {"GRADIO_ALLOWED_PATHS": "/", "GRADIO_VIBE_MODE": "1", "SYSTEM": "spaces", "GRADIO_MCP_SERVER": "true", "PATH": "x"}
    prepare_environment(settings(tmp_path), environment)
    assert not environment.keys() & {"GRADIO_ALLOWED_PATHS", "GRADIO_VIBE_MODE", "SYSTEM", "GRADIO_MCP_SERVER"}
    assert environment["PATH"] == "x"


def test_calls_to_this_machine_go_past_a_proxy(tmp_path: Path) -> None:
    environment = {"NO_PROXY": "example.org"}
    prepare_environment(settings(tmp_path), environment)
    assert environment["NO_PROXY"] == "example.org,localhost,127.0.0.1,::1"


def test_forwarded_headers_are_believed_on_a_space_alone(tmp_path: Path) -> None:
    here: dict[str, str] = {}
    prepare_environment(settings(tmp_path), here)
    space: dict[str, str] = {}
    prepare_environment(settings(tmp_path, space_id="me/film"), space)
    assert (here["FORWARDED_ALLOW_IPS"], space["FORWARDED_ALLOW_IPS"]) == ("", "*")


def test_the_greeting_names_address_and_folder(tmp_path: Path) -> None:
    said = greeting(settings(tmp_path, server_port=1234), TEXTS)
    assert "http://127.0.0.1:1234" in said
    assert str(tmp_path / "data") in said


def test_an_address_for_everybody_is_opened_at_home(tmp_path: Path) -> None:
    assert local_address(settings(tmp_path, server_name="0.0.0.0", server_port=80)) == "http://127.0.0.1:80"  # noqa: S104
    assert local_address(settings(tmp_path, server_name="::1", server_port=80)) == "http://[::1]:80"


def test_a_refusal_is_a_sentence_with_a_next_step() -> None:
    said = refusal(PortTaken(port=7860), Wording.read())
    assert "Port 7860" in said
    assert "GRADIO_SERVER_PORT" in said


def test_a_space_with_a_gpu_finds_a_marked_function_that_is_never_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "spaces.py").write_text("MARKED = []\ndef GPU(function):\n    MARKED.append(function)\n    return function\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "spaces", raising=False)
    assert satisfy_start_check()
    (marked,) = import_module("spaces").MARKED
    assert marked.__name__ == "never_called"
    monkeypatch.delitem(sys.modules, "spaces")


def test_anywhere_else_there_is_nothing_to_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zerogpu, "find_spec", lambda _name: None)
    assert not satisfy_start_check()
