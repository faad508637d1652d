"""The three examples of the first visit: made beside the app at the first start, then shown to everybody, and taken as a start."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.errors import DiskFull, NotFound, Unavailable
from components.studio.disk import require
from components.studio.scenes.catalogue import EXAMPLES
from components.studio.uploaded import UploadView  # noqa: TC001 - pydantic reads it
from components.studio.views import View

if TYPE_CHECKING:
    from components.studio.links import Links
    from components.studio.objects import Objects
    from components.studio.scenes.catalogue import Example
    from components.studio.uploads import Uploads

log = logging.getLogger(__name__)

ROOM_BYTES = 60_000_000
END_S = 5.0
SOON_S = 5.0


class ExampleView(View):
    """One example; an address is null until its file is made. ``request`` holds what belongs into the form."""

    id: str
    title: str
    prompt: str
    width: int
    height: int
    duration_s: int
    image_url: str | None
    poster_url: str | None
    video_url: str | None
    request: dict[str, Any]


class ExampleUse(View):
    """An example as this visitor's own start: uploads of theirs, and what belongs into the form."""

    image: UploadView
    audio: UploadView | None
    request: dict[str, Any]


class Examples:
    """Shows the examples and has them made.

    Args:
        objects: Where their files lie.
        links: Makes the addresses.
        uploads: Takes their files on for a visitor.
    """

    def __init__(self, objects: Objects, links: Links, uploads: Uploads) -> None:
        self._objects = objects
        self._links = links
        self._uploads = uploads
        self._maker: subprocess.Popen[bytes] | None = None

    @property
    def complete(self) -> bool:
        """Whether every file of every example is there."""
        return all(self._objects.has_now(key) for example in EXAMPLES for key in example.keys)

    def start(self) -> None:
        """Have what is missing made by a process of low priority; returns at once."""
        if self.complete:
            return
        try:
            require(self._objects.media_dir, ROOM_BYTES)
        except DiskFull:
            log.warning("No room for the examples; they are left out.")
            return
        folders = [str(self._objects.media_dir.absolute()), str(self._objects.work_dir.absolute())]
        root = str(Path(__file__).parents[2])
        self._maker = subprocess.Popen(
            [sys.executable, "-W", "ignore::RuntimeWarning", "-m", "components.studio.scenes", *folders],
            cwd=root,
            env={**os.environ, "PYTHONPATH": root},
            stdin=subprocess.PIPE,  # it ends when this is closed, also by our death
            stdout=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
        )

    def stop(self) -> None:
        """End the making, if it is still at it; the next start goes on."""
        maker, self._maker = self._maker, None
        if maker is None:
            return
        if maker.stdin is not None:
            maker.stdin.close()
        try:
            maker.wait(END_S)
        except subprocess.TimeoutExpired:
            maker.kill()
            maker.wait()

    def listing(self) -> tuple[ExampleView, ...]:
        """Those that can be taken as a start, and while they are being made those to come."""
        making = self._maker is not None and self._maker.poll() is None
        return tuple(self._view(example) for example in EXAMPLES if making or self._startable(example))

    def use(self, visitor: str, example_id: str) -> ExampleUse:
        """Make this visitor's own uploads from an example's files.

        Raises:
            NotFound: There is no such example.
            Unavailable: Its picture is still being painted.
        """
        example = next((example for example in EXAMPLES if example.id == example_id), None)
        if example is None:
            raise NotFound(field="example")
        if not self._startable(example):
            raise Unavailable(retry_after=SOON_S)
        image = self._uploads.adopt(visitor, "image", f"{example.title}.jpg", example.image_key)
        audio = self._uploads.adopt(visitor, "audio", f"{example.title}.mp3", example.sound_key) if example.sound_key else None
        return ExampleUse(image=image, audio=audio, request=_form(example))

    def _startable(self, example: Example) -> bool:
        return all(self._objects.has_now(key) for key in (example.image_key, example.sound_key) if key)

    def _view(self, example: Example) -> ExampleView:
        return ExampleView(
            id=example.id,
            title=example.title,
            prompt=example.prompt,
            width=example.size[0],
            height=example.size[1],
            duration_s=example.duration_s,
            image_url=self._url(example.image_key, f"{example.title}.jpg"),
            poster_url=self._url(example.poster_key, f"{example.title}.jpg"),
            video_url=self._url(example.video_key, f"preview-{example.id}.mp4"),
            request=_form(example),
        )

    def _url(self, key: str, name: str) -> str | None:
        return self._links.url(key, name) if self._objects.has_now(key) else None


def _form(example: Example) -> dict[str, Any]:
    return {
        "prompt": example.prompt,
        "duration": example.duration_s,
        "quality": "720p",
        "shot_type": example.shot_type,
        "prompt_extend": True,
        "sound": "own" if example.sound else "auto",
        "example": example.id,
    }
