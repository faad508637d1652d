"""How long an mp3 is, to the sample, and cutting it without decoding.

The length is found by walking the headers of the MPEG frames; ``assets/js/checks/mp3.js`` does the same steps and
finds the same figure. Tags that state a length are not believed (they lie, in good faith or not). The steps:

1. *Tags.* While an ID3v2 tag stands at the position (``ID3``, version bytes below 255, four size bytes below 128) and
   ends within the file, jump behind it: 10 + size bytes, 10 more when flag bit 0x10 announces a footer. After 16 tags,
   or at one that says it reaches beyond the file, go on at 10 bytes into it.
2. *First frame.* Look from there for the first position at which three consistent headers follow each other, each
   where the one before ends. A header is 0xFF, then two bytes that state layer III, a version, a bit rate (not "free")
   and a sample rate. Consistent: same version and sample rate. What is skipped here and in step 5 is junk; in all,
   junk of at most ``JUNK_BYTES`` is looked through, and what follows after more than that does not count.
3. *Description frame.* If the first frame carries ``Xing`` or ``Info`` behind its side information (behind the two
   bytes of its checksum too), or ``VBRI`` at byte 36, it is no sound. Behind ``Xing``/``Info`` may stand LAME's tag,
   with the samples of silence which the encoder put in front (delay) and behind (padding): taken off in step 6.
4. *Walk.* Count every frame of a valid and consistent header that lies whole within the file. A last frame that is
   cut does not count and makes the file ``truncated``. Once more than ``LONGEST_S`` is counted, stop: too long is
   too long.
5. *Gap.* Where the next header is not valid or not consistent: if an ID3v2 tag stands there, jump it as in step 1;
   else look on for three consistent headers as in step 2 (their sample rate may be another one: ``mixed``).
   None: the end. An ID3v1 or APE tag, or a picture, behind the sound ends the walk like that.
6. *Length.* The sum of samples/rate of all frames, less (delay + padding)/rate of the first frame's rate, if that
   leaves anything. It is summed in whole ticks of 1/14,112,000 s, which every MPEG sample rate divides.

Sources: ISO/IEC 11172-3 §2.4 and 13818-3; the Xing, VBRI and LAME tags as libmpg123 and ffmpeg read them.
"""

from __future__ import annotations

import mmap
import re
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from components.errors import FileDamaged, FileEmpty

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST_S = 20 * 60  # longer sounds are not looked at (API.md §3)
JUNK_BYTES = 1024 * 1024
_MOST_TAGS = 16
_TICKS = 14_112_000  # a second; divisible by 8000, 11025, 12000 … 48000
_DECODER_DELAY = 529  # samples by which every decoder lags; LAME's delay and padding leave it out
_CONSISTENT = 3  # headers that must follow each other before we believe that it is sound
_BORROWED = 3  # frames that come along before a cut; LAME's tag (12 bits) cannot leave out more
_SPARE = 16  # frames; the longest delay and padding that LAME's tag can state take 15 of 576 samples
_ID3_HEADER = 10
_SEVEN_BITS = 0x7F
_SYNC_BYTE = 0xFF
_MPEG_1 = 3
_SAMPLES_1 = 1152
_MONO = 3

_KBPS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBPS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES_1 = (44100, 48000, 32000)


class Frame(NamedTuple):
    """What the second and third byte of a header say."""

    length: int  # bytes, header included
    family: int  # version and sample rate: what must stay the same
    rate_hz: int
    samples: int  # 1152 (MPEG 1) or 576 (MPEG 2 and 2.5)
    ticks: int
    kbps: int


