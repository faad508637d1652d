"""A lighthouse on its cliff on a clear night, 1280×1920."""
# ruff: noqa: PLR2004 - a painting is made of numbers

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from components.studio.scenes.paint import (
    bent,
    blurred,
    facets,
    finish,
    glow,
    gradient,
    lay,
    mixed,
    noise,
    nudged,
    rgb,
    shape,
    shine,
    waves,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image
    from PIL.ImageDraw import ImageDraw

    from components.studio.scenes.paint import Array, Place

WIDTH, HEIGHT = 1280, 1920
HORIZON = 1420
LAMP = (842.0, 604.0)
"""The middle of the light, px."""


def paint() -> Image.Image:
    """The whole picture."""
    rng = np.random.default_rng(7)
    canvas = _sky(rng)
    _sea(canvas, rng)
    _beams(canvas, rng)
    _cliff(canvas, rng)
    _tower(canvas)
    shine(canvas, rgb("#ffdf9a"), glow(HEIGHT, WIDTH, *LAMP, 330, power=1.0) * 0.8)
    shine(canvas, rgb("#fff6dc"), glow(HEIGHT, WIDTH, *LAMP, 60, power=1.5))
    return finish(canvas, rng, vignette=0.3, grain=0.02)


def _sky(rng: np.random.Generator) -> Array:
    stops = ((0, "#070d24"), (0.3, "#0f1f45"), (0.55, "#1d3c66"), (0.68, "#3b6482"), (0.74, "#86907f"), (1, "#86907f"))
    sky = gradient(HEIGHT, WIDTH, stops)
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None]
    columns = np.arange(WIDTH, dtype=np.float32)[None, :]
    # the milky way leans over the whole sky
    across = (columns - 250) * 0.86 + (rows - 560) * 0.50
    cloud = noise(rng, WIDTH, HEIGHT, cells=9, octaves=6, fall=0.6)
    dust = noise(rng, WIDTH, HEIGHT, cells=14, octaves=5, fall=0.6)
    band = np.exp(-((across / 230) ** 2)) * np.clip((HORIZON - 200 - rows) / 700, 0, 1)
    shine(sky, rgb("#7d8fd0"), (band * np.clip(cloud * 1.5 - 0.35, 0, 1) * 0.55).astype(np.float32))
    shine(sky, rgb("#d9a8b8"), (np.exp(-((across / 95) ** 2)) * band * np.clip(cloud - dust + 0.3, 0, 1) * 0.45).astype(np.float32))
    lay(sky, rgb("#0a1230"), (band * np.clip(dust * 2.4 - 1.35, 0, 1) * 0.5).astype(np.float32))
    _stars(sky, rng, band)
    shine(sky, rgb("#e8a878"), glow(HEIGHT, WIDTH, 260, HORIZON, 720, power=1.5, squash=3.2) * 0.5)
    low = noise(rng, WIDTH, HEIGHT, cells=11, octaves=6, stretch=5)
    veil = np.clip((low - 0.5) * 4, 0, 1) * np.exp(-(((rows - 1290) / 120) ** 2))
    lay(sky, rgb("#253f61"), (veil * 0.85).astype(np.float32))
    return sky


def _stars(sky: Array, rng: np.random.Generator, band: Array) -> None:
    count = 1500
    x, y = rng.random(count) * (WIDTH - 9) + 4, rng.random(count) ** 1.2 * (HORIZON - 160) + 4
    bright, warm = rng.random(count) ** 5, rng.random(count)
    for px, py, light, tone in zip(x, y, bright, warm, strict=True):
        column, row = int(px), int(py)
        strength = (0.25 + 0.75 * float(light)) * (0.7 + 0.5 * float(band[row, column]))
        reach = 1.0 if light < 0.5 else 1.9
        left, top = column - 4, row - 4
        dx, dy = np.arange(9) + left - px, np.arange(9) + top - py
        dot = np.exp(-(dx[None, :] ** 2 + dy[:, None] ** 2) / (reach * 0.9)).astype(np.float32)
        patch = sky[max(top, 0) : top + 9, max(left, 0) : left + 9]
        shine(patch, rgb("#ffe2c0" if tone > 0.75 else "#d6e4ff"), dot[-patch.shape[0] :, -patch.shape[1] :] * strength)


