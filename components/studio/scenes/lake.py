"""Boats on a lake at dusk, 1920×1080."""
# ruff: noqa: PLR2004 - a painting is made of numbers

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from components.studio.scenes.paint import (
    below,
    bent,
    blurred,
    finish,
    glow,
    gradient,
    lay,
    mixed,
    noise,
    nudged,
    rgb,
    ridge,
    shape,
    shifted,
    shine,
    waves,
)

if TYPE_CHECKING:
    from PIL import Image
    from PIL.ImageDraw import ImageDraw

    from components.studio.scenes.paint import Array, Place

WIDTH, HEIGHT = 1920, 1080
SHORE = 560
"""Where the far water begins, px from the top."""

SUN = (1210.0, 520.0)


def paint() -> Image.Image:
    """The whole picture."""
    rng = np.random.default_rng(26)
    land = _sky(rng)
    _hills(land, rng)
    canvas = _water(land, rng)
    for x, y, size, flip in ((1480, 716, 0.50, 1), (640, 764, 0.72, -1), (1130, 866, 1.12, 1)):
        _boat(canvas, x, y, size, flip)
    _reeds(canvas, rng)
    return finish(canvas, rng)


def _sky(rng: np.random.Generator) -> Array:
    stops = ((0, "#20305a"), (0.28, "#4d4f83"), (0.55, "#a7668a"), (0.75, "#e58a6c"), (0.9, "#fbc377"), (1, "#ffe3a6"))
    sky = np.concatenate([gradient(SHORE, WIDTH, stops), gradient(HEIGHT - SHORE, WIDTH, ((0, "#ffe3a6"), (1, "#ffe3a6")))])
    shine(sky, rgb("#ffb35c"), glow(HEIGHT, WIDTH, *SUN, 900, power=1.2, squash=1.5) * 0.7)
    high = noise(rng, WIDTH, HEIGHT, cells=5, octaves=7, stretch=4.2, fall=0.56)
    rows = np.linspace(0, 1, HEIGHT, dtype=np.float32)[:, None]
    cover = np.clip((high - 0.47 + 0.10 * np.sin(rows * 9)) * 4.2, 0, 1) * np.clip((0.50 - rows) * 5, 0, 1)
    # lit from below: where the cloud grows thinner towards the sun, its belly glows
    belly = np.clip((high - nudged(high, -16)) * 6 + 0.28, 0, 1)
    near = glow(HEIGHT, WIDTH, *SUN, 1150, power=1.5, squash=1.3)
    dark = gradient(HEIGHT, WIDTH, ((0, "#26315a"), (0.3, "#574a78"), (0.5, "#a75f72")))
    light = gradient(HEIGHT, WIDTH, ((0, "#8b6f9d"), (0.22, "#ee9783"), (0.42, "#ffc27a"), (0.52, "#ffe6ad")))
    clouds = dark + (light - dark) * (belly * (0.35 + 0.65 * near))[..., None]
    lay(sky, clouds, cover * 0.9)
    shine(sky, rgb("#fff0c4"), glow(HEIGHT, WIDTH, *SUN, 210, power=1.0) * 0.95)
    return sky


def _hills(land: Array, rng: np.random.Generator) -> None:
    layers = (
        ("#c58285", "#f4b183", 5, 150, 60, 0.55),
        ("#95627f", "#dc8f7d", 4, 118, 30, 0.35),
        ("#624a72", "#a8677a", 3, 92, 8, 0.2),
        ("#38345a", "#6a4a6c", 5, 58, 0, 0.1),
    )
    columns = np.arange(WIDTH, dtype=np.float32)
    for index, (colour, haze, peaks, tall, base, sharp) in enumerate(layers):
        line = ridge(rng, WIDTH, peaks=peaks, sharp=sharp)
        # a valley where the sun goes down
        valley = 1 - 0.72 * np.exp(-(((columns - SUN[0]) / (520 - 60 * index)) ** 2))
        top = SHORE - base * 0.5 - (line * 0.8 + 0.2) * tall * valley * 1.5 - 6
        if index == len(layers) - 1:
            top -= _trees(rng) * (0.35 + 0.65 * line)
        mask = below(top.astype(np.float32), HEIGHT)
        depth = np.clip((np.arange(HEIGHT, dtype=np.float32)[:, None] - top[None, :]) / (tall * 1.1), 0, 1)
        body = np.asarray(rgb(colour), dtype=np.float32) + (np.asarray(rgb(haze)) - np.asarray(rgb(colour))) * depth[..., None] * (
            0.85 if index < 3 else 0.3
        )
        folds = noise(rng, WIDTH, HEIGHT, cells=16, octaves=4, stretch=0.8) - 0.5
        body = body * (1 + folds * (0.10 + 0.05 * index))[..., None]
        lay(land, body.astype(np.float32), mask)
        edge = np.clip(1 - depth * 10, 0, 1) * mask * glow(HEIGHT, WIDTH, *SUN, 620, power=1.6)
        shine(land, rgb("#ffbf7a"), edge * (0.5 - 0.08 * index))
    mist = glow(HEIGHT, WIDTH, SUN[0], SHORE, 1300, power=2, squash=17)
    lay(land, rgb("#e79a84"), mist * 0.55)


