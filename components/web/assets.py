"""The page's own scripts, styles and texts: read once at the start, packed in memory, kept by browsers for ever."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from starlette.responses import Response

from components.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from starlette.requests import Request

CONTENT_TYPES: Mapping[str, str] = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
"""Whatever else lies in the folder is not for browsers."""

_IMMUTABLE = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file in memory, as it is and packed."""

    content_type: str
    plain: bytes
    packed: bytes


class Assets:
    """The files of a folder under one version: a change of any file changes the address of all.

    Args:
        folder: Read once, here.
    """

    def __init__(self, folder: Path) -> None:
        digest = sha256()
        self._files: dict[str, Asset] = {}
        for path in sorted(folder.rglob("*")):
            if path.suffix not in CONTENT_TYPES or not path.is_file():
                continue
            name = path.relative_to(folder).as_posix()
            plain = path.read_bytes()
            digest.update(f"{name}\0{len(plain)}\0".encode() + plain)
            self._files[name] = Asset(CONTENT_TYPES[path.suffix], plain, gzip.compress(plain, 9, mtime=0))
        self.version = digest.hexdigest()[:12]

    def plain(self, name: str) -> bytes:
        """A file as it is.

        Raises:
            KeyError: There is none of that name.
        """
        return self._files[name].plain

    def answer(self, request: Request, version: str, name: str) -> Response:
        """The file, packed where the browser takes it that way.

        Raises:
            NotFound: No such file, or of another version (the page that asks is older than this program).
        """
        asset = self._files.get(name) if version == self.version else None
        if asset is None:
            raise NotFound
        headers = {"Cache-Control": _IMMUTABLE, "Vary": "Accept-Encoding"}
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(asset.plain, headers=headers, media_type=asset.content_type)
        return Response(asset.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=asset.content_type)
