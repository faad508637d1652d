from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from PIL import Image

from components.services.preview.motion import Kind, Move
from components.services.preview.planes import View, film_size, make_canvas
from components.services.preview.shots import plan
from tests.unit.preview.pictures import plain, scene

SMALL = (320, 180)


@pytest.mark.parametrize(
    ("width", "height", "quality", "size"),
    [
        (1280, 720, "720p", (1280, 720)),
        (1184, 880, "720p", (1114, 828)),
        (360, 2000, "720p", (408, 2262)),
        (2000, 360, "720p", (2262, 408)),
        (500, 500, "720p", (960, 960)),
        (1920, 1080, "1080p", (1920, 1080)),
        (1080, 1920, "1080p", (1080, 1920)),
    ],
)
def test_a_film_has_the_area_of_its_quality_and_the_pictures_ratio(
    width: int, height: int, quality: Literal["720p", "1080p"], size: tuple[int, int]
) -> None:
    assert film_size(width, height, quality) == size


@pytest.mark.parametrize(
    ("rgb", "yuv"),
    [
        ((0, 0, 0), (16, 128, 128)),
        ((255, 255, 255), (235, 128, 128)),
        ((255, 0, 0), (63, 102, 240)),
        ((0, 255, 0), (173, 42, 26)),
        ((0, 0, 255), (32, 240, 118)),
    ],
)
def test_colours_become_bt709_of_limited_range(rgb: tuple[int, int, int], yuv: tuple[int, int, int]) -> None:
    view = View(0.5, 0.5, 1.0)
    planes = make_canvas(plain(rgb), [view], SMALL).frame(view, SMALL)
    found = [plane.getpixel((20, 20)) for plane in planes]
    assert np.allclose(np.array(found, float), yuv, atol=1)


def test_chroma_planes_have_half_the_sides() -> None:
    view = View(0.5, 0.5, 1.0)
    y, u, v = make_canvas(scene(), [view], SMALL).frame(view, SMALL)
    assert (y.size, u.size, v.size) == (SMALL, (160, 90), (160, 90))


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("multi", [False, True])
def test_no_frame_of_any_move_has_a_dark_edge(kind: Kind, multi: bool) -> None:
    shots = plan(Move(kind, 1.4), frames=45, duration=15, multi=multi, foci=[(0.1, 0.1), (0.9, 0.9)], closest=0.4, seed=3)
    picture = plain((255, 255, 255), 500, 400)
    size = film_size(500, 400, "720p")
    size = (size[0] // 8 * 2, size[1] // 8 * 2)
    for views in shots:
        canvas = make_canvas(picture, views, size)
        for view in views[:: max(1, len(views) // 6)] + views[-1:]:
            assert min(int(np.asarray(plane).min()) for plane in canvas.frame(view, size)[:1]) >= 233


def test_a_view_shows_its_part_of_the_picture() -> None:
    picture = plain((0, 0, 0), 800, 400)
    picture.paste((255, 255, 255), (400, 0, 800, 400))
    left, right = View(0.25, 0.5, 0.4), View(0.75, 0.5, 0.4)
    canvas = make_canvas(picture, [left, right], SMALL)
    assert np.asarray(canvas.frame(left, SMALL)[0]).max() <= 17
    assert np.asarray(canvas.frame(right, SMALL)[0]).min() >= 233


def test_a_slow_pan_moves_by_the_same_part_of_a_pixel_in_every_frame() -> None:
    wave = np.rint(128 + 100 * np.sin(np.arange(1280) * 2 * np.pi / 64)).astype(np.uint8)
    picture = Image.fromarray(np.repeat(np.repeat(wave[None, :, None], 720, axis=0), 3, axis=2))
    step = 0.07  # px of the film
    views = [View(0.4 + frame * step * 0.6 / 1280, 0.5, 0.6) for frame in range(40)]
    canvas = make_canvas(picture, views, (1280, 720))
    columns = np.arange(1280)
    pitch = 64 / 0.6  # of the wave in the film, px
    window = np.hanning(1280) * np.exp(-2j * np.pi * columns / pitch)
    phases = [np.angle((np.asarray(canvas.frame(view, (1280, 720))[0], float)[::90].mean(axis=0) * window).sum()) for view in views]
    moved = np.diff(np.unwrap(phases)) * pitch / (2 * np.pi)
    assert float(moved.mean()) == pytest.approx(step, rel=0.02)
    assert float(moved.std()) < 0.03
