"""Makes what is missing of the examples: pictures first, then sounds, then films through the ordinary Preview."""

from __future__ import annotations

import asyncio
import importlib
import secrets
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from components.errors import TaskGone
from components.generation.request import Request
from components.media.sound import encode_mp3
from components.media.video import look_at, poster
from components.services.base import Failed, Finished, Order, Working
from components.studio.scenes.catalogue import EXAMPLES
from components.studio.scenes.sounds import CHANNELS, RATE_HZ, SOUNDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PIL import Image

    from components.media.ffmpeg import Ffmpeg
    from components.services.base import Service
    from components.studio.objects import Objects
    from components.studio.scenes.catalogue import Example

JPEG_QUALITY = 92
SEED = 26


class Scene(Protocol):
    """A module that paints one picture."""

    def paint(self) -> Image.Image:
        """The whole picture."""
        ...


@dataclass(frozen=True, slots=True)
class Maker:
    """Everything that making needs.

    Args:
        objects: Where the files go.
        ffmpeg: Encodes the sounds.
        service: Renders the films.
    """

    objects: Objects
    ffmpeg: Ffmpeg
    service: Service

    async def make(self, examples: Sequence[Example] = EXAMPLES) -> None:
        """All that is missing; what is there already is left alone.

        Raises:
            StudioError: A film could not be made, or the store is full or away.
        """
        for example in examples:
            if not self.objects.has_now(example.image_key):
                await asyncio.to_thread(self.picture, example)
        for example in examples:
            if example.sound_key and not self.objects.has_now(example.sound_key):
                await asyncio.to_thread(self.sound, example)
        for example in examples:
            if not self.objects.has_now(example.video_key) or not self.objects.has_now(example.poster_key):
                await self.film(example)

    def picture(self, example: Example) -> None:
        """Paint and publish."""
        scene = cast("Scene", importlib.import_module(f"components.studio.scenes.{example.id}"))
        part = self.objects.work_file()
        try:
            scene.paint().save(part, "JPEG", quality=JPEG_QUALITY, subsampling=0, optimize=True)
            self.objects.publish_now(part, example.image_key)
        finally:
            part.unlink(missing_ok=True)

    def sound(self, example: Example) -> None:
        """Synthesise, encode and publish."""
        if example.sound is None or example.sound_key is None:
            return
        part = self.objects.work_file()
        try:
            encode_mp3(SOUNDS[example.sound](), part, self.ffmpeg, rate_hz=RATE_HZ, channels=CHANNELS)
            self.objects.publish_now(part, example.sound_key)
        finally:
            part.unlink(missing_ok=True)

    async def film(self, example: Example) -> None:
        """Have it rendered, look at it, and publish poster and film."""
        folder = self.objects.work_dir / f"example-{secrets.token_hex(8)}"
        folder.mkdir()
        try:
            film, picture = folder / "film.mp4", folder / "poster.jpg"
            await self._render(example, folder, film)
            await asyncio.to_thread(look_at, film, self.ffmpeg)
            await asyncio.to_thread(poster, film, picture, self.ffmpeg)
            await self.objects.publish(picture, example.poster_key)
            await self.objects.publish(film, example.video_key)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    async def _render(self, example: Example, folder: Path, film: Path) -> None:
        order = Order(
            job_id=f"example-{example.id}",
            request=request_of(example, self.service.id),
            image=self.objects.local_now(example.image_key),
            image_size=example.size,
            audio=self.objects.local_now(example.sound_key) if example.sound_key else None,
            work_dir=folder,
        )
        account = self.service.account(None)
        task = (await account.create(order, await account.hand_over(order))).task_id
        try:
            while True:
                reading = await account.read(task)
                if isinstance(reading, Working):
                    await asyncio.sleep(account.pause_s(0))
                elif isinstance(reading, Finished):
                    await account.take(reading, film)
                    return
                elif isinstance(reading, Failed):
                    raise reading.error
                else:
                    raise TaskGone
        finally:
            await account.cancel(task)  # before its folder is removed


def request_of(example: Example, service: str) -> Request:
    """The order of an example's film."""
    return Request(
        service=service,
        prompt=example.prompt,
        image=f"example-{example.id}",
        audio=f"example-{example.sound}" if example.sound else None,
        duration=example.duration_s,
        quality="720p",
        shot_type=example.shot_type,
        seed=SEED,
        client_token=f"example-{example.id}",
    )
