from __future__ import annotations

import pytest

from components.services.preview.focus import focus_points
from tests.unit.preview.pictures import plain, scene


def test_the_bright_round_thing_is_the_first_focus() -> None:
    picture = plain((60, 90, 60), 640, 360)
    picture.paste(scene().crop((190, 110, 260, 180)), (190, 110))
    (x, y), _ = focus_points(picture, 2)
    assert (x, y) == pytest.approx((225 / 640, 145 / 360), abs=0.1)


@pytest.mark.parametrize("size", [(2000, 360), (360, 2000), (500, 500)])
def test_two_foci_are_two_places_within_the_picture(size: tuple[int, int]) -> None:
    first, second = focus_points(scene(*size), 2)
    assert all(0 < c < 1 for c in (*first, *second))
    assert abs(first[0] - second[0]) + abs(first[1] - second[1]) > 0.1


def test_a_picture_without_anything_has_foci_all_the_same() -> None:
    assert len(focus_points(plain((128, 128, 128)), 2)) == 2
