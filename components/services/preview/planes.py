"""The picture as BT.709 planes, and one frame cut out of them.

The picture is converted once; each frame then costs three resamplings in C and no colour conversion (``resize`` takes a
box of floats, so a slow move is smooth to a hundredth of a pixel).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFilter

if TYPE_CHECKING:
    from typing import Literal

AREAS = {"720p": 1280 * 720, "1080p": 1920 * 1080}
OVERSAMPLING = 1.25  # working copy over film: as sharp at any sub-pixel shift, and no wider filter than needed
OVERSAMPLING_TURNED = 1.5  # the same for bilinear transforms (turned or in perspective)
_NOTHING = 1e-9  # of the picture: rounding
LARGEST_SIDE = 4096  # px of a working copy
# What the bilinear filter will soften is sharpened once, in the working copy: then a frame is as near to a LANCZOS one as with
# the bicubic filter, at two thirds of its cost.
_CRISP = ImageFilter.UnsharpMask(radius=0.8, percent=60, threshold=0)
Size = tuple[int, int]

# Rows of R, G, B, offset for full-range RGB to limited-range Y, Cb, Cr (ITU-R BT.709-6, 8 bit).
_KR, _KB = 0.2126, 0.0722
_KG = 1 - _KR - _KB
_LUMA, _CHROMA = 219 / 255, 224 / 255
_CB, _CR = _CHROMA / (2 * (1 - _KB)), _CHROMA / (2 * (1 - _KR))
BT709 = (
    *(_KR * _LUMA, _KG * _LUMA, _KB * _LUMA, 16.0),
    *(-_KR * _CB, -_KG * _CB, (1 - _KB) * _CB, 128.0),
    *((1 - _KR) * _CR, -_KG * _CR, -_KB * _CR, 128.0),
)


@dataclass(frozen=True, slots=True)
class View:
    """What the camera sees, in units of the picture (0–1 from its top left corner).

    Args:
        x: Centre.
        y: Centre.
        share: Width seen over width of the picture; over 1 looks beyond its edges.
        roll: Degrees clockwise.
        keystone: −0.2 to 0.2: how much nearer the right side is than the left.
    """

    x: float
    y: float
    share: float
    roll: float = 0.0
    keystone: float = 0.0

    @property
    def flat(self) -> bool:
        """Whether it is an upright rectangle."""
        return self.roll == 0 and self.keystone == 0

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of an upright view."""
        half = self.share / 2
        return self.x - half, self.y - half, self.x + half, self.y + half

    def corners(self, aspect: float) -> tuple[tuple[float, float], ...]:
        """Top left, bottom left, bottom right, top right; drawn in where a corner would leave the picture.

        Args:
            aspect: Width over height of the picture.
        """
        sin, cos = math.sin(math.radians(self.roll)), math.cos(math.radians(self.roll))
        offsets = []
        for dx, dy in ((-0.5, -0.5), (-0.5, 0.5), (0.5, 0.5), (0.5, -0.5)):
            near = 1 / (1 + 2 * self.keystone * dx)
            px, py = dx * near * aspect, dy * near
            offsets.append(((px * cos - py * sin) / aspect, px * sin + py * cos))
        room = min(_room(centre, offset) for point in offsets for centre, offset in zip((self.x, self.y), point, strict=True))
        share = min(self.share, room * 0.998)  # a transform paints black at the outermost half pixel
        return tuple((self.x + share * dx, self.y + share * dy) for dx, dy in offsets)


def _room(centre: float, offset: float) -> float:
    """How far a ray from ``centre`` may be stretched before it leaves 0–1."""
    if offset == 0:
        return math.inf
    return ((1 - centre) if offset > 0 else -centre) / offset


def film_size(width: int, height: int, quality: Literal["720p", "1080p"]) -> Size:
    """Even sides of the quality's area with the picture's own ratio (1184x880 at 720p gives 1114x828)."""
    area = AREAS[quality]
    return _even(math.sqrt(area * width / height)), _even(math.sqrt(area * height / width))


def _even(side: float) -> int:
    return max(2, 2 * round(side / 2))


