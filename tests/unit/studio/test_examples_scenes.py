from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from components.generation.fitness import judge_audio, judge_image
from components.media.ffmpeg import find_ffmpeg
from components.media.image import inspect_image
from components.media.sound import encode_mp3, inspect_sound
from components.services.preview.service import Preview
from components.studio.objects import Objects
from components.studio.scenes import paint
from components.studio.scenes.catalogue import EXAMPLES, Example
from components.studio.scenes.make import Maker
from components.studio.scenes.sounds import CHANNELS, LOUDEST, RATE_HZ, SOUNDS
from tests.doubles.local import Local

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_every_picture_is_painted_fit_for_the_preview_with_light_and_dark_and_no_flat_edge(example: Example, tmp_path: Path) -> None:
    objects = Objects(tmp_path / "media", tmp_path / "work")
    Maker(objects, find_ffmpeg(), Local()).picture(example)
    file = objects.local_now(example.image_key)
    report = inspect_image(file)
    assert (report.width, report.height) == example.size
    assert judge_image(report, Preview.capabilities.image) == ()
    assert report.bytes < 1_500_000
    with Image.open(file) as picture:
        pixels = np.asarray(picture.convert("L"), dtype=np.float32)
    low, high = np.percentile(pixels, [1, 99])
    assert high - low > 120
    for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
        assert edge.std() > 3


def test_noise_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    first, again, other = (paint.noise(np.random.default_rng(seed), 64, 48, cells=4) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.shape == (48, 64)
    assert 0 <= first.min() < first.max() <= 1


def test_rock_is_the_same_for_the_same_seed() -> None:
    first, again = (paint.facets(np.random.default_rng(3), 120, 90, across=20, tall=30) for _ in range(2))
    assert np.array_equal(first, again)


@pytest.mark.parametrize("example", [example for example in EXAMPLES if example.sound], ids=lambda example: example.id)
def test_every_sound_is_as_long_as_its_film_and_fit_for_the_preview(example: Example, tmp_path: Path) -> None:
    assert example.sound is not None
    file, limits = tmp_path / "sound.mp3", Preview.capabilities.audio
    assert limits is not None
    encode_mp3(SOUNDS[example.sound](), file, find_ffmpeg(), rate_hz=RATE_HZ, channels=CHANNELS)
    report = inspect_sound(file, find_ffmpeg())
    assert report.duration_s == pytest.approx(example.duration_s, abs=0.05)
    assert judge_audio(report, limits) == ()


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_is_loud_enough_never_clipped_and_ends_softly(name: str) -> None:
    data = SOUNDS[name]()
    samples = np.frombuffer(data, dtype="<i2").reshape(-1, CHANNELS).astype(np.float64) / 32_768
    assert np.abs(samples).max() == pytest.approx(LOUDEST, abs=0.01)
    assert np.sqrt((samples**2).mean()) > 0.03
    assert np.abs(samples[-400:]).max() < 0.01
    assert abs(samples.mean()) < 0.005
    assert np.corrcoef(samples[:, 0], samples[:, 1])[0, 1] < 0.99
    assert SOUNDS[name]() == data
