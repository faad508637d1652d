"""A soft sound for films that have none: pads, a few plucks, air, and what the words mention (sea, rain, wind, fire).

NumPy only, some 40 times faster than real time, and the same sound for the same words and seed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE = 48_000  # Hz
Samples = NDArray[np.float32]
_LOUDNESS = 0.11  # rms: −19 dBFS, well below speech
_CEILING = 0.5  # −6 dBFS


@dataclass(frozen=True, slots=True)
class Mood:
    """A root note in Hz, the steps of its scale in semitones, and how many plucks a second."""

    root: float
    scale: tuple[int, ...]
    plucks: float
    bright: float


MOODS = {
    "calm": Mood(146.83, (0, 2, 4, 7, 9, 12, 14, 16), 0.7, 0.5),
    "bright": Mood(196.00, (0, 2, 4, 7, 9, 12, 14, 16), 1.5, 0.9),
    "dark": Mood(98.00, (0, 2, 3, 7, 8, 12, 14, 15), 0.3, 0.25),
    "dream": Mood(130.81, (0, 2, 4, 6, 7, 11, 12, 14), 0.9, 0.6),
}
_MOOD_WORDS = {
    "dark": r"dark|night|storm\w*|horror|scary|sad\w*|lonely|ruins?|thunder\w*|gloom\w*|noir|fog\w*|shadows?",
    "dream": r"dream\w*|magic\w*|fantasy|space|stars?|galax\w*|underwater|snow\w*|float\w*|surreal|fairy\w*|moon\w*|aurora|mystic\w*",
    "bright": r"sun\w*|happy|joy\w*|summer|spring|bright|smil\w*|laugh\w*|danc\w*|play\w*|child\w*|party|flowers?|morning|cheerful",
}
_SCENES = {
    "sea": r"sea|ocean|waves?|beach\w*|surf\w*|shore\w*|coast\w*|tides?",
    "rain": r"rain\w*|drizzl\w*|downpour|storm\w*|wet",
    "wind": r"wind\w*|breez\w*|storm\w*|mountains?|desert|dunes?|grass\w*|field|leaves|cliff\w*|sky",
    "fire": r"fires?|flames?|campfire|candles?|burn\w*|fireplace",
}


def mood_of(prompt: str) -> Mood:
    """The first mood that the words mention; calm when they mention none."""
    text = prompt.lower()
    return next((MOODS[name] for name, words in _MOOD_WORDS.items() if re.search(rf"\b(?:{words})\b", text)), MOODS["calm"])


def scenes_of(prompt: str) -> tuple[str, ...]:
    """What can be heard in the scene."""
    text = prompt.lower()
    return tuple(name for name, words in _SCENES.items() if re.search(rf"\b(?:{words})\b", text))


def compose(prompt: str, seed: int, seconds: float) -> Samples:
    """The whole sound: ``round(seconds * RATE)`` rows of left and right, −1 to 1."""
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(f"{seed}|{prompt}".encode()).digest()[:8], "big"))
    mood, count = mood_of(prompt), round(seconds * RATE)
    time = (np.arange(count) / RATE).astype(np.float32)
    scenes = scenes_of(prompt)
    mix = _pads(mood, time, rng) + 0.35 * _plucks(mood, count, rng) + 0.03 * _band(count, rng, 300, 5000)
    for scene in scenes:
        mix += 0.5 * _scene(scene, time, rng)
    mix *= _fades(count, fade_in=0.5, fade_out=min(1.2, seconds / 3))[:, None]
    mix *= _LOUDNESS / max(1e-9, float(np.sqrt(np.mean(mix**2))))
    return _f32(np.tanh(mix / _CEILING) * _CEILING)


def _pads(mood: Mood, time: Samples, rng: np.random.Generator) -> Samples:
    """Chords of three notes that melt into each other, over a low drone."""
    seconds = len(time) / RATE
    chords = max(1, round(seconds / 3.5))
    out = np.zeros((len(time), 2), np.float32)
    for k in range(chords):
        middle, width = (k + 0.5) * seconds / chords, seconds / chords
        swell = np.cos(np.clip((time - middle) / width, -1, 1) * np.pi / 2).astype(np.float32) ** 2
        low = int(rng.integers(0, 3))
        for step in (low, low + 2, low + 4):
            pitch = mood.root * 2 ** (mood.scale[step] / 12)
            for channel, detune in enumerate((0.9985, 1.0015)):
                phase = rng.uniform(0, 2 * np.pi, 3)
                for partial, level in enumerate((1.0, 0.35 * mood.bright, 0.15 * mood.bright), start=1):
                    wave = np.sin((2 * np.pi * pitch * detune * partial) * time + np.float32(phase[partial - 1]))
                    out[:, channel] += swell * np.float32(level / 3) * wave
    drone = np.sin(np.float32(2 * np.pi * mood.root / 2) * time) * np.float32(0.5)
    return _f32(out + drone[:, None])


def _plucks(mood: Mood, count: int, rng: np.random.Generator) -> Samples:
    """Soft bells now and then, answered on the other side."""
    out = np.zeros((count, 2), np.float32)
    length = int(1.6 * RATE)
    time = (np.arange(length) / RATE).astype(np.float32)
    decay = np.exp(-3.2 * time) * np.minimum(1, time / 0.008)
    echo = int(0.37 * RATE)
    for _ in range(max(1, round(mood.plucks * count / RATE))):
        pitch = mood.root * 2 ** (1 + mood.scale[int(rng.integers(0, len(mood.scale)))] / 12)
        colour = np.float32(1.4 * mood.bright) * np.exp(-6 * time) * np.sin(np.float32(2 * np.pi * 2 * pitch) * time)
        note = (decay * np.sin(np.float32(2 * np.pi * pitch) * time + colour)).astype(np.float32)
        start, side = int(rng.integers(0, max(1, count - RATE // 2))), int(rng.integers(0, 2))
        for at, channel, level in ((start, side, 1.0), (start + echo, 1 - side, 0.4), (start + 2 * echo, side, 0.16)):
            piece = note[: max(0, count - at)]
            out[at : at + len(piece), channel] += np.float32(level) * piece
            out[at : at + len(piece), 1 - channel] += np.float32(level * 0.35) * piece
    return out


def _scene(scene: str, time: Samples, rng: np.random.Generator) -> Samples:
    count = len(time)
    turn = np.float32(rng.uniform(0, 6.28))
    if scene == "sea":
        swell = (0.55 + 0.45 * np.sin(np.float32(2 * np.pi * 0.16) * time + turn)) ** 2
        return _f32(_band(count, rng, 80, 1400) * swell[:, None])
    if scene == "rain":
        return _f32(0.55 * _band(count, rng, 1500, 9000) + 0.25 * _band(count, rng, 300, 900))
    if scene == "wind":
        gusts = 0.5 + 0.3 * np.sin(np.float32(2 * np.pi * 0.11) * time + turn) + 0.2 * np.sin(np.float32(2 * np.pi * 0.29) * time)
        return _f32(_band(count, rng, 120, 700) * gusts[:, None])
    crackle = np.where(rng.random(count) < 14 / RATE, rng.random(count), 0).astype(np.float32)
    spark = np.exp(-np.arange(RATE // 60) / (RATE / 500)).astype(np.float32) * rng.standard_normal(RATE // 60).astype(np.float32)
    return _f32(0.35 * _band(count, rng, 60, 500) + 0.6 * np.convolve(crackle, spark)[:count, None])


def _band(count: int, rng: np.random.Generator, low: float, high: float) -> Samples:
    """Noise between two pitches, wide stereo, rms 1."""
    size = 1 << (count - 1).bit_length()
    pitch = np.fft.rfftfreq(size, 1 / RATE)
    shape = 1 / np.sqrt((1 + (low / np.maximum(pitch, 1)) ** 4) * (1 + (pitch / high) ** 4))
    sides = [np.fft.irfft(np.fft.rfft(rng.standard_normal(size)) * shape)[:count] for _ in range(2)]
    noise = np.stack(sides, axis=1)
    return _f32(noise / noise.std())


def _fades(count: int, *, fade_in: float, fade_out: float) -> Samples:
    curve = np.ones(count, np.float32)
    for seconds, where in ((fade_in, slice(None)), (fade_out, slice(None, None, -1))):
        ramp = min(count, int(seconds * RATE))
        curve[where][:ramp] *= np.sin(np.linspace(0, np.pi / 2, ramp)) ** 2
    return curve


def _f32(values: NDArray[np.floating]) -> Samples:
    return values.astype(np.float32)
