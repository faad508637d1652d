"""Looking at a picture: what it is, whether it decodes, and the facts that rules judge.

First bytes → one parser and no other → size by the header → guards → full decode. The decode is cheap enough to do
always (a JPEG's at an eighth of its size: every bit is read, but few pixels are kept).
"""

from __future__ import annotations

import re
import struct
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from PIL import Image, ImageChops
from PIL.Image import DecompressionBombError, DecompressionBombWarning
from pydantic import BaseModel, ConfigDict

from components.errors import FileDamaged, FileEmpty, FileTooBig, UnknownFile
from components.media.sniff import HEAD_BYTES, Kind, sniff

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST_FILE = 40_000_000  # bytes; bigger pictures are not looked at (API.md §3)
MOST_PIXELS = 80_000_000
PICTURES = (Kind.JPEG, Kind.PNG, Kind.WEBP, Kind.BMP)
UPRIGHT = 1  # the EXIF orientation that means: leave it as it is

_MOST_SCANS = 200  # real progressive files have about 10, optimised ones up to 20
_MOST_SCAN_PIXELS = 20 * MOST_PIXELS  # every scan of a JPEG visits every block again
_SCAN_START = b"\xff\xda"
_DECODE_ERRORS = (OSError, SyntaxError, ValueError, IndexError, KeyError, TypeError, EOFError, OverflowError, struct.error, zlib.error)
_ORIENTATION_TAG = 0x0112
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


