from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from components.errors import FilmUnreadable
from components.media.laid import lay_under
from components.media.video import look_at
from tests import media_factory as media

if TYPE_CHECKING:
    from pathlib import Path


def silent(folder: Path, seconds: int = 2) -> Path:
    film = folder / "film.mp4"
    picture = ["-f", "lavfi", "-i", f"testsrc2=s=64x36:r=10:d={seconds}", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    media.ffmpeg().run([*picture, "-an", "-f", "mp4", "-y", str(film)])
    return film


def song(folder: Path, seconds: float) -> Path:
    path = folder / "song.mp3"
    path.write_bytes(media.mp3(seconds))
    return path


def packets(film: Path, stream: str) -> bytes:
    return media.ffmpeg().run(["-i", str(film), "-map", f"0:{stream}:0", "-c", "copy", "-f", "streamhash", "pipe:1"])


def sound_s(film: Path) -> float:
    raw = media.ffmpeg().run(["-i", str(film), "-map", "0:a:0", "-ac", "1", "-ar", "8000", "-f", "s16le", "pipe:1"])
    return len(raw) / 16_000


@pytest.mark.parametrize("seconds", [1.0, 2.0, 5.0])
def test_the_picture_stays_bit_for_bit_and_the_sound_is_as_long_as_it(tmp_path: Path, seconds: float) -> None:
    film, laid = silent(tmp_path), tmp_path / "laid.mp4"
    lay_under(film, song(tmp_path, seconds), laid, seconds=2.0, ffmpeg=media.ffmpeg())
    report = look_at(laid, media.ffmpeg())
    assert packets(laid, "v") == packets(film, "v")
    assert (report.duration_s, report.frames, report.has_audio, report.faststart) == (2.0, 20, True, True)
    assert sound_s(laid) == pytest.approx(2.0, abs=0.05)


def test_a_film_that_had_a_sound_gets_the_other_one(tmp_path: Path) -> None:
    film, once, twice = silent(tmp_path), tmp_path / "once.mp4", tmp_path / "twice.mp4"
    lay_under(film, song(tmp_path, 2), once, seconds=2.0, ffmpeg=media.ffmpeg())
    lay_under(once, song(tmp_path, 2), twice, seconds=2.0, ffmpeg=media.ffmpeg())
    assert packets(twice, "v") == packets(film, "v")


def test_what_is_no_sound_is_no_film_in_the_end(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp3"
    broken.write_bytes(b"no sound at all" * 100)
    with pytest.raises(FilmUnreadable):
        lay_under(silent(tmp_path), broken, tmp_path / "laid.mp4", seconds=2.0, ffmpeg=media.ffmpeg())