def _beams(canvas: Array, rng: np.random.Generator) -> None:
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None] - LAMP[1]
    columns = np.arange(WIDTH, dtype=np.float32)[None, :] - LAMP[0]
    distance = np.sqrt(rows * rows + columns * columns) + 1
    angle = np.arctan2(rows, columns)
    haze = 0.72 + 0.5 * noise(rng, WIDTH, HEIGHT, cells=10, octaves=4, stretch=2)
    for direction, wide, strength in ((-2.86, 0.105, 0.95), (0.26, 0.12, 0.8)):
        off = np.abs((angle - direction + np.pi) % (2 * np.pi) - np.pi)
        core = np.exp(-((off / wide) ** 2)) + 0.35 * np.exp(-((off / (wide * 2.6)) ** 2))
        light = core * strength * haze * (0.20 + 0.80 / (1 + distance / 300)) * np.clip(distance / 40, 0, 1)
        light *= np.clip((HORIZON + 10 - rows - LAMP[1]) / 60, 0, 1)
        shine(canvas, rgb("#ffe6a8"), np.clip(light, 0, 1).astype(np.float32))


def _sea(canvas: Array, rng: np.random.Generator) -> None:
    tall = HEIGHT - HORIZON
    wave = waves(rng, WIDTH, tall, crests=150)
    swell = noise(rng, WIDTH, tall, cells=7, octaves=3, stretch=6) - 0.5
    depth = np.linspace(0, 1, tall, dtype=np.float32)[:, None]
    sea = gradient(tall, WIDTH, ((0, "#6f8284"), (0.08, "#3f6175"), (0.4, "#18385a"), (1, "#081328")))
    light = (wave * 0.9 + swell * 0.55) * (0.3 + depth)
    sea *= (1 + light * 1.1)[..., None]
    columns = np.arange(WIDTH, dtype=np.float32)[None, :]
    crests = np.clip((wave + swell * 0.4 - 0.12) * 5, 0, 1)
    shine(sea, rgb("#9fc0cf"), (crests * 0.28 * (1 - depth * 0.5)).astype(np.float32))
    dawn = np.exp(-(((columns - 250 - light * 160) / (150 + 260 * depth)) ** 2))
    shine(sea, rgb("#f0b184"), (dawn * (0.22 + crests * 0.6) * (1 - depth) ** 1.2).astype(np.float32))
    lamp = np.exp(-(((columns - 470 + depth * 60 - light * 200) / (36 + 120 * depth)) ** 2))
    shine(sea, rgb("#ffe2a0"), (lamp * (0.10 + crests * 0.95) * (1 - 0.55 * depth)).astype(np.float32))
    canvas[HORIZON:] = np.clip(sea, 0, 1)


TOP = 1150
"""No rock above this row, px."""

CRAGS = (
    # the headland that carries the tower, then two shoulders before it, each nearer and darker
    (
        (1300, 1170),
        (1130, 1176),
        (980, 1196),
        (800, 1204),
        (690, 1212),
        (628, 1232),
        (606, 1300),
        (586, 1400),
        (594, 1500),
        (560, 1590),
        (572, 1700),
    ),
    (
        (1300, 1420),
        (1210, 1432),
        (1120, 1400),
        (1020, 1446),
        (900, 1470),
        (760, 1452),
        (660, 1500),
        (560, 1570),
        (520, 1640),
        (470, 1690),
        (440, 1790),
    ),
    (
        (1300, 1640),
        (1180, 1612),
        (1050, 1660),
        (930, 1640),
        (800, 1700),
        (640, 1716),
        (540, 1770),
        (420, 1800),
        (330, 1836),
        (280, 1880),
        (260, 1930),
    ),
)