def _trees(rng: np.random.Generator) -> Array:
    """The heights of a row of firs, in px for each column."""
    heights = np.zeros(WIDTH, dtype=np.float32)
    columns = np.arange(WIDTH, dtype=np.float32)
    for _ in range(330):
        x, tall = float(rng.random()) * WIDTH, 9 + 26 * float(rng.random()) ** 2
        heights = np.maximum(heights, tall - np.abs(columns - x) * (2.1 + float(rng.random())))
    return heights


def _water(land: Array, rng: np.random.Generator) -> Array:
    canvas = land.copy()
    rows = np.arange(SHORE, HEIGHT, dtype=np.float32)
    depth = (rows - SHORE) / (HEIGHT - SHORE)
    wave = waves(rng, WIDTH, HEIGHT - SHORE)
    swell = noise(rng, WIDTH, HEIGHT - SHORE, cells=9, octaves=3, stretch=5) - 0.5
    push = (wave * 1.0 + swell * 0.6) * (0.15 + depth[:, None] * 1.1)
    mirror = (SHORE - 1) - (rows[:, None] - SHORE) * 0.98 + push * 210
    across = np.arange(WIDTH, dtype=np.float32)[None, :] + push * 46
    picture = shifted(land[:SHORE], np.broadcast_to(across, push.shape), mirror)
    tint = gradient(HEIGHT - SHORE, WIDTH, ((0, "#f0b083"), (0.3, "#8a6285"), (1, "#18233f")))
    share = np.clip(0.16 + depth[:, None] * 0.58 + wave * 0.5, 0, 0.92)
    picture += (tint - picture) * np.broadcast_to(share, push.shape)[..., None]
    picture *= (0.96 - 0.10 * depth)[:, None, None]
    # the way of the sun over the water
    columns = np.arange(WIDTH, dtype=np.float32)[None, :]
    path = np.exp(-(((columns - SUN[0] - push * 130) / (46 + 210 * depth[:, None])) ** 2))
    glitter = np.clip((wave + 0.5 - 0.50 - 0.07 * depth[:, None]) * 7, 0, 1)
    shine(picture, rgb("#ffb978"), (path * (0.30 * (1 - depth[:, None]) + glitter * 0.85) * (1 - 0.62 * depth[:, None])).astype(np.float32))
    canvas[SHORE:] = np.clip(picture, 0, 1)
    line = np.exp(-(((np.arange(HEIGHT, dtype=np.float32) - SHORE) / 3.2) ** 2))[:, None] * np.ones(WIDTH, dtype=np.float32)
    lay(canvas, rgb("#5a4260"), line * 0.45)
    return canvas


def _boat(canvas: Array, x: float, y: float, size: float, flip: int) -> None:
    """A rowing boat seen from a little above, against the light; (x, y) is the middle of its waterline."""
    left, top = round(x - 245 * size), round(y - 110 * size)
    part = canvas[top : round(y + 150 * size), left : round(x + 245 * size)]
    height, width = part.shape[:2]

    def at(u: float, v: float) -> tuple[float, float]:
        return (x + flip * u * size - left, y + v * size - top)

    near = bent([at(-205, -52), at(-110, -24), at(0, -14), at(110, -22), at(214, -66)])
    far = bent([at(-205, -52), at(-100, -50), at(0, -46), at(110, -52), at(214, -66)])
    keel = bent([at(-205, -52), at(-188, -14), at(-120, 18), at(0, 28), at(110, 20), at(180, -10), at(214, -66)])

    def mask(*points: tuple[float, float]) -> Array:
        return shape(height, width, lambda pen, place: pen.polygon(place(*points), fill=255))

    def line(points: list[tuple[float, float]], wide: float) -> Array:
        thick = max(1, round(wide * size * 3))
        return shape(height, width, lambda pen, place: pen.line(place(*points), fill=255, width=thick, joint="curve"))

    hull, inside = mask(*near, *reversed(keel)), mask(*near, *reversed(far))
    _reflect(part, hull, at(0, 24)[1], size)
    rows = np.arange(height, dtype=np.float32)[:, None]
    columns = np.arange(width, dtype=np.float32)[None, :]
    # the side that looks at the sun is warmer
    toward = np.clip(0.5 + (columns + left - x) / (430 * size) * np.sign(SUN[0] - x), 0, 1)
    fall = np.clip((rows - at(0, -58)[1]) / (78 * size), 0, 1)
    wood = mixed("#7d3d33", "#1d1426", fall * (1.15 - 0.45 * toward))
    lay(part, wood, hull)
    for step in (0.30, 0.58, 0.82):
        plank = [(ax + (bx - ax) * step, ay + (by - ay) * step) for (ax, ay), (bx, by) in zip(near, _spread(keel, len(near)), strict=True)]
        lay(part, rgb("#140d1c"), line(plank, 1.6) * hull * 0.6)
        lay(part, rgb("#d98a5c"), line([(px, py + 2.2 * size) for px, py in plank], 1.0) * hull * 0.4 * toward)
    lay(part, rgb("#24151f"), inside)
    shine(part, rgb("#c26a3a"), inside * np.clip((rows - at(0, -44)[1]) / (30 * size), 0, 1) * 0.3)
    for u in (-96, -6, 88):
        bench = mask(at(u - 12, -47), at(u + 12, -47), at(u + 19, -17), at(u - 13, -17))
        lay(part, rgb("#6a3a2e"), bench * inside)
        lay(part, rgb("#f0a863"), line([at(u - 12, -46), at(u - 13, -18)], 2.2) * inside * 0.6)
    for start, end in ((at(-150, -44), at(120, -40)), (at(-128, -36), at(150, -48))):
        lay(part, rgb("#c07b50"), line([start, end], 3.2) * 0.9)
    lay(part, rgb("#ffd9a0"), line(far, 3.0) * 0.9)
    lay(part, rgb("#a65a3e"), line(near, 5.4))
    lay(part, rgb("#ffd7a2"), line([(px, py - 1.6 * size) for px, py in near], 1.8) * (0.35 + 0.65 * toward))
    rope = bent([at(212, -62), at(224, -16), at(228, 26)])
    lay(part, rgb("#1a1220"), line(rope, 2.0) * 0.8)


