from __future__ import annotations

import numpy as np
import pytest

from components.services.preview.ambient import MOODS, RATE, compose, mood_of, scenes_of


@pytest.mark.parametrize("seconds", [2, 3, 5])
def test_the_sound_is_exactly_as_long_as_the_film(seconds: int) -> None:
    assert compose("a calm lake", 1, seconds).shape == (seconds * RATE, 2)


@pytest.mark.parametrize("prompt", ["", "a stormy night at sea", "sunny morning", "a campfire in the snow", "rain in a dark forest"])
def test_the_sound_is_soft_and_never_clips(prompt: str) -> None:
    sound = compose(prompt, 5, 3)
    rms = float(np.sqrt(np.mean(sound.astype(float) ** 2)))
    assert 0.06 < rms < 0.2
    assert float(np.abs(sound).max()) <= 0.51
    assert abs(float(sound.mean())) < 0.01


def test_the_sound_comes_and_goes_gently() -> None:
    sound = np.abs(compose("a calm lake", 1, 3))
    assert float(sound[:240].max()) < 0.01
    assert float(sound[-240:].max()) < 0.01


def test_the_same_words_and_seed_give_the_same_sound() -> None:
    assert np.array_equal(compose("sea", 3, 2), compose("sea", 3, 2))
    assert not np.array_equal(compose("sea", 3, 2), compose("sea", 4, 2))


@pytest.mark.parametrize(
    ("prompt", "mood"), [("a dark alley", "dark"), ("she laughs in the sun", "bright"), ("floating in space", "dream"), ("a chair", "calm")]
)
def test_words_choose_the_mood(prompt: str, mood: str) -> None:
    assert mood_of(prompt) == MOODS[mood]


@pytest.mark.parametrize(
    ("prompt", "scenes"),
    [("waves on the beach", ("sea",)), ("a brainy person", ()), ("a storm", ("rain", "wind")), ("candles", ("fire",))],
)
def test_words_choose_what_is_heard(prompt: str, scenes: tuple[str, ...]) -> None:
    assert scenes_of(prompt) == scenes


def test_the_sea_has_more_noise_than_the_pads_alone() -> None:
    def noise(prompt: str) -> float:
        spectrum = np.abs(np.fft.rfft(compose(prompt, 1, 2)[:, 0])) ** 2
        pitch = np.fft.rfftfreq(2 * RATE, 1 / RATE)
        return float(spectrum[(pitch > 800) & (pitch < 1400)].sum() / spectrum.sum())

    assert noise("the sea") > 2 * noise("the chair")
