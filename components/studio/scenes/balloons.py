"""Balloons over a sea of morning fog, 1440×1440."""
# ruff: noqa: PLR2004 - a painting is made of numbers

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from components.studio.scenes.paint import below, bent, blurred, finish, glow, gradient, lay, mixed, noise, nudged, rgb, ridge, shape, shine

if TYPE_CHECKING:
    from PIL import Image

    from components.studio.scenes.paint import Array

SIDE = 1440
SUN = (330.0, 800.0)
GORES = 16
"""Strips of cloth on the half of a balloon that is seen."""


@dataclass(frozen=True, slots=True)
class Balloon:
    """Middle and radius of the envelope in px; colours of its strips in turn; ``haze`` 0 is near, 1 lost in the air."""

    x: float
    y: float
    radius: float
    cloth: tuple[str, ...]
    belt: str
    haze: float


BALLOONS = (
    Balloon(1210, 640, 26, ("#8a5f7c", "#e8b59a"), "#c98a8a", 0.66),
    Balloon(700, 560, 34, ("#c9785c", "#f0c9a0"), "#8d5a72", 0.52),
    Balloon(160, 420, 62, ("#3f7d86", "#f2dcb0"), "#d98c4a", 0.34),
    Balloon(1190, 250, 88, ("#d9a441", "#f5e3bd", "#b8503f"), "#7d3550", 0.2),
    Balloon(500, 905, 74, ("#7a4a80", "#e7a6a0"), "#f3d9b8", 0.24),
    Balloon(760, 470, 292, ("#c2412f", "#ec8a3c", "#f6cf74", "#f7ecd2", "#3d7f88", "#1f4b6b"), "#f7ecd2", 0.0),
)


def paint() -> Image.Image:
    """The whole picture."""
    rng = np.random.default_rng(41)
    canvas = _sky(rng)
    _land(canvas, rng)
    for balloon in BALLOONS:
        _balloon(canvas, balloon, rng)
    _near_fog(canvas, rng)
    shine(canvas, rgb("#ffd596"), glow(SIDE, SIDE, *SUN, 700, power=1.2) * 0.22)
    return finish(canvas, rng, vignette=0.16, grain=0.02)


def _sky(rng: np.random.Generator) -> Array:
    stops = ((0, "#4f86b8"), (0.22, "#8db3cb"), (0.4, "#d9cdbf"), (0.52, "#f6c99a"), (0.6, "#fbdca6"), (1, "#fbdca6"))
    sky = gradient(SIDE, SIDE, stops)
    high = noise(rng, SIDE, SIDE, cells=5, octaves=7, stretch=3.4, fall=0.55)
    rows = np.linspace(0, 1, SIDE, dtype=np.float32)[:, None]
    cover = np.clip((high - 0.52) * 4.0, 0, 1) * np.clip((0.54 - rows) * 4, 0, 1)
    belly = np.clip((high - nudged(high, -14)) * 6 + 0.5, 0, 1)
    lay(sky, mixed("#b9a3b4", "#fff0d8", belly), cover * 0.75)
    shine(sky, rgb("#ffdf9c"), glow(SIDE, SIDE, *SUN, 620, power=1.0) * 0.75)
    shine(sky, rgb("#fff7e0"), glow(SIDE, SIDE, *SUN, 105, power=3.0))
    return sky


def _land(canvas: Array, rng: np.random.Generator) -> None:
    rows = np.arange(SIDE, dtype=np.float32)[:, None]
    columns = np.arange(SIDE, dtype=np.float32)[None, :]
    layers = (
        (800, 120, 3, "#d9a08c", 0.5),
        (880, 120, 4, "#b97f83", 0.45),
        (965, 130, 3, "#8d6480", 0.3),
        (1075, 150, 4, "#5d4d74", 0.3),
        (1215, 190, 3, "#3a3a5e", 0.25),
    )
    for index, (base, tall, peaks, colour, sharp) in enumerate(layers):
        line = base - ridge(rng, SIDE, peaks=peaks, sharp=sharp) * tall
        firs = _firs(rng, 260, 10 + 9 * (index - 2)) if index >= 3 else np.zeros(SIDE, dtype=np.float32)
        mask = below(line - firs, SIDE)
        depth = np.clip((rows - line[None, :]) / 170, 0, 1)
        relief = noise(rng, SIDE, SIDE, cells=24, octaves=4, stretch=1.4)
        body = np.asarray(rgb(colour), dtype=np.float32) * (0.82 + 0.36 * relief)[..., None]
        body = body + (np.asarray(rgb("#f7d2a8"), dtype=np.float32) - body) * (depth**1.3 * (0.92 - 0.10 * index))[..., None]
        lay(canvas, body.astype(np.float32), mask)
        tops = np.clip((rows - (line - firs)[None, :]) / 10, 0, 1)
        rim = (1 - tops) * mask * np.exp(-(((columns - SUN[0]) / 620) ** 2))
        shine(canvas, rgb("#ffdca0"), (rim * 0.5).astype(np.float32))
        _fog(canvas, rng, base + 36, 40 + 12 * index, 0.85 - 0.03 * index)


