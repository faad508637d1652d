"""The host on which finished films lie: signed addresses, byte ranges, errors in XML."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from tests.doubles.wire import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.faults import Kind
    from tests.doubles.wire import Request

STATUSES: Mapping[Kind, int] = {"server_error": 503, "rate_limited": 429, "wrong_key": 403, "no_access": 403}
"""What the file host answers to faults that are no dead link; else 404."""
_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


def xml_error(status: int, code: str, message: str) -> Answer:
    """An error as object stores word it."""
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>\n  <Code>{code}</Code>\n  <Message>{message}</Message>\n</Error>\n'
    return Answer(status, body.encode(), {"content-type": "application/xml"})


def deliver(request: Request, data: bytes | None) -> Answer:
    """A film, or a part of it as ``Range`` asks; None: the address is dead."""
    if "authorization" in request.headers:
        return xml_error(400, "InvalidArgument", "Only one auth mechanism allowed.")
    if data is None:
        return xml_error(403, "AccessDenied", "Request has expired.")
    headers = {"content-type": "video/mp4", "accept-ranges": "bytes", "etag": f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'}
    wanted = _RANGE.match(request.headers.get("range", ""))
    if wanted is None or request.headers.get("if-range", headers["etag"]) != headers["etag"]:
        return Answer(200, data, headers)
    first, last = wanted.groups()
    begin = int(first) if first else max(0, len(data) - int(last or 0))
    end = min(len(data), int(last) + 1 if first and last else len(data))
    if begin >= len(data) or begin >= end:
        return Answer(416, b"", {"content-range": f"bytes */{len(data)}"})
    return Answer(206, data[begin:end], {**headers, "content-range": f"bytes {begin}-{end - 1}/{len(data)}"})
