"""EvoLink's second host: pictures are uploaded here and live for three days; its errors look different."""

from __future__ import annotations

import base64
import binascii
import secrets
import time
from typing import TYPE_CHECKING, Any, ClassVar

from tests.doubles.forms import parts
from tests.doubles.handover import Limits, data_uri, fetch, judge_picture
from tests.doubles.seller import Double
from tests.doubles.tasks import Stored
from tests.doubles.wire import Answer
from tests.doubles.words import Refusal, Route, Saying

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.doubles.faults import Fault
    from tests.doubles.wire import Request

MOST_FILES = 2000
LIFE_S = 72 * 3600
LARGEST = 95 * 1024 * 1024
_FILES = Limits(picture_formats=frozenset({"jpeg", "png", "gif", "webp"}), sides=(1, 100_000), picture_bytes=LARGEST)
_SAYINGS: dict[Refusal, tuple[int, str]] = {
    "bad_request": (400, "Invalid parameters"),
    "wrong_key": (401, "Unauthorized"),
    "no_money": (402, "Insufficient quota"),
    "no_access": (403, "Forbidden"),
    "not_found": (404, "File not found"),
    "too_large": (413, "File too large"),
    "media_type": (415, "Unsupported media type"),
    "rate_limited": (429, "Too many requests"),
    "server_error": (500, "Internal server error"),
}


class EvoLinkFiles(Double):
    """The files host; ``files`` are what lies there."""

    hosts: ClassVar[tuple[str, ...]] = ("api", "files")
    files_host: ClassVar[str] = "files"

    def file_routes(self) -> Sequence[Route]:
        """Its calls."""
        return (
            Route("POST", "/api/v1/files/upload/base64", "upload", self._base64, host="files"),
            Route("POST", "/api/v1/files/upload/stream", "upload", self._stream, host="files"),
            Route("POST", "/api/v1/files/upload/url", "upload", self._url, host="files"),
            Route("GET", "/api/v1/files/list", None, self._files, host="files"),
            Route("GET", "/api/v1/files/quota", None, self._quota, host="files"),
            Route("DELETE", r"/api/v1/files/(?P<file_id>[^/]+)", None, self._delete, host="files"),
            Route("GET", r"/(?P<path>in/.+)", None, self._get, host="files", key=False),
        )

    def file_saying(self, refusal: Refusal) -> Saying:
        """The words of this host."""
        status, message = _SAYINGS.get(refusal, (400, "Invalid parameters"))
        return Saying(status, status, message)

    async def _base64(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del named, fault
        body = request.json()
        text = body.get("base64_data") if isinstance(body, dict) else None
        if not isinstance(text, str):
            return self._no(request, "bad_request", "base64_data is required")
        try:
            data = data_uri(text) if text.startswith("data:") else base64.b64decode(text, validate=True)
        except binascii.Error:
            data = None
        return self._keep(request, data, body.get("file_name"))

    async def _stream(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del named, fault
        fields = parts(request)
        if fields is None:
            return self._no(request, "media_type")
        files = [part for part in fields if part.name == "file" and part.filename is not None]
        if len(files) != 1:
            return self._no(request, "bad_request", "file is required")
        given = next((part.text for part in fields if part.name in {"file_name", "fileName"}), None)
        return self._keep(request, files[0].data, given or files[0].filename)

    async def _url(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del named, fault
        body = request.json()
        if not isinstance(body, dict) or not isinstance(body.get("file_url"), str):
            return self._no(request, "bad_request", "file_url is required")
        return self._keep(request, await fetch(body["file_url"], self.reach), body.get("file_name"))

    def _keep(self, request: Request, data: bytes | None, name: str | None) -> Answer:
        if data is None:
            return self._no(request, "bad_request", "The file could not be read")
        got = judge_picture("upload", data, _FILES)
        if got.problem == "picture_heavy":
            return self._no(request, "too_large")
        if got.problem not in {None, "picture_clear"}:
            return self._no(request, "media_type", "Only image files are supported: jpeg, png, gif, webp")
        if len(self.files) >= MOST_FILES:
            return self._no(request, "bad_request", "File quota exceeded")
        file_id = f"f_{secrets.token_hex(6)}"
        name = (name or f"{file_id}.{got.form}").replace("/", "_")
        file = Stored(file_id, name, data, f"image/{got.form}", f"in/{file_id}/{name}")
        self.files[file_id] = file
        return Answer.of(self._said(self._row(file)))

    def _row(self, file: Stored) -> dict[str, Any]:
        return {
            "file_id": file.id,
            "file_name": file.name,
            "original_name": file.name,
            "file_size": len(file.data),
            "mime_type": file.mime,
            "upload_path": "in",
            "file_url": f"{self.files_url}/{file.path}",
            "download_url": f"{self.files_url}/{file.path}?download=1",
            "upload_time": _iso(file.at),
            "expires_at": _iso(file.at + LIFE_S),
        }

    async def _files(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del named, fault
        page, size = int(request.query.get("page", "1")), int(request.query.get("pageSize", "20"))
        rows = [self._row(file) for file in self.files.values()]
        return Answer.of(self._said({"files": rows[(page - 1) * size : page * size], "total": len(rows), "page": page, "pageSize": size}))

    async def _quota(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del request, named, fault
        used = len(self.files)
        return Answer.of(
            self._said({"user_group": "default", "used_files": used, "max_files": MOST_FILES, "remain_files": MOST_FILES - used})
        )

    async def _delete(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del fault
        if self.files.pop(named["file_id"], None) is None:
            return self._no(request, "not_found")
        return Answer.of(self._said(None))

    async def _get(self, request: Request, named: dict[str, str], fault: Fault | None) -> Answer:
        del fault
        file = self.stored(f"{self.files_url}/{named['path']}")
        return self._no(request, "not_found") if file is None else Answer(200, file.data, {"content-type": file.mime})

    def _no(self, request: Request, refusal: Refusal, message: str | None = None) -> Answer:
        return self.refuse(refusal, "upload", request, message=message)

    @staticmethod
    def _said(data: object) -> dict[str, Any]:
        return {"success": True, "code": 200, "msg": "ok", "data": data}


def _iso(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
