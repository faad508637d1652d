"""One film, from its spec to the finished mp4."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from components.errors import PreviewFailed
from components.services.preview.ambient import compose
from components.services.preview.encode import encoder, film_args, own_sound, write_wave
from components.services.preview.focus import focus_points
from components.services.preview.mark import make_mark
from components.services.preview.motion import read_move
from components.services.preview.planes import film_size, make_canvas
from components.services.preview.shots import plan

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from components.media.ffmpeg import Ffmpeg
    from components.services.preview.planes import Canvas, View
    from components.services.preview.spec import Spec

_WORKERS = 2  # Pillow resamples without the GIL; more than two outrun the encoder
_AHEAD = 4  # frames in the making
_SOFTEST = 2.2  # a detail is enlarged so much at most


def render(spec: Spec, ffmpeg: Ffmpeg, progress: Callable[[int], None]) -> None:
    """Render the film of ``spec`` into ``spec.film``.

    Args:
        spec: What to render.
        ffmpeg: Decodes the sound and encodes the film.
        progress: Called with the number of frames written so far.

    Raises:
        PreviewFailed: ``reason`` is ``picture``, ``sound``, ``encoder`` or ``disk``.
    """
    spec = replace(spec, seed=spec.settled_seed())
    picture = _open(spec.image)
    wave = None if spec.sound == "silent" or (spec.sound == "own" and spec.audio is None) else spec.film.with_name("sound.wav")
    part = spec.film.with_name("film.part")
    facts: dict[str, str | int] = {"made_by": "Preview", "prompt": spec.prompt, "seed": spec.settled_seed()}
    args = film_args(film_size(*picture.size, spec.quality), wave, spec.duration, facts, part)
    with (
        encoder(ffmpeg, args, spec.film.with_name("ffmpeg.log")) as pipe,
        closing(frames_of(spec, picture)) as frames,
        ThreadPoolExecutor(1) as aside,
    ):
        # The sound is made while the encoder starts and the first frames are drawn; it opens the wave after the first frame.
        coming = aside.submit(_sound, spec, ffmpeg, wave)
        for count, frame in enumerate(frames, start=1):
            coming.result()
            pipe.write(frame)
            progress(count)
        pipe.finish()
    part.replace(spec.film)


def _open(path: Path) -> Image.Image:
    try:
        with Image.open(path) as picture:
            return picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as broken:
        raise PreviewFailed(field="image", reason="picture") from broken


def _sound(spec: Spec, ffmpeg: Ffmpeg, to: Path | None) -> None:
    """Write the film's sound, its own or a made one, as a wave file; None is a film without a track."""
    if to is None:
        return
    if spec.audio is not None and spec.sound == "own":
        samples = own_sound(ffmpeg, spec.audio, spec.duration)
    else:
        samples = np.rint(compose(spec.prompt, spec.settled_seed(), spec.duration) * 32767).astype(np.int16)
    write_wave(samples, to)


def frames_of(spec: Spec, picture: Image.Image) -> Generator[bytes]:
    """Every frame as Y, Cb, Cr bytes, in order; a few are in the making at any time.

    Args:
        spec: What to render.
        picture: RGB.
    """
    size = film_size(*picture.size, spec.quality)
    shots = plan(
        read_move(spec.prompt),
        frames=spec.frames,
        duration=spec.duration,
        multi=spec.shot_type == "multi",
        foci=focus_points(picture, 2),
        closest=min(0.6, size[0] / (_SOFTEST * picture.width)),
        seed=spec.settled_seed(),
    )
    mark = make_mark(size)
    with _workers() as workers:
        for views in shots:
            canvas = make_canvas(picture, views, size)

            def draw(view: View, canvas: Canvas = canvas) -> bytes:
                planes = canvas.frame(view, size)
                mark.stamp(*planes)
                return b"".join(plane.tobytes() for plane in planes)

            waiting: deque[Future[bytes]] = deque()
            last: tuple[View, Future[bytes]] | None = None
            for view in views:
                if last is None or last[0] != view:  # a camera that stands still is drawn once
                    last = (view, workers.submit(draw, view))
                waiting.append(last[1])
                if len(waiting) > _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()


@contextmanager
def _workers() -> Iterator[ThreadPoolExecutor]:
    workers = ThreadPoolExecutor(_WORKERS)
    try:
        yield workers
    finally:
        workers.shutdown(cancel_futures=True)
