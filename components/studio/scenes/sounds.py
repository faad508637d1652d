"""The two sounds, synthesised: an evening by the water with a far bell, and a small bright tune for the morning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Wave = NDArray[np.float64]

RATE_HZ = 44_100
CHANNELS = 2
LOUDEST = 0.7


def evening() -> bytes:
    """8 s: water laps, a low chord swells, a bell is struck twice far away."""
    rng = np.random.default_rng(8)
    seconds = 8.0
    time = _time(seconds)
    stereo = np.zeros((len(time), 2))
    for side in (0, 1):
        water = _band(rng, len(time), 180, 1400) * 0.55 + _band(rng, len(time), 1400, 5200) * 0.12
        laps = 0.35 + 0.65 * np.clip(
            np.sin(2 * np.pi * (time * 0.42 + 0.17 * side)) * 0.6 + np.sin(2 * np.pi * (time * 0.27 + 0.4)) * 0.5, 0, 1
        )
        stereo[:, side] += water * laps * 0.20
    for note, level in ((110.0, 0.10), (164.81, 0.07), (220.0, 0.06), (277.18, 0.035), (329.63, 0.03)):
        for side in (0, 1):
            drift = 1 + (0.0012 if side else -0.0012)
            breath = 0.75 + 0.25 * np.sin(2 * np.pi * (0.11 + note / 9000) * time + note + side)
            stereo[:, side] += np.sin(2 * np.pi * note * drift * time) * breath * level
    for at_s, note, level, pan in ((1.4, 523.25, 0.20, 0.62), (4.9, 392.0, 0.17, 0.38)):
        _add(stereo, at_s, _bell(note), level, pan)
    return _pcm(_echoed(stereo, ((0.19, 0.26), (0.37, 0.17), (0.61, 0.10))), fade_in_s=0.8, fade_out_s=1.4)


def morning() -> bytes:
    """5 s: plucked notes climb over a soft, airy chord."""
    rng = np.random.default_rng(5)
    seconds = 5.0
    time = _time(seconds)
    stereo = np.zeros((len(time), 2))
    for side in (0, 1):
        stereo[:, side] += _band(rng, len(time), 300, 2400) * 0.035 * (0.6 + 0.4 * np.sin(2 * np.pi * 0.2 * time + side))
    for note, level in ((130.81, 0.07), (196.0, 0.06), (261.63, 0.045), (329.63, 0.035), (493.88, 0.015)):
        swell = np.clip(time / 1.6, 0, 1) * (0.8 + 0.2 * np.sin(2 * np.pi * 0.3 * time + note))
        stereo += (np.sin(2 * np.pi * note * time) * swell * level)[:, None]
    tune = (261.63, 329.63, 392.0, 493.88, 587.33, 493.88, 659.26, 783.99, 587.33, 659.26, 987.77)
    for index, note in enumerate(tune):
        _add(stereo, 0.15 + index * 0.36, _pluck(note), 0.17 - 0.004 * index, 0.5 + 0.32 * np.sin(index * 1.7))
    return _pcm(_echoed(stereo, ((0.18, 0.28), (0.36, 0.16), (0.54, 0.08))), fade_in_s=0.05, fade_out_s=0.9)


SOUNDS: Mapping[str, Callable[[], bytes]] = {"evening": evening, "morning": morning}
"""By name: 16-bit PCM, two channels, ``RATE_HZ``."""


def _time(seconds: float) -> Wave:
    return np.arange(round(seconds * RATE_HZ)) / RATE_HZ


def _band(rng: np.random.Generator, count: int, low_hz: float, high_hz: float) -> Wave:
    """Noise between two frequencies, about −1 to 1."""
    spectrum = np.fft.rfft(rng.random(count) - 0.5)
    frequency = np.fft.rfftfreq(count, 1 / RATE_HZ)
    gate = 1 / (1 + (low_hz / np.maximum(frequency, 1)) ** 4) / (1 + (frequency / high_hz) ** 4)
    noise = np.fft.irfft(spectrum * gate, count)
    return np.asarray(noise / np.abs(noise).max(), dtype=np.float64)


def _bell(note: float) -> Wave:
    """A bell's partials, each dying at its own pace."""
    time = _time(4.0)
    partials = (
        (0.5, 0.35, 0.9),
        (1.0, 1.0, 1.2),
        (1.19, 0.5, 1.7),
        (1.5, 0.35, 2.2),
        (2.0, 0.5, 2.6),
        (2.74, 0.22, 3.8),
        (3.0, 0.15, 4.5),
        (4.1, 0.08, 6.0),
    )
    total = sum(level * np.sin(2 * np.pi * note * ratio * time) * np.exp(-time * fall) for ratio, level, fall in partials)
    return np.asarray(total * np.clip(time / 0.004, 0, 1) / 2.4, dtype=np.float64)


def _pluck(note: float) -> Wave:
    """A plucked tongue of metal: a fast bright attack over a round tone."""
    time = _time(1.8)
    tone = np.sin(2 * np.pi * note * time) * np.exp(-time * 3.2) + 0.35 * np.sin(4 * np.pi * note * time) * np.exp(-time * 6)
    click = 0.22 * np.sin(2 * np.pi * note * 5.4 * time) * np.exp(-time * 30)
    return np.asarray((tone + click) * np.clip(time / 0.003, 0, 1), dtype=np.float64)


def _add(stereo: Wave, at_s: float, wave: Wave, level: float, pan: float) -> None:
    """Lay a sound in at a moment; ``pan`` 0 is left, 1 is right."""
    start = round(at_s * RATE_HZ)
    piece = wave[: len(stereo) - start] * level
    stereo[start : start + len(piece), 0] += piece * np.sqrt(1 - pan)
    stereo[start : start + len(piece), 1] += piece * np.sqrt(pan)


def _echoed(stereo: Wave, echoes: tuple[tuple[float, float], ...]) -> Wave:
    """A little room: delayed copies, left and right changing places."""
    wet = stereo.copy()
    for index, (delay_s, level) in enumerate(echoes):
        late = round(delay_s * RATE_HZ)
        source = stereo[:-late, ::-1] if index % 2 == 0 else stereo[:-late]
        wet[late:] += source * level
    return wet


def _pcm(stereo: Wave, *, fade_in_s: float, fade_out_s: float) -> bytes:
    time = _time(len(stereo) / RATE_HZ)
    shape = np.clip(time / fade_in_s, 0, 1) * np.clip((time[-1] - time) / fade_out_s, 0, 1)
    faded = stereo * (np.sin(shape * np.pi / 2) ** 2)[:, None]
    faded *= LOUDEST / np.abs(faded).max()
    return bytes((faded * 32_767).astype("<i2").tobytes())
