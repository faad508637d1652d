"""Signed links to media: whoever holds one may open it, for 12 to 24 hours."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

from components.studio.objects import KEY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.studio.clock import Clock
    from components.studio.keys import Secrets

STEP_S = 12 * 3600
"""A link keeps its text this long (so that browsers find it in their cache) and lives once more as long."""

BASE = "/gradio_api/studio/"
NAME_CHARACTERS = 160

CONTENT_TYPES: Mapping[str, str] = {
    "mp4": "video/mp4",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "bmp": "image/bmp",
    "mp3": "audio/mpeg",
}
"""By the key's extension alone, which is ours; anything else is only ever downloaded."""

_PURPOSE = "media link"
_SIGNATURE_BYTES = 32
_SIGNED = re.compile(r"[A-Za-z0-9_-]{60,1600}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Media:
    """What a link opens; ``name`` is what a download is called, ``expires_at`` in UTC seconds."""

    key: str
    content_type: str
    name: str
    expires_at: float

    @property
    def etag(self) -> str:
        """Quoted; a key is written once, so it stands for its bytes on every machine."""
        return f'"{sha256(self.key.encode()).hexdigest()[:32]}"'

    def disposition(self, *, download: bool) -> str:
        """The header Content-Disposition, with a name in any script (RFC 6266, RFC 5987)."""
        return disposition(self.name, download=download)


class Links:
    """Makes links and opens them.

    Args:
        keys: Signs them.
        clock: The time of day.
        base: What stands before ``media/`` in the addresses that are given out.
    """

    def __init__(self, keys: Secrets, clock: Clock, base: str = BASE) -> None:
        self._keys = keys
        self._clock = clock
        self._base = base

    def url(self, key: str, name: str = "") -> str:
        """The address of an object, without the host. The same call gives the same text for hours."""
        return f"{self._base}media/{self.sign(key, name)}"

    def sign(self, key: str, name: str = "") -> str:
        """The signed part of the address: letters, digits, ``-`` and ``_``."""
        if not KEY.fullmatch(key):
            msg = f"not a key: {key!r}"
            raise ValueError(msg)
        # not all links turn over at the same moment, or every page would fetch all its posters at once
        shift = int.from_bytes(sha256(key.encode()).digest()[:4]) % STEP_S
        expires = (int(self._clock.now() + shift) // STEP_S + 2) * STEP_S - shift
        message = "\n".join((str(expires), key, _clipped(name))).encode()
        return base64.urlsafe_b64encode(self._keys.sign(_PURPOSE, message) + message).decode().rstrip("=")

    def open(self, signed: str) -> Media | None:
        """What the link stands for, or None: altered, expired, or never ours."""
        if not _SIGNED.fullmatch(signed):
            return None
        try:
            raw = base64.urlsafe_b64decode(signed + "=" * (-len(signed) % 4))
        except binascii.Error:
            return None
        signature, message = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if not self._keys.accepts(_PURPOSE, message, signature):
            return None
        expires, key, name = message.decode().split("\n")
        if int(expires) <= self._clock.now() or not KEY.fullmatch(key):
            return None
        extension = key.rpartition(".")[2]
        content_type = CONTENT_TYPES.get(extension, "application/octet-stream")
        return Media(key, content_type, name or key.rpartition("/")[2], float(expires))


def disposition(name: str, *, download: bool) -> str:
    """The header Content-Disposition, with a name in any script (RFC 6266, RFC 5987)."""
    how = "attachment" if download else "inline"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9 ._()+-]", "_", plain).strip() or "file"
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _clipped(name: str) -> str:
    """A name that fits into an address and cannot break a header; the extension stays."""
    plain = "".join(ch for ch in name if unicodedata.category(ch) not in {"Cc", "Cs", "Zl", "Zp"})
    if len(plain) <= NAME_CHARACTERS:
        return plain
    stem, dot, extension = plain.rpartition(".")
    return f"{(stem or plain)[: NAME_CHARACTERS - 10].rstrip()}{dot}{extension[:8]}"
