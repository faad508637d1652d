"""Looking at a sound, and the piece of it that a film hears.

Lengths come from the frame walker (``mp3``); ffmpeg decodes for the picture of the sound and as the proof that it can
be decoded. pydub edits what our guarded ffmpeg has decoded and never opens a file itself: it would run whatever ffmpeg
is on PATH, without limits, and decode the whole file.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict

from components.errors import CannotMend, FileDamaged, FileEmpty, FileTooBig, UnknownFile
from components.media import mp3
from components.media.ffmpeg import FfmpegFailed, source
from components.media.sniff import HEAD_BYTES, Kind, sniff

with warnings.catch_warnings():  # it would tell whoever starts the studio that PATH has no ffmpeg, which it is never let run
    warnings.filterwarnings("ignore", "Couldn't find ffmpeg", RuntimeWarning)
    from pydub import AudioSegment

if TYPE_CHECKING:
    from pathlib import Path

    from components.media.ffmpeg import Ffmpeg

LONGEST_FILE = 60_000_000  # bytes; bigger sounds are not looked at (API.md §3)
SHORTEST_PIECE_S = 3.0  # no service takes a shorter sound

_MOST_PEAKS = 600
_PEAKS_PER_S = 20
_PEAK_RATE_HZ = 16_000  # enough for a picture of the loudness; 20 minutes are 38 MB
_PIECE_RATE_HZ = 48_000
_FADE_MS = 10  # a cut in the middle of a wave would click
_ALIVE = 0.5  # a file of which less than half its stated frames decodes is damaged
_DEMUXERS = {
    Kind.MP3: "mp3",
    Kind.WAV: "wav",
    Kind.M4A: "mov",
    Kind.OGG: "ogg",
    Kind.OPUS: "ogg",
    Kind.FLAC: "flac",
    Kind.AAC: "aac",
}


class SoundReport(BaseModel):
    """The facts about a sound.

    Args:
        format: ``mp3``.
        duration_s: Seconds, to the millisecond.
        bytes: Size of the file.
        bitrate_kbps: Mean.
        sample_rate_hz: Samples a second.
        channels: 1 or 2.
        vbr: Whether the bit rate varies.
        peaks: Loudest sample of each of up to 600 equal slices (about 20 a second), 0-1.
    """

    model_config = ConfigDict(frozen=True)

    format: str
    duration_s: float
    bytes: int
    bitrate_kbps: int
    sample_rate_hz: int
    channels: int
    vbr: bool
    peaks: tuple[float, ...]


def inspect_sound(path: Path, ffmpeg: Ffmpeg) -> SoundReport:
    """Look at a whole sound.

    Raises:
        FileEmpty: There is no byte.
        UnknownFile: It is no mp3; ``kind`` names what it is.
        FileTooBig: More than ``LONGEST_FILE`` bytes or ``mp3.LONGEST_S`` seconds.
        FileDamaged: There is no sound in it, or it does not decode.
    """
    size = path.stat().st_size
    if size > LONGEST_FILE:
        raise FileTooBig(field="audio", bytes=size, max=LONGEST_FILE)
    kind = _kind_of(path)
    if kind is not Kind.MP3:
        raise UnknownFile(field="audio", kind=kind.value)
    facts = mp3.walk(path)
    if facts.duration_s > mp3.LONGEST_S:
        raise FileTooBig(field="audio", max_seconds=mp3.LONGEST_S)
    samples = np.frombuffer(decode_pcm(path, ffmpeg, rate_hz=_PEAK_RATE_HZ, channels=1), dtype="<i2")
    if len(samples) < _ALIVE * facts.duration_s * _PEAK_RATE_HZ:
        raise FileDamaged(field="audio")
    return SoundReport(
        format=kind.value,
        duration_s=round(facts.duration_s, 3),
        bytes=size,
        bitrate_kbps=facts.bitrate_kbps,
        sample_rate_hz=facts.sample_rate_hz,
        channels=facts.channels,
        vbr=facts.vbr,
        peaks=_peaks(samples, facts.duration_s),
    )


def heard_piece(source: Path, target: Path, *, start_s: float, seconds: float, ffmpeg: Ffmpeg) -> None:
    """Write the mp3 that a film of ``seconds`` hears: from ``start_s`` on, ``max(3, seconds)`` long at most, and bare.

    An mp3 is cut at its frames without loss; anything else is decoded, cut and encoded.

    Raises:
        FileEmpty: There is no byte.
        UnknownFile: No sound that we know.
        FileDamaged: It does not decode.
        CannotMend: The sound is over at ``start_s``.
    """
    kind = _kind_of(source)
    length_s = max(SHORTEST_PIECE_S, seconds)
    if kind is Kind.MP3:
        facts = mp3.walk(source)
        if start_s >= facts.duration_s:
            raise CannotMend(field="audio", start_s=start_s, duration_s=round(facts.duration_s, 3))
        if not facts.mixed:
            mp3.cut(source, target, start_s, length_s)
            return
    pcm = decode_pcm(source, ffmpeg, start_s=start_s, seconds=length_s, rate_hz=_PIECE_RATE_HZ, channels=2)
    if not pcm:
        raise CannotMend(field="audio", start_s=start_s)
    piece = AudioSegment(data=pcm, sample_width=2, frame_rate=_PIECE_RATE_HZ, channels=2)[: round(length_s * 1000)]
    piece = (piece.fade_in(_FADE_MS) if start_s > 0 else piece).fade_out(_FADE_MS)
    encode_mp3(piece.raw_data, target, ffmpeg, rate_hz=_PIECE_RATE_HZ, channels=2)


def decode_pcm(
    path: Path, ffmpeg: Ffmpeg, *, start_s: float = 0, seconds: float | None = None, rate_hz: int = _PIECE_RATE_HZ, channels: int = 2
) -> bytes:
    """The sound as interleaved little-endian 16-bit samples, resampled and mixed as asked.

    An mp3 is handed over without what stands before and behind its frames: a tag can be built to stop a decoder.

    Args:
        path: A file of any kind that we know.
        ffmpeg: Decodes it.
        start_s: Leave out so many seconds.
        seconds: At most so many; None for the rest (20 minutes at most).
        rate_hz: Samples a second and channel.
        channels: 1 or 2.

    Raises:
        FileEmpty: There is no byte.
        UnknownFile: No sound that we know.
        FileDamaged: It does not decode.
    """
    kind = _kind_of(path)
    if kind not in _DEMUXERS:
        raise UnknownFile(field="audio", kind=kind.value)
    frames: bytes | None = None
    rest_s: float = mp3.LONGEST_S if seconds is None else seconds
    if kind is Kind.MP3:
        facts = mp3.walk(path)
        rest_s = min(rest_s, facts.duration_s - start_s)  # through a pipe ffmpeg leaves the encoder's padding at the end
        if rest_s <= 0:
            return b""
        with path.open("rb") as file:
            file.seek(facts.start)
            frames = file.read(facts.end - facts.start)
    args = [
        *source(None if frames is not None else path, _DEMUXERS[kind]),
        *("-map", "0:a:0", "-vn", "-sn", "-dn", "-threads", "1"),
        *("-ss", f"{start_s:.6f}", "-t", f"{rest_s:.6f}"),
        *("-ac", str(channels), "-ar", str(rate_hz), "-f", "s16le", "pipe:1"),
    ]
    try:
        return ffmpeg.run(args, stdin=frames)
    except FfmpegFailed as failed:
        raise FileDamaged(field="audio") from failed


def encode_mp3(pcm: bytes, target: Path, ffmpeg: Ffmpeg, *, rate_hz: int, channels: int) -> None:
    """Write interleaved little-endian 16-bit samples as an mp3 of 192 kbit/s without a tag.

    Raises:
        FfmpegFailed: The disk is full, or the like.
    """
    args = [
        *("-protocol_whitelist", "file,pipe", "-f", "s16le", "-ar", str(rate_hz), "-ac", str(channels), "-i", "pipe:0"),
        *("-c:a", "libmp3lame", "-b:a", "192k", "-map_metadata", "-1", "-id3v2_version", "0", "-f", "mp3", "-y", str(target.absolute())),
    ]
    ffmpeg.run(args, stdin=pcm)


def _kind_of(path: Path) -> Kind:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise FileEmpty(field="audio")
    return sniff(head)


def _peaks(samples: np.ndarray[tuple[int], np.dtype[np.int16]], duration_s: float) -> tuple[float, ...]:
    count = min(_MOST_PEAKS, max(1, round(duration_s * _PEAKS_PER_S)), len(samples))
    edges = np.linspace(0, len(samples), count, endpoint=False).astype(int)
    loudest = np.maximum.reduceat(np.abs(samples.astype(np.int32)), edges)
    return tuple(round(float(value) / 32768, 3) for value in loudest)
