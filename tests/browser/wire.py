"""Answers by hand that leave the browser's cache as it is: only what is answered is held up, while ``Page.route`` looks at everything."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from playwright.sync_api import Frame, Page

NOWHERE = "about:blank"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of the page."""

    method: str
    url: str
    headers: dict[str, str]
    body: Any

    @property
    def name(self) -> str:
        """The end of its address."""
        return self.url.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Answer:
    """What it is answered: JSON, or the bytes of ``content_type``."""

    body: Any = None
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bytes:
        """The body as it is sent."""
        if self.body is None or isinstance(self.body, bytes):
            return self.body or b""
        return json.dumps(self.body).encode()


def by_hand(page: Page, answers: Mapping[str, Callable[[Asked], Answer]]) -> None:
    """Answer addresses (``*`` stands for anything) until the page is left for ``NOWHERE``; where called twice, the first answers."""
    session = page.context.new_cdp_session(page)

    def paused(event: dict[str, Any]) -> None:
        asked = _asked(event["request"])
        answer = next(answer for pattern, answer in answers.items() if fnmatchcase(asked.url, pattern))(asked)
        headers = {"content-type": answer.content_type, **answer.headers}
        told = {
            "requestId": event["requestId"],
            "responseCode": answer.status,
            "responseHeaders": [{"name": name, "value": value} for name, value in headers.items()],
            "body": base64.b64encode(answer.raw).decode(),
        }
        try:
            session.send("Fetch.fulfillRequest", told)
        except Error as late:
            if "Invalid InterceptionId" not in late.message:  # the page waits for it no longer
                raise

    def left(frame: Frame) -> None:
        if frame.parent_frame is None and frame.url == NOWHERE:
            page.remove_listener("framenavigated", left)
            session.detach()

    session.on("Fetch.requestPaused", paused)
    session.send("Fetch.enable", {"patterns": [{"urlPattern": pattern} for pattern in answers]})
    page.on("framenavigated", left)


def _asked(request: dict[str, Any]) -> Asked:
    headers = {name.lower(): value for name, value in request["headers"].items()}
    body = json.loads(request["postData"]) if request.get("postData") else None
    return Asked(request["method"], request["url"], headers, body)
