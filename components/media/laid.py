"""A sound laid under a silent film: the picture stays as it is, bit for bit, only the sound is encoded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.errors import FilmUnreadable
from components.media.ffmpeg import FfmpegFailed, source

if TYPE_CHECKING:
    from pathlib import Path

    from components.media.ffmpeg import Ffmpeg

_TIMEOUT_S = 120.0
"""For 15 s of sound, on a machine that has much else to do."""


def lay_under(film: Path, sound: Path, target: Path, *, seconds: float, ffmpeg: Ffmpeg) -> None:
    """Write a copy of ``film`` that plays ``sound`` from its first picture on.

    A longer sound is cut where the film ends, a shorter one is followed by silence. Whatever sound the film had is left out.

    Args:
        film: An mp4 that was looked at.
        sound: A bare mp3 (see ``sound.heard_piece``).
        target: The new mp4; its index stands in front, so that it plays while it loads.
        seconds: Length of the film's picture.
        ffmpeg: Does it.

    Raises:
        FilmUnreadable: One of the two does not decode, or the disk is full.
    """
    args = [
        *source(film, "mov"),
        *source(sound, "mp3"),
        *("-map", "0:v:0", "-c:v", "copy"),
        # the filter, not "-t", ends the sound: "-t" would cut the picture too, and could take its last frame
        *("-map", "1:a:0", "-af", f"apad,atrim=end={seconds:.6f}", "-c:a", "aac", "-b:a", "192k", "-ac", "2", "-ar", "48000"),
        *("-map_metadata", "0", "-movflags", "+faststart", "-f", "mp4", "-y", str(target.absolute())),
    ]
    try:
        ffmpeg.run(args, timeout_s=_TIMEOUT_S)
    except FfmpegFailed as failed:
        raise FilmUnreadable from failed