def _firs(rng: np.random.Generator, count: int, tall: float) -> Array:
    columns = np.arange(SIDE, dtype=np.float32)
    heights = np.zeros(SIDE, dtype=np.float32)
    for _ in range(count):
        x, top = float(rng.random()) * SIDE, tall * (0.35 + 0.9 * float(rng.random()) ** 2)
        heights = np.maximum(heights, top - np.abs(columns - x) * (2.0 + float(rng.random())))
    return heights


def _fog(canvas: Array, rng: np.random.Generator, level: float, thick: float, strength: float) -> None:
    """A bank of fog with billows, lit where it faces the sun."""
    billow = noise(rng, SIDE, SIDE, cells=13, octaves=6, stretch=2.6, fall=0.55)
    rows = np.arange(SIDE, dtype=np.float32)[:, None]
    body = np.clip((rows - level + (billow - 0.5) * thick * 5) / thick, 0, 1) * np.clip((level + thick * 3.4 - rows) / (thick * 2.2), 0, 1)
    lit = np.clip((billow - nudged(billow, -10, 12)) * 5 + 0.55, 0, 1)
    near = glow(SIDE, SIDE, SUN[0], level, 900, power=1.5)
    lay(canvas, mixed("#d9a9a2", "#fff0d2", lit * (0.55 + 0.45 * near)), body * strength)


def _near_fog(canvas: Array, rng: np.random.Generator) -> None:
    for level, thick, strength in ((1290, 46, 0.85), (1390, 60, 0.95)):
        _fog(canvas, rng, level, thick, strength)


def _balloon(canvas: Array, balloon: Balloon, rng: np.random.Generator) -> None:
    r = balloon.radius
    left, top = round(balloon.x - r * 1.15), round(balloon.y - r * 1.15)
    part = canvas[top : round(balloon.y + r * 2.1), left : round(balloon.x + r * 1.15)]
    height, width = part.shape[:2]
    x, y = balloon.x - left, balloon.y - top
    rows = (np.arange(height, dtype=np.float32)[:, None] - y) / r
    columns = (np.arange(width, dtype=np.float32)[None, :] - x) / r
    # the envelope: a ball above, drawn in to the mouth below
    at = np.array([-1.0, -0.97, -0.87, -0.7, -0.45, -0.15, 0.15, 0.45, 0.75, 1.0, 1.18, 1.30])
    wide = np.array([0.0, 0.25, 0.50, 0.715, 0.894, 0.99, 0.985, 0.88, 0.66, 0.42, 0.25, 0.17])
    fine = np.linspace(-1, 1.3, 400)
    smooth = np.interp(fine, *np.array(bent(list(zip(at.tolist(), wide.tolist(), strict=True)), 16)).T)
    half = np.interp(rows[:, 0], fine, smooth, left=0, right=0).astype(np.float32)[:, None]
    outside = np.abs(columns) - half
    inside = np.clip(-outside * r + 0.5, 0, 1) * (half > 0)
    longitude = np.arcsin(np.clip(columns / np.maximum(half, 1e-3), -1, 1))
    gore = (longitude / np.pi + 0.5) * GORES
    cloth = np.array([rgb(code) for code in balloon.cloth], dtype=np.float32)
    number = np.floor(gore).astype(np.intp)
    # seen from a little below: rings around it rise in the middle
    latitude = rows + 0.11 * np.cos(longitude)
    zigzag = np.abs((gore % 1) - 0.5)
    colour = cloth[number % len(cloth)]
    belt = (np.abs(latitude - 0.24 + (zigzag - 0.25) * 0.16) < 0.085) & (half > 0)
    colour = np.where(belt[..., None], np.asarray(rgb(balloon.belt), dtype=np.float32), colour)
    thread = np.abs(np.abs(latitude - 0.24 + (zigzag - 0.25) * 0.16) - 0.115) < 0.012
    colour = np.where(thread[..., None], colour * 0.55, colour)
    colour = np.where((latitude < -0.74)[..., None], cloth[0], colour)
    colour = np.where((np.abs(latitude + 0.725) < 0.012)[..., None], colour * 0.5, colour)
    seam = np.clip(1 - np.abs(gore - np.rint(gore)) * np.maximum(half, 0.05) * np.cos(longitude) * r * np.pi / GORES / 1.3, 0, 1)
    # each strip bulges between its seams
    bulge = np.sin((gore % 1) * np.pi) ** 0.7
    nx, ny = np.sin(longitude), np.clip(rows * 0.9, -1, 1)
    nz = np.sqrt(np.clip(1 - nx * nx * 0.8 - ny * ny * 0.6, 0.02, 1))
    light = np.clip(-0.62 * nx + 0.16 * ny + 0.55 * nz, 0, 1)
    shade = 0.40 + 0.78 * light + 0.10 * (bulge - 0.6)
    colour = colour * np.clip(shade, 0, 1.25)[..., None]
    cool = np.clip(nx * 0.9 - 0.1, 0, 1)[..., None]
    colour = colour + (np.asarray(rgb("#5a5f8f"), dtype=np.float32) - colour) * cool * 0.38
    warm = np.clip(-nx * 0.9 - 0.15, 0, 1)
    colour = colour + np.asarray(rgb("#ff9a4a"), dtype=np.float32) * (warm * 0.26)[..., None]
    # the burner lights the cloth from within
    lamp = np.exp(-((columns**2 + (rows - 1.15) ** 2) / 0.34))
    colour = colour + np.asarray(rgb("#ffb24f"), dtype=np.float32) * (lamp * 0.40)[..., None]
    colour = colour * (1 - 0.34 * seam)[..., None]
    weave = noise(rng, width, height, cells=max(4, r / 9), octaves=3) - 0.5
    colour = np.clip(colour * (1 + 0.12 * weave)[..., None], 0, 1).astype(np.float32)
    sky = np.asarray(rgb("#f3cfa8"), dtype=np.float32)
    colour += (sky - colour) * balloon.haze
    _basket(part, balloon, x, y)
    lay(part, colour, inside.astype(np.float32))


