"""Sound and frames into one mp4: the own mp3 decoded, and the pipe into x264."""

from __future__ import annotations

import json
import subprocess
import sys
import wave
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import numpy as np

from components.errors import PreviewFailed
from components.media.ffmpeg import FfmpegFailed, complaint, source
from components.services.preview.ambient import RATE
from components.services.preview.spec import FPS

if sys.platform == "linux":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from components.media.ffmpeg import Ffmpeg
    from components.services.preview.planes import Size

_CLICK_S = 0.02  # a sound that is cut is faded out over so many seconds
_ENDING_S = 60.0  # x264 has only its lookahead left when the last frame is in
_THREADS = "2"  # a constant: another number of threads gives other bytes, and more of them only crowd the two that draw
_PIPE_BYTES = 1 << 20  # the default 64 KiB would wake both sides 20 times a frame
_COLOUR = ("-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")


def own_sound(ffmpeg: Ffmpeg, audio: Path, seconds: float) -> NDArray[np.int16]:
    """The own mp3 as 48 kHz stereo, exactly ``seconds`` long: cut, or followed by silence.

    Raises:
        PreviewFailed: Nothing in it can be decoded.
    """
    args = [*source(audio, "mp3"), "-map", "0:a:0", "-vn", "-t", f"{seconds:g}", "-ac", "2", "-ar", str(RATE), "-f", "s16le", "pipe:1"]
    try:
        heard = np.frombuffer(ffmpeg.run(args), "<i2").reshape(-1, 2)
    except FfmpegFailed as broken:
        sys.stderr.write(f"ffmpeg: {broken.complaint}\n")
        raise PreviewFailed(field="audio", reason="sound") from broken
    if not len(heard):
        raise PreviewFailed(field="audio", reason="sound")
    whole = np.zeros((round(seconds * RATE), 2), np.int16)
    kept = min(len(heard), len(whole))
    whole[:kept] = heard[:kept]
    ramp = min(kept, int(_CLICK_S * RATE))
    whole[kept - ramp : kept] = (whole[kept - ramp : kept] * np.linspace(1, 0, ramp)[:, None]).astype(np.int16)
    return whole


def write_wave(samples: NDArray[np.int16], to: Path) -> None:
    """Stereo at 48 kHz; a file, because a second pipe into ffmpeg is not portable."""
    with wave.open(str(to), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(samples.astype("<i2").tobytes())


def film_args(size: Size, sound: Path | None, seconds: float, facts: dict[str, str | int], to: Path) -> list[str]:
    """The arguments for raw planar frames on ``pipe:0`` to an mp4 that every browser plays."""
    width, height = size
    frames = ["-f", "rawvideo", "-pix_fmt", "yuv420p", *_COLOUR, "-s", f"{width}x{height}", "-r", str(FPS), "-i", "pipe:0"]
    picture = ["-map", "0:v", "-c:v", "libx264", "-preset", "superfast", "-crf", "20", "-profile:v", "high", "-pix_fmt", "yuv420p"]
    picture += ["-threads", _THREADS, "-g", str(2 * FPS), *_COLOUR]
    laid = [] if sound is None else ["-map", "1:a", "-c:a", "aac", "-b:a", "160k", "-t", f"{seconds:g}"]
    tags = ["-metadata", "title=Preview (a draft, not made by Wan)", "-metadata", f"comment={json.dumps(facts, ensure_ascii=False)}"]
    ending = ["-fflags", "+bitexact", "-movflags", "+faststart+use_metadata_tags", "-f", "mp4", "-y", str(to)]
    return [*frames, *([] if sound is None else source(sound, "wav")), *picture, *laid, *tags, *ending]


class Pipe:
    """The open end of a running encoder."""

    def __init__(self, process: subprocess.Popen[bytes], complaints: IO[bytes]) -> None:
        self._process = process
        self._complaints = complaints
        if process.stdin is None:
            raise ValueError("an encoder is started with a pipe")
        self._frames = process.stdin
        if sys.platform == "linux":
            try:
                fcntl.fcntl(self._frames, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
            except PermissionError:  # the user's share of pipe memory is used up: slower, not wrong
                return

    def write(self, frame: bytes) -> None:
        """One frame: its Y, then Cb, then Cr.

        Raises:
            PreviewFailed: The encoder is gone.
        """
        try:
            self._frames.write(frame)
        except (BrokenPipeError, ConnectionResetError) as gone:
            raise self._failed() from gone

    def finish(self) -> None:
        """Wait until the file is whole.

        Raises:
            PreviewFailed: It did not become whole.
        """
        try:
            self._frames.close()
            if self._process.wait(_ENDING_S) == 0:
                return
        except (BrokenPipeError, subprocess.TimeoutExpired) as gone:
            raise self._failed() from gone
        raise self._failed()

    def _failed(self) -> PreviewFailed:
        try:
            self._process.wait(1)
        except subprocess.TimeoutExpired:
            self._process.kill()
        said = complaint(self._complaints)
        sys.stderr.write(f"ffmpeg: {said}\n")
        return PreviewFailed(reason="disk" if "No space left" in said else "encoder")


@contextmanager
def encoder(ffmpeg: Ffmpeg, args: list[str], complaints: Path) -> Iterator[Pipe]:
    """A running encoder; it is dead and waited for afterwards, whatever happens."""
    with complaints.open("w+b") as said, ffmpeg.running(args, complaints=said, stdout=subprocess.DEVNULL) as process:
        yield Pipe(process, said)
