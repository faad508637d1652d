"""The Preview against ffmpeg encoding the very same frames; how fast it stops; how even a slow pan is.

The limit is an encoder fed with the finished frames from a file by a fresh Python process, as the Preview's is; the encoder
reading that file by itself is printed beside it. Goals (2 cores): wall at most 2.3 times the limit, cancelled within 150 ms,
720p at 1.5 times real time and 1080p at 0.9 or better, a pan's unevenness at most 0.15 px after encoding.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from components.generation.request import Request
from components.media.ffmpeg import find_ffmpeg
from components.services.base import Finished, Order, Working
from components.services.preview.encode import film_args
from components.services.preview.motion import read_move
from components.services.preview.planes import film_size
from components.services.preview.render import frames_of
from components.services.preview.service import Preview
from components.services.preview.shots import plan
from components.services.preview.spec import Spec

ROUNDS = 5
PROMPT = "the camera slowly pans right over the sea"


def run() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_run(Path(folder)))


async def _run(folder: Path) -> None:
    preview = Preview()
    picture = _picture(folder / "picture.png")
    order = _order(folder, picture)
    raw = _raw_frames(folder, order)
    rounds = [(await _film(preview, order), _fed(raw, folder, order), _encode(raw, folder, order)) for _ in range(ROUNDS)]
    wall, limit, alone = (min(times) for times in zip(*rounds, strict=True))  # the least disturbed
    print(f"720p, 5 s: {wall:.2f} s, the same frames fed to the encoder {limit:.2f} s: ratio {wall / limit:.2f} (goal 2.3)")
    print(f"  each round: {', '.join(f'{film / fed:.2f}' for film, fed, _ in rounds)}")
    print(f"  the encoder by itself, reading the file: {alone:.2f} s, ratio {wall / alone:.2f}")
    print(f"720p: {5 / wall:.1f} x real time (goal 1.5)")
    full = min([await _film(preview, _order(folder, picture, quality="1080p")) for _ in range(ROUNDS)])
    print(f"1080p: {5 / full:.1f} x real time (goal 0.9)")
    shots = min([await _film(preview, _order(folder, picture, shot_type="multi")) for _ in range(ROUNDS)])
    print(f"720p, several shots: {shots:.2f} s, {shots / wall:.2f} x one shot")
    stops = sorted([await _cancel(preview, _order(folder, picture, duration=15)) for _ in range(7)])
    print(f"cancel: median {1000 * stops[3]:.0f} ms, longest {1000 * stops[-1]:.0f} ms (goal 150)")
    await _pan(preview, folder)
    await preview.close()


def _picture(path: Path, width: int = 1920, height: int = 1080) -> Path:
    """Detail at every scale, like a landscape."""
    rng = np.random.default_rng(1)
    pixels = np.zeros((height, width, 3))
    for octave in range(9):
        small = rng.uniform(0, 255, (4 * 2**octave, 7 * 2**octave, 3)).astype(np.uint8)
        pixels += np.asarray(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC), float) * 0.6**octave
    Image.fromarray((pixels / pixels.max() * 255).astype(np.uint8)).save(path)
    return path


def _order(folder: Path, picture: Path, **wishes: object) -> Order:
    asked = {"prompt": PROMPT, "sound": "auto", "duration": 5, **wishes}
    request = Request.model_validate({"service": "preview", "image": "upload-of-picture", "client_token": "once", **asked})
    with Image.open(picture) as image:
        return Order("bench", request, picture, image.size, None, folder)


async def _film(preview: Preview, order: Order) -> float:
    """Seconds from the order to the finished film."""
    began = time.perf_counter()
    task_id = (await preview.create(order)).task_id
    reading = await preview.read(task_id)
    while isinstance(reading, Working):
        await asyncio.sleep(0.01)
        reading = await preview.read(task_id)
    wall = time.perf_counter() - began
    if not isinstance(reading, Finished):
        raise TypeError(reading)
    await preview.take(reading, order.work_dir / "film.mp4")
    return wall


async def _cancel(preview: Preview, order: Order) -> float:
    """Seconds from the wish to the last file gone, in the middle of the work."""
    task_id = (await preview.create(order)).task_id
    reading = await preview.read(task_id)
    while isinstance(reading, Working) and not reading.progress:
        await asyncio.sleep(0.01)
        reading = await preview.read(task_id)
    began = time.perf_counter()
    await preview.cancel(task_id)
    return time.perf_counter() - began


def _raw_frames(folder: Path, order: Order) -> Path:
    spec = Spec.of(order, folder / "film.mp4")
    raw = folder / "frames.yuv"
    with Image.open(order.image) as picture, raw.open("wb") as file:
        file.writelines(frames_of(spec, picture.convert("RGB")))
    return raw


def _encode(raw: Path, folder: Path, order: Order) -> float:
    """Seconds that ffmpeg needs for the frames of a file, with the same settings."""
    args = film_args(film_size(*order.image_size, "720p"), None, 5, {}, folder / "limit.mp4")
    args[args.index("pipe:0")] = str(raw)
    began = time.perf_counter()
    subprocess.run(["nice", "-n", "5", *find_ffmpeg().command(args)], check=True)  # as the Preview's
    return time.perf_counter() - began


def _fed(raw: Path, folder: Path, order: Order) -> float:
    """Seconds that a fresh Python process needs to feed the frames of a file to the encoder."""
    args = film_args(film_size(*order.image_size, "720p"), None, 5, {}, folder / "limit.mp4")
    began = time.perf_counter()
    subprocess.run(["nice", "-n", "5", sys.executable, "-m", "tests.bench.feed", str(raw), *args], check=True)
    return time.perf_counter() - began


async def _pan(preview: Preview, folder: Path) -> None:
    """How evenly a slow pan moves: the phase of a wave in the finished film against the way it was meant to go."""
    columns = np.arange(1280)
    wave = np.rint(128 + 70 * np.sin(columns * 2 * np.pi / 64)).astype(np.uint8)
    path = folder / "wave.png"
    Image.fromarray(np.repeat(np.repeat(wave[None, :, None], 720, axis=0), 3, axis=2)).save(path)
    order = _order(folder, path, sound="silent")
    await _film(preview, order)
    grey = find_ffmpeg().run(["-i", str(folder / "film.mp4"), "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"], timeout_s=60)
    rows = np.frombuffer(grey, np.uint8).reshape(-1, 720, 1280)[:, 200::40].mean(axis=1)
    views = plan(read_move(PROMPT), frames=150, duration=5, multi=False, foci=[(0.5, 0.5)] * 2, closest=1, seed=0)[0]
    away = []
    for row, view in zip(rows, views, strict=True):
        turn = 2 * np.pi / 64  # radians a px of the picture
        seen = np.angle((row * np.hanning(1280) * np.exp(-1j * turn * (columns + 0.5) * view.share)).sum())
        meant = turn * (view.box[0] * 1280 - 0.5) - np.pi / 2
        away.append(float(np.angle(np.exp(1j * (seen - meant)))) / turn / view.share)
    print(f"slow pan: uneven by {float(np.diff(away).std()):.3f} px a frame after encoding (goal 0.15)")
