"""What the scenes are painted with: noise, ridges, light, and shapes with soft edges.

A canvas is an array ``(height, width, 3)`` of float32 in 0–1 (sRGB values, mixed as they are: these are illustrations);
a mask is ``(height, width)`` in 0–1. Everything is drawn from a seeded generator, so a scene always looks the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from PIL.ImageDraw import ImageDraw as Pen

    Array = NDArray[np.floating]
    Colour = tuple[float, float, float]
    Place = Callable[..., list[tuple[float, float]]]

SHARP = 3
"""Shapes are drawn this many times larger and shrunk, so that their edges are smooth."""


def rgb(code: str) -> Colour:
    """``#rrggbb`` as three numbers in 0–1."""
    value = int(code.removeprefix("#"), 16)
    return ((value >> 16) / 255, (value >> 8 & 255) / 255, (value & 255) / 255)


def resized(field: Array, width: int, height: int) -> Array:
    """A smooth enlargement of one plane."""
    return np.asarray(Image.fromarray(field, mode=None).resize((width, height), Image.Resampling.BICUBIC), dtype=np.float32)


def noise(
    rng: np.random.Generator, width: int, height: int, *, cells: float, octaves: int = 5, stretch: float = 1.0, fall: float = 0.5
) -> Array:
    """Clouds of noise, 0–1 with mean 0.5.

    Args:
        rng: Where chance comes from.
        width: In px.
        height: In px.
        cells: How many blobs of the coarsest octave fit into the height.
        octaves: Each one is twice as fine as the one before.
        stretch: Above 1 the blobs lie down, below 1 they stand up.
        fall: How much weaker each octave is.
    """
    total = np.zeros((height, width), dtype=np.float32)
    weight, sum_of_weights = 1.0, 0.0
    for octave in range(octaves):
        rows = max(2, round(cells * 2**octave) + 2)
        columns = max(2, round(cells * 2**octave * width / height / stretch) + 2)
        if rows > height or columns > width:
            break
        total += weight * resized(rng.random((rows, columns), dtype=np.float32), width, height)
        sum_of_weights += weight
        weight *= fall
    return np.asarray(np.clip((total / sum_of_weights - 0.5) * 1.5 + 0.5, 0, 1), dtype=np.float32)


def ridge(rng: np.random.Generator, width: int, *, peaks: float, octaves: int = 7, fall: float = 0.5, sharp: float = 0.0) -> Array:
    """A skyline, 0–1 for each column; ``sharp`` 0 is rolling hills, 1 is rock."""
    columns = np.linspace(0, 1, width, dtype=np.float32)
    total = np.zeros(width, dtype=np.float32)
    weight, sum_of_weights = 1.0, 0.0
    for octave in range(octaves):
        points = round(peaks * 2**octave) + 3
        places = np.linspace(0, 1, points)
        wave = np.interp(columns, places, rng.random(points)).astype(np.float32)
        # straight lines between points are rock; smoothing them is grass
        if sharp < 1:
            reach = max(3, int(width / points * (1 - sharp))) | 1
            padded = np.pad(wave, reach, mode="edge")
            kernel = np.hanning(reach + 2)[1:-1]
            wave = np.convolve(padded, kernel / kernel.sum(), mode="same")[reach:-reach].astype(np.float32)
        total += weight * wave
        sum_of_weights += weight
        weight *= fall
    total /= sum_of_weights
    low, high = float(total.min()), float(total.max())
    return ((total - low) / (high - low)).astype(np.float32)


def gradient(height: int, width: int, stops: Sequence[tuple[float, str]]) -> Array:
    """From top to bottom through colours at given heights (0–1)."""
    rows = np.linspace(0, 1, height)
    places = [place for place, _ in stops]
    colours = np.array([rgb(code) for _, code in stops])
    column = np.stack([np.interp(rows, places, colours[:, channel]) for channel in range(3)], axis=-1)
    return np.repeat(column[:, None, :], width, axis=1).astype(np.float32)


def below(line: Array, height: int) -> Array:
    """The mask of everything under a skyline given in px from the top; its edge is smooth."""
    rows = np.arange(height, dtype=np.float32)[:, None]
    return np.asarray(np.clip(rows - line[None, :] + 0.5, 0, 1), dtype=np.float32)


def lay(canvas: Array, colour: Colour | Array, mask: Array | float) -> None:
    """Paint a colour, or another canvas, over a canvas through a mask, in place."""
    cover = mask[..., None] if isinstance(mask, np.ndarray) else mask
    canvas += (np.asarray(colour, dtype=np.float32) - canvas) * cover


def shine(canvas: Array, colour: Colour | Array, mask: Array) -> None:
    """Add light, never beyond white (screen), in place."""
    canvas += (1 - canvas) * np.asarray(colour, dtype=np.float32) * mask[..., None]


def glow(height: int, width: int, x: float, y: float, radius: float, *, power: float = 2.0, squash: float = 1.0) -> Array:
    """A round light at (x, y) px that fades to nothing around ``radius``; ``squash`` above 1 makes it flat."""
    rows = ((np.arange(height, dtype=np.float32) - y) * squash / radius)[:, None]
    columns = ((np.arange(width, dtype=np.float32) - x) / radius)[None, :]
    return np.asarray(np.exp(-np.power(np.sqrt(rows * rows + columns * columns), power) * 2), dtype=np.float32)


def mixed(first: str, second: str, share: Array) -> Array:
    """A canvas between two colours, the second one where ``share`` is 1."""
    a, b = np.asarray(rgb(first), dtype=np.float32), np.asarray(rgb(second), dtype=np.float32)
    return a + (b - a) * np.clip(share, 0, 1)[..., None]


