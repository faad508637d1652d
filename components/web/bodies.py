"""Bodies that are read whole: small, in time, and never naming a file of this machine."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

from components.errors import BodyTooBig, RequestInvalid, StudioError, UploadCut, UploadStalled
from components.web.address import header
from components.web.guard import READS
from components.web.surface import GRADIO_EVENT, HOOK, PREFIX

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from components.web.answers import Answers

LARGEST_BODY = 1_000_000
"""Bytes of a JSON body; the longest draft has 100,000 code points."""
STREAMED = re.compile(rf"{PREFIX}/(?:uploads|{HOOK}/.*)")
"""Routes that read their body themselves, piece by piece."""


class Bodies:
    """Reads a body before anybody works on it; refuses Gradio events whose data names a file.

    Gradio copies a file that an event's data names into its cache and serves it. Its own checks forbid that for
    our files; nobody who uses this page ever sends such data, so it does not reach them.
    """

    def __init__(self, app: ASGIApp, *, answers: Answers, stall_s: float, largest: int = LARGEST_BODY) -> None:
        self.app = app
        self.answers = answers
        self.stall_s = stall_s
        self.largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, then pass it on in one piece."""
        if scope["type"] != "http" or scope["method"] in READS or STREAMED.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
            return
        try:
            body = await self._read(scope, receive)
            if scope["method"] == "POST" and GRADIO_EVENT.fullmatch(scope["path"]):
                refuse_files(body)
        except StudioError as error:
            await self.answers.error(error)(scope, receive, send)
            return
        given = False

        async def again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, again, send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes:
        announced = header(scope, b"content-length") or "0"
        if not announced.isascii() or not announced.isdigit() or int(announced) > self.largest:
            raise BodyTooBig(max=self.largest)
        pieces: list[bytes] = []
        size = 0
        while True:
            try:
                message = await asyncio.wait_for(receive(), self.stall_s)
            except TimeoutError:
                raise UploadStalled(seconds=round(self.stall_s)) from None
            if message["type"] == "http.disconnect":
                raise UploadCut
            piece = message.get("body", b"")
            size += len(piece)
            if size > self.largest:
                raise BodyTooBig(max=self.largest)
            pieces.append(piece)
            if not message.get("more_body", False):
                return b"".join(pieces)


def refuse_files(body: bytes) -> None:
    """Raise ``RequestInvalid`` when an event's JSON holds anything like Gradio's ``FileData``.

    Raises:
        RequestInvalid: It does, or it is no JSON.
    """
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise RequestInvalid from None
    if _names_a_file(data):
        raise RequestInvalid(field="data")


def _names_a_file(data: Any) -> bool:  # noqa: ANN401 - parsed JSON
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            meta = value.get("meta")
            if "path" in value or (isinstance(meta, dict) and "_type" in meta):
                return True
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return False
