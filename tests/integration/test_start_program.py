from __future__ import annotations

import json
import os
import signal
import socket
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.server import PORTS, ROOT, STOP_S, Running, free_port, inside, running, start, until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WATCH = """
import sys, runpy
def watch(event, args):
    if event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        print("LOOKED UP", args[0], flush=True)
    if event == "socket.connect" and isinstance(args[1], tuple):
        print("CONNECTED", args[1][0], flush=True)
sys.addaudithook(watch)
sys.argv = ["app.py"]
runpy.run_path("app.py", run_name="__main__")
"""
"""Runs the program and says every address that it looks up or connects to."""
LOGS = """
import logging, sys, app
class Stopping(app.Stopping):
    def wait(self):
        logging.getLogger("components.x").info("here", extra={"job": "j1"})
        super().wait()
app.Stopping = Stopping
sys.exit(app.main())
"""
"""Runs the program with one log line of ours."""
ON_A_SPACE = {"SPACE_ID": "me/film", "SYSTEM": "spaces", "SPACE_HOST": "me-film.hf.space"}
OTHER_LOOPBACK = "127.0.0.2"
"""Stands for another address where the machine's name leads to none; whoever listens at all addresses answers there too."""
AT_HOME = {"127.0.0.1", "localhost", "::1", "0.0.0.0", "None", "b'127.0.0.1'", "b'localhost'"}  # noqa: S104 - names to compare with


def refused(app: Running) -> str:
    """What the program said when it ended by itself with 1."""
    app.web.close()
    assert app.process.wait(60) == 1, app.said
    assert "Traceback" not in app.said
    return app.said


def strangers(said: str) -> list[str]:
    """Addresses beyond this machine that were looked up or connected to."""
    lines = [line.split(maxsplit=1)[1].removeprefix("UP ") for line in said.splitlines() if line.startswith(("LOOKED UP", "CONNECTED"))]
    return [address for address in lines if address not in AT_HOME]


def test_it_says_where_to_open_it_how_to_stop_it_and_where_data_lives(program: Running) -> None:
    until(lambda: "Data" in program.said, "the greeting")
    assert f"http://127.0.0.1:{program.port}" in program.said
    assert "Ctrl+C" in program.said
    assert str(program.data_dir) in program.said


@dataclass(frozen=True, slots=True)
class Life:
    """A program from its start to its end."""

    code: int
    said: str


@pytest.fixture(scope="module", params=[(signal.SIGINT, {}), (signal.SIGTERM, ON_A_SPACE)], ids=["here, Ctrl+C", "a Space, SIGTERM"])
def life(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """It was started with nothing on PATH, its page was looked at, and it was asked to stop."""
    number, more = request.param
    folder = tmp_path_factory.mktemp("life")
    proxies = {"HTTP_PROXY": "http://192.0.2.1:9", "HTTPS_PROXY": "http://192.0.2.1:9", "ALL_PROXY": "http://192.0.2.1:9"}
    around = {**more, **proxies, "PATH": str(folder)}
    with running(folder / "data", command=[sys.executable, "-c", WATCH], more=around) as app:
        assert app.web.get("/").status_code == 200
        code = app.stop(number)
    return Life(code, app.said)


def test_it_stops_when_asked_and_says_nothing_bad(life: Life) -> None:
    assert life.code == 0
    assert "Traceback" not in life.said
    assert "ERROR" not in life.said
    assert "Warning" not in life.said


def test_no_host_but_this_one_is_contacted(life: Life) -> None:
    assert "CONNECTED 127.0.0.1" in life.said or "CONNECTED ::1" in life.said  # Gradio asks itself: the watch works
    assert strangers(life.said) == []


def test_it_stops_while_somebody_listens_to_an_event_stream(tmp_path: Path) -> None:
    with running(tmp_path / "data") as app, socket.create_connection(("127.0.0.1", app.port), timeout=20) as line:
        line.sendall(f"GET /gradio_api/queue/data?session_hash=x HTTP/1.1\r\nHost: 127.0.0.1:{app.port}\r\n\r\n".encode())
        line.recv(100)
        assert app.stop() == 0


def test_a_visitor_and_what_was_typed_survive_a_restart(tmp_path: Path) -> None:
    with inside(tmp_path) as app, app.visitor() as web:
        web.put("draft", json={"prompt": "a boat"})
        token = web.headers["authorization"]
    with inside(tmp_path) as app, app.visitor() as web:
        assert web.get("draft", headers={"Authorization": token}).json() == {"draft": {"prompt": "a boat"}}


def test_a_port_that_is_taken_is_said_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refused(start(tmp_path / "data", port=port))
    assert f"Port {port} is used by another program." in said
    assert "GRADIO_SERVER_PORT" in said


def test_a_second_process_on_the_same_data_folder_is_refused_and_the_first_lives(program: Running) -> None:
    said = refused(start(program.data_dir, log=program.data_dir.with_name("second.log")))
    assert f"already running with the data folder {program.data_dir}" in said
    assert program.web.get("/healthz").status_code == 200


def test_a_data_folder_that_is_a_file_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    said = refused(start(tmp_path / "data"))
    assert f"The data folder {tmp_path / 'data'} cannot be used." in said
    assert "STUDIO_DATA_DIR" in said


@pytest.mark.skipif(os.name != "posix", reason="folders are shut in another way")
def test_a_data_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "shut" if os.geteuid() else Path("/proc")  # nothing else is shut to root
    folder.mkdir(mode=stat.S_IRUSR | stat.S_IXUSR, exist_ok=True)
    assert f"The data folder {folder / 'data'} cannot be used." in refused(start(folder / "data", log=tmp_path / "said.log"))


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"STUDIO_KEEP_DAYS": "many"}, "The setting STUDIO_KEEP_DAYS cannot be used"),
        ({"STUDIO_MEDIA_URL": "s3://bucket"}, "it has to be a folder"),
        ({"DBOS__CLOUD": "true"}, "DBOS__CLOUD"),
    ],
)
def test_a_setting_that_cannot_be_used_is_said_in_a_sentence(tmp_path: Path, more: Mapping[str, str], sentence: str) -> None:
    assert sentence in refused(start(tmp_path / "data", more=more))


@pytest.fixture(scope="module")
def misspelt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A program that logs in JSON, with a setting that there is not."""
    more = {"STUDIO_LOG": "json", "STUDIO_KEPT_DAYS": "3"}
    with running(tmp_path_factory.mktemp("misspelt") / "data", more=more, command=[sys.executable, "-c", LOGS]) as app:
        yield app


def test_an_unknown_setting_is_warned_about(misspelt: Running) -> None:
    assert "The setting STUDIO_KEPT_DAYS is not known" in misspelt.said


def test_log_lines_are_json_when_wanted(misspelt: Running) -> None:
    until(lambda: '"here"' in misspelt.said, "the log line")
    line = next(json.loads(line) for line in misspelt.said.splitlines() if '"here"' in line)
    assert (line["level"], line["logger"], line["message"], line["job"]) == ("info", "components.x", "here", "j1")


def test_the_page_is_reached_at_the_address_that_was_asked_for_and_no_other(program: Running) -> None:
    mine = socket.gethostbyname(socket.gethostname())
    other = OTHER_LOOPBACK if mine == "127.0.0.1" else mine
    with socket.socket() as probe:
        probe.settimeout(STOP_S)
        assert probe.connect_ex((other, program.port)) != 0


def test_the_helpers_find_the_program() -> None:
    assert (ROOT / "app.py").is_file()
    assert free_port() in PORTS
