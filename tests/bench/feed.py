"""A process of its own that feeds finished frames to an encoder: ``python -m tests.bench.feed frames.yuv <arguments>``."""

from __future__ import annotations

import sys
from pathlib import Path

from components.media.ffmpeg import find_ffmpeg
from components.services.preview.encode import encoder


def feed(raw: Path, args: list[str]) -> None:
    """Feed the frames of the file ``raw`` to an encoder with these arguments."""
    width, height = (int(side) for side in args[args.index("-s") + 1].split("x"))
    frame = width * height * 3 // 2
    with raw.open("rb") as frames, encoder(find_ffmpeg(), args, raw.with_name("fed.log")) as pipe:
        for _ in range(raw.stat().st_size // frame):
            pipe.write(frames.read(frame))
        pipe.finish()


if __name__ == "__main__":
    feed(Path(sys.argv[1]), sys.argv[2:])
