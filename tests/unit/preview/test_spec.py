from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from components.services.preview.spec import Spec

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    image = tmp_path / "照片.png"
    image.write_bytes(b"picture")
    return Spec(image, None, tmp_path / "film.mp4", 'a `${prompt}`\n"quoted"', None, 5, "720p", "single", "auto")


def test_a_spec_survives_its_line_of_json(spec: Spec) -> None:
    told = replace(spec, audio=spec.image.with_name("song.mp3"), seed=7)
    assert "\n" not in told.to_json()
    assert Spec.from_json(told.to_json()) == told
    assert Spec.from_json(spec.to_json()) == spec


def test_a_seed_that_was_given_is_used(spec: Spec) -> None:
    assert replace(spec, seed=0).settled_seed() == 0


def test_without_a_seed_the_same_order_settles_on_the_same_one(spec: Spec) -> None:
    seed = spec.settled_seed()
    assert 0 <= seed <= 2_147_483_647
    assert replace(spec, film=spec.film.with_name("other.mp4")).settled_seed() == seed


def test_without_a_seed_other_words_or_another_picture_settle_on_another(spec: Spec) -> None:
    seed = spec.settled_seed()
    assert replace(spec, prompt="else").settled_seed() != seed
    spec.image.write_bytes(b"another")
    assert spec.settled_seed() != seed


def test_frames_are_thirty_a_second(spec: Spec) -> None:
    assert replace(spec, duration=15).frames == 450