def _spread(points: list[tuple[float, float]], count: int) -> list[tuple[float, float]]:
    """The same line with another number of points."""
    old = np.linspace(0, 1, len(points))
    new = np.linspace(0, 1, count)
    xs, ys = np.interp(new, old, [p[0] for p in points]), np.interp(new, old, [p[1] for p in points])
    return [(float(px), float(py)) for px, py in zip(xs, ys, strict=True)]


def _reflect(part: Array, hull: Array, waterline: float, size: float) -> None:
    """The hull upside down in the water, broken by ripples."""
    height, width = hull.shape
    rows = np.arange(height, dtype=np.float32)
    mirrored = np.clip(np.rint(2 * waterline - rows - 6 * size), 0, height - 1).astype(np.intp)
    away = np.clip((rows - waterline) / (60 * size), 0, 1)
    sway = (np.sin(rows / (2.3 * size) + 1.3) * 6 + np.sin(rows / (5.7 * size)) * 8) * size * away
    columns = np.clip(np.rint(np.arange(width, dtype=np.float32)[None, :] + sway[:, None]), 0, width - 1).astype(np.intp)
    mask = hull[mirrored[:, None], columns] * np.clip((rows - waterline + 20 * size) / (8 * size), 0, 1)[:, None]
    fade = np.clip(1.15 - (rows - waterline) / (95 * size), 0, 1)[:, None]
    lay(part, rgb("#1f1528"), blurred(mask, 1.2 + size) * fade * 0.85)


def _reeds(canvas: Array, rng: np.random.Generator) -> None:
    """Reeds in both lower corners, nearly black: they give the water its distance."""
    for left, right, count in ((0, 470, 52), (WIDTH - 420, WIDTH, 40)):
        part = canvas[520:, left:right]
        height, width = part.shape[:2]
        blades = [_blade(rng, width, height, mirrored=left > 0) for _ in range(count)]

        def draw(pen: ImageDraw, place: Place, blades: list[Blade] = blades) -> None:
            for blade, head in blades:
                pen.polygon(place(*blade), fill=255)
                if head:
                    pen.line(place(*head), fill=255, width=27, joint="curve")
                    for px, py in place(head[0], head[-1]):
                        pen.ellipse((px - 13, py - 13, px + 13, py + 13), fill=255)

        mask = shape(height, width, draw)
        lay(part, rgb("#17142a"), mask * 0.97)
        toward = nudged(mask, 0, 2 if left == 0 else -2)
        shine(part, rgb("#c77a63"), np.clip(mask - toward, 0, 1) * 0.4)


Blade = tuple[list[tuple[float, float]], list[tuple[float, float]]]


def _blade(rng: np.random.Generator, width: int, height: int, *, mirrored: bool) -> Blade:
    """One leaf as a polygon, and the line of its cattail (often none)."""
    chance = rng.random(6)
    root = float(chance[0]) ** 1.7 * width * 0.72 - 14
    tall = (140 + 310 * float(chance[1])) * (1 - root / width * 0.75)
    lean = (float(chance[2]) - 0.3) * 130
    wide = 2.0 + 3.0 * float(chance[3])
    sign = -1 if mirrored else 1
    x = width - root if mirrored else root
    cattail = float(chance[4]) < 0.24
    if cattail:
        lean, wide = lean * 0.3, 2.0
    spine = bent([(x, height + 6.0), (x + sign * lean * 0.2, height - tall * 0.5), (x + sign * lean, height - tall)], 12)
    count = len(spine) - 1
    taper = [wide * (1 - (i / count) ** 2) + 0.4 for i in range(count + 1)]
    polygon = [(px - w, py) for (px, py), w in zip(spine, taper, strict=True)]
    polygon += [(px + w, py) for (px, py), w in reversed(list(zip(spine, taper, strict=True)))]
    return polygon, spine[-6:-2] if cattail else []
