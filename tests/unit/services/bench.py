"""What the tests of the sellers' clients share: a scripted other side, an order, and one account of each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
from PIL import Image

from components.generation.request import Request
from components.services.base import Handed, Order
from components.services.http import Http
from components.services.paid import PaidAccount
from components.services.sellers import Addresses, sellers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from components.services.base import Service

NOW = 1_790_000_030.0
KEY = "sk-made-up-0123456789"
NAMES = ("evolink", "aimlapi", "apimart", "dashscope")


class OtherSide:
    """Answers what it was told to, in order (the last one again and again), and remembers what it was asked."""

    def __init__(self, *answers: object) -> None:
        self._answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    @property
    def last(self) -> httpx.Request:
        return self.asked[-1]

    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.last.content)
        return found


async def nowhere(host: str, port: int) -> tuple[str, ...]:
    """Every name lies at one public address."""
    return ("93.184.216.34",)


async def at_once(seconds: float) -> None:
    """No test waits."""


def line(side: Callable[[httpx.Request], httpx.Response]) -> Http:
    return Http(lambda: NOW, transport=lambda: httpx.MockTransport(side), resolve=nowhere, pause=at_once)


def services(side: Callable[[httpx.Request], httpx.Response], *, jitter: float = 0.5) -> dict[str, Service]:
    http = line(side)
    made = sellers(lambda: http, Addresses(), prices=lambda _: (), jitter=lambda: jitter)
    return {service.id: service for service in made}


def account(name: str, side: Callable[[httpx.Request], httpx.Response], *, key: str | None = KEY) -> PaidAccount:
    found = services(side)[name].account(key)
    assert isinstance(found, PaidAccount)
    return found


def request(**more: Any) -> Request:  # noqa: ANN401 - whatever a field holds
    return Request.model_validate({"service": "any", "prompt": "A boat drifts off.", "image": "picture1", "client_token": "t", **more})


def order(folder: Path, *, form: str = "JPEG", audio_url: str | None = None, callback_url: str | None = None, **more: Any) -> Order:  # noqa: ANN401 - as above
    picture = folder / "frame"
    Image.new("RGB", (640, 360), (90, 120, 30)).save(picture, form)
    sound = folder / "sound.mp3"
    sound.write_bytes(b"\xff\xfb\x90\x00" * 64)
    return Order(
        job_id="job_0123456789abcdef",
        request=request(**more),
        image=picture,
        image_size=(640, 360),
        audio=sound if more.get("audio") else None,
        work_dir=folder,
        audio_url=audio_url,
        callback_url=callback_url,
        sha256="0123456789abcdef" * 4,
    )


HANDED = {
    "evolink": Handed("https://files.example.com/in/frame.png"),
    "aimlapi": Handed("data:image/png;base64,AAAA"),
    "apimart": Handed("https://up.example.com/f.png"),
    "dashscope": Handed("oss://dashscope-instant/x/frame.png"),
}
CREATED = {
    "evolink": {"id": "task-unified-1790000000-a1b2c3d4", "status": "pending"},
    "aimlapi": {"id": "Qm3xR-8sT1_vWz5kLpN7a", "status": "queued"},
    "apimart": {"code": 200, "data": [{"status": "submitted", "task_id": "task_01K5"}]},
    "dashscope": {"output": {"task_status": "PENDING", "task_id": "0d3c8c3e"}, "request_id": "5b1f"},
}


def handed(name: str, audio: str | None = None) -> Handed:
    return Handed(HANDED[name].image, audio)
