from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING

import pytest

from components.web.log import adopt_server_log, setup_log

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _root_as_it_was() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("components")
    before = (root.handlers[:], root.level, ours.level)
    yield
    root.handlers[:], root.level, ours.level = before


def test_a_json_line_holds_time_level_words_and_extras() -> None:
    out = io.StringIO()
    setup_log("json", out)
    logging.getLogger("components.x").info("saved %s", "照片", extra={"job": "j1"})
    line = json.loads(out.getvalue())
    assert (line["level"], line["logger"], line["message"], line["job"]) == ("info", "components.x", "saved 照片", "j1")
    assert line["time"].endswith("Z")


def test_a_trace_stays_on_its_json_line() -> None:
    out = io.StringIO()
    setup_log("json", out)
    try:
        int("no")
    except ValueError:
        logging.getLogger("components.x").exception("failed")
    (line,) = out.getvalue().splitlines()
    assert "ValueError: invalid literal" in json.loads(line)["trace"]


def test_text_lines_are_for_people() -> None:
    out = io.StringIO()
    setup_log("text", out)
    logging.getLogger("components.x").warning("careful")
    assert out.getvalue().endswith("WARNING components.x: careful\n")


def test_other_packages_speak_only_when_something_is_wrong() -> None:
    out = io.StringIO()
    setup_log("text", out)
    logging.getLogger("other").info("chatter")
    assert out.getvalue() == ""


def test_the_servers_lines_come_to_our_handler() -> None:
    out = io.StringIO()
    setup_log("json", out)
    server = logging.getLogger("uvicorn.error")
    server.addHandler(logging.StreamHandler(io.StringIO()))
    adopt_server_log()
    server.warning("odd")
    assert json.loads(out.getvalue())["message"] == "odd"
