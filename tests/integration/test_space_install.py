"""The repository, pushed as it is, becomes a Space: installed by pip alone, run from a folder of its own, and a film is made."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import httpx
import pytest

from components.media.ffmpeg import find_ffmpeg
from components.media.video import look_at
from tests.integration.calls import finished, order, upload
from tests.integration.server import API, ROOT, Running, running
from tests.integration.spaces import THROUGH, surroundings
from tests.loopback import NO_TLS
from tests.media_factory import mp3

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.timeout(600),  # a whole environment is installed
    pytest.mark.skipif(sys.platform == "win32", reason="Spaces run on Linux"),
]

INSTALL_S = 400
FILM_S = 2


def added_by_a_space() -> list[str]:
    """What a Space's builder puts beside ``requirements.txt`` in its one call of pip, as its build logs show it."""
    version = re.search(r"^sdk_version: (\S+)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert version is not None
    return [f"gradio[oauth,mcp]=={version[1]}", "uvicorn>=0.14.0", "websockets>=10.4", "spaces"]


def pip(python: Path, *what: str) -> None:
    """Install; what pip says is shown where it fails."""
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", *what]
    done = subprocess.run(command, cwd=python.parent, capture_output=True, text=True, check=False, timeout=INSTALL_S)
    assert done.returncode == 0, f"{' '.join(what)}\n{done.stdout}\n{done.stderr}"


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new folder with the tracked files and nothing else."""
    folder = tmp_path_factory.mktemp("space") / "app"
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    for name in filter(None, names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def python(pushed: Path) -> Path:
    """The Python of a fresh environment with ``requirements.txt`` in it."""
    environment = pushed.with_name("environment")
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True, timeout=INSTALL_S)
    python = environment / "bin" / "python"
    pip(python, "-r", str(pushed / "requirements.txt"))
    return python


@pytest.fixture(scope="module")
def python_of_a_space(pushed: Path, python: Path) -> Path:
    """The same, with all that a Space's builder adds."""
    pip(python, "-r", str(pushed / "requirements.txt"), *added_by_a_space())
    return python


@contextmanager
def space(pushed: Path, python: Path, folder: Path, **others: str) -> Iterator[Running]:
    """The pushed program, started as a Space starts it."""
    command = ["/bin/sh", "-c", 'cd "$0" && exec "$1" app.py', str(pushed), str(python)]
    with surroundings(folder) as around, running(folder / "data", command=command, more={**around, "PYTHONPATH": "", **others}) as app:
        yield app


@contextmanager
def device_api() -> Iterator[tuple[str, list[str]]]:
    """The address of what ZeroGPU hardware reports to, and the paths it was told."""
    told: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing is written to the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, name="device-api")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", told
        finally:
            server.shutdown()
            thread.join()


def make_film(app: Running, to: Path) -> None:
    """Order a film with an mp3 through the Space's proxy, and fetch it."""
    with httpx.Client(base_url=f"{app.base}{API}/", headers=THROUGH, timeout=60, trust_env=False, verify=NO_TLS) as web:
        web.headers["Authorization"] = f"Bearer {web.get('me').headers['x-studio-visitor']}"
        sound = upload(web, mp3(5.0), kind="audio", name="bell.mp3")
        made = finished(web, order(web, upload(web), audio=sound, duration=FILM_S)["id"])
        assert made["state"] == "completed", made["error"]
        to.write_bytes(web.get(f"{app.base}{made['video']['download_url']}").content)


def test_requirements_alone_make_a_film_beside_an_ffmpeg_that_does_not_work(pushed: Path, python: Path, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    for name in ("ffmpeg", "ffprobe", "avconv"):
        tool = tmp_path / "tools" / name
        tool.parent.mkdir(exist_ok=True)
        tool.write_text(f'#!/bin/sh\necho "$0 $*" >> {asked}\nexit 1\n', encoding="utf-8")
        tool.chmod(0o755)
    path = os.pathsep.join([str(tmp_path / "tools"), os.environ["PATH"]])
    with space(pushed, python, tmp_path, PATH=path) as app:
        make_film(app, tmp_path / "film.mp4")
        assert "Traceback" not in app.said
    film = look_at(tmp_path / "film.mp4", find_ffmpeg())
    assert (film.frames, film.has_audio) == (FILM_S * 30, True)
    assert not asked.exists()


@pytest.fixture(scope="module")
def on_zerogpu(pushed: Path, python_of_a_space: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, list[str]]]:
    """A Space with all that is added there, on ZeroGPU hardware and without an ffmpeg; beside it what that hardware was told."""
    folder = tmp_path_factory.mktemp("zerogpu")
    (folder / "no-tools").mkdir()
    with device_api() as (address, told):
        around = {"SPACES_ZERO_GPU": "true", "SPACES_ZERO_DEVICE_API_URL": address, "PATH": str(folder / "no-tools")}
        with space(pushed, python_of_a_space, folder, **around) as app:
            yield app, told


def test_with_all_that_a_space_adds_it_makes_a_film_where_there_is_no_ffmpeg(on_zerogpu: tuple[Running, list[str]], tmp_path: Path) -> None:
    app, _ = on_zerogpu
    make_film(app, tmp_path / "film.mp4")
    assert "Traceback" not in app.said
    film = look_at(tmp_path / "film.mp4", find_ffmpeg())
    assert (film.frames, film.has_audio) == (FILM_S * 30, True)


def test_it_passes_the_start_check_of_zerogpu(on_zerogpu: tuple[Running, list[str]]) -> None:
    app, told = on_zerogpu
    assert "Traceback" not in app.said
    assert told == ["/startup-report"]