def _headers() -> dict[int, Frame]:
    """Every valid layer III header, by its second and third byte."""
    found: dict[int, Frame] = {}
    for version, divisor in ((3, 1), (2, 2), (0, 4)):  # MPEG 1, 2, 2.5
        table, samples = (_KBPS_1, 1152) if version == _MPEG_1 else (_KBPS_2, 576)
        for index, rate_index, padded in product(range(1, 15), range(3), range(2)):
            rate = _RATES_1[rate_index] // divisor
            length = samples // 8 * table[index] * 1000 // rate + padded
            frame = Frame(length, version << 2 | rate_index, rate, samples, samples * (_TICKS // rate), table[index])
            for unprotected, private in product(range(2), range(2)):
                second = 0xE2 | version << 3 | unprotected
                found[second << 8 | index << 4 | rate_index << 2 | padded << 1 | private] = frame
    return found


_HEADERS = _headers()
_SYNC = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xef]")  # what is worth a look in _HEADERS


@dataclass(frozen=True, slots=True)
class Mp3:
    """What a walk finds.

    Args:
        duration_s: Seconds of sound, exact to the sample; just above ``LONGEST_S`` stands for anything longer.
        bytes: The whole file.
        bitrate_kbps: Mean over the frames of sound.
        sample_rate_hz: Of the first frame.
        channels: 1 or 2, of the first frame.
        vbr: Whether frames differ in bit rate.
        truncated: Whether the file ends inside a frame.
        mixed: Whether the sample rate changes on the way.
        start: Offset in bytes of the first frame, the description frame included.
        end: Offset behind the last whole frame.
    """

    duration_s: float
    bytes: int
    bitrate_kbps: int
    sample_rate_hz: int
    channels: int
    vbr: bool
    truncated: bool
    mixed: bool
    start: int
    end: int


class _Description(NamedTuple):
    """The first frame where it is no sound, and what the encoder says of the silence it added, in samples."""

    position: int = -1
    tagged: bool = False
    delay: int = 0
    padding: int = 0


def walk(path: Path) -> Mp3:
    """Find the length and the nature of an mp3 without decoding it, in bounded time and memory.

    Raises:
        FileEmpty: There is no byte.
        FileDamaged: There are no three frames of MPEG layer III in a row.
    """
    with _mapped(path) as data:
        return _measure(data)


def cut(source: Path, target: Path, start_s: float, seconds: float) -> None:
    """Write the piece of ``source`` from ``start_s`` on, ``seconds`` long at most, without decoding it.

    Whole frames are copied and nothing else: no tag, no cover, no trailing bytes. In front stands a fresh description
    frame, so that even simple readers see the true length, with LAME's tag for the samples to leave out, so that the
    piece begins and ends at the very sample. Up to three frames before the start come along: a frame borrows bits from
    those before it and overlaps with the last. Only for files of one sample rate (``Mp3.mixed``).

    Raises:
        FileEmpty: There is no byte.
        FileDamaged: There is no sound, or none at ``start_s``.
    """
    with _mapped(source) as data:
        frames = _first_frames(data, start_s + seconds)
        if not frames:
            raise FileDamaged(field="audio")
        known = _describe(data, *frames[0])
        if known.position >= 0:
            del frames[0]
        if not frames:
            raise FileDamaged(field="audio")
        samples, rate = frames[0][1].samples, frames[0][1].rate_hz
        lead = known.delay + _DECODER_DELAY if known.tagged else 0
        tail = max(0, known.padding - _DECODER_DELAY)
        begin = lead + round(start_s * rate)
        end = min(begin + round(seconds * rate), len(frames) * samples - tail)
        if end <= begin:
            raise FileDamaged(field="audio")
        before = max(0, begin // samples - _BORROWED) if start_s > 0 else 0
        piece = frames[before : -(-end // samples)]
        with target.open("wb") as out:
            out.write(_description(data, piece, begin - before * samples, end - before * samples))
            out.writelines(data[at : at + frame.length] for at, frame in piece)


def find_sound(data: bytes | mmap.mmap, start: int, stop: int) -> int | None:
    """The first position in ``start`` … ``stop`` at which three consistent headers follow each other, or None."""
    for match in _SYNC.finditer(data, start, min(stop + 2, len(data))):
        at, family = match.start(), None
        for _ in range(_CONSISTENT):
            frame = _header(data, at)
            if frame is None or family not in (None, frame.family):
                break
            at, family = at + frame.length, frame.family
        else:
            return match.start()
    return None


@contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap]:
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:
            raise FileEmpty(field="audio")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data


def _measure(data: mmap.mmap) -> Mp3:
    """Steps 3, 4 and 6 over the frames of steps 1, 2 and 5."""
    known = _Description()
    first: tuple[int, Frame] | None = None
    ticks = sound_bytes = end = 0
    kinds: set[Frame] = set()
    last: Frame | None = None
    truncated = False
    for at, frame in _frames(data):
        if at + frame.length > len(data):
            truncated = True
            break
        if first is None:
            first = (at, frame)
            known = _describe(data, at, frame)
        end = at + frame.length
        if at == known.position:
            continue
        ticks += frame.ticks
        sound_bytes += frame.length
        if frame is not last:
            kinds.add(frame)
            last = frame
        if ticks > LONGEST_S * _TICKS:
            break
    if first is None or ticks == 0:
        raise FileDamaged(field="audio")
    start, frame = first
    silence = (known.delay + known.padding) * (_TICKS // frame.rate_hz)
    return Mp3(
        duration_s=(ticks - silence if silence < ticks else ticks) / _TICKS,
        bytes=len(data),
        bitrate_kbps=round(sound_bytes * 8 * _TICKS / ticks / 1000),
        sample_rate_hz=frame.rate_hz,
        channels=_channels(data, start),
        vbr=len({kind.kbps for kind in kinds}) > 1,
        truncated=truncated,
        mixed=len({kind.rate_hz for kind in kinds}) > 1,
        start=start,
        end=end,
    )


def _frames(data: mmap.mmap) -> Iterator[tuple[int, Frame]]:
    """Position and header of every frame, the description frame included; the last one may reach beyond the file."""
    at, tags = _behind_tags(data, 0, _MOST_TAGS)
    junk = JUNK_BYTES
    while (found := find_sound(data, at, at + junk)) is not None:
        junk -= found - at
        at, frame = found, _header(data, found)
        family = frame.family if frame else 0
        while frame is not None and frame.family == family:
            yield at, frame
            at += frame.length
            frame = _header(data, at)
        at, tags = _behind_tags(data, at, tags)


def _first_frames(data: mmap.mmap, seconds: float) -> list[tuple[int, Frame]]:
    """The whole frames of the first ``seconds``, and a few more for the silence of encoder and decoder."""
    found: list[tuple[int, Frame]] = []
    for at, frame in _frames(data):
        if at + frame.length > len(data) or len(found) > seconds * frame.rate_hz / frame.samples + _SPARE:
            break
        found.append((at, frame))
    return found


def _header(data: bytes | mmap.mmap, at: int) -> Frame | None:
    """The valid header at this position, or None."""
    if at + 4 <= len(data) and data[at] == _SYNC_BYTE:
        return _HEADERS.get(data[at + 1] << 8 | data[at + 2])
    return None


def _behind_tags(data: mmap.mmap, at: int, tags: int) -> tuple[int, int]:
    """Step 1: the position behind the ID3v2 tags here, and how many more tags will be jumped."""
    while tags > 0 and data[at : at + 3] == b"ID3":
        head = data[at : at + _ID3_HEADER]
        if len(head) < _ID3_HEADER or _SYNC_BYTE in head[3:5] or max(head[6:10]) > _SEVEN_BITS:
            break
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        behind = at + _ID3_HEADER + size + (_ID3_HEADER if head[5] & 0x10 else 0)
        tags -= 1
        if behind > len(data):
            return at + _ID3_HEADER, tags
        at = behind
    return at, tags


def _channels(data: mmap.mmap, at: int) -> int:
    return 1 if data[at + 3] >> 6 == _MONO else 2


def _side_bytes(frame: Frame, channels: int) -> int:
    """Length of the side information behind a header."""
    return (17, 32)[channels - 1] if frame.samples == _SAMPLES_1 else (9, 17)[channels - 1]


def _describe(data: mmap.mmap, at: int, frame: Frame) -> _Description:
    """Step 3: whether this first frame is a description, and what it says."""
    if data[at + 36 : at + 40] == b"VBRI":
        return _Description(at)
    behind = at + 4 + _side_bytes(frame, _channels(data, at))
    tag = next((p for p in (behind, behind + 2) if data[p : p + 4] in (b"Xing", b"Info")), None)
    if tag is None:
        return _Description()
    flags = int.from_bytes(data[tag + 4 : tag + 8], "big")
    lame = tag + 8 + sum(size for bit, size in ((1, 4), (2, 4), (4, 100), (8, 4)) if flags & bit)
    if data[lame : lame + 4] not in (b"LAME", b"Lavf", b"Lavc") or lame + 24 > at + frame.length:
        return _Description(at)
    both = int.from_bytes(data[lame + 21 : lame + 24], "big")
    return _Description(at, tagged=True, delay=both >> 12, padding=both & 0xFFF)


def _description(data: mmap.mmap, piece: list[tuple[int, Frame]], begin: int, end: int) -> bytes:
    """A description frame for these frames, of which the samples ``begin`` to ``end`` are to be heard."""
    at, frame = piece[0]
    side = _side_bytes(frame, _channels(data, at))
    second, third = data[at + 1] | 1, data[at + 2]  # without a checksum
    own = third >> 4
    keys = [(index, _HEADERS[second << 8 | index << 4 | third & 0x0C]) for index in range(own, 15)]
    index, host = next((i, f) for i, f in keys if f.length >= 4 + side + 16 + 36)
    word = b"Info" if len({frame.kbps for _, frame in piece}) == 1 else b"Xing"
    total = host.length + sum(frame.length for _, frame in piece)
    tag = word + (3).to_bytes(4, "big") + len(piece).to_bytes(4, "big") + total.to_bytes(4, "big")
    delay = begin - _DECODER_DELAY
    if delay >= 0:  # else the source has no such tag and is heard from its first sample on
        padding = len(piece) * frame.samples + _DECODER_DELAY - end
        tag += b"LAME3.100" + bytes(12) + (delay << 12 | padding).to_bytes(3, "big")
    head = bytes((_SYNC_BYTE, second, index << 4 | third & 0x0C, data[at + 3])) + bytes(side)
    return (head + tag).ljust(host.length, b"\0")