def _basket(part: Array, balloon: Balloon, x: float, y: float) -> None:
    height, width = part.shape[:2]
    r = balloon.radius
    air = np.asarray(rgb("#f3cfa8"), dtype=np.float32)

    def tone(code: str) -> tuple[float, float, float]:
        mixed_tone = np.asarray(rgb(code), dtype=np.float32) * (1 - balloon.haze) + air * balloon.haze
        return (float(mixed_tone[0]), float(mixed_tone[1]), float(mixed_tone[2]))

    def polygon(*points: tuple[float, float]) -> Array:
        placed = [(x + u * r, y + v * r) for u, v in points]
        return shape(height, width, lambda pen, place: pen.polygon(place(*placed), fill=255))

    def rope(start: tuple[float, float], end: tuple[float, float]) -> Array:
        placed = [(x + start[0] * r, y + start[1] * r), (x + end[0] * r, y + end[1] * r)]
        return shape(height, width, lambda pen, place: pen.line(place(*placed), fill=255, width=max(2, round(r * 0.022))))

    for u in (-1.0, -0.35, 0.35, 1.0):
        lay(part, tone("#4a3430"), rope((u * 0.165, 1.28), (u * 0.115, 1.66)) * 0.85)
    flame = blurred(polygon((-0.03, 1.46), (0, 1.28), (0.03, 1.46)), max(1.0, r * 0.012))
    shine(part, rgb("#ffcf6a"), blurred(flame, max(2.0, r * 0.05)) * (1 - balloon.haze))
    shine(part, rgb("#fff3c8"), flame * (1 - balloon.haze * 0.6))
    columns = np.broadcast_to((np.arange(width, dtype=np.float32)[None, :] - x) / r, (height, width))
    basket = polygon((-0.135, 1.64), (0.135, 1.64), (0.115, 1.86), (-0.115, 1.86))
    rows = (np.arange(height, dtype=np.float32)[:, None] - y) / r
    plait = 0.9 + 0.2 * (np.sin(columns * 120) * np.sin(rows * 150) > 0)
    wicker = mixed("#c98a50", "#3c2228", np.clip(0.45 + columns * 3.2, 0, 1)) * plait[..., None]
    lay(part, (wicker + (air - wicker) * balloon.haze).astype(np.float32), basket)
    if r > 120:
        for u, tall in ((-0.062, 0.155), (0.03, 0.175)):
            body = polygon((u - 0.03, 1.66), (u - 0.034, 1.66 - tall * 0.55), (u + 0.034, 1.66 - tall * 0.55), (u + 0.03, 1.66))
            lay(part, tone("#2c2436" if u < 0 else "#74313a"), body)
            head = [(u + 0.026 * float(np.cos(a)), 1.66 - tall * 0.74 + 0.032 * float(np.sin(a))) for a in np.linspace(0, 6.28, 18)]
            lay(part, tone("#3a2630"), polygon(*head))
    lay(part, tone("#6b4030"), polygon((-0.145, 1.63), (0.145, 1.63), (0.145, 1.665), (-0.145, 1.665)))