def _cliff(canvas: Array, rng: np.random.Generator) -> None:
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None]
    columns = np.arange(WIDTH, dtype=np.float32)[None, :]
    coarse = noise(rng, WIDTH, HEIGHT, cells=40, octaves=4, stretch=0.6, fall=0.6)
    tones = (("#101a2c", "#63758a"), ("#0b1322", "#4a5b72"), ("#060c18", "#33435a"))
    for index, (crag, (dark, bright)) in enumerate(zip(CRAGS, tones, strict=True)):
        mask = shape(HEIGHT, WIDTH, _outline(crag, rng))
        if index == 0:
            _foam(canvas, rng, blurred(mask, 1), 30)
        broken = _low(facets(rng, WIDTH, HEIGHT - TOP, across=52 + 14 * index, tall=84 + 18 * index))
        fine = _low(facets(rng, WIDTH, HEIGHT - TOP, across=21, tall=30))
        top = np.array([np.interp(np.arange(WIDTH), [x for x, _ in reversed(crag)], [y for _, y in reversed(crag)])], dtype=np.float32)
        depth = np.clip((rows - top) / 330, 0, 1)
        lit = broken * 0.62 + fine * 0.22 + coarse * 0.30 - 0.10 - depth * 0.42
        body = mixed(dark, bright, lit)
        body += np.asarray(rgb("#5a89a6"), dtype=np.float32) * (np.clip(1 - (columns - 420) / 420, 0, 1) * broken * 0.22)[..., None]
        lay(canvas, np.clip(body, 0, 1), mask)
        under = mask * (1 - nudged(mask, 22 if index == 0 else 12)) * np.clip((columns - 560 + 80 * index) / 80, 0, 1)
        lay(canvas, mixed("#10262b", "#557452", coarse * 1.5 - 0.3 - 0.2 * index), blurred(under, 3) * mask * (0.9 - 0.3 * index))
        rim = mask * (1 - nudged(mask, 3))
        shine(canvas, rgb("#e3cf94"), rim * np.clip((columns - 520) / 160, 0, 1) * (0.55 - 0.2 * index))
        if index:
            _foam(canvas, rng, blurred(mask, 1), 24)
        lay(canvas, rgb("#4f7488"), glow(HEIGHT, WIDTH, 430, 1690 + 90 * index, 420, power=2, squash=2.4) * 0.16)


def _low(field: Array) -> Array:
    """What covers only the picture below ``TOP``, as a plane of the whole picture."""
    return np.concatenate([np.zeros((TOP, WIDTH), dtype=np.float32), field])


def _outline(crag: tuple[tuple[int, int], ...], rng: np.random.Generator) -> Callable[[ImageDraw, Place], None]:
    """The crag with a broken edge; level ground stays nearly smooth."""
    line = bent([(float(x), float(y)) for x, y in crag], 9)
    rough: list[tuple[float, float]] = []
    for (ax, ay), (bx, by) in pairwise(line):
        wild = 3.0 if abs(by - ay) < abs(bx - ax) * 0.35 else 11.0
        dx, dy = (rng.random(2) - 0.5) * wild
        rough.append((ax + float(dx), ay + float(dy)))
    foot = rough[-1][0]
    return lambda pen, place: pen.polygon(place(*rough, (foot, HEIGHT + 10.0), (WIDTH + 20.0, HEIGHT + 10.0)), fill=255)


def _foam(canvas: Array, rng: np.random.Generator, rock: Array, reach: float) -> None:
    """Spray where the sea meets the foot of the rock."""
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None]
    columns = np.arange(WIDTH, dtype=np.float32)[None, :]
    around = blurred(rock, reach) * (1 - rock) * np.clip((rows - 1560) / 160, 0, 1) * np.clip((640 - columns) / 80, 0, 1)
    lace = noise(rng, WIDTH, HEIGHT, cells=60, octaves=4, stretch=2.4, fall=0.6)
    foam = np.clip(around * 2.2 * (0.3 + lace) - 0.25 + (lace - 0.5) * 1.1, 0, 1) * np.clip(around * 5, 0, 1)
    lay(canvas, rgb("#bcd3da"), foam * 0.8)
    shine(canvas, rgb("#9dbccc"), blurred(around * np.clip(lace * 3 - 1.1, 0, 1), 8) * 0.5)


