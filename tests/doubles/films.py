"""The films that the doubles deliver: real mp4s of the length, size and sound that were asked for."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from components.media.ffmpeg import find_ffmpeg

PIXELS = {"720p": 921_600, "1080p": 2_073_600}
"""Pixels of a tier; the picture's ratio decides how they lie."""
FPS = 30
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Cut:
    """What a film is like; ``seconds`` whole, ``width`` and ``height`` even."""

    seconds: int
    width: int
    height: int
    sound: bool


def size_of(quality: str, image: tuple[int, int] | None) -> tuple[int, int]:
    """Width and height in px: the picture's ratio at the tier's pixel count, down to even numbers (as measured)."""
    width, height = image or (16, 9)
    scale = math.sqrt(PIXELS[quality] / (width * height))
    return max(2, int(width * scale + 1e-6) // 2 * 2), max(2, int(height * scale + 1e-6) // 2 * 2)


def film(cut: Cut) -> bytes:
    """The film, made once in a process; a picture changes only every other second, so it costs little to make."""
    with _LOCK:
        return _film(cut)


@cache
def _film(cut: Cut) -> bytes:
    with TemporaryDirectory() as folder:
        target = Path(folder) / "film.mp4"
        picture = ["-f", "lavfi", "-i", f"testsrc=s=320x180:r=1/2:d={cut.seconds + 2}"]
        sound = ["-f", "lavfi", "-i", f"sine=f=330:r=44100:d={cut.seconds}"] if cut.sound else []
        codecs = [
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-tune",
            "stillimage",
            "-pix_fmt",
            "yuv420p",
            "-g",
            str(FPS * 2),
            "-threads",
            "1",
        ]
        codecs += ["-c:a", "aac", "-ac", "2", "-b:a", "96k"] if cut.sound else []
        shape = ["-vf", f"scale={cut.width}:{cut.height}:flags=neighbor,setsar=1,fps={FPS}", "-t", str(cut.seconds)]
        find_ffmpeg().run([*picture, *sound, *shape, *codecs, "-movflags", "+faststart", str(target)], timeout_s=120)
        return target.read_bytes()
