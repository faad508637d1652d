"""Taking everything out of a picture file that is not the picture, without touching a pixel.

Segments (JPEG) or chunks (PNG, WebP) are copied one by one from a list of those that a decoder needs: metadata,
location, comments, thumbnails, second pictures, appended films and scripts stay behind.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, NamedTuple

from components.media.sniff import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

_SOI, _EOI, _SOS, _COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_PNG_PIXELS = frozenset({b"IHDR", b"IDAT", b"IEND"})
_PNG_LOOKS = frozenset({b"gAMA", b"cHRM", b"sRGB"})  # how the numbers are meant; says nothing about anybody
_PNG_MOVES = frozenset({b"acTL", b"fcTL", b"fdAT"})
_PNG_SILENT = _PNG_PIXELS | _PNG_LOOKS | _PNG_MOVES | {b"PLTE", b"tRNS", b"iCCP", b"pHYs", b"bKGD", b"sBIT", b"hIST", b"cICP"}
_WEBP_PIXELS = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"})
_WEBP_FLAGS_KEPT = 0b0001_0010  # alpha and animation; not the profile, EXIF and XMP
_CHANNELS = {2: 3, 6: 4}  # PNG colour types of plain RGB and RGBA


class Stripped(NamedTuple):
    """A file without its metadata.

    Args:
        data: The new file; None where the pixels have to be written anew for it (odd, though legal, files).
        telling: Whether something was left out that is worth a word (not just a colour profile or a resolution).
    """

    data: bytes | None
    telling: bool


def strip(data: bytes, kind: Kind, *, transparent: bool, animated: bool) -> Stripped:
    """Leave out whatever is not needed to show the picture.

    Args:
        data: A whole JPEG, PNG or WebP file that is known to decode.
        kind: Which of them.
        transparent: Keep what says which pixels are clear.
        animated: Keep the frames behind the first.
    """
    if kind is Kind.JPEG:
        return _strip_jpeg(data)
    if kind is Kind.PNG:
        return _strip_png(data, transparent=transparent, animated=animated)
    return _strip_webp(data) if kind is Kind.WEBP else Stripped(None, telling=False)


def _strip_jpeg(data: bytes) -> Stripped:
    """Keep tables, frames and scans, JFIF without its thumbnail and Adobe's note on the colours; end with the first picture."""
    kept = [data[:2]]
    at, telling = 2, False
    while (marker := _NEXT_MARKER.search(data, at)) is not None:
        start = marker.start()
        code = data[start + 1]
        if code == _EOI:
            kept.append(data[start : start + 2])
            return Stripped(b"".join(kept), telling or bool(data[start + 2 :].strip(b"\0\xff")))
        at = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
        segment = data[start:at]
        if 0xE0 <= code <= 0xEF or code == _COMMENT:  # noqa: PLR2004 - APP0 to APP15
            if segment[4:9] == b"JFIF\0":
                kept.append(segment[:2] + b"\0\x10" + segment[4:16] + b"\0\0")
            elif segment[4:9] == b"Adobe":
                kept.append(segment)
            elif segment[4:15] != b"ICC_PROFILE" and segment[4:9] != b"JFXX\0":
                telling = True
            continue
        kept.append(segment)
        if code == _SOS:
            following = _NEXT_MARKER.search(data, at)
            end = len(data) if following is None else following.start()
            kept.append(data[at:end])
            at = end
    return Stripped(None, telling)  # decoders forgive a missing end; we write it anew


def _strip_png(data: bytes, *, transparent: bool, animated: bool) -> Stripped:
    """Keep what makes the pixels, and only if the packed data end where the picture does."""
    wanted = _PNG_PIXELS | _PNG_LOOKS | ({b"tRNS"} if transparent else set()) | (_PNG_MOVES if animated else set())
    kept = [_PNG_MAGIC]
    telling, end = False, len(_PNG_MAGIC)
    packed: list[bytes] = []
    for name, start, end in _png_chunks(data):
        telling |= name not in _PNG_SILENT
        if name in wanted:
            kept.append(data[start:end])
        if name == b"IDAT":
            packed.append(data[start + 8 : end - 4])
        if name == b"IEND":
            break
    else:
        return Stripped(None, telling)
    telling |= end < len(data)
    if not _is_plain(data):
        return Stripped(None, telling)
    hidden = not _ends_with_picture(data, packed)
    return Stripped(None if hidden else b"".join(kept), telling or hidden)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(name, start, end) of every chunk, length and checksum included."""
    at = len(_PNG_MAGIC)
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], at, end
        at = end


def _is_plain(data: bytes) -> bool:
    """Whether a PNG holds its rows one after the other in 8-bit RGB or RGBA; any other is written anew."""
    depth, colour, interlaced = data[24], data[25], data[28]
    return depth == 8 and colour in _CHANNELS and not interlaced  # noqa: PLR2004 - bits


def _ends_with_picture(data: bytes, packed: list[bytes]) -> bool:
    """Whether a plain PNG unpacks to exactly its rows: no gigabytes of zeros, nothing hidden behind them."""
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    left = height * (1 + width * _CHANNELS[data[25]])
    unpacker = zlib.decompressobj()
    for chunk in packed:
        rest = chunk
        while rest and not unpacker.eof:
            left -= len(unpacker.decompress(rest, 1 << 20))
            rest = unpacker.unconsumed_tail
            if left < 0:
                return False
        if rest:
            return False
    return left == 0 and not unpacker.unused_data


def _strip_webp(data: bytes) -> Stripped:
    """Keep the picture's chunks, and take the announcement of the others out of the extended header."""
    kept: list[bytes] = []
    telling = False
    end = min(8 + int.from_bytes(data[4:8], "little"), len(data))
    at = 12
    while at + 8 <= end:
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        chunk = data[at : at + 8 + size]
        if name == b"VP8X":
            chunk = chunk[:8] + bytes((chunk[8] & _WEBP_FLAGS_KEPT,)) + chunk[9:]
        if name in _WEBP_PIXELS:
            kept.append(chunk + b"\0" * (size & 1))
        telling |= name not in _WEBP_PIXELS and name != b"ICCP"
        at += 8 + size + (size & 1)
    body = b"WEBP" + b"".join(kept)
    return Stripped(b"RIFF" + len(body).to_bytes(4, "little") + body, telling or end < len(data))