class ImageReport(BaseModel):
    """The facts about a picture.

    Args:
        format: ``jpeg``, ``png``, ``webp`` or ``bmp``.
        width: Pixels, after turning upright.
        height: Pixels, after turning upright.
        bytes: Size of the file.
        orientation: The EXIF orientation as found, 1-8.
        has_transparency: Whether any pixel is not fully opaque (of the first frame).
        frames: 1, or more for an animation.
    """

    model_config = ConfigDict(frozen=True)

    format: str
    width: int
    height: int
    bytes: int
    orientation: int
    has_transparency: bool
    frames: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A picture behind all guards, its pixels not read yet.

    Args:
        image: Pillow's, lazily loaded.
        file: The same file, open for reading its bytes.
        kind: One of ``PICTURES``.
        size: Stored (width, height) in px, before turning upright.
        bytes: Size of the file.
        frames: 1, or more for an animation.
    """

    image: Image.Image
    file: IO[bytes]
    kind: Kind
    size: tuple[int, int]
    bytes: int
    frames: int


def inspect_image(path: Path) -> ImageReport:
    """Look at a whole picture.

    Raises:
        FileEmpty: There is no byte.
        UnknownFile: It is no JPEG, PNG, WebP or BMP; ``kind`` names what it is.
        FileTooBig: More than ``LONGEST_FILE`` bytes or ``MOST_PIXELS`` pixels.
        FileDamaged: It does not decode to its end, or is built to keep decoders busy.
    """
    with opened(path) as picture:
        if picture.kind is Kind.JPEG:
            picture.image.draft(picture.image.mode, (max(1, picture.size[0] // 8), max(1, picture.size[1] // 8)))
        with decoding():
            picture.image.load()
            transparent = has_transparency(picture.image)
        orientation = orientation_of(picture.image)
        width, height = picture.size if orientation < 5 else picture.size[::-1]  # noqa: PLR2004 - 5 to 8 lie on their side
        return ImageReport(
            format=picture.kind.value,
            width=width,
            height=height,
            bytes=picture.bytes,
            orientation=orientation,
            has_transparency=transparent,
            frames=picture.frames,
        )


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """Open a picture with the one parser for its first bytes, after every check that needs no decoding.

    Raises:
        FileEmpty, UnknownFile, FileTooBig, FileDamaged: As ``inspect_image``.
    """
    size = path.stat().st_size
    if size == 0:
        raise FileEmpty(field="image")
    if size > LONGEST_FILE:
        raise FileTooBig(field="image", bytes=size, max=LONGEST_FILE)
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        kind = sniff(head)
        if kind not in PICTURES:
            raise UnknownFile(field="image", kind=kind.value)
        if kind is Kind.WEBP:
            _check_pixels(_webp_size(head))  # Pillow's reader takes room for the whole canvas when it opens one
        with decoding():
            image = Image.open(path, formats=(kind.value.upper(),))
        with image:
            _check_pixels(image.size)
            if kind is Kind.JPEG:
                _check_scans(file, image.size)
            with decoding():
                frames = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
            yield Opened(image=image, file=file, kind=kind, size=image.size, bytes=size, frames=frames)


@contextmanager
def decoding() -> Iterator[None]:
    """Whatever a decoder throws inside means that the file is damaged.

    Raises:
        FileTooBig: Pillow's own limit was reached first.
        FileDamaged: Anything else.
    """
    try:
        yield
    except (DecompressionBombError, DecompressionBombWarning) as bomb:
        raise FileTooBig(field="image", max_pixels=MOST_PIXELS) from bomb
    except _DECODE_ERRORS as damage:
        raise FileDamaged(field="image") from damage


def orientation_of(image: Image.Image) -> int:
    """The EXIF orientation 1-8 of a loaded picture; 1 where there is none or it makes no sense.

    Read here in a few lines: Pillow's full EXIF reader warns about, and stumbles over, broken neighbours of the tag,
    and it believes XMP, which browsers do not.
    """
    exif = image.info.get("exif")
    if not isinstance(exif, bytes):
        return UPRIGHT
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return UPRIGHT
    try:
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, start)
        for entry in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind, _, value = struct.unpack_from(order + "HHIH", tiff, entry)
            if tag == _ORIENTATION_TAG:
                return value if kind == 3 and 1 <= value <= 8 else UPRIGHT  # noqa: PLR2004 - a SHORT of 1 to 8
    except struct.error:
        return UPRIGHT  # the tag lies beyond the end
    return UPRIGHT


def has_transparency(image: Image.Image) -> bool:
    """Whether any pixel of a loaded picture is not fully opaque; an alpha channel alone says nothing."""
    alpha = alpha_of(image)
    if alpha is None:
        return False
    lowest, _ = alpha.getextrema()
    return isinstance(lowest, int) and lowest < 255  # noqa: PLR2004 - opaque


def alpha_of(image: Image.Image) -> Image.Image | None:
    """The opacity of a loaded picture as a picture of mode L (0 clear, 255 opaque), or None where nothing can be clear."""
    if "A" in image.getbands():
        return image.getchannel("A")
    if "a" in image.getbands():
        return image.getchannel("a")
    key = image.info.get("transparency")
    if key is None:
        return None
    if image.mode == "P":
        table = key if isinstance(key, bytes) else bytes(255 if index != key else 0 for index in range(256))
        return image.point(list(table.ljust(256, b"\xff")[:256]), "L")
    if image.mode == "1":
        image = image.convert("L")
        key = 255 if key else 0
    keys = key if isinstance(key, tuple) else (key,)
    if image.mode == "I;16":
        return image.point(lambda value: value * (1 / 256)).convert("L").point([0 if v == keys[0] >> 8 else 255 for v in range(256)])
    alpha: Image.Image | None = None
    for band, value in zip(image.split(), keys, strict=False):
        differs = band.point([0 if v == value else 255 for v in range(256)])
        alpha = differs if alpha is None else ImageChops.lighter(alpha, differs)
    return alpha


def _check_pixels(size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MOST_PIXELS:
        raise FileTooBig(field="image", width=width, height=height, max_pixels=MOST_PIXELS)


def _webp_size(head: bytes) -> tuple[int, int]:
    """Canvas of a WebP by its first chunk; (0, 0) where the chunk is none that states it."""
    form, body = head[12:16], head[20:30]
    if form == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if form == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if form == b"VP8 ":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    return 0, 0


def _check_scans(file: IO[bytes], size: tuple[int, int]) -> None:
    """Refuse a JPEG of thousands of scans: ten megabytes of them cost a decoder minutes."""
    most = min(_MOST_SCANS, _MOST_SCAN_PIXELS // max(1, size[0] * size[1]))
    file.seek(0)
    data = file.read()
    file.seek(0)
    # a film appended to the picture holds such bytes by chance: count with care only when there are many
    if data.count(_SCAN_START) > most and count_scans(data, most) > most:
        raise FileDamaged(field="image")


def count_scans(data: bytes, enough: int) -> int:
    """The scans of the first picture in a JPEG file, counted up to a little more than ``enough``."""
    scans, at = 0, 2
    while scans <= enough and (marker := _NEXT_MARKER.search(data, at)) is not None:
        code = data[marker.start() + 1]
        if code == 0xD9:  # noqa: PLR2004 - EOI
            break
        scans += code == 0xDA  # noqa: PLR2004 - SOS
        at = marker.start() + 2
        at += int.from_bytes(data[at : at + 2], "big")
    return scans