def _tower(canvas: Array) -> None:
    left, top = 560, 430
    part = canvas[top:1260, left:1240]
    height, width = part.shape[:2]
    middle = LAMP[0] - left

    def mask(*points: tuple[float, float]) -> Array:
        return shape(height, width, lambda pen, place: pen.polygon(place(*((x - left, y - top) for x, y in points)), fill=255))

    def box(half: float, upper: float, lower: float) -> Array:
        x = LAMP[0]
        return mask((x - half, upper), (x + half, upper), (x + half, lower), (x - half, lower))

    _cottage(part, mask)
    x = LAMP[0]
    tower = mask(*bent([(x - 62, 668), (x - 78, 900), (x - 106, 1214)]), *reversed(bent([(x + 62, 668), (x + 78, 900), (x + 106, 1214)])))
    rows = np.arange(height, dtype=np.float32)[:, None] + top
    half = np.interp(rows[:, 0], [668, 900, 1214], [62, 78, 106]).astype(np.float32)[:, None]
    around = (np.arange(width, dtype=np.float32)[None, :] - middle) / half
    light = np.clip(0.54 - 0.42 * around - 0.22 * around * around, 0.03, 1)
    # bands bend with the round wall
    bands = (rows + 13 * np.sqrt(np.clip(1 - around * around, 0, 1)) - 668) / 91
    red = np.clip((np.abs((bands + 0.5) % 2 - 1) - 0.5) * -91 + 0.5, 0, 1)
    wall = mixed("#2a3350", "#f2ead9", light)
    lay(wall, mixed("#240f1c", "#c8453c", light), red)
    warm = np.clip(1 - (rows - 668) / 240, 0, 1) * np.clip(1 - np.abs(around), 0, 1)
    wall = wall + np.asarray(rgb("#ffb765"), dtype=np.float32) * (warm * 0.28)[..., None]
    lay(part, np.clip(wall, 0, 1).astype(np.float32), tower)
    for y, lit in ((772, True), (955, False), (1090, True)):
        pane = mask((x - 22, y - 22), (x - 13, y - 30), (x - 4, y - 22), (x - 4, y + 18), (x - 22, y + 18))
        lay(part, rgb("#ffce7a" if lit else "#18203a"), pane)
    door = mask((x - 26, 1150), (x - 8, 1138), (x + 12, 1150), (x + 12, 1214), (x - 26, 1214))
    lay(part, rgb("#3b2023"), door)
    gallery, under = box(86, 655, 669), mask((x - 80, 669), (x + 80, 669), (x + 62, 694), (x - 62, 694))
    columns = np.broadcast_to(np.arange(width, dtype=np.float32)[None, :] - middle, (height, width))
    iron = mixed("#46506a", "#0f1526", (columns + 90) / 180)
    lay(part, iron, under)
    lay(part, iron * 1.15, gallery)
    glass = box(44, 566, 655)
    pane = mixed("#fff3cf", "#f6b75c", np.abs(columns) / 46)
    lay(part, pane, glass)
    for u in (-44, -22, 0, 22, 44):
        lay(part, rgb("#161c2e"), mask((x + u - 1.8, 566), (x + u + 1.8, 566), (x + u + 1.8, 655), (x + u - 1.8, 655)) * 0.85)
    dome = mask((x - 54, 566), *bent([(x - 50, 560), (x - 34, 524), (x, 506), (x + 34, 524), (x + 50, 560)]), (x + 54, 566))
    lay(part, mixed("#a63a37", "#2a0f1a", (columns + 54) / 108), dome)
    lay(part, rgb("#1a2034"), mask((x - 2, 462), (x + 2, 462), (x + 3, 512), (x - 3, 512)))
    for u in range(-84, 85, 14):
        lay(part, rgb("#1b2338"), mask((x + u - 1.2, 624), (x + u + 1.2, 624), (x + u + 1.2, 656), (x + u - 1.2, 656)) * 0.9)
    lay(part, rgb("#2a3450"), box(86, 622, 626) * 0.95)


def _cottage(part: Array, draw: Callable[..., Array]) -> None:
    """The keeper's house beside the tower, with light in its windows."""
    wall = draw((985, 1120), (1170, 1120), (1170, 1200), (985, 1204))
    lay(part, rgb("#414b64"), wall)
    gable = draw((985, 1120), (985, 1204), (948, 1206), (948, 1116))
    lay(part, rgb("#6d7690"), gable)
    lay(part, rgb("#2b1f2e"), draw((942, 1122), (968, 1062), (1152, 1062), (1182, 1124)))
    lay(part, rgb("#4a3a48"), draw((942, 1122), (968, 1062), (985, 1124)))
    lay(part, rgb("#3a3042"), draw((1092, 1030), (1116, 1030), (1116, 1070), (1092, 1070)))
    for x in (1014, 1074, 1128):
        pane = draw((x, 1138), (x + 22, 1138), (x + 22, 1168), (x, 1168))
        shine(part, rgb("#ffb75e"), blurred(pane, 16) * 0.9)
        lay(part, rgb("#ffd587"), pane)
        lay(part, rgb("#5a3a2a"), draw((x + 10, 1138), (x + 12, 1138), (x + 12, 1168), (x + 10, 1168)))
