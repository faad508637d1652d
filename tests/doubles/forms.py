"""multipart/form-data, with the order of its fields: one seller insists on it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.doubles.wire import Request

_PARAMETER = re.compile(r'\b(name|filename)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Part:
    """A field of a form; ``filename`` None: a plain value."""

    name: str
    data: bytes
    filename: str | None = None

    @property
    def text(self) -> str:
        """The value of a plain field."""
        return self.data.decode("utf-8", "replace")


def parts(request: Request) -> list[Part] | None:
    """The fields of a form in their order, or None where the body is no such form."""
    content_type = request.headers.get("content-type", "")
    boundary = re.search(r'boundary="?([^";]+)"?', content_type)
    if not content_type.startswith("multipart/form-data") or boundary is None:
        return None
    mark = b"--" + boundary[1].encode()
    pieces = (b"\r\n" + request.body).split(b"\r\n" + mark)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        return None
    found = []
    for piece in pieces[1:-1]:
        head, gap, data = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        named = dict(_PARAMETER.findall(head.decode("utf-8", "replace")))
        if not gap or "name" not in named:
            return None
        found.append(Part(named["name"], data, named.get("filename")))
    return found
