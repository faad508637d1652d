from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from components.errors import FilmUnreadable
from components.media.video import look_at, poster
from tests import media_factory as made

if TYPE_CHECKING:
    from pathlib import Path

    from components.media.ffmpeg import Ffmpeg
    from tests.unit.media.conftest import Keep


def test_the_facts_of_a_film_are_read_from_it(keep: Keep, ffmpeg: Ffmpeg) -> None:
    data = made.film(2, width=320, height=180, fps=24)
    report = look_at(keep(data), ffmpeg)
    assert report.model_dump() == {
        "width": 320,
        "height": 180,
        "duration_s": 2.0,
        "fps": 24.0,
        "frames": 48,
        "has_audio": True,
        "bytes": len(data),
        "faststart": True,
    }


def test_a_silent_film_has_no_audio(keep: Keep, ffmpeg: Ffmpeg) -> None:
    assert not look_at(keep(made.film(1, sound=False)), ffmpeg).has_audio


def test_an_index_behind_the_data_is_noticed(keep: Keep, ffmpeg: Ffmpeg) -> None:
    assert not look_at(keep(made.film(1, options=("-movflags", "-faststart"))), ffmpeg).faststart


def test_a_film_in_fragments_is_counted_by_its_packets(keep: Keep, ffmpeg: Ffmpeg) -> None:
    report = look_at(keep(made.film(2, options=("-movflags", "frag_keyframe+empty_moov"))), ffmpeg)
    assert report.frames == 60
    assert [report.duration_s, report.fps] == [pytest.approx(2, abs=0.03), pytest.approx(30, abs=0.5)]


def test_a_film_that_is_laid_on_its_side_is_as_wide_as_it_is_shown(keep: Keep, ffmpeg: Ffmpeg) -> None:
    data = bytearray(made.film(1))
    matrix = data.index(b"tkhd") + 4 + 40
    assert struct.unpack_from(">i", data, matrix)[0] == 65536
    struct.pack_into(">iiiii", data, matrix, 0, 65536, 0, -65536, 0)
    report = look_at(keep(bytes(data)), ffmpeg)
    assert (report.width, report.height) == (180, 320)


@pytest.mark.parametrize("part", [0.2, 0.6, 0.99])
def test_a_film_that_is_cut_is_unreadable(part: float, keep: Keep, ffmpeg: Ffmpeg) -> None:
    data = made.film(2)
    with pytest.raises(FilmUnreadable):
        look_at(keep(data[: int(len(data) * part)]), ffmpeg)


def test_a_film_whose_pictures_are_garbage_is_unreadable(keep: Keep, ffmpeg: Ffmpeg) -> None:
    data = made.film(1, sound=False)
    start = data.index(b"mdat") + 4
    with pytest.raises(FilmUnreadable):
        look_at(keep(data[:start] + b"\xa5" * (len(data) - start)), ffmpeg)


@pytest.mark.parametrize("data", [b"", b"\0", b"<html>no film</html>", made.wav(1), made.jpeg(64, 64), b"\0\0\0\x08ftyp\0\0\0\x04moov"])
def test_what_is_no_film_is_unreadable(data: bytes, keep: Keep, ffmpeg: Ffmpeg) -> None:
    with pytest.raises(FilmUnreadable):
        look_at(keep(data), ffmpeg)


def test_sound_alone_is_no_film(keep: Keep, ffmpeg: Ffmpeg) -> None:
    with pytest.raises(FilmUnreadable):
        look_at(keep(made.m4a(2)), ffmpeg)


def test_a_poster_is_a_jpeg_of_the_films_size_and_colours(keep: Keep, ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    colour = ("-vf", "drawbox=c=0xC83C28:t=fill,format=yuv420p,scale=out_color_matrix=bt709", "-colorspace", "bt709")
    target = tmp_path / "poster.jpg"
    poster(keep(made.film(1, options=colour)), target, ffmpeg)
    with Image.open(target, formats=("JPEG",)) as image:
        assert image.size == (320, 180)
        assert image.convert("RGB").getpixel((160, 90)) == pytest.approx((0xC8, 0x3C, 0x28), abs=6)


def test_a_poster_can_be_of_a_later_moment(keep: Keep, ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    film = keep(made.film(2))
    first, later = tmp_path / "a.jpg", tmp_path / "b.jpg"
    poster(film, first, ffmpeg)
    poster(film, later, ffmpeg, at_s=1)
    assert first.read_bytes() != later.read_bytes()


def test_there_is_no_poster_behind_the_end(keep: Keep, ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    with pytest.raises(FilmUnreadable):
        poster(keep(made.film(1)), tmp_path / "a.jpg", ffmpeg, at_s=9)