def shape(height: int, width: int, draw: Callable[[Pen, Place], None]) -> Array:
    """A mask drawn with Pillow, smooth at its edges.

    Args:
        height: Of the canvas in px.
        width: Of the canvas in px.
        draw: Gets the pen, and what turns (x, y) in px of the canvas into places on the larger sheet. Line widths
            are px of the sheet.
    """
    sheet = Image.new("L", (width * SHARP, height * SHARP))
    draw(ImageDraw.Draw(sheet), lambda *points: [(x * SHARP, y * SHARP) for x, y in points])
    return np.asarray(sheet.resize((width, height), Image.Resampling.BOX), dtype=np.float32) / 255


def facets(rng: np.random.Generator, width: int, height: int, *, across: float, tall: float) -> Array:
    """Broken rock lit from the upper left, 0–1: planes between points of random height, ``across`` by ``tall`` px."""
    columns, rows = round(width / across) + 3, round(height / tall) + 3
    jitter = rng.random((rows, columns, 3))
    x = (np.arange(columns)[None, :] - 1 + (jitter[..., 0] - 0.5) * 0.9 + (np.arange(rows)[:, None] % 2) * 0.5) * across
    y = (np.arange(rows)[:, None] - 1 + (jitter[..., 1] - 0.5) * 0.9) * tall
    z = jitter[..., 2] * (across + tall) * 0.42
    points = np.stack([x, y, z], axis=-1)
    light = np.array([-0.62, -0.48, 0.62])
    sheet = Image.new("L", (width * 2, height * 2))
    pen = ImageDraw.Draw(sheet)
    a, b, c, d = points[:-1, :-1], points[:-1, 1:], points[1:, :-1], points[1:, 1:]
    for p, q, r in ((a, b, c), (b, c, d)):
        normal = np.cross(q - p, r - p)
        facing = np.sign(normal[..., 2]) * (normal @ light) / (np.linalg.norm(normal, axis=-1) + 1e-6)
        shades = np.clip(255 * (0.12 + 0.88 * facing), 0, 255).astype(int).ravel().tolist()
        corners = (np.stack([p, q, r], axis=-2)[..., :2] * 2).reshape(-1, 6).tolist()
        for places, shade in zip(corners, shades, strict=True):
            pen.polygon(places, fill=shade)
    return np.asarray(sheet.resize((width, height), Image.Resampling.BOX), dtype=np.float32) / 255


def blurred(mask: Array, radius: float) -> Array:
    """Gaussian blur of a mask."""
    picture = Image.fromarray((np.clip(mask, 0, 1) * 255).astype(np.uint8))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float32) / 255


def bent(points: Sequence[tuple[float, float]], steps: int = 24) -> list[tuple[float, float]]:
    """A smooth line through points (Catmull-Rom)."""
    knots = [points[0], *points, points[-1]]
    line: list[tuple[float, float]] = []
    for (ax, ay), (bx, by), (cx, cy), (dx, dy) in zip(knots, knots[1:], knots[2:], knots[3:], strict=False):
        for step in range(steps):
            t = step / steps
            line.append(
                (
                    0.5 * (2 * bx + (cx - ax) * t + (2 * ax - 5 * bx + 4 * cx - dx) * t**2 + (3 * bx - ax - 3 * cx + dx) * t**3),
                    0.5 * (2 * by + (cy - ay) * t + (2 * ay - 5 * by + 4 * cy - dy) * t**2 + (3 * by - ay - 3 * cy + dy) * t**3),
                )
            )
    return [*line, points[-1]]


def nudged(field: Array, down: int, right: int = 0) -> Array:
    """The plane moved by whole px; what comes in at the edges repeats the last row or column."""
    height, width = field.shape
    rows = np.clip(np.arange(height) - down, 0, height - 1)
    columns = np.clip(np.arange(width) - right, 0, width - 1)
    return field[rows[:, None], columns[None, :]]


def shifted(canvas: Array, columns: Array, rows: Array) -> Array:
    """The canvas looked up at (columns, rows) px, linear between columns, clamped at the edges."""
    height, width = canvas.shape[:2]
    x = np.clip(columns, 0, width - 1.001)
    y = np.clip(np.rint(rows), 0, height - 1).astype(np.intp)
    left = x.astype(np.intp)
    part = (x - left)[..., None].astype(np.float32)
    return canvas[y, left] * (1 - part) + canvas[y, left + 1] * part


def waves(rng: np.random.Generator, width: int, height: int, *, crests: float = 120) -> Array:
    """Waves of a lake or a sea seen from its shore, −0.5 to 0.5: closer together the farther away (upper) they are."""
    strip = noise(rng, width, 1400, cells=crests, octaves=3, stretch=9)
    depth = np.linspace(0, 1, height)
    far = np.clip(1390 * (1 - 1 / (1 + depth * 4)) / (1 - 1 / 5), 0, 1399).astype(np.intp)
    return strip[far] - 0.5


def finish(canvas: Array, rng: np.random.Generator, *, grain: float = 0.022, vignette: float = 0.22, brush: float = 0.05) -> Image.Image:
    """The last layer: brush marks, a darker rim, paper grain. Gives the finished picture."""
    height, width = canvas.shape[:2]
    marks = noise(rng, width, height, cells=90, octaves=2, stretch=5) - 0.5
    canvas *= (1 + marks * brush * 2)[..., None]
    rows = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    columns = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    canvas *= (1 - vignette * np.clip((rows * rows + columns * columns) / 2, 0, 1) ** 1.6)[..., None]
    speckle = rng.random((height, width), dtype=np.float32) + rng.random((height, width), dtype=np.float32) - 1
    canvas += speckle[..., None] * grain
    return Image.fromarray((np.clip(canvas, 0, 1) * 255 + 0.5).astype(np.uint8))
