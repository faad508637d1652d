"""The first frame as a service takes it."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from components.media.sniff import HEAD_BYTES, Kind, sniff

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.services.base import Order

_NAMES = {
    Kind.JPEG: ("image/jpeg", ".jpg"),
    Kind.PNG: ("image/png", ".png"),
    Kind.WEBP: ("image/webp", ".webp"),
    Kind.BMP: ("image/bmp", ".bmp"),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's bytes, their MIME type, and a file name that says nothing about anybody."""

    data: bytes
    mime: str
    name: str

    def data_uri(self) -> str:
        """The whole picture as an address; a third longer than its bytes."""
        return f"data:{self.mime};base64,{base64.b64encode(self.data).decode('ascii')}"


def read_picture(order: Order, kinds: Sequence[Kind]) -> Picture:
    """The order's picture in one of ``kinds``; as PNG where it has to be turned into one of them.

    Reads and perhaps encodes: belongs into a thread.
    """
    data = order.image.read_bytes()
    kind = sniff(data[:HEAD_BYTES])
    if kind not in kinds:
        turned = io.BytesIO()
        with Image.open(io.BytesIO(data), formats=[kind.value.upper()]) as image:
            image.convert("RGB").save(turned, "PNG")
        data, kind = turned.getvalue(), Kind.PNG
    mime, suffix = _NAMES[kind]
    return Picture(data, mime, f"{order.sha256[:16] or order.job_id}{suffix}")
