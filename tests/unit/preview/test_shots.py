from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from components.services.preview.motion import Kind, Move
from components.services.preview.shots import ease, plan, shot_lengths

if TYPE_CHECKING:
    from components.services.preview.planes import View

FOCI = [(0.3, 0.4), (0.8, 0.7)]
INSIDE = [kind for kind in Kind if kind is not Kind.PULL]


def planned(kind: Kind, *, duration: int = 5, multi: bool = False, seed: int = 1, strength: float = 1.4) -> list[list[View]]:
    return plan(Move(kind, strength), frames=duration * 30, duration=duration, multi=multi, foci=FOCI, closest=0.3, seed=seed)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("multi", [False, True])
def test_the_first_frame_is_the_whole_picture(kind: Kind, multi: bool) -> None:
    first = planned(kind, multi=multi)[0][0]
    assert first.flat
    assert first.box == pytest.approx((0, 0, 1, 1))


@pytest.mark.parametrize("duration", range(2, 16))
def test_several_shots_together_are_exactly_as_long_as_the_film(duration: int) -> None:
    lengths = shot_lengths(duration * 30, duration)
    assert sum(lengths) == duration * 30
    assert 2 <= len(lengths) <= 4
    assert min(lengths) >= 20
    assert [len(views) for views in planned(Kind.PUSH, duration=duration, multi=True)] == lengths


@pytest.mark.parametrize("kind", INSIDE)
@pytest.mark.parametrize("duration", [2, 15])
@pytest.mark.parametrize("multi", [False, True])
def test_the_camera_never_looks_beyond_the_picture(kind: Kind, duration: int, multi: bool) -> None:
    for views in planned(kind, duration=duration, multi=multi):
        for view in views:
            points = [view.box[:2], view.box[2:]] if view.flat else view.corners(16 / 9)
            assert all(-1e-9 <= c <= 1 + 1e-9 for point in points for c in point)


def test_a_pull_looks_beyond_it_by_a_little() -> None:
    assert 1.03 < planned(Kind.PULL)[0][-1].share <= 1.14


@pytest.mark.parametrize("kind", Kind)
def test_no_move_jerks(kind: Kind) -> None:
    boxes = [view.box for view in planned(kind)[0]]
    for side in range(4):
        speeds = [b[side] - a[side] for a, b in pairwise(boxes)]
        assert max(abs(b - a) for a, b in pairwise(speeds)) < 0.0006


@pytest.mark.parametrize(
    ("kind", "index", "sign"),
    [(Kind.PAN_LEFT, 0, -1), (Kind.PAN_RIGHT, 0, 1), (Kind.TILT_UP, 1, -1), (Kind.TILT_DOWN, 1, 1)],
)
def test_a_pan_or_tilt_ends_at_the_edge_it_goes_to(kind: Kind, index: int, sign: int) -> None:
    end = planned(kind)[0][-1].box
    assert end[index] == pytest.approx(0) if sign < 0 else end[index + 2] == pytest.approx(1)
    assert end[2] - end[0] < 0.9


def test_a_push_keeps_the_focus_where_it_is_on_the_screen() -> None:
    left, top, right, bottom = planned(Kind.PUSH)[0][-1].box
    assert ((FOCI[0][0] - left) / (right - left), (FOCI[0][1] - top) / (bottom - top)) == pytest.approx(FOCI[0])


def test_a_still_camera_never_moves_within_a_shot() -> None:
    for views in planned(Kind.STATIC, multi=True):
        assert len(set(views)) == 1


def test_several_shots_are_cut_to_the_focus() -> None:
    _, medium, detail = planned(Kind.PUSH, multi=True)
    assert medium[0].share < 0.7
    assert detail[0].share < medium[-1].share
    left, top, right, bottom = medium[0].box
    assert left < FOCI[0][0] < right
    assert top < FOCI[0][1] < bottom


def test_another_seed_drifts_the_other_way_or_not_but_the_same_seed_is_the_same_film() -> None:
    assert planned(Kind.HANDHELD, seed=7) == planned(Kind.HANDHELD, seed=7)
    assert planned(Kind.HANDHELD, seed=7) != planned(Kind.HANDHELD, seed=8)


@pytest.mark.parametrize("ramps", [(0.0, 0.0), (0.25, 0.25), (0.0, 0.3), (0.5, 0.5)])
def test_easing_starts_at_nought_ends_at_one_and_never_turns_back(ramps: tuple[float, float]) -> None:
    steps = [ease(i / 100, *ramps) for i in range(101)]
    assert steps[0] == pytest.approx(0)
    assert steps[-1] == pytest.approx(1)
    assert all(a < b for a, b in pairwise(steps))
