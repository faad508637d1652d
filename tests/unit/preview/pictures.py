"""Pictures drawn for tests of the Preview."""

from __future__ import annotations

import numpy as np
from PIL import Image


def scene(width: int = 640, height: int = 360, seed: int = 1) -> Image.Image:
    """A soft, coloured landscape of noise with one bright, round thing left of the middle."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(40, 180, (9, 16, 3), np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
    ys, xs = np.mgrid[0:height, 0:width]
    near = (xs - 0.35 * width) ** 2 + (ys - 0.4 * height) ** 2 < (0.09 * height) ** 2
    pixels = np.array(coarse)
    pixels[near] = (250, 220, 180)
    return Image.fromarray(pixels)


def plain(colour: tuple[int, int, int], width: int = 640, height: int = 360) -> Image.Image:
    """One colour."""
    return Image.new("RGB", (width, height), colour)
