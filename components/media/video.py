"""Looking at a finished film, and its poster.

The facts are read from the boxes of the file by a small reader of our own (no ffprobe comes with our ffmpeg); that it
plays is proved by decoding its key frames.
"""

from __future__ import annotations

from io import BytesIO
from typing import IO, TYPE_CHECKING, NamedTuple

from PIL import Image
from pydantic import BaseModel, ConfigDict

from components.errors import FilmUnreadable
from components.media.ffmpeg import FfmpegFailed, source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from components.media.ffmpeg import Ffmpeg

_MOST_INDEX_BYTES = 32_000_000  # a film of 15 s has 20 kB
_MOST_BOXES = 10_000
_LOOK_TIMEOUT_S = 60.0  # key frames of 15 s at 1080p take 0.3 s
_POSTER_QUALITY = 85
_WITH_64_BIT_SIZE = 1
_TO_THE_END = 0


class FilmReport(BaseModel):
    """The facts about a film.

    Args:
        width: Pixels as shown.
        height: Pixels as shown.
        duration_s: Seconds of the picture.
        fps: Frames a second, mean.
        frames: Pictures in it.
        has_audio: Whether there is a sound track.
        bytes: Size of the file.
        faststart: Whether the index stands before the data, so that it plays while it loads.
    """

    model_config = ConfigDict(frozen=True)

    width: int
    height: int
    duration_s: float
    fps: float
    frames: int
    has_audio: bool
    bytes: int
    faststart: bool


class _Box(NamedTuple):
    name: bytes
    start: int  # of its content
    end: int


class _Track(NamedTuple):
    handler: bytes = b""
    width: int = 0
    height: int = 0
    frames: int = 0
    duration_s: float = 0.0


