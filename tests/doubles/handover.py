"""What a seller does with the media it is given: fetch, decode, judge, and remember what it saw."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import httpx
from PIL import Image

from components.media.ffmpeg import FfmpegFailed, find_ffmpeg, source
from tests.loopback import NO_TLS

if TYPE_CHECKING:
    from collections.abc import Mapping

Problem = Literal[
    "unreachable",
    "no_picture",
    "picture_format",
    "picture_size",
    "picture_heavy",
    "picture_clear",
    "no_sound",
    "sound_format",
    "sound_length",
    "sound_heavy",
]
_DATA_URI = re.compile(r"^data:([a-z]+/[a-z0-9.+-]+);base64,(.*)$", re.DOTALL)
_RATE_HZ = 8000
_REDIRECTS = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """What a seller takes. Sides in px, lengths in seconds, sizes in bytes."""

    picture_formats: frozenset[str] = frozenset({"jpeg", "png", "bmp", "webp"})
    sides: tuple[int, int] = (240, 8000)
    picture_bytes: int = 20_000_000
    sound_formats: frozenset[str] = frozenset({"mp3", "wav"})
    seconds: tuple[float, float] = (3.0, 30.0)
    sound_bytes: int = 15_000_000


@dataclass(frozen=True, slots=True)
class Got:
    """A file as it reached the seller.

    Args:
        ref: The address; of a data URI only its head.
        data: The bytes, empty where nothing came.
        form: ``jpeg``, ``png``, ``mp3`` …, or None.
        size: (width, height) in px of a picture.
        seconds: Length of a sound.
        bare: Nothing but picture or sound: no EXIF, no comments, no tags.
        problem: Why it is not taken, or None.
    """

    ref: str
    data: bytes = b""
    form: str | None = None
    size: tuple[int, int] | None = None
    seconds: float | None = None
    bare: bool = True
    problem: Problem | None = None

    @property
    def sha256(self) -> str:
        """Hash of the bytes."""
        return hashlib.sha256(self.data).hexdigest()


def data_uri(ref: str) -> bytes | None:
    """The bytes of a data URI in base64, or None where it is none."""
    found = _DATA_URI.match(ref)
    if found is None:
        return None
    try:
        return base64.b64decode(found[2], validate=True)
    except binascii.Error:
        return None


async def fetch(ref: str, reach: Mapping[str, str]) -> bytes | None:
    """The bytes at an address, or None where it cannot be had.

    Only loopback is ever asked: an address on it, or one whose origin ``reach`` maps to one. Redirects are followed.
    """
    try:
        async with httpx.AsyncClient(timeout=10, trust_env=False, verify=NO_TLS, headers={"user-agent": "seller-fetch/1"}) as client:
            for _ in range(_REDIRECTS):
                there = reachable(ref, reach)
                if there is None:
                    return None
                answer = await client.get(there, headers={"host": urlsplit(ref).netloc})
                if not answer.is_redirect:
                    return answer.content if answer.status_code == httpx.codes.OK else None
                ref = str(httpx.URL(ref).join(answer.headers["location"]))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return None
    return None


def reachable(ref: str, reach: Mapping[str, str]) -> str | None:
    """The address on loopback under which ``ref`` is asked for, or None where there is none."""
    parts = urlsplit(ref)
    origin = f"{parts.scheme}://{parts.netloc}"
    if origin in reach:
        return reach[origin].rstrip("/") + ref[len(origin) :]
    return ref if parts.scheme in {"http", "https"} and is_loopback(parts.hostname) else None


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine, by name or number."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def judge_picture(ref: str, data: bytes | None, limits: Limits) -> Got:
    """Look at a picture as the seller does."""
    head = ref[:64]
    if data is None:
        return Got(head, problem="unreachable")
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            form = (image.format or "").lower()
            clear = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
            bare = not image.getexif() and not {"comment", "exif", "xmp", "XML:com.adobe.xmp", "icc_profile"} & set(image.info)
            size = image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return Got(head, data, problem="no_picture")
    problem: Problem | None = None
    if form not in limits.picture_formats:
        problem = "picture_format"
    elif len(data) > limits.picture_bytes:
        problem = "picture_heavy"
    elif not (limits.sides[0] <= min(size) and max(size) <= limits.sides[1]):
        problem = "picture_size"
    elif clear:
        problem = "picture_clear"
    return Got(head, data, form, size=size, bare=bare, problem=problem)


def judge_sound(ref: str, data: bytes | None, limits: Limits) -> Got:
    """Listen to a sound as the seller does. Runs ffmpeg: not for an event loop."""
    head = ref[:64]
    if data is None:
        return Got(head, problem="unreachable")
    form = "wav" if data[:4] == b"RIFF" and data[8:12] == b"WAVE" else "mp3" if data[:3] == b"ID3" or data[:1] == b"\xff" else None
    seconds = _seconds(data, form) if form else None
    if form is None or seconds is None:
        return Got(head, data, problem="no_sound")
    problem: Problem | None = None
    if form not in limits.sound_formats:
        problem = "sound_format"
    elif len(data) > limits.sound_bytes:
        problem = "sound_heavy"
    elif not limits.seconds[0] - 0.05 <= seconds <= limits.seconds[1] + 0.05:
        problem = "sound_length"
    return Got(head, data, form, seconds=seconds, bare=not (data[:3] == b"ID3" or data[-128:-125] == b"TAG"), problem=problem)


def _seconds(data: bytes, form: str) -> float | None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"sound.{form}"
        path.write_bytes(data)
        try:
            pcm = find_ffmpeg().run([*source(path, form), "-map", "0:a:0", "-ac", "1", "-ar", str(_RATE_HZ), "-f", "s16le", "pipe:1"])
        except FfmpegFailed:
            return None
    return len(pcm) / 2 / _RATE_HZ
