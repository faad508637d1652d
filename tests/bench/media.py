"""What looking at files and mending them costs, as ratios within one run (medians of interleaved rounds)."""

from __future__ import annotations

import statistics
import time
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from PIL import Image

from components.media import mp3
from components.media.image import inspect_image
from components.media.mend import Shrink, prepare_image
from components.media.sound import inspect_sound
from tests import media_factory as made

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it looks for ffmpeg on PATH
    from pydub import AudioSegment

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 7


def medians(*jobs: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> list[float]:
    """Milliseconds of each job by ``clock``, run in turn so that a busy moment hits all of them."""
    spent: list[list[float]] = [[] for _ in jobs]
    for _ in range(ROUNDS):
        for job, times in zip(jobs, spent, strict=True):
            start = clock()
            job()
            times.append((clock() - start) * 1000)
    return [statistics.median(times) for times in spent]


def run() -> None:
    """Print the ratios and their goals."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for line in (*_looking(folder), *_mending(folder), *_lengths(folder)):
            print(line)


def _looking(folder: Path) -> list[str]:
    lines = []
    files = {
        "JPEG 4 MP": made.jpeg(2000, 2000, noise=40, quality=95),
        "PNG 4 MP": made.png(2000, 2000, noise=10),
        "PNG 4 MP, opaque alpha": made.png(2000, 2000, noise=10, mode="RGBA"),
        "WebP 4 MP": made.webp(2000, 2000),
        "BMP 3.3 MP": made.bmp(2000, 1650),
        "JPEG 48 MP": made.jpeg(8000, 6000),
    }
    for what, data in files.items():
        path = folder / "picture"
        path.write_bytes(data)
        ours, load = medians(lambda path=path: inspect_image(path), lambda path=path: _load(path))  # type: ignore[misc]
        lines.append(f"inspect {what} ({len(data) / 1e6:.1f} MB): {ours:.0f} ms = {ours / load:.2f} x Image.load()   (goal <= 1.5)")
    return lines


def _load(path: Path) -> None:
    with Image.open(path) as image:
        image.load()


def _mending(folder: Path) -> list[str]:
    path = folder / "phone.jpg"
    path.write_bytes(made.jpeg(8000, 6000, noise=12, quality=88, orientation=6, gps=True))

    def mend() -> None:
        prepare_image(path, folder, "sent", mends=[Shrink()], longest=2000, max_bytes=10_000_000, formats=("jpeg", "png", "webp", "bmp"))

    ours, load = medians(mend, lambda: _load(path), clock=time.process_time)  # work: other programs' turns do not count
    what = f"mend a 48 MP phone photo ({path.stat().st_size / 1e6:.1f} MB; upright, strip, shrink)"
    return [f"{what}: {ours:.0f} ms of work = {ours / load:.2f} x decoding it   (goal <= 300 ms)"]


def _lengths(folder: Path) -> list[str]:
    lines = []
    for seconds, kbps in ((30, 192), (180, 128)):
        path = folder / "sound.mp3"
        path.write_bytes(made.mp3(seconds, kbps=kbps))
        walk, decode, look = medians(
            lambda path=path: mp3.walk(path),  # type: ignore[misc]
            lambda path=path: _decode(path),  # type: ignore[misc]
            lambda path=path: inspect_sound(path, made.ffmpeg()),  # type: ignore[misc]
        )
        lines.append(f"length of {seconds} s mp3: {walk:.2f} ms, {decode / walk:.0f} x faster than pydub's decode   (goal >= 50)")
        lines.append(f"whole look at {seconds} s mp3, peaks included: {look:.0f} ms = {look / decode:.2f} x pydub's decode")
    target = folder / "piece.mp3"
    (piece,) = medians(lambda: mp3.cut(folder / "sound.mp3", target, 0, 5))
    lines.append(f"cut 5 s of it without decoding: {piece:.2f} ms")
    return lines


def _decode(path: Path) -> None:
    AudioSegment.converter = str(made.ffmpeg().exe)
    AudioSegment.from_file(path, format="mp3", codec="mp3")