def look_at(path: Path, ffmpeg: Ffmpeg) -> FilmReport:
    """Look at an mp4 and prove that it plays.

    Raises:
        FilmUnreadable: It is no mp4, is cut, has no picture, or its key frames do not decode.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        boxes = list(_file_boxes(file, size))
        index = next((box for box in boxes if box.name == b"moov"), None)
        data = next((box for box in boxes if box.name == b"mdat"), None)
        if boxes[0].name != b"ftyp" or index is None or data is None or index.end - index.start > _MOST_INDEX_BYTES:
            raise FilmUnreadable
        file.seek(index.start)
        moov = file.read(index.end - index.start)
    tracks = [_track(moov, box) for box in _boxes(moov, 0, len(moov)) if box.name == b"trak"]
    picture = next((track for track in tracks if track.handler == b"vide"), None)
    if picture is None or not picture.width or not picture.height:
        raise FilmUnreadable
    frames, duration_s = picture.frames, picture.duration_s
    _decode_key_frames(path, ffmpeg)
    if not frames:  # a film in fragments keeps its index in many places
        frames, duration_s = _count_packets(path, ffmpeg)
    if not frames or duration_s <= 0:
        raise FilmUnreadable
    return FilmReport(
        width=picture.width,
        height=picture.height,
        duration_s=round(duration_s, 3),
        fps=round(frames / duration_s, 3),
        frames=frames,
        has_audio=any(track.handler == b"soun" for track in tracks),
        bytes=size,
        faststart=index.start < data.start,
    )


def poster(path: Path, target_jpg: Path, ffmpeg: Ffmpeg, *, at_s: float = 0) -> None:
    """Write one picture of the film as a JPEG.

    Args:
        path: A film that was looked at.
        target_jpg: The new file.
        ffmpeg: Decodes it.
        at_s: Seconds from the start.

    Raises:
        FilmUnreadable: There is no picture at that time.
    """
    # by way of RGB: a JPEG straight from ffmpeg would keep the film's BT.709 and look off in browsers
    args = ["-ss", f"{at_s:.3f}", *source(path, "mov"), *("-map", "0:v:0", "-frames:v", "1", "-c:v", "ppm", "-f", "image2pipe", "pipe:1")]
    try:
        shot = ffmpeg.run(args)
    except FfmpegFailed as failed:
        raise FilmUnreadable from failed
    if not shot:
        raise FilmUnreadable
    with Image.open(BytesIO(shot), formats=("PPM",)) as image:
        image.save(target_jpg, "JPEG", quality=_POSTER_QUALITY, optimize=True, progressive=True)


def _file_boxes(file: IO[bytes], size: int) -> Iterator[_Box]:
    """The outermost boxes of a file; none may reach beyond its end."""
    at = 0
    if size < 8:  # noqa: PLR2004 - the smallest box
        raise FilmUnreadable
    while at + 8 <= size:
        file.seek(at)
        box = _box(file.read(16), 0, size - at)
        yield _Box(box.name, at + box.start, at + box.end)
        at += box.end


def _boxes(data: bytes, start: int, end: int) -> Iterator[_Box]:
    """The boxes that follow each other within a part of the index."""
    for _ in range(_MOST_BOXES):
        if start + 8 > end:
            return
        box = _box(data[start : start + 16], start, end)
        yield box
        start = box.end


def _box(head: bytes, at: int, end: int) -> _Box:
    """The box whose first 16 bytes are ``head`` and stand at ``at``."""
    length, content = int.from_bytes(head[:4], "big"), 8
    if length == _WITH_64_BIT_SIZE:
        length, content = int.from_bytes(head[8:16], "big"), 16
    elif length == _TO_THE_END:
        length = end - at
    if length < content or at + length > end:
        raise FilmUnreadable
    return _Box(head[4:8], at + content, at + length)


def _track(moov: bytes, trak: _Box) -> _Track:
    found: dict[bytes, _Box] = {}
    level = [trak]
    while level:  # only these boxes hold others that matter here
        for box in _boxes(moov, level[0].start, level.pop(0).end):
            found.setdefault(box.name, box)
            if box.name in (b"mdia", b"minf", b"stbl"):
                level.append(box)
    handler = found.get(b"hdlr")
    times = found.get(b"mdhd")
    if handler is None or times is None:
        return _Track()
    wide = moov[times.start] == 1  # version 1: 64-bit times
    scale = int.from_bytes(moov[times.start + (20 if wide else 12) :][:4], "big")
    length = int.from_bytes(moov[times.start + (24 if wide else 16) :][: 8 if wide else 4], "big")
    width = height = frames = 0
    if (head := found.get(b"tkhd")) is not None:
        width, height = (int.from_bytes(moov[head.end - rest :][:2], "big") for rest in (8, 4))  # 16.16 fixed point
        first, second = (int.from_bytes(moov[head.end - 44 + cell :][:4], "big") for cell in (0, 4))
        if first == 0 and second != 0:  # the matrix lays it on its side
            width, height = height, width
    if (sizes := found.get(b"stsz")) is not None:
        frames = int.from_bytes(moov[sizes.start + 8 : sizes.start + 12], "big")
    return _Track(moov[handler.start + 8 : handler.start + 12], width, height, frames, length / scale if scale else 0.0)


def _decode_key_frames(path: Path, ffmpeg: Ffmpeg) -> None:
    args = [
        "-xerror",
        "-skip_frame",
        "nokey",
        *source(path, "mov"),
        *("-map", "0:v:0", "-an", "-fps_mode", "passthrough", "-f", "framecrc", "pipe:1"),
    ]
    try:
        decoded = ffmpeg.run(args, timeout_s=_LOOK_TIMEOUT_S)
    except FfmpegFailed as failed:
        raise FilmUnreadable from failed
    if not _packets(decoded):
        raise FilmUnreadable


def _count_packets(path: Path, ffmpeg: Ffmpeg) -> tuple[int, float]:
    """Frames and seconds of a film, by its packets."""
    args = [*source(path, "mov"), *("-map", "0:v:0", "-c", "copy", "-f", "framecrc", "pipe:1")]
    try:
        listed = ffmpeg.run(args, timeout_s=_LOOK_TIMEOUT_S)
    except FfmpegFailed as failed:
        raise FilmUnreadable from failed
    packets = _packets(listed)
    base = next((line.split()[2] for line in listed.splitlines() if line.startswith(b"#tb 0:")), b"")
    above, _, below = base.partition(b"/")
    if len(packets) < 2 or not above or not below:  # noqa: PLR2004 - one distance is needed
        return 0, 0.0
    ticks = (int(packets[-1][1]) - int(packets[0][1])) / (len(packets) - 1)  # a stated duration is rough at the end of a fragment
    return len(packets), len(packets) * ticks * int(above) / int(below)


def _packets(listed: bytes) -> list[list[bytes]]:
    """Lines of ffmpeg's ``framecrc``: stream, dts, pts, duration, size, checksum."""
    return [line.split(b",") for line in listed.splitlines() if line and not line.startswith(b"#")]
