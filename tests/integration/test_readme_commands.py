"""The README's lines for programs run as they stand."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from components.media.ffmpeg import find_ffmpeg
from components.media.video import look_at
from tests import media_factory

if TYPE_CHECKING:
    from tests.integration.server import Running

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
FILM_S = 4


def lines_for_programs() -> str:
    block = README.split("## From a program")[1].split("```sh\n")[1].split("```")[0]
    return "set -euo pipefail\n" + block


def test_the_readmes_curl_lines_make_a_film(program: Running, tmp_path: Path) -> None:
    (tmp_path / "boats.jpg").write_bytes(media_factory.jpeg(1280, 720))
    (tmp_path / "bell.mp3").write_bytes(media_factory.mp3(5.0))
    script = re.sub(r"127\.0\.0\.1:7860", f"127.0.0.1:{program.port}", lines_for_programs())
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=90)
    assert done.returncode == 0, done.stderr
    film = look_at(tmp_path / "film.mp4", find_ffmpeg())
    assert (film.frames, film.has_audio) == (FILM_S * 30, True)
