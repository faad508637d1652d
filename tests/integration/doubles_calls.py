"""How each seller is asked, in the plainest words: what a test of a double needs and no client of ours."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, cast

import httpx

from tests.loopback import NO_TLS
from tests.media_factory import png

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from tests.doubles.seller import Double

PICTURE = png(640, 480)


@dataclass(frozen=True, slots=True)
class Ask:
    """One seller's calls.

    Args:
        create: Path of the create.
        read: Path of a read, with ``{id}``.
        body: A good create for a picture's address.
        id_of: The task's id in a create's answer.
        status_of: The status in a read's answer.
        film_of: The film's address in a read's answer.
        error_of: (code, message) in an error's answer.
        failure_of: (code, message) in a failed task's answer.
        words: What the seller calls pending, processing, completed, failed.
        headers: What a create needs besides the key.
        no_money: Status of a refusal for want of money.
    """

    create: str
    read: str
    body: Callable[[str], dict[str, Any]]
    id_of: Callable[[Any], str]
    status_of: Callable[[Any], str]
    film_of: Callable[[Any], str]
    error_of: Callable[[Any], tuple[object, str]]
    failure_of: Callable[[Any], tuple[object, str]]
    words: tuple[str, str, str, str]
    no_money: int
    headers: Mapping[str, str]


def _pair(found: Mapping[str, Any], code: str = "code") -> tuple[object, str]:
    return found.get(code), cast("str", found["message"])


ASKS: Mapping[str, Ask] = {
    "evolink": Ask(
        create="/v1/videos/generations",
        read="/v1/tasks/{id}",
        body=lambda url: {
            "model": "wan2.6-image-to-video-flash",
            "prompt": "A boat",
            "image_urls": [url],
            "duration": 2,
            "quality": "720p",
            "generate_audio": True,
        },
        id_of=lambda said: said["id"],
        status_of=lambda said: said["status"],
        film_of=lambda said: said["results"][0],
        error_of=lambda said: _pair(said["error"]),
        failure_of=lambda said: _pair(said["error"]),
        words=("pending", "processing", "completed", "failed"),
        no_money=402,
        headers={},
    ),
    "aimlapi": Ask(
        create="/v2/video/generations",
        read="/v2/video/generations?generation_id={id}",
        body=lambda url: {
            "model": "alibaba/wan-2-6-image-to-video-flash",
            "prompt": "A boat",
            "image_url": url,
            "duration": 5,
            "resolution": "720p",
        },
        id_of=lambda said: said["id"],
        status_of=lambda said: said["status"],
        film_of=lambda said: said["video"]["url"],
        error_of=lambda said: _pair(said, "statusCode"),
        failure_of=lambda said: _pair(said["error"], "name"),
        words=("queued", "generating", "completed", "error"),
        no_money=403,
        headers={},
    ),
    "apimart": Ask(
        create="/v1/videos/generations",
        read="/v1/tasks/{id}",
        body=lambda url: {"model": "wan2.6-i2v-flash", "prompt": "A boat", "image_urls": [url], "duration": 2, "resolution": "720p"},
        id_of=lambda said: said["data"][0]["task_id"],
        status_of=lambda said: said["data"]["status"],
        film_of=lambda said: said["data"]["result"]["videos"][0]["url"][0],
        error_of=lambda said: _pair(said.get("error", said)),
        failure_of=lambda said: _pair(said["data"]["error"]),
        words=("submitted", "processing", "completed", "failed"),
        no_money=402,
        headers={},
    ),
    "dashscope": Ask(
        create="/api/v1/services/aigc/video-generation/video-synthesis",
        read="/api/v1/tasks/{id}",
        body=lambda url: {
            "model": "wan2.6-i2v-flash",
            "input": {"prompt": "A boat", "img_url": url},
            "parameters": {"resolution": "720P", "duration": 2},
        },
        id_of=lambda said: said["output"]["task_id"],
        status_of=lambda said: said["output"]["task_status"],
        film_of=lambda said: said["output"]["video_url"],
        error_of=_pair,
        failure_of=lambda said: _pair(said["output"]),
        words=("PENDING", "RUNNING", "SUCCEEDED", "FAILED"),
        no_money=400,
        headers={"x-dashscope-async": "enable"},
    ),
}


class Caller:
    """Somebody who calls a double."""

    def __init__(self, double: Double) -> None:
        self.double = double
        self.ask = ASKS[double.service]
        self.http = httpx.Client(timeout=20, trust_env=False, verify=NO_TLS, headers={"user-agent": "tests/1"})

    def picture(self, data: bytes = PICTURE) -> str:
        """An address under which the seller takes the picture: uploaded, where it takes no data URI."""
        uri = "data:image/png;base64," + base64.b64encode(data).decode()
        if self.double.service != "evolink":
            return uri
        answer = self.http.post(f"{self.double.files_url}/api/v1/files/upload/base64", json={"base64_data": uri}, headers=self.key())
        return str(answer.json()["data"]["file_url"])

    def body(self, data: bytes = PICTURE) -> dict[str, Any]:
        """A good create."""
        return self.ask.body(self.picture(data))

    def key(self, key: str | None = None) -> dict[str, str]:
        """The header with the key."""
        return {"authorization": f"Bearer {key or self.double.key}"}

    def create(self, body: object = None, *, key: str | None = None, **headers: str) -> httpx.Response:
        """A create; without a body a good one."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(
            self.double.base_url + self.ask.create, json=body or self.body(), headers={**self.key(key), **self.ask.headers, **named}
        )

    def order(self, body: object = None) -> str:
        """A create that must be taken; its task's id."""
        answer = self.create(body)
        assert answer.is_success, answer.text
        return self.ask.id_of(answer.json())

    def read(self, task_id: str) -> httpx.Response:
        """A read."""
        return self.http.get(self.double.base_url + self.ask.read.format(id=task_id), headers=self.key())

    def status(self, task_id: str) -> str:
        """A read's status."""
        return self.ask.status_of(self.read(task_id).json())

    def done(self, task_id: str) -> Any:  # noqa: ANN401 - JSON
        """The last answer of a task that is read to its end."""
        for _ in range(10):
            said = self.read(task_id).json()
            if self.ask.status_of(said) in self.ask.words[2:]:
                return said
        raise AssertionError(said)

    def film(self, task_id: str) -> str:
        """The address of a finished film."""
        return self.ask.film_of(self.done(task_id))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.http.close()
