"""Making a picture fit to leave the house, from the original, in one go.

What a person agreed to (``mends``) is done in the order of API.md §3; harmless repairs are done and said without
asking: turned upright, metadata and location taken out, plain 8-bit sRGB, no BMP where it is not taken. Where no pixel
changes, no pixel is encoded again.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Annotated, Literal

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from components.errors import CannotMend
from components.media import colour
from components.media.image import ImageReport, Opened, alpha_of, decoding, has_transparency, opened, orientation_of
from components.media.sniff import Kind
from components.media.strip import Stripped, strip

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_QUALITIES = ((95, 0), (92, 0), (88, 0), (82, 0), (75, 2), (60, 2), (40, 2))  # (quality, subsampling: 0 is 4:4:4, 2 is 4:2:0)
_FEW_COLOURS = 4096  # a drawing: PNG packs it better than JPEG, and without smearing
_SUFFIX = {Kind.JPEG: ".jpg", Kind.PNG: ".png", Kind.WEBP: ".webp", Kind.BMP: ".bmp"}

# EXIF orientation -> (mirrored left to right first, then quarter turns clockwise)
_EXIF_TURNS = {
    1: (False, 0),
    2: (True, 0),
    3: (False, 2),
    4: (True, 2),
    5: (True, 3),
    6: (False, 1),
    7: (True, 1),
    8: (False, 3),
}
_TRANSPOSES = {
    (True, 0): Image.Transpose.FLIP_LEFT_RIGHT,
    (False, 1): Image.Transpose.ROTATE_270,  # Pillow turns counter-clockwise
    (True, 1): Image.Transpose.TRANSVERSE,
    (False, 2): Image.Transpose.ROTATE_180,
    (True, 2): Image.Transpose.FLIP_TOP_BOTTOM,
    (False, 3): Image.Transpose.ROTATE_90,
    (True, 3): Image.Transpose.TRANSPOSE,
}


class _Mend(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Turn(_Mend):
    """Turn the upright picture clockwise by ``degrees``."""

    code: Literal["turn"] = "turn"
    degrees: Literal[90, 180, 270]


class Flatten(_Mend):
    """Lay the picture on a plain ``color`` (``#rrggbb``)."""

    code: Literal["flatten"] = "flatten"
    color: str = Field(default="#ffffff", pattern=r"^#[0-9a-fA-F]{6}$")


class Shrink(_Mend):
    """Make the long side as long as the service takes."""

    code: Literal["shrink"] = "shrink"


class Recompress(_Mend):
    """Write a smaller file of the same pixels."""

    code: Literal["recompress"] = "recompress"


ImageMend = Annotated[Turn | Flatten | Shrink | Recompress, Field(discriminator="code")]


@dataclass(frozen=True, slots=True)
class PreparedImage:
    """A picture that may leave the house.

    Args:
        path: The new file.
        report: Its facts.
        applied: Codes of what was done, repairs first, then mends, each in the order of API.md §3.
    """

    path: Path
    report: ImageReport
    applied: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What has to be done to one picture; sizes in px, of the picture as stored."""

    orientation: int
    turn: tuple[bool, int]
    size: tuple[int, int]
    to_plain: bool
    convert: str | None
    flatten: str | None
    shrunk: bool
    heavy: bool

    @property
    def touches_pixels(self) -> bool:
        return self.turn != (False, 0) or self.to_plain or self.convert is not None or self.flatten is not None or self.shrunk or self.heavy


def prepare_image(
    source: Path, target_dir: Path, stem: str, *, mends: Sequence[ImageMend], longest: int, max_bytes: int, formats: tuple[str, ...]
) -> PreparedImage:
    """Write the picture as it may be sent into ``target_dir``.

    A mend that the picture does not need is left out. An animation keeps its frames and is only stripped.

    Args:
        source: The original.
        target_dir: An existing folder.
        stem: Name of the new file without its ending.
        mends: What a person agreed to; at most one of each.
        longest: The longest side that the service takes, in px.
        max_bytes: The largest file that the service takes.
        formats: Formats that the service takes (``jpeg``, ``png``, ``webp``, ``bmp``).

    Raises:
        FileEmpty, UnknownFile, FileTooBig, FileDamaged: As ``inspect_image``.
        CannotMend: An animation was to be changed, or no quality is small enough for ``max_bytes``.
    """
    with opened(source) as picture:
        image = picture.image
        asked: dict[str, ImageMend] = {mend.code: mend for mend in mends}
        if picture.kind is Kind.JPEG and "shrink" in asked:
            image.draft(image.mode, _within(picture.size, longest))
        with decoding():
            image.load()
            transparent = has_transparency(image)
        plan = _plan(picture, asked, transparent=transparent, longest=longest, max_bytes=max_bytes, formats=formats)
        if picture.frames > 1 and (plan.shrunk or plan.flatten or plan.heavy or "turn" in asked):
            raise CannotMend(field="image", frames=picture.frames)
        picture.file.seek(0)
        bare = strip(picture.file.read(), picture.kind, transparent=transparent, animated=picture.frames > 1)
        untouched = picture.frames > 1 or not plan.touches_pixels
        if untouched and bare.data is not None:
            data, kind, size = bare.data, picture.kind, picture.size
        elif untouched and picture.kind is Kind.BMP:
            data, kind, size = _saved(image, "BMP"), Kind.BMP, picture.size
        else:
            image = _changed(image, plan)
            transparent = transparent and plan.flatten is None
            data, kind = _encoded(image, picture.kind, transparent=transparent, max_bytes=max_bytes, formats=formats)
            size = image.size
        path = target_dir / f"{stem}{_SUFFIX[kind]}"
        path.write_bytes(data)
        report = ImageReport(
            format=kind.value,
            width=size[0],
            height=size[1],
            bytes=len(data),
            orientation=1,
            has_transparency=transparent,
            frames=picture.frames if untouched else 1,
        )
        return PreparedImage(path, report, _applied(plan, asked, bare, animated=picture.frames > 1))


def _plan(
    picture: Opened, asked: dict[str, ImageMend], *, transparent: bool, longest: int, max_bytes: int, formats: tuple[str, ...]
) -> _Plan:
    orientation = orientation_of(picture.image)
    mirrored, quarters = _EXIF_TURNS[orientation]
    if isinstance(turn := asked.get("turn"), Turn):
        quarters = (quarters + turn.degrees // 90) % 4
    size = _within(picture.size, longest) if "shrink" in asked else picture.size
    flatten = asked.get("flatten")
    refused = picture.kind.value not in formats or (picture.kind is Kind.BMP and picture.bytes > max_bytes)
    return _Plan(
        orientation=orientation,
        turn=(mirrored, quarters),
        size=size,
        to_plain=colour.needs_plain(picture.image) or _is_deep(picture),
        convert=None if not refused else "to_png" if picture.kind is Kind.BMP else "convert",
        flatten=flatten.color if transparent and isinstance(flatten, Flatten) else None,
        shrunk=size != picture.size,
        heavy="recompress" in asked and picture.bytes > max_bytes,
    )


def _within(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """The size of the same shape whose long side is at most ``longest`` px."""
    width, height = size
    long = max(size)
    if long <= longest:
        return size
    return max(1, round(width * longest / long)), max(1, round(height * longest / long))


def _is_deep(picture: Opened) -> bool:
    """A PNG of 16 bits a channel; Pillow hands out RGB of 8 and does not tell."""
    picture.file.seek(24)
    return picture.kind is Kind.PNG and picture.file.read(1) == b"\x10"


def _changed(image: Image.Image, plan: _Plan) -> Image.Image:
    """The pixels as planned; shrinking comes as early as the mode allows, since everything after it is cheaper."""
    profile = image.info.get("icc_profile")
    with decoding():
        image = colour.to_plain_mode(image, alpha_of(image))
        if plan.shrunk and image.size != plan.size:
            image = image.resize(plan.size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        image = colour.to_srgb(image, profile if isinstance(profile, bytes) else None)
    if plan.flatten is not None:
        ground = Image.new("RGB", image.size, plan.flatten)
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    step = _TRANSPOSES.get(plan.turn)
    return image if step is None else image.transpose(step)


def _encoded(image: Image.Image, source: Kind, *, transparent: bool, max_bytes: int, formats: tuple[str, ...]) -> tuple[bytes, Kind]:
    """The new file: PNG for what is transparent or drawn, else JPEG of the best quality that is small enough."""
    if transparent and "png" in formats:
        return _saved(image, "PNG", compress_level=4), Kind.PNG
    if transparent and "webp" in formats:
        return _saved(image, "WEBP", lossless=True, method=0), Kind.WEBP
    if image.mode != "RGB":
        image = image.convert("RGB")
    drawn = source is not Kind.JPEG and image.getcolors(_FEW_COLOURS) is not None
    if "png" in formats and (drawn or "jpeg" not in formats):
        data = _saved(image, "PNG", compress_level=4)
        if len(data) <= max_bytes or "jpeg" not in formats:
            return data, Kind.PNG
    for quality, subsampling in _QUALITIES:
        data = _saved(image, "JPEG", quality=quality, subsampling=subsampling)
        if len(data) <= max_bytes:
            return data, Kind.JPEG
    raise CannotMend(field="image", max=max_bytes)


def _saved(image: Image.Image, form: str, **options: int | bool) -> bytes:
    out = BytesIO()
    image.info = {}  # savers write comments, profiles and resolutions that are still in there
    image.save(out, form, **options)
    return out.getvalue()


def _applied(plan: _Plan, asked: dict[str, ImageMend], bare: Stripped, *, animated: bool) -> tuple[str, ...]:
    done = (
        ("upright", plan.orientation != 1 and not animated),
        ("strip", bare.telling),
        ("to_rgb", plan.to_plain and not animated),
        (plan.convert or "", plan.convert is not None and not animated),
        ("turn", "turn" in asked),
        ("flatten", plan.flatten is not None),
        ("shrink", plan.shrunk),
        ("recompress", plan.heavy),
    )
    return tuple(code for code, happened in done if happened)
