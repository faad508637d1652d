from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from components.services.preview.mark import make_mark

SIZE = (1280, 720)


def stamped(luma: int, size: tuple[int, int] = SIZE) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    y = Image.new("L", size, luma)
    u, v = (Image.new("L", (size[0] // 2, size[1] // 2), 90) for _ in range(2))
    make_mark(size).stamp(y, u, v)
    return np.asarray(y)


@pytest.mark.parametrize("luma", [16, 60, 128, 235])
def test_the_word_can_be_read_on_dark_and_light(luma: int) -> None:
    changed = stamped(luma)
    letters, pill = int(changed.max()), int(np.median(changed[changed != luma])) if (changed != luma).any() else luma
    assert letters >= 200
    assert letters - min(pill, int(changed.min())) >= 80


@pytest.mark.parametrize("size", [SIZE, (408, 2262), (2262, 408), (1920, 1080)])
def test_the_mark_is_small_and_in_the_top_right_corner(size: tuple[int, int]) -> None:
    rows, columns = np.nonzero(stamped(128, size) != 128)
    assert len(rows) < 0.02 * size[0] * size[1]
    assert rows.max() < size[1] / 4
    assert columns.min() > size[0] / 2
    assert columns.max() < size[0] - 4
    assert rows.min() > 4


def test_the_mark_leaves_the_colours_beside_it_alone() -> None:
    y, u, v = Image.new("L", SIZE, 128), Image.new("L", (640, 360), 90), Image.new("L", (640, 360), 90)
    make_mark(SIZE).stamp(y, u, v)
    assert np.array_equal(np.asarray(u), np.asarray(v))
    assert (np.asarray(u)[100:] == 90).all()
