"""What a file is, by its first bytes; names and extensions count for nothing."""

from __future__ import annotations

import re
from enum import StrEnum

from components.media.mp3 import find_sound

HEAD_BYTES = 65536  # as much of a file's start as ``sniff`` ever needs


class Kind(StrEnum):
    """What we can tell apart: what we take, and what we name in a refusal."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    BMP = "bmp"
    GIF = "gif"
    HEIC = "heic"
    AVIF = "avif"
    TIFF = "tiff"
    JXL = "jxl"
    PSD = "psd"
    ICO = "ico"
    SVG = "svg"
    PDF = "pdf"
    VIDEO = "video"
    MP3 = "mp3"
    MP2 = "mp2"
    WAV = "wav"
    AIFF = "aiff"
    M4A = "m4a"
    OGG = "ogg"
    OPUS = "opus"
    FLAC = "flac"
    AAC = "aac"
    WMA = "wma"
    AMR = "amr"
    MIDI = "midi"
    ZIP = "zip"
    TEXT = "text"
    UNKNOWN = "unknown"


_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"\xff\xd8\xff", Kind.JPEG),  # multi-picture files of phones (MPO) too
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
    (b"II*\0", Kind.TIFF),
    (b"MM\0*", Kind.TIFF),
    (b"II+\0", Kind.TIFF),
    (b"MM\0+", Kind.TIFF),
    (b"\xff\x0a", Kind.JXL),
    (b"\0\0\0\x0cJXL \r\n\x87\n", Kind.JXL),
    (b"8BPS", Kind.PSD),
    (b"\0\0\1\0", Kind.ICO),
    (b"fLaC", Kind.FLAC),
    (b"ADIF", Kind.AAC),
    (b"#!AMR", Kind.AMR),
    (b"MThd", Kind.MIDI),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Kind.WMA),
    (b"\x1a\x45\xdf\xa3", Kind.VIDEO),  # Matroska, WebM
    (b"\0\0\1\xba", Kind.VIDEO),  # MPEG program stream
    (b"\0\0\1\xb3", Kind.VIDEO),
    (b"FLV\1", Kind.VIDEO),
    (b"PK\3\4", Kind.ZIP),
    (b"PK\5\6", Kind.ZIP),
)
_RIFF = {b"WEBP": Kind.WEBP, b"WAVE": Kind.WAV, b"AVI ": Kind.VIDEO}
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_SOUND_BRANDS = frozenset({b"M4A ", b"M4B ", b"M4P ", b"F4A "})
_BMP_HEADER_SIZES = frozenset({12, 40, 52, 56, 64, 108, 124})
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


def sniff(head: bytes) -> Kind:
    """What a file is.

    Args:
        head: Its first bytes; at most ``HEAD_BYTES`` are looked at.
    """
    head = head[:HEAD_BYTES]
    if head.startswith(b"ID3"):
        return _behind_id3(head)
    return _by_magic(head) or _by_container(head) or _by_text(head) or _by_mpeg_frames(head) or Kind.UNKNOWN


def _by_magic(head: bytes) -> Kind | None:
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)


def _by_container(head: bytes) -> Kind | None:
    """Formats whose first bytes hold a length or a word of more than one meaning."""
    first, second = head[:4], head[4:8]
    if first in (b"RIFF", b"RF64", b"RIFX"):
        return _RIFF.get(head[8:12])
    if second == b"ftyp":
        return _by_brand(head)
    if first == b"OggS":
        return _inside_ogg(head)
    video = (
        second in (b"moov", b"mdat", b"wide")  # QuickTime of old
        or (head[:1] == b"G" and head[188:189] == b"G" and head[376:377] == b"G")  # MPEG transport stream
    )
    bmp = first[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADER_SIZES
    aiff = first == b"FORM" and head[8:12] in (b"AIFF", b"AIFC")
    return next((kind for kind, yes in ((Kind.VIDEO, video), (Kind.BMP, bmp), (Kind.AIFF, aiff)) if yes), None)


def _by_brand(head: bytes) -> Kind:
    """ISO media files: the major brand, then the compatible ones."""
    end = min(int.from_bytes(head[:4], "big"), 256)
    major = head[8:12]
    brands = {major, *(head[i : i + 4] for i in range(16, end, 4))}
    if major in _AVIF_BRANDS or (major in _HEIF_BRANDS and brands & _AVIF_BRANDS):
        return Kind.AVIF
    if major in _HEIF_BRANDS:
        return Kind.HEIC
    return Kind.M4A if major in _SOUND_BRANDS else Kind.VIDEO


def _inside_ogg(head: bytes) -> Kind:
    start = head[:512]
    if b"OpusHead" in start:
        return Kind.OPUS
    if b"\x7fFLAC" in start:
        return Kind.FLAC
    return Kind.VIDEO if b"\x80theora" in start else Kind.OGG


def _by_text(head: bytes) -> Kind | None:
    start = head[:4096]
    if b"%PDF-" in start[:1024]:
        return Kind.PDF
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) and len(start) % 2 == 0:
        return Kind.TEXT if b"\0" in start else None
    if not start or _CONTROL.search(start):
        return None
    try:
        start.decode("utf-8")
    except UnicodeDecodeError as cut:
        if cut.start < len(start) - 3 or len(start) < 4096:  # noqa: PLR2004 - only a sign cut by our own end is fine
            return None
    markup = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return Kind.SVG if markup.startswith(b"<") and b"<svg" in markup else Kind.TEXT


def _behind_id3(head: bytes) -> Kind:
    """An ID3v2 tag may stand before mp3, AAC and FLAC; one that reaches beyond the head is an mp3's."""
    size = head[6:10]
    if len(size) < 4 or max(size) > 0x7F:  # noqa: PLR2004 - four bytes of seven bits
        return Kind.MP3
    behind = head[10 + (size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3]) :]
    found = _by_magic(behind) or _by_container(behind) or _by_mpeg_frames(behind)
    return found if found in (Kind.AAC, Kind.FLAC, Kind.MP2, Kind.OGG, Kind.WAV) else Kind.MP3


def _by_mpeg_frames(head: bytes) -> Kind | None:
    if len(head) > 2 and head[0] == 0xFF:  # noqa: PLR2004 - the first eleven or twelve bits of an MPEG header are ones
        layer = head[1] & 0xF6
        if layer == 0xF0:  # noqa: PLR2004 - layer bits 00: ADTS
            return Kind.AAC
        if layer in (0xF4, 0xE4):
            return Kind.MP2
    # junk before the first frame is common: players skip it
    return Kind.MP3 if find_sound(head, 0, len(head)) is not None else None