@dataclass(frozen=True, slots=True)
class Canvas:
    """The working copy for one shot: Y, Cb and Cr of a region of the picture.

    Args:
        y: Luma.
        u: Blue difference, half the sides.
        v: Red difference, half the sides.
        region: Left, top, right, bottom in units of the picture.
        aspect: Width over height of the whole picture.
    """

    y: Image.Image
    u: Image.Image
    v: Image.Image
    region: tuple[float, float, float, float]
    aspect: float

    def frame(self, view: View, size: Size) -> tuple[Image.Image, Image.Image, Image.Image]:
        """The three planes of one frame, the chroma planes at half ``size``."""
        half = (size[0] // 2, size[1] // 2)
        return self._cut(self.y, view, size), self._cut(self.u, view, half), self._cut(self.v, view, half)

    def _cut(self, plane: Image.Image, view: View, size: Size) -> Image.Image:
        if view.flat:
            left, top, right, bottom = view.box
            (x0, y0), (x1, y1) = self._pixel(plane, left, top), self._pixel(plane, right, bottom)
            box = (max(0.0, x0), max(0.0, y0), min(float(plane.width), x1), min(float(plane.height), y1))
            return plane.resize(size, Image.Resampling.BILINEAR, box)
        quad = [self._pixel(plane, x, y) for x, y in view.corners(self.aspect)]
        return plane.transform(size, Image.Transform.PERSPECTIVE, _perspective(quad, size), Image.Resampling.BILINEAR)

    def _pixel(self, plane: Image.Image, x: float, y: float) -> tuple[float, float]:
        left, top, right, bottom = self.region
        return (x - left) / (right - left) * plane.width, (y - top) / (bottom - top) * plane.height


def _perspective(quad: list[tuple[float, float]], size: Size) -> list[float]:
    """The eight figures that take a point of the frame to its point in ``quad`` (as ``View.corners`` orders it)."""
    width, height = size
    rows, goal = [], []
    for (x, y), (u, v) in zip(((0, 0), (0, height), (width, height), (width, 0)), quad, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        goal += [u, v]
    return [float(figure) for figure in np.linalg.solve(np.array(rows, float), np.array(goal, float))]


def make_canvas(picture: Image.Image, views: list[View], size: Size) -> Canvas:
    """The working copy that all ``views`` of a shot are cut from.

    Args:
        picture: RGB.
        views: Every view of the shot.
        size: Of the film, px.
    """
    aspect = picture.width / picture.height
    flat = all(view.flat for view in views)
    boxes = [view.box for view in views]
    region = (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
    if not flat:
        region = (0.0, 0.0, 1.0, 1.0)
    shares = [view.share for view in views]
    scale = (OVERSAMPLING if flat else OVERSAMPLING_TURNED) / math.sqrt(min(shares) * max(shares))
    wanted = (size[0] * scale * (region[2] - region[0]), size[1] * scale * (region[3] - region[1]))
    shrink = min(1.0, LARGEST_SIDE / max(wanted))
    work = (_even(wanted[0] * shrink), _even(wanted[1] * shrink))
    beyond = max(0.0, -region[0], -region[1], region[2] - 1, region[3] - 1)
    source, offset = (picture, (0, 0)) if beyond < _NOTHING else _mirrored(picture, beyond)
    box = (
        max(0.0, region[0] * picture.width + offset[0]),
        max(0.0, region[1] * picture.height + offset[1]),
        min(float(source.width), region[2] * picture.width + offset[0]),
        min(float(source.height), region[3] * picture.height + offset[1]),
    )
    rgb = source.resize(work, Image.Resampling.LANCZOS, box)
    y, u, v = rgb.convert("RGB", BT709).split()
    half = (work[0] // 2, work[1] // 2)
    return Canvas(y.filter(_CRISP), u.resize(half, Image.Resampling.BOX), v.resize(half, Image.Resampling.BOX), region, aspect)


def _mirrored(picture: Image.Image, beyond: float) -> tuple[Image.Image, tuple[int, int]]:
    """The picture with its edges mirrored outwards and softened, for a camera that pulls back beyond them.

    Args:
        picture: RGB.
        beyond: How far, in units of the picture.

    Returns:
        The larger picture, and where the old top left corner is in it.
    """
    pad_x, pad_y = math.ceil(beyond * picture.width) + 2, math.ceil(beyond * picture.height) + 2
    padded = np.pad(np.asarray(picture), ((pad_y, pad_y), (pad_x, pad_x), (0, 0)), mode="reflect")
    wide = Image.fromarray(padded)
    soft = wide.filter(ImageFilter.GaussianBlur(0.006 * max(picture.size)))
    out_x = np.maximum(0, np.abs(np.arange(wide.width) - (wide.width - 1) / 2) - picture.width / 2) / pad_x
    out_y = np.maximum(0, np.abs(np.arange(wide.height) - (wide.height - 1) / 2) - picture.height / 2) / pad_y
    away = np.clip(2 * np.maximum(out_x[None, :], out_y[:, None]), 0, 1)
    return Image.composite(soft, wide, Image.fromarray((away * 255).astype(np.uint8))), (pad_x, pad_y)
