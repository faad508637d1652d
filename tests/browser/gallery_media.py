"""Pictures and a film for the gallery's tests, drawn when they are asked for."""

from __future__ import annotations

import io
import math
import subprocess
from functools import cache

import imageio_ffmpeg
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIZES = {"sea": (960, 540), "tower": (480, 854), "moon": (640, 640), "hills": (960, 600), "lamp": (600, 800), "road": (960, 540)}
"""Scenes and their sizes in px."""

_SKIES = {
    "sea": ((28, 52, 92), (250, 170, 92)),
    "tower": ((92, 140, 190), (236, 214, 190)),
    "moon": ((12, 16, 38), (64, 72, 120)),
    "hills": ((120, 170, 210), (250, 226, 190)),
    "lamp": ((44, 26, 40), (190, 96, 60)),
    "road": ((210, 120, 80), (250, 214, 150)),
}


@cache
def picture(scene: str) -> bytes:
    """A JPEG of a sky over ridges, with a sun or moon."""
    width, height = SIZES[scene]
    top, low = (np.array(colour, float) for colour in _SKIES[scene])
    down = np.linspace(0, 1, height)[:, None, None] ** 0.8
    sky = np.broadcast_to(top * (1 - down) + low * down, (height, width, 3))
    image = Image.fromarray(sky.astype(np.uint8))
    draw = ImageDraw.Draw(image)
    across, radius = int(width * 0.68), min(width, height) // 11
    draw.ellipse((across - radius, height // 3 - radius, across + radius, height // 3 + radius), fill=(255, 240, 210))
    for ridge in range(3):
        shade = tuple(int(value * (0.52 - 0.14 * ridge)) for value in low)
        base, swing = height * (0.62 + 0.13 * ridge), height * (0.07 - 0.012 * ridge)
        line = [
            (x, base + swing * math.sin(x / width * (5 + ridge * 3) + ridge * 2) - swing * math.cos(x / 41)) for x in range(0, width + 8, 8)
        ]
        draw.polygon([*line, (width, height), (0, height)], fill=shade)
    packed = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(0.7)).save(packed, "JPEG", quality=86)
    return packed.getvalue()


@cache
def film() -> bytes:
    """A silent mp4 of 4 s whose picture moves: H.264, index first."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=24:duration=4"]
    command += [
        "-c:v",
        "libx264",
        "-pix_fmt",
        "yuv420p",
        "-preset",
        "ultrafast",
        "-movflags",
        "+faststart+frag_keyframe",
        "-f",
        "mp4",
        "pipe:1",
    ]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
