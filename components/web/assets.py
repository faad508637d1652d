"""The page's own scripts, styles and texts: read once at the start, packed when first asked for, kept by browsers for ever."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

import brotli
from starlette.responses import Response

from components.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from starlette.requests import Request

CONTENT_TYPES: Mapping[str, str] = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
"""Whatever else lies in the folder is not for browsers."""

CODINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "br": partial(brotli.compress, mode=brotli.MODE_TEXT),
    "gzip": partial(gzip.compress, compresslevel=9, mtime=0),
}
"""The smallest first; Chromium takes Brotli over TLS and from its own machine."""

_IMMUTABLE = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file in memory."""

    content_type: str
    plain: bytes


class Assets:
    """The files of a folder under one version: a change of any file changes the address of all.

    Args:
        folder: Read once, here.
    """

    def __init__(self, folder: Path) -> None:
        digest = sha256()
        self._files: dict[str, Asset] = {}
        self._packed: dict[tuple[str, str], bytes] = {}
        for path in sorted(folder.rglob("*")):
            if path.suffix not in CONTENT_TYPES or not path.is_file():
                continue
            name = path.relative_to(folder).as_posix()
            plain = path.read_bytes()
            digest.update(f"{name}\0{len(plain)}\0".encode() + plain)
            self._files[name] = Asset(CONTENT_TYPES[path.suffix], plain)
        self.version = digest.hexdigest()[:12]

    def plain(self, name: str) -> bytes:
        """A file as it is.

        Raises:
            KeyError: There is none of that name.
        """
        return self._files[name].plain

    async def answer(self, request: Request, version: str, name: str) -> Response:
        """The file, packed as the browser takes it.

        Raises:
            NotFound: No such file, or of another version (the page that asks is older than this program).
        """
        asset = self._files.get(name) if version == self.version else None
        if asset is None:
            raise NotFound
        headers = {"Cache-Control": _IMMUTABLE, "Vary": "Accept-Encoding"}
        taken = {coding.strip() for coding in request.headers.get("accept-encoding", "").split(",")}
        coding = next((coding for coding in CODINGS if coding in taken), None)
        if coding is None:
            return Response(asset.plain, headers=headers, media_type=asset.content_type)
        body = self._packed.get((name, coding))
        if body is None:
            body = self._packed[name, coding] = await asyncio.to_thread(CODINGS[coding], asset.plain)
        return Response(body, headers={**headers, "Content-Encoding": coding}, media_type=asset.content_type)
